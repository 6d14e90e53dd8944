//! The verdict on a survey: every check in turn, all findings in one go.

use super::survey::{Look, Survey};
use super::{groups, quota, service, vpc, vswitches};
use crate::clouds::{Preflight, ServiceFacts, Wish};

/// What a check judges: the survey against the wish.
#[derive(Clone, Copy, Debug)]
pub(super) struct Case<'a> {
    pub(super) survey: &'a Survey,
    pub(super) service: &'a ServiceFacts,
    pub(super) wish: &'a Wish,
}

/// Judges whether an endpoint as wished can be made in what the survey shows, and which vSwitches it would get. What the
/// credentials may not look at is named as not checked and otherwise taken to be right.
pub fn evaluate(survey: &Survey, service: &ServiceFacts, wish: &Wish) -> Preflight {
    let case = Case { survey, service, wish };
    let mut findings = service::findings(&case);
    let missing = vpc::findings(&case);
    if !missing.is_empty() {
        // Without the VPC everything else would be missing, too; saying so would only hide the reason.
        findings.extend(missing);
        return Preflight { findings, ..Preflight::default() };
    }
    let selection = vswitches::select(&case);
    findings.extend(selection.findings);
    findings.extend(groups::findings(&case));
    findings.extend(quota::findings(&case));
    Preflight {
        findings,
        not_checked: not_checked(survey),
        subnets: selection.subnets,
        choice: selection.choice,
    }
}

fn not_checked(survey: &Survey) -> Vec<String> {
    fn denied<T>(look: &Look<T>) -> bool {
        matches!(look, Look::Denied)
    }
    [
        (denied(&survey.vpc.exists), "vpc:DescribeVpcAttribute: whether the VPC exists"),
        (
            denied(&survey.vpc.vswitches),
            "vpc:DescribeVSwitches, vpc:DescribeVSwitchAttributes: whether the vSwitches are in the VPC and in zones of \
             the service",
        ),
        (
            survey.groups.values().any(denied),
            "ecs:DescribeSecurityGroupAttribute: whether the security groups are in the VPC and let clients in",
        ),
        (denied(&survey.vpc.endpoints), "privatelink:ListVpcEndpoints: how many endpoints the VPC has"),
        (
            denied(&survey.service),
            "privatelink:ListVpcEndpointServicesByEndUser: whether this account sees the service, in which zones, and \
             whether it accepts endpoints by itself",
        ),
    ]
    .into_iter()
    .filter(|(denied, _)| *denied)
    .map(|(_, text)| text.to_owned())
    .collect()
}
