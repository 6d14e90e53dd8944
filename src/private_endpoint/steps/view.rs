//! What one look at both sides shows to somebody who waits, and when it ends the wait.

use std::time::Duration;

use super::trouble::{Side, Trouble};
use crate::clouds::{CloudEndpoint, CloudState, UNFINISHED_TAG};
use crate::ids::{CloudName, EndpointId};
use crate::tidbcloud::{Connection, ConnectionState};
use crate::wait::Sight;

/// What one look while waiting shows.
pub(super) struct View<'a> {
    pub(super) endpoint: Option<&'a CloudEndpoint>,
    pub(super) connection: Option<&'a Connection>,
    pub(super) waited: Duration,
    /// The cloud that the endpoint is in.
    pub(super) cloud: CloudName,
    /// Whether the endpoint has to be registered with TiDB Cloud.
    pub(super) registered: bool,
}

impl View<'_> {
    /// Whether TiDB Cloud is at work on the registration.
    fn is_being_accepted(&self) -> bool {
        self.connection.is_some_and(|connection| {
            matches!(connection.state, ConnectionState::Pending | ConnectionState::Other(_))
        })
    }

    /// Both states in a few words, for logs and the history of a timeout.
    pub(super) fn describe(&self) -> String {
        let seen = match self.endpoint {
            None => "shows no endpoint yet".to_owned(),
            Some(endpoint) => match &endpoint.reason {
                Some(reason) => format!("{} ({reason})", endpoint.state.as_str()),
                None => endpoint.state.as_str().to_owned(),
            },
        };
        if !self.registered {
            return format!("{} {seen}", self.cloud.title());
        }
        format!(
            "{} {seen}, TiDB Cloud {}",
            self.cloud.title(),
            self.connection.map_or("not registered".to_owned(), |connection| connection
                .state
                .to_string()
                .to_lowercase())
        )
    }
}

/// Whether the endpoint was accepted, as far as can be seen: of one that is not looked at, TiDB Cloud's word counts.
pub(super) fn is_accepted(endpoint: Option<&CloudEndpoint>, connection: Option<&Connection>) -> bool {
    match endpoint.map(|endpoint| &endpoint.state) {
        Some(CloudState::Available) => true,
        Some(CloudState::Unseen) => {
            connection.is_some_and(|connection| connection.state == ConnectionState::Active)
        }
        _ => false,
    }
}

/// How a wait along the way came out.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Answer {
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
pub(super) fn judge_cloud(view: &View<'_>, token: &str, id: &EndpointId) -> Option<Sight<Answer, Trouble>> {
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
        // Neither passes by itself, and in both the endpoint itself is good: it waits for somebody to do something.
        CloudState::Locked => failed(format!("VPC endpoint {id} is locked{why}")),
        CloudState::Disconnected => Some(Sight::Failed(Trouble::Failed {
            side: Side::TidbCloud,
            reason: format!(
                "the owner of the endpoint service refused VPC endpoint {id} or ended its connection{why}. If they will \
                 not, `terraform apply -replace=ADDRESS` makes a new one, with another host name"
            ),
        })),
        CloudState::Deleting | CloudState::Deleted => {
            failed(format!("VPC endpoint {id} is being deleted by somebody else"))
        }
        _ => None,
    }
}

/// Ends a wait when the registration needs attention. `None`: go on.
pub(super) fn judge_registration(view: &View<'_>) -> Option<Sight<Answer, Trouble>> {
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
