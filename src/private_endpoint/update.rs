//! Changing: a repair, other settings, or the rest of what an interrupted create began.

use tfplugin::{Attr, AttributePath, Context, Diagnostic, Diagnostics, UpdateRequest, UpdateResponse};

use super::ground::{
    Ground, identify, is_interruption, keep_planned_inputs, nameless, not_ours, view_of, wanted_tags,
};
use super::handover::{self, Handover};
use super::inputs::Inputs;
use super::model::{Limit, PrivateEndpointModel};
use super::observe::fill;
use super::plan::{facts, place, preflight_for_apply, vain_wait};
use super::scope::Scope;
use super::sides::{Look, both_sides, cloud_of, shares};
use super::steps::Coming;
use super::stumble::{After, explain, interrupted};
use crate::clouds::CloudEndpoint;
use crate::codes::Code;
use crate::diagnose;
use crate::endpoint_service::find_by_id;
use crate::ids::PrivateEndpointId;
use crate::provider::Clients;

pub(super) async fn update(
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
    let mut wish = inputs.wish();
    if diagnostics.has_errors() || wish.is_none() && !inputs.existing.is_known() {
        return Err(diagnostics);
    }
    if let Some(vain) = vain_wait(&planned) {
        return Err(diagnose::unchanged(vain).into());
    }
    let handover = Handover::of(&prior, &planned);
    let operation = clients.operation(cx, Some(limit));
    let found = find_by_id(&clients.tidb, &operation, &id.service).await.map_err(|refusal| {
        let error = diagnose::refusal(&refusal, AttributePath::of("service_id"), clients.key_source);
        diagnose::unchanged(error)
    })?;
    let Some(facts) = facts(&found) else { return Err(nameless(&id.service).into()) };
    let ground = Ground {
        limit,
        cloud: cloud_of(clients, &planned, facts.cloud, &facts.region),
        service: id.service.clone(),
        view: view_of(&found),
        facts,
        operation,
    };
    let (endpoint, connection) =
        both_sides(clients, &ground.operation, ground.cloud.as_ref(), &id, Look::Now)
            .await
            .map_err(diagnose::unchanged)?;
    if let (Some(Handover::TakeOver), Some(wish)) = (handover, wish.as_mut()) {
        let there = endpoint.as_ref();
        if let Some(obstacle) = handover::obstacle(there, &id.endpoint, &ground.facts, wish) {
            return Err(diagnose::unchanged(obstacle).into());
        }
        there.into_iter().for_each(|endpoint| handover::keep_what_is_there(wish, endpoint));
    }
    // What is released without a registration is registered anew on the way.
    let released = (handover == Some(Handover::Release)).then(|| CloudEndpoint::unseen(id.endpoint.clone()));
    let Some(endpoint) = endpoint.or(released) else { return Err(gone(&id, &planned).into()) };
    // On a shared endpoint whoever is not counted (any more) comes in again, which takes nothing from anybody.
    let shared = shares(&id, &endpoint);
    if handover.is_none() && !prior.is_guest() && !prior.owns(&endpoint) && !shared {
        return Err(not_ours(&endpoint, "changed").into());
    }
    let scope = Scope::of_update(&prior, &planned).filter(|_| !prior.is_guest());
    if let (Some(scope), Some(wish)) = (scope, &wish) {
        preflight_for_apply(clients, &ground.operation, &ground.facts, wish, scope).await?;
    }
    if handover == Some(Handover::Release) {
        let cloud = clients.cloud(ground.facts.cloud, &ground.facts.region);
        let outcome = handover::let_go(&ground.operation, cloud.as_ref(), &prior, &id.endpoint).await;
        outcome.map_err(|error| {
            place(clients, ground.facts.cloud)
                .api_error(&error, "take this resource's marks off the endpoint")
        })?;
    }
    // What was somebody else's may have come under this provider's care since: then this resource is counted, too.
    let comes_in = prior.is_guest() && endpoint.is_shared() && planned.managed.is_unknown();
    let takes_over = handover == Some(Handover::TakeOver);
    let token = if comes_in || takes_over {
        ground.operation.random().token()
    } else {
        prior.ownership_token.known().cloned().unwrap_or_default()
    };
    let mut walk = ground.walk(clients, wish, token.clone());
    walk.guest = prior.is_guest() && !comes_in || !planned.existing.is_null();
    walk.wait_for_dns = planned.wait_for_dns == Attr::Known(true);
    if takes_over {
        walk.coming = Coming::ToTakeOver;
    }
    if planned.managed.is_unknown() {
        planned.managed = Attr::Known(!walk.guest);
        planned.ownership_token = if walk.guest { Attr::Null } else { Attr::Known(token) };
    }
    walk.tags = wanted_tags(clients, &planned);
    walk.dropped_tags = prior.known_tags().into_keys().filter(|key| !walk.tags.contains_key(key)).collect();
    walk.endpoint = Some(endpoint);
    walk.connection = connection;

    let outcome = walk.go().await;
    if walk.coming == Coming::ToTakeOver
        && let Err(stumble) = outcome
    {
        // Not taken over: whatever marks are on it by now are those of a run that died.
        return Ok(UpdateResponse::partial(prior, private, explain(&stumble, &walk, After::Update, limit)));
    }
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

/// The error for what went away between plan and apply.
fn gone(id: &PrivateEndpointId, planned: &PrivateEndpointModel) -> Diagnostic {
    let (what, then) = if planned.existing.is_null() {
        (format!("VPC endpoint {} was deleted", id.endpoint), "makes a new endpoint")
    } else {
        (format!("The registration of VPC endpoint {} was taken away", id.endpoint), "registers it anew")
    };
    Code::EndpointGone.error(
        "The private endpoint is gone",
        format!(
            "{what} after this plan was made. Nothing was changed; run `terraform apply` again: the new plan {then}."
        ),
    )
}
