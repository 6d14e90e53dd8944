//! AWS, which for this provider means EC2 and nothing else: credentials, the interface endpoint's life, and the
//! preflight that looks at a VPC before anything is made. This is the only folder that names the AWS SDK; what leaves it
//! are the types of [`crate::clouds`] and [`crate::error::ApiError`].

mod actions;
mod call;
mod client;
mod config;
mod convert;
mod credentials;
mod errors;
#[cfg(test)]
mod fuzz;
mod messages;
mod pacing;
pub mod preflight;
mod sdk;
#[cfg(test)]
mod tests;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

pub(crate) use actions::permissions;
pub use client::AwsRegion;
pub use config::{AssumeRole, AwsConfig, StaticKeys};

use crate::ids::Region;

/// One set of AWS credentials, and the regions it is used in. Making one does nothing: credentials are looked for at
/// the first call, so that a configuration without endpoints on AWS needs none.
///
/// EC2 counts requests by account and region. Everything that shares a budget must therefore share one `Aws`.
#[derive(Debug)]
pub struct Aws {
    config: Arc<AwsConfig>,
    regions: Mutex<HashMap<Region, Arc<AwsRegion>>>,
}

impl Aws {
    /// AWS as `config` reaches it.
    pub fn new(config: AwsConfig) -> Self {
        Self { config: Arc::new(config), regions: Mutex::default() }
    }

    /// EC2 in `region`: the same client, request budget and snapshots for every caller.
    pub fn in_region(&self, region: &Region) -> Arc<AwsRegion> {
        let mut regions = self.regions.lock().unwrap_or_else(PoisonError::into_inner);
        let known = regions.entry(region.clone());
        Arc::clone(
            known.or_insert_with(|| Arc::new(AwsRegion::new(Arc::clone(&self.config), region.clone()))),
        )
    }
}
