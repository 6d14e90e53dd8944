//! The error that every client returns: which service, which operation, what it answered. Clients never build
//! diagnostics; `diagnose` turns these into words for the user.

use std::fmt;
use std::time::Duration;

use crate::operation::Halt;

/// The service that a call went to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Service {
    /// TiDB Cloud Dedicated API, v1beta1.
    TidbDedicated,
    /// TiDB Cloud Starter and Essential API, v1beta1.
    TidbServerless,
    /// TiDB Cloud legacy API, v1beta.
    TidbLegacy,
    /// Amazon EC2.
    Ec2,
    /// AWS credentials, wherever they come from (files, SSO, STS, container and instance roles).
    AwsCredentials,
    /// Alibaba Cloud PrivateLink, 2020-04-15.
    AlicloudPrivateLink,
    /// Alibaba Cloud VPC, 2016-04-28.
    AlicloudVpc,
    /// Alibaba Cloud ECS, 2014-05-26, where security groups are.
    AlicloudEcs,
    /// Alibaba Cloud credentials, wherever they come from (environment, files, STS, the machine's role).
    AlicloudCredentials,
}

impl Service {
    /// The name that users know the service by.
    pub fn name(self) -> &'static str {
        match self {
            Self::TidbDedicated => "TiDB Cloud Dedicated API",
            Self::TidbServerless => "TiDB Cloud Starter and Essential API",
            Self::TidbLegacy => "TiDB Cloud API v1beta",
            Self::Ec2 => "Amazon EC2",
            Self::AwsCredentials => "AWS credentials",
            Self::AlicloudPrivateLink => "Alibaba Cloud PrivateLink",
            Self::AlicloudVpc => "Alibaba Cloud VPC",
            Self::AlicloudEcs => "Alibaba Cloud ECS",
            Self::AlicloudCredentials => "Alibaba Cloud credentials",
        }
    }

    /// Whether this is TiDB Cloud's side of the connection.
    pub fn is_tidb_cloud(self) -> bool {
        matches!(self, Self::TidbDedicated | Self::TidbServerless | Self::TidbLegacy)
    }

    /// Whether this is Alibaba Cloud.
    pub fn is_alicloud(self) -> bool {
        matches!(
            self,
            Self::AlicloudPrivateLink | Self::AlicloudVpc | Self::AlicloudEcs | Self::AlicloudCredentials
        )
    }
}

impl fmt::Display for Service {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// What kind of answer it was: what the code that called decides by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ErrorKind {
    /// The credentials are missing, wrong or expired.
    Unauthenticated,
    /// The credentials may not do this.
    Denied,
    /// What was asked for does not exist.
    NotFound,
    /// It clashes with something that exists or is going on.
    Conflict,
    /// The request is wrong and will stay wrong.
    Invalid,
    /// A limit of the account was reached.
    Quota,
    /// Too many requests, and the retries are used up.
    Throttled,
    /// The service is broken or away, and the retries are used up.
    Unavailable,
    /// No connection, or it broke; see [`ApiError::outcome_unknown`].
    Transport,
    /// An answer that cannot be understood: not JSON, or a field is missing or of the wrong kind.
    Malformed,
    /// The operation had to end: see [`Halt`].
    Halted(Halt),
}

/// A situation that the provider recognises in a service's error, whatever code and words it came in. `diagnose` has
/// the advice for each.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Cause {
    /// Private DNS was asked for before the service's owner accepted the endpoint.
    PrivateDnsBeforeAcceptance,
    /// The service's owner has not verified its private DNS name.
    PrivateDnsUnverified,
    /// The service has no private DNS name.
    PrivateDnsNotOffered,
    /// `enableDnsSupport` or `enableDnsHostnames` is off in the VPC.
    VpcDnsAttributesOff,
    /// Another endpoint, or a private hosted zone, owns the DNS name in the VPC.
    DnsNameConflict,
    /// The service is not offered in the subnet's zone.
    ZoneUnsupported,
    /// Two subnets of one endpoint are in one zone.
    DuplicateZone,
    /// Another change of the same endpoint is still going on.
    ChangeInProgress,
    /// The endpoint service does not exist, or this account may not see it.
    ServiceNotFound,
    /// The VPC does not exist in this region with these credentials.
    VpcNotFound,
    /// A subnet does not exist in this region with these credentials.
    SubnetNotFound,
    /// A security group does not exist in this region with these credentials.
    SecurityGroupNotFound,
    /// The VPC endpoint does not exist (any more, or not yet for every server).
    EndpointNotFound,
    /// An id is not of the form that the service knows.
    MalformedId,
    /// A subnet has no free address.
    NoFreeAddress,
    /// More security groups than one network interface may have.
    SecurityGroupLimit,
    /// The quota of network interfaces.
    InterfaceLimit,
    /// The quota of interface endpoints per VPC.
    EndpointLimit,
    /// An idempotency token was used before with other parameters.
    TokenReused,
    /// The service does not take an endpoint policy.
    FullAccessPolicyOnly,
    /// The account has not opted into the region.
    RegionNotEnabled,
    /// The account is blocked or not subscribed.
    AccountBlocked,
    /// An IAM policy does not allow the action.
    ActionDenied,
    /// The access key is unknown or switched off.
    UnknownKey,
    /// The secret does not fit the key.
    WrongSecret,
    /// The session's token has expired, or the clock is off.
    ExpiredCredentials,
    /// No credentials were found in any of the usual places.
    NoCredentials,
    /// Too many requests.
    TooManyRequests,
    /// The endpoint is already registered with TiDB Cloud.
    AlreadyRegistered,
    /// The cluster or its service is not in a state that allows this.
    FailedPrecondition,
    /// The account has not activated PrivateLink (Alibaba Cloud).
    ProductNotActivated,
    /// The region does not exist or has no PrivateLink (Alibaba Cloud).
    RegionUnsupported,
    /// An endpoint that was made without security groups takes none later (Alibaba Cloud).
    MadeWithoutSecurityGroups,
    /// The endpoint may only be changed by the session that protected it (Alibaba Cloud).
    EndpointProtected,
    /// The role by which PrivateLink acts in the account is missing and cannot be made (Alibaba Cloud).
    ServiceRoleMissing,
}

/// A call that did not succeed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApiError {
    /// Who answered, or should have.
    pub service: Service,
    /// The operation as the service's documentation names it.
    pub operation: &'static str,
    /// What kind of failure.
    pub kind: ErrorKind,
    /// The situation, when it is one that the provider knows.
    pub cause: Option<Cause>,
    /// HTTP status, when there was an answer.
    pub status: Option<u16>,
    /// The service's own error code.
    pub code: Option<String>,
    /// The service's own words, or ours when there was no answer. Never holds a secret.
    pub message: String,
    /// The id under which the service's support finds the call.
    pub request_id: Option<String>,
    /// How long the service asked to wait.
    pub retry_after: Option<Duration>,
    /// True when a write may have taken effect although no answer came: look before doing it again.
    pub outcome_unknown: bool,
}

impl ApiError {
    /// An error with only the obligatory parts.
    pub fn new(
        service: Service,
        operation: &'static str,
        kind: ErrorKind,
        message: impl Into<String>,
    ) -> Self {
        Self {
            service,
            operation,
            kind,
            cause: None,
            status: None,
            code: None,
            message: message.into(),
            request_id: None,
            retry_after: None,
            outcome_unknown: false,
        }
    }

    /// The error of a call that the operation's end cut off before it was sent.
    pub fn halted(service: Service, operation: &'static str, halt: Halt) -> Self {
        Self::new(service, operation, ErrorKind::Halted(halt), halt.to_string())
    }

    /// The end of the operation that caused this, if one did.
    pub fn halt(&self) -> Option<Halt> {
        match self.kind {
            ErrorKind::Halted(halt) => Some(halt),
            _ => None,
        }
    }

    /// The end of the operation in words, when an earlier answer is among them.
    pub fn last_words(&self) -> Option<String> {
        let halt = self.halt()?;
        (self.message != halt.to_string()).then(|| self.to_string())
    }

    /// Whether what was asked for does not exist.
    pub fn is_not_found(&self) -> bool {
        self.kind == ErrorKind::NotFound
    }

    /// Whether the service's error code is `code`, in any case (EC2 spells some both `ID` and `Id`).
    pub fn has_code(&self, code: &str) -> bool {
        self.code.as_deref().is_some_and(|found| found.eq_ignore_ascii_case(code))
    }
}

impl fmt::Display for ApiError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}: ", self.service, self.operation)?;
        if let Some(code) = &self.code {
            write!(f, "{code}: ")?;
        }
        f.write_str(&self.message)?;
        match (self.status, &self.request_id) {
            (Some(status), Some(id)) => write!(f, " (HTTP {status}, request id {id})"),
            (Some(status), None) => write!(f, " (HTTP {status})"),
            (None, Some(id)) => write!(f, " (request id {id})"),
            (None, None) => Ok(()),
        }
    }
}

impl std::error::Error for ApiError {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_text_names_service_operation_code_and_request_id() {
        let mut error =
            ApiError::new(Service::Ec2, "CreateVpcEndpoint", ErrorKind::Invalid, "no such subnet");
        error.code = Some("InvalidSubnetId.NotFound".into());
        error.status = Some(400);
        error.request_id = Some("r-1".into());
        assert_eq!(
            error.to_string(),
            "Amazon EC2 CreateVpcEndpoint: InvalidSubnetId.NotFound: no such subnet (HTTP 400, request id r-1)"
        );
    }

    #[test]
    fn codes_compare_without_case() {
        let mut error = ApiError::new(Service::Ec2, "DescribeVpcs", ErrorKind::NotFound, "");
        error.code = Some("InvalidVpcID.NotFound".into());
        assert!(error.has_code("InvalidVpcId.NotFound"));
        assert!(!error.has_code("InvalidVpcId.Malformed"));
    }
}
