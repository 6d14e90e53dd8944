//! The client against the sandbox, which checks digests, counts budgets and answers in the shapes of the real APIs:
//! proof that both read the references the same way.

use std::time::Duration;

use tidblink_sandbox::default_world as world;
use tidblink_sandbox::{Door, Effect, Fault, Sandbox, SandboxOptions};
use tokio_util::sync::CancellationToken;

use super::{
    ApiKey, ClusterState, Config, ConnectionState, Endpoints, KeySource, LinkState, ServerlessPlan, TidbCloud,
};
use crate::clock::Clock;
use crate::error::{Cause, ErrorKind};
use crate::ids::{CloudName, ClusterId, EndpointId, NodeGroupId, ProjectId};
use crate::operation::Operation;
use crate::random::Random;
use crate::secret::Secret;

/// How fast time runs in the sandbox and for the client.
const SPEED: f64 = 600.0;

async fn sandbox() -> Sandbox {
    sandbox_at(SPEED).await
}

async fn sandbox_at(speed: f64) -> Sandbox {
    Sandbox::start(SandboxOptions { speed, ..SandboxOptions::default() }).await.unwrap()
}

fn client(sandbox: &Sandbox, public: &str, private: &str) -> TidbCloud {
    let urls = sandbox.urls();
    TidbCloud::new(Config {
        key: ApiKey {
            public: public.into(),
            private: Secret::new(private),
            source: KeySource::ProviderBlock,
        },
        endpoints: Endpoints {
            dedicated: Endpoints::parse(&urls.dedicated).unwrap(),
            serverless: Endpoints::parse(&urls.serverless).unwrap(),
            legacy: Endpoints::parse(&urls.legacy).unwrap(),
        },
        user_agent: "tidblink-test/1".into(),
        share: super::Share::default(),
    })
    .unwrap()
}

fn allowed(sandbox: &Sandbox) -> TidbCloud {
    client(sandbox, world::TIDB_PUBLIC_KEY, world::TIDB_PRIVATE_KEY)
}

fn operation() -> Operation {
    operation_at(SPEED)
}

fn operation_at(speed: f64) -> Operation {
    let timeout = Some(Duration::from_secs(86_400));
    Operation::new(Clock::scaled(speed), Random::seeded(1), CancellationToken::new(), timeout)
}

fn cluster(text: &str) -> ClusterId {
    text.parse().unwrap()
}

fn group(text: &str) -> NodeGroupId {
    text.parse().unwrap()
}

#[tokio::test]
async fn a_dedicated_cluster_and_its_service_are_understood() {
    let sandbox = sandbox().await;
    let (client, operation) = (allowed(&sandbox), operation());
    let id = cluster(world::DEDICATED_CLUSTER_ID);
    let found = client.dedicated_cluster(&operation, &id).await.unwrap();
    assert_eq!((&found.id, &found.state, found.cloud), (&id, &ClusterState::Active, Some(CloudName::Aws)));
    assert_eq!((found.region.as_str(), found.port), ("us-west-2", Some(4000)));
    assert_eq!(found.project, Some(ProjectId::new(world::PROJECT_ID)));
    let default = found.node_groups.iter().find(|group| group.is_default).unwrap();
    assert_eq!(default.id.as_str(), world::DEDICATED_NODE_GROUP_ID);
    let service = client.private_link_service(&operation, &id, &default.id).await.unwrap();
    assert_eq!(service.service_name.unwrap().as_str(), world::DEDICATED_SERVICE_NAME);
    assert_eq!((service.state, service.host.as_deref()), (LinkState::Active, Some(world::DEDICATED_HOST)));
    assert!(!service.zones.is_empty());
}

#[tokio::test]
async fn clusters_of_other_kinds_and_states_are_understood() {
    let sandbox = sandbox().await;
    let (client, operation) = (allowed(&sandbox), operation());
    let paused = client.dedicated_cluster(&operation, &cluster(world::PAUSED_CLUSTER_ID)).await.unwrap();
    assert_eq!(paused.state, ClusterState::Paused);
    let gcp = client.dedicated_cluster(&operation, &cluster(world::GCP_CLUSTER_ID)).await.unwrap();
    assert_eq!((gcp.cloud, gcp.cloud_raw.as_str()), (Some(CloudName::Gcp), "gcp"));
    let starter = client.serverless_cluster(&operation, &cluster(world::STARTER_CLUSTER_ID)).await.unwrap();
    assert_eq!((starter.plan, starter.cloud), (ServerlessPlan::Starter, Some(CloudName::Aws)));
    let private = starter.private.unwrap();
    assert_eq!(private.host.as_deref(), Some(world::SERVERLESS_HOST));
    assert_eq!(private.service_name.unwrap().as_str(), world::SERVERLESS_SERVICE_NAME);
    let alicloud = client.serverless_cluster(&operation, &cluster(world::ALICLOUD_CLUSTER_ID)).await.unwrap();
    assert_eq!((alicloud.plan, alicloud.cloud), (ServerlessPlan::Essential, Some(CloudName::Alicloud)));
    assert_eq!(alicloud.private.unwrap().service_name.unwrap().as_str(), world::ALICLOUD_SERVICE_NAME);
}

#[tokio::test]
async fn each_api_knows_only_its_own_clusters() {
    let sandbox = sandbox().await;
    let (client, operation) = (allowed(&sandbox), operation());
    for id in [world::STARTER_CLUSTER_ID, "10399999999999999999"] {
        assert!(client.dedicated_cluster(&operation, &cluster(id)).await.unwrap_err().is_not_found(), "{id}");
    }
    for id in [world::DEDICATED_CLUSTER_ID, "10399999999999999999"] {
        let error = client.serverless_cluster(&operation, &cluster(id)).await.unwrap_err();
        assert!(error.is_not_found(), "{id}");
        assert!(error.request_id.is_some());
    }
}

#[tokio::test]
async fn an_endpoint_is_registered_once_even_if_the_answer_is_lost_and_deregistered_until_it_is_gone() {
    let sandbox = sandbox().await;
    let (client, operation) = (allowed(&sandbox), operation());
    let (cluster, group) = (cluster(world::DEDICATED_CLUSTER_ID), group(world::DEDICATED_NODE_GROUP_ID));
    let endpoint: EndpointId = "vpce-0aaaaaaaaaaaaaaaa".parse().unwrap();
    let lose = |operation| Fault::new(Door::Dedicated, operation, Effect::LostAfterEffect);

    sandbox.add_fault(lose("CreatePrivateEndpointConnection"));
    let made = client.register(&operation, &cluster, &group, &endpoint).await.unwrap();
    assert_eq!(made.endpoint, endpoint);
    let id = made.id.unwrap();
    let again = client.register(&operation, &cluster, &group, &endpoint).await.unwrap();
    assert_eq!(again.id.as_ref(), Some(&id));
    assert_eq!(client.connections(&operation, &cluster, &group).await.unwrap().len(), 1);

    // EC2 does not know this endpoint, so TiDB Cloud cannot accept it.
    sandbox.advance(Duration::from_secs(3600));
    let failed = client.connection(&operation, &cluster, &group, &id).await.unwrap();
    assert_eq!(failed.state, ConnectionState::Failed);
    assert!(failed.message.unwrap().contains("does not exist"));

    sandbox.add_fault(lose("DeletePrivateEndpointConnection"));
    client.deregister(&operation, &cluster, &group, &id).await.unwrap();
    client.deregister(&operation, &cluster, &group, &id).await.unwrap();
    sandbox.advance(Duration::from_secs(3600));
    assert!(client.connection(&operation, &cluster, &group, &id).await.unwrap_err().is_not_found());
    client.deregister(&operation, &cluster, &group, &id).await.unwrap();
    assert!(sandbox.leftovers().is_empty());
}

#[tokio::test]
async fn a_paused_cluster_refuses_a_registration() {
    let sandbox = sandbox().await;
    let error = allowed(&sandbox)
        .register(
            &operation(),
            &cluster(world::PAUSED_CLUSTER_ID),
            &group(world::PAUSED_NODE_GROUP_ID),
            &"vpce-0aaaaaaaaaaaaaaaa".parse().unwrap(),
        )
        .await
        .unwrap_err();
    assert_eq!(error.cause, Some(Cause::FailedPrecondition), "{error}");
}

#[tokio::test]
async fn an_old_cluster_gets_a_service_through_the_legacy_api() {
    let sandbox = sandbox().await;
    let (client, operation) = (allowed(&sandbox), operation());
    let (old, group) = (cluster(world::OLD_CLUSTER_ID), group(world::OLD_NODE_GROUP_ID));
    assert!(client.private_link_service(&operation, &old, &group).await.unwrap_err().is_not_found());
    let project = ProjectId::new(world::PROJECT_ID);
    let asked = client.request_legacy_service(&operation, &project, &old).await.unwrap();
    assert_eq!(asked.state, LinkState::Creating);
    sandbox.advance(Duration::from_secs(3600));
    let ready = client.legacy_service(&operation, &project, &old).await.unwrap();
    assert_eq!((ready.state, ready.cloud), (LinkState::Active, Some(CloudName::Aws)));
    let service = client.private_link_service(&operation, &old, &group).await.unwrap();
    assert_eq!(service.service_name, ready.service_name);
}

#[tokio::test]
async fn wrong_keys_are_told_apart() {
    let sandbox = sandbox().await;
    for (public, private, cause) in [
        ("NOBODY", world::TIDB_PRIVATE_KEY, Cause::UnknownKey),
        (world::TIDB_PUBLIC_KEY, "guess", Cause::WrongSecret),
    ] {
        let client = client(&sandbox, public, private);
        let error =
            client.dedicated_cluster(&operation(), &cluster(world::DEDICATED_CLUSTER_ID)).await.unwrap_err();
        assert_eq!((error.kind, error.cause), (ErrorKind::Unauthenticated, Some(cause)));
    }
}

#[tokio::test]
async fn a_nonce_that_ran_out_is_renewed() {
    let sandbox = sandbox().await;
    let (client, operation) = (allowed(&sandbox), operation());
    client.dedicated_cluster(&operation, &cluster(world::DEDICATED_CLUSTER_ID)).await.unwrap();
    sandbox.advance(Duration::from_secs(86_400));
    client.dedicated_cluster(&operation, &cluster(world::PAUSED_CLUSTER_ID)).await.unwrap();
}

#[tokio::test]
async fn more_calls_than_the_budget_allows_all_succeed_and_few_are_refused() {
    // A minute is a second here, so that the way over loopback stays short beside it.
    let sandbox = sandbox_at(60.0).await;
    sandbox.world(|world| world.limits.tidb_requests_per_minute = 20);
    let (client, operation) = (allowed(&sandbox), operation_at(60.0));
    client.dedicated_cluster(&operation, &cluster(world::DEDICATED_CLUSTER_ID)).await.unwrap();
    let mut calls = tokio::task::JoinSet::new();
    for number in 0..50 {
        let (client, operation) = (client.clone(), operation.clone());
        calls.spawn(async move {
            // Clusters that are not there, so that every call is one of its own.
            client.dedicated_cluster(&operation, &cluster(&format!("777{number}"))).await
        });
    }
    while let Some(answer) = calls.join_next().await {
        assert!(answer.unwrap().unwrap_err().is_not_found());
    }
    let refused = sandbox.requests().iter().filter(|request| request.status == Some(429)).count();
    // Without a budget of its own the client would run into the limit more than forty times.
    assert!(refused <= 10, "{refused} calls ran into the limit");
}
