//! `tidblink_private_endpoint`: both sides of a private path. A create, a resume after an interruption and a repair are
//! the same list of steps walked from wherever the two sides stand; this module holds the resource, its plan, the steps
//! and the rules of ownership, and leaves every call to the clients.

mod change;
mod claims;
mod create;
mod data_source;
mod delete;
mod existing;
#[cfg(test)]
mod fuzz;
mod ground;
mod handover;
mod identity;
mod import;
mod inputs;
mod list;
mod marks;
mod members;
mod model;
mod moved;
mod observe;
mod plan;
mod read;
mod resource;
mod schema;
mod scope;
mod sides;
mod status;
mod steps;
mod stumble;
mod update;

pub use claims::Claims;
pub use data_source::{PrivateEndpointData, PrivateEndpointsData};
pub use list::{EndpointListModel, PrivateEndpointList};
pub use model::{AwsBlock, ExistingBlock, IdSet, PrivateEndpointModel};
pub use resource::PrivateEndpoint;
