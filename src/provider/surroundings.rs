//! What the provider finds around it: environment, time, randomness, network. All of it can be replaced, so that tests run
//! many providers in one process.

use std::collections::HashMap;
use std::sync::Arc;

use super::settings::Settings;
use crate::clock::Clock;
use crate::clouds::alicloud::Machine;
use crate::clouds::aws::StaticKeys as AwsKeys;
use crate::network::Network;
use crate::random::Random;

/// What the provider finds around it. The default is what it finds in this process; tests make their own, so that many
/// providers can live in one process, each with its own environment, in one common time.
#[derive(Clone, Default)]
pub struct Surroundings {
    /// The whole environment instead of the process's. The SDK of AWS does not see it: see `aws_keys`.
    pub environment: Option<HashMap<String, String>>,
    /// The time, instead of the real one.
    pub clock: Option<Clock>,
    /// Randomness, instead of the operating system's.
    pub random: Option<Random>,
    /// Names and connections, instead of this machine's.
    pub network: Option<Arc<dyn Network>>,
    /// AWS keys, instead of those that the usual places hold.
    pub aws_keys: Option<AwsKeys>,
}

impl std::fmt::Debug for Surroundings {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // The environment may hold secrets.
        f.debug_struct("Surroundings").finish_non_exhaustive()
    }
}

impl Surroundings {
    pub(super) fn variable(&self, name: &str) -> Option<String> {
        match &self.environment {
            Some(environment) => environment.get(name).cloned(),
            None => std::env::var(name).ok(),
        }
    }

    /// Puts what is different here into the settings.
    pub(super) fn settle(&self, settings: &mut Settings) {
        if let Some(clock) = &self.clock {
            settings.clock = clock.clone();
        }
        settings.random = self.random.clone();
        settings.network = self.network.clone();
        settings.aws.credentials = self.aws_keys.clone();
        if let Some(environment) = &self.environment {
            settings.alicloud.machine = Machine::with(environment.clone(), None);
        }
    }
}
