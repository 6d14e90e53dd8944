//! What one look at a VPC and a service saw, as plain data.

use std::collections::BTreeSet;
use std::ops::RangeInclusive;

use crate::clouds::CloudState;
use crate::ids::{EndpointId, Region, SecurityGroupId, ServiceName, SubnetId, VpcId, ZoneId};

/// Something that was looked at, unless the credentials may not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Look<T> {
    /// It was seen.
    Seen(T),
    /// An IAM policy does not allow to look.
    Denied,
}

impl<T> Look<T> {
    /// What was seen.
    pub fn seen(&self) -> Option<&T> {
        match self {
            Self::Seen(seen) => Some(seen),
            Self::Denied => None,
        }
    }
}

/// Everything that [`evaluate()`](super::evaluate()) judges by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Survey {
    /// The service's region, where all of this was looked for.
    pub region: Region,
    /// The VPC, together with those subnets and groups of the wish that are not in it.
    pub vpc: VpcView,
    /// The service.
    pub service: ServiceView,
}

/// A VPC and what is in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VpcView {
    /// Its DNS attributes; `None` when there is no such VPC.
    pub dns: Look<Option<VpcDns>>,
    /// Its subnets.
    pub subnets: Look<Vec<SubnetSeen>>,
    /// Its security groups.
    pub groups: Look<Vec<GroupSeen>>,
    /// Its endpoints of every kind.
    pub endpoints: Look<Vec<EndpointSeen>>,
}

/// The two attributes of a VPC that private DNS needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct VpcDns {
    /// `enableDnsSupport`: the VPC has a resolver.
    pub support: bool,
    /// `enableDnsHostnames`.
    pub hostnames: bool,
}

/// A subnet.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct SubnetSeen {
    /// Its id.
    pub id: SubnetId,
    /// The VPC it is in.
    pub vpc: VpcId,
    /// The zone, by the id that is the same for every account.
    pub zone: ZoneId,
    /// The zone, by the name that this account has for it.
    pub zone_name: String,
}

/// A security group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GroupSeen {
    /// Its id.
    pub id: SecurityGroupId,
    /// The VPC it is in.
    pub vpc: VpcId,
    /// Whether it is the VPC's default group, which an endpoint without groups gets.
    pub default: bool,
    /// What it lets in.
    pub ingress: Vec<IngressRule>,
}

/// What one ingress permission of a group lets in over TCP.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IngressRule {
    /// TCP ports; `None` when the rule is for another protocol.
    pub tcp_ports: Option<RangeInclusive<u16>>,
    /// From where.
    pub sources: Vec<TrafficSource>,
}

/// Where a rule lets traffic in from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TrafficSource {
    /// An IPv4 or IPv6 block.
    Cidr(String),
    /// A managed prefix list.
    PrefixList(String),
    /// The members of a security group.
    Group(String),
}

/// An endpoint that exists in the VPC.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EndpointSeen {
    /// Its id.
    pub id: EndpointId,
    /// The service it leads to.
    pub service: ServiceName,
    /// Where it is in its life.
    pub state: CloudState,
    /// Whether it counts against the quota of interface endpoints.
    pub counted: bool,
    /// Whether its private DNS names resolve to it in the VPC.
    pub private_dns: bool,
    /// Every DNS name that leads to it, private ones included.
    pub dns_names: Vec<String>,
    /// Whether it bears the mark of this provider.
    pub ours: bool,
    /// Its subnets.
    pub subnets: BTreeSet<SubnetId>,
    /// Its security groups.
    pub groups: BTreeSet<SecurityGroupId>,
}

/// The service as this account sees it; `None` when the account sees no such service.
pub type ServiceView = Look<Option<OfferedService>>;

/// An endpoint service.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OfferedService {
    /// Zones that the service and this account have in common, by id.
    pub zones: BTreeSet<ZoneId>,
    /// The same by this account's names, for answers that lack the ids.
    pub zone_names: BTreeSet<String>,
    /// Whether the owner accepts each endpoint one by one.
    pub acceptance_required: bool,
    /// The names that private DNS would make resolve to an endpoint.
    pub private_dns_names: BTreeSet<String>,
    /// False when EC2 says that the owner has not proved to own those names.
    pub private_dns_verified: bool,
}
