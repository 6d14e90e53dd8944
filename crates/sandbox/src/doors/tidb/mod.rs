//! What the three TiDB Cloud doors share: digest authentication, the request budget per API key, the form of errors and
//! the paging of lists. Every challenge, error and header here follows the TiDB Cloud API documentation.

mod budget;
mod digest;
mod paging;

use ::http::StatusCode;
use serde_json::json;
use sha2::{Digest as _, Sha256};

use crate::http::{Reply, Request};
use crate::world::{ApiKey, GrpcCode, TidbError, World};

pub(super) use paging::Page;

/// Body code of an unknown public key (TiDB Cloud: 49900001).
const UNKNOWN_KEY: i64 = 49_900_001;
/// Body code of a used-up budget (TiDB Cloud: 49900007).
const BUDGET_EXCEEDED: i64 = 49_900_007;
/// gRPC UNAUTHENTICATED.
const UNAUTHENTICATED: i64 = 16;

/// An API key that proved itself.
#[derive(Clone, Debug)]
pub(crate) struct Caller {
    public_key: String,
    /// Whether it may list over a whole project.
    pub(super) project_wide: bool,
}

/// Nonces given out, and the requests each key has made this minute.
#[derive(Debug, Default)]
pub(super) struct Gate {
    nonces: digest::Nonces,
    budgets: budget::Budgets,
}

impl Gate {
    pub(super) fn forget_budgets(&mut self) {
        self.budgets = budget::Budgets::default();
    }

    /// Checks the digest and takes one request from the key's budget. A challenge costs nothing.
    pub(super) fn admit(
        &mut self,
        world: &World,
        operation: &str,
        request: &Request,
    ) -> Result<Caller, Reply> {
        let proof = match request.header("authorization") {
            None => return Err(self.challenge(world, false, UNAUTHENTICATED, "no credentials")),
            Some(header) => digest::Proof::parse(header)
                .ok_or_else(|| self.challenge(world, false, UNAUTHENTICATED, "not a digest with qop=auth"))?,
        };
        let Some(key) = world.tidb.keys.iter().find(|key| key.public_key == proof.username) else {
            let message = format!("public key {} not found", proof.username);
            return Err(self.challenge(world, false, UNKNOWN_KEY, &message));
        };
        match self.nonces.check(&proof, key, request, world) {
            digest::Verdict::Proved => {}
            digest::Verdict::Wrong(why) => {
                return Err(self.challenge(world, false, UNAUTHENTICATED, why));
            }
            digest::Verdict::Stale => {
                return Err(self.challenge(world, true, UNAUTHENTICATED, "stale nonce"));
            }
        }
        let caller = Caller { public_key: key.public_key.clone(), project_wide: key.project_wide };
        if !self.budgets.take(&caller.public_key, world) {
            let message = format!(
                "exceeded the limit of {} times per apikey per minute",
                world.limits.tidb_requests_per_minute
            );
            let reply = error_reply(StatusCode::TOO_MANY_REQUESTS, BUDGET_EXCEEDED, &message)
                .with_header("server", "kong/2.8.1");
            return Err(self.with_budget(world, &caller, reply));
        }
        allowed(key, operation).map_err(|error| {
            let reply = refusal(&error);
            self.with_budget(world, &caller, reply)
        })?;
        Ok(caller)
    }

    /// Adds the budget's headers.
    pub(super) fn with_budget(&self, world: &World, caller: &Caller, reply: Reply) -> Reply {
        let left = self.budgets.left(&caller.public_key, world);
        reply
            .with_header("x-ratelimit-limit-minute", left.limit.to_string())
            .with_header("x-ratelimit-remaining-minute", left.remaining.to_string())
            .with_header("x-ratelimit-reset", left.reset_seconds.to_string())
    }

    fn challenge(&mut self, world: &World, stale: bool, code: i64, message: &str) -> Reply {
        let header = self.nonces.challenge(stale, world);
        error_reply(StatusCode::UNAUTHORIZED, code, message).with_header("www-authenticate", header)
    }
}

fn allowed(key: &ApiKey, operation: &str) -> Result<(), TidbError> {
    let is_named = |names: &[String]| names.iter().any(|name| name == operation);
    let within_the_role = key.allowed.as_deref().is_none_or(is_named);
    if is_named(&key.denied) || !within_the_role {
        return Err(TidbError::new(
            GrpcCode::PermissionDenied,
            format!("the API key is not permitted to call {operation}"),
        ));
    }
    Ok(())
}

/// An error body: `code`, `message` and empty `details`.
pub(super) fn error_reply(status: StatusCode, code: i64, message: &str) -> Reply {
    let body = json!({ "code": code, "message": message, "details": [] });
    Reply::json(status, &body).with_code(code.to_string())
}

/// The world's refusal as TiDB Cloud writes it.
pub(super) fn refusal(error: &TidbError) -> Reply {
    let status = StatusCode::from_u16(error.code.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    error_reply(status, i64::from(error.code.number()), &error.message)
}

/// What is answered to a path or method that the API does not have.
pub(super) fn no_such_route(request: &Request) -> TidbError {
    TidbError::not_found(format!("no route for {} {}", request.method, request.path))
}

/// The id of a request, for `X-Debug-Trace-Id`.
pub(super) fn trace_id(seq: u64) -> String {
    let mut id = hex::encode(Sha256::digest(format!("trace {seq}")));
    id.truncate(32);
    id
}
