//! TiDB Cloud's things: API keys, clusters of both kinds, private link services and endpoint connections. Names and
//! states are those of the v1beta1 APIs; data only, the rules are in the sibling modules.

mod connections;
pub(super) mod error;

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::clock::Timestamp;

/// Everything TiDB Cloud knows, in one organisation.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct TidbCloud {
    /// API keys that open the three TiDB Cloud doors.
    pub keys: Vec<ApiKey>,
    /// Dedicated clusters.
    pub clusters: Vec<DedicatedCluster>,
    /// Clusters of the other plans: Starter, Essential, Premium and bring-your-own-cloud.
    pub serverless: Vec<ServerlessCluster>,
    /// Registered endpoints of Dedicated clusters.
    pub connections: Vec<Connection>,
}

impl TidbCloud {
    /// The Dedicated cluster with this id.
    pub fn cluster(&self, cluster_id: &str) -> Option<&DedicatedCluster> {
        self.clusters.iter().find(|cluster| cluster.cluster_id == cluster_id)
    }

    /// The Dedicated cluster with this id, to change.
    pub fn cluster_mut(&mut self, cluster_id: &str) -> Option<&mut DedicatedCluster> {
        self.clusters.iter_mut().find(|cluster| cluster.cluster_id == cluster_id)
    }

    /// A node group of a Dedicated cluster.
    pub fn node_group(&self, cluster_id: &str, node_group_id: &str) -> Option<&NodeGroup> {
        self.cluster(cluster_id)?.node_groups.iter().find(|group| group.node_group_id == node_group_id)
    }

    /// A node group of a Dedicated cluster, to change.
    pub fn node_group_mut(&mut self, cluster_id: &str, node_group_id: &str) -> Option<&mut NodeGroup> {
        self.cluster_mut(cluster_id)?
            .node_groups
            .iter_mut()
            .find(|group| group.node_group_id == node_group_id)
    }
}

/// A TiDB Cloud API key.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ApiKey {
    /// The digest user name.
    pub public_key: String,
    /// The digest password.
    pub private_key: String,
    /// Operations refused to this key with PERMISSION_DENIED, by name.
    #[serde(default)]
    pub denied: Vec<String>,
    /// All operations that its role allows, when it does not allow every one.
    #[serde(default)]
    pub allowed: Option<Vec<String>>,
    /// Whether lists over a whole project (`-` for the cluster) are allowed.
    #[serde(default = "yes")]
    pub project_wide: bool,
}

fn yes() -> bool {
    true
}

/// Where a cluster runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum CloudProvider {
    /// Amazon Web Services.
    Aws,
    /// Google Cloud.
    Gcp,
    /// Microsoft Azure.
    Azure,
    /// Alibaba Cloud.
    Alicloud,
}

impl CloudProvider {
    /// The name v1beta1 uses.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Aws => "aws",
            Self::Gcp => "gcp",
            Self::Azure => "azure",
            Self::Alicloud => "alicloud",
        }
    }
}

impl fmt::Display for CloudProvider {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Cluster states of v1beta1 (`commonv1beta1ClusterState`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
#[allow(missing_docs, reason = "the names are the whole documentation the API gives")]
pub enum ClusterState {
    Creating,
    Deleting,
    Active,
    Restoring,
    Maintenance,
    Deleted,
    Inactive,
    Upgrading,
    Importing,
    Modifying,
    Pausing,
    Paused,
    Resuming,
}

impl ClusterState {
    /// Whether TiDB Cloud takes a new connection now (documentation: Available, Restoring, Modifying, Importing).
    pub(crate) fn takes_connections(self) -> bool {
        matches!(self, Self::Active | Self::Restoring | Self::Modifying | Self::Importing)
    }
}

/// A Dedicated cluster.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DedicatedCluster {
    /// Decimal id; may exceed 63 bits.
    pub cluster_id: String,
    /// The project it belongs to, shown as the label `tidb.cloud/project`.
    pub project_id: String,
    /// The name people gave it.
    pub display_name: String,
    /// Where it runs.
    pub cloud_provider: CloudProvider,
    /// The cloud's own region code, e.g. `us-west-2`.
    pub region: String,
    /// E.g. `Oregon (us-west-2)`.
    pub region_display_name: String,
    /// Its state.
    pub state: ClusterState,
    /// The port its nodes listen on.
    pub port: u16,
    /// TiDB version.
    pub version: String,
    /// When it was made.
    pub create_time: Timestamp,
    /// Its TiDB node groups.
    pub node_groups: Vec<NodeGroup>,
}

impl DedicatedCluster {
    /// TiDB Cloud's region id: cloud and region code.
    pub fn region_id(&self) -> String {
        format!("{}-{}", self.cloud_provider, self.region)
    }
}

/// Node group states of v1beta1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
#[allow(missing_docs, reason = "the names are the whole documentation the API gives")]
pub enum NodeGroupState {
    Active,
    Modifying,
    Paused,
}

/// A group of TiDB nodes with its own endpoints.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NodeGroup {
    /// Decimal id.
    pub node_group_id: String,
    /// E.g. `DefaultGroup`.
    pub display_name: String,
    /// Whether it is the group every cluster has.
    pub is_default_group: bool,
    /// How many TiDB nodes.
    pub node_count: u32,
    /// Its state.
    pub state: NodeGroupState,
    /// Its endpoint service; clusters older than 2023-03-28 have none until asked.
    #[serde(default)]
    pub private_link_service: Option<PrivateLinkService>,
}

/// Service states of v1beta1; there is no failed one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
#[allow(missing_docs, reason = "the names are the whole documentation the API gives")]
pub enum ServiceState {
    Creating,
    Active,
    Deleting,
}

/// A node group's endpoint service.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PrivateLinkService {
    /// AWS: the endpoint service name.
    pub service_name: String,
    /// AWS: the host that all endpoints share.
    pub dns_name: String,
    /// AWS: availability zone ids.
    #[serde(default)]
    pub zone_ids: Vec<String>,
    /// Its state.
    pub state: ServiceState,
    /// When CREATING or DELETING ends.
    #[serde(default)]
    pub due: Option<Timestamp>,
}

/// Connection states of v1beta1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum ConnectionState {
    /// Being accepted.
    Pending,
    /// Usable.
    Active,
    /// On its way out.
    Deleting,
    /// Given up on; the message says why.
    Failed,
    /// There in the cloud, not registered.
    Discovered,
}

/// An endpoint registered with TiDB Cloud.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Connection {
    /// Decimal id.
    pub connection_id: String,
    /// The Dedicated cluster.
    pub cluster_id: String,
    /// Its node group.
    pub node_group_id: String,
    /// AWS: `vpce-…`.
    pub endpoint_id: String,
    /// Its state.
    pub state: ConnectionState,
    /// Why it failed; may also be there when it did not.
    #[serde(default)]
    pub message: String,
    /// Whether the endpoint was accepted on the cloud's side.
    #[serde(default)]
    pub accepted: bool,
    /// When it was registered.
    pub create_time: Timestamp,
    /// When PENDING or DELETING takes its next step.
    #[serde(default)]
    pub due: Option<Timestamp>,
}

/// Plans served by the serverless API.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ServerlessPlan {
    /// Starter.
    Starter,
    /// Essential.
    Essential,
    /// Premium.
    Premium,
    /// Bring your own cloud.
    Byoc,
}

/// A cluster that the serverless API tells of.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ServerlessCluster {
    /// Decimal id.
    pub cluster_id: String,
    /// The project it belongs to.
    pub project_id: String,
    /// The name people gave it.
    pub display_name: String,
    /// Its plan.
    pub plan: ServerlessPlan,
    /// Where it runs.
    pub cloud_provider: CloudProvider,
    /// The cloud's own region code.
    pub region: String,
    /// E.g. `N. Virginia (us-east-1)`.
    pub region_display_name: String,
    /// Its state.
    pub state: ClusterState,
    /// Prefix of its SQL user names.
    pub user_prefix: String,
    /// Public host.
    pub public_host: String,
    /// Private host; empty on Alibaba Cloud, where each endpoint has its own.
    pub private_host: String,
    /// Port of both.
    pub port: u16,
    /// Endpoint service, shared by the region's clusters or its own; on Google Cloud the service attachment. Empty for a
    /// cluster that tells nothing of private endpoints: `endpoints.private` is absent then.
    pub service_name: String,
    /// The service's zones as TiDB Cloud tells them.
    pub zone_ids: Vec<String>,
    /// TiDB version.
    pub version: String,
    /// When it was made.
    pub create_time: Timestamp,
}
