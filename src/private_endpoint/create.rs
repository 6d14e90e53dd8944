//! Creating: waits for the service, checks everything once more, and walks the steps.

use std::time::Duration;

use tfplugin::{Attr, AttributePath, Context, CreateRequest, CreateResponse, Diagnostic, Diagnostics};

use super::existing;
use super::ground::{Ground, is_interruption, keep_planned_inputs, nameless, view_of, wanted_tags};
use super::inputs::Inputs;
use super::marks::settings_of;
use super::model::{Limit, PrivateEndpointModel};
use super::observe::fill;
use super::plan::{self, facts, preflight_for_apply};
use super::scope::Scope;
use super::sides::cloud_of;
use super::steps::{Coming, Walk};
use super::stumble::{After, explain, interrupted, left_nothing, unmarked};
use crate::clouds::{CloudEndpoint, Wish};
use crate::codes::Code;
use crate::diagnose;
use crate::endpoint_service::{Found, LinkStatus, Refusal, find_by_id};
use crate::ids::{CloudName, EndpointId, ServiceId};
use crate::operation::Operation;
use crate::provider::Clients;
use crate::wait::{NoPulse, Sight, WaitError, wait_for};

pub(super) async fn create(
    cx: &Context<Clients>,
    request: CreateRequest<PrivateEndpointModel>,
) -> Result<CreateResponse<PrivateEndpointModel>, Diagnostics> {
    let clients = cx.data();
    let CreateRequest { config, mut planned, private } = request;
    let mut diagnostics = Diagnostics::new();
    let inputs = Inputs::parse(&config, &mut diagnostics);
    let limit = planned.limit(Limit::Create)?;
    let operation = clients.operation(cx, Some(limit));
    let Some(service) = inputs.service.known().filter(|_| !diagnostics.has_errors()) else {
        return Err(diagnostics);
    };
    if let Some(unfit) = plan::vain_wait(&config).or_else(|| unfit(&inputs, None)) {
        return Err(diagnose::unchanged(unfit).into());
    }
    let found = ready_service(clients, &operation, service, limit).await?;
    if let Some(unfit) = unfit(&inputs, Some(&found)) {
        return Err(diagnose::unchanged(unfit).into());
    }
    let Some(facts) = facts(&found) else { return Err(nameless(service).into()) };
    let ground = Ground {
        limit,
        cloud: cloud_of(clients, &config, facts.cloud, &facts.region),
        service: service.clone(),
        view: view_of(&found),
        facts,
        operation,
    };
    let mut walk = match (inputs.existing.known(), inputs.wish()) {
        (Some(endpoint), _) => registering(clients, &ground, endpoint),
        (None, Some(wish)) => making(clients, &ground, wish, &inputs).await?,
        (None, None) => return Err(diagnostics),
    };
    walk.wait_for_dns = planned.wait_for_dns == Attr::Known(true);
    walk.tags = wanted_tags(clients, &config);
    planned.ownership_token = Attr::Known(walk.token.clone());

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
        Err(stumble) if left_nothing(&stumble, &walk) => {
            Err(explain(&stumble, &walk, After::Create, limit).into())
        }
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

/// Why the endpoint cannot be had at the service, if it cannot. `found` is the service once it has been looked up.
fn unfit(inputs: &Inputs, found: Option<&Found>) -> Option<Diagnostic> {
    if !inputs.existing.is_null() {
        return existing::unfit(inputs.service.known()?, found, &inputs.existing);
    }
    found.filter(|found| found.cloud != inputs.cloud).map(|found| plan::wrong_block(found, inputs.cloud))
}

/// The walk that registers an endpoint which somebody else makes.
fn registering<'a>(clients: &'a Clients, ground: &'a Ground, endpoint: &EndpointId) -> Walk<'a> {
    let mut walk = ground.walk(clients, None, String::new());
    walk.endpoint = Some(CloudEndpoint::unseen(endpoint.clone()));
    walk.coming = Coming::ToRegister;
    walk.guest = true;
    walk
}

/// The walk that makes an endpoint, after everything was checked once more.
async fn making<'a>(
    clients: &'a Clients,
    ground: &'a Ground,
    mut wish: Wish,
    inputs: &Inputs,
) -> Result<Walk<'a>, Diagnostics> {
    let settings = settings_of(&wish);
    let subnets =
        preflight_for_apply(clients, &ground.operation, &ground.facts, &wish, Scope::Making).await?;
    wish.subnets = Some(subnets);
    let mut walk = ground.walk(clients, Some(wish), ground.operation.random().token());
    // The mark is about what was configured: a choice of subnets would be made again by whoever resumes.
    walk.settings = settings;
    walk.subnets_are_chosen = !inputs.subnets.is_known();
    Ok(walk)
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
