//! Wait until TiDB Cloud has accepted the endpoint and the cloud has it available.

use async_trait::async_trait;
use tracing::warn;

use super::register::Register;
use super::view::{Answer, judge_registration};
use super::{Side, Step, Trouble, Walk};
use crate::clouds::CloudState;
use crate::wait::Sight;

/// How often a registration is tried in all before it counts as failed.
const REGISTRATIONS: u32 = 3;

pub(super) struct AwaitAcceptance;

#[async_trait]
impl Step for AwaitAcceptance {
    fn name(&self) -> &'static str {
        "get the VPC endpoint accepted"
    }

    fn is_done(&self, walk: &Walk<'_>) -> bool {
        !walk.stale && walk.endpoint.as_ref().is_some_and(|endpoint| endpoint.state == CloudState::Available)
    }

    async fn run(&self, walk: &mut Walk<'_>) -> Result<(), Trouble> {
        for attempt in 1.. {
            let needs_registration = walk.facts.needs_registration;
            let answer = walk
                .wait("the VPC endpoint to be accepted", |view| {
                    if needs_registration && let Some(sight) = judge_registration(view) {
                        return sight;
                    }
                    match view.endpoint.map(|endpoint| &endpoint.state) {
                        Some(CloudState::Available) => Sight::Done(Answer::Reached),
                        _ => Sight::Pending(view.describe()),
                    }
                })
                .await?;
            let Answer::RegisterAgain(reason) = answer else { return Ok(()) };
            if attempt == REGISTRATIONS {
                return Err(Trouble::Failed {
                    side: Side::TidbCloud,
                    reason: format!("it could not accept the endpoint in {REGISTRATIONS} attempts: {reason}"),
                });
            }
            warn!(reason, attempt, "registering the endpoint again");
            Register.run(walk).await?;
        }
        Ok(())
    }
}
