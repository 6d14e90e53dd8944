//! One call of EC2: paced, repeated as [`crate::retry`] says, translated, and for listings made page by page.

use aws_sdk_ec2::error::{ProvideErrorMetadata, SdkError};

use super::actions::Action;
use super::convert;
use super::errors;
use super::pacing::Pace;
use crate::error::{ApiError, ErrorKind, Service};
use crate::ids::Region;
use crate::operation::Operation;
use crate::pages::{Page, Pages};
use crate::retry::Repeated;

/// The frame of one call: what it is, and how it may be repeated.
#[derive(Clone, Copy, Debug)]
pub(super) struct Call<'a> {
    pub(super) operation: &'a Operation,
    pub(super) region: &'a Region,
    pub(super) action: Action,
    /// The budget that every attempt is taken from, for the actions that EC2 counts strictly.
    pub(super) pace: Option<&'a Pace>,
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
        let Self { operation, action: Action { name, effect, .. }, pace, .. } = *self;
        let paced = || async {
            if let Some(pace) = pace {
                let turn = pace.turn(operation, name).await;
                turn.map_err(|halt| ApiError::halted(Service::Ec2, name, halt))?;
            }
            // Boxed, because the SDK's futures are large, and side by side they fill a thread's stack.
            let answer = Box::pin(attempt()).await;
            if let (Some(pace), Err(error)) = (pace, &answer)
                && error.kind == ErrorKind::Throttled
            {
                pace.exhausted(operation);
            }
            answer
        };
        // EC2's hosts follow from the region, so one that does not answer is no mistake of the user's.
        Repeated { operation, service: Service::Ec2, name, effect }.send(|| true, paced).await
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
            let items = items.ok_or_else(|| convert::missing(self.action.name, list))?;
            let taken = pages.add(Page { items, next, total: None });
            taken.map_err(|disorder| convert::malformed(self.action.name, disorder.to_string()))?;
        }
        Ok(pages.into_items())
    }

    /// The SDK's error of one attempt, as ours.
    pub(super) fn error<E>(&self, error: &SdkError<E>) -> ApiError
    where
        E: ProvideErrorMetadata + std::error::Error + 'static,
    {
        errors::from_sdk(self.action.name, self.action.effect, self.region, error)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::retry::tests::{Attempt, PASSES, SETTLES, STAYS, attempts};

    type Answer = fn() -> Attempt;

    /// An error answer of EC2.
    fn answer(code: &str) -> Attempt {
        let region = Region::new("us-west-2");
        Err(errors::answered("CreateVpcEndpoint", &region, Some(400), Some(code), Some("EC2 says so")))
    }

    #[tokio::test(start_paused = true)]
    async fn what_ec2_says_is_repeated_as_far_as_that_helps() {
        let table: [(Answer, [u32; 3]); 8] = [
            (|| answer("RequestLimitExceeded"), PASSES),
            (|| answer("Unavailable"), PASSES),
            (|| answer("InternalError"), PASSES),
            (|| answer("OperationInProgress"), PASSES),
            (|| answer("InvalidSubnetID.NotFound"), SETTLES),
            (|| answer("InvalidServiceName"), STAYS),
            (|| answer("UnauthorizedOperation"), STAYS),
            (|| answer("VpcEndpointLimitExceeded"), STAYS),
        ];
        for (said, expected) in table {
            assert_eq!(attempts(said).await, expected, "{:?}", said());
        }
    }
}
