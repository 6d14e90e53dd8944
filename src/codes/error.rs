//! From what a service answered to the code for it.

use super::Code;
use crate::error::{ApiError, Cause, ErrorKind};
use crate::operation::Halt;

impl Code {
    /// The code for a call that failed.
    pub(crate) fn of_error(error: &ApiError) -> Self {
        match error.cause {
            Some(cause) => of_cause(cause, error),
            None => of_kind(error),
        }
    }
}

fn of_cause(cause: Cause, error: &ApiError) -> Code {
    let is_tidb = error.service.is_tidb_cloud();
    match cause {
        Cause::PrivateDnsBeforeAcceptance => Code::PrivateDnsTooEarly,
        Cause::PrivateDnsUnverified => Code::PrivateDnsUnverified,
        Cause::PrivateDnsNotOffered => Code::PrivateDnsNotOffered,
        Cause::VpcDnsAttributesOff => Code::DnsSupportOff,
        Cause::DnsNameConflict => Code::NameOwned,
        Cause::ZoneUnsupported => Code::ZoneUnsupported,
        Cause::DuplicateZone => Code::DuplicateZone,
        Cause::ChangeInProgress => Code::ChangeInProgress,
        Cause::ServiceNotFound => Code::ServiceNotVisible,
        Cause::VpcNotFound => Code::VpcNotFound,
        Cause::SubnetNotFound if error.service.is_alicloud() => Code::VswitchNotFound,
        Cause::SubnetNotFound => Code::SubnetNotFound,
        Cause::SecurityGroupNotFound => Code::SecurityGroupNotFound,
        Cause::EndpointNotFound => Code::EndpointGone,
        Cause::MalformedId => Code::MalformedId,
        Cause::NoFreeAddress => Code::NoFreeAddress,
        Cause::SecurityGroupLimit => Code::TooManySecurityGroups,
        Cause::InterfaceLimit => Code::InterfaceQuota,
        Cause::EndpointLimit => Code::EndpointQuota,
        Cause::TokenReused | Cause::FullAccessPolicyOnly => Code::ProviderMistake,
        Cause::RegionNotEnabled => Code::RegionNotEnabled,
        Cause::AccountBlocked => Code::AccountBlocked,
        Cause::ActionDenied if is_tidb => Code::ApiKeyRole,
        Cause::ActionDenied => Code::ActionDenied,
        Cause::UnknownKey | Cause::WrongSecret if is_tidb => Code::ApiKeyRefused,
        Cause::UnknownKey | Cause::WrongSecret => Code::CredentialsRefused,
        Cause::ExpiredCredentials => Code::CredentialsExpired,
        Cause::NoCredentials => Code::NoCredentials,
        Cause::TooManyRequests => Code::TooManyRequests,
        Cause::AlreadyRegistered => Code::AlreadyRegistered,
        Cause::FailedPrecondition => Code::ServiceBlocked,
        Cause::ProductNotActivated => Code::ProductNotActivated,
        Cause::RegionUnsupported => Code::RegionUnsupported,
        Cause::MadeWithoutSecurityGroups => Code::NoSecurityGroups,
        Cause::EndpointProtected => Code::EndpointProtected,
        Cause::ServiceRoleMissing => Code::ServiceRoleMissing,
    }
}

/// By kind alone; the kinds that advice takes for a cause are that cause here, too.
fn of_kind(error: &ApiError) -> Code {
    match error.kind {
        ErrorKind::Unauthenticated if error.service.is_tidb_cloud() => Code::ApiKeyRefused,
        ErrorKind::Unauthenticated => Code::NoCredentials,
        ErrorKind::Denied => of_cause(Cause::ActionDenied, error),
        ErrorKind::Throttled => Code::TooManyRequests,
        ErrorKind::Quota => Code::AccountLimit,
        ErrorKind::NotFound => Code::NotFound,
        ErrorKind::Conflict => Code::InUse,
        ErrorKind::Invalid => Code::RequestRefused,
        ErrorKind::Unavailable | ErrorKind::Transport => Code::ServiceUnavailable,
        ErrorKind::Malformed => Code::UnreadableAnswer,
        ErrorKind::Halted(Halt::Stopped) => Code::Stopped,
        ErrorKind::Halted(Halt::Deadline) => Code::Timeout,
    }
}
