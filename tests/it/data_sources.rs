//! Looking without making: the data sources.

use serde_json::json;
use tidblink_sandbox::Event;
use tidblink_sandbox::default_world as ids;
use tidblink_sandbox::world::ServiceState;

use crate::support::config::ENDPOINT;
use crate::support::{Endpoint, Run};

/// A configuration that only looks, with everything that it sees in one output.
fn looking(cluster: &str) -> String {
    format!(
        r#"
terraform {{
  required_providers {{
    tidblink = {{
      source = "tidblink/tidblink"
    }}
  }}
}}

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

async fn look(run: &Run, cluster: &str) {
    run.write("main.tf", looking(cluster));
    run.terraform(&[
        "apply",
        "-auto-approve",
        "-input=false",
        "-no-color",
        "-state=look.tfstate",
        "-lock=false",
    ])
    .await
    .succeeded();
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
