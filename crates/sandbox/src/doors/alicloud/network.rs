//! What VPC and ECS tell of the network around an endpoint. These APIs are older: things are wrapped twice, pages have
//! numbers, and what is not there is 404.

use serde_json::{Value, json};

use super::paging::{Page, numbered, with_next};
use super::params::Params;
use crate::world::{AlicloudError, AlicloudRule, AlicloudSecurityGroup, AlicloudVpc, VSwitch, World};

/// The most things on one page of VPC's lists.
const VPC_PAGE: usize = 50;
/// The most things on one page of ECS's lists.
const ECS_PAGE: usize = 100;

pub(super) fn vswitch(world: &World, params: &Params) -> Result<Value, AlicloudError> {
    let id = params.required("VSwitchId")?;
    let found = world.alicloud.vswitch(id).filter(|vswitch| {
        params.get("RegionId").is_none_or(|region| region_of(world, &vswitch.vpc_id) == region)
    });
    match found {
        Some(vswitch) => Ok(vswitch_row(vswitch)),
        None if world.alicloud.absent_vswitch_is_empty => {
            Ok(json!({ "VSwitchId": "", "VpcId": "", "ZoneId": "", "Status": "", "CidrBlock": "" }))
        }
        None => Err(AlicloudError::with_status(
            404,
            "InvalidVSwitchId.NotFound",
            format!("Specified vSwitch {id} does not exist."),
        )),
    }
}

pub(super) fn vswitches(world: &World, params: &Params) -> Result<Value, AlicloudError> {
    let wanted = |name: &str, value: &str| params.get(name).is_none_or(|wanted| wanted == value);
    // vSwitches here bear no tags.
    let untagged = params.tag_filter().is_empty();
    let rows = world
        .alicloud
        .vswitches
        .iter()
        .filter(|vswitch| {
            untagged
                && wanted("RegionId", region_of(world, &vswitch.vpc_id))
                && wanted("VpcId", &vswitch.vpc_id)
                && wanted("ZoneId", &vswitch.zone_id)
                && wanted("VSwitchName", &vswitch.name)
                && params.get("VSwitchId").is_none_or(|ids| ids.split(',').any(|id| id == vswitch.vswitch_id))
        })
        .map(vswitch_row)
        .collect();
    numbered(params, &world.limits, rows, VPC_PAGE, ("VSwitches", "VSwitch"))
}

fn vswitch_row(vswitch: &VSwitch) -> Value {
    json!({
        "VSwitchId": vswitch.vswitch_id,
        "VSwitchName": vswitch.name,
        "VpcId": vswitch.vpc_id,
        "ZoneId": vswitch.zone_id,
        "Status": "Available",
        "CidrBlock": vswitch.cidr_block,
        "AvailableIpAddressCount": vswitch.free_addresses,
        "Description": "",
        "IsDefault": false,
    })
}

pub(super) fn vpc(world: &World, params: &Params) -> Result<Value, AlicloudError> {
    let (region, id) = (params.required("RegionId")?, params.required("VpcId")?);
    let vpc = world.alicloud.vpc(region, id).ok_or_else(|| {
        AlicloudError::with_status(
            404,
            "InvalidVpcID.NotFound",
            format!("Specified VPC {id} does not exist."),
        )
    })?;
    Ok(vpc_row(world, vpc))
}

pub(super) fn vpcs(world: &World, params: &Params) -> Result<Value, AlicloudError> {
    let region = params.required("RegionId")?;
    let untagged = params.tag_filter().is_empty();
    let rows = world
        .alicloud
        .vpcs
        .iter()
        .filter(|vpc| untagged && vpc.region == region)
        .filter(|vpc| params.get("VpcName").is_none_or(|name| name == vpc.name))
        .filter(|vpc| params.get("VpcId").is_none_or(|ids| ids.split(',').any(|id| id == vpc.vpc_id)))
        .map(|vpc| vpc_row(world, vpc))
        .collect();
    numbered(params, &world.limits, rows, VPC_PAGE, ("Vpcs", "Vpc"))
}

fn vpc_row(world: &World, vpc: &AlicloudVpc) -> Value {
    let vswitches: Vec<&String> = world
        .alicloud
        .vswitches
        .iter()
        .filter(|vswitch| vswitch.vpc_id == vpc.vpc_id)
        .map(|vswitch| &vswitch.vswitch_id)
        .collect();
    json!({
        "VpcId": vpc.vpc_id,
        "VpcName": vpc.name,
        "RegionId": vpc.region,
        "Status": "Available",
        "CidrBlock": vpc.cidr_block,
        "VSwitchIds": { "VSwitchId": vswitches },
        "Description": "",
        "IsDefault": false,
    })
}

/// Most rules there are on one page, unless fewer are asked for (ECS API reference).
const RULE_PAGE: usize = 1000;

pub(super) fn security_group(world: &World, params: &Params) -> Result<Value, AlicloudError> {
    let (region, id) = (params.required("RegionId")?, params.required("SecurityGroupId")?);
    let group = world
        .alicloud
        .security_group(id)
        .filter(|group| region_of(world, &group.vpc_id) == region)
        .ok_or_else(|| {
        AlicloudError::with_status(
            404,
            "InvalidSecurityGroupId.NotFound",
            "The specified SecurityGroupId does not exist.",
        )
    })?;
    // All rules here are inbound.
    let inbound = params.get("Direction").is_none_or(|direction| direction != "egress");
    let rules: Vec<Value> = group.ingress.iter().filter(|_| inbound).map(rule_row).collect();
    let page = Page::of(params, &world.limits, rules, RULE_PAGE, RULE_PAGE)?;
    let body = json!({
        "RegionId": region,
        "SecurityGroupId": group.security_group_id,
        "SecurityGroupName": group.name,
        "VpcId": group.vpc_id,
        "Description": "",
        "InnerAccessPolicy": "Accept",
        "Permissions": { "Permission": page.items },
    });
    Ok(with_next(body, page.next))
}

fn rule_row(rule: &AlicloudRule) -> Value {
    json!({
        "Direction": "ingress",
        "IpProtocol": rule.protocol.to_uppercase(),
        "PortRange": rule.port_range,
        "SourceCidrIp": rule.source_cidr,
        "SourceGroupId": rule.source_group_id,
        "SourcePortRange": "",
        "Policy": rule.policy,
        "Priority": rule.priority.to_string(),
        "NicType": "intranet",
        "Description": "",
    })
}

pub(super) fn security_groups(world: &World, params: &Params) -> Result<Value, AlicloudError> {
    let region = params.required("RegionId")?;
    let ids =
        match params.get("SecurityGroupIds") {
            None => None,
            Some(text) => Some(serde_json::from_str::<Vec<String>>(text).map_err(|_| {
                AlicloudError::invalid("SecurityGroupIds", "it is not a JSON array of strings")
            })?),
        };
    let wanted = |name: &str, value: &str| params.get(name).is_none_or(|wanted| wanted == value);
    let untagged = params.tag_filter().is_empty();
    let rows: Vec<Value> = world
        .alicloud
        .security_groups
        .iter()
        .filter(|group| untagged && region_of(world, &group.vpc_id) == region)
        .filter(|group| ids.as_ref().is_none_or(|ids| ids.contains(&group.security_group_id)))
        .filter(|group| {
            wanted("VpcId", &group.vpc_id)
                && wanted("SecurityGroupId", &group.security_group_id)
                && wanted("SecurityGroupName", &group.name)
        })
        .map(group_row)
        .collect();
    let mut body = numbered(params, &world.limits, rows, ECS_PAGE, ("SecurityGroups", "SecurityGroup"))?;
    if let Some(fields) = body.as_object_mut() {
        fields.insert("RegionId".to_owned(), json!(region));
    }
    Ok(body)
}

fn group_row(group: &AlicloudSecurityGroup) -> Value {
    json!({
        "SecurityGroupId": group.security_group_id,
        "SecurityGroupName": group.name,
        "SecurityGroupType": "normal",
        "VpcId": group.vpc_id,
        "Description": "",
        "ServiceManaged": false,
        "Tags": { "Tag": [] },
    })
}

/// The region of what lies in a network.
fn region_of<'world>(world: &'world World, vpc_id: &str) -> &'world str {
    let vpc = world.alicloud.vpcs.iter().find(|vpc| vpc.vpc_id == vpc_id);
    vpc.map(|vpc| vpc.region.as_str()).unwrap_or_default()
}
