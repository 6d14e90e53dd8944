//! From the SDK's errors to ours. Every EC2 error is "unhandled" to the SDK, so code, message and request id are all
//! there is to go by; its own `Display` says nothing and its `Debug` dumps headers, so neither is ever shown.

use std::error::Error;
use std::io;
use std::time::Duration;

use aws_sdk_ec2::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_ec2::operation::RequestId as _;

use super::{credentials, messages, sdk};
use crate::error::{ApiError, Cause, ErrorKind, Service};
use crate::ids::Region;
use crate::redact::by_form;
use crate::retry::Effect;

/// Error codes in lower case, because EC2 spells some of them both `ID` and `Id`. Source: EC2 API reference, "Error
/// codes", and the codes that users of VPC endpoints have reported.
const CODES: &[(&str, ErrorKind, Option<Cause>)] = &[
    ("duplicatesubnetsinsamezone", ErrorKind::Invalid, Some(Cause::DuplicateZone)),
    ("operationinprogress", ErrorKind::Conflict, Some(Cause::ChangeInProgress)),
    ("incorrectstate", ErrorKind::Conflict, None),
    ("dependencyviolation", ErrorKind::Conflict, None),
    ("idempotentparametermismatch", ErrorKind::Conflict, Some(Cause::TokenReused)),
    ("invalidservicename", ErrorKind::NotFound, Some(Cause::ServiceNotFound)),
    ("invalidvpcendpointid.notfound", ErrorKind::NotFound, Some(Cause::EndpointNotFound)),
    ("invalidvpcendpoint.notfound", ErrorKind::NotFound, Some(Cause::EndpointNotFound)),
    // What CreateTags and DeleteTags say about an id they do not find.
    ("invalidid", ErrorKind::NotFound, Some(Cause::EndpointNotFound)),
    ("invalidvpcid.notfound", ErrorKind::NotFound, Some(Cause::VpcNotFound)),
    ("invalidsubnetid.notfound", ErrorKind::NotFound, Some(Cause::SubnetNotFound)),
    ("invalidsubnet.notfound", ErrorKind::NotFound, Some(Cause::SubnetNotFound)),
    ("invalidsecuritygroupid.notfound", ErrorKind::NotFound, Some(Cause::SecurityGroupNotFound)),
    ("invalidgroup.notfound", ErrorKind::NotFound, Some(Cause::SecurityGroupNotFound)),
    ("invalidnetworkinterfaceid.notfound", ErrorKind::NotFound, None),
    ("invalidvpcendpointtype", ErrorKind::Invalid, None),
    ("insufficientfreeaddressesinsubnet", ErrorKind::Quota, Some(Cause::NoFreeAddress)),
    ("securitygroupsperinterfacelimitexceeded", ErrorKind::Quota, Some(Cause::SecurityGroupLimit)),
    ("networkinterfacelimitexceeded", ErrorKind::Quota, Some(Cause::InterfaceLimit)),
    ("vpcendpointlimitexceeded", ErrorKind::Quota, Some(Cause::EndpointLimit)),
    ("unauthorizedoperation", ErrorKind::Denied, Some(Cause::ActionDenied)),
    ("optinrequired", ErrorKind::Denied, Some(Cause::RegionNotEnabled)),
    ("blocked", ErrorKind::Denied, Some(Cause::AccountBlocked)),
    ("invalidclienttokenid", ErrorKind::Unauthenticated, Some(Cause::UnknownKey)),
    ("signaturedoesnotmatch", ErrorKind::Unauthenticated, Some(Cause::WrongSecret)),
    ("requestexpired", ErrorKind::Unauthenticated, Some(Cause::ExpiredCredentials)),
    ("expiredtoken", ErrorKind::Unauthenticated, Some(Cause::ExpiredCredentials)),
    ("expiredtokenexception", ErrorKind::Unauthenticated, Some(Cause::ExpiredCredentials)),
    ("requestlimitexceeded", ErrorKind::Throttled, Some(Cause::TooManyRequests)),
    ("ec2throttledexception", ErrorKind::Throttled, Some(Cause::TooManyRequests)),
    ("throttling", ErrorKind::Throttled, Some(Cause::TooManyRequests)),
    ("throttlingexception", ErrorKind::Throttled, Some(Cause::TooManyRequests)),
    ("requestthrottled", ErrorKind::Throttled, Some(Cause::TooManyRequests)),
    ("slowdown", ErrorKind::Throttled, Some(Cause::TooManyRequests)),
    ("bandwidthlimitexceeded", ErrorKind::Throttled, Some(Cause::TooManyRequests)),
    ("unavailable", ErrorKind::Unavailable, None),
    ("serviceunavailable", ErrorKind::Unavailable, None),
    ("internalerror", ErrorKind::Unavailable, None),
    ("internalfailure", ErrorKind::Unavailable, None),
];

/// Regions that every account of the commercial partition has; all others must be enabled first (AWS account management
/// guide, "Enable or disable AWS Regions"). The list is closed: AWS adds new regions as opt-in only.
const ALWAYS_ENABLED: [&str; 17] = [
    "ap-northeast-1",
    "ap-northeast-2",
    "ap-northeast-3",
    "ap-south-1",
    "ap-southeast-1",
    "ap-southeast-2",
    "ca-central-1",
    "eu-central-1",
    "eu-north-1",
    "eu-west-1",
    "eu-west-2",
    "eu-west-3",
    "sa-east-1",
    "us-east-1",
    "us-east-2",
    "us-west-1",
    "us-west-2",
];

/// Turns the SDK's error of one attempt into ours.
pub(super) fn from_sdk<E>(
    operation: &'static str,
    effect: Effect,
    region: &Region,
    error: &SdkError<E>,
) -> ApiError
where
    E: ProvideErrorMetadata + Error + 'static,
{
    let causes = causes(error);
    if let Some(failure) = credentials::failure(operation, &causes) {
        return failure;
    }
    let mut ours = match error {
        SdkError::ServiceError(_) | SdkError::ResponseError(_) => {
            let status = error.raw_response().map(|response| response.status().as_u16());
            answered(operation, region, status, error.code(), error.message())
        }
        SdkError::TimeoutError(_) => unanswered(
            operation,
            ErrorKind::Transport,
            format!("no answer from EC2 in {region} within {} seconds", sdk::ATTEMPT_TIMEOUT.as_secs()),
        ),
        SdkError::DispatchFailure(failure)
            if failure.is_io() || failure.is_timeout() || failure.as_other().is_some() =>
        {
            let why = innermost(&causes);
            unanswered(
                operation,
                ErrorKind::Transport,
                format!("the connection to EC2 in {region} failed: {why}"),
            )
        }
        _ => unanswered(
            operation,
            ErrorKind::Invalid,
            format!("the request to EC2 in {region} could not be sent: {}", innermost(&causes)),
        ),
    };
    ours.request_id = error.request_id().map(str::to_owned);
    ours.retry_after = error
        .raw_response()
        .and_then(|response| response.headers().get("retry-after"))
        .and_then(|seconds| seconds.trim().parse().ok())
        // A day is longer than any operation; more would only overflow somewhere.
        .map(|seconds: u64| Duration::from_secs(seconds.min(86_400)));
    ours.outcome_unknown = effect == Effect::Write
        && match ours.kind {
            ErrorKind::Transport => !never_connected(&causes),
            ErrorKind::Unavailable | ErrorKind::Malformed => true,
            _ => false,
        };
    ours
}

/// An error that EC2 itself reports, in an answer or in the list of failures inside one.
pub(super) fn answered(
    operation: &'static str,
    region: &Region,
    status: Option<u16>,
    code: Option<&str>,
    message: Option<&str>,
) -> ApiError {
    let message = message.map(by_form);
    let message = message.as_deref();
    let text = message.unwrap_or_default();
    let (kind, cause) = code.map_or_else(|| by_status(status), |code| classify(code, status, text, region));
    let message = match (message, kind, cause) {
        (_, _, Some(Cause::RegionNotEnabled)) => format!(
            "{text} (region {region} has to be enabled for an account before it can be used, unless the key is wrong)"
        ),
        (Some(text), ..) => text.to_owned(),
        (None, ErrorKind::Malformed, _) => {
            format!("EC2 in {region} answered something that is not an EC2 answer")
        }
        (None, ..) => format!("EC2 in {region} gave no explanation"),
    };
    let mut error = ApiError::new(Service::Ec2, operation, kind, message);
    error.cause = cause;
    error.status = status;
    error.code = code.map(str::to_owned);
    error
}

/// Everything under `error`, outermost first, itself included.
pub(super) fn causes<'a>(error: &'a (dyn Error + 'static)) -> Vec<&'a (dyn Error + 'static)> {
    std::iter::successors(Some(error), |error: &&(dyn Error + 'static)| (*error).source()).collect()
}

fn unanswered(operation: &'static str, kind: ErrorKind, message: String) -> ApiError {
    ApiError::new(Service::Ec2, operation, kind, message)
}

fn classify(code: &str, status: Option<u16>, message: &str, region: &Region) -> (ErrorKind, Option<Cause>) {
    let code = code.to_ascii_lowercase();
    match code.as_str() {
        "invalidparameter" => messages::invalid_parameter(message),
        // EC2 says the same about a wrong key and about a good key in a region that the account has not enabled.
        "authfailure" if needs_opt_in(region) => (ErrorKind::Unauthenticated, Some(Cause::RegionNotEnabled)),
        "authfailure" => (ErrorKind::Unauthenticated, Some(Cause::UnknownKey)),
        _ if code.ends_with(".malformed") => (ErrorKind::Invalid, Some(Cause::MalformedId)),
        _ => CODES
            .iter()
            .find(|(known, ..)| *known == code)
            .map_or_else(|| by_status(status), |(_, kind, cause)| (*kind, *cause)),
    }
}

/// An answer whose code says nothing to us.
fn by_status(status: Option<u16>) -> (ErrorKind, Option<Cause>) {
    match status {
        Some(200..=299) => (ErrorKind::Malformed, None),
        Some(401) => (ErrorKind::Unauthenticated, None),
        Some(403) => (ErrorKind::Denied, None),
        Some(404) => (ErrorKind::NotFound, None),
        Some(429) => (ErrorKind::Throttled, Some(Cause::TooManyRequests)),
        Some(500..) => (ErrorKind::Unavailable, None),
        _ => (ErrorKind::Invalid, None),
    }
}

/// Whether an account has to enable `region` first. Other partitions have accounts of their own, with every region.
fn needs_opt_in(region: &Region) -> bool {
    let region = region.as_str();
    let other_partition =
        ["cn-", "us-gov-", "us-iso", "eu-isoe-"].iter().any(|prefix| region.starts_with(prefix));
    !other_partition && !ALWAYS_ENABLED.contains(&region)
}

/// Whether nothing can have been received at the other end.
fn never_connected(causes: &[&(dyn Error + 'static)]) -> bool {
    causes
        .iter()
        .filter_map(|cause| cause.downcast_ref::<io::Error>())
        .any(|error| error.kind() == io::ErrorKind::ConnectionRefused)
}

/// The words of the innermost cause: the one that says what happened ("connection refused").
fn innermost(causes: &[&(dyn Error + 'static)]) -> String {
    causes.last().map_or_else(|| "unknown reason".to_owned(), ToString::to_string)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn west() -> Region {
        Region::new("us-west-2")
    }

    fn of(code: &str, status: u16, message: &str) -> (ErrorKind, Option<Cause>) {
        let error = answered("CreateVpcEndpoint", &west(), Some(status), Some(code), Some(message));
        assert_eq!(error.code.as_deref(), Some(code));
        (error.kind, error.cause)
    }

    #[test]
    fn every_known_error_has_its_kind_and_cause() {
        use Cause::*;
        use ErrorKind::{
            Conflict, Denied, Invalid, NotFound, Quota, Throttled, Unauthenticated, Unavailable,
        };
        let table: &[(&str, u16, &str, ErrorKind, Option<Cause>)] = &[
            (
                "InvalidParameter",
                400,
                "Private DNS can only be enabled after the endpoint connection is accepted by the owner of S.",
                Conflict,
                Some(PrivateDnsBeforeAcceptance),
            ),
            (
                "InvalidParameter",
                400,
                "Private DNS can't be enabled because the service S has not verified the private DNS name.",
                Invalid,
                Some(PrivateDnsUnverified),
            ),
            (
                "InvalidParameter",
                400,
                "Private DNS can't be enabled because the service S does not provide a private DNS name.",
                Invalid,
                Some(PrivateDnsNotOffered),
            ),
            (
                "InvalidParameter",
                400,
                "Enabling private DNS requires both enableDnsSupport and enableDnsHostnames VPC attributes set to \
                 true for vpc-1",
                Invalid,
                Some(VpcDnsAttributesOff),
            ),
            (
                "InvalidParameter",
                400,
                "private-dns-enabled cannot be set because there is already a conflicting DNS domain for N in the VPC V",
                Conflict,
                Some(DnsNameConflict),
            ),
            (
                "InvalidParameter",
                400,
                "The VPC endpoint service S does not support the availability zone of the subnet: subnet-1.",
                Invalid,
                Some(ZoneUnsupported),
            ),
            (
                "InvalidParameter",
                400,
                "Only the following availability zones are supported for remote access: use1-az1",
                Invalid,
                Some(ZoneUnsupported),
            ),
            (
                "InvalidParameter",
                400,
                "Service S only supports the full-access endpoint policy.",
                Invalid,
                Some(FullAccessPolicyOnly),
            ),
            (
                "InvalidParameter",
                400,
                "Cannot modify VPC Endpoint E at this time because there is an idempotent operation going on",
                Conflict,
                Some(ChangeInProgress),
            ),
            ("InvalidParameter", 400, "something new", Invalid, None),
            ("DuplicateSubnetsInSameZone", 400, "Found another", Invalid, Some(DuplicateZone)),
            ("OperationInProgress", 400, "in progress", Conflict, Some(ChangeInProgress)),
            ("InvalidServiceName", 400, "does not exist", NotFound, Some(ServiceNotFound)),
            ("InvalidVpcEndpointId.NotFound", 400, "", NotFound, Some(EndpointNotFound)),
            ("InvalidVpcEndpoint.NotFound", 400, "", NotFound, Some(EndpointNotFound)),
            ("InvalidVpcEndpointId.Malformed", 400, "", Invalid, Some(MalformedId)),
            ("InvalidVpcID.NotFound", 400, "", NotFound, Some(VpcNotFound)),
            ("InvalidVpcId.Malformed", 400, "", Invalid, Some(MalformedId)),
            ("InvalidSubnetID.NotFound", 400, "", NotFound, Some(SubnetNotFound)),
            ("InvalidSubnetId.NotFound", 400, "", NotFound, Some(SubnetNotFound)),
            ("InvalidSubnetId.Malformed", 400, "", Invalid, Some(MalformedId)),
            ("InvalidSecurityGroupID.NotFound", 400, "", NotFound, Some(SecurityGroupNotFound)),
            ("InvalidSecurityGroupId.NotFound", 400, "", NotFound, Some(SecurityGroupNotFound)),
            ("InvalidGroup.NotFound", 400, "", NotFound, Some(SecurityGroupNotFound)),
            ("InvalidNetworkInterfaceID.NotFound", 400, "", NotFound, None),
            ("InvalidVpcEndpointType", 400, "", Invalid, None),
            ("InsufficientFreeAddressesInSubnet", 400, "", Quota, Some(NoFreeAddress)),
            ("SecurityGroupsPerInterfaceLimitExceeded", 400, "", Quota, Some(SecurityGroupLimit)),
            ("NetworkInterfaceLimitExceeded", 400, "", Quota, Some(InterfaceLimit)),
            ("VpcEndpointLimitExceeded", 400, "", Quota, Some(EndpointLimit)),
            ("IdempotentParameterMismatch", 400, "", Conflict, Some(TokenReused)),
            ("DependencyViolation", 400, "", Conflict, None),
            ("UnauthorizedOperation", 403, "", Denied, Some(ActionDenied)),
            ("AuthFailure", 401, "", Unauthenticated, Some(UnknownKey)),
            ("RequestExpired", 400, "", Unauthenticated, Some(ExpiredCredentials)),
            ("InvalidClientTokenId", 403, "", Unauthenticated, Some(UnknownKey)),
            ("SignatureDoesNotMatch", 403, "", Unauthenticated, Some(WrongSecret)),
            ("OptInRequired", 401, "", Denied, Some(RegionNotEnabled)),
            ("Blocked", 403, "", Denied, Some(AccountBlocked)),
            ("RequestLimitExceeded", 503, "", Throttled, Some(TooManyRequests)),
            ("Unavailable", 503, "", Unavailable, None),
            ("ServiceUnavailable", 503, "", Unavailable, None),
            ("InternalError", 500, "", Unavailable, None),
            ("InternalFailure", 500, "", Unavailable, None),
            ("NeverHeardOf", 400, "", Invalid, None),
            ("NeverHeardOf", 503, "", Unavailable, None),
            ("NeverHeardOf", 403, "", Denied, None),
        ];
        for (code, status, message, kind, cause) in table {
            assert_eq!(of(code, *status, message), (*kind, *cause), "{code}: {message}");
        }
    }

    #[test]
    fn codes_are_known_in_any_case() {
        assert_eq!(of("INVALIDVPCID.NOTFOUND", 400, "").1, Some(Cause::VpcNotFound));
    }

    #[test]
    fn a_refused_key_in_an_opt_in_region_is_about_the_region() {
        let at = |region: &str| {
            answered(
                "DescribeSubnets",
                &Region::new(region),
                Some(401),
                Some("AuthFailure"),
                Some("not validated"),
            )
        };
        let hong_kong = at("ap-east-1");
        assert_eq!(hong_kong.cause, Some(Cause::RegionNotEnabled));
        assert!(hong_kong.message.contains("ap-east-1"), "{}", hong_kong.message);
        assert!(hong_kong.message.contains("not validated"), "{}", hong_kong.message);
        for region in ["us-west-2", "cn-north-1", "us-gov-west-1"] {
            assert_eq!(at(region).cause, Some(Cause::UnknownKey), "{region}");
        }
    }

    #[test]
    fn an_answer_that_nobody_understands_is_malformed() {
        let error = answered("DescribeSubnets", &west(), Some(200), None, None);
        assert_eq!(error.kind, ErrorKind::Malformed);
    }

    mod from_the_sdk {
        use aws_sdk_ec2::error::ConnectorError;
        use aws_sdk_ec2::operation::create_vpc_endpoint::CreateVpcEndpointError;

        use super::*;

        fn translated(effect: Effect, error: &SdkError<CreateVpcEndpointError>) -> ApiError {
            from_sdk("CreateVpcEndpoint", effect, &west(), error)
        }

        #[test]
        fn a_lost_answer_leaves_the_outcome_of_a_write_open() {
            let lost = || SdkError::dispatch_failure(ConnectorError::io("connection reset by peer".into()));
            let write = translated(Effect::Write, &lost());
            assert_eq!(write.kind, ErrorKind::Transport);
            assert!(write.outcome_unknown);
            assert!(write.message.contains("connection reset by peer"), "{}", write.message);
            assert!(!translated(Effect::Read, &lost()).outcome_unknown);
        }

        #[test]
        fn a_refused_connection_cannot_have_done_anything() {
            let refused = io::Error::from(io::ErrorKind::ConnectionRefused);
            let error = SdkError::dispatch_failure(ConnectorError::io(refused.into()));
            assert!(!translated(Effect::Write, &error).outcome_unknown);
        }

        #[test]
        fn a_timeout_says_how_long_was_waited() {
            let error = translated(Effect::Write, &SdkError::timeout_error("attempt timed out"));
            assert_eq!(error.kind, ErrorKind::Transport);
            assert!(error.outcome_unknown);
            assert!(error.message.contains("30 seconds"), "{}", error.message);
        }

        #[test]
        fn a_request_that_cannot_be_built_is_invalid_and_did_nothing() {
            let error = translated(Effect::Write, &SdkError::construction_failure("no such header"));
            assert_eq!(error.kind, ErrorKind::Invalid);
            assert!(!error.outcome_unknown);
        }

        #[test]
        fn missing_credentials_are_not_a_connection_problem() {
            let missing = aws_credential_types::provider::error::CredentialsError::not_loaded("no profile");
            let error = SdkError::dispatch_failure(ConnectorError::other(missing.into(), None));
            let error = translated(Effect::Write, &error);
            assert_eq!(error.cause, Some(Cause::NoCredentials));
            assert!(!error.outcome_unknown);
        }
    }
}
