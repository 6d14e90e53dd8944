//! Which service is meant: the one that a configuration describes, or the one that a state names.

use tfplugin::{Attr, AttributePath, Diagnostics};

use super::lookup::{Found, Refusal, find_by_cluster, find_by_id};
use super::model::EndpointServiceModel;
use crate::diagnose;
use crate::ids::{ClusterId, IdError, NodeGroupId, ServiceId};
use crate::operation::Operation;
use crate::provider::Clients;

/// The cluster and the node group that a configuration names; `None` while they are not known yet or when they are
/// wrong.
pub(super) fn parse_inputs(
    cluster_id: &Attr<String>,
    node_group_id: &Attr<String>,
    diagnostics: &mut Diagnostics,
) -> Option<(ClusterId, Option<NodeGroupId>)> {
    let mut refuse = |error: IdError, name: &str| {
        diagnostics.push(diagnose::malformed_id(&error, AttributePath::of(name)));
    };
    let cluster = cluster_id
        .known()
        .map(|text| text.parse::<ClusterId>().map_err(|error| refuse(error, "cluster_id")).ok());
    let node_group = node_group_id
        .known()
        .map(|text| text.parse::<NodeGroupId>().map_err(|error| refuse(error, "node_group_id")).ok());
    match (cluster, node_group) {
        (Some(Some(cluster)), None) if node_group_id.is_null() => Some((cluster, None)),
        (Some(Some(cluster)), Some(node_group @ Some(_))) => Some((cluster, node_group)),
        _ => None,
    }
}

/// Which service is meant.
pub(super) enum Target {
    /// The one that the configuration describes.
    Configured { cluster: ClusterId, node_group: Option<NodeGroupId> },
    /// The one that the state names.
    Known(ServiceId),
}

impl Target {
    /// What the configuration asks for; `None` while it is not known yet or when it is wrong.
    pub(super) fn configured(config: &EndpointServiceModel, diagnostics: &mut Diagnostics) -> Option<Self> {
        let inputs = parse_inputs(&config.cluster_id, &config.node_group_id, diagnostics)?;
        Some(Self::Configured { cluster: inputs.0, node_group: inputs.1 })
    }

    /// The service, as TiDB Cloud describes it now.
    pub(super) async fn find(&self, clients: &Clients, operation: &Operation) -> Result<Found, Refusal> {
        match self {
            Self::Configured { cluster, node_group } => {
                find_by_cluster(&clients.tidb, operation, cluster, node_group.as_ref()).await
            }
            Self::Known(id) => find_by_id(&clients.tidb, operation, id).await,
        }
    }
}

/// The input that a refusal is about.
pub(super) fn blamed(refusal: &Refusal) -> AttributePath {
    AttributePath::of(match refusal {
        Refusal::NoNodeGroup { .. } | Refusal::NoDefaultGroup { .. } | Refusal::NoNodeGroups { .. } => {
            "node_group_id"
        }
        _ => "cluster_id",
    })
}
