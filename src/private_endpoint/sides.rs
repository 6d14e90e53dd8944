//! A look at both sides of a private path, and what an empty one means.

use std::sync::Arc;

use tfplugin::{Attr, Diagnostic};

use super::model::PrivateEndpointModel;
use super::plan;
use super::steps::newest;
use crate::clouds::unseen::Unseen;
use crate::clouds::{Cloud, CloudEndpoint};
use crate::codes::Code;
use crate::endpoint_service::{Refusal, find_by_id};
use crate::error::ApiError;
use crate::ids::{CloudName, PrivateEndpointId, ProjectId, Region, ServiceId};
use crate::operation::Operation;
use crate::provider::Clients;
use crate::tidbcloud::Connection;

/// The cloud side of an endpoint, for whoever has it in a model: nothing, when it is for somebody else to look after.
pub(super) fn cloud_of(
    clients: &Clients,
    model: &PrivateEndpointModel,
    cloud: CloudName,
    region: &Region,
) -> Arc<dyn Cloud> {
    if model.existing.is_null() { clients.cloud(cloud, region) } else { Arc::new(Unseen) }
}

/// How fresh a look at the cloud side has to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Look<'a> {
    /// Of this moment, because something is about to be done.
    Now,
    /// A few seconds old will do, so that many refreshes can share one listing, of the whole project where it is known.
    Lately { project: Option<&'a ProjectId> },
}

/// Looks at both sides. An endpoint that AWS still shows as deleted is gone; so is a registration whose cluster is.
pub(super) async fn both_sides(
    clients: &Clients,
    operation: &Operation,
    cloud: &dyn Cloud,
    id: &PrivateEndpointId,
    look: Look<'_>,
) -> Result<(Option<CloudEndpoint>, Option<Connection>), Diagnostic> {
    let cloud_side = async {
        let seen = cloud_side(operation, cloud, id, look).await;
        seen.map_err(|error| unreadable_endpoint(clients, id, &error))
    };
    let (endpoint, connection) = tokio::try_join!(cloud_side, tidb_side(clients, operation, id, look))?;
    // Of one that is not looked at, the registration is all there is.
    let endpoint = endpoint.filter(|endpoint| endpoint.is_seen() || connection.is_some());
    Ok((endpoint, connection))
}

/// Looks at the cloud side alone.
pub(super) async fn cloud_side(
    operation: &Operation,
    cloud: &dyn Cloud,
    id: &PrivateEndpointId,
    look: Look<'_>,
) -> Result<Option<CloudEndpoint>, ApiError> {
    let seen = match look {
        Look::Now => cloud.get(operation, &id.endpoint).await,
        Look::Lately { .. } => cloud.refresh(operation, &id.endpoint).await,
    };
    Ok(seen?.filter(CloudEndpoint::exists))
}

/// The error for a cloud side that cannot be looked at.
pub(super) fn unreadable_endpoint(clients: &Clients, id: &PrivateEndpointId, error: &ApiError) -> Diagnostic {
    plan::place(clients, id.endpoint.cloud()).api_error(error, "read the endpoint")
}

/// Looks at TiDB Cloud's side alone.
pub(super) async fn tidb_side(
    clients: &Clients,
    operation: &Operation,
    id: &PrivateEndpointId,
    look: Look<'_>,
) -> Result<Option<Connection>, Diagnostic> {
    let ServiceId::Dedicated { cluster, node_group } = &id.service else { return Ok(None) };
    let place = plan::place(clients, id.endpoint.cloud());
    let failed = |error: ApiError| place.api_error(&error, "read the registration from TiDB Cloud");
    if let Look::Lately { project: Some(project) } = look {
        let listed = clients.tidb.registered_lately(operation, project, cluster, node_group).await;
        let seen = listed.map_err(failed)?.and_then(|listed| newest(listed, &id.endpoint));
        if seen.is_some() {
            return Ok(seen);
        }
        // Only the group's own list can tell that it is not there.
    }
    match clients.tidb.connections(operation, cluster, node_group).await {
        Ok(listed) => Ok(newest(listed, &id.endpoint)),
        Err(error) if error.is_not_found() && is_gone(clients, operation, &id.service).await => Ok(None),
        Err(error) => Err(failed(error)),
    }
}

/// Whether TiDB Cloud confirms that there is no such service. A list of registrations that is "not found" alone is no
/// proof, and whoever takes it for one forgets a registration.
async fn is_gone(clients: &Clients, operation: &Operation, service: &ServiceId) -> bool {
    match find_by_id(&clients.tidb, operation, service).await {
        Err(Refusal::Api(error)) => error.is_not_found(),
        Err(Refusal::NoNodeGroup { .. } | Refusal::NoCluster { .. }) => true,
        _ => false,
    }
}

/// Whether TiDB Cloud's side leaves it open that an unseen endpoint exists: it has it registered, or registers none.
pub(super) fn tells_nothing(service: &ServiceId, connection: Option<&Connection>) -> bool {
    connection.is_some() || !service.is_registered()
}

/// Whether an endpoint that is not seen may be there all the same: where not even its VPC is seen, these credentials look
/// at another account. Returns the words for that.
pub(super) async fn out_of_sight(
    clients: &Clients,
    operation: &Operation,
    cloud: &dyn Cloud,
    id: &PrivateEndpointId,
    model: &PrivateEndpointModel,
) -> Result<Option<Diagnostic>, Diagnostic> {
    let block = model.aws.known().map(|block| &block.vpc_id);
    let block = block.or_else(|| model.alicloud.known().map(|block| &block.vpc_id));
    let Some(Ok(vpc)) = block.and_then(Attr::known).map(|text| text.parse()) else { return Ok(None) };
    let place = plan::place(clients, id.endpoint.cloud());
    let there = cloud
        .has_vpc(operation, &vpc)
        .await
        .map_err(|error| place.api_error(&error, "look for the VPC of the endpoint"))?;
    if there != Some(false) {
        return Ok(None);
    }
    let (but, way_out) = if id.service.is_registered() {
        (
            "but TiDB Cloud has the endpoint registered, so it",
            "delete the registration in the TiDB Cloud console and run again",
        )
    } else {
        ("so it", "remove the resource with `terraform state rm`")
    };
    Ok(Some(Code::OutOfSight.warning(
        "The endpoint cannot be seen with these credentials",
        format!(
            "{} shows neither {} nor its VPC {vpc} with these credentials, {but} may well be working in another account: \
             check the profile, the role and the environment. It is kept as it was meanwhile.\n\nIf the VPC and the \
             endpoint really are gone, {way_out}.",
            id.endpoint.cloud().title(),
            id.endpoint
        ),
    )))
}

/// Whether the endpoint is one that instances share or would share: for Starter and Essential on AWS that is every one
/// that owns the service's name and is not one instance's own.
pub(super) fn shares(id: &PrivateEndpointId, endpoint: &CloudEndpoint) -> bool {
    let shareable = !id.service.is_registered() && id.endpoint.cloud() == CloudName::Aws;
    shareable && endpoint.token().is_none() && (endpoint.private_dns || endpoint.is_shared())
}
