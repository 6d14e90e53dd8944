//! Bring the user's tags to what is wanted. A new endpoint has them from the start.

use async_trait::async_trait;
use std::collections::{BTreeMap, BTreeSet};

use super::heartbeat::{Heartbeat, beating};
use super::{Step, Trouble, Walk};
use crate::error::ApiError;

pub(super) struct Tag;

#[async_trait]
impl Step for Tag {
    fn name(&self) -> &'static str {
        "set the tags of the VPC endpoint"
    }

    fn is_done(&self, walk: &Walk<'_>) -> bool {
        missing(walk).is_empty() && superfluous(walk).is_empty()
    }

    async fn run(&self, walk: &mut Walk<'_>) -> Result<(), Trouble> {
        let (missing, superfluous) = (missing(walk), superfluous(walk));
        let Some(id) = walk.endpoint_id() else { return Ok(()) };
        let (cloud, operation) = (walk.cloud.clone(), walk.operation);
        let mut heartbeat = Heartbeat::of(walk, &id);
        let Some(endpoint) = walk.endpoint.as_mut() else { return Ok(()) };
        let write = async {
            if !missing.is_empty() {
                cloud.put_tags(operation, &id, &missing).await?;
                endpoint.tags.extend(missing);
            }
            if !superfluous.is_empty() {
                cloud.remove_tags(operation, &id, &superfluous).await?;
                endpoint.tags.retain(|key, _| !superfluous.contains(key));
            }
            Ok::<_, ApiError>(())
        };
        Ok(beating(&mut heartbeat, operation, write).await?)
    }
}

fn missing(walk: &Walk<'_>) -> BTreeMap<String, String> {
    let Some(endpoint) = walk.endpoint.as_ref().filter(|_| !walk.guest) else { return BTreeMap::new() };
    walk.tags
        .iter()
        .filter(|(key, value)| endpoint.tags.get(*key) != Some(value))
        .map(|(key, value)| (key.clone(), value.clone()))
        .collect()
}

fn superfluous(walk: &Walk<'_>) -> BTreeSet<String> {
    // On a shared endpoint the tag may be another instance's, too.
    let Some(endpoint) = walk.endpoint.as_ref().filter(|endpoint| !walk.guest && !endpoint.is_shared())
    else {
        return BTreeSet::new();
    };
    walk.dropped_tags.iter().filter(|key| endpoint.tags.contains_key(*key)).cloned().collect()
}
