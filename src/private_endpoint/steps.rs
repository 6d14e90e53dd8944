//! The steps that lead to a working private endpoint. Each says what it does, how it is recognised as already done and
//! how it is undone; creating, resuming after an interruption and repairing are the same list walked from wherever
//! the two sides stand, and deleting is its undoing.

mod await_acceptance;
mod await_active;
mod make_endpoint;
mod mark_finished;
mod register;
mod settle;
mod tag;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use tracing::{info, warn};

use super::marks::{HEARTBEAT_EVERY, Unfinished};
use crate::clouds::{
    Change, Cloud, CloudEndpoint, CloudState, ServiceFacts, TOKEN_TAG, UNFINISHED_TAG, Wish,
};
use crate::error::ApiError;
use crate::ids::{ClusterId, EndpointId, NodeGroupId, ServiceId};
use crate::operation::{Halt, Operation};
use crate::provider::Clients;
use crate::tidbcloud::{Connection, ConnectionState};
use crate::wait::{History, Pulse, Sight, WaitError, wait_for};

pub(super) use await_active::await_gone;

/// The list, in the order of creation (TiDB Cloud documentation, "Connect via Private Endpoint with AWS", steps 3 to 5:
/// endpoint, acceptance, and private DNS only then).
const STEPS: [&dyn Step; 7] = [
    &make_endpoint::MakeEndpoint,
    &register::Register,
    &await_acceptance::AwaitAcceptance,
    &settle::Settle,
    &tag::Tag,
    &await_active::AwaitActive,
    &mark_finished::MarkFinished,
];

/// One step of the way.
#[async_trait]
trait Step: Send + Sync {
    /// What it does, as the end of "Could not …".
    fn name(&self) -> &'static str;

    /// Whether what it leads to is already so.
    fn is_done(&self, walk: &Walk<'_>) -> bool;

    /// Does it.
    async fn run(&self, walk: &mut Walk<'_>) -> Result<(), Trouble>;

    /// Takes it back, without waiting for the other side to finish. Most steps leave nothing of their own behind.
    async fn undo(&self, _walk: &mut Walk<'_>) -> Result<(), ApiError> {
        Ok(())
    }
}

/// Why a walk ended before its end.
#[derive(Debug)]
pub(super) enum Trouble {
    /// A call failed for good.
    Api(ApiError),
    /// The deadline passed or Terraform stopped the provider.
    Halted {
        halt: Halt,
        /// What was seen while waiting, if it was a wait that ended.
        history: Option<History>,
        /// Whether a write may have taken effect without an answer.
        open: bool,
    },
    /// One side will not do it.
    Failed { side: Side, reason: String },
    /// An endpoint of ours that the state does not know is in the way.
    Unknown(Box<CloudEndpoint>),
    /// Somebody else put their token on the endpoint.
    TakenOver(EndpointId),
}

impl From<ApiError> for Trouble {
    fn from(error: ApiError) -> Self {
        match error.halt() {
            Some(halt) => Self::Halted { halt, history: None, open: error.outcome_unknown },
            None => Self::Api(error),
        }
    }
}

impl From<Halt> for Trouble {
    fn from(halt: Halt) -> Self {
        Self::Halted { halt, history: None, open: false }
    }
}

impl From<WaitError<Trouble>> for Trouble {
    fn from(error: WaitError<Self>) -> Self {
        match error {
            WaitError::Failed(trouble, _) => trouble,
            WaitError::Halted(halt, history) => Self::Halted { halt, history: Some(history), open: false },
            WaitError::Api(error, _) => error.into(),
        }
    }
}

/// The two sides of a private path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Side {
    Cloud,
    TidbCloud,
}

impl Side {
    pub(super) fn title(self) -> &'static str {
        match self {
            Self::Cloud => "AWS",
            Self::TidbCloud => "TiDB Cloud",
        }
    }
}

/// Trouble, and the step it came in.
#[derive(Debug)]
pub(super) struct Stumble {
    pub(super) step: &'static str,
    pub(super) trouble: Trouble,
}

/// One way along the steps: what is wanted, what is there, and the means.
pub(super) struct Walk<'a> {
    pub(super) operation: &'a Operation,
    pub(super) clients: &'a Clients,
    pub(super) cloud: Arc<dyn Cloud>,
    pub(super) service: &'a ServiceId,
    pub(super) facts: &'a ServiceFacts,
    /// What the cloud side should be; `None` on a walk that only goes back.
    pub(super) wish: Option<Wish>,
    /// The instance's ownership token.
    pub(super) token: String,
    /// Marks the wish in the unfinished tag.
    pub(super) settings: String,
    /// Tags that must be there, default ones included.
    pub(super) tags: BTreeMap<String, String>,
    /// Tags that were ours to manage and are no longer wanted.
    pub(super) dropped_tags: BTreeSet<String>,
    /// The cloud side as it was seen last.
    pub(super) endpoint: Option<CloudEndpoint>,
    /// TiDB Cloud's side as it was seen last.
    pub(super) connection: Option<Connection>,
    /// Whether something was written that the two fields above do not show yet.
    pub(super) stale: bool,
}

impl Walk<'_> {
    /// Walks every step that is not done yet.
    pub(super) async fn go(&mut self) -> Result<(), Stumble> {
        for step in STEPS {
            if step.is_done(self) {
                continue;
            }
            let at = |trouble| Stumble { step: step.name(), trouble };
            self.operation.check().map_err(|halt| at(halt.into()))?;
            info!(step = step.name(), service = %self.service, "step begins");
            step.run(self).await.map_err(at)?;
        }
        Ok(())
    }

    /// Takes every step back, last one first, and waits until nothing is left.
    pub(super) async fn go_back(&mut self) -> Result<(), Stumble> {
        for step in STEPS.iter().rev() {
            let at = |trouble| Stumble { step: "delete the private endpoint", trouble };
            step.undo(self).await.map_err(|error| at(error.into()))?;
        }
        await_gone(self).await.map_err(|trouble| Stumble { step: "see the private endpoint gone", trouble })
    }

    /// The endpoint's id, once there is one.
    fn endpoint_id(&self) -> Option<EndpointId> {
        self.endpoint.as_ref().map(|endpoint| endpoint.id.clone())
    }

    fn dedicated(&self) -> Option<(&ClusterId, &NodeGroupId)> {
        match self.service {
            ServiceId::Dedicated { cluster, node_group } => Some((cluster, node_group)),
            ServiceId::Serverless { .. } => None,
        }
    }

    /// What still has to be changed on the cloud side.
    fn change(&self) -> Change {
        let (Some(endpoint), Some(wish)) = (&self.endpoint, &self.wish) else { return Change::default() };
        let mut change = Change::default();
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
        change
    }

    /// Looks at both sides at once.
    pub(super) async fn look(&mut self) -> Result<(), ApiError> {
        let (endpoint, connection) = look_at(self, self.endpoint_id()).await?;
        // Right after a create not every server of the cloud knows the endpoint yet: what was known is kept.
        if let Some(endpoint) = endpoint {
            self.endpoint = Some(endpoint);
        }
        self.connection = connection;
        self.stale = false;
        Ok(())
    }

    /// Waits while looking at both sides, until `verdict` is content; keeps the endpoint's heartbeat going.
    async fn wait(
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
        let mut heartbeat = Heartbeat::of(self, &id);
        let seen = tokio::sync::Mutex::new((self.endpoint.clone(), self.connection.clone()));
        let this = &*self;
        let clock = this.operation.clock();
        let begin = clock.elapsed();
        let outcome = wait_for(this.operation, subject, &mut heartbeat, || async {
            let (endpoint, connection) = look_at(this, Some(id.clone())).await?;
            let view = View {
                endpoint: endpoint.as_ref(),
                connection: connection.as_ref(),
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

/// What one look while waiting shows.
struct View<'a> {
    endpoint: Option<&'a CloudEndpoint>,
    connection: Option<&'a Connection>,
    waited: Duration,
}

impl View<'_> {
    /// Whether TiDB Cloud is at work on the registration.
    fn is_being_accepted(&self) -> bool {
        self.connection.is_some_and(|connection| {
            matches!(connection.state, ConnectionState::Pending | ConnectionState::Other(_))
        })
    }

    /// Both states in a few words, for logs and the history of a timeout.
    fn describe(&self) -> String {
        format!(
            "AWS {}, TiDB Cloud {}",
            self.endpoint.map_or("shows no endpoint yet", |endpoint| endpoint.state.as_str()),
            self.connection.map_or("not registered".to_owned(), |connection| connection
                .state
                .to_string()
                .to_lowercase())
        )
    }
}

/// How a wait along the way came out.
#[derive(Debug, PartialEq, Eq)]
enum Answer {
    /// What was waited for is so.
    Reached,
    /// The registration is gone or failed in a way that registering again can mend.
    RegisterAgain(String),
}

/// How long a new endpoint may be invisible before it counts as deleted.
const CONSISTENCY: Duration = Duration::from_secs(60);
/// How long a new registration may be missing from the list before it counts as lost.
const REGISTRATION_CONSISTENCY: Duration = Duration::from_secs(30);

/// Ends a wait when the cloud side can never get there. `None`: go on and ask the step.
fn judge_cloud(view: &View<'_>, token: &str, id: &EndpointId) -> Option<Sight<Answer, Trouble>> {
    let failed = |reason: String| Some(Sight::Failed(Trouble::Failed { side: Side::Cloud, reason }));
    let settled = view.waited >= CONSISTENCY;
    let Some(endpoint) = view.endpoint else {
        return settled
            .then(|| failed(format!("VPC endpoint {id} is gone: somebody deleted it meanwhile")))
            .flatten();
    };
    if endpoint.tags.contains_key(UNFINISHED_TAG) && endpoint.token().is_some_and(|found| found != token) {
        return Some(Sight::Failed(Trouble::TakenOver(id.clone())));
    }
    let why = endpoint.reason.as_deref().map(|reason| format!(": {reason}")).unwrap_or_default();
    match endpoint.state {
        // An endpoint that was deregistered shows as rejected until it is accepted anew.
        CloudState::Rejected if settled && !view.is_being_accepted() => {
            failed(format!("the owner of the endpoint service rejected VPC endpoint {id}{why}"))
        }
        CloudState::Expired => failed(format!("VPC endpoint {id} was not accepted in time and expired{why}")),
        CloudState::Failed => failed(format!("VPC endpoint {id} failed{why}")),
        CloudState::Deleting | CloudState::Deleted => {
            failed(format!("VPC endpoint {id} is being deleted by somebody else"))
        }
        _ => None,
    }
}

/// Ends a wait when the registration needs attention. `None`: go on.
fn judge_registration(view: &View<'_>) -> Option<Sight<Answer, Trouble>> {
    match view.connection {
        None if view.waited >= REGISTRATION_CONSISTENCY => {
            Some(Sight::Done(Answer::RegisterAgain("the registration disappeared".into())))
        }
        None => None,
        Some(connection) => match connection.state {
            ConnectionState::Failed => {
                let message = connection.message.clone().unwrap_or_else(|| "no reason given".into());
                // TiDB Cloud looked before AWS showed the endpoint to it.
                Some(if message.to_ascii_lowercase().contains("does not exist") {
                    Sight::Done(Answer::RegisterAgain(message))
                } else {
                    Sight::Failed(Trouble::Failed {
                        side: Side::TidbCloud,
                        reason: format!("it could not accept the endpoint: {message}"),
                    })
                })
            }
            ConnectionState::Deleting => {
                Some(Sight::Done(Answer::RegisterAgain("the registration is being deleted".into())))
            }
            _ => None,
        },
    }
}

async fn look_at(
    walk: &Walk<'_>,
    id: Option<EndpointId>,
) -> Result<(Option<CloudEndpoint>, Option<Connection>), ApiError> {
    let Some(id) = id else { return Ok((None, None)) };
    let cloud = walk.cloud.get(walk.operation, &id);
    let tidb = async {
        let Some((cluster, node_group)) = walk.dedicated() else { return Ok(None) };
        let listed = walk.clients.tidb.connections(walk.operation, cluster, node_group).await?;
        Ok(newest(listed, &id))
    };
    tokio::try_join!(cloud, tidb)
}

/// The registration of an endpoint; of several (one deleting, one new) the one that counts.
pub(super) fn newest(connections: Vec<Connection>, id: &EndpointId) -> Option<Connection> {
    connections
        .into_iter()
        .filter(|connection| connection.endpoint == *id)
        .min_by_key(|connection| connection.state == ConnectionState::Deleting)
}

/// How long one renewal of the heartbeat may take, retries included: the wait must go on looking meanwhile.
const BEAT_LIMIT: Duration = Duration::from_secs(20);

/// Keeps an unfinished endpoint's heartbeat alive. A finished endpoint has none.
struct Heartbeat {
    cloud: Arc<dyn Cloud>,
    id: EndpointId,
    settings: String,
    /// When the next beat is due, in the clock's time since the Unix epoch; `None` for a finished endpoint.
    due: Option<Duration>,
}

impl Heartbeat {
    fn of(walk: &Walk<'_>, id: &EndpointId) -> Self {
        let unfinished = walk.endpoint.as_ref().and_then(Unfinished::of);
        Self {
            cloud: Arc::clone(&walk.cloud),
            id: id.clone(),
            settings: walk.settings.clone(),
            due: unfinished.map(|unfinished| unfinished.heartbeat + HEARTBEAT_EVERY),
        }
    }
}

#[async_trait]
impl Pulse for Heartbeat {
    async fn beat(&mut self, operation: &Operation) -> Duration {
        let Some(due) = self.due else { return Duration::MAX };
        let now = operation.clock().now();
        if now >= due {
            let tag = Unfinished { heartbeat: now, settings: self.settings.clone() }.to_tag();
            let tags = BTreeMap::from([(UNFINISHED_TAG.to_owned(), tag)]);
            let part = operation.within(BEAT_LIMIT);
            if let Err(error) = self.cloud.put_tags(&part, &self.id, &tags).await {
                // The wait goes on: at worst another run takes the endpoint over, and the token tells.
                warn!(%error, endpoint = self.id.as_str(), "could not renew the heartbeat");
            }
            self.due = Some(now + HEARTBEAT_EVERY);
        }
        self.due.map_or(Duration::MAX, |due| due.saturating_sub(operation.clock().now()))
    }
}

/// The marks that make an endpoint this instance's own.
fn adoption_marks(walk: &Walk<'_>) -> BTreeMap<String, String> {
    let unfinished = Unfinished { heartbeat: walk.operation.clock().now(), settings: walk.settings.clone() };
    BTreeMap::from([
        (TOKEN_TAG.to_owned(), walk.token.clone()),
        (UNFINISHED_TAG.to_owned(), unfinished.to_tag()),
    ])
}
