//! Where keys come from: the provider block, then the places that Alibaba Cloud's own tools look in, one after the other.
//! What was found is kept, temporary keys are renewed before they end, and when there is nothing, the error tells what
//! every place had to say.

mod environment;
#[cfg(test)]
mod fuzz;
mod instance;
mod oidc;
mod profile;
mod role;
#[cfg(test)]
mod tests;

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Mutex;

use super::keys::Keys;
use super::rpc::Rpc;
use crate::error::{ApiError, Cause, ErrorKind, Service};
use crate::operation::Operation;
use role::Role;

/// What errors name when no particular call failed.
const LOOKUP: &str = "lookup";

/// What a place had to say.
#[derive(Debug)]
enum Look {
    /// Keys.
    Found(Keys),
    /// That it has none, and why.
    Nothing(String),
}

/// What came of asking a place. An error is not "nothing": something there is meant to give keys and did not, so that
/// others found further on would be the wrong ones.
type Looked = Result<Look, ApiError>;

/// The keys that calls are signed with.
#[derive(Debug)]
pub(super) struct Credentials {
    rpc: Arc<Rpc>,
    kept: Mutex<Kept>,
}

#[derive(Debug, Default)]
struct Kept {
    keys: Option<Arc<Keys>>,
    /// The last failure, and when it came in the clock's elapsed time.
    failed: Option<(Duration, ApiError)>,
}

impl Credentials {
    /// Looks nowhere yet.
    pub(super) fn new(rpc: Arc<Rpc>) -> Self {
        Self { rpc, kept: Mutex::default() }
    }

    /// Keys that are good for some minutes: those found before, or what the places have now. Callers that waited while
    /// somebody else looked in vain get that error, so that it does not cost each of them its own look.
    ///
    /// # Errors
    /// When there are none, or whoever gives them did not.
    pub(super) async fn keys(&self, operation: &Operation) -> Result<Arc<Keys>, ApiError> {
        let asked = operation.clock().elapsed();
        let mut kept = operation
            .until(self.kept.lock())
            .await
            .map_err(|halt| ApiError::halted(Service::AlicloudCredentials, LOOKUP, halt))?;
        let now = self.rpc.config.machine.now();
        if let Some(keys) = kept.keys.as_ref().filter(|keys| keys.is_fresh(now)) {
            return Ok(Arc::clone(keys));
        }
        if let Some((_, error)) = kept.failed.as_ref().filter(|(failed, _)| *failed > asked) {
            return Err(error.clone());
        }
        match self.find().await {
            Ok(keys) => {
                tracing::debug!(source = keys.source, expires = ?keys.expires, "found Alibaba Cloud credentials");
                let keys = Arc::new(keys);
                *kept = Kept { keys: Some(Arc::clone(&keys)), failed: None };
                Ok(keys)
            }
            Err(error) => {
                if let Some(keys) = kept.keys.as_ref().filter(|keys| keys.is_alive(now)) {
                    tracing::warn!(%error, "the credentials could not be renewed; the old ones are good for some minutes");
                    return Ok(Arc::clone(keys));
                }
                kept.failed = Some((operation.clock().elapsed(), error.clone()));
                Err(error)
            }
        }
    }

    /// Gives up keys that the service holds for expired although they had time left by this machine's clock; false when
    /// there is no way to get others.
    pub(super) async fn give_up(&self, keys: &Arc<Keys>) -> bool {
        if keys.cannot_be_renewed() {
            return false;
        }
        let mut kept = self.kept.lock().await;
        if kept.keys.as_ref().is_some_and(|kept| Arc::ptr_eq(kept, keys)) {
            kept.keys = None;
        }
        true
    }

    async fn find(&self) -> Result<Keys, ApiError> {
        let found = self.first().await?;
        let Some(role) = &self.rpc.config.assume_role else {
            return Ok(found);
        };
        let role = Role {
            arn: &role.role_arn,
            session_name: role.session_name.as_deref(),
            external_id: role.external_id.as_deref(),
            ..Role::default()
        };
        role::assume(&self.rpc, &found, &role, "assume_role of the provider block").await
    }

    /// The keys of the first place that has some.
    async fn first(&self) -> Result<Keys, ApiError> {
        let config = &self.rpc.config;
        if let Some(keys) = &config.credentials {
            return Ok(Keys::written(keys.clone(), "the provider block"));
        }
        if let Some(name) = &config.profile {
            // A profile that was asked for by name is meant, whatever keys the environment holds.
            return match profile::look(&self.rpc, Some(name)).await? {
                Look::Found(keys) => Ok(keys),
                Look::Nothing(why) => Err(unusable(
                    LOOKUP,
                    format!("the profile {name:?} of the provider block gives no credentials: {why}"),
                )),
            };
        }
        let mut places = Vec::new();
        let mut ask = |place: &str, look: Looked| match look {
            Ok(Look::Found(keys)) => Some(Ok(keys)),
            Ok(Look::Nothing(why)) => {
                places.push(format!("{place}: {why}"));
                None
            }
            Err(error) => Some(Err(error)),
        };
        if let Some(end) = ask("environment", Ok(environment::look(&config.machine))) {
            return end;
        }
        if let Some(end) = ask("OIDC token", oidc::look(&self.rpc).await) {
            return end;
        }
        if let Some(end) = ask("profile", profile::look(&self.rpc, None).await) {
            return end;
        }
        if let Some(end) = ask("role of this machine", instance::look(&self.rpc, None).await) {
            return end;
        }
        let mut error = unusable(
            LOOKUP,
            format!(
                "no Alibaba Cloud credentials were found in any of the usual places (provider block: neither access_key \
                 nor profile is set; {})",
                places.join("; ")
            ),
        );
        error.cause = Some(Cause::NoCredentials);
        Err(error)
    }
}

/// The error of keys that could not be had.
fn unusable(operation: &'static str, message: impl Into<String>) -> ApiError {
    ApiError::new(Service::AlicloudCredentials, operation, ErrorKind::Unauthenticated, message)
}
