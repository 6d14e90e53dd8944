//! Starter and Essential API v1beta1: a cluster carries everything about its private endpoint service itself, and
//! nothing has to be registered.

use std::collections::BTreeSet;

use super::TidbCloud;
use super::calls;
use super::dedicated::project_of;
use super::place::Place;
use super::request::Request;
use super::states::{ClusterState, ServerlessPlan};
use crate::error::ApiError;
use crate::ids::{CloudName, ClusterId, ProjectId, Region, ServiceName, ZoneId};
use crate::json::{Misfit, Node};
use crate::operation::Operation;
use crate::recent::Age;

/// A Starter or Essential cluster (`serverlessv1beta1Cluster`), as far as private endpoints are concerned.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServerlessCluster {
    /// The cluster's id.
    pub id: ClusterId,
    /// The name that its owner gave it.
    pub display_name: String,
    /// Its state.
    pub state: ClusterState,
    /// Its plan.
    pub plan: ServerlessPlan,
    /// The cloud, when it is one that we know.
    pub cloud: Option<CloudName>,
    /// The cloud in TiDB Cloud's own word; empty when it says none.
    pub cloud_raw: String,
    /// The region.
    pub region: Region,
    /// How it is reached privately; `None` when TiDB Cloud offers nothing there (yet).
    pub private: Option<PrivateEndpointInfo>,
    /// The project that it belongs to.
    pub project: Option<ProjectId>,
}

/// The private endpoint service that a cluster shares with others of its region (`endpoints.private`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PrivateEndpointInfo {
    /// The name that clients connect to. On Alibaba Cloud each endpoint has a name of its own instead.
    pub host: Option<String>,
    /// The port that clients connect to.
    pub port: Option<u16>,
    /// The name to make endpoints for.
    pub service_name: Option<ServiceName>,
    /// The zones that it is offered in.
    pub zones: BTreeSet<ZoneId>,
}

impl TidbCloud {
    /// A Starter or Essential cluster. Callers at about the same time share one request.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`](crate::error::ErrorKind::NotFound) also for a Dedicated cluster.
    pub async fn serverless_cluster(
        &self,
        operation: &Operation,
        cluster: &ClusterId,
    ) -> Result<ServerlessCluster, ApiError> {
        let request = Request::get(calls::SERVERLESS_CLUSTER, &["v1beta1", "clusters", cluster.as_str()])
            .query("view", "FULL");
        let fetch = async { self.0.http.send(operation, request).await?.decode(ServerlessCluster::read) };
        self.0.serverless.get(operation, cluster, Age::Recent, fetch).await.map(|answer| answer.value)
    }
}

impl ServerlessCluster {
    pub(super) fn read(node: Node<'_>) -> Result<Self, Misfit> {
        let region = node.required("region")?;
        // The id comes with or without the cloud in front; the name (`regions/aws-us-east-1`) always has it.
        let id = match region.optional_text("regionId")? {
            Some(id) => id,
            None => region.text("name")?.trim_start_matches("regions/").to_owned(),
        };
        let provider = match region.optional_text("cloudProvider")? {
            Some(provider) => Some(provider),
            None => region.optional_text("provider")?,
        };
        let place = Place::new(&id, provider.as_deref());
        let plan = match node.optional_text("servicePlan")? {
            Some(plan) => plan,
            None => node.word("clusterPlan")?,
        };
        let private = match node.optional("endpoints")? {
            Some(endpoints) => endpoints.optional("private")?,
            None => None,
        };
        Ok(Self {
            id: node.id("clusterId")?,
            display_name: node.word("displayName")?,
            state: ClusterState::of(&node.word("state")?),
            plan: ServerlessPlan::of(&plan),
            cloud: place.cloud,
            cloud_raw: place.cloud_raw,
            region: place.region,
            private: private.map(PrivateEndpointInfo::read).transpose()?.flatten(),
            project: project_of(&node)?,
        })
    }
}

impl PrivateEndpointInfo {
    fn read(node: Node<'_>) -> Result<Option<Self>, Misfit> {
        let mut info = Self {
            host: node.optional_text("host")?,
            port: node.port("port")?,
            service_name: None,
            zones: BTreeSet::new(),
        };
        for (cloud, name) in
            [("aws", "serviceName"), ("alicloud", "serviceName"), ("gcp", "serviceAttachmentName")]
        {
            let Some(cloud) = node.optional(cloud)? else {
                continue;
            };
            if let Some(name) = cloud.optional_text(name)? {
                info.service_name = Some(ServiceName::new(name));
                // One zone or many, the field's name is in the singular.
                info.zones = cloud.texts("availabilityZone")?.into_iter().map(ZoneId::new).collect();
            }
        }
        Ok(Some(info).filter(|info| info.host.is_some() || info.service_name.is_some()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_starter_cluster_on_aws_is_read() {
        let value = json!({
            "clusterId": "10400000000000000001", "displayName": "web", "state": "ACTIVE", "clusterPlan": "STARTER",
            "region": { "name": "regions/aws-us-east-1", "regionId": "us-east-1", "cloudProvider": "aws" },
            "labels": { "tidb.cloud/organization": "1", "tidb.cloud/project": "1370000000000000001" },
            "endpoints": {
                "public": { "host": "gateway01.us-east-1.prod.aws.tidbcloud.com", "port": 4000 },
                "private": {
                    "host": "gateway01-privatelink.us-east-1.prod.aws.tidbcloud.com", "port": 4000,
                    "aws": { "serviceName": "com.amazonaws.vpce.us-east-1.vpce-svc-0bbbbbbbbbbbbbbbb",
                             "availabilityZone": ["use1-az1", "use1-az4"] },
                    "alicloud": null,
                },
            },
        });
        let cluster = ServerlessCluster::read(Node::root(&value)).unwrap();
        assert_eq!(cluster.plan, ServerlessPlan::Starter);
        assert_eq!((cluster.cloud, cluster.region.as_str()), (Some(CloudName::Aws), "us-east-1"));
        assert_eq!(cluster.project.unwrap().as_str(), "1370000000000000001");
        let private = cluster.private.unwrap();
        assert_eq!(private.host.as_deref(), Some("gateway01-privatelink.us-east-1.prod.aws.tidbcloud.com"));
        assert_eq!(private.port, Some(4000));
        assert_eq!(
            private.service_name.unwrap().as_str(),
            "com.amazonaws.vpce.us-east-1.vpce-svc-0bbbbbbbbbbbbbbbb"
        );
        assert_eq!(private.zones.iter().map(ZoneId::as_str).collect::<Vec<_>>(), ["use1-az1", "use1-az4"]);
    }

    #[test]
    fn an_essential_cluster_on_alibaba_cloud_is_read() {
        let value = json!({
            "clusterId": "10400000000000000003", "state": "ACTIVE", "servicePlan": "Essential",
            "clusterPlan": "ESSENTIAL",
            "region": { "name": "regions/alicloud-ap-southeast-1", "regionId": "alicloud-ap-southeast-1",
                        "provider": "alicloud" },
            "endpoints": { "private": { "host": "", "port": "4000", "alicloud": {
                "serviceName": "com.aliyuncs.privatelink.ap-southeast-1.epsrv-xxxxxxxxxxxxxxxxxxxx",
                "availabilityZone": ["ap-southeast-1a"] } } },
        });
        let cluster = ServerlessCluster::read(Node::root(&value)).unwrap();
        assert_eq!(cluster.plan, ServerlessPlan::Essential);
        assert_eq!((cluster.cloud, cluster.region.as_str()), (Some(CloudName::Alicloud), "ap-southeast-1"));
        let private = cluster.private.unwrap();
        assert_eq!((private.host, private.port), (None, Some(4000)));
        assert_eq!(private.zones.iter().map(ZoneId::as_str).collect::<Vec<_>>(), ["ap-southeast-1a"]);
    }

    #[test]
    fn a_cluster_without_a_private_side_has_none() {
        let region = json!({ "name": "regions/aws-us-east-1" });
        for endpoints in [
            json!(null),
            json!({}),
            json!({ "private": null }),
            json!({ "private": {} }),
            json!({ "private": { "host": "", "port": 0, "aws": { "serviceName": "", "availabilityZone": [] } } }),
        ] {
            let value = json!({ "clusterId": "1", "region": region, "endpoints": endpoints });
            let cluster = ServerlessCluster::read(Node::root(&value)).unwrap();
            assert_eq!(cluster.private, None, "{value}");
            assert_eq!((cluster.cloud, cluster.region.as_str()), (Some(CloudName::Aws), "us-east-1"));
            assert_eq!(cluster.plan, ServerlessPlan::Other(String::new()));
        }
    }

    #[test]
    fn a_private_side_of_the_wrong_kind_is_named_with_its_path() {
        let value = json!({ "clusterId": "1", "region": { "regionId": "aws-us-east-1" },
            "endpoints": { "private": { "aws": { "serviceName": "x", "availabilityZone": "use1-az1" } } } });
        let misfit = ServerlessCluster::read(Node::root(&value)).unwrap_err().to_string();
        assert!(misfit.contains("`endpoints.private.aws.availabilityZone`"), "{misfit}");
    }
}
