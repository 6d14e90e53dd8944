//! The resource: plan reads the service so that its values are known, create waits until it is active, read keeps them
//! true, delete forgets.

use std::time::Duration;

use tfplugin::schema::Schema;
use tfplugin::{
    Attr, AttributePath, Context, CreateRequest, CreateResponse, DeleteRequest, DeleteResponse, Diagnostic,
    Diagnostics, PlanKind, PlanRequest, PlanResponse, ReadRequest, ReadResponse, Resource, Severity,
    UpdateRequest, UpdateResponse,
};

use super::lookup::{LinkStatus, Plan, Refusal, find_by_id};
use super::model::{self, ACTIVE, CREATING, EndpointServiceModel};
use super::readiness::{BLOCKED, Outcome, become_ready, interrupted};
use super::target::{Target, blamed};
use crate::codes::Code;
use crate::diagnose;
use crate::ids::{ProjectId, ServiceId};
use crate::operation::Operation;
use crate::provider::Clients;
use crate::tidbcloud::LinkState;

/// How long a plan or a refresh may take; they only read.
pub(super) const READ_TIMEOUT: Duration = Duration::from_secs(10 * 60);

/// The resource `tidblink_endpoint_service`.
#[derive(Debug)]
pub struct EndpointService;

impl Resource for EndpointService {
    type Data = Clients;
    type Model = EndpointServiceModel;

    fn schema(&self) -> Schema {
        model::schema()
    }

    async fn plan(
        &self,
        cx: &Context<Clients>,
        request: PlanRequest<EndpointServiceModel>,
    ) -> PlanResponse<EndpointServiceModel> {
        let (kind, config) = (request.kind(), request.config.clone());
        let mut response = request.accept();
        let Some(planned) = response.planned.as_mut() else { return response };
        match kind {
            PlanKind::Create => {
                if let Some(config) = &config {
                    plan_create(cx, config, planned, &mut response.diagnostics).await;
                }
            }
            PlanKind::Update => {
                if planned.state == Attr::Known(LinkState::Deleting.to_string()) {
                    response.diagnostics.push(
                        Code::ServiceDeleting.warning(
                            "The endpoint service is being deleted",
                            "TiDB Cloud is deleting this service, which happens with its cluster or node group and takes 3 \
                             to 5 minutes. Private endpoints that lead to it stop working and do not come back.",
                        )
                        .at(AttributePath::of("cluster_id")),
                    );
                }
                // A create that was interrupted left a service that was not active yet: wait for it.
                if planned.state == Attr::Known(CREATING.to_owned()) {
                    planned.state = Attr::Unknown;
                    planned.availability_zone_ids = Attr::Unknown;
                    for text in [&mut planned.service_name, &mut planned.host] {
                        if text.is_null() {
                            *text = Attr::Unknown;
                        }
                    }
                }
            }
            PlanKind::Destroy => {}
        }
        response
    }

    async fn create(
        &self,
        cx: &Context<Clients>,
        request: CreateRequest<EndpointServiceModel>,
    ) -> CreateResponse<EndpointServiceModel> {
        let mut diagnostics = Diagnostics::new();
        let Some(target) = Target::configured(&request.config, &mut diagnostics) else {
            return CreateResponse::failed(diagnostics);
        };
        let mut model = request.planned;
        match become_ready(cx, &target, &mut model).await {
            Ok(outcome) => {
                let mut response = CreateResponse::created(model, request.private);
                if matches!(outcome, Outcome::Interrupted) {
                    response.diagnostics.push(interrupted());
                }
                response
            }
            Err(diagnostics) => CreateResponse::failed(diagnostics),
        }
    }

    async fn read(
        &self,
        cx: &Context<Clients>,
        request: ReadRequest<EndpointServiceModel>,
    ) -> ReadResponse<EndpointServiceModel> {
        let clients = cx.data();
        let mut model = request.state;
        let id = match service_id(&model) {
            Ok(id) => id,
            Err(diagnostic) => return ReadResponse::failed(diagnostic),
        };
        let operation = clients.operation(cx, Some(READ_TIMEOUT));
        if stands(clients, &operation, &model, &id).await {
            return ReadResponse::found(model, request.private);
        }
        match find_by_id(&clients.tidb, &operation, &id).await {
            Ok(found) if found.link.is_some() || model.state == Attr::Known(CREATING.to_owned()) => {
                model.fill(&found);
                ReadResponse::found(model, request.private)
            }
            Ok(_) => ReadResponse::gone(),
            Err(Refusal::Api(error)) if error.is_not_found() => ReadResponse::gone(),
            Err(Refusal::NoNodeGroup { .. }) => ReadResponse::gone(),
            Err(refusal) => {
                let mut diagnostic = diagnose::refusal(&refusal, AttributePath::of("id"), clients.key_source);
                if matches!(refusal, Refusal::Api(_)) {
                    return ReadResponse::failed(diagnose::with_way_out(diagnostic));
                }
                // The cluster became one that is not served. What is there stays, and must not hold up a destroy.
                diagnostic.severity = Severity::Warning;
                ReadResponse::found(model, request.private).with_diagnostics(diagnostic)
            }
        }
    }

    async fn update(
        &self,
        cx: &Context<Clients>,
        request: UpdateRequest<EndpointServiceModel>,
    ) -> UpdateResponse<EndpointServiceModel> {
        let mut model = request.planned;
        if model.state.is_known() {
            // Only the time limits changed.
            return UpdateResponse::updated(model, request.private);
        }
        let id = match service_id(&model) {
            Ok(id) => id,
            Err(diagnostic) => return UpdateResponse::partial(request.prior, request.private, diagnostic),
        };
        match become_ready(cx, &Target::Known(id), &mut model).await {
            Ok(outcome) => {
                let mut response = UpdateResponse::updated(model, request.private);
                if matches!(outcome, Outcome::Interrupted) {
                    response.diagnostics.push(interrupted());
                }
                response
            }
            Err(diagnostics) => UpdateResponse::partial(request.prior, request.private, diagnostics),
        }
    }

    async fn delete(
        &self,
        _cx: &Context<Clients>,
        _request: DeleteRequest<EndpointServiceModel>,
    ) -> DeleteResponse<EndpointServiceModel> {
        // TiDB Cloud has no call that deletes a service, and other endpoints may use it.
        DeleteResponse::deleted()
    }
}

/// Whether what is registered at an active service shows that it is still the one in the state. A refresh of many
/// resources reads that anyway, in pages of a whole project, and so asks for a service by itself only where nothing is
/// registered or something has changed.
async fn stands(
    clients: &Clients,
    operation: &Operation,
    model: &EndpointServiceModel,
    id: &ServiceId,
) -> bool {
    let ServiceId::Dedicated { cluster, node_group } = id else { return false };
    let (Some(project), Some(name)) = (model.project_id.known(), model.service_name.known()) else {
        return false;
    };
    let complete = model.region.is_known() && model.port.is_known() && model.availability_zone_ids.is_known();
    if !complete || model.state.known().map(String::as_str) != Some(ACTIVE) {
        return false;
    }
    let project = ProjectId::new(project.as_str());
    let registered = clients.tidb.registered_lately(operation, &project, cluster, node_group).await;
    registered.ok().flatten().into_iter().flatten().any(|connection| {
        connection.service_state == Some(LinkState::Active)
            && connection.service_name.as_ref().is_some_and(|found| found.as_str() == name)
            && connection.host.as_ref().is_none_or(|host| model.host.known() == Some(host))
    })
}

/// The id from the state, rebuilt from its parts when somebody wrote the state by hand.
pub(super) fn service_id(model: &EndpointServiceModel) -> Result<ServiceId, Diagnostic> {
    if let Some(id) = model.id.known() {
        return id.parse().map_err(|error| diagnose::malformed_id(&error, AttributePath::of("id")));
    }
    let part = |attribute: &Attr<String>, name: &str| {
        attribute.known().cloned().ok_or_else(|| {
            Code::StateIncomplete.error(
                "The state of the endpoint service is incomplete",
                format!(
                    "The state holds neither `id` nor `{name}`, so nothing can be looked up. Remove the resource with \
                     `terraform state rm` and import it again by `dedicated/CLUSTER/NODE_GROUP` or `serverless/CLUSTER`."
                ),
            )
            .at(AttributePath::of(name))
        })
    };
    let cluster = part(&model.cluster_id, "cluster_id")?;
    let serverless = model.plan.known().is_some_and(|plan| plan != Plan::Dedicated.as_str());
    let id = if serverless {
        format!("serverless/{cluster}")
    } else {
        format!("dedicated/{cluster}/{}", part(&model.node_group_id, "node_group_id")?)
    };
    id.parse().map_err(|error| diagnose::malformed_id(&error, AttributePath::of("cluster_id")))
}

async fn plan_create(
    cx: &Context<Clients>,
    config: &EndpointServiceModel,
    planned: &mut EndpointServiceModel,
    diagnostics: &mut Diagnostics,
) {
    let Some(target) = Target::configured(config, diagnostics) else { return };
    if diagnostics.has_errors() {
        return;
    }
    let clients = cx.data();
    let operation = clients.operation(cx, Some(READ_TIMEOUT));
    match target.find(clients, &operation).await {
        Ok(found) => {
            if let LinkStatus::Blocked { reason, may_change } = found.status() {
                let diagnostic = if may_change {
                    Code::ServiceBlocked
                        .warning(BLOCKED, format!("{reason}\n\nUntil then the apply stops here."))
                } else {
                    diagnose::with_way_out(Code::ServiceBlocked.error(BLOCKED, reason))
                };
                diagnostics.push(diagnostic.at(AttributePath::of("cluster_id")));
            }
            planned.fill_planned(&found);
        }
        Err(refusal) => {
            let error = diagnose::refusal(&refusal, blamed(&refusal), clients.key_source);
            diagnostics.push(diagnose::with_way_out(error));
        }
    }
}
