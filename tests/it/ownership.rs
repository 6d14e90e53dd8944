//! Whose endpoint it is: nothing that is not provably ours is changed, taken over or deleted.

use tidblink_sandbox::Event;
use tidblink_sandbox::default_world as ids;

use crate::support::config::ENDPOINT;
use crate::support::{Action, Endpoint, Run};

#[tokio::test(flavor = "multi_thread")]
async fn a_finished_endpoint_that_the_state_does_not_know_is_refused_with_the_import_block() {
    let run = Run::new().await;
    run.write("main.tf", Endpoint::new().hcl());
    run.apply().await;
    let made = run.clouds.endpoint();
    let id = run.attribute(ENDPOINT, "/id").as_str().unwrap().to_owned();
    run.terraform(&["state", "rm", ENDPOINT]).await.succeeded();

    let refused = run.apply_fails().await;

    refused.says("import {").says("to = tidblink_private_endpoint.").says(&format!("id = \"{id}\""));
    assert_eq!(run.clouds.endpoint(), made);

    let import = format!("{}\nimport {{\n  to = {ENDPOINT}\n  id = {id:?}\n}}\n", Endpoint::new().hcl());
    run.write("main.tf", import);
    run.apply().await;
    run.assert_empty_plan().await;
    run.destroy().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn create_before_destroy_is_refused_with_the_reason() {
    let run = Run::new().await;
    let endpoint = Endpoint::new().arguments("  lifecycle {\n    create_before_destroy = true\n  }");
    run.write("main.tf", endpoint.hcl());
    run.apply().await;
    let made = run.clouds.endpoint();

    let replaced = run
        .terraform(&["apply", "-auto-approve", "-input=false", "-no-color", &format!("-replace={ENDPOINT}")])
        .await;

    replaced.failed().says("create_before_destroy");
    assert_eq!(run.clouds.endpoint().endpoint_id, made.endpoint_id);
    run.assert_empty_plan().await;
    run.destroy().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn destroy_forgets_an_endpoint_that_lost_our_mark_and_names_it() {
    let run = Run::new().await;
    run.write("main.tf", Endpoint::new().hcl());
    run.apply().await;
    let made = run.clouds.endpoint();
    run.clouds.event(Event::TagsRemoved {
        endpoint_id: made.endpoint_id.clone(),
        keys: vec!["tidblink:token".into()],
    });

    run.try_plan().await.says(&made.endpoint_id).says("is not this resource's");
    let destroyed = run.try_destroy().await.succeeded();

    destroyed.says(&made.endpoint_id);
    assert_eq!(run.addresses().len(), 0);
    assert_eq!(run.clouds.endpoint().endpoint_id, made.endpoint_id);
}

#[tokio::test(flavor = "multi_thread")]
async fn destroy_of_an_endpoint_that_somebody_else_deleted_succeeds() {
    let run = Run::new().await;
    run.write("main.tf", Endpoint::new().hcl());
    run.apply().await;
    let made = run.clouds.endpoint();
    run.clouds.event(Event::EndpointDeleted { endpoint_id: made.endpoint_id.clone() });

    run.destroy().await;
}

/// An endpoint is looked at from another account: neither it nor its VPC shows there. Another region looks just the same.
async fn looked_at_from_elsewhere(endpoint: Endpoint, region: &str, elsewhere: &str) {
    let run = Run::new().await;
    run.write("main.tf", endpoint.hcl());
    run.apply().await;
    let made = run.clouds.endpoint();
    let attribute = |name: &str| format!("\"region\": \"{name}\"");
    run.edit_state(|state| state.replace(&attribute(region), &attribute(elsewhere)));

    let plan = run.plan().await;
    assert_eq!(plan.action(ENDPOINT), Action::Nothing);
    assert!(plan.prose.contains("cannot be seen with these credentials"), "{}", plan.prose);
    run.try_destroy().await.failed().says("cannot be seen with these credentials").says(&made.endpoint_id);

    assert_eq!(run.clouds.endpoint(), made);
    assert!(run.addresses().contains(ENDPOINT));
}

#[tokio::test(flavor = "multi_thread")]
async fn credentials_that_cannot_see_a_registered_endpoint_neither_cut_nor_replace_it() {
    looked_at_from_elsewhere(Endpoint::new(), "us-west-2", "us-east-1").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn credentials_that_cannot_see_an_endpoint_that_nobody_registers_do_not_forget_it() {
    looked_at_from_elsewhere(Endpoint::starter(), "us-east-1", "us-west-2").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_destroy_after_the_cluster_was_deleted_is_told_the_way_out() {
    let run = Run::new().await;
    run.write("main.tf", Endpoint::new().hcl());
    run.apply().await;
    run.clouds.event(Event::ClusterDeleted { cluster_id: ids::DEDICATED_CLUSTER_ID.into() });

    run.try_destroy().await.failed().says("terraform destroy -refresh=false");
    run.terraform(&["destroy", "-refresh=false", "-auto-approve", "-input=false", "-no-color"])
        .await
        .succeeded();

    run.clouds.assert_no_leftovers();
}
