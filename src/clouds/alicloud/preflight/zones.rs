//! Where the service is offered. Zone ids are the same for every account of Alibaba Cloud, so they can be compared.

use std::collections::BTreeSet;

use super::survey::{Survey, VSwitchSeen};
use crate::clouds::ServiceFacts;
use crate::clouds::findings::join;
use crate::ids::ZoneId;

/// The zones in which an endpoint of the service may have vSwitches; `None` when nobody says.
#[derive(Clone, Copy, Debug)]
pub(super) struct Offered<'a>(Option<&'a BTreeSet<ZoneId>>);

impl<'a> Offered<'a> {
    /// What PrivateLink shows this account counts before what TiDB Cloud says.
    pub(super) fn new(survey: &'a Survey, service: &'a ServiceFacts) -> Self {
        let seen = survey.service.seen().and_then(Option::as_ref).map(|seen| &seen.zones);
        let told = Some(&service.zones);
        Self(seen.filter(|zones| !zones.is_empty()).or(told.filter(|zones| !zones.is_empty())))
    }

    /// Whether the service is in the vSwitch's zone, as far as anybody says.
    pub(super) fn include(self, vswitch: &VSwitchSeen) -> bool {
        self.0.is_none_or(|zones| zones.contains(&vswitch.zone))
    }

    /// The zones, for people.
    pub(super) fn list(self) -> String {
        match self.0 {
            Some(zones) => join(zones.iter().map(ZoneId::as_str)),
            None => "zones that are not known".to_owned(),
        }
    }
}
