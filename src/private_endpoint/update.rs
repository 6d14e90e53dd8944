//! Changing: a repair, other settings, or the rest of what an interrupted create began.

use tfplugin::{Attr, AttributePath, Context, Diagnostic, Diagnostics, UpdateRequest, UpdateResponse};

use super::ground::{
    Ground, identify, is_interruption, keep_planned_inputs, nameless, not_ours, view_of, wanted_tags,
};
use super::inputs::Inputs;
use super::model::{Limit, PrivateEndpointModel};
use super::observe::fill;
use super::plan::{facts, preflight_for_apply};
use super::scope::Scope;
use super::sides::{Look, both_sides, shares};
use super::stumble::{After, explain, interrupted};
use crate::diagnose;
use crate::endpoint_service::find_by_id;
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
        return Err(Diagnostic::error(
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
