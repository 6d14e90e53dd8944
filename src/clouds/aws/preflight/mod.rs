//! Looking before writing: everything in a VPC and about a service that the create of an endpoint could die of. Reading
//! and judging are apart: what was read is a plain [`Survey`], and [`evaluate()`] judges it as a pure function.

mod dns;
mod evaluate;
mod groups;
mod quota;
mod read;
mod service;
mod shared;
mod subnets;
mod survey;
#[cfg(test)]
mod tests;
mod vpc;
mod zones;

pub use evaluate::evaluate;
pub use survey::{
    EndpointSeen, GroupSeen, IngressRule, Look, OfferedService, ServiceView, SubnetSeen, Survey,
    TrafficSource, VpcDns, VpcView,
};
