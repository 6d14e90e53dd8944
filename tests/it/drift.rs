//! What happens behind Terraform's back, what the next plan says about it, and whether an apply puts it right.

use tidblink_sandbox::Event;
use tidblink_sandbox::default_world as ids;
use tidblink_sandbox::world::ConnectionState;

use crate::support::config::ENDPOINT;
use crate::support::{Action, Endpoint, Run};

/// A working endpoint, and its id.
async fn run_with_endpoint() -> (Run, String) {
    let run = Run::new().await;
    run.write("main.tf", Endpoint::new().tag("team", "orders").hcl());
    run.apply().await;
    let endpoint_id = run.clouds.endpoint().endpoint_id;
    (run, endpoint_id)
}

/// After an apply everything works and nothing is left to do.
async fn assert_repaired(run: Run) {
    run.apply().await;
    run.assert_empty_plan().await;
    assert_eq!(run.attribute(ENDPOINT, "/status"), "active");
    let connections = run.clouds.world(|world| world.tidb.connections.clone());
    assert_eq!(connections.len(), 1, "{connections:#?}");
    assert_eq!(connections[0].state, ConnectionState::Active);
    assert_eq!(connections[0].endpoint_id, run.clouds.endpoint().endpoint_id);
    assert!(run.clouds.endpoint().private_dns_enabled);
    run.destroy().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_endpoint_deleted_in_the_cloud_is_replaced_and_its_registration_cleaned_up() {
    let (run, endpoint_id) = run_with_endpoint().await;
    run.clouds.event(Event::EndpointDeleted { endpoint_id });

    assert_eq!(run.plan().await.action(ENDPOINT), Action::Replace);

    assert_repaired(run).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_endpoint_gone_on_both_sides_is_made_anew() {
    let (run, endpoint_id) = run_with_endpoint().await;
    run.clouds
        .event(Event::ConnectionDeleted { connection_id: None, endpoint_id: Some(endpoint_id.clone()) });
    run.clouds.event(Event::EndpointDeleted { endpoint_id });

    assert_eq!(run.plan().await.action(ENDPOINT), Action::Create);

    assert_repaired(run).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_registration_deleted_at_tidb_cloud_is_made_again_in_place() {
    let (run, endpoint_id) = run_with_endpoint().await;
    run.clouds
        .event(Event::ConnectionDeleted { connection_id: None, endpoint_id: Some(endpoint_id.clone()) });

    assert_eq!(run.plan().await.action(ENDPOINT), Action::Update);

    run.apply().await;
    assert_eq!(run.clouds.endpoint().endpoint_id, endpoint_id);
    assert_repaired(run).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failed_connection_is_drift_with_the_reason_and_repaired_in_place() {
    let (run, endpoint_id) = run_with_endpoint().await;
    run.clouds.event(Event::ConnectionFailed {
        connection_id: None,
        endpoint_id: Some(endpoint_id.clone()),
        message: Some("the load balancer went away".into()),
    });

    assert_eq!(run.plan().await.action(ENDPOINT), Action::Update);
    run.terraform(&["apply", "-refresh-only", "-auto-approve", "-input=false", "-no-color"])
        .await
        .succeeded();
    assert_eq!(run.attribute(ENDPOINT, "/status"), "failed");
    let reason = run.attribute(ENDPOINT, "/status_reason");
    assert!(reason.as_str().unwrap().contains("the load balancer went away"), "{reason}");

    run.apply().await;
    assert_eq!(run.clouds.endpoint().endpoint_id, endpoint_id);
    assert_repaired(run).await;
}

/// A working endpoint with `on_disconnect` set, whose connection then fails; and the endpoint's id.
async fn disconnected_run(choice: &str) -> (Run, String) {
    let (run, endpoint_id) = run_with_endpoint().await;
    let endpoint = Endpoint::new().tag("team", "orders").arguments(&format!("on_disconnect = \"{choice}\""));
    run.write("main.tf", endpoint.hcl());
    run.apply().await;
    run.assert_empty_plan().await;
    assert_eq!(run.clouds.endpoint().endpoint_id, endpoint_id);
    run.clouds.event(Event::ConnectionFailed {
        connection_id: None,
        endpoint_id: Some(endpoint_id.clone()),
        message: Some("the load balancer went away".into()),
    });
    (run, endpoint_id)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_disconnected_endpoint_is_replaced_where_the_user_chose_that() {
    let (run, endpoint_id) = disconnected_run("replace").await;

    assert_eq!(run.plan().await.action(ENDPOINT), Action::Replace);

    run.apply().await;
    assert_ne!(run.clouds.endpoint().endpoint_id, endpoint_id);
    assert_repaired(run).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_disconnected_endpoint_ends_the_plan_where_the_user_wants_to_look_first() {
    let (run, endpoint_id) = disconnected_run("fail").await;

    let outcome = run.terraform(&["plan", "-input=false", "-no-color"]).await.failed();
    for sentence in ["is disconnected", "the load balancer went away", &endpoint_id, "on_disconnect"] {
        outcome.says(sentence);
    }
    // Looking alone is no plan, and tells.
    run.terraform(&["apply", "-refresh-only", "-auto-approve", "-input=false", "-no-color"])
        .await
        .succeeded();
    assert_eq!(run.attribute(ENDPOINT, "/status"), "failed");

    run.write("main.tf", Endpoint::new().tag("team", "orders").arguments("on_disconnect = \"repair\"").hcl());
    run.apply().await;
    assert_eq!(run.clouds.endpoint().endpoint_id, endpoint_id);
    assert_repaired(run).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_endpoint_that_tidb_cloud_rejected_is_drift_that_an_apply_puts_right() {
    let (run, endpoint_id) = run_with_endpoint().await;
    run.clouds.event(Event::EndpointRejected { endpoint_id, message: None });

    run.terraform(&["apply", "-refresh-only", "-auto-approve", "-input=false", "-no-color"])
        .await
        .succeeded();
    assert_eq!(run.attribute(ENDPOINT, "/status"), "rejected");

    assert_repaired(run).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn private_dns_switched_off_is_switched_on_again_in_place() {
    let (run, endpoint_id) = run_with_endpoint().await;
    run.write("main.tf", Endpoint::new().tag("team", "orders").private_dns(true).hcl());
    run.clouds.event(Event::PrivateDnsDisabled { endpoint_id });

    assert_eq!(run.plan().await.action(ENDPOINT), Action::Update);

    assert_repaired(run).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tag_that_somebody_removed_comes_back_and_a_tag_that_somebody_added_stays() {
    let (run, endpoint_id) = run_with_endpoint().await;
    run.clouds.event(Event::TagsRemoved { endpoint_id: endpoint_id.clone(), keys: vec!["team".into()] });
    run.clouds.world(|world| {
        let endpoint = world.aws.endpoint_mut(&endpoint_id).unwrap();
        endpoint.tags.insert("cost-centre".into(), "1234".into());
    });

    assert_eq!(run.plan().await.action(ENDPOINT), Action::Update);
    run.apply().await;

    run.assert_empty_plan().await;
    let tags = run.clouds.endpoint().tags;
    assert_eq!(tags["team"], "orders");
    assert_eq!(tags["cost-centre"], "1234");
    run.destroy().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_endpoint_of_a_service_that_was_made_anew_is_replaced() {
    let run = Run::new().await;
    run.write("main.tf", Endpoint::new().hcl());
    run.apply().await;
    let made = run.clouds.endpoint();
    run.clouds.event(Event::ServiceRecreated {
        cluster_id: ids::DEDICATED_CLUSTER_ID.into(),
        node_group_id: ids::DEDICATED_NODE_GROUP_ID.into(),
    });

    assert_eq!(run.plan().await.action(ENDPOINT), Action::Replace);
    run.apply().await;

    let anew = run.clouds.endpoint();
    assert_ne!(anew.endpoint_id, made.endpoint_id);
    assert_ne!(anew.service_name, made.service_name);
    run.assert_empty_plan().await;
    run.destroy().await;
}
