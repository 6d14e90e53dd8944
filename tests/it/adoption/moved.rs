//! From the official provider, with a `moved` block: nothing is recreated, and the plan after it is empty.

use serde_json::{Value, json};
use tidblink_sandbox::default_world as ids;
use tidblink_sandbox::world::World;

use super::{destroy_and_keep, foreign_endpoint};
use crate::support::config::ENDPOINT;
use crate::support::{Action, Endpoint, Run};

const SOURCE: &str = "tidbcloud_dedicated_private_endpoint_connection";
const MOVED: &str = "moved {\n  from = tidbcloud_dedicated_private_endpoint_connection.app\n  to   = tidblink_private_endpoint.app\n}\n";

/// A state as the official provider would have written it, for an endpoint that somebody else made and that is registered.
async fn run_with_official_state(registry: &str, cloud: &str) -> (Run, String) {
    let run = Run::new().await;
    let id = foreign_endpoint(&run).await;
    run.write("main.tf", Endpoint::new().existing(&format!("{id:?}")).hcl());
    run.apply().await;
    let connection = run.attribute(ENDPOINT, "/connection_id");
    let mut state = run.state();
    let resources = state["resources"].as_array_mut().unwrap();
    resources.retain(|resource| resource["type"] != "tidblink_private_endpoint");
    resources.push(json!({
        "mode": "managed",
        "type": SOURCE,
        "name": "app",
        "provider": format!("provider[\"{registry}/tidbcloud/tidbcloud\"]"),
        "instances": [{
            "schema_version": 0,
            "attributes": {
                "account_id": null, "cloud_provider": cloud, "cluster_display_name": "orders",
                "cluster_id": ids::DEDICATED_CLUSTER_ID, "endpoint_id": id, "endpoint_state": "ACTIVE",
                "host": ids::DEDICATED_HOST, "labels": { "tidb.cloud/project": "1" }, "message": "",
                "node_group_id": ids::DEDICATED_NODE_GROUP_ID, "port": 4000, "private_endpoint_connection_id": connection,
                "private_ip_address": null, "private_link_service_name": ids::DEDICATED_SERVICE_NAME,
                "region_display_name": "Oregon", "region_id": "aws-us-west-2",
            },
            "sensitive_attributes": [],
        }],
    }));
    run.edit_state(|_| state.to_string());
    run.install_official_provider();
    (run, id)
}

fn connections(run: &Run) -> Vec<String> {
    let ids = |world: &mut World| world.tidb.connections.iter().map(|it| it.connection_id.clone()).collect();
    run.clouds.world(ids)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connection_of_the_official_provider_is_taken_over_and_nothing_is_recreated() {
    let (run, id) = run_with_official_state("registry.terraform.io", "aws").await;
    let registered = connections(&run);
    let config = Endpoint::new().existing(&format!("{id:?}"));
    run.write("main.tf", format!("{}\n{MOVED}", config.hcl()));

    assert_eq!(run.plan().await.action(ENDPOINT), Action::Nothing);
    run.apply().await;
    run.assert_empty_plan().await;

    assert_eq!(connections(&run), registered);
    assert_eq!(run.attribute(ENDPOINT, "/status"), "active");
    assert_eq!(run.attribute(ENDPOINT, "/connection_id"), registered[0].as_str());
    assert_eq!(run.attribute(ENDPOINT, "/cloud_state"), Value::Null);
    run.write("main.tf", config.hcl());
    run.assert_empty_plan().await;
    destroy_and_keep(&run, &id).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_moved_connection_comes_under_management_in_the_same_apply() {
    let (run, id) = run_with_official_state("registry.opentofu.org", "aws").await;
    let registered = connections(&run);
    run.write("main.tf", format!("{}\n{MOVED}", Endpoint::new().hcl()));

    assert_eq!(run.plan().await.action(ENDPOINT), Action::Update);
    run.apply().await;
    run.assert_empty_plan().await;

    assert_eq!(connections(&run), registered);
    assert_eq!(run.clouds.endpoint().endpoint_id, id);
    assert_eq!(run.attribute(ENDPOINT, "/managed"), true);
    run.destroy().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connection_on_another_cloud_is_not_moved() {
    let (run, id) = run_with_official_state("registry.terraform.io", "gcp").await;
    run.write("main.tf", format!("{}\n{MOVED}", Endpoint::new().existing(&format!("{id:?}")).hcl()));

    run.plan_fails().await.says("This object cannot be moved").says("Google Cloud");
}
