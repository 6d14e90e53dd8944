//! Clusters that no private endpoint can be made for.

use tidblink_sandbox::Event;
use tidblink_sandbox::default_world as ids;
use tidblink_sandbox::world::{ClusterState, ServerlessPlan, ServiceState};

use crate::support::{Endpoint, Run};

#[tokio::test(flavor = "multi_thread")]
async fn a_cluster_that_neither_api_knows_is_refused_with_both_answers() {
    let run = Run::new().await;
    run.write("main.tf", Endpoint::new().cluster("10399999999999999999").hcl());

    let refused = run.plan_fails().await;

    refused
        .says("cluster_id = \"10399999999999999999\"")
        .says("Dedicated API")
        .says("Starter and Essential API");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_node_group_that_the_cluster_lacks_is_refused_with_those_it_has() {
    let run = Run::new().await;
    run.write("main.tf", Endpoint::new().node_group("1900000000000009999").hcl());

    run.plan_fails().await.says("1900000000000009999").says(ids::DEDICATED_NODE_GROUP_ID);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_paused_cluster_is_refused_before_anything_is_made() {
    let run = Run::new().await;
    run.write("main.tf", Endpoint::new().cluster(ids::PAUSED_CLUSTER_ID).hcl());

    run.apply_fails().await.says("is paused").says("resume");

    run.clouds.assert_no_leftovers();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cluster_on_a_cloud_that_is_not_served_is_refused() {
    let run = Run::new().await;
    run.write("main.tf", Endpoint::new().cluster(ids::GCP_CLUSTER_ID).hcl());

    run.plan_fails().await.says("Google Cloud");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_node_group_of_a_starter_cluster_is_refused() {
    let run = Run::new().await;
    run.write("main.tf", Endpoint::starter().node_group(ids::DEDICATED_NODE_GROUP_ID).hcl());

    run.plan_fails().await.says("node_group_id =").says("Starter").says("Leave `node_group_id` out");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cluster_of_a_plan_without_an_api_for_endpoints_is_refused_by_the_plans_name() {
    for plan in [ServerlessPlan::Premium, ServerlessPlan::Byoc] {
        let run = Run::new().await;
        run.clouds.world(|world| {
            let clusters = &mut world.tidb.serverless;
            clusters
                .iter_mut()
                .filter(|cluster| cluster.cluster_id == ids::STARTER_CLUSTER_ID)
                .for_each(|cluster| cluster.plan = plan);
        });
        run.write("main.tf", Endpoint::starter().hcl());

        run.plan_fails().await.says("TiDB Cloud console");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_aws_block_for_a_service_on_alibaba_cloud_is_refused() {
    let run = Run::new().await;
    run.write("main.tf", Endpoint::starter().cluster(ids::ALICLOUD_CLUSTER_ID).hcl());

    run.plan_fails().await.says("is on Alibaba Cloud").says("use an `alicloud` block");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_that_is_being_deleted_is_refused() {
    let run = Run::new().await;
    run.clouds.world(|world| world.delays.service_delete = 86_400);
    run.clouds.event(Event::ServiceState {
        cluster_id: ids::DEDICATED_CLUSTER_ID.into(),
        node_group_id: ids::DEDICATED_NODE_GROUP_ID.into(),
        state: ServiceState::Deleting,
    });
    run.write("main.tf", Endpoint::new().hcl());

    run.apply_fails().await.says("is being deleted");

    run.clouds.assert_no_leftovers();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cluster_that_is_paused_between_plan_and_apply_leaves_nothing_behind() {
    let run = Run::new().await;
    run.write("main.tf", Endpoint::new().hcl());
    run.plan().await;
    run.clouds.event(Event::ClusterState {
        cluster_id: ids::DEDICATED_CLUSTER_ID.into(),
        state: ClusterState::Paused,
    });

    run.terraform(&["apply", "-input=false", "-no-color", "tfplan"]).await.failed().says("is paused");

    run.clouds.assert_no_leftovers();
}
