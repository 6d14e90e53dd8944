//! Wait until TiDB Cloud has accepted the endpoint and the cloud has it available.

use async_trait::async_trait;
use tracing::warn;

use super::register::Register;
use super::view::{Answer, is_accepted, judge_registration};
use super::{Side, Step, Trouble, Walk};
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
        !walk.stale && is_accepted(walk.endpoint.as_ref(), walk.connection.as_ref())
    }

    async fn run(&self, walk: &mut Walk<'_>) -> Result<(), Trouble> {
        for attempt in 1.. {
            let needs_registration = walk.facts.needs_registration;
            let answer = walk
                .wait("the VPC endpoint to be accepted", |view| {
                    if needs_registration && let Some(sight) = judge_registration(view) {
                        return sight;
                    }
                    if is_accepted(view.endpoint, view.connection) {
                        Sight::Done(Answer::Reached)
                    } else {
                        Sight::Pending(view.describe())
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
