//! `existing`: somebody else makes the endpoint, and only its registration is looked after here.

use serde_json::Value;
use tidblink_sandbox::world::{ConnectionState, EndpointState};
use tidblink_sandbox::{Door, Event, default_world as ids};

use super::{destroy_and_keep, foreign_endpoint};
use crate::support::config::{ENDPOINT, SERVICE};
use crate::support::{Action, Endpoint, Run};

fn quoted(id: &str) -> String {
    format!("{id:?}")
}

/// A run without any cloud credentials, and the endpoint that somebody else has made.
async fn run_with_foreign_endpoint() -> (Run, String) {
    let mut run = Run::new().await;
    let id = foreign_endpoint(&run).await;
    for name in ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"] {
        run.unset(name);
    }
    (run, id)
}

fn calls(run: &Run, door: Door) -> usize {
    run.clouds.requests().into_iter().filter(|request| request.door == door).count()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_endpoint_that_somebody_else_made_is_registered_and_deregistered_without_cloud_credentials() {
    let (run, id) = run_with_foreign_endpoint().await;
    run.write("main.tf", Endpoint::new().existing(&quoted(&id)).hcl());
    let before = calls(&run, Door::Ec2);

    let plan = run.plan().await;
    assert!(plan.prose.contains("The VPC endpoint is not checked"), "{}", plan.prose);
    run.apply().await;
    run.assert_empty_plan().await;

    assert_eq!(run.attribute(ENDPOINT, "/endpoint_id"), id.as_str());
    assert_eq!(run.attribute(ENDPOINT, "/managed"), false);
    assert_eq!(run.attribute(ENDPOINT, "/status"), "active");
    assert_eq!(run.attribute(ENDPOINT, "/connection_state"), "active");
    for name in
        ["/cloud_state", "/network_interface_ids", "/dns_names", "/status_reason", "/ownership_token", "/aws"]
    {
        assert_eq!(run.attribute(ENDPOINT, name), Value::Null, "{name}");
    }
    assert_eq!(run.output("host").await, ids::DEDICATED_HOST);
    let accepted = run.clouds.endpoint();
    assert_eq!(accepted.state, EndpointState::Available);
    assert!(accepted.tags.is_empty(), "{:?}", accepted.tags);

    destroy_and_keep(&run, &id).await;
    assert_eq!(calls(&run, Door::Ec2), before, "nothing was asked of AWS");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_endpoint_id_that_is_only_known_during_the_apply_will_do() {
    let (run, id) = run_with_foreign_endpoint().await;
    let made = format!("\nresource \"terraform_data\" \"made\" {{\n  input = {id:?}\n}}\n");
    run.write("main.tf", Endpoint::new().existing("terraform_data.made.output").hcl() + &made);

    assert_eq!(run.plan().await.action(ENDPOINT), Action::Create);
    run.apply().await;
    run.assert_empty_plan().await;

    assert_eq!(run.attribute(ENDPOINT, "/status"), "active");
    destroy_and_keep(&run, &id).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_registration_that_is_there_already_is_refused_with_the_import_block_and_imported_without_credentials()
 {
    let (run, id) = run_with_foreign_endpoint().await;
    let config = Endpoint::new().existing(&quoted(&id));
    run.write("main.tf", config.hcl());
    run.apply().await;
    let registered = run.clouds.world(|world| world.tidb.connections.clone());
    run.terraform(&["state", "rm", ENDPOINT]).await.succeeded();

    let plan = run.plan().await;
    assert!(plan.prose.contains("This endpoint is registered already"), "{}", plan.prose);
    let import =
        format!("id = \"dedicated/{}/{}/{id}\"", ids::DEDICATED_CLUSTER_ID, ids::DEDICATED_NODE_GROUP_ID);
    run.apply_fails()
        .await
        .says("This endpoint is registered already")
        .says(&import)
        .says("Nothing was made or changed.");
    assert_eq!(run.clouds.world(|world| world.tidb.connections.clone()), registered);
    assert!(!run.addresses().contains(ENDPOINT));

    run.write("main.tf", format!("{}\nimport {{\n  to = {ENDPOINT}\n  {import}\n}}\n", config.hcl()));
    assert_eq!(run.plan().await.action(ENDPOINT), Action::Nothing);
    run.apply().await.says("Only the registration was imported");
    run.assert_empty_plan().await;
    destroy_and_keep(&run, &id).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_that_register_the_same_endpoint_at_once_one_is_refused() {
    let (run, id) = run_with_foreign_endpoint().await;
    let config = Endpoint::new().existing(&quoted(&id));
    let second = config.hcl().replace("\"app\"", "\"second\"");
    let second = &second
        [second.find("resource \"tidblink_private_endpoint\"").unwrap()..second.find("output").unwrap()];
    run.write("main.tf", format!("{}\n{second}", config.hcl()));

    run.apply_fails().await.says("This endpoint is registered already");

    assert_eq!(run.addresses().len(), 2, "{:?}", run.addresses());
    assert_eq!(run.clouds.world(|world| world.tidb.connections.len()), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn ctrl_c_while_it_is_being_accepted_keeps_the_registration_and_the_next_apply_finishes_it() {
    let (run, id) = run_with_foreign_endpoint().await;
    run.write("main.tf", Endpoint::new().existing(&quoted(&id)).hcl());

    let apply = run.start_apply();
    run.clouds.until("the endpoint is registered", |world| !world.tidb.connections.is_empty()).await;
    apply.interrupt().await;
    apply.finish().await.does_not_say("panicked");

    assert!(!run.is_tainted(ENDPOINT));
    assert_eq!(run.attribute(ENDPOINT, "/status"), "pending");
    assert_eq!(run.plan().await.action(ENDPOINT), Action::Update);
    run.apply().await;
    run.assert_empty_plan().await;
    assert_eq!(run.attribute(ENDPOINT, "/status"), "active");
    assert_eq!(run.clouds.world(|world| world.tidb.connections.len()), 1);
    destroy_and_keep(&run, &id).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failed_registration_is_drift_with_the_reason_and_repaired_in_place_as_on_disconnect_says() {
    let (run, id) = run_with_foreign_endpoint().await;
    let config = Endpoint::new().existing(&quoted(&id));
    run.write("main.tf", config.hcl());
    run.apply().await;
    let fail = || {
        run.clouds.event(Event::ConnectionFailed {
            connection_id: None,
            endpoint_id: Some(id.clone()),
            message: Some("quota of the service is used up".into()),
        });
    };
    fail();

    let fails = config.clone().arguments("  on_disconnect = \"fail\"");
    run.write("main.tf", fails.hcl());
    run.plan_fails()
        .await
        .says("The private endpoint is disconnected")
        .says("quota of the service is used up");

    run.write("main.tf", config.hcl());
    assert_eq!(run.plan().await.action(ENDPOINT), Action::Update);
    run.apply().await;
    run.assert_empty_plan().await;
    assert_eq!(run.attribute(ENDPOINT, "/status"), "active");

    fail();
    run.write("main.tf", config.arguments("  on_disconnect = \"replace\"").hcl());
    run.apply().await;
    run.assert_empty_plan().await;
    assert_eq!(run.attribute(ENDPOINT, "/status"), "active");
    destroy_and_keep(&run, &id).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_registration_that_was_taken_away_is_made_anew() {
    let (run, id) = run_with_foreign_endpoint().await;
    run.write("main.tf", Endpoint::new().existing(&quoted(&id)).hcl());
    run.apply().await;
    run.clouds.world(|world| world.tidb.connections.clear());

    assert_eq!(run.plan().await.action(ENDPOINT), Action::Create);
    run.apply().await;
    run.assert_empty_plan().await;
    destroy_and_keep(&run, &id).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_endpoint_that_does_not_exist_fails_with_tidb_clouds_words_and_leaves_nothing() {
    let run = Run::new().await;
    run.write("main.tf", Endpoint::new().existing("\"vpce-0123456789abcdef0\"").hcl());

    run.apply_fails().await.says("does not exist").says("3 attempts");

    assert_eq!(run.clouds.world(|world| world.tidb.connections[0].state), ConnectionState::Failed);
    assert_eq!(run.attribute(ENDPOINT, "/status"), "failed");
    run.destroy().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn starter_and_essential_clusters_have_nothing_to_register_and_the_plan_says_what_to_do() {
    let run = Run::new().await;
    for (cluster, endpoint) in [
        (ids::STARTER_CLUSTER_ID, "\"vpce-0123456789abcdef0\""),
        (ids::ALICLOUD_CLUSTER_ID, "\"ep-t4n0123456789abcdefx\""),
    ] {
        run.write("main.tf", Endpoint::new().cluster(cluster).existing(endpoint).hcl());

        run.plan_fails()
            .await
            .says("There is nothing to register")
            .says("`host` of the `tidblink_endpoint_service`");
    }
    run.write("main.tf", Endpoint::new().existing("\"ep-t4n0123456789abcdefx\"").hcl());
    run.plan_fails().await.says("Malformed id").says("vpce-0123456789abcdef0");
}

#[tokio::test(flavor = "multi_thread")]
async fn exactly_one_side_has_to_be_named() {
    let run = Run::new().await;
    let both = Endpoint::new().arguments("  existing = {\n    endpoint_id = \"vpce-0123456789abcdef0\"\n  }");
    run.write("main.tf", both.hcl());

    run.terraform(&["validate", "-no-color"]).await.failed().says("`existing`");
    assert!(!run.addresses().contains(SERVICE));
}
