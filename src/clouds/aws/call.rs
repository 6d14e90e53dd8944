//! One call of EC2, repeated for as long as that makes sense: paced, jittered, in the operation's time. An attempt that
//! has begun is always awaited, so that a stop never leaves a write whose outcome nobody looked at.

use std::time::Duration;

use aws_sdk_ec2::error::{ProvideErrorMetadata, SdkError};

use super::convert;
use super::errors::{self, Effect};
use super::pacing::Pace;
use crate::error::{ApiError, Cause, ErrorKind, Service};
use crate::ids::Region;
use crate::operation::{Halt, Operation};
use crate::pages::{Page, Pages};

/// Upper bound of the first wait; it doubles from attempt to attempt.
const FIRST_WAIT: Duration = Duration::from_secs(1);
/// Upper bound of every wait.
const LONGEST_WAIT: Duration = Duration::from_secs(30);
/// Attempts of an operation that has no deadline.
const ATTEMPTS_WITHOUT_DEADLINE: u32 = 8;
/// Attempts of a write that names something EC2 does not know: what the same run made a moment ago may not be known to
/// every server yet.
const ATTEMPTS_FOR_CONSISTENCY: u32 = 3;
/// Shortest wait where only time helps: a change that is going on, or servers that have yet to agree.
const SHORTEST_SETTLING: Duration = Duration::from_secs(2);

/// The frame of one call: what it is, and how it may be repeated.
#[derive(Clone, Copy, Debug)]
pub(super) struct Call<'a> {
    pub(super) operation: &'a Operation,
    pub(super) region: &'a Region,
    /// The action as the EC2 API reference names it.
    pub(super) name: &'static str,
    pub(super) effect: Effect,
    /// The budget that every attempt is taken from, for the actions that EC2 counts strictly.
    pub(super) pace: Option<&'a Pace>,
}

/// How an error may be answered by another attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Patience {
    /// Attempts in all; `None` means until the deadline.
    attempts: Option<u32>,
    shortest_wait: Duration,
}

impl Call<'_> {
    /// Sends `attempt` until it succeeds, fails for good, or the operation ends. Attempts must be safe to repeat: the
    /// caller gives creates a client token, and every other write of this cloud settles to the same state.
    ///
    /// # Errors
    /// The last error, with [`ApiError::outcome_unknown`] set when any attempt may have taken effect unseen.
    pub(super) async fn send<T, F>(&self, attempt: impl Fn() -> F + Send + Sync) -> Result<T, ApiError>
    where
        F: Future<Output = Result<T, ApiError>> + Send,
    {
        let mut last: Option<ApiError> = None;
        let mut made = 0;
        loop {
            made += 1;
            let go_on = self.operation.check();
            go_on.map_err(|halt| self.halted(halt, last.as_ref()))?;
            if let Some(pace) = self.pace {
                let turn = pace.turn(self.operation, self.name).await;
                turn.map_err(|halt| self.halted(halt, last.as_ref()))?;
            }
            // Boxed, because the SDK's futures are large, and side by side they fill a thread's stack.
            let mut error = match Box::pin(attempt()).await {
                Ok(answer) => return Ok(answer),
                Err(error) => error,
            };
            error.outcome_unknown |= last.is_some_and(|last| last.outcome_unknown);
            if let (Some(pace), ErrorKind::Throttled) = (self.pace, error.kind) {
                pace.exhausted(self.operation);
            }
            let Some(wait) = self.wait_after(made, &error) else {
                return Err(error);
            };
            tracing::info!(
                service = "ec2",
                operation = self.name,
                attempt = made,
                wait_seconds = wait.as_secs_f32(),
                error = %error,
                "trying again"
            );
            if let Err(Halt::Stopped) = self.operation.sleep(wait).await {
                return Err(self.halted(Halt::Stopped, Some(&error)));
            }
            last = Some(error);
        }
    }

    /// The items of a listing, page by page. `read` asks for the page of a token and takes its `list` and the next token
    /// out of the answer; `key` tells an item from all others.
    pub(super) async fn pages<T, E, F>(
        &self,
        key: fn(&T) -> Option<&str>,
        list: &str,
        read: impl Fn(Option<String>) -> F + Send + Sync,
    ) -> Result<Vec<T>, ApiError>
    where
        T: Send,
        E: ProvideErrorMetadata + std::error::Error + Send + 'static,
        F: Future<Output = Result<(Option<Vec<T>>, Option<String>), SdkError<E>>> + Send,
    {
        let mut pages = Pages::by(key);
        while let Some(token) = pages.due() {
            let attempt = || {
                let read = read(token.clone());
                async { read.await.map_err(|error| self.error(&error)) }
            };
            let (items, next) = self.send(attempt).await?;
            // EC2 sends an empty list where there is nothing, so one that is not there at all is no answer.
            let items = items.ok_or_else(|| convert::missing(self.name, list))?;
            let taken = pages.add(Page { items, next, total: None });
            taken.map_err(|disorder| convert::malformed(self.name, disorder.to_string()))?;
        }
        Ok(pages.into_items())
    }

    /// The SDK's error of one attempt, as ours.
    pub(super) fn error<E>(&self, error: &SdkError<E>) -> ApiError
    where
        E: ProvideErrorMetadata + std::error::Error + 'static,
    {
        errors::from_sdk(self.name, self.effect, self.region, error)
    }

    /// How long to wait before the attempt after the one that failed with `error`; `None` when there should be none.
    fn wait_after(&self, made: u32, error: &ApiError) -> Option<Duration> {
        let patience = patience(self.effect, error)?;
        let left = self.operation.remaining();
        let most = match (patience.attempts, left) {
            (Some(attempts), _) => attempts,
            (None, Some(_)) => u32::MAX,
            (None, None) => ATTEMPTS_WITHOUT_DEADLINE,
        };
        let wait = backoff(made, self.operation.random().unit())
            .max(patience.shortest_wait)
            .max(error.retry_after.unwrap_or_default());
        // A wait that the deadline would cut off cannot help: the service's own error says more than a timeout.
        (made < most && left.is_none_or(|left| wait < left)).then_some(wait)
    }

    /// The operation's end, without losing what the last attempt said and may have done.
    fn halted(&self, halt: Halt, last: Option<&ApiError>) -> ApiError {
        let mut error = ApiError::halted(Service::Ec2, self.name, halt);
        if let Some(last) = last {
            error.message = format!("{halt}; the last attempt ended with: {last}");
            error.outcome_unknown = last.outcome_unknown;
        }
        error
    }
}

fn patience(effect: Effect, error: &ApiError) -> Option<Patience> {
    let (attempts, shortest_wait) = match (error.kind, error.cause) {
        (ErrorKind::Throttled | ErrorKind::Unavailable | ErrorKind::Transport, _) => (None, Duration::ZERO),
        (_, Some(Cause::ChangeInProgress)) => (None, SHORTEST_SETTLING),
        (_, Some(Cause::VpcNotFound | Cause::SubnetNotFound | Cause::SecurityGroupNotFound))
            if effect == Effect::Write =>
        {
            (Some(ATTEMPTS_FOR_CONSISTENCY), SHORTEST_SETTLING)
        }
        _ => return None,
    };
    Some(Patience { attempts, shortest_wait })
}

/// Exponential backoff with full jitter: anywhere between nothing and a bound that doubles. `unit` is in `[0, 1)`.
fn backoff(made: u32, unit: f64) -> Duration {
    let doubled = 2_u32.saturating_pow(made.saturating_sub(1));
    FIRST_WAIT.saturating_mul(doubled).min(LONGEST_WAIT).mul_f64(unit)
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU32, Ordering};

    use tokio_util::sync::CancellationToken;

    use super::*;
    use crate::clock::Clock;
    use crate::random::Random;

    type Attempt = Result<(), ApiError>;

    fn operation(timeout: Option<u64>, stop: &CancellationToken) -> Operation {
        Operation::new(Clock::real(), Random::seeded(7), stop.clone(), timeout.map(Duration::from_secs))
    }

    fn region() -> Region {
        Region::new("us-west-2")
    }

    /// An error answer of EC2.
    fn answer(code: &str) -> Attempt {
        Err(errors::answered("CreateVpcEndpoint", &region(), Some(400), Some(code), Some("EC2 says so")))
    }

    fn lost() -> Attempt {
        let mut error =
            ApiError::new(Service::Ec2, "CreateVpcEndpoint", ErrorKind::Transport, "connection reset");
        error.outcome_unknown = true;
        Err(error)
    }

    /// Makes the call with the given answers in turn (the last one for ever); also counts the attempts.
    async fn call(
        operation: &Operation,
        effect: Effect,
        answers: &[fn() -> Attempt],
    ) -> (Result<(), ApiError>, u32) {
        let region = region();
        let made = AtomicU32::new(0);
        let call = Call { operation, region: &region, name: "CreateVpcEndpoint", effect, pace: None };
        let result = call
            .send(|| {
                let turn = made.fetch_add(1, Ordering::Relaxed) as usize;
                let answer = answers[turn.min(answers.len() - 1)]();
                async move { answer }
            })
            .await;
        (result, made.into_inner())
    }

    #[tokio::test(start_paused = true)]
    async fn throttling_is_waited_out() {
        let operation = operation(Some(600), &CancellationToken::new());
        let throttled: fn() -> Attempt = || answer("RequestLimitExceeded");
        let (result, made) =
            call(&operation, Effect::Write, &[throttled, throttled, throttled, || Ok(())]).await;
        assert_eq!((result, made), (Ok(()), 4));
    }

    #[tokio::test(start_paused = true)]
    async fn retries_end_with_the_services_error_at_the_deadline() {
        let operation = operation(Some(600), &CancellationToken::new());
        let (result, made) = call(&operation, Effect::Write, &[|| answer("Unavailable")]).await;
        let error = result.expect_err("never succeeds");
        assert_eq!(error.kind, ErrorKind::Unavailable);
        assert!(made > ATTEMPTS_WITHOUT_DEADLINE, "{made} attempts in ten minutes");
    }

    #[tokio::test(start_paused = true)]
    async fn without_a_deadline_the_attempts_are_counted() {
        let operation = operation(None, &CancellationToken::new());
        let (_, made) = call(&operation, Effect::Read, &[|| answer("InternalError")]).await;
        assert_eq!(made, ATTEMPTS_WITHOUT_DEADLINE);
    }

    #[tokio::test(start_paused = true)]
    async fn a_wrong_request_is_not_repeated() {
        let operation = operation(Some(600), &CancellationToken::new());
        let refusals: [fn() -> Attempt; 3] = [
            || answer("InvalidServiceName"),
            || answer("UnauthorizedOperation"),
            || answer("VpcEndpointLimitExceeded"),
        ];
        for refusal in refusals {
            assert_eq!(call(&operation, Effect::Write, &[refusal]).await.1, 1);
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_change_that_is_going_on_is_waited_for() {
        let operation = operation(Some(600), &CancellationToken::new());
        let (result, made) =
            call(&operation, Effect::Write, &[|| answer("OperationInProgress"), || Ok(())]).await;
        assert_eq!((result, made), (Ok(()), 2));
        assert!(operation.remaining().is_some_and(|left| left <= Duration::from_secs(598)));
    }

    #[tokio::test(start_paused = true)]
    async fn a_write_gives_new_ids_a_moment_and_a_read_does_not() {
        let operation = operation(Some(600), &CancellationToken::new());
        let unknown: &[fn() -> Attempt] = &[|| answer("InvalidSubnetID.NotFound")];
        assert_eq!(call(&operation, Effect::Write, unknown).await.1, ATTEMPTS_FOR_CONSISTENCY);
        assert_eq!(call(&operation, Effect::Read, unknown).await.1, 1);
    }

    #[tokio::test(start_paused = true)]
    async fn an_outcome_once_unknown_stays_unknown() {
        let operation = operation(Some(600), &CancellationToken::new());
        let (result, _) =
            call(&operation, Effect::Write, &[lost, || answer("VpcEndpointLimitExceeded")]).await;
        let error = result.expect_err("refused");
        assert_eq!(error.cause, Some(Cause::EndpointLimit));
        assert!(error.outcome_unknown);
    }

    #[tokio::test(start_paused = true)]
    async fn a_stop_ends_the_retries_and_tells_what_the_last_attempt_said() {
        let stop = CancellationToken::new();
        let operation = operation(Some(600), &stop);
        let ((result, made), ()) = tokio::join!(call(&operation, Effect::Write, &[lost]), async {
            tokio::time::sleep(Duration::from_millis(1)).await;
            stop.cancel();
        });
        let error = result.expect_err("stopped");
        assert_eq!(error.halt(), Some(Halt::Stopped));
        assert!(error.outcome_unknown);
        assert!(error.message.contains("connection reset"), "{}", error.message);
        assert_eq!(made, 1);
    }

    #[tokio::test(start_paused = true)]
    async fn nothing_is_sent_once_the_operation_has_ended() {
        let stop = CancellationToken::new();
        stop.cancel();
        let (result, made) = call(&operation(None, &stop), Effect::Write, &[|| Ok(())]).await;
        assert_eq!(result.expect_err("stopped").halt(), Some(Halt::Stopped));
        assert_eq!(made, 0);
    }

    #[test]
    fn the_backoff_doubles_up_to_its_cap_and_jitters_over_the_whole_of_it() {
        assert_eq!(backoff(1, 0.5), Duration::from_millis(500));
        assert_eq!(backoff(4, 0.5), Duration::from_secs(4));
        assert_eq!(backoff(60, 0.5), Duration::from_secs(15));
        assert_eq!(backoff(60, 0.0), Duration::ZERO);
    }
}
