//! Networks that the endpoint cannot live in: an error in plan when nothing in the run could change it, otherwise a
//! warning in plan and an error before anything is made.

use tidblink_sandbox::Event;
use tidblink_sandbox::default_world as ids;

use crate::support::{Endpoint, Run};

/// The plan refuses the configuration and says all of `sentences`.
async fn assert_impossible(endpoint: Endpoint, sentences: &[&str]) {
    let run = Run::new().await;
    run.write("main.tf", endpoint.hcl());

    let refused = run.plan_fails().await;

    for sentence in sentences {
        refused.says(sentence);
    }
    run.clouds.assert_no_leftovers();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_vpc_that_is_not_in_the_region_of_the_service_is_refused() {
    let endpoint = Endpoint::new().vpc(ids::EAST_VPC_ID).without_subnets().without_security_groups();
    assert_impossible(endpoint, &[ids::EAST_VPC_ID, "us-west-2", "peering"]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_subnet_of_another_vpc_is_refused() {
    let endpoint = Endpoint::new().subnets(&[ids::WEST_SUBNET_WITHOUT_DNS]);
    assert_impossible(endpoint, &[ids::WEST_SUBNET_WITHOUT_DNS, ids::WEST_VPC_WITHOUT_DNS]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_security_group_of_another_vpc_is_refused() {
    let endpoint = Endpoint::new().security_groups(&[ids::WEST_GROUP_WITHOUT_DNS]);
    assert_impossible(endpoint, &[ids::WEST_GROUP_WITHOUT_DNS]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_subnets_in_one_zone_are_refused() {
    let endpoint = Endpoint::new().subnets(&[ids::WEST_SUBNET_AZ1, ids::WEST_SUBNET_AZ1_SECOND]);
    assert_impossible(endpoint, &[ids::WEST_SUBNET_AZ1, ids::WEST_SUBNET_AZ1_SECOND, "usw2-az1"]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_zone_that_the_service_lacks_is_refused_with_the_way_to_support() {
    let endpoint = Endpoint::new().subnets(&[ids::WEST_SUBNET_AZ4]);
    assert_impossible(endpoint, &[ids::WEST_SUBNET_AZ4, "usw2-az4", "usw2-az1", "support"]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn private_dns_in_a_vpc_without_dns_attributes_warns_in_plan_and_fails_before_anything_is_made() {
    let run = Run::new().await;
    let endpoint = Endpoint::new()
        .vpc(ids::WEST_VPC_WITHOUT_DNS)
        .subnets(&[ids::WEST_SUBNET_WITHOUT_DNS])
        .security_groups(&[ids::WEST_GROUP_WITHOUT_DNS]);
    run.write("main.tf", endpoint.hcl());

    let plan = run.plan().await;
    assert!(plan.prose.contains("enable_dns_hostnames"), "{}", plan.prose);
    run.apply_fails().await.says("enable_dns_support").says("enable_dns_hostnames");

    assert!(run.clouds.requests().iter().all(|request| request.operation != "CreateVpcEndpoint"));
    run.clouds.assert_no_leftovers();

    run.write("main.tf", endpoint.private_dns(false).hcl());
    run.apply().await;
    run.assert_empty_plan().await;
    run.destroy().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn dns_attributes_that_are_switched_on_in_the_meantime_let_the_apply_go_through() {
    let run = Run::new().await;
    let endpoint = Endpoint::new()
        .vpc(ids::WEST_VPC_WITHOUT_DNS)
        .subnets(&[ids::WEST_SUBNET_WITHOUT_DNS])
        .security_groups(&[ids::WEST_GROUP_WITHOUT_DNS]);
    run.write("main.tf", endpoint.hcl());
    run.plan().await;
    run.clouds.event(Event::VpcDns {
        vpc_id: ids::WEST_VPC_WITHOUT_DNS.into(),
        support: true,
        hostnames: true,
    });

    run.terraform(&["apply", "-input=false", "-no-color", "tfplan"]).await.succeeded();

    run.assert_empty_plan().await;
    run.destroy().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_security_group_that_does_not_let_the_port_in_is_only_a_warning() {
    let run = Run::new().await;
    run.write("main.tf", Endpoint::new().security_groups(&[ids::WEST_GROUP_CLOSED]).hcl());

    let plan = run.plan().await;

    assert!(plan.prose.contains("4000"), "{}", plan.prose);
    assert!(plan.prose.contains(ids::WEST_GROUP_CLOSED), "{}", plan.prose);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_region_that_the_account_has_not_opted_into_is_named() {
    let run = Run::new().await;
    run.clouds.world(|world| {
        let region = world.aws.regions.iter_mut().find(|region| region.name == "us-west-2");
        region.unwrap().opted_in = false;
    });
    run.write("main.tf", Endpoint::new().hcl());

    run.apply_fails().await.says("us-west-2");

    run.clouds.assert_no_leftovers();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_private_name_that_something_else_in_the_vpc_owns_leaves_no_unknown_endpoint() {
    let run = Run::new().await;
    run.clouds.world(|world| {
        let vpc = world.aws.vpcs.iter_mut().find(|vpc| vpc.vpc_id == ids::WEST_VPC_ID);
        vpc.unwrap().private_zones.push(ids::DEDICATED_HOST.into());
    });
    run.write("main.tf", Endpoint::new().hcl());

    run.apply_fails().await.says("conflicting DNS domain").says(ids::DEDICATED_HOST);

    run.assert_state_knows_every_endpoint();
    run.destroy().await;
}
