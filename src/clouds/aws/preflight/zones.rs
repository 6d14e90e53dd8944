//! Where the service is offered. AWS accounts name zones differently, so ids are compared; names only where EC2's
//! answer has nothing else, and then against this account's own names.

use std::collections::BTreeSet;

use super::survey::{SubnetSeen, Survey};
use crate::clouds::ServiceFacts;
use crate::clouds::findings::join;
use crate::ids::ZoneId;

/// The zones in which an endpoint of the service may have subnets.
#[derive(Clone, Copy, Debug)]
pub(super) enum Offered<'a> {
    Ids(&'a BTreeSet<ZoneId>),
    /// Names of this account.
    Names(&'a BTreeSet<String>),
    /// Nobody says.
    Unknown,
}

impl<'a> Offered<'a> {
    /// What EC2 shows this account counts before what TiDB Cloud says: EC2 lists the zones that both have.
    pub(super) fn new(survey: &'a Survey, service: &'a ServiceFacts) -> Self {
        let seen = survey.service.seen().and_then(Option::as_ref);
        match seen {
            Some(seen) if !seen.zones.is_empty() => Self::Ids(&seen.zones),
            Some(seen) if !seen.zone_names.is_empty() => Self::Names(&seen.zone_names),
            _ if !service.zones.is_empty() => Self::Ids(&service.zones),
            _ => Self::Unknown,
        }
    }

    /// Whether the service is in the subnet's zone, as far as anybody says.
    pub(super) fn include(self, subnet: &SubnetSeen) -> bool {
        match self {
            Self::Ids(zones) => zones.contains(&subnet.zone),
            Self::Names(names) => names.contains(&subnet.zone_name),
            Self::Unknown => true,
        }
    }

    /// The zones, for people.
    pub(super) fn list(self) -> String {
        match self {
            Self::Ids(zones) => join(zones.iter().map(ZoneId::as_str)),
            Self::Names(names) => join(names.iter().map(String::as_str)),
            Self::Unknown => "zones that are not known".to_owned(),
        }
    }
}
