//! Endpoints that are being made in this very process. Terraform creates resources side by side, and two of them may
//! want the same endpoint before either can see the other's in the cloud: they take turns per service and VPC, or, where somebody else makes the endpoint, per service and endpoint.

use std::collections::{BTreeSet, HashMap};
use std::sync::{Arc, Mutex, PoisonError};

use crate::ids::ServiceName;
use crate::operation::{Halt, Operation};

/// The service, and what is claimed of it: a VPC or an endpoint.
type Key = (ServiceName, String);

/// The table of claims, and who is about to leave. Clones share it.
#[derive(Clone, Debug, Default)]
pub struct Claims {
    turns: Arc<Mutex<HashMap<Key, Arc<tokio::sync::Mutex<()>>>>>,
    leaving: Arc<Mutex<BTreeSet<String>>>,
}

/// A turn: while it is held, no other resource of this process looks for or makes an endpoint for the same service and
/// VPC, or registers the same endpoint.
#[derive(Debug)]
pub struct Claim(#[expect(dead_code, reason = "held for its drop")] tokio::sync::OwnedMutexGuard<()>);

impl Claims {
    /// Waits for the turn.
    ///
    /// # Errors
    /// [`Halt`] when the operation ends first.
    pub async fn claim(
        &self,
        operation: &Operation,
        service: &ServiceName,
        place: &str,
    ) -> Result<Claim, Halt> {
        let turn = Arc::clone(
            self.turns
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .entry((service.clone(), place.to_owned()))
                .or_default(),
        );
        operation.until(turn.lock_owned()).await.map(Claim)
    }

    /// Notes that the instance with `token` leaves a shared endpoint in this run.
    pub fn leaves(&self, token: &str) {
        self.leaving.lock().unwrap_or_else(PoisonError::into_inner).insert(token.to_owned());
    }

    /// Whether the instance with `token` leaves in this run, too.
    pub fn is_leaving(&self, token: &str) -> bool {
        self.leaving.lock().unwrap_or_else(PoisonError::into_inner).contains(token)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures_util::FutureExt as _;
    use tokio_util::sync::CancellationToken;

    use crate::clock::Clock;
    use crate::random::Random;

    #[tokio::test]
    async fn two_for_the_same_service_and_vpc_take_turns() {
        let claims = Claims::default();
        let operation = Operation::new(Clock::real(), Random::seeded(1), CancellationToken::new(), None);
        let service = ServiceName::new("com.amazonaws.vpce.us-west-2.vpce-svc-0");
        let (vpc, other) = ("vpc-01234567", "vpc-89abcdef");
        let first = claims.claim(&operation, &service, vpc).await.unwrap();
        let _elsewhere = claims.claim(&operation, &service, other).await.unwrap();
        let second = claims.claim(&operation, &service, vpc);
        tokio::pin!(second);
        assert!(second.as_mut().now_or_never().is_none(), "the turn was taken");
        drop(first);
        second.await.unwrap();
    }
}
