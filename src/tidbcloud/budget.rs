//! The request budget of the API key: TiDB Cloud allows so many requests a minute and key, and says with every answer
//! what is left. All calls of the process draw on one budget, so that they wait for the next minute instead of running
//! into refusals one by one.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use http::HeaderMap;
use tracing::info;

use crate::operation::{Halt, Operation};

/// The length of a budget period, as the names of the headers say.
const MINUTE: Duration = Duration::from_secs(60);

/// What is known of the current period. Times are the clock's elapsed time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Period {
    number: u64,
    limit: Option<u32>,
    remaining: u32,
    ends: Duration,
}

/// The right to send one request, and the number of the period that it was taken from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Ticket(u64);

/// The budget of one API key. Before the first answer nothing is known and nothing is held back.
#[derive(Debug, Default)]
pub(super) struct Budget(Mutex<Option<Period>>);

impl Budget {
    /// Takes one request out of the budget, after waiting for the next period when nothing is left in this one.
    ///
    /// # Errors
    /// [`Halt`] when the operation ends before there is something left.
    pub(super) async fn take(&self, operation: &Operation) -> Result<Ticket, Halt> {
        loop {
            let wait = match self.try_take(operation.clock().elapsed()) {
                Ok(ticket) => return Ok(ticket),
                Err(wait) => wait,
            };
            info!(
                wait_seconds = wait.as_secs(),
                "the request budget of the TiDB Cloud API key is used up; waiting for the next minute"
            );
            operation.sleep(wait).await?;
        }
    }

    /// Takes one request if there is one, or says how long until there is.
    fn try_take(&self, now: Duration) -> Result<Ticket, Duration> {
        let mut known = self.lock();
        let Some(period) = known.as_mut() else { return Ok(Ticket(0)) };
        if now >= period.ends {
            // Everybody who waited wakes up now; only as many as the limit allows may go before an answer tells more.
            *period = Period {
                number: period.number + 1,
                remaining: period.limit.unwrap_or(u32::MAX),
                ends: now + MINUTE,
                ..*period
            };
        }
        match period.remaining.checked_sub(1) {
            Some(left) => {
                period.remaining = left;
                Ok(Ticket(period.number))
            }
            None => Err(period.ends - now),
        }
    }

    /// Learns from the headers of an answer that came `now`.
    pub(super) fn learn(&self, ticket: Ticket, headers: &HeaderMap, now: Duration) {
        let number = |name| headers.get(name)?.to_str().ok()?.trim().parse::<u32>().ok();
        // TiDB Cloud documentation, API overview, "Rate limiting"; the reset is in seconds from now.
        let Some(remaining) = number("x-ratelimit-remaining-minute") else { return };
        let reset =
            number("x-ratelimit-reset").map_or(MINUTE, |seconds| Duration::from_secs(seconds.max(1).into()));
        let told = Period {
            number: ticket.0,
            limit: number("x-ratelimit-limit-minute"),
            remaining,
            ends: now + reset,
        };
        let mut known = self.lock();
        match known.as_mut() {
            None => *known = Some(told),
            // A straggler of an earlier period says nothing about this one. Believing that it ends so soon would hand
            // out the next period's requests now.
            Some(period) if ticket.0 < period.number => {}
            Some(period) if now >= period.ends => *period = Period { number: period.number + 1, ..told },
            // Answers overtake each other and do not know of the requests still on their way, so within one period the
            // smaller number is the right one.
            Some(period) => {
                period.limit = told.limit.or(period.limit);
                period.remaining = told.remaining.min(period.remaining);
                period.ends = told.ends.min(period.ends);
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, Option<Period>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test may fail")]
mod tests {
    use super::*;
    use crate::clock::Clock;
    use crate::random::Random;
    use tokio_util::sync::CancellationToken;

    fn headers(limit: u32, remaining: u32, reset: u32) -> HeaderMap {
        let mut headers = HeaderMap::new();
        headers.insert("x-ratelimit-limit-minute", limit.into());
        headers.insert("x-ratelimit-remaining-minute", remaining.into());
        headers.insert("x-ratelimit-reset", reset.into());
        headers
    }

    fn operation(timeout: Option<u64>) -> Operation {
        let stop = CancellationToken::new();
        Operation::new(Clock::real(), Random::seeded(1), stop, timeout.map(Duration::from_secs))
    }

    fn seconds(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    #[tokio::test(start_paused = true)]
    async fn nothing_is_held_back_before_the_first_answer() {
        let budget = Budget::default();
        for _ in 0..1000 {
            assert!(budget.try_take(seconds(0)).is_ok());
        }
    }

    #[tokio::test(start_paused = true)]
    async fn an_empty_budget_waits_until_the_reset_and_no_longer() {
        let (budget, operation) = (Budget::default(), operation(None));
        let begin = operation.clock().elapsed();
        budget.learn(Ticket(0), &headers(100, 1, 17), begin);
        budget.take(&operation).await.unwrap();
        assert_eq!(operation.clock().elapsed() - begin, seconds(0));
        budget.take(&operation).await.unwrap();
        assert_eq!(operation.clock().elapsed() - begin, seconds(17));
    }

    #[tokio::test(start_paused = true)]
    async fn a_wait_for_budget_ends_with_the_operation() {
        let (budget, operation) = (Budget::default(), operation(Some(5)));
        budget.learn(Ticket(0), &headers(100, 0, 17), operation.clock().elapsed());
        assert_eq!(budget.take(&operation).await, Err(Halt::Deadline));
    }

    #[tokio::test(start_paused = true)]
    async fn after_a_reset_only_as_many_as_the_limit_go_at_once() {
        let (budget, operation) = (std::sync::Arc::new(Budget::default()), operation(None));
        let begin = operation.clock().elapsed();
        budget.learn(Ticket(0), &headers(3, 0, 10), begin);
        let waiters: Vec<_> = (0..7)
            .map(|_| {
                let (budget, operation) = (budget.clone(), operation.clone());
                tokio::spawn(async move {
                    budget.take(&operation).await.unwrap();
                    (operation.clock().elapsed() - begin).as_secs()
                })
            })
            .collect();
        let mut times = Vec::new();
        for waiter in waiters {
            times.push(waiter.await.unwrap());
        }
        times.sort_unstable();
        assert_eq!(times, [10, 10, 10, 70, 70, 70, 130]);
    }

    #[test]
    fn an_answer_that_was_overtaken_does_not_raise_what_is_left() {
        let budget = Budget::default();
        budget.learn(Ticket(0), &headers(100, 1, 30), seconds(0));
        budget.learn(Ticket(0), &headers(100, 2, 30), seconds(1));
        assert!(budget.try_take(seconds(2)).is_ok());
        assert_eq!(budget.try_take(seconds(2)), Err(seconds(28)));
    }

    #[test]
    fn another_process_with_the_same_key_lowers_what_is_left() {
        let budget = Budget::default();
        budget.learn(Ticket(0), &headers(100, 50, 30), seconds(0));
        budget.learn(Ticket(0), &headers(100, 0, 29), seconds(1));
        assert_eq!(budget.try_take(seconds(1)), Err(seconds(29)));
    }

    #[test]
    fn a_new_period_counts_afresh() {
        let budget = Budget::default();
        budget.learn(Ticket(0), &headers(100, 0, 5), seconds(0));
        budget.learn(Ticket(0), &headers(100, 99, 60), seconds(5));
        assert!(budget.try_take(seconds(5)).is_ok());
    }

    #[test]
    fn answers_without_the_headers_teach_nothing() {
        let budget = Budget::default();
        budget.learn(Ticket(0), &HeaderMap::new(), seconds(0));
        let mut broken = HeaderMap::new();
        broken.insert("x-ratelimit-remaining-minute", "none".parse().unwrap());
        budget.learn(Ticket(0), &broken, seconds(0));
        assert_eq!(*budget.lock(), None);
    }

    #[test]
    fn without_a_limit_the_end_of_the_period_frees_everything() {
        let budget = Budget::default();
        let mut told = headers(100, 0, 5);
        told.remove("x-ratelimit-limit-minute");
        budget.learn(Ticket(0), &told, seconds(0));
        assert_eq!(budget.try_take(seconds(4)), Err(seconds(1)));
        assert!(budget.try_take(seconds(5)).is_ok());
        assert!(budget.try_take(seconds(5)).is_ok());
    }

    #[test]
    fn a_straggler_of_an_earlier_period_does_not_end_this_one() {
        let budget = Budget::default();
        budget.learn(Ticket(0), &headers(2, 1, 10), seconds(0));
        let late = budget.try_take(seconds(9)).unwrap();
        let first = budget.try_take(seconds(10)).unwrap();
        budget.learn(late, &headers(2, 0, 1), seconds(11));
        assert!(budget.try_take(seconds(11)).is_ok());
        assert_eq!(budget.try_take(seconds(12)), Err(seconds(58)));
        budget.learn(first, &headers(2, 0, 50), seconds(12));
        assert_eq!(
            budget.try_take(seconds(12)),
            Err(seconds(50)),
            "an answer of this period knows when it ends"
        );
    }
}
