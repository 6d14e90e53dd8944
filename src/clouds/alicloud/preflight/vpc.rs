//! Is the VPC there at all?

use super::evaluate::Case;
use super::survey::Look;
use crate::clouds::findings::finding;
use crate::clouds::{Concern, Finding, Standing};
use crate::codes::Code;

/// `vpc-not-found`.
pub(super) fn findings(case: &Case<'_>) -> Vec<Finding> {
    let (vpc, region) = (&case.wish.vpc, &case.survey.region);
    if case.survey.vpc.exists != Look::Seen(false) {
        return Vec::new();
    }
    vec![finding(
        Code::VpcNotFound,
        (Concern::Vpc, Standing::Impossible),
        format!("VPC {vpc} not found in {region}"),
        &format!(
            "Alibaba Cloud shows no VPC {vpc} in {region} with these credentials. An endpoint has to be in the region of \
             its service, which is {region}: TiDB Cloud does not support private endpoints across regions."
        ),
        &format!(
            "If the VPC belongs to another account, use that account's credentials (profile or assume_role in the \
             provider block). If it is in another region, use a VPC in {region} or a cluster in the VPC's region: VPC \
             peering and CEN are no way to TiDB Cloud Starter and Essential, which offer nothing to peer with."
        ),
    )]
}
