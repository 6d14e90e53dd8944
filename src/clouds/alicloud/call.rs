//! One action, signed with the credentials that were found and repeated as [`crate::retry`] says, each attempt with a
//! date and a nonce of its own.

use std::sync::Arc;

use super::credentials::Credentials;
use super::encode::Params;
use super::products::Action;
use super::rpc::{Answer, Rpc};
use crate::error::{ApiError, Cause};
use crate::ids::Region;
use crate::operation::Operation;
use crate::retry::Repeated;

/// Makes calls with one set of credentials.
#[derive(Debug)]
pub(super) struct Caller {
    rpc: Arc<Rpc>,
    credentials: Credentials,
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
        let call = Repeated {
            operation,
            service: action.product.service(),
            name: action.name,
            effect: action.effect,
        };
        call.send(|| self.rpc.knows(action, region), attempt).await
    }
}

/// Whether the session that the keys belong to has ended.
fn ended(error: &ApiError) -> bool {
    error.cause == Some(Cause::ExpiredCredentials) && error.has_code("InvalidSecurityToken.Expired")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clouds::alicloud::errors;
    use crate::clouds::alicloud::products::Product;
    use crate::retry::tests::{Attempt, PASSES, SETTLES, STAYS, attempts};

    type Answer = fn() -> Attempt;

    fn answer(code: &str) -> Attempt {
        let action = Action::write(Product::PrivateLink, "AttachSecurityGroupToVpcEndpoint");
        Err(errors::answered(action, &Region::new("ap-southeast-1"), 400, Some(code), Some("words")))
    }

    #[tokio::test(start_paused = true)]
    async fn what_alibaba_cloud_says_is_repeated_as_far_as_that_helps() {
        let table: [(Answer, [u32; 3]); 11] = [
            (|| answer("Throttling.User"), PASSES),
            (|| answer("SystemBusy"), PASSES),
            (|| answer("EndpointLocked"), PASSES),
            (|| answer("EndpointOperationDenied"), PASSES),
            (|| answer("IncorrectStatus.VpcEndpoint"), PASSES),
            (|| answer("SignatureNonceUsed"), PASSES),
            (|| answer("InvalidVSwitchId.NotFound"), SETTLES),
            (|| answer("EndpointServiceNotFound"), STAYS),
            (|| answer("NoPermission"), STAYS),
            (|| answer("NeedOpenProduct"), STAYS),
            (|| answer("InvalidEndpointName"), STAYS),
        ];
        for (said, expected) in table {
            assert_eq!(attempts(said).await, expected, "{:?}", said());
        }
    }
}
