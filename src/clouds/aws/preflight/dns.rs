//! Can the service's name be made to resolve to the endpoint in this VPC? Only asked when private DNS is wanted.

use super::evaluate::Case;
use super::survey::EndpointSeen;
use crate::clouds::findings::{finding, join};
use crate::clouds::{CloudState, Concern, Finding, Standing};
use crate::codes::Code;

/// `dns-support-off`, `dns-hostnames-off`, `name-owned`, `private-dns-not-offered`, `private-dns-unverified`.
pub(super) fn findings(case: &Case<'_>) -> Vec<Finding> {
    if !case.wish.private_dns {
        return Vec::new();
    }
    let mut findings = attributes(case);
    findings.extend(private_name(case));
    let endpoints = case.survey.vpc.endpoints.seen().into_iter().flatten();
    findings.extend(endpoints.filter(|other| owns_name(case, other)).map(|other| name_owned(case, other)));
    findings
}

fn attributes(case: &Case<'_>) -> Vec<Finding> {
    let Some(Some(dns)) = case.survey.vpc.dns.seen() else {
        return Vec::new();
    };
    let off = |code, what: &str, attribute: &str, argument: &str| {
        let vpc = &case.wish.vpc;
        finding(
            code,
            (Concern::PrivateDns, Standing::MayChange),
            format!("{what} off in {vpc}"),
            &format!(
                "The attribute {attribute} of {vpc} is false. Private DNS, which makes the cluster's host name resolve \
                 to the endpoint, needs both enableDnsSupport and enableDnsHostnames. They are off by default in a VPC made \
                 in the AWS console."
            ),
            &format!(
                "Switch it on where the VPC is managed, in HCL: {argument} = true in the aws_vpc resource. Or set \
                 private_dns_enabled = false and bring your own DNS."
            ),
        )
    };
    let support = (!dns.support)
        .then(|| off(Code::DnsSupportOff, "DNS support is", "enableDnsSupport", "enable_dns_support"));
    let hostnames = (!dns.hostnames).then(|| {
        off(Code::DnsHostnamesOff, "DNS hostnames are", "enableDnsHostnames", "enable_dns_hostnames")
    });
    support.into_iter().chain(hostnames).collect()
}

fn private_name(case: &Case<'_>) -> Option<Finding> {
    let offered = case.survey.service.seen()?.as_ref()?;
    let service = &case.service.name;
    if offered.private_dns_names.is_empty() {
        return Some(finding(
            Code::PrivateDnsNotOffered,
            (Concern::PrivateDns, Standing::MayChange),
            "The endpoint service has no private DNS name".to_owned(),
            &format!(
                "EC2 shows no private DNS name for {service}, so there is none to resolve to an endpoint."
            ),
            "Set private_dns_enabled = false, or ask TiDB Cloud support why the service has no name.",
        ));
    }
    if offered.private_dns_verified {
        return None;
    }
    Some(finding(
        Code::PrivateDnsUnverified,
        (Concern::PrivateDns, Standing::MayChange),
        "The private DNS name of the endpoint service is not verified".to_owned(),
        &format!(
            "AWS has not verified yet that the owner of {service} owns {}, and until then refuses to make the name \
             resolve to endpoints.",
            join(offered.private_dns_names.iter().map(String::as_str))
        ),
        "Try again later; if it stays so, ask TiDB Cloud support. With private_dns_enabled = false the endpoint can be \
         made now.",
    ))
}

/// Whether `other` makes a name resolve that the wished endpoint needs. One of ours never counts: whose it is gets
/// decided by ownership. Neither does a foreign endpoint of a shared service, which is joined rather than fought.
fn owns_name(case: &Case<'_>, other: &EndpointSeen) -> bool {
    let same_service = other.service == case.service.name;
    let joined = same_service && !case.service.needs_registration;
    let going = matches!(
        other.state,
        CloudState::Deleting
            | CloudState::Deleted
            | CloudState::Failed
            | CloudState::Rejected
            | CloudState::Expired
    );
    let host = case.service.host.as_deref();
    let same_name = host.is_some_and(|host| other.dns_names.iter().any(|name| covers(name, host)));
    other.private_dns && !other.ours && !joined && !going && (same_service || same_name)
}

/// Whether a DNS name, perhaps with a wildcard in front, is or covers `host`.
fn covers(name: &str, host: &str) -> bool {
    let covered = name
        .strip_prefix("*.")
        .and_then(|domain| host.split_once('.').map(|(_, rest)| rest.eq_ignore_ascii_case(domain)));
    covered.unwrap_or_else(|| name.eq_ignore_ascii_case(host))
}

fn name_owned(case: &Case<'_>, other: &EndpointSeen) -> Finding {
    let (vpc, id) = (&case.wish.vpc, &other.id);
    let name = case.service.host.as_deref().unwrap_or("the service's private DNS name");
    let remove = if other.service == case.service.name {
        format!(
            "If it is the endpoint you want, import it instead of making another one. If not, delete {id}"
        )
    } else {
        format!("Switch private DNS off on {id} or delete it")
    };
    finding(
        Code::NameOwned,
        (Concern::PrivateDns, Standing::MayChange),
        format!("{id} owns the DNS name in {vpc}"),
        &format!(
            "In {vpc} {name} already resolves to endpoint {id} (service {}), which this provider did not make. A DNS name \
             can lead to one endpoint of a VPC only, and AWS refuses the second (\"conflicting DNS domain\").",
            other.service
        ),
        &format!("{remove}, use another VPC, or set private_dns_enabled = false."),
    )
}
