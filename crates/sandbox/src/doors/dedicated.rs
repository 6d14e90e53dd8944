//! The Dedicated door: the operations of `https://dedicated.tidbapi.com/v1beta1` that a private endpoint needs. Field
//! presence follows real payloads: what is of no use on a cloud is absent, and a host not known yet is empty.

use ::http::StatusCode;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::tidb::{Caller, Page, no_such_route, refusal};
use crate::http::{Reply, Request};
use crate::world::{
    CloudProvider, Connection, ConnectionState, DedicatedCluster, GrpcCode, NodeGroup, ServiceState,
    TidbError, World,
};

pub(super) const OPERATIONS: [&str; 9] = [
    "ListClusters",
    "GetCluster",
    "ListTidbNodeGroups",
    "GetTidbNodeGroup",
    "GetPrivateLinkService",
    "CreatePrivateEndpointConnection",
    "ListPrivateEndpointConnections",
    "GetPrivateEndpointConnection",
    "DeletePrivateEndpointConnection",
];

/// A request understood.
enum Route {
    ListClusters,
    GetCluster(String),
    ListNodeGroups(String),
    GetNodeGroup(String, String),
    GetService(String, String),
    Create(String, String),
    List(String, String),
    Get(String, String, String),
    Delete(String, String, String),
}

impl Route {
    fn of(request: &Request) -> Option<Self> {
        let segments = request.segments();
        let path: Vec<&str> = segments.iter().map(String::as_str).collect();
        let own = str::to_owned;
        Some(match (request.method.as_str(), path.as_slice()) {
            ("GET", ["v1beta1", "clusters"]) => Self::ListClusters,
            ("GET", ["v1beta1", "clusters", cluster]) => Self::GetCluster(own(cluster)),
            ("GET", ["v1beta1", "clusters", cluster, "tidbNodeGroups"]) => Self::ListNodeGroups(own(cluster)),
            ("GET", ["v1beta1", "clusters", cluster, "tidbNodeGroups", group]) => {
                Self::GetNodeGroup(own(cluster), own(group))
            }
            ("GET", ["v1beta1", "clusters", cluster, "tidbNodeGroups", group, "privateLinkService"]) => {
                Self::GetService(own(cluster), own(group))
            }
            (
                method,
                ["v1beta1", "clusters", cluster, "tidbNodeGroups", group, "privateEndpointConnections"],
            ) => match method {
                "POST" => Self::Create(own(cluster), own(group)),
                "GET" => Self::List(own(cluster), own(group)),
                _ => return None,
            },
            (
                method,
                ["v1beta1", "clusters", cluster, "tidbNodeGroups", group, "privateEndpointConnections", id],
            ) => match method {
                "GET" => Self::Get(own(cluster), own(group), own(id)),
                "DELETE" => Self::Delete(own(cluster), own(group), own(id)),
                _ => return None,
            },
            _ => return None,
        })
    }
}

pub(super) fn operation(request: &Request) -> &'static str {
    match Route::of(request) {
        Some(Route::ListClusters) => "ListClusters",
        Some(Route::GetCluster(_)) => "GetCluster",
        Some(Route::ListNodeGroups(_)) => "ListTidbNodeGroups",
        Some(Route::GetNodeGroup(..)) => "GetTidbNodeGroup",
        Some(Route::GetService(..)) => "GetPrivateLinkService",
        Some(Route::Create(..)) => "CreatePrivateEndpointConnection",
        Some(Route::List(..)) => "ListPrivateEndpointConnections",
        Some(Route::Get(..)) => "GetPrivateEndpointConnection",
        Some(Route::Delete(..)) => "DeletePrivateEndpointConnection",
        None => "Unknown",
    }
}

pub(super) fn perform(world: &mut World, caller: &Caller, request: &Request) -> Reply {
    let answer = match Route::of(request) {
        Some(route) => answer(world, caller, request, route),
        None => Err(no_such_route(request)),
    };
    match answer {
        Ok(body) => Reply::json(StatusCode::OK, &body),
        Err(error) => refusal(&error),
    }
}

fn answer(world: &mut World, caller: &Caller, request: &Request, route: Route) -> Result<Value, TidbError> {
    match route {
        Route::ListClusters => list_clusters(world, request),
        Route::GetCluster(cluster) => Ok(json!(ClusterJson::of(world.dedicated_cluster(&cluster)?))),
        Route::ListNodeGroups(cluster) => {
            let cluster = world.dedicated_cluster(&cluster)?;
            let groups: Vec<_> =
                cluster.node_groups.iter().map(|group| NodeGroupJson::of(cluster, group)).collect();
            let total = groups.len();
            let (groups, next) = Page::of(request, &world.limits)?.cut(groups);
            Ok(json!({ "tidbNodeGroups": groups, "totalSize": total, "nextPageToken": next }))
        }
        Route::GetNodeGroup(cluster, group) => {
            let (cluster, group) = world.dedicated_node_group(&cluster, &group)?;
            Ok(json!(NodeGroupJson::of(cluster, group)))
        }
        Route::GetService(cluster, group) => get_service(world, &cluster, &group),
        Route::Create(cluster, group) => create(world, request, &cluster, &group),
        Route::List(cluster, group) => list(world, caller, request, &cluster, &group),
        Route::Get(cluster, group, id) => {
            let connection = find(world, &cluster, &group, &id)?;
            Ok(json!(ConnectionJson::of(world, connection)))
        }
        Route::Delete(cluster, group, id) => {
            let id = find(world, &cluster, &group, &id)?.connection_id.clone();
            world.deregister_connection(&id)?;
            Ok(json!({}))
        }
    }
}

fn list_clusters(world: &World, request: &Request) -> Result<Value, TidbError> {
    let project = request.query_parameter("projectId");
    let clusters: Vec<_> = world
        .tidb
        .clusters
        .iter()
        .filter(|cluster| wanted(project.as_deref(), &cluster.project_id))
        .map(ClusterJson::of)
        .collect();
    let total = clusters.len();
    let (clusters, next) = Page::of(request, &world.limits)?.cut(clusters);
    Ok(json!({ "clusters": clusters, "totalSize": total, "nextPageToken": next }))
}

fn get_service(world: &World, cluster_id: &str, group_id: &str) -> Result<Value, TidbError> {
    let (cluster, group, service) = world.private_link_service(cluster_id, group_id)?;
    let mut body = Map::new();
    body.insert(
        "name".to_owned(),
        json!(format!("tidbNodeGroups/{}/privateLinkService", group.node_group_id)),
    );
    body.insert("tidbNodeGroupId".to_owned(), json!(group.node_group_id));
    body.insert("serviceName".to_owned(), json!(service.service_name));
    body.insert("serviceDnsName".to_owned(), json!(service.dns_name));
    if cluster.cloud_provider == CloudProvider::Aws {
        body.insert("availableZones".to_owned(), json!(service.zone_ids));
    }
    body.insert("state".to_owned(), json!(service.state));
    body.insert("regionId".to_owned(), json!(cluster.region_id()));
    body.insert("regionDisplayName".to_owned(), json!(cluster.region_display_name));
    body.insert("cloudProvider".to_owned(), json!(cluster.cloud_provider));
    Ok(Value::Object(body))
}

/// The body of a POST: of its fields only the endpoint's id matters on AWS.
#[derive(Deserialize)]
struct NewConnection {
    #[serde(rename = "endpointId", default)]
    endpoint_id: String,
}

fn create(
    world: &mut World,
    request: &Request,
    cluster_id: &str,
    group_id: &str,
) -> Result<Value, TidbError> {
    let new: NewConnection = serde_json::from_slice(&request.body).map_err(|error| {
        TidbError::new(
            GrpcCode::InvalidArgument,
            format!("the body is not a private endpoint connection: {error}"),
        )
    })?;
    if request.query_parameter("validateOnly").as_deref() == Some("true") {
        return Err(TidbError::new(GrpcCode::InvalidArgument, "validateOnly is only supported on Azure"));
    }
    let connection = world.register_connection(cluster_id, group_id, &new.endpoint_id)?;
    Ok(json!(ConnectionJson::of(world, &connection)))
}

fn list(
    world: &World,
    caller: &Caller,
    request: &Request,
    cluster_id: &str,
    group_id: &str,
) -> Result<Value, TidbError> {
    let mut project = request.query_parameter("projectId").filter(|id| !id.is_empty());
    let cloud = request.query_parameter("cloudProvider").filter(|name| !name.is_empty());
    let group_id = if cluster_id == "-" {
        if !caller.project_wide {
            return Err(TidbError::new(
                GrpcCode::PermissionDenied,
                "the API key is not permitted to list private endpoint connections of a whole project",
            ));
        }
        if project.is_none() {
            return Err(TidbError::new(
                GrpcCode::InvalidArgument,
                "project_id must be given when cluster_id is -",
            ));
        }
        group_id.to_owned()
    } else {
        let cluster = world.dedicated_cluster(cluster_id)?;
        project.get_or_insert_with(|| cluster.project_id.clone());
        match group_id {
            "-" => "-".to_owned(),
            group_id => world.dedicated_node_group(cluster_id, group_id)?.1.node_group_id.clone(),
        }
    };
    let connections: Vec<_> = world
        .tidb
        .connections
        .iter()
        .filter(|connection| cluster_id == "-" || connection.cluster_id == cluster_id)
        .filter(|connection| group_id == "-" || connection.node_group_id == group_id)
        .filter(|connection| {
            world.tidb.cluster(&connection.cluster_id).is_some_and(|cluster| {
                wanted(project.as_deref(), &cluster.project_id)
                    && wanted(cloud.as_deref(), cluster.cloud_provider.as_str())
            })
        })
        .map(|connection| ConnectionJson::of(world, connection))
        .collect();
    let total = connections.len();
    let (connections, next) = Page::of(request, &world.limits)?.cut(connections);
    Ok(json!({ "privateEndpointConnections": connections, "totalSize": total, "nextPageToken": next }))
}

/// Whether an optional filter lets a value through.
fn wanted(filter: Option<&str>, value: &str) -> bool {
    filter.is_none_or(|filter| filter.is_empty() || filter == value)
}

fn find<'world>(
    world: &'world World,
    cluster_id: &str,
    group_id: &str,
    connection_id: &str,
) -> Result<&'world Connection, TidbError> {
    let (_, group) = world.dedicated_node_group(cluster_id, group_id)?;
    world
        .tidb
        .connections
        .iter()
        .find(|connection| {
            connection.connection_id == connection_id
                && connection.cluster_id == cluster_id
                && connection.node_group_id == group.node_group_id
        })
        .ok_or_else(|| TidbError::not_found(format!("private endpoint connection {connection_id} not found")))
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ConnectionJson {
    name: String,
    tidb_node_group_id: String,
    private_endpoint_connection_id: String,
    cluster_id: String,
    cluster_display_name: String,
    labels: Value,
    endpoint_id: String,
    endpoint_state: ConnectionState,
    message: String,
    region_id: String,
    region_display_name: String,
    cloud_provider: Option<CloudProvider>,
    private_link_service_name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    private_link_service_state: Option<ServiceState>,
    tidb_node_group_display_name: String,
    host: String,
    port: u16,
}

impl ConnectionJson {
    fn of(world: &World, connection: &Connection) -> Self {
        let cluster = world.tidb.cluster(&connection.cluster_id);
        let group = world.tidb.node_group(&connection.cluster_id, &connection.node_group_id);
        let service = group.and_then(|group| group.private_link_service.as_ref());
        Self {
            name: format!(
                "tidbNodeGroups/{}/privateEndpointConnections/{}",
                connection.node_group_id, connection.connection_id
            ),
            tidb_node_group_id: connection.node_group_id.clone(),
            private_endpoint_connection_id: connection.connection_id.clone(),
            cluster_id: connection.cluster_id.clone(),
            cluster_display_name: cluster.map(|cluster| cluster.display_name.clone()).unwrap_or_default(),
            labels: labels(cluster),
            endpoint_id: connection.endpoint_id.clone(),
            endpoint_state: connection.state,
            message: connection.message.clone(),
            region_id: cluster.map(DedicatedCluster::region_id).unwrap_or_default(),
            region_display_name: cluster
                .map(|cluster| cluster.region_display_name.clone())
                .unwrap_or_default(),
            cloud_provider: cluster.map(|cluster| cluster.cloud_provider),
            private_link_service_name: service
                .map(|service| service.service_name.clone())
                .unwrap_or_default(),
            private_link_service_state: service.map(|service| service.state),
            tidb_node_group_display_name: group.map(|group| group.display_name.clone()).unwrap_or_default(),
            host: service
                .filter(|_| connection.state == ConnectionState::Active)
                .map(|service| service.dns_name.clone())
                .unwrap_or_default(),
            port: cluster.map_or(4000, |cluster| cluster.port),
        }
    }
}

fn labels(cluster: Option<&DedicatedCluster>) -> Value {
    let project = cluster.map(|cluster| cluster.project_id.as_str());
    json!({ "tidb.cloud/project": project.unwrap_or_default() })
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct NodeGroupJson {
    name: String,
    tidb_node_group_id: String,
    cluster_id: String,
    display_name: String,
    node_count: u32,
    endpoints: Vec<Value>,
    node_spec_key: &'static str,
    node_spec_display_name: &'static str,
    is_default_group: bool,
    state: Value,
}

impl NodeGroupJson {
    fn of(cluster: &DedicatedCluster, group: &NodeGroup) -> Self {
        // The host of a private endpoint is listed once the service is ready.
        let endpoints = group
            .private_link_service
            .iter()
            .filter(|service| service.state == ServiceState::Active)
            .map(|service| {
                json!({
                    "host": service.dns_name,
                    "port": cluster.port,
                    "connectionType": "PRIVATE_ENDPOINT",
                })
            })
            .collect();
        Self {
            name: format!("tidbNodeGroups/{}", group.node_group_id),
            tidb_node_group_id: group.node_group_id.clone(),
            cluster_id: cluster.cluster_id.clone(),
            display_name: group.display_name.clone(),
            node_count: group.node_count,
            endpoints,
            node_spec_key: "8C16G",
            node_spec_display_name: "8 vCPU, 16 GiB",
            is_default_group: group.is_default_group,
            state: json!(group.state),
        }
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ClusterJson {
    name: String,
    cluster_id: String,
    display_name: String,
    region_id: String,
    labels: Value,
    tidb_node_setting: Value,
    tikv_node_setting: Value,
    port: u16,
    state: Value,
    version: String,
    create_time: String,
    update_time: String,
    region_display_name: String,
    cloud_provider: CloudProvider,
    annotations: Value,
}

impl ClusterJson {
    fn of(cluster: &DedicatedCluster) -> Self {
        let groups: Vec<_> =
            cluster.node_groups.iter().map(|group| NodeGroupJson::of(cluster, group)).collect();
        Self {
            name: format!("clusters/{}", cluster.cluster_id),
            cluster_id: cluster.cluster_id.clone(),
            display_name: cluster.display_name.clone(),
            region_id: cluster.region_id(),
            labels: labels(Some(cluster)),
            tidb_node_setting: json!({
                "nodeSpecKey": "8C16G",
                "nodeSpecDisplayName": "8 vCPU, 16 GiB",
                "tidbNodeGroups": groups,
            }),
            tikv_node_setting: json!({
                "nodeCount": 3,
                "nodeSpecKey": "8C32G",
                "storageSizeGi": 500,
                "storageType": "Standard",
                "nodeSpecDisplayName": "8 vCPU, 32 GiB",
            }),
            port: cluster.port,
            state: json!(cluster.state),
            version: cluster.version.clone(),
            create_time: cluster.create_time.to_string(),
            update_time: cluster.create_time.to_string(),
            region_display_name: cluster.region_display_name.clone(),
            cloud_provider: cluster.cloud_provider,
            annotations: json!({}),
        }
    }
}
