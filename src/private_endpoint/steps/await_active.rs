//! Wait until both sides say that the private path works; and, the other way round, until nothing of it is left.

use async_trait::async_trait;
use std::collections::BTreeSet;

use super::{Answer, Side, Step, Trouble, Walk, judge_registration, look_at};
use crate::clouds::CloudState;
use crate::ids::InterfaceId;
use crate::tidbcloud::ConnectionState;
use crate::wait::{NoPulse, Sight, wait_for};

pub(super) struct AwaitActive;

fn connection_is_active(walk: &Walk<'_>) -> bool {
    !walk.facts.needs_registration
        || walk.connection.as_ref().is_some_and(|connection| connection.state == ConnectionState::Active)
}

#[async_trait]
impl Step for AwaitActive {
    fn name(&self) -> &'static str {
        "see the private endpoint active on both sides"
    }

    fn is_done(&self, walk: &Walk<'_>) -> bool {
        !walk.stale
            && connection_is_active(walk)
            && walk.endpoint.as_ref().is_some_and(|endpoint| endpoint.state == CloudState::Available)
    }

    async fn run(&self, walk: &mut Walk<'_>) -> Result<(), Trouble> {
        let needs_registration = walk.facts.needs_registration;
        let answer = walk
            .wait("the private endpoint to be active on both sides", |view| {
                if needs_registration && let Some(sight) = judge_registration(view) {
                    return sight;
                }
                let active = !needs_registration
                    || view.connection.is_some_and(|connection| connection.state == ConnectionState::Active);
                let available = view.endpoint.is_some_and(|endpoint| endpoint.state == CloudState::Available);
                if active && available {
                    Sight::Done(Answer::Reached)
                } else {
                    Sight::Pending(view.describe())
                }
            })
            .await?;
        match answer {
            Answer::Reached => Ok(()),
            // It was accepted before, so this is no race with the cloud: somebody took it away.
            Answer::RegisterAgain(reason) => Err(Trouble::Failed { side: Side::TidbCloud, reason }),
        }
    }
}

/// Waits until the registration, the endpoint and its network interfaces are gone, so that the subnets and groups it
/// used can be deleted in the same run.
pub(in crate::private_endpoint) async fn await_gone(walk: &mut Walk<'_>) -> Result<(), Trouble> {
    let interfaces: BTreeSet<InterfaceId> =
        walk.endpoint.as_ref().map(|endpoint| endpoint.interfaces.clone()).unwrap_or_default();
    let id = match (&walk.endpoint, &walk.connection) {
        (Some(endpoint), _) => endpoint.id.clone(),
        (None, Some(connection)) => match connection.endpoint.as_str().parse() {
            Ok(id) => id,
            Err(_) => return Ok(()),
        },
        (None, None) => return Ok(()),
    };
    let this = &*walk;
    wait_for(this.operation, "the private endpoint to be gone on both sides", &mut NoPulse, || async {
        let (endpoint, connection) = match look_at(this, Some(id.clone())).await {
            Ok(seen) => seen,
            // The cluster went away meanwhile, and its registrations with it.
            Err(error) if error.is_not_found() && error.service.is_tidb_cloud() => {
                (this.cloud.get(this.operation, &id).await?, None)
            }
            Err(error) => return Err(error),
        };
        let endpoint = endpoint.filter(|endpoint| endpoint.exists());
        if endpoint.is_some() || connection.is_some() {
            return Ok(Sight::Pending(format!(
                "AWS {}, TiDB Cloud {}",
                endpoint.as_ref().map_or("gone", |endpoint| endpoint.state.as_str()),
                connection
                    .map_or("gone".to_owned(), |connection| connection.state.to_string().to_lowercase())
            )));
        }
        let left = this.cloud.interfaces_left(this.operation, &interfaces).await?;
        Ok(if left.is_empty() {
            Sight::Done(())
        } else {
            Sight::Pending(format!("{} network interfaces left", left.len()))
        })
    })
    .await
    .map_err(Trouble::from)?;
    walk.endpoint = None;
    walk.connection = None;
    Ok(())
}
