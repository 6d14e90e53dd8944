//! Reading: both sides as they are, gone only where neither side leaves a doubt.

use tfplugin::{Attr, AttributePath, Context, Diagnostic, Diagnostics, Severity};

use super::ground::{identify, not_ours, view_of};
use super::model::PrivateEndpointModel;
use super::observe::{ServiceView, fill};
use super::plan::READ_TIMEOUT;
use super::sides::{Look, both_sides, cloud_of, out_of_sight, shares, tells_nothing};
use super::status::Status;
use crate::diagnose;
use crate::endpoint_service::{Refusal, find_by_id};
use crate::ids::{ProjectId, Region, ServiceId};
use crate::operation::Operation;
use crate::provider::Clients;

/// Brings the model up to date; `None` when nothing is left on either side.
pub(super) async fn read(
    cx: &Context<Clients>,
    model: &mut PrivateEndpointModel,
) -> Result<Option<Diagnostics>, Diagnostic> {
    let clients = cx.data();
    let id = identify(model)?;
    let operation = clients.operation(cx, Some(READ_TIMEOUT));
    let view = service_view(clients, &operation, model, &id.service).await?;
    let Some(region) = model.region.known().or(view.region.as_ref()) else {
        // Neither the state nor TiDB Cloud knows where it was: the cluster is gone, and so is its registration.
        return Ok(None);
    };
    let cloud = cloud_of(clients, model, id.endpoint.cloud(), &Region::new(region.as_str()));
    let project = model.project_id.known().or(view.project.as_ref()).map(ProjectId::new);
    let (endpoint, connection) =
        both_sides(clients, &operation, cloud.as_ref(), &id, Look::Lately { project: project.as_ref() })
            .await?;
    if endpoint.is_none()
        && tells_nothing(&id.service, connection.as_ref())
        && let Some(warning) = out_of_sight(clients, &operation, cloud.as_ref(), &id, model).await?
    {
        // Kept as it was: what cannot be seen from here may well be working.
        return Ok(Some(Diagnostics::from(warning)));
    }
    if endpoint.is_none() && connection.is_none() {
        return Ok(None);
    }
    fill(model, &id.service, &id.endpoint, &view, endpoint.as_ref(), connection.as_ref());
    // A service that was made anew has another name for clients.
    if let Some(host) = connection.as_ref().and_then(|connection| connection.host.clone()) {
        model.host = Attr::Known(host);
    }
    // An endpoint that is no longer ours would otherwise only show when it is too late.
    let mut diagnostics = Diagnostics::new();
    let strange = endpoint.as_ref().filter(|endpoint| !model.is_guest() && !model.owns(endpoint));
    let taken_care_of = endpoint.as_ref().filter(|endpoint| model.is_guest() && endpoint.is_shared());
    if let Some(endpoint) = strange.filter(|endpoint| shares(&id, endpoint)).or(taken_care_of) {
        // The next apply comes in again; until then the others may delete it.
        model.status = Attr::Known(Status::Pending.as_str().into());
        model.status_reason = Attr::Known(format!(
            "the shared endpoint {} does not count this resource (yet, or any more), so others may delete it",
            endpoint.id
        ));
    } else if let Some(endpoint) = strange {
        let mut warning = not_ours(endpoint, "changed or deleted by this resource");
        warning.severity = Severity::Warning;
        diagnostics.push(warning);
    }
    Ok(Some(diagnostics))
}

/// What TiDB Cloud says of the service, asked only where the state does not know it (after an import, or when
/// somebody wrote the state by hand).
async fn service_view(
    clients: &Clients,
    operation: &Operation,
    model: &PrivateEndpointModel,
    service: &ServiceId,
) -> Result<ServiceView, Diagnostic> {
    if model.region.is_known()
        && (model.host.is_known() || !model.alicloud.is_null())
        && model.port.is_known()
        && model.project_id.is_known()
    {
        return Ok(ServiceView::default());
    }
    match find_by_id(&clients.tidb, operation, service).await {
        Ok(found) => Ok(view_of(&found)),
        Err(Refusal::Api(error)) if error.is_not_found() => Ok(ServiceView::default()),
        Err(Refusal::NoNodeGroup { .. }) => Ok(ServiceView::default()),
        Err(refusal) => Err(diagnose::refusal(&refusal, AttributePath::of("service_id"), clients.key_source)),
    }
}
