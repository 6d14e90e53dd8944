//! The verdict on a survey: every check in turn, all findings in one go.

use super::survey::{Look, Survey};
use super::{dns, groups, quota, service, shared, subnets, vpc};
use crate::clouds::{Preflight, ServiceFacts, Wish};

/// What a check judges: the survey against the wish.
#[derive(Clone, Copy, Debug)]
pub(super) struct Case<'a> {
    pub(super) survey: &'a Survey,
    pub(super) service: &'a ServiceFacts,
    pub(super) wish: &'a Wish,
}

/// Judges whether an endpoint as wished can be made in what the survey shows, and which subnets it would get. What the
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
    let mut selection = subnets::select(&case);
    let host = shared::host(&case);
    if let Some(host) = host {
        findings.extend(shared::findings(&case, host));
        if wish.subnets.is_none() || !host.ours {
            // The endpoint is taken as it is; there is nothing to choose and nothing to be wrong.
            selection.findings.clear();
            selection.choice = None;
        }
    }
    findings.extend(selection.findings);
    if host.is_none_or(|host| host.ours) {
        findings.extend(groups::findings(&case));
    }
    findings.extend(dns::findings(&case));
    if host.is_none() {
        findings.extend(quota::findings(&case));
    }
    Preflight {
        findings,
        not_checked: not_checked(survey),
        subnets: selection.subnets,
        choice: selection.choice,
    }
}

fn not_checked(survey: &Survey) -> Vec<String> {
    fn denied<T>(look: &Look<T>, what: &str) -> Option<String> {
        matches!(look, Look::Denied).then(|| what.to_owned())
    }
    [
        denied(
            &survey.vpc.dns,
            "ec2:DescribeVpcAttribute: whether the VPC exists and has DNS support and DNS hostnames on",
        ),
        denied(
            &survey.vpc.subnets,
            "ec2:DescribeSubnets: whether the subnets are in the VPC and in zones of the service",
        ),
        denied(
            &survey.vpc.groups,
            "ec2:DescribeSecurityGroups: whether the security groups are in the VPC and let clients in",
        ),
        denied(
            &survey.vpc.endpoints,
            "ec2:DescribeVpcEndpoints: whether another endpoint owns the DNS name and how many endpoints there are",
        ),
        denied(
            &survey.service,
            "ec2:DescribeVpcEndpointServices: whether this account sees the service, and in which zones",
        ),
    ]
    .into_iter()
    .flatten()
    .collect()
}
