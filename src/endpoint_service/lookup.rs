//! Finds the endpoint service of a cluster and says what can be done with it. Shared by the endpoint service and the
//! private endpoint, which both begin with "which service is this?".

use crate::error::ApiError;
use crate::ids::{CloudName, ClusterId, NodeGroupId, ProjectId, Region, ServiceId};
use crate::operation::Operation;
use crate::tidbcloud::{ClusterState, DedicatedCluster, LinkState, PrivateLinkService, TidbCloud};

/// Clusters created on this day or later get their endpoint service by themselves (TiDB Cloud documentation, "Connect
/// via Private Endpoint with AWS", note in step 3). Seconds since the Unix epoch of 2023-03-28T00:00:00Z.
const SERVICE_COMES_WITH_CLUSTER_SINCE: i64 = 1_679_961_600;

/// A cluster, its node group and its endpoint service, as far as there is one.
#[derive(Clone, Debug)]
pub struct Found {
    /// Our id of the service.
    pub id: ServiceId,
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
                         node group and takes 3 to 5 minutes. It does not come back by itself."
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
    /// A cluster that another kind of private endpoint would fit, which this version does not make.
    NotServedYet {
        /// The cluster.
        cluster: ClusterId,
        /// Its plan, in TiDB Cloud's own words.
        plan: String,
    },
    /// A Dedicated cluster on a cloud that this version does not serve.
    UnservedCloud {
        /// The cluster.
        cluster: ClusterId,
        /// The cloud's name for people.
        cloud: String,
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
            Ok(found) => {
                Err(Refusal::NotServedYet { cluster: cluster.clone(), plan: found.plan.to_string() })
            }
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
            let found = tidb.serverless_cluster(operation, cluster).await?;
            Err(Refusal::NotServedYet { cluster: cluster.clone(), plan: found.plan.to_string() })
        }
    }
}

async fn find_in(
    tidb: &TidbCloud,
    operation: &Operation,
    cluster: DedicatedCluster,
    node_group: Option<&NodeGroupId>,
) -> Result<Found, Refusal> {
    if cluster.cloud != Some(CloudName::Aws) {
        let cloud = cluster.cloud.map_or(cluster.cloud_raw.clone(), |cloud| cloud.title().to_owned());
        return Err(Refusal::UnservedCloud { cluster: cluster.id, cloud });
    }
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
    let link = match tidb.private_link_service(operation, &cluster.id, &group.id).await {
        Ok(link) => Some(link),
        Err(error) if error.is_not_found() => None,
        Err(error) => return Err(error.into()),
    };
    Ok(Found {
        id: ServiceId::Dedicated { cluster: cluster.id.clone(), node_group: group.id.clone() },
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

/// The port of a cluster that was not given another one (TiDB Cloud documentation).
const DEFAULT_PORT: u16 = 4000;

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    fn found(cluster_state: ClusterState, link: Option<LinkState>) -> Found {
        let cluster: ClusterId = "1".parse().unwrap_or_else(|_| unreachable!());
        let node_group: NodeGroupId = "2".parse().unwrap_or_else(|_| unreachable!());
        Found {
            id: ServiceId::Dedicated { cluster, node_group },
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

    #[test]
    fn only_an_old_cluster_is_asked_to_get_a_service_and_only_for_its_default_group() {
        let young = found(ClusterState::Active, None);
        assert!(matches!(young.status(), LinkStatus::Wait(_)));
        let old = Found { predates_services: true, ..young };
        assert_eq!(old.status(), LinkStatus::Missing);
        let other_group = Found { is_default_group: false, ..old };
        assert!(matches!(other_group.status(), LinkStatus::Blocked { may_change: false, .. }));
    }
}
