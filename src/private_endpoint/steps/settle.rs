//! Bring subnets, security groups and private DNS to what is wanted. After a create that is private DNS alone.

use async_trait::async_trait;
use std::time::Duration;
use tracing::{info, warn};

use super::heartbeat::{Heartbeat, beating};
use super::view::Answer;
use super::{Step, Trouble, Walk};
use crate::clouds::{Change, CloudState};
use crate::error::Cause;
use crate::wait::Sight;

/// A name can linger for minutes after the endpoint or zone that owned it is gone.
const NAME_LINGERS: Duration = Duration::from_secs(5 * 60);
const NAME_PAUSE: Duration = Duration::from_secs(15);

pub(super) struct Settle;

#[async_trait]
impl Step for Settle {
    fn name(&self) -> &'static str {
        "set subnets, security groups and private DNS of the VPC endpoint"
    }

    fn is_done(&self, walk: &Walk<'_>) -> bool {
        !walk.stale && walk.change().is_empty()
    }

    async fn run(&self, walk: &mut Walk<'_>) -> Result<(), Trouble> {
        if walk.stale {
            walk.look().await?;
        }
        let change = walk.change();
        match apply(walk, &change).await {
            // A subnet moves within its zone: the old one has to go before the new one can come.
            Err(Trouble::Api(error))
                if error.cause == Some(Cause::DuplicateZone) && !change.remove_subnets.is_empty() =>
            {
                info!("two subnets share a zone: removing the old ones first");
                let first = Change { remove_subnets: change.remove_subnets.clone(), ..Change::default() };
                let then = Change { remove_subnets: Default::default(), ..change };
                apply(walk, &first).await?;
                available(walk).await?;
                apply(walk, &then).await
            }
            outcome => outcome,
        }
    }
}

async fn apply(walk: &mut Walk<'_>, change: &Change) -> Result<(), Trouble> {
    let Some(id) = walk.endpoint_id() else { return Ok(()) };
    if change.is_empty() {
        return Ok(());
    }
    let clock = walk.operation.clock().clone();
    let begin = clock.elapsed();
    let mut heartbeat = Heartbeat::of(walk, &id);
    loop {
        let attempt = walk.cloud.change(walk.operation, &id, change);
        let error = match beating(&mut heartbeat, walk.operation, attempt).await {
            Ok(()) => {
                info!(endpoint = id.as_str(), ?change, "changed the VPC endpoint");
                walk.stale = true;
                return Ok(());
            }
            Err(error) => error,
        };
        let passing = matches!(error.cause, Some(Cause::DnsNameConflict | Cause::PrivateDnsBeforeAcceptance));
        if !passing || clock.elapsed() - begin >= NAME_LINGERS {
            return Err(error.into());
        }
        warn!(%error, "this may pass: trying again");
        walk.operation.sleep(NAME_PAUSE).await?;
    }
}

async fn available(walk: &mut Walk<'_>) -> Result<(), Trouble> {
    walk.wait("the VPC endpoint to be available again", |view| {
        match view.endpoint.map(|endpoint| &endpoint.state) {
            Some(CloudState::Available) => Sight::Done(Answer::Reached),
            _ => Sight::Pending(view.describe()),
        }
    })
    .await
    .map(|_| ())
}
