//! What happens to clusters and their endpoint services, on TiDB Cloud's side and on the cloud's own side together.

use super::EventError;
use crate::world::{ClusterState, ServiceState, World};

impl World {
    pub(super) fn set_cluster_state(
        &mut self,
        cluster_id: &str,
        state: ClusterState,
    ) -> Result<(), EventError> {
        let dedicated = self
            .tidb
            .clusters
            .iter_mut()
            .filter(|cluster| cluster.cluster_id == cluster_id)
            .map(|cluster| &mut cluster.state);
        let serverless = self
            .tidb
            .serverless
            .iter_mut()
            .filter(|cluster| cluster.cluster_id == cluster_id)
            .map(|cluster| &mut cluster.state);
        let slot = dedicated.chain(serverless).next().ok_or_else(|| no_cluster(cluster_id))?;
        *slot = state;
        Ok(())
    }

    pub(super) fn set_service_state(
        &mut self,
        cluster_id: &str,
        node_group_id: &str,
        state: ServiceState,
    ) -> Result<(), EventError> {
        let due = match state {
            ServiceState::Creating => Some(self.now.plus_seconds(self.delays.service_create)),
            ServiceState::Deleting => Some(self.now.plus_seconds(self.delays.service_delete)),
            ServiceState::Active => None,
        };
        let service = self
            .tidb
            .node_group_mut(cluster_id, node_group_id)
            .and_then(|group| group.private_link_service.as_mut())
            .ok_or_else(|| no_service(cluster_id, node_group_id))?;
        service.state = state;
        service.due = due;
        Ok(())
    }

    pub(super) fn set_service_zones(
        &mut self,
        cluster_id: &str,
        node_group_id: Option<&str>,
        zone_ids: &[String],
    ) -> Result<(), EventError> {
        let service_name = match self.tidb.cluster_mut(cluster_id) {
            Some(cluster) => {
                let service = cluster
                    .node_groups
                    .iter_mut()
                    .find(|group| match node_group_id {
                        Some(id) => group.node_group_id == id,
                        None => group.is_default_group,
                    })
                    .and_then(|group| group.private_link_service.as_mut())
                    .ok_or_else(|| no_service(cluster_id, node_group_id.unwrap_or("-")))?;
                service.zone_ids = zone_ids.to_vec();
                service.service_name.clone()
            }
            None => self
                .tidb
                .serverless
                .iter()
                .find(|cluster| cluster.cluster_id == cluster_id)
                .map(|cluster| cluster.service_name.clone())
                .ok_or_else(|| no_cluster(cluster_id))?,
        };
        for cluster in &mut self.tidb.serverless {
            if cluster.service_name == service_name {
                cluster.zone_ids = zone_ids.to_vec();
            }
        }
        for service in &mut self.aws.services {
            if service.service_name == service_name {
                service.zone_ids = zone_ids.to_vec();
            }
        }
        for service in &mut self.alicloud.services {
            if service.service_name == service_name {
                service.zone_ids = zone_ids.to_vec();
            }
        }
        Ok(())
    }

    pub(super) fn delete_cluster(&mut self, cluster_id: &str) -> Result<(), EventError> {
        let dedicated =
            self.tidb.clusters.iter().position(|cluster| cluster.cluster_id == cluster_id).map(|index| {
                let cluster = self.tidb.clusters.remove(index);
                let services = cluster.node_groups.into_iter().filter_map(|group| group.private_link_service);
                services.map(|service| service.service_name).collect::<Vec<_>>()
            });
        let service_names = match dedicated {
            Some(names) => names,
            None => self
                .tidb
                .serverless
                .iter()
                .position(|cluster| cluster.cluster_id == cluster_id)
                .map(|index| vec![self.tidb.serverless.remove(index).service_name])
                .ok_or_else(|| no_cluster(cluster_id))?,
        };
        self.tidb.connections.retain(|connection| connection.cluster_id != cluster_id);
        for service_name in service_names {
            let shared = self.tidb.serverless.iter().any(|cluster| cluster.service_name == service_name);
            if !shared {
                self.withdraw_service(&service_name);
            }
        }
        Ok(())
    }

    pub(super) fn recreate_service(
        &mut self,
        cluster_id: &str,
        node_group_id: &str,
    ) -> Result<(), EventError> {
        let region = self
            .tidb
            .cluster(cluster_id)
            .map(|cluster| cluster.region.clone())
            .ok_or_else(|| EventError(format!("there is no Dedicated cluster {cluster_id}")))?;
        let old = self
            .tidb
            .node_group_mut(cluster_id, node_group_id)
            .and_then(|group| group.private_link_service.take())
            .ok_or_else(|| no_service(cluster_id, node_group_id))?;
        self.aws.services.retain(|service| service.service_name != old.service_name);
        let hash = self.ids.hex(12);
        let digits: String = node_group_id.chars().take(8).collect();
        let mut service =
            self.new_service(&region, format!("privatelink-{digits}.{hash}.clusters.tidb-cloud.com"));
        service.zone_ids = old.zone_ids;
        service.due = Some(self.now);
        if let Some(group) = self.tidb.node_group_mut(cluster_id, node_group_id) {
            group.private_link_service = Some(service);
        }
        self.advance(self.now);
        Ok(())
    }
}

fn no_cluster(cluster_id: &str) -> EventError {
    EventError(format!("there is no cluster {cluster_id}"))
}

fn no_service(cluster_id: &str, node_group_id: &str) -> EventError {
    EventError(format!(
        "node group {node_group_id} of Dedicated cluster {cluster_id} has no private link service"
    ))
}
