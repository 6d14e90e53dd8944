//! Legacy API v1beta, for the one thing that only it can do: asking for the endpoint service of a Dedicated cluster
//! that is older than the automatic ones.

use std::collections::BTreeSet;

use serde_json::json;

use super::TidbCloud;
use super::calls;
use super::http::write_once;
use super::request::Request;
use super::states::LinkState;
use crate::error::ApiError;
use crate::ids::{CloudName, ClusterId, ProjectId, ServiceName, ZoneId};
use crate::json::{Misfit, Node};
use crate::operation::Operation;

/// The endpoint service of a Dedicated cluster's default node group, as the legacy API shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LegacyService {
    /// The cloud, when it is one that we know.
    pub cloud: Option<CloudName>,
    /// The name to make endpoints for; unknown while it is being created.
    pub service_name: Option<ServiceName>,
    /// Its state.
    pub state: LinkState,
    /// The name that clients connect to.
    pub host: Option<String>,
    /// The port that clients connect to.
    pub port: Option<u16>,
    /// The zones that it is offered in (AWS only).
    pub zones: BTreeSet<ZoneId>,
}

impl TidbCloud {
    /// Asks TiDB Cloud to make the endpoint service of a cluster, and returns the one that is there otherwise.
    ///
    /// # Errors
    /// `outcome_unknown` is set when the operation ended before it was known whether the request took effect.
    pub async fn request_legacy_service(
        &self,
        operation: &Operation,
        project: &ProjectId,
        cluster: &ClusterId,
    ) -> Result<LegacyService, ApiError> {
        let write = || async {
            let request = Request::post(calls::MAKE_LEGACY_SERVICE, &path(project, cluster), json!({}));
            let answer = self.0.http.send(operation, request).await;
            self.forget(cluster);
            answer?.decode(LegacyService::read)
        };
        let look = || async {
            match self.legacy_service(operation, project, cluster).await {
                Ok(service) => Ok(Some(service)),
                Err(error) if error.is_not_found() => Ok(None),
                Err(error) => Err(error),
            }
        };
        write_once(operation, write, look).await
    }

    /// The endpoint service of a cluster as the legacy API shows it.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`](crate::error::ErrorKind::NotFound) when there is none.
    pub async fn legacy_service(
        &self,
        operation: &Operation,
        project: &ProjectId,
        cluster: &ClusterId,
    ) -> Result<LegacyService, ApiError> {
        let request = Request::get(calls::LEGACY_SERVICE, &path(project, cluster));
        self.0.http.send(operation, request).await?.decode(LegacyService::read)
    }
}

fn path<'a>(project: &'a ProjectId, cluster: &'a ClusterId) -> [&'a str; 7] {
    ["api", "v1beta", "projects", project.as_str(), "clusters", cluster.as_str(), "private_endpoint_service"]
}

impl LegacyService {
    pub(super) fn read(node: Node<'_>) -> Result<Self, Misfit> {
        let service = node.required("private_endpoint_service")?;
        Ok(Self {
            cloud: service.word("cloud_provider")?.parse().ok(),
            service_name: service.optional_text("name")?.map(ServiceName::new),
            state: LinkState::of(&service.word("status")?),
            host: service.optional_text("dns_name")?,
            port: service.port("port")?,
            zones: service.texts("az_ids")?.into_iter().map(ZoneId::new).collect(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_service_is_read() {
        let value = json!({ "private_endpoint_service": {
            "cloud_provider": "AWS", "name": "com.amazonaws.vpce.us-west-2.vpce-svc-0aaaaaaaaaaaaaaaa",
            "status": "ACTIVE", "dns_name": "privatelink-tidb.abc.clusters.tidb-cloud.com", "port": 4000,
            "az_ids": ["usw2-az1", "usw2-az2"] } });
        let service = LegacyService::read(Node::root(&value)).unwrap();
        assert_eq!(
            (service.cloud, service.state, service.port),
            (Some(CloudName::Aws), LinkState::Active, Some(4000))
        );
        assert_eq!(service.host.as_deref(), Some("privatelink-tidb.abc.clusters.tidb-cloud.com"));
        assert_eq!(service.zones.len(), 2);
    }

    #[test]
    fn an_answer_without_the_service_is_malformed() {
        for value in [json!({}), json!({ "private_endpoint_service": null })] {
            let misfit = LegacyService::read(Node::root(&value)).unwrap_err().to_string();
            assert!(misfit.contains("`private_endpoint_service`"), "{misfit}");
        }
    }
}
