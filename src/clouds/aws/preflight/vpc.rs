//! Is the VPC there at all?

use super::evaluate::Case;
use super::survey::Look;
use crate::clouds::findings::finding;
use crate::clouds::{Concern, Finding, Standing};
use crate::codes::Code;

/// `vpc-not-found`.
pub(super) fn findings(case: &Case<'_>) -> Vec<Finding> {
    let (vpc, region) = (&case.wish.vpc, &case.survey.region);
    if case.survey.vpc.dns != Look::Seen(None) {
        return Vec::new();
    }
    // VPC peering is offered for Dedicated only.
    let instead = if case.service.needs_registration {
        "or VPC peering with the cluster instead of a private endpoint. VPC peering is also the way for TiCDC across regions, \
         for TiCDC to a target whose endpoint service you cannot keep yourself, and for direct access to PD or TiKV"
    } else {
        "or the cluster's public endpoint"
    };
    vec![finding(
        Code::VpcNotFound,
        (Concern::Vpc, Standing::Impossible),
        format!("VPC {vpc} not found in {region}"),
        &format!(
            "EC2 shows no VPC {vpc} in {region} with these credentials. An endpoint has to be in the region of its \
             service, which is {region}: TiDB Cloud does not support private endpoints across regions."
        ),
        &format!(
            "If the VPC belongs to another account, use that account's credentials (profile or assume_role in the \
             provider block). If it is in another region, no private endpoint can connect it: use a VPC in {region}, \
             {instead}."
        ),
    )]
}
