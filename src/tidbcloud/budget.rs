//! The request budget of the API key: TiDB Cloud allows so many requests a minute and key, and says with every answer
//! what is left. All calls of the process draw on one budget, so that they wait for the next minute instead of running
//! into refusals one by one; a share of it is never touched, so that other pipelines with the same key get through.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use http::HeaderMap;
use tracing::info;

use crate::operation::{Halt, Operation};

/// The length of a period, as the names of the headers say.
const MINUTE: Duration = Duration::from_secs(60);
/// Answers that put the end of their period further apart than this are about different periods.
const HALF_A_MINUTE: Duration = Duration::from_secs(30);

/// Of what may be used, this many hundredths are kept from whoever only waits, for calls that get something done.
const KEPT_FOR_WORK: u32 = 25;

/// The budget of one API key. Before the first answer nothing is known and nothing is held back.
#[derive(Debug)]
pub(super) struct Budget {
    share: Share,
    account: Mutex<Account>,
}

/// The share of an API key's requests that this process may use, in hundredths.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Share(u32);

impl Share {
    /// So many hundredths; `None` when that is not between 1 and 100.
    pub fn percent(percent: i64) -> Option<Self> {
        (1..=100).contains(&percent).then(|| u32::try_from(percent).ok().map(Self)).flatten()
    }

    /// The part of a limit that is for others.
    fn reserve(self, limit: u32) -> u32 {
        let usable = (u64::from(limit) * u64::from(self.0)).div_ceil(100);
        limit.saturating_sub(u32::try_from(usable).unwrap_or(u32::MAX))
    }
}

impl Default for Share {
    /// Four fifths: enough is left for a colleague's plan.
    fn default() -> Self {
        Self(80)
    }
}

#[derive(Debug, Default)]
struct Account {
    /// Requests that were taken and not answered yet. Which period the service counts them in is open.
    in_flight: u32,
    period: Option<Period>,
}

/// What is known of the current period. Times are the clock's elapsed time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Period {
    limit: Option<u32>,
    remaining: u32,
    ends: Duration,
}

/// One request that was taken out of the budget and is on its way until this is dropped.
#[derive(Debug)]
pub(super) struct Ticket<'a>(&'a Budget);

impl Budget {
    /// A budget of which `share` may be used.
    pub(super) fn new(share: Share) -> Self {
        Self { share, account: Mutex::default() }
    }

    /// How far apart the looks of one waiter have to be at least, when `waiting` reads are repeated by everybody who
    /// waits: what is left of the period is spread over the time that is left of it.
    pub(super) fn breath(&self, now: Duration, waiting: u32) -> Duration {
        let account = self.lock();
        let Some(Period { limit: Some(limit), remaining, ends }) = account.period else {
            return Duration::ZERO;
        };
        let usable = limit - self.share.reserve(limit);
        let kept = usable * KEPT_FOR_WORK / 100;
        let (spare, left) = if now >= ends {
            (usable - kept, MINUTE)
        } else {
            (remaining.saturating_sub(self.share.reserve(limit) + kept), ends - now)
        };
        match spare {
            0 => left,
            spare => left.mul_f64(f64::from(waiting) / f64::from(spare)).min(MINUTE),
        }
    }

    /// Takes one request out of the budget, after waiting for the next period when nothing is left in this one.
    ///
    /// # Errors
    /// [`Halt`] when the operation ends before there is something left.
    pub(super) async fn take(&self, operation: &Operation) -> Result<Ticket<'_>, Halt> {
        loop {
            match self.try_take(operation.clock().elapsed()) {
                Ok(ticket) => return Ok(ticket),
                Err(wait) => {
                    info!(
                        wait_seconds = wait.as_secs(),
                        "the request budget of the TiDB Cloud API key is used up; waiting for the next minute"
                    );
                    operation.sleep(wait).await?;
                }
            }
        }
    }

    /// Takes one request if there is one, or says how long until there is.
    fn try_take(&self, now: Duration) -> Result<Ticket<'_>, Duration> {
        let mut account = self.lock();
        let (in_flight, share) = (account.in_flight, self.share);
        if let Some(period) = &mut account.period {
            if now >= period.ends {
                // Everybody who waited wakes up now; only as many as the limit allows may go before an answer tells
                // more. Periods follow each other without a gap.
                while period.ends <= now {
                    period.ends += MINUTE;
                }
                period.remaining = period.limit.unwrap_or(u32::MAX).saturating_sub(in_flight);
            }
            let reserve = period.limit.map_or(0, |limit| share.reserve(limit));
            if period.remaining <= reserve {
                return Err(period.ends - now);
            }
            period.remaining -= 1;
        }
        account.in_flight += 1;
        Ok(Ticket(self))
    }

    fn lock(&self) -> MutexGuard<'_, Account> {
        self.account.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Ticket<'_> {
    /// Learns from the headers of the answer, which came `now`.
    pub(super) fn learn(&self, headers: &HeaderMap, now: Duration) {
        let number = |name| headers.get(name)?.to_str().ok()?.trim().parse::<u32>().ok();
        // TiDB Cloud API documentation, "Rate limiting"; the reset is in seconds from now.
        let Some(remaining) = number("x-ratelimit-remaining-minute") else { return };
        // More than some minutes is no budget of a minute, and nobody should wait for it.
        let reset = number("x-ratelimit-reset")
            .map_or(MINUTE, |seconds| Duration::from_secs(seconds.clamp(1, 300).into()));
        let (limit, ends) = (number("x-ratelimit-limit-minute"), now + reset);
        let mut account = self.0.lock();
        let others = account.in_flight.saturating_sub(1);
        match &mut account.period {
            // A straggler of the period before says nothing about this one.
            Some(period) if ends + HALF_A_MINUTE <= period.ends => {}
            // Answers overtake each other and do not know of the requests still on their way, so within one period the
            // smaller number is the right one.
            Some(period) if ends < period.ends + HALF_A_MINUTE => {
                period.limit = limit.or(period.limit);
                period.remaining = remaining.min(period.remaining);
                period.ends = ends.min(period.ends);
            }
            unknown_or_over => {
                *unknown_or_over = Some(Period { limit, remaining: remaining.saturating_sub(others), ends });
            }
        }
    }
}

impl Drop for Ticket<'_> {
    fn drop(&mut self) {
        let mut account = self.0.lock();
        account.in_flight = account.in_flight.saturating_sub(1);
    }
}

#[cfg(test)]
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

    /// A budget after one answer at `now`.
    fn told(headers: &HeaderMap, now: Duration) -> Budget {
        let budget = Budget::new(Share(100));
        budget.try_take(now).unwrap().learn(headers, now);
        budget
    }

    /// Takes and answers as many as there are at `now`; returns how many, and the wait until there are more.
    fn drain(budget: &Budget, now: Duration) -> (usize, Duration) {
        let mut count = 0;
        loop {
            match budget.try_take(now) {
                Ok(_) => count += 1,
                Err(wait) => return (count, wait),
            }
        }
    }

    #[test]
    fn nothing_is_held_back_before_the_first_answer() {
        let budget = Budget::new(Share(100));
        let tickets: Vec<_> = (0..1000).map(|_| budget.try_take(seconds(0))).collect();
        assert!(tickets.iter().all(Result::is_ok));
    }

    #[tokio::test(start_paused = true)]
    async fn an_empty_budget_waits_until_the_reset_and_no_longer() {
        let operation = operation(None);
        let begin = operation.clock().elapsed();
        let budget = told(&headers(100, 1, 17), begin);
        drop(budget.take(&operation).await.unwrap());
        assert_eq!(operation.clock().elapsed() - begin, seconds(0));
        drop(budget.take(&operation).await.unwrap());
        assert_eq!(operation.clock().elapsed() - begin, seconds(17));
    }

    #[tokio::test(start_paused = true)]
    async fn a_wait_for_budget_ends_with_the_operation() {
        let operation = operation(Some(5));
        let budget = told(&headers(100, 0, 17), operation.clock().elapsed());
        assert_eq!(budget.take(&operation).await.map(drop), Err(Halt::Deadline));
    }

    #[test]
    fn after_a_reset_only_as_many_as_the_limit_go_at_once() {
        let budget = told(&headers(3, 0, 10), seconds(0));
        assert_eq!(drain(&budget, seconds(9)), (0, seconds(1)));
        assert_eq!(drain(&budget, seconds(10)), (3, seconds(60)));
        assert_eq!(drain(&budget, seconds(70)), (3, seconds(60)));
        assert_eq!(drain(&budget, seconds(1000)), (3, seconds(30)), "the minutes go on while nobody calls");
    }

    #[test]
    fn requests_on_their_way_at_a_reset_count_in_the_new_period() {
        let budget = told(&headers(3, 2, 10), seconds(0));
        let slow = (budget.try_take(seconds(9)).unwrap(), budget.try_take(seconds(9)).unwrap());
        assert_eq!(drain(&budget, seconds(10)).0, 1);
        drop(slow);
    }

    #[test]
    fn requests_on_their_way_at_the_first_answer_are_taken_off() {
        let budget = Budget::new(Share(100));
        let tickets: Vec<_> = (0..4).map(|_| budget.try_take(seconds(0)).unwrap()).collect();
        tickets[0].learn(&headers(10, 9, 30), seconds(1));
        assert_eq!(drain(&budget, seconds(1)).0, 6);
    }

    #[test]
    fn an_answer_that_was_overtaken_does_not_raise_what_is_left() {
        let budget = told(&headers(100, 1, 30), seconds(0));
        let ticket = budget.try_take(seconds(1)).unwrap();
        ticket.learn(&headers(100, 2, 30), seconds(1));
        assert_eq!(drain(&budget, seconds(2)), (0, seconds(28)));
    }

    #[test]
    fn another_process_with_the_same_key_lowers_what_is_left() {
        let budget = told(&headers(100, 50, 30), seconds(0));
        let ticket = budget.try_take(seconds(1)).unwrap();
        ticket.learn(&headers(100, 0, 29), seconds(1));
        assert_eq!(drain(&budget, seconds(1)), (0, seconds(29)));
    }

    #[test]
    fn a_straggler_of_an_earlier_period_does_not_end_this_one() {
        let budget = told(&headers(2, 1, 10), seconds(0));
        let late = budget.try_take(seconds(9)).unwrap();
        drop(budget.try_take(seconds(10)).unwrap());
        late.learn(&headers(2, 0, 1), seconds(11));
        assert_eq!(drain(&budget, seconds(12)), (0, seconds(58)));
    }

    #[test]
    fn an_answer_of_the_next_period_begins_it_early() {
        let budget = told(&headers(5, 1, 10), seconds(0));
        let ticket = budget.try_take(seconds(9)).unwrap();
        ticket.learn(&headers(5, 4, 60), seconds(9));
        drop(ticket);
        assert_eq!(drain(&budget, seconds(10)), (4, seconds(59)));
    }

    #[test]
    fn answers_without_the_headers_teach_nothing() {
        let mut broken = HeaderMap::new();
        broken.insert("x-ratelimit-remaining-minute", "none".parse().unwrap());
        for headers in [HeaderMap::new(), broken] {
            assert_eq!(told(&headers, seconds(0)).lock().period, None);
        }
    }

    fn sharing(percent: i64, headers: &HeaderMap) -> Budget {
        let budget = Budget::new(Share::percent(percent).unwrap());
        budget.try_take(seconds(0)).unwrap().learn(headers, seconds(0));
        budget
    }

    #[test]
    fn a_share_of_every_minute_is_left_to_others() {
        let budget = sharing(80, &headers(100, 99, 30));
        assert_eq!(drain(&budget, seconds(1)), (79, seconds(29)));
        assert_eq!(drain(&budget, seconds(31)).0, 80);
    }

    #[test]
    fn what_others_used_does_not_shrink_what_is_left_to_them() {
        let budget = sharing(80, &headers(100, 30, 30));
        assert_eq!(drain(&budget, seconds(1)).0, 10);
    }

    #[test]
    fn the_smallest_share_still_gets_through() {
        let budget = sharing(1, &headers(3, 3, 30));
        assert_eq!(drain(&budget, seconds(31)).0, 1);
    }

    #[test]
    fn a_share_is_between_one_and_a_hundred() {
        assert!(Share::percent(1).is_some() && Share::percent(100).is_some());
        assert!(Share::percent(0).is_none() && Share::percent(101).is_none() && Share::percent(-1).is_none());
    }

    #[test]
    fn whoever_waits_alone_looks_as_often_as_it_likes() {
        assert_eq!(Budget::new(Share(80)).breath(seconds(0), 1), seconds(0));
        assert!(sharing(80, &headers(100, 99, 60)).breath(seconds(0), 1) < seconds(2));
    }

    #[test]
    fn many_waiters_spread_over_what_is_left_of_the_minute() {
        // 80 may be used and 20 of those are kept for work: 60 reads in a minute.
        let budget = sharing(80, &headers(100, 100, 60));
        assert_eq!(budget.breath(seconds(0), 10), seconds(10));
        let budget = sharing(80, &headers(100, 50, 60));
        assert_eq!(budget.breath(seconds(30), 10), seconds(30));
    }

    #[test]
    fn when_only_the_part_for_work_is_left_waiters_wait_for_the_next_minute() {
        let budget = sharing(80, &headers(100, 40, 60));
        assert_eq!(budget.breath(seconds(20), 1), seconds(40));
        assert_eq!(drain(&budget, seconds(20)).0, 20);
    }

    #[test]
    fn without_a_limit_the_end_of_the_period_frees_everything() {
        let mut headers = headers(100, 0, 5);
        headers.remove("x-ratelimit-limit-minute");
        let budget = told(&headers, seconds(0));
        assert_eq!(drain(&budget, seconds(4)), (0, seconds(1)));
        assert!((0..1000).all(|_| budget.try_take(seconds(5)).is_ok()));
    }
}
