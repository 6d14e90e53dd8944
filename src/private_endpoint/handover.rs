//! One endpoint changes hands: from somebody else's (`existing`) into this resource's care (`aws`), and back. Both are
//! changes in place, because endpoint and registration stay as they are; what changes is the mark on the endpoint.

use std::collections::BTreeSet;

use tfplugin::{Attr, AttributePath, Diagnostic};

use super::ground::not_ours;
use super::marks::Unfinished;
use super::model::PrivateEndpointModel;
use crate::clouds::{
    Cloud, CloudEndpoint, Concern, SERVICE_TAG, ServiceFacts, TOKEN_TAG, UNFINISHED_TAG, Wish,
};
use crate::codes::Code;
use crate::diagnose;
use crate::error::{ApiError, ErrorKind};
use crate::ids::EndpointId;
use crate::operation::Operation;

/// How often marks are taken off before it counts as failed.
const REMOVALS: u32 = 2;

/// How an endpoint changes hands with an update.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Handover {
    /// It comes into this resource's care.
    TakeOver,
    /// It is left to others.
    Release,
}

impl Handover {
    /// What a plan amounts to. Another endpoint than the one of the state is no handover but a replacement.
    pub(super) fn of(prior: &PrivateEndpointModel, planned: &PrivateEndpointModel) -> Option<Self> {
        match (!prior.existing.is_null(), !planned.existing.is_null()) {
            (true, false) => Some(Self::TakeOver),
            (false, true) => {
                let wanted = planned.existing.known().map(|block| &block.endpoint_id);
                (wanted == Some(&prior.endpoint_id)).then_some(Self::Release)
            }
            _ => None,
        }
    }

    /// Writes into a plan what will be known then.
    pub(super) fn foresee(self, planned: &mut PrivateEndpointModel) {
        match self {
            Self::TakeOver => {
                planned.managed = Attr::Unknown;
                planned.ownership_token = Attr::Unknown;
                planned.network_interface_ids = Attr::Unknown;
                planned.dns_names = Attr::Unknown;
            }
            Self::Release => {
                let endpoint = planned.endpoint_id.clone();
                planned.leave_to_others(&endpoint);
            }
        }
    }
}

/// The endpoint that an update takes over, if it does.
pub(super) fn taken_over(handover: Option<Handover>, prior: &PrivateEndpointModel) -> Option<EndpointId> {
    let id = prior.endpoint_id.known().filter(|_| handover == Some(Handover::TakeOver))?;
    id.parse().ok()
}

/// What a user should know before an endpoint is released.
pub(super) fn released(prior: &PrivateEndpointModel) -> Diagnostic {
    Code::LeftToOthers.warning(
        "The VPC endpoint is left to others",
        format!(
            "This resource takes its marks off VPC endpoint {} and manages its registration only. From then on a destroy \
             deregisters the endpoint and leaves it where it is, at its price: let another resource manage it, or delete it by \
             hand.",
            prior.endpoint_id.known().map_or("(unknown)", String::as_str)
        ),
    )
    .at(AttributePath::of("existing"))
}

/// Takes this resource's marks off an endpoint that bears its token. One that is gone or bears other marks is left alone.
///
/// # Errors
/// Those of the calls; the marks may be off or not.
pub(super) async fn let_go(
    operation: &Operation,
    cloud: &dyn Cloud,
    prior: &PrivateEndpointModel,
    id: &EndpointId,
) -> Result<(), ApiError> {
    let Some(token) = prior.ownership_token.known() else { return Ok(()) };
    let marks = BTreeSet::from([TOKEN_TAG, SERVICE_TAG, UNFINISHED_TAG].map(str::to_owned));
    // No later plan would find a mark that stays: that they are off has to be seen.
    for attempt in 0..=REMOVALS {
        let endpoint = cloud.get(operation, id).await?;
        if endpoint.is_none_or(|endpoint| !endpoint.exists() || endpoint.token() != Some(token)) {
            return Ok(());
        }
        if attempt < REMOVALS {
            cloud.remove_tags(operation, id, &marks).await?;
        }
    }
    let message = format!("the tags of this provider are still on {id} after they were taken off");
    Err(ApiError::new(cloud.service(), "DeleteTags", ErrorKind::Malformed, message))
}

/// Why an endpoint cannot be taken over, if it cannot.
pub(super) fn obstacle(
    endpoint: Option<&CloudEndpoint>,
    id: &EndpointId,
    service: &ServiceFacts,
    wish: &Wish,
) -> Option<Diagnostic> {
    let at = |concern| diagnose::attribute_of(service.cloud, concern);
    let cloud = service.cloud.title();
    let Some(endpoint) = endpoint.filter(|endpoint| endpoint.exists()) else {
        return Some(
            Code::NothingToTakeOver.error(
                "The endpoint to take over is not there",
                format!(
                    "{cloud} shows no VPC endpoint {id} in {} with these credentials, and what cannot be seen cannot be looked \
                     after. Check the profile, the role and the environment, or leave it at `existing`.",
                    service.region
                ),
            )
            .at(at(Concern::Vpc)),
        );
    };
    if endpoint.service_name != service.name {
        return Some(
            Code::LeadsElsewhere.error(
                "This VPC endpoint leads elsewhere",
                format!(
                    "VPC endpoint {id} leads to {}, but the cluster's service is {}. Leave it at `existing`, or have a new endpoint made: \
                     `terraform apply -replace=ADDRESS`.",
                    endpoint.service_name, service.name
                ),
            )
            .at(AttributePath::of("service_id")),
        );
    }
    if endpoint.vpc != wish.vpc {
        return Some(
            Code::EndpointOfOtherVpc.error(
                "The endpoint is in another VPC",
                format!(
                    "VPC endpoint {id} is in {}, and an endpoint cannot move. Set `vpc_id = \"{}\"` to take it over. To have a \
                     new endpoint made in {} instead, and {id} deregistered and left where it is: `terraform apply \
                     -replace=ADDRESS`.",
                    endpoint.vpc, endpoint.vpc, wish.vpc
                ),
            )
            .at(at(Concern::Vpc)),
        );
    }
    if !endpoint.is_alive() {
        let state = endpoint.state.as_str();
        return Some(
            Code::NothingToTakeOver
                .error(
                    "The endpoint to take over is lost",
                    format!(
                        "VPC endpoint {id} is {state} and does not come back. Have a new one made: `terraform apply \
                         -replace=ADDRESS`."
                    ),
                )
                .at(at(Concern::Vpc)),
        );
    }
    // The mark of one that is being taken over is waited for, or outlives its run.
    (endpoint.token().is_some() && Unfinished::of(endpoint).is_none())
        .then(|| not_ours(endpoint, "taken over"))
}

/// What a wish leaves open stays as the endpoint has it, and is no choice to be made.
pub(super) fn keep_what_is_there(wish: &mut Wish, endpoint: &CloudEndpoint) {
    wish.subnets.get_or_insert_with(|| endpoint.subnets.clone());
    wish.security_groups.get_or_insert_with(|| endpoint.security_groups.clone());
}
