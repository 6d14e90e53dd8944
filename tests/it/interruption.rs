//! Runs that end in the middle: by the user's Ctrl-C, by a provider that dies, by a timeout.

use tidblink_sandbox::default_world as ids;
use tidblink_sandbox::world::{EndpointState, VpcEndpoint, World};
use tidblink_sandbox::{Door, Effect, Event, Fault};

use crate::alicloud;
use crate::support::config::ENDPOINT;
use crate::support::{Action, Endpoint, Run};

/// The moment in the middle of a create at which the endpoint is registered but not yet accepted.
fn is_registered(world: &World) -> bool {
    !world.tidb.connections.is_empty()
}

fn exists(world: &World) -> bool {
    !world.aws.endpoints.is_empty()
}

fn is_unfinished(endpoint: &VpcEndpoint) -> bool {
    endpoint.tags.contains_key("tidblink:unfinished")
}

#[tokio::test(flavor = "multi_thread")]
async fn ctrl_c_during_a_create_keeps_the_endpoint_untainted_and_the_next_apply_finishes_it() {
    let run = Run::new().await;
    run.write("main.tf", Endpoint::new().hcl());

    let apply = run.start_apply();
    run.clouds.until("the endpoint is registered", is_registered).await;
    apply.interrupt().await;
    let interrupted = apply.finish().await;

    interrupted.does_not_say("Plugin did not respond").does_not_say("panicked");
    let made = run.clouds.endpoint();
    assert!(is_unfinished(&made), "{:?}", made.tags);
    assert!(!run.is_tainted(ENDPOINT));
    assert_eq!(run.attribute(ENDPOINT, "/endpoint_id"), made.endpoint_id);
    assert_eq!(run.attribute(ENDPOINT, "/status"), "pending");

    assert_eq!(run.plan().await.action(ENDPOINT), Action::Update);
    run.apply().await;
    run.assert_empty_plan().await;

    let finished = run.clouds.endpoint();
    assert_eq!(finished.endpoint_id, made.endpoint_id);
    assert_eq!(finished.state, EndpointState::Available);
    assert!(finished.private_dns_enabled);
    assert!(!is_unfinished(&finished), "{:?}", finished.tags);
    assert_eq!(run.attribute(ENDPOINT, "/status"), "active");
    run.destroy().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_interrupted_create_can_be_destroyed_without_being_finished() {
    let run = Run::new().await;
    run.write("main.tf", Endpoint::new().hcl());
    let apply = run.start_apply();
    run.clouds.until("the endpoint is registered", is_registered).await;
    apply.interrupt().await;
    apply.finish().await;

    run.destroy().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn ctrl_c_does_not_wait_for_a_service_that_is_only_asked_and_never_answers() {
    for (door, operation, hcl) in [
        (Door::Dedicated, "GetCluster", Endpoint::new().hcl()),
        (Door::Ec2, "DescribeVpcEndpointServices", Endpoint::new().hcl()),
        (Door::Alicloud, "ListVpcEndpointServicesByEndUser", alicloud::complete()),
    ] {
        let run = Run::new().await;
        run.write("main.tf", hcl);
        run.clouds.fault(Fault::new(door, operation, Effect::NeverAnswer).forever());

        let plan = run.start_terraform(&["plan", "-input=false", "-no-color"]);
        run.clouds.until_struck().await;
        plan.interrupt().await;
        let interrupted = plan.finish().await;

        interrupted
            .says(&format!("{operation}: Terraform asked the provider to stop"))
            .does_not_say("did not answer");
        run.clouds.assert_no_leftovers();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_endpoint_of_a_killed_provider_is_adopted_once_its_heartbeat_is_stale() {
    let run = Run::new().await;
    run.note_provider_processes();
    run.write("main.tf", Endpoint::new().hcl());

    let apply = run.start_apply();
    run.clouds.until("the endpoint is registered", is_registered).await;
    run.kill_provider().await;
    let killed = apply.finish().await;
    assert!(!killed.status.success(), "{killed}");
    let orphan = run.clouds.endpoint();
    assert!(is_unfinished(&orphan), "{:?}", orphan.tags);
    assert!(!run.addresses().contains(ENDPOINT), "the state cannot know it");

    run.apply().await;

    let adopted = run.clouds.endpoint();
    assert_eq!(adopted.endpoint_id, orphan.endpoint_id);
    assert_ne!(
        adopted.tags["tidblink:token"], orphan.tags["tidblink:token"],
        "the new owner has its own token"
    );
    assert!(!is_unfinished(&adopted), "{:?}", adopted.tags);
    run.assert_empty_plan().await;
    run.destroy().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_endpoint_of_a_killed_provider_is_adopted_even_when_the_configuration_changed_since() {
    let run = Run::new().await;
    let orphan = killed_while_making(&run, &Endpoint::new().subnets(&[ids::WEST_SUBNET_AZ1])).await;

    run.write("main.tf", Endpoint::new().subnets(&[ids::WEST_SUBNET_AZ1, ids::WEST_SUBNET_AZ3]).hcl());
    run.apply().await;

    let adopted = run.clouds.endpoint();
    assert_eq!(adopted.endpoint_id, orphan.endpoint_id);
    assert_eq!(adopted.subnet_ids.len(), 2);
    run.assert_empty_plan().await;
    run.destroy().await;
}

/// Kills the provider in the middle of a create; returns the endpoint that no state knows.
async fn killed_while_making(run: &Run, endpoint: &Endpoint) -> VpcEndpoint {
    run.note_provider_processes();
    run.write("main.tf", endpoint.hcl());
    let apply = run.start_apply();
    run.clouds.until("the endpoint is registered", is_registered).await;
    run.kill_provider().await;
    let killed = apply.finish().await;
    assert!(!killed.status.success(), "{killed}");
    run.clouds.endpoint()
}

#[tokio::test(flavor = "multi_thread")]
async fn without_private_dns_too_the_endpoint_of_a_killed_provider_is_found_whatever_changed_since() {
    let run = Run::new().await;
    let endpoint = Endpoint::new().private_dns(false);
    let orphan = killed_while_making(&run, &endpoint.clone().subnets(&[ids::WEST_SUBNET_AZ1])).await;
    run.clouds.until("its heartbeat is stale", |world| world.now.seconds_since(orphan.created) > 240.0).await;

    run.write("main.tf", endpoint.subnets(&[ids::WEST_SUBNET_AZ3]).hcl());
    run.apply().await;

    assert_eq!(run.clouds.endpoint().endpoint_id, orphan.endpoint_id);
    assert_eq!(run.clouds.endpoint().subnet_ids, [ids::WEST_SUBNET_AZ3]);
    run.assert_empty_plan().await;
    run.destroy().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_endpoint_of_a_killed_provider_that_was_rejected_meanwhile_is_registered_again() {
    let run = Run::new().await;
    let orphan = killed_while_making(&run, &Endpoint::new()).await;
    run.clouds.event(Event::EndpointRejected { endpoint_id: orphan.endpoint_id.clone(), message: None });
    run.clouds.until("its heartbeat is stale", |world| world.now.seconds_since(orphan.created) > 240.0).await;

    run.apply().await;

    assert_eq!(run.clouds.endpoint().endpoint_id, orphan.endpoint_id);
    run.assert_empty_plan().await;
    run.destroy().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_endpoint_of_a_killed_provider_that_failed_meanwhile_is_cleaned_up() {
    let run = Run::new().await;
    let orphan = killed_while_making(&run, &Endpoint::new()).await;
    run.clouds.event(Event::EndpointFailed { endpoint_id: orphan.endpoint_id.clone(), message: None });
    run.clouds.until("its heartbeat is stale", |world| world.now.seconds_since(orphan.created) > 240.0).await;

    run.apply().await;

    assert_ne!(run.clouds.endpoint().endpoint_id, orphan.endpoint_id);
    run.assert_empty_plan().await;
    run.destroy().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_registration_that_is_refused_again_and_again_keeps_the_heartbeat_and_tells_the_answer() {
    let run = Run::new().await;
    let broken = Effect::error(500, "13", "boom");
    run.clouds.fault(Fault::new(Door::Dedicated, "CreatePrivateEndpointConnection", broken).forever());
    run.write("main.tf", Endpoint::new().arguments("  timeouts = { create = \"6m\" }").hcl());

    run.apply_fails().await.says("boom").says("HTTP 500");

    let beats = run.clouds.requests().iter().filter(|request| request.operation == "CreateTags").count();
    assert!(beats >= 3, "{beats} heartbeats in six minutes");
    run.clouds.clear_faults();
    run.destroy().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_endpoint_that_works_is_not_tainted_for_its_last_mark() {
    let run = Run::new().await;
    let denied =
        Effect::error(403, "UnauthorizedOperation", "You are not authorized to perform this operation.");
    run.clouds.fault(Fault::new(Door::Ec2, "DeleteTags", denied).forever());
    run.write("main.tf", Endpoint::new().hcl());

    run.apply().await.says("The private endpoint works").says("ec2:DeleteTags");

    assert!(!run.is_tainted(ENDPOINT));
    let made = run.clouds.endpoint();
    run.clouds.clear_faults();
    assert_eq!(run.plan().await.action(ENDPOINT), Action::Update);
    run.apply().await;
    assert_eq!(run.clouds.endpoint().endpoint_id, made.endpoint_id);
    run.assert_empty_plan().await;
    run.destroy().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_somebody_undoes_during_a_create_is_done_again() {
    let run = Run::at_speed(20.0).await;
    run.write("main.tf", Endpoint::new().tag("team", "orders").hcl());
    let apply = run.start_apply();
    run.clouds
        .until("private DNS is on", |world| {
            world.aws.endpoints.iter().any(|endpoint| endpoint.private_dns_enabled)
        })
        .await;

    let endpoint_id = run.clouds.endpoint().endpoint_id;
    run.clouds.event(Event::TagsRemoved { endpoint_id: endpoint_id.clone(), keys: vec!["team".into()] });
    run.clouds.event(Event::PrivateDnsDisabled { endpoint_id });

    apply.finish().await.succeeded();
    assert!(run.clouds.endpoint().private_dns_enabled);
    run.assert_empty_plan().await;
    run.destroy().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_endpoint_that_someone_is_still_making_is_waited_for_and_then_left_to_them() {
    // Slower than elsewhere: a loaded machine must not make the first run's heartbeat look stale.
    let run = Run::at_speed(20.0).await;
    run.write("main.tf", Endpoint::new().hcl());
    let first = run.start_apply();
    run.clouds.until("the first endpoint exists", exists).await;

    // A second workspace of the same configuration, in the same clouds.
    let other = run.terraform(&[
        "apply",
        "-auto-approve",
        "-input=false",
        "-no-color",
        "-state=other.tfstate",
        "-lock=false",
    ]);
    let second = other.await.failed();

    first.finish().await.succeeded();
    let made = run.clouds.endpoint();
    second.says("import {").says(&made.endpoint_id);
    run.destroy().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_create_that_runs_out_of_time_says_what_exists_and_what_to_do() {
    let run = Run::new().await;
    run.clouds.world(|world| world.delays.connection_accept = 3600);
    run.write("main.tf", Endpoint::new().arguments("  timeouts = { create = \"4m\" }").hcl());

    let outcome = run.apply_fails().await;

    let made = run.clouds.endpoint();
    outcome.says(&made.endpoint_id).says("terraform untaint");
    assert!(run.is_tainted(ENDPOINT));
    assert_eq!(run.attribute(ENDPOINT, "/endpoint_id"), made.endpoint_id);
    run.clouds.world(|world| world.delays.connection_accept = 60);
    run.destroy().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_endpoint_that_ran_out_of_time_is_finished_after_untaint() {
    let run = Run::new().await;
    run.clouds.world(|world| world.delays.connection_accept = 600);
    run.write("main.tf", Endpoint::new().arguments("  timeouts = { create = \"4m\" }").hcl());
    run.apply_fails().await;
    let made = run.clouds.endpoint();

    run.terraform(&["untaint", ENDPOINT]).await.succeeded();
    run.apply().await;

    assert_eq!(run.clouds.endpoint().endpoint_id, made.endpoint_id);
    run.assert_empty_plan().await;
    run.destroy().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tainted_endpoint_is_deleted_and_a_new_one_made() {
    let run = Run::new().await;
    run.clouds.world(|world| world.delays.connection_accept = 3600);
    run.write("main.tf", Endpoint::new().arguments("  timeouts = { create = \"4m\" }").hcl());
    run.apply_fails().await;
    let failed = run.clouds.endpoint();
    run.clouds.world(|world| world.delays.connection_accept = 60);

    run.apply().await;

    assert_ne!(run.clouds.endpoint().endpoint_id, failed.endpoint_id);
    run.assert_empty_plan().await;
    run.destroy().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_working_endpoint_can_be_replaced_on_demand() {
    let run = Run::new().await;
    run.write("main.tf", Endpoint::new().hcl());
    run.apply().await;
    let first = run.clouds.endpoint();

    run.terraform(&["taint", ENDPOINT]).await.succeeded();
    run.apply().await;

    assert_ne!(run.clouds.endpoint().endpoint_id, first.endpoint_id);
    run.assert_empty_plan().await;
    run.destroy().await;
}
