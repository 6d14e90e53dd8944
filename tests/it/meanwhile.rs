//! What changes between a plan and its apply. Nothing may be made that the plan did not promise.

use tidblink_sandbox::Event;
use tidblink_sandbox::default_world as ids;

use crate::support::terraform::Outcome;
use crate::support::{Endpoint, Run};

/// Plans, lets something happen, and applies that very plan.
async fn applied_after(endpoint: Endpoint, event: Event) -> (Run, Outcome) {
    let run = Run::new().await;
    run.write("main.tf", endpoint.hcl());
    run.plan().await;
    run.clouds.event(event);
    let outcome = run.terraform(&["apply", "-input=false", "-no-color", "tfplan"]).await;
    (run, outcome)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cluster_that_was_deleted_after_the_plan_leaves_nothing_behind() {
    let gone = Event::ClusterDeleted { cluster_id: ids::DEDICATED_CLUSTER_ID.into() };

    let (run, outcome) = applied_after(Endpoint::new(), gone).await;

    outcome.failed().says("Cluster not found");
    run.clouds.assert_no_leftovers();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_that_was_made_anew_after_the_plan_takes_a_new_plan() {
    let anew = Event::ServiceRecreated {
        cluster_id: ids::DEDICATED_CLUSTER_ID.into(),
        node_group_id: ids::DEDICATED_NODE_GROUP_ID.into(),
    };

    let (run, outcome) = applied_after(Endpoint::new(), anew).await;

    // Terraform itself notices that a value which it had promised to others is another one now.
    assert_eq!(outcome.status.code(), Some(1), "{outcome}");
    outcome.says("inconsistent final plan");
    run.clouds.assert_no_leftovers();
    run.apply().await;
    run.assert_empty_plan().await;
    run.destroy().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_zone_that_the_service_lost_after_the_plan_is_found_before_anything_is_made() {
    let fewer = Event::ServiceZones {
        cluster_id: ids::DEDICATED_CLUSTER_ID.into(),
        node_group_id: Some(ids::DEDICATED_NODE_GROUP_ID.into()),
        zone_ids: vec!["usw2-az3".into()],
    };

    let (run, outcome) = applied_after(Endpoint::new(), fewer).await;

    outcome.failed().says("The endpoint service is not in usw2-az1");
    run.clouds.assert_no_leftovers();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_name_of_a_shared_service_that_a_private_zone_owns_is_tried_for_minutes_and_then_explained() {
    let run = Run::new().await;
    run.clouds.world(|world| {
        let vpc = world.aws.vpcs.iter_mut().find(|vpc| vpc.vpc_id == ids::EAST_VPC_ID);
        vpc.unwrap().private_zones.push("gateway01-privatelink.us-east-1.prod.aws.tidbcloud.com".into());
    });
    run.write("main.tf", Endpoint::starter().hcl());

    run.apply_fails().await.says("conflicting DNS domain").says("private hosted zone");

    let tries =
        run.clouds.requests().iter().filter(|request| request.operation == "CreateVpcEndpoint").count();
    assert!(tries > 3, "{tries} tries in five minutes");
    run.clouds.assert_no_leftovers();
}

#[tokio::test(flavor = "multi_thread")]
async fn lists_that_come_one_row_at_a_time_are_read_to_their_end() {
    for endpoint in [Endpoint::new(), Endpoint::starter()] {
        let run = Run::new().await;
        run.clouds.world(|world| world.limits.page_size = Some(1));
        run.write("main.tf", endpoint.without_subnets().hcl());

        run.apply().await;

        assert!(run.clouds.endpoint().subnet_ids.len() > 1);
        run.assert_empty_plan().await;
        run.destroy().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn alibaba_cloud_lists_that_come_one_row_at_a_time_are_read_to_their_end() {
    let run = Run::new().await;
    run.clouds.world(|world| world.limits.page_size = Some(1));
    run.write("main.tf", super::alicloud::complete());

    run.apply().await;

    run.assert_empty_plan().await;
    run.destroy().await;
}
