//! Keys of a role, from STS: for somebody who has keys already, or for the bearer of an identity token.

use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use crate::clouds::alicloud::actions::{ASSUME, WITH_OIDC};
use crate::clouds::alicloud::encode::Params;
use crate::clouds::alicloud::keys::Keys;
use crate::clouds::alicloud::rpc::{Answer, Rpc};
use crate::error::{ApiError, ErrorKind};
use crate::ids::Region;
use crate::redact::Secrets;
use crate::secret::Secret;

/// How sessions show in ActionTrail when the user gave no name.
const SESSION_NAME: &str = "tidblink";

/// A role to take on.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Role<'a> {
    pub(super) arn: &'a str,
    pub(super) session_name: Option<&'a str>,
    pub(super) external_id: Option<&'a str>,
    /// What the session may do, when that is less than what the role may.
    pub(super) policy: Option<&'a str>,
    /// How long the session lasts; `None` means an hour.
    pub(super) seconds: Option<u64>,
}

impl Role<'_> {
    fn params(&self) -> Params {
        Params::new()
            .with("RoleArn", self.arn)
            .with("RoleSessionName", self.session_name.unwrap_or(SESSION_NAME))
            .maybe("ExternalId", self.external_id)
            .maybe("Policy", self.policy)
            .maybe("DurationSeconds", self.seconds.map(|seconds| seconds.to_string()))
    }
}

/// Keys of `role` for the owner of `keys`. `source` says where the role was named.
pub(super) async fn assume(rpc: &Rpc, keys: &Keys, role: &Role<'_>, source: &str) -> Result<Keys, ApiError> {
    let answer = rpc.attempt(ASSUME, &anywhere(), &role.params(), Some(keys)).await.map_err(explain)?;
    keys_in(&answer, format!("{source} (role {})", role.arn))
}

/// Keys of `role` for whoever has `proof`; `token` is the secret in it.
pub(super) async fn assume_with_token(
    rpc: &Rpc,
    role: &Role<'_>,
    proof: Params,
    token: &str,
    source: &str,
) -> Result<Keys, ApiError> {
    let params = role.params().and(proof);
    let answer = rpc.attempt(WITH_OIDC, &anywhere(), &params, None).await.map_err(|mut error| {
        error.message = Secrets::default().and(token).out_of(error.message);
        explain(error)
    })?;
    keys_in(&answer, format!("{source} (role {})", role.arn))
}

/// STS has one host for all regions.
fn anywhere() -> Region {
    Region::new("all regions")
}

fn explain(mut error: ApiError) -> ApiError {
    if error.kind == ErrorKind::Denied {
        error.message.push_str(
            " (the role's trust policy has to allow these credentials to take it on, with the external id that it asks \
             for, and they need sts:AssumeRole)",
        );
    }
    error
}

pub(super) fn keys_in(answer: &Answer, source: String) -> Result<Keys, ApiError> {
    let (keys, end) = answer.decode(|answer| {
        let given = answer.required("Credentials")?;
        let keys = (given.text("AccessKeyId")?, given.text("AccessKeySecret")?, given.text("SecurityToken")?);
        Ok((keys, given.text("Expiration")?))
    })?;
    let expires = parse_end(&end)
        .ok_or_else(|| answer.malformed("field `Credentials.Expiration` of the answer is no time"))?;
    let (access_key, secret_key, token) = keys;
    Ok(Keys {
        access_key,
        secret_key: Secret::new(secret_key),
        security_token: Some(Secret::new(token)),
        expires: Some(expires),
        source,
    })
}

/// The time when temporary keys end, as STS and the metadata service write it: `2026-01-31T23:59:59Z`.
pub(super) fn parse_end(text: &str) -> Option<OffsetDateTime> {
    OffsetDateTime::parse(text, &Rfc3339).ok()
}
