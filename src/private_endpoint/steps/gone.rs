//! The end of a walk back: wait until nothing is left on either side.

use std::collections::BTreeSet;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;

use super::Trouble;
use super::walk::{Lookout, Walk};
use crate::ids::InterfaceId;
use crate::operation::Operation;
use crate::wait::{Pulse, Sight, wait_for};

/// Nothing is done between looks, but they leave room for others.
struct Breath<'a>(&'a Lookout<'a>);

#[async_trait]
impl Pulse for Breath<'_> {
    async fn beat(&mut self, _operation: &Operation) -> Duration {
        Duration::MAX
    }

    fn breath(&self) -> Duration {
        self.0.breath()
    }
}

/// Waits until the registration, the endpoint and its network interfaces are gone, so that the subnets and groups it
/// used can be deleted in the same run.
pub(super) async fn await_gone(walk: &mut Walk<'_>) -> Result<(), Trouble> {
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
    let lookout = Lookout::new(this, id.clone());
    let mut pause = Breath(&lookout);
    let seen = Mutex::new((this.endpoint.clone(), this.connection.clone()));
    let outcome =
        wait_for(this.operation, "the private endpoint to be gone on both sides", &mut pause, || async {
            let (endpoint, connection) = match lookout.look().await {
                Ok(seen) => seen,
                // The cluster went away meanwhile, and its registrations with it.
                Err(error) if error.is_not_found() && error.service.is_tidb_cloud() => {
                    (lookout.look_at_cloud().await?, None)
                }
                Err(error) => return Err(error),
            };
            let endpoint = endpoint.filter(|endpoint| endpoint.exists() && endpoint.is_seen());
            *seen.lock().unwrap_or_else(PoisonError::into_inner) = (endpoint.clone(), connection.clone());
            if endpoint.is_some() || connection.is_some() {
                return Ok(Sight::Pending(format!(
                    "{} {}, TiDB Cloud {}",
                    this.facts.cloud.title(),
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
        .await;
    (walk.endpoint, walk.connection) = seen.into_inner().unwrap_or_else(PoisonError::into_inner);
    outcome.map_err(Trouble::from)
}
