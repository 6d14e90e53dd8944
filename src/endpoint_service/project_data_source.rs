//! The data source of a whole project: every endpoint service in it as it is now, and every cluster that has none, so
//! that a configuration can go through all of them. Like its singular it waits for nothing.

use std::time::Duration;

use tfplugin::data_source::{ReadDataRequest, ReadDataResponse};
use tfplugin::schema::{Attribute, Schema, validators};
use tfplugin::{Attr, AttributePath, Context, DataSource, Diagnostic, model};

use super::data_source::{ServiceDataModel, told};
use super::in_project::{InProject, Unserved, Wanted, WhyNot, find_in_project};
use crate::codes::Code;
use crate::diagnose;
use crate::ids::{CloudName, IdError, ProjectId, Region};
use crate::provider::Clients;

/// How long a look may take.
const READ_TIMEOUT: Duration = Duration::from_secs(10 * 60);

model! {
    /// A cluster that no private endpoint can be made for here.
    #[derive(PartialEq)]
    pub struct UnservedRow {
        /// The cluster.
        pub cluster_id: Attr<String>,
        /// The name that its owner gave it.
        pub display_name: Attr<String>,
        /// Its plan.
        pub plan: Attr<String>,
        /// Its cloud.
        pub cloud_provider: Attr<String>,
        /// Its region.
        pub region: Attr<String>,
        /// Why not, and what to do.
        pub reason: Attr<String>,
    }
}

model! {
    /// The data source `tidblink_endpoint_services`.
    #[derive(PartialEq)]
    pub struct ServicesDataModel {
        /// The project.
        pub project_id: Attr<String>,
        /// Only clusters on this cloud.
        pub cloud_provider: Attr<String>,
        /// Only clusters in this region.
        pub region: Attr<String>,
        /// The services.
        pub services: Attr<Vec<ServiceDataModel>>,
        /// The clusters without one.
        pub unserved_clusters: Attr<Vec<UnservedRow>>,
    }
}

/// The data source `tidblink_endpoint_services`.
#[derive(Debug)]
pub struct EndpointServicesData;

impl DataSource for EndpointServicesData {
    type Data = Clients;
    type Model = ServicesDataModel;

    fn schema(&self) -> Schema {
        let text =
            |name: &str, description: &str| Attribute::string(name).computed().description(description);
        let mut service = vec![
            text("id", "`dedicated/CLUSTER/NODE_GROUP` or `serverless/CLUSTER`."),
            text("cluster_id", "Id of the TiDB Cloud cluster."),
            text("node_group_id", "Id of the TiDB node group; null for Starter and Essential."),
        ];
        service.extend(told());
        let schema = Schema::new(0).description(
            "Lists the endpoint services of all clusters of a TiDB Cloud project: one for each TiDB node group of a Dedicated \
             cluster on AWS, one for each Starter or Essential cluster on AWS or Alibaba Cloud. Clusters that no private \
             endpoint can be made for here are listed apart, with the reason, and are never an error.",
        );
        filters()
            .into_iter()
            .fold(schema, Schema::attribute)
            .attribute(
                Attribute::list_nested("services", service)
                    .computed()
                    .description("The endpoint services, in the order of their ids."),
            )
            .attribute(
                Attribute::list_nested(
                    "unserved_clusters",
                    vec![
                        text("cluster_id", "Id of the cluster."),
                        text("display_name", "Name of the cluster."),
                        text("plan", "Plan of the cluster in TiDB Cloud's words, such as `premium`."),
                        text("cloud_provider", "Cloud that the cluster runs on, in TiDB Cloud's words."),
                        text("region", "Region of the cluster."),
                        text("reason", "Why no private endpoint can be made for it here, and what to do."),
                    ],
                )
                .computed()
                .description(
                    "The clusters that no private endpoint can be made for here, because of their plan, their cloud or a service \
                     that TiDB Cloud's API does not show; in the order of their ids.",
                ),
            )
    }

    async fn read(
        &self,
        cx: &Context<Clients>,
        request: ReadDataRequest<ServicesDataModel>,
    ) -> ReadDataResponse<ServicesDataModel> {
        let config = request.config;
        let attribute = || AttributePath::of("project_id");
        let project = match project_id(&config.project_id) {
            Ok(project) => project,
            Err(error) => return ReadDataResponse::failed(diagnose::malformed_id(&error, attribute())),
        };
        let wanted = Wanted {
            cloud: config.cloud_provider.known().and_then(|name| name.parse().ok()),
            region: config.region.known().map(Region::new),
        };
        let clients = cx.data();
        let operation = clients.operation(cx, Some(READ_TIMEOUT));
        match find_in_project(&clients.tidb, &operation, &project, &wanted).await {
            Ok(found) => {
                let warning = nothing_found(&project, &wanted, &found).map(|warning| warning.at(attribute()));
                let rows = found.services.iter().map(|service| ServiceDataModel {
                    project_id: Attr::Known(project.to_string()),
                    ..ServiceDataModel::of(service)
                });
                let unserved = found.unserved.iter().map(|cluster| unserved_row(cluster, clients));
                let state = ServicesDataModel {
                    services: Attr::Known(rows.collect()),
                    unserved_clusters: Attr::Known(unserved.collect()),
                    ..config
                };
                ReadDataResponse::found(state).with_diagnostics(warning.into_iter().collect::<Vec<_>>())
            }
            Err(error) => {
                let doing = "list the clusters of the project";
                let error = diagnose::lookup_error(&error, doing, clients.key_source, attribute());
                ReadDataResponse::failed(error)
            }
        }
    }
}

/// The arguments that say which clusters are meant.
pub(super) fn filters() -> [Attribute; 3] {
    [
        Attribute::string("project_id")
            .required()
            .description("Id of the TiDB Cloud project, a decimal number."),
        Attribute::string("cloud_provider")
            .optional()
            .validate(validators::one_of(["aws", "alicloud", "gcp", "azure"]))
            .description("Only clusters on this cloud, such as `aws` or `alicloud`."),
        Attribute::string("region")
            .optional()
            .validate(validators::matches(
                "be a region in its cloud's own spelling such as \"us-west-2\", without the cloud in front",
                |text| !text.is_empty() && !has_cloud_in_front(text),
            ))
            .description("Only clusters in this region, such as `us-west-2`."),
    ]
}

/// TiDB Cloud's own region ids have the cloud in front; here regions are as everywhere in this provider.
fn has_cloud_in_front(region: &str) -> bool {
    region.split_once('-').is_some_and(|(prefix, _)| prefix.parse::<CloudName>().is_ok())
}

/// The id becomes part of a filter expression, so nothing but digits gets there.
pub(crate) fn project_id(attribute: &Attr<String>) -> Result<ProjectId, IdError> {
    let text = attribute.known().map(String::as_str).unwrap_or_default();
    if (1..=20).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit()) {
        return Ok(ProjectId::new(text));
    }
    let expected = "a TiDB Cloud project id, which is a decimal number such as `1370000000000000001`";
    Err(IdError { found: text.to_owned(), expected })
}

/// A mistyped project looks like an empty one.
pub(crate) fn nothing_found(project: &ProjectId, wanted: &Wanted, found: &InProject) -> Option<Diagnostic> {
    let is_whole = wanted.cloud.is_none() && wanted.region.is_none();
    (is_whole && found.services.is_empty() && found.unserved.is_empty()).then(|| {
        Code::NoClusters.warning(
            "The project shows no clusters",
            format!(
                "TiDB Cloud lists no cluster of project {project} to the API key in use. If there should be some, check the id \
                 (in the console it is shown in the project's settings) and that the key may see the project."
            ),
        )
    })
}

fn unserved_row(cluster: &Unserved, clients: &Clients) -> UnservedRow {
    let reason = match &cluster.why {
        WhyNot::Refused(refusal) => {
            diagnose::refusal(refusal, AttributePath::of("project_id"), clients.key_source).detail
        }
        WhyNot::NoService(reason) => reason.clone(),
    };
    UnservedRow {
        cluster_id: Attr::Known(cluster.cluster.to_string()),
        display_name: Attr::Known(cluster.display_name.clone()),
        plan: Attr::Known(cluster.plan.clone()),
        cloud_provider: Attr::Known(cluster.cloud.clone()),
        region: Attr::Known(cluster.region.to_string()),
        reason: Attr::Known(reason),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_digits_get_into_the_filter() {
        for text in ["", "1 AND state=\"ACTIVE\"", "-", "1,2", "123456789012345678901"] {
            let refused = project_id(&Attr::Known(text.into()));
            assert_eq!(refused.map_err(|error| error.found), Err(text.to_owned()));
        }
        assert!(project_id(&Attr::Known("1370000000000000001".into())).is_ok());
    }

    #[test]
    fn a_region_is_told_from_tidb_clouds_own_id_of_it() {
        assert!(has_cloud_in_front("aws-us-west-2") && has_cloud_in_front("alicloud-ap-southeast-1"));
        assert!(!has_cloud_in_front("us-west-2") && !has_cloud_in_front("cn-hangzhou"));
    }
}
