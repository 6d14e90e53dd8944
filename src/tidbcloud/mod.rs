//! The TiDB Cloud APIs that private endpoints need: Dedicated, Starter and Essential, and the legacy v1beta for what
//! only it can do. Everything about talking to them lives here (digest authentication, the request budget, retries,
//! decoding) and ends in typed values or an [`ApiError`]; words for the user are made
//! elsewhere.

mod backoff;
mod budget;
mod calls;
mod clusters;
mod config;
mod connection;
mod dedicated;
mod digest;
mod failure;
mod http;
mod legacy;
mod place;
mod registrations;
mod request;
mod serverless;
mod states;

#[cfg(test)]
mod against_sandbox;
#[cfg(test)]
mod fuzz;
#[cfg(test)]
mod testing;
#[cfg(test)]
mod tests;

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use crate::error::{ApiError, ErrorKind, Service};
use crate::ids::{ClusterId, NodeGroupId, ProjectId};
use crate::recent::Recent;

pub use budget::Share;
pub(crate) use calls::ALL as CALLS;
pub use config::{ApiKey, Config, EndpointError, Endpoints, KeySource};
pub use connection::{Connection, RegisteredEndpoint};
pub use dedicated::{DedicatedCluster, NodeGroup, PrivateLinkService};
pub use legacy::LegacyService;
pub use registrations::{Registered, Watcher};
pub use serverless::{PrivateEndpointInfo, ServerlessCluster};
pub use states::{ClusterState, ConnectionState, LinkState, NodeGroupState, ServerlessPlan};

/// How long a list of connections may be handed to further callers: less than the shortest pause between two looks of
/// one waiter, so that a waiter never sees its own last answer again.
const CONNECTIONS_KEPT: Duration = Duration::from_secs(1);
/// How long clusters and services are handed on: long enough for the resources of one plan to share them.
const CLUSTERS_KEPT: Duration = Duration::from_secs(3);

/// How long the listing of a whole project is good for refreshes.
const PROJECTS_KEPT: Duration = Duration::from_secs(5);

/// A node group, with the cluster that its address needs.
type GroupKey = (ClusterId, NodeGroupId);

/// A client of the TiDB Cloud APIs. Clones are cheap and share the connection pool, the digest challenge, the request
/// budget and reads in flight, so a provider makes one and hands out clones.
#[derive(Clone)]
pub struct TidbCloud(Arc<Inner>);

struct Inner {
    http: http::Http,
    dedicated: Recent<ClusterId, DedicatedCluster>,
    serverless: Recent<ClusterId, ServerlessCluster>,
    services: Recent<GroupKey, PrivateLinkService>,
    connections: Recent<GroupKey, Vec<Connection>>,
    projects: Recent<ProjectId, Arc<registrations::ProjectView>>,
    /// How many pages a listing of a project took; `None` where it is refused.
    pages: Mutex<HashMap<ProjectId, Option<usize>>>,
    watched: Mutex<registrations::Watched>,
}

impl TidbCloud {
    /// A client for one API key. Nothing is sent and no certificate store is read before the first call.
    ///
    /// # Errors
    /// [`ErrorKind::Unauthenticated`] when a part of the key is empty or could not be sent at all, and
    /// [`ErrorKind::Invalid`] when an address is not one that [`Endpoints::parse`] takes or the user agent is not a header
    /// value.
    pub fn new(config: Config) -> Result<Self, ApiError> {
        const CONFIGURE: &str = "Configure";
        let refuse = |kind, message: &str| ApiError::new(Service::TidbDedicated, CONFIGURE, kind, message);
        if config.key.public.is_empty() {
            return Err(refuse(ErrorKind::Unauthenticated, "the public key of the API key is empty"));
        }
        if config.key.private.is_empty() {
            return Err(refuse(ErrorKind::Unauthenticated, "the private key of the API key is empty"));
        }
        // The public key travels in a header, where a stray newline from a file would otherwise fail much later.
        if !config.key.public.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(refuse(
                ErrorKind::Unauthenticated,
                "the public key of the API key contains blanks or other characters that no API key has",
            ));
        }
        if let Err(reason) = config.endpoints.check_all() {
            return Err(refuse(
                ErrorKind::Invalid,
                &format!("the address of an API cannot be used: {reason}"),
            ));
        }
        if ::http::HeaderValue::from_str(&config.user_agent).is_err() {
            return Err(refuse(ErrorKind::Invalid, "the user agent cannot be sent in an HTTP header"));
        }
        Ok(Self(Arc::new(Inner {
            http: http::Http::new(config),
            dedicated: Recent::new(Service::TidbDedicated, calls::DEDICATED_CLUSTER.name, CLUSTERS_KEPT),
            serverless: Recent::new(Service::TidbServerless, calls::SERVERLESS_CLUSTER.name, CLUSTERS_KEPT),
            services: Recent::new(Service::TidbDedicated, calls::ENDPOINT_SERVICE.name, CLUSTERS_KEPT),
            connections: Recent::new(Service::TidbDedicated, calls::CONNECTIONS.name, CONNECTIONS_KEPT),
            projects: Recent::new(Service::TidbDedicated, calls::CONNECTIONS.name, PROJECTS_KEPT),
            pages: Mutex::default(),
            watched: Mutex::default(),
        })))
    }

    /// Drops everything that was read about a cluster, because it was just written to.
    fn forget(&self, cluster: &ClusterId) {
        self.0.dedicated.forget(|key| key == cluster);
        self.0.serverless.forget(|key| key == cluster);
        self.0.services.forget(|(key, _)| key == cluster);
        self.0.connections.forget(|(key, _)| key == cluster);
        self.0.projects.forget_all();
    }
}

impl Inner {
    fn pages(&self) -> MutexGuard<'_, HashMap<ProjectId, Option<usize>>> {
        self.pages.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn watched(&self) -> MutexGuard<'_, registrations::Watched> {
        self.watched.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for TidbCloud {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TidbCloud")
    }
}
