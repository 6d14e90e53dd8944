//! Answers that stay good for a moment, because Terraform plans, refreshes and waits for many resources at once. Whoever
//! asks first reads; those who ask meanwhile wait for that answer instead of asking the service the same again.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use crate::error::{ApiError, ErrorKind, Service};
use crate::operation::Operation;

/// The recent answers to one kind of question, by what was asked about.
#[derive(Debug)]
pub(crate) struct Recent<K, V> {
    /// Whom and what to name in errors.
    service: Service,
    name: &'static str,
    /// How long an answer is good for.
    keep: Duration,
    cells: Mutex<HashMap<K, Arc<Cell<V>>>>,
}

#[derive(Debug)]
struct Cell<V> {
    /// How often the answer was forgotten.
    writes: AtomicU64,
    /// Locked while somebody reads.
    slot: tokio::sync::Mutex<Option<Loaded<V>>>,
}

#[derive(Debug)]
struct Loaded<V> {
    /// What [`Cell::writes`] was when reading began.
    writes: u64,
    begun: Duration,
    done: Duration,
    /// When the operation that read it had to end.
    ends: Duration,
    result: Result<V, ApiError>,
}

impl<V> Loaded<V> {
    /// Whether it is the failure of a service that somebody with more time could wait out.
    fn is_impatient(&self, ends: Duration) -> bool {
        let passes_by = |error: &ApiError| {
            matches!(error.kind, ErrorKind::Throttled | ErrorKind::Unavailable | ErrorKind::Transport)
        };
        self.result.as_ref().is_err_and(passes_by) && ends > self.ends.saturating_add(MORE_TIME)
    }
}

/// How much more time makes a failure worth another try.
const MORE_TIME: Duration = Duration::from_secs(60);

/// An answer and its age.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Answer<V> {
    pub(crate) value: V,
    /// When reading it began, in the clock's elapsed time.
    pub(crate) begun: Duration,
}

/// How old an answer may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Age {
    /// A moment, as long as such answers are kept and until something is written.
    Recent,
    /// Read after this moment of the clock's elapsed time, whatever others wrote since: whoever waits names the moment of
    /// its last look or write, and so shares every newer look without ever seeing its own again.
    Since(Duration),
}

impl Age {
    /// Whether the answer will do for someone who asked at `asked`. An answer that was being read at that moment is
    /// recent, however long it took.
    fn allows<V>(self, loaded: &Loaded<V>, asked: Duration, keep: Duration, writes: u64) -> bool {
        match self {
            Self::Recent => loaded.writes == writes && (loaded.done > asked || loaded.begun + keep > asked),
            Self::Since(moment) => loaded.begun >= moment,
        }
    }
}

impl<K: Clone + Eq + Hash, V: Clone> Recent<K, V> {
    /// No answers yet; they will be kept for `keep`. Errors name `service` and its action `name`.
    pub(crate) fn new(service: Service, name: &'static str, keep: Duration) -> Self {
        Self { service, name, keep, cells: Mutex::default() }
    }

    /// The answer about `key`: one of that age, or what `load` reads now. Failures are handed on like answers, so that
    /// one does not cost everybody a round of retries of their own; the end of somebody else's operation is not.
    ///
    /// # Errors
    /// Those of `load`; [`crate::error::ErrorKind::Halted`] when the operation ends while another one reads.
    pub(crate) async fn get(
        &self,
        operation: &Operation,
        key: &K,
        age: Age,
        load: impl Future<Output = Result<V, ApiError>> + Send,
    ) -> Result<Answer<V>, ApiError> {
        let clock = operation.clock();
        let asked = clock.elapsed();
        let ends = operation.remaining().map_or(Duration::MAX, |left| asked.saturating_add(left));
        let cell = self.cell(key);
        let mut slot = operation
            .until(cell.slot.lock())
            .await
            .map_err(|halt| ApiError::halted(self.service, self.name, halt))?;
        let writes = cell.writes.load(Ordering::Acquire);
        if let Some(loaded) = slot
            .as_ref()
            .filter(|loaded| age.allows(loaded, asked, self.keep, writes) && !loaded.is_impatient(ends))
        {
            tracing::trace!(operation = self.name, "shared");
            return loaded.result.clone().map(|value| Answer { value, begun: loaded.begun });
        }
        let begun = clock.elapsed();
        let result = load.await;
        *slot = match &result {
            Err(error) if error.halt().is_some() => None,
            _ => Some(Loaded { writes, begun, ends, done: clock.elapsed(), result: result.clone() }),
        };
        result.map(|value| Answer { value, begun })
    }

    /// Forgets the answers about some keys, after a write that may have made them wrong. Reads that are under way are
    /// not served to anyone who asks from now on.
    pub(crate) fn forget(&self, mut which: impl FnMut(&K) -> bool) {
        for (_, cell) in self.lock().iter().filter(|(key, _)| which(key)) {
            cell.writes.fetch_add(1, Ordering::Release);
        }
    }

    /// Forgets every answer.
    pub(crate) fn forget_all(&self) {
        self.forget(|_| true);
    }

    fn cell(&self, key: &K) -> Arc<Cell<V>> {
        let empty = || Arc::new(Cell { writes: AtomicU64::new(0), slot: tokio::sync::Mutex::new(None) });
        Arc::clone(self.lock().entry(key.clone()).or_insert_with(empty))
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<K, Arc<Cell<V>>>> {
        self.cells.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::AtomicU32;

    use tokio_util::sync::CancellationToken;

    use super::*;
    use crate::clock::Clock;
    use crate::operation::Halt;
    use crate::random::Random;

    const KEEP: Duration = Duration::from_secs(5);

    struct Bench {
        operation: Operation,
        recent: Recent<u8, u32>,
        loads: AtomicU32,
    }

    impl Bench {
        fn new() -> Self {
            let operation = Operation::new(Clock::real(), Random::seeded(1), CancellationToken::new(), None);
            Self {
                operation,
                recent: Recent::new(Service::Ec2, "DescribeSubnets", KEEP),
                loads: AtomicU32::new(0),
            }
        }

        /// Asks; a read takes a second and answers how many reads there were.
        async fn ask(&self, age: Age) -> u32 {
            let load = async {
                let load = self.loads.fetch_add(1, Ordering::Relaxed) + 1;
                self.operation.sleep(Duration::from_secs(1)).await.expect("no end");
                Ok(load)
            };
            let answer = self.recent.get(&self.operation, &1, age, load).await;
            answer.expect("an answer").value
        }
    }

    #[tokio::test(start_paused = true)]
    async fn those_who_ask_together_share_one_read() {
        let bench = Bench::new();
        let answers = tokio::join!(bench.ask(Age::Recent), bench.ask(Age::Recent), bench.ask(Age::Recent));
        assert_eq!(answers, (1, 1, 1));
    }

    #[tokio::test(start_paused = true)]
    async fn those_who_wait_for_a_slow_read_share_it_all_the_same() {
        let bench = Bench::new();
        let slow = async {
            bench.operation.sleep(KEEP * 2).await.expect("no end");
            Ok(7)
        };
        let (slow, waiting) =
            tokio::join!(bench.recent.get(&bench.operation, &1, Age::Recent, slow), bench.ask(Age::Recent));
        assert_eq!((slow.expect("an answer").value, waiting), (7, 7));
    }

    #[tokio::test(start_paused = true)]
    async fn an_answer_is_good_for_a_few_seconds() {
        let bench = Bench::new();
        bench.ask(Age::Recent).await;
        bench.operation.sleep(KEEP - Duration::from_secs(2)).await.expect("no end");
        assert_eq!(bench.ask(Age::Recent).await, 1);
        bench.operation.sleep(Duration::from_secs(2)).await.expect("no end");
        assert_eq!(bench.ask(Age::Recent).await, 2);
    }

    #[tokio::test(start_paused = true)]
    async fn an_answer_can_be_required_to_be_newer() {
        let bench = Bench::new();
        bench.ask(Age::Recent).await;
        let now = bench.operation.clock().elapsed();
        let answers = tokio::join!(bench.ask(Age::Since(now)), bench.ask(Age::Since(now)));
        assert_eq!(answers, (2, 2));
    }

    #[tokio::test(start_paused = true)]
    async fn a_write_forgets_even_what_is_being_read() {
        let bench = Bench::new();
        let (reading, after) = tokio::join!(bench.ask(Age::Recent), async {
            tokio::time::sleep(Duration::from_millis(500)).await;
            bench.recent.forget(|&key| key == 1);
            bench.ask(Age::Recent).await
        });
        assert_eq!((reading, after), (1, 2));
    }

    #[tokio::test(start_paused = true)]
    async fn waiters_that_look_in_turn_share_every_look_but_never_see_their_own_again() {
        let bench = Bench::new();
        let now = || bench.operation.clock().elapsed();
        let first = now();
        assert_eq!(bench.ask(Age::Since(first)).await, 1);
        let second = now();
        assert_eq!(bench.ask(Age::Since(first)).await, 1, "another waiter, which looked before that");
        assert_eq!(bench.ask(Age::Since(second)).await, 2, "the one that saw the first look");
    }

    #[tokio::test(start_paused = true)]
    async fn another_key_is_another_question() {
        let bench = Bench::new();
        let other = bench.recent.get(&bench.operation, &2, Age::Recent, async { Ok(7) });
        let (first, other) = tokio::join!(bench.ask(Age::Recent), other);
        assert_eq!((first, other.expect("an answer").value), (1, 7));
    }

    #[tokio::test(start_paused = true)]
    async fn failures_are_handed_on_but_the_end_of_an_operation_is_not() {
        let bench = Bench::new();
        let denied = ApiError::new(Service::Ec2, "DescribeSubnets", ErrorKind::Denied, "no");
        let halted = ApiError::halted(Service::Ec2, "DescribeSubnets", Halt::Deadline);
        let get = async |answer| bench.recent.get(&bench.operation, &1, Age::Recent, async { answer }).await;
        assert_eq!(get(Err(halted.clone())).await, Err(halted));
        assert_eq!(get(Err(denied.clone())).await, Err(denied.clone()));
        assert_eq!(get(Ok(7)).await, Err(denied));
        bench.operation.sleep(KEEP).await.expect("no end");
        assert_eq!(get(Ok(7)).await.map(|answer| answer.value), Ok(7));
    }

    #[tokio::test(start_paused = true)]
    async fn a_failure_that_somebody_had_no_time_to_wait_out_is_not_handed_to_one_who_has() {
        let bench = Bench::new();
        let down = ApiError::new(Service::Ec2, "DescribeSubnets", ErrorKind::Unavailable, "down");
        let hasty = bench.operation.within(Duration::from_secs(10));
        let failed = bench.recent.get(&hasty, &1, Age::Recent, async { Err(down.clone()) }).await;
        assert_eq!(failed, Err(down.clone()));
        let as_hasty = bench.operation.within(Duration::from_secs(20));
        assert_eq!(bench.recent.get(&as_hasty, &1, Age::Recent, async { Ok(7) }).await, Err(down));
        assert_eq!(bench.ask(Age::Recent).await, 1);
    }

    #[tokio::test(start_paused = true)]
    async fn waiting_for_somebody_elses_read_ends_with_the_own_operation() {
        let bench = Bench::new();
        let hasty = bench.operation.within(Duration::from_millis(500));
        let (first, second) =
            tokio::join!(bench.ask(Age::Recent), bench.recent.get(&hasty, &1, Age::Recent, async { Ok(7) }));
        assert_eq!(first, 1);
        assert_eq!(second, Err(ApiError::halted(Service::Ec2, "DescribeSubnets", Halt::Deadline)));
        assert_eq!(bench.loads.load(Ordering::Relaxed), 1);
    }
}
