//! Every operation of TiDB Cloud that is called, by the id that its API's specification gives it, without the service's
//! name in front.

use crate::error::Service;
use crate::permissions::declare;
use crate::retry::Effect;

/// An operation of one of the APIs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Call {
    /// The API.
    pub(crate) service: Service,
    /// The operation, as the API's documentation names it.
    pub(crate) name: &'static str,
    /// Whether it changes something, which takes an owner's role (TiDB Cloud documentation, "Set up private endpoint
    /// connections").
    pub(crate) effect: Effect,
}

impl Call {
    /// An operation that shows something.
    pub(super) const fn read(service: Service, name: &'static str) -> Self {
        Self { service, name, effect: Effect::Read }
    }

    /// An operation that changes something.
    pub(super) const fn write(service: Service, name: &'static str) -> Self {
        Self { service, name, effect: Effect::Write }
    }
}

declare! {
    pub(crate) ALL: [Call] {
        DEDICATED_CLUSTER = Call::read(Service::TidbDedicated, "GetCluster");
        DEDICATED_CLUSTERS = Call::read(Service::TidbDedicated, "ListClusters");
        SERVERLESS_CLUSTER = Call::read(Service::TidbServerless, "GetCluster");
        SERVERLESS_CLUSTERS = Call::read(Service::TidbServerless, "ListClusters");
        ENDPOINT_SERVICE = Call::read(Service::TidbDedicated, "GetPrivateLinkService");
        /// Of a node group, and with `-` in place of the cluster of a whole project.
        CONNECTIONS = Call::read(Service::TidbDedicated, "ListPrivateEndpointConnections");
        CONNECTION = Call::read(Service::TidbDedicated, "GetPrivateEndpointConnection");
        REGISTER = Call::write(Service::TidbDedicated, "CreatePrivateEndpointConnection");
        DEREGISTER = Call::write(Service::TidbDedicated, "DeletePrivateEndpointConnection");
        /// For clusters that are older than the automatic services.
        LEGACY_SERVICE = Call::read(Service::TidbLegacy, "GetPrivateEndpointService");
        MAKE_LEGACY_SERVICE = Call::write(Service::TidbLegacy, "CreatePrivateEndpointService");
    }
}
