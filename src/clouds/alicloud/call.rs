//! One action, repeated for as long as that makes sense: jittered, in the operation's time, each attempt with a date and
//! a nonce of its own. An attempt that has begun is always awaited, so that a stop never leaves a write whose outcome
//! nobody looked at.

use std::sync::Arc;
use std::time::Duration;

use super::credentials::Credentials;
use super::encode::Params;
use super::products::{Action, Effect};
use super::rpc::{Answer, Rpc};
use crate::error::{ApiError, Cause, ErrorKind};
use crate::ids::Region;
use crate::operation::{Halt, Operation};

/// Upper bound of the first wait; it doubles from attempt to attempt.
const FIRST_WAIT: Duration = Duration::from_secs(1);
/// Upper bound of every wait.
const LONGEST_WAIT: Duration = Duration::from_secs(30);
/// Attempts of an operation that has no deadline, and attempts to reach a host that has never answered.
const FEW_ATTEMPTS: u32 = 8;
/// Attempts of a write that names something that is not known: what the same run made a moment ago may not be known to
/// every server yet.
const ATTEMPTS_FOR_CONSISTENCY: u32 = 3;
/// Shortest wait where only time helps: a change that is going on, or servers that have yet to agree.
const SHORTEST_SETTLING: Duration = Duration::from_secs(2);

/// Makes calls with one set of credentials.
#[derive(Debug)]
pub(super) struct Caller {
    rpc: Arc<Rpc>,
    credentials: Credentials,
}

/// How an error may be answered by another attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Patience {
    /// Attempts in all; `None` means until the deadline.
    attempts: Option<u32>,
    shortest_wait: Duration,
}

impl Caller {
    /// Finds and calls nothing yet.
    pub(super) fn new(rpc: Arc<Rpc>) -> Self {
        Self { credentials: Credentials::new(Arc::clone(&rpc)), rpc }
    }

    /// Sends an action until it succeeds, fails for good, or the operation ends. Attempts must be safe to repeat: the
    /// caller gives every write a client token or writes what settles to the same state.
    ///
    /// # Errors
    /// The last error, with [`ApiError::outcome_unknown`] set when any attempt may have taken effect unseen.
    pub(super) async fn call(
        &self,
        operation: &Operation,
        region: &Region,
        action: Action,
        params: &Params,
    ) -> Result<Answer, ApiError> {
        let attempt = || async {
            let keys = self.credentials.keys(operation).await?;
            match self.rpc.attempt(action, region, params, Some(&keys)).await {
                // A session ends by Alibaba Cloud's clock, which may be some minutes ahead of this machine's.
                Err(error) if ended(&error) && self.credentials.give_up(&keys).await => {
                    let keys = self.credentials.keys(operation).await?;
                    self.rpc.attempt(action, region, params, Some(&keys)).await
                }
                answer => answer,
            }
        };
        repeat(operation, action, || self.rpc.knows(action, region), attempt).await
    }
}

/// Whether the session that the keys belong to has ended.
fn ended(error: &ApiError) -> bool {
    error.cause == Some(Cause::ExpiredCredentials) && error.has_code("InvalidSecurityToken.Expired")
}

/// Repeats `attempt`. `known` tells whether the other side has ever answered.
async fn repeat<T, F>(
    operation: &Operation,
    action: Action,
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
        operation.check().map_err(|halt| halted(action, halt, last.as_ref()))?;
        let mut error = match attempt().await {
            Ok(answer) => return Ok(answer),
            Err(error) => error,
        };
        error.outcome_unknown |= last.is_some_and(|last| last.outcome_unknown);
        let Some(wait) = wait_after(operation, action.effect, made, known(), &error) else {
            return Err(error);
        };
        tracing::info!(
            service = %action.product.service(),
            operation = action.name,
            attempt = made,
            wait_seconds = wait.as_secs_f32(),
            error = %error,
            "trying again"
        );
        if let Err(Halt::Stopped) = operation.sleep(wait).await {
            return Err(halted(action, Halt::Stopped, Some(&error)));
        }
        last = Some(error);
    }
}

/// How long to wait before the attempt after the one that failed with `error`; `None` when there should be none.
fn wait_after(
    operation: &Operation,
    effect: Effect,
    made: u32,
    known: bool,
    error: &ApiError,
) -> Option<Duration> {
    let patience = patience(effect, known, error)?;
    let left = operation.remaining();
    let most = match (patience.attempts, left) {
        (Some(attempts), _) => attempts,
        (None, Some(_)) => u32::MAX,
        (None, None) => FEW_ATTEMPTS,
    };
    let wait = backoff(made, operation.random().unit())
        .max(patience.shortest_wait)
        .max(error.retry_after.unwrap_or_default());
    // A wait that the deadline would cut off cannot help: the service's own error says more than a timeout.
    (made < most && left.is_none_or(|left| wait < left)).then_some(wait)
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

/// Exponential backoff with full jitter: anywhere between nothing and a bound that doubles. `unit` is in `[0, 1)`.
fn backoff(made: u32, unit: f64) -> Duration {
    let doubled = 2_u32.saturating_pow(made.saturating_sub(1));
    FIRST_WAIT.saturating_mul(doubled).min(LONGEST_WAIT).mul_f64(unit)
}

/// The operation's end, without losing what the last attempt said and may have done.
fn halted(action: Action, halt: Halt, last: Option<&ApiError>) -> ApiError {
    let mut error = ApiError::halted(action.product.service(), action.name, halt);
    if let Some(last) = last {
        error.message = format!("{halt}; the last attempt ended with: {last}");
        error.outcome_unknown = last.outcome_unknown;
    }
    error
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU32, Ordering};

    use tokio_util::sync::CancellationToken;

    use super::*;
    use crate::clock::Clock;
    use crate::clouds::alicloud::errors;
    use crate::clouds::alicloud::products::Product;
    use crate::random::Random;

    type Attempt = Result<(), ApiError>;

    const WRITE: Action = Action::write(Product::PrivateLink, "AttachSecurityGroupToVpcEndpoint");
    const READ: Action = Action::read(Product::PrivateLink, "ListVpcEndpoints");

    fn operation(timeout: Option<u64>, stop: &CancellationToken) -> Operation {
        Operation::new(Clock::real(), Random::seeded(7), stop.clone(), timeout.map(Duration::from_secs))
    }

    fn patient() -> Operation {
        operation(Some(600), &CancellationToken::new())
    }

    fn answer(code: &str) -> Attempt {
        Err(errors::answered(WRITE, &Region::new("ap-southeast-1"), 400, Some(code), Some("words")))
    }

    fn lost() -> Attempt {
        let mut error =
            ApiError::new(WRITE.product.service(), WRITE.name, ErrorKind::Transport, "connection reset");
        error.outcome_unknown = true;
        Err(error)
    }

    /// Makes the call with the given answers in turn (the last one for ever); also counts the attempts.
    async fn call(operation: &Operation, action: Action, answers: &[fn() -> Attempt]) -> (Attempt, u32) {
        call_at(operation, action, true, answers).await
    }

    async fn call_at(
        operation: &Operation,
        action: Action,
        known: bool,
        answers: &[fn() -> Attempt],
    ) -> (Attempt, u32) {
        let made = AtomicU32::new(0);
        let result = repeat(
            operation,
            action,
            || known,
            || {
                let turn = made.fetch_add(1, Ordering::Relaxed) as usize;
                let answer = answers[turn.min(answers.len() - 1)]();
                async move { answer }
            },
        )
        .await;
        (result, made.into_inner())
    }

    #[tokio::test(start_paused = true)]
    async fn what_passes_by_is_waited_out() {
        let answers: [fn() -> Attempt; 7] = [
            || answer("Throttling.User"),
            || answer("SystemBusy"),
            || answer("EndpointOperationDenied"),
            || answer("IncorrectStatus.VpcEndpoint"),
            || answer("SignatureNonceUsed"),
            lost,
            || Ok(()),
        ];
        assert_eq!(call(&patient(), WRITE, &answers).await, (Ok(()), 7));
    }

    #[tokio::test(start_paused = true)]
    async fn retries_end_with_the_services_error_at_the_deadline() {
        let (result, made) = call(&patient(), WRITE, &[|| answer("EndpointLocked")]).await;
        assert_eq!(result.expect_err("never succeeds").code.as_deref(), Some("EndpointLocked"));
        assert!(made > FEW_ATTEMPTS, "{made} attempts in ten minutes");
    }

    #[tokio::test(start_paused = true)]
    async fn without_a_deadline_the_attempts_are_counted() {
        let operation = operation(None, &CancellationToken::new());
        let (_, made) = call(&operation, READ, &[|| answer("SystemBusy")]).await;
        assert_eq!(made, FEW_ATTEMPTS);
    }

    #[tokio::test(start_paused = true)]
    async fn a_host_that_never_answered_is_given_up_on_in_time() {
        let (_, made) = call_at(&patient(), READ, false, &[lost]).await;
        assert_eq!(made, FEW_ATTEMPTS);
    }

    #[tokio::test(start_paused = true)]
    async fn a_wrong_request_is_not_repeated() {
        let refusals: [fn() -> Attempt; 4] = [
            || answer("EndpointServiceNotFound"),
            || answer("NoPermission"),
            || answer("NeedOpenProduct"),
            || answer("InvalidEndpointName"),
        ];
        for refusal in refusals {
            assert_eq!(call(&patient(), WRITE, &[refusal]).await.1, 1);
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_write_gives_new_ids_a_moment_and_a_read_does_not() {
        let unknown: &[fn() -> Attempt] = &[|| answer("InvalidVSwitchId.NotFound")];
        assert_eq!(call(&patient(), WRITE, unknown).await.1, ATTEMPTS_FOR_CONSISTENCY);
        assert_eq!(call(&patient(), READ, unknown).await.1, 1);
    }

    #[tokio::test(start_paused = true)]
    async fn an_outcome_once_unknown_stays_unknown() {
        let (result, _) = call(&patient(), WRITE, &[lost, || answer("NoPermission")]).await;
        let error = result.expect_err("refused");
        assert_eq!(error.cause, Some(Cause::ActionDenied));
        assert!(error.outcome_unknown);
    }

    #[tokio::test(start_paused = true)]
    async fn a_stop_ends_the_retries_and_tells_what_the_last_attempt_said() {
        let stop = CancellationToken::new();
        let operation = operation(Some(600), &stop);
        let ((result, made), ()) = tokio::join!(call(&operation, WRITE, &[lost]), async {
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
    async fn the_pause_that_the_service_asks_for_is_kept() {
        let operation = patient();
        let slowed: fn() -> Attempt = || {
            answer("Throttling")
                .map_err(|error| ApiError { retry_after: Some(Duration::from_secs(90)), ..error })
        };
        assert_eq!(call(&operation, READ, &[slowed, || Ok(())]).await.1, 2);
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
