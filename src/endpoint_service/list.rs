//! The list resource `tidblink_endpoint_service`: the services of a project that an import could name, for
//! `terraform query`. Clusters that have none are left to the data source `tidblink_endpoint_services`, which says why.

use std::time::Duration;

use tfplugin::schema::Schema;
use tfplugin::{
    Attr, AttributePath, Context, Diagnostics, Identity as _, ListItem, ListRequest, ListResource, Listing,
    model,
};

use super::in_project::{Wanted, find_in_project};
use super::lookup::Found;
use super::model::EndpointServiceModel;
use super::project_data_source::{filters, nothing_found, project_id};
use super::resource::EndpointService;
use crate::diagnose;
use crate::ids::Region;
use crate::provider::Clients;

/// How long a list may take. A large project takes more requests than TiDB Cloud allows in a minute.
const LIST_TIMEOUT: Duration = Duration::from_secs(60 * 60);

model! {
    /// The block `config` of the list.
    #[derive(PartialEq)]
    pub struct ServiceListModel {
        /// The project.
        pub project_id: Attr<String>,
        /// Only clusters on this cloud.
        pub cloud_provider: Attr<String>,
        /// Only clusters in this region.
        pub region: Attr<String>,
    }
}

/// The list resource `tidblink_endpoint_service`.
#[derive(Debug)]
pub struct EndpointServiceList;

impl ListResource for EndpointServiceList {
    type Data = Clients;
    type Of = EndpointService;
    type Config = ServiceListModel;

    fn schema(&self) -> Schema {
        let schema = Schema::new(0).description(
            "Lists the endpoint services of all clusters of a TiDB Cloud project: one for each TiDB node group of a Dedicated \
             cluster on AWS, one for each Starter or Essential cluster on AWS or Alibaba Cloud. Clusters without a service are \
             left out; the data source `tidblink_endpoint_services` says why they have none.",
        );
        filters().into_iter().fold(schema, Schema::attribute)
    }

    async fn list(
        &self,
        cx: &Context<Clients>,
        request: ListRequest<ServiceListModel>,
        listing: &mut Listing<EndpointService>,
    ) -> Result<(), Diagnostics> {
        let attribute = || AttributePath::of("project_id");
        let config = request.config;
        let project =
            project_id(&config.project_id).map_err(|error| diagnose::malformed_id(&error, attribute()))?;
        let wanted = Wanted {
            cloud: config.cloud_provider.known().and_then(|name| name.parse().ok()),
            region: config.region.known().map(Region::new),
        };
        let clients = cx.data();
        let operation = clients.operation(cx, Some(LIST_TIMEOUT));
        let found = find_in_project(&clients.tidb, &operation, &project, &wanted).await.map_err(|error| {
            let doing = "list the clusters of the project";
            diagnose::lookup_error(&error, doing, clients.key_source, attribute())
        })?;
        if let Some(warning) = nothing_found(&project, &wanted, &found) {
            let _ = listing.warn(warning.at(attribute())).await;
        }
        for service in found.services.iter().filter(|service| service.link.is_some()) {
            // What an import reads is exactly what was found here.
            let mut object = EndpointServiceModel::default();
            object.fill(service);
            let Some(identity) = EndpointService.identity(&object) else { continue };
            let mut item = ListItem::new(identity, display_name(service, object.state.known()));
            if request.include_object {
                item = item.with_object(object);
            }
            if listing.push(item).await.is_break() {
                break;
            }
        }
        Ok(())
    }
}

/// `orders: dedicated/1/2 (us-west-2, active)`.
fn display_name(service: &Found, state: Option<&String>) -> String {
    let state = state.map_or("creating", String::as_str);
    format!("{}: {} ({}, {state})", service.cluster_name, service.id, service.region)
}
