//! A configuration that would work must never be refused. What stands in the way when the plan is made may be put right by
//! the very run that is planned: then the plan warns, and the apply goes through. Neither is an endpoint of one's own ever
//! in its own way, nor a destroy held up by what would hold up a create.

use tidblink_sandbox::Event;
use tidblink_sandbox::default_world as ids;
use tidblink_sandbox::world::{
    ClusterState, DnsEntry, EndpointState, ServerlessPlan, ServiceState, VpcEndpoint, World,
};

use super::alicloud::{block, complete, hcl};
use crate::support::config::ENDPOINT;
use crate::support::{Endpoint, Run};

type Breakage = fn(&mut World);

/// Something in the way, and what another resource of the same run does about it.
struct Case {
    broken: Breakage,
    /// What the plan has to warn of.
    warned: &'static [&'static str],
    mended: Vec<Event>,
    /// What was applied before anything was broken.
    before: Option<String>,
    hcl: String,
}

/// The configuration with a resource that lets the events happen before the endpoint and its service are looked at.
fn mending(run: &Run, hcl: &str, events: &[Event]) -> String {
    let post = |event: &Event| {
        let body = serde_json::to_string(event).unwrap();
        format!("curl --fail --silent --show-error --data '{body}' {}", run.clouds.events_url())
    };
    let command = events.iter().map(post).collect::<Vec<_>>().join(" && ");
    let after = "  depends_on = [terraform_data.mend]\n";
    let hcl = hcl
        .replace("  cluster_id = ", &format!("{after}  cluster_id = "))
        .replace("  service_id = ", &format!("{after}  service_id = "));
    format!(
        "{hcl}\nresource \"terraform_data\" \"mend\" {{\n  provisioner \"local-exec\" {{\n    command = {command:?}\n  }}\n}}\n"
    )
}

async fn check(cases: Vec<Case>) {
    for Case { broken, warned, mended, before, hcl } in cases {
        let run = Run::new().await;
        if let Some(before) = before {
            run.clouds.world(broken);
            run.write("main.tf", before);
            run.apply().await;
        } else {
            run.clouds.world(broken);
        }
        run.write("main.tf", mending(&run, &hcl, &mended));

        let plan = run.plan().await;
        for word in warned {
            assert!(plan.prose.contains(word), "the plan does not warn of {word:?}: {}", plan.prose);
        }
        run.apply().await;

        run.assert_empty_plan().await;
        run.destroy().await;
    }
}

fn case(broken: Breakage, warned: &'static [&'static str], mended: &[Event], hcl: impl Into<String>) -> Case {
    Case { broken, warned, mended: mended.to_vec(), before: None, hcl: hcl.into() }
}

const FOREIGN: &str = "vpce-0f00000000000000f";

/// An endpoint that another provider made.
fn foreign(world: &World, vpc_id: &str, service_name: &str, host: &str) -> VpcEndpoint {
    let name = DnsEntry { dns_name: host.into(), hosted_zone_id: "Z1".into() };
    VpcEndpoint {
        endpoint_id: FOREIGN.into(),
        region: service_name.split('.').nth(3).unwrap().into(),
        vpc_id: vpc_id.into(),
        service_name: service_name.into(),
        state: EndpointState::Available,
        accepted: true,
        modifying: false,
        subnet_ids: Vec::new(),
        security_group_ids: Vec::new(),
        private_dns_enabled: true,
        network_interface_ids: Vec::new(),
        dns_entries: vec![name],
        tags: [("made-by", "another")].map(|(key, value)| (key.to_owned(), value.to_owned())).into(),
        created: world.now,
        last_error: None,
        due: None,
    }
}

fn in_the_west(world: &mut World) {
    let foreign = foreign(world, ids::WEST_VPC_ID, ids::DEDICATED_SERVICE_NAME, ids::DEDICATED_HOST);
    world.aws.endpoints.push(foreign);
}

fn in_the_east(world: &mut World) {
    let foreign = foreign(world, ids::EAST_VPC_ID, ids::SERVERLESS_SERVICE_NAME, ids::SERVERLESS_HOST);
    world.aws.endpoints.push(foreign);
}

fn without_dns(world: &mut World, vpc_id: &str) {
    world.happen(dns(vpc_id, false)).unwrap();
}

fn dns(vpc_id: &str, on: bool) -> Event {
    Event::VpcDns { vpc_id: vpc_id.into(), support: on, hostnames: on }
}

fn gone() -> Event {
    Event::EndpointDeleted { endpoint_id: FOREIGN.into() }
}

fn opened(group: &str) -> Event {
    Event::PortOpened { security_group_id: group.into(), port: 4000 }
}

fn zones(cluster: &str, zones: &[&str]) -> Event {
    let zone_ids = zones.iter().map(ToString::to_string).collect();
    Event::ServiceZones { cluster_id: cluster.into(), node_group_id: None, zone_ids }
}

fn cluster(state: ClusterState) -> Event {
    Event::ClusterState { cluster_id: ids::DEDICATED_CLUSTER_ID.into(), state }
}

fn service(state: ServiceState) -> Event {
    Event::ServiceState {
        cluster_id: ids::DEDICATED_CLUSTER_ID.into(),
        node_group_id: ids::DEDICATED_NODE_GROUP_ID.into(),
        state,
    }
}

fn auto_accept(service_name: &str, auto_accept: bool) -> Event {
    Event::ServiceAutoAccept { service_name: service_name.into(), auto_accept }
}

#[tokio::test(flavor = "multi_thread")]
async fn for_dedicated_on_aws_the_same_run_can_put_right_what_the_plan_warns_of() {
    let base = Endpoint::new;
    let west = ids::WEST_VPC_ID;
    let switched_on = Case {
        before: Some(base().private_dns(false).hcl()),
        ..case(
            |world| without_dns(world, ids::WEST_VPC_ID),
            &["enable_dns_support", "enable_dns_hostnames"],
            &[dns(west, true)],
            base(),
        )
    };
    check(vec![
        case(
            |world| {
                without_dns(world, ids::WEST_VPC_ID);
                in_the_west(world);
            },
            &["enable_dns_support", "enable_dns_hostnames", "owns the DNS name", "4000"],
            &[dns(west, true), gone(), opened(ids::WEST_GROUP_CLOSED)],
            base().security_groups(&[ids::WEST_GROUP_CLOSED]),
        ),
        switched_on,
        case(
            |world| world.happen(cluster(ClusterState::Paused)).unwrap(),
            &["is paused"],
            &[cluster(ClusterState::Active)],
            base(),
        ),
        case(
            |world| {
                world.delays.service_create = 86_400;
                world.happen(service(ServiceState::Creating)).unwrap();
            },
            &[],
            &[service(ServiceState::Active)],
            base(),
        ),
        case(
            |world| world.happen(zones(ids::DEDICATED_CLUSTER_ID, &["usw2-az9"])).unwrap(),
            &["No subnet of"],
            &[zones(ids::DEDICATED_CLUSTER_ID, &["usw2-az1", "usw2-az2"])],
            base().without_subnets(),
        ),
    ])
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn for_shared_services_on_aws_the_same_run_can_put_right_what_the_plan_warns_of() {
    let base = Endpoint::starter;
    check(vec![
        case(
            |world| {
                without_dns(world, ids::EAST_VPC_ID);
                in_the_east(world);
            },
            &["enable_dns_support", "enable_dns_hostnames", "is used as it is"],
            &[dns(ids::EAST_VPC_ID, true), gone()],
            base(),
        ),
        case(
            |world| {
                in_the_east(world);
                let shared = &mut world.aws.endpoints[0];
                shared.subnet_ids.push(ids::EAST_SUBNET_AZ1.into());
                shared.tags = [
                    ("tidblink:service", ids::SERVERLESS_SERVICE_NAME),
                    ("tidblink:member:lost", "serverless/10400000000000000002"),
                ]
                .map(|(key, value)| (key.to_owned(), value.to_owned()))
                .into();
            },
            &["has another subnet in use1-az1"],
            &[gone()],
            base().subnets(&[ids::EAST_SUBNET_AZ1_SECOND]),
        ),
        case(
            |world| world.happen(zones(ids::STARTER_CLUSTER_ID, &["use1-az9"])).unwrap(),
            &["No subnet of", "4000"],
            &[zones(ids::STARTER_CLUSTER_ID, &["use1-az1"]), opened(ids::EAST_GROUP_CLOSED)],
            base().without_subnets().security_groups(&[ids::EAST_GROUP_CLOSED]),
        ),
    ])
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn on_alibaba_cloud_the_same_run_can_put_right_what_the_plan_warns_of() {
    let closed = block(&[ids::ALICLOUD_VSWITCH_A], &[ids::ALICLOUD_GROUP_CLOSED], "");
    let chosen = format!("    security_group_ids = [{:?}]", ids::ALICLOUD_GROUP_OPEN);
    check(vec![
        case(
            |world| world.happen(Event::ProductOpen { open: false }).unwrap(),
            &["is not activated", "4000"],
            &[Event::ProductOpen { open: true }, opened(ids::ALICLOUD_GROUP_CLOSED)],
            hcl(&closed),
        ),
        case(
            |world| world.happen(auto_accept(ids::ALICLOUD_SERVICE_NAME, false)).unwrap(),
            &["does not accept endpoints by itself"],
            &[auto_accept(ids::ALICLOUD_SERVICE_NAME, true)],
            complete(),
        ),
        case(
            |world| world.happen(zones(ids::ALICLOUD_CLUSTER_ID, &["ap-southeast-1x"])).unwrap(),
            &["No vSwitch of"],
            &[zones(ids::ALICLOUD_CLUSTER_ID, &["ap-southeast-1a"])],
            hcl(&chosen),
        ),
    ])
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_own_endpoint_is_never_in_its_own_way() {
    for hcl in [Endpoint::new().hcl(), Endpoint::starter().hcl(), complete()] {
        let run = Run::new().await;
        run.write("main.tf", hcl);
        run.apply().await;

        let replace = format!("-replace={ENDPOINT}");
        let arguments = ["apply", "-auto-approve", "-input=false", "-no-color", &replace];
        let replaced = run.terraform(&arguments).await.succeeded();
        replaced.does_not_say("Warning: vpce-").says("1 added, 0 changed, 1 destroyed");
        run.assert_empty_plan().await;

        run.terraform(&["taint", ENDPOINT]).await.succeeded();
        run.apply().await.does_not_say("Warning: vpce-").says("1 added, 0 changed, 1 destroyed");
        run.assert_empty_plan().await;
        run.destroy().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_imported_endpoint_without_marks_is_replaced_although_it_owns_the_name() {
    let run = Run::new().await;
    run.write("main.tf", Endpoint::new().hcl());
    run.apply().await;
    let id = run.attribute(ENDPOINT, "/id").as_str().unwrap().to_owned();
    run.clouds.world(|world| world.aws.endpoints[0].tags.clear());
    run.terraform(&["state", "rm", ENDPOINT]).await.succeeded();
    run.try_import(ENDPOINT, &id).await.succeeded();

    let replace = format!("-replace={ENDPOINT}");
    let arguments = ["apply", "-auto-approve", "-input=false", "-no-color", &replace];
    run.terraform(&arguments).await.succeeded().says("1 added, 0 changed, 1 destroyed");

    run.assert_empty_plan().await;
    run.destroy().await;
}

/// A change asks for nothing but what it changes.
#[tokio::test(flavor = "multi_thread")]
async fn what_is_wrong_elsewhere_does_not_hold_up_a_change() {
    let alicloud = |groups| hcl(&block(&[ids::ALICLOUD_VSWITCH_A], groups, ""));
    for (before, after) in [
        (
            Endpoint::new().hcl(),
            Endpoint::new().security_groups(&[ids::WEST_GROUP_OPEN, ids::WEST_GROUP_CLOSED]).hcl(),
        ),
        (
            Endpoint::starter().hcl(),
            Endpoint::starter().security_groups(&[ids::EAST_GROUP_OPEN, ids::EAST_GROUP_CLOSED]).hcl(),
        ),
        (
            alicloud(&[ids::ALICLOUD_GROUP_OPEN]),
            alicloud(&[ids::ALICLOUD_GROUP_OPEN, ids::ALICLOUD_GROUP_CLOSED]),
        ),
    ] {
        let run = Run::new().await;
        run.write("main.tf", before);
        run.apply().await;
        run.clouds.world(|world| {
            without_dns(world, ids::WEST_VPC_ID);
            without_dns(world, ids::EAST_VPC_ID);
            for (cluster, zone) in [
                (ids::DEDICATED_CLUSTER_ID, "usw2-az9"),
                (ids::STARTER_CLUSTER_ID, "use1-az9"),
                (ids::ALICLOUD_CLUSTER_ID, "ap-southeast-1x"),
            ] {
                world.happen(zones(cluster, &[zone])).unwrap();
            }
            for service in [ids::SERVERLESS_SERVICE_NAME, ids::ALICLOUD_SERVICE_NAME] {
                world.happen(auto_accept(service, false)).unwrap();
            }
        });

        run.write("main.tf", after);
        run.apply().await.says("0 added, 1 changed, 0 destroyed").does_not_say("enable_dns_support");

        run.assert_empty_plan().await;
        run.destroy().await;
    }
}

/// Everything at once that a create would stumble over.
fn everything_on_aws(world: &mut World) {
    for vpc_id in [ids::WEST_VPC_ID, ids::EAST_VPC_ID] {
        without_dns(world, vpc_id);
    }
    world.happen(cluster(ClusterState::Paused)).unwrap();
    world.happen(zones(ids::DEDICATED_CLUSTER_ID, &["usw2-az9"])).unwrap();
    world.happen(zones(ids::STARTER_CLUSTER_ID, &["use1-az9"])).unwrap();
    world.happen(auto_accept(ids::SERVERLESS_SERVICE_NAME, false)).unwrap();
    for group in &mut world.aws.security_groups {
        group.rules.clear();
    }
    for cluster in &mut world.tidb.serverless {
        cluster.plan = ServerlessPlan::Byoc;
        cluster.service_name.clear();
    }
    for action in
        ["DescribeSubnets", "DescribeSecurityGroups", "DescribeVpcAttribute", "DescribeVpcEndpointServices"]
    {
        world.aws.access_keys[0].denied.push(action.to_owned());
    }
}

fn everything_on_alibaba_cloud(world: &mut World) {
    world.happen(zones(ids::ALICLOUD_CLUSTER_ID, &["ap-southeast-1x"])).unwrap();
    world.happen(auto_accept(ids::ALICLOUD_SERVICE_NAME, false)).unwrap();
    for group in &mut world.alicloud.security_groups {
        group.ingress.clear();
    }
    for cluster in &mut world.tidb.serverless {
        cluster.plan = ServerlessPlan::Premium;
        cluster.service_name.clear();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_that_would_hold_up_a_create_holds_up_a_destroy() {
    let cases: [(String, Breakage); 5] = [
        (Endpoint::new().hcl(), everything_on_aws),
        (Endpoint::new().hcl(), |world| world.aws.services.clear()),
        (Endpoint::starter().hcl(), everything_on_aws),
        (Endpoint::starter().hcl(), |world| world.aws.services.clear()),
        (complete(), everything_on_alibaba_cloud),
    ];
    for (hcl, broken) in cases {
        let run = Run::new().await;
        run.write("main.tf", hcl);
        run.apply().await;
        let before = run.clouds.requests().len();
        run.clouds.world(broken);

        run.destroy().await;

        let looks =
            ["DescribeSubnets", "DescribeSecurityGroups", "DescribeVpcEndpointServices", "DescribeVSwitches"];
        for request in run.clouds.requests().split_off(before) {
            assert!(!looks.contains(&request.operation.as_str()), "a destroy runs no preflight: {request:?}");
        }
    }
}
