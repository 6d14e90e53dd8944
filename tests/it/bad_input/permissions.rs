//! EC2 actions that the credentials may not call: a check that cannot be made is skipped and told, a call that is needed
//! fails with the action's name, and what was made until then is in the state.

use tidblink_sandbox::default_world as ids;

use crate::support::{Endpoint, Run};

fn deny(run: &Run, actions: &[&str]) {
    run.clouds.world(|world| {
        let key = world.aws.access_keys.iter_mut().find(|key| key.access_key_id == ids::AWS_ACCESS_KEY_ID);
        key.unwrap().denied = actions.iter().map(ToString::to_string).collect();
    });
}

/// An apply without the permission fails with its name; with it back, everything can be destroyed.
async fn assert_needed(action: &str) {
    let run = Run::new().await;
    deny(&run, &[action]);
    run.write("main.tf", Endpoint::new().hcl());

    run.apply_fails().await.says(&format!("ec2:{action}"));

    run.assert_state_knows_every_endpoint();
    deny(&run, &[]);
    run.destroy().await;
}

/// A plan without the permission says what it could not check, and the apply goes through.
async fn assert_only_a_check(action: &str) {
    let run = Run::new().await;
    deny(&run, &[action]);
    run.write("main.tf", Endpoint::new().hcl());

    let plan = run.plan().await;
    assert!(plan.prose.contains(&format!("ec2:{action}")), "{}", plan.prose);
    run.apply().await;

    run.destroy().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn making_an_endpoint_takes_create_vpc_endpoint() {
    assert_needed("CreateVpcEndpoint").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn switching_private_dns_on_takes_modify_vpc_endpoint() {
    assert_needed("ModifyVpcEndpoint").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn watching_an_endpoint_takes_describe_vpc_endpoints() {
    assert_needed("DescribeVpcEndpoints").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn marking_an_endpoint_takes_create_tags() {
    assert_needed("CreateTags").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn destroying_an_endpoint_takes_delete_vpc_endpoints() {
    let run = Run::new().await;
    run.write("main.tf", Endpoint::new().hcl());
    run.apply().await;
    deny(&run, &["DeleteVpcEndpoints"]);

    run.try_destroy().await.failed().says("ec2:DeleteVpcEndpoints");

    run.assert_state_knows_every_endpoint();
    deny(&run, &[]);
    run.destroy().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn seeing_an_endpoint_gone_takes_describe_network_interfaces() {
    let run = Run::new().await;
    run.write("main.tf", Endpoint::new().hcl());
    run.apply().await;
    deny(&run, &["DescribeNetworkInterfaces"]);

    run.try_destroy().await.failed().says("ec2:DescribeNetworkInterfaces");

    run.assert_state_knows_every_endpoint();
    deny(&run, &[]);
    run.destroy().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn subnets_are_not_checked_without_describe_subnets() {
    assert_only_a_check("DescribeSubnets").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn dns_attributes_are_not_checked_without_describe_vpc_attribute() {
    assert_only_a_check("DescribeVpcAttribute").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn security_groups_are_not_checked_without_describe_security_groups() {
    assert_only_a_check("DescribeSecurityGroups").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_service_is_not_checked_without_describe_vpc_endpoint_services() {
    assert_only_a_check("DescribeVpcEndpointServices").await;
}
