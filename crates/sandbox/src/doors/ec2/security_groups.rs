//! Actions on security groups, their rules, and the prefix lists that rules may name.

use super::Fill;
use super::describe::{Page, check_min_page, filtered, tag_values};
use super::endpoints::{success, write_tags};
use super::params::Params;
use super::xml::Xml;
use crate::world::{
    Ec2Error, PrefixList, SecurityGroup, SecurityGroupRule, Tags, World, check_id, check_tags,
};

pub(super) fn describe(world: &World, region: &str, params: &Params) -> Result<Fill, Ec2Error> {
    check_min_page(params)?;
    let ids = params.list("GroupId");
    for id in &ids {
        check_id("InvalidGroupId.Malformed", "sg", id)?;
        world.aws.security_group(region, id).ok_or_else(|| Ec2Error::unknown_group(id))?;
    }
    let names = params.list("GroupName");
    let groups: Vec<SecurityGroup> = world
        .aws
        .security_groups
        .iter()
        .filter(|group| group.region == region)
        .filter(|group| ids.is_empty() || ids.contains(&group.group_id))
        .filter(|group| names.is_empty() || names.contains(&group.name))
        .cloned()
        .collect();
    let groups = filtered(groups, &params.filters(), |group, filter| {
        Some(vec![match filter {
            "group-id" => group.group_id.clone(),
            "group-name" => group.name.clone(),
            "vpc-id" => group.vpc_id.clone(),
            "description" => group.description.clone(),
            "owner-id" => world.aws.account_id.clone(),
            tag => return tag_values(&group.tags, tag),
        }])
    })?;
    let account = world.aws.account_id.clone();
    let page = Page::of(params, &world.limits, groups)?;
    Ok(Box::new(move |xml| {
        xml.list("securityGroupInfo", page.items, |xml, group| {
            xml.text("groupId", &group.group_id)
                .text("groupName", &group.name)
                .text("groupDescription", &group.description)
                .text("ownerId", &account)
                .text("vpcId", &group.vpc_id);
            for (name, egress) in [("ipPermissions", false), ("ipPermissionsEgress", true)] {
                let rules = group.rules.iter().filter(|rule| rule.egress == egress);
                xml.list(name, rules, |xml, rule| write_permission(xml, rule, &account));
            }
            write_tags(xml, &group.tags);
        })
        .text("nextToken", page.next);
    }))
}

/// One permission for each rule: EC2 would gather rules with the same ports, which means the same to a reader.
fn write_permission(xml: &mut Xml, rule: &SecurityGroupRule, account: &str) {
    xml.text("ipProtocol", &rule.protocol)
        .optional("fromPort", rule.from_port)
        .optional("toPort", rule.to_port)
        .list("groups", &rule.group_id, |xml, id| {
            xml.text("userId", account).text("groupId", id);
        })
        .list("ipRanges", &rule.cidr_ipv4, |xml, cidr| {
            xml.text("cidrIp", cidr);
        })
        .list("ipv6Ranges", &rule.cidr_ipv6, |xml, cidr| {
            xml.text("cidrIpv6", cidr);
        })
        .list("prefixListIds", &rule.prefix_list_id, |xml, id| {
            xml.text("prefixListId", id);
        });
}

pub(super) fn describe_rules(world: &World, region: &str, params: &Params) -> Result<Fill, Ec2Error> {
    check_min_page(params)?;
    let ids = params.list("SecurityGroupRuleId");
    let rules: Vec<(String, SecurityGroupRule)> = world
        .aws
        .security_groups
        .iter()
        .filter(|group| group.region == region)
        .flat_map(|group| group.rules.iter().map(|rule| (group.group_id.clone(), rule.clone())))
        .filter(|(_, rule)| ids.is_empty() || ids.contains(&rule.rule_id))
        .collect();
    if let Some(id) = ids.iter().find(|id| !rules.iter().any(|(_, rule)| rule.rule_id == **id)) {
        return Err(Ec2Error::new(
            "InvalidSecurityGroupRuleId.NotFound",
            format!("The security group rule ID '{id}' does not exist"),
        ));
    }
    let rules = filtered(rules, &params.filters(), |(group_id, rule), filter| {
        Some(vec![match filter {
            "group-id" => group_id.clone(),
            "security-group-rule-id" => rule.rule_id.clone(),
            tag => return tag_values(&Tags::new(), tag),
        }])
    })?;
    let account = world.aws.account_id.clone();
    let page = Page::of(params, &world.limits, rules)?;
    Ok(Box::new(move |xml| {
        xml.list("securityGroupRuleSet", page.items, |xml, (group_id, rule)| {
            xml.text("securityGroupRuleId", &rule.rule_id)
                .text("groupId", group_id)
                .text("groupOwnerId", &account)
                .text("isEgress", rule.egress)
                .text("ipProtocol", &rule.protocol)
                .text("fromPort", rule.from_port.unwrap_or(-1))
                .text("toPort", rule.to_port.unwrap_or(-1))
                .optional("cidrIpv4", rule.cidr_ipv4.as_ref())
                .optional("cidrIpv6", rule.cidr_ipv6.as_ref())
                .optional("prefixListId", rule.prefix_list_id.as_ref());
            if let Some(peer) = &rule.group_id {
                xml.within("referencedGroupInfo", |xml| {
                    xml.text("groupId", peer).text("userId", &account);
                });
            }
            write_tags(xml, &Tags::new());
        })
        .text("nextToken", page.next);
    }))
}

pub(super) fn create(world: &mut World, region: &str, params: &Params) -> Result<Fill, Ec2Error> {
    let tags = params.tag_specifications("security-group")?;
    check_tags(&tags)?;
    let id = world.create_security_group(
        region,
        params.required("VpcId")?,
        params.required("GroupName")?,
        params.required("GroupDescription")?,
        tags.clone(),
    )?;
    Ok(Box::new(move |xml| {
        xml.text("return", true).text("groupId", id);
        write_tags(xml, &tags);
    }))
}

pub(super) fn delete(world: &mut World, region: &str, params: &Params) -> Result<Fill, Ec2Error> {
    world.delete_security_group(region, params.required("GroupId")?)?;
    Ok(success())
}

fn prefix_lists(world: &World, region: &str, params: &Params) -> Result<Vec<PrefixList>, Ec2Error> {
    let ids = params.list("PrefixListId");
    let lists: Vec<PrefixList> = world
        .aws
        .prefix_lists
        .iter()
        .filter(|list| list.region == region)
        .filter(|list| ids.is_empty() || ids.contains(&list.prefix_list_id))
        .cloned()
        .collect();
    if let Some(id) = ids.iter().find(|id| !lists.iter().any(|list| list.prefix_list_id == **id)) {
        return Err(unknown_prefix_list(id));
    }
    filtered(lists, &params.filters(), |list, filter| {
        Some(vec![match filter {
            "prefix-list-id" => list.prefix_list_id.clone(),
            "prefix-list-name" => list.name.clone(),
            "owner-id" => world.aws.account_id.clone(),
            _ => return None,
        }])
    })
}

fn unknown_prefix_list(id: &str) -> Ec2Error {
    Ec2Error::new("InvalidPrefixListID.NotFound", format!("The prefix list ID '{id}' does not exist"))
}

pub(super) fn describe_prefix_lists(world: &World, region: &str, params: &Params) -> Result<Fill, Ec2Error> {
    let page = Page::of(params, &world.limits, prefix_lists(world, region, params)?)?;
    Ok(Box::new(move |xml| {
        xml.list("prefixListSet", page.items, |xml, list| {
            xml.text("prefixListId", &list.prefix_list_id)
                .text("prefixListName", &list.name)
                .values("cidrSet", &list.cidrs);
        })
        .text("nextToken", page.next);
    }))
}

pub(super) fn describe_managed_prefix_lists(
    world: &World,
    region: &str,
    params: &Params,
) -> Result<Fill, Ec2Error> {
    let page = Page::of(params, &world.limits, prefix_lists(world, region, params)?)?;
    let account = world.aws.account_id.clone();
    Ok(Box::new(move |xml| {
        xml.list("prefixListSet", page.items, |xml, list| {
            let (id, region) = (&list.prefix_list_id, &list.region);
            xml.text("prefixListId", id)
                .text("prefixListName", &list.name)
                .text("prefixListArn", format!("arn:aws:ec2:{region}:{account}:prefix-list/{id}"))
                .text("addressFamily", "IPv4")
                .text("state", "create-complete")
                .text("maxEntries", list.cidrs.len())
                .text("version", 1)
                .text("ownerId", &account);
            write_tags(xml, &Tags::new());
        })
        .text("nextToken", page.next);
    }))
}

pub(super) fn prefix_list_entries(world: &World, region: &str, params: &Params) -> Result<Fill, Ec2Error> {
    let id = params.required("PrefixListId")?;
    let list = world
        .aws
        .prefix_lists
        .iter()
        .find(|list| list.region == region && list.prefix_list_id == id)
        .ok_or_else(|| unknown_prefix_list(id))?;
    let page = Page::of(params, &world.limits, list.cidrs.clone())?;
    Ok(Box::new(move |xml| {
        xml.list("entrySet", page.items, |xml, cidr| {
            xml.text("cidr", cidr);
        })
        .text("nextToken", page.next);
    }))
}
