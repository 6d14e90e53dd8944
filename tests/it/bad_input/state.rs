//! State that a person has edited: attributes are missing or make no sense. Nothing panics, and what can be read again is read again.

use serde_json::{Value, json};

use crate::support::config::{ENDPOINT, SERVICE};
use crate::support::{Endpoint, Run};

/// Changes what the state file says of a resource, as an editor would.
fn edit(run: &Run, resource_type: &str, change: impl FnOnce(&mut Value)) {
    let mut state = run.state();
    state["serial"] = Value::from(state["serial"].as_u64().unwrap() + 1);
    let resources = state["resources"].as_array_mut().unwrap();
    let resource = resources.iter_mut().find(|resource| resource["type"] == resource_type).unwrap();
    change(&mut resource["instances"][0]);
    let text = serde_json::to_string_pretty(&state).unwrap();
    std::fs::write(run.folder().join("terraform.tfstate"), text).unwrap();
}

/// Takes attributes out of a resource in the state file.
fn strip(run: &Run, resource_type: &str, keep: &[&str]) {
    edit(run, resource_type, |instance| {
        instance["attributes"].as_object_mut().unwrap().retain(|name, _| keep.contains(&name.as_str()));
    });
}

#[tokio::test(flavor = "multi_thread")]
async fn an_endpoint_of_which_the_state_keeps_only_ids_is_read_anew() {
    let run = Run::new().await;
    run.write("main.tf", Endpoint::new().hcl());
    run.apply().await;
    let connection_id = run.attribute(ENDPOINT, "/connection_id");
    strip(&run, "tidblink_private_endpoint", &["id", "service_id", "endpoint_id"]);

    run.apply().await;

    assert_eq!(run.attribute(ENDPOINT, "/connection_id"), connection_id);
    assert_eq!(run.attribute(ENDPOINT, "/status"), "active");
    run.assert_empty_plan().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_endpoint_without_any_id_in_the_state_is_an_orderly_error() {
    let run = Run::new().await;
    run.write("main.tf", Endpoint::new().hcl());
    run.apply().await;
    strip(&run, "tidblink_private_endpoint", &[]);

    run.plan_fails().await.says("terraform state rm").says("import it again");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_of_which_the_state_keeps_only_the_id_is_read_anew() {
    let run = Run::new().await;
    run.write("main.tf", Endpoint::new().service_hcl());
    run.apply().await;
    let before = run.instance(SERVICE)["attributes"].clone();
    strip(&run, "tidblink_endpoint_service", &["id"]);

    run.apply().await;

    assert_eq!(run.instance(SERVICE)["attributes"], before);
    run.assert_empty_plan().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_state_with_a_value_of_another_type_says_which_and_how_to_go_on() {
    let run = Run::new().await;
    run.write("main.tf", Endpoint::new().hcl());
    run.apply().await;
    edit(&run, "tidblink_private_endpoint", |instance| {
        instance["attributes"]["port"] = json!("four thousand")
    });

    let refused = run.plan_fails().await;

    refused.says("Unreadable state").says("port").says("terraform state rm").says("earlier copy");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_state_of_a_newer_version_asks_for_that_version() {
    let run = Run::new().await;
    run.write("main.tf", Endpoint::new().hcl());
    run.apply().await;
    edit(&run, "tidblink_private_endpoint", |instance| instance["schema_version"] = json!(7));

    run.plan_fails().await.says("newer");
}
