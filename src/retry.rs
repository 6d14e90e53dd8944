//! One call, repeated for as long as that makes sense: jittered, in the operation's time. An attempt that has begun is
//! always awaited, so that a stop never leaves a write whose outcome nobody looked at. Both clouds repeat their calls here;
//! TiDB Cloud's client, whose writes must not be sent twice, shares the waits.

use std::time::Duration;

use crate::error::{ApiError, Cause, ErrorKind, Service};
use crate::operation::{Halt, Operation};

/// Upper bound of the first wait; it doubles from attempt to attempt.
const FIRST_WAIT: Duration = Duration::from_secs(1);
/// Upper bound of every wait, unless the service asks for a longer one.
pub(crate) const LONGEST_WAIT: Duration = Duration::from_secs(30);
/// Attempts of an operation that has no deadline, and attempts to reach a host that has never answered.
pub(crate) const FEW_ATTEMPTS: u32 = 8;
/// Attempts of a write that names something that is not known: what the same run made a moment ago may not be known to
/// every server yet.
const ATTEMPTS_FOR_CONSISTENCY: u32 = 3;
/// Shortest wait where only time helps: a change that is going on, or servers that have yet to agree.
const SHORTEST_SETTLING: Duration = Duration::from_secs(2);

/// What a call does to the world: decides what a lost answer means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Effect {
    /// Looks only.
    Read,
    /// Changes something.
    Write,
}

/// A call and how it may be repeated.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Repeated<'a> {
    pub(crate) operation: &'a Operation,
    pub(crate) service: Service,
    /// The call as the service's reference names it.
    pub(crate) name: &'static str,
    pub(crate) effect: Effect,
}

/// How an error may be answered by another attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Patience {
    /// Attempts in all; `None` means until the deadline.
    attempts: Option<u32>,
    shortest_wait: Duration,
}

impl Repeated<'_> {
    /// Makes `attempt` until it succeeds, fails for good, or the operation ends. Attempts must be safe to repeat: the
    /// caller gives creates an idempotency token, and every other write settles to the same state. `known` tells whether
    /// the other side has ever answered.
    ///
    /// # Errors
    /// The last error, with [`ApiError::outcome_unknown`] set when any attempt may have taken effect unseen.
    pub(crate) async fn send<T, F>(
        &self,
        known: impl Fn() -> bool,
        attempt: impl Fn() -> F,
    ) -> Result<T, ApiError>
    where
        F: Future<Output = Result<T, ApiError>>,
    {
        let mut last: Option<ApiError> = None;
        let mut made = 0;
        loop {
            made += 1;
            self.operation.check().map_err(|halt| self.halted(halt, last.as_ref()))?;
            let outcome = match self.effect {
                // Nobody has to hear what a service says that is only asked.
                Effect::Read => self.operation.unless_stopped(attempt()).await,
                Effect::Write => Ok(attempt().await),
            };
            let mut error = match outcome.map_err(|halt| self.halted(halt, last.as_ref()))? {
                Ok(answer) => return Ok(answer),
                Err(error) => error,
            };
            // The operation ended before this attempt was sent, so the one before it has the last word.
            if let (Some(halt), Some(last)) = (error.halt(), &last) {
                return Err(self.halted(halt, Some(last)));
            }
            error.outcome_unknown |= last.is_some_and(|last| last.outcome_unknown);
            let Some(wait) = self.wait_after(made, known(), &error) else {
                return Err(error);
            };
            tracing::info!(
                service = %self.service,
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

    /// How long to wait before the attempt after the one that failed with `error`; `None` when there should be none.
    fn wait_after(&self, made: u32, known: bool, error: &ApiError) -> Option<Duration> {
        let patience = patience(self.effect, known, error)?;
        let left = self.operation.remaining();
        let most = match (patience.attempts, left) {
            (Some(attempts), _) => attempts,
            (None, Some(_)) => u32::MAX,
            (None, None) => FEW_ATTEMPTS,
        };
        let wait = backoff(made, self.operation.random().unit())
            .max(patience.shortest_wait)
            .max(error.retry_after.unwrap_or_default());
        // A wait that the deadline would cut off cannot help: the service's own error says more than a timeout.
        (made < most && left.is_none_or(|left| wait < left)).then_some(wait)
    }

    /// The operation's end, without losing what the last attempt said and may have done.
    fn halted(&self, halt: Halt, last: Option<&ApiError>) -> ApiError {
        let mut error = ApiError::halted(self.service, self.name, halt);
        if let Some(last) = last {
            error.message = format!("{halt}; the last attempt ended with: {last}");
            error.outcome_unknown = last.outcome_unknown;
        }
        error
    }
}

fn patience(effect: Effect, known: bool, error: &ApiError) -> Option<Patience> {
    let (attempts, shortest_wait) = match (error.kind, error.cause) {
        // A wrong address or a closed firewall: say so in time.
        (ErrorKind::Transport, _) if !known => (Some(FEW_ATTEMPTS), Duration::ZERO),
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

/// The wait after so many attempts: exponential with full jitter, anywhere between nothing and a bound that doubles, so
/// that calls which failed together do not come back together. `unit` is in `[0, 1)`.
pub(crate) fn backoff(made: u32, unit: f64) -> Duration {
    let doubled = 2_u32.saturating_pow(made.saturating_sub(1));
    FIRST_WAIT.saturating_mul(doubled).min(LONGEST_WAIT).mul_f64(unit)
}

#[cfg(test)]
pub(crate) mod tests {
    use std::sync::atomic::{AtomicU32, Ordering};

    use tokio_util::sync::CancellationToken;

    use super::*;
    use crate::clock::Clock;
    use crate::random::Random;

    pub(crate) type Attempt = Result<(), ApiError>;

    fn operation(timeout: Option<u64>, stop: &CancellationToken) -> Operation {
        Operation::new(Clock::real(), Random::seeded(7), stop.clone(), timeout.map(Duration::from_secs))
    }

    /// An operation of ten minutes.
    pub(crate) fn patient() -> Operation {
        operation(Some(600), &CancellationToken::new())
    }

    fn failed(kind: ErrorKind, cause: Option<Cause>) -> Attempt {
        let mut error = ApiError::new(Service::Ec2, "CreateVpcEndpoint", kind, "words");
        error.cause = cause;
        Err(error)
    }

    fn unavailable() -> Attempt {
        failed(ErrorKind::Unavailable, None)
    }

    fn refused() -> Attempt {
        failed(ErrorKind::Quota, Some(Cause::EndpointLimit))
    }

    fn lost() -> Attempt {
        let mut error =
            ApiError::new(Service::Ec2, "CreateVpcEndpoint", ErrorKind::Transport, "connection reset");
        error.outcome_unknown = true;
        Err(error)
    }

    /// Makes the call with the given answers in turn (the last one for ever); also counts the attempts.
    pub(crate) async fn call(
        operation: &Operation,
        effect: Effect,
        answers: &[fn() -> Attempt],
    ) -> (Attempt, u32) {
        call_at(operation, effect, true, answers).await
    }

    async fn call_at(
        operation: &Operation,
        effect: Effect,
        known: bool,
        answers: &[fn() -> Attempt],
    ) -> (Attempt, u32) {
        let made = AtomicU32::new(0);
        let call = Repeated { operation, service: Service::Ec2, name: "CreateVpcEndpoint", effect };
        let attempt = || {
            let turn = made.fetch_add(1, Ordering::Relaxed) as usize;
            let answer = answers[turn.min(answers.len() - 1)]();
            async move { answer }
        };
        let result = call.send(|| known, attempt).await;
        (result, made.into_inner())
    }

    /// How often a write is made that gets this answer once, and how often writes and reads are that always get it. Every
    /// client checks with it that its own errors are taken as they should be.
    pub(crate) async fn attempts(answer: fn() -> Attempt) -> [u32; 3] {
        let once: [fn() -> Attempt; 2] = [answer, || Ok(())];
        [
            call(&patient(), Effect::Write, &once).await.1,
            call(&patient(), Effect::Write, &[answer]).await.1.min(FEW_ATTEMPTS),
            call(&patient(), Effect::Read, &[answer]).await.1.min(FEW_ATTEMPTS),
        ]
    }

    /// [`attempts`] after what passes by, after an id that may become known to a write, and after what stays wrong.
    pub(crate) const PASSES: [u32; 3] = [2, FEW_ATTEMPTS, FEW_ATTEMPTS];
    pub(crate) const SETTLES: [u32; 3] = [2, ATTEMPTS_FOR_CONSISTENCY, 1];
    pub(crate) const STAYS: [u32; 3] = [1, 1, 1];

    #[tokio::test(start_paused = true)]
    async fn what_passes_by_is_waited_out() {
        let answers: [fn() -> Attempt; 5] = [
            || failed(ErrorKind::Throttled, Some(Cause::TooManyRequests)),
            unavailable,
            || failed(ErrorKind::Conflict, Some(Cause::ChangeInProgress)),
            lost,
            || Ok(()),
        ];
        let operation = patient();
        assert_eq!(call(&operation, Effect::Write, &answers).await, (Ok(()), 5));
        assert!(operation.remaining().is_some_and(|left| left <= Duration::from_secs(598)));
    }

    #[tokio::test(start_paused = true)]
    async fn retries_end_with_the_services_error_at_the_deadline() {
        let (result, made) = call(&patient(), Effect::Write, &[unavailable]).await;
        assert_eq!(result.expect_err("never succeeds").kind, ErrorKind::Unavailable);
        assert!(made > FEW_ATTEMPTS, "{made} attempts in ten minutes");
    }

    #[tokio::test(start_paused = true)]
    async fn without_a_deadline_the_attempts_are_counted() {
        let operation = operation(None, &CancellationToken::new());
        assert_eq!(call(&operation, Effect::Read, &[unavailable]).await.1, FEW_ATTEMPTS);
    }

    #[tokio::test(start_paused = true)]
    async fn a_host_that_never_answered_is_given_up_on_in_time() {
        assert_eq!(call_at(&patient(), Effect::Read, false, &[lost]).await.1, FEW_ATTEMPTS);
    }

    #[tokio::test(start_paused = true)]
    async fn a_write_gives_new_ids_a_moment_and_a_read_does_not() {
        assert_eq!(attempts(|| failed(ErrorKind::NotFound, Some(Cause::SubnetNotFound))).await, SETTLES);
    }

    #[tokio::test(start_paused = true)]
    async fn a_wrong_request_is_not_repeated() {
        assert_eq!(attempts(refused).await, STAYS);
    }

    #[tokio::test(start_paused = true)]
    async fn an_outcome_once_unknown_stays_unknown() {
        let (result, _) = call(&patient(), Effect::Write, &[lost, refused]).await;
        let error = result.expect_err("refused");
        assert_eq!(error.cause, Some(Cause::EndpointLimit));
        assert!(error.outcome_unknown);
    }

    #[tokio::test(start_paused = true)]
    async fn an_attempt_that_was_not_sent_leaves_the_last_word_to_the_one_before() {
        let unsent: fn() -> Attempt =
            || Err(ApiError::halted(Service::AwsCredentials, "lookup", Halt::Stopped));
        let (result, _) = call(&patient(), Effect::Write, &[lost, unsent]).await;
        let error = result.expect_err("stopped");
        assert_eq!((error.halt(), error.service), (Some(Halt::Stopped), Service::Ec2));
        assert!(error.outcome_unknown && error.message.contains("connection reset"), "{error}");
    }

    #[tokio::test(start_paused = true)]
    async fn nothing_is_sent_once_the_operation_has_ended() {
        let stop = CancellationToken::new();
        stop.cancel();
        let (result, made) = call(&operation(None, &stop), Effect::Write, &[|| Ok(())]).await;
        assert_eq!(result.expect_err("stopped").halt(), Some(Halt::Stopped));
        assert_eq!(made, 0);
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
    async fn a_stop_drops_a_read_that_is_under_way_and_waits_for_a_write() {
        for (effect, halt) in [(Effect::Read, Some(Halt::Stopped)), (Effect::Write, None)] {
            let stop = CancellationToken::new();
            let operation = operation(None, &stop);
            let repeated = Repeated { operation: &operation, service: Service::Ec2, name: "Call", effect };
            let slow = || async {
                tokio::time::sleep(Duration::from_secs(30)).await;
                Ok(())
            };
            let (result, ()) = tokio::join!(repeated.send(|| true, slow), async {
                tokio::time::sleep(Duration::from_secs(1)).await;
                stop.cancel();
            });
            assert_eq!(result.err().and_then(|error: ApiError| error.halt()), halt, "{effect:?}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn the_pause_that_the_service_asks_for_is_kept() {
        let operation = patient();
        let slowed: fn() -> Attempt = || {
            unavailable().map_err(|error| ApiError { retry_after: Some(Duration::from_secs(90)), ..error })
        };
        assert_eq!(call(&operation, Effect::Read, &[slowed, || Ok(())]).await.1, 2);
        assert!(operation.remaining().is_some_and(|left| left <= Duration::from_secs(510)));
    }

    #[test]
    fn the_backoff_doubles_up_to_its_cap_and_jitters_over_the_whole_of_it() {
        assert_eq!(backoff(1, 0.5), Duration::from_millis(500));
        assert_eq!(backoff(4, 0.5), Duration::from_secs(4));
        assert_eq!(backoff(60, 0.5), Duration::from_secs(15));
        assert_eq!(backoff(60, 0.0), Duration::ZERO);
    }
}
