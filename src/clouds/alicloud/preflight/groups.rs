//! Do the security groups fit the VPC, and do they let clients in?

use super::evaluate::Case;
use super::survey::{GroupSeen, Look};
use crate::clouds::findings::{finding, join};
use crate::clouds::{Concern, Finding, Standing};
use crate::codes::Code;
use crate::ids::SecurityGroupId;

/// Security groups that an endpoint may have (PrivateLink guide, "Limits").
const MOST: usize = 10;

/// `no-security-groups`, `too-many-security-groups`, `security-group-not-found`, `security-group-of-other-vpc`,
/// `port-closed`.
pub(super) fn findings(case: &Case<'_>) -> Vec<Finding> {
    let named = case.wish.security_groups.as_ref().filter(|named| !named.is_empty());
    let Some(named) = named else { return vec![none_named()] };
    let looks: Vec<_> = named.iter().filter_map(|id| Some((id, case.survey.groups.get(id)?))).collect();
    let missing = looks.iter().filter(|(_, look)| matches!(look, Look::Seen(None)));
    let missing: Vec<_> = missing.map(|(id, _)| *id).collect();
    let found = looks.iter().filter_map(|(id, look)| Some((*id, look.seen()?.as_ref()?)));
    let (inside, outside): (Vec<_>, Vec<_>) = found.partition(|(_, group)| group.vpc == case.wish.vpc);
    let mut findings = Vec::new();
    if named.len() > MOST {
        findings.push(too_many(named.len()));
    }
    if !missing.is_empty() {
        findings.push(not_found(case, &missing));
    }
    if !outside.is_empty() {
        findings.push(of_other_vpc(case, &outside));
    }
    // Groups that could not be judged may well be the ones that let clients in.
    let all_judged = inside.len() == named.len();
    if all_judged && !inside.iter().any(|(_, group)| lets_in(group, case.service.port)) {
        findings.push(port_closed(case, &inside));
    }
    findings
}

fn lets_in(group: &GroupSeen, port: u16) -> bool {
    group.ingress.iter().any(|rule| rule.tcp_ports.as_ref().is_some_and(|ports| ports.contains(&port)))
}

fn none_named() -> Finding {
    finding(
        Code::NoSecurityGroups,
        (Concern::SecurityGroups, Standing::Advice),
        "The endpoint gets no security groups".to_owned(),
        "security_group_ids is not set. Alibaba Cloud has no default group for endpoints, and one that was made without \
         security groups never takes any: to get some later it has to be made anew.",
        "Set security_group_ids to a group that lets the clients in.",
    )
}

fn too_many(count: usize) -> Finding {
    finding(
        Code::TooManySecurityGroups,
        (Concern::SecurityGroups, Standing::Impossible),
        format!("{count} security groups are too many"),
        &format!("security_group_ids names {count} groups, and an endpoint may have {MOST}."),
        "Name fewer security groups, or put their rules together in one.",
    )
}

fn not_found(case: &Case<'_>, missing: &[&SecurityGroupId]) -> Finding {
    let region = &case.survey.region;
    let groups = join(missing.iter().map(|group| group.as_str()));
    finding(
        Code::SecurityGroupNotFound,
        (Concern::SecurityGroups, Standing::Impossible),
        format!("Security groups not found in {region}"),
        &format!("Alibaba Cloud shows no {groups} in {region} with these credentials."),
        &format!("Name security groups of {}.", case.wish.vpc),
    )
}

fn of_other_vpc(case: &Case<'_>, outside: &[(&SecurityGroupId, &GroupSeen)]) -> Finding {
    let vpc = &case.wish.vpc;
    let groups: Vec<_> = outside.iter().map(|(id, group)| format!("{id} (in {})", group.vpc)).collect();
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

fn port_closed(case: &Case<'_>, groups: &[(&SecurityGroupId, &GroupSeen)]) -> Finding {
    let port = case.service.port;
    let ids = join(groups.iter().map(|(id, _)| id.as_str()));
    let group = groups.first().map_or("sg-…", |(id, _)| id.as_str());
    finding(
        Code::PortClosed,
        (Concern::SecurityGroups, Standing::Advice),
        format!("No security group lets TCP port {port} in"),
        &format!(
            "No inbound rule of {ids} lets TCP port {port} in, where the cluster listens. Clients that are not members of \
             the group cannot connect."
        ),
        &format!(
            "Set security_group_ids to a group that lets the clients in, or add a rule, in HCL:\n\n  \
             resource \"alicloud_security_group_rule\" \"tidb\" {{\n    \
             security_group_id = \"{group}\"\n    \
             type              = \"ingress\"\n    \
             ip_protocol       = \"tcp\"\n    \
             port_range        = \"{port}/{port}\"\n    \
             cidr_ip           = \"10.0.0.0/8\" # where the clients are\n  }}"
        ),
    )
}
