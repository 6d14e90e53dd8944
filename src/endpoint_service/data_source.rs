//! The data source: the service as it is now, for configurations that only want to know. It waits for nothing: a service
//! that is still being made is told as it is.

use std::collections::BTreeSet;
use std::time::Duration;

use tfplugin::data_source::{ReadDataRequest, ReadDataResponse};
use tfplugin::schema::{Attribute, Schema};
use tfplugin::value::Type;
use tfplugin::{Attr, AttributePath, Context, DataSource, Diagnostics, model};

use super::lookup::{Found, LinkStatus, find_by_cluster};
use super::model::EndpointServiceModel;
use super::target::{blamed, parse_inputs};
use crate::diagnose;
use crate::provider::Clients;

/// How long a look may take.
const READ_TIMEOUT: Duration = Duration::from_secs(10 * 60);

model! {
    /// The data source `tidblink_endpoint_service`.
    #[derive(PartialEq)]
    pub struct ServiceDataModel {
        /// `dedicated/CLUSTER/NODE_GROUP` or `serverless/CLUSTER`.
        pub id: Attr<String>,
        /// The cluster.
        pub cluster_id: Attr<String>,
        /// The node group, for Dedicated.
        pub node_group_id: Attr<String>,
        /// `dedicated`, `starter` or `essential`.
        pub plan: Attr<String>,
        /// The project that the cluster belongs to.
        pub project_id: Attr<String>,
        /// The cloud that the service is on.
        pub cloud_provider: Attr<String>,
        /// The region in the cloud's own spelling.
        pub region: Attr<String>,
        /// The name that the cloud knows the service by.
        pub service_name: Attr<String>,
        /// The name that clients connect to.
        pub host: Attr<String>,
        /// The port that clients connect to.
        pub port: Attr<i64>,
        /// The zones that endpoints can be in.
        pub availability_zone_ids: Attr<BTreeSet<String>>,
        /// `creating`, `active` or `deleting`.
        pub state: Attr<String>,
    }
}

impl ServiceDataModel {
    /// The service as it is now.
    pub(super) fn of(found: &Found) -> Self {
        let mut model = EndpointServiceModel::default();
        model.fill(found);
        if found.link.is_none() && !matches!(found.status(), LinkStatus::Wait(_)) {
            // There is none, and none is on its way.
            model.state = Attr::Null;
        }
        Self {
            id: model.id,
            cluster_id: model.cluster_id,
            node_group_id: model.node_group_id,
            plan: model.plan,
            project_id: model.project_id,
            cloud_provider: model.cloud_provider,
            region: model.region,
            service_name: model.service_name,
            host: model.host,
            port: model.port,
            availability_zone_ids: model.availability_zone_ids,
            state: model.state,
        }
    }
}

/// What is told of every service beside its id, its cluster and its node group.
pub(super) fn told() -> Vec<Attribute> {
    let text = |name: &str, description: &str| Attribute::string(name).computed().description(description);
    vec![
        text("plan", "Plan of the cluster: `dedicated`, `starter` or `essential`."),
        text("project_id", "Id of the TiDB Cloud project that the cluster belongs to."),
        text("cloud_provider", "Cloud that the cluster runs on: `aws` or `alicloud`."),
        text("region", "Region of the service, such as `us-west-2`."),
        text("service_name", "Name of the service in its cloud; null while it is being made."),
        text(
            "host",
            "DNS name that clients connect to. Null while the service is being made, and on Alibaba Cloud, where each \
             endpoint has a name of its own.",
        ),
        Attribute::int64("port").computed().description("TCP port that clients connect to."),
        Attribute::set("availability_zone_ids", Type::String)
            .computed()
            .description("Ids of the zones that the service is offered in."),
        text(
            "state",
            "`creating` (TiDB Cloud takes 3 to 5 minutes), `active` or `deleting`; `active` says nothing about endpoints, see \
             `tidblink_private_endpoints` for those. Null when the cluster has no service and none is on its way: the resource \
             `tidblink_endpoint_service` then asks for one or says what to do.",
        ),
    ]
}

/// The data source `tidblink_endpoint_service`.
#[derive(Debug)]
pub struct EndpointServiceData;

impl DataSource for EndpointServiceData {
    type Data = Clients;
    type Model = ServiceDataModel;

    fn schema(&self) -> Schema {
        let schema = Schema::new(0)
            .description(
                "Looks up the endpoint service of a TiDB Cloud cluster, without waiting for it and without asking for one. A \
                 service that is still being made has the state `creating`.",
            )
            .attribute(
                Attribute::string("id")
                    .computed()
                    .description("`dedicated/CLUSTER/NODE_GROUP` or `serverless/CLUSTER`."),
            )
            .attribute(
                Attribute::string("cluster_id")
                    .required()
                    .description("Id of the TiDB Cloud cluster, a decimal number."),
            )
            .attribute(Attribute::string("node_group_id").optional().computed().description(
                "Id of the TiDB node group of a Dedicated cluster. The cluster's default group when left out.",
            ));
        told().into_iter().fold(schema, Schema::attribute)
    }

    async fn read(
        &self,
        cx: &Context<Clients>,
        request: ReadDataRequest<ServiceDataModel>,
    ) -> ReadDataResponse<ServiceDataModel> {
        let mut diagnostics = Diagnostics::new();
        let config = request.config;
        let inputs = parse_inputs(&config.cluster_id, &config.node_group_id, &mut diagnostics);
        let Some((cluster, node_group)) = inputs else { return ReadDataResponse::failed(diagnostics) };
        let clients = cx.data();
        let operation = clients.operation(cx, Some(READ_TIMEOUT));
        match find_by_cluster(&clients.tidb, &operation, &cluster, node_group.as_ref()).await {
            Ok(found) => ReadDataResponse::found(ServiceDataModel::of(&found)),
            Err(refusal) => {
                let attribute: AttributePath = blamed(&refusal);
                ReadDataResponse::failed(diagnose::refusal(&refusal, attribute, clients.key_source))
            }
        }
    }
}
