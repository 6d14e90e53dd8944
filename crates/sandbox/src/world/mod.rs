//! Everything that exists, as plain data that can be written to JSON and read back, and the rules by which it changes.
//! A change that takes time has a due moment on the thing that will change; [`World::advance`] applies what is due, in
//! order, so that the world looks the same however rarely anyone asks. No HTTP here: doors translate.

mod advance;
mod alicloud;
mod alicloud_endpoints;
mod alicloud_error;
mod alicloud_life;
mod alicloud_parts;
mod alicloud_tags;
mod delays;
mod ec2;
mod ec2_endpoints;
mod ec2_error;
mod ec2_network;
mod ids;
mod policy;
mod tidb;
mod tidb_connections;
mod tidb_error;

use serde::{Deserialize, Serialize};

use crate::clock::Timestamp;

pub(crate) use advance::TIDB_CLOUD_ACCOUNT;
pub use alicloud::{
    Alicloud, AlicloudAccessKey, AlicloudBusinessStatus, AlicloudClientToken, AlicloudConnectionStatus,
    AlicloudEndpoint, AlicloudEndpointGroup, AlicloudEndpointService, AlicloudEndpointStatus,
    AlicloudEndpointZone, AlicloudGroupStatus, AlicloudOidcToken, AlicloudRole, AlicloudRule,
    AlicloudSecurityGroup, AlicloudSession, AlicloudVpc, AlicloudZoneStatus, VSwitch,
};
pub(crate) use alicloud_endpoints::{NewAlicloudEndpoint, NewAlicloudZone};
pub(crate) use alicloud_error::AlicloudError;
pub(crate) use alicloud_tags::check_alicloud_tags;
pub use delays::{Delays, Limits};
pub use ec2::{
    AccessKey, Aws, ClientToken, DnsEntry, EndpointService, EndpointState, LastError, LingeringName,
    NetworkInterface, PrefixList, Region, Role, RoleSession, SecurityGroup, SecurityGroupRule, Subnet, Tags,
    VerificationState, Vpc, VpcEndpoint, Zone,
};
pub(crate) use ec2_endpoints::{EndpointChange, NewEndpoint, Undeleted};
pub(crate) use ec2_error::{Ec2Error, check_id};
pub(crate) use ec2_network::check_tags;
pub use ids::IdSource;
pub use policy::{Policy, PolicyEffect, PolicyStatement};
pub use tidb::{
    ApiKey, CloudProvider, ClusterState, Connection, ConnectionState, DedicatedCluster, NodeGroup,
    NodeGroupState, PrivateLinkService, ServerlessCluster, ServerlessPlan, ServiceState, TidbCloud,
};
pub(crate) use tidb_error::{GrpcCode, TidbError};

/// All clouds at one moment.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct World {
    /// World time of the last change applied. The clock sets it, and begins no earlier than a world file says.
    pub now: Timestamp,
    /// Where new ids come from.
    pub ids: IdSource,
    /// How long changes take.
    pub delays: Delays,
    /// Quotas and request budgets.
    pub limits: Limits,
    /// TiDB Cloud.
    pub tidb: TidbCloud,
    /// AWS: one account.
    pub aws: Aws,
    /// Alibaba Cloud: one account.
    pub alicloud: Alicloud,
}
