//! All clusters of a project, from both APIs that have clusters: whole pages, so that one request serves a hundred
//! clusters. What a project-wide list does not say of a cluster is asked for by the caller.

use std::collections::HashSet;

use super::TidbCloud;
use super::dedicated::DedicatedCluster;
use super::json::{Misfit, Node};
use super::request::Request;
use super::serverless::ServerlessCluster;
use crate::error::{ApiError, Service};
use crate::ids::ProjectId;
use crate::operation::Operation;

/// Operation id, without the service's name in front, as both APIs' specifications have it.
const LIST: &str = "ListClusters";

/// The most clusters that one answer holds (both specifications: larger sizes are cut to it).
const PAGE_SIZE: &str = "100";

impl TidbCloud {
    /// The Dedicated clusters of a project, with their node groups.
    ///
    /// # Errors
    /// Those of the call; [`ErrorKind::Malformed`](crate::error::ErrorKind::Malformed) when the pages go round in a
    /// circle.
    pub async fn dedicated_clusters(
        &self,
        operation: &Operation,
        project: &ProjectId,
    ) -> Result<Vec<DedicatedCluster>, ApiError> {
        let request = list(Service::TidbDedicated).query("projectId", project.as_str());
        let clusters = self.clusters(operation, &request, DedicatedCluster::read).await?;
        Ok(of_project(clusters, project, |cluster| cluster.project.as_ref()))
    }

    /// The clusters of a project that the Starter and Essential API knows, those of other plans included.
    ///
    /// # Errors
    /// As [`dedicated_clusters`](Self::dedicated_clusters).
    pub async fn serverless_clusters(
        &self,
        operation: &Operation,
        project: &ProjectId,
    ) -> Result<Vec<ServerlessCluster>, ApiError> {
        let request = list(Service::TidbServerless).query("filter", format!("projectId={project}"));
        let clusters = self.clusters(operation, &request, ServerlessCluster::read).await?;
        Ok(of_project(clusters, project, |cluster| cluster.project.as_ref()))
    }

    async fn clusters<T>(
        &self,
        operation: &Operation,
        first: &Request,
        read: impl Fn(Node<'_>) -> Result<T, Misfit>,
    ) -> Result<Vec<T>, ApiError> {
        let mut clusters = Vec::new();
        let mut seen = HashSet::new();
        let mut request = first.clone();
        loop {
            let answer = self.0.http.send(operation, request).await?;
            let (page, next) = answer.decode(|node| {
                let page = node.list("clusters")?.into_iter().map(&read).collect::<Result<Vec<_>, _>>()?;
                Ok((page, node.optional_text("nextPageToken")?))
            })?;
            clusters.extend(page);
            let Some(next) = next else { return Ok(clusters) };
            request = first.clone().query("pageToken", next.clone());
            if !seen.insert(next) {
                return Err(answer.malformed(
                    "field `nextPageToken` of the answer is one that came before, so the pages would never end",
                ));
            }
        }
    }
}

fn list(service: Service) -> Request {
    Request::get(service, LIST, &["v1beta1", "clusters"]).query("pageSize", PAGE_SIZE)
}

/// Without clusters that are labelled as another project's: an API that does not know a filter may ignore it.
fn of_project<T>(mut clusters: Vec<T>, project: &ProjectId, of: impl Fn(&T) -> Option<&ProjectId>) -> Vec<T> {
    clusters.retain(|cluster| of(cluster).is_none_or(|found| found == project));
    clusters
}
