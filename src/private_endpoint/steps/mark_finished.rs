//! Take the unfinished mark away: from here on the endpoint is nobody's to take over.

use async_trait::async_trait;
use std::collections::BTreeSet;

use super::{Step, Trouble, Walk};
use crate::clouds::UNFINISHED_TAG;

/// Its name, by which a create knows that all but this was done.
pub(super) const NAME: &str = "mark the VPC endpoint as finished";

pub(super) struct MarkFinished;

#[async_trait]
impl Step for MarkFinished {
    fn name(&self) -> &'static str {
        NAME
    }

    fn is_done(&self, walk: &Walk<'_>) -> bool {
        walk.endpoint.as_ref().is_some_and(|endpoint| !endpoint.tags.contains_key(UNFINISHED_TAG))
    }

    async fn run(&self, walk: &mut Walk<'_>) -> Result<(), Trouble> {
        let Some(endpoint) = walk.endpoint.as_mut() else { return Ok(()) };
        let mark = BTreeSet::from([UNFINISHED_TAG.to_owned()]);
        walk.cloud.remove_tags(walk.operation, &endpoint.id, &mark).await?;
        endpoint.tags.remove(UNFINISHED_TAG);
        Ok(())
    }
}
