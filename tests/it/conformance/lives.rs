//! Whole lives on every system, with all that calls something: create, change, refresh, import, data sources, repair and
//! destroy. What they leave is the journal of the sandbox.

use tidblink_sandbox::default_world as ids;
use tidblink_sandbox::{Door, Effect, Event, Fault, RequestRecord};

use crate::alicloud;
use crate::support::config::{ENDPOINT, SERVICE};
use crate::support::{Endpoint, Run};

/// Every request of all lives.
pub(super) async fn all() -> Vec<RequestRecord> {
    let lives =
        tokio::join!(dedicated(), old_cluster(), starter(), essential_on_alicloud(), bearer_of_a_token());
    [lives.0, lives.1, lives.2, lives.3, lives.4].concat()
}

/// Looks at everything that there is: the project, a service and what leads to it.
fn looking() -> String {
    format!(
        r#"
data "tidblink_endpoint_services" "all" {{
  project_id = "{}"
}}

data "tidblink_endpoint_service" "same" {{
  cluster_id = {SERVICE}.cluster_id
}}

data "tidblink_private_endpoints" "all" {{
  service_id = {SERVICE}.id
}}

data "tidblink_private_endpoint" "app" {{
  id = {ENDPOINT}.id
}}
"#,
        ids::PROJECT_ID
    )
}

/// Lets the state forget the endpoint and take it up again.
async fn import_again(run: &Run) {
    let id = run.attribute(ENDPOINT, "/id").as_str().unwrap().to_owned();
    run.terraform(&["state", "rm", ENDPOINT]).await.succeeded();
    run.try_import(ENDPOINT, &id).await.succeeded();
    run.apply().await;
}

/// Applies each configuration after the other, with an empty plan after each.
async fn apply_each(run: &Run, configurations: &[String]) {
    for hcl in configurations {
        run.write("main.tf", hcl);
        run.apply().await;
        run.assert_empty_plan().await;
    }
}

/// Every endpoint of one cluster of each kind exists, and everything was read.
pub(super) async fn settle(run: &Run) {
    let fault = Fault::new(Door::Legacy, "CreatePrivateEndpointService", Effect::LostAfterEffect);
    run.clouds.fault(fault);
    for endpoint in [Endpoint::new().cluster(ids::OLD_CLUSTER_ID), Endpoint::starter(), Endpoint::new()] {
        run.write("main.tf", format!("{}{}", endpoint.hcl(), looking()));
        run.apply().await;
    }
}

async fn dedicated() -> Vec<RequestRecord> {
    let run = Run::new().await;
    let provider = format!(
        "provider \"tidblink\" {{\n  aws = {{\n    assume_role = {{\n      role_arn    = {:?}\n      external_id = {:?}\n    \
         }}\n  }}\n}}",
        ids::AWS_ROLE_ARN,
        ids::AWS_EXTERNAL_ID
    );
    let first = Endpoint::new().provider(&provider).tag("team", "db").tag("stage", "test");
    let second = Endpoint::new()
        .provider(&provider)
        .tag("team", "orders")
        .subnets(&[ids::WEST_SUBNET_AZ1, ids::WEST_SUBNET_AZ3])
        .security_groups(&[ids::WEST_GROUP_DEFAULT, ids::WEST_GROUP_CLOSED]);
    let without_dns = second.clone().private_dns(false);
    let looked_at = format!("{}{}", first.hcl(), looking());
    apply_each(&run, &[looked_at, second.hcl(), without_dns.hcl()]).await;
    run.apply().await;
    import_again(&run).await;

    let endpoint_id = run.clouds.endpoint().endpoint_id;
    run.clouds.event(Event::ConnectionDeleted { connection_id: None, endpoint_id: Some(endpoint_id) });
    run.apply().await;
    // A refusal that leaves a doubt is looked into.
    run.clouds.fault(Fault::new(
        Door::Dedicated,
        "DeletePrivateEndpointConnection",
        Effect::error(409, "10", "the connection is being changed"),
    ));
    run.try_destroy().await;
    run.destroy().await;
    run.clouds.requests()
}

async fn old_cluster() -> Vec<RequestRecord> {
    let run = Run::new().await;
    run.clouds.fault(Fault::new(Door::Legacy, "CreatePrivateEndpointService", Effect::LostAfterEffect));
    apply_each(&run, &[Endpoint::new().cluster(ids::OLD_CLUSTER_ID).hcl()]).await;
    run.destroy().await;
    run.clouds.requests()
}

async fn starter() -> Vec<RequestRecord> {
    let run = Run::new().await;
    let first = Endpoint::starter().tag("team", "web");
    let second = first.clone().subnets(&[ids::EAST_SUBNET_AZ1, ids::EAST_SUBNET_AZ2, ids::EAST_SUBNET_AZ4]);
    apply_each(&run, &[format!("{}{}", first.hcl(), looking()), second.hcl()]).await;
    // A count that a lost state left behind would keep the endpoint.
    run.clouds.world(|world| {
        world.aws.endpoints[0].tags.retain(|key, _| !key.starts_with("tidblink:member:"));
    });
    import_again(&run).await;
    run.destroy().await;
    run.clouds.requests()
}

async fn essential_on_alicloud() -> Vec<RequestRecord> {
    let run = Run::new().await;
    let provider = format!(
        "provider \"tidblink\" {{\n  alicloud = {{\n    assume_role = {{\n      role_arn = {:?}\n      external_id = \
         {:?}\n    }}\n  }}\n}}",
        ids::ALICLOUD_ROLE_ARN,
        ids::ALICLOUD_EXTERNAL_ID
    );
    let hcl = |vswitches: &[&str], groups: &[&str], more: &str| {
        let hcl = alicloud::hcl(&alicloud::block(vswitches, groups, more));
        hcl.replace("provider \"tidblink\" {}", &provider)
    };
    let (a, b) = (ids::ALICLOUD_VSWITCH_A, ids::ALICLOUD_VSWITCH_B);
    let (open, closed) = (ids::ALICLOUD_GROUP_OPEN, ids::ALICLOUD_GROUP_CLOSED);
    let first = hcl(&[a], &[open], "    name = \"mall\"\n    tags = { team = \"db\", stage = \"test\" }");
    let second = hcl(&[a, b], &[open, closed], "    name = \"shop\"\n    tags = { team = \"web\" }");
    let moved = ids::ALICLOUD_VSWITCH_A_SECOND;
    let third = hcl(&[moved], &[closed], "    name = \"shop\"\n    tags = { team = \"web\" }");
    apply_each(&run, &[format!("{first}{}", looking()), second]).await;
    // Who may not list vSwitches looks at each.
    run.clouds.world(|world| {
        let role = world.alicloud.roles.iter_mut().find(|role| role.arn == ids::ALICLOUD_ROLE_ARN);
        role.unwrap().denied.push("DescribeVSwitches".to_owned());
    });
    apply_each(&run, &[third]).await;
    import_again(&run).await;
    run.destroy().await;
    run.clouds.requests()
}

async fn bearer_of_a_token() -> Vec<RequestRecord> {
    let mut run = Run::new().await;
    let token = run.folder().join("token");
    std::fs::write(&token, ids::ALICLOUD_OIDC_TOKEN).unwrap();
    for name in ["ALIBABA_CLOUD_ACCESS_KEY_ID", "ALIBABA_CLOUD_ACCESS_KEY_SECRET"] {
        run.unset(name);
    }
    run.set("ALIBABA_CLOUD_OIDC_TOKEN_FILE", token.to_str().unwrap());
    run.set("ALIBABA_CLOUD_ROLE_ARN", ids::ALICLOUD_OIDC_ROLE_ARN);
    run.set("ALIBABA_CLOUD_OIDC_PROVIDER_ARN", ids::ALICLOUD_OIDC_PROVIDER_ARN);
    run.write("main.tf", alicloud::complete());
    run.plan().await;
    run.clouds.requests()
}
