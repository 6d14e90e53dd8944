//! Starter and Essential on AWS: one endpoint per VPC serves every cluster of the region, whoever comes and goes.

use serde_json::json;
use tidblink_sandbox::default_world as ids;
use tidblink_sandbox::world::EndpointState;
use tidblink_sandbox::{Door, Effect, Event, Fault};

use crate::support::config::{ENDPOINT, SERVICE};
use crate::support::terraform::Outcome;
use crate::support::{Action, Endpoint, Run};

pub(crate) const OTHER: &str = "-state=other.tfstate";

/// Three clusters behind one service, in one VPC.
const FLEET: &str = r#"
terraform {
  required_providers {
    tidblink = {
      source = "tidblink/tidblink"
    }
  }
}

provider "tidblink" {}

locals {
  clusters = toset(["10400000000000000001", "10400000000000000002", "10400000000000000004"])
}

resource "tidblink_endpoint_service" "all" {
  for_each   = local.clusters
  cluster_id = each.key
}

resource "tidblink_private_endpoint" "all" {
  for_each   = local.clusters
  service_id = tidblink_endpoint_service.all[each.key].id
  aws = {
    vpc_id             = "vpc-0b000000000000001"
    security_group_ids = ["sg-0b000000000000001"]
  }
}
"#;

/// A terraform command with a state of its own, as another workspace would have.
pub(crate) async fn elsewhere(run: &Run, command: &str) -> Outcome {
    run.terraform(&there(command)).await
}

/// The arguments of that command.
fn there(command: &str) -> [&str; 6] {
    [command, "-auto-approve", "-input=false", "-no-color", OTHER, "-lock=false"]
}

/// How many of them are counted as coming in.
pub(crate) fn coming_in(run: &Run) -> usize {
    let tags = run.clouds.endpoint().tags;
    let counts = tags.iter().filter(|(key, _)| key.starts_with("tidblink:member:"));
    counts.filter(|(_, value)| value.contains("heartbeat=")).count()
}

pub(crate) fn members(run: &Run) -> usize {
    run.clouds.endpoint().tags.keys().filter(|key| key.starts_with("tidblink:member:")).count()
}

#[tokio::test(flavor = "multi_thread")]
async fn one_apply_makes_a_private_path_to_a_starter_cluster() {
    let run = Run::new().await;
    run.write("main.tf", Endpoint::starter().tag("team", "web").hcl());

    let plan = run.plan().await;
    assert_eq!(plan.planned(SERVICE, "/plan"), Some(&json!("starter")));
    assert_eq!(plan.planned(SERVICE, "/id"), Some(&json!("serverless/10400000000000000001")));
    assert_eq!(plan.planned(SERVICE, "/node_group_id"), Some(&json!(null)));
    assert_eq!(plan.planned(ENDPOINT, "/port"), Some(&json!(4000)));

    run.apply().await;
    run.assert_empty_plan().await;

    let endpoint = run.clouds.endpoint();
    assert!(endpoint.private_dns_enabled);
    assert_eq!(endpoint.state, EndpointState::Available);
    assert_eq!(endpoint.tags["team"], "web");
    for (attribute, expected) in [
        ("/status", json!("active")),
        ("/status_reason", json!(null)),
        ("/connection_id", json!(null)),
        ("/connection_state", json!(null)),
        ("/managed", json!(true)),
        ("/region", json!("us-east-1")),
    ] {
        assert_eq!(run.attribute(ENDPOINT, attribute), expected, "{attribute}");
    }
    assert_eq!(run.output("host").await, "gateway01-privatelink.us-east-1.prod.aws.tidbcloud.com");
    run.destroy().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn clusters_of_one_region_in_one_vpc_share_one_endpoint() {
    let run = Run::new().await;
    run.write("main.tf", FLEET);

    run.apply().await;

    assert_eq!(members(&run), 3);
    run.assert_empty_plan().await;
    run.destroy().await.does_not_say("stays for others");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_last_one_out_deletes_the_endpoint_and_the_others_say_who_stays() {
    let run = Run::new().await;
    run.write("main.tf", Endpoint::starter().hcl());
    run.apply().await;
    elsewhere(&run, "apply").await.succeeded();
    assert_eq!(members(&run), 2);

    let first = run.try_destroy().await.succeeded();
    first.says("stays for others").says("serverless/10400000000000000001").says("aws ec2 delete-tags");
    assert_eq!(members(&run), 1);
    assert_eq!(run.clouds.endpoint().state, EndpointState::Available);

    elsewhere(&run, "destroy").await.succeeded();
    run.clouds.assert_no_leftovers();
}

#[tokio::test(flavor = "multi_thread")]
async fn two_runs_at_the_same_moment_end_with_one_endpoint() {
    let run = Run::new().await;
    run.write("main.tf", Endpoint::starter().hcl());

    let (first, second) = tokio::join!(run.try_apply(), elsewhere(&run, "apply"));

    first.succeeded();
    second.succeeded();
    assert_eq!(members(&run), 2);
    run.assert_empty_plan().await;
    run.try_destroy().await.succeeded();
    elsewhere(&run, "destroy").await.succeeded();
    run.clouds.assert_no_leftovers();
}

#[tokio::test(flavor = "multi_thread")]
async fn one_joins_while_the_other_leaves_and_has_an_endpoint_in_the_end() {
    let run = Run::new().await;
    run.write("main.tf", Endpoint::starter().hcl());
    run.apply().await;

    let (left, joined) = tokio::join!(run.try_destroy(), elsewhere(&run, "apply"));

    left.succeeded();
    joined.succeeded();
    assert_eq!(run.clouds.endpoint().state, EndpointState::Available);
    assert_eq!(members(&run), 1);
    assert!(!run.clouds.endpoint().tags.keys().any(|key| key.starts_with("tidblink:closing")));
    elsewhere(&run, "destroy").await.succeeded();
    run.clouds.assert_no_leftovers();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_create_that_lost_the_race_joins_what_the_winner_made() {
    let run = Run::new().await;
    run.write("main.tf", Endpoint::starter().hcl());
    run.apply().await;
    // Neither preflight nor the look right before the create shows the winner's endpoint yet.
    run.clouds.world(|world| world.delays.endpoint_visible = 100_000);
    let second = run.start_terraform(&there("apply"));
    run.clouds
        .until_asked("the create runs into the name of the other endpoint", |request| {
            request.operation == "CreateVpcEndpoint" && request.status == Some(400)
        })
        .await;
    run.clouds.world(|world| world.delays.endpoint_visible = 0);

    second.finish().await.succeeded();
    assert_eq!(members(&run), 2);
    run.try_destroy().await.succeeded();
    elsewhere(&run, "destroy").await.succeeded();
    run.clouds.assert_no_leftovers();
}

#[tokio::test(flavor = "multi_thread")]
async fn what_one_requires_is_added_and_what_another_has_is_never_taken_away() {
    let run = Run::new().await;
    run.write("main.tf", Endpoint::starter().subnets(&[ids::EAST_SUBNET_AZ1]).hcl());
    run.apply().await;
    run.write("main.tf", Endpoint::starter().subnets(&[ids::EAST_SUBNET_AZ2]).hcl());
    elsewhere(&run, "apply").await.succeeded();

    assert_eq!(run.clouds.endpoint().subnet_ids.len(), 2);
    let plan = run
        .terraform(&["plan", "-input=false", "-no-color", "-detailed-exitcode", OTHER, "-lock=false"])
        .await;
    assert_eq!(plan.status.code(), Some(0), "{plan}");
    run.write("main.tf", Endpoint::starter().subnets(&[ids::EAST_SUBNET_AZ1]).hcl());
    run.assert_empty_plan().await;

    elsewhere(&run, "destroy").await.succeeded();
    assert_eq!(run.clouds.endpoint().subnet_ids.len(), 2, "nothing is taken away for who stays");
    run.destroy().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_endpoint_that_somebody_else_made_is_used_told_of_and_never_touched() {
    let run = Run::new().await;
    run.write("main.tf", Endpoint::starter().hcl());
    run.apply().await;
    // As if it had been made by hand: without any mark of this provider.
    let made = run.clouds.endpoint();
    run.clouds.world(|world| world.aws.endpoints[0].tags.clear());
    run.terraform(&["state", "rm", ENDPOINT]).await.succeeded();
    let subnets = [ids::EAST_SUBNET_AZ1, ids::EAST_SUBNET_AZ4];
    run.write("main.tf", Endpoint::starter().subnets(&subnets).tag("team", "web").hcl());

    let plan = run.plan().await;
    assert!(plan.prose.contains(&format!("{} is used as it is", made.endpoint_id)), "{}", plan.prose);
    assert!(plan.prose.contains(ids::EAST_SUBNET_AZ4), "{}", plan.prose);
    run.apply().await;

    assert_eq!(run.attribute(ENDPOINT, "/managed"), false);
    assert_eq!(run.attribute(ENDPOINT, "/endpoint_id"), made.endpoint_id);
    assert_eq!(run.attribute(ENDPOINT, "/status"), "active");
    run.assert_empty_plan().await;
    let untouched = run.clouds.endpoint();
    assert!(untouched.tags.is_empty(), "{:?}", untouched.tags);
    assert_eq!(untouched.subnet_ids, made.subnet_ids);

    run.try_destroy().await.succeeded().says(&made.endpoint_id);
    assert_eq!(run.clouds.endpoint().state, EndpointState::Available);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_foreign_endpoint_that_its_owner_deleted_is_made_anew() {
    let run = Run::new().await;
    run.write("main.tf", Endpoint::starter().hcl());
    run.apply().await;
    run.clouds.world(|world| world.aws.endpoints[0].tags.clear());
    run.terraform(&["state", "rm", ENDPOINT]).await.succeeded();
    run.apply().await;
    run.clouds.event(Event::EndpointDeleted { endpoint_id: run.clouds.endpoint().endpoint_id });

    assert_eq!(run.plan().await.action(ENDPOINT), Action::Create);
    run.apply().await;

    assert_eq!(run.attribute(ENDPOINT, "/managed"), true);
    run.assert_empty_plan().await;
    run.destroy().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_instance_that_is_no_longer_counted_comes_in_again() {
    let run = Run::new().await;
    run.write("main.tf", Endpoint::starter().hcl());
    run.apply().await;
    let endpoint = run.clouds.endpoint();
    let own: Vec<_> =
        endpoint.tags.keys().filter(|key| key.starts_with("tidblink:member:")).cloned().collect();
    run.clouds.event(Event::TagsRemoved { endpoint_id: endpoint.endpoint_id.clone(), keys: own.clone() });

    assert_eq!(run.plan().await.action(ENDPOINT), Action::Update);
    run.apply().await;

    assert!(run.clouds.endpoint().tags.contains_key(&own[0]));
    assert_eq!(run.clouds.endpoint().endpoint_id, endpoint.endpoint_id);
    run.assert_empty_plan().await;
    run.destroy().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn create_before_destroy_keeps_the_shared_endpoint() {
    let run = Run::new().await;
    let lasting = "  lifecycle {\n    create_before_destroy = true\n  }";
    run.write("main.tf", Endpoint::starter().arguments(lasting).hcl());
    run.apply().await;
    let first = run.clouds.endpoint();

    run.terraform(&["apply", "-auto-approve", "-input=false", "-no-color", &format!("-replace={ENDPOINT}")])
        .await
        .succeeded();

    assert_eq!(run.clouds.endpoint().endpoint_id, first.endpoint_id);
    assert_eq!(members(&run), 1);
    run.assert_empty_plan().await;
    run.destroy().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_import_is_counted_anew_and_its_destroy_cuts_nobody() {
    let run = Run::new().await;
    run.write("main.tf", Endpoint::starter().hcl());
    run.apply().await;
    let id = run.attribute(ENDPOINT, "/id").as_str().unwrap().to_owned();
    let import = format!("{}\nimport {{\n  to = {ENDPOINT}\n  id = {id:?}\n}}\n", Endpoint::starter().hcl());
    run.write("main.tf", import);

    elsewhere(&run, "apply").await.succeeded();
    assert_eq!(members(&run), 2, "one count for each state");

    run.write("main.tf", Endpoint::starter().hcl());
    elsewhere(&run, "destroy").await.succeeded();
    assert_eq!(run.clouds.endpoint().state, EndpointState::Available);
    run.assert_empty_plan().await;
    run.destroy().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_imported_foreign_endpoint_is_marked_and_its_guests_are_counted() {
    let run = Run::new().await;
    run.write("main.tf", Endpoint::starter().hcl());
    run.apply().await;
    let id = run.attribute(ENDPOINT, "/id").as_str().unwrap().to_owned();
    run.clouds.world(|world| world.aws.endpoints[0].tags.clear());
    run.terraform(&["state", "rm", ENDPOINT]).await.succeeded();
    run.apply().await;
    assert_eq!(run.attribute(ENDPOINT, "/managed"), false, "a guest");
    let import = format!("{}\nimport {{\n  to = {ENDPOINT}\n  id = {id:?}\n}}\n", Endpoint::starter().hcl());
    run.write("main.tf", import);
    elsewhere(&run, "apply").await.succeeded();
    assert_eq!(members(&run), 1);

    run.write("main.tf", Endpoint::starter().hcl());
    assert_eq!(run.plan().await.action(ENDPOINT), Action::Update);
    run.apply().await;
    assert_eq!(run.attribute(ENDPOINT, "/managed"), true);
    assert_eq!(members(&run), 2);
    run.assert_empty_plan().await;

    elsewhere(&run, "destroy").await.succeeded();
    assert_eq!(run.clouds.endpoint().state, EndpointState::Available);
    run.destroy().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_delete_that_is_refused_for_minutes_looks_again_and_does_not_cut_who_came_in() {
    let run = Run::new().await;
    run.write("main.tf", Endpoint::starter().hcl());
    run.apply().await;
    let busy = Effect::error(503, "RequestLimitExceeded", "Request limit exceeded.");
    run.clouds.fault(Fault::new(Door::Ec2, "DeleteVpcEndpoints", busy).times(14));
    let tried =
        |run: &Run| run.clouds.requests().iter().any(|request| request.operation == "DeleteVpcEndpoints");

    let (left, joined) = tokio::join!(run.try_destroy(), async {
        while !tried(&run) {
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        }
        elsewhere(&run, "apply").await
    });

    left.succeeded();
    joined.succeeded();
    assert_eq!(run.clouds.endpoint().state, EndpointState::Available);
    assert_eq!(members(&run), 1);
    let plan = run
        .terraform(&["plan", "-input=false", "-no-color", "-detailed-exitcode", OTHER, "-lock=false"])
        .await;
    assert_eq!(plan.status.code(), Some(0), "{plan}");
    run.clouds.clear_faults();
    elsewhere(&run, "destroy").await.succeeded();
    run.clouds.assert_no_leftovers();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_join_that_fails_after_it_was_counted_is_known_to_the_state() {
    let run = Run::new().await;
    run.write("main.tf", Endpoint::starter().hcl());
    run.apply().await;
    let denied =
        Effect::error(403, "UnauthorizedOperation", "You are not authorized to perform this operation.");
    // The count is on its way for a second, and what comes after it is refused.
    run.clouds.fault(Fault::new(Door::Ec2, "CreateTags", Effect::Latency(1000)));
    let refuse_what_follows = async {
        run.clouds.until_struck().await;
        run.clouds.fault(Fault::new(Door::Ec2, "DescribeVpcEndpoints", denied).forever());
    };

    let (joined, ()) = tokio::join!(elsewhere(&run, "apply"), refuse_what_follows);

    joined.failed().does_not_say("Nothing was made");

    assert_eq!(members(&run), 2, "it was counted");
    assert_eq!(coming_in(&run), 0, "the state knows of it, so nobody may take it for dead");
    run.clouds.clear_faults();
    elsewhere(&run, "apply").await.succeeded();
    assert_eq!(members(&run), 2);
    elsewhere(&run, "destroy").await.succeeded();
    run.destroy().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn without_private_dns_each_instance_has_an_endpoint_of_its_own() {
    let run = Run::new().await;
    run.write("main.tf", Endpoint::starter().private_dns(false).hcl());
    run.apply().await;
    run.assert_empty_plan().await;
    let alone = run.clouds.endpoint();
    assert!(!alone.private_dns_enabled);

    run.write("main.tf", Endpoint::starter().hcl());
    assert_eq!(run.plan().await.action(ENDPOINT), Action::Replace);
    run.apply().await;

    assert_ne!(run.clouds.endpoint().endpoint_id, alone.endpoint_id);
    assert_eq!(members(&run), 1);
    run.assert_empty_plan().await;
    run.destroy().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_exclusive_service_is_refused_in_the_plan() {
    let run = Run::new().await;
    run.clouds.world(|world| {
        for service in &mut world.aws.services {
            service.acceptance_required = true;
        }
    });
    run.write("main.tf", Endpoint::starter().cluster(ids::ESSENTIAL_CLUSTER_ID).hcl());

    run.plan_fails().await.says("exclusive");
}
