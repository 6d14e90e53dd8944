//! The sign of life that an endpoint bears while it is being made, and a count on a shared one while it is new.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use tracing::warn;

use super::walk::{Lookout, Walk};
use crate::clouds::{Cloud, UNFINISHED_TAG};
use crate::ids::{EndpointId, ServiceId};
use crate::operation::Operation;
use crate::private_endpoint::marks::{HEARTBEAT_EVERY, Unfinished};
use crate::private_endpoint::members::{heartbeat_of, joining_value, member_tag};
use crate::wait::Pulse;

/// How long one renewal of the heartbeat may take, retries included: the wait must go on looking meanwhile.
const BEAT_LIMIT: Duration = Duration::from_secs(20);

/// Keeps the heartbeat of what is being made alive: an unfinished endpoint's, or that of the own count on a shared one.
/// What is finished has none.
pub(super) struct Heartbeat<'a> {
    cloud: Arc<dyn Cloud>,
    id: EndpointId,
    mark: Mark,
    /// When the next beat is due, in the clock's time since the Unix epoch; `None` for what is finished.
    due: Option<Duration>,
    /// Whose looks it is between.
    lookout: Option<&'a Lookout<'a>>,
}

/// Where the heartbeat stands.
enum Mark {
    Unfinished(Unfinished),
    Member { tag: String, service: ServiceId },
}

impl Mark {
    fn at(&self, now: Duration) -> (String, String) {
        match self {
            Self::Unfinished(mark) => {
                (UNFINISHED_TAG.to_owned(), Unfinished { heartbeat: now, ..mark.clone() }.to_tag())
            }
            Self::Member { tag, service } => (tag.clone(), joining_value(service, now)),
        }
    }
}

impl<'a> Heartbeat<'a> {
    /// The one that the endpoint shows.
    pub(super) fn of(walk: &Walk<'_>, id: &EndpointId) -> Self {
        let joining = walk.endpoint.as_ref().and_then(|endpoint| heartbeat_of(endpoint, &walk.token)?);
        if let Some(last) = joining {
            return Self::joining(walk, id, last);
        }
        let unfinished = walk.endpoint.as_ref().and_then(Unfinished::of);
        Self {
            cloud: Arc::clone(&walk.cloud),
            id: id.clone(),
            mark: Mark::Unfinished(walk.unfinished_mark()),
            due: unfinished.map(|unfinished| unfinished.heartbeat + HEARTBEAT_EVERY),
            lookout: None,
        }
    }

    /// That of a count which was set at `last`.
    pub(super) fn joining(walk: &Walk<'_>, id: &EndpointId, last: Duration) -> Self {
        Self {
            cloud: Arc::clone(&walk.cloud),
            id: id.clone(),
            mark: Mark::Member { tag: member_tag(&walk.token), service: walk.service.clone() },
            due: Some(last + HEARTBEAT_EVERY),
            lookout: None,
        }
    }

    /// The same between the looks of `lookout`, which leave room for others.
    pub(super) fn breathing(self, lookout: &'a Lookout<'a>) -> Self {
        Self { lookout: Some(lookout), ..self }
    }
}

/// Does `work`, which may repeat a call for a long time, while the heartbeat goes on.
pub(super) async fn beating<T>(
    heartbeat: &mut Heartbeat<'_>,
    operation: &Operation,
    work: impl Future<Output = T>,
) -> T {
    let mut work = std::pin::pin!(work);
    loop {
        let due = heartbeat.beat(operation).await.max(Duration::from_secs(1));
        let due = due.min(HEARTBEAT_EVERY);
        tokio::select! {
            biased;
            done = &mut work => return done,
            slept = operation.sleep(due) => if slept.is_err() {
                // The operation ends, and the work with it.
                return work.await;
            },
        }
    }
}

#[async_trait]
impl Pulse for Heartbeat<'_> {
    async fn beat(&mut self, operation: &Operation) -> Duration {
        let Some(due) = self.due else { return Duration::MAX };
        let now = operation.clock().now();
        if now >= due {
            let tags = BTreeMap::from([self.mark.at(now)]);
            let part = operation.within(BEAT_LIMIT);
            if let Err(error) = self.cloud.put_tags(&part, &self.id, &tags).await {
                // The wait goes on: at worst another run takes the endpoint over, and the token tells.
                warn!(%error, endpoint = self.id.as_str(), "could not renew the heartbeat");
            }
            self.due = Some(now + HEARTBEAT_EVERY);
        }
        self.due.map_or(Duration::MAX, |due| due.saturating_sub(operation.clock().now()))
    }

    fn breath(&self) -> Duration {
        self.lookout.map_or(Duration::ZERO, Lookout::breath)
    }
}
