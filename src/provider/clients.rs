//! What the resources share once the provider is configured: the services' clients, the time and the network.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use tfplugin::Context;

use crate::clock::Clock;
use crate::clouds::Cloud;
use crate::clouds::alicloud::Alicloud;
use crate::clouds::aws::Aws;
use crate::ids::{CloudName, Region};
use crate::network::Network;
use crate::operation::Operation;
use crate::private_endpoint::Claims;
use crate::random::Random;
use crate::tidbcloud::{KeySource, TidbCloud};

/// What the resources share once the provider is configured.
pub struct Clients {
    /// TiDB Cloud.
    pub tidb: TidbCloud,
    /// AWS, in any region.
    pub aws: Aws,
    /// Alibaba Cloud, in any region.
    pub alicloud: Alicloud,
    /// Where the TiDB Cloud API key came from.
    pub key_source: KeySource,
    /// Tags for everything that is made in AWS.
    pub default_tags: BTreeMap<String, String>,
    /// Endpoints that are being made in this process.
    pub claims: Claims,
    /// The network as it is where Terraform runs.
    pub network: Arc<dyn Network>,
    pub(super) clock: Clock,
    pub(super) random: Random,
}

impl Clients {
    /// A cloud in one region: the same client for everybody who asks.
    pub fn cloud(&self, cloud: CloudName, region: &Region) -> Arc<dyn Cloud> {
        match cloud {
            CloudName::Alicloud => self.alicloud.in_region(region),
            // No service on another cloud gets past the lookup.
            CloudName::Aws | CloudName::Gcp | CloudName::Azure => self.aws.in_region(region),
        }
    }

    /// The frame for one operation of a resource: ends when Terraform stops the provider or `timeout` passes.
    pub fn operation(&self, context: &Context<Self>, timeout: Option<Duration>) -> Operation {
        Operation::new(self.clock.clone(), self.random.clone(), context.stop().clone(), timeout)
    }
}

impl std::fmt::Debug for Clients {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Clients")
    }
}
