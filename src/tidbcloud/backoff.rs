//! How long to wait before a call is tried again, and when to give up.

use std::time::Duration;

use crate::error::ApiError;
use crate::operation::Operation;
use crate::retry::{FEW_ATTEMPTS, backoff};

/// The waits of one call: exponential with full jitter, so that parallel calls which failed together do not come back
/// together. What the service itself asks for goes first.
#[derive(Debug)]
pub(super) struct Backoff {
    attempts: u32,
    limited: bool,
}

impl Backoff {
    /// For one call of an operation.
    pub(super) fn new(operation: &Operation) -> Self {
        Self { attempts: 0, limited: operation.remaining().is_none() }
    }

    /// From now on give up after a number of attempts, even if the deadline is far.
    pub(super) fn limit(&mut self) {
        self.limited = true;
    }

    /// How often the call failed so far.
    pub(super) fn attempts(&self) -> u32 {
        self.attempts
    }

    /// The wait after one more failure; `None` when it is time to give up.
    pub(super) fn next(&mut self, operation: &Operation, failure: &ApiError) -> Option<Duration> {
        self.attempts += 1;
        if self.limited && self.attempts >= FEW_ATTEMPTS {
            return None;
        }
        Some(failure.retry_after.unwrap_or_else(|| backoff(self.attempts, operation.random().unit())))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::Clock;
    use crate::error::{ErrorKind, Service};
    use crate::random::Random;
    use crate::retry::LONGEST_WAIT as CAP;
    use tokio_util::sync::CancellationToken;

    fn operation(timeout: Option<Duration>) -> Operation {
        Operation::new(Clock::real(), Random::seeded(3), CancellationToken::new(), timeout)
    }

    fn failure() -> ApiError {
        ApiError::new(Service::TidbDedicated, "GetCluster", ErrorKind::Unavailable, "out of order")
    }

    #[tokio::test]
    async fn waits_grow_to_half_a_minute_and_are_jittered() {
        let operation = operation(Some(Duration::from_secs(3600)));
        let mut backoff = Backoff::new(&operation);
        let waits: Vec<_> = (0..200).filter_map(|_| backoff.next(&operation, &failure())).collect();
        assert_eq!(waits.len(), 200, "a deadline is the only limit");
        for (index, longest) in [1, 2, 4, 8, 16, 30, 30].into_iter().enumerate() {
            assert!(waits[index] <= Duration::from_secs(longest), "{index}: {:?}", waits[index]);
        }
        assert!(waits.iter().all(|wait| *wait <= CAP));
        assert!(
            waits[6..].iter().any(|wait| *wait > CAP / 2) && waits[6..].iter().any(|wait| *wait < CAP / 2)
        );
    }

    #[tokio::test]
    async fn without_a_deadline_the_eighth_failure_is_the_last() {
        let operation = operation(None);
        let mut backoff = Backoff::new(&operation);
        assert_eq!((0..8).filter(|_| backoff.next(&operation, &failure()).is_some()).count(), 7);
    }

    #[tokio::test]
    async fn what_the_service_asks_for_goes_first() {
        let operation = operation(None);
        let asked = ApiError { retry_after: Some(Duration::from_secs(47)), ..failure() };
        assert_eq!(Backoff::new(&operation).next(&operation, &asked), Some(Duration::from_secs(47)));
    }
}
