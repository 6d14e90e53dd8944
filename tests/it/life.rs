//! The main job: one configuration from its first plan to its destruction.

use serde_json::json;
use tidblink_sandbox::Event;
use tidblink_sandbox::default_world as ids;
use tidblink_sandbox::world::{ConnectionState, EndpointState, ServiceState};

use crate::support::config::{ENDPOINT, SERVICE};
use crate::support::{Action, Endpoint, Run};

#[tokio::test(flavor = "multi_thread")]
async fn one_apply_makes_a_private_path_and_one_destroy_takes_it_away() {
    let run = Run::new().await;
    run.write("main.tf", Endpoint::new().tag("team", "orders").hcl());

    run.apply().await;
    assert_eq!(run.output("host").await, ids::DEDICATED_HOST);
    assert_eq!(run.output("port").await, 4000);
    run.assert_empty_plan().await;

    let endpoint = run.clouds.endpoint();
    assert_eq!(endpoint.state, EndpointState::Available);
    assert!(endpoint.private_dns_enabled);
    assert_eq!(endpoint.tags["team"], "orders");
    assert!(endpoint.tags.contains_key("tidblink:token"), "{:?}", endpoint.tags);
    assert!(!endpoint.tags.contains_key("tidblink:unfinished"), "{:?}", endpoint.tags);
    let connections = run.clouds.world(|world| world.tidb.connections.clone());
    assert_eq!(connections.len(), 1);
    assert_eq!(connections[0].state, ConnectionState::Active);

    for (attribute, expected) in [
        ("/endpoint_id", json!(endpoint.endpoint_id)),
        ("/connection_id", json!(connections[0].connection_id)),
        ("/project_id", json!(ids::PROJECT_ID)),
        ("/region", json!("us-west-2")),
        ("/managed", json!(true)),
        ("/status", json!("active")),
        ("/status_reason", json!(null)),
        ("/cloud_state", json!("available")),
        ("/aws/private_dns_enabled", json!(true)),
        ("/aws/tags", json!({ "team": "orders" })),
    ] {
        assert_eq!(run.attribute(ENDPOINT, attribute), expected, "{attribute}");
    }
    let id = format!("{}/{}", run.attribute(SERVICE, "/id").as_str().unwrap(), endpoint.endpoint_id);
    assert_eq!(run.attribute(ENDPOINT, "/id"), id);

    run.destroy().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_first_plan_knows_the_service_and_where_clients_will_connect() {
    let run = Run::new().await;
    run.write("main.tf", Endpoint::new().hcl());

    let plan = run.plan().await;

    for (attribute, expected) in [
        ("/id", json!(format!("dedicated/{}/{}", ids::DEDICATED_CLUSTER_ID, ids::DEDICATED_NODE_GROUP_ID))),
        ("/node_group_id", json!(ids::DEDICATED_NODE_GROUP_ID)),
        ("/plan", json!("dedicated")),
        ("/project_id", json!(ids::PROJECT_ID)),
        ("/cloud_provider", json!("aws")),
        ("/region", json!("us-west-2")),
        ("/service_name", json!(ids::DEDICATED_SERVICE_NAME)),
        ("/host", json!(ids::DEDICATED_HOST)),
        ("/port", json!(4000)),
    ] {
        assert_eq!(plan.planned(SERVICE, attribute), Some(&expected), "{attribute}");
    }
    assert_eq!(plan.planned(ENDPOINT, "/host"), Some(&json!(ids::DEDICATED_HOST)));
    assert_eq!(plan.planned(ENDPOINT, "/port"), Some(&json!(4000)));
    assert_eq!(plan.planned(SERVICE, "/state"), None, "the state may change until the apply");
    assert_eq!(plan.planned(ENDPOINT, "/endpoint_id"), None);
    run.clouds.assert_no_leftovers();
}

#[tokio::test(flavor = "multi_thread")]
async fn subnets_groups_private_dns_and_tags_change_in_place() {
    let run = Run::new().await;
    run.write("main.tf", Endpoint::new().tag("team", "orders").hcl());
    run.apply().await;
    let before = run.clouds.endpoint();

    let changed = Endpoint::new()
        .subnets(&[ids::WEST_SUBNET_AZ2, ids::WEST_SUBNET_AZ3])
        .security_groups(&[ids::WEST_GROUP_OPEN, ids::WEST_GROUP_DEFAULT])
        .private_dns(false)
        .tag("stage", "test");
    run.write("main.tf", changed.hcl());
    assert_eq!(run.plan().await.action(ENDPOINT), Action::Update);
    run.apply().await;
    run.assert_empty_plan().await;

    let after = run.clouds.endpoint();
    assert_eq!(after.endpoint_id, before.endpoint_id);
    assert_eq!(sorted(&after.subnet_ids), [ids::WEST_SUBNET_AZ2, ids::WEST_SUBNET_AZ3]);
    assert_eq!(sorted(&after.security_group_ids), [ids::WEST_GROUP_OPEN, ids::WEST_GROUP_DEFAULT]);
    assert!(!after.private_dns_enabled);
    assert_eq!(after.tags.get("stage").map(String::as_str), Some("test"));
    assert_eq!(after.tags.get("team"), None);
    assert_eq!(after.tags.get("tidblink:token"), before.tags.get("tidblink:token"));

    run.write("main.tf", changed.private_dns(true).hcl());
    run.apply().await;
    run.assert_empty_plan().await;
    assert!(run.clouds.endpoint().private_dns_enabled);
    run.destroy().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_subnet_may_be_swapped_for_another_one_in_its_zone() {
    let run = Run::new().await;
    run.write("main.tf", Endpoint::new().subnets(&[ids::WEST_SUBNET_AZ1]).hcl());
    run.apply().await;

    run.write("main.tf", Endpoint::new().subnets(&[ids::WEST_SUBNET_AZ1_SECOND]).hcl());
    run.apply().await;

    run.assert_empty_plan().await;
    assert_eq!(run.clouds.endpoint().subnet_ids, [ids::WEST_SUBNET_AZ1_SECOND]);
    run.destroy().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn another_vpc_takes_another_endpoint() {
    let run = Run::new().await;
    run.write("main.tf", Endpoint::new().hcl());
    run.apply().await;
    let before = run.clouds.endpoint();

    run.clouds.event(Event::VpcDns {
        vpc_id: ids::WEST_VPC_WITHOUT_DNS.into(),
        support: true,
        hostnames: true,
    });
    let moved = Endpoint::new()
        .vpc(ids::WEST_VPC_WITHOUT_DNS)
        .subnets(&[ids::WEST_SUBNET_WITHOUT_DNS])
        .security_groups(&[ids::WEST_GROUP_WITHOUT_DNS]);
    run.write("main.tf", moved.hcl());
    assert_eq!(run.plan().await.action(ENDPOINT), Action::Replace);
    run.apply().await;
    run.assert_empty_plan().await;

    let after = run.clouds.endpoint();
    assert_ne!(after.endpoint_id, before.endpoint_id);
    assert_eq!(after.vpc_id, ids::WEST_VPC_WITHOUT_DNS);
    run.destroy().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn taking_optional_arguments_out_keeps_what_is_there() {
    let run = Run::new().await;
    run.write("main.tf", Endpoint::new().private_dns(true).hcl());
    run.apply().await;

    run.write("main.tf", Endpoint::new().without_subnets().without_security_groups().hcl());

    run.assert_empty_plan().await;
    run.destroy().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn without_subnets_one_per_zone_of_the_service_is_chosen_and_told() {
    let run = Run::new().await;
    run.write("main.tf", Endpoint::new().without_subnets().without_security_groups().hcl());

    let plan = run.plan().await;
    assert!(plan.prose.contains(ids::WEST_SUBNET_AZ3), "the choice is not told: {}", plan.prose);
    run.apply().await;
    run.assert_empty_plan().await;

    let endpoint = run.clouds.endpoint();
    assert_eq!(
        sorted(&endpoint.subnet_ids),
        [ids::WEST_SUBNET_AZ1, ids::WEST_SUBNET_AZ2, ids::WEST_SUBNET_AZ3]
    );
    assert_eq!(endpoint.security_group_ids, [ids::WEST_GROUP_DEFAULT]);
    run.destroy().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn each_node_group_has_a_service_and_an_endpoint_of_its_own() {
    let run = Run::new().await;
    run.write("main.tf", Endpoint::new().node_group(ids::DEDICATED_SECOND_NODE_GROUP_ID).hcl());

    run.apply().await;

    run.assert_empty_plan().await;
    assert_eq!(run.clouds.endpoint().service_name, ids::DEDICATED_SECOND_SERVICE_NAME);
    run.destroy().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_that_is_still_being_made_is_waited_for() {
    let run = Run::new().await;
    run.clouds.event(Event::ServiceState {
        cluster_id: ids::DEDICATED_CLUSTER_ID.into(),
        node_group_id: ids::DEDICATED_NODE_GROUP_ID.into(),
        state: ServiceState::Creating,
    });
    run.write("main.tf", Endpoint::new().hcl());

    run.apply().await;

    assert_eq!(run.attribute(SERVICE, "/state"), "active");
    run.assert_empty_plan().await;
    run.destroy().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cluster_from_before_services_gets_one_from_the_apply_and_not_from_the_plan() {
    let run = Run::new().await;
    run.write("main.tf", Endpoint::new().cluster(ids::OLD_CLUSTER_ID).hcl());

    run.plan().await;
    assert!(!run.clouds.world(|world| old_cluster_has_service(world)));
    run.apply().await;

    assert!(run.clouds.world(|world| old_cluster_has_service(world)));
    run.assert_empty_plan().await;
    run.destroy().await;
}

fn old_cluster_has_service(world: &tidblink_sandbox::world::World) -> bool {
    world
        .tidb
        .node_group(ids::OLD_CLUSTER_ID, ids::OLD_NODE_GROUP_ID)
        .is_some_and(|group| group.private_link_service.is_some())
}

#[tokio::test(flavor = "multi_thread")]
async fn destroying_a_service_only_forgets_it() {
    let run = Run::new().await;
    run.write("main.tf", Endpoint::new().service_hcl());
    run.apply().await;
    let before = run.clouds.world(|world| world.tidb.clusters.clone());

    run.destroy().await;

    assert_eq!(run.clouds.world(|world| world.tidb.clusters.clone()), before);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_registration_that_failed_because_the_endpoint_was_not_visible_yet_is_repeated() {
    let run = Run::new().await;
    run.clouds.world(|world| world.delays.endpoint_visible_to_service = 90);
    run.write("main.tf", Endpoint::new().hcl());

    run.apply().await;

    assert_eq!(run.attribute(ENDPOINT, "/status"), "active");
    let registrations = run
        .clouds
        .requests()
        .iter()
        .filter(|request| {
            request.door == tidblink_sandbox::Door::Dedicated
                && request.method == "POST"
                && request.status == Some(200)
        })
        .count();
    assert_eq!(registrations, 2);
    run.assert_empty_plan().await;
    run.destroy().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_that_was_lost_on_the_way_makes_no_second_endpoint_and_no_second_registration() {
    use tidblink_sandbox::{Door, Effect, Fault};
    let run = Run::new().await;
    run.clouds.fault(Fault::new(Door::Ec2, "CreateVpcEndpoint", Effect::LostAfterEffect));
    run.clouds.fault(Fault::new(Door::Dedicated, "CreatePrivateEndpointConnection", Effect::LostAfterEffect));
    run.write("main.tf", Endpoint::new().hcl());

    run.apply().await;

    run.clouds.endpoint();
    assert_eq!(run.clouds.world(|world| world.tidb.connections.len()), 1);
    run.assert_empty_plan().await;
    run.destroy().await;
}

fn sorted(ids: &[String]) -> Vec<&str> {
    let mut ids: Vec<_> = ids.iter().map(String::as_str).collect();
    ids.sort_unstable();
    ids
}

#[tokio::test(flavor = "multi_thread")]
async fn ids_that_another_resource_makes_in_the_same_run_may_be_used() {
    let run = Run::new().await;
    let known =
        Endpoint::new().subnets(&[ids::WEST_SUBNET_AZ1, ids::WEST_SUBNET_AZ2]).tag("owner", "x").hcl();
    let unknown = known
        .replace(&format!("{:?}", ids::WEST_VPC_ID), "terraform_data.made[\"vpc\"].output")
        .replace(&format!("{:?}", ids::WEST_SUBNET_AZ2), "terraform_data.made[\"subnet\"].output")
        .replace(&format!("{:?}", ids::WEST_GROUP_OPEN), "terraform_data.made[\"group\"].output")
        .replace("\"owner\" = \"x\"", "\"owner\" = terraform_data.made[\"vpc\"].output");
    let made = format!(
        "resource \"terraform_data\" \"made\" {{\n  for_each = {{ vpc = {:?}, subnet = {:?}, group = {:?} }}\n  \
         input    = each.value\n}}\n",
        ids::WEST_VPC_ID,
        ids::WEST_SUBNET_AZ2,
        ids::WEST_GROUP_OPEN
    );
    assert_eq!(unknown.matches("terraform_data.made").count(), 4, "{unknown}");
    run.write("main.tf", format!("{unknown}\n{made}"));

    run.terraform(&["validate", "-no-color"]).await.succeeded();
    run.apply().await;

    assert_eq!(run.clouds.endpoint().subnet_ids.len(), 2);
    run.assert_empty_plan().await;
    run.destroy().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn default_tags_are_set_and_cannot_touch_the_marks() {
    let run = Run::new().await;
    let provider = |key: &str| {
        format!(
            "provider \"tidblink\" {{\n  aws = {{\n    default_tags = {{ {key:?} = \"orders\" }}\n  }}\n}}"
        )
    };
    run.write("main.tf", Endpoint::new().provider(&provider("tidblink:token")).hcl());
    run.plan_fails().await.says("Unusable tag");

    run.write("main.tf", Endpoint::new().provider(&provider("team")).hcl());
    run.apply().await;
    assert_eq!(run.clouds.endpoint().tags["team"], "orders");
    run.assert_empty_plan().await;
    run.destroy().await;
}
