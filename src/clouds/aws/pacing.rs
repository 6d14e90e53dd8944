//! EC2 counts the three writes of VPC endpoints far more strictly than anything else: four at once, then three in ten
//! seconds, per account and region. Running into that wall slows every later call, so callers queue here instead.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use crate::operation::{Halt, Operation};

/// Calls that may be made at once (Amazon EC2 developer guide, "Request throttling": bucket size of
/// CreateVpcEndpoint, ModifyVpcEndpoint and DeleteVpcEndpoints).
const BURST: u32 = 4;
/// Time in which EC2 gives one call back: a refill of 0.3 a second, rounded up.
const INTERVAL: Duration = Duration::from_millis(3334);

/// Added to every wait. EC2 starts giving calls back when the first one arrives, which is later than when it was sent.
const LATENCY: Duration = Duration::from_secs(1);

/// The budget of one action in one region, shared by every operation of the process. All of them must run on clones of
/// one clock.
#[derive(Debug, Default)]
pub(super) struct Pace {
    /// When the bucket will be full again, in the clock's elapsed time: each call pushes it one interval further.
    full_at: Mutex<Duration>,
}

impl Pace {
    /// Waits until one more call fits the budget, and takes it. Turns are given in the order in which they are asked
    /// for.
    ///
    /// # Errors
    /// [`Halt`] when the operation ends first; the turn goes back into the budget.
    pub(super) async fn turn(&self, operation: &Operation, name: &'static str) -> Result<(), Halt> {
        let wait = self.take(operation.clock().elapsed());
        if wait.is_zero() {
            return Ok(());
        }
        tracing::info!(
            service = "ec2",
            operation = name,
            wait_seconds = wait.as_secs_f32(),
            "EC2 allows few of these calls: waiting for a turn"
        );
        operation.sleep(wait).await.inspect_err(|_| self.give_back())
    }

    /// EC2 refused a call although there was a turn left: others use the same account. Nothing is left for now.
    pub(super) fn exhausted(&self, operation: &Operation) {
        let empty = operation.clock().elapsed() + INTERVAL * BURST;
        let mut full_at = self.lock();
        *full_at = (*full_at).max(empty);
    }

    /// Takes a turn; returns how long it is until it comes.
    fn take(&self, now: Duration) -> Duration {
        let mut full_at = self.lock();
        *full_at = (*full_at).max(now) + INTERVAL;
        match full_at.saturating_sub(INTERVAL * BURST).saturating_sub(now) {
            Duration::ZERO => Duration::ZERO,
            wait => wait + LATENCY,
        }
    }

    fn give_back(&self) {
        let mut full_at = self.lock();
        *full_at = full_at.saturating_sub(INTERVAL);
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Duration> {
        self.full_at.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use tokio_util::sync::CancellationToken;

    use super::*;
    use crate::clock::Clock;
    use crate::random::Random;

    /// Tokio's timer rounds sleeps up to milliseconds.
    const ROUNDING: Duration = Duration::from_millis(50);

    fn operation(clock: &Clock, stop: &CancellationToken) -> Operation {
        Operation::new(clock.clone(), Random::seeded(1), stop.clone(), None)
    }

    async fn turns(pace: &Pace, operation: &Operation, count: u32) -> Duration {
        let before = operation.clock().elapsed();
        for _ in 0..count {
            pace.turn(operation, "CreateVpcEndpoint").await.expect("no end");
        }
        operation.clock().elapsed() - before
    }

    #[tokio::test(start_paused = true)]
    async fn four_calls_go_at_once_and_the_rest_at_the_refill_rate() {
        let (clock, stop) = (Clock::real(), CancellationToken::new());
        let (pace, operation) = (Pace::default(), operation(&clock, &stop));
        assert_eq!(turns(&pace, &operation, 4).await, Duration::ZERO);
        let three_more = turns(&pace, &operation, 3).await;
        let expected = INTERVAL * 3 + LATENCY;
        assert!(three_more >= expected && three_more < expected + ROUNDING, "{three_more:?}");
    }

    #[tokio::test(start_paused = true)]
    async fn the_budget_comes_back_while_nobody_calls() {
        let (clock, stop) = (Clock::real(), CancellationToken::new());
        let (pace, operation) = (Pace::default(), operation(&clock, &stop));
        turns(&pace, &operation, 4).await;
        operation.sleep(INTERVAL * 2).await.expect("no end");
        assert_eq!(turns(&pace, &operation, 2).await, Duration::ZERO);
        assert!(turns(&pace, &operation, 1).await > Duration::from_secs(3));
    }

    #[tokio::test(start_paused = true)]
    async fn a_fast_clock_paces_in_its_own_seconds() {
        let (clock, stop) = (Clock::scaled(100.0), CancellationToken::new());
        let (pace, operation) = (Pace::default(), operation(&clock, &stop));
        let before = tokio::time::Instant::now();
        turns(&pace, &operation, 7).await;
        assert!(before.elapsed() < Duration::from_secs(1), "{:?}", before.elapsed());
    }

    #[tokio::test(start_paused = true)]
    async fn a_stopped_operation_gives_its_turn_back() {
        let (clock, stop) = (Clock::real(), CancellationToken::new());
        let pace = Pace::default();
        let patient = operation(&clock, &CancellationToken::new());
        turns(&pace, &patient, 4).await;
        let stopped = operation(&clock, &stop);
        let (turn, ()) = tokio::join!(pace.turn(&stopped, "CreateVpcEndpoint"), async { stop.cancel() });
        assert_eq!(turn, Err(Halt::Stopped));
        assert!(turns(&pace, &patient, 1).await < INTERVAL + LATENCY + ROUNDING);
    }

    #[tokio::test(start_paused = true)]
    async fn a_refusal_by_ec2_empties_the_budget() {
        let (clock, stop) = (Clock::real(), CancellationToken::new());
        let (pace, operation) = (Pace::default(), operation(&clock, &stop));
        pace.exhausted(&operation);
        assert!(turns(&pace, &operation, 1).await >= INTERVAL);
    }
}
