//! TiDB Cloud's side of a private endpoint: registering, deregistering and making a service. The Dedicated and the
//! legacy door are two spellings of these rules.

use crate::world::{
    ClusterState, Connection, ConnectionState, DedicatedCluster, GrpcCode, NodeGroup, PrivateLinkService,
    ServiceState, TidbError, World,
};

impl World {
    /// The Dedicated cluster, or TiDB Cloud's refusal.
    pub(crate) fn dedicated_cluster(&self, cluster_id: &str) -> Result<&DedicatedCluster, TidbError> {
        self.tidb
            .cluster(cluster_id)
            .filter(|cluster| cluster.state != ClusterState::Deleted)
            .ok_or_else(|| TidbError::not_found(format!("cluster {cluster_id} not found")))
    }

    /// A node group of a Dedicated cluster; `-` is the default group.
    pub(crate) fn dedicated_node_group(
        &self,
        cluster_id: &str,
        node_group_id: &str,
    ) -> Result<(&DedicatedCluster, &NodeGroup), TidbError> {
        let cluster = self.dedicated_cluster(cluster_id)?;
        cluster
            .node_groups
            .iter()
            .find(|group| {
                group.node_group_id == node_group_id || (node_group_id == "-" && group.is_default_group)
            })
            .map(|group| (cluster, group))
            .ok_or_else(|| TidbError::not_found(format!("tidb node group {node_group_id} not found")))
    }

    /// The endpoint service of a node group.
    pub(crate) fn private_link_service(
        &self,
        cluster_id: &str,
        node_group_id: &str,
    ) -> Result<(&DedicatedCluster, &NodeGroup, &PrivateLinkService), TidbError> {
        let (cluster, group) = self.dedicated_node_group(cluster_id, node_group_id)?;
        group.private_link_service.as_ref().map(|service| (cluster, group, service)).ok_or_else(|| {
            TidbError::not_found(format!(
                "private link service of tidb node group {} not found",
                group.node_group_id
            ))
        })
    }

    /// Registers an endpoint. TiDB Cloud does not look at the endpoint here: one that is not there is taken as PENDING
    /// and fails later. A second registration of the same endpoint is refused with ALREADY_EXISTS; what the real
    /// service does is not documented.
    pub(crate) fn register_connection(
        &mut self,
        cluster_id: &str,
        node_group_id: &str,
        endpoint_id: &str,
    ) -> Result<Connection, TidbError> {
        let (cluster, group, service) = self.private_link_service(cluster_id, node_group_id)?;
        if !cluster.state.takes_connections() {
            return Err(TidbError::new(
                GrpcCode::FailedPrecondition,
                format!("cluster {cluster_id} is {:?}, not available", cluster.state),
            ));
        }
        if service.state != ServiceState::Active {
            return Err(TidbError::new(
                GrpcCode::FailedPrecondition,
                format!("private link service is {:?}, not ACTIVE", service.state),
            ));
        }
        if endpoint_id.trim().is_empty() {
            return Err(TidbError::new(GrpcCode::InvalidArgument, "endpoint_id must not be empty"));
        }
        let node_group_id = group.node_group_id.clone();
        let taken = self.tidb.connections.iter().any(|connection| {
            connection.endpoint_id == endpoint_id
                && connection.node_group_id == node_group_id
                && connection.state != ConnectionState::Discovered
        });
        if taken {
            return Err(TidbError::new(
                GrpcCode::AlreadyExists,
                format!("private endpoint connection of {endpoint_id} already exists"),
            ));
        }
        // Registering what was discovered adopts it.
        self.tidb.connections.retain(|connection| {
            connection.endpoint_id != endpoint_id || connection.node_group_id != node_group_id
        });
        let connection = Connection {
            connection_id: self.ids.decimal(),
            cluster_id: cluster_id.to_owned(),
            node_group_id,
            endpoint_id: endpoint_id.to_owned(),
            state: ConnectionState::Pending,
            message: String::new(),
            accepted: false,
            create_time: self.now,
            due: Some(self.now.plus_seconds(self.delays.connection_accept)),
        };
        self.tidb.connections.push(connection.clone());
        Ok(connection)
    }

    /// Deregisters an endpoint: DELETING now, gone later. Deleting what is already DELETING succeeds and changes
    /// nothing; what the real service does is not documented.
    pub(crate) fn deregister_connection(&mut self, connection_id: &str) -> Result<(), TidbError> {
        let due = self.now.plus_seconds(self.delays.connection_delete);
        let connection = self
            .tidb
            .connections
            .iter_mut()
            .find(|connection| connection.connection_id == connection_id)
            .ok_or_else(|| {
                TidbError::not_found(format!("private endpoint connection {connection_id} not found"))
            })?;
        if connection.state != ConnectionState::Deleting {
            connection.state = ConnectionState::Deleting;
            connection.due = Some(due);
        }
        Ok(())
    }

    /// Makes the endpoint service of a cluster's default node group, unless it has one. Only the legacy API can ask.
    pub(crate) fn create_private_link_service(&mut self, cluster_id: &str) -> Result<(), TidbError> {
        let (cluster, group) = self.dedicated_node_group(cluster_id, "-")?;
        if group.private_link_service.is_some() {
            return Ok(());
        }
        if !cluster.state.takes_connections() {
            return Err(TidbError::new(
                GrpcCode::FailedPrecondition,
                format!("cluster {cluster_id} is {:?}, not available", cluster.state),
            ));
        }
        let node_group_id = group.node_group_id.clone();
        let region = cluster.region.clone();
        let hash = self.ids.hex(12);
        let service = self.new_service(&region, format!("privatelink-tidb.{hash}.clusters.tidb-cloud.com"));
        if let Some(group) = self.tidb.node_group_mut(cluster_id, &node_group_id) {
            group.private_link_service = Some(service);
        }
        Ok(())
    }

    /// A service in CREATING under a new name, offered in the first three zones of its region.
    pub(crate) fn new_service(&mut self, region: &str, dns_name: String) -> PrivateLinkService {
        let zone_ids = self
            .aws
            .region(region)
            .map(|region| {
                let mut ids: Vec<_> = region.zones.iter().map(|zone| zone.id.clone()).collect();
                ids.sort();
                ids.truncate(3);
                ids
            })
            .unwrap_or_default();
        let id = self.ids.aws("vpce-svc");
        PrivateLinkService {
            service_name: format!("com.amazonaws.vpce.{region}.{id}"),
            dns_name,
            zone_ids,
            state: ServiceState::Creating,
            due: Some(self.now.plus_seconds(self.delays.service_create)),
        }
    }
}
