//! What the clouds have in common: the trait that a cloud implements and the findings that its preflight returns. One
//! folder per cloud below; nothing outside a cloud's folder names that cloud's SDK.

pub mod alicloud;
pub mod aws;
mod findings;
mod locks;
mod subnets;
pub mod unseen;

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;
use std::time::Duration;

use async_trait::async_trait;

use crate::codes::Code;
use crate::error::{ApiError, Service};
use crate::ids::{
    CloudName, EndpointId, InterfaceId, Region, SecurityGroupId, ServiceName, SubnetId, VpcId, ZoneId,
};
use crate::operation::Operation;

/// How long what was read of a cloud is good for those who plan or refresh.
const KEPT: Duration = Duration::from_secs(5);

/// Tag that carries the ownership token of the resource instance that made the endpoint.
pub const TOKEN_TAG: &str = "tidblink:token";
/// Tag that an endpoint carries while it is being made; its value is an [`crate::private_endpoint`] heartbeat.
pub const UNFINISHED_TAG: &str = "tidblink:unfinished";
/// Tag that names the endpoint service in this provider's own ids; every endpoint of ours has it.
pub const SERVICE_TAG: &str = "tidblink:service";
/// What the key of a tag begins with that counts one resource instance among those that share an endpoint; the
/// instance's token follows, and the value is its service in this provider's own ids, with a heartbeat while it comes in.
pub const MEMBER_TAG_PREFIX: &str = "tidblink:member:";
/// What the key of a tag begins with that a shared endpoint carries while the last one out makes sure that nobody came in
/// meanwhile; the token of whoever closes follows.
pub const CLOSING_TAG_PREFIX: &str = "tidblink:closing:";
/// What the keys of our own tags begin with.
pub const TAG_PREFIX: &str = "tidblink:";

/// The endpoint service as the cloud side needs to know it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServiceFacts {
    /// The cloud it is on.
    pub cloud: CloudName,
    /// The name that the cloud knows it by.
    pub name: ServiceName,
    /// Where it is; endpoints must be in the same region.
    pub region: Region,
    /// Zone ids it is offered in, as TiDB Cloud says; empty when TiDB Cloud does not say.
    pub zones: BTreeSet<ZoneId>,
    /// The private DNS name that clients connect to.
    pub host: Option<String>,
    /// TCP port of the cluster.
    pub port: u16,
    /// Whether TiDB Cloud has to accept each endpoint (Dedicated).
    pub needs_registration: bool,
}

impl ServiceFacts {
    /// Whether one endpoint per VPC serves every cluster behind the service (TiDB Cloud documentation, "Connect via
    /// Private Endpoint", note on TiDB Serverless). Its name can lead to one endpoint only, so sharing goes with private
    /// DNS.
    pub fn is_shared_by(&self, wish: &Wish) -> bool {
        self.cloud == CloudName::Aws && !self.needs_registration && wish.private_dns
    }
}

/// What the user wants on the cloud side.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wish {
    /// The VPC.
    pub vpc: VpcId,
    /// The subnets; `None` means: choose one supported subnet per zone.
    pub subnets: Option<BTreeSet<SubnetId>>,
    /// The security groups; `None` means the VPC's default group.
    pub security_groups: Option<BTreeSet<SecurityGroupId>>,
    /// Whether the service's name should resolve to the endpoint in this VPC.
    pub private_dns: bool,
    /// The endpoint's name, on clouds where endpoints have one; `None` leaves it as it is.
    pub name: Option<String>,
}

/// Life of a cloud endpoint, in words that fit every cloud.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CloudState {
    /// Waits for the service's owner.
    PendingAcceptance,
    /// Is being made or changed.
    Pending,
    /// Works.
    Available,
    /// Is going away.
    Deleting,
    /// Was there and is gone.
    Deleted,
    /// The service's owner refused it.
    Rejected,
    /// The request lapsed before the owner accepted it.
    Expired,
    /// The cloud could not make it.
    Failed,
    /// The cloud locked it, until the account has paid its bills.
    Locked,
    /// It was connected to the service, or about to be, and the service's owner ended that.
    Disconnected,
    /// Nobody looked: the endpoint is for somebody else to look after, and only TiDB Cloud can tell how it is.
    Unseen,
    /// A state this version does not know: pending until the deadline, never success.
    Other(String),
}

impl CloudState {
    /// Whether an endpoint in this state can still become or stay useful.
    pub fn is_alive(&self) -> bool {
        !matches!(self, Self::Deleting | Self::Deleted | Self::Failed | Self::Rejected | Self::Expired)
    }

    /// The state as outputs show it: lower case words joined by nothing, as EC2 writes them (`pendingAcceptance`).
    pub fn as_str(&self) -> &str {
        match self {
            Self::PendingAcceptance => "pendingAcceptance",
            Self::Pending => "pending",
            Self::Available => "available",
            Self::Deleting => "deleting",
            Self::Deleted => "deleted",
            Self::Rejected => "rejected",
            Self::Expired => "expired",
            Self::Failed => "failed",
            Self::Locked => "locked",
            Self::Disconnected => "disconnected",
            Self::Unseen => "not looked at",
            Self::Other(state) => state,
        }
    }
}

/// An endpoint as the cloud describes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CloudEndpoint {
    /// Its id.
    pub id: EndpointId,
    /// The service it leads to.
    pub service_name: ServiceName,
    /// The VPC it is in.
    pub vpc: VpcId,
    /// Where it is in its life.
    pub state: CloudState,
    /// The cloud's own words about a failure.
    pub reason: Option<String>,
    /// Its subnets.
    pub subnets: BTreeSet<SubnetId>,
    /// Its security groups.
    pub security_groups: BTreeSet<SecurityGroupId>,
    /// Whether the service's private DNS name resolves to it in its VPC.
    pub private_dns: bool,
    /// All tags, ours and others.
    pub tags: BTreeMap<String, String>,
    /// Its network interfaces.
    pub interfaces: BTreeSet<InterfaceId>,
    /// The DNS names that the cloud gives the endpoint itself.
    pub dns_names: Vec<String>,
    /// The one of them that clients connect to, on clouds where services have no name of their own.
    pub host: Option<String>,
    /// The endpoint's name, on clouds where endpoints have one.
    pub name: Option<String>,
}

impl CloudEndpoint {
    /// The ownership token, when the endpoint is one of ours.
    pub fn token(&self) -> Option<&str> {
        self.tags.get(TOKEN_TAG).map(String::as_str)
    }

    /// Whether it is one of ours that resource instances share: its service tag then names the cloud's service and not
    /// one cluster's, or somebody is counted on it.
    pub fn is_shared(&self) -> bool {
        let names_service =
            self.tags.get(SERVICE_TAG).is_some_and(|service| *service == self.service_name.as_str());
        names_service || self.members().next().is_some()
    }

    /// Whether it can still become or stay useful.
    pub fn is_alive(&self) -> bool {
        self.state.is_alive()
    }

    /// Whether this provider made it, in this workspace or another one.
    pub fn is_marked(&self) -> bool {
        self.tags.contains_key(SERVICE_TAG)
    }

    /// The instances that share it, by token, each with what its tag says.
    pub fn members(&self) -> impl Iterator<Item = (&str, &str)> {
        self.tags
            .iter()
            .filter_map(|(key, value)| Some((key.strip_prefix(MEMBER_TAG_PREFIX)?, value.as_str())))
    }

    /// Whether the endpoint still is there to be used or cleaned up.
    pub fn exists(&self) -> bool {
        self.state != CloudState::Deleted
    }
}

/// What an endpoint is made from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CreateEndpoint {
    /// The service to lead to.
    pub service_name: ServiceName,
    /// The VPC.
    pub vpc: VpcId,
    /// The subnets, one per zone.
    pub subnets: BTreeSet<SubnetId>,
    /// The security groups; empty means the VPC's default group.
    pub security_groups: BTreeSet<SecurityGroupId>,
    /// Whether private DNS is on from the start (only services that accept by themselves allow that).
    pub private_dns: bool,
    /// Tags to set in the same call.
    pub tags: BTreeMap<String, String>,
    /// The endpoint's name, on clouds where endpoints have one.
    pub name: Option<String>,
    /// Idempotency token: random per endpoint, the same over the retries of one create.
    pub client_token: String,
}

/// A change of an endpoint in place. Empty and `None` mean: leave as it is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Change {
    /// Subnets to add.
    pub add_subnets: BTreeSet<SubnetId>,
    /// Subnets to take away.
    pub remove_subnets: BTreeSet<SubnetId>,
    /// Security groups to add.
    pub add_security_groups: BTreeSet<SecurityGroupId>,
    /// Security groups to take away.
    pub remove_security_groups: BTreeSet<SecurityGroupId>,
    /// Private DNS on or off.
    pub private_dns: Option<bool>,
    /// Another name, on clouds where endpoints have one.
    pub name: Option<String>,
}

impl Change {
    /// Whether there is nothing to change.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// What a finding is about; the resource knows which attribute that is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Concern {
    /// The endpoint service.
    Service,
    /// The VPC.
    Vpc,
    /// The subnets.
    Subnets,
    /// The security groups.
    SecurityGroups,
    /// Private DNS.
    PrivateDns,
    /// The endpoint's name.
    Name,
    /// The tags.
    Tags,
}

/// How firmly a finding stands in the way.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Standing {
    /// Nothing in this run could make it right: an error already at plan.
    Impossible,
    /// The same run may still put it right: a warning at plan, an error before the first write.
    MayChange,
    /// It may be right as it is, seen from somewhere else: a warning, never an error.
    Advice,
}

/// One thing that is wrong, found before anything was made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// What was found, by its stable name.
    pub code: Code,
    /// What it is about.
    pub concern: Concern,
    /// Whether it is an error, and when.
    pub standing: Standing,
    /// One line.
    pub summary: String,
    /// What was found, why it matters, what to do.
    pub detail: String,
}

impl Finding {
    /// Whether it only stands in the way of a new endpoint. One that exists has its place and its name already.
    pub fn is_about_making(&self) -> bool {
        matches!(self.code, Code::EndpointQuota | Code::NameOwned | Code::SharedForeign)
    }
}

/// What a preflight saw.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Preflight {
    /// Everything that is wrong, in one go.
    pub findings: Vec<Finding>,
    /// Checks that could not be made, each as "PERMISSION: what was not checked".
    pub not_checked: Vec<String>,
    /// The subnets to use: those of the wish, or one supported subnet per zone, the same ones every time. Empty when
    /// none can be used.
    pub subnets: BTreeSet<SubnetId>,
    /// Set when the subnets were chosen here: the choice and why others were left out, for a warning.
    pub choice: Option<String>,
}

/// A cloud in one region: what the private endpoint needs of it and no more.
///
/// Every method paces and retries by itself until the operation's deadline, obeys the stop signal between attempts and
/// returns an [`ApiError`] when it gives up.
#[async_trait]
pub trait Cloud: Send + Sync {
    /// Which service errors come from.
    fn service(&self) -> Service;

    /// Looks at everything a create of `wish` could die of, without writing. An endpoint that bears our mark never
    /// conflicts here: who may take it over is decided by ownership, not by preflight.
    async fn preflight(
        &self,
        operation: &Operation,
        service: &ServiceFacts,
        wish: &Wish,
    ) -> Result<Preflight, ApiError>;

    /// Whether the VPC is there for these credentials; `None` when they may not look.
    async fn has_vpc(&self, operation: &Operation, vpc: &VpcId) -> Result<Option<bool>, ApiError>;

    /// Every endpoint of the VPC, whoever made it and whatever it leads to.
    async fn endpoints_in(&self, operation: &Operation, vpc: &VpcId) -> Result<Vec<CloudEndpoint>, ApiError>;

    /// Every endpoint of this account that leads to one of the services, whoever made it and in whatever VPC.
    async fn endpoints_to(
        &self,
        operation: &Operation,
        services: &[&ServiceName],
    ) -> Result<Vec<CloudEndpoint>, ApiError>;

    /// Makes an endpoint. The same `client_token` again returns the same endpoint.
    async fn create(&self, operation: &Operation, create: &CreateEndpoint)
    -> Result<CloudEndpoint, ApiError>;

    /// Reads one endpoint; `None` when there is none (any more).
    async fn get(&self, operation: &Operation, id: &EndpointId) -> Result<Option<CloudEndpoint>, ApiError>;

    /// Reads one endpoint for a refresh, where a state that is a few seconds old will do: a cloud may answer from a
    /// listing that all refreshes share. `None` is always certain. Never for waiting.
    async fn refresh(
        &self,
        operation: &Operation,
        id: &EndpointId,
    ) -> Result<Option<CloudEndpoint>, ApiError> {
        self.get(operation, id).await
    }

    /// Reads one endpoint for somebody who waits for it, as it was after `since` in the clock's elapsed time: a cloud may
    /// let everybody who waits for endpoints of one service share a read. `None` also for one that is not shown yet.
    async fn watch(
        &self,
        operation: &Operation,
        id: &EndpointId,
        _service: &ServiceName,
        _since: Duration,
    ) -> Result<Option<CloudEndpoint>, ApiError> {
        self.get(operation, id).await
    }

    /// Changes an endpoint in place; returns when the cloud has taken the change, not when it is done.
    async fn change(&self, operation: &Operation, id: &EndpointId, change: &Change) -> Result<(), ApiError>;

    /// Sets tags, leaving others alone.
    async fn put_tags(
        &self,
        operation: &Operation,
        id: &EndpointId,
        tags: &BTreeMap<String, String>,
    ) -> Result<(), ApiError>;

    /// Removes tags by key; absent ones are no error.
    async fn remove_tags(
        &self,
        operation: &Operation,
        id: &EndpointId,
        keys: &BTreeSet<String>,
    ) -> Result<(), ApiError>;

    /// Asks for deletion; an endpoint that is gone is no error. Returns before the endpoint is gone.
    async fn delete(&self, operation: &Operation, id: &EndpointId) -> Result<(), ApiError>;

    /// The private addresses of the endpoint's interfaces; those that are not shown yet are missing.
    async fn addresses(
        &self,
        operation: &Operation,
        endpoint: &CloudEndpoint,
    ) -> Result<BTreeSet<IpAddr>, ApiError>;

    /// Those of `interfaces` that still exist.
    async fn interfaces_left(
        &self,
        operation: &Operation,
        interfaces: &BTreeSet<InterfaceId>,
    ) -> Result<BTreeSet<InterfaceId>, ApiError>;
}
