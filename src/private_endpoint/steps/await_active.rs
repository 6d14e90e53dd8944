//! Wait until both sides say that the private path works.

use async_trait::async_trait;

use super::view::{Answer, is_accepted, judge_registration};
use super::{Side, Step, Trouble, Walk};
use crate::tidbcloud::ConnectionState;
use crate::wait::Sight;

pub(super) struct AwaitActive;

fn connection_is_active(walk: &Walk<'_>) -> bool {
    !walk.facts.needs_registration
        || walk.connection.as_ref().is_some_and(|connection| connection.state == ConnectionState::Active)
}

#[async_trait]
impl Step for AwaitActive {
    fn name(&self) -> &'static str {
        "see the private endpoint active on both sides"
    }

    fn is_done(&self, walk: &Walk<'_>) -> bool {
        !walk.stale
            && connection_is_active(walk)
            && is_accepted(walk.endpoint.as_ref(), walk.connection.as_ref())
    }

    async fn run(&self, walk: &mut Walk<'_>) -> Result<(), Trouble> {
        let needs_registration = walk.facts.needs_registration;
        let answer = walk
            .wait("the private endpoint to be active on both sides", |view| {
                if needs_registration && let Some(sight) = judge_registration(view) {
                    return sight;
                }
                let active = !needs_registration
                    || view.connection.is_some_and(|connection| connection.state == ConnectionState::Active);
                if active && is_accepted(view.endpoint, view.connection) {
                    Sight::Done(Answer::Reached)
                } else {
                    Sight::Pending(view.describe())
                }
            })
            .await?;
        match answer {
            Answer::Reached => Ok(()),
            // It was accepted before, so this is no race with the cloud: somebody took it away.
            Answer::RegisterAgain(reason) => Err(Trouble::Failed { side: Side::TidbCloud, reason }),
        }
    }
}
