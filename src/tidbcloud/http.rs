//! The one way to the network: every call is signed, counted against the budget, retried and decoded here.

use std::future::Future;

use http::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, HeaderValue};
use serde_json::Value;
use tokio::sync::OnceCell;
use tracing::{debug, info};
use url::{Position, Url};

use super::backoff::Backoff;
use super::budget::Budget;
use super::config::Config;
use super::digest::{self, Pass, Session, Sessions, Signed};
use super::failure;
use super::request::Request;
use crate::error::{ApiError, Cause, ErrorKind};
use crate::json::{Misfit, Node};
use crate::operation::{Halt, Operation};
use crate::redact::Secrets;
use crate::web::{self, ANSWER_TIMEOUT, Lost, Reply, Stage};

/// How often one attempt may ask for a fresh nonce: parallel calls can use up a short-lived one.
const RENEWALS: u32 = 3;

/// The connections, the sessions and the budget of one API key.
pub(super) struct Http {
    config: Config,
    client: OnceCell<reqwest::Client>,
    sessions: Sessions,
    budget: Budget,
}

/// A successful answer.
#[derive(Debug)]
pub(super) struct Answer {
    value: Value,
    request: Request,
    request_id: Option<String>,
    status: u16,
    /// What no error about it may repeat.
    secrets: Secrets,
}

impl Answer {
    /// The typed content.
    ///
    /// # Errors
    /// [`ErrorKind::Malformed`] naming the field that is missing or of the wrong kind.
    pub(super) fn decode<T>(
        &self,
        decode: impl FnOnce(Node<'_>) -> Result<T, Misfit>,
    ) -> Result<T, ApiError> {
        decode(Node::root(&self.value)).map_err(|misfit| self.malformed(misfit.to_string()))
    }

    /// An error about the content.
    pub(super) fn malformed(&self, message: impl Into<String>) -> ApiError {
        ApiError {
            status: Some(self.status),
            request_id: self.request_id.clone(),
            ..self.request.open_error(ErrorKind::Malformed, self.secrets.out_of(message.into()))
        }
    }
}

impl Http {
    /// Nothing is built or sent yet.
    pub(super) fn new(config: Config) -> Self {
        let budget = Budget::new(config.share);
        Self { config, client: OnceCell::new(), sessions: Sessions::default(), budget }
    }

    /// The request budget of the API key.
    pub(super) fn budget(&self) -> &Budget {
        &self.budget
    }

    /// Sends a call until there is an answer that counts. Refusals for too many requests, trouble of the server and of
    /// the network are waited out until the operation's deadline; a call that must not be sent twice is only repeated
    /// when it certainly did not take effect.
    ///
    /// # Errors
    /// The last failure; [`ErrorKind::Halted`] when the operation ended first, with what the last answer said. A
    /// request in flight that may change something is always waited for.
    pub(super) async fn send(&self, operation: &Operation, request: Request) -> Result<Answer, ApiError> {
        let session = self.sessions.with(self.config.endpoints.of(request.service));
        let mut backoff = Backoff::new(operation);
        operation.check().map_err(|halt| ApiError::halted(request.service, request.operation, halt))?;
        let client = self.client.get_or_try_init(|| async {
            let (agent, direct) = (&self.config.user_agent, self.config.endpoints.all_local());
            web::client(agent, direct).map_err(|lost| unanswered(&request, lost))
        });
        let client = client.await?;
        loop {
            let attempt = self.attempt(operation, client, &session, &request);
            let outcome = if request.method == http::Method::GET {
                // Nobody has to hear what a service says that is only asked.
                operation.unless_stopped(attempt).await
            } else {
                Ok(attempt.await)
            };
            let halted = |halt| ApiError::halted(request.service, request.operation, halt);
            let failure = match outcome.map_err(halted)? {
                Ok(answer) => return Ok(answer),
                Err(failure) => failure,
            };
            let passes_by = match failure.kind {
                ErrorKind::Throttled => true,
                ErrorKind::Unavailable | ErrorKind::Transport => !failure.outcome_unknown,
                _ => false,
            };
            if !passes_by {
                return Err(failure);
            }
            // A host that never answered is most likely a wrong address or a closed firewall: say so in time.
            if failure.kind == ErrorKind::Transport && !session.is_known() {
                backoff.limit();
            }
            let Some(wait) = backoff.next(operation, &failure) else {
                return Err(failure);
            };
            info!(
                service = %request.service,
                operation = request.operation,
                attempt = backoff.attempts(),
                wait_seconds = wait.as_secs_f64(),
                error = %failure,
                "trying again"
            );
            operation.sleep(wait).await.map_err(|halt| cut_short(failure, halt))?;
        }
    }

    async fn attempt(
        &self,
        operation: &Operation,
        client: &reqwest::Client,
        session: &Session,
        request: &Request,
    ) -> Result<Answer, ApiError> {
        let halted = |halt| ApiError::halted(request.service, request.operation, halt);
        let url = request.url(&self.config.endpoints);
        let body = request.body();
        let signed = Signed {
            method: request.method.as_str(),
            uri: &url[Position::BeforePath..Position::AfterQuery],
            body: &body,
        };
        let ticket = self.budget.take(operation).await.map_err(halted)?;
        let mut renewals = 0;
        let (reply, secrets) = loop {
            let pass = session.pass(operation, &self.config.key, signed).await.map_err(halted)?;
            let mut reply = exchange(client, request, &url, body.clone(), &pass).await?;
            let secrets = self.secrets(&pass);
            reply.body = secrets.out_of_body(reply.body);
            ticket.learn(&reply.headers, operation.clock().elapsed());
            debug!(
                service = %request.service,
                operation = request.operation,
                method = signed.method,
                uri = signed.uri,
                status = reply.status.as_u16(),
                request_id = failure::request_id(&reply),
                "answered"
            );
            if reply.status != http::StatusCode::UNAUTHORIZED {
                if matches!(pass, Pass::Signature { .. }) {
                    session.prove();
                }
                break (reply, secrets);
            }
            match (&pass, digest::challenge_in(&reply.headers)) {
                (Pass::Ask { .. }, Some(challenge)) => session.learn(challenge, None),
                (Pass::Signature { nonce, .. }, Some(challenge))
                    if renewals < RENEWALS && (challenge.stale || (session.is_proven() && renewals == 0)) =>
                {
                    renewals += 1;
                    session.learn(challenge, Some(nonce));
                }
                _ => break (reply, secrets),
            }
        };
        // The public key may be part of a name, so it stays in what is read and goes from what is shown.
        let secrets = secrets.and(&self.config.key.public);
        if !reply.status.is_success() {
            let error = failure::of(request, &reply);
            return Err(ApiError { message: secrets.out_of(error.message), ..error });
        }
        let mut answer = Answer {
            value: Value::Null,
            request: request.clone(),
            request_id: failure::request_id(&reply),
            status: reply.status.as_u16(),
            secrets,
        };
        if !reply.body.is_empty() {
            answer.value = serde_json::from_slice(&reply.body).map_err(|error| {
                answer.malformed(format!(
                    "the answer is not JSON ({error}): {:?}",
                    failure::excerpt(&reply.body)
                ))
            })?;
        }
        Ok(answer)
    }

    /// What an answer may repeat and nobody may read.
    fn secrets(&self, pass: &Pass<'_>) -> Secrets {
        let secrets = Secrets::default().and(self.config.key.private.expose());
        match pass {
            Pass::Ask { .. } => secrets,
            Pass::Signature { authorization, .. } => secrets.and_authorization(authorization),
        }
    }
}

/// One request and its answer, whatever it says.
async fn exchange(
    client: &reqwest::Client,
    request: &Request,
    url: &Url,
    body: Vec<u8>,
    pass: &Pass<'_>,
) -> Result<Reply, ApiError> {
    let mut outgoing = client.request(request.method.clone(), url.clone()).header(ACCEPT, "application/json");
    if !body.is_empty() {
        outgoing = outgoing.header(CONTENT_TYPE, "application/json").body(body);
    }
    if let Pass::Signature { authorization, .. } = pass {
        let mut value = HeaderValue::from_str(authorization).map_err(|_| {
            request
                .error(ErrorKind::Malformed, "the service's digest challenge cannot be answered in a header")
        })?;
        value.set_sensitive(true);
        outgoing = outgoing.header(AUTHORIZATION, value);
    }
    let reply = web::exchange(outgoing, url.host_str().unwrap_or_default(), ANSWER_TIMEOUT).await;
    reply.map_err(|lost| unanswered(request, lost))
}

/// An error whose retries were cut short by the end of the operation: it says both.
pub(super) fn cut_short(failure: ApiError, halt: Halt) -> ApiError {
    ApiError {
        kind: ErrorKind::Halted(halt),
        message: format!("{halt}; the last answer was: {}", failure.message),
        ..failure
    }
}

/// The error for a call that got no whole answer.
fn unanswered(request: &Request, lost: Lost) -> ApiError {
    match lost.stage {
        Stage::BeforeSending => request.error(ErrorKind::Transport, lost.story),
        Stage::AfterSending => request.open_error(ErrorKind::Transport, lost.story),
        Stage::TooLong(status) => {
            ApiError { status: Some(status.as_u16()), ..request.open_error(ErrorKind::Malformed, lost.story) }
        }
    }
}

/// Sends a write that must not be sent twice, and when nobody knows whether it took effect, looks before sending it
/// again. `look` finds what the write makes, if it is there.
///
/// # Errors
/// Those of the write; `outcome_unknown` stays set when the operation ended before it was cleared up.
pub(super) async fn write_once<T, W, L>(
    operation: &Operation,
    write: impl Fn() -> W,
    look: impl Fn() -> L,
) -> Result<T, ApiError>
where
    W: Future<Output = Result<T, ApiError>>,
    L: Future<Output = Result<Option<T>, ApiError>>,
{
    let mut backoff = Backoff::new(operation);
    loop {
        let failure = match write().await {
            Ok(made) => return Ok(made),
            Err(failure) => failure,
        };
        let exists = failure.kind == ErrorKind::Conflict && failure.cause != Some(Cause::FailedPrecondition);
        if !exists && !failure.outcome_unknown {
            return Err(failure);
        }
        // What was made just now may take a moment to show.
        let Some(wait) = backoff.next(operation, &failure) else {
            return Err(failure);
        };
        if failure.outcome_unknown {
            info!(
                service = %failure.service,
                operation = failure.operation,
                attempt = backoff.attempts(),
                wait_seconds = wait.as_secs_f64(),
                error = %failure,
                "the outcome is unknown; looking before trying again"
            );
            operation.sleep(wait).await.map_err(|halt| cut_short(failure.clone(), halt))?;
        }
        match look().await {
            Ok(Some(made)) => return Ok(made),
            Ok(None) if exists => return Err(failure),
            Ok(None) => {}
            Err(error) => {
                return Err(ApiError { outcome_unknown: failure.outcome_unknown, ..error });
            }
        }
    }
}
