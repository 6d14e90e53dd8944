//! Alibaba Cloud, which for this provider means PrivateLink interface endpoints and the network around them: signing,
//! credentials, the endpoint's life, and the preflight that looks at a VPC before anything is made. This is the only
//! folder that knows its API; what leaves it are the types of [`crate::clouds`] and [`crate::error::ApiError`].

mod actions;
mod call;
mod change;
mod config;
mod convert;
mod credentials;
mod encode;
mod errors;
#[cfg(test)]
mod fuzz;
mod http;
mod keys;
pub mod limits;
mod machine;
pub mod preflight;
mod products;
mod region;
mod rpc;
mod sign;
#[cfg(test)]
mod testing;
#[cfg(test)]
mod tests;

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

pub(crate) use actions::permissions;
pub use config::{AlicloudConfig, AssumeRole, StaticKeys};
pub use machine::Machine;
pub use region::AlicloudRegion;

use self::call::Caller;
use self::rpc::Rpc;
use crate::ids::Region;

/// One set of Alibaba Cloud credentials, and the regions it is used in. Making one does nothing: credentials are looked
/// for at the first call, so that a configuration without endpoints on Alibaba Cloud needs none.
pub struct Alicloud {
    caller: Arc<Caller>,
    regions: Mutex<HashMap<Region, Arc<AlicloudRegion>>>,
}

impl Alicloud {
    /// Alibaba Cloud as `config` reaches it.
    pub fn new(config: AlicloudConfig) -> Self {
        let caller = Caller::new(Arc::new(Rpc::new(Arc::new(config))));
        Self { caller: Arc::new(caller), regions: Mutex::default() }
    }

    /// Alibaba Cloud in `region`: the same locks, connections and snapshots for every caller.
    pub fn in_region(&self, region: &Region) -> Arc<AlicloudRegion> {
        let mut regions = self.regions.lock().unwrap_or_else(PoisonError::into_inner);
        let known = regions.entry(region.clone());
        Arc::clone(
            known.or_insert_with(|| Arc::new(AlicloudRegion::new(Arc::clone(&self.caller), region.clone()))),
        )
    }
}

impl fmt::Debug for Alicloud {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Alicloud")
    }
}
