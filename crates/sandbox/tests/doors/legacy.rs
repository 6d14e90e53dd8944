//! The legacy door: the same connections in another spelling, and services made on request.

use serde_json::json;
use tidblink_sandbox::default_world::*;

use crate::support::{Tidb, sandbox, seconds};

fn cluster(id: &str) -> String {
    format!("/api/v1beta/projects/{PROJECT_ID}/clusters/{id}")
}

#[tokio::test]
async fn a_service_is_told_in_snake_case() {
    let sandbox = sandbox().await;
    let mut tidb = Tidb::new(&sandbox.urls().legacy);
    let target = format!("{}/private_endpoint_service", cluster(DEDICATED_CLUSTER_ID));
    assert_eq!(
        tidb.get(&target).await.json(),
        json!({ "private_endpoint_service": {
            "cloud_provider": "AWS",
            "name": DEDICATED_SERVICE_NAME,
            "status": "ACTIVE",
            "dns_name": DEDICATED_HOST,
            "port": 4000,
            "az_ids": ["usw2-az1", "usw2-az2", "usw2-az3"],
        }})
    );
}

#[tokio::test]
async fn an_old_clusters_service_is_made_on_request() {
    let sandbox = sandbox().await;
    let mut tidb = Tidb::new(&sandbox.urls().legacy);
    let target = format!("{}/private_endpoint_service", cluster(OLD_CLUSTER_ID));
    assert_eq!(tidb.get(&target).await.status, 404);
    let made = tidb.post(&target, "{}").await.json();
    assert_eq!(made["private_endpoint_service"]["status"], "CREATING");
    sandbox.advance(seconds(210));
    let made = tidb.get(&target).await.json();
    assert_eq!(made["private_endpoint_service"]["status"], "ACTIVE");
    let mut dedicated = Tidb::new(&sandbox.urls().dedicated);
    let target =
        format!("/v1beta1/clusters/{OLD_CLUSTER_ID}/tidbNodeGroups/{OLD_NODE_GROUP_ID}/privateLinkService");
    let seen = dedicated.get(&target).await.json();
    assert_eq!(seen["serviceName"], made["private_endpoint_service"]["name"]);
}

#[tokio::test]
async fn an_endpoint_is_registered_listed_and_deleted() {
    let sandbox = sandbox().await;
    let mut tidb = Tidb::new(&sandbox.urls().legacy);
    let endpoints = format!("{}/private_endpoints", cluster(DEDICATED_CLUSTER_ID));
    let body = r#"{"endpoint_name":"vpce-0123456789abcdef0"}"#;
    let made = tidb.post(&endpoints, body).await.json()["private_endpoint"].clone();
    assert_eq!(made["status"], "PENDING");
    assert_eq!(made["region_name"], "Oregon");
    let listed = tidb.get(&endpoints).await.json();
    assert_eq!(listed, json!({ "endpoints": [made] }));
    let project = format!("/api/v1beta/projects/{PROJECT_ID}/private_endpoints");
    assert_eq!(tidb.get(&project).await.json(), listed);
    let own = format!("{endpoints}/{}", made["id"].as_str().unwrap());
    assert_eq!(tidb.delete(&own).await.json(), json!({}));
    sandbox.advance(seconds(60));
    assert_eq!(tidb.get(&endpoints).await.json(), json!({ "endpoints": [] }));
    assert_eq!(tidb.delete(&own).await.status, 404);
}

#[tokio::test]
async fn another_projects_cluster_is_not_found() {
    let sandbox = sandbox().await;
    let mut tidb = Tidb::new(&sandbox.urls().legacy);
    let target = format!("/api/v1beta/projects/1/clusters/{DEDICATED_CLUSTER_ID}/private_endpoints");
    assert_eq!(tidb.get(&target).await.status, 404);
}
