//! The legacy door: private endpoints of Dedicated clusters on AWS and Google Cloud as
//! `https://api.tidbcloud.com/api/v1beta` spells them. It is the only API that can make a missing endpoint service, and
//! it knows only a cluster's default node group.

use ::http::StatusCode;
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::tidb::{no_such_route, refusal};
use crate::http::{Reply, Request};
use crate::world::{
    CloudProvider, Connection, DedicatedCluster, GrpcCode, PrivateLinkService, TidbError, World,
};

pub(super) const OPERATIONS: [&str; 6] = [
    "GetPrivateEndpointService",
    "CreatePrivateEndpointService",
    "ListPrivateEndpoints",
    "CreatePrivateEndpoint",
    "DeletePrivateEndpoint",
    "ListProjectPrivateEndpoints",
];

/// A request understood: project, cluster and endpoint.
enum Route {
    GetService(String, String),
    CreateService(String, String),
    List(String, String),
    Create(String, String),
    Delete(String, String, String),
    ListProject(String),
}

impl Route {
    fn of(request: &Request) -> Option<Self> {
        let segments = request.segments();
        let path: Vec<&str> = segments.iter().map(String::as_str).collect();
        let ["api", "v1beta", "projects", project, rest @ ..] = path.as_slice() else {
            return None;
        };
        let project = (*project).to_owned();
        let own = str::to_owned;
        Some(match (request.method.as_str(), rest) {
            ("GET", ["private_endpoints"]) => Self::ListProject(project),
            ("GET", ["clusters", cluster, "private_endpoint_service"]) => {
                Self::GetService(project, own(cluster))
            }
            ("POST", ["clusters", cluster, "private_endpoint_service"]) => {
                Self::CreateService(project, own(cluster))
            }
            ("GET", ["clusters", cluster, "private_endpoints"]) => Self::List(project, own(cluster)),
            ("POST", ["clusters", cluster, "private_endpoints"]) => Self::Create(project, own(cluster)),
            ("DELETE", ["clusters", cluster, "private_endpoints", id]) => {
                Self::Delete(project, own(cluster), own(id))
            }
            _ => return None,
        })
    }
}

pub(super) fn operation(request: &Request) -> &'static str {
    match Route::of(request) {
        Some(Route::GetService(..)) => "GetPrivateEndpointService",
        Some(Route::CreateService(..)) => "CreatePrivateEndpointService",
        Some(Route::List(..)) => "ListPrivateEndpoints",
        Some(Route::Create(..)) => "CreatePrivateEndpoint",
        Some(Route::Delete(..)) => "DeletePrivateEndpoint",
        Some(Route::ListProject(_)) => "ListProjectPrivateEndpoints",
        None => "Unknown",
    }
}

pub(super) fn perform(world: &mut World, request: &Request) -> Reply {
    let answer = match Route::of(request) {
        Some(route) => answer(world, request, route),
        None => Err(no_such_route(request)),
    };
    match answer {
        Ok(body) => Reply::json(StatusCode::OK, &body),
        Err(error) => refusal(&error),
    }
}

fn answer(world: &mut World, request: &Request, route: Route) -> Result<Value, TidbError> {
    match route {
        Route::GetService(project, cluster) => {
            check(world, &project, &cluster)?;
            service(world, &cluster)
        }
        Route::CreateService(project, cluster) => {
            check(world, &project, &cluster)?;
            parse::<Map<String, Value>>(request)?;
            world.create_private_link_service(&cluster)?;
            service(world, &cluster)
        }
        Route::List(project, cluster) => {
            check(world, &project, &cluster)?;
            let endpoints: Vec<Value> = world
                .tidb
                .connections
                .iter()
                .filter(|connection| connection.cluster_id == cluster)
                .map(|connection| endpoint_json(world, connection))
                .collect();
            Ok(json!({ "endpoints": endpoints }))
        }
        Route::Create(project, cluster) => {
            check(world, &project, &cluster)?;
            let new: NewEndpoint = parse(request)?;
            let connection = world.register_connection(&cluster, "-", &new.endpoint_name)?;
            Ok(json!({ "private_endpoint": endpoint_json(world, &connection) }))
        }
        Route::Delete(project, cluster, id) => {
            check(world, &project, &cluster)?;
            let known = world
                .tidb
                .connections
                .iter()
                .any(|connection| connection.connection_id == id && connection.cluster_id == cluster);
            if !known {
                return Err(TidbError::not_found(format!("private endpoint {id} not found")));
            }
            world.deregister_connection(&id)?;
            Ok(json!({}))
        }
        Route::ListProject(project) => {
            let endpoints: Vec<Value> = world
                .tidb
                .connections
                .iter()
                .filter(|connection| {
                    world
                        .tidb
                        .cluster(&connection.cluster_id)
                        .is_some_and(|cluster| cluster.project_id == project)
                })
                .map(|connection| endpoint_json(world, connection))
                .collect();
            Ok(json!({ "endpoints": endpoints }))
        }
    }
}

#[derive(Deserialize)]
struct NewEndpoint {
    endpoint_name: String,
}

fn parse<T: serde::de::DeserializeOwned>(request: &Request) -> Result<T, TidbError> {
    serde_json::from_slice(&request.body).map_err(|error| {
        TidbError::new(GrpcCode::InvalidArgument, format!("the body cannot be read: {error}"))
    })
}

/// The cluster must be the project's.
fn check(world: &World, project_id: &str, cluster_id: &str) -> Result<(), TidbError> {
    let cluster = world.dedicated_cluster(cluster_id)?;
    if cluster.project_id == project_id {
        return Ok(());
    }
    Err(TidbError::not_found(format!("cluster {cluster_id} not found in project {project_id}")))
}

fn service(world: &World, cluster_id: &str) -> Result<Value, TidbError> {
    let (cluster, _, service) = world.private_link_service(cluster_id, "-")?;
    let mut body = json!({
        "cloud_provider": cloud(cluster),
        "name": service.service_name,
        "status": service.state,
        "dns_name": service.dns_name,
        "port": cluster.port,
    });
    if let (CloudProvider::Aws, Some(fields)) = (cluster.cloud_provider, body.as_object_mut()) {
        fields.insert("az_ids".to_owned(), json!(service.zone_ids));
    }
    Ok(json!({ "private_endpoint_service": body }))
}

fn endpoint_json(world: &World, connection: &Connection) -> Value {
    let cluster = world.tidb.cluster(&connection.cluster_id);
    let service: Option<&PrivateLinkService> = world
        .tidb
        .node_group(&connection.cluster_id, &connection.node_group_id)
        .and_then(|group| group.private_link_service.as_ref());
    json!({
        "id": connection.connection_id,
        "cloud_provider": cluster.map(cloud),
        "cluster_id": connection.cluster_id,
        "cluster_name": cluster.map(|cluster| &cluster.display_name),
        "region_name": cluster.map(region_name),
        "endpoint_name": connection.endpoint_id,
        "status": connection.state,
        "message": connection.message,
        "service_name": service.map(|service| &service.service_name),
        "service_status": service.map(|service| service.state),
    })
}

/// The legacy API writes clouds in capitals.
fn cloud(cluster: &DedicatedCluster) -> String {
    cluster.cloud_provider.as_str().to_uppercase()
}

/// `Oregon` of `Oregon (us-west-2)`.
fn region_name(cluster: &DedicatedCluster) -> String {
    let name = &cluster.region_display_name;
    name.split(" (").next().unwrap_or(name).to_owned()
}
