//! The endpoint of the VPC that a cluster behind a shared service would come in on, and what then has to be said.

use std::collections::BTreeSet;

use super::evaluate::Case;
use super::survey::EndpointSeen;
use crate::clouds::findings::{finding, join};
use crate::clouds::{Concern, Finding, Standing};
use crate::codes::Code;
use crate::ids::SubnetId;

/// The endpoint that would be shared; `None` when one would be made.
pub(super) fn host<'a>(case: &Case<'a>) -> Option<&'a EndpointSeen> {
    if !case.service.is_shared_by(case.wish) {
        return None;
    }
    let seen = case.survey.vpc.endpoints.seen().into_iter().flatten();
    seen.filter(|endpoint| {
        endpoint.service == case.service.name && endpoint.private_dns && endpoint.state.is_alive()
    })
    .min_by_key(|endpoint| (!endpoint.ours, &endpoint.id))
}

/// `shared-zone-taken` for an endpoint of ours, `shared-foreign` for somebody else's.
pub(super) fn findings(case: &Case<'_>, host: &EndpointSeen) -> Vec<Finding> {
    if host.ours { zones_taken(case, host) } else { vec![foreign(case, host)] }
}

/// Subnets of the wish in zones where the endpoint has another subnet, which others may need.
fn zones_taken(case: &Case<'_>, host: &EndpointSeen) -> Vec<Finding> {
    let seen: Vec<_> = case.survey.vpc.subnets.seen().into_iter().flatten().collect();
    let zone_of = |id: &SubnetId| seen.iter().find(|subnet| subnet.id == *id).map(|subnet| &subnet.zone);
    let wished = case.wish.subnets.iter().flatten().filter(|id| !host.subnets.contains(id));
    let taken = wished.filter_map(|id| {
        let zone = zone_of(id)?;
        let there = host.subnets.iter().find(|there| zone_of(there) == Some(zone))?;
        Some((id, zone, there))
    });
    taken
        .map(|(id, zone, there)| {
            finding(
                Code::SharedZoneTaken,
                (Concern::Subnets, Standing::MayChange),
                format!("The shared endpoint has another subnet in {zone}"),
                &format!(
                    "{} serves every Starter and Essential cluster from {}, and in zone {zone} it already is in {there}. An \
                     endpoint has one subnet in each zone, and what others may need is not taken away for {id}.",
                    host.id, case.wish.vpc
                ),
                &format!("Name {there} instead of {id}, or leave subnet_ids out to take the endpoint as it is."),
            )
        })
        .collect()
}

fn foreign(case: &Case<'_>, host: &EndpointSeen) -> Finding {
    let lacks = |what: &str, wished: BTreeSet<&str>, there: BTreeSet<&str>| {
        let missing: Vec<_> = wished.difference(&there).copied().collect();
        (!missing.is_empty()).then(|| format!("{what} {}", join(missing)))
    };
    let differences: Vec<_> = [
        lacks(
            "subnets",
            case.wish.subnets.iter().flatten().map(|id| id.as_str()).collect(),
            host.subnets.iter().map(|id| id.as_str()).collect(),
        ),
        lacks(
            "security groups",
            case.wish.security_groups.iter().flatten().map(|id| id.as_str()).collect(),
            host.groups.iter().map(|id| id.as_str()).collect(),
        ),
    ]
    .into_iter()
    .flatten()
    .collect();
    let differs = if differences.is_empty() {
        "It has everything that is configured here.".to_owned()
    } else {
        format!("It lacks what is configured here: {}.", differences.join("; "))
    };
    finding(
        Code::SharedForeign,
        (Concern::Vpc, Standing::Advice),
        format!("{} is used as it is", host.id),
        &format!(
            "{} already serves every Starter and Essential cluster of this region from {}, and a second endpoint for the \
             same service is not possible there. This provider did not make it, so it is used, but never changed and never \
             deleted. {differs}",
            host.id, case.wish.vpc
        ),
        "To have this provider look after it, import it. To have another one made, delete it where it is managed.",
    )
}
