//! Every situation has a next step, in words that fit its cloud.

use super::*;

fn error(service: Service, kind: ErrorKind, cause: Option<Cause>) -> ApiError {
    let mut error = ApiError::new(service, "Operation", kind, "words");
    error.cause = cause;
    error
}

#[test]
fn every_kind_has_a_next_step() {
    for kind in [
        ErrorKind::Unauthenticated,
        ErrorKind::Denied,
        ErrorKind::NotFound,
        ErrorKind::Conflict,
        ErrorKind::Invalid,
        ErrorKind::Quota,
        ErrorKind::Throttled,
        ErrorKind::Unavailable,
        ErrorKind::Transport,
        ErrorKind::Malformed,
        ErrorKind::Halted(Halt::Stopped),
        ErrorKind::Halted(Halt::Deadline),
    ] {
        for service in [Service::TidbDedicated, Service::Ec2, Service::AlicloudPrivateLink] {
            assert!(of(&error(service, kind, None), KeySource::Environment).text.len() > 20, "{kind:?}");
        }
    }
}

#[test]
fn a_refused_api_key_names_where_it_came_from() {
    let refused = error(Service::TidbDedicated, ErrorKind::Unauthenticated, Some(Cause::WrongSecret));
    assert!(of(&refused, KeySource::Environment).text.contains("TIDBCLOUD_PRIVATE_KEY"));
    assert!(of(&refused, KeySource::ProviderBlock).text.contains("provider block"));
}

#[test]
fn a_denied_ec2_action_is_named_as_iam_writes_it() {
    let mut denied = error(Service::Ec2, ErrorKind::Denied, Some(Cause::ActionDenied));
    denied.operation = "CreateVpcEndpoint";
    assert!(of(&denied, KeySource::Environment).text.contains("`ec2:CreateVpcEndpoint`"));
}

#[test]
fn an_outage_that_may_be_a_missing_permission_says_so() {
    for kind in [ErrorKind::Unavailable, ErrorKind::Halted(Halt::Deadline)] {
        let mut out = error(Service::Ec2, kind, None);
        (out.operation, out.status) = ("ModifyVpcEndpoint", Some(503));
        let advises = |error: &ApiError| {
            of(error, KeySource::Environment).text.contains("`route53:AssociateVPCWithHostedZone`")
        };
        assert!(advises(&out), "{kind:?}");
        assert!(!advises(&ApiError { operation: "DescribeVpcEndpoints", ..out.clone() }));
        assert!(!advises(&ApiError { status: None, ..out }));
    }
}

#[test]
fn advice_on_alibaba_cloud_never_speaks_of_aws() {
    for cause in [
        Cause::ZoneUnsupported,
        Cause::DuplicateZone,
        Cause::ChangeInProgress,
        Cause::ServiceNotFound,
        Cause::VpcNotFound,
        Cause::SubnetNotFound,
        Cause::SecurityGroupNotFound,
        Cause::EndpointNotFound,
        Cause::MalformedId,
        Cause::SecurityGroupLimit,
        Cause::EndpointLimit,
        Cause::TokenReused,
        Cause::ActionDenied,
        Cause::UnknownKey,
        Cause::WrongSecret,
        Cause::ExpiredCredentials,
        Cause::NoCredentials,
        Cause::TooManyRequests,
        Cause::ProductNotActivated,
        Cause::RegionUnsupported,
        Cause::MadeWithoutSecurityGroups,
        Cause::EndpointProtected,
        Cause::ServiceRoleMissing,
    ] {
        for service in [
            Service::AlicloudPrivateLink,
            Service::AlicloudVpc,
            Service::AlicloudEcs,
            Service::AlicloudCredentials,
        ] {
            let text = of(&error(service, ErrorKind::Invalid, Some(cause)), KeySource::Environment).text;
            assert!(!text.contains("AWS") && !text.contains("ec2:") && !text.contains("subnet"), "{text}");
        }
    }
}

#[test]
fn a_denied_alibaba_action_is_named_as_ram_writes_it() {
    let mut denied = error(Service::AlicloudEcs, ErrorKind::Denied, Some(Cause::ActionDenied));
    denied.operation = "DescribeSecurityGroupAttribute";
    let text = of(&denied, KeySource::Environment).text;
    assert!(text.contains("`ecs:DescribeSecurityGroupAttribute`"), "{text}");
}
