//! What an apply would do, and everything that is wrong before it begins: ids are parsed, the service is found, the
//! preflight is run, and drift on either side becomes the repair it needs.

use std::collections::BTreeSet;
use std::time::Duration;

use tfplugin::{Attr, AttributePath, Context, Diagnostic, Diagnostics, PlanKind, PlanRequest, PlanResponse};

use super::model::{IdSet, OnDisconnect, PrivateEndpointModel};
use super::scope::Scope;
use super::status::{Remedy, Status, remedy};
use crate::clouds::{CloudState, Concern, Preflight, ServiceFacts, Wish};
use crate::codes::Code;
use crate::diagnose::{self, Place};
use crate::endpoint_service::{Found, LinkStatus, find_by_id};
use crate::ids::{CloudId, CloudName, IdError, SecurityGroupId, ServiceId, SubnetId, VpcId};
use crate::operation::Operation;
use crate::provider::Clients;

/// How long a plan or a refresh may take; they only read.
pub(super) const READ_TIMEOUT: Duration = Duration::from_secs(10 * 60);

/// The inputs, parsed. Unknown stays unknown, left out is null.
#[derive(Clone, Debug)]
pub(super) struct Inputs {
    pub(super) service: Attr<ServiceId>,
    /// The cloud whose block is set.
    pub(super) cloud: CloudName,
    pub(super) vpc: Attr<VpcId>,
    pub(super) subnets: Attr<BTreeSet<SubnetId>>,
    pub(super) security_groups: Attr<BTreeSet<SecurityGroupId>>,
    pub(super) private_dns: bool,
    pub(super) name: Attr<String>,
}

impl Inputs {
    /// Parses a configuration or a plan. Every malformed id is a diagnostic on its attribute.
    pub(super) fn parse(model: &PrivateEndpointModel, diagnostics: &mut Diagnostics) -> Self {
        let service =
            parse_with(&model.service_id, str::parse, || AttributePath::of("service_id"), diagnostics);
        let cloud = if model.alicloud.is_null() { CloudName::Aws } else { CloudName::Alicloud };
        let (unknown, vpc, subnets, groups, private_dns, name) = match cloud {
            CloudName::Alicloud => {
                let block = model.alicloud.known().cloned().unwrap_or_default();
                let unknown = model.alicloud.is_unknown();
                (unknown, block.vpc_id, block.vswitch_ids, block.security_group_ids, false, block.name)
            }
            _ => {
                let block = model.aws.known().cloned().unwrap_or_default();
                let private_dns = block.private_dns_enabled.known_or(true);
                let unknown = model.aws.is_unknown();
                (unknown, block.vpc_id, block.subnet_ids, block.security_group_ids, private_dns, Attr::Null)
            }
        };
        let at = |concern| move || diagnose::attribute_of(cloud, concern);
        let vpc = parse_in(cloud, &vpc, at(Concern::Vpc), diagnostics);
        let subnets = parse_set(cloud, &subnets, at(Concern::Subnets), diagnostics);
        let security_groups = parse_set(cloud, &groups, at(Concern::SecurityGroups), diagnostics);
        Self {
            service,
            cloud,
            vpc: if unknown { Attr::Unknown } else { vpc },
            subnets: if unknown { Attr::Unknown } else { subnets },
            security_groups: if unknown { Attr::Unknown } else { security_groups },
            private_dns,
            name,
        }
    }

    /// The wish for the cloud side, once the VPC is known. Unknown subnets and groups are left out; what is found
    /// about them then means nothing.
    pub(super) fn wish(&self) -> Option<Wish> {
        Some(Wish {
            vpc: self.vpc.known()?.clone(),
            subnets: self.subnets.known().cloned(),
            security_groups: self.security_groups.known().cloned(),
            private_dns: self.private_dns,
            name: self.name.known().cloned(),
        })
    }
}

fn parse_with<T>(
    attribute: &Attr<String>,
    parse: impl Fn(&str) -> Result<T, IdError>,
    path: impl Fn() -> AttributePath,
    diagnostics: &mut Diagnostics,
) -> Attr<T> {
    match attribute {
        Attr::Null => Attr::Null,
        Attr::Unknown => Attr::Unknown,
        Attr::Known(text) => match parse(text) {
            Ok(id) => Attr::Known(id),
            Err(error) => {
                diagnostics.push(diagnose::malformed_id(&error, path()));
                Attr::Null
            }
        },
    }
}

fn parse_in<T: CloudId>(
    cloud: CloudName,
    attribute: &Attr<String>,
    path: impl Fn() -> AttributePath,
    diagnostics: &mut Diagnostics,
) -> Attr<T> {
    parse_with(attribute, |text| T::parse_in(cloud, text), path, diagnostics)
}

fn parse_set<T: CloudId + Ord>(
    cloud: CloudName,
    attribute: &Attr<IdSet>,
    path: impl Fn() -> AttributePath,
    diagnostics: &mut Diagnostics,
) -> Attr<BTreeSet<T>> {
    match attribute {
        Attr::Null => Attr::Null,
        Attr::Unknown => Attr::Unknown,
        Attr::Known(texts) => {
            if texts.has_null() {
                diagnostics.push(
                    Code::MalformedId
                        .error("Missing id", "One of the ids is null. Leave it out instead.")
                        .at(path()),
                );
            }
            // What is not wholly known yet is looked at when it is.
            let Some(texts) = texts.known() else { return Attr::Unknown };
            let mut ids = BTreeSet::new();
            for text in texts {
                match T::parse_in(cloud, text) {
                    Ok(id) => {
                        ids.insert(id);
                    }
                    // Elements of a set cannot be pointed at: the message names the text.
                    Err(error) => diagnostics.push(diagnose::malformed_id(&error, path())),
                }
            }
            Attr::Known(ids)
        }
    }
}

pub(super) async fn plan(
    cx: &Context<Clients>,
    request: PlanRequest<PrivateEndpointModel>,
) -> PlanResponse<PrivateEndpointModel> {
    let kind = request.kind();
    let (config, prior) = (request.config.clone(), request.prior.clone());
    let mut response = request.accept();
    let (Some(config), Some(planned)) = (config, response.planned.as_mut()) else { return response };
    let mut inputs = Inputs::parse(&config, &mut response.diagnostics);
    response.diagnostics.extend(nameless_wait(&config));
    if response.diagnostics.has_errors() {
        return response;
    }
    match (kind, prior) {
        (PlanKind::Create, _) => {
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
                } else if let Some(scope) = Scope::of_update(&prior, planned) {
                    // What the configuration leaves out stays as it is, and is no choice to be made again.
                    inputs = Inputs::parse(planned, &mut response.diagnostics);
                    look_ahead(cx, &inputs, scope, None, &mut response.diagnostics).await;
                }
            }
        }
        (PlanKind::Update | PlanKind::Destroy, _) => {}
    }
    response
}

/// An error for waiting for a name that nothing will give to the endpoint.
fn nameless_wait(config: &PrivateEndpointModel) -> Option<Diagnostic> {
    let waits = config.wait_for_dns == Attr::Known(true);
    let has_no_name = private_dns(config) == Some(Attr::Known(false));
    (waits && has_no_name).then(|| {
        Code::WaitInVain.error(
            "The host will never resolve to the endpoint",
            "With `private_dns_enabled = false` the VPC does not resolve `host` to the endpoint, so `wait_for_dns` would wait in \
             vain. Switch private DNS on, or take `wait_for_dns` out and connect through one of the names in `dns_names`.",
        )
        .at(AttributePath::of("wait_for_dns"))
    })
}

/// Makes the plan of an update what the object needs. Returns the attribute that forces a replacement, if one does.
fn plan_update(prior: &PrivateEndpointModel, planned: &mut PrivateEndpointModel) -> Option<AttributePath> {
    let word = |attribute: &Attr<String>| attribute.known().cloned().unwrap_or_default();
    let registered = is_registered(prior);
    let (status, cloud, connection) =
        (word(&prior.status), word(&prior.cloud_state), word(&prior.connection_state));
    let remedy = match remedy(&status, &cloud, &connection, registered) {
        Remedy::Repair if OnDisconnect::of(planned) == OnDisconnect::Replace && is_disconnected(prior) => {
            Remedy::Replace
        }
        remedy => remedy,
    };
    // One with private DNS may be shared, one without never is: there is no way from one to the other in place.
    let moves = !registered && private_dns(prior) != private_dns(planned);
    let moves = moves.then(|| AttributePath::of("aws").attribute("private_dns_enabled"));
    // An endpoint on Alibaba Cloud that was made without a security group takes none later.
    let opens = prior.alicloud.is_known()
        && groups(prior).is_some_and(is_empty)
        && groups(planned).is_some_and(|groups| !is_empty(groups));
    let opens = opens.then(|| AttributePath::of("alicloud").attribute("security_group_ids"));
    let moves = moves.or(opens);
    if moves.is_some() || remedy == Remedy::Replace {
        // Nothing on the cloud side can be repaired in place: plan a new endpoint.
        for text in [
            &mut planned.id,
            &mut planned.endpoint_id,
            &mut planned.connection_id,
            &mut planned.ownership_token,
            &mut planned.status,
            &mut planned.status_reason,
            &mut planned.cloud_state,
            &mut planned.connection_state,
        ] {
            *text = Attr::Unknown;
        }
        planned.network_interface_ids = Attr::Unknown;
        planned.dns_names = Attr::Unknown;
        planned.host = Attr::Unknown;
        return Some(moves.unwrap_or_else(|| AttributePath::of("endpoint_id")));
    }
    let states = |model: &mut PrivateEndpointModel, source: Option<&PrivateEndpointModel>| {
        let of = |pick: fn(&PrivateEndpointModel) -> &Attr<String>| {
            source.map_or(Attr::Unknown, |source| pick(source).clone())
        };
        model.status = of(|m| &m.status);
        model.status_reason = of(|m| &m.status_reason);
        model.cloud_state = of(|m| &m.cloud_state);
        model.connection_state = of(|m| &m.connection_state);
    };
    states(planned, None);
    let subnets_change = subnets(prior) != subnets(planned);
    let dns_changes = private_dns(prior) != private_dns(planned);
    if remedy == Remedy::Repair && prior.is_guest() {
        // Somebody looks after the endpoint now: this resource is counted from here on.
        planned.managed = Attr::Unknown;
        planned.ownership_token = Attr::Unknown;
    }
    if remedy == Remedy::Repair {
        // It may have to be registered again, and what an interrupted create did not learn yet comes now.
        if registered {
            planned.connection_id = Attr::Unknown;
        }
        for text in [&mut planned.project_id, &mut planned.region, &mut planned.host] {
            if text.is_null() {
                *text = Attr::Unknown;
            }
        }
    }
    // The interfaces of a new endpoint may not be there from the start.
    if subnets_change || prior.network_interface_ids.known().is_none_or(BTreeSet::is_empty) {
        planned.network_interface_ids = Attr::Unknown;
    }
    if subnets_change || dns_changes || remedy == Remedy::Repair {
        planned.dns_names = Attr::Unknown;
    }
    // When nothing changes but how this resource is dealt with, nothing is looked at and no state can change.
    let mut quiet = PrivateEndpointModel {
        timeouts: prior.timeouts.clone(),
        on_disconnect: prior.on_disconnect.clone(),
        wait_for_dns: prior.wait_for_dns,
        ..planned.clone()
    };
    states(&mut quiet, Some(prior));
    if remedy == Remedy::None && quiet == *prior {
        states(planned, Some(prior));
    }
    None
}

/// Whether the endpoint is one that a user may want to decide about. Somebody else's never is.
fn is_disconnected(prior: &PrivateEndpointModel) -> bool {
    let lost = [Status::Failed, Status::Rejected, Status::Expired];
    let status = prior.status.known().map(String::as_str);
    let cut_off = prior.cloud_state.known().map(String::as_str) == Some(CloudState::Disconnected.as_str());
    !prior.is_guest() && (cut_off || lost.iter().any(|lost| status == Some(lost.as_str())))
}

/// The end of a plan that the user wants to decide about.
fn disconnected(prior: &PrivateEndpointModel) -> Diagnostic {
    let word = |attribute: &Attr<String>| attribute.known().cloned().unwrap_or_default();
    Code::Disconnected.error(
        "The private endpoint is disconnected",
        format!(
            "Endpoint {} is {}: {}. With `on_disconnect = \"fail\"` nothing is done about it until somebody has looked at \
             it.\n\nTo have it put right, set `on_disconnect` to \"repair\" (registers it again where that helps) or to \
             \"replace\" (makes a new one) and apply.",
            word(&prior.endpoint_id),
            word(&prior.status),
            word(&prior.status_reason),
        ),
    )
    .at(AttributePath::of("on_disconnect"))
}

/// Whether TiDB Cloud has to be told of the endpoint.
fn is_registered(model: &PrivateEndpointModel) -> bool {
    model.service_id.known().and_then(|id| id.parse().ok()).is_none_or(|id: ServiceId| id.is_registered())
}

pub(super) fn private_dns(model: &PrivateEndpointModel) -> Option<Attr<bool>> {
    model.aws.known().map(|block| block.private_dns_enabled)
}

pub(super) fn subnets(model: &PrivateEndpointModel) -> Option<&Attr<IdSet>> {
    let aws = model.aws.known().map(|block| &block.subnet_ids);
    aws.or_else(|| model.alicloud.known().map(|block| &block.vswitch_ids))
}

pub(super) fn groups(model: &PrivateEndpointModel) -> Option<&Attr<IdSet>> {
    let aws = model.aws.known().map(|block| &block.security_group_ids);
    aws.or_else(|| model.alicloud.known().map(|block| &block.security_group_ids))
}

fn is_empty(ids: &Attr<IdSet>) -> bool {
    ids.known().and_then(IdSet::known).is_some_and(|ids| ids.is_empty())
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
    let found = match find_by_id(&clients.tidb, &operation, service).await {
        Ok(found) => found,
        Err(refusal) => {
            let error = diagnose::refusal(&refusal, attribute(), clients.key_source);
            diagnostics.push(diagnose::with_way_out(error));
            return;
        }
    };
    if found.cloud != inputs.cloud {
        diagnostics.push(wrong_block(&found, inputs.cloud));
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
    let (Some(facts), Some(wish)) = (facts(&found), inputs.wish()) else { return };
    let place = place(clients, facts.cloud);
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

#[cfg(test)]
mod tests {
    use super::super::model::AwsBlock;
    use super::*;

    fn text(value: &str) -> Attr<String> {
        Attr::Known(value.to_owned())
    }

    fn active() -> PrivateEndpointModel {
        PrivateEndpointModel {
            id: text("dedicated/1/2/vpce-01234567"),
            service_id: text("dedicated/1/2"),
            endpoint_id: text("vpce-01234567"),
            connection_id: text("3"),
            status: text("active"),
            cloud_state: text("available"),
            connection_state: text("active"),
            network_interface_ids: Attr::Known(BTreeSet::from(["eni-1".to_owned()])),
            dns_names: Attr::Known(vec!["a".to_owned()]),
            aws: Attr::Known(AwsBlock {
                vpc_id: text("vpc-01234567"),
                subnet_ids: Attr::Known(["subnet-01234567"].into_iter().collect()),
                private_dns_enabled: Attr::Known(true),
                ..AwsBlock::default()
            }),
            ..PrivateEndpointModel::default()
        }
    }

    #[test]
    fn an_active_endpoint_without_changes_stays_as_it_is() {
        let (prior, mut planned) = (active(), active());
        assert_eq!(plan_update(&prior, &mut planned), None);
        assert_eq!(planned, prior);
    }

    #[test]
    fn a_change_of_time_limits_alone_changes_nothing_else() {
        let (prior, mut planned) = (active(), active());
        planned.timeouts = Attr::Known(Default::default());
        plan_update(&prior, &mut planned);
        assert_eq!(planned.status, prior.status);
    }

    #[test]
    fn an_unfinished_endpoint_is_planned_to_be_finished_in_place() {
        for status in ["pending", "failed", "rejected", "deleting"] {
            let prior =
                PrivateEndpointModel { status: text(status), connection_state: Attr::Null, ..active() };
            let mut planned = prior.clone();
            assert_eq!(plan_update(&prior, &mut planned), None, "{status}");
            assert!(planned.status.is_unknown() && planned.connection_id.is_unknown(), "{status}");
            assert_eq!(planned.endpoint_id, prior.endpoint_id, "{status}");
        }
    }

    #[test]
    fn an_endpoint_that_is_lost_in_the_cloud_is_replaced() {
        for state in ["deleted", "deleting", "expired", "failed"] {
            let prior = PrivateEndpointModel { cloud_state: text(state), status: text("failed"), ..active() };
            let mut planned = prior.clone();
            assert_eq!(plan_update(&prior, &mut planned), Some(AttributePath::of("endpoint_id")), "{state}");
            assert!(planned.endpoint_id.is_unknown(), "{state}");
        }
    }

    #[test]
    fn a_disconnected_endpoint_is_replaced_where_the_user_wants_that() {
        for (status, replaced) in
            [("failed", true), ("rejected", true), ("pending", false), ("deleting", false), ("active", false)]
        {
            let prior =
                PrivateEndpointModel { status: text(status), on_disconnect: text("replace"), ..active() };
            let path = plan_update(&prior, &mut prior.clone());
            assert_eq!(path, replaced.then(|| AttributePath::of("endpoint_id")), "{status}");
        }
    }

    #[test]
    fn a_change_of_what_to_do_about_a_disconnect_changes_nothing_else() {
        let (prior, mut planned) = (active(), active());
        planned.on_disconnect = text("fail");
        plan_update(&prior, &mut planned);
        assert_eq!(planned.status, prior.status);
    }

    #[test]
    fn other_subnets_mean_other_interfaces() {
        let (prior, mut planned) = (active(), active());
        let mut block = planned.aws.known().cloned().unwrap_or_default();
        block.subnet_ids = Attr::Known(["subnet-89abcdef"].into_iter().collect());
        planned.aws = Attr::Known(block);
        plan_update(&prior, &mut planned);
        assert!(planned.network_interface_ids.is_unknown() && planned.status.is_unknown());
        assert_eq!(planned.connection_id, prior.connection_id);
    }

    #[test]
    fn every_malformed_id_is_found_at_once_on_its_attribute() {
        let model = PrivateEndpointModel {
            service_id: text("nonsense"),
            aws: Attr::Known(AwsBlock {
                vpc_id: text("vpc-XYZ"),
                subnet_ids: Attr::Known(["a", "b"].into_iter().collect()),
                security_group_ids: Attr::Known(["sg-"].into_iter().collect()),
                ..AwsBlock::default()
            }),
            ..PrivateEndpointModel::default()
        };
        let mut diagnostics = Diagnostics::new();
        let _ = Inputs::parse(&model, &mut diagnostics);
        let paths: Vec<_> =
            diagnostics.iter().filter_map(|d| d.attribute.as_ref()).map(ToString::to_string).collect();
        assert_eq!(
            paths,
            ["service_id", "aws.vpc_id", "aws.subnet_ids", "aws.subnet_ids", "aws.security_group_ids"]
        );
    }
}
