//! Identities: what create, read and import tell of them, and `import` blocks that name one instead of an id.

use serde_json::{Value as Json, json};
use tfplugin::testing::{PlannedAction, TestResource};
use tidblink::Tidblink;
use tidblink_sandbox::default_world as ids;

use crate::faults::lab::{Lab, in_a_time_of_its_own};
use crate::faults::system::{System, Wish};
use crate::import::GENERATING;
use crate::support::config::{ENDPOINT, SERVICE};
use crate::support::{Action, Endpoint, Run};

fn identity(resource: &TestResource<'_, Tidblink>) -> Json {
    resource.identity().expect("an identity")
}

#[test]
fn what_create_tells_as_identity_stays_and_imports_the_same_object_on_every_system() {
    for system in System::ALL {
        in_a_time_of_its_own(async {
            let lab = Lab::open(1).await;
            let provider = lab.provider().await;
            let mut service = provider.resource("tidblink_endpoint_service");
            service.converge(system.service()).await.unwrap();
            let mut endpoint = provider.resource("tidblink_private_endpoint");
            endpoint.converge(system.endpoint(Wish::First)).await.unwrap();
            let (of_service, of_endpoint) = (identity(&service), identity(&endpoint));
            assert_eq!(of_service["cluster_id"], service.attribute("/cluster_id"));
            assert_eq!(of_service["node_group_id"], service.attribute("/node_group_id"));
            assert_eq!(of_endpoint["service_id"], endpoint.attribute("/service_id"));
            assert_eq!(of_endpoint["endpoint_id"], endpoint.attribute("/endpoint_id"));

            endpoint.converge(system.endpoint(Wish::Changed)).await.unwrap();
            assert_eq!(identity(&endpoint), of_endpoint, "after an update and a read");

            for (name, named) in
                [("tidblink_endpoint_service", &of_service), ("tidblink_private_endpoint", &of_endpoint)]
            {
                let mut imported = provider.resource(name);
                imported.import_identity(named.clone()).await.unwrap();
                assert_eq!(identity(&imported), *named);
                let plan = imported.plan(imported.generate_config().await.unwrap()).await.unwrap();
                // A shared endpoint counts whoever imports it, with the next apply.
                let counted = system == System::Starter && name == "tidblink_private_endpoint";
                let expected = if counted { PlannedAction::Update } else { PlannedAction::NoOp };
                assert_eq!(plan.action, expected, "{name} of {system:?}");
            }
        });
    }
}

#[test]
fn a_service_is_imported_by_its_cluster_alone_and_told_whole() {
    in_a_time_of_its_own(async {
        let lab = Lab::open(1).await;
        let provider = lab.provider().await;
        for (cluster, node_group) in [
            (ids::DEDICATED_CLUSTER_ID, json!(ids::DEDICATED_NODE_GROUP_ID)),
            (ids::STARTER_CLUSTER_ID, Json::Null),
            (ids::ALICLOUD_CLUSTER_ID, Json::Null),
        ] {
            let mut service = provider.resource("tidblink_endpoint_service");
            service.import_identity(json!({ "cluster_id": cluster })).await.unwrap();
            assert_eq!(identity(&service), json!({ "cluster_id": cluster, "node_group_id": node_group }));
        }
    });
}

#[test]
fn an_identity_that_finds_nothing_or_is_malformed_says_so() {
    in_a_time_of_its_own(async {
        let lab = Lab::open(1).await;
        let provider = lab.provider().await;
        let service_id = System::Dedicated.service_id();
        for (name, identity, said) in [
            ("tidblink_endpoint_service", json!({ "cluster_id": "orders" }), "`cluster_id`"),
            (
                "tidblink_endpoint_service",
                json!({ "cluster_id": "10399999999999999999" }),
                "10399999999999999999",
            ),
            (
                "tidblink_private_endpoint",
                json!({ "service_id": service_id, "endpoint_id": "pe-1" }),
                "`endpoint_id`",
            ),
            (
                "tidblink_private_endpoint",
                json!({ "service_id": service_id, "endpoint_id": "vpce-0123456789abcdef0" }),
                "vpce-0123456789abcdef0",
            ),
        ] {
            let mut resource = provider.resource(name);
            let failure = resource.import_identity(identity).await.unwrap_err().to_string();
            assert!(failure.contains(said), "{failure}");
            assert!(resource.state().is_none());
        }
    });
}

#[tokio::test(flavor = "multi_thread")]
async fn import_blocks_with_identities_plan_empty_where_terraform_knows_them_and_are_refused_elsewhere() {
    let run = Run::new().await;
    run.write("main.tf", Endpoint::new().hcl());
    run.apply().await;
    run.assert_empty_plan().await;
    let (service_id, endpoint_id) = (run.attribute(SERVICE, "/id"), run.attribute(ENDPOINT, "/endpoint_id"));
    for address in [ENDPOINT, SERVICE] {
        run.terraform(&["state", "rm", address]).await.succeeded();
    }
    let imports = |provider: &str| {
        format!(
            "{}\nimport {{\n  to = {SERVICE}\n{provider}  identity = {{\n    cluster_id = {:?}\n  }}\n}}\n\
             import {{\n  to = {ENDPOINT}\n{provider}  identity = {{\n    service_id  = {service_id}\n    \
             endpoint_id = {endpoint_id}\n  }}\n}}\n",
            Endpoint::new().provider_hcl(),
            ids::DEDICATED_CLUSTER_ID
        )
    };
    run.write("main.tf", imports(GENERATING));
    let generate = ["plan", "-input=false", "-no-color", "-generate-config-out=generated.tf"];

    let outcome = run.terraform(&generate).await;

    if run.knows_identities().await {
        outcome.succeeded();
        run.write("main.tf", imports(""));
        let plan = run.plan().await;
        assert_eq!(plan.action(SERVICE), Action::Nothing);
        assert_eq!(plan.action(ENDPOINT), Action::Nothing);
    } else {
        outcome.failed().says("identity");
        run.write("main.tf", Endpoint::new().hcl());
        let id = format!("{}/{}", service_id.as_str().unwrap(), endpoint_id.as_str().unwrap());
        run.try_import(SERVICE, service_id.as_str().unwrap()).await.succeeded();
        run.try_import(ENDPOINT, &id).await.succeeded();
    }
    run.apply().await;
    run.assert_empty_plan().await;
    run.destroy().await;
}
