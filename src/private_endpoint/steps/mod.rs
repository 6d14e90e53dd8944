//! The steps that lead to a working private endpoint. Each says what it does, how it is recognised as already done and
//! how it is undone; creating, resuming after an interruption and repairing are the same list walked from wherever
//! the two sides stand, and deleting is its undoing.

mod await_acceptance;
mod await_active;
pub(in crate::private_endpoint) mod await_dns;
mod gone;
mod heartbeat;
mod make_endpoint;
mod mark_finished;
mod register;
mod settle;
mod sharing;
mod tag;
mod take_over;
mod trouble;
mod view;
mod walk;

use async_trait::async_trait;
use tracing::info;

use crate::error::ApiError;

pub(super) use sharing::{Leaving, is_closing};
pub(super) use trouble::{Side, Stumble, Trouble};
pub(super) use walk::{Coming, Walk, newest};

/// The list, in the order of creation (TiDB Cloud documentation, "Connect via Private Endpoint with AWS", steps 3 to 5:
/// endpoint, acceptance, and private DNS only then).
const STEPS: [&dyn Step; 9] = [
    &take_over::TakeOver,
    &make_endpoint::MakeEndpoint,
    &register::Register,
    &await_acceptance::AwaitAcceptance,
    &settle::Settle,
    &tag::Tag,
    &await_active::AwaitActive,
    &await_dns::AwaitDns,
    &mark_finished::MarkFinished,
];

/// How often the list is walked before it counts as a fight with somebody else.
const ROUNDS: usize = 3;

/// One step of the way.
#[async_trait]
trait Step: Send + Sync {
    /// What it does, as the end of "Could not …".
    fn name(&self) -> &'static str;

    /// Whether what it leads to is already so.
    fn is_done(&self, walk: &Walk<'_>) -> bool;

    /// Does it.
    async fn run(&self, walk: &mut Walk<'_>) -> Result<(), Trouble>;

    /// Takes it back, without waiting for the other side to finish. Most steps leave nothing of their own behind.
    async fn undo(&self, _walk: &mut Walk<'_>) -> Result<(), ApiError> {
        Ok(())
    }
}

impl Stumble {
    /// Whether the private path was there already and only the closing mark is missing.
    pub(super) fn is_after_all_else(&self) -> bool {
        self.step == mark_finished::NAME && !matches!(self.trouble, Trouble::Failed { .. })
    }
}

impl Walk<'_> {
    /// Walks every step that is not done yet; again, when somebody undid one meanwhile. However it ends, the caller's state
    /// has to keep the endpoint that is there then.
    pub(super) async fn go(&mut self) -> Result<(), Stumble> {
        let outcome = self.go_round().await;
        if outcome.is_err() {
            sharing::part(self).await;
        }
        outcome
    }

    async fn go_round(&mut self) -> Result<(), Stumble> {
        for _ in 0..ROUNDS {
            for step in STEPS {
                if step.is_done(self) {
                    continue;
                }
                let at = |trouble| Stumble { step: step.name(), trouble };
                self.operation.check().map_err(|halt| at(halt.into()))?;
                info!(step = step.name(), service = %self.service, "step begins");
                step.run(self).await.map_err(at)?;
            }
            if STEPS.iter().all(|step| step.is_done(self)) {
                return Ok(());
            }
        }
        let reason = "somebody else keeps changing the endpoint while it is being made".to_owned();
        Err(Stumble {
            step: "finish the private endpoint",
            trouble: Trouble::Failed { side: Side::Cloud, reason },
        })
    }

    /// Waits until nothing is left of an endpoint that was asked to go.
    pub(super) async fn see_gone(&mut self) -> Result<(), Stumble> {
        gone::await_gone(self)
            .await
            .map_err(|trouble| Stumble { step: "see the private endpoint gone", trouble })
    }

    /// Takes every step back, last one first, and waits until nothing is left.
    pub(super) async fn go_back(&mut self) -> Result<(), Stumble> {
        for step in STEPS.iter().rev() {
            let at = |trouble| Stumble { step: "delete the private endpoint", trouble };
            step.undo(self).await.map_err(|error| at(error.into()))?;
        }
        self.see_gone().await
    }
}
