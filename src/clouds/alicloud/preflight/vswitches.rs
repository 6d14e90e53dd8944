//! Do the vSwitches fit the VPC and the service, and which are taken when the user names none?

use std::collections::{BTreeMap, BTreeSet};

use super::evaluate::{Case, finding};
use super::survey::VSwitchSeen;
use super::zones::{Offered, join};
use crate::clouds::{Concern, Finding, Standing};
use crate::ids::{SubnetId, ZoneId};

/// The vSwitches that an endpoint would get.
#[derive(Debug, Default)]
pub(super) struct Selection {
    pub(super) vswitches: BTreeSet<SubnetId>,
    /// Which were chosen here and why; `None` when the user named them.
    pub(super) choice: Option<String>,
    /// `vswitch-not-found`, `vswitch-of-other-vpc`, `zone-unsupported`, `duplicate-zone`, `no-usable-vswitch`.
    pub(super) findings: Vec<Finding>,
}

const ABOUT: (Concern, Standing) = (Concern::Subnets, Standing::Impossible);

/// Judges the vSwitches of the wish, or chooses some.
pub(super) fn select(case: &Case<'_>) -> Selection {
    let seen = case.survey.vpc.vswitches.seen();
    match (&case.wish.subnets, seen) {
        (Some(named), Some(seen)) if !named.is_empty() => {
            Selection { findings: judge(case, named, seen), vswitches: named.clone(), choice: None }
        }
        (Some(named), None) if !named.is_empty() => {
            Selection { vswitches: named.clone(), ..Selection::default() }
        }
        (Some(_), _) => Selection { findings: vec![none_named()], ..Selection::default() },
        (None, Some(seen)) => choose(case, seen),
        (None, None) => Selection { findings: vec![cannot_choose()], ..Selection::default() },
    }
}

fn judge(case: &Case<'_>, named: &BTreeSet<SubnetId>, seen: &[VSwitchSeen]) -> Vec<Finding> {
    let seen: BTreeMap<_, _> = seen.iter().map(|vswitch| (&vswitch.id, vswitch)).collect();
    let missing: Vec<_> = named.iter().filter(|vswitch| !seen.contains_key(vswitch)).collect();
    let found = named.iter().filter_map(|vswitch| seen.get(vswitch).copied());
    let (inside, outside): (Vec<_>, Vec<_>) = found.partition(|vswitch| vswitch.vpc == case.wish.vpc);
    let offered = Offered::new(case.survey, case.service);
    let unsupported: Vec<_> = inside.iter().copied().filter(|vswitch| !offered.include(vswitch)).collect();

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
    let crowded = by_zone(&inside).into_iter().filter(|(_, vswitches)| vswitches.len() > 1);
    findings.extend(crowded.map(|(zone, vswitches)| duplicate_zone(zone, &vswitches)));
    findings
}

/// One supported vSwitch per zone, the one with the lowest id: the same every time.
fn choose(case: &Case<'_>, seen: &[VSwitchSeen]) -> Selection {
    let offered = Offered::new(case.survey, case.service);
    let inside: Vec<_> = seen.iter().filter(|vswitch| vswitch.vpc == case.wish.vpc).collect();
    let (usable, unusable): (Vec<_>, Vec<_>) = inside.iter().partition(|vswitch| offered.include(vswitch));
    let zones = by_zone(&usable);
    let chosen: Vec<_> = zones.values().map(|vswitches| vswitches[0]).collect();
    if chosen.is_empty() {
        return Selection { findings: vec![none_usable(case, offered, &inside)], ..Selection::default() };
    }
    let spare = zones.values().flat_map(|vswitches| {
        let taken = &vswitches[0].id;
        vswitches[1..].iter().map(move |vswitch| format!("{} ({} has {taken})", vswitch.id, vswitch.zone))
    });
    let unusable =
        unusable.iter().map(|vswitch| format!("{} (the service is not in {})", vswitch.id, vswitch.zone));
    let left_out: Vec<_> = spare.chain(unusable).collect();
    let mut choice = format!(
        "vswitch_ids is not set. Of the vSwitches of {} one is taken in each zone of the service: {}.",
        case.wish.vpc,
        placed(&chosen)
    );
    if !left_out.is_empty() {
        choice.push_str(&format!(" Left out: {}.", left_out.join(", ")));
    }
    Selection {
        vswitches: chosen.iter().map(|vswitch| vswitch.id.clone()).collect(),
        choice: Some(choice),
        findings: Vec::new(),
    }
}

/// The vSwitches of each zone, lowest id first.
fn by_zone<'a>(vswitches: &[&'a VSwitchSeen]) -> BTreeMap<&'a ZoneId, Vec<&'a VSwitchSeen>> {
    let mut zones: BTreeMap<_, Vec<_>> = BTreeMap::new();
    for vswitch in vswitches {
        zones.entry(&vswitch.zone).or_default().push(*vswitch);
    }
    for vswitches in zones.values_mut() {
        vswitches.sort();
    }
    zones
}

/// "vsw-1 (ap-southeast-1a), vsw-2 (ap-southeast-1b)".
fn placed(vswitches: &[&VSwitchSeen]) -> String {
    let placed: Vec<_> =
        vswitches.iter().map(|vswitch| format!("{} ({})", vswitch.id, vswitch.zone)).collect();
    placed.join(", ")
}

fn not_found(case: &Case<'_>, missing: &[&SubnetId]) -> Finding {
    let vswitches = join(missing.iter().map(|vswitch| vswitch.as_str()));
    let (region, vpc) = (&case.survey.region, &case.wish.vpc);
    finding(
        "vswitch-not-found",
        ABOUT,
        format!("vSwitches not found in {region}"),
        &format!("Alibaba Cloud shows no {vswitches} in {region} with these credentials."),
        &format!(
            "Name vSwitches of {vpc}, or leave vswitch_ids out to have one chosen in each zone of the service."
        ),
    )
}

fn of_other_vpc(case: &Case<'_>, outside: &[&VSwitchSeen]) -> Finding {
    let vpc = &case.wish.vpc;
    let vswitches: Vec<_> =
        outside.iter().map(|vswitch| format!("{} (in {})", vswitch.id, vswitch.vpc)).collect();
    finding(
        "vswitch-of-other-vpc",
        ABOUT,
        format!("vSwitches are not in {vpc}"),
        &format!(
            "These vSwitches belong to other VPCs: {}. All vSwitches of an endpoint have to be in its own VPC, {vpc}.",
            vswitches.join(", ")
        ),
        "Name vSwitches of that VPC, or set vpc_id to the VPC of the vSwitches.",
    )
}

fn zone_unsupported(case: &Case<'_>, offered: Offered<'_>, unsupported: &[&VSwitchSeen]) -> Finding {
    let zones: BTreeSet<_> = unsupported.iter().map(|vswitch| vswitch.zone.as_str()).collect();
    let zones = join(zones);
    let service = &case.service.name;
    let seen = case.survey.vpc.vswitches.seen().into_iter().flatten();
    let inside = seen.filter(|vswitch| vswitch.vpc == case.wish.vpc && offered.include(vswitch));
    let inside: Vec<_> = inside.collect();
    let instead = if inside.is_empty() {
        format!("Make a vSwitch in one of the zones {} in {}", offered.list(), case.wish.vpc)
    } else {
        format!("Use vSwitches in zones of the service; {} has {}", case.wish.vpc, placed(&inside))
    };
    finding(
        "zone-unsupported",
        ABOUT,
        format!("The endpoint service is not in {zones}"),
        &format!(
            "The endpoint service {service} is offered to this account in {}, but these vSwitches are elsewhere: {}. An \
             endpoint can have vSwitches in zones of its service only.",
            offered.list(),
            placed(unsupported)
        ),
        &format!(
            "{instead}. Clients in other zones of the VPC reach the endpoint, too. If the service ought to be in \
             {zones}, ask TiDB Cloud support."
        ),
    )
}

fn duplicate_zone(zone: &ZoneId, vswitches: &[&VSwitchSeen]) -> Finding {
    let all = join(vswitches.iter().map(|vswitch| vswitch.id.as_str()));
    finding(
        "duplicate-zone",
        ABOUT,
        format!("Two vSwitches of one endpoint are in {zone}"),
        &format!(
            "These vSwitches are all in zone {zone}: {all}. An endpoint has one network interface in each zone."
        ),
        &format!("Keep one of them, for example {}.", vswitches[0].id),
    )
}

fn none_usable(case: &Case<'_>, offered: Offered<'_>, inside: &[&VSwitchSeen]) -> Finding {
    let vpc = &case.wish.vpc;
    let found = if inside.is_empty() {
        format!("{vpc} has no vSwitches.")
    } else {
        format!("{vpc} has no vSwitch in a zone of the service; it has {}.", placed(inside))
    };
    finding(
        "no-usable-vswitch",
        // The same run may make vSwitches there.
        (Concern::Subnets, Standing::MayChange),
        format!("No vSwitch of {vpc} can be used"),
        &format!(
            "{found} The endpoint service {} is offered to this account in {}; without a vSwitch there an endpoint serves \
             nothing.",
            case.service.name,
            offered.list()
        ),
        "Make a vSwitch in one of these zones and name it in vswitch_ids, in HCL: \
         vswitch_ids = [alicloud_vswitch.NAME.id]. If the service ought to be in the zones of the VPC, ask TiDB Cloud support.",
    )
}

fn none_named() -> Finding {
    finding(
        "no-usable-vswitch",
        ABOUT,
        "vswitch_ids is empty".to_owned(),
        "An endpoint without vSwitches has no network interface and serves nothing.",
        "Name vSwitches, or leave vswitch_ids out to have one chosen in each zone of the service.",
    )
}

fn cannot_choose() -> Finding {
    finding(
        "no-usable-vswitch",
        (Concern::Subnets, Standing::MayChange),
        "No vSwitches can be chosen".to_owned(),
        "vswitch_ids is not set, and the credentials may not list the VPC's vSwitches (vpc:DescribeVSwitches is denied), so \
         none can be chosen.",
        "Set vswitch_ids, or allow vpc:DescribeVSwitches.",
    )
}
