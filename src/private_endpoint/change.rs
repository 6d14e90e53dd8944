//! What an update has to do: drift on either side becomes the repair it needs, and what cannot be changed in place
//! becomes a new endpoint.

use std::collections::BTreeSet;

use tfplugin::{Attr, AttributePath, Diagnostic};

use super::handover::Handover;
use super::model::{IdSet, OnDisconnect, PrivateEndpointModel};
use super::status::{Remedy, Status, remedy};
use crate::clouds::CloudState;
use crate::codes::Code;
use crate::ids::ServiceId;

/// Makes the plan of an update what the object needs. Returns the attribute that forces a replacement, if one does.
pub(super) fn plan_update(
    prior: &PrivateEndpointModel,
    planned: &mut PrivateEndpointModel,
) -> Option<AttributePath> {
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
    // An endpoint that is left to others is the same one, or another resource altogether.
    let leaves = prior.existing.is_null() && !planned.existing.is_null();
    let handover = Handover::of(prior, planned);
    let leaves = (leaves && handover.is_none()).then(|| AttributePath::of("existing"));
    let moves = moves.or(opens).or(leaves);
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
    let is_seen = planned.existing.is_null();
    if subnets_change || is_seen && prior.network_interface_ids.known().is_none_or(BTreeSet::is_empty) {
        planned.network_interface_ids = Attr::Unknown;
    }
    if is_seen && (subnets_change || dns_changes || remedy == Remedy::Repair) {
        planned.dns_names = Attr::Unknown;
    }
    if let Some(handover) = handover {
        handover.foresee(planned);
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
pub(super) fn is_disconnected(prior: &PrivateEndpointModel) -> bool {
    let lost = [Status::Failed, Status::Rejected, Status::Expired];
    let status = prior.status.known().map(String::as_str);
    let cut_off = prior.cloud_state.known().map(String::as_str) == Some(CloudState::Disconnected.as_str());
    !prior.is_guest() && (cut_off || lost.iter().any(|lost| status == Some(lost.as_str())))
}

/// The end of a plan that the user wants to decide about.
pub(super) fn disconnected(prior: &PrivateEndpointModel) -> Diagnostic {
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

/// Whether TiDB Cloud has to be told of the endpoint, as far as that is known.
pub(super) fn is_registered(model: &PrivateEndpointModel) -> bool {
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
}
