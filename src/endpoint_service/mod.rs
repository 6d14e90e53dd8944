//! `tidblink_endpoint_service`: the service that TiDB Cloud offers for a cluster. TiDB Cloud makes it with the cluster,
//! so this resource mostly finds, waits and tells; only an old cluster is asked to get one. It never deletes anything.

mod data_source;
mod identity;
mod in_project;
mod list;
mod lookup;
mod model;
mod project_data_source;
mod readiness;
mod resource;
mod target;

pub use data_source::{EndpointServiceData, ServiceDataModel};
pub use in_project::{InProject, Unserved, Wanted, WhyNot, find_in_cluster, find_in_project};
pub use list::{EndpointServiceList, ServiceListModel};
pub use lookup::{Found, LinkStatus, Plan, Refusal, find_by_cluster, find_by_id};
pub use model::EndpointServiceModel;
pub use project_data_source::{EndpointServicesData, ServicesDataModel};
pub(crate) use project_data_source::{nothing_found, project_id};
pub use resource::EndpointService;
