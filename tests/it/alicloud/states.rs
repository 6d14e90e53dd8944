//! States that Alibaba Cloud's endpoints have beyond AWS's: locked for an unpaid bill, cut off by the service's owner, and
//! busy for minutes because they take one change at a time. And answers that must not be taken for a state.

use serde_json::json;
use tidblink_sandbox::default_world as ids;
use tidblink_sandbox::world::AlicloudBusinessStatus;
use tidblink_sandbox::{Door, Effect, Event, Fault};

use super::{assert_goes_on_with, block, complete, endpoint, has_endpoint, hcl};
use crate::support::config::ENDPOINT;
use crate::support::{Action, Run};

fn lock(run: &Run, status: AlicloudBusinessStatus) {
    run.clouds.event(Event::EndpointBusinessStatus { endpoint_id: endpoint(run).endpoint_id, status });
}

#[tokio::test(flavor = "multi_thread")]
async fn an_endpoint_that_is_locked_for_a_bill_fails_the_apply_at_once_and_goes_on_once_it_is_paid() {
    let run = Run::new().await;
    run.clouds.world(|world| world.delays.alicloud_endpoint_create = 300);
    run.write("main.tf", complete());
    let apply = run.start_apply();
    run.clouds.until("the endpoint exists", has_endpoint).await;
    lock(&run, AlicloudBusinessStatus::FinancialLocked);

    let locked = apply.finish().await.failed();

    locked.says("Alibaba Cloud failed").says("is locked").says("settle its bills").says("terraform untaint");
    locked.does_not_say("in time");
    let made = endpoint(&run);
    assert_eq!(run.attribute(ENDPOINT, "/endpoint_id"), made.endpoint_id);
    lock(&run, AlicloudBusinessStatus::Normal);
    run.terraform(&["untaint", ENDPOINT]).await.succeeded();
    assert_goes_on_with(&run, &made).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_finished_endpoint_that_is_locked_shows_and_is_not_replaced() {
    let run = Run::new().await;
    run.write("main.tf", complete());
    run.apply().await;
    lock(&run, AlicloudBusinessStatus::FinancialLocked);

    assert_eq!(run.plan().await.action(ENDPOINT), Action::Update);
    run.apply_fails().await.says("settle its bills").does_not_say("in time");

    assert_eq!(run.attribute(ENDPOINT, "/cloud_state"), json!("locked"));
    run.destroy().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_endpoint_that_the_owner_cut_off_fails_the_apply_at_once_and_says_whom_to_ask() {
    let run = Run::new().await;
    run.write("main.tf", complete());
    run.apply().await;
    let made = endpoint(&run);
    run.clouds.event(Event::ConnectionDisconnected { endpoint_id: made.endpoint_id.clone() });

    assert_eq!(run.plan().await.action(ENDPOINT), Action::Update);
    let cut_off = run.apply_fails().await;

    cut_off.says("TiDB Cloud failed").says("ask TiDB Cloud support").says("-replace=ADDRESS");
    cut_off.does_not_say("in time");
    assert_eq!(run.attribute(ENDPOINT, "/cloud_state"), json!("disconnected"));
    run.clouds.event(Event::ConnectionAccepted { endpoint_id: made.endpoint_id.clone() });
    assert_goes_on_with(&run, &made).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_heartbeat_goes_on_while_an_unfinished_endpoint_changes_part_by_part() {
    let run = Run::new().await;
    run.write("main.tf", hcl(&block(&[ids::ALICLOUD_VSWITCH_A], &[ids::ALICLOUD_GROUP_OPEN], "")));
    let apply = run.start_apply();
    run.clouds.until("the endpoint exists", has_endpoint).await;
    apply.interrupt().await;
    apply.finish().await;
    assert!(endpoint(&run).tags.contains_key("tidblink:unfinished"));
    // Each part takes longer than the heartbeat may rest.
    run.clouds.world(|world| world.delays.alicloud_endpoint_change = 150);

    let groups = &[ids::ALICLOUD_GROUP_OPEN, ids::ALICLOUD_GROUP_CLOSED];
    run.write("main.tf", hcl(&block(&[ids::ALICLOUD_VSWITCH_A, ids::ALICLOUD_VSWITCH_B], groups, "")));
    run.apply().await;

    let requests = run.clouds.requests();
    let position =
        |operation: &str| requests.iter().position(|request| request.operation == operation).unwrap();
    let (first, last) = (position("AttachSecurityGroupToVpcEndpoint"), position("AddZoneToVpcEndpoint"));
    let beats = requests[first..last].iter().filter(|request| request.operation == "TagResources").count();
    assert!(beats > 0, "no heartbeat between the parts of a change");
    run.assert_empty_plan().await;
    run.destroy().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn vswitches_are_chosen_from_all_pages_of_a_list() {
    let run = Run::new().await;
    run.clouds.world(|world| world.limits.page_size = Some(1));
    run.write("main.tf", hcl(&format!("    security_group_ids = [{:?}]", ids::ALICLOUD_GROUP_OPEN)));

    run.apply().await;

    assert_eq!(endpoint(&run).zones.len(), 2);
    run.assert_empty_plan().await;
    run.destroy().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_that_lead_nowhere_are_never_taken_for_the_end_of_an_endpoint() {
    let run = Run::new().await;
    run.write("main.tf", complete());
    run.apply().await;
    for body in [
        r#"{"RequestId": "R-1"}"#,
        r#"{"RequestId": "R-1", "Endpoints": [], "TotalCount": 1}"#,
        r#"{"RequestId": "R-1", "Endpoints": [], "NextToken": "again", "TotalCount": 0}"#,
    ] {
        let answer = Effect::Answer {
            status: 200,
            body: Some(body.into()),
            headers: [("content-type".into(), "application/json".into())].into(),
            code: None,
            message: None,
        };
        run.clouds.fault(Fault::new(Door::Alicloud, "ListVpcEndpoints", answer).forever());
        run.plan_fails().await.says("ListVpcEndpoints");
        run.clouds.clear_faults();
    }

    run.assert_empty_plan().await;
    run.destroy().await;
}
