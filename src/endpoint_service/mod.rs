//! `tidblink_endpoint_service`: the service that TiDB Cloud offers for a cluster. TiDB Cloud makes it with the cluster,
//! so this resource mostly finds, waits and tells; only an old cluster is asked to get one. It never deletes anything.

mod data_source;
mod lookup;
mod model;
mod resource;

pub use data_source::{EndpointServiceData, ServiceDataModel};
pub use lookup::{Found, LinkStatus, Plan, Refusal, find_by_cluster, find_by_id};
pub use model::EndpointServiceModel;
pub use resource::EndpointService;
