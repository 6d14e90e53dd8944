//! What the provider block and Terraform say about AWS. Plain data: nothing here looks for credentials.

use url::Url;

use crate::secret::Secret;

/// How to reach AWS. The default is what the AWS tools do on this machine.
#[derive(Clone, Debug, Default)]
pub struct AwsConfig {
    /// Profile of the shared configuration files; `None` means what `AWS_PROFILE` says, else `default`.
    pub profile: Option<String>,
    /// A role to take on with the credentials that were found.
    pub assume_role: Option<AssumeRole>,
    /// Keys given outright, instead of those that the usual places hold.
    pub credentials: Option<StaticKeys>,
    /// Address of EC2 in every region; `None` means the region's own, or what `AWS_ENDPOINT_URL_EC2` or
    /// `AWS_ENDPOINT_URL` says. Other services, STS included, are not affected. The caller has made sure that plain
    /// http goes to loopback only.
    pub endpoint: Option<Url>,
    /// Who calls, as `name/version` products with spaces between, for the user agent of every request.
    pub user_agent: String,
}

/// A role to take on through STS.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AssumeRole {
    /// The role's ARN.
    pub role_arn: String,
    /// What the role's owner wants to hear.
    pub external_id: Option<String>,
    /// How the session shows in CloudTrail; `None` means `tidblink`.
    pub session_name: Option<String>,
}

/// An access key, long-lived or of a session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StaticKeys {
    /// The key's id, which is not a secret.
    pub access_key: String,
    /// The secret that belongs to it.
    pub secret_key: Secret,
    /// The session's token, when it is a session's key.
    pub session_token: Option<Secret>,
}
