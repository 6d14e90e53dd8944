//! Starter and Essential on Alibaba Cloud: the whole life of an endpoint there, and what can be in its way.

mod access;
mod states;

use std::fmt::Write as _;

use serde_json::json;
use tidblink_sandbox::Event;
use tidblink_sandbox::default_world as ids;
use tidblink_sandbox::world::{AlicloudEndpoint, World};

use crate::support::config::{ENDPOINT, SERVICE};
use crate::support::{Action, Endpoint, Run};

/// A configuration for the Essential cluster; `block` is what stands in `alicloud`.
pub(crate) fn hcl(block: &str) -> String {
    let mut hcl = Endpoint::new().cluster(ids::ALICLOUD_CLUSTER_ID).service_hcl();
    let _ = write!(
        hcl,
        "resource \"tidblink_private_endpoint\" \"app\" {{\n  service_id = {SERVICE}.id\n  alicloud = {{\n    vpc_id = \
         {:?}\n{block}\n  }}\n}}\noutput \"host\" {{\n  value = {ENDPOINT}.host\n}}\n",
        ids::ALICLOUD_VPC_ID
    );
    hcl
}

pub(crate) fn block(vswitches: &[&str], groups: &[&str], more: &str) -> String {
    format!("    vswitch_ids = {vswitches:?}\n    security_group_ids = {groups:?}\n{more}")
}

pub(crate) fn complete() -> String {
    hcl(&block(&[ids::ALICLOUD_VSWITCH_A, ids::ALICLOUD_VSWITCH_B], &[ids::ALICLOUD_GROUP_OPEN], ""))
}

fn endpoint(run: &Run) -> AlicloudEndpoint {
    run.clouds.world(|world| {
        assert_eq!(world.alicloud.endpoints.len(), 1, "{:#?}", world.alicloud.endpoints);
        world.alicloud.endpoints[0].clone()
    })
}

fn has_endpoint(world: &World) -> bool {
    !world.alicloud.endpoints.is_empty()
}

/// Applies again, which goes on with this very endpoint and finishes it; then everything goes.
async fn assert_goes_on_with(run: &Run, made: &AlicloudEndpoint) {
    run.apply().await;
    assert_eq!(endpoint(run).endpoint_id, made.endpoint_id);
    run.assert_empty_plan().await;
    run.destroy().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn one_apply_makes_a_private_path_and_one_destroy_takes_it_away() {
    let run = Run::new().await;
    run.write("main.tf", complete());

    let plan = run.plan().await;
    assert_eq!(plan.planned(SERVICE, "/host"), Some(&json!(null)), "the service has no name of its own");
    assert_eq!(plan.planned(SERVICE, "/cloud_provider"), Some(&json!("alicloud")));
    assert_eq!(plan.planned(ENDPOINT, "/host"), None, "the endpoint's name comes with the endpoint");
    assert_eq!(plan.planned(ENDPOINT, "/port"), Some(&json!(4000)));
    assert_eq!(plan.planned(ENDPOINT, "/connection_id"), Some(&json!(null)), "nothing is registered here");
    run.apply().await;
    run.assert_empty_plan().await;

    let made = endpoint(&run);
    assert_eq!(run.output("host").await, made.domain);
    for (attribute, expected) in [
        ("/endpoint_id", json!(made.endpoint_id)),
        ("/status", json!("active")),
        ("/cloud_state", json!("available")),
        ("/connection_id", json!(null)),
        ("/managed", json!(true)),
        ("/region", json!("ap-southeast-1")),
    ] {
        assert_eq!(run.attribute(ENDPOINT, attribute), expected, "{attribute}");
    }
    assert!(!made.tags.contains_key("tidblink:unfinished"), "{:?}", made.tags);
    run.destroy().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn vswitches_groups_name_and_tags_change_in_place() {
    let run = Run::new().await;
    run.write("main.tf", complete());
    run.apply().await;
    let made = endpoint(&run);

    let changed = block(
        &[ids::ALICLOUD_VSWITCH_A_SECOND],
        &[ids::ALICLOUD_GROUP_OPEN, ids::ALICLOUD_GROUP_CLOSED],
        "    name = \"orders\"\n    tags = { team = \"db\" }",
    );
    run.write("main.tf", hcl(&changed));
    let plan = run.plan().await;
    assert_eq!(plan.action(ENDPOINT), Action::Update);
    assert_eq!(plan.planned(ENDPOINT, "/connection_state"), Some(&json!(null)), "nothing is registered here");
    run.apply().await;
    run.assert_empty_plan().await;

    let changed = endpoint(&run);
    assert_eq!(changed.endpoint_id, made.endpoint_id);
    assert_eq!(changed.zones.len(), 1);
    assert_eq!(changed.security_groups.len(), 2);
    assert_eq!((changed.name.as_str(), changed.tags["team"].as_str()), ("orders", "db"));
    run.destroy().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn without_vswitches_one_per_zone_of_the_service_is_chosen_and_told() {
    let run = Run::new().await;
    run.write("main.tf", hcl(&format!("    security_group_ids = [{:?}]", ids::ALICLOUD_GROUP_OPEN)));

    let plan = run.plan().await;
    assert!(plan.prose.contains(ids::ALICLOUD_VSWITCH_A), "{}", plan.prose);
    run.apply().await;

    assert_eq!(endpoint(&run).zones.len(), 2);
    run.assert_empty_plan().await;
    run.destroy().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_can_never_work_is_an_error_in_the_plan() {
    for (vswitches, groups, expected) in [
        (&[ids::ALICLOUD_VSWITCH_C][..], &[ids::ALICLOUD_GROUP_OPEN][..], "ap-southeast-1c"),
        (
            &[ids::ALICLOUD_VSWITCH_A, ids::ALICLOUD_VSWITCH_A_SECOND],
            &[ids::ALICLOUD_GROUP_OPEN],
            "ap-southeast-1a",
        ),
        (&["vsw-t4nsandbox00000000099"], &[ids::ALICLOUD_GROUP_OPEN], "vsw-t4nsandbox00000000099"),
        (&[ids::ALICLOUD_VSWITCH_A], &["sg-t4nsandbox0000000099"], "sg-t4nsandbox0000000099"),
        (&["subnet-0a000000000000001"], &[ids::ALICLOUD_GROUP_OPEN], "a vSwitch id such as"),
    ] {
        let run = Run::new().await;
        run.write("main.tf", hcl(&block(vswitches, groups, "")));
        run.plan_fails().await.says(expected);
        run.clouds.assert_no_leftovers();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_vpc_that_is_not_in_the_region_of_the_service_is_refused() {
    let run = Run::new().await;
    run.write("main.tf", complete().replace(ids::ALICLOUD_VPC_ID, "vpc-t4nsandbox00000000099"));

    run.plan_fails().await.says("vpc-t4nsandbox00000000099").says("ap-southeast-1");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_may_still_change_warns_in_the_plan_and_stops_the_apply_before_it_makes_anything() {
    for event in [
        Event::ProductOpen { open: false },
        Event::ServiceAutoAccept { service_name: ids::ALICLOUD_SERVICE_NAME.into(), auto_accept: false },
    ] {
        let run = Run::new().await;
        run.clouds.event(event);
        run.write("main.tf", complete());

        run.plan().await;
        run.apply_fails().await.says("Nothing was made");
        run.clouds.assert_no_leftovers();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_group_that_does_not_let_the_port_in_is_only_a_warning() {
    let run = Run::new().await;
    run.write("main.tf", hcl(&block(&[ids::ALICLOUD_VSWITCH_A], &[ids::ALICLOUD_GROUP_CLOSED], "")));

    let plan = run.plan().await;
    assert!(plan.prose.contains("4000"), "{}", plan.prose);
    run.apply().await;
    run.destroy().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn names_and_tags_outside_the_rules_are_refused_at_validate() {
    for (more, expected) in [
        ("    name = \"1st\"", "begins with a letter"),
        ("    tags = { \"acs:x\" = \"y\" }", "acs:"),
        ("    tags = { \"tidblink:token\" = \"y\" }", "marks"),
    ] {
        let run = Run::new().await;
        run.write("main.tf", hcl(&block(&[ids::ALICLOUD_VSWITCH_A], &[ids::ALICLOUD_GROUP_OPEN], more)));
        run.terraform(&["validate", "-no-color"]).await.failed().says(expected);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_alicloud_block_for_a_service_on_aws_is_refused() {
    let run = Run::new().await;
    run.write("main.tf", complete().replace(ids::ALICLOUD_CLUSTER_ID, ids::STARTER_CLUSTER_ID));

    run.plan_fails().await.says("is on AWS").says("use an `aws` block");
}

#[tokio::test(flavor = "multi_thread")]
async fn ctrl_c_during_a_create_keeps_the_endpoint_and_the_next_apply_finishes_it() {
    let run = Run::new().await;
    run.write("main.tf", complete());
    let apply = run.start_apply();
    run.clouds.until("the endpoint exists", has_endpoint).await;
    apply.interrupt().await;
    apply.finish().await.does_not_say("Plugin did not respond");

    let made = endpoint(&run);
    assert!(!run.is_tainted(ENDPOINT));
    assert_eq!(run.attribute(ENDPOINT, "/endpoint_id"), made.endpoint_id);
    assert_goes_on_with(&run, &made).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_endpoint_of_a_killed_provider_is_adopted() {
    let run = Run::new().await;
    run.note_provider_processes();
    run.write("main.tf", complete());
    let apply = run.start_apply();
    run.clouds.until("the endpoint exists", has_endpoint).await;
    run.kill_provider().await;
    let killed = apply.finish().await;
    assert!(!killed.status.success(), "{killed}");
    let orphan = endpoint(&run);

    assert_goes_on_with(&run, &orphan).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_endpoint_that_somebody_deleted_is_made_anew() {
    let run = Run::new().await;
    run.write("main.tf", complete());
    run.apply().await;
    let made = endpoint(&run);
    run.clouds.event(Event::EndpointDeleted { endpoint_id: made.endpoint_id.clone() });

    assert_eq!(run.plan().await.action(ENDPOINT), Action::Create);
    run.apply().await;

    assert_ne!(endpoint(&run).endpoint_id, made.endpoint_id);
    run.assert_empty_plan().await;
    run.destroy().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_endpoint_is_imported_by_its_id() {
    let run = Run::new().await;
    run.write("main.tf", complete());
    run.apply().await;
    let id = run.attribute(ENDPOINT, "/id").as_str().unwrap().to_owned();
    run.terraform(&["state", "rm", ENDPOINT]).await.succeeded();

    run.try_import(ENDPOINT, &id).await.succeeded();

    run.assert_empty_plan().await;
    run.destroy().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_endpoint_made_without_groups_is_replaced_when_it_shall_have_one() {
    let run = Run::new().await;
    run.write("main.tf", hcl(&block(&[ids::ALICLOUD_VSWITCH_A], &[], "")));
    run.apply().await;
    let open = endpoint(&run);

    run.write("main.tf", hcl(&block(&[ids::ALICLOUD_VSWITCH_A], &[ids::ALICLOUD_GROUP_OPEN], "")));
    assert_eq!(run.plan().await.action(ENDPOINT), Action::Replace);
    run.apply().await;

    assert_ne!(endpoint(&run).endpoint_id, open.endpoint_id);
    run.assert_empty_plan().await;
    run.destroy().await;
}
