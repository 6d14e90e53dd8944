//! Answers that stay good for a few seconds, because Terraform plans and refreshes many resources of one VPC at once.
//! Whoever asks first reads; those who ask meanwhile wait for that answer instead of asking the cloud the same again.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use super::locks::end_of;
use crate::error::{ApiError, Service};
use crate::operation::Operation;

/// How long an answer is good for.
const KEEP: Duration = Duration::from_secs(5);

/// The recent answers to one kind of question, by what was asked about.
#[derive(Debug)]
pub(super) struct Recent<K, V> {
    /// Whom and what to name in errors.
    service: Service,
    name: &'static str,
    cells: Mutex<HashMap<K, Cell<V>>>,
}

type Cell<V> = Arc<tokio::sync::Mutex<Option<Loaded<V>>>>;

#[derive(Debug)]
struct Loaded<V> {
    begun: Duration,
    done: Duration,
    result: Result<V, ApiError>,
}

/// An answer and its age.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Answer<V> {
    pub(super) value: V,
    /// When reading it began, in the clock's elapsed time.
    pub(super) begun: Duration,
}

/// How old an answer may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Age {
    /// A few seconds.
    Recent,
    /// Read after this moment of the clock's elapsed time.
    Since(Duration),
}

impl Age {
    /// Whether the answer will do for someone who asked at `asked`. An answer that was being read at that moment is
    /// recent, however long it took.
    fn allows<V>(self, loaded: &Loaded<V>, asked: Duration) -> bool {
        match self {
            Self::Recent => loaded.done > asked || loaded.begun + KEEP >= asked,
            Self::Since(moment) => loaded.begun >= moment,
        }
    }
}

impl<K: Clone + Eq + Hash, V: Clone> Recent<K, V> {
    /// No answers yet; `service` and its action `name` are those that errors name.
    pub(super) fn new(service: Service, name: &'static str) -> Self {
        Self { service, name, cells: Mutex::default() }
    }

    /// The answer about `key`: a recent one, or what `load` reads now. Callers that waited for a read which failed get
    /// its error, so that a failure does not cost each of them its own round of retries.
    ///
    /// # Errors
    /// Those of `load`; [`crate::error::ErrorKind::Halted`] when the operation ends while another one reads.
    pub(super) async fn get(
        &self,
        operation: &Operation,
        key: &K,
        age: Age,
        load: impl Future<Output = Result<V, ApiError>> + Send,
    ) -> Result<Answer<V>, ApiError> {
        let clock = operation.clock();
        let asked = clock.elapsed();
        let cell = self.cell(key);
        let mut slot = tokio::select! {
            biased;
            slot = cell.lock() => slot,
            halt = end_of(operation) => return Err(ApiError::halted(self.service, self.name, halt)),
        };
        if let Some(loaded) = &*slot {
            match &loaded.result {
                Ok(value) if age.allows(loaded, asked) => {
                    return Ok(Answer { value: value.clone(), begun: loaded.begun });
                }
                Err(error) if loaded.done > asked && error.halt().is_none() => return Err(error.clone()),
                _ => {}
            }
        }
        let begun = clock.elapsed();
        let result = load.await;
        *slot = Some(Loaded { begun, done: clock.elapsed(), result: result.clone() });
        result.map(|value| Answer { value, begun })
    }

    /// Forgets every answer, after a write that may have made them wrong. Reads that are under way are not served to
    /// anyone who asks from now on.
    pub(super) fn forget(&self) {
        self.lock().clear();
    }

    fn cell(&self, key: &K) -> Cell<V> {
        Arc::clone(self.lock().entry(key.clone()).or_default())
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<K, Cell<V>>> {
        self.cells.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU32, Ordering};

    use tokio_util::sync::CancellationToken;

    use super::*;
    use crate::clock::Clock;
    use crate::error::ErrorKind;
    use crate::random::Random;

    struct Bench {
        operation: Operation,
        recent: Recent<u8, u32>,
        loads: AtomicU32,
    }

    impl Bench {
        fn new() -> Self {
            let operation = Operation::new(Clock::real(), Random::seeded(1), CancellationToken::new(), None);
            Self { operation, recent: Recent::new(Service::Ec2, "DescribeSubnets"), loads: AtomicU32::new(0) }
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
            bench.recent.forget();
            bench.ask(Age::Recent).await
        });
        assert_eq!((reading, after), (1, 2));
    }

    #[tokio::test(start_paused = true)]
    async fn those_who_waited_share_a_failure_and_later_ones_try_again() {
        let bench = Bench::new();
        let failing = || async {
            bench.loads.fetch_add(1, Ordering::Relaxed);
            bench.operation.sleep(Duration::from_secs(1)).await.expect("no end");
            Err(ApiError::new(Service::Ec2, "DescribeSubnets", ErrorKind::Denied, "no"))
        };
        let ask = || bench.recent.get(&bench.operation, &1, Age::Recent, failing());
        let (first, second) = tokio::join!(ask(), ask());
        assert!(first.is_err() && second.is_err());
        assert_eq!(bench.loads.load(Ordering::Relaxed), 1);
        assert_eq!(bench.ask(Age::Recent).await, 2);
    }
}
