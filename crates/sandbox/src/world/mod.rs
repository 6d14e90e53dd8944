//! Everything that exists, as plain data that can be written to JSON and read back, and the rules by which it changes.
//! A change that takes time has a due moment on the thing that will change; [`World::advance`] applies what is due, in
//! order, so that the world looks the same however rarely anyone asks. No HTTP here: doors translate.

mod advance;
mod alicloud;
mod delays;
mod ec2;
mod ids;
mod policy;
mod tidb;

use serde::{Deserialize, Serialize};

use crate::clock::Timestamp;

pub(crate) use advance::TIDB_CLOUD_ACCOUNT;
pub(crate) use alicloud::endpoints::{NewAlicloudEndpoint, NewAlicloudZone};
pub(crate) use alicloud::error::AlicloudError;
pub(crate) use alicloud::tags::check_alicloud_tags;
pub use alicloud::{
    Alicloud, AlicloudAccessKey, AlicloudBusinessStatus, AlicloudClientToken, AlicloudConnectionStatus,
    AlicloudEndpoint, AlicloudEndpointGroup, AlicloudEndpointService, AlicloudEndpointStatus,
    AlicloudEndpointZone, AlicloudGroupStatus, AlicloudOidcToken, AlicloudRole, AlicloudRule,
    AlicloudSecurityGroup, AlicloudSession, AlicloudVpc, AlicloudZoneStatus, VSwitch,
};
pub use delays::{Delays, Limits};
pub(crate) use ec2::endpoints::{EndpointChange, NewEndpoint, Undeleted};
pub(crate) use ec2::error::{Ec2Error, check_id};
pub(crate) use ec2::network::check_tags;
pub use ec2::{
    AccessKey, Aws, ClientToken, DnsEntry, EndpointService, EndpointState, LastError, LingeringName,
    NetworkInterface, PrefixList, Region, Role, RoleSession, SecurityGroup, SecurityGroupRule, Subnet, Tags,
    VerificationState, Vpc, VpcEndpoint, Zone,
};
pub use ids::IdSource;
pub use policy::{Policy, PolicyEffect, PolicyStatement};
pub(crate) use tidb::error::{GrpcCode, TidbError};
pub use tidb::{
    ApiKey, CloudProvider, ClusterState, Connection, ConnectionState, DedicatedCluster, NodeGroup,
    NodeGroupState, PrivateLinkService, ServerlessCluster, ServerlessPlan, ServiceState, TidbCloud,
};

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
