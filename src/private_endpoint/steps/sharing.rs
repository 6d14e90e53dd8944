//! One endpoint for many clusters: coming in, and leaving it to the others or deleting it as the last one out. Every
//! instance is counted by a tag of its own on the endpoint, so separate runs, workspaces and machines see the same
//! count; who counts when is the table in [`members`]. Two things are never done: taking away what others may need, and
//! touching what this provider did not make.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use tracing::{info, warn};

use super::heartbeat::Heartbeat;
use super::{Side, Trouble, Walk};
use crate::clouds::{CLOSING_TAG_PREFIX, CloudEndpoint, CloudState, SERVICE_TAG, Wish};
use crate::error::{ApiError, ErrorKind};
use crate::ids::EndpointId;
use crate::operation::Halt;
use crate::private_endpoint::marks::{HEARTBEAT_STALE, heartbeat_field};
use crate::private_endpoint::members::{self, finished_value, is_joining, joining_value, member_tag, others};
use crate::wait::{NoPulse, Pulse, Sight, wait_for};

/// How long the last one out waits for somebody who came in at the same moment.
const CLOSING_PAUSE: Duration = Duration::from_secs(15);
/// How long one attempt to delete may take, repeated calls included. It has to end long before the mark of closing counts
/// as dead, or somebody could come in meanwhile.
const DELETE_ATTEMPT: Duration = Duration::from_secs(20);
/// How old the own mark of closing may be when an endpoint is deleted: a machine may have slept since.
const FRESH_MARK: Duration = Duration::from_secs(60);
/// The most instances that share one endpoint. EC2 takes fifty tags a resource (EC2 user guide, "Tag restrictions");
/// the rest is for the user and the cloud.
pub(super) const MOST_MEMBERS: usize = 40;
/// How long a run that ends early tries to say that a state will know of its count. Terraform waits for that.
const PARTING: Duration = Duration::from_secs(10);

/// The tag of the instance with `token` while it closes the endpoint.
fn closing_tag(token: &str) -> String {
    format!("{CLOSING_TAG_PREFIX}{token}")
}

/// The tags that count this instance on a shared endpoint as one that comes in, and that make the endpoint a shared one.
pub(super) fn joining_marks(walk: &Walk<'_>) -> BTreeMap<String, String> {
    BTreeMap::from([
        (SERVICE_TAG.to_owned(), walk.facts.name.to_string()),
        (member_tag(&walk.token), joining_value(walk.service, walk.operation.clock().now())),
    ])
}

/// The endpoint of the VPC that makes the service's name resolve, if there is one: ours rather than somebody else's,
/// one that stays rather than one that is going.
pub(super) fn find<'a>(
    endpoints: &'a [CloudEndpoint],
    walk: &Walk<'_>,
    wish: &Wish,
) -> Option<&'a CloudEndpoint> {
    endpoints
        .iter()
        .filter(|endpoint| {
            endpoint.service_name == walk.facts.name
                && endpoint.vpc == wish.vpc
                && endpoint.private_dns
                && (endpoint.is_alive() || endpoint.state == CloudState::Deleting)
        })
        .min_by_key(|endpoint| (!endpoint.is_alive(), !endpoint.is_shared(), endpoint.id.clone()))
}

/// An endpoint that dead runs left and that cannot come to anything: nobody else will ever take it away.
pub(super) fn ruin<'a>(
    endpoints: &'a [CloudEndpoint],
    walk: &Walk<'_>,
    wish: &Wish,
) -> Option<&'a CloudEndpoint> {
    endpoints.iter().find(|endpoint| {
        endpoint.service_name == walk.facts.name
            && endpoint.vpc == wish.vpc
            && matches!(endpoint.state, CloudState::Failed | CloudState::Expired)
            && members::are_dead(endpoint, walk.operation.clock().now())
    })
}

/// Why coming in failed, and whether the instance may be counted on the endpoint all the same.
pub(super) struct Unjoined {
    pub(super) trouble: Trouble,
    pub(super) counted: bool,
}

/// Comes in on an endpoint. `None` when it went away meanwhile: then there is room for a new one.
pub(super) async fn join(
    walk: &Walk<'_>,
    endpoint: &CloudEndpoint,
) -> Result<Option<CloudEndpoint>, Unjoined> {
    let now = walk.operation.clock().now();
    let dead = members::abandoned(endpoint, walk.service, &walk.token, now);
    let rest = endpoint.members().filter(|(member, _)| *member != walk.token).count() - dead.len();
    if rest >= MOST_MEMBERS {
        return Err(Unjoined { trouble: Trouble::Crowded(endpoint.id.clone()), counted: false });
    }
    match walk.cloud.put_tags(walk.operation, &endpoint.id, &joining_marks(walk)).await {
        Ok(()) => info!(endpoint = endpoint.id.as_str(), others = rest, "sharing the endpoint that is there"),
        Err(error) if error.is_not_found() => return Ok(None),
        Err(error) => {
            let counted = error.outcome_unknown;
            return Err(Unjoined { trouble: error.into(), counted });
        }
    }
    let mut heartbeat = Heartbeat::joining(walk, &endpoint.id, now);
    let joined = stays(walk, &endpoint.id, &mut heartbeat)
        .await
        .map_err(|trouble| Unjoined { trouble, counted: true })?;
    let Some(mut joined) = joined else { return Ok(None) };
    take_over(walk, &mut joined).await;
    Ok(Some(joined))
}

/// Waits until it is sure that an endpoint on which this instance is counted stays; `None` when it went. Only what is seen
/// after the own tag was set counts: the last one out may just be closing the door.
async fn stays(
    walk: &Walk<'_>,
    id: &EndpointId,
    pulse: &mut dyn Pulse,
) -> Result<Option<CloudEndpoint>, Trouble> {
    wait_for(walk.operation, "the shared endpoint to stay or to go", pulse, || async {
        let Some(now) = seen(walk, id).await? else { return Ok(Sight::Done(None)) };
        if !now.is_alive() {
            return Ok(Sight::Pending(format!("{} is {}", now.id, now.state.as_str())));
        }
        // An own mark is left from a destroy that was cut off.
        let clock = walk.operation.clock().now();
        let dead = |(token, mark): &(&str, Duration)| *token == walk.token || is_stale(*mark, clock);
        let (dead, alive): (Vec<_>, Vec<_>) = closing(&now).into_iter().partition(dead);
        if !alive.is_empty() {
            return Ok(Sight::Pending(format!("{} is being closed by its last user", now.id)));
        }
        if dead.is_empty() {
            return Ok(Sight::Done(Some(now)));
        }
        warn!(endpoint = now.id.as_str(), "whoever was closing this endpoint died: keeping it");
        let marks = dead.iter().map(|(token, _)| closing_tag(token)).collect();
        walk.cloud.remove_tags(walk.operation, &now.id, &marks).await?;
        // Looked at once more, in case it was not dead but asleep.
        Ok(Sight::Pending(format!("{} was abandoned while it was being closed", now.id)))
    })
    .await
    .map_err(Trouble::from)
}

/// Takes over the counts of runs that died while they came in for the same service: this one counts in their place.
async fn take_over(walk: &Walk<'_>, joined: &mut CloudEndpoint) {
    let now = walk.operation.clock().now();
    let dead = members::abandoned(joined, walk.service, &walk.token, now);
    if dead.is_empty() {
        return;
    }
    warn!(
        endpoint = joined.id.as_str(),
        ?dead,
        "the run that was coming in here died: counting in its place"
    );
    match walk.cloud.remove_tags(walk.operation, &joined.id, &dead).await {
        Ok(()) => joined.tags.retain(|key, _| !dead.contains(key)),
        // They are in nobody's way: whoever leaves does not count them.
        Err(error) => warn!(%error, endpoint = joined.id.as_str(), "the counts of dead runs stay for now"),
    }
}

/// Takes the heartbeat off the own count, and makes sure that nobody took this run for dead before and is closing the
/// endpoint.
pub(super) async fn finish(walk: &mut Walk<'_>) -> Result<(), Trouble> {
    let Some(id) = walk.endpoint_id() else { return Ok(()) };
    walk.cloud.put_tags(walk.operation, &id, &finished_mark(walk)).await?;
    let Some(mut now) = stays(walk, &id, &mut NoPulse).await? else {
        let reason = format!("VPC endpoint {id} went away; run `terraform apply` again");
        return Err(Trouble::Failed { side: Side::Cloud, reason });
    };
    // Written a moment ago, whether this look shows it yet or not.
    now.tags.extend(finished_mark(walk));
    walk.endpoint = Some(now);
    Ok(())
}

/// Takes the heartbeat off the own count when a walk ends early: the state that Terraform saves now knows of the count, so
/// it must never be taken for dead. Tried for a moment even after a stop or past the deadline; where it fails, the next
/// apply does it.
pub(super) async fn part(walk: &mut Walk<'_>) {
    let own = walk.endpoint.as_ref().filter(|endpoint| is_joining(endpoint, &walk.token));
    let Some(id) = own.map(|endpoint| endpoint.id.clone()) else { return };
    let mark = finished_mark(walk);
    match walk.cloud.put_tags(&walk.operation.parting(PARTING), &id, &mark).await {
        Ok(()) => {
            if let Some(endpoint) = walk.endpoint.as_mut() {
                endpoint.tags.extend(mark);
            }
        }
        Err(error) => warn!(%error, endpoint = id.as_str(), "still counted as one that comes in"),
    }
}

fn finished_mark(walk: &Walk<'_>) -> BTreeMap<String, String> {
    BTreeMap::from([(member_tag(&walk.token), finished_value(walk.service))])
}

/// Waits until an endpoint that is going is gone.
pub(super) async fn see_gone(walk: &Walk<'_>, id: &EndpointId) -> Result<(), Trouble> {
    wait_for(walk.operation, "the old endpoint to be gone", &mut NoPulse, || async {
        Ok(match seen(walk, id).await? {
            None => Sight::Done(()),
            Some(endpoint) => Sight::Pending(format!("{id} is {}", endpoint.state.as_str())),
        })
    })
    .await
    .map_err(Trouble::from)
}

/// How leaving a shared endpoint came out.
#[derive(Debug, PartialEq, Eq)]
pub(in crate::private_endpoint) enum Leaving {
    /// Nobody else needs it; it was asked to go.
    Deleted,
    /// Others need it: their tokens and services.
    Kept(Vec<(String, String)>),
}

impl Walk<'_> {
    /// Leaves a shared endpoint: takes the own count back, and deletes the endpoint when nobody else is counted, after
    /// a second look. What is interrupted on the way goes on with the next attempt, because the mark of closing bears
    /// the own token.
    pub(in crate::private_endpoint) async fn leave(&mut self) -> Result<Leaving, Trouble> {
        let Some(id) = self.endpoint_id() else { return Ok(Leaving::Deleted) };
        let (name, vpc) = match &self.endpoint {
            Some(endpoint) => (endpoint.service_name.clone(), endpoint.vpc.clone()),
            None => return Ok(Leaving::Deleted),
        };
        let _turn = self.clients.claims.claim(self.operation, &name, vpc.as_str()).await?;
        let own = BTreeSet::from([member_tag(&self.token)]);
        let Some(now) = seen(self, &id).await? else { return Ok(Leaving::Deleted) };
        let alone = self.others(&now).is_empty();
        if alone {
            // First the mark, then the count: whoever is cut off between them finds the mark again.
            self.close(&id).await?;
        }
        self.cloud.remove_tags(self.operation, &id, &own).await?;
        let Some(now) = seen(self, &id).await? else { return Ok(Leaving::Deleted) };
        let left = self.others(&now);
        if !left.is_empty() {
            return self.keep(&now, left).await;
        }
        let mut last = None;
        loop {
            // Written again for every attempt: whoever comes in waits as long as it is fresh.
            let marked = self.close(&id).await?;
            let slept = self.operation.sleep(CLOSING_PAUSE).await;
            slept.map_err(|halt| Trouble::Halted { halt, history: None, last: last.clone(), open: false })?;
            let Some(now) = seen(self, &id).await? else { return Ok(Leaving::Deleted) };
            let left = self.others(&now);
            if !left.is_empty() {
                return self.keep(&now, left).await;
            }
            let age = self.operation.clock().now().saturating_sub(marked);
            if !is_closing(&now, &self.token) || age > FRESH_MARK {
                let cloud = self.facts.cloud.title();
                last =
                    Some(format!("{cloud} does not show the mark of closing that was put on the endpoint"));
                continue;
            }
            match self.cloud.delete(&self.operation.within(DELETE_ATTEMPT), &id).await {
                Ok(()) => return Ok(Leaving::Deleted),
                Err(error) if may_pass(&error) && self.operation.check().is_ok() => {
                    warn!(%error, endpoint = id.as_str(), "not deleted yet: looking again who needs it");
                    last = Some(error.to_string());
                }
                Err(error) => return Err(error.into()),
            }
        }
    }

    /// Who else needs the endpoint.
    fn others(&self, endpoint: &CloudEndpoint) -> Vec<(String, String)> {
        others(endpoint, &self.token, self.operation.clock().now())
    }

    /// Marks the endpoint as being closed by this instance; returns the time that the mark bears.
    async fn close(&self, id: &EndpointId) -> Result<Duration, ApiError> {
        info!(endpoint = id.as_str(), "nobody else is counted on the endpoint: closing it");
        let now = self.operation.clock().now();
        let mark = BTreeMap::from([(closing_tag(&self.token), format!("heartbeat={}", now.as_secs()))]);
        self.cloud.put_tags(self.operation, id, &mark).await?;
        Ok(now)
    }

    async fn keep(&self, endpoint: &CloudEndpoint, left: Vec<(String, String)>) -> Result<Leaving, Trouble> {
        info!(endpoint = endpoint.id.as_str(), others = left.len(), "the endpoint stays for others");
        // The own mark only: another one who closes still counts on theirs.
        if is_closing(endpoint, &self.token) {
            let mark = BTreeSet::from([closing_tag(&self.token)]);
            self.cloud.remove_tags(self.operation, &endpoint.id, &mark).await?;
        }
        Ok(Leaving::Kept(left))
    }
}

/// Whether the instance with `token` began to close the endpoint and was cut off.
pub(in crate::private_endpoint) fn is_closing(endpoint: &CloudEndpoint, token: &str) -> bool {
    endpoint.tags.contains_key(&closing_tag(token))
}

/// The endpoint as it is now; `None` when it is gone.
async fn seen(walk: &Walk<'_>, id: &EndpointId) -> Result<Option<CloudEndpoint>, ApiError> {
    Ok(walk.cloud.get(walk.operation, id).await?.filter(CloudEndpoint::exists))
}

/// Who is about to delete the endpoint, by token, and when each last said so.
fn closing(endpoint: &CloudEndpoint) -> Vec<(&str, Duration)> {
    let marks = endpoint.tags.iter().filter_map(|(key, value)| {
        let heartbeat = value.strip_prefix("heartbeat=").and_then(heartbeat_field);
        Some((key.strip_prefix(CLOSING_TAG_PREFIX)?, heartbeat.unwrap_or_default()))
    });
    marks.collect()
}

fn is_stale(heartbeat: Duration, now: Duration) -> bool {
    now.saturating_sub(heartbeat) >= HEARTBEAT_STALE
}

/// Whether a delete that failed so is worth another look and another attempt.
fn may_pass(error: &ApiError) -> bool {
    matches!(
        error.kind,
        ErrorKind::Throttled
            | ErrorKind::Unavailable
            | ErrorKind::Transport
            | ErrorKind::Halted(Halt::Deadline)
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::private_endpoint::marks::tests::endpoint;

    #[test]
    fn marks_of_closing_name_who_closes_and_grow_old() {
        let closed = endpoint(&[
            ("tidblink:closing:a", "heartbeat=1000"),
            ("tidblink:closing:b", "soon"),
            ("tidblink:closing", "heartbeat=1000"),
        ]);
        assert!(is_closing(&closed, "a") && is_closing(&closed, "b") && !is_closing(&closed, "c"));
        assert_eq!(closing(&closed), [("a", Duration::from_secs(1000)), ("b", Duration::ZERO)]);
        assert!(!is_stale(Duration::from_secs(1000), Duration::from_secs(1179)));
        assert!(is_stale(Duration::from_secs(1000), Duration::from_secs(1180)));
    }

    #[test]
    fn an_endpoint_on_which_somebody_is_counted_is_shared_whatever_else_was_taken_away() {
        assert!(endpoint(&[("tidblink:member:a", "serverless/1")]).is_shared());
        assert!(!endpoint(&[("tidblink:token", "a")]).is_shared());
    }
}
