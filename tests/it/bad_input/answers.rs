//! Answers of the services that are not what their references promise. The provider says what was wrong with which
//! answer; it never panics and never loses what it made.

use std::collections::BTreeMap;

use tidblink_sandbox::{Door, Effect, Fault};

use crate::support::{Endpoint, Run};

/// The API answers as if all were well, but with this body.
fn body(text: &str) -> Effect {
    Effect::Answer {
        status: 200,
        body: Some(text.into()),
        headers: BTreeMap::from([("content-type".into(), "application/json".into())]),
        code: None,
        message: None,
    }
}

/// A plan that reads this answer of `operation` fails and names what is wrong with it.
async fn assert_plan_names(operation: &str, answer: Effect, expected: &str) {
    let run = Run::new().await;
    run.clouds.fault(Fault::new(Door::Dedicated, operation, answer).forever());
    run.write("main.tf", Endpoint::new().hcl());

    run.plan_fails().await.says(expected);

    run.clouds.assert_no_leftovers();
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_that_is_not_json_is_named() {
    assert_plan_names("GetCluster", Effect::Garbage, "TiDB Cloud Dedicated API").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_without_the_fields_that_count_is_named() {
    assert_plan_names("GetCluster", body("{}"), "TiDB Cloud Dedicated API").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_full_of_nulls_is_named() {
    let answer = r#"{"clusterId": null, "state": null, "regionId": null, "tidbNodeSetting": null}"#;
    assert_plan_names("GetCluster", body(answer), "TiDB Cloud Dedicated API").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unknown_state_of_the_service_is_waited_out_and_never_taken_for_ready() {
    let run = Run::new().await;
    let answer = r#"{"name": "x", "serviceName": "com.amazonaws.vpce.us-west-2.vpce-svc-0aaaaaaaaaaaaaaaa",
        "serviceDnsName": "privatelink-19000000.a1b2c3d4e5f6.clusters.tidb-cloud.com",
        "availableZones": ["usw2-az1"], "state": "POLISHING", "regionId": "aws-us-west-2", "cloudProvider": "aws"}"#;
    run.clouds.fault(Fault::new(Door::Dedicated, "GetPrivateLinkService", body(answer)).forever());
    let hcl = Endpoint::new()
        .service_hcl()
        .replace("cluster_id =", "timeouts = { create = \"3m\" }\n  cluster_id =");
    run.write("main.tf", hcl);

    run.apply_fails().await.says("POLISHING");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_of_connections_that_is_not_json_leaves_the_endpoint_in_the_state() {
    let run = Run::new().await;
    run.write("main.tf", Endpoint::new().hcl());
    run.clouds
        .fault(Fault::new(Door::Dedicated, "ListPrivateEndpointConnections", Effect::Garbage).forever());

    run.apply_fails().await.says("TiDB Cloud Dedicated API");

    run.assert_state_knows_every_endpoint();
    run.clouds.clear_faults();
    run.destroy().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_ec2_answer_that_is_not_xml_leaves_the_endpoint_in_the_state() {
    let run = Run::new().await;
    run.write("main.tf", Endpoint::new().hcl());
    run.clouds.fault(Fault::new(Door::Ec2, "ModifyVpcEndpoint", Effect::Garbage).forever());

    let outcome = run.try_apply().await;

    outcome.does_not_say("panicked").does_not_say("Plugin did not respond");
    run.assert_state_knows_every_endpoint();
    run.clouds.clear_faults();
    run.destroy().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn connections_that_a_bad_page_leaves_out_are_not_taken_for_gone() {
    let run = Run::new().await;
    run.write("main.tf", Endpoint::new().hcl());
    run.apply().await;
    for answer in [
        r#"{"privateEndpointConnections": [], "totalSize": 1}"#,
        r#"{"privateEndpointConnections": [], "nextPageToken": "again"}"#,
    ] {
        run.clouds
            .fault(Fault::new(Door::Dedicated, "ListPrivateEndpointConnections", body(answer)).forever());
        run.plan_fails().await.says("ListPrivateEndpointConnections");
        run.clouds.clear_faults();
    }

    run.assert_empty_plan().await;
    run.destroy().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_endpoint_that_a_bad_page_of_ec2_leaves_out_is_not_taken_for_gone() {
    let run = Run::new().await;
    run.write("main.tf", Endpoint::new().hcl());
    run.apply().await;
    for answer in ["", "<vpcEndpointSet/><nextToken>again</nextToken>"] {
        let answer = body(&format!("<DescribeVpcEndpointsResponse>{answer}</DescribeVpcEndpointsResponse>"));
        run.clouds.fault(Fault::new(Door::Ec2, "DescribeVpcEndpoints", answer).forever());
        run.plan_fails().await.says("DescribeVpcEndpoints");
        run.clouds.clear_faults();
    }

    run.assert_empty_plan().await;
    run.destroy().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn services_that_are_busy_for_a_while_only_make_the_apply_longer() {
    let run = Run::new().await;
    let busy = |status: u16, code: &str| Effect::Answer {
        status,
        body: None,
        headers: BTreeMap::new(),
        code: Some(code.into()),
        message: Some("later".into()),
    };
    run.clouds.fault(Fault::new(Door::Dedicated, "GetCluster", busy(503, "14")));
    run.clouds
        .fault(Fault::new(Door::Dedicated, "ListPrivateEndpointConnections", busy(429, "49900007")).times(2));
    run.clouds.fault(Fault::new(Door::Ec2, "CreateVpcEndpoint", busy(503, "RequestLimitExceeded")).times(2));
    run.clouds.fault(Fault::new(Door::Ec2, "ModifyVpcEndpoint", busy(400, "OperationInProgress")));
    run.clouds.fault(Fault::new(Door::Ec2, "DescribeVpcEndpoints", Effect::Reset));
    run.write("main.tf", Endpoint::new().hcl());

    run.apply().await;

    run.assert_empty_plan().await;
    run.destroy().await;
}
