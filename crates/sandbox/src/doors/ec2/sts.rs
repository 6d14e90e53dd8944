//! STS behind the same address: who am I, and keys for a role.

use super::{Call, Fill, Principal, unknown_action};
use crate::clock::Timestamp;
use crate::world::{Ec2Error, RoleSession, World};

pub(super) fn action(world: &mut World, operation: &str, call: &Call) -> Result<Fill, Ec2Error> {
    match operation {
        "GetCallerIdentity" => Ok(caller_identity(world, &call.principal)),
        "AssumeRole" => assume_role(world, call),
        other => Err(unknown_action(other)),
    }
}

fn caller_identity(world: &World, principal: &Principal) -> Fill {
    let account = world.aws.account_id.clone();
    let principal = principal.clone();
    Box::new(move |xml| {
        xml.text("Arn", principal.arn).text("UserId", principal.user_id).text("Account", account);
    })
}

/// Any key of the account may assume any role of the world, if it knows the role's external id.
fn assume_role(world: &mut World, call: &Call) -> Result<Fill, Ec2Error> {
    let params = &call.params;
    let arn = params.required("RoleArn")?;
    let session_name = params.required("RoleSessionName")?;
    let may = world.aws.roles.iter().find(|role| role.arn == arn).is_some_and(|role| {
        role.external_id.is_none() || role.external_id.as_deref() == params.get("ExternalId")
    });
    if !may {
        return Err(Ec2Error::with_status(
            403,
            "AccessDenied",
            format!(
                "User: {} is not authorized to perform: sts:AssumeRole on resource: {arn}",
                call.principal.arn
            ),
        ));
    }
    let seconds = match params.get("DurationSeconds") {
        None => 3600,
        Some(text) => {
            text.parse().ok().filter(|seconds| (900..=43_200).contains(seconds)).ok_or_else(|| {
                Ec2Error::new(
                    "ValidationError",
                    format!("Value '{text}' at 'durationSeconds' must be 900 to 43200"),
                )
            })?
        }
    };
    let session = RoleSession {
        access_key_id: format!("ASIA{}", world.ids.upper(16)),
        secret_access_key: world.ids.hex(40),
        session_token: world.ids.hex(64),
        role_arn: arn.to_owned(),
        session_name: session_name.to_owned(),
        // Clients renew their keys by the real clock, so that is what these keys live by.
        expires: Timestamp::real_now().plus_seconds(seconds),
    };
    world.aws.sessions.push(session.clone());
    Ok(Box::new(move |xml| {
        xml.within("AssumedRoleUser", |xml| {
            xml.text("AssumedRoleId", assumed_role_id(&session))
                .text("Arn", assumed_role_arn(&session.role_arn, &session.session_name));
        })
        .within("Credentials", |xml| {
            xml.text("AccessKeyId", &session.access_key_id)
                .text("SecretAccessKey", &session.secret_access_key)
                .text("SessionToken", &session.session_token)
                .text("Expiration", session.expires);
        })
        .text("PackedPolicySize", 1);
    }))
}

/// `arn:aws:sts::ACCOUNT:assumed-role/ROLE/SESSION`.
pub(super) fn assumed_role_arn(role_arn: &str, session_name: &str) -> String {
    let assumed = role_arn.replacen(":iam:", ":sts:", 1).replacen(":role/", ":assumed-role/", 1);
    format!("{assumed}/{session_name}")
}

/// `AROA…:SESSION`.
pub(super) fn assumed_role_id(session: &RoleSession) -> String {
    format!("{}:{}", session.access_key_id.replacen("ASIA", "AROA", 1), session.session_name)
}
