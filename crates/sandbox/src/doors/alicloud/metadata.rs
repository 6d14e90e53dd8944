//! The metadata service of an ECS machine, in its hardened mode: a token first, then the name of the machine's role,
//! then keys for it (ECS User Guide, "Instance metadata"). On a machine it is at 100.100.100.200.

use std::collections::HashMap;

use ::http::StatusCode;
use serde_json::json;

use super::sts::open_session;
use crate::clock::Timestamp;
use crate::http::{Reply, Request};
use crate::world::World;

pub(super) const GET_TOKEN: &str = "GetMetadataToken";
pub(super) const LIST_ROLES: &str = "ListMetadataRoles";
pub(super) const GET_CREDENTIALS: &str = "GetMetadataCredentials";

/// The longest a token lives, and how long keys live: six hours, in seconds.
const SIX_HOURS: u64 = 21_600;
/// Keys with less than this left, in seconds, are renewed when somebody asks.
const RENEWED_BEFORE: u64 = 1800;
/// The session name of a machine's keys.
const SESSION_NAME: &str = "instance";

/// What a path of the metadata service asks for; none for all other paths.
pub(super) fn operation(request: &Request) -> Option<&'static str> {
    let segments = request.segments();
    let path: Vec<&str> = segments.iter().map(String::as_str).collect();
    match (request.method.as_str(), path.as_slice()) {
        ("PUT", ["latest", "api", "token"]) => Some(GET_TOKEN),
        ("GET", ["latest", "meta-data", "ram", "security-credentials"]) => Some(LIST_ROLES),
        ("GET", ["latest", "meta-data", "ram", "security-credentials", _]) => Some(GET_CREDENTIALS),
        _ => None,
    }
}

pub(super) fn answer(
    world: &mut World,
    tokens: &mut HashMap<String, Timestamp>,
    operation: &str,
    request: &Request,
) -> Reply {
    if operation == GET_TOKEN {
        let seconds = request
            .header("x-aliyun-ecs-metadata-token-ttl-seconds")
            .and_then(|text| text.parse::<u64>().ok())
            .filter(|seconds| (1..=SIX_HOURS).contains(seconds));
        let Some(seconds) = seconds else {
            return text(StatusCode::BAD_REQUEST, "400 Bad Request");
        };
        let token = world.ids.hex(56);
        tokens.insert(token.clone(), Timestamp::real_now().plus_seconds(seconds));
        return text(StatusCode::OK, &token);
    }
    let proved = request
        .header("x-aliyun-ecs-metadata-token")
        .and_then(|token| tokens.get(token))
        .is_some_and(|expires| *expires > Timestamp::real_now());
    if !proved {
        return text(StatusCode::FORBIDDEN, "403 Forbidden");
    }
    if operation == LIST_ROLES {
        let names: Vec<&str> =
            world.alicloud.roles.iter().filter(|role| role.of_instance).map(|role| role.name()).collect();
        return match names.is_empty() {
            true => text(StatusCode::NOT_FOUND, "404 Not Found"),
            false => text(StatusCode::OK, &names.join("\n")),
        };
    }
    let wanted = request.segments().pop().unwrap_or_default();
    let role = world.alicloud.roles.iter().find(|role| role.of_instance && role.name() == wanted).cloned();
    let Some(role) = role else {
        return text(StatusCode::NOT_FOUND, "404 Not Found");
    };
    let fresh_until = Timestamp::real_now().plus_seconds(RENEWED_BEFORE);
    let kept = world
        .alicloud
        .sessions
        .iter()
        .find(|session| {
            session.role_arn == role.arn
                && session.session_name == SESSION_NAME
                && session.expires > fresh_until
        })
        .cloned();
    let session = kept.unwrap_or_else(|| open_session(world, &role.arn, SESSION_NAME, SIX_HOURS));
    let body = json!({
        "Code": "Success",
        "AccessKeyId": session.access_key_id,
        "AccessKeySecret": session.access_key_secret,
        "SecurityToken": session.security_token,
        "Expiration": session.expires.to_the_second(),
        "LastUpdated": Timestamp::real_now().to_the_second(),
    });
    Reply::json(StatusCode::OK, &body)
}

fn text(status: StatusCode, body: &str) -> Reply {
    Reply::new(status, "text/plain; charset=utf-8", body)
}
