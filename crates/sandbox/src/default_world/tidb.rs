//! TiDB Cloud of the default world: a project with Dedicated clusters in all states, and Starter and Essential clusters.

use super::names::*;
use super::strings;
use crate::clock::Timestamp;
use crate::world::{
    ApiKey, CloudProvider, ClusterState, DedicatedCluster, NodeGroup, NodeGroupState, PrivateLinkService,
    ServerlessCluster, ServerlessPlan, ServiceState, TidbCloud,
};

/// 2023-01-15, before services were made with clusters.
const OLD: Timestamp = Timestamp::from_millis(1_673_740_800_000);
/// 2025-06-01.
const RECENT: Timestamp = Timestamp::from_millis(1_748_736_000_000);

pub(super) fn tidb() -> TidbCloud {
    let west = |id: &str, name: &str, state, create_time, node_groups| DedicatedCluster {
        cluster_id: id.to_owned(),
        project_id: PROJECT_ID.to_owned(),
        display_name: name.to_owned(),
        cloud_provider: CloudProvider::Aws,
        region: "us-west-2".to_owned(),
        region_display_name: "Oregon (us-west-2)".to_owned(),
        state,
        port: 4000,
        version: "v8.5.3".to_owned(),
        create_time,
        node_groups,
    };
    let orders = west(
        DEDICATED_CLUSTER_ID,
        "orders",
        ClusterState::Active,
        RECENT,
        vec![
            node_group(DEDICATED_NODE_GROUP_ID, true, Some(service(DEDICATED_SERVICE_NAME, DEDICATED_HOST))),
            node_group(
                DEDICATED_SECOND_NODE_GROUP_ID,
                false,
                Some(service(
                    DEDICATED_SECOND_SERVICE_NAME,
                    "privatelink-19000001.a1b2c3d4e5f6.clusters.tidb-cloud.com",
                )),
            ),
        ],
    );
    let ledger = west(
        OLD_CLUSTER_ID,
        "ledger",
        ClusterState::Active,
        OLD,
        vec![node_group(OLD_NODE_GROUP_ID, true, None)],
    );
    let archive = west(
        PAUSED_CLUSTER_ID,
        "archive",
        ClusterState::Paused,
        RECENT,
        vec![NodeGroup {
            state: NodeGroupState::Paused,
            ..node_group(
                PAUSED_NODE_GROUP_ID,
                true,
                Some(service(
                    "com.amazonaws.vpce.us-west-2.vpce-svc-0aaaaaaaaaaaaaaac",
                    "privatelink-19000003.0a9b8c7d6e5f.clusters.tidb-cloud.com",
                )),
            )
        }],
    );
    let events = DedicatedCluster {
        cloud_provider: CloudProvider::Gcp,
        region: "us-central1".to_owned(),
        region_display_name: "Iowa (us-central1)".to_owned(),
        ..west(
            GCP_CLUSTER_ID,
            "events",
            ClusterState::Active,
            RECENT,
            vec![node_group(
                GCP_NODE_GROUP_ID,
                true,
                Some(PrivateLinkService {
                    service_name:
                        "projects/tidb-cloud/regions/us-central1/serviceAttachments/events-19000004"
                            .to_owned(),
                    dns_name: "us-central1.f0e1d2c3b4a5.clusters.tidb-cloud.com".to_owned(),
                    zone_ids: Vec::new(),
                    state: ServiceState::Active,
                    due: None,
                }),
            )],
        )
    };
    let billing = west(
        SECOND_DEDICATED_CLUSTER_ID,
        "billing",
        ClusterState::Active,
        RECENT,
        vec![node_group(
            SECOND_DEDICATED_NODE_GROUP_ID,
            true,
            Some(service(SECOND_DEDICATED_SERVICE_NAME, SECOND_DEDICATED_HOST)),
        )],
    );
    TidbCloud {
        keys: vec![ApiKey {
            public_key: TIDB_PUBLIC_KEY.to_owned(),
            private_key: TIDB_PRIVATE_KEY.to_owned(),
            denied: Vec::new(),
            allowed: None,
            project_wide: true,
        }],
        clusters: vec![orders, ledger, archive, events, billing],
        serverless: serverless(),
        connections: Vec::new(),
    }
}

fn node_group(
    id: &str,
    is_default_group: bool,
    private_link_service: Option<PrivateLinkService>,
) -> NodeGroup {
    NodeGroup {
        node_group_id: id.to_owned(),
        display_name: if is_default_group { "DefaultGroup" } else { "analytics" }.to_owned(),
        is_default_group,
        node_count: 2,
        state: NodeGroupState::Active,
        private_link_service,
    }
}

fn service(service_name: &str, dns_name: &str) -> PrivateLinkService {
    PrivateLinkService {
        service_name: service_name.to_owned(),
        dns_name: dns_name.to_owned(),
        zone_ids: strings(&["usw2-az1", "usw2-az2", "usw2-az3"]),
        state: ServiceState::Active,
        due: None,
    }
}

fn serverless() -> Vec<ServerlessCluster> {
    let web = ServerlessCluster {
        cluster_id: STARTER_CLUSTER_ID.to_owned(),
        project_id: PROJECT_ID.to_owned(),
        display_name: "web".to_owned(),
        plan: ServerlessPlan::Starter,
        cloud_provider: CloudProvider::Aws,
        region: "us-east-1".to_owned(),
        region_display_name: "N. Virginia (us-east-1)".to_owned(),
        state: ClusterState::Active,
        user_prefix: "3aAbBcCdD".to_owned(),
        public_host: "gateway01.us-east-1.prod.aws.tidbcloud.com".to_owned(),
        private_host: SERVERLESS_HOST.to_owned(),
        port: 4000,
        service_name: SERVERLESS_SERVICE_NAME.to_owned(),
        zone_ids: strings(&["use1-az1", "use1-az2", "use1-az4"]),
        version: "v7.5.2".to_owned(),
        create_time: RECENT,
    };
    let shop = ServerlessCluster {
        cluster_id: ESSENTIAL_CLUSTER_ID.to_owned(),
        display_name: "shop".to_owned(),
        plan: ServerlessPlan::Essential,
        user_prefix: "4bBcCdDeE".to_owned(),
        ..web.clone()
    };
    let mall = ServerlessCluster {
        cluster_id: ALICLOUD_CLUSTER_ID.to_owned(),
        display_name: "mall".to_owned(),
        plan: ServerlessPlan::Essential,
        cloud_provider: CloudProvider::Alicloud,
        region: "ap-southeast-1".to_owned(),
        region_display_name: "Singapore (ap-southeast-1)".to_owned(),
        user_prefix: "5cCdDeEfF".to_owned(),
        public_host: "gateway01.ap-southeast-1.prod.alicloud.tidbcloud.com".to_owned(),
        private_host: String::new(),
        service_name: ALICLOUD_SERVICE_NAME.to_owned(),
        zone_ids: strings(&["ap-southeast-1a", "ap-southeast-1b"]),
        ..web.clone()
    };
    let blog = ServerlessCluster {
        cluster_id: SECOND_STARTER_CLUSTER_ID.to_owned(),
        display_name: "blog".to_owned(),
        user_prefix: "6dDeEfFgG".to_owned(),
        ..web.clone()
    };
    vec![web, shop, mall, blog]
}
