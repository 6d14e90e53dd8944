//! Do the subnets fit the VPC and the service, and which are taken when the user names none? Every cloud asks that in words
//! of its own.

use std::collections::{BTreeMap, BTreeSet};

use super::findings::{finding, join};
use super::{Concern, Finding, ServiceFacts, Standing, Wish};
use crate::codes::Code;
use crate::ids::{Region, SubnetId, VpcId, ZoneId};

/// What a cloud calls its subnets, and the codes of findings about them.
#[derive(Debug)]
pub(super) struct Words {
    /// One of them.
    pub(super) one: &'static str,
    /// Several.
    pub(super) many: &'static str,
    /// Several, where a sentence begins.
    pub(super) title: &'static str,
    /// The attribute that names them.
    pub(super) attribute: &'static str,
    /// Terraform's resource for one.
    pub(super) resource: &'static str,
    /// Who shows them.
    pub(super) shower: &'static str,
    /// The permission to list them.
    pub(super) permission: &'static str,
    /// What else there is to say where zones are compared.
    pub(super) about_zones: &'static str,
    pub(super) not_found: Code,
    pub(super) of_other_vpc: Code,
    pub(super) none_usable: Code,
}

/// A subnet that was seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Candidate<'a> {
    pub(super) id: &'a SubnetId,
    pub(super) vpc: &'a VpcId,
    pub(super) zone: &'a ZoneId,
    /// Whether the service is in its zone, as far as anybody says.
    pub(super) served: bool,
}

/// What is asked.
#[derive(Debug)]
pub(super) struct Case<'a> {
    pub(super) words: &'a Words,
    pub(super) region: &'a Region,
    pub(super) service: &'a ServiceFacts,
    pub(super) wish: &'a Wish,
    /// The zones of the service, for people.
    pub(super) zones: String,
    /// Those of the VPC, and those of the named ones that are elsewhere; `None` when nobody may look.
    pub(super) seen: Option<Vec<Candidate<'a>>>,
}

/// The subnets that an endpoint would get.
#[derive(Debug, Default)]
pub(super) struct Selection {
    pub(super) subnets: BTreeSet<SubnetId>,
    /// Which were chosen here and why; `None` when the user named them.
    pub(super) choice: Option<String>,
    /// Not found, of another VPC, `zone-unsupported`, `duplicate-zone`, none usable.
    pub(super) findings: Vec<Finding>,
}

const ABOUT: (Concern, Standing) = (Concern::Subnets, Standing::Impossible);

impl Case<'_> {
    /// Judges the subnets of the wish, or chooses some.
    pub(super) fn select(&self) -> Selection {
        match (&self.wish.subnets, &self.seen) {
            (Some(named), Some(seen)) if !named.is_empty() => {
                Selection { findings: self.judge(named, seen), subnets: named.clone(), choice: None }
            }
            (Some(named), None) if !named.is_empty() => {
                Selection { subnets: named.clone(), ..Selection::default() }
            }
            (Some(_), _) => Selection { findings: vec![self.none_named()], ..Selection::default() },
            (None, Some(seen)) => self.choose(seen),
            (None, None) => Selection { findings: vec![self.cannot_choose()], ..Selection::default() },
        }
    }

    fn judge(&self, named: &BTreeSet<SubnetId>, seen: &[Candidate<'_>]) -> Vec<Finding> {
        let seen: BTreeMap<_, _> = seen.iter().map(|subnet| (subnet.id, *subnet)).collect();
        let missing: Vec<_> = named.iter().filter(|subnet| !seen.contains_key(subnet)).collect();
        let found = named.iter().filter_map(|subnet| seen.get(subnet).copied());
        let (inside, outside): (Vec<_>, Vec<_>) = found.partition(|subnet| *subnet.vpc == self.wish.vpc);
        let unserved: Vec<_> = inside.iter().copied().filter(|subnet| !subnet.served).collect();

        let mut findings = Vec::new();
        if !missing.is_empty() {
            findings.push(self.not_found(&missing));
        }
        if !outside.is_empty() {
            findings.push(self.of_other_vpc(&outside));
        }
        if !unserved.is_empty() {
            findings.push(self.zone_unsupported(&unserved));
        }
        let crowded = by_zone(&inside).into_iter().filter(|(_, subnets)| subnets.len() > 1);
        findings.extend(crowded.map(|(zone, subnets)| self.duplicate_zone(zone, &subnets)));
        findings
    }

    /// One served subnet per zone, the one with the lowest id: the same every time.
    fn choose(&self, seen: &[Candidate<'_>]) -> Selection {
        let Words { many, attribute, .. } = self.words;
        let inside: Vec<_> = seen.iter().copied().filter(|subnet| *subnet.vpc == self.wish.vpc).collect();
        let (usable, unusable): (Vec<_>, Vec<_>) = inside.iter().copied().partition(|subnet| subnet.served);
        let zones = by_zone(&usable);
        let chosen: Vec<_> = zones.values().map(|subnets| subnets[0]).collect();
        if chosen.is_empty() {
            return Selection { findings: vec![self.none_usable(&inside)], ..Selection::default() };
        }
        let spare = zones.values().flat_map(|subnets| {
            let taken = subnets[0].id;
            subnets[1..].iter().map(move |subnet| format!("{} ({} has {taken})", subnet.id, subnet.zone))
        });
        let unusable =
            unusable.iter().map(|subnet| format!("{} (the service is not in {})", subnet.id, subnet.zone));
        let left_out: Vec<_> = spare.chain(unusable).collect();
        let mut choice = format!(
            "{attribute} is not set. Of the {many} of {} one is taken in each zone of the service: {}.",
            self.wish.vpc,
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

    fn not_found(&self, missing: &[&SubnetId]) -> Finding {
        let Words { many, title, attribute, shower, not_found, .. } = self.words;
        let subnets = join(missing.iter().map(|subnet| subnet.as_str()));
        let (region, vpc) = (self.region, &self.wish.vpc);
        finding(
            *not_found,
            ABOUT,
            format!("{title} not found in {region}"),
            &format!("{shower} shows no {subnets} in {region} with these credentials."),
            &format!(
                "Name {many} of {vpc}, or leave {attribute} out to have one chosen in each zone of the service."
            ),
        )
    }

    fn of_other_vpc(&self, outside: &[Candidate<'_>]) -> Finding {
        let Words { many, title, of_other_vpc, .. } = self.words;
        let vpc = &self.wish.vpc;
        let subnets: Vec<_> =
            outside.iter().map(|subnet| format!("{} (in {})", subnet.id, subnet.vpc)).collect();
        finding(
            *of_other_vpc,
            ABOUT,
            format!("{title} are not in {vpc}"),
            &format!(
                "These {many} belong to other VPCs: {}. All {many} of an endpoint have to be in its own VPC, {vpc}.",
                subnets.join(", ")
            ),
            &format!("Name {many} of that VPC, or set vpc_id to the VPC of the {many}."),
        )
    }

    fn zone_unsupported(&self, unserved: &[Candidate<'_>]) -> Finding {
        let Words { one, many, about_zones, .. } = self.words;
        let (vpc, service, offered) = (&self.wish.vpc, &self.service.name, &self.zones);
        let zones: BTreeSet<_> = unserved.iter().map(|subnet| subnet.zone.as_str()).collect();
        let zones = join(zones);
        let seen = self.seen.iter().flatten().copied();
        let served: Vec<_> = seen.filter(|subnet| subnet.vpc == vpc && subnet.served).collect();
        let instead = if served.is_empty() {
            format!("Make a {one} in one of the zones {offered} in {vpc}")
        } else {
            format!("Use {many} in zones of the service; {vpc} has {}", placed(&served))
        };
        finding(
            Code::ZoneUnsupported,
            ABOUT,
            format!("The endpoint service is not in {zones}"),
            &format!(
                "The endpoint service {service} is offered to this account in {offered}, but these {many} are elsewhere: \
                 {}. An endpoint can have {many} in zones of its service only.{about_zones}",
                placed(unserved)
            ),
            &format!(
                "{instead}. Clients in other zones of the VPC reach the endpoint, too. If the service ought to be in \
                 {zones}, ask TiDB Cloud support."
            ),
        )
    }

    fn duplicate_zone(&self, zone: &ZoneId, subnets: &[Candidate<'_>]) -> Finding {
        let many = self.words.many;
        let all = join(subnets.iter().map(|subnet| subnet.id.as_str()));
        finding(
            Code::DuplicateZone,
            ABOUT,
            format!("Two {many} of one endpoint are in {zone}"),
            &format!(
                "These {many} are all in zone {zone}: {all}. An endpoint has one network interface in each zone."
            ),
            &format!("Keep one of them, for example {}.", subnets[0].id),
        )
    }

    fn none_usable(&self, inside: &[Candidate<'_>]) -> Finding {
        let Words { one, many, attribute, resource, none_usable, .. } = self.words;
        let vpc = &self.wish.vpc;
        let found = if inside.is_empty() {
            format!("{vpc} has no {many}.")
        } else {
            format!("{vpc} has no {one} in a zone of the service; it has {}.", placed(inside))
        };
        finding(
            *none_usable,
            // The same run may make subnets there.
            (Concern::Subnets, Standing::MayChange),
            format!("No {one} of {vpc} can be used"),
            &format!(
                "{found} The endpoint service {} is offered to this account in {}; without a {one} there an endpoint \
                 serves nothing.",
                self.service.name, self.zones
            ),
            &format!(
                "Make a {one} in one of these zones and name it in {attribute}, in HCL: {attribute} = \
                 [{resource}.NAME.id]. If the service ought to be in the zones of the VPC, ask TiDB Cloud support."
            ),
        )
    }

    fn none_named(&self) -> Finding {
        let Words { many, attribute, none_usable, .. } = self.words;
        finding(
            *none_usable,
            ABOUT,
            format!("{attribute} is empty"),
            &format!("An endpoint without {many} has no network interface and serves nothing."),
            &format!("Name {many}, or leave {attribute} out to have one chosen in each zone of the service."),
        )
    }

    fn cannot_choose(&self) -> Finding {
        let Words { many, attribute, permission, none_usable, .. } = self.words;
        finding(
            *none_usable,
            (Concern::Subnets, Standing::MayChange),
            format!("No {many} can be chosen"),
            &format!(
                "{attribute} is not set, and the credentials may not list the VPC's {many} ({permission} is denied), so \
                 none can be chosen."
            ),
            &format!("Set {attribute}, or allow {permission}."),
        )
    }
}

/// The subnets of each zone, lowest id first.
fn by_zone<'a>(subnets: &[Candidate<'a>]) -> BTreeMap<&'a ZoneId, Vec<Candidate<'a>>> {
    let mut zones: BTreeMap<_, Vec<_>> = BTreeMap::new();
    for subnet in subnets {
        zones.entry(subnet.zone).or_default().push(*subnet);
    }
    for subnets in zones.values_mut() {
        subnets.sort();
    }
    zones
}

/// "subnet-1 (usw2-az1), subnet-2 (usw2-az2)".
fn placed(subnets: &[Candidate<'_>]) -> String {
    let placed: Vec<_> = subnets.iter().map(|subnet| format!("{} ({})", subnet.id, subnet.zone)).collect();
    placed.join(", ")
}
