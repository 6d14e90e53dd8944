//! Actions on networks and subnets, the zones they lie in, and tags on any resource.

use super::Fill;
use super::describe::{Page, check_min_page, filtered, tag_values};
use super::endpoints::{success, write_tags};
use super::params::Params;
use super::xml::Xml;
use crate::world::{Ec2Error, Subnet, Tags, Vpc, World, check_id, check_tags};

pub(super) fn describe_vpcs(world: &World, region: &str, params: &Params) -> Result<Fill, Ec2Error> {
    check_min_page(params)?;
    let ids = params.list("VpcId");
    for id in &ids {
        check_id("InvalidVpcId.Malformed", "vpc", id)?;
        world.aws.vpc(region, id).ok_or_else(|| Ec2Error::unknown_vpc(id))?;
    }
    let vpcs: Vec<Vpc> = world
        .aws
        .vpcs
        .iter()
        .filter(|vpc| vpc.region == region && (ids.is_empty() || ids.contains(&vpc.vpc_id)))
        .cloned()
        .collect();
    let vpcs = filtered(vpcs, &params.filters(), |vpc, filter| {
        Some(vec![match filter {
            "vpc-id" => vpc.vpc_id.clone(),
            "cidr" | "cidr-block-association.cidr-block" => vpc.cidr_block.clone(),
            "state" => "available".to_owned(),
            "is-default" | "isDefault" => "false".to_owned(),
            "owner-id" => world.aws.account_id.clone(),
            tag => return tag_values(&vpc.tags, tag),
        }])
    })?;
    let account = world.aws.account_id.clone();
    let page = Page::of(params, &world.limits, vpcs)?;
    Ok(Box::new(move |xml| {
        xml.list("vpcSet", page.items, |xml, vpc| write_vpc(xml, &vpc, &account))
            .text("nextToken", page.next);
    }))
}

fn write_vpc(xml: &mut Xml, vpc: &Vpc, account: &str) {
    xml.text("vpcId", &vpc.vpc_id)
        .text("ownerId", account)
        .text("state", "available")
        .text("cidrBlock", &vpc.cidr_block)
        .list("cidrBlockAssociationSet", [&vpc.cidr_block], |xml, cidr| {
            xml.text("cidrBlock", cidr)
                .text("associationId", vpc.vpc_id.replacen("vpc", "vpc-cidr-assoc", 1))
                .within("cidrBlockState", |xml| {
                    xml.text("state", "associated");
                });
        })
        .text("dhcpOptionsId", "default")
        .text("instanceTenancy", "default")
        .text("isDefault", false);
    write_tags(xml, &vpc.tags);
}

pub(super) fn describe_vpc_attribute(world: &World, region: &str, params: &Params) -> Result<Fill, Ec2Error> {
    let id = params.required("VpcId")?;
    check_id("InvalidVpcId.Malformed", "vpc", id)?;
    let vpc = world.aws.vpc(region, id).ok_or_else(|| Ec2Error::unknown_vpc(id))?;
    let (name, value) = match params.required("Attribute")? {
        "enableDnsSupport" => ("enableDnsSupport", vpc.dns_support),
        "enableDnsHostnames" => ("enableDnsHostnames", vpc.dns_hostnames),
        "enableNetworkAddressUsageMetrics" => ("enableNetworkAddressUsageMetrics", false),
        other => {
            return Err(Ec2Error::new(
                "InvalidParameterValue",
                format!("Value ({other}) for parameter attribute is invalid. Unknown attribute."),
            ));
        }
    };
    let id = id.to_owned();
    Ok(Box::new(move |xml| {
        xml.text("vpcId", id).within(name, |xml| {
            xml.text("value", value);
        });
    }))
}

pub(super) fn modify_vpc_attribute(
    world: &mut World,
    region: &str,
    params: &Params,
) -> Result<Fill, Ec2Error> {
    world.modify_vpc_attribute(
        region,
        params.required("VpcId")?,
        params.flag("EnableDnsSupport.Value")?,
        params.flag("EnableDnsHostnames.Value")?,
    )?;
    Ok(success())
}

pub(super) fn create_vpc(world: &mut World, region: &str, params: &Params) -> Result<Fill, Ec2Error> {
    let tags = params.tag_specifications("vpc")?;
    check_tags(&tags)?;
    let id = world.create_vpc(region, params.required("CidrBlock")?, tags)?;
    let vpc = world.aws.vpc(region, &id).cloned().ok_or_else(|| Ec2Error::unknown_vpc(&id))?;
    let account = world.aws.account_id.clone();
    Ok(Box::new(move |xml| {
        xml.within("vpc", |xml| write_vpc(xml, &vpc, &account));
    }))
}

pub(super) fn delete_vpc(world: &mut World, region: &str, params: &Params) -> Result<Fill, Ec2Error> {
    world.delete_vpc(region, params.required("VpcId")?)?;
    Ok(success())
}

pub(super) fn describe_subnets(world: &World, region: &str, params: &Params) -> Result<Fill, Ec2Error> {
    check_min_page(params)?;
    let ids = params.list("SubnetId");
    for id in &ids {
        check_id("InvalidSubnetId.Malformed", "subnet", id)?;
        world.aws.subnet(region, id).ok_or_else(|| Ec2Error::unknown_subnet(id))?;
    }
    let subnets: Vec<Subnet> = world
        .aws
        .subnets
        .iter()
        .filter(|subnet| subnet.region == region && (ids.is_empty() || ids.contains(&subnet.subnet_id)))
        .cloned()
        .collect();
    let zone_of = |subnet: &Subnet| world.aws.zone_name(&subnet.zone_id).unwrap_or_default().to_owned();
    let subnets = filtered(subnets, &params.filters(), |subnet, filter| {
        Some(vec![match filter {
            "vpc-id" => subnet.vpc_id.clone(),
            "subnet-id" => subnet.subnet_id.clone(),
            "availability-zone-id" | "availabilityZoneId" => subnet.zone_id.clone(),
            "availability-zone" | "availabilityZone" => zone_of(subnet),
            "cidr-block" => subnet.cidr_block.clone(),
            "state" => "available".to_owned(),
            "default-for-az" => "false".to_owned(),
            "owner-id" => world.aws.account_id.clone(),
            tag => return tag_values(&subnet.tags, tag),
        }])
    })?;
    let account = world.aws.account_id.clone();
    let views: Vec<(Subnet, String)> = subnets
        .into_iter()
        .map(|subnet| {
            let zone = zone_of(&subnet);
            (subnet, zone)
        })
        .collect();
    let page = Page::of(params, &world.limits, views)?;
    Ok(Box::new(move |xml| {
        xml.list("subnetSet", page.items, |xml, (subnet, zone)| {
            write_subnet(xml, &subnet, &zone, &account);
        })
        .text("nextToken", page.next);
    }))
}

fn write_subnet(xml: &mut Xml, subnet: &Subnet, zone: &str, account: &str) {
    let id = &subnet.subnet_id;
    let region = &subnet.region;
    xml.text("subnetId", id)
        .text("subnetArn", format!("arn:aws:ec2:{region}:{account}:subnet/{id}"))
        .text("state", "available")
        .text("ownerId", account)
        .text("vpcId", &subnet.vpc_id)
        .text("cidrBlock", &subnet.cidr_block)
        .text("availableIpAddressCount", subnet.free_addresses)
        .text("availabilityZone", zone)
        .text("availabilityZoneId", &subnet.zone_id)
        .text("defaultForAz", false)
        .text("mapPublicIpOnLaunch", false)
        .text("assignIpv6AddressOnCreation", false)
        .text("enableDns64", false)
        .text("ipv6Native", false);
    write_tags(xml, &subnet.tags);
}

pub(super) fn create_subnet(world: &mut World, region: &str, params: &Params) -> Result<Fill, Ec2Error> {
    let tags = params.tag_specifications("subnet")?;
    check_tags(&tags)?;
    let zone = params.get("AvailabilityZoneId").or_else(|| params.get("AvailabilityZone"));
    let id =
        world.create_subnet(region, params.required("VpcId")?, params.required("CidrBlock")?, zone, tags)?;
    let subnet = world.aws.subnet(region, &id).cloned().ok_or_else(|| Ec2Error::unknown_subnet(&id))?;
    let zone = world.aws.zone_name(&subnet.zone_id).unwrap_or_default().to_owned();
    let account = world.aws.account_id.clone();
    Ok(Box::new(move |xml| {
        xml.within("subnet", |xml| write_subnet(xml, &subnet, &zone, &account));
    }))
}

pub(super) fn delete_subnet(world: &mut World, region: &str, params: &Params) -> Result<Fill, Ec2Error> {
    world.delete_subnet(region, params.required("SubnetId")?)?;
    Ok(success())
}

pub(super) fn describe_zones(world: &World, region: &str, params: &Params) -> Result<Fill, Ec2Error> {
    let (names, ids) = (params.list("ZoneName"), params.list("ZoneId"));
    let zones: Vec<_> = world.aws.region(region).map(|region| region.zones.clone()).unwrap_or_default();
    let unknown = names
        .iter()
        .filter(|name| !zones.iter().any(|zone| zone.name == **name))
        .chain(ids.iter().filter(|id| !zones.iter().any(|zone| zone.id == **id)))
        .next();
    if let Some(unknown) = unknown {
        return Err(Ec2Error::new(
            "InvalidParameterValue",
            format!("Invalid availability zone: [{unknown}]"),
        ));
    }
    let zones = zones
        .into_iter()
        .filter(|zone| names.is_empty() || names.contains(&zone.name))
        .filter(|zone| ids.is_empty() || ids.contains(&zone.id))
        .collect();
    let zones = filtered(zones, &params.filters(), |zone, filter| {
        Some(vec![match filter {
            "zone-id" => zone.id.clone(),
            "zone-name" => zone.name.clone(),
            "region-name" => region.to_owned(),
            "state" | "zone-state" => "available".to_owned(),
            "zone-type" => "availability-zone".to_owned(),
            "opt-in-status" => "opt-in-not-required".to_owned(),
            "group-name" => format!("{region}-zg-1"),
            _ => return None,
        }])
    })?;
    let region = region.to_owned();
    Ok(Box::new(move |xml| {
        xml.list("availabilityZoneInfo", zones, |xml, zone| {
            xml.text("zoneName", &zone.name)
                .text("zoneId", &zone.id)
                .text("zoneState", "available")
                .text("zoneType", "availability-zone")
                .text("regionName", &region)
                .text("groupName", format!("{region}-zg-1"))
                .text("networkBorderGroup", &region)
                .text("optInStatus", "opt-in-not-required")
                .values("messageSet", std::iter::empty::<&str>());
        });
    }))
}

pub(super) fn create_tags(world: &mut World, region: &str, params: &Params) -> Result<Fill, Ec2Error> {
    let resources = resources(params)?;
    let tags: Tags =
        params.key_values("Tag").into_iter().map(|(key, value)| (key, value.unwrap_or_default())).collect();
    if tags.is_empty() {
        return Err(Ec2Error::missing_parameter("Tag"));
    }
    world.create_tags(region, &resources, &tags)?;
    Ok(success())
}

pub(super) fn delete_tags(world: &mut World, region: &str, params: &Params) -> Result<Fill, Ec2Error> {
    let resources = resources(params)?;
    world.delete_tags(region, &resources, &params.key_values("Tag"))?;
    Ok(success())
}

fn resources(params: &Params) -> Result<Vec<String>, Ec2Error> {
    let resources = params.list("ResourceId");
    if resources.is_empty() {
        return Err(Ec2Error::missing_parameter("ResourceId"));
    }
    Ok(resources)
}
