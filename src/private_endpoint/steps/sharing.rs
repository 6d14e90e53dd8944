//! One endpoint for many clusters: coming in, and leaving it to the others or deleting it as the last one out. Every
//! instance is counted by a tag of its own on the endpoint, so separate runs, workspaces and machines see the same
//! count. Two things are never done: taking away what others may need, and touching what this provider did not make.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use tracing::{info, warn};

use super::{Trouble, Walk};
use crate::clouds::{CLOSING_TAG_PREFIX, CloudEndpoint, MEMBER_TAG_PREFIX, SERVICE_TAG, Wish};
use crate::error::{ApiError, ErrorKind};
use crate::ids::EndpointId;
use crate::operation::Halt;
use crate::private_endpoint::marks::HEARTBEAT_STALE;
use crate::wait::{NoPulse, Sight, wait_for};

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

/// The tag that counts the instance with `token`.
pub(super) fn member_tag(token: &str) -> String {
    format!("{MEMBER_TAG_PREFIX}{token}")
}

/// The tag of the instance with `token` while it closes the endpoint.
fn closing_tag(token: &str) -> String {
    format!("{CLOSING_TAG_PREFIX}{token}")
}

/// The tags that count this instance on a shared endpoint, and that make it one.
pub(super) fn founding_marks(walk: &Walk<'_>) -> BTreeMap<String, String> {
    BTreeMap::from([
        (SERVICE_TAG.to_owned(), walk.facts.name.to_string()),
        (member_tag(&walk.token), walk.service.to_string()),
    ])
}

/// Whether the instance with `token` is counted on the endpoint.
pub(in crate::private_endpoint) fn counts(endpoint: &CloudEndpoint, token: &str) -> bool {
    endpoint.members().any(|(member, _)| member == token)
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
                && (endpoint.is_alive() || endpoint.state == crate::clouds::CloudState::Deleting)
        })
        .min_by_key(|endpoint| (!endpoint.is_alive(), !endpoint.is_shared(), endpoint.id.clone()))
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
    let others = endpoint.members().filter(|(member, _)| *member != walk.token).count();
    if others >= MOST_MEMBERS {
        return Err(Unjoined { trouble: Trouble::Crowded(endpoint.id.clone()), counted: false });
    }
    match walk.cloud.put_tags(walk.operation, &endpoint.id, &founding_marks(walk)).await {
        Ok(()) => info!(endpoint = endpoint.id.as_str(), others, "sharing the endpoint that is there"),
        Err(error) if error.is_not_found() => return Ok(None),
        Err(error) => {
            let counted = error.outcome_unknown;
            return Err(Unjoined { trouble: error.into(), counted });
        }
    }
    // Only what is seen after the tag was set counts: the last one out may just be closing the door.
    let outcome = wait_for(walk.operation, "the shared endpoint to stay or to go", &mut NoPulse, || async {
        let Some(now) = seen(walk, &endpoint.id).await? else { return Ok(Sight::Done(None)) };
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
    .await;
    outcome.map_err(|error| Unjoined { trouble: error.into(), counted: true })
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
        let _turn = self.clients.claims.claim(&name, &vpc).await;
        let own = BTreeSet::from([member_tag(&self.token)]);
        let Some(now) = seen(self, &id).await? else { return Ok(Leaving::Deleted) };
        let alone = others(&now, &self.token).is_empty();
        if alone {
            // First the mark, then the count: whoever is cut off between them finds the mark again.
            self.close(&id).await?;
        }
        self.cloud.remove_tags(self.operation, &id, &own).await?;
        let Some(now) = seen(self, &id).await? else { return Ok(Leaving::Deleted) };
        let left = others(&now, &self.token);
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
            let left = others(&now, &self.token);
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

fn others(endpoint: &CloudEndpoint, token: &str) -> Vec<(String, String)> {
    endpoint
        .members()
        .filter(|(member, _)| *member != token)
        .map(|(member, service)| (member.to_owned(), service.to_owned()))
        .collect()
}

/// Who is about to delete the endpoint, by token, and when each last said so.
fn closing(endpoint: &CloudEndpoint) -> Vec<(&str, Duration)> {
    let marks = endpoint.tags.iter().filter_map(|(key, value)| {
        let heartbeat = value.strip_prefix("heartbeat=").and_then(|seconds| seconds.parse().ok());
        Some((key.strip_prefix(CLOSING_TAG_PREFIX)?, Duration::from_secs(heartbeat.unwrap_or_default())))
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
    fn instances_are_counted_by_their_own_tags_and_by_nothing_else() {
        let shared = endpoint(&[
            ("tidblink:member:a", "serverless/1"),
            ("tidblink:member:b", "serverless/2"),
            ("tidblink:members", "x"),
            ("Name", "y"),
        ]);
        assert!(counts(&shared, "a") && counts(&shared, "b") && !counts(&shared, "c"));
        assert_eq!(others(&shared, "a"), [("b".to_owned(), "serverless/2".to_owned())]);
    }

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
