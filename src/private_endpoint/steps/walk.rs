//! One way along the steps: what is wanted, what both sides showed last, and the means to look and to wait.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::heartbeat::Heartbeat;
use super::trouble::{Side, Trouble};
use super::view::{Answer, View, judge_cloud};
use crate::clouds::{Change, Cloud, CloudEndpoint, CloudState, ServiceFacts, Wish};
use crate::error::ApiError;
use crate::ids::{ClusterId, EndpointId, NodeGroupId, ProjectId, ServiceId};
use crate::operation::Operation;
use crate::private_endpoint::marks::Unfinished;
use crate::provider::Clients;
use crate::tidbcloud::{Connection, ConnectionState, Watcher};
use crate::wait::{Sight, wait_for};

/// How a walk comes to its endpoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::private_endpoint) enum Coming {
    /// It is this instance's own, will be made, or is used as it is.
    Known,
    /// Somebody else made it, and it is to be registered: a registration that is there already is another's.
    ToRegister,
    /// Somebody else made it, and it comes into this instance's care.
    ToTakeOver,
}

/// One way along the steps: what is wanted, what is there, and the means.
pub(in crate::private_endpoint) struct Walk<'a> {
    pub(in crate::private_endpoint) operation: &'a Operation,
    pub(in crate::private_endpoint) clients: &'a Clients,
    pub(in crate::private_endpoint) cloud: Arc<dyn Cloud>,
    pub(in crate::private_endpoint) service: &'a ServiceId,
    pub(in crate::private_endpoint) facts: &'a ServiceFacts,
    /// The project of the cluster, when it is known.
    pub(in crate::private_endpoint) project: Option<ProjectId>,
    /// What the cloud side should be; `None` on a walk that only goes back.
    pub(in crate::private_endpoint) wish: Option<Wish>,
    /// The instance's ownership token.
    pub(in crate::private_endpoint) token: String,
    /// Marks the wish in the unfinished tag.
    pub(in crate::private_endpoint) settings: String,
    /// Tags that must be there, default ones included.
    pub(in crate::private_endpoint) tags: BTreeMap<String, String>,
    /// Tags that were ours to manage and are no longer wanted.
    pub(in crate::private_endpoint) dropped_tags: BTreeSet<String>,
    /// The cloud side as it was seen last.
    pub(in crate::private_endpoint) endpoint: Option<CloudEndpoint>,
    /// TiDB Cloud's side as it was seen last.
    pub(in crate::private_endpoint) connection: Option<Connection>,
    /// How it comes to its endpoint.
    pub(in crate::private_endpoint) coming: Coming,
    /// Whether the endpoint is somebody else's: used as it is, never changed.
    pub(in crate::private_endpoint) guest: bool,
    /// Whether the subnets of the wish were chosen here rather than named by the user.
    pub(in crate::private_endpoint) subnets_are_chosen: bool,
    /// Whether the host has to resolve to the endpoint from here.
    pub(in crate::private_endpoint) wait_for_dns: bool,
    /// Whether it was seen to.
    pub(in crate::private_endpoint) resolves: bool,
    /// Whether something was written that the two fields above do not show yet.
    pub(in crate::private_endpoint) stale: bool,
}

impl Walk<'_> {
    /// The endpoint, or what it stands for: of one that is not looked at, only a registration is anything.
    pub(in crate::private_endpoint) fn what_exists(&self) -> Option<&CloudEndpoint> {
        self.endpoint.as_ref().filter(|endpoint| endpoint.is_seen() || self.connection.is_some())
    }

    /// The endpoint's id, once there is one.
    pub(super) fn endpoint_id(&self) -> Option<EndpointId> {
        self.endpoint.as_ref().map(|endpoint| endpoint.id.clone())
    }

    pub(super) fn dedicated(&self) -> Option<(&ClusterId, &NodeGroupId)> {
        match self.service {
            ServiceId::Dedicated { cluster, node_group } => Some((cluster, node_group)),
            ServiceId::Serverless { .. } => None,
        }
    }

    /// The mark of an endpoint that is being made, with a heartbeat of now.
    pub(super) fn unfinished_mark(&self) -> Unfinished {
        Unfinished {
            heartbeat: self.operation.clock().now(),
            settings: self.settings.clone(),
            private_dns: self.wish.as_ref().is_some_and(|wish| wish.private_dns),
        }
    }

    /// What still has to be changed on the cloud side.
    pub(super) fn change(&self) -> Change {
        let (Some(endpoint), Some(wish)) = (&self.endpoint, &self.wish) else { return Change::default() };
        let mut change = Change::default();
        if self.guest {
            return change;
        }
        if endpoint.is_shared() {
            // What an instance wants is what it requires; the rest may be required by others.
            change.add_subnets =
                wish.subnets.iter().flatten().filter(|id| !endpoint.subnets.contains(id)).cloned().collect();
            let groups = wish.security_groups.iter().flatten();
            change.add_security_groups =
                groups.filter(|id| !endpoint.security_groups.contains(id)).cloned().collect();
            change.private_dns = (!endpoint.private_dns).then_some(true);
            return change;
        }
        if let Some(subnets) = &wish.subnets {
            change.add_subnets = subnets - &endpoint.subnets;
            change.remove_subnets = &endpoint.subnets - subnets;
        }
        if let Some(groups) = &wish.security_groups {
            change.add_security_groups = groups - &endpoint.security_groups;
            change.remove_security_groups = &endpoint.security_groups - groups;
        }
        if endpoint.private_dns != wish.private_dns {
            change.private_dns = Some(wish.private_dns);
        }
        change.name = wish.name.clone().filter(|name| endpoint.name.as_ref() != Some(name));
        change
    }

    /// Looks at both sides at once.
    pub(in crate::private_endpoint) async fn look(&mut self) -> Result<(), ApiError> {
        let Some(id) = self.endpoint_id() else { return Ok(()) };
        let (endpoint, connection) = Lookout::new(self, id).look().await?;
        // Right after a create not every server of the cloud knows the endpoint yet: what was known is kept.
        if let Some(endpoint) = endpoint {
            self.endpoint = Some(endpoint);
        }
        self.connection = connection;
        self.stale = false;
        Ok(())
    }

    /// Waits while looking at both sides, until `verdict` is content; keeps the endpoint's heartbeat going.
    pub(super) async fn wait(
        &mut self,
        subject: &'static str,
        verdict: impl Fn(&View<'_>) -> Sight<Answer, Trouble> + Send + Sync,
    ) -> Result<Answer, Trouble> {
        let Some(id) = self.endpoint_id() else {
            // No step waits before the endpoint exists.
            return Err(Trouble::Failed {
                side: Side::Cloud,
                reason: "there is no VPC endpoint to wait for".into(),
            });
        };
        let lookout = Lookout::new(self, id.clone());
        let mut heartbeat = Heartbeat::of(self, &id).breathing(&lookout);
        let seen = tokio::sync::Mutex::new((self.endpoint.clone(), self.connection.clone()));
        let this = &*self;
        let clock = this.operation.clock();
        let begin = clock.elapsed();
        let outcome = wait_for(this.operation, subject, &mut heartbeat, || async {
            let before = seen.lock().await.clone();
            let (endpoint, connection) = lookout.look_sparingly(before).await?;
            let view = View {
                endpoint: endpoint.as_ref(),
                connection: connection.as_ref(),
                cloud: this.facts.cloud,
                registered: this.facts.needs_registration,
                waited: clock.elapsed() - begin,
            };
            let sight = judge_cloud(&view, &this.token, &id).unwrap_or_else(|| verdict(&view));
            let mut seen = seen.lock().await;
            if endpoint.is_some() {
                seen.0 = endpoint;
            }
            seen.1 = connection;
            Ok(sight)
        })
        .await;
        let (endpoint, connection) = seen.into_inner();
        self.endpoint = endpoint;
        self.connection = connection;
        self.stale = false;
        outcome.map_err(Into::into)
    }
}

/// One waiter's view of both sides. What it sees may have been read by another waiter, but always after its own last
/// look.
pub(super) struct Lookout<'a> {
    walk: &'a Walk<'a>,
    id: EndpointId,
    watcher: Option<Watcher>,
    /// When its last look ended, in the clock's elapsed time: what it saw then began before.
    last: Mutex<Duration>,
    /// How many looks in a row did not ask TiDB Cloud.
    spared: AtomicU32,
}

/// How many looks in a row may not ask TiDB Cloud.
const SPARED_LOOKS: u32 = 2;

impl<'a> Lookout<'a> {
    /// Sees nothing older than now: what was written before shows.
    pub(super) fn new(walk: &'a Walk<'_>, id: EndpointId) -> Self {
        let project = walk.project.clone();
        let watcher =
            walk.dedicated().map(|(cluster, group)| walk.clients.tidb.watch(project, cluster, group));
        Self {
            walk,
            id,
            watcher,
            last: Mutex::new(walk.operation.clock().elapsed()),
            spared: AtomicU32::new(0),
        }
    }

    /// Looks at both sides at once.
    pub(super) async fn look(&self) -> Result<(Option<CloudEndpoint>, Option<Connection>), ApiError> {
        let since = *self.last();
        let seen = tokio::try_join!(self.cloud_side(since), self.tidb_side(since));
        *self.last() = self.walk.operation.clock().elapsed();
        seen
    }

    /// Looks at the cloud side, and at TiDB Cloud's when it matters. While the cloud's is still at work nothing is done
    /// before it is, so that TiDB Cloud, whose requests are the scarcer, is asked at every third look only; what it showed
    /// `before` stands meanwhile.
    pub(super) async fn look_sparingly(
        &self,
        before: (Option<CloudEndpoint>, Option<Connection>),
    ) -> Result<(Option<CloudEndpoint>, Option<Connection>), ApiError> {
        let since = *self.last();
        let endpoint = self.cloud_side(since).await?;
        let state =
            |endpoint: &Option<CloudEndpoint>| endpoint.as_ref().map(|endpoint| endpoint.state.clone());
        let at_work = matches!(state(&endpoint), Some(CloudState::PendingAcceptance | CloudState::Pending));
        let well = before.1.as_ref().is_some_and(|connection| {
            matches!(connection.state, ConnectionState::Pending | ConnectionState::Active)
        });
        let spared = self.spared.load(Ordering::Relaxed);
        let spare = at_work && well && state(&endpoint) == state(&before.0) && spared < SPARED_LOOKS;
        self.spared.store(if spare { spared + 1 } else { 0 }, Ordering::Relaxed);
        let connection = if spare { before.1 } else { self.tidb_side(since).await? };
        *self.last() = self.walk.operation.clock().elapsed();
        Ok((endpoint, connection))
    }

    /// Looks at the cloud side alone.
    pub(super) async fn look_at_cloud(&self) -> Result<Option<CloudEndpoint>, ApiError> {
        let since = *self.last();
        let seen = self.cloud_side(since).await;
        *self.last() = self.walk.operation.clock().elapsed();
        seen
    }

    /// The least time between two looks that leaves enough of the request budget to others.
    pub(super) fn breath(&self) -> Duration {
        self.watcher.as_ref().map_or(Duration::ZERO, |watcher| watcher.breath(self.walk.operation))
    }

    fn last(&self) -> MutexGuard<'_, Duration> {
        self.last.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn cloud_side(&self, since: Duration) -> Result<Option<CloudEndpoint>, ApiError> {
        self.walk.cloud.watch(self.walk.operation, &self.id, &self.walk.facts.name, since).await
    }

    async fn tidb_side(&self, since: Duration) -> Result<Option<Connection>, ApiError> {
        let Some(watcher) = &self.watcher else { return Ok(None) };
        Ok(newest(watcher.look(self.walk.operation, &self.id, since).await?, &self.id))
    }
}

/// The registration of an endpoint; of several (one deleting, one new) the one that counts.
pub(in crate::private_endpoint) fn newest(
    connections: Vec<Connection>,
    id: &EndpointId,
) -> Option<Connection> {
    connections
        .into_iter()
        .filter(|connection| connection.endpoint == *id)
        .min_by_key(|connection| connection.state == ConnectionState::Deleting)
}
