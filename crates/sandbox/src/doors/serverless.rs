//! The serverless door: reading Starter, Essential and Premium clusters as `https://serverless.tidbapi.com/v1beta1` tells them.
//! Their endpoint services are shared and accept by themselves, so there is nothing to register.

use ::http::StatusCode;
use serde_json::{Map, Value, json};

use super::tidb::{Page, no_such_route, refusal};
use crate::http::{Reply, Request};
use crate::world::{
    CloudProvider, ClusterState, GrpcCode, ServerlessCluster, ServerlessPlan, TidbError, World,
};

pub(super) const OPERATIONS: [&str; 2] = ["ListClusters", "GetCluster"];

pub(super) fn operation(request: &Request) -> &'static str {
    let segments = request.segments();
    let path: Vec<&str> = segments.iter().map(String::as_str).collect();
    match (request.method.as_str(), path.as_slice()) {
        ("GET", ["v1beta1", "clusters"]) => "ListClusters",
        ("GET", ["v1beta1", "clusters", _]) => "GetCluster",
        _ => "Unknown",
    }
}

pub(super) fn perform(world: &World, request: &Request) -> Reply {
    let answer = match operation(request) {
        "ListClusters" => list(world, request),
        "GetCluster" => get(world, request),
        _ => Err(no_such_route(request)),
    };
    match answer {
        Ok(body) => Reply::json(StatusCode::OK, &body),
        Err(error) => refusal(&error),
    }
}

fn list(world: &World, request: &Request) -> Result<Value, TidbError> {
    let project = project_filter(request)?;
    let clusters: Vec<Value> = world
        .tidb
        .serverless
        .iter()
        .filter(|cluster| cluster.state != ClusterState::Deleted)
        .filter(|cluster| project.as_ref().is_none_or(|id| *id == cluster.project_id))
        .map(|cluster| cluster_json(cluster, true))
        .collect();
    let total = clusters.len();
    let (clusters, next) = Page::of(request, &world.limits)?.cut(clusters);
    Ok(json!({ "clusters": clusters, "nextPageToken": next, "totalSize": total }))
}

/// The one filter served: `projectId=ID`, in the API's filter syntax.
fn project_filter(request: &Request) -> Result<Option<String>, TidbError> {
    let Some(filter) = request.query_parameter("filter").filter(|text| !text.is_empty()) else {
        return Ok(None);
    };
    filter
        .split_once('=')
        .filter(|(name, _)| matches!(name.trim(), "projectId" | "project_id"))
        .map(|(_, id)| Some(id.trim().trim_matches('"').to_owned()))
        .ok_or_else(|| {
            TidbError::new(
                GrpcCode::InvalidArgument,
                format!("filter \"{filter}\" is not served; the sandbox knows projectId=ID"),
            )
        })
}

fn get(world: &World, request: &Request) -> Result<Value, TidbError> {
    let id = request.segments().pop().unwrap_or_default();
    let full = match request.query_parameter("view").as_deref() {
        None | Some("" | "FULL") => true,
        Some("BASIC") => false,
        Some(other) => {
            return Err(TidbError::new(
                GrpcCode::InvalidArgument,
                format!("view is {other}, it must be BASIC or FULL"),
            ));
        }
    };
    world
        .tidb
        .serverless
        .iter()
        .find(|cluster| cluster.cluster_id == id && cluster.state != ClusterState::Deleted)
        .map(|cluster| cluster_json(cluster, full))
        .ok_or_else(|| TidbError::not_found(format!("cluster {id} not found")))
}

fn cluster_json(cluster: &ServerlessCluster, full: bool) -> Value {
    // `clusterPlan` has words for two plans only (commonv1beta1ServicePlan and ClusterClusterPlan of the v1beta1 spec).
    let (plan, service_plan) = match cluster.plan {
        ServerlessPlan::Starter => (Some("STARTER"), "Starter"),
        ServerlessPlan::Essential => (Some("ESSENTIAL"), "Essential"),
        ServerlessPlan::Premium => (None, "Premium"),
        ServerlessPlan::Byoc => (None, "BYOC"),
    };
    // The cloud stands in front (commonv1beta1Region of the v1beta1 spec).
    let region_id = format!("{}-{}", cluster.cloud_provider, cluster.region);
    let mut body = json!({
        "name": format!("clusters/{}", cluster.cluster_id),
        "clusterId": cluster.cluster_id,
        "displayName": cluster.display_name,
        "region": {
            "name": format!("regions/{region_id}"),
            "regionId": region_id,
            "cloudProvider": cluster.cloud_provider,
            "displayName": cluster.region_display_name,
        },
        "version": cluster.version,
        "createdBy": "sandbox",
        "userPrefix": cluster.user_prefix,
        "state": cluster.state,
        "labels": { "tidb.cloud/project": cluster.project_id },
        "annotations": {},
        "createTime": cluster.create_time,
        "updateTime": cluster.create_time,
        "servicePlan": service_plan,
    });
    if let Some(fields) = body.as_object_mut() {
        if let Some(plan) = plan {
            fields.insert("clusterPlan".to_owned(), json!(plan));
        }
        if full {
            fields.insert("endpoints".to_owned(), endpoints_json(cluster));
        }
    }
    body
}

fn endpoints_json(cluster: &ServerlessCluster) -> Value {
    let public = json!({
        "host": cluster.public_host,
        "port": cluster.port,
        "disabled": false,
        "authorizedNetworks": [{
            "displayName": "Allow_all_public_connections",
            "startIpAddress": "0.0.0.0",
            "endIpAddress": "255.255.255.255",
        }],
    });
    if cluster.service_name.is_empty() {
        return json!({ "public": public });
    }
    let mut private = Map::new();
    // On Alibaba Cloud each endpoint has its own host, so the cluster tells none.
    if !cluster.private_host.is_empty() {
        private.insert("host".to_owned(), json!(cluster.private_host));
    }
    private.insert("port".to_owned(), json!(cluster.port));
    let service = json!({
        "serviceName": cluster.service_name,
        "availabilityZone": cluster.zone_ids,
    });
    match cluster.cloud_provider {
        CloudProvider::Aws => private.insert("aws".to_owned(), service),
        CloudProvider::Alicloud => private.insert("alicloud".to_owned(), service),
        CloudProvider::Gcp => {
            private.insert("gcp".to_owned(), json!({ "serviceAttachmentName": cluster.service_name }))
        }
        CloudProvider::Azure => None,
    };
    json!({ "public": public, "private": private })
}
