//! What every call of one Terraform operation shares: the clock, randomness, the user's deadline and the stop signal.
//! Sleeping is only possible through here, so no wait or retry can outlive its deadline or ignore Ctrl-C.

use std::time::Duration;

use tokio_util::sync::CancellationToken;

use crate::clock::Clock;
use crate::random::Random;

/// Why an operation must not go on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Halt {
    /// Terraform asked providers to stop (Ctrl-C).
    #[error("Terraform asked the provider to stop")]
    Stopped,
    /// The user's timeout for this operation has passed.
    #[error("the timeout of this operation has passed")]
    Deadline,
}

/// The frame of one operation (one create, one read…). Clones share the stop signal and the deadline.
#[derive(Clone, Debug)]
pub struct Operation {
    clock: Clock,
    random: Random,
    stop: CancellationToken,
    /// In the clock's elapsed time, as is the deadline; `None` there means none.
    began: Duration,
    deadline: Option<Duration>,
}

impl Operation {
    /// An operation that ends at the latest `timeout` from now, in the clock's time; `None` means never.
    pub fn new(clock: Clock, random: Random, stop: CancellationToken, timeout: Option<Duration>) -> Self {
        let began = clock.elapsed();
        Self { clock, random, stop, began, deadline: timeout.map(|timeout| began + timeout) }
    }

    /// The same operation with an end that may come sooner: for something small that must not use up all of its time.
    #[must_use]
    pub fn within(&self, limit: Duration) -> Self {
        let end = self.clock.elapsed() + limit;
        Self { deadline: Some(self.deadline.map_or(end, |deadline| deadline.min(end))), ..self.clone() }
    }

    /// A last word of at most `limit`, which is said although this operation has been stopped or has run out of time.
    #[must_use]
    pub fn parting(&self, limit: Duration) -> Self {
        Self::new(self.clock.clone(), self.random.clone(), CancellationToken::new(), Some(limit))
    }

    /// The clock that all durations of this operation are measured in.
    pub fn clock(&self) -> &Clock {
        &self.clock
    }

    /// The source of tokens and jitter.
    pub fn random(&self) -> &Random {
        &self.random
    }

    /// How long it has been going on.
    pub fn elapsed(&self) -> Duration {
        self.clock.elapsed().saturating_sub(self.began)
    }

    /// Time left until the deadline; `None` without one.
    pub fn remaining(&self) -> Option<Duration> {
        self.deadline.map(|deadline| deadline.saturating_sub(self.clock.elapsed()))
    }

    /// Whether the operation may still begin something.
    ///
    /// # Errors
    /// [`Halt`] once stopped or past the deadline.
    pub fn check(&self) -> Result<(), Halt> {
        if self.stop.is_cancelled() {
            Err(Halt::Stopped)
        } else if self.remaining() == Some(Duration::ZERO) {
            Err(Halt::Deadline)
        } else {
            Ok(())
        }
    }

    /// Sleeps for `duration`, but no longer than until the deadline or the stop signal.
    ///
    /// # Errors
    /// [`Halt`] when the sleep was cut short.
    pub async fn sleep(&self, duration: Duration) -> Result<(), Halt> {
        self.check()?;
        let (nap, cut) = match self.remaining() {
            Some(left) if left <= duration => (left, true),
            _ => (duration, false),
        };
        tokio::select! {
            () = self.stop.cancelled() => Err(Halt::Stopped),
            () = self.clock.sleep(nap) => if cut { Err(Halt::Deadline) } else { Ok(()) },
        }
    }

    /// Completes with `wait`, or earlier when the operation ends. Only for waits inside the process: a request that is
    /// under way and changes something must never be dropped.
    ///
    /// # Errors
    /// [`Halt`] when the operation ended first.
    pub async fn until<T>(&self, wait: impl Future<Output = T>) -> Result<T, Halt> {
        const A_WHILE: Duration = Duration::from_secs(3600);
        let end = async {
            loop {
                if let Err(halt) = self.sleep(A_WHILE).await {
                    return halt;
                }
            }
        };
        tokio::select! {
            biased;
            value = wait => Ok(value),
            halt = end => Err(halt),
        }
    }

    /// Completes with `reading`, or with the stop signal. Only for requests that change nothing.
    ///
    /// # Errors
    /// [`Halt::Stopped`] when the signal came first.
    pub async fn unless_stopped<T>(&self, reading: impl Future<Output = T>) -> Result<T, Halt> {
        tokio::select! {
            biased;
            value = reading => Ok(value),
            () = self.stopped() => Err(Halt::Stopped),
        }
    }

    /// Completes when Terraform asks the provider to stop.
    pub async fn stopped(&self) {
        self.stop.cancelled().await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn operation(timeout: Option<u64>, stop: &CancellationToken) -> Operation {
        Operation::new(Clock::real(), Random::seeded(1), stop.clone(), timeout.map(Duration::from_secs))
    }

    #[tokio::test(start_paused = true)]
    async fn a_sleep_ends_at_the_deadline() {
        let operation = operation(Some(5), &CancellationToken::new());
        assert_eq!(operation.sleep(Duration::from_secs(3)).await, Ok(()));
        assert_eq!(operation.sleep(Duration::from_secs(60)).await, Err(Halt::Deadline));
        assert_eq!(operation.check(), Err(Halt::Deadline));
        assert_eq!(operation.remaining(), Some(Duration::ZERO));
    }

    #[tokio::test(start_paused = true)]
    async fn a_part_ends_before_the_whole_but_never_after_it() {
        let whole = operation(Some(60), &CancellationToken::new());
        assert_eq!(whole.within(Duration::from_secs(5)).remaining(), Some(Duration::from_secs(5)));
        assert_eq!(whole.within(Duration::from_secs(90)).remaining(), Some(Duration::from_secs(60)));
    }

    #[tokio::test(start_paused = true)]
    async fn a_last_word_can_be_said_after_a_stop_and_ends_soon() {
        let stop = CancellationToken::new();
        let operation = operation(Some(0), &stop);
        stop.cancel();
        let parting = operation.parting(Duration::from_secs(5));
        assert_eq!(parting.check(), Ok(()));
        assert_eq!(parting.sleep(Duration::from_secs(60)).await, Err(Halt::Deadline));
    }

    #[tokio::test(start_paused = true)]
    async fn a_sleep_ends_when_terraform_stops_the_provider() {
        let stop = CancellationToken::new();
        let operation = operation(None, &stop);
        let (slept, ()) = tokio::join!(operation.sleep(Duration::from_secs(3600)), async { stop.cancel() });
        assert_eq!(slept, Err(Halt::Stopped));
        assert_eq!(operation.check(), Err(Halt::Stopped));
    }
}
