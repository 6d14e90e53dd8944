//! Do the subnets fit the VPC and the service, and which are taken when the user names none?

use std::collections::{BTreeMap, BTreeSet};

use super::evaluate::{Case, finding};
use super::survey::SubnetSeen;
use super::zones::{Offered, join};
use crate::clouds::{Concern, Finding, Standing};
use crate::ids::{SubnetId, ZoneId};

/// The subnets that an endpoint would get.
#[derive(Debug, Default)]
pub(super) struct Selection {
    pub(super) subnets: BTreeSet<SubnetId>,
    /// Which were chosen here and why; `None` when the user named them.
    pub(super) choice: Option<String>,
    /// `subnet-not-found`, `subnet-of-other-vpc`, `zone-unsupported`, `duplicate-zone`, `no-usable-subnet`.
    pub(super) findings: Vec<Finding>,
}

const ABOUT: (Concern, Standing) = (Concern::Subnets, Standing::Impossible);

/// Judges the subnets of the wish, or chooses some.
pub(super) fn select(case: &Case<'_>) -> Selection {
    let seen = case.survey.vpc.subnets.seen();
    match (&case.wish.subnets, seen) {
        (Some(named), Some(seen)) if !named.is_empty() => {
            Selection { findings: judge(case, named, seen), subnets: named.clone(), choice: None }
        }
        (Some(named), None) if !named.is_empty() => {
            Selection { subnets: named.clone(), ..Selection::default() }
        }
        (Some(_), _) => Selection { findings: vec![none_named()], ..Selection::default() },
        (None, Some(seen)) => choose(case, seen),
        (None, None) => Selection { findings: vec![cannot_choose()], ..Selection::default() },
    }
}

fn judge(case: &Case<'_>, named: &BTreeSet<SubnetId>, seen: &[SubnetSeen]) -> Vec<Finding> {
    let seen: BTreeMap<_, _> = seen.iter().map(|subnet| (&subnet.id, subnet)).collect();
    let missing: Vec<_> = named.iter().filter(|subnet| !seen.contains_key(subnet)).collect();
    let found = named.iter().filter_map(|subnet| seen.get(subnet).copied());
    let (inside, outside): (Vec<_>, Vec<_>) = found.partition(|subnet| subnet.vpc == case.wish.vpc);
    let offered = Offered::new(case.survey, case.service);
    let unsupported: Vec<_> = inside.iter().copied().filter(|subnet| !offered.include(subnet)).collect();

    let mut findings = Vec::new();
    if !missing.is_empty() {
        findings.push(not_found(case, &missing));
    }
    if !outside.is_empty() {
        findings.push(of_other_vpc(case, &outside));
    }
    if !unsupported.is_empty() {
        findings.push(zone_unsupported(case, offered, &unsupported));
    }
    let crowded = by_zone(&inside).into_iter().filter(|(_, subnets)| subnets.len() > 1);
    findings.extend(crowded.map(|(zone, subnets)| duplicate_zone(zone, &subnets)));
    findings
}

/// One supported subnet per zone, the one with the lowest id: the same every time.
fn choose(case: &Case<'_>, seen: &[SubnetSeen]) -> Selection {
    let offered = Offered::new(case.survey, case.service);
    let inside: Vec<_> = seen.iter().filter(|subnet| subnet.vpc == case.wish.vpc).collect();
    let (usable, unusable): (Vec<_>, Vec<_>) = inside.iter().partition(|subnet| offered.include(subnet));
    let zones = by_zone(&usable);
    let chosen: Vec<_> = zones.values().map(|subnets| subnets[0]).collect();
    if chosen.is_empty() {
        return Selection { findings: vec![none_usable(case, offered, &inside)], ..Selection::default() };
    }
    let spare = zones.values().flat_map(|subnets| {
        let taken = &subnets[0].id;
        subnets[1..].iter().map(move |subnet| format!("{} ({} has {taken})", subnet.id, subnet.zone))
    });
    let unusable =
        unusable.iter().map(|subnet| format!("{} (the service is not in {})", subnet.id, subnet.zone));
    let left_out: Vec<_> = spare.chain(unusable).collect();
    let mut choice = format!(
        "subnet_ids is not set. Of the subnets of {} one is taken in each zone of the service: {}.",
        case.wish.vpc,
        placed(&chosen)
    );
    if !left_out.is_empty() {
        choice.push_str(&format!(" Left out: {}.", left_out.join(", ")));
    }
    Selection {
        subnets: chosen.iter().map(|subnet| subnet.id.clone()).collect(),
        choice: Some(choice),
        findings: Vec::new(),
    }
}

/// The subnets of each zone, lowest id first.
fn by_zone<'a>(subnets: &[&'a SubnetSeen]) -> BTreeMap<&'a ZoneId, Vec<&'a SubnetSeen>> {
    let mut zones: BTreeMap<_, Vec<_>> = BTreeMap::new();
    for subnet in subnets {
        zones.entry(&subnet.zone).or_default().push(*subnet);
    }
    for subnets in zones.values_mut() {
        subnets.sort();
    }
    zones
}

/// "subnet-1 (usw2-az1), subnet-2 (usw2-az2)".
fn placed(subnets: &[&SubnetSeen]) -> String {
    let placed: Vec<_> = subnets.iter().map(|subnet| format!("{} ({})", subnet.id, subnet.zone)).collect();
    placed.join(", ")
}

fn not_found(case: &Case<'_>, missing: &[&SubnetId]) -> Finding {
    let subnets = join(missing.iter().map(|subnet| subnet.as_str()));
    let (region, vpc) = (&case.survey.region, &case.wish.vpc);
    finding(
        "subnet-not-found",
        ABOUT,
        format!("Subnets not found in {region}"),
        &format!("EC2 shows no {subnets} in {region} with these credentials."),
        &format!(
            "Name subnets of {vpc}, or leave subnet_ids out to have one chosen in each zone of the service."
        ),
    )
}

fn of_other_vpc(case: &Case<'_>, outside: &[&SubnetSeen]) -> Finding {
    let vpc = &case.wish.vpc;
    let subnets: Vec<_> = outside.iter().map(|subnet| format!("{} (in {})", subnet.id, subnet.vpc)).collect();
    finding(
        "subnet-of-other-vpc",
        ABOUT,
        format!("Subnets are not in {vpc}"),
        &format!(
            "These subnets belong to other VPCs: {}. All subnets of an endpoint have to be in its own VPC, {vpc}.",
            subnets.join(", ")
        ),
        "Name subnets of that VPC, or set vpc_id to the VPC of the subnets.",
    )
}

fn zone_unsupported(case: &Case<'_>, offered: Offered<'_>, unsupported: &[&SubnetSeen]) -> Finding {
    let zones: BTreeSet<_> = unsupported.iter().map(|subnet| subnet.zone.as_str()).collect();
    let zones = join(zones);
    let service = &case.service.name;
    let seen = case.survey.vpc.subnets.seen().into_iter().flatten();
    let inside = seen.filter(|subnet| subnet.vpc == case.wish.vpc && offered.include(subnet));
    let inside: Vec<_> = inside.collect();
    let instead = if inside.is_empty() {
        format!("Make a subnet in one of the zones {} in {}", offered.list(), case.wish.vpc)
    } else {
        format!("Use subnets in zones of the service; {} has {}", case.wish.vpc, placed(&inside))
    };
    finding(
        "zone-unsupported",
        ABOUT,
        format!("The endpoint service is not in {zones}"),
        &format!(
            "The endpoint service {service} is offered to this account in {}, but these subnets are elsewhere: {}. An \
             endpoint can have subnets in zones of its service only. (Zone ids are compared, since each AWS account has \
             its own names for zones.)",
            offered.list(),
            placed(unsupported)
        ),
        &format!(
            "{instead}. Clients in other zones of the VPC reach the endpoint, too. If the service ought to be in \
             {zones}, ask TiDB Cloud support."
        ),
    )
}

fn duplicate_zone(zone: &ZoneId, subnets: &[&SubnetSeen]) -> Finding {
    let all = join(subnets.iter().map(|subnet| subnet.id.as_str()));
    finding(
        "duplicate-zone",
        ABOUT,
        format!("Two subnets of one endpoint are in {zone}"),
        &format!(
            "These subnets are all in zone {zone}: {all}. An endpoint has one network interface in each zone."
        ),
        &format!("Keep one of them, for example {}.", subnets[0].id),
    )
}

fn none_usable(case: &Case<'_>, offered: Offered<'_>, inside: &[&SubnetSeen]) -> Finding {
    let vpc = &case.wish.vpc;
    let found = if inside.is_empty() {
        format!("{vpc} has no subnets.")
    } else {
        format!("{vpc} has no subnet in a zone of the service; it has {}.", placed(inside))
    };
    finding(
        "no-usable-subnet",
        // The same run may make subnets there.
        (Concern::Subnets, Standing::MayChange),
        format!("No subnet of {vpc} can be used"),
        &format!(
            "{found} The endpoint service {} is offered to this account in {}; without a subnet there an endpoint serves \
             nothing.",
            case.service.name,
            offered.list()
        ),
        "Make a subnet in one of these zones and name it in subnet_ids, in HCL: \
         subnet_ids = [aws_subnet.NAME.id]. If the service ought to be in the zones of the VPC, ask TiDB Cloud support.",
    )
}

fn none_named() -> Finding {
    finding(
        "no-usable-subnet",
        ABOUT,
        "subnet_ids is empty".to_owned(),
        "An endpoint without subnets has no network interface and serves nothing.",
        "Name subnets, or leave subnet_ids out to have one chosen in each zone of the service.",
    )
}

fn cannot_choose() -> Finding {
    finding(
        "no-usable-subnet",
        (Concern::Subnets, Standing::MayChange),
        "No subnets can be chosen".to_owned(),
        "subnet_ids is not set, and the credentials may not list the VPC's subnets (ec2:DescribeSubnets is denied), so \
         none can be chosen.",
        "Set subnet_ids, or allow ec2:DescribeSubnets.",
    )
}
