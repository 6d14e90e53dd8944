//! Reads that several callers want at the same time: the first one asks, the others wait for its answer, and the
//! answer is handed on for a moment. Ten waiters of one cluster so cost one request a tick, not ten.

use std::collections::HashMap;
use std::future::Future;
use std::hash::Hash;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::until::until;
use crate::error::{ApiError, Service};
use crate::operation::Operation;

/// The last answer and when it came, in the clock's elapsed time; locked while somebody asks.
type Slot<V> = Arc<tokio::sync::Mutex<Option<(Duration, Result<V, ApiError>)>>>;

/// The answers of one operation, by what was asked for.
#[derive(Debug)]
pub(super) struct Shared<K, V> {
    service: Service,
    operation: &'static str,
    kept: Duration,
    slots: Mutex<HashMap<K, Slot<V>>>,
}

impl<K: Eq + Hash, V: Clone> Shared<K, V> {
    /// Nothing is known yet; answers will be handed on for `kept` after they came.
    pub(super) fn new(service: Service, operation: &'static str, kept: Duration) -> Self {
        Self { service, operation, kept, slots: Mutex::default() }
    }

    /// The answer to `key`: one that came just now, one that somebody else is waiting for, or that of `fetch`, which
    /// otherwise is not even begun.
    ///
    /// Errors are shared like values, but not the end of somebody else's operation.
    pub(super) async fn get(
        &self,
        operation: &Operation,
        key: K,
        fetch: impl Future<Output = Result<V, ApiError>>,
    ) -> Result<V, ApiError> {
        let slot = self.slots().entry(key).or_default().clone();
        let mut last = until(operation, slot.lock())
            .await
            .map_err(|halt| ApiError::halted(self.service, self.operation, halt))?;
        let now = || operation.clock().elapsed();
        if let Some((at, answer)) = last.as_ref().filter(|(at, _)| now().saturating_sub(*at) < self.kept) {
            tracing::trace!(operation = self.operation, age_ms = (now() - *at).as_millis(), "shared");
            return answer.clone();
        }
        let answer = fetch.await;
        *last = match &answer {
            Err(error) if error.halt().is_some() => None,
            _ => Some((now(), answer.clone())),
        };
        answer
    }

    /// Forgets the answers to some keys, also those that are still on their way: whoever asks from now on gets a newer
    /// one.
    pub(super) fn forget(&self, mut which: impl FnMut(&K) -> bool) {
        self.slots().retain(|key, _| !which(key));
    }

    fn slots(&self) -> MutexGuard<'_, HashMap<K, Slot<V>>> {
        self.slots.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::Clock;
    use crate::error::ErrorKind;
    use crate::operation::Halt;
    use crate::random::Random;
    use std::sync::atomic::{AtomicU32, Ordering};
    use tokio_util::sync::CancellationToken;

    fn operation(timeout: Option<u64>) -> Operation {
        let stop = CancellationToken::new();
        Operation::new(Clock::real(), Random::seeded(1), stop, timeout.map(Duration::from_secs))
    }

    fn shared() -> Shared<u8, u32> {
        Shared::new(Service::TidbDedicated, "List", Duration::from_secs(1))
    }

    /// A read that takes three seconds and answers how many came before it.
    async fn read(count: &AtomicU32) -> Result<u32, ApiError> {
        let before = count.fetch_add(1, Ordering::Relaxed);
        tokio::time::sleep(Duration::from_secs(3)).await;
        Ok(before)
    }

    #[tokio::test(start_paused = true)]
    async fn callers_at_the_same_time_cost_one_read() {
        let (shared, operation, count) = (shared(), operation(None), AtomicU32::new(0));
        let get = || shared.get(&operation, 1, read(&count));
        let answers = tokio::join!(get(), get(), get(), get());
        assert_eq!(answers, (Ok(0), Ok(0), Ok(0), Ok(0)));
        assert_eq!(shared.get(&operation, 2, read(&count)).await, Ok(1), "another key is another read");
    }

    #[tokio::test(start_paused = true)]
    async fn an_answer_is_handed_on_for_a_moment_only() {
        let (shared, operation, count) = (shared(), operation(None), AtomicU32::new(0));
        assert_eq!(shared.get(&operation, 1, read(&count)).await, Ok(0));
        tokio::time::sleep(Duration::from_millis(999)).await;
        assert_eq!(shared.get(&operation, 1, read(&count)).await, Ok(0));
        tokio::time::sleep(Duration::from_millis(1)).await;
        assert_eq!(shared.get(&operation, 1, read(&count)).await, Ok(1));
    }

    #[tokio::test(start_paused = true)]
    async fn whoever_asks_after_a_write_does_not_get_an_answer_from_before() {
        let (shared, operation, count) = (shared(), operation(None), AtomicU32::new(0));
        let after = async {
            tokio::time::sleep(Duration::from_secs(1)).await;
            shared.forget(|&key| key == 1);
            shared.get(&operation, 1, read(&count)).await
        };
        let (before, after) = tokio::join!(shared.get(&operation, 1, read(&count)), after);
        assert_eq!((before, after), (Ok(0), Ok(1)));
        assert_eq!(
            shared.get(&operation, 1, read(&count)).await,
            Ok(1),
            "the older answer does not come back"
        );
    }

    #[tokio::test(start_paused = true)]
    async fn errors_are_shared_but_the_end_of_an_operation_is_not() {
        let (shared, operation) = (shared(), operation(None));
        let denied = ApiError::new(Service::TidbDedicated, "List", ErrorKind::Denied, "no");
        let halted = ApiError::halted(Service::TidbDedicated, "List", Halt::Deadline);
        let fail = async |error: &ApiError| Err(error.clone());
        assert_eq!(shared.get(&operation, 1, fail(&halted)).await, Err(halted.clone()));
        assert_eq!(shared.get(&operation, 1, fail(&denied)).await, Err(denied.clone()));
        assert_eq!(shared.get(&operation, 1, async { Ok(7) }).await, Err(denied));
    }

    #[tokio::test(start_paused = true)]
    async fn waiting_for_somebody_elses_read_ends_with_the_own_operation() {
        let (shared, patient, hasty) = (shared(), operation(None), operation(Some(1)));
        let count = AtomicU32::new(0);
        let (first, second) =
            tokio::join!(shared.get(&patient, 1, read(&count)), shared.get(&hasty, 1, read(&count)));
        assert_eq!(first, Ok(0));
        assert_eq!(second, Err(ApiError::halted(Service::TidbDedicated, "List", Halt::Deadline)));
        assert_eq!(count.load(Ordering::Relaxed), 1);
    }
}
