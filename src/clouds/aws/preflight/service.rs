//! Does this account see the service, and is it of the kind that TiDB Cloud's plan says?

use super::evaluate::Case;
use super::survey::{Look, OfferedService};
use crate::clouds::findings::finding;
use crate::clouds::{Concern, Finding, Standing};
use crate::codes::Code;

/// `service-not-visible`, `acceptance-required`.
pub(super) fn findings(case: &Case<'_>) -> Vec<Finding> {
    match &case.survey.service {
        Look::Seen(None) => vec![not_visible(case)],
        Look::Seen(Some(offered)) => acceptance_required(case, offered).into_iter().collect(),
        Look::Denied => Vec::new(),
    }
}

fn not_visible(case: &Case<'_>) -> Finding {
    let (service, region) = (&case.service.name, &case.survey.region);
    finding(
        Code::ServiceNotVisible,
        (Concern::Service, Standing::MayChange),
        format!("AWS does not show the endpoint service in {region}"),
        &format!(
            "EC2 in {region} shows no endpoint service {service} with these credentials. EC2 says the same of a service \
             that does not exist (yet) and of one that this account may not use; no endpoint can be made for either."
        ),
        "A service appears three to four minutes after its cluster. If it has been there longer, look in the TiDB Cloud \
         console whether the cluster is running and whether its private endpoint restricts the AWS accounts that may \
         connect.",
    )
}

/// The shared services of Starter and Essential accept by themselves. One that does not is the exclusive kind, where
/// TiDB Cloud has to be told of each endpoint in a way its API does not offer.
fn acceptance_required(case: &Case<'_>, offered: &OfferedService) -> Option<Finding> {
    if case.service.needs_registration || !offered.acceptance_required {
        return None;
    }
    let service = &case.service.name;
    Some(finding(
        Code::AcceptanceRequired,
        (Concern::Service, Standing::Impossible),
        "The cluster has an exclusive endpoint service".to_owned(),
        &format!(
            "The endpoint service {service} wants each endpoint to be accepted by TiDB Cloud. That is the exclusive \
             service which Essential clusters have had since 2026-07-01; an endpoint made here would wait for \
             acceptance for ever."
        ),
        "Make the endpoint and accept it in the TiDB Cloud console; this version of the provider serves Dedicated \
         clusters and the shared services of Starter and Essential.",
    ))
}
