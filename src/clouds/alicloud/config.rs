//! What the provider block and Terraform say about Alibaba Cloud. Plain data: nothing here looks for credentials.

use url::Url;

use super::machine::Machine;
use crate::secret::Secret;

/// How to reach Alibaba Cloud. The default is what its own tools do on this machine.
#[derive(Clone, Debug, Default)]
pub struct AlicloudConfig {
    /// Profile of `~/.aliyun/config.json`; `None` means what `ALIBABA_CLOUD_PROFILE` says, else the file's current one.
    pub profile: Option<String>,
    /// Keys given outright, instead of those that the usual places hold.
    pub credentials: Option<StaticKeys>,
    /// A role to take on with the credentials that were found.
    pub assume_role: Option<AssumeRole>,
    /// One address for PrivateLink, VPC, ECS and STS in every region; `None` means their own. The caller has made sure
    /// that plain http goes to loopback only.
    pub endpoint: Option<Url>,
    /// Address of the metadata service of ECS machines; `None` means its own, `http://100.100.100.200`.
    pub metadata_endpoint: Option<Url>,
    /// Who calls, for the user agent of every request.
    pub user_agent: String,
    /// Where environment variables, the home folder and the time come from.
    pub machine: Machine,
}

/// A role to take on through STS.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AssumeRole {
    /// The role's ARN, `acs:ram::ACCOUNT:role/NAME`.
    pub role_arn: String,
    /// How the session shows in ActionTrail; `None` means `tidblink`.
    pub session_name: Option<String>,
    /// What the role's owner wants to hear.
    pub external_id: Option<String>,
}

/// An AccessKey pair, long-lived or of a session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StaticKeys {
    /// The key's id, which is not a secret.
    pub access_key: String,
    /// The secret that belongs to it.
    pub secret_key: Secret,
    /// The session's token, when it is a session's key.
    pub security_token: Option<Secret>,
}
