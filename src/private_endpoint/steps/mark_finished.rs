//! Take the mark of what is being made away: from here on the endpoint, or the own count on a shared one, is nobody's to
//! take over.

use async_trait::async_trait;
use std::collections::BTreeSet;

use super::{Step, Trouble, Walk, sharing};
use crate::clouds::UNFINISHED_TAG;
use crate::private_endpoint::members::is_joining;

/// Its name, by which a create knows that all but this was done.
pub(super) const NAME: &str = "mark the VPC endpoint as finished";

pub(super) struct MarkFinished;

#[async_trait]
impl Step for MarkFinished {
    fn name(&self) -> &'static str {
        NAME
    }

    fn is_done(&self, walk: &Walk<'_>) -> bool {
        walk.endpoint.as_ref().is_some_and(|endpoint| {
            !endpoint.tags.contains_key(UNFINISHED_TAG) && !is_joining(endpoint, &walk.token)
        })
    }

    async fn run(&self, walk: &mut Walk<'_>) -> Result<(), Trouble> {
        if walk.endpoint.as_ref().is_some_and(|endpoint| is_joining(endpoint, &walk.token)) {
            return sharing::finish(walk).await;
        }
        let Some(endpoint) = walk.endpoint.as_mut() else { return Ok(()) };
        let mark = BTreeSet::from([UNFINISHED_TAG.to_owned()]);
        walk.cloud.remove_tags(walk.operation, &endpoint.id, &mark).await?;
        endpoint.tags.remove(UNFINISHED_TAG);
        Ok(())
    }
}
