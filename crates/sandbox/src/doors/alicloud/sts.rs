//! STS behind the same address: who am I, and keys for a role. Keys end by the real clock, because that is what their
//! bearers renew them by.

use serde_json::{Value, json};

use super::Call;
use super::params::Params;
use super::signature::Signer;
use crate::clock::Timestamp;
use crate::world::{AlicloudError, AlicloudSession, World};

pub(super) fn action(world: &mut World, operation: &str, call: &Call) -> Result<Value, AlicloudError> {
    match operation {
        "AssumeRole" => assume_role(world, &call.params),
        "AssumeRoleWithOIDC" => assume_role_with_token(world, &call.params),
        _ => Ok(caller_identity(world, call.signer.as_ref())),
    }
}

fn caller_identity(world: &World, signer: Option<&Signer>) -> Value {
    let account = &world.alicloud.account_id;
    match signer {
        Some(Signer::User(key)) => {
            let id = number(&key.access_key_id);
            json!({
                "AccountId": account,
                "Arn": key.user_arn,
                "IdentityType": "RAMUser",
                "PrincipalId": id,
                "UserId": id,
            })
        }
        Some(Signer::Session(session)) => json!({
            "AccountId": account,
            "Arn": assumed_role_arn(session),
            "IdentityType": "AssumedRoleUser",
            "PrincipalId": assumed_role_id(session),
            "RoleId": number(&session.role_arn),
        }),
        None => json!({ "AccountId": account }),
    }
}

/// Any key of the account may assume any role of the world, if it knows the role's external id.
fn assume_role(world: &mut World, params: &Params) -> Result<Value, AlicloudError> {
    let (arn, session_name, seconds) = wanted(params)?;
    let role = known_role(world, arn)?;
    let may = role.external_id.is_none() || role.external_id.as_deref() == params.get("ExternalId");
    if !may {
        return Err(AlicloudError::with_status(
            403,
            "NoPermission",
            "You are not authorized to do this action. You should be authorized by RAM.",
        ));
    }
    let session = open_session(world, arn, session_name, seconds);
    Ok(given(&session))
}

/// Nobody signs this: the token says who comes.
fn assume_role_with_token(world: &mut World, params: &Params) -> Result<Value, AlicloudError> {
    let (arn, session_name, seconds) = wanted(params)?;
    let provider = params.required("OIDCProviderArn")?;
    let token = params.required("OIDCToken")?;
    known_role(world, arn)?;
    let known = world.alicloud.oidc_tokens.iter().find(|known| known.token == token);
    let Some(known) = known else {
        return Err(AlicloudError::new(
            "AuthenticationFail.OIDCToken.Invalid",
            "This OIDC token is not valid.",
        ));
    };
    if known.provider_arn != provider || known.role_arn != arn {
        return Err(AlicloudError::with_status(
            403,
            "AuthenticationFail.NoPermission",
            "This operation is forbidden by the role's trust policy.",
        ));
    }
    let session = open_session(world, arn, session_name, seconds);
    let mut body = given(&session);
    if let Some(fields) = body.as_object_mut() {
        fields.insert(
            "OIDCTokenInfo".to_owned(),
            json!({ "Subject": "sandbox", "Issuer": "https://sandbox.invalid", "ClientIds": "sandbox" }),
        );
    }
    Ok(body)
}

/// Role, session name and seconds asked for.
fn wanted(params: &Params) -> Result<(&str, &str, u64), AlicloudError> {
    let parameter = |name: &str| {
        AlicloudError::new(format!("InvalidParameter.{name}"), format!("The parameter {name} is wrong."))
    };
    let arn = params.required("RoleArn")?;
    if !arn.starts_with("acs:ram::") {
        return Err(parameter("RoleArn"));
    }
    let session_name = params.required("RoleSessionName")?;
    let well_formed = (2..=64).contains(&session_name.len())
        && session_name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b".@-_".contains(&byte));
    if !well_formed {
        return Err(parameter("RoleSessionName"));
    }
    let seconds = match params.get("DurationSeconds") {
        None => 3600,
        Some(text) => text
            .parse()
            .ok()
            .filter(|seconds| (900..=43_200).contains(seconds))
            .ok_or_else(|| parameter("DurationSeconds"))?,
    };
    Ok((arn, session_name, seconds))
}

fn known_role<'world>(
    world: &'world World,
    arn: &str,
) -> Result<&'world crate::world::AlicloudRole, AlicloudError> {
    world.alicloud.role(arn).ok_or_else(|| {
        AlicloudError::with_status(
            404,
            "EntityNotExist.Role",
            format!("The specified role does not exist: {arn}."),
        )
    })
}

/// Draws keys for a role.
pub(super) fn open_session(
    world: &mut World,
    role_arn: &str,
    session_name: &str,
    seconds: u64,
) -> AlicloudSession {
    let session = AlicloudSession {
        access_key_id: format!("STS.{}", world.ids.upper(20)),
        access_key_secret: world.ids.hex(40),
        security_token: format!("CAIS{}", world.ids.hex(60)),
        role_arn: role_arn.to_owned(),
        session_name: session_name.to_owned(),
        expires: Timestamp::real_now().plus_seconds(seconds),
    };
    world.alicloud.sessions.push(session.clone());
    session
}

fn given(session: &AlicloudSession) -> Value {
    json!({
        "AssumedRoleUser": {
            "Arn": assumed_role_arn(session),
            "AssumedRoleId": assumed_role_id(session),
        },
        "Credentials": {
            "AccessKeyId": session.access_key_id,
            "AccessKeySecret": session.access_key_secret,
            "SecurityToken": session.security_token,
            "Expiration": session.expires.to_the_second(),
        },
    })
}

/// `acs:ram::ACCOUNT:assumed-role/ROLE/SESSION`.
fn assumed_role_arn(session: &AlicloudSession) -> String {
    format!("{}/{}", session.role_arn.replacen(":role/", ":assumed-role/", 1), session.session_name)
}

/// `NUMBER:SESSION`.
fn assumed_role_id(session: &AlicloudSession) -> String {
    format!("{}:{}", number(&session.role_arn), session.session_name)
}

/// The eighteen digits by which RAM knows a user or a role; here they follow from the name.
fn number(name: &str) -> String {
    let sum = name.bytes().fold(17_u64, |sum, byte| sum.wrapping_mul(31).wrapping_add(u64::from(byte)));
    format!("3{:017}", sum % 100_000_000_000_000_000)
}
