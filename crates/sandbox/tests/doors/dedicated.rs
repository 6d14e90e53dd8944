//! The Dedicated door: digest authentication, the request budget, and the life of a connection.

use serde_json::{Value, json};
use tidblink_sandbox::default_world::*;

use crate::support::{Answer, Aws, Tidb, sandbox, sandbox_with, seconds};

const SERVICE: &str =
    "/v1beta1/clusters/10300000000000000001/tidbNodeGroups/1900000000000000001/privateLinkService";
const CONNECTIONS: &str =
    "/v1beta1/clusters/10300000000000000001/tidbNodeGroups/1900000000000000001/privateEndpointConnections";

fn code(answer: &Answer) -> (u16, i64) {
    (answer.status, answer.json()["code"].as_i64().unwrap())
}

fn body(endpoint_id: &str) -> String {
    json!({ "endpointId": endpoint_id }).to_string()
}

#[tokio::test]
async fn a_request_without_credentials_is_challenged_and_costs_nothing() {
    let sandbox = sandbox().await;
    let url = format!("{}{SERVICE}", sandbox.urls().dedicated);
    let answer = Answer::of(reqwest::get(url).await.unwrap()).await;
    assert_eq!(answer.status, 401);
    let challenge = answer.header("www-authenticate");
    assert!(challenge.starts_with("Digest realm=\"tidb.cloud\", domain=\"\", nonce=\""));
    assert!(challenge.ends_with("algorithm=MD5, qop=\"auth\", stale=false"));
    assert_eq!(answer.header("x-ratelimit-limit-minute"), "");
    let mut tidb = Tidb::new(&sandbox.urls().dedicated);
    let answer = tidb.get(SERVICE).await;
    assert_eq!(answer.header("x-ratelimit-remaining-minute"), "99");
}

#[tokio::test]
async fn a_wrong_key_is_unauthorized() {
    let sandbox = sandbox().await;
    let mut tidb = Tidb::new(&sandbox.urls().dedicated);
    tidb.public_key = "NOBODY".to_owned();
    assert_eq!(code(&tidb.get(SERVICE).await), (401, 49_900_001));
    let mut tidb = Tidb::new(&sandbox.urls().dedicated);
    tidb.private_key = "wrong".to_owned();
    assert_eq!(code(&tidb.get(SERVICE).await), (401, 16));
}

#[tokio::test]
async fn a_count_is_good_once_and_in_any_order() {
    let sandbox = sandbox().await;
    let mut tidb = Tidb::new(&sandbox.urls().dedicated);
    assert_eq!(tidb.get(SERVICE).await.status, 200);
    let again = tidb.send_again(reqwest::Method::GET, SERVICE, "").await;
    assert_eq!(again.status, 401);
    assert!(again.header("www-authenticate").ends_with("stale=true"));
    tidb.count = 7;
    assert_eq!(tidb.get(SERVICE).await.status, 200);
    tidb.count = 3;
    assert_eq!(tidb.get(SERVICE).await.status, 200);
}

#[tokio::test]
async fn a_nonce_grows_old() {
    let sandbox = sandbox().await;
    let mut tidb = Tidb::new(&sandbox.urls().dedicated);
    assert_eq!(tidb.get(SERVICE).await.status, 200);
    sandbox.advance(seconds(1800));
    let answer = tidb.get(SERVICE).await;
    assert_eq!(answer.status, 401);
    assert!(answer.header("www-authenticate").ends_with("stale=true"));
}

#[tokio::test]
async fn the_budget_is_one_for_all_doors_and_ends_in_429() {
    let sandbox = sandbox_with(|world| world.limits.tidb_requests_per_minute = 2).await;
    let mut dedicated = Tidb::new(&sandbox.urls().dedicated);
    let mut serverless = Tidb::new(&sandbox.urls().serverless);
    assert_eq!(dedicated.get(SERVICE).await.status, 200);
    assert_eq!(serverless.get("/v1beta1/clusters").await.status, 200);
    let answer = dedicated.get(SERVICE).await;
    assert_eq!(code(&answer), (429, 49_900_007));
    assert_eq!(answer.header("x-ratelimit-remaining-minute"), "0");
    assert_eq!(answer.header("retry-after"), "");
    let reset: u64 = answer.header("x-ratelimit-reset").parse().unwrap();
    sandbox.advance(seconds(reset));
    assert_eq!(dedicated.get(SERVICE).await.status, 200);
}

#[tokio::test]
async fn a_service_is_told_as_documented() {
    let sandbox = sandbox().await;
    let mut tidb = Tidb::new(&sandbox.urls().dedicated);
    let answer = tidb.get(SERVICE).await;
    assert_eq!(
        answer.json(),
        json!({
            "name": "tidbNodeGroups/1900000000000000001/privateLinkService",
            "tidbNodeGroupId": "1900000000000000001",
            "serviceName": DEDICATED_SERVICE_NAME,
            "serviceDnsName": DEDICATED_HOST,
            "availableZones": ["usw2-az1", "usw2-az2", "usw2-az3"],
            "state": "ACTIVE",
            "regionId": "aws-us-west-2",
            "regionDisplayName": "Oregon (us-west-2)",
            "cloudProvider": "aws",
        })
    );
    assert_eq!(answer.header("x-debug-trace-id").len(), 32);
}

#[tokio::test]
async fn what_is_not_there_is_not_found() {
    let sandbox = sandbox().await;
    let mut tidb = Tidb::new(&sandbox.urls().dedicated);
    for target in [
        format!("/v1beta1/clusters/{STARTER_CLUSTER_ID}"),
        format!("/v1beta1/clusters/{OLD_CLUSTER_ID}/tidbNodeGroups/-/privateLinkService"),
        format!("/v1beta1/clusters/{DEDICATED_CLUSTER_ID}/tidbNodeGroups/1/privateLinkService"),
        format!("{CONNECTIONS}/1"),
        "/v1beta1/elsewhere".to_owned(),
    ] {
        assert_eq!(code(&tidb.get(&target).await), (404, 5), "{target}");
    }
}

#[tokio::test]
async fn a_cluster_names_its_default_node_group() {
    let sandbox = sandbox().await;
    let mut tidb = Tidb::new(&sandbox.urls().dedicated);
    let target = format!("/v1beta1/clusters/{DEDICATED_CLUSTER_ID}");
    let cluster = tidb.get(&target).await.json();
    assert_eq!(cluster["labels"]["tidb.cloud/project"], PROJECT_ID);
    let groups = cluster["tidbNodeSetting"]["tidbNodeGroups"].as_array().unwrap().clone();
    let default: Vec<&Value> = groups
        .iter()
        .filter(|group| group["isDefaultGroup"] == true)
        .map(|group| &group["tidbNodeGroupId"])
        .collect();
    assert_eq!(default, [DEDICATED_NODE_GROUP_ID]);
    let listed = tidb.get(&format!("{target}/tidbNodeGroups")).await.json();
    assert_eq!(listed["tidbNodeGroups"], Value::Array(groups));
}

#[tokio::test]
async fn clusters_are_listed_by_project_in_pages() {
    let sandbox = sandbox().await;
    let mut tidb = Tidb::new(&sandbox.urls().dedicated);
    let first = tidb.get(&format!("/v1beta1/clusters?projectId={PROJECT_ID}&pageSize=3")).await.json();
    assert_eq!(first["clusters"].as_array().unwrap().len(), 3);
    assert_eq!(first["totalSize"], 5);
    let token = first["nextPageToken"].as_str().unwrap();
    let last = tidb.get(&format!("/v1beta1/clusters?pageSize=3&pageToken={token}")).await.json();
    assert_eq!(last["clusters"].as_array().unwrap().len(), 2);
    assert_eq!(last["nextPageToken"], "");
    let none = tidb.get("/v1beta1/clusters?projectId=1").await.json();
    assert_eq!(none["totalSize"], 0);
    assert_eq!(code(&tidb.get("/v1beta1/clusters?pageSize=x").await), (400, 3));
    assert_eq!(code(&tidb.get("/v1beta1/clusters?pageToken=x").await), (400, 3));
}

#[tokio::test]
async fn a_connection_lives_and_goes() {
    let sandbox = sandbox().await;
    let aws = Aws::new(&sandbox, "us-west-2");
    let mut tidb = Tidb::new(&sandbox.urls().dedicated);
    let endpoint_id = aws.create_dedicated_endpoint().await;
    let made = tidb.post(CONNECTIONS, &body(&endpoint_id)).await.json();
    let id = made["privateEndpointConnectionId"].as_str().unwrap();
    assert_eq!(made["endpointState"], "PENDING");
    assert_eq!(made["host"], "");
    assert_eq!(made["port"], 4000);
    assert_eq!(made.get("privateIpAddress"), None);
    assert_eq!(made.get("accountId"), None);
    let own = format!("{CONNECTIONS}/{id}");
    assert_eq!(tidb.get(&own).await.json(), made);
    sandbox.advance(seconds(180));
    let active = tidb.get(&own).await.json();
    assert_eq!(active["endpointState"], "ACTIVE");
    assert_eq!(active["host"], DEDICATED_HOST);
    assert_eq!(tidb.delete(&own).await.json(), json!({}));
    assert_eq!(tidb.get(&own).await.json()["endpointState"], "DELETING");
    assert_eq!(tidb.delete(&own).await.status, 200);
    sandbox.advance(seconds(60));
    assert_eq!(code(&tidb.get(&own).await), (404, 5));
    assert_eq!(code(&tidb.delete(&own).await), (404, 5));
}

#[tokio::test]
async fn registrations_that_cannot_be_are_refused() {
    let sandbox = sandbox().await;
    let mut tidb = Tidb::new(&sandbox.urls().dedicated);
    let endpoint = body("vpce-0123456789abcdef0");
    assert_eq!(tidb.post(CONNECTIONS, &endpoint).await.status, 200);
    assert_eq!(code(&tidb.post(CONNECTIONS, &endpoint).await), (409, 6));
    assert_eq!(code(&tidb.post(CONNECTIONS, &body("")).await), (400, 3));
    assert_eq!(code(&tidb.post(CONNECTIONS, "not json").await), (400, 3));
    let paused = format!("/v1beta1/clusters/{PAUSED_CLUSTER_ID}/tidbNodeGroups/-/privateEndpointConnections");
    assert_eq!(code(&tidb.post(&paused, &endpoint).await), (400, 9));
}

#[tokio::test]
async fn a_whole_project_is_listed_with_dashes() {
    let sandbox = sandbox().await;
    let mut tidb = Tidb::new(&sandbox.urls().dedicated);
    for number in 0..11 {
        let endpoint = body(&format!("vpce-0123456789abcde{number:02}"));
        assert_eq!(tidb.post(CONNECTIONS, &endpoint).await.status, 200);
    }
    let whole = "/v1beta1/clusters/-/tidbNodeGroups/-/privateEndpointConnections";
    let first = tidb.get(&format!("{whole}?projectId={PROJECT_ID}")).await.json();
    assert_eq!(first["privateEndpointConnections"].as_array().unwrap().len(), 10);
    assert_eq!(first["totalSize"], 11);
    assert_ne!(first["nextPageToken"], "");
    let all =
        tidb.get(&format!("{whole}?projectId={PROJECT_ID}&pageSize=500&cloudProvider=aws")).await.json();
    assert_eq!(all["privateEndpointConnections"].as_array().unwrap().len(), 11);
    let past = tidb.get(&format!("{whole}?projectId={PROJECT_ID}&skip=20")).await;
    assert_eq!(past.json()["privateEndpointConnections"], json!([]));
    let other = tidb.get(&format!("{whole}?projectId={PROJECT_ID}&cloudProvider=gcp")).await;
    assert_eq!(other.json()["totalSize"], 0);
    assert_eq!(code(&tidb.get(whole).await), (400, 3));
}

#[tokio::test]
async fn a_key_may_be_kept_from_operations_and_from_whole_projects() {
    let sandbox = sandbox_with(|world| {
        for key in &mut world.tidb.keys {
            key.project_wide = false;
            key.denied.push("GetPrivateLinkService".to_owned());
        }
    })
    .await;
    let mut tidb = Tidb::new(&sandbox.urls().dedicated);
    let whole =
        format!("/v1beta1/clusters/-/tidbNodeGroups/-/privateEndpointConnections?projectId={PROJECT_ID}");
    assert_eq!(code(&tidb.get(&whole).await), (403, 7));
    assert_eq!(code(&tidb.get(SERVICE).await), (403, 7));
    assert_eq!(tidb.get(CONNECTIONS).await.status, 200);
}

#[tokio::test]
async fn a_world_may_force_small_pages() {
    let sandbox = sandbox_with(|world| world.limits.page_size = Some(2)).await;
    let mut tidb = Tidb::new(&sandbox.urls().dedicated);
    let first = tidb.get("/v1beta1/clusters?pageSize=100").await.json();
    assert_eq!(first["clusters"].as_array().unwrap().len(), 2);
    assert_ne!(first["nextPageToken"], "");
}
