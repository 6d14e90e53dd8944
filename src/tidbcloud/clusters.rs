//! All clusters of a project, from both APIs that have clusters: whole pages, so that one request serves a hundred
//! clusters. What a project-wide list does not say of a cluster is asked for by the caller.

use super::TidbCloud;
use super::calls::{self, Call};
use super::dedicated::DedicatedCluster;
use super::request::Request;
use super::serverless::ServerlessCluster;
use crate::error::ApiError;
use crate::ids::ProjectId;
use crate::json::{Misfit, Node};
use crate::operation::Operation;
use crate::pages::{Page, Pages};

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
        let request = list(calls::DEDICATED_CLUSTERS).query("projectId", project.as_str());
        let clusters = self
            .clusters(operation, &request, |cluster| Some(cluster.id.as_str()), DedicatedCluster::read)
            .await?;
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
        let request = list(calls::SERVERLESS_CLUSTERS).query("filter", format!("projectId={project}"));
        let clusters = self
            .clusters(operation, &request, |cluster| Some(cluster.id.as_str()), ServerlessCluster::read)
            .await?;
        Ok(of_project(clusters, project, |cluster| cluster.project.as_ref()))
    }

    async fn clusters<T: Send>(
        &self,
        operation: &Operation,
        first: &Request,
        key: fn(&T) -> Option<&str>,
        read: impl Fn(Node<'_>) -> Result<T, Misfit> + Send + Sync,
    ) -> Result<Vec<T>, ApiError> {
        let mut clusters = Pages::by(key);
        while let Some(token) = clusters.due() {
            let request = match token {
                Some(token) => first.clone().query("pageToken", token),
                None => first.clone(),
            };
            let answer = self.0.http.send(operation, request).await?;
            let page = answer.decode(|node| {
                let items = node.list("clusters")?.into_iter().map(&read).collect::<Result<Vec<_>, _>>()?;
                let next = node.optional_text("nextPageToken")?;
                Ok(Page { items, next, total: node.count("totalSize")? })
            })?;
            clusters.add(page).map_err(|disorder| answer.malformed(disorder.to_string()))?;
        }
        Ok(clusters.into_items())
    }
}

fn list(call: Call) -> Request {
    Request::get(call, &["v1beta1", "clusters"]).query("pageSize", PAGE_SIZE)
}

/// Without clusters that are labelled as another project's: an API that does not know a filter may ignore it.
fn of_project<T>(mut clusters: Vec<T>, project: &ProjectId, of: impl Fn(&T) -> Option<&ProjectId>) -> Vec<T> {
    clusters.retain(|cluster| of(cluster).is_none_or(|found| found == project));
    clusters
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::error::ErrorKind;
    use crate::tidbcloud::testing::{Deed, Server, operation};

    fn project() -> ProjectId {
        ProjectId::new("1370000000000000001")
    }

    fn cluster(id: &str, project: Option<&str>) -> Value {
        let labels = project.map(|project| json!({ "tidb.cloud/project": project }));
        json!({ "clusterId": id, "regionId": "aws-us-west-2", "region": { "name": "regions/aws-us-west-2" }, "labels": labels })
    }

    #[tokio::test]
    async fn pages_are_followed_to_the_end_with_the_same_question() {
        let server = Server::start(|request, _| {
            let first = !request.target.contains("pageToken");
            let (id, next) = if first { ("1", "more/+") } else { ("2", "") };
            Deed::json(json!({ "clusters": [cluster(id, None)], "nextPageToken": next }))
        });
        let client = server.client();
        let dedicated = client.dedicated_clusters(&operation(None), &project()).await.unwrap();
        let serverless = client.serverless_clusters(&operation(None), &project()).await.unwrap();
        assert_eq!((dedicated.len(), serverless.len()), (2, 2));
        let asked = server.received().into_iter().filter(|request| request.digest().is_some());
        let queries: Vec<_> =
            asked.filter_map(|request| Some(request.target.split_once('?')?.1.to_owned())).collect();
        assert_eq!(
            queries,
            [
                "pageSize=100&projectId=1370000000000000001",
                "pageSize=100&projectId=1370000000000000001&pageToken=more%2F%2B",
                "pageSize=100&filter=projectId%3D1370000000000000001",
                "pageSize=100&filter=projectId%3D1370000000000000001&pageToken=more%2F%2B",
            ]
        );
    }

    #[tokio::test]
    async fn clusters_of_another_project_do_not_count_even_when_the_filter_is_ignored() {
        let server = Server::start(|_, _| {
            let ours = cluster("1", Some("1370000000000000001"));
            Deed::json(json!({ "clusters": [ours, cluster("2", Some("9")), cluster("3", None)] }))
        });
        let found = server.client().serverless_clusters(&operation(None), &project()).await.unwrap();
        assert_eq!(found.iter().map(|cluster| cluster.id.as_str()).collect::<Vec<_>>(), ["1", "3"]);
    }

    #[tokio::test]
    async fn pages_that_go_round_in_a_circle_are_malformed() {
        let server = Server::start(|_, _| Deed::json(json!({ "nextPageToken": "again" })));
        let error = server.client().dedicated_clusters(&operation(None), &project()).await.unwrap_err();
        assert_eq!(error.kind, ErrorKind::Malformed);
        // Two pages, and as many each time that the list is read anew.
        assert_eq!(server.count("GET"), 6);
    }
}
