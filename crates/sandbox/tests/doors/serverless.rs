//! The serverless door: what clusters of each plan tell of their private endpoints.

use serde_json::json;
use tidblink_sandbox::Event;
use tidblink_sandbox::default_world::*;
use tidblink_sandbox::world::{CloudProvider, ClusterState, ServerlessCluster, ServerlessPlan};

use crate::support::{Tidb, sandbox, sandbox_with};

#[tokio::test]
async fn a_cluster_on_aws_tells_host_service_and_zones() {
    let sandbox = sandbox().await;
    let mut tidb = Tidb::new(&sandbox.urls().serverless);
    let target = format!("/v1beta1/clusters/{STARTER_CLUSTER_ID}?view=FULL");
    let cluster = tidb.get(&target).await.json();
    assert_eq!(cluster["clusterPlan"], "STARTER");
    assert_eq!(cluster["region"]["regionId"], "aws-us-east-1");
    assert_eq!(
        cluster["endpoints"]["private"],
        json!({
            "host": SERVERLESS_HOST,
            "port": 4000,
            "aws": {
                "serviceName": SERVERLESS_SERVICE_NAME,
                "availabilityZone": ["use1-az1", "use1-az2", "use1-az4"],
            },
        })
    );
}

#[tokio::test]
async fn a_cluster_on_alibaba_cloud_tells_no_host() {
    let sandbox = sandbox().await;
    let mut tidb = Tidb::new(&sandbox.urls().serverless);
    let cluster = tidb.get(&format!("/v1beta1/clusters/{ALICLOUD_CLUSTER_ID}")).await.json();
    let private = &cluster["endpoints"]["private"];
    assert_eq!(private.get("host"), None);
    assert_eq!(private["alicloud"]["serviceName"], ALICLOUD_SERVICE_NAME);
}

#[tokio::test]
async fn the_basic_view_leaves_endpoints_out() {
    let sandbox = sandbox().await;
    let mut tidb = Tidb::new(&sandbox.urls().serverless);
    let target = format!("/v1beta1/clusters/{ESSENTIAL_CLUSTER_ID}");
    let basic = tidb.get(&format!("{target}?view=BASIC")).await.json();
    assert_eq!(basic["clusterPlan"], "ESSENTIAL");
    assert_eq!(basic.get("endpoints"), None);
    assert_eq!(tidb.get(&format!("{target}?view=SOME")).await.status, 400);
}

#[tokio::test]
async fn a_dedicated_cluster_is_not_found_here() {
    let sandbox = sandbox().await;
    let mut tidb = Tidb::new(&sandbox.urls().serverless);
    let answer = tidb.get(&format!("/v1beta1/clusters/{DEDICATED_CLUSTER_ID}")).await;
    assert_eq!((answer.status, &answer.json()["code"]), (404, &json!(5)));
}

#[tokio::test]
async fn clusters_are_listed() {
    let sandbox = sandbox().await;
    let mut tidb = Tidb::new(&sandbox.urls().serverless);
    let listed = tidb.get("/v1beta1/clusters?pageSize=2").await.json();
    assert_eq!(listed["totalSize"], 4);
    assert_eq!(listed["clusters"].as_array().unwrap().len(), 2);
    let none = tidb.get("/v1beta1/clusters?filter=projectId%3D1").await.json();
    assert_eq!(none["totalSize"], 0);
    assert_eq!(tidb.get("/v1beta1/clusters?filter=x").await.status, 400);
}

/// A cluster as the serverless API tells it, after a change to the Starter one.
async fn told(change: impl FnOnce(&mut ServerlessCluster)) -> serde_json::Value {
    let sandbox = sandbox_with(|world| {
        let cluster =
            world.tidb.serverless.iter_mut().find(|cluster| cluster.cluster_id == STARTER_CLUSTER_ID);
        change(cluster.unwrap());
    })
    .await;
    let mut tidb = Tidb::new(&sandbox.urls().serverless);
    tidb.get(&format!("/v1beta1/clusters/{STARTER_CLUSTER_ID}")).await.json()
}

#[tokio::test]
async fn every_plan_has_its_words() {
    for (plan, service_plan, cluster_plan) in [
        (ServerlessPlan::Starter, "Starter", json!("STARTER")),
        (ServerlessPlan::Essential, "Essential", json!("ESSENTIAL")),
        (ServerlessPlan::Premium, "Premium", json!(null)),
        (ServerlessPlan::Byoc, "BYOC", json!(null)),
    ] {
        let cluster = told(|cluster| cluster.plan = plan).await;
        assert_eq!((&cluster["servicePlan"], &cluster["clusterPlan"]), (&json!(service_plan), &cluster_plan));
    }
}

#[tokio::test]
async fn private_endpoints_are_told_as_the_cloud_has_them() {
    let gcp = told(|cluster| {
        cluster.cloud_provider = CloudProvider::Gcp;
        cluster.service_name = "projects/p/regions/r/serviceAttachments/s".to_owned();
    })
    .await;
    let attachment = &gcp["endpoints"]["private"]["gcp"]["serviceAttachmentName"];
    assert_eq!(attachment, "projects/p/regions/r/serviceAttachments/s");
    let azure = told(|cluster| cluster.cloud_provider = CloudProvider::Azure).await;
    assert_eq!(azure["endpoints"]["private"], json!({ "host": SERVERLESS_HOST, "port": 4000 }));
    let none = told(|cluster| cluster.service_name.clear()).await;
    assert_eq!(none["endpoints"].get("private"), None);
    assert_eq!(none["endpoints"]["public"]["port"], 4000);
}

#[tokio::test]
async fn a_cluster_changes_state_and_disappears() {
    let sandbox = sandbox().await;
    let mut tidb = Tidb::new(&sandbox.urls().serverless);
    let target = format!("/v1beta1/clusters/{STARTER_CLUSTER_ID}");
    let cluster_id = STARTER_CLUSTER_ID.to_owned();
    sandbox.event(Event::ClusterState { cluster_id, state: ClusterState::Paused }).unwrap();
    assert_eq!(tidb.get(&target).await.json()["state"], "PAUSED");
    sandbox.event(Event::ClusterDeleted { cluster_id: STARTER_CLUSTER_ID.to_owned() }).unwrap();
    assert_eq!(tidb.get(&target).await.status, 404);
}
