//! Do the security groups fit the VPC, and do they let clients in?

use super::evaluate::Case;
use super::survey::{GroupSeen, TrafficSource};
use crate::clouds::findings::{finding, join};
use crate::clouds::{Concern, Finding, Standing};
use crate::codes::Code;
use crate::ids::SecurityGroupId;

/// `security-group-not-found`, `security-group-of-other-vpc`, `port-closed`.
pub(super) fn findings(case: &Case<'_>) -> Vec<Finding> {
    let Some(seen) = case.survey.vpc.groups.seen() else {
        return Vec::new();
    };
    let inside = |group: &&GroupSeen| group.vpc == case.wish.vpc;
    let named = case.wish.security_groups.as_ref().filter(|named| !named.is_empty());
    let Some(named) = named else {
        let default = seen.iter().filter(inside).find(|group| group.default);
        return default.and_then(|group| default_group_closed(case, group)).into_iter().collect();
    };
    let found: Vec<_> = seen.iter().filter(|group| named.contains(&group.id)).collect();
    let missing = named.iter().filter(|id| !found.iter().any(|group| group.id == **id));
    let missing: Vec<_> = missing.collect();
    let (inside, outside): (Vec<_>, Vec<_>) = found.into_iter().partition(inside);
    let mut findings = Vec::new();
    if !missing.is_empty() {
        findings.push(not_found(case, &missing));
    }
    if !outside.is_empty() {
        findings.push(of_other_vpc(case, &outside));
    }
    let closed = !inside.iter().any(|group| sources(group, case.service.port).next().is_some());
    // Groups that could not be judged may well be the ones that let clients in.
    if closed && findings.is_empty() {
        findings.push(port_closed(case, &inside));
    }
    findings
}

/// Whatever a group lets in on a TCP port.
fn sources(group: &GroupSeen, port: u16) -> impl Iterator<Item = &TrafficSource> {
    let matching = move |ports: &std::ops::RangeInclusive<u16>| ports.contains(&port);
    group
        .ingress
        .iter()
        .filter(move |rule| rule.tcp_ports.as_ref().is_some_and(matching))
        .flat_map(|rule| &rule.sources)
}

fn not_found(case: &Case<'_>, missing: &[&SecurityGroupId]) -> Finding {
    let region = &case.survey.region;
    let groups = join(missing.iter().map(|group| group.as_str()));
    finding(
        Code::SecurityGroupNotFound,
        (Concern::SecurityGroups, Standing::Impossible),
        format!("Security groups not found in {region}"),
        &format!("EC2 shows no {groups} in {region} with these credentials."),
        &format!(
            "Name security groups of {}, or leave security_group_ids out to use the VPC's default group.",
            case.wish.vpc
        ),
    )
}

fn of_other_vpc(case: &Case<'_>, outside: &[&GroupSeen]) -> Finding {
    let vpc = &case.wish.vpc;
    let groups: Vec<_> = outside.iter().map(|group| format!("{} (in {})", group.id, group.vpc)).collect();
    finding(
        Code::SecurityGroupOfOtherVpc,
        (Concern::SecurityGroups, Standing::Impossible),
        format!("Security groups are not in {vpc}"),
        &format!(
            "These security groups belong to other VPCs: {}. The groups of an endpoint have to be in its own VPC, {vpc}.",
            groups.join(", ")
        ),
        "Name security groups of that VPC.",
    )
}

fn port_closed(case: &Case<'_>, groups: &[&GroupSeen]) -> Finding {
    let port = case.service.port;
    let ids = join(groups.iter().map(|group| group.id.as_str()));
    closed(
        case,
        &format!(
            "No ingress rule of {ids} lets TCP port {port} in, where the cluster listens. Clients cannot connect."
        ),
        groups.first().map_or("sg-…", |group| group.id.as_str()),
    )
}

/// As it comes, a default group lets in its own members only, and few clients are.
fn default_group_closed(case: &Case<'_>, group: &GroupSeen) -> Option<Finding> {
    let port = case.service.port;
    let own = TrafficSource::Group(group.id.as_str().to_owned());
    if sources(group, port).any(|source| *source != own) {
        return None;
    }
    let members = if sources(group, port).next().is_some() {
        "lets in nothing but its own members"
    } else {
        "lets nobody in"
    };
    Some(closed(
        case,
        &format!(
            "security_group_ids is not set, so the endpoint gets the VPC's default group {}, which {members} on TCP port \
             {port}, where the cluster listens. Other clients cannot connect.",
            group.id
        ),
        group.id.as_str(),
    ))
}

fn closed(case: &Case<'_>, found: &str, group: &str) -> Finding {
    let port = case.service.port;
    finding(
        Code::PortClosed,
        (Concern::SecurityGroups, Standing::Advice),
        format!("No security group lets TCP port {port} in"),
        found,
        &format!(
            "Set security_group_ids to a group that lets the clients in, or add a rule, in HCL:\n\n  \
             resource \"aws_vpc_security_group_ingress_rule\" \"tidb\" {{\n    \
             security_group_id = \"{group}\"\n    \
             cidr_ipv4         = \"10.0.0.0/8\" # where the clients are\n    \
             ip_protocol       = \"tcp\"\n    \
             from_port         = {port}\n    \
             to_port           = {port}\n  }}"
        ),
    )
}
