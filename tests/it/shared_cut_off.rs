//! Runs that die while they come in on a shared endpoint. No state knows of their count, so nothing may hang on it: the
//! next apply counts in its place, and a destroy does not wait for it.

use tidblink_sandbox::world::World;
use tidblink_sandbox::{Door, Effect, Event, Fault};

use crate::shared::{OTHER, coming_in, elsewhere, members};
use crate::support::config::ENDPOINT;
use crate::support::{Action, Endpoint, Run};

fn counts(world: &World) -> usize {
    let endpoints = world.aws.endpoints.iter();
    endpoints
        .flat_map(|endpoint| endpoint.tags.keys())
        .filter(|key| key.starts_with("tidblink:member:"))
        .count()
}

/// Lets a run hang once it is counted: with the tag of a new endpoint, or with one that is put on an endpoint of others.
fn hang_after_counting(run: &Run) {
    for write in ["CreateVpcEndpoint", "CreateTags"] {
        run.clouds.fault(Fault::new(Door::Ec2, write, Effect::HeldAfterEffect).forever());
    }
}

/// Starts an apply on a state, kills it when `expected` are counted, and waits until its heartbeat is stale.
async fn killed_while_coming_in(run: &Run, state: &str, expected: usize) {
    run.note_provider_processes();
    hang_after_counting(run);
    let arguments = ["apply", "-auto-approve", "-input=false", "-no-color", state, "-lock=false"];
    let apply = run.start_terraform(&arguments);
    run.clouds.until("it is counted", |world| counts(world) == expected).await;
    run.kill_provider().await;
    let killed = apply.finish().await;
    assert!(!killed.status.success(), "{killed}");
    run.clouds.clear_faults();
    assert_eq!(coming_in(run), 1);
    let killed_at = run.clouds.world(|world| world.now);
    run.clouds.until("its heartbeat is stale", |world| world.now.seconds_since(killed_at) > 200.0).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_count_that_no_state_knows_is_taken_over_by_the_next_apply() {
    let run = Run::new().await;
    run.write("main.tf", Endpoint::starter().hcl());
    killed_while_coming_in(&run, "-state=terraform.tfstate", 1).await;
    let orphan = run.clouds.endpoint();
    assert!(!run.addresses().contains(ENDPOINT), "the state cannot know it");

    run.apply().await;

    assert_eq!(run.clouds.endpoint().endpoint_id, orphan.endpoint_id);
    assert_eq!((members(&run), coming_in(&run)), (1, 0));
    run.assert_empty_plan().await;
    run.destroy().await.does_not_say("stays for others");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_endpoint_that_no_state_knows_and_that_failed_since_is_cleaned_up() {
    let run = Run::new().await;
    run.write("main.tf", Endpoint::starter().hcl());
    killed_while_coming_in(&run, "-state=terraform.tfstate", 1).await;
    let ruin = run.clouds.endpoint().endpoint_id;
    run.clouds.event(Event::EndpointFailed { endpoint_id: ruin.clone(), message: None });

    run.apply().await;

    assert_ne!(run.clouds.endpoint().endpoint_id, ruin);
    run.assert_empty_plan().await;
    run.destroy().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn one_that_died_coming_in_on_the_endpoint_of_others_is_taken_over_and_leaves_no_trace() {
    let run = Run::new().await;
    run.write("main.tf", Endpoint::starter().hcl());
    run.apply().await;
    killed_while_coming_in(&run, OTHER, 2).await;

    elsewhere(&run, "apply").await.succeeded();

    assert_eq!((members(&run), coming_in(&run)), (2, 0));
    run.assert_empty_plan().await;
    elsewhere(&run, "destroy").await.succeeded().says("stays for others");
    assert_eq!(members(&run), 1);
    run.destroy().await.does_not_say("stays for others");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_last_one_out_does_not_wait_for_the_dead() {
    let run = Run::new().await;
    run.write("main.tf", Endpoint::starter().hcl());
    run.apply().await;
    killed_while_coming_in(&run, OTHER, 2).await;

    run.destroy().await.does_not_say("stays for others");
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_coming_in_keeps_the_endpoint_for_himself() {
    for (mark, kept) in [("heartbeat=99999999999", true), ("heartbeat=soon", true), ("heartbeat=1", false)] {
        let run = Run::new().await;
        run.write("main.tf", Endpoint::starter().hcl());
        run.apply().await;
        run.clouds.world(|world| {
            let tag = ("tidblink:member:x".to_owned(), format!("serverless/10400000000000000002 {mark}"));
            world.aws.endpoints[0].tags.extend([tag]);
        });

        let destroyed = run.try_destroy().await.succeeded();

        if kept {
            destroyed.says("stays for others").says("serverless/10400000000000000002");
            assert_eq!(members(&run), 1);
        } else {
            run.clouds.assert_no_leftovers();
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_apply_leaves_alone_who_lives_who_is_finished_and_who_is_of_another_service() {
    let run = Run::new().await;
    run.write("main.tf", Endpoint::starter().hcl());
    run.apply().await;
    let others = [
        ("tidblink:member:finished", "serverless/10400000000000000001"),
        ("tidblink:member:alive", "serverless/10400000000000000001 heartbeat=99999999999"),
        ("tidblink:member:other", "serverless/10400000000000000002 heartbeat=1"),
        ("tidblink:member:dead", "serverless/10400000000000000001 heartbeat=1"),
    ];
    run.clouds.world(|world| {
        let tags = others.map(|(key, value)| (key.to_owned(), value.to_owned()));
        world.aws.endpoints[0].tags.extend(tags);
    });

    elsewhere(&run, "apply").await.succeeded();

    let tags = run.clouds.endpoint().tags;
    for (key, value) in others {
        let expected = (key != "tidblink:member:dead").then_some(value);
        assert_eq!(tags.get(key).map(String::as_str), expected, "{key}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn ctrl_c_while_coming_in_leaves_a_count_that_nobody_takes_for_dead() {
    let run = Run::new().await;
    run.clouds.world(|world| world.delays.endpoint_pending = 1800);
    run.write("main.tf", Endpoint::starter().hcl());
    let apply = run.start_apply();
    run.clouds.until("it is counted", |world| counts(world) == 1).await;
    apply.interrupt().await;
    apply.finish().await.does_not_say("Plugin did not respond");

    assert_eq!((members(&run), coming_in(&run)), (1, 0));
    assert!(!run.is_tainted(ENDPOINT));
    let made = run.clouds.endpoint();
    assert_eq!(run.plan().await.action(ENDPOINT), Action::Update);
    run.clouds.world(|world| world.aws.endpoints[0].due = Some(world.now));
    run.apply().await;
    assert_eq!(run.clouds.endpoint().endpoint_id, made.endpoint_id);
    run.assert_empty_plan().await;
    run.destroy().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_long_way_in_keeps_the_heartbeat_and_ends_without_it() {
    let run = Run::new().await;
    run.clouds.world(|world| world.delays.endpoint_pending = 400);
    run.write("main.tf", Endpoint::starter().hcl());

    run.apply().await;

    let beats = run.clouds.requests().iter().filter(|request| request.operation == "CreateTags").count();
    assert!(beats >= 4, "{beats} writes of the count in more than six minutes");
    assert_eq!((members(&run), coming_in(&run)), (1, 0));
    run.assert_empty_plan().await;
    run.destroy().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_path_that_works_is_not_tainted_when_its_count_could_not_be_finished() {
    let run = Run::new().await;
    let denied =
        Effect::error(403, "UnauthorizedOperation", "You are not authorized to perform this operation.");
    run.clouds.fault(Fault::new(Door::Ec2, "CreateTags", denied).forever());
    run.write("main.tf", Endpoint::starter().hcl());

    run.apply().await.says("The private endpoint works").says("ec2:CreateTags");

    assert!(!run.is_tainted(ENDPOINT));
    assert_eq!(coming_in(&run), 1);
    let made = run.clouds.endpoint();
    run.clouds.clear_faults();
    assert_eq!(run.plan().await.action(ENDPOINT), Action::Update);
    run.apply().await;
    assert_eq!((members(&run), coming_in(&run)), (1, 0));
    assert_eq!(run.clouds.endpoint().endpoint_id, made.endpoint_id);
    run.assert_empty_plan().await;
    run.destroy().await;
}
