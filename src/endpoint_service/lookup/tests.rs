//! What every state of a cluster and of its service comes to.

use super::*;
use crate::ids::ServiceName;
use crate::tidbcloud::PrivateEndpointInfo;
use std::collections::BTreeSet;

fn found(cluster_state: ClusterState, link: Option<LinkState>) -> Found {
    let cluster: ClusterId = "1".parse().unwrap_or_else(|_| unreachable!());
    let node_group: NodeGroupId = "2".parse().unwrap_or_else(|_| unreachable!());
    Found {
        id: ServiceId::Dedicated { cluster, node_group },
        cluster_name: "orders".into(),
        plan: Plan::Dedicated,
        project: None,
        region: Region::new("us-west-2"),
        cloud: CloudName::Aws,
        port: 4000,
        cluster_state,
        is_default_group: true,
        predates_services: false,
        link: link.map(|state| PrivateLinkService {
            service_name: None,
            host: None,
            zones: BTreeSet::new(),
            state,
            region: Some(Region::new("us-west-2")),
            cloud: Some(CloudName::Aws),
        }),
    }
}

#[test]
fn each_cluster_state_is_ready_a_wait_or_a_refusal_by_name() {
    let status = |state| found(state, Some(LinkState::Active)).status();
    for ready in
        [ClusterState::Active, ClusterState::Restoring, ClusterState::Modifying, ClusterState::Importing]
    {
        assert_eq!(status(ready), LinkStatus::Ready);
    }
    for wait in [
        ClusterState::Creating,
        ClusterState::Resuming,
        ClusterState::Upgrading,
        ClusterState::Maintenance,
        ClusterState::Other("NEW".into()),
    ] {
        let name = wait.to_string();
        assert_eq!(status(wait), LinkStatus::Wait(format!("cluster {name}")));
    }
    for (blocked, may_change_expected) in [
        (ClusterState::Paused, true),
        (ClusterState::Pausing, true),
        (ClusterState::Inactive, true),
        (ClusterState::Deleting, false),
        (ClusterState::Deleted, false),
    ] {
        let name = blocked.to_string();
        let LinkStatus::Blocked { reason, may_change } = status(blocked) else { panic!("{name}") };
        assert!(reason.contains(&name), "{reason}");
        assert_eq!(may_change, may_change_expected, "{name}");
    }
}

#[test]
fn each_service_state_is_ready_a_wait_or_a_refusal() {
    let status = |state| found(ClusterState::Active, Some(state)).status();
    assert_eq!(status(LinkState::Active), LinkStatus::Ready);
    assert!(matches!(status(LinkState::Creating), LinkStatus::Wait(_)));
    assert!(matches!(status(LinkState::Other("NEW".into())), LinkStatus::Wait(_)));
    assert!(matches!(status(LinkState::Deleting), LinkStatus::Blocked { may_change: false, .. }));
}

fn serverless(plan: ServerlessPlan, cloud: &str, private: bool) -> ServerlessCluster {
    ServerlessCluster {
        id: "1".parse().unwrap_or_else(|_| unreachable!()),
        display_name: String::new(),
        state: ClusterState::Active,
        plan,
        cloud: cloud.parse().ok(),
        cloud_raw: cloud.to_owned(),
        region: Region::new("us-east-1"),
        private: private.then(|| PrivateEndpointInfo {
            host: Some("gateway01-privatelink.us-east-1.prod.aws.tidbcloud.com".into()),
            port: None,
            service_name: Some(ServiceName::new("com.amazonaws.vpce.us-east-1.vpce-svc-1")),
            zones: BTreeSet::new(),
        }),
        project: None,
    }
}

#[test]
fn the_shared_service_of_a_starter_or_essential_cluster_is_ready() {
    for (plan, word) in [(ServerlessPlan::Starter, "starter"), (ServerlessPlan::Essential, "essential")] {
        let found = found_serverless(serverless(plan, "aws", true), None).expect("served");
        assert_eq!(found.status(), LinkStatus::Ready);
        assert_eq!((found.plan.as_str(), found.port), (word, 4000));
        assert_eq!(found.id.to_string(), "serverless/1");
        assert!(found.link.is_some_and(|link| link.host.is_some()));
    }
}

#[test]
fn a_service_on_alibaba_cloud_has_no_name_of_its_own() {
    let found = found_serverless(serverless(ServerlessPlan::Starter, "alicloud", true), None);
    assert_eq!(found.expect("served").link.expect("a service").host, None);
}

#[test]
fn plans_and_clouds_without_a_private_endpoint_are_refused_by_name() {
    for plan in [ServerlessPlan::Premium, ServerlessPlan::Byoc, ServerlessPlan::Other("Essential_V2".into())]
    {
        let word = plan.as_str().to_owned();
        let refusal = found_serverless(serverless(plan, "aws", true), None).expect_err("refused");
        assert!(matches!(refusal, Refusal::UnservedPlan { plan, .. } if plan == word));
    }
    for cloud in ["gcp", "azure", "oci"] {
        let refusal = found_serverless(serverless(ServerlessPlan::Starter, cloud, true), None);
        assert!(matches!(refusal, Err(Refusal::UnservedCloud { plan: Plan::Starter, .. })), "{cloud}");
    }
    let group: NodeGroupId = "2".parse().unwrap_or_else(|_| unreachable!());
    let refusal = found_serverless(serverless(ServerlessPlan::Starter, "aws", true), Some(&group));
    assert!(matches!(refusal, Err(Refusal::NoNodeGroups { .. })));
}

#[test]
fn a_serverless_cluster_that_shows_no_service_is_refused_with_its_plan() {
    let found = found_serverless(serverless(ServerlessPlan::Essential, "aws", false), None).expect("found");
    let LinkStatus::Blocked { reason, may_change: false } = found.status() else { panic!() };
    assert!(reason.contains("Essential"), "{reason}");
}

#[test]
fn only_an_old_cluster_is_asked_to_get_a_service_and_only_for_its_default_group() {
    let young = found(ClusterState::Active, None);
    assert!(matches!(young.status(), LinkStatus::Wait(_)));
    let old = Found { predates_services: true, ..young };
    assert_eq!(old.status(), LinkStatus::Missing);
    let other_group = Found { is_default_group: false, ..old };
    assert!(matches!(other_group.status(), LinkStatus::Blocked { may_change: false, .. }));
}
