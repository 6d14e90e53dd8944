//! What happens behind the back of whoever uses the clouds: people deleting, rejecting and switching off, services
//! failing and coming back under another name. Each event changes the world at once.

mod alicloud;
mod endpoints;
mod groups;
mod tidb;

use serde::{Deserialize, Serialize};

use crate::world::{
    AlicloudBusinessStatus, ClusterState, ConnectionState, EndpointState, LastError, ServiceState,
    VerificationState, World,
};

/// Something that happens.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum Event {
    /// The endpoint and its interfaces are gone; a registration with TiDB Cloud stays.
    EndpointDeleted {
        /// `vpce-…` or `ep-…`.
        endpoint_id: String,
    },
    /// TiDB Cloud refuses the endpoint: EC2 says `rejected`, its connections FAILED.
    EndpointRejected {
        /// `vpce-…`.
        endpoint_id: String,
        /// The connections' message.
        #[serde(default)]
        message: Option<String>,
    },
    /// EC2 gives the endpoint up: `failed` with an error.
    EndpointFailed {
        /// `vpce-…`.
        endpoint_id: String,
        /// The error's message.
        #[serde(default)]
        message: Option<String>,
    },
    /// Nobody accepted the endpoint in time: EC2 says `expired`.
    EndpointExpired {
        /// `vpce-…`.
        endpoint_id: String,
    },
    /// A connection becomes FAILED; EC2 is not touched. Named by either id.
    ConnectionFailed {
        /// The connection's id.
        #[serde(default)]
        connection_id: Option<String>,
        /// Or its endpoint's.
        #[serde(default)]
        endpoint_id: Option<String>,
        /// Its message.
        #[serde(default)]
        message: Option<String>,
    },
    /// A connection is gone; EC2 is not touched. Named by either id.
    ConnectionDeleted {
        /// The connection's id.
        #[serde(default)]
        connection_id: Option<String>,
        /// Or its endpoint's.
        #[serde(default)]
        endpoint_id: Option<String>,
    },
    /// Private DNS is switched off.
    PrivateDnsDisabled {
        /// `vpce-…`.
        endpoint_id: String,
    },
    /// A node group's service is gone and a new one, under another name and host, is ACTIVE.
    ServiceRecreated {
        /// The Dedicated cluster.
        cluster_id: String,
        /// Its node group.
        node_group_id: String,
    },
    /// A node group's service changes state; CREATING and DELETING take their usual time from now.
    ServiceState {
        /// The Dedicated cluster.
        cluster_id: String,
        /// Its node group.
        node_group_id: String,
        /// The new state.
        state: ServiceState,
    },
    /// A service is offered in other zones from now on, by TiDB Cloud's word and by the cloud's own. Endpoints that are
    /// there stay in the zones they have.
    ServiceZones {
        /// The cluster, of either kind.
        cluster_id: String,
        /// Its node group, for a Dedicated cluster; the default group when left out.
        #[serde(default)]
        node_group_id: Option<String>,
        /// The zones.
        zone_ids: Vec<String>,
    },
    /// A cluster of either kind is gone from TiDB Cloud, and with it its connections and its service. A service that
    /// other clusters share stays.
    ClusterDeleted {
        /// The cluster.
        cluster_id: String,
    },
    /// A cluster of either kind changes state.
    ClusterState {
        /// The cluster.
        cluster_id: String,
        /// The new state.
        state: ClusterState,
    },
    /// An endpoint service is gone from its cloud, whatever TiDB Cloud says: AWS endpoints become `rejected`, Alibaba
    /// Cloud connections ServiceDeleted.
    ServiceDeleted {
        /// The service's name in its cloud.
        service_name: String,
    },
    /// A service accepts endpoints by itself from now on, or does so no longer.
    ServiceAutoAccept {
        /// The service's name in its cloud.
        service_name: String,
        /// Whether it does.
        auto_accept: bool,
    },
    /// A service's owner lets this account see it from now on, or does so no longer. Endpoints that are there stay.
    ServiceVisible {
        /// The service's name in its cloud.
        service_name: String,
        /// Whether it does.
        visible: bool,
    },
    /// An AWS service's owner names, renames or unnames it, or AWS is done with the proof of the name.
    ServicePrivateDns {
        /// The service's name.
        service_name: String,
        /// The name its endpoints may answer to.
        private_dns_name: Option<String>,
        /// Whether it is proved.
        #[serde(default)]
        verification: VerificationState,
    },
    /// The service's owner accepts an endpoint by hand.
    ConnectionAccepted {
        /// `vpce-…` or `ep-…`.
        endpoint_id: String,
    },
    /// The service's owner ends the connection of an Alibaba Cloud endpoint.
    ConnectionDisconnected {
        /// `ep-…`.
        endpoint_id: String,
    },
    /// An endpoint has these security groups and no others.
    EndpointSecurityGroups {
        /// `vpce-…` or `ep-…`.
        endpoint_id: String,
        /// The groups.
        security_group_ids: Vec<String>,
    },
    /// An endpoint has network interfaces in these subnets or vSwitches and in no others.
    EndpointSubnets {
        /// `vpce-…` or `ep-…`.
        endpoint_id: String,
        /// The subnets or vSwitches.
        subnet_ids: Vec<String>,
    },
    /// The payment of an Alibaba Cloud endpoint falls overdue, or is made.
    EndpointBusinessStatus {
        /// `ep-…`.
        endpoint_id: String,
        /// `Normal` or `FinancialLocked`.
        status: AlicloudBusinessStatus,
    },
    /// The Alibaba Cloud account activates PrivateLink, or loses it.
    ProductOpen {
        /// Whether it is open.
        open: bool,
    },
    /// Tags are taken off an endpoint.
    TagsRemoved {
        /// `vpce-…` or `ep-…`.
        endpoint_id: String,
        /// Their keys.
        keys: Vec<String>,
    },
    /// A VPC's DNS attributes change.
    VpcDns {
        /// `vpc-…`.
        vpc_id: String,
        /// enableDnsSupport.
        support: bool,
        /// enableDnsHostnames.
        hostnames: bool,
    },
    /// A security group of either cloud gets a rule that lets a TCP port in from private addresses.
    PortOpened {
        /// `sg-…`.
        security_group_id: String,
        /// The port.
        port: u16,
    },
}

/// An event that names something the world does not hold.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the event changes nothing: {0}")]
pub struct EventError(String);

impl World {
    /// Lets something happen now.
    ///
    /// # Errors
    /// When what it names does not exist.
    pub fn happen(&mut self, event: Event) -> Result<(), EventError> {
        match event {
            Event::EndpointDeleted { endpoint_id } => self.lose_endpoint(&endpoint_id)?,
            Event::EndpointRejected { endpoint_id, message } => {
                let endpoint = self.endpoint(&endpoint_id)?;
                endpoint.state = EndpointState::Rejected;
                endpoint.accepted = false;
                endpoint.modifying = false;
                endpoint.due = None;
                let message =
                    message.unwrap_or_else(|| format!("The VPC Endpoint {endpoint_id} was rejected"));
                for connection in &mut self.tidb.connections {
                    if connection.endpoint_id == endpoint_id {
                        connection.state = ConnectionState::Failed;
                        connection.message.clone_from(&message);
                        connection.accepted = false;
                        connection.due = None;
                    }
                }
            }
            Event::EndpointFailed { endpoint_id, message } => {
                let endpoint = self.endpoint(&endpoint_id)?;
                endpoint.state = EndpointState::Failed;
                endpoint.due = None;
                endpoint.last_error = Some(LastError {
                    code: "InternalError".to_owned(),
                    message: message.unwrap_or_else(|| "The endpoint could not be provisioned".to_owned()),
                });
            }
            Event::EndpointExpired { endpoint_id } => {
                let endpoint = self.endpoint(&endpoint_id)?;
                endpoint.state = EndpointState::Expired;
                endpoint.due = None;
            }
            Event::ConnectionFailed { connection_id, endpoint_id, message } => {
                let index = self.connection(connection_id, endpoint_id)?;
                if let Some(connection) = self.tidb.connections.get_mut(index) {
                    connection.state = ConnectionState::Failed;
                    connection.message = message.unwrap_or_else(|| "internal error".to_owned());
                    connection.due = None;
                }
            }
            Event::ConnectionDeleted { connection_id, endpoint_id } => {
                let index = self.connection(connection_id, endpoint_id)?;
                self.tidb.connections.remove(index);
            }
            Event::PrivateDnsDisabled { endpoint_id } => {
                let endpoint = self.endpoint(&endpoint_id)?;
                endpoint.private_dns_enabled = false;
                let (region, service_name) = (endpoint.region.clone(), endpoint.service_name.clone());
                if let Some(service) = self.aws.service(&region, &service_name).cloned() {
                    self.name_endpoint(&endpoint_id, &service);
                }
            }
            Event::ServiceRecreated { cluster_id, node_group_id } => {
                self.recreate_service(&cluster_id, &node_group_id)?;
            }
            Event::ServiceState { cluster_id, node_group_id, state } => {
                self.set_service_state(&cluster_id, &node_group_id, state)?;
            }
            Event::ServiceZones { cluster_id, node_group_id, zone_ids } => {
                self.set_service_zones(&cluster_id, node_group_id.as_deref(), &zone_ids)?;
            }
            Event::ClusterDeleted { cluster_id } => self.delete_cluster(&cluster_id)?,
            Event::ClusterState { cluster_id, state } => self.set_cluster_state(&cluster_id, state)?,
            Event::ServiceDeleted { service_name } => self.delete_service(&service_name)?,
            Event::ServiceAutoAccept { service_name, auto_accept } => {
                self.set_auto_accept(&service_name, auto_accept)?;
            }
            Event::ServiceVisible { service_name, visible } => {
                self.set_service_visible(&service_name, visible)?;
            }
            Event::ServicePrivateDns { service_name, private_dns_name, verification } => {
                self.set_private_dns(&service_name, private_dns_name.as_deref(), verification)?;
            }
            Event::ConnectionAccepted { endpoint_id } => self.accept_by_hand(&endpoint_id)?,
            Event::ConnectionDisconnected { endpoint_id } => {
                self.disconnect_alicloud_endpoint(&endpoint_id)?;
            }
            Event::EndpointSecurityGroups { endpoint_id, security_group_ids } => {
                self.set_endpoint_groups(&endpoint_id, &security_group_ids)?;
            }
            Event::EndpointSubnets { endpoint_id, subnet_ids } => {
                self.set_endpoint_subnets(&endpoint_id, &subnet_ids)?;
            }
            Event::EndpointBusinessStatus { endpoint_id, status } => {
                self.alicloud_slot(&endpoint_id)?.business_status = status;
            }
            Event::ProductOpen { open } => self.alicloud.privatelink_closed = !open,
            Event::TagsRemoved { endpoint_id, keys } => {
                self.endpoint_tags(&endpoint_id)?.retain(|key, _| !keys.contains(key));
            }
            Event::VpcDns { vpc_id, support, hostnames } => {
                let vpc = self
                    .aws
                    .vpcs
                    .iter_mut()
                    .find(|vpc| vpc.vpc_id == vpc_id)
                    .ok_or_else(|| EventError(format!("there is no VPC {vpc_id}")))?;
                vpc.dns_support = support;
                vpc.dns_hostnames = hostnames;
            }
            Event::PortOpened { security_group_id, port } => self.open_port(&security_group_id, port)?,
        }
        Ok(())
    }

    fn endpoint(&mut self, endpoint_id: &str) -> Result<&mut crate::world::VpcEndpoint, EventError> {
        self.aws.endpoint_mut(endpoint_id).ok_or_else(|| no_endpoint(endpoint_id))
    }

    fn connection(
        &self,
        connection_id: Option<String>,
        endpoint_id: Option<String>,
    ) -> Result<usize, EventError> {
        if connection_id.is_none() && endpoint_id.is_none() {
            return Err(EventError("name the connection by connection_id or endpoint_id".to_owned()));
        }
        self.tidb
            .connections
            .iter()
            .position(|connection| {
                connection_id.as_ref().is_none_or(|id| *id == connection.connection_id)
                    && endpoint_id.as_ref().is_none_or(|id| *id == connection.endpoint_id)
            })
            .ok_or_else(|| {
                let id = connection_id.or(endpoint_id).unwrap_or_default();
                EventError(format!("there is no connection {id}"))
            })
    }
}

fn no_endpoint(endpoint_id: &str) -> EventError {
    EventError(format!("there is no endpoint {endpoint_id}"))
}
