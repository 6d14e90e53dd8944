//! One endpoint for many clusters: coming in, and leaving it to the others or deleting it as the last one out. Every
//! instance is counted by a tag of its own on the endpoint, so separate runs, workspaces and machines see the same
//! count. Two things are never done: taking away what others may need, and touching what this provider did not make.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use tracing::{info, warn};

use super::{Trouble, Walk};
use crate::clouds::{CLOSING_TAG, CloudEndpoint, MEMBER_TAG_PREFIX, SERVICE_TAG, Wish};
use crate::error::ApiError;
use crate::ids::EndpointId;
use crate::private_endpoint::marks::HEARTBEAT_STALE;
use crate::wait::{NoPulse, Sight, wait_for};

/// How long the last one out waits for somebody who came in at the same moment.
const CLOSING_PAUSE: Duration = Duration::from_secs(15);
/// The most instances that share one endpoint. EC2 takes fifty tags a resource (EC2 user guide, "Tag restrictions");
/// the rest is for the user and the cloud.
pub(super) const MOST_MEMBERS: usize = 40;

/// The tag that counts the instance with `token`.
pub(super) fn member_tag(token: &str) -> String {
    format!("{MEMBER_TAG_PREFIX}{token}")
}

/// The tags of a shared endpoint that is about to be made.
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

/// Comes in on an endpoint of ours. `None` when it went away meanwhile: then there is room for a new one.
pub(super) async fn join(
    walk: &Walk<'_>,
    endpoint: &CloudEndpoint,
) -> Result<Option<CloudEndpoint>, Trouble> {
    let others = endpoint.members().filter(|(member, _)| *member != walk.token).count();
    if others >= MOST_MEMBERS {
        return Err(Trouble::Crowded(endpoint.id.clone()));
    }
    let tag = BTreeMap::from([(member_tag(&walk.token), walk.service.to_string())]);
    match walk.cloud.put_tags(walk.operation, &endpoint.id, &tag).await {
        Ok(()) => info!(endpoint = endpoint.id.as_str(), others, "sharing the endpoint that is there"),
        Err(error) if error.is_not_found() => return Ok(None),
        Err(error) => return Err(error.into()),
    }
    // Only what is seen after the tag was set counts: the last one out may just be closing the door.
    let outcome = wait_for(walk.operation, "the shared endpoint to stay or to go", &mut NoPulse, || async {
        let Some(now) = seen(walk, &endpoint.id).await? else { return Ok(Sight::Done(None)) };
        if !now.is_alive() {
            return Ok(Sight::Pending(format!("{} is {}", now.id, now.state.as_str())));
        }
        match closing(&now) {
            // An own mark is left from a destroy that was cut off.
            Some(mark) if mark.token != walk.token && !is_stale(&mark, walk.operation.clock().now()) => {
                Ok(Sight::Pending(format!("{} is being closed by its last user", now.id)))
            }
            Some(_) => {
                warn!(endpoint = now.id.as_str(), "whoever was closing this endpoint died: keeping it");
                let mark = BTreeSet::from([CLOSING_TAG.to_owned()]);
                walk.cloud.remove_tags(walk.operation, &now.id, &mark).await?;
                Ok(Sight::Pending(format!("{} was abandoned while it was being closed", now.id)))
            }
            None => Ok(Sight::Done(Some(now))),
        }
    })
    .await;
    outcome.map_err(Trouble::from)
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
        if !alone {
            // The others left at the same moment.
            self.close(&id).await?;
        }
        self.operation.sleep(CLOSING_PAUSE).await?;
        let Some(now) = seen(self, &id).await? else { return Ok(Leaving::Deleted) };
        let left = others(&now, &self.token);
        if !left.is_empty() {
            return self.keep(&now, left).await;
        }
        self.cloud.delete(self.operation, &id).await?;
        Ok(Leaving::Deleted)
    }

    async fn close(&self, id: &EndpointId) -> Result<(), ApiError> {
        info!(endpoint = id.as_str(), "nobody else is counted on the endpoint: closing it");
        let value = format!("heartbeat={} token={}", self.operation.clock().now().as_secs(), self.token);
        let mark = BTreeMap::from([(CLOSING_TAG.to_owned(), value)]);
        self.cloud.put_tags(self.operation, id, &mark).await
    }

    async fn keep(&self, endpoint: &CloudEndpoint, left: Vec<(String, String)>) -> Result<Leaving, Trouble> {
        info!(endpoint = endpoint.id.as_str(), others = left.len(), "the endpoint stays for others");
        if closing(endpoint).is_some() {
            let mark = BTreeSet::from([CLOSING_TAG.to_owned()]);
            self.cloud.remove_tags(self.operation, &endpoint.id, &mark).await?;
        }
        Ok(Leaving::Kept(left))
    }
}

/// Whether the instance with `token` began to close the endpoint and was cut off.
pub(in crate::private_endpoint) fn is_closing(endpoint: &CloudEndpoint, token: &str) -> bool {
    closing(endpoint).is_some_and(|mark| mark.token == token)
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

/// The mark of an endpoint that its last user is about to delete.
struct Closing<'a> {
    heartbeat: Duration,
    token: &'a str,
}

fn closing(endpoint: &CloudEndpoint) -> Option<Closing<'_>> {
    let text = endpoint.tags.get(CLOSING_TAG)?;
    let field = |name: &str| text.split(' ').find_map(|field| field.strip_prefix(name)?.strip_prefix('='));
    let heartbeat = field("heartbeat").and_then(|seconds| seconds.parse().ok()).unwrap_or_default();
    Some(Closing { heartbeat: Duration::from_secs(heartbeat), token: field("token").unwrap_or_default() })
}

fn is_stale(mark: &Closing<'_>, now: Duration) -> bool {
    now.saturating_sub(mark.heartbeat) >= HEARTBEAT_STALE
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
    fn a_mark_of_closing_names_who_closes_and_grows_old() {
        let closed = endpoint(&[(CLOSING_TAG, "heartbeat=1000 token=a")]);
        assert!(is_closing(&closed, "a") && !is_closing(&closed, "b"));
        let mark = closing(&closed).expect("a mark");
        assert!(!is_stale(&mark, Duration::from_secs(1179)));
        assert!(is_stale(&mark, Duration::from_secs(1180)));
        let senseless = endpoint(&[(CLOSING_TAG, "soon")]);
        assert!(is_stale(&closing(&senseless).expect("a mark"), Duration::from_secs(1180)));
        assert!(closing(&endpoint(&[])).is_none());
    }
}
