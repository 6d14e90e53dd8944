//! Words for a walk that ended before its end: which side, which step, what exists, what to do.

use std::time::Duration;

use tfplugin::{Diagnostic, Severity};

use super::existing::{self, whose_is_it};
use super::model::Limit;
use super::plan::place;
use super::steps::{Stumble, Trouble, Walk, await_dns};
use crate::clouds::Concern;
use crate::codes::Code;
use crate::diagnose;
use crate::ids::PrivateEndpointId;
use crate::operation::Halt;

/// What Terraform does with the resource after an error, which decides what the user has to run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum After {
    /// A failed create is marked as tainted: the next apply makes a new one unless the mark is taken away.
    Create,
    /// A failed update keeps the resource: the next apply goes on.
    Update,
    /// A failed delete keeps the resource: the next destroy goes on.
    Delete,
}

impl After {
    fn limit(self) -> Limit {
        match self {
            Self::Create => Limit::Create,
            Self::Update => Limit::Update,
            Self::Delete => Limit::Delete,
        }
    }
}

/// The error for a stumble.
pub(super) fn explain(stumble: &Stumble, walk: &Walk<'_>, after: After, limit: Duration) -> Diagnostic {
    let place = place(walk.clients, walk.facts.cloud);
    let summary = format!("Could not {}", stumble.step);
    let diagnostic = match &stumble.trouble {
        Trouble::Api(error) => place.api_error(error, stumble.step),
        Trouble::Failed { side, reason } => {
            Code::SideFailed.error(summary, format!("{} failed: {reason}.", side.title(walk.facts.cloud)))
        }
        Trouble::Halted { halt: Halt::Deadline, history, last, .. } => code_of_deadline(stumble).error(
            format!("{summary} in time"),
            format!(
                "{} It is {} s: set `timeouts = {{ {} = \"…\" }}` for more{}.{}",
                diagnose::halt_sentence(Halt::Deadline),
                limit.as_secs(),
                after.limit().name(),
                match after {
                    // What a destroy may take is read from the state.
                    After::Delete => " and apply that before the next destroy",
                    After::Create | After::Update => "",
                },
                seen(history.as_ref().map(ToString::to_string).or_else(|| last.clone()))
            ),
        ),
        Trouble::Halted { halt: Halt::Stopped, history, last, .. } => Code::Stopped.error(
            format!("Stopped while trying to {}", stumble.step),
            format!(
                "{}{}",
                diagnose::halt_sentence(Halt::Stopped),
                seen(history.as_ref().map(ToString::to_string).or_else(|| last.clone()))
            ),
        ),
        Trouble::Crowded(id) => Code::SharedEndpointFull.error(
            "The shared endpoint is full",
            format!(
                "VPC endpoint {id} is shared by as many private endpoints as it can count in its tags. Put further \
                 clusters into another VPC, or set `private_dns_enabled = false` for an endpoint of its own."
            ),
        ),
        Trouble::TakenOver(id) => Code::TakenOver.error(
            "Another run took the endpoint over",
            format!(
                "VPC endpoint {id} now bears the token of another resource, because this run did not renew its mark for \
                 three minutes. Look which workspace holds it, and remove the resource here with `terraform state rm`."
            ),
        ),
        Trouble::Registered(id, connection) => {
            let id = PrivateEndpointId { service: walk.service.clone(), endpoint: id.clone() };
            return Code::ForeignRegistration
                .error(
                    "This endpoint is registered already",
                    format!("{}\n\nNothing was made or changed.", whose_is_it(connection, &id)),
                )
                .at(existing::attribute());
        }
        Trouble::Unknown(endpoint) => {
            let id = PrivateEndpointId { service: walk.service.clone(), endpoint: endpoint.id.clone() };
            return Code::ExistsAlready.error(
                "This private endpoint exists already",
                format!(
                    "VPC endpoint {} in {} was made by this provider for the same service, and two endpoints of one \
                     service cannot own the same name in one VPC. Which of these is it?\n\n\
                     - This very resource is being replaced with `create_before_destroy`: take that out of `lifecycle`, the \
                     old endpoint has to go first.\n\
                     - Another resource or instance (`count`, `for_each`) of this configuration holds it: one resource per \
                     service and VPC is enough, let both use its `host`.\n\
                     - Another workspace holds it: use its `host` from there. Never import it here, too, or the destroy of \
                     one would cut the other.\n\
                     - An earlier run was killed before its state was saved, so no state knows it: add this block (with the \
                     resource's own address) and run `terraform apply`:\n\n\
                     import {{\n  to = tidblink_private_endpoint.NAME\n  id = \"{id}\"\n}}\n\n\
                     Nothing was made or changed.",
                    endpoint.id, endpoint.vpc
                ),
            )
            .at(place.attribute(Concern::Vpc));
        }
    };
    let mut diagnostic = diagnostic;
    if stumble.step == await_dns::NAME
        && matches!(stumble.trouble, Trouble::Halted { halt: Halt::Deadline, .. })
    {
        diagnostic.detail.push_str(
            "\n\nThe endpoint itself works. Its name is private: only resolvers of the VPC know it, so this is what to expect of \
             any machine outside of the VPC. Run Terraform inside of the VPC or with its resolver, or take `wait_for_dns` \
             out. Inside of the VPC, look for a resolver rule or a private hosted zone that answers instead.",
        );
    }
    let next = if walk.endpoint.is_none() && is_open(&stumble.trouble) {
        // The marks on it make the next apply find it: it waits until they are stale and takes the endpoint over.
        "Whether the VPC endpoint was made is not known, because no answer came. Run `terraform apply` again: if it was \
         made, it is found by its tags and finished."
            .to_owned()
    } else if is_perhaps_registered(stumble, walk) {
        "Whether the endpoint was registered is not known, because no answer came. The resource is kept in the state; the next \
         `terraform apply` looks, and registers the endpoint anew where that is needed."
            .to_owned()
    } else {
        what_exists_and_what_to_do(walk, after)
    };
    diagnostic.detail = format!("{}\n\n{next}", diagnostic.detail);
    diagnostic
}

/// What ran out of time: services, or the patience with somebody's DNS.
fn code_of_deadline(stumble: &Stumble) -> Code {
    if stumble.step == await_dns::NAME { Code::DnsNotSeen } else { Code::Timeout }
}

/// The warning for an interruption that loses nothing.
pub(super) fn interrupted(stumble: &Stumble, walk: &Walk<'_>) -> Diagnostic {
    Code::Interrupted.warning(
        "Interrupted: the private endpoint is not finished",
        format!(
            "Terraform was asked to stop while this provider was about to {}. {} Run `terraform apply` to finish it.",
            stumble.step,
            what_exists(walk)
        ),
    )
}

/// The warning for an endpoint that works, while the last mark on it could not be written.
pub(super) fn unmarked(stumble: &Stumble, walk: &Walk<'_>) -> Diagnostic {
    let mut diagnostic = match &stumble.trouble {
        Trouble::Api(error) => place(walk.clients, walk.facts.cloud).api_error(error, stumble.step),
        _ => Code::Unmarked.warning(format!("Could not {}", stumble.step), String::new()),
    };
    diagnostic.severity = Severity::Warning;
    diagnostic.code = Some(Code::Unmarked.as_str());
    diagnostic.detail = format!(
        "{}\n\nThe private endpoint works. It only keeps the mark of one that is being made, so its status is `pending` \
         until the next `terraform apply` takes the mark away.",
        diagnostic.detail
    );
    diagnostic
}

/// Whether nothing was left behind that a state has to know of.
pub(super) fn left_nothing(stumble: &Stumble, walk: &Walk<'_>) -> bool {
    walk.what_exists().is_none() && !is_perhaps_registered(stumble, walk)
}

/// Whether only a registration was to be made, and perhaps was: no mark would let the next run find it, as it finds an
/// endpoint that was perhaps made.
fn is_perhaps_registered(stumble: &Stumble, walk: &Walk<'_>) -> bool {
    walk.endpoint.is_some() && walk.what_exists().is_none() && is_open(&stumble.trouble)
}

/// Whether a write may have taken effect without an answer.
fn is_open(trouble: &Trouble) -> bool {
    match trouble {
        Trouble::Api(error) => error.outcome_unknown,
        Trouble::Halted { open, .. } => *open,
        Trouble::Failed { .. }
        | Trouble::Unknown(_)
        | Trouble::Registered(..)
        | Trouble::Crowded(_)
        | Trouble::TakenOver(_) => false,
    }
}

fn seen(history: Option<String>) -> String {
    history.map(|history| format!(" Seen meanwhile: {history}.")).unwrap_or_default()
}

fn what_exists(walk: &Walk<'_>) -> String {
    let Some(endpoint) = walk.what_exists() else { return "Nothing was made.".into() };
    let registration = match &walk.connection {
        Some(connection) => format!(
            "registered with TiDB Cloud as {} ({})",
            connection.id.as_ref().map_or("?", |id| id.as_str()),
            connection.state
        ),
        None if walk.facts.needs_registration => "not registered with TiDB Cloud".into(),
        None => "nothing to register".into(),
    };
    format!(
        "What exists: VPC endpoint {} in {} ({}), {registration}. It is kept in the state.",
        endpoint.id,
        walk.facts.region,
        endpoint.state.as_str()
    )
}

fn what_exists_and_what_to_do(walk: &Walk<'_>, after: After) -> String {
    let exists = what_exists(walk);
    if walk.what_exists().is_none() {
        return match after {
            After::Delete => format!(
                "What exists: no VPC endpoint any more by the last look{}. The resource is kept in the state. Run \
                 `terraform destroy` again to go on from there.",
                match &walk.connection {
                    Some(connection) =>
                        format!(", but a registration with TiDB Cloud ({})", connection.state),
                    None => String::new(),
                }
            ),
            After::Create | After::Update => format!("{exists} Run `terraform apply` again."),
        };
    }
    match after {
        After::Create => format!(
            "{exists}\n\nTerraform marks it as tainted, so the next apply would delete it and make a new one. To go on \
             with what exists, take the mark away first:\n\n  terraform untaint ADDRESS\n  terraform apply\n\n\
             where ADDRESS is the resource's address as Terraform shows it above."
        ),
        After::Update => format!("{exists} Run `terraform apply` again to go on from there."),
        After::Delete => format!("{exists} Run `terraform destroy` again to go on from there."),
    }
}
