//! Actions on an endpoint's zones and security groups.

use serde_json::{Value, json};

use super::paging::{Page, with_next};
use super::params::Params;
use super::write::write;
use crate::world::{AlicloudError, NewAlicloudZone, World};

pub(super) fn list_zones(world: &World, params: &Params) -> Result<Value, AlicloudError> {
    let endpoint = world.alicloud_endpoint(params.required("RegionId")?, params.required("EndpointId")?)?;
    let zones: Vec<Value> = endpoint
        .zones
        .iter()
        .map(|zone| {
            json!({
                "ZoneId": zone.zone_id,
                "VSwitchId": zone.vswitch_id,
                "EniId": zone.eni_id,
                "EniIp": zone.eni_ip,
                "ZoneDomain": zone.domain,
                "ZoneStatus": zone.status.as_str(),
                "RegionId": endpoint.region,
            })
        })
        .collect();
    let page = Page::of(params, &world.limits, zones, 50, 1000)?;
    let body = json!({ "Zones": page.items, "MaxResults": page.size, "TotalCount": page.total });
    Ok(with_next(body, page.next))
}

pub(super) fn add_zone(world: &mut World, params: &Params) -> Result<Value, AlicloudError> {
    let (region, id) = (params.required("RegionId")?, params.required("EndpointId")?);
    let zone = NewAlicloudZone {
        zone_id: params.required("ZoneId")?.to_owned(),
        vswitch_id: params.required("VSwitchId")?.to_owned(),
        ip: params.owned("ip"),
    };
    write(world, "AddZoneToVpcEndpoint", params, |world| {
        world.add_alicloud_zone(region, id, &zone)?;
        Ok(id.to_owned())
    })?;
    Ok(json!({}))
}

pub(super) fn remove_zone(world: &mut World, params: &Params) -> Result<Value, AlicloudError> {
    let (region, id) = (params.required("RegionId")?, params.required("EndpointId")?);
    let zone_id = params.required("ZoneId")?;
    write(world, "RemoveZoneFromVpcEndpoint", params, |world| {
        world.remove_alicloud_zone(region, id, zone_id)?;
        Ok(id.to_owned())
    })?;
    Ok(json!({}))
}

pub(super) fn list_groups(world: &World, params: &Params) -> Result<Value, AlicloudError> {
    let endpoint = world.alicloud_endpoint(params.required("RegionId")?, params.required("EndpointId")?)?;
    let groups: Vec<Value> = endpoint
        .security_groups
        .iter()
        .map(|group| {
            json!({
                "SecurityGroupId": group.security_group_id,
                "SecurityGroupStatus": group.status.as_str(),
            })
        })
        .collect();
    let page = Page::of(params, &world.limits, groups, 50, 50)?;
    let body = json!({ "SecurityGroups": page.items, "MaxResults": page.size, "TotalCount": page.total });
    Ok(with_next(body, page.next))
}

pub(super) fn attach_group(world: &mut World, params: &Params) -> Result<Value, AlicloudError> {
    let (region, id) = (params.required("RegionId")?, params.required("EndpointId")?);
    let group_id = params.required("SecurityGroupId")?;
    write(world, "AttachSecurityGroupToVpcEndpoint", params, |world| {
        world.attach_alicloud_group(region, id, group_id)?;
        Ok(id.to_owned())
    })?;
    Ok(json!({}))
}

pub(super) fn detach_group(world: &mut World, params: &Params) -> Result<Value, AlicloudError> {
    let (region, id) = (params.required("RegionId")?, params.required("EndpointId")?);
    let group_id = params.required("SecurityGroupId")?;
    write(world, "DetachSecurityGroupFromVpcEndpoint", params, |world| {
        world.detach_alicloud_group(region, id, group_id)?;
        Ok(id.to_owned())
    })?;
    Ok(json!({}))
}
