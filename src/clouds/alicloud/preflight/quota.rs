//! Is there room for one more endpoint in the VPC?

use super::evaluate::Case;
use crate::clouds::findings::finding;
use crate::clouds::{Concern, Finding, Standing};
use crate::codes::Code;

/// Endpoints that a VPC may have unless Alibaba Cloud raised the quota (PrivateLink guide, "Limits",
/// pvl_quota_total_ep_per_vpc).
const DEFAULT_QUOTA: usize = 1000;

/// `endpoint-quota`. It is advice: Alibaba Cloud may have raised the quota, and a configuration that works must not be
/// refused. More endpoints than the default quota prove that it did.
pub(super) fn findings(case: &Case<'_>) -> Vec<Finding> {
    let Some(endpoints) = case.survey.vpc.endpoints.seen() else {
        return Vec::new();
    };
    // With an endpoint of ours for the service, this may be a change of it: none need be made.
    let ours = endpoints.iter().any(|endpoint| endpoint.ours && endpoint.service == case.service.name);
    let vpc = &case.wish.vpc;
    if ours || endpoints.len() != DEFAULT_QUOTA {
        return Vec::new();
    }
    vec![finding(
        Code::EndpointQuota,
        (Concern::Vpc, Standing::Advice),
        format!("{vpc} has {DEFAULT_QUOTA} endpoints"),
        &format!(
            "{vpc} has {DEFAULT_QUOTA} endpoints, which is as many as Alibaba Cloud allows unless it raised the quota."
        ),
        "Delete an endpoint that is no longer used, use another VPC, or ask for a higher quota of endpoints per VPC \
         (pvl_quota_total_ep_per_vpc) in the Quota Center.",
    )]
}
