//! The walk to an active service: finding it, asking for one where an old cluster has none, waiting. Nothing can be lost on
//! the way: a service belongs to its cluster, and the next run finds it again.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tfplugin::timeouts::parse_duration;
use tfplugin::{Attr, AttributePath, Context, Diagnostic, Diagnostics};
use tracing::info;

use super::lookup::{Found, LinkStatus, Refusal};
use super::model::{CREATING, DEFAULT_CREATE_TIMEOUT, EndpointServiceModel};
use super::target::{Target, blamed};
use crate::codes::Code;
use crate::diagnose;
use crate::error::{ApiError, ErrorKind, Service};
use crate::operation::{Halt, Operation};
use crate::provider::Clients;
use crate::wait::{NoPulse, Sight, WaitError, wait_for};

/// What a plan and an apply call a service that cannot be used.
pub(super) const BLOCKED: &str = "The cluster's endpoint service cannot be used";
/// How far a walk to an active service came.
pub(super) enum Outcome {
    /// The service is active.
    Ready,
    /// Terraform stopped the provider; the model holds what was seen last.
    Interrupted,
}

/// What ends a wait for a service for good.
enum Obstacle {
    Blocked(String),
    Refused(Refusal),
}

/// Waits until the service is active, and fills the model with what it is.
pub(super) async fn become_ready(
    cx: &Context<Clients>,
    target: &Target,
    model: &mut EndpointServiceModel,
) -> Result<Outcome, Diagnostics> {
    let clients = cx.data();
    let limit = create_timeout(model)?;
    let operation = clients.operation(cx, Some(limit));
    let seen = Mutex::new(None);
    let asked = AtomicBool::new(false);

    let look = || async {
        let found = match target.find(clients, &operation).await {
            Ok(found) => found,
            Err(Refusal::Api(error)) => return Err(*error),
            Err(refusal) => return Ok(Sight::Failed(Obstacle::Refused(refusal))),
        };
        *seen.lock().unwrap_or_else(PoisonError::into_inner) = Some(found.clone());
        Ok(match found.status() {
            LinkStatus::Ready => Sight::Done(found),
            LinkStatus::Wait(state) => Sight::Pending(format!("TiDB Cloud: {state}")),
            LinkStatus::Blocked { reason, .. } => Sight::Failed(Obstacle::Blocked(reason)),
            LinkStatus::Missing => {
                if !asked.swap(true, Ordering::Relaxed) {
                    ask_for_service(clients, &operation, &found).await?;
                }
                Sight::Pending("asked for an endpoint service".into())
            }
        })
    };
    let outcome = wait_for(&operation, "the endpoint service to be active", &mut NoPulse, look).await;

    let attribute = AttributePath::of("cluster_id");
    let error = match outcome {
        Ok(found) => {
            model.fill(&found);
            return Ok(Outcome::Ready);
        }
        Err(WaitError::Halted(Halt::Stopped, _)) => {
            if let Some(found) = seen.into_inner().unwrap_or_else(PoisonError::into_inner) {
                model.fill(&found);
                model.state = Attr::Known(CREATING.to_owned());
                return Ok(Outcome::Interrupted);
            }
            Code::Stopped.error(
                "Stopped before the endpoint service was found",
                "Terraform was asked to stop. Nothing was made; run `terraform apply` again.",
            )
        }
        Err(WaitError::Halted(Halt::Deadline, history)) => Code::ServiceTimeout.error(
            "The endpoint service did not become active in time",
            format!(
                "Waited {} s, which is the `create` timeout: {history}. TiDB Cloud usually takes 3 to 5 minutes. Nothing is \
                 lost: run `terraform apply` again to go on waiting, or set a longer `timeouts = {{ create = \"…\" }}`. \
                 If it stays like this, contact TiDB Cloud support with the cluster id.",
                limit.as_secs()
            ),
        ),
        Err(WaitError::Failed(Obstacle::Blocked(reason), _)) => {
            Code::ServiceBlocked.error(BLOCKED, format!("{reason}\n\nNothing was made or changed."))
        }
        Err(WaitError::Failed(Obstacle::Refused(refusal), _)) => {
            let error = diagnose::refusal(&refusal, blamed(&refusal), clients.key_source);
            return Err(diagnose::unchanged(error).into());
        }
        Err(WaitError::Api(error, _)) => diagnose::unchanged(diagnose::lookup_error(
            &error,
            "get the endpoint service",
            clients.key_source,
            attribute.clone(),
        )),
    };
    Err(error.at(attribute).into())
}

/// Asks TiDB Cloud to make a service for a cluster from before services came by themselves.
async fn ask_for_service(clients: &Clients, operation: &Operation, found: &Found) -> Result<(), ApiError> {
    let cluster = found.id.cluster();
    let Some(project) = &found.project else {
        return Err(ApiError::new(
            Service::TidbDedicated,
            "GetCluster",
            ErrorKind::Malformed,
            format!(
                "cluster {cluster} has no label `tidb.cloud/project`, and without the project its endpoint service \
                 cannot be asked for; contact TiDB Cloud support"
            ),
        ));
    };
    info!(cluster = cluster.as_str(), "asking TiDB Cloud to make an endpoint service");
    match clients.tidb.request_legacy_service(operation, project, cluster).await {
        Ok(_) => Ok(()),
        // Somebody else asked at the same moment.
        Err(error) if error.kind == ErrorKind::Conflict => Ok(()),
        Err(error) => Err(error),
    }
}

fn create_timeout(model: &EndpointServiceModel) -> Result<Duration, Diagnostics> {
    let Some(text) = model.timeouts.known().and_then(|timeouts| timeouts.create.known()) else {
        return Ok(DEFAULT_CREATE_TIMEOUT);
    };
    parse_duration(text).map_err(|reason| {
        Code::UnusableTimeout
            .error("Unusable timeout", format!("{reason}."))
            .at(AttributePath::of("timeouts").attribute("create"))
            .into()
    })
}

/// What a create or an update that was stopped tells.
pub(super) fn interrupted() -> Diagnostic {
    Code::Interrupted.warning(
        "Stopped while waiting for the endpoint service",
        "Terraform was asked to stop before the service was active. What is known was saved; the next `terraform apply` \
         goes on waiting.",
    )
}
