//! Planted faults as clients meet them.

use std::time::Duration;

use reqwest::Method;
use serde_json::json;
use tidblink_sandbox::default_world::*;
use tidblink_sandbox::{Door, Effect, Fault};

use crate::support::{Aws, Tidb, control, sandbox};

const CLUSTERS: &str = "/v1beta1/clusters";

#[tokio::test]
async fn an_answer_is_in_the_doors_own_form() {
    let sandbox = sandbox().await;
    let throttled = Effect::error(503, "RequestLimitExceeded", "Request limit exceeded.");
    sandbox.add_fault(Fault::new(Door::Ec2, "DescribeVpcs", throttled));
    let aws = Aws::new(&sandbox, "us-west-2");
    let answer = aws.call("DescribeVpcs", &[]).await;
    assert_eq!(
        answer.aws_error(),
        (503, "RequestLimitExceeded".to_owned(), "Request limit exceeded.".to_owned())
    );
    assert_eq!(aws.call("DescribeVpcs", &[]).await.status, 200, "once only");

    sandbox.add_fault(Fault::new(Door::Dedicated, "ListClusters", Effect::error(500, "13", "oops")));
    let mut tidb = Tidb::new(&sandbox.urls().dedicated);
    let answer = tidb.get(CLUSTERS).await;
    assert_eq!(answer.status, 500, "the challenge did not use the fault up");
    assert_eq!(answer.json(), json!({ "code": 13, "message": "oops", "details": [] }));
    assert_eq!(answer.header("x-ratelimit-remaining-minute"), "99");
}

#[tokio::test]
async fn body_and_headers_may_be_given() {
    let sandbox = sandbox().await;
    let fault = json!({
        "door": "serverless",
        "times": null,
        "effect": { "status": 502, "body": "<html>", "headers": { "retry-after": "7" } },
    });
    let planted = control(&sandbox, Method::POST, "/faults", &fault.to_string()).await;
    assert_eq!(planted.json()["id"], 1);
    let mut tidb = Tidb::new(&sandbox.urls().serverless);
    for _ in 0..2 {
        let answer = tidb.get(CLUSTERS).await;
        assert_eq!((answer.status, answer.text.as_str()), (502, "<html>"));
        assert_eq!(answer.header("retry-after"), "7");
    }
    let listed = control(&sandbox, Method::GET, "/faults", "").await.json();
    assert_eq!((&listed[0]["seen"], &listed[0]["fired"]), (&json!(2), &json!(2)));
    assert_eq!(listed[0]["effect"], fault["effect"]);
    control(&sandbox, Method::DELETE, "/faults", "").await;
    assert_eq!(tidb.get(CLUSTERS).await.status, 200);
}

#[tokio::test]
async fn an_echo_repeats_the_whole_request() {
    let sandbox = sandbox().await;
    sandbox.add_fault(Fault::new(Door::Ec2, "DescribeVpcs", Effect::Echo(400)));
    let (status, code, message) = Aws::new(&sandbox, "us-west-2").call("DescribeVpcs", &[]).await.aws_error();
    assert_eq!((status, code.as_str()), (400, "InvalidRequest"));
    assert!(message.contains("Signature=") && message.contains("Action=DescribeVpcs"), "{message}");

    sandbox.add_fault(Fault::new(Door::Dedicated, "ListClusters", Effect::Echo(200)));
    let answer = Tidb::new(&sandbox.urls().dedicated).get(CLUSTERS).await;
    assert_eq!(answer.status, 200);
    assert!(
        answer.text.starts_with("GET /v1beta1/clusters") && answer.text.contains("response="),
        "{}",
        answer.text
    );
}

#[tokio::test]
async fn a_lost_answer_took_effect_and_a_reset_did_not() {
    let sandbox = sandbox().await;
    let aws = Aws::new(&sandbox, "us-west-2");
    let parameters =
        [("VpcEndpointType", "Interface"), ("VpcId", WEST_VPC_ID), ("ServiceName", DEDICATED_SERVICE_NAME)];
    sandbox.add_fault(Fault::new(Door::Ec2, "CreateVpcEndpoint", Effect::Reset));
    assert!(aws.try_call("CreateVpcEndpoint", &parameters).await.is_err());
    assert_eq!(sandbox.leftovers(), []);
    sandbox.add_fault(Fault::new(Door::Ec2, "CreateVpcEndpoint", Effect::LostAfterEffect));
    assert!(aws.try_call("CreateVpcEndpoint", &parameters).await.is_err());
    assert_eq!(sandbox.leftovers().len(), 1);
    let statuses: Vec<Option<u16>> = sandbox.requests().iter().map(|record| record.status).collect();
    assert_eq!(statuses, [None, None]);
    assert!(sandbox.requests().iter().all(|record| record.fault.is_some()));
}

#[tokio::test]
async fn never_is_never() {
    let sandbox = sandbox().await;
    sandbox.add_fault(Fault::new(Door::Ec2, "DescribeVpcs", Effect::NeverAnswer));
    let aws = Aws::new(&sandbox, "us-west-2");
    let waited = tokio::time::timeout(Duration::from_millis(200), aws.try_call("DescribeVpcs", &[]));
    assert!(waited.await.is_err());
    assert_eq!(aws.call("DescribeVpcs", &[]).await.status, 200);
}

#[tokio::test]
async fn a_held_answer_took_effect_and_is_over_for_the_sandbox() {
    let sandbox = sandbox().await;
    sandbox.add_fault(Fault::new(Door::Ec2, "CreateVpcEndpoint", Effect::HeldAfterEffect));
    let aws = Aws::new(&sandbox, "us-west-2");
    let parameters =
        [("VpcEndpointType", "Interface"), ("VpcId", WEST_VPC_ID), ("ServiceName", DEDICATED_SERVICE_NAME)];
    let call = aws.try_call("CreateVpcEndpoint", &parameters);
    assert!(tokio::time::timeout(Duration::from_millis(200), call).await.is_err());
    assert_eq!(sandbox.leftovers().len(), 1);
    let traffic = sandbox.traffic();
    assert_eq!((traffic.begun, traffic.ended), (1, 1));
}

#[tokio::test]
async fn garbage_is_neither_json_nor_an_answer() {
    let sandbox = sandbox().await;
    sandbox.add_fault(Fault::new(Door::Dedicated, "ListClusters", Effect::Garbage));
    let mut tidb = Tidb::new(&sandbox.urls().dedicated);
    let answer = tidb.get(CLUSTERS).await;
    assert_eq!(answer.status, 200);
    assert!(serde_json::from_str::<serde_json::Value>(&answer.text).is_err());
}

#[tokio::test]
async fn a_late_answer_still_takes_effect() {
    let sandbox = sandbox().await;
    sandbox.add_fault(Fault::new(Door::Ec2, "CreateVpcEndpoint", Effect::Latency(5)));
    let aws = Aws::new(&sandbox, "us-west-2");
    aws.create_dedicated_endpoint().await;
    assert_eq!(sandbox.faults()[0].fired, 1);
    assert_eq!(sandbox.leftovers().len(), 2);
}
