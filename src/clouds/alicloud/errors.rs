//! From Alibaba Cloud's error codes to ours. The code is the key: the HTTP status is 400 for nearly everything, whether
//! something is wrong, missing or merely busy.

use crate::error::{ApiError, Cause, ErrorKind};
use crate::ids::Region;

use super::products::Action;

/// Codes in lower case, because Alibaba Cloud spells some of them both `ID` and `Id`. Source: the error codes of the
/// PrivateLink, VPC, ECS and STS API references, and what Alibaba Cloud's own Terraform provider handles.
#[rustfmt::skip]
const CODES: &[(&str, ErrorKind, Option<Cause>)] = &[
    ("endpointnotfound", ErrorKind::NotFound, Some(Cause::EndpointNotFound)),
    ("endpointzonenotfound", ErrorKind::NotFound, None),
    ("endpointservicenotfound", ErrorKind::NotFound, Some(Cause::ServiceNotFound)),
    ("endpointoperationdenied", ErrorKind::Conflict, Some(Cause::ChangeInProgress)),
    ("endpointlocked", ErrorKind::Conflict, Some(Cause::ChangeInProgress)),
    ("endpointservicelocked", ErrorKind::Conflict, Some(Cause::ChangeInProgress)),
    ("endpointconnectionoperationdenied", ErrorKind::Conflict, Some(Cause::ChangeInProgress)),
    ("concurrentcallnotsupported", ErrorKind::Conflict, Some(Cause::ChangeInProgress)),
    ("idempotenceprocessing", ErrorKind::Conflict, Some(Cause::ChangeInProgress)),
    ("idempotencesignaturemismatch", ErrorKind::Conflict, Some(Cause::TokenReused)),
    ("operationdenied.endpointprotected", ErrorKind::Denied, Some(Cause::EndpointProtected)),
    ("addsecuritygroupnotsupportwhenhavenosg", ErrorKind::Invalid, Some(Cause::MadeWithoutSecurityGroups)),
    ("needopenproduct", ErrorKind::Denied, Some(Cause::ProductNotActivated)),
    ("checkservicelinkroleerror", ErrorKind::Denied, Some(Cause::ServiceRoleMissing)),
    ("regionnotfound", ErrorKind::Invalid, Some(Cause::RegionUnsupported)),
    ("unsupportedregion", ErrorKind::Invalid, Some(Cause::RegionUnsupported)),
    ("invalidregionid.notfound", ErrorKind::Invalid, Some(Cause::RegionUnsupported)),
    ("unsupportedzone", ErrorKind::Invalid, Some(Cause::ZoneUnsupported)),
    ("invalidvpcid.notfound", ErrorKind::NotFound, Some(Cause::VpcNotFound)),
    ("forbidden.vpcnotfound", ErrorKind::NotFound, Some(Cause::VpcNotFound)),
    ("invalidvswitchid.notfound", ErrorKind::NotFound, Some(Cause::SubnetNotFound)),
    ("invalidsecuritygroupid.notfound", ErrorKind::NotFound, Some(Cause::SecurityGroupNotFound)),
    ("forbidden.accesskeydisabled", ErrorKind::Unauthenticated, Some(Cause::UnknownKey)),
    ("signaturedoesnotmatch", ErrorKind::Unauthenticated, Some(Cause::WrongSecret)),
    ("incompletesignature", ErrorKind::Unauthenticated, Some(Cause::WrongSecret)),
    ("invalidsecuritytoken.expired", ErrorKind::Unauthenticated, Some(Cause::ExpiredCredentials)),
    ("systembusy", ErrorKind::Unavailable, None),
    ("generateresourceidfailed", ErrorKind::Unavailable, None),
    ("serviceunavailable", ErrorKind::Unavailable, None),
    ("internalerror", ErrorKind::Unavailable, None),
    // An earlier message with the same nonce arrived; the next attempt has a new one.
    ("signaturenonceused", ErrorKind::Unavailable, None),
];

/// Beginnings of codes that come in families, in lower case, longest first.
#[rustfmt::skip]
const FAMILIES: &[(&str, ErrorKind, Option<Cause>)] = &[
    ("incorrectstatus", ErrorKind::Conflict, Some(Cause::ChangeInProgress)),
    // The endpoint cannot go yet, because something of it is still going (the documentation cuts the name off).
    ("endpointdependence", ErrorKind::Conflict, Some(Cause::ChangeInProgress)),
    ("invalidsecuritytoken", ErrorKind::Unauthenticated, Some(Cause::WrongSecret)),
    ("invalidaccesskeyid", ErrorKind::Unauthenticated, Some(Cause::UnknownKey)),
    ("invalidaccesskeysecret", ErrorKind::Unauthenticated, Some(Cause::WrongSecret)),
    ("invalidtimestamp", ErrorKind::Unauthenticated, Some(Cause::ExpiredCredentials)),
    ("nopermission", ErrorKind::Denied, Some(Cause::ActionDenied)),
    ("forbidden.ram", ErrorKind::Denied, Some(Cause::ActionDenied)),
    ("quotaexceeded.endpoint", ErrorKind::Quota, Some(Cause::EndpointLimit)),
    ("quotaexceeded.securitygroup", ErrorKind::Quota, Some(Cause::SecurityGroupLimit)),
];

/// An error that a product itself reports.
pub(super) fn answered(
    action: Action,
    region: &Region,
    status: u16,
    code: Option<&str>,
    message: Option<&str>,
) -> ApiError {
    let (kind, cause) = code.map_or_else(|| by_status(status), |code| classify(code, status));
    let service = action.product.service();
    let message = match message {
        Some(message) => message.to_owned(),
        None if kind == ErrorKind::Malformed => {
            format!("{service} in {region} answered something that is not one of its answers")
        }
        None => format!("{service} in {region} gave no explanation"),
    };
    let mut error = ApiError::new(service, action.name, kind, message);
    error.cause = cause;
    error.status = Some(status);
    error.code = code.map(str::to_owned);
    error
}

fn classify(code: &str, status: u16) -> (ErrorKind, Option<Cause>) {
    let code = code.to_ascii_lowercase();
    let family = |(start, ..): &&(&str, ErrorKind, Option<Cause>)| code.starts_with(start);
    if let Some((_, kind, cause)) = CODES.iter().find(|(known, ..)| *known == code) {
        (*kind, *cause)
    } else if let Some((_, kind, cause)) = FAMILIES.iter().find(family) {
        (*kind, *cause)
    } else if code.contains("throttling") {
        (ErrorKind::Throttled, Some(Cause::TooManyRequests))
    } else if code.contains("quota") || code.contains("limitexceed") {
        (ErrorKind::Quota, None)
    } else if is_about_an_id(&code) {
        (ErrorKind::Invalid, Some(Cause::MalformedId))
    } else {
        by_status(status)
    }
}

/// `InvalidVpcId` and its like, with nothing more said.
fn is_about_an_id(code: &str) -> bool {
    ["vpcid", "vswitchid", "securitygroupid", "endpointid"].iter().any(|id| {
        let rest = code.strip_prefix("invalid").and_then(|code| code.strip_prefix(id));
        rest.is_some_and(|rest| rest.is_empty() || rest == ".malformed")
    })
}

/// An answer whose code says nothing to us.
fn by_status(status: u16) -> (ErrorKind, Option<Cause>) {
    match status {
        200..=299 => (ErrorKind::Malformed, None),
        401 => (ErrorKind::Unauthenticated, None),
        403 => (ErrorKind::Denied, None),
        404 => (ErrorKind::NotFound, None),
        429 => (ErrorKind::Throttled, Some(Cause::TooManyRequests)),
        500.. => (ErrorKind::Unavailable, None),
        _ => (ErrorKind::Invalid, None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clouds::alicloud::products::Product;
    use crate::error::Service;

    const CREATE: Action = Action::write(Product::PrivateLink, "CreateVpcEndpoint");

    fn of(code: &str, status: u16) -> (ErrorKind, Option<Cause>) {
        let error = answered(CREATE, &Region::new("ap-southeast-1"), status, Some(code), Some("words"));
        assert_eq!((error.service, error.operation), (Service::AlicloudPrivateLink, "CreateVpcEndpoint"));
        assert_eq!((error.code.as_deref(), error.status), (Some(code), Some(status)));
        (error.kind, error.cause)
    }

    #[test]
    fn every_code_has_its_kind_and_cause() {
        use Cause::*;
        use ErrorKind::*;
        let table: &[(&str, u16, ErrorKind, Option<Cause>)] = &[
            ("EndpointNotFound", 400, NotFound, Some(EndpointNotFound)),
            ("EndpointZoneNotFound", 400, NotFound, None),
            ("EndpointServiceNotFound", 400, NotFound, Some(ServiceNotFound)),
            ("EndpointOperationDenied", 400, Conflict, Some(ChangeInProgress)),
            ("EndpointLocked", 400, Conflict, Some(ChangeInProgress)),
            ("EndpointServiceLocked", 400, Conflict, Some(ChangeInProgress)),
            ("EndpointConnectionOperationDenied", 400, Conflict, Some(ChangeInProgress)),
            ("ConcurrentCallNotSupported", 400, Conflict, Some(ChangeInProgress)),
            ("IncorrectStatus.VpcEndpoint", 400, Conflict, Some(ChangeInProgress)),
            ("IncorrectStatus.VpcEndpointConnection", 400, Conflict, Some(ChangeInProgress)),
            ("EndpointDependenceVpcEndpointZone", 400, Conflict, Some(ChangeInProgress)),
            ("IdempotenceProcessing", 400, Conflict, Some(ChangeInProgress)),
            ("IdempotenceSignatureMismatch", 400, Conflict, Some(TokenReused)),
            ("OperationDenied.EndpointProtected", 400, Denied, Some(EndpointProtected)),
            ("AddSecurityGroupNotSupportWhenHaveNoSg", 400, Invalid, Some(MadeWithoutSecurityGroups)),
            ("NeedOpenProduct", 400, Denied, Some(ProductNotActivated)),
            ("CheckServiceLinkRoleError", 400, Denied, Some(ServiceRoleMissing)),
            ("NoPermission", 403, Denied, Some(ActionDenied)),
            ("NoPermission", 400, Denied, Some(ActionDenied)),
            ("Forbidden.RAM", 403, Denied, Some(ActionDenied)),
            ("RegionNotFound", 404, Invalid, Some(RegionUnsupported)),
            ("UnsupportedRegion", 400, Invalid, Some(RegionUnsupported)),
            ("UnsupportedZone", 400, Invalid, Some(ZoneUnsupported)),
            ("InvalidVpcID.NotFound", 404, NotFound, Some(VpcNotFound)),
            ("InvalidVpcId.NotFound", 400, NotFound, Some(VpcNotFound)),
            ("Forbidden.VpcNotFound", 403, NotFound, Some(VpcNotFound)),
            ("InvalidVSwitchId.NotFound", 404, NotFound, Some(SubnetNotFound)),
            ("InvalidVswitchID.NotFound", 404, NotFound, Some(SubnetNotFound)),
            ("InvalidSecurityGroupId.NotFound", 404, NotFound, Some(SecurityGroupNotFound)),
            ("InvalidVpcId", 400, Invalid, Some(MalformedId)),
            ("InvalidVSwitchId.Malformed", 400, Invalid, Some(MalformedId)),
            ("InvalidEndpointName", 400, Invalid, None),
            ("SystemBusy", 400, Unavailable, None),
            ("GenerateResourceIdFailed", 400, Unavailable, None),
            ("ServiceUnavailable", 503, Unavailable, None),
            ("SignatureNonceUsed", 400, Unavailable, None),
            ("Throttling", 400, Throttled, Some(TooManyRequests)),
            ("Throttling.User", 400, Throttled, Some(TooManyRequests)),
            ("Throttling.Api", 429, Throttled, Some(TooManyRequests)),
            ("Rejected.Throttling", 400, Throttled, Some(TooManyRequests)),
            ("SignatureDoesNotMatch", 400, Unauthenticated, Some(WrongSecret)),
            ("IncompleteSignature", 400, Unauthenticated, Some(WrongSecret)),
            ("InvalidAccessKeyId.NotFound", 404, Unauthenticated, Some(UnknownKey)),
            ("InvalidAccessKeyId.Inactive", 400, Unauthenticated, Some(UnknownKey)),
            ("InvalidTimeStamp.Expired", 400, Unauthenticated, Some(ExpiredCredentials)),
            ("InvalidTimeStamp.Format", 400, Unauthenticated, Some(ExpiredCredentials)),
            ("InvalidSecurityToken.Expired", 400, Unauthenticated, Some(ExpiredCredentials)),
            ("InvalidSecurityToken.MismatchWithAccessKey", 400, Unauthenticated, Some(WrongSecret)),
            ("QuotaExceeded.EndpointsPerVpc", 400, Quota, Some(EndpointLimit)),
            ("QuotaExceeded.SecurityGroups", 400, Quota, Some(SecurityGroupLimit)),
            ("QuotaExceeded.Zones", 400, Quota, None),
            ("InvalidApi.NotFound", 404, NotFound, None),
            ("MissingRegionId", 400, Invalid, None),
            ("NeverHeardOf", 400, Invalid, None),
            ("NeverHeardOf", 403, Denied, None),
            ("NeverHeardOf", 502, Unavailable, None),
        ];
        for (code, status, kind, cause) in table {
            assert_eq!(of(code, *status), (*kind, *cause), "{code} {status}");
        }
    }

    #[test]
    fn codes_are_known_in_any_case() {
        assert_eq!(of("ENDPOINTNOTFOUND", 400).1, Some(Cause::EndpointNotFound));
    }

    #[test]
    fn an_answer_without_a_code_is_told_by_its_status() {
        let region = Region::new("ap-southeast-1");
        let error = |status| answered(CREATE, &region, status, None, None);
        assert_eq!(error(200).kind, ErrorKind::Malformed);
        assert_eq!(error(502).kind, ErrorKind::Unavailable);
        assert!(error(502).message.contains("ap-southeast-1"), "{}", error(502).message);
    }
}
