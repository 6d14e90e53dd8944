//! AWS's things: keys, networks, endpoint services and the endpoints made from them, in one account. Names and states
//! are those of the EC2 Query API 2016-11-15; data and look-ups only, the rules are in the sibling modules.

pub(super) mod endpoints;
pub(super) mod error;
pub(super) mod network;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::clock::Timestamp;
use crate::world::policy::Policy;

/// Tags by key.
pub type Tags = BTreeMap<String, String>;

/// Everything AWS knows, in one account.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Aws {
    /// Twelve digits.
    pub account_id: String,
    /// Long-lived keys.
    pub access_keys: Vec<AccessKey>,
    /// Roles that AssumeRole can give.
    pub roles: Vec<Role>,
    /// Temporary keys given by AssumeRole.
    pub sessions: Vec<RoleSession>,
    /// Regions and how this account names their zones.
    pub regions: Vec<Region>,
    /// Endpoint services that this account may use.
    pub services: Vec<EndpointService>,
    /// Networks.
    pub vpcs: Vec<Vpc>,
    /// Their subnets.
    pub subnets: Vec<Subnet>,
    /// Their security groups.
    pub security_groups: Vec<SecurityGroup>,
    /// Managed prefix lists.
    pub prefix_lists: Vec<PrefixList>,
    /// Endpoints.
    pub endpoints: Vec<VpcEndpoint>,
    /// Their network interfaces.
    pub network_interfaces: Vec<NetworkInterface>,
    /// Client tokens that CreateVpcEndpoint has seen.
    pub client_tokens: Vec<ClientToken>,
}

impl Aws {
    /// The region with this code.
    pub fn region(&self, name: &str) -> Option<&Region> {
        self.regions.iter().find(|region| region.name == name)
    }

    /// The endpoint service with this name in this region.
    pub fn service(&self, region: &str, service_name: &str) -> Option<&EndpointService> {
        self.services.iter().find(|service| service.region == region && service.service_name == service_name)
    }

    /// That service as this account sees it: not at all when it is hidden.
    pub(crate) fn offered(&self, region: &str, service_name: &str) -> Option<&EndpointService> {
        self.service(region, service_name).filter(|service| !service.hidden)
    }

    /// The network with this id in this region.
    pub fn vpc(&self, region: &str, vpc_id: &str) -> Option<&Vpc> {
        self.vpcs.iter().find(|vpc| vpc.region == region && vpc.vpc_id == vpc_id)
    }

    /// The subnet with this id in this region.
    pub fn subnet(&self, region: &str, subnet_id: &str) -> Option<&Subnet> {
        self.subnets.iter().find(|subnet| subnet.region == region && subnet.subnet_id == subnet_id)
    }

    /// The security group with this id in this region.
    pub fn security_group(&self, region: &str, group_id: &str) -> Option<&SecurityGroup> {
        self.security_groups.iter().find(|group| group.region == region && group.group_id == group_id)
    }

    /// The endpoint with this id, in any region.
    pub fn endpoint(&self, endpoint_id: &str) -> Option<&VpcEndpoint> {
        self.endpoints.iter().find(|endpoint| endpoint.endpoint_id == endpoint_id)
    }

    /// The endpoint with this id, in any region, to change.
    pub fn endpoint_mut(&mut self, endpoint_id: &str) -> Option<&mut VpcEndpoint> {
        self.endpoints.iter_mut().find(|endpoint| endpoint.endpoint_id == endpoint_id)
    }

    /// The account's name for a zone id.
    pub(crate) fn zone_name(&self, zone_id: &str) -> Option<&str> {
        self.regions
            .iter()
            .flat_map(|region| &region.zones)
            .find(|zone| zone.id == zone_id)
            .map(|zone| zone.name.as_str())
    }
}

/// A user's access key.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AccessKey {
    /// `AKIA…`.
    pub access_key_id: String,
    /// Secret half.
    pub secret_access_key: String,
    /// Whose it is.
    pub user_arn: String,
    /// Actions refused to it with UnauthorizedOperation, e.g. `CreateVpcEndpoint`.
    #[serde(default)]
    pub denied: Vec<String>,
    /// All that it may do, when it may not do everything.
    #[serde(default)]
    pub policy: Option<Policy>,
}

/// A role.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Role {
    /// `arn:aws:iam::ACCOUNT:role/NAME`.
    pub arn: String,
    /// Required of whoever assumes it, when set.
    #[serde(default)]
    pub external_id: Option<String>,
    /// Actions refused to its sessions.
    #[serde(default)]
    pub denied: Vec<String>,
    /// All that its sessions may do, when they may not do everything.
    #[serde(default)]
    pub policy: Option<Policy>,
}

/// Temporary credentials.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RoleSession {
    /// `ASIA…`.
    pub access_key_id: String,
    /// Secret half.
    pub secret_access_key: String,
    /// Must come with every request.
    pub session_token: String,
    /// The role.
    pub role_arn: String,
    /// The name the caller chose.
    pub session_name: String,
    /// After this, by the real clock, the key is refused.
    pub expires: Timestamp,
}

/// A region as this account sees it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Region {
    /// E.g. `us-west-2`.
    pub name: String,
    /// Whether the account has it switched on.
    #[serde(default = "opted_in")]
    pub opted_in: bool,
    /// Its zones. Names are per account: `us-west-2a` need not be `usw2-az1`.
    pub zones: Vec<Zone>,
}

fn opted_in() -> bool {
    true
}

/// An availability zone.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Zone {
    /// This account's name for it.
    pub name: String,
    /// The same for every account.
    pub id: String,
}

/// Whether an owner has proved a private DNS name (`PrivateDnsNameVerificationState`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum VerificationState {
    /// Not yet.
    PendingVerification,
    /// Usable.
    #[default]
    Verified,
    /// Given up on.
    Failed,
}

impl VerificationState {
    /// The wire's word.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::PendingVerification => "pendingVerification",
            Self::Verified => "verified",
            Self::Failed => "failed",
        }
    }
}

/// An endpoint service.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EndpointService {
    /// `com.amazonaws.vpce.REGION.vpce-svc-…`.
    pub service_name: String,
    /// Region.
    pub region: String,
    /// The account that offers it.
    pub owner_id: String,
    /// Zones it is offered in.
    pub zone_ids: Vec<String>,
    /// Whether the owner accepts each endpoint.
    pub acceptance_required: bool,
    /// The name its endpoints may answer to.
    #[serde(default)]
    pub private_dns_name: Option<String>,
    /// Whether that name is proved.
    #[serde(default)]
    pub private_dns_verification: VerificationState,
    /// Whether this account may not see it, as long as it has not been allowed to.
    #[serde(default)]
    pub hidden: bool,
}

impl EndpointService {
    /// `vpce-svc-…`.
    pub(crate) fn service_id(&self) -> &str {
        self.service_name.rsplit('.').next().unwrap_or(&self.service_name)
    }
}

/// A network.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Vpc {
    /// `vpc-…`.
    pub vpc_id: String,
    /// Region.
    pub region: String,
    /// IPv4 range.
    pub cidr_block: String,
    /// Attribute enableDnsSupport.
    pub dns_support: bool,
    /// Attribute enableDnsHostnames.
    pub dns_hostnames: bool,
    /// Names of private hosted zones tied to it by hand.
    #[serde(default)]
    pub private_zones: Vec<String>,
    /// Names of deleted endpoints that are still taken.
    #[serde(default)]
    pub lingering_names: Vec<LingeringName>,
    /// Tags.
    #[serde(default)]
    pub tags: Tags,
}

/// A private DNS name that outlives its endpoint.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LingeringName {
    /// The name.
    pub name: String,
    /// When it is free again.
    pub until: Timestamp,
}

/// A subnet.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Subnet {
    /// `subnet-…`.
    pub subnet_id: String,
    /// Region.
    pub region: String,
    /// Its network.
    pub vpc_id: String,
    /// Its zone.
    pub zone_id: String,
    /// IPv4 range.
    pub cidr_block: String,
    /// Addresses left.
    #[serde(default = "some_addresses")]
    pub free_addresses: u32,
    /// Tags.
    #[serde(default)]
    pub tags: Tags,
}

fn some_addresses() -> u32 {
    251
}

/// A security group.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SecurityGroup {
    /// `sg-…`.
    pub group_id: String,
    /// Region.
    pub region: String,
    /// Its network.
    pub vpc_id: String,
    /// `default` for the network's own.
    pub name: String,
    /// What it is for.
    pub description: String,
    /// Its rules.
    #[serde(default)]
    pub rules: Vec<SecurityGroupRule>,
    /// Tags.
    #[serde(default)]
    pub tags: Tags,
}

/// A rule of a security group; exactly one of the four peers is set.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct SecurityGroupRule {
    /// `sgr-…`.
    pub rule_id: String,
    /// Outbound instead of inbound.
    pub egress: bool,
    /// `tcp`, `udp`, `icmp`, or `-1` for all.
    pub protocol: String,
    /// First port; none for protocol `-1`.
    pub from_port: Option<i32>,
    /// Last port; none for protocol `-1`.
    pub to_port: Option<i32>,
    /// Peer: an IPv4 range.
    pub cidr_ipv4: Option<String>,
    /// Peer: an IPv6 range.
    pub cidr_ipv6: Option<String>,
    /// Peer: a prefix list.
    pub prefix_list_id: Option<String>,
    /// Peer: members of a security group.
    pub group_id: Option<String>,
}

/// A managed prefix list.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PrefixList {
    /// `pl-…`.
    pub prefix_list_id: String,
    /// Its name.
    pub name: String,
    /// Region.
    pub region: String,
    /// Its ranges.
    pub cidrs: Vec<String>,
}

/// Endpoint states as EC2 writes them, first letter small.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum EndpointState {
    /// Waits for the service's owner.
    PendingAcceptance,
    /// Being made or changed.
    Pending,
    /// Usable.
    Available,
    /// On its way out.
    Deleting,
    /// Gone, and still shown for a while.
    Deleted,
    /// Refused by the service's owner.
    Rejected,
    /// Given up on.
    Failed,
    /// Waited too long for the owner.
    Expired,
}

impl EndpointState {
    /// The wire's word.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::PendingAcceptance => "pendingAcceptance",
            Self::Pending => "pending",
            Self::Available => "available",
            Self::Deleting => "deleting",
            Self::Deleted => "deleted",
            Self::Rejected => "rejected",
            Self::Failed => "failed",
            Self::Expired => "expired",
        }
    }

    /// Whether it still holds its private DNS name and counts against the quota.
    pub(crate) fn is_live(self) -> bool {
        !matches!(self, Self::Deleted | Self::Failed | Self::Expired)
    }
}

/// Why an endpoint failed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LastError {
    /// EC2's code.
    pub code: String,
    /// EC2's words.
    pub message: String,
}

/// A name that an endpoint answers to.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DnsEntry {
    /// The name.
    pub dns_name: String,
    /// The zone it is in.
    pub hosted_zone_id: String,
}

/// An interface endpoint.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct VpcEndpoint {
    /// `vpce-…`.
    pub endpoint_id: String,
    /// Region.
    pub region: String,
    /// Its network.
    pub vpc_id: String,
    /// The service it leads to.
    pub service_name: String,
    /// Its state.
    pub state: EndpointState,
    /// Whether the service's owner has accepted it, or need not.
    pub accepted: bool,
    /// Whether `pending` comes from a modification.
    #[serde(default)]
    pub modifying: bool,
    /// Its subnets, at most one in each zone.
    #[serde(default)]
    pub subnet_ids: Vec<String>,
    /// Its security groups.
    #[serde(default)]
    pub security_group_ids: Vec<String>,
    /// Whether the service's private name leads to it in its network.
    pub private_dns_enabled: bool,
    /// Its network interfaces, one for each subnet.
    #[serde(default)]
    pub network_interface_ids: Vec<String>,
    /// Its own names; the private name is added while it is on.
    #[serde(default)]
    pub dns_entries: Vec<DnsEntry>,
    /// Tags.
    #[serde(default)]
    pub tags: Tags,
    /// When it was made.
    pub created: Timestamp,
    /// Why it failed.
    #[serde(default)]
    pub last_error: Option<LastError>,
    /// When `pending`, `deleting` or `deleted` ends.
    #[serde(default)]
    pub due: Option<Timestamp>,
}

/// A network interface of an endpoint.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NetworkInterface {
    /// `eni-…`.
    pub network_interface_id: String,
    /// Region.
    pub region: String,
    /// Its endpoint.
    pub endpoint_id: String,
    /// Its network.
    pub vpc_id: String,
    /// Its subnet.
    pub subnet_id: String,
    /// Its zone.
    pub zone_id: String,
    /// Its IPv4 address.
    pub private_ip: String,
}

/// A client token and what it made.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ClientToken {
    /// Region: tokens are regional.
    pub region: String,
    /// The token.
    pub token: String,
    /// The request's other parameters, digested.
    pub fingerprint: String,
    /// The endpoint made.
    pub endpoint_id: String,
}
