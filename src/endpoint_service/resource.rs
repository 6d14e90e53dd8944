//! The resource: plan reads the service so that its values are known, create waits until it is active, read keeps them
//! true, delete forgets.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tfplugin::schema::Schema;
use tfplugin::timeouts::parse_duration;
use tfplugin::{
    Attr, AttributePath, Context, CreateRequest, CreateResponse, DeleteRequest, DeleteResponse, Diagnostic,
    Diagnostics, PlanKind, PlanRequest, PlanResponse, ReadRequest, ReadResponse, Resource, Severity,
    UpdateRequest, UpdateResponse,
};
use tracing::info;

use super::lookup::{Found, LinkStatus, Plan, Refusal, find_by_cluster, find_by_id};
use super::model::{self, DEFAULT_CREATE_TIMEOUT, EndpointServiceModel};
use crate::codes::Code;
use crate::diagnose;
use crate::error::{ApiError, ErrorKind, Service};
use crate::ids::{CloudName, ClusterId, IdError, NodeGroupId, ProjectId, ServiceId};
use crate::operation::{Halt, Operation};
use crate::provider::Clients;
use crate::tidbcloud::LinkState;
use crate::wait::{NoPulse, Sight, WaitError, wait_for};

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

const CREATING: &str = "creating";
const ACTIVE: &str = "active";

impl EndpointServiceModel {
    /// Takes over everything that TiDB Cloud says. What it does not say (any more) keeps its value.
    pub(super) fn fill(&mut self, found: &Found) {
        self.id = Attr::Known(found.id.to_string());
        self.cluster_id = Attr::Known(found.id.cluster().to_string());
        self.node_group_id = match &found.id {
            ServiceId::Dedicated { node_group, .. } => Attr::Known(node_group.to_string()),
            ServiceId::Serverless { .. } => Attr::Null,
        };
        self.plan = Attr::Known(found.plan.as_str().into());
        keep(&mut self.project_id, found.project.as_ref().map(ToString::to_string));
        self.cloud_provider = Attr::Known(found.cloud.to_string());
        self.region = Attr::Known(found.region.to_string());
        self.port = Attr::Known(found.port.into());
        let link = found.link.as_ref();
        keep(
            &mut self.service_name,
            link.and_then(|link| link.service_name.as_ref()).map(ToString::to_string),
        );
        keep(&mut self.host, link.and_then(|link| link.host.clone()));
        keep(
            &mut self.availability_zone_ids,
            link.filter(|link| !link.zones.is_empty())
                .map(|link| link.zones.iter().map(ToString::to_string).collect()),
        );
        self.state = Attr::Known(match link.map(|link| &link.state) {
            None | Some(LinkState::Creating) => CREATING.to_owned(),
            Some(state) => state.to_string().to_ascii_lowercase(),
        });
    }

    /// The same for a plan: what may still change before the apply is unknown.
    fn fill_planned(&mut self, found: &Found) {
        self.fill(found);
        if self.service_name.is_null() {
            self.service_name = Attr::Unknown;
        }
        if self.host.is_null() && found.cloud != CloudName::Alicloud {
            self.host = Attr::Unknown;
        }
        self.state = Attr::Unknown;
        self.availability_zone_ids = Attr::Unknown;
    }
}

/// Sets what is said, keeps what was there, and turns an unknown that nobody resolves into null.
fn keep<T>(attribute: &mut Attr<T>, said: Option<T>) {
    match said {
        Some(value) => *attribute = Attr::Known(value),
        None if attribute.is_unknown() => *attribute = Attr::Null,
        None => {}
    }
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
enum Target {
    /// The one that the configuration describes.
    Configured { cluster: ClusterId, node_group: Option<NodeGroupId> },
    /// The one that the state names.
    Known(ServiceId),
}

impl Target {
    /// What the configuration asks for; `None` while it is not known yet or when it is wrong.
    fn configured(config: &EndpointServiceModel, diagnostics: &mut Diagnostics) -> Option<Self> {
        let inputs = parse_inputs(&config.cluster_id, &config.node_group_id, diagnostics)?;
        Some(Self::Configured { cluster: inputs.0, node_group: inputs.1 })
    }

    async fn find(&self, clients: &Clients, operation: &Operation) -> Result<Found, Refusal> {
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

const BLOCKED: &str = "The cluster's endpoint service cannot be used";

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

/// How far a walk to an active service came.
enum Outcome {
    /// The service is active.
    Ready,
    /// Terraform stopped the provider; the model holds what was seen last.
    Interrupted,
}

/// What ends a wait for a service for good.
enum Obstacle {
    Blocked(String),
    Refused(Refusal),
}

/// Walks to an active service: finds it, asks for one where an old cluster has none, waits. Nothing can be lost on the
/// way: a service belongs to its cluster, and the next run finds it again.
async fn become_ready(
    cx: &Context<Clients>,
    target: &Target,
    model: &mut EndpointServiceModel,
) -> Result<Outcome, Diagnostics> {
    let clients = cx.data();
    let limit = create_timeout(model)?;
    let operation = clients.operation(cx, Some(limit));
    let seen = Mutex::new(None);
    let asked = AtomicBool::new(false);

    let look = || async {
        let found = match target.find(clients, &operation).await {
            Ok(found) => found,
            Err(Refusal::Api(error)) => return Err(*error),
            Err(refusal) => return Ok(Sight::Failed(Obstacle::Refused(refusal))),
        };
        *seen.lock().unwrap_or_else(PoisonError::into_inner) = Some(found.clone());
        Ok(match found.status() {
            LinkStatus::Ready => Sight::Done(found),
            LinkStatus::Wait(state) => Sight::Pending(format!("TiDB Cloud: {state}")),
            LinkStatus::Blocked { reason, .. } => Sight::Failed(Obstacle::Blocked(reason)),
            LinkStatus::Missing => {
                if !asked.swap(true, Ordering::Relaxed) {
                    ask_for_service(clients, &operation, &found).await?;
                }
                Sight::Pending("asked for an endpoint service".into())
            }
        })
    };
    let outcome = wait_for(&operation, "the endpoint service to be active", &mut NoPulse, look).await;

    let attribute = AttributePath::of("cluster_id");
    let error = match outcome {
        Ok(found) => {
            model.fill(&found);
            return Ok(Outcome::Ready);
        }
        Err(WaitError::Halted(Halt::Stopped, _)) => {
            if let Some(found) = seen.into_inner().unwrap_or_else(PoisonError::into_inner) {
                model.fill(&found);
                model.state = Attr::Known(CREATING.to_owned());
                return Ok(Outcome::Interrupted);
            }
            Code::Stopped.error(
                "Stopped before the endpoint service was found",
                "Terraform was asked to stop. Nothing was made; run `terraform apply` again.",
            )
        }
        Err(WaitError::Halted(Halt::Deadline, history)) => Code::ServiceTimeout.error(
            "The endpoint service did not become active in time",
            format!(
                "Waited {} s, which is the `create` timeout: {history}. TiDB Cloud usually takes 3 to 5 minutes. Nothing is \
                 lost: run `terraform apply` again to go on waiting, or set a longer `timeouts = {{ create = \"…\" }}`. \
                 If it stays like this, contact TiDB Cloud support with the cluster id.",
                limit.as_secs()
            ),
        ),
        Err(WaitError::Failed(Obstacle::Blocked(reason), _)) => {
            Code::ServiceBlocked.error(BLOCKED, format!("{reason}\n\nNothing was made or changed."))
        }
        Err(WaitError::Failed(Obstacle::Refused(refusal), _)) => {
            let error = diagnose::refusal(&refusal, blamed(&refusal), clients.key_source);
            return Err(diagnose::unchanged(error).into());
        }
        Err(WaitError::Api(error, _)) => diagnose::unchanged(diagnose::lookup_error(
            &error,
            "get the endpoint service",
            clients.key_source,
            attribute.clone(),
        )),
    };
    Err(error.at(attribute).into())
}

/// Asks TiDB Cloud to make a service for a cluster from before services came by themselves.
async fn ask_for_service(clients: &Clients, operation: &Operation, found: &Found) -> Result<(), ApiError> {
    let cluster = found.id.cluster();
    let Some(project) = &found.project else {
        return Err(ApiError::new(
            Service::TidbDedicated,
            "GetCluster",
            ErrorKind::Malformed,
            format!(
                "cluster {cluster} has no label `tidb.cloud/project`, and without the project its endpoint service \
                 cannot be asked for; contact TiDB Cloud support"
            ),
        ));
    };
    info!(cluster = cluster.as_str(), "asking TiDB Cloud to make an endpoint service");
    match clients.tidb.request_legacy_service(operation, project, cluster).await {
        Ok(_) => Ok(()),
        // Somebody else asked at the same moment.
        Err(error) if error.kind == ErrorKind::Conflict => Ok(()),
        Err(error) => Err(error),
    }
}

fn create_timeout(model: &EndpointServiceModel) -> Result<Duration, Diagnostics> {
    let Some(text) = model.timeouts.known().and_then(|timeouts| timeouts.create.known()) else {
        return Ok(DEFAULT_CREATE_TIMEOUT);
    };
    parse_duration(text).map_err(|reason| {
        Code::UnusableTimeout
            .error("Unusable timeout", format!("{reason}."))
            .at(AttributePath::of("timeouts").attribute("create"))
            .into()
    })
}

fn interrupted() -> Diagnostic {
    Code::Interrupted.warning(
        "Stopped while waiting for the endpoint service",
        "Terraform was asked to stop before the service was active. What is known was saved; the next `terraform apply` \
         goes on waiting.",
    )
}
