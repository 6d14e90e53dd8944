//! Tags on endpoints. The kind of resource is `vpcendpoint`, in any case.

use serde_json::{Value, json};

use super::paging::{Page, with_next};
use super::params::{Params, matches_tags};
use super::write::write;
use crate::world::{AlicloudError, World};

pub(super) fn tag(world: &mut World, params: &Params) -> Result<Value, AlicloudError> {
    let (region, ids) = target(params)?;
    if ids.is_empty() {
        return Err(AlicloudError::missing("ResourceId"));
    }
    let tags = params.tags()?;
    if tags.is_empty() {
        return Err(AlicloudError::missing("Tag"));
    }
    write(world, "TagResources", params, |world| {
        world.tag_alicloud_endpoints(region, &ids, &tags)?;
        Ok(ids.first().cloned().unwrap_or_default())
    })?;
    Ok(json!({}))
}

pub(super) fn untag(world: &mut World, params: &Params) -> Result<Value, AlicloudError> {
    let (region, ids) = target(params)?;
    if ids.is_empty() {
        return Err(AlicloudError::missing("ResourceId"));
    }
    let keys = params.list("TagKey");
    let all = params.flag("All")? && keys.is_empty();
    if keys.is_empty() && !all {
        return Err(AlicloudError::missing("TagKey"));
    }
    write(world, "UntagResources", params, |world| {
        world.untag_alicloud_endpoints(region, &ids, &keys, all)?;
        Ok(ids.first().cloned().unwrap_or_default())
    })?;
    Ok(json!({}))
}

/// Ids that are not there are left out without a word.
pub(super) fn list(world: &World, params: &Params) -> Result<Value, AlicloudError> {
    let (region, ids) = target(params)?;
    let filter = params.tag_filter();
    if ids.is_empty() && filter.is_empty() {
        return Err(AlicloudError::missing("ResourceId"));
    }
    let rows: Vec<Value> = world
        .alicloud
        .endpoints
        .iter()
        .filter(|endpoint| endpoint.region == region)
        .filter(|endpoint| ids.is_empty() || ids.contains(&endpoint.endpoint_id))
        .filter(|endpoint| matches_tags(&endpoint.tags, &filter))
        .flat_map(|endpoint| {
            endpoint.tags.iter().map(|(key, value)| {
                json!({
                    "ResourceId": endpoint.endpoint_id,
                    "ResourceType": "vpcendpoint",
                    "TagKey": key,
                    "TagValue": value,
                })
            })
        })
        .collect();
    let page = Page::of(params, &world.limits, rows, 50, 1000)?;
    Ok(with_next(json!({ "TagResources": page.items }), page.next))
}

/// The region and the ids, at most 50.
fn target(params: &Params) -> Result<(&str, Vec<String>), AlicloudError> {
    let region = params.required("RegionId")?;
    let kind = params.required("ResourceType")?;
    if !kind.eq_ignore_ascii_case("vpcendpoint") {
        return Err(AlicloudError::invalid(
            "ResourceType",
            format!("'{kind}' is not served, only vpcendpoint"),
        ));
    }
    let ids = params.list("ResourceId");
    if ids.len() > 50 {
        return Err(AlicloudError::new("NumberExceed.ResourceIds", "At most 50 resources can be named."));
    }
    Ok((region, ids))
}
