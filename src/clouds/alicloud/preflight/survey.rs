//! What one look at a VPC and a service saw, as plain data.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::RangeInclusive;

use crate::ids::{Region, SecurityGroupId, ServiceName, SubnetId, VpcId, ZoneId};

/// Something that was looked at, unless that was not possible.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Look<T> {
    /// It was seen.
    Seen(T),
    /// A RAM policy does not allow to look.
    Denied,
    /// The account has not activated PrivateLink, which then shows nothing.
    Closed,
}

impl<T> Look<T> {
    /// What was seen.
    pub fn seen(&self) -> Option<&T> {
        match self {
            Self::Seen(seen) => Some(seen),
            Self::Denied | Self::Closed => None,
        }
    }
}

/// Everything that [`evaluate()`](super::evaluate()) judges by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Survey {
    /// The service's region, where all of this was looked for.
    pub region: Region,
    /// The VPC, together with those vSwitches of the wish that are not in it.
    pub vpc: VpcView,
    /// The security groups of the wish.
    pub groups: BTreeMap<SecurityGroupId, GroupView>,
    /// The service.
    pub service: ServiceView,
}

/// A VPC and what is in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VpcView {
    /// Whether there is such a VPC.
    pub exists: Look<bool>,
    /// Its vSwitches.
    pub vswitches: Look<Vec<VSwitchSeen>>,
    /// Its endpoints of every kind.
    pub endpoints: Look<Vec<EndpointSeen>>,
}

/// A vSwitch: a subnet in one zone.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct VSwitchSeen {
    /// Its id.
    pub id: SubnetId,
    /// The VPC it is in.
    pub vpc: VpcId,
    /// Its zone; zone ids are the same for every account.
    pub zone: ZoneId,
}

/// An endpoint that exists in the VPC.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EndpointSeen {
    /// The service it leads to.
    pub service: ServiceName,
    /// Whether it bears the mark of this provider.
    pub ours: bool,
}

/// A security group as it was found; `None` when there is none of that id.
pub type GroupView = Look<Option<GroupSeen>>;

/// A security group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GroupSeen {
    /// The VPC it is in.
    pub vpc: VpcId,
    /// What it lets in.
    pub ingress: Vec<IngressRule>,
}

/// A rule of a group that lets something in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IngressRule {
    /// TCP ports; `None` when the rule is for another protocol.
    pub tcp_ports: Option<RangeInclusive<u16>>,
}

/// The service as this account sees it; `None` when the account sees no such service.
pub type ServiceView = Look<Option<OfferedService>>;

/// An endpoint service.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OfferedService {
    /// Zones it is offered in.
    pub zones: BTreeSet<ZoneId>,
    /// Whether it accepts endpoints by itself; `None` when it does not say.
    pub accepts_by_itself: Option<bool>,
}
