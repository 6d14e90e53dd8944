//! The checks themselves: that they see what is wrong.

use serde_json::json;
use tidblink_sandbox::{Door, RequestRecord};

use super::check::{self, Walk};
use super::{apis, called};
use crate::support::{Endpoint, Run};

/// What one life really sends.
async fn sent() -> Vec<RequestRecord> {
    let run = Run::new().await;
    run.write("main.tf", Endpoint::new().hcl());
    run.apply().await;
    run.destroy().await;
    run.clouds.requests()
}

fn first(requests: &[RequestRecord], door: Door, operation: &str) -> RequestRecord {
    let found = requests.iter().find(|request| request.door == door && request.operation == operation);
    found.unwrap_or_else(|| panic!("nothing calls {operation}")).clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_that_strays_from_the_specification_is_told() {
    let (apis, sent) = (apis(), sent().await);
    let problems = |request: &RequestRecord| {
        let (api, operation) = called(&apis, request).expect("known");
        check::request(api, operation, request)
    };

    let list = first(&sent, Door::Dedicated, "ListPrivateEndpointConnections");
    assert!(problems(&list).is_empty(), "{:?}", problems(&list));
    for (query, word) in [
        ("pageSize=101", "not in"),
        ("pageSize=ten", "not an integer"),
        ("pagesize=100", "no such parameter"),
        ("cloudProvider=oci", "none of"),
        ("pageSize=100&pageSize=100", "2 times"),
    ] {
        let strayed = RequestRecord { query: query.to_owned(), ..list.clone() };
        assert!(problems(&strayed)[0].contains(word), "{query}: {:?}", problems(&strayed));
    }
    let elsewhere = RequestRecord { path: list.path.replace("privateEndpointConnections", "x"), ..list };
    assert!(called(&apis, &elsewhere).is_none());

    let create = first(&sent, Door::Dedicated, "CreatePrivateEndpointConnection");
    assert!(problems(&create).is_empty(), "{:?}", problems(&create));
    for (body, word) in [
        ("{}", "body.endpointId: missing"),
        (r#"{"endpointId": 7}"#, "not of the kind Text"),
        (r#"{"endpointId": "vpce-1", "clusterId": "1"}"#, "body.clusterId: no such field"),
        (r#"{"privateEndpointConnection": {"endpointId": "vpce-1"}}"#, "no such field"),
        ("", "EOF"),
    ] {
        let strayed = RequestRecord { body: body.to_owned(), ..create.clone() };
        assert!(problems(&strayed)[0].contains(word), "{body}: {:?}", problems(&strayed));
    }

    let make = first(&sent, Door::Ec2, "CreateVpcEndpoint");
    assert!(problems(&make).is_empty(), "{:?}", problems(&make));
    for (from, to, word) in [
        ("SubnetId.2=", "SubnetId.3=", "numbered"),
        ("VpcId=", "VpcID=", "no such parameter"),
        ("VpcEndpointType=Interface", "VpcEndpointType=interface", "none of"),
        ("PrivateDnsEnabled=false", "PrivateDnsEnabled=no", "neither true nor false"),
    ] {
        let strayed = RequestRecord { body: make.body.replace(from, to), ..make.clone() };
        assert_ne!(strayed.body, make.body, "{from}");
        assert!(problems(&strayed)[0].contains(word), "{to}: {:?}", problems(&strayed));
    }
}

#[test]
fn an_answer_that_strays_from_the_specification_is_told() {
    let apis = apis();
    let api = apis.iter().find(|api| api.door == Door::Dedicated).unwrap();
    let fact = &api.types["PrivateLinkService"];
    let problems = |answer| {
        let mut problems = Vec::new();
        Walk::new(api).value(fact, &answer, "answer").tell(&mut problems);
        problems
    };
    let right = problems(json!({ "state": "ACTIVE", "availableZones": ["usw2-az1"] }));
    assert!(right.is_empty(), "{right:?}");
    for (answer, word) in [
        (json!({ "state": "READY" }), "answer.state: none of"),
        (json!({ "availableZones": [1] }), "answer.availableZones[0]: 1 is not"),
        (json!({ "zones": [] }), "answer.zones: no such field"),
        (json!([]), "answer: [] is not"),
    ] {
        let found = problems(answer);
        assert!(found[0].starts_with(word), "{found:?}");
    }
}
