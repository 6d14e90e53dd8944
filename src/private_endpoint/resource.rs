//! The resource itself: what Terraform asks, in the order it asks.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use tfplugin::schema::Schema;
use tfplugin::{
    Attr, AttributePath, Context, CreateRequest, CreateResponse, DeleteRequest, DeleteResponse, Diagnostic,
    Diagnostics, ImportRequest, ImportResponse, ImportState, PlanRequest, PlanResponse, PrivateState,
    ReadRequest, ReadResponse, Resource, Severity, UpdateRequest, UpdateResponse,
};

use super::delete;
use super::marks::{Unfinished, settings_of};
use super::model::{self, Limit, PrivateEndpointModel};
use super::observe::{ServiceView, fill};
use super::plan::{self, Inputs, READ_TIMEOUT, facts, preflight_for_apply};
use super::scope::Scope;
use super::status::Status;
use super::steps::{Stumble, Trouble, Walk, newest};
use super::stumble::{After, explain, interrupted, unmarked};
use crate::clouds::{Cloud, CloudEndpoint, ServiceFacts, Wish};
use crate::codes::Code;
use crate::diagnose;
use crate::endpoint_service::{Found, LinkStatus, Refusal, find_by_id};
use crate::error::ApiError;
use crate::ids::{CloudName, PrivateEndpointId, ProjectId, Region, ServiceId};
use crate::operation::{Halt, Operation};
use crate::provider::Clients;
use crate::tidbcloud::Connection;
use crate::wait::{NoPulse, Sight, WaitError, wait_for};

/// The resource `tidblink_private_endpoint`.
#[derive(Debug)]
pub struct PrivateEndpoint;

impl Resource for PrivateEndpoint {
    type Data = Clients;
    type Model = PrivateEndpointModel;

    fn schema(&self) -> Schema {
        model::schema()
    }

    async fn plan(
        &self,
        cx: &Context<Clients>,
        request: PlanRequest<PrivateEndpointModel>,
    ) -> PlanResponse<PrivateEndpointModel> {
        plan::plan(cx, request).await
    }

    async fn create(
        &self,
        cx: &Context<Clients>,
        request: CreateRequest<PrivateEndpointModel>,
    ) -> CreateResponse<PrivateEndpointModel> {
        match create(cx, request).await {
            Ok(response) => response,
            Err(diagnostics) => CreateResponse::failed(diagnostics),
        }
    }

    async fn read(
        &self,
        cx: &Context<Clients>,
        request: ReadRequest<PrivateEndpointModel>,
    ) -> ReadResponse<PrivateEndpointModel> {
        let ReadRequest { mut state, private, .. } = request;
        match read(cx, &mut state).await {
            Ok(Some(diagnostics)) => ReadResponse::found(state, private).with_diagnostics(diagnostics),
            Ok(None) => ReadResponse::gone(),
            Err(diagnostic) => ReadResponse::failed(diagnose::with_way_out(diagnostic)),
        }
    }

    async fn update(
        &self,
        cx: &Context<Clients>,
        request: UpdateRequest<PrivateEndpointModel>,
    ) -> UpdateResponse<PrivateEndpointModel> {
        let (prior, private) = (request.prior.clone(), request.private.clone());
        match update(cx, request).await {
            Ok(response) => response,
            Err(diagnostics) => UpdateResponse::partial(prior, private, diagnostics),
        }
    }

    async fn delete(
        &self,
        cx: &Context<Clients>,
        request: DeleteRequest<PrivateEndpointModel>,
    ) -> DeleteResponse<PrivateEndpointModel> {
        delete::delete(cx, request).await
    }
}

impl ImportState for PrivateEndpoint {
    async fn import(
        &self,
        cx: &Context<Clients>,
        request: ImportRequest,
    ) -> ImportResponse<PrivateEndpointModel> {
        let text = match request {
            ImportRequest::Id(text) => text,
            ImportRequest::Identity(_) => String::new(),
        };
        match import(cx, &text).await {
            Ok(model) => ImportResponse::imported(model, PrivateState::new()),
            Err(diagnostic) => ImportResponse::failed(diagnose::unchanged(diagnostic)),
        }
    }
}

/// Everything that walking the steps needs and that outlives the walk.
pub(super) struct Ground {
    pub(super) operation: Operation,
    pub(super) limit: Duration,
    pub(super) cloud: Arc<dyn Cloud>,
    pub(super) service: ServiceId,
    pub(super) facts: ServiceFacts,
    pub(super) view: ServiceView,
}

impl Ground {
    /// A walk on this ground; `wish` is `None` for one that only goes back.
    pub(super) fn walk<'a>(&'a self, clients: &'a Clients, wish: Option<Wish>, token: String) -> Walk<'a> {
        Walk {
            operation: &self.operation,
            clients,
            cloud: Arc::clone(&self.cloud),
            service: &self.service,
            facts: &self.facts,
            project: self.view.project.as_deref().map(ProjectId::new),
            settings: wish.as_ref().map(settings_of).unwrap_or_default(),
            wish,
            token,
            tags: BTreeMap::new(),
            dropped_tags: BTreeSet::new(),
            endpoint: None,
            connection: None,
            guest: false,
            subnets_are_chosen: false,
            wait_for_dns: false,
            resolves: false,
            stale: false,
        }
    }
}

fn view_of(found: &Found) -> ServiceView {
    ServiceView {
        project: found.project.as_ref().map(ToString::to_string),
        region: Some(found.region.to_string()),
        host: found.link.as_ref().and_then(|link| link.host.clone()),
        port: Some(found.port),
    }
}

async fn create(
    cx: &Context<Clients>,
    request: CreateRequest<PrivateEndpointModel>,
) -> Result<CreateResponse<PrivateEndpointModel>, Diagnostics> {
    let clients = cx.data();
    let CreateRequest { config, mut planned, private } = request;
    let mut diagnostics = Diagnostics::new();
    let inputs = Inputs::parse(&config, &mut diagnostics);
    let limit = planned.limit(Limit::Create)?;
    let operation = clients.operation(cx, Some(limit));
    let (Some(service), Some(mut wish)) = (inputs.service.known(), inputs.wish()) else {
        return Err(diagnostics);
    };
    if diagnostics.has_errors() {
        return Err(diagnostics);
    }
    let found = ready_service(clients, &operation, service, limit).await?;
    if found.cloud != inputs.cloud {
        return Err(plan::wrong_block(&found, inputs.cloud).into());
    }
    let Some(facts) = facts(&found) else { return Err(nameless(service).into()) };
    let ground = Ground {
        limit,
        cloud: clients.cloud(facts.cloud, &facts.region),
        service: service.clone(),
        view: view_of(&found),
        facts,
        operation,
    };
    let settings = settings_of(&wish);
    let subnets =
        preflight_for_apply(clients, &ground.operation, &ground.facts, &wish, Scope::Making).await?;
    wish.subnets = Some(subnets);

    let token = ground.operation.random().token();
    planned.ownership_token = Attr::Known(token.clone());
    let mut walk = ground.walk(clients, Some(wish), token);
    // The mark is about what was configured: a choice of subnets would be made again by whoever resumes.
    walk.settings = settings;
    walk.subnets_are_chosen = !inputs.subnets.is_known();
    walk.wait_for_dns = planned.wait_for_dns == Attr::Known(true);
    walk.tags = wanted_tags(clients, &config);

    let outcome = walk.go().await;
    let as_planned = planned.clone();
    planned.managed = Attr::Known(!walk.guest);
    if walk.guest {
        planned.ownership_token = Attr::Null;
    }
    if let Some(endpoint) = &walk.endpoint {
        fill(&mut planned, service, &endpoint.id, &ground.view, Some(endpoint), walk.connection.as_ref());
    }
    match outcome {
        Ok(()) => Ok(CreateResponse::created(planned, private)),
        Err(stumble) if walk.endpoint.is_none() => Err(explain(&stumble, &walk, After::Create, limit).into()),
        Err(stumble) if is_interruption(&stumble) => {
            // Without an error Terraform holds the answer against the plan; the next refresh tells the truth.
            keep_planned_inputs(&mut planned, &as_planned);
            Ok(CreateResponse::partial(planned, private, interrupted(&stumble, &walk)))
        }
        Err(stumble) if stumble.is_after_all_else() => {
            // Nothing of what works may be tainted for a mark.
            keep_planned_inputs(&mut planned, &as_planned);
            Ok(CreateResponse::partial(planned, private, unmarked(&stumble, &walk)))
        }
        Err(stumble) => {
            Ok(CreateResponse::partial(planned, private, explain(&stumble, &walk, After::Create, limit)))
        }
    }
}

async fn update(
    cx: &Context<Clients>,
    request: UpdateRequest<PrivateEndpointModel>,
) -> Result<UpdateResponse<PrivateEndpointModel>, Diagnostics> {
    let clients = cx.data();
    let UpdateRequest { prior, mut planned, private, .. } = request;
    if planned.status.is_known() {
        // Only how this resource is dealt with changed.
        return Ok(UpdateResponse::updated(planned, private));
    }
    let id = identify(&prior)?;
    let mut diagnostics = Diagnostics::new();
    let inputs = Inputs::parse(&planned, &mut diagnostics);
    let limit = planned.limit(Limit::Update)?;
    let Some(wish) = inputs.wish() else { return Err(diagnostics) };
    if diagnostics.has_errors() {
        return Err(diagnostics);
    }
    let operation = clients.operation(cx, Some(limit));
    let found = find_by_id(&clients.tidb, &operation, &id.service).await.map_err(|refusal| {
        let error = diagnose::refusal(&refusal, AttributePath::of("service_id"), clients.key_source);
        diagnose::unchanged(error)
    })?;
    let Some(facts) = facts(&found) else { return Err(nameless(&id.service).into()) };
    let ground = Ground {
        limit,
        cloud: clients.cloud(facts.cloud, &facts.region),
        service: id.service.clone(),
        view: view_of(&found),
        facts,
        operation,
    };
    let (endpoint, connection) =
        both_sides(clients, &ground.operation, ground.cloud.as_ref(), &id, Look::Now)
            .await
            .map_err(diagnose::unchanged)?;
    let Some(endpoint) = endpoint else {
        return Err(Code::EndpointGone.error(
            "The VPC endpoint is gone",
            format!(
                "VPC endpoint {} was deleted after this plan was made. Nothing was changed; run `terraform apply` again: \
                 the new plan makes a new endpoint.",
                id.endpoint
            ),
        )
        .into());
    };
    // On a shared endpoint whoever is not counted (any more) comes in again, which takes nothing from anybody.
    let shared = shares(&id, &endpoint);
    if !prior.is_guest() && !prior.owns(&endpoint) && !shared {
        return Err(not_ours(&endpoint, "changed").into());
    }
    if let Some(scope) = Scope::of_update(&prior, &planned).filter(|_| !prior.is_guest()) {
        preflight_for_apply(clients, &ground.operation, &ground.facts, &wish, scope).await?;
    }
    // What was somebody else's may have come under this provider's care since: then this resource is counted, too.
    let comes_in = prior.is_guest() && endpoint.is_shared() && planned.managed.is_unknown();
    let token = if comes_in {
        ground.operation.random().token()
    } else {
        prior.ownership_token.known().cloned().unwrap_or_default()
    };
    let mut walk = ground.walk(clients, Some(wish), token.clone());
    walk.guest = prior.is_guest() && !comes_in;
    walk.wait_for_dns = planned.wait_for_dns == Attr::Known(true);
    if planned.managed.is_unknown() {
        planned.managed = Attr::Known(!walk.guest);
        planned.ownership_token = if walk.guest { Attr::Null } else { Attr::Known(token) };
    }
    walk.tags = wanted_tags(clients, &planned);
    walk.dropped_tags = prior.known_tags().into_keys().filter(|key| !walk.tags.contains_key(key)).collect();
    walk.endpoint = Some(endpoint);
    walk.connection = connection;

    let outcome = walk.go().await;
    let as_planned = planned.clone();
    // What the plan promised of the service is kept; a service that was made anew meanwhile shows at the next refresh.
    fill(
        &mut planned,
        &id.service,
        &id.endpoint,
        &ground.view,
        walk.endpoint.as_ref(),
        walk.connection.as_ref(),
    );
    Ok(match outcome {
        Ok(()) => {
            // One that had to be registered again meanwhile has another id than the plan promised: the same refresh.
            if as_planned.connection_id.is_known() {
                planned.connection_id = as_planned.connection_id;
            }
            UpdateResponse::updated(planned, private)
        }
        Err(stumble) if is_interruption(&stumble) => {
            keep_planned_inputs(&mut planned, &as_planned);
            UpdateResponse::partial(planned, private, interrupted(&stumble, &walk))
        }
        Err(stumble) => {
            UpdateResponse::partial(planned, private, explain(&stumble, &walk, After::Update, limit))
        }
    })
}

/// Brings the model up to date; `None` when nothing is left on either side.
async fn read(
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
    let cloud = clients.cloud(id.endpoint.cloud(), &Region::new(region.as_str()));
    let project = model.project_id.known().or(view.project.as_ref()).map(ProjectId::new);
    let (endpoint, connection) =
        both_sides(clients, &operation, cloud.as_ref(), &id, Look::Lately { project: project.as_ref() })
            .await?;
    if endpoint.is_none() && connection.is_none() {
        return Ok(None);
    }
    if endpoint.is_none()
        && let Some(warning) = out_of_sight(clients, &operation, cloud.as_ref(), &id, model).await?
    {
        // Kept as it was: what cannot be seen from here may well be working.
        return Ok(Some(Diagnostics::from(warning)));
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

/// Whether an endpoint that is registered but not seen may be there all the same: where not even its VPC is seen, these
/// credentials look at another account. Returns the words for that.
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
    Ok(Some(Code::OutOfSight.warning(
        "The endpoint cannot be seen with these credentials",
        format!(
            "{} shows neither {} nor its VPC {vpc} with these credentials, but TiDB Cloud has the endpoint registered, so it \
             may well be working in another account: check the profile, the role and the environment. It is neither \
             deregistered nor replaced meanwhile.\n\nIf the VPC and the endpoint really are gone, delete the registration \
             in the TiDB Cloud console and run again.",
            id.endpoint.cloud().title(),
            id.endpoint
        ),
    )))
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
    let place = plan::place(clients, id.endpoint.cloud());
    let cloud_side = async {
        let seen = match look {
            Look::Now => cloud.get(operation, &id.endpoint).await,
            Look::Lately { .. } => cloud.refresh(operation, &id.endpoint).await,
        };
        seen.map(|endpoint| endpoint.filter(CloudEndpoint::exists))
            .map_err(|error| place.api_error(&error, "read the endpoint"))
    };
    let tidb_side = async {
        let ServiceId::Dedicated { cluster, node_group } = &id.service else { return Ok(None) };
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
    };
    tokio::try_join!(cloud_side, tidb_side)
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

async fn import(cx: &Context<Clients>, text: &str) -> Result<PrivateEndpointModel, Diagnostic> {
    let attribute = || AttributePath::of("id");
    let id: PrivateEndpointId = text.parse().map_err(|error| diagnose::malformed_id(&error, attribute()))?;
    let clients = cx.data();
    let operation = clients.operation(cx, Some(READ_TIMEOUT));
    let found = find_by_id(&clients.tidb, &operation, &id.service)
        .await
        .map_err(|refusal| diagnose::refusal(&refusal, attribute(), clients.key_source))?;
    if found.cloud != id.endpoint.cloud() {
        return Err(Code::OtherCloud
            .error(
                "The endpoint is of another cloud",
                format!(
                    "{} is on {}, where no endpoint is called {}. Import it under the service that it leads to.",
                    id.service,
                    found.cloud.title(),
                    id.endpoint
                ),
            )
            .at(attribute()));
    }
    let cloud = clients.cloud(found.cloud, &found.region);
    let (endpoint, connection) = both_sides(clients, &operation, cloud.as_ref(), &id, Look::Now).await?;
    if endpoint.is_none() && connection.is_none() {
        return Err(Code::NothingToImport.error(
            "Nothing to import",
            format!(
                "There is no endpoint {} in {} that these {} credentials may see, and none of that id is registered \
                 with TiDB Cloud for {}. Check the id; endpoints of one region are listed by `{}`.",
                id.endpoint,
                found.region,
                found.cloud.title(),
                id.service,
                match found.cloud {
                    CloudName::Alicloud => "aliyun privatelink ListVpcEndpoints",
                    _ => "aws ec2 describe-vpc-endpoints",
                }
            ),
        )
        .at(attribute()));
    }
    if let (Some(endpoint), Some(facts)) = (&endpoint, facts(&found))
        && endpoint.service_name != facts.name
    {
        return Err(Code::LeadsElsewhere.error(
            "This VPC endpoint leads elsewhere",
            format!(
                "VPC endpoint {} leads to {}, but {} is {}. Import it under the service that it leads to.",
                id.endpoint, endpoint.service_name, id.service, facts.name
            ),
        )
        .at(attribute()));
    }
    let unfinished = endpoint.as_ref().and_then(Unfinished::of);
    if unfinished.is_some_and(|unfinished| !unfinished.is_stale(operation.clock().now())) {
        return Err(Code::BeingMade.error(
            "This endpoint is being made by another run",
            format!(
                "{} bears the mark of a run that was alive within the last three minutes. Importing it would give it two \
                 owners. Wait until that run is done, and import it only if no other state holds it then.",
                id.endpoint
            ),
        )
        .at(attribute()));
    }
    Ok(PrivateEndpointModel {
        id: Attr::Known(id.to_string()),
        service_id: Attr::Known(id.service.to_string()),
        endpoint_id: Attr::Known(id.endpoint.to_string()),
        managed: Attr::Known(true),
        ownership_token: endpoint.as_ref().and_then(|endpoint| token_of(endpoint, &id, &operation)).into(),
        ..PrivateEndpointModel::default()
    })
}

/// The token by which an imported endpoint is known. One that is shared counts the resource with a token of its own, set by
/// the next apply: a count that is there already may belong to another state, and whoever takes it back must not cut that.
fn token_of(endpoint: &CloudEndpoint, id: &PrivateEndpointId, operation: &Operation) -> Option<String> {
    if shares(id, endpoint) { Some(operation.random().token()) } else { endpoint.token().map(str::to_owned) }
}

/// Whether the endpoint is one that instances share or would share: for Starter and Essential on AWS that is every one
/// that owns the service's name and is not one instance's own.
fn shares(id: &PrivateEndpointId, endpoint: &CloudEndpoint) -> bool {
    let shareable = !id.service.is_registered() && id.endpoint.cloud() == CloudName::Aws;
    shareable && endpoint.token().is_none() && (endpoint.private_dns || endpoint.is_shared())
}

/// The tags that a model asks for, the default ones of AWS included.
fn wanted_tags(clients: &Clients, model: &PrivateEndpointModel) -> BTreeMap<String, String> {
    let mut tags = if model.alicloud.is_null() { clients.default_tags.clone() } else { BTreeMap::new() };
    tags.extend(model.known_tags());
    tags
}

/// The ids from the state; rebuilt from their parts when somebody wrote the state by hand.
pub(super) fn identify(model: &PrivateEndpointModel) -> Result<PrivateEndpointId, Diagnostic> {
    if let Some(text) = model.id.known() {
        return text.parse().map_err(|error| diagnose::malformed_id(&error, AttributePath::of("id")));
    }
    let part = |attribute: &Attr<String>, name: &str| {
        attribute.known().cloned().ok_or_else(|| {
            Code::StateIncomplete.error(
                "The state of the private endpoint is incomplete",
                format!(
                    "The state holds neither `id` nor `{name}`, so nothing can be looked up. Remove the resource with \
                     `terraform state rm` and import it again by `SERVICE_ID/ENDPOINT_ID`."
                ),
            )
            .at(AttributePath::of(name))
        })
    };
    let service = part(&model.service_id, "service_id")?;
    let endpoint = part(&model.endpoint_id, "endpoint_id")?;
    format!("{service}/{endpoint}")
        .parse()
        .map_err(|error| diagnose::malformed_id(&error, AttributePath::of("endpoint_id")))
}

/// Waits until the service takes endpoints; the `endpoint_service` resource usually has done that already.
async fn ready_service(
    clients: &Clients,
    operation: &Operation,
    service: &ServiceId,
    limit: Duration,
) -> Result<Found, Diagnostics> {
    let attribute = || AttributePath::of("service_id");
    let outcome = wait_for(operation, "the endpoint service to be active", &mut NoPulse, || async {
        let found = match find_by_id(&clients.tidb, operation, service).await {
            Ok(found) => found,
            Err(Refusal::Api(error)) => return Err(*error),
            Err(refusal) => {
                let error = diagnose::refusal(&refusal, attribute(), clients.key_source);
                return Ok(Sight::Failed(diagnose::unchanged(error)));
            }
        };
        Ok(match found.status() {
            LinkStatus::Ready => Sight::Done(found),
            LinkStatus::Wait(state) => Sight::Pending(format!("TiDB Cloud: {state}")),
            LinkStatus::Missing => Sight::Failed(Code::ServiceMissing.error(
                "The cluster has no endpoint service",
                format!(
                    "{service} has none yet. Add a `tidblink_endpoint_service` for the cluster: creating it asks TiDB \
                     Cloud for one."
                ),
            )),
            LinkStatus::Blocked { reason, .. } => Sight::Failed(Code::ServiceBlocked.error(
                "The cluster's endpoint service cannot be used",
                format!("{reason}\n\nNothing was made."),
            )),
        })
    })
    .await;
    outcome.map_err(|error| {
        match error {
            WaitError::Failed(diagnostic, _) => diagnostic,
            WaitError::Halted(halt, history) => Code::ServiceTimeout.error(
                "The endpoint service did not become active in time",
                format!(
                    "{} The limit is {} s. Seen meanwhile: {history}. Nothing was made; run `terraform apply` again.",
                    diagnose::halt_sentence(halt),
                    limit.as_secs()
                ),
            ),
            WaitError::Api(error, _) => {
                let place = plan::place(clients, CloudName::Aws);
                diagnose::unchanged(place.api_error(&error, "read the endpoint service from TiDB Cloud"))
            }
        }
        .at(attribute())
        .into()
    })
}

fn is_interruption(stumble: &Stumble) -> bool {
    matches!(stumble.trouble, Trouble::Halted { halt: Halt::Stopped, .. })
}

/// Puts the planned inputs back over what was seen of them.
fn keep_planned_inputs(model: &mut PrivateEndpointModel, planned: &PrivateEndpointModel) {
    fn over<T: Clone>(attribute: &mut Attr<T>, planned: &Attr<T>) {
        if !planned.is_unknown() {
            attribute.clone_from(planned);
        }
    }
    over(&mut model.connection_id, &planned.connection_id);
    over(&mut model.network_interface_ids, &planned.network_interface_ids);
    over(&mut model.dns_names, &planned.dns_names);
    if let (Attr::Known(block), Some(planned)) = (&mut model.alicloud, planned.alicloud.known()) {
        over(&mut block.vswitch_ids, &planned.vswitch_ids);
        over(&mut block.security_group_ids, &planned.security_group_ids);
        over(&mut block.name, &planned.name);
        over(&mut block.tags, &planned.tags);
    }
    if let (Attr::Known(block), Some(planned)) = (&mut model.aws, planned.aws.known()) {
        over(&mut block.subnet_ids, &planned.subnet_ids);
        over(&mut block.security_group_ids, &planned.security_group_ids);
        over(&mut block.private_dns_enabled, &planned.private_dns_enabled);
        over(&mut block.tags, &planned.tags);
    }
}

fn nameless(service: &ServiceId) -> Diagnostic {
    Code::ServiceNameless.error(
        "The endpoint service has no name",
        format!(
            "TiDB Cloud shows {service} as active but without a service name, and without it no endpoint can be made. \
             Nothing was made or changed. Run the same command again in a few minutes; if it stays like this, contact \
             TiDB Cloud support."
        ),
    )
    .at(AttributePath::of("service_id"))
}

/// The diagnostic for an endpoint that bears somebody else's token; `what` completes "so it is not …".
pub(super) fn not_ours(endpoint: &CloudEndpoint, what: &str) -> Diagnostic {
    let found = match endpoint.token() {
        Some(_) => "bears the token of another resource",
        None => "bears no token of this provider (any more)",
    };
    Code::NotOurs.error(
        "The VPC endpoint is not this resource's",
        format!(
            "VPC endpoint {} {found} in its tags, so it is not {what}: it may serve somebody else. If it is yours, import \
             it (remove the resource with `terraform state rm` first if the state still has it); an import makes it this \
             resource's. If nobody needs it, delete it in its cloud, and its registration, if it has one, in the TiDB Cloud \
             console.",
            endpoint.id
        ),
    )
}
