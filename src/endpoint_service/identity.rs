//! What tells one endpoint service from every other: the cluster, and for Dedicated the node group. Starter and Essential
//! clusters have no node groups. An import may leave the node group out and means the default one, as a configuration does.

use tfplugin::value::Type;
use tfplugin::{
    Attr, AttributePath, Context, Diagnostic, Diagnostics, FromValue as _, Identity, IdentitySchema,
    ImportRequest, ImportResponse, ImportState, PrivateState, Value, model,
};

use super::lookup::find_by_cluster;
use super::model::EndpointServiceModel;
use super::resource::{EndpointService, READ_TIMEOUT, service_id};
use super::target::blamed;
use crate::diagnose;
use crate::ids::{ClusterId, IdError, NodeGroupId, ServiceId};
use crate::provider::Clients;

model! {
    /// The identity of an endpoint service.
    #[derive(PartialEq)]
    pub struct EndpointServiceIdentity {
        /// The cluster.
        pub cluster_id: Attr<String>,
        /// The node group; null for a cluster that has none.
        pub node_group_id: Attr<String>,
    }
}

impl Identity for EndpointService {
    type Identity = EndpointServiceIdentity;

    fn identity_schema(&self) -> IdentitySchema {
        IdentitySchema::new(0).required("cluster_id", Type::String, "Id of the TiDB Cloud cluster.").optional(
            "node_group_id",
            Type::String,
            "Id of the TiDB node group, for Dedicated; the default group when left out.",
        )
    }

    fn identity(&self, state: &EndpointServiceModel) -> Option<EndpointServiceIdentity> {
        let id = service_id(state).ok()?;
        let node_group = match &id {
            ServiceId::Dedicated { node_group, .. } => Some(node_group.to_string()),
            ServiceId::Serverless { .. } => None,
        };
        Some(EndpointServiceIdentity {
            cluster_id: Attr::Known(id.cluster().to_string()),
            node_group_id: node_group.into(),
        })
    }
}

impl ImportState for EndpointService {
    async fn import(
        &self,
        cx: &Context<Clients>,
        request: ImportRequest,
    ) -> ImportResponse<EndpointServiceModel> {
        let id = match request {
            ImportRequest::Id(text) => text
                .parse::<ServiceId>()
                .map_err(|error| diagnose::malformed_id(&error, AttributePath::of("id")).into()),
            ImportRequest::Identity(identity) => named_by(cx, &identity).await,
        };
        match id {
            Ok(id) => ImportResponse::imported(
                EndpointServiceModel { id: Attr::Known(id.to_string()), ..EndpointServiceModel::default() },
                PrivateState::new(),
            ),
            Err(diagnostics) => ImportResponse::failed(diagnostics),
        }
    }
}

/// The service that an identity in a configuration names. Which API the cluster is in has to be looked up, unless a node
/// group says so.
async fn named_by(cx: &Context<Clients>, identity: &Value) -> Result<ServiceId, Diagnostics> {
    let (cluster, node_group) = parts(identity)?;
    if let Some(node_group) = node_group {
        return Ok(ServiceId::Dedicated { cluster, node_group });
    }
    let clients = cx.data();
    let operation = clients.operation(cx, Some(READ_TIMEOUT));
    match find_by_cluster(&clients.tidb, &operation, &cluster, None).await {
        Ok(found) => Ok(found.id),
        Err(refusal) => {
            let error = diagnose::refusal(&refusal, blamed(&refusal), clients.key_source);
            Err(diagnose::unchanged(error).into())
        }
    }
}

fn parts(identity: &Value) -> Result<(ClusterId, Option<NodeGroupId>), Diagnostic> {
    fn parse<T: std::str::FromStr<Err = IdError>>(text: &str, name: &str) -> Result<T, Diagnostic> {
        text.parse().map_err(|error| diagnose::malformed_identity(&error, name))
    }
    let identity = EndpointServiceIdentity::from_root(identity)?;
    let cluster = parse(identity.cluster_id.known().map(String::as_str).unwrap_or_default(), "cluster_id")?;
    let node_group = identity.node_group_id.known();
    Ok((cluster, node_group.map(|text| parse(text, "node_group_id")).transpose()?))
}

#[cfg(test)]
mod tests {
    use tfplugin::ToValue as _;

    use super::*;

    fn identity_of(id: &str) -> EndpointServiceIdentity {
        let state = EndpointServiceModel { id: Attr::Known(id.into()), ..Default::default() };
        EndpointService.identity(&state).unwrap()
    }

    #[test]
    fn a_service_is_told_by_its_cluster_and_for_dedicated_by_the_node_group() {
        let dedicated = identity_of("dedicated/1/2");
        assert_eq!(dedicated.node_group_id, Attr::Known("2".into()));
        assert_eq!(identity_of("serverless/1").node_group_id, Attr::Null);
        let (cluster, group) = parts(&dedicated.to_value()).unwrap();
        assert_eq!((cluster.as_str(), group.unwrap().as_str()), ("1", "2"));
        assert!(EndpointService.identity(&EndpointServiceModel::default()).is_none());
    }

    #[test]
    fn a_malformed_part_of_an_identity_is_named() {
        for (cluster, group, part) in [("x", "2", "cluster_id"), ("1", "default", "node_group_id")] {
            let identity = EndpointServiceIdentity {
                cluster_id: Attr::Known(cluster.into()),
                node_group_id: Attr::Known(group.into()),
            };
            let error = parts(&identity.to_value()).unwrap_err();
            assert!(error.detail.contains(&format!("`{part}`")), "{}", error.detail);
        }
    }
}
