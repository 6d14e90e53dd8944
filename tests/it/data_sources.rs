//! Looking without making: the data sources.

use serde_json::json;
use tidblink_sandbox::default_world as ids;
use tidblink_sandbox::world::{CloudProvider, ServerlessCluster, ServerlessPlan, ServiceState, World};
use tidblink_sandbox::{Door, Event};

use crate::support::config::ENDPOINT;
use crate::support::terraform::Outcome;
use crate::support::{Endpoint, Run};

const PROVIDER: &str = r#"
terraform {
  required_providers {
    tidblink = {
      source = "tidblink/tidblink"
    }
  }
}
"#;

/// A configuration that only looks, with everything that it sees in one output.
fn looking(cluster: &str) -> String {
    format!(
        r#"{PROVIDER}
data "tidblink_endpoint_service" "it" {{
  cluster_id = "{cluster}"
}}

data "tidblink_private_endpoints" "all" {{
  service_id = data.tidblink_endpoint_service.it.id
}}

output "service" {{
  value = data.tidblink_endpoint_service.it
}}

output "all" {{
  value = data.tidblink_private_endpoints.all
}}
"#
    )
}

/// The same for a project; `filters` are further arguments.
fn looking_through(project: &str, filters: &str) -> String {
    format!(
        r#"{PROVIDER}
data "tidblink_endpoint_services" "all" {{
  project_id = "{project}"
{filters}
}}

output "all" {{
  value = data.tidblink_endpoint_services.all
}}
"#
    )
}

async fn look(run: &Run, cluster: &str) {
    apply_apart(run, looking(cluster)).await;
}

/// Applies with a state of its own.
async fn apply_apart(run: &Run, hcl: String) -> Outcome {
    run.write("main.tf", hcl);
    run.terraform(&[
        "apply",
        "-auto-approve",
        "-input=false",
        "-no-color",
        "-state=look.tfstate",
        "-lock=false",
    ])
    .await
    .succeeded()
}

async fn seen(run: &Run, output: &str) -> serde_json::Value {
    let shown = run.terraform(&["output", "-json", "-state=look.tfstate", output]).await.succeeded();
    serde_json::from_str(&shown.stdout).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_without_endpoints_is_not_configured() {
    let run = Run::new().await;

    look(&run, ids::DEDICATED_CLUSTER_ID).await;

    let service = seen(&run, "service").await;
    assert_eq!(service["host"], ids::DEDICATED_HOST);
    assert_eq!(service["node_group_id"], ids::DEDICATED_NODE_GROUP_ID);
    assert_eq!(service["state"], "active");
    let all = seen(&run, "all").await;
    assert_eq!((&all["status"], &all["endpoints"]), (&json!("not_configured"), &json!([])));
    run.clouds.assert_no_leftovers();
}

#[tokio::test(flavor = "multi_thread")]
async fn endpoints_are_shown_with_both_sides_and_whether_they_are_registered() {
    let run = Run::new().await;
    run.write("main.tf", Endpoint::new().hcl());
    run.apply().await;
    let id = run.attribute(ENDPOINT, "/id");

    look(&run, ids::DEDICATED_CLUSTER_ID).await;
    let all = seen(&run, "all").await;
    assert_eq!(all["status"], "configured");
    let found = &all["endpoints"][0];
    assert_eq!((&found["id"], &found["status"]), (&id, &json!("active")));
    assert_eq!((&found["registered"], &found["marked"]), (&json!(true), &json!(true)));
    assert_eq!(found["vpc_id"], ids::WEST_VPC_ID);

    let endpoint_id = run.clouds.endpoint().endpoint_id;
    run.clouds.event(Event::ConnectionDeleted { connection_id: None, endpoint_id: Some(endpoint_id) });
    look(&run, ids::DEDICATED_CLUSTER_ID).await;
    let found = &seen(&run, "all").await["endpoints"][0];
    assert_eq!((&found["registered"], &found["connection_id"]), (&json!(false), &json!(null)));

    run.write("main.tf", Endpoint::new().hcl());
    run.destroy().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_that_is_still_being_made_is_shown_and_not_waited_for() {
    let run = Run::new().await;
    run.clouds.world(|world| world.delays.service_create = 86_400);
    run.clouds.event(Event::ServiceState {
        cluster_id: ids::DEDICATED_CLUSTER_ID.into(),
        node_group_id: ids::DEDICATED_NODE_GROUP_ID.into(),
        state: ServiceState::Creating,
    });

    look(&run, ids::DEDICATED_CLUSTER_ID).await;

    assert_eq!(seen(&run, "service").await["state"], "creating");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_endpoint_that_neither_side_knows_is_an_error() {
    let run = Run::new().await;
    let id = format!(
        "dedicated/{}/{}/vpce-0123456789abcdef0",
        ids::DEDICATED_CLUSTER_ID,
        ids::DEDICATED_NODE_GROUP_ID
    );
    let hcl = looking(ids::DEDICATED_CLUSTER_ID);
    run.write(
        "main.tf",
        format!("{hcl}\ndata \"tidblink_private_endpoint\" \"one\" {{\n  id = {id:?}\n}}\n"),
    );

    run.plan_fails().await.says("No such private endpoint").says("vpce-0123456789abcdef0");
}

#[tokio::test(flavor = "multi_thread")]
async fn where_nothing_is_registered_an_endpoint_is_neither_registered_nor_unregistered() {
    let run = Run::new().await;
    run.write("main.tf", Endpoint::starter().hcl());
    run.apply().await;

    look(&run, ids::STARTER_CLUSTER_ID).await;

    let all = seen(&run, "all").await;
    assert_eq!(all["endpoints"][0]["registered"], json!(null));
    run.write("main.tf", Endpoint::starter().hcl());
    run.destroy().await;
}

/// Clusters that no private endpoint can be made for here.
fn add_unserved(world: &mut World) {
    let starter = world.tidb.serverless[0].clone();
    let cluster = |id: &str, name: &str| ServerlessCluster {
        cluster_id: id.to_owned(),
        display_name: name.to_owned(),
        ..starter.clone()
    };
    world.tidb.serverless.extend([
        ServerlessCluster { plan: ServerlessPlan::Premium, ..cluster("10400000000000000011", "vault") },
        ServerlessCluster {
            plan: ServerlessPlan::Essential,
            service_name: String::new(),
            private_host: String::new(),
            ..cluster("10400000000000000012", "own-service")
        },
        ServerlessCluster {
            cloud_provider: CloudProvider::Gcp,
            region: "us-central1".to_owned(),
            ..cluster("10400000000000000013", "elsewhere")
        },
        ServerlessCluster {
            project_id: "1370000000000000002".to_owned(),
            ..cluster("10400000000000000014", "not-ours")
        },
    ]);
}

fn column<'a>(rows: &'a serde_json::Value, name: &str) -> Vec<&'a serde_json::Value> {
    rows.as_array().unwrap().iter().map(|row| &row[name]).collect()
}

/// How often an operation of TiDB Cloud was called with a signature.
fn calls(run: &Run, door: Door, operation: &str) -> usize {
    let requests = run.clouds.requests();
    let called = requests.iter().filter(|request| request.door == door && request.operation == operation);
    called.filter(|request| request.status != Some(401)).count()
}

#[tokio::test(flavor = "multi_thread")]
async fn all_services_of_a_project_are_listed_and_clusters_without_one_are_listed_apart() {
    let run = Run::new().await;
    run.clouds.world(add_unserved);

    run.write("main.tf", looking_through(ids::PROJECT_ID, ""));
    run.plan().await;

    // One list of each kind, one look per node group on AWS, and one at the cluster whose row showed no service.
    for (door, operation, expected) in [
        (Door::Dedicated, "ListClusters", 1),
        (Door::Serverless, "ListClusters", 1),
        (Door::Dedicated, "GetPrivateLinkService", 5),
        (Door::Dedicated, "GetCluster", 0),
        (Door::Serverless, "GetCluster", 1),
    ] {
        assert_eq!(calls(&run, door, operation), expected, "{door:?} {operation}");
    }

    apply_apart(&run, looking_through(ids::PROJECT_ID, "")).await;
    let all = seen(&run, "all").await;
    let dedicated = |cluster: &str, group: &str| json!(format!("dedicated/{cluster}/{group}"));
    let serverless = |cluster: &str| json!(format!("serverless/{cluster}"));
    assert_eq!(
        column(&all["services"], "id"),
        [
            &dedicated(ids::DEDICATED_CLUSTER_ID, ids::DEDICATED_NODE_GROUP_ID),
            &dedicated(ids::DEDICATED_CLUSTER_ID, ids::DEDICATED_SECOND_NODE_GROUP_ID),
            &dedicated(ids::OLD_CLUSTER_ID, ids::OLD_NODE_GROUP_ID),
            &dedicated(ids::PAUSED_CLUSTER_ID, ids::PAUSED_NODE_GROUP_ID),
            &dedicated(ids::SECOND_DEDICATED_CLUSTER_ID, ids::SECOND_DEDICATED_NODE_GROUP_ID),
            &serverless(ids::STARTER_CLUSTER_ID),
            &serverless(ids::ESSENTIAL_CLUSTER_ID),
            &serverless(ids::ALICLOUD_CLUSTER_ID),
            &serverless(ids::SECOND_STARTER_CLUSTER_ID),
        ]
    );
    let services = &all["services"];
    assert_eq!(services[0]["host"], ids::DEDICATED_HOST);
    assert_eq!(services[0]["availability_zone_ids"].as_array().map(Vec::len), Some(3));
    assert_eq!(services[2]["state"], json!(null), "an old cluster gets a service only when it is asked for");
    assert_eq!(services[7]["cloud_provider"], "alicloud");
    assert!(column(services, "project_id").iter().all(|project| **project == ids::PROJECT_ID));

    let unserved = &all["unserved_clusters"];
    assert_eq!(column(unserved, "display_name"), ["events", "vault", "own-service", "elsewhere"]);
    assert_eq!(column(unserved, "plan"), ["dedicated", "premium", "essential", "starter"]);
    for (row, word) in ["Google Cloud", "Premium", "exclusive", "Google Cloud"].into_iter().enumerate() {
        let reason = unserved[row]["reason"].as_str().unwrap();
        assert!(reason.contains(word), "{reason}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_in_a_list_is_told_as_it_is_told_alone() {
    let run = Run::new().await;
    for cluster in [ids::SECOND_DEDICATED_CLUSTER_ID, ids::STARTER_CLUSTER_ID, ids::ALICLOUD_CLUSTER_ID] {
        look(&run, cluster).await;
        let alone = seen(&run, "service").await;
        apply_apart(&run, looking_through(ids::PROJECT_ID, "")).await;
        let all = seen(&run, "all").await;
        let rows = all["services"].as_array().unwrap();
        assert_eq!(rows.iter().filter(|row| **row == alone).count(), 1, "{alone:#}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn filters_leave_out_clusters_before_they_are_looked_at() {
    let run = Run::new().await;
    run.clouds.world(add_unserved);

    apply_apart(&run, looking_through(ids::PROJECT_ID, "  region = \"us-east-1\"")).await;
    let all = seen(&run, "all").await;
    assert_eq!(column(&all["services"], "region"), ["us-east-1"; 3]);
    assert_eq!(column(&all["unserved_clusters"], "display_name"), ["vault", "own-service"]);
    assert_eq!(calls(&run, Door::Dedicated, "GetPrivateLinkService"), 0);

    apply_apart(&run, looking_through(ids::PROJECT_ID, "  cloud_provider = \"alicloud\"")).await;
    let all = seen(&run, "all").await;
    assert_eq!(column(&all["services"], "cluster_id"), [ids::ALICLOUD_CLUSTER_ID]);
    assert_eq!(all["unserved_clusters"], json!([]));

    run.write("main.tf", looking_through(ids::PROJECT_ID, "  region = \"aws-us-east-1\""));
    run.plan_fails().await.says("in its cloud's own spelling");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_project_of_several_pages_is_read_to_its_end() {
    let run = Run::new().await;
    run.clouds.world(|world| world.limits.page_size = Some(2));

    apply_apart(&run, looking_through(ids::PROJECT_ID, "")).await;

    assert_eq!(seen(&run, "all").await["services"].as_array().map(Vec::len), Some(9));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_project_without_clusters_is_told_and_a_malformed_one_is_refused() {
    let run = Run::new().await;

    let told = apply_apart(&run, looking_through("1370000000000000099", "")).await;
    told.says("The project shows no clusters").says("1370000000000000099");
    assert_eq!(seen(&run, "all").await["services"], json!([]));

    run.write("main.tf", looking_through("default", ""));
    run.plan_fails().await.says("a TiDB Cloud project id");
}
