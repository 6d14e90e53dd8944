//! Alibaba Cloud's things: keys, networks, the endpoint services this account may see and the endpoints made from them,
//! in one account. Names and states are those of the Privatelink 2020-04-15, VPC, ECS and STS APIs; data and look-ups
//! only, the rules are in the sibling modules.

pub(super) mod endpoints;
pub(super) mod error;
pub(super) mod life;
mod parts;
pub(super) mod tags;

use serde::{Deserialize, Serialize};

use crate::clock::Timestamp;
use crate::world::Tags;
use crate::world::policy::Policy;

/// Everything Alibaba Cloud knows, in one account.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Alicloud {
    /// Sixteen digits.
    pub account_id: String,
    /// Keys that open the door.
    pub access_keys: Vec<AlicloudAccessKey>,
    /// Roles that AssumeRole, AssumeRoleWithOIDC and the metadata service can give.
    pub roles: Vec<AlicloudRole>,
    /// Identity tokens that AssumeRoleWithOIDC accepts.
    pub oidc_tokens: Vec<AlicloudOidcToken>,
    /// Temporary keys given out.
    pub sessions: Vec<AlicloudSession>,
    /// How far the clock that signatures are checked by is ahead of the machine's own, in seconds.
    pub clock_ahead_seconds: i64,
    /// Whether the account has yet to activate PrivateLink: every PrivateLink action then fails.
    pub privatelink_closed: bool,
    /// Whether DescribeVSwitchAttributes answers 200 with empty fields, not an error, for a vSwitch that is not there.
    /// Both are seen in the wild.
    pub absent_vswitch_is_empty: bool,
    /// Endpoint services.
    pub services: Vec<AlicloudEndpointService>,
    /// Networks.
    pub vpcs: Vec<AlicloudVpc>,
    /// Their vSwitches.
    pub vswitches: Vec<VSwitch>,
    /// Their security groups.
    pub security_groups: Vec<AlicloudSecurityGroup>,
    /// Endpoints.
    pub endpoints: Vec<AlicloudEndpoint>,
    /// Client tokens that writing actions have seen.
    pub client_tokens: Vec<AlicloudClientToken>,
}

impl Alicloud {
    /// The role with this resource name.
    pub fn role(&self, arn: &str) -> Option<&AlicloudRole> {
        self.roles.iter().find(|role| role.arn == arn)
    }

    /// The endpoint service with this name in this region.
    pub fn service(&self, region: &str, service_name: &str) -> Option<&AlicloudEndpointService> {
        self.services.iter().find(|service| service.region == region && service.service_name == service_name)
    }

    /// The network with this id in this region.
    pub fn vpc(&self, region: &str, vpc_id: &str) -> Option<&AlicloudVpc> {
        self.vpcs.iter().find(|vpc| vpc.region == region && vpc.vpc_id == vpc_id)
    }

    /// The vSwitch with this id, in any region.
    pub fn vswitch(&self, vswitch_id: &str) -> Option<&VSwitch> {
        self.vswitches.iter().find(|vswitch| vswitch.vswitch_id == vswitch_id)
    }

    /// The security group with this id, in any region.
    pub fn security_group(&self, security_group_id: &str) -> Option<&AlicloudSecurityGroup> {
        self.security_groups.iter().find(|group| group.security_group_id == security_group_id)
    }

    /// The endpoint with this id, in any region.
    pub fn endpoint(&self, endpoint_id: &str) -> Option<&AlicloudEndpoint> {
        self.endpoints.iter().find(|endpoint| endpoint.endpoint_id == endpoint_id)
    }

    /// The endpoint with this id, in any region, to change.
    pub fn endpoint_mut(&mut self, endpoint_id: &str) -> Option<&mut AlicloudEndpoint> {
        self.endpoints.iter_mut().find(|endpoint| endpoint.endpoint_id == endpoint_id)
    }
}

/// An AccessKey pair of a RAM user.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AlicloudAccessKey {
    /// Public half.
    pub access_key_id: String,
    /// Secret half.
    pub access_key_secret: String,
    /// Whose it is: `acs:ram::ACCOUNT:user/NAME`.
    #[serde(default)]
    pub user_arn: String,
    /// Whether it was switched off.
    #[serde(default)]
    pub inactive: bool,
    /// Actions refused to it with NoPermission or Forbidden.RAM, e.g. `CreateVpcEndpoint`.
    #[serde(default)]
    pub denied: Vec<String>,
    /// All that it may do, when it may not do everything.
    #[serde(default)]
    pub policy: Option<Policy>,
}

/// A RAM role.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AlicloudRole {
    /// `acs:ram::ACCOUNT:role/NAME`.
    pub arn: String,
    /// Required of whoever assumes it, when set.
    #[serde(default)]
    pub external_id: Option<String>,
    /// Whether the machine that asks the metadata service has it.
    #[serde(default)]
    pub of_instance: bool,
    /// Actions refused to its sessions.
    #[serde(default)]
    pub denied: Vec<String>,
    /// All that its sessions may do, when they may not do everything.
    #[serde(default)]
    pub policy: Option<Policy>,
}

impl AlicloudRole {
    /// The last part of its resource name.
    pub fn name(&self) -> &str {
        self.arn.rsplit('/').next().unwrap_or(&self.arn)
    }
}

/// An identity token from elsewhere and the role it is good for.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AlicloudOidcToken {
    /// `acs:ram::ACCOUNT:oidc-provider/NAME`.
    pub provider_arn: String,
    /// The token; opaque here.
    pub token: String,
    /// The role.
    pub role_arn: String,
}

/// Temporary credentials.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AlicloudSession {
    /// `STS.…`.
    pub access_key_id: String,
    /// Secret half.
    pub access_key_secret: String,
    /// Must come with every request.
    pub security_token: String,
    /// The role.
    pub role_arn: String,
    /// The name the caller chose.
    pub session_name: String,
    /// After this, by the real clock, the key is refused.
    pub expires: Timestamp,
}

/// An endpoint service as the consumer sees it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AlicloudEndpointService {
    /// `epsrv-…`.
    pub service_id: String,
    /// `com.aliyuncs.privatelink.REGION.epsrv-…`.
    pub service_name: String,
    /// Region.
    pub region: String,
    /// Zones it is offered in.
    pub zone_ids: Vec<String>,
    /// Whether connections are accepted without its owner.
    pub auto_accept: bool,
    /// Whether this account is not on its whitelist.
    #[serde(default)]
    pub hidden: bool,
}

/// A network.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AlicloudVpc {
    /// `vpc-…`.
    pub vpc_id: String,
    /// Region.
    pub region: String,
    /// IPv4 range.
    pub cidr_block: String,
    /// Its name.
    #[serde(default)]
    pub name: String,
}

/// A vSwitch: a subnet in one zone.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct VSwitch {
    /// `vsw-…`.
    pub vswitch_id: String,
    /// Its network.
    pub vpc_id: String,
    /// Its zone, e.g. `ap-southeast-1a`.
    pub zone_id: String,
    /// IPv4 range.
    pub cidr_block: String,
    /// Its name.
    #[serde(default)]
    pub name: String,
    /// Addresses left.
    #[serde(default = "some_addresses")]
    pub free_addresses: u32,
}

fn some_addresses() -> u32 {
    252
}

/// A security group.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AlicloudSecurityGroup {
    /// `sg-…`.
    pub security_group_id: String,
    /// Its network.
    pub vpc_id: String,
    /// Its name.
    #[serde(default)]
    pub name: String,
    /// Its inbound rules.
    #[serde(default)]
    pub ingress: Vec<AlicloudRule>,
}

/// An inbound rule.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct AlicloudRule {
    /// `tcp`, `udp`, `icmp`, `gre` or `all`.
    pub protocol: String,
    /// E.g. `4000/4000`, or `-1/-1` for every port.
    pub port_range: String,
    /// IPv4 range let in; empty when the peer is a security group.
    pub source_cidr: String,
    /// The peer, when it is a security group.
    pub source_group_id: String,
    /// `Accept` or `Drop`.
    pub policy: String,
    /// 1 to 100; the smallest number decides.
    pub priority: u8,
}

impl Default for AlicloudRule {
    fn default() -> Self {
        Self {
            protocol: "all".to_owned(),
            port_range: "-1/-1".to_owned(),
            source_cidr: String::new(),
            source_group_id: String::new(),
            policy: "Accept".to_owned(),
            priority: 1,
        }
    }
}

/// `EndpointStatus`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum AlicloudEndpointStatus {
    /// Being made.
    Creating,
    /// Usable, and open to changes.
    Active,
    /// Being changed.
    Pending,
    /// On its way out.
    Deleting,
}

impl AlicloudEndpointStatus {
    /// The wire's word.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Creating => "Creating",
            Self::Active => "Active",
            Self::Pending => "Pending",
            Self::Deleting => "Deleting",
        }
    }
}

/// `ConnectionStatus`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum AlicloudConnectionStatus {
    /// Being changed.
    Pending,
    /// Accepted, and being made.
    Connecting,
    /// Usable.
    Connected,
    /// Being ended.
    Disconnecting,
    /// Not accepted yet, or no longer.
    Disconnected,
    /// Goes with its endpoint.
    Deleting,
    /// The service is gone, and with it all hope.
    ServiceDeleted,
}

impl AlicloudConnectionStatus {
    /// The wire's word.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "Pending",
            Self::Connecting => "Connecting",
            Self::Connected => "Connected",
            Self::Disconnecting => "Disconnecting",
            Self::Disconnected => "Disconnected",
            Self::Deleting => "Deleting",
            Self::ServiceDeleted => "ServiceDeleted",
        }
    }
}

/// `EndpointBusinessStatus`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum AlicloudBusinessStatus {
    /// Paid for.
    #[default]
    Normal,
    /// Payment is overdue.
    FinancialLocked,
}

impl AlicloudBusinessStatus {
    /// The wire's word.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Normal => "Normal",
            Self::FinancialLocked => "FinancialLocked",
        }
    }
}

/// `ZoneStatus`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum AlicloudZoneStatus {
    /// Its network interface is being made.
    Creating,
    /// Made; the connection is not there.
    Wait,
    /// Joining the connection.
    Connecting,
    /// Usable.
    Connected,
    /// The connection was ended.
    Disconnected,
    /// On its way out.
    Deleting,
}

impl AlicloudZoneStatus {
    /// The wire's word.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Creating => "Creating",
            Self::Wait => "Wait",
            Self::Connecting => "Connecting",
            Self::Connected => "Connected",
            Self::Disconnected => "Disconnected",
            Self::Deleting => "Deleting",
        }
    }
}

/// `SecurityGroupStatus`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum AlicloudGroupStatus {
    /// Being put on.
    Attaching,
    /// In force.
    Attached,
    /// Being taken off.
    Detaching,
}

impl AlicloudGroupStatus {
    /// The wire's word.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Attaching => "Attaching",
            Self::Attached => "Attached",
            Self::Detaching => "Detaching",
        }
    }
}

/// An interface endpoint.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AlicloudEndpoint {
    /// `ep-…`.
    pub endpoint_id: String,
    /// Region.
    pub region: String,
    /// Its network.
    pub vpc_id: String,
    /// The service it leads to, by id.
    pub service_id: String,
    /// The service it leads to, by name.
    pub service_name: String,
    /// The name people gave it; may be empty.
    #[serde(default)]
    pub name: String,
    /// What it is for; may be empty.
    #[serde(default)]
    pub description: String,
    /// Its own state.
    pub status: AlicloudEndpointStatus,
    /// The state of its connection to the service.
    pub connection_status: AlicloudConnectionStatus,
    /// Whether it is paid for.
    #[serde(default)]
    pub business_status: AlicloudBusinessStatus,
    /// The name it answers to.
    pub domain: String,
    /// Its zones, each with a network interface.
    #[serde(default)]
    pub zones: Vec<AlicloudEndpointZone>,
    /// Its security groups.
    #[serde(default)]
    pub security_groups: Vec<AlicloudEndpointGroup>,
    /// Tags.
    #[serde(default)]
    pub tags: Tags,
    /// When it was made.
    pub created: Timestamp,
    /// When Creating, Pending or Deleting ends.
    #[serde(default)]
    pub due: Option<Timestamp>,
    /// When Connecting or Disconnecting ends.
    #[serde(default)]
    pub connection_due: Option<Timestamp>,
}

/// A zone of an endpoint.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AlicloudEndpointZone {
    /// The zone.
    pub zone_id: String,
    /// The vSwitch there.
    pub vswitch_id: String,
    /// The network interface, `eni-…`.
    pub eni_id: String,
    /// Its IPv4 address.
    pub eni_ip: String,
    /// The name that leads to this zone alone.
    pub domain: String,
    /// Its state.
    pub status: AlicloudZoneStatus,
    /// When Creating, or Connecting on its own, ends.
    #[serde(default)]
    pub due: Option<Timestamp>,
}

/// A security group on an endpoint.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AlicloudEndpointGroup {
    /// `sg-…`.
    pub security_group_id: String,
    /// Its state there.
    pub status: AlicloudGroupStatus,
}

/// A client token and what it was used for.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AlicloudClientToken {
    /// The token.
    pub token: String,
    /// The request's action and other parameters, digested.
    pub fingerprint: String,
    /// The endpoint made or changed.
    pub endpoint_id: String,
}
