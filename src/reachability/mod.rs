//! `tidblink_reachability`: whether a cluster answers from where Terraform runs. It looks from outside, like any client, and
//! knows nothing of services and endpoints; what it finds is a result and never an error.

mod data_source;
#[cfg(test)]
mod fuzz;
mod greeting;
mod probe;

pub use data_source::{Reachability, ReachabilityModel};
