//! Dedicated API v1beta1: clusters with their node groups, and the endpoint service of a node group. What is
//! registered at a service is in `connection`.

use std::collections::BTreeSet;

use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use super::TidbCloud;
use super::calls;
use super::place::Place;
use super::request::Request;
use super::states::{ClusterState, LinkState, NodeGroupState};
use crate::error::ApiError;
use crate::ids::{CloudName, ClusterId, NodeGroupId, ProjectId, Region, ServiceName, ZoneId};
use crate::json::{Misfit, Node};
use crate::operation::Operation;
use crate::recent::Age;

/// The label that holds a cluster's or connection's project.
const PROJECT_LABEL: &str = "tidb.cloud/project";

/// A TiDB Cloud Dedicated cluster (`dedicatedv1beta1Cluster`), as far as private endpoints are concerned.
#[derive(Clone, Debug, PartialEq)]
pub struct DedicatedCluster {
    /// The cluster's id.
    pub id: ClusterId,
    /// The name that its owner gave it.
    pub display_name: String,
    /// Its state.
    pub state: ClusterState,
    /// The cloud, when it is one that we know.
    pub cloud: Option<CloudName>,
    /// The cloud in TiDB Cloud's own word; empty when it says none.
    pub cloud_raw: String,
    /// The region.
    pub region: Region,
    /// The project that it belongs to.
    pub project: Option<ProjectId>,
    /// The port of all its addresses.
    pub port: Option<u16>,
    /// Its TiDB node groups.
    pub node_groups: Vec<NodeGroup>,
    /// When it was made.
    pub create_time: Option<OffsetDateTime>,
}

/// A group of TiDB nodes with addresses and an endpoint service of its own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NodeGroup {
    /// The group's id.
    pub id: NodeGroupId,
    /// The name that its owner gave it.
    pub display_name: String,
    /// Whether it is the one that the cluster came with.
    pub is_default: bool,
    /// Its state.
    pub state: NodeGroupState,
    /// The host name for private endpoints. AWS: known once the service is ready; elsewhere after a connection was made.
    pub private_host: Option<String>,
}

/// The endpoint service of a node group (`PrivateLinkService`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PrivateLinkService {
    /// The name to make endpoints for; unknown while it is being created.
    pub service_name: Option<ServiceName>,
    /// The name that clients connect to (AWS: one for all endpoints).
    pub host: Option<String>,
    /// The zones that it is offered in (AWS only).
    pub zones: BTreeSet<ZoneId>,
    /// Its state.
    pub state: LinkState,
    /// The region.
    pub region: Option<Region>,
    /// The cloud, when it is one that we know.
    pub cloud: Option<CloudName>,
}

impl TidbCloud {
    /// A Dedicated cluster. Callers at about the same time share one request.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`](crate::error::ErrorKind::NotFound) also for a cluster of another plan.
    pub async fn dedicated_cluster(
        &self,
        operation: &Operation,
        cluster: &ClusterId,
    ) -> Result<DedicatedCluster, ApiError> {
        let request = Request::get(calls::DEDICATED_CLUSTER, &["v1beta1", "clusters", cluster.as_str()]);
        let fetch = async { self.0.http.send(operation, request).await?.decode(DedicatedCluster::read) };
        self.0.dedicated.get(operation, cluster, Age::Recent, fetch).await.map(|answer| answer.value)
    }

    /// The endpoint service of a node group. Callers at about the same time share one request.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`](crate::error::ErrorKind::NotFound) when the group has none.
    pub async fn private_link_service(
        &self,
        operation: &Operation,
        cluster: &ClusterId,
        group: &NodeGroupId,
    ) -> Result<PrivateLinkService, ApiError> {
        let path =
            ["v1beta1", "clusters", cluster.as_str(), "tidbNodeGroups", group.as_str(), "privateLinkService"];
        let request = Request::get(calls::ENDPOINT_SERVICE, &path);
        let fetch = async { self.0.http.send(operation, request).await?.decode(PrivateLinkService::read) };
        let key = (cluster.clone(), group.clone());
        self.0.services.get(operation, &key, Age::Recent, fetch).await.map(|answer| answer.value)
    }
}

/// The project that something is labelled with.
pub(super) fn project_of(node: &Node<'_>) -> Result<Option<ProjectId>, Misfit> {
    let Some(labels) = node.optional("labels")? else {
        return Ok(None);
    };
    Ok(labels.optional_text(PROJECT_LABEL)?.map(ProjectId::new))
}

impl DedicatedCluster {
    pub(super) fn read(node: Node<'_>) -> Result<Self, Misfit> {
        let place = Place::new(&node.text("regionId")?, node.optional_text("cloudProvider")?.as_deref());
        let groups = match node.optional("tidbNodeSetting")? {
            Some(setting) => setting.list("tidbNodeGroups")?,
            None => Vec::new(),
        };
        Ok(Self {
            id: node.id("clusterId")?,
            display_name: node.word("displayName")?,
            state: ClusterState::of(&node.word("state")?),
            cloud: place.cloud,
            cloud_raw: place.cloud_raw,
            region: place.region,
            project: project_of(&node)?,
            port: node.port("port")?,
            node_groups: groups.iter().map(NodeGroup::read).collect::<Result<_, _>>()?,
            // Nothing depends on the exact time, so one that cannot be read is as good as none.
            create_time: node
                .optional_text("createTime")?
                .and_then(|text| OffsetDateTime::parse(&text, &Rfc3339).ok()),
        })
    }
}

impl NodeGroup {
    fn read(node: &Node<'_>) -> Result<Self, Misfit> {
        let mut private_host = None;
        for endpoint in node.list("endpoints")? {
            if endpoint.word("connectionType")?.eq_ignore_ascii_case("PRIVATE_ENDPOINT") {
                private_host = endpoint.optional_text("host")?;
            }
        }
        Ok(Self {
            id: node.id("tidbNodeGroupId")?,
            display_name: node.word("displayName")?,
            is_default: node.flag("isDefaultGroup")?.unwrap_or(false),
            state: NodeGroupState::of(&node.word("state")?),
            private_host,
        })
    }
}

impl PrivateLinkService {
    pub(super) fn read(node: Node<'_>) -> Result<Self, Misfit> {
        let region = node.optional_text("regionId")?;
        let place = Place::new(
            region.as_deref().unwrap_or_default(),
            node.optional_text("cloudProvider")?.as_deref(),
        );
        Ok(Self {
            service_name: node.optional_text("serviceName")?.map(ServiceName::new),
            host: node.optional_text("serviceDnsName")?,
            zones: node.texts("availableZones")?.into_iter().map(ZoneId::new).collect(),
            state: LinkState::of(&node.word("state")?),
            region: region.map(|_| place.region),
            cloud: place.cloud,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_cluster_is_read_with_its_node_groups() {
        let value = json!({
            "name": "clusters/10300000000000000001",
            "clusterId": "10300000000000000001",
            "displayName": "orders",
            "regionId": "aws-us-west-2",
            "labels": { "tidb.cloud/project": "1370000000000000001" },
            "tidbNodeSetting": {
                "nodeSpecKey": "8C16G",
                "tidbNodeGroups": [
                    {
                        "tidbNodeGroupId": "1900000000000000001", "displayName": "DefaultGroup", "isDefaultGroup": true,
                        "nodeCount": 3, "state": "ACTIVE",
                        "endpoints": [
                            { "host": "tidb.abc.clusters.tidb-cloud.com", "port": 4000, "connectionType": "PUBLIC" },
                            { "host": "privatelink-19000000.abc.clusters.tidb-cloud.com", "port": 4000,
                              "connectionType": "PRIVATE_ENDPOINT" },
                        ],
                    },
                    { "tidbNodeGroupId": "1900000000000000002", "state": "MODIFYING",
                      "endpoints": [{ "host": "", "connectionType": "PRIVATE_ENDPOINT" }] },
                ],
            },
            "port": 4000, "state": "ACTIVE", "cloudProvider": "aws", "createTime": "2026-01-02T03:04:05Z",
            "someNewField": { "deep": [1, 2] },
        });
        let cluster = DedicatedCluster::read(Node::root(&value)).unwrap();
        assert_eq!(cluster.id.as_str(), "10300000000000000001");
        assert_eq!(cluster.display_name, "orders");
        assert_eq!(cluster.state, ClusterState::Active);
        assert_eq!((cluster.cloud, cluster.cloud_raw.as_str()), (Some(CloudName::Aws), "aws"));
        assert_eq!(cluster.region.as_str(), "us-west-2");
        assert_eq!(cluster.project.unwrap().as_str(), "1370000000000000001");
        assert_eq!(cluster.port, Some(4000));
        assert_eq!(cluster.create_time.unwrap().unix_timestamp(), 1_767_323_045);
        let [default, other] = &cluster.node_groups[..] else { panic!("{:?}", cluster.node_groups) };
        assert!(default.is_default && !other.is_default);
        assert_eq!(default.private_host.as_deref(), Some("privatelink-19000000.abc.clusters.tidb-cloud.com"));
        assert_eq!((&other.private_host, &other.state), (&None, &NodeGroupState::Modifying));
    }

    #[test]
    fn a_cluster_needs_only_its_id_and_region() {
        let value = json!({ "clusterId": 10757937805044000000u64, "regionId": "gcp-us-west1", "port": null,
            "labels": null, "tidbNodeSetting": null, "createTime": "yesterday" });
        let cluster = DedicatedCluster::read(Node::root(&value)).unwrap();
        assert_eq!(cluster.id.as_str(), "10757937805044000000");
        assert_eq!((cluster.cloud, cluster.region.as_str()), (Some(CloudName::Gcp), "us-west1"));
        assert_eq!(cluster.state, ClusterState::Other(String::new()));
        assert_eq!((cluster.port, cluster.project, cluster.create_time), (None, None, None));
    }

    #[test]
    fn a_missing_id_is_named_with_its_path() {
        let value = json!({ "clusterId": "1", "regionId": "aws-us-west-2",
            "tidbNodeSetting": { "tidbNodeGroups": [{ "tidbNodeGroupId": "2" }, { "displayName": "x" }] } });
        let misfit = DedicatedCluster::read(Node::root(&value)).unwrap_err().to_string();
        assert!(misfit.contains("`tidbNodeSetting.tidbNodeGroups[1].tidbNodeGroupId`"), "{misfit}");
        let misfit =
            DedicatedCluster::read(Node::root(&json!({ "clusterId": "1" }))).unwrap_err().to_string();
        assert!(misfit.contains("`regionId`"), "{misfit}");
    }

    #[test]
    fn a_service_is_read() {
        let value = json!({
            "name": "tidbNodeGroups/1900000000000000001/privateLinkService",
            "tidbNodeGroupId": "1900000000000000001",
            "serviceName": "com.amazonaws.vpce.us-west-2.vpce-svc-0aaaaaaaaaaaaaaaa",
            "serviceDnsName": "privatelink-19000000.abc.clusters.tidb-cloud.com",
            "availableZones": ["usw2-az2", "usw2-az1"],
            "state": "ACTIVE", "regionId": "aws-us-west-2", "regionDisplayName": "Oregon (us-west-2)",
            "cloudProvider": "aws",
        });
        let service = PrivateLinkService::read(Node::root(&value)).unwrap();
        assert_eq!(
            service.service_name.unwrap().as_str(),
            "com.amazonaws.vpce.us-west-2.vpce-svc-0aaaaaaaaaaaaaaaa"
        );
        assert_eq!(service.host.as_deref(), Some("privatelink-19000000.abc.clusters.tidb-cloud.com"));
        assert_eq!(service.zones.iter().map(ZoneId::as_str).collect::<Vec<_>>(), ["usw2-az1", "usw2-az2"]);
        assert_eq!(service.state, LinkState::Active);
        assert_eq!((service.region, service.cloud), (Some(Region::new("us-west-2")), Some(CloudName::Aws)));
    }

    #[test]
    fn a_service_that_is_being_created_has_little() {
        let value =
            json!({ "state": "CREATING", "serviceName": "", "serviceDnsName": null, "availableZones": null });
        let service = PrivateLinkService::read(Node::root(&value)).unwrap();
        assert_eq!(
            service,
            PrivateLinkService {
                service_name: None,
                host: None,
                zones: BTreeSet::new(),
                state: LinkState::Creating,
                region: None,
                cloud: None,
            }
        );
    }
}
