//! The control door, and what it shows of the others.

use reqwest::Method;
use serde_json::{Value, json};
use tidblink_sandbox::default_world::*;
use tidblink_sandbox::{Door, Event, LeftoverKind};

use crate::support::{Aws, Tidb, control, sandbox, seconds};

#[tokio::test]
async fn a_world_is_replaced_and_the_clock_goes_on() {
    let sandbox = sandbox().await;
    sandbox.advance(seconds(1000));
    let mut world = control(&sandbox, Method::GET, "/world", "").await.json();
    let now = world["now"].clone();
    world["now"] = json!("2001-01-01T00:00:00Z");
    world["aws"]["vpcs"] = json!([]);
    let put = control(&sandbox, Method::PUT, "/world", &world.to_string()).await;
    assert_eq!(put.status, 200, "{}", put.text);
    assert_eq!(put.json()["now"], now);
    assert_eq!(sandbox.world(|world| world.aws.vpcs.len()), 0);
    assert_eq!(sandbox.leftovers(), [], "the new world is the new start");
}

#[tokio::test]
async fn what_is_not_understood_is_answered_with_what_would_be() {
    let sandbox = sandbox().await;
    for (method, path, body, allowed) in [
        (Method::PUT, "/world", r#"{"gcp":{}}"#, "`tidb`"),
        (Method::POST, "/events", r#"{"kind":"flood"}"#, "`endpoint_deleted`"),
        (Method::POST, "/events", r#"{"kind":"endpoint_deleted","id":"x"}"#, "`endpoint_id`"),
        (Method::POST, "/faults", r#"{"door":"gcp","effect":{"reset":true}}"#, "`ec2`"),
        (Method::POST, "/faults", r#"{"door":"ec2","effect":{"slow":1}}"#, "`latency_ms`"),
        (
            Method::POST,
            "/faults",
            r#"{"door":"ec2","operation":"RunInstances","effect":{"reset":true}}"#,
            "CreateVpcEndpoint",
        ),
        (Method::POST, "/faults", r#"{"door":"ec2","nth":0,"effect":{"reset":true}}"#, "counted from 1"),
        (Method::POST, "/clock", r#"{"advance":1}"#, "`advance_seconds`"),
        (Method::POST, "/clock", r#"{"advance_seconds":-1}"#, "negative"),
        (
            Method::POST,
            "/events",
            r#"{"kind":"endpoint_deleted","endpoint_id":"vpce-1"}"#,
            "there is no endpoint vpce-1",
        ),
        (Method::POST, "/events", r#"{"kind":"connection_deleted"}"#, "connection_id or endpoint_id"),
    ] {
        let answer = control(&sandbox, method, path, body).await;
        assert_eq!(answer.status, 400, "{body}");
        let error = answer.json()["error"].as_str().unwrap().to_owned();
        assert!(error.contains(allowed), "{body}: {error}");
    }
    let nowhere = control(&sandbox, Method::GET, "/nowhere", "").await;
    assert_eq!(nowhere.status, 404);
    assert!(nowhere.text.contains("/leftovers"));
}

#[tokio::test]
async fn requests_are_written_down_without_secrets() {
    let sandbox = sandbox().await;
    let mut tidb = Tidb::new(&sandbox.urls().serverless);
    let target = format!("/v1beta1/clusters/{STARTER_CLUSTER_ID}?view=BASIC");
    tidb.get(&target).await;
    let aws = Aws::new(&sandbox, "us-west-2");
    aws.call("DescribeVpcs", &[("VpcId.1", "vpc-0123456789abcdef0"), ("SecurityToken", "hush")]).await;
    let listed = control(&sandbox, Method::GET, "/requests", "").await;
    for secret in ["hush", TIDB_PRIVATE_KEY, AWS_SECRET_ACCESS_KEY, "Digest"] {
        assert!(!listed.text.contains(secret), "{secret}");
    }
    let listed = listed.json();
    let rows: Vec<(u64, &str, &str, &Value)> = listed
        .as_array()
        .unwrap()
        .iter()
        .map(|row| {
            let text = |name: &str| row[name].as_str().unwrap();
            (row["seq"].as_u64().unwrap(), text("door"), text("operation"), &row["status"])
        })
        .collect();
    assert_eq!(
        rows,
        [
            (1, "serverless", "GetCluster", &json!(401)),
            (2, "serverless", "GetCluster", &json!(200)),
            (3, "ec2", "DescribeVpcs", &json!(400)),
        ]
    );
    assert_eq!(listed[1]["query"], "view=BASIC");
    assert_eq!(listed[2]["code"], "InvalidVpcID.NotFound");
    let record = sandbox.requests().pop().unwrap();
    assert_eq!(record.door, Door::Ec2);
    assert_eq!(record.parameter("VpcId.1").as_deref(), Some("vpc-0123456789abcdef0"));
    control(&sandbox, Method::DELETE, "/requests", "").await;
    assert_eq!(sandbox.requests(), []);
}

#[tokio::test]
async fn leftovers_name_what_was_made() {
    let sandbox = sandbox().await;
    assert_eq!(control(&sandbox, Method::GET, "/leftovers", "").await.json(), json!([]));
    let aws = Aws::new(&sandbox, "us-west-2");
    let id = aws.create_dedicated_endpoint().await;
    let found = sandbox.leftovers();
    let kinds: Vec<LeftoverKind> = found.iter().map(|item| item.kind).collect();
    assert_eq!(kinds, [LeftoverKind::Endpoint, LeftoverKind::NetworkInterface]);
    assert_eq!(found[0].id, id);
    assert_eq!(found[0].state.as_deref(), Some("pendingAcceptance"));
}

#[tokio::test]
async fn the_clock_jumps() {
    let sandbox = sandbox().await;
    let before = sandbox.world(|world| world.now);
    let answer = control(&sandbox, Method::POST, "/clock", r#"{"advance_seconds":90}"#).await;
    assert_eq!(answer.json()["now"], json!(before.plus_seconds(90)));
}

#[tokio::test]
async fn events_change_what_clients_see() {
    let sandbox = sandbox().await;
    let aws = Aws::new(&sandbox, "us-west-2");
    let mut tidb = Tidb::new(&sandbox.urls().dedicated);
    let id = aws.create_dedicated_endpoint().await;
    let connections =
        format!("/v1beta1/clusters/{DEDICATED_CLUSTER_ID}/tidbNodeGroups/-/privateEndpointConnections");
    tidb.post(&connections, &format!("{{\"endpointId\":\"{id}\"}}")).await;
    sandbox.advance(seconds(180));
    let event = json!({ "kind": "endpoint_rejected", "endpoint_id": id, "message": "no" });
    assert_eq!(control(&sandbox, Method::POST, "/events", &event.to_string()).await.status, 200);
    assert_eq!(aws.state(&id).await, "rejected");
    let listed = tidb.get(&connections).await.json();
    assert_eq!(listed["privateEndpointConnections"][0]["endpointState"], "FAILED");
    assert_eq!(listed["privateEndpointConnections"][0]["message"], "no");

    let happen = |event| sandbox.event(event).unwrap();
    happen(Event::EndpointFailed { endpoint_id: id.clone(), message: None });
    assert_eq!(aws.state(&id).await, "failed");
    happen(Event::EndpointExpired { endpoint_id: id.clone() });
    assert_eq!(aws.state(&id).await, "expired");
    happen(Event::EndpointDeleted { endpoint_id: id.clone() });
    assert_eq!(aws.state(&id).await, "InvalidVpcEndpointId.NotFound");
    assert_eq!(tidb.get(&connections).await.json()["totalSize"], 1, "the registration stays");
    happen(Event::ConnectionDeleted { connection_id: None, endpoint_id: Some(id) });
    assert_eq!(tidb.get(&connections).await.json()["totalSize"], 0);
    assert_eq!(sandbox.leftovers(), []);
}

#[tokio::test]
async fn a_recreated_service_has_another_name_and_host() {
    let sandbox = sandbox().await;
    let event = Event::ServiceRecreated {
        cluster_id: DEDICATED_CLUSTER_ID.to_owned(),
        node_group_id: DEDICATED_NODE_GROUP_ID.to_owned(),
    };
    sandbox.event(event).unwrap();
    let mut tidb = Tidb::new(&sandbox.urls().dedicated);
    let target = format!("/v1beta1/clusters/{DEDICATED_CLUSTER_ID}/tidbNodeGroups/-/privateLinkService");
    let service = tidb.get(&target).await.json();
    assert_eq!(service["state"], "ACTIVE");
    assert_ne!(service["serviceName"], DEDICATED_SERVICE_NAME);
    assert_ne!(service["serviceDnsName"], DEDICATED_HOST);
    let aws = Aws::new(&sandbox, "us-west-2");
    let gone = [("ServiceName.1", DEDICATED_SERVICE_NAME)];
    assert_eq!(aws.call("DescribeVpcEndpointServices", &gone).await.status, 400);
    let made = [("ServiceName.1", service["serviceName"].as_str().unwrap())];
    assert_eq!(aws.call("DescribeVpcEndpointServices", &made).await.status, 200);
}

#[tokio::test]
async fn a_service_moves_to_other_zones_on_both_sides() {
    let sandbox = sandbox().await;
    let zones = |zones: &[&str]| zones.iter().map(|zone| (*zone).to_owned()).collect::<Vec<_>>();
    let moved = |cluster_id: &str, zone_ids| Event::ServiceZones {
        cluster_id: cluster_id.to_owned(),
        node_group_id: None,
        zone_ids,
    };
    sandbox.event(moved(DEDICATED_CLUSTER_ID, zones(&["usw2-az4"]))).unwrap();
    let mut tidb = Tidb::new(&sandbox.urls().dedicated);
    let target = format!("/v1beta1/clusters/{DEDICATED_CLUSTER_ID}/tidbNodeGroups/-/privateLinkService");
    assert_eq!(tidb.get(&target).await.json()["availableZones"], json!(["usw2-az4"]));
    let aws = Aws::new(&sandbox, "us-west-2");
    let named = [("ServiceName.1", DEDICATED_SERVICE_NAME)];
    let offered = aws.call("DescribeVpcEndpointServices", &named).await;
    assert_eq!(offered.element("availabilityZoneIdSet"), "<item>usw2-az4</item>");

    sandbox.event(moved(STARTER_CLUSTER_ID, zones(&["use1-az5"]))).unwrap();
    let mut tidb = Tidb::new(&sandbox.urls().serverless);
    let shared = tidb.get(&format!("/v1beta1/clusters/{ESSENTIAL_CLUSTER_ID}")).await.json();
    assert_eq!(shared["endpoints"]["private"]["aws"]["availabilityZone"], json!(["use1-az5"]));
    sandbox.event(moved(ALICLOUD_CLUSTER_ID, zones(&["ap-southeast-1c"]))).unwrap();
    assert_eq!(
        sandbox.world(|world| world.alicloud.services[0].zone_ids.clone()),
        zones(&["ap-southeast-1c"])
    );
}

#[tokio::test]
async fn a_deleted_cluster_takes_its_service_along_unless_others_share_it() {
    let sandbox = sandbox().await;
    let aws = Aws::new(&sandbox, "us-west-2");
    let mut tidb = Tidb::new(&sandbox.urls().dedicated);
    let id = aws.create_dedicated_endpoint().await;
    let connections =
        format!("/v1beta1/clusters/{DEDICATED_CLUSTER_ID}/tidbNodeGroups/-/privateEndpointConnections");
    tidb.post(&connections, &format!("{{\"endpointId\":\"{id}\"}}")).await;
    let deleted = |cluster_id: &str| Event::ClusterDeleted { cluster_id: cluster_id.to_owned() };
    sandbox.event(deleted(DEDICATED_CLUSTER_ID)).unwrap();
    assert_eq!(tidb.get(&connections).await.status, 404);
    assert_eq!(tidb.get(&format!("/v1beta1/clusters/{DEDICATED_CLUSTER_ID}")).await.status, 404);
    let named = [("ServiceName.1", DEDICATED_SERVICE_NAME)];
    assert_eq!(aws.call("DescribeVpcEndpointServices", &named).await.aws_error().1, "InvalidServiceName");
    assert_eq!(aws.state(&id).await, "rejected");
    assert!(sandbox.world(|world| world.tidb.connections.is_empty()));
    assert!(sandbox.event(deleted(DEDICATED_CLUSTER_ID)).is_err(), "gone is gone");

    let service = || sandbox.world(|world| world.aws.service("us-east-1", SERVERLESS_SERVICE_NAME).cloned());
    for cluster_id in [STARTER_CLUSTER_ID, ESSENTIAL_CLUSTER_ID] {
        sandbox.event(deleted(cluster_id)).unwrap();
        assert!(service().is_some(), "another cluster is behind it");
    }
    sandbox.event(deleted(SECOND_STARTER_CLUSTER_ID)).unwrap();
    assert!(service().is_none());
}

#[tokio::test]
async fn nonsense_is_answered_and_the_doors_stay_open() {
    let sandbox = sandbox().await;
    let urls = sandbox.urls();
    let http = reqwest::Client::new();
    let headers = [
        "",
        "Digest",
        "Digest username=\"",
        "Digest qop=auth, username=\"TIDBLINK\", realm=\"tidb.cloud\", nonce=x, uri=\"/\", nc=zz, cnonce=, response=",
        "AWS4-HMAC-SHA256",
        "AWS4-HMAC-SHA256 Credential=a/b/c/ec2/aws4_request, SignedHeaders=;;, Signature=\u{e9}",
        "AWS4-HMAC-SHA256 Credential=AKIATIDBLINKSANDBOX1/2/us-west-2/ec2/aws4_request,SignedHeaders=host,Signature=0",
    ];
    let bodies = ["", "%", "Action", "Action=%FF&Filter.99999999999.Name=x", "{", "[[[["];
    for url in [urls.dedicated, urls.serverless, urls.legacy, urls.ec2, urls.alicloud, urls.control] {
        for header in headers {
            for body in bodies {
                let answer = http
                    .post(format!("{url}/%zz/..//?%"))
                    .header("authorization", header.as_bytes())
                    .header("x-amz-date", "now")
                    .body(body)
                    .send()
                    .await
                    .unwrap();
                assert!(answer.status().as_u16() >= 400, "{url} {header} {body}");
            }
        }
    }
}
