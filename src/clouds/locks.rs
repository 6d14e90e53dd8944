//! A cloud refuses a second change of an endpoint while the first is going on. Within this process changes of one endpoint
//! therefore take turns; against other processes the retries of `call` have to do.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::OwnedMutexGuard;

use crate::ids::EndpointId;
use crate::operation::{Halt, Operation};

/// One lock for each endpoint that is being changed.
#[derive(Debug, Default)]
pub(super) struct EndpointLocks(Mutex<HashMap<EndpointId, Arc<tokio::sync::Mutex<()>>>>);

impl EndpointLocks {
    /// Waits for the sole right to change `id`, which ends when the guard is dropped.
    ///
    /// # Errors
    /// [`Halt`] when the operation ends first.
    pub(super) async fn lock(
        &self,
        operation: &Operation,
        id: &EndpointId,
    ) -> Result<OwnedMutexGuard<()>, Halt> {
        let lock = {
            let mut locks = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            locks.retain(|_, lock| Arc::strong_count(lock) > 1);
            Arc::clone(locks.entry(id.clone()).or_default())
        };
        operation.until(lock.lock_owned()).await
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use tokio_util::sync::CancellationToken;

    use super::*;
    use crate::clock::Clock;
    use crate::random::Random;

    fn operation(timeout: Option<u64>) -> Operation {
        let timeout = timeout.map(Duration::from_secs);
        Operation::new(Clock::real(), Random::seeded(1), CancellationToken::new(), timeout)
    }

    fn id(text: &str) -> EndpointId {
        text.parse().expect("an endpoint id")
    }

    #[tokio::test(start_paused = true)]
    async fn a_second_change_of_an_endpoint_waits_for_the_first() {
        let (locks, id) = (EndpointLocks::default(), id("vpce-0123456789abcdef0"));
        let first = locks.lock(&operation(None), &id).await.expect("free");
        let second = locks.lock(&operation(Some(10)), &id).await;
        assert_eq!(second.err(), Some(Halt::Deadline));
        drop(first);
        assert!(locks.lock(&operation(Some(10)), &id).await.is_ok());
    }

    #[tokio::test(start_paused = true)]
    async fn other_endpoints_do_not_wait() {
        let locks = EndpointLocks::default();
        let _first = locks.lock(&operation(None), &id("vpce-00000001")).await.expect("free");
        assert!(locks.lock(&operation(Some(1)), &id("vpce-00000002")).await.is_ok());
    }

    #[tokio::test(start_paused = true)]
    async fn locks_nobody_holds_are_forgotten() {
        let locks = EndpointLocks::default();
        drop(locks.lock(&operation(None), &id("vpce-00000001")).await);
        let _held = locks.lock(&operation(None), &id("vpce-00000002")).await.expect("free");
        assert_eq!(locks.0.lock().expect("not poisoned").len(), 1);
    }
}
