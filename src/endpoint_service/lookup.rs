//! Finds the endpoint service of a cluster and says what can be done with it. Shared by the endpoint service and the
//! private endpoint, which both begin with "which service is this?".

use crate::error::ApiError;
use crate::ids::{CloudName, ClusterId, NodeGroupId, ProjectId, Region, ServiceId};
use crate::operation::Operation;
use crate::tidbcloud::{
    ClusterState, DedicatedCluster, LinkState, NodeGroup, PrivateLinkService, ServerlessCluster,
    ServerlessPlan, TidbCloud,
};

/// Clusters created on this day or later get their endpoint service by themselves (TiDB Cloud documentation, "Connect
/// via Private Endpoint with AWS", note in step 3). Seconds since the Unix epoch of 2023-03-28T00:00:00Z.
const SERVICE_COMES_WITH_CLUSTER_SINCE: i64 = 1_679_961_600;

/// The plans whose clusters are served, in the words of `tidblink_endpoint_service.plan`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Plan {
    /// TiDB Cloud Dedicated.
    Dedicated,
    /// TiDB Cloud Starter, formerly Serverless.
    Starter,
    /// TiDB Cloud Essential.
    Essential,
}

impl Plan {
    /// The word that the user reads.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Dedicated => "dedicated",
            Self::Starter => "starter",
            Self::Essential => "essential",
        }
    }

    /// The name that people use.
    pub fn title(self) -> &'static str {
        match self {
            Self::Dedicated => "Dedicated",
            Self::Starter => "Starter",
            Self::Essential => "Essential",
        }
    }
}

/// A cluster, its node group and its endpoint service, as far as there is one.
#[derive(Clone, Debug)]
pub struct Found {
    /// Our id of the service.
    pub id: ServiceId,
    /// The name that the cluster's owner gave it.
    pub cluster_name: String,
    /// The cluster's plan.
    pub plan: Plan,
    /// The project, when TiDB Cloud says.
    pub project: Option<ProjectId>,
    /// The region that the service is in.
    pub region: Region,
    /// The cloud that it is on; only served ones get this far.
    pub cloud: CloudName,
    /// The port that clients connect to.
    pub port: u16,
    /// The cluster's state.
    pub cluster_state: ClusterState,
    /// Whether the node group is the cluster's default one.
    pub is_default_group: bool,
    /// Whether the cluster is from before endpoint services came by themselves.
    pub predates_services: bool,
    /// The service; `None` when the cluster has none.
    pub link: Option<PrivateLinkService>,
}

/// What can be done with a found service now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LinkStatus {
    /// Endpoints can be made.
    Ready,
    /// It becomes ready by itself; the text says what it is now.
    Wait(String),
    /// There is none and TiDB Cloud has to be asked for one.
    Missing,
    /// It will not become ready by itself; says what stands in the way and what to do.
    Blocked {
        /// What stands in the way and what to do.
        reason: String,
        /// Whether somebody could still put it right while Terraform runs.
        may_change: bool,
    },
}

impl Found {
    /// What can be done with the service now.
    pub fn status(&self) -> LinkStatus {
        let cluster = self.id.cluster();
        let blocked = |reason: String, may_change| LinkStatus::Blocked { reason, may_change };
        match &self.cluster_state {
            ClusterState::Paused | ClusterState::Pausing => {
                return blocked(
                    format!(
                        "Cluster {cluster} is {}. A paused cluster accepts no private endpoints: resume it, wait until it \
                         is available, and run again.",
                        self.cluster_state
                    ),
                    true,
                );
            }
            ClusterState::Inactive => {
                return blocked(
                    format!(
                        "Cluster {cluster} is inactive. Look at it in the TiDB Cloud console; it has to be active before \
                         it can be connected to."
                    ),
                    true,
                );
            }
            ClusterState::Deleting | ClusterState::Deleted => {
                return blocked(
                    format!(
                        "Cluster {cluster} is {}, and its endpoint service goes with it. Use another cluster, or remove \
                         this resource from the configuration.",
                        self.cluster_state
                    ),
                    false,
                );
            }
            ClusterState::Active
            | ClusterState::Restoring
            | ClusterState::Modifying
            | ClusterState::Importing => {}
            // Being created, resumed, upgraded or maintained passes by itself; a state this version does not know is
            // waited out until the user's timeout.
            other => return LinkStatus::Wait(format!("cluster {other}")),
        }
        match &self.link {
            None if self.predates_services && self.is_default_group => LinkStatus::Missing,
            None if self.plan != Plan::Dedicated => blocked(
                format!(
                    "Cluster {cluster} is a TiDB Cloud {} cluster that shows no private endpoint service. The API shows \
                     those that the clusters of a region share; an Essential cluster made since 2026-07-01 may have an \
                     exclusive one, which can only be set up in the TiDB Cloud console (Settings > Networking). Use the \
                     console for this cluster.",
                    self.plan.title()
                ),
                false,
            ),
            None if self.predates_services => blocked(
                format!(
                    "Cluster {cluster} was created before 2023-03-28 and this node group has no endpoint service. TiDB \
                     Cloud can only be asked for one for the default node group: leave `node_group_id` out, or contact \
                     TiDB Cloud support."
                ),
                false,
            ),
            None => LinkStatus::Wait("no endpoint service yet".into()),
            Some(link) => match &link.state {
                LinkState::Active => LinkStatus::Ready,
                LinkState::Deleting => blocked(
                    format!(
                        "The endpoint service of cluster {cluster} is being deleted, which happens with its cluster or \
                         node group and takes 3 to 5 minutes. It does not come back by itself: use another cluster or node \
                         group, or remove this resource from the configuration."
                    ),
                    false,
                ),
                LinkState::Creating => LinkStatus::Wait("endpoint service creating".into()),
                LinkState::Other(state) => LinkStatus::Wait(format!("endpoint service {state}")),
            },
        }
    }
}

/// Why a cluster's service cannot be used at all.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// Neither API knows the cluster; carries both answers.
    NoCluster {
        /// The cluster that was asked for.
        cluster: ClusterId,
        /// What the Dedicated API said.
        dedicated: Box<ApiError>,
        /// What the Starter and Essential API said.
        serverless: Box<ApiError>,
    },
    /// A cluster of a plan whose private endpoints TiDB Cloud offers no API for.
    UnservedPlan {
        /// The cluster.
        cluster: ClusterId,
        /// Its plan, in TiDB Cloud's own words.
        plan: String,
    },
    /// A cluster on a cloud on which clusters of its plan are not served.
    UnservedCloud {
        /// The cluster.
        cluster: ClusterId,
        /// Its plan.
        plan: Plan,
        /// The cloud's name for people.
        cloud: String,
    },
    /// A node group was asked for, but the cluster's plan has none.
    NoNodeGroups {
        /// The cluster.
        cluster: ClusterId,
        /// Its plan.
        plan: Plan,
    },
    /// The cluster has no such node group.
    NoNodeGroup {
        /// The cluster.
        cluster: ClusterId,
        /// The node group that was asked for.
        node_group: NodeGroupId,
        /// The ones it has.
        known: Vec<NodeGroupId>,
    },
    /// No node group was asked for and the cluster shows no default one.
    NoDefaultGroup {
        /// The cluster.
        cluster: ClusterId,
        /// The ones it has.
        known: Vec<NodeGroupId>,
    },
    /// A call failed.
    Api(Box<ApiError>),
}

impl From<ApiError> for Refusal {
    fn from(error: ApiError) -> Self {
        Self::Api(Box::new(error))
    }
}

/// Finds the service of a cluster that the user named. A cluster id does not say which API it belongs to, so Dedicated
/// is asked first and then serverless.
///
/// # Errors
/// [`Refusal`] when there is no service that this version can use.
pub async fn find_by_cluster(
    tidb: &TidbCloud,
    operation: &Operation,
    cluster: &ClusterId,
    node_group: Option<&NodeGroupId>,
) -> Result<Found, Refusal> {
    match tidb.dedicated_cluster(operation, cluster).await {
        Ok(found) => find_in(tidb, operation, found, node_group).await,
        Err(dedicated) if dedicated.is_not_found() => match tidb.serverless_cluster(operation, cluster).await
        {
            Ok(found) => found_serverless(found, node_group),
            Err(serverless) if serverless.is_not_found() => Err(Refusal::NoCluster {
                cluster: cluster.clone(),
                dedicated: Box::new(dedicated),
                serverless: Box::new(serverless),
            }),
            Err(serverless) => Err(serverless.into()),
        },
        Err(dedicated) => Err(dedicated.into()),
    }
}

/// Finds the service that an id of ours names.
///
/// # Errors
/// [`Refusal`] when there is no such cluster or node group, or this version cannot use it.
pub async fn find_by_id(tidb: &TidbCloud, operation: &Operation, id: &ServiceId) -> Result<Found, Refusal> {
    match id {
        ServiceId::Dedicated { cluster, node_group } => {
            let found = tidb.dedicated_cluster(operation, cluster).await?;
            find_in(tidb, operation, found, Some(node_group)).await
        }
        ServiceId::Serverless { cluster } => {
            found_serverless(tidb.serverless_cluster(operation, cluster).await?, None)
        }
    }
}

async fn find_in(
    tidb: &TidbCloud,
    operation: &Operation,
    cluster: DedicatedCluster,
    node_group: Option<&NodeGroupId>,
) -> Result<Found, Refusal> {
    check_cloud(&cluster)?;
    let known = || cluster.node_groups.iter().map(|group| group.id.clone()).collect::<Vec<_>>();
    let group = match node_group {
        Some(wanted) => cluster.node_groups.iter().find(|group| group.id == *wanted).ok_or_else(|| {
            Refusal::NoNodeGroup { cluster: cluster.id.clone(), node_group: wanted.clone(), known: known() }
        })?,
        None => cluster
            .node_groups
            .iter()
            .find(|group| group.is_default)
            .ok_or_else(|| Refusal::NoDefaultGroup { cluster: cluster.id.clone(), known: known() })?,
    };
    Ok(found_group(tidb, operation, &cluster, group).await?)
}

/// Dedicated clusters are served on AWS only.
pub(super) fn check_cloud(cluster: &DedicatedCluster) -> Result<(), Refusal> {
    if cluster.cloud == Some(CloudName::Aws) {
        return Ok(());
    }
    let cloud = cluster.cloud.map_or(cluster.cloud_raw.clone(), |cloud| cloud.title().to_owned());
    Err(Refusal::UnservedCloud { cluster: cluster.id.clone(), plan: Plan::Dedicated, cloud })
}

/// The service of one node group of a Dedicated cluster on AWS.
pub(super) async fn found_group(
    tidb: &TidbCloud,
    operation: &Operation,
    cluster: &DedicatedCluster,
    group: &NodeGroup,
) -> Result<Found, ApiError> {
    let link = match tidb.private_link_service(operation, &cluster.id, &group.id).await {
        Ok(link) => Some(link),
        Err(error) if error.is_not_found() => None,
        Err(error) => return Err(error),
    };
    Ok(Found {
        id: ServiceId::Dedicated { cluster: cluster.id.clone(), node_group: group.id.clone() },
        cluster_name: cluster.display_name.clone(),
        plan: Plan::Dedicated,
        project: cluster.project.clone(),
        region: cluster.region.clone(),
        cloud: CloudName::Aws,
        port: cluster.port.unwrap_or(DEFAULT_PORT),
        cluster_state: cluster.state.clone(),
        is_default_group: group.is_default,
        predates_services: cluster
            .create_time
            .is_some_and(|time| time.unix_timestamp() < SERVICE_COMES_WITH_CLUSTER_SINCE),
        link,
    })
}

/// What a Starter or Essential cluster says of the service that it shares with the others of its region.
pub(super) fn found_serverless(
    cluster: ServerlessCluster,
    node_group: Option<&NodeGroupId>,
) -> Result<Found, Refusal> {
    let plan = match &cluster.plan {
        ServerlessPlan::Starter => Plan::Starter,
        ServerlessPlan::Essential => Plan::Essential,
        plan => return Err(Refusal::UnservedPlan { cluster: cluster.id, plan: plan.as_str().to_owned() }),
    };
    if node_group.is_some() {
        return Err(Refusal::NoNodeGroups { cluster: cluster.id, plan });
    }
    let cloud = match cluster.cloud {
        Some(cloud @ (CloudName::Aws | CloudName::Alicloud)) => cloud,
        other => {
            let cloud = other.map_or(cluster.cloud_raw, |cloud| cloud.title().to_owned());
            return Err(Refusal::UnservedCloud { cluster: cluster.id, plan, cloud });
        }
    };
    let private = cluster.private.as_ref();
    Ok(Found {
        id: ServiceId::Serverless { cluster: cluster.id },
        cluster_name: cluster.display_name,
        plan,
        project: cluster.project,
        region: cluster.region.clone(),
        cloud,
        port: private.and_then(|private| private.port).unwrap_or(DEFAULT_PORT),
        cluster_state: cluster.state,
        is_default_group: true,
        predates_services: false,
        link: private.filter(|private| private.service_name.is_some()).map(|private| PrivateLinkService {
            service_name: private.service_name.clone(),
            // On Alibaba Cloud each endpoint has a name of its own, and the service has none.
            host: private.host.clone().filter(|_| cloud == CloudName::Aws),
            zones: private.zones.clone(),
            // A shared service has no state: it was there before the cluster.
            state: LinkState::Active,
            region: Some(cluster.region),
            cloud: Some(cloud),
        }),
    })
}

/// The port of a cluster that was not given another one (TiDB Cloud documentation).
const DEFAULT_PORT: u16 = 4000;

#[cfg(test)]
mod tests;
