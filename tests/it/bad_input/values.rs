//! Values that can never be right, refused in plan and on the attribute.

use tidblink_sandbox::default_world as ids;

use crate::support::config::SERVICE;
use crate::support::{Endpoint, Run};

/// The plan refuses the configuration, shows the line that holds `value`, and nothing is asked of EC2.
async fn assert_refused_in_plan(endpoint: Endpoint, value: &str, expected: &str) {
    let run = Run::new().await;
    run.write("main.tf", endpoint.hcl());

    let refused = run.plan_fails().await;

    refused.says(value).says(expected);
    run.clouds.assert_no_leftovers();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_malformed_cluster_id_is_refused() {
    assert_refused_in_plan(Endpoint::new().cluster("orders"), "cluster_id = \"orders\"", "decimal number")
        .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_malformed_node_group_id_is_refused() {
    let endpoint = Endpoint::new().node_group("default");
    assert_refused_in_plan(endpoint, "node_group_id = \"default\"", "decimal number").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_malformed_vpc_id_is_refused() {
    assert_refused_in_plan(Endpoint::new().vpc("vpc-main"), "vpc-main", "a VPC id such as").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_malformed_subnet_id_is_refused() {
    let endpoint = Endpoint::new().subnets(&[ids::WEST_SUBNET_AZ1, "subnet-private"]);
    assert_refused_in_plan(endpoint, "subnet-private", "a subnet id such as").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_malformed_security_group_id_is_refused() {
    let endpoint = Endpoint::new().security_groups(&["tidb"]);
    assert_refused_in_plan(endpoint, "tidb", "a security group id such as").await;
}

/// As it comes of a variable without a value.
#[tokio::test(flavor = "multi_thread")]
async fn a_required_argument_that_is_null_is_refused_in_plan() {
    for (given, argument) in [
        (format!("cluster_id = {:?}", ids::DEDICATED_CLUSTER_ID), "cluster_id"),
        (format!("service_id = {SERVICE}.id"), "service_id"),
        (format!("vpc_id = {:?}", ids::WEST_VPC_ID), "aws.vpc_id"),
    ] {
        let hcl = Endpoint::new().hcl();
        let (name, _) = given.split_once(" = ").unwrap();
        assert!(hcl.contains(&given), "{hcl}");
        let null = format!("{name} = var.nothing");
        let run = Run::new().await;
        let variable = "variable \"nothing\" {\n  type    = string\n  default = null\n}\n";
        run.write("main.tf", format!("{variable}{}", hcl.replace(&given, &null)));

        let refused = run.plan_fails().await;

        refused.says("Missing required argument").says(&format!("{argument} is required"));
        run.clouds.assert_no_leftovers();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn several_mistakes_are_told_in_one_plan() {
    let run = Run::new().await;
    let endpoint = Endpoint::new().vpc("vpc-main").subnets(&["subnet-private"]).security_groups(&["tidb"]);
    run.write("main.tf", endpoint.hcl());

    let refused = run.plan_fails().await;

    refused.says("vpc-main").says("subnet-private").says("\"tidb\"");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_endpoint_without_a_cloud_is_refused() {
    let run = Run::new().await;
    let service = Endpoint::new().service_hcl();
    let endpoint = "resource \"tidblink_private_endpoint\" \"app\" {\n  service_id = tidblink_endpoint_service.orders.id\n}";
    run.write("main.tf", format!("{service}\n{endpoint}\n"));

    run.plan_fails().await.says("aws");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_endpoint_on_two_clouds_is_refused() {
    let endpoint = Endpoint::new().arguments("  alicloud = { vpc_id = \"vpc-t4n00000000000000001\" }");
    assert_refused_in_plan(endpoint, "aws", "alicloud").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_malformed_service_id_is_refused() {
    let run = Run::new().await;
    let hcl = Endpoint::new()
        .hcl()
        .replace("service_id = tidblink_endpoint_service.orders.id", "service_id = \"orders\"");
    run.write("main.tf", hcl);

    run.plan_fails().await.says("service_id = \"orders\"").says("dedicated/CLUSTER/NODE_GROUP");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_malformed_timeout_is_refused() {
    let run = Run::new().await;
    run.write("main.tf", Endpoint::new().arguments("  timeouts = { create = \"soon\" }").hcl());

    run.plan_fails().await.says("soon");
}
