//! One endpoint changes hands in place: from `existing` to `aws`, and back.

use serde_json::Value;
use tidblink_sandbox::Event;
use tidblink_sandbox::default_world as ids;

use super::{destroy_and_keep, foreign_endpoint};
use crate::support::config::ENDPOINT;
use crate::support::{Action, Endpoint, Run};

/// A registered endpoint that somebody else has made.
async fn run_with_registered_endpoint() -> (Run, String) {
    let run = Run::new().await;
    let id = foreign_endpoint(&run).await;
    run.write("main.tf", existing(&id).hcl());
    run.apply().await;
    (run, id)
}

fn existing(id: &str) -> Endpoint {
    Endpoint::new().existing(&format!("{id:?}"))
}

#[tokio::test(flavor = "multi_thread")]
async fn an_endpoint_comes_under_management_in_place_and_leaves_it_in_place() {
    let (run, id) = run_with_registered_endpoint().await;
    let connection = run.attribute(ENDPOINT, "/connection_id");
    let there = run.clouds.endpoint();

    run.write("main.tf", Endpoint::new().without_subnets().without_security_groups().hcl());
    assert_eq!(run.plan().await.action(ENDPOINT), Action::Update);
    run.apply().await;
    run.assert_empty_plan().await;

    assert_eq!(run.attribute(ENDPOINT, "/endpoint_id"), id.as_str());
    assert_eq!(run.attribute(ENDPOINT, "/connection_id"), connection);
    assert_eq!(run.attribute(ENDPOINT, "/managed"), true);
    assert_eq!(run.attribute(ENDPOINT, "/status"), "active");
    assert_eq!(run.attribute(ENDPOINT, "/existing"), Value::Null);
    let taken = run.clouds.endpoint();
    assert_eq!(run.attribute(ENDPOINT, "/ownership_token"), taken.tags["tidblink:token"].as_str());
    assert!(!taken.tags.contains_key("tidblink:unfinished"), "{:?}", taken.tags);
    assert!(taken.private_dns_enabled, "as `aws` has it by default");
    assert_eq!(
        (&taken.subnet_ids, &taken.security_group_ids),
        (&there.subnet_ids, &there.security_group_ids)
    );

    run.write("main.tf", existing(&id).hcl());
    let plan = run.plan().await;
    assert_eq!(plan.action(ENDPOINT), Action::Update);
    assert!(plan.prose.contains("The VPC endpoint is left to others"), "{}", plan.prose);
    run.apply().await;
    run.assert_empty_plan().await;

    assert_eq!(run.attribute(ENDPOINT, "/managed"), false);
    assert_eq!(run.attribute(ENDPOINT, "/connection_id"), connection);
    assert_eq!(run.attribute(ENDPOINT, "/cloud_state"), Value::Null);
    let released = run.clouds.endpoint();
    assert!(released.tags.is_empty(), "{:?}", released.tags);
    assert!(released.private_dns_enabled, "it goes on working");
    destroy_and_keep(&run, &id).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_endpoint_that_was_taken_over_is_changed_and_destroyed_like_one_that_was_made_here() {
    let (run, id) = run_with_registered_endpoint().await;

    run.write(
        "main.tf",
        Endpoint::new().security_groups(&[ids::WEST_GROUP_CLOSED]).tag("team", "orders").hcl(),
    );
    run.apply().await;
    run.assert_empty_plan().await;

    let taken = run.clouds.endpoint();
    assert_eq!(taken.endpoint_id, id);
    assert_eq!(taken.security_group_ids, [ids::WEST_GROUP_CLOSED]);
    assert_eq!(taken.tags["team"], "orders");
    run.destroy().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_taken_over_is_refused_in_the_plan_with_the_reason() {
    let (run, id) = run_with_registered_endpoint().await;

    run.write(
        "main.tf",
        Endpoint::new().vpc(ids::WEST_SECOND_VPC_ID).without_subnets().without_security_groups().hcl(),
    );
    run.plan_fails()
        .await
        .says("The endpoint is in another VPC")
        .says(&format!("vpc_id = \"{}\"", ids::WEST_VPC_ID));

    run.write("main.tf", Endpoint::new().hcl());
    run.clouds.world(|world| {
        world.aws.endpoints[0].tags.insert("tidblink:token".into(), "theirs".into());
    });
    run.plan_fails().await.says("The VPC endpoint is not this resource's");
    run.clouds.event(Event::TagsRemoved { endpoint_id: id.clone(), keys: vec!["tidblink:token".into()] });

    // As these credentials would see it from another account.
    run.clouds.world(|world| world.aws.endpoints[0].region = "eu-west-1".into());
    run.plan_fails().await.says("The endpoint to take over is not there");

    run.write("main.tf", existing(&id).hcl());
    run.assert_empty_plan().await;
    destroy_and_keep(&run, &id).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_marks_of_a_takeover_that_died_are_taken_over_when_they_are_old() {
    let (run, id) = run_with_registered_endpoint().await;
    run.clouds.world(|world| {
        let tags = &mut world.aws.endpoints[0].tags;
        tags.insert("tidblink:token".into(), "of a run that was killed".into());
        tags.insert("tidblink:unfinished".into(), "heartbeat=1 settings=x dns=true".into());
    });
    run.write("main.tf", Endpoint::new().hcl());

    run.apply().await;
    run.assert_empty_plan().await;

    assert_eq!(run.clouds.endpoint().endpoint_id, id);
    run.destroy().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_endpoint_that_lost_its_registration_is_registered_anew_when_it_is_left_to_others() {
    let run = Run::new().await;
    run.write("main.tf", Endpoint::new().hcl());
    run.apply().await;
    let id = run.clouds.endpoint().endpoint_id;
    run.clouds.event(Event::ConnectionDeleted { connection_id: None, endpoint_id: Some(id.clone()) });

    run.write("main.tf", existing(&id).hcl());
    run.apply().await;
    run.assert_empty_plan().await;

    assert_eq!(run.attribute(ENDPOINT, "/status"), "active");
    destroy_and_keep(&run, &id).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn another_endpoint_in_existing_is_a_replacement() {
    let run = Run::new().await;
    run.write("main.tf", Endpoint::new().hcl());
    run.apply().await;

    run.write("main.tf", existing("vpce-0123456789abcdef0").hcl());

    assert_eq!(run.plan().await.action(ENDPOINT), Action::Replace);
    run.destroy().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_endpoint_that_is_seen_is_imported_whole_and_then_left_to_others_in_place() {
    let (run, id) = run_with_registered_endpoint().await;
    let full = run.attribute(ENDPOINT, "/id");
    run.terraform(&["state", "rm", ENDPOINT]).await.succeeded();
    run.try_import(ENDPOINT, full.as_str().unwrap()).await.succeeded();
    assert_eq!(run.attribute(ENDPOINT, "/managed"), true);

    assert_eq!(run.plan().await.action(ENDPOINT), Action::Update);
    run.apply().await;
    run.assert_empty_plan().await;

    assert_eq!(run.attribute(ENDPOINT, "/managed"), false);
    destroy_and_keep(&run, &id).await;
}
