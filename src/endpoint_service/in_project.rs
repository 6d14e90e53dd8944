//! Finds the endpoint services of a whole cluster, or of all clusters of a project, in as few calls as the APIs allow: a
//! list of each kind of cluster, and one look per node group of a Dedicated cluster, because nothing project-wide tells the
//! zones.

use futures_util::{StreamExt as _, TryStreamExt as _, stream};

use super::lookup::{
    Found, LinkStatus, Plan, Refusal, check_cloud, find_by_cluster, found_group, found_serverless,
};
use crate::error::ApiError;
use crate::ids::{CloudName, ClusterId, ProjectId, Region};
use crate::operation::Operation;
use crate::tidbcloud::{ClusterState, DedicatedCluster, ServerlessCluster, TidbCloud};

/// How many node groups are looked at at once: enough to be quick, and far from the API's hundred a minute.
const LOOKS_AT_ONCE: usize = 4;

/// Which clusters are meant; all of them by default.
#[derive(Clone, Debug, Default)]
pub struct Wanted {
    /// Only those on this cloud.
    pub cloud: Option<CloudName>,
    /// Only those in this region.
    pub region: Option<Region>,
}

/// What a project has.
#[derive(Clone, Debug)]
pub struct InProject {
    /// The services, in the order of their ids.
    pub services: Vec<Found>,
    /// The clusters that no private endpoint can be made for here, in the order of their ids.
    pub unserved: Vec<Unserved>,
}

/// A cluster that no private endpoint can be made for here.
#[derive(Clone, Debug)]
pub struct Unserved {
    /// The cluster.
    pub cluster: ClusterId,
    /// The name that its owner gave it.
    pub display_name: String,
    /// Its plan, in TiDB Cloud's own word, in lower case.
    pub plan: String,
    /// Its cloud, in TiDB Cloud's own word.
    pub cloud: String,
    /// Its region.
    pub region: Region,
    /// Why not.
    pub why: WhyNot,
}

/// Why there is no private endpoint for a cluster.
#[derive(Clone, Debug)]
pub enum WhyNot {
    /// Its plan or its cloud is not served.
    Refused(Refusal),
    /// It has no service; says what to do.
    NoService(String),
}

/// Finds every service of a project.
///
/// # Errors
/// Those of the calls. A cluster that cannot be served is none.
pub async fn find_in_project(
    tidb: &TidbCloud,
    operation: &Operation,
    project: &ProjectId,
    wanted: &Wanted,
) -> Result<InProject, ApiError> {
    let lists = tokio::join!(
        tidb.dedicated_clusters(operation, project),
        tidb.serverless_clusters(operation, project)
    );
    let (dedicated, serverless) = match lists {
        // An organization may have clusters of one kind only, and its project need not exist for the other API.
        (Ok(dedicated), Err(error)) if error.is_not_found() => (dedicated, Vec::new()),
        (Err(error), Ok(serverless)) if error.is_not_found() => (Vec::new(), serverless),
        (dedicated, serverless) => (dedicated?, serverless?),
    };
    let mut found = InProject { services: Vec::new(), unserved: Vec::new() };
    let mut looks = Vec::new();
    for cluster in dedicated.iter().filter(|cluster| wanted.holds(cluster.cloud, &cluster.region)) {
        match check_cloud(cluster) {
            _ if cluster.state == ClusterState::Deleted => {}
            Ok(()) => looks
                .extend(cluster.node_groups.iter().map(|group| found_group(tidb, operation, cluster, group))),
            Err(refusal) => found.unserved.push(Unserved::dedicated(cluster, refusal)),
        }
    }
    found.services = stream::iter(looks).buffered(LOOKS_AT_ONCE).try_collect().await?;
    for cluster in serverless {
        if cluster.state != ClusterState::Deleted && wanted.holds(cluster.cloud, &cluster.region) {
            found.add_serverless(tidb, operation, cluster).await?;
        }
    }
    found.services.sort_by_cached_key(|service| service.id.to_string());
    found.unserved.sort_by(|one, other| one.cluster.cmp(&other.cluster));
    Ok(found)
}

/// Finds every service of a cluster: one for each node group of a Dedicated one.
///
/// # Errors
/// [`Refusal`] when there is no service that this version can use.
pub async fn find_in_cluster(
    tidb: &TidbCloud,
    operation: &Operation,
    cluster: &ClusterId,
) -> Result<Vec<Found>, Refusal> {
    match tidb.dedicated_cluster(operation, cluster).await {
        Ok(cluster) => {
            check_cloud(&cluster)?;
            let mut services = Vec::new();
            for group in &cluster.node_groups {
                services.push(found_group(tidb, operation, &cluster, group).await?);
            }
            Ok(services)
        }
        Err(error) if error.is_not_found() => {
            Ok(vec![find_by_cluster(tidb, operation, cluster, None).await?])
        }
        Err(error) => Err(error.into()),
    }
}

impl Wanted {
    fn holds(&self, cloud: Option<CloudName>, region: &Region) -> bool {
        self.cloud.is_none_or(|wanted| cloud == Some(wanted))
            && self.region.as_ref().is_none_or(|wanted| wanted == region)
    }
}

impl InProject {
    async fn add_serverless(
        &mut self,
        tidb: &TidbCloud,
        operation: &Operation,
        mut cluster: ServerlessCluster,
    ) -> Result<(), ApiError> {
        let shows_nothing = |cluster: &ServerlessCluster| {
            cluster.private.as_ref().is_none_or(|private| private.service_name.is_none())
        };
        // A list has no promise to tell everything that a full view of one cluster tells.
        if shows_nothing(&cluster) && found_serverless(cluster.clone(), None).is_ok() {
            match tidb.serverless_cluster(operation, &cluster.id).await {
                Ok(whole) => cluster = whole,
                Err(error) if error.is_not_found() => return Ok(()),
                Err(error) => return Err(error),
            }
        }
        match found_serverless(cluster.clone(), None) {
            Ok(service) => match service.status() {
                LinkStatus::Blocked { reason, may_change: false } if service.link.is_none() => {
                    self.unserved.push(Unserved::serverless(cluster, WhyNot::NoService(reason)));
                }
                _ => self.services.push(service),
            },
            Err(refusal) => self.unserved.push(Unserved::serverless(cluster, WhyNot::Refused(refusal))),
        }
        Ok(())
    }
}

impl Unserved {
    fn dedicated(cluster: &DedicatedCluster, refusal: Refusal) -> Self {
        Self {
            cluster: cluster.id.clone(),
            display_name: cluster.display_name.clone(),
            plan: Plan::Dedicated.as_str().to_owned(),
            cloud: cluster.cloud_raw.clone(),
            region: cluster.region.clone(),
            why: WhyNot::Refused(refusal),
        }
    }

    fn serverless(cluster: ServerlessCluster, why: WhyNot) -> Self {
        Self {
            cluster: cluster.id,
            display_name: cluster.display_name,
            plan: cluster.plan.as_str().to_ascii_lowercase(),
            cloud: cluster.cloud_raw,
            region: cluster.region,
            why,
        }
    }
}
