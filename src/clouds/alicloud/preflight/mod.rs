//! Looking before writing: everything in a VPC and about a service that the create of an endpoint could die of. Reading
//! and judging are apart: what was read is a plain [`Survey`], and [`evaluate()`] judges it as a pure function.

mod evaluate;
#[cfg(test)]
mod fuzz;
mod groups;
mod quota;
mod read;
mod service;
mod survey;
#[cfg(test)]
mod tests;
mod vpc;
mod vswitches;
mod zones;

pub use evaluate::evaluate;
pub use survey::{
    EndpointSeen, GroupSeen, GroupView, IngressRule, Look, OfferedService, ServiceView, Survey, VSwitchSeen,
    VpcView,
};
