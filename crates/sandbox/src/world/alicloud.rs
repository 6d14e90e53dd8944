//! Alibaba Cloud's things that exist before anyone makes an endpoint: keys, networks and the endpoint services this
//! account may see. Names are those of the Privatelink, VPC and ECS APIs.

use serde::{Deserialize, Serialize};

/// Everything Alibaba Cloud knows, in one account.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Alicloud {
    /// Keys that open the door.
    pub access_keys: Vec<AlicloudAccessKey>,
    /// Endpoint services this account is on the whitelist of.
    pub services: Vec<AlicloudEndpointService>,
    /// Networks.
    pub vpcs: Vec<AlicloudVpc>,
    /// Their vSwitches.
    pub vswitches: Vec<VSwitch>,
    /// Their security groups.
    pub security_groups: Vec<AlicloudSecurityGroup>,
}

/// An AccessKey pair.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AlicloudAccessKey {
    /// Public half.
    pub access_key_id: String,
    /// Secret half.
    pub access_key_secret: String,
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
}

/// A network.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AlicloudVpc {
    /// `vpc-…`.
    pub vpc_id: String,
    /// Region.
    pub region: String,
    /// IPv4 range.
    pub cidr_block: String,
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
}

/// A security group.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AlicloudSecurityGroup {
    /// `sg-…`.
    pub security_group_id: String,
    /// Its network.
    pub vpc_id: String,
    /// Its inbound rules.
    #[serde(default)]
    pub ingress: Vec<AlicloudRule>,
}

/// An inbound rule.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AlicloudRule {
    /// `tcp`, `udp`, `icmp`, `gre` or `all`.
    pub protocol: String,
    /// E.g. `4000/4000`, or `-1/-1` for every port.
    pub port_range: String,
    /// IPv4 range let in.
    pub source_cidr: String,
}
