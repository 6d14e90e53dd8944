//! Is there room for one more endpoint in the VPC?

use super::evaluate::Case;
use crate::clouds::findings::finding;
use crate::clouds::{CloudState, Concern, Finding, Standing};
use crate::codes::Code;

/// Interface endpoints and gateway load balancer endpoints together that a VPC may have unless AWS raised the quota
/// (AWS PrivateLink guide, "Quotas", L-29B6F2EB).
const DEFAULT_QUOTA: usize = 50;

/// `endpoint-quota`. It is advice: AWS may have raised the quota, and a configuration that works must not be refused. More
/// endpoints than the default quota prove that it did.
pub(super) fn findings(case: &Case<'_>) -> Vec<Finding> {
    let Some(endpoints) = case.survey.vpc.endpoints.seen() else {
        return Vec::new();
    };
    let alive = || endpoints.iter().filter(|endpoint| endpoint.state != CloudState::Deleted);
    // With an endpoint of ours for the service, this may be a change of it, or it is shared: none need be made.
    let ours = alive().any(|endpoint| endpoint.ours && endpoint.service == case.service.name);
    let vpc = &case.wish.vpc;
    if ours || alive().filter(|endpoint| endpoint.counted).count() != DEFAULT_QUOTA {
        return Vec::new();
    }
    vec![finding(
        Code::EndpointQuota,
        (Concern::Vpc, Standing::Advice),
        format!("{vpc} has {DEFAULT_QUOTA} interface endpoints"),
        &format!(
            "{vpc} has {DEFAULT_QUOTA} interface and gateway load balancer endpoints, which is as many as AWS allows unless \
             it raised the quota."
        ),
        "Delete an endpoint that is no longer used, use another VPC, or ask AWS to raise the quota \"Interface VPC \
         endpoints per VPC\" (L-29B6F2EB).",
    )]
}
