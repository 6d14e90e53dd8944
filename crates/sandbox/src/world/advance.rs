//! What happens by itself. Each thing that will change carries the moment it is due; the earliest is applied first, at
//! its own moment, until nothing is due. So a long jump of the clock gives the same world as many short ones.

use super::alicloud::life::{self, AlicloudNext};
use super::{ConnectionState, EndpointService, EndpointState, ServiceState, VerificationState, World};
use crate::clock::Timestamp;

/// TiDB Cloud's account in the sandbox's AWS.
pub(crate) const TIDB_CLOUD_ACCOUNT: &str = "380838443567";

/// The next thing to happen.
enum Next {
    Endpoint(String),
    Connection(String),
    Service(String, String),
    Alicloud(AlicloudNext),
}

impl World {
    /// Applies everything due until `now`. Time never goes back.
    pub fn advance(&mut self, now: Timestamp) {
        while let Some((due, next)) = self.next_due().filter(|(due, _)| *due <= now) {
            self.now = self.now.max(due);
            match next {
                Next::Endpoint(id) => self.advance_endpoint(&id),
                Next::Connection(id) => self.advance_connection(&id),
                Next::Service(cluster, group) => self.advance_service(&cluster, &group),
                Next::Alicloud(next) => self.advance_alicloud(next),
            }
        }
        self.now = self.now.max(now);
    }

    fn next_due(&self) -> Option<(Timestamp, Next)> {
        let endpoints = self
            .aws
            .endpoints
            .iter()
            .filter_map(|endpoint| Some((endpoint.due?, Next::Endpoint(endpoint.endpoint_id.clone()))));
        let connections = self.tidb.connections.iter().filter_map(|connection| {
            Some((connection.due?, Next::Connection(connection.connection_id.clone())))
        });
        let services = self.tidb.clusters.iter().flat_map(|cluster| {
            cluster.node_groups.iter().filter_map(|group| {
                let due = group.private_link_service.as_ref()?.due?;
                let next = Next::Service(cluster.cluster_id.clone(), group.node_group_id.clone());
                Some((due, next))
            })
        });
        let alicloud =
            self.alicloud.endpoints.iter().flat_map(life::due).map(|(due, next)| (due, Next::Alicloud(next)));
        endpoints.chain(connections).chain(services).chain(alicloud).min_by_key(|(due, _)| *due)
    }

    fn advance_endpoint(&mut self, endpoint_id: &str) {
        let gone_at = self.now.plus_seconds(self.delays.endpoint_deleted);
        let Some(endpoint) = self.aws.endpoint_mut(endpoint_id) else {
            return;
        };
        endpoint.due = None;
        match endpoint.state {
            EndpointState::Pending => {
                endpoint.state = EndpointState::Available;
                endpoint.modifying = false;
            }
            EndpointState::Deleting => {
                endpoint.state = EndpointState::Deleted;
                endpoint.due = Some(gone_at);
                self.release_endpoint(endpoint_id);
            }
            EndpointState::Deleted => {
                self.aws.endpoints.retain(|endpoint| endpoint.endpoint_id != endpoint_id);
            }
            EndpointState::PendingAcceptance
            | EndpointState::Available
            | EndpointState::Rejected
            | EndpointState::Failed
            | EndpointState::Expired => {}
        }
    }

    fn advance_connection(&mut self, connection_id: &str) {
        let Some(index) =
            self.tidb.connections.iter().position(|connection| connection.connection_id == connection_id)
        else {
            return;
        };
        let mut connection = self.tidb.connections[index].clone();
        connection.due = None;
        match connection.state {
            ConnectionState::Pending if connection.accepted => {
                connection.state = ConnectionState::Active;
            }
            ConnectionState::Pending => {
                match self.accept(&connection.endpoint_id, &connection.cluster_id, &connection.node_group_id)
                {
                    Ok(()) => {
                        connection.accepted = true;
                        connection.due = Some(self.now.plus_seconds(self.delays.connection_active));
                    }
                    Err(message) => {
                        connection.state = ConnectionState::Failed;
                        connection.message = message;
                    }
                }
            }
            ConnectionState::Deleting => {
                self.tidb.connections.remove(index);
                if connection.accepted {
                    self.reject(&connection.endpoint_id);
                }
                return;
            }
            ConnectionState::Active | ConnectionState::Failed | ConnectionState::Discovered => {}
        }
        self.tidb.connections[index] = connection;
    }

    /// TiDB Cloud accepts an endpoint of one of its services, or says why it cannot.
    fn accept(&mut self, endpoint_id: &str, cluster_id: &str, node_group_id: &str) -> Result<(), String> {
        let service_name = self
            .tidb
            .node_group(cluster_id, node_group_id)
            .and_then(|group| group.private_link_service.as_ref())
            .map(|service| service.service_name.clone())
            .unwrap_or_default();
        let on_gcp = self
            .tidb
            .cluster(cluster_id)
            .is_some_and(|cluster| cluster.cloud_provider == super::CloudProvider::Gcp);
        if on_gcp {
            return Err(format!("not received connection request from endpoint {endpoint_id}"));
        }
        let seen_before = self.now;
        let unseen_for = self.delays.endpoint_visible_to_service;
        let available_at = self.now.plus_seconds(self.delays.endpoint_pending);
        let endpoint = self
            .aws
            .endpoint_mut(endpoint_id)
            .filter(|endpoint| {
                !matches!(endpoint.state, EndpointState::Deleting | EndpointState::Deleted)
                    && endpoint.service_name == service_name
                    && endpoint.created.plus_seconds(unseen_for) <= seen_before
            })
            .ok_or_else(|| format!("The VPC Endpoint Id '{{{endpoint_id} []}}' does not exist"))?;
        if matches!(endpoint.state, EndpointState::PendingAcceptance | EndpointState::Rejected) {
            endpoint.state = EndpointState::Pending;
            endpoint.modifying = false;
            endpoint.due = Some(available_at);
        }
        endpoint.accepted = true;
        Ok(())
    }

    /// TiDB Cloud withdraws its acceptance.
    pub(crate) fn reject(&mut self, endpoint_id: &str) {
        if let Some(endpoint) = self.aws.endpoint_mut(endpoint_id).filter(|endpoint| {
            matches!(
                endpoint.state,
                EndpointState::PendingAcceptance | EndpointState::Pending | EndpointState::Available
            )
        }) {
            endpoint.state = EndpointState::Rejected;
            endpoint.accepted = false;
            endpoint.modifying = false;
            endpoint.due = None;
        }
    }

    fn advance_service(&mut self, cluster_id: &str, node_group_id: &str) {
        let region = self.tidb.cluster(cluster_id).map(|cluster| cluster.region.clone()).unwrap_or_default();
        let Some(slot) =
            self.tidb.node_group_mut(cluster_id, node_group_id).map(|group| &mut group.private_link_service)
        else {
            return;
        };
        let Some(mut service) = slot.take() else {
            return;
        };
        service.due = None;
        match service.state {
            ServiceState::Creating => {
                service.state = ServiceState::Active;
                *slot = Some(service.clone());
                self.offer(&region, &service);
            }
            ServiceState::Active => *slot = Some(service),
            ServiceState::Deleting => {
                self.aws.services.retain(|offered| offered.service_name != service.service_name)
            }
        }
    }

    /// Puts a Dedicated service on offer in EC2, unless it is there.
    fn offer(&mut self, region: &str, service: &super::PrivateLinkService) {
        if self.aws.service(region, &service.service_name).is_some() {
            return;
        }
        self.aws.services.push(EndpointService {
            service_name: service.service_name.clone(),
            region: region.to_owned(),
            owner_id: TIDB_CLOUD_ACCOUNT.to_owned(),
            zone_ids: service.zone_ids.clone(),
            acceptance_required: true,
            private_dns_name: Some(service.dns_name.clone()),
            private_dns_verification: VerificationState::Verified,
            hidden: false,
        });
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]

    use super::*;
    use crate::default_world::{self, *};
    use crate::world::{EndpointChange, NewEndpoint};

    fn dedicated_endpoint(world: &mut World) -> String {
        world
            .create_endpoint(&NewEndpoint {
                region: "us-west-2".to_owned(),
                vpc_id: WEST_VPC_ID.to_owned(),
                service_name: DEDICATED_SERVICE_NAME.to_owned(),
                subnet_ids: vec![WEST_SUBNET_AZ1.to_owned()],
                private_dns_enabled: Some(false),
                ..NewEndpoint::default()
            })
            .unwrap()
    }

    fn register(world: &mut World, endpoint_id: &str) -> String {
        world.register_connection(DEDICATED_CLUSTER_ID, "-", endpoint_id).unwrap().connection_id
    }

    fn pass(world: &mut World, seconds: u64) {
        world.advance(world.now.plus_seconds(seconds));
    }

    fn connection_state(world: &World) -> Option<ConnectionState> {
        world.tidb.connections.first().map(|connection| connection.state)
    }

    #[test]
    fn an_unregistered_endpoint_waits_for_ever() {
        let mut world = default_world::world();
        let id = dedicated_endpoint(&mut world);
        pass(&mut world, 1_000_000);
        assert_eq!(world.aws.endpoint(&id).unwrap().state, EndpointState::PendingAcceptance);
    }

    #[test]
    fn a_registered_endpoint_goes_through_every_state() {
        let mut world = default_world::world();
        let id = dedicated_endpoint(&mut world);
        register(&mut world, &id);
        let state = |world: &World| world.aws.endpoint(&id).unwrap().state;
        pass(&mut world, 59);
        assert_eq!(state(&world), EndpointState::PendingAcceptance);
        pass(&mut world, 1);
        assert_eq!(state(&world), EndpointState::Pending);
        pass(&mut world, 30);
        assert_eq!(state(&world), EndpointState::Available);
        assert_eq!(connection_state(&world), Some(ConnectionState::Pending));
        pass(&mut world, 90);
        assert_eq!(connection_state(&world), Some(ConnectionState::Active));
    }

    #[test]
    fn one_long_jump_gives_the_same_world_as_many_short_ones() {
        let mut long = default_world::world();
        let id = dedicated_endpoint(&mut long);
        register(&mut long, &id);
        let mut short = long.clone();
        pass(&mut long, 400);
        for _ in 0..400 {
            pass(&mut short, 1);
        }
        assert_eq!(long, short);
    }

    #[test]
    fn an_endpoint_that_is_not_there_fails_with_tidb_clouds_words() {
        let mut world = default_world::world();
        register(&mut world, "vpce-0123456789abcdef0");
        assert_eq!(connection_state(&world), Some(ConnectionState::Pending));
        pass(&mut world, 60);
        let connection = world.tidb.connections.first().unwrap();
        assert_eq!(connection.state, ConnectionState::Failed);
        assert_eq!(connection.message, "The VPC Endpoint Id '{vpce-0123456789abcdef0 []}' does not exist");
    }

    #[test]
    fn an_endpoint_the_service_cannot_see_yet_fails_and_succeeds_on_the_second_try() {
        let mut world = default_world::world();
        world.delays.endpoint_visible_to_service = 90;
        let id = dedicated_endpoint(&mut world);
        let connection = register(&mut world, &id);
        pass(&mut world, 60);
        assert_eq!(connection_state(&world), Some(ConnectionState::Failed));
        world.deregister_connection(&connection).unwrap();
        pass(&mut world, 60);
        assert_eq!(connection_state(&world), None);
        assert_eq!(world.aws.endpoint(&id).unwrap().state, EndpointState::PendingAcceptance);
        register(&mut world, &id);
        pass(&mut world, 180);
        assert_eq!(connection_state(&world), Some(ConnectionState::Active));
    }

    #[test]
    fn deregistering_an_accepted_endpoint_rejects_it() {
        let mut world = default_world::world();
        let id = dedicated_endpoint(&mut world);
        let connection = register(&mut world, &id);
        pass(&mut world, 200);
        world.deregister_connection(&connection).unwrap();
        assert_eq!(connection_state(&world), Some(ConnectionState::Deleting));
        pass(&mut world, 60);
        assert_eq!(connection_state(&world), None);
        assert_eq!(world.aws.endpoint(&id).unwrap().state, EndpointState::Rejected);
    }

    #[test]
    fn a_deleted_endpoint_lingers_and_its_interfaces_do_not() {
        let mut world = default_world::world();
        let id = dedicated_endpoint(&mut world);
        assert_eq!(world.aws.network_interfaces.len(), 1);
        assert_eq!(world.delete_endpoints("us-west-2", std::slice::from_ref(&id)), []);
        pass(&mut world, 59);
        assert_eq!(world.aws.network_interfaces.len(), 1);
        pass(&mut world, 1);
        assert_eq!(world.aws.endpoint(&id).unwrap().state, EndpointState::Deleted);
        assert_eq!(world.aws.network_interfaces, []);
        pass(&mut world, 30);
        assert_eq!(world.aws.endpoint(&id), None);
    }

    #[test]
    fn a_modification_shows_pending_and_refuses_a_second_one_meanwhile() {
        let mut world = default_world::world();
        let id = dedicated_endpoint(&mut world);
        register(&mut world, &id);
        pass(&mut world, 200);
        let enable = EndpointChange { private_dns_enabled: Some(true), ..EndpointChange::default() };
        world.modify_endpoint("us-west-2", &id, &enable).unwrap();
        assert_eq!(world.aws.endpoint(&id).unwrap().state, EndpointState::Pending);
        let refused = world.modify_endpoint("us-west-2", &id, &enable).unwrap_err();
        assert_eq!(refused.code, "OperationInProgress");
        pass(&mut world, 30);
        let endpoint = world.aws.endpoint(&id).unwrap();
        assert_eq!(endpoint.state, EndpointState::Available);
        assert!(endpoint.private_dns_enabled);
    }

    #[test]
    fn a_service_made_through_the_legacy_api_is_offered_once_it_is_active() {
        let mut world = default_world::world();
        world.create_private_link_service(OLD_CLUSTER_ID).unwrap();
        let name = |world: &World| {
            let (_, _, service) = world.private_link_service(OLD_CLUSTER_ID, "-").unwrap();
            (service.service_name.clone(), service.state)
        };
        let (service_name, state) = name(&world);
        assert_eq!(state, ServiceState::Creating);
        assert!(world.aws.service("us-west-2", &service_name).is_none());
        pass(&mut world, 210);
        assert_eq!(name(&world).1, ServiceState::Active);
        assert!(world.aws.service("us-west-2", &service_name).is_some());
    }
}
