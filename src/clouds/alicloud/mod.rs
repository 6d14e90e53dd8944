//! Alibaba Cloud, which for this provider means PrivateLink interface endpoints and the network around them: signing,
//! credentials, the endpoint's life, and the preflight that looks at a VPC before anything is made. This is the only
//! folder that knows its API; what leaves it are the types of [`crate::clouds`] and [`crate::error::ApiError`].

mod call;
mod config;
mod credentials;
mod encode;
mod errors;
mod http;
mod json;
mod keys;
mod locks;
mod machine;
mod products;
mod recent;
mod rpc;
mod sign;
#[cfg(test)]
mod testing;

pub use config::{AlicloudConfig, AssumeRole, StaticKeys};
pub use machine::Machine;
