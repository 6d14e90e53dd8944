//! What is one's own, what is wrong elsewhere and what would hold up a create hold up nothing else.

use tidblink_sandbox::default_world as ids;
use tidblink_sandbox::world::{ClusterState, ServerlessPlan, World};

use super::Breakage;
use super::behind::{auto_accept, cluster, without_dns, zones};
use crate::alicloud::{block, complete, hcl};
use crate::support::config::ENDPOINT;
use crate::support::{Endpoint, Run};

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
