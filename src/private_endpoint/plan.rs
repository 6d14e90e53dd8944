//! What an apply would do, and everything that is wrong before it begins: ids are parsed, the service is found, the
//! preflight is run.

use std::collections::BTreeSet;
use std::time::Duration;

use tfplugin::{Attr, AttributePath, Context, Diagnostic, Diagnostics, PlanKind, PlanRequest, PlanResponse};

use super::change::{disconnected, is_disconnected, is_registered, plan_update, private_dns};
use super::existing;
use super::handover::{self, Handover, taken_over};
use super::inputs::Inputs;
use super::model::{OnDisconnect, PrivateEndpointModel};
use super::scope::Scope;
use super::steps::newest;
use crate::clouds::{Concern, Preflight, ServiceFacts, Wish};
use crate::codes::Code;
use crate::diagnose::{self, Place};
use crate::endpoint_service::{Found, LinkStatus, find_by_id};
use crate::ids::{CloudName, PrivateEndpointId, ServiceId, SubnetId};
use crate::operation::Operation;
use crate::provider::Clients;

/// How long a plan or a refresh may take; they only read.
pub(super) const READ_TIMEOUT: Duration = Duration::from_secs(10 * 60);

pub(super) async fn plan(
    cx: &Context<Clients>,
    request: PlanRequest<PrivateEndpointModel>,
) -> PlanResponse<PrivateEndpointModel> {
    let mut response = plan_with(cx, request).await;
    response.planned.iter_mut().for_each(without_registration);
    response
}

/// What is never registered shows no registration that is still to come.
fn without_registration(planned: &mut PrivateEndpointModel) {
    if !is_registered(planned) {
        for attribute in [&mut planned.connection_id, &mut planned.connection_state] {
            if attribute.is_unknown() {
                *attribute = Attr::Null;
            }
        }
    }
}

async fn plan_with(
    cx: &Context<Clients>,
    request: PlanRequest<PrivateEndpointModel>,
) -> PlanResponse<PrivateEndpointModel> {
    let kind = request.kind();
    let (config, prior) = (request.config.clone(), request.prior.clone());
    let mut response = request.accept();
    let (Some(config), Some(planned)) = (config, response.planned.as_mut()) else { return response };
    let mut inputs = Inputs::parse(&config, &mut response.diagnostics);
    response.diagnostics.extend(vain_wait(&config).map(diagnose::unchanged));
    if response.diagnostics.has_errors() {
        return response;
    }
    match (kind, prior) {
        (PlanKind::Create, _) => {
            if !inputs.existing.is_null() {
                planned.foresee_registration(&inputs.service, &inputs.existing);
            }
            look_ahead(cx, &inputs, Scope::Making, Some(planned), &mut response.diagnostics).await;
        }
        (PlanKind::Update, Some(prior)) => {
            if response.requires_replace.is_empty() {
                if OnDisconnect::of(planned) == OnDisconnect::Fail && is_disconnected(&prior) {
                    response.diagnostics.push(diagnose::with_way_out(disconnected(&prior)));
                    return response;
                }
                if let Some(path) = plan_update(&prior, planned) {
                    response.requires_replace.push(path);
                    return response;
                }
                let handover = Handover::of(&prior, planned);
                if handover == Some(Handover::Release) {
                    response.diagnostics.push(handover::released(&prior));
                }
                if let Some(scope) = Scope::of_update(&prior, planned) {
                    // What the configuration leaves out stays as it is, and is no choice to be made again.
                    inputs = Inputs::parse(planned, &mut response.diagnostics);
                    inputs.taken_over = taken_over(handover, &prior);
                    look_ahead(cx, &inputs, scope, None, &mut response.diagnostics).await;
                }
            }
        }
        (PlanKind::Update | PlanKind::Destroy, _) => {}
    }
    response
}

/// An error for waiting for a name that nothing will give to the endpoint while this resource waits.
pub(super) fn vain_wait(config: &PrivateEndpointModel) -> Option<Diagnostic> {
    let error = if config.wait_for_dns != Attr::Known(true) {
        return None;
    } else if config.existing.is_known() {
        Code::WaitInVain.error(
            "The host will never resolve to the endpoint",
            "With `existing` somebody else looks after the endpoint: its addresses are not known here, and its private DNS can \
             only be switched on after this resource has registered it. Take `wait_for_dns` out, and look with the data source \
             `tidblink_reachability` once private DNS is on.",
        )
    } else if private_dns(config) == Some(Attr::Known(false)) {
        Code::WaitInVain.error(
            "The host will never resolve to the endpoint",
            "With `private_dns_enabled = false` the VPC does not resolve `host` to the endpoint, so `wait_for_dns` would wait in \
             vain. Switch private DNS on, or take `wait_for_dns` out and connect through one of the names in `dns_names`.",
        )
    } else {
        return None;
    };
    Some(error.at(AttributePath::of("wait_for_dns")))
}

/// Finds the service and runs the preflight; what is known of the service goes into `planned`.
async fn look_ahead(
    cx: &Context<Clients>,
    inputs: &Inputs,
    scope: Scope,
    planned: Option<&mut PrivateEndpointModel>,
    diagnostics: &mut Diagnostics,
) {
    let Some(service) = inputs.service.known() else { return };
    let clients = cx.data();
    let operation = clients.operation(cx, Some(READ_TIMEOUT));
    let attribute = || AttributePath::of("service_id");
    let registers = !inputs.existing.is_null();
    if let Some(unfit) = existing::unfit(service, None, &inputs.existing).filter(|_| registers) {
        diagnostics.push(diagnose::with_way_out(unfit));
        return;
    }
    let found = match find_by_id(&clients.tidb, &operation, service).await {
        Ok(found) => found,
        Err(refusal) => {
            let error = diagnose::refusal(&refusal, attribute(), clients.key_source);
            diagnostics.push(diagnose::with_way_out(error));
            return;
        }
    };
    let unfit = if registers {
        existing::unfit(service, Some(&found), &inputs.existing)
    } else {
        (found.cloud != inputs.cloud).then(|| wrong_block(&found, inputs.cloud))
    };
    if let Some(unfit) = unfit {
        diagnostics.push(unfit);
        return;
    }
    if let LinkStatus::Blocked { reason, may_change } = found.status()
        && (scope == Scope::Making || !may_change)
    {
        let summary = "The cluster's endpoint service cannot be used";
        let diagnostic = if may_change {
            Code::ServiceBlocked
                .warning(summary, format!("{reason}\n\nUntil then the apply stops before it makes anything."))
        } else {
            diagnose::with_way_out(Code::ServiceBlocked.error(summary, reason))
        };
        diagnostics.push(diagnostic.at(attribute()));
        if !may_change {
            return;
        }
    }
    // An update has its plan already; only a create learns from the service.
    if let Some(planned) = planned {
        let link = found.link.as_ref();
        planned.project_id = found.project.as_ref().map_or(Attr::Unknown, |id| Attr::Known(id.to_string()));
        planned.region = Attr::Known(found.region.to_string());
        planned.host = link.and_then(|link| link.host.clone()).map_or(Attr::Unknown, Attr::Known);
        planned.port = Attr::Known(found.port.into());
    }
    let Some(facts) = facts(&found) else { return };
    if registers {
        diagnostics.push(existing::not_checked(&facts));
        if scope == Scope::Making {
            diagnostics.extend(registered_already(clients, &operation, service, inputs).await);
        }
        return;
    }
    let Some(mut wish) = inputs.wish() else { return };
    let place = place(clients, facts.cloud);
    if let Some(id) = &inputs.taken_over {
        match clients.cloud(facts.cloud, &facts.region).get(&operation, id).await {
            Ok(endpoint) => {
                if let Some(obstacle) = handover::obstacle(endpoint.as_ref(), id, &facts, &wish) {
                    diagnostics.push(diagnose::with_way_out(obstacle));
                    return;
                }
                endpoint.iter().for_each(|endpoint| handover::keep_what_is_there(&mut wish, endpoint));
            }
            Err(error) => {
                let error = place.api_error(&error, "look at the endpoint that is to be taken over");
                diagnostics.push(diagnose::with_way_out(error));
                return;
            }
        }
    }
    match clients.cloud(facts.cloud, &facts.region).preflight(&operation, &facts, &wish).await {
        Ok(preflight) => {
            for finding in &preflight.findings {
                if concerns_unknown(finding.concern, inputs) || !scope.covers(finding) {
                    continue;
                }
                diagnostics.push(place.finding_at_plan(finding));
            }
            diagnostics.extend(asides(&preflight, inputs, place));
        }
        Err(error) => {
            let error = place.api_error(&error, "check the VPC before anything is made");
            diagnostics.push(diagnose::with_way_out(error));
        }
    }
}

/// A warning for an endpoint that is registered already. What cannot be found out now is found out by the apply.
async fn registered_already(
    clients: &Clients,
    operation: &Operation,
    service: &ServiceId,
    inputs: &Inputs,
) -> Option<Diagnostic> {
    let (ServiceId::Dedicated { cluster, node_group }, Some(id)) = (service, inputs.existing.known()) else {
        return None;
    };
    let listed = clients.tidb.connections(operation, cluster, node_group).await.ok()?;
    let taken = newest(listed, id).filter(existing::is_taken)?;
    let id = PrivateEndpointId { service: service.clone(), endpoint: id.clone() };
    Some(existing::registered_already(&taken, &id))
}

/// Findings about inputs that are not known yet mean nothing.
fn concerns_unknown(concern: Concern, inputs: &Inputs) -> bool {
    match concern {
        Concern::Subnets => inputs.subnets.is_unknown(),
        Concern::SecurityGroups => inputs.security_groups.is_unknown(),
        Concern::Service | Concern::Vpc | Concern::PrivateDns | Concern::Name | Concern::Tags => false,
    }
}

/// What a preflight has to say besides its findings.
fn asides(preflight: &Preflight, inputs: &Inputs, place: Place) -> Vec<Diagnostic> {
    let choice = preflight.choice.as_ref().filter(|_| inputs.subnets.is_null()).map(|choice| {
        Code::SubnetsChosen.warning("Subnets will be chosen", choice).at(place.attribute(Concern::Subnets))
    });
    let not_checked = (!preflight.not_checked.is_empty()).then(|| {
        Code::NotChecked.warning(
            "Some checks could not be made",
            format!(
                "The {} credentials may not look at everything, so these mistakes would only show during the apply:\n{}",
                place.cloud.title(),
                preflight.not_checked.iter().map(|line| format!("  - {line}")).collect::<Vec<_>>().join("\n")
            ),
        )
    });
    choice.into_iter().chain(not_checked).collect()
}

/// The service as the cloud side needs to know it; `None` while it has no name yet.
pub(super) fn facts(found: &Found) -> Option<ServiceFacts> {
    let link = found.link.as_ref()?;
    Some(ServiceFacts {
        cloud: found.cloud,
        name: link.service_name.clone()?,
        region: found.region.clone(),
        zones: link.zones.clone(),
        host: link.host.clone(),
        port: found.port,
        needs_registration: found.id.is_registered(),
    })
}

/// Where diagnostics about an endpoint on a cloud point.
pub(super) fn place(clients: &Clients, cloud: CloudName) -> Place {
    Place { cloud, key_source: clients.key_source }
}

/// A service that is on another cloud than the block that is set.
pub(super) fn wrong_block(found: &Found, block: CloudName) -> Diagnostic {
    Code::OtherCloud
        .error(
            "The service is on another cloud",
            format!(
                "{} is on {}, so its endpoint has to be made there: use an `{}` block instead of `{block}`.",
                found.id,
                found.cloud.title(),
                found.cloud
            ),
        )
        .at(AttributePath::of(block.as_str()))
}

/// The checks before the first write: everything that a plan only warned of is an error now. Returns the subnets to use.
///
/// # Errors
/// All findings that stand in the way.
pub(super) async fn preflight_for_apply(
    clients: &Clients,
    operation: &Operation,
    facts: &ServiceFacts,
    wish: &Wish,
    scope: Scope,
) -> Result<BTreeSet<SubnetId>, Diagnostics> {
    let place = place(clients, facts.cloud);
    let cloud = clients.cloud(facts.cloud, &facts.region);
    let preflight = cloud.preflight(operation, facts, wish).await.map_err(|error| {
        Diagnostics::from(diagnose::unchanged(
            place.api_error(&error, "check the VPC before anything is made"),
        ))
    })?;
    let diagnostics: Diagnostics = preflight
        .findings
        .iter()
        .filter(|finding| scope.covers(finding))
        .map(|finding| place.finding_at_apply(finding))
        .filter(Diagnostic::is_error)
        .collect();
    if diagnostics.has_errors() {
        return Err(diagnostics);
    }
    Ok(preflight.subnets)
}
