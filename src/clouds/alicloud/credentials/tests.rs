//! Where keys come from, with machines made by hand and an STS and a metadata service on loopback.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::atomic::{AtomicI64, Ordering};

use serde_json::json;
use time::macros::datetime;
use time::{Duration as Span, OffsetDateTime};

use super::*;
use crate::clouds::alicloud::config::{AlicloudConfig, AssumeRole, StaticKeys};
use crate::clouds::alicloud::machine::Machine;
use crate::clouds::alicloud::testing::{Deed, Received, Server, operation};
use crate::secret::Secret;

const NOW: OffsetDateTime = datetime!(2026-01-01 00:00:00 UTC);
const METADATA_OFF: (&str, &str) = ("ALIBABA_CLOUD_ECS_METADATA_DISABLED", "true");

fn machine(variables: &[(&str, &str)], home: Option<PathBuf>) -> Machine {
    let variables: HashMap<_, _> =
        variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    Machine::with(variables, home).at(|| NOW)
}

fn config(variables: &[(&str, &str)]) -> AlicloudConfig {
    AlicloudConfig { machine: machine(variables, None), ..AlicloudConfig::default() }
}

fn credentials(config: AlicloudConfig) -> Credentials {
    Credentials::new(Arc::new(Rpc::new(Arc::new(config))))
}

async fn found(config: AlicloudConfig) -> Keys {
    let keys = credentials(config).keys(&operation()).await.expect("keys");
    Keys::clone(&keys)
}

async fn missed(config: AlicloudConfig) -> ApiError {
    credentials(config).keys(&operation()).await.expect_err("no keys")
}

/// A home folder with a configuration file.
fn home(file: &str) -> tempfile::TempDir {
    let home = tempfile::tempdir().expect("a folder");
    let folder = home.path().join(".aliyun");
    std::fs::create_dir(&folder).expect("a folder");
    std::fs::write(folder.join("config.json"), file).expect("a file");
    home
}

/// What STS gives, good for `minutes`.
fn given(minutes: i64) -> Deed {
    let end = NOW + Span::minutes(minutes);
    let end = end.format(&time::format_description::well_known::Rfc3339).expect("a time");
    Deed::json(json!({ "RequestId": "R-1", "Credentials": {
        "AccessKeyId": "STS.1", "AccessKeySecret": "sts-secret", "SecurityToken": "sts-token", "Expiration": end,
    } }))
}

fn static_keys() -> StaticKeys {
    StaticKeys { access_key: "BLOCK".into(), secret_key: Secret::new("block-secret"), security_token: None }
}

#[tokio::test]
async fn the_provider_block_comes_before_the_environment() {
    let variables =
        [("ALIBABA_CLOUD_ACCESS_KEY_ID", "ENV"), ("ALIBABA_CLOUD_ACCESS_KEY_SECRET", "env-secret")];
    let keys = found(AlicloudConfig { credentials: Some(static_keys()), ..config(&variables) }).await;
    assert_eq!((keys.access_key.as_str(), keys.source.as_str()), ("BLOCK", "the provider block"));
    assert_eq!(found(config(&variables)).await.access_key, "ENV");
}

#[tokio::test]
async fn every_spelling_of_the_environment_is_known_and_none_is_mixed() {
    for [id, secret, token] in [
        ["ALIBABA_CLOUD_ACCESS_KEY_ID", "ALIBABA_CLOUD_ACCESS_KEY_SECRET", "ALIBABA_CLOUD_SECURITY_TOKEN"],
        ["ALICLOUD_ACCESS_KEY", "ALICLOUD_SECRET_KEY", "ALICLOUD_SECURITY_TOKEN"],
        ["ALIBABACLOUD_ACCESS_KEY_ID", "ALIBABACLOUD_ACCESS_KEY_SECRET", "ALIBABACLOUD_SECURITY_TOKEN"],
    ] {
        let keys = found(config(&[(id, "ENV"), (secret, "s"), (token, "t")])).await;
        assert_eq!(keys.access_key, "ENV");
        assert_eq!(keys.secret_key, Secret::new("s"));
        assert_eq!(keys.security_token, Some(Secret::new("t")));
        assert!(keys.source.contains(id));
    }
    let mixed = [("ALIBABA_CLOUD_ACCESS_KEY_ID", "ENV"), ("ALICLOUD_SECRET_KEY", "s"), METADATA_OFF];
    let error = missed(config(&mixed)).await;
    assert!(error.message.contains("ALIBABA_CLOUD_ACCESS_KEY_SECRET is not"), "{}", error.message);
}

#[tokio::test]
async fn a_named_profile_is_meant_whatever_the_environment_holds() {
    let home = home(
        r#"{"profiles": [{"name": "p", "mode": "AK", "access_key_id": "FILE", "access_key_secret": "s"}]}"#,
    );
    let variables = [("ALIBABA_CLOUD_ACCESS_KEY_ID", "ENV"), ("ALIBABA_CLOUD_ACCESS_KEY_SECRET", "s")];
    let config = |profile: &str| AlicloudConfig {
        profile: Some(profile.into()),
        machine: machine(&variables, Some(home.path().into())),
        ..AlicloudConfig::default()
    };
    assert_eq!(found(config("p")).await.access_key, "FILE");
    let error = missed(config("q")).await;
    assert_eq!(error.kind, ErrorKind::Unauthenticated);
    assert!(error.message.contains("it has no profile \"q\""), "{}", error.message);
}

#[tokio::test]
async fn the_profile_is_the_one_of_the_environment_or_the_current_one() {
    let home = home(
        r#"{"current": "a", "profiles": [
            {"name": "a", "mode": "AK", "access_key_id": "A", "access_key_secret": "s"},
            {"name": "b", "mode": "StsToken", "access_key_id": "B", "access_key_secret": "s", "sts_token": "t"}]}"#,
    );
    let config = |variables: &[(&str, &str)]| AlicloudConfig {
        machine: machine(variables, Some(home.path().into())),
        ..AlicloudConfig::default()
    };
    assert_eq!(found(config(&[])).await.access_key, "A");
    let keys = found(config(&[("ALIBABA_CLOUD_PROFILE", "b")])).await;
    assert_eq!(keys.access_key, "B");
    assert!(keys.cannot_be_renewed());
}

#[tokio::test]
async fn a_profile_may_open_a_role() {
    let home = home(
        r#"{"current": "r", "profiles": [{"name": "r", "mode": "RamRoleArn", "access_key_id": "A",
            "access_key_secret": "s", "ram_role_arn": "acs:ram::1:role/r", "expired_seconds": 900}]}"#,
    );
    let sts = Server::start(|_| given(60));
    let keys = found(AlicloudConfig {
        endpoint: Some(sts.url()),
        machine: machine(&[], Some(home.path().into())),
        ..AlicloudConfig::default()
    })
    .await;
    assert_eq!(keys.access_key, "STS.1");
    let request = &sts.received()[0];
    assert_eq!((request.action(), request.param("DurationSeconds")), ("AssumeRole", "900"));
    assert!(request.headers["authorization"].contains("Credential=A,"));
}

#[tokio::test]
async fn a_role_is_taken_on_with_what_was_found() {
    let sts = Server::start(|_| given(60));
    let keys = found(AlicloudConfig {
        credentials: Some(static_keys()),
        assume_role: Some(AssumeRole {
            role_arn: "acs:ram::1:role/network".into(),
            session_name: None,
            external_id: Some("x-1".into()),
        }),
        endpoint: Some(sts.url()),
        ..config(&[])
    })
    .await;
    assert_eq!(keys.security_token, Some(Secret::new("sts-token")));
    assert_eq!(keys.expires, Some(NOW + Span::minutes(60)));
    let request = &sts.received()[0];
    assert_eq!(request.param("RoleArn"), "acs:ram::1:role/network");
    assert_eq!((request.param("RoleSessionName"), request.param("ExternalId")), ("tidblink", "x-1"));
    assert!(request.headers["authorization"].contains("Credential=BLOCK,"));
    assert_eq!(request.headers["x-acs-version"], "2015-04-01");
}

#[tokio::test]
async fn a_refused_role_is_denied_and_names_the_trust_policy() {
    let sts = Server::start(|_| Deed::error("NoPermission"));
    let role = AssumeRole { role_arn: "acs:ram::1:role/r".into(), session_name: None, external_id: None };
    let error = missed(AlicloudConfig {
        credentials: Some(static_keys()),
        assume_role: Some(role),
        endpoint: Some(sts.url()),
        ..config(&[])
    })
    .await;
    assert_eq!((error.service, error.operation), (Service::AlicloudCredentials, "AssumeRole"));
    assert_eq!((error.kind, error.cause), (ErrorKind::Denied, Some(Cause::ActionDenied)));
    assert!(error.message.contains("trust policy"), "{}", error.message);
}

#[tokio::test]
async fn an_identity_token_opens_its_role_without_a_signature() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("token");
    std::fs::write(&file, "the-token\n").expect("a file");
    let sts = Server::start(|_| given(60));
    let variables = [
        ("ALIBABA_CLOUD_OIDC_TOKEN_FILE", file.to_str().expect("a path")),
        ("ALIBABA_CLOUD_ROLE_ARN", "acs:ram::1:role/pod"),
        ("ALIBABA_CLOUD_OIDC_PROVIDER_ARN", "acs:ram::1:oidc-provider/k"),
    ];
    let keys = found(AlicloudConfig { endpoint: Some(sts.url()), ..config(&variables) }).await;
    assert_eq!(keys.access_key, "STS.1");
    let request = &sts.received()[0];
    assert_eq!(request.param("Action"), "AssumeRoleWithOIDC");
    assert_eq!(request.param("OIDCToken"), "the-token");
    assert_eq!(request.param("OIDCProviderArn"), "acs:ram::1:oidc-provider/k");
    assert!(!request.headers.contains_key("authorization"));
}

#[tokio::test]
async fn a_token_that_is_refused_is_an_error_and_not_nothing() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("token");
    std::fs::write(&file, "the-token").expect("a file");
    let body = r#"{"Code":"AuthenticationFail.OIDCToken.Invalid","Message":"the-token is not valid"}"#;
    let sts = Server::start(move |_| Deed::Answer(400, body.to_owned()));
    let variables = [
        ("ALIBABA_CLOUD_OIDC_TOKEN_FILE", file.to_str().expect("a path")),
        ("ALIBABA_CLOUD_ROLE_ARN", "acs:ram::1:role/pod"),
        ("ALIBABA_CLOUD_OIDC_PROVIDER_ARN", "acs:ram::1:oidc-provider/k"),
    ];
    let error = missed(AlicloudConfig { endpoint: Some(sts.url()), ..config(&variables) }).await;
    assert_eq!(error.message, "[redacted] is not valid");
    assert_eq!(sts.received().len(), 1);
}

/// A metadata service with one role.
fn metadata(request: &Received) -> Deed {
    let text = |text: &str| Deed::Answer(200, text.to_owned());
    if request.method == "PUT" {
        assert_eq!(request.path, "/latest/api/token");
        assert_eq!(request.headers["x-aliyun-ecs-metadata-token-ttl-seconds"], "21600");
        return text("metadata-token");
    }
    assert_eq!(request.headers["x-aliyun-ecs-metadata-token"], "metadata-token");
    match request.path.as_str() {
        "/latest/meta-data/ram/security-credentials/" => text("vm\n"),
        "/latest/meta-data/ram/security-credentials/vm" => Deed::json(json!({
            "Code": "Success", "AccessKeyId": "STS.VM", "AccessKeySecret": "s", "SecurityToken": "t",
            "Expiration": "2026-01-01T06:00:00Z",
        })),
        _ => Deed::Answer(404, "404".to_owned()),
    }
}

#[tokio::test]
async fn the_role_of_the_machine_is_asked_last() {
    let service = Server::start(metadata);
    let on_machine = |variables: &[(&str, &str)]| AlicloudConfig {
        metadata_endpoint: Some(service.url()),
        ..config(variables)
    };
    let keys = found(on_machine(&[])).await;
    assert_eq!((keys.access_key.as_str(), keys.source.as_str()), ("STS.VM", "this machine's role \"vm\""));
    assert_eq!(service.received().len(), 3);
    let other = missed(on_machine(&[("ALIBABA_CLOUD_ECS_METADATA", "other")])).await;
    assert!(other.message.contains("no RAM role \"other\""), "{}", other.message);
}

#[tokio::test]
async fn where_nothing_is_found_every_place_says_why() {
    let nobody = Server::start(|_| Deed::Lose);
    let home = tempfile::tempdir().expect("a folder");
    let error = missed(AlicloudConfig {
        metadata_endpoint: Some(nobody.url()),
        machine: machine(&[("ALIBABA_CLOUD_ROLE_ARN", "acs:ram::1:role/r")], Some(home.path().into())),
        ..AlicloudConfig::default()
    })
    .await;
    assert_eq!((error.kind, error.cause), (ErrorKind::Unauthenticated, Some(Cause::NoCredentials)));
    assert_eq!(error.service, Service::AlicloudCredentials);
    for part in [
        "provider block: neither access_key nor profile is set",
        "environment: ALIBABA_CLOUD_ACCESS_KEY_ID is not set",
        "OIDC token: ALIBABA_CLOUD_OIDC_TOKEN_FILE, ALIBABA_CLOUD_OIDC_PROVIDER_ARN are not set",
        "profile: ",
        "config.json cannot be read",
        "role of this machine: no metadata service",
    ] {
        assert!(error.message.contains(part), "{part}: {}", error.message);
    }
    let switched_off = missed(config(&[METADATA_OFF])).await;
    assert!(switched_off.message.contains("ALIBABA_CLOUD_ECS_METADATA_DISABLED is true"));
}

#[tokio::test]
async fn temporary_keys_are_renewed_five_minutes_before_they_end_and_not_earlier() {
    let minutes = Arc::new(AtomicI64::new(0));
    let clock = Arc::clone(&minutes);
    let sts = Server::start(|_| given(60));
    let role = AssumeRole { role_arn: "acs:ram::1:role/r".into(), session_name: None, external_id: None };
    let credentials = credentials(AlicloudConfig {
        credentials: Some(static_keys()),
        assume_role: Some(role),
        endpoint: Some(sts.url()),
        machine: Machine::with(HashMap::new(), None)
            .at(move || NOW + Span::minutes(clock.load(Ordering::Relaxed))),
        ..AlicloudConfig::default()
    });
    let operation = operation();
    for (minute, calls) in [(0, 1), (54, 1), (55, 2)] {
        minutes.store(minute, Ordering::Relaxed);
        credentials.keys(&operation).await.expect("keys");
        assert_eq!(sts.count("AssumeRole"), calls, "after {minute} minutes");
    }
}

#[tokio::test]
async fn old_keys_serve_to_their_end_when_they_cannot_be_renewed() {
    let minutes = Arc::new(AtomicI64::new(0));
    let clock = Arc::clone(&minutes);
    let mut calls = 0;
    let sts = Server::start(move |_| {
        calls += 1;
        if calls == 1 { given(60) } else { Deed::error("NoPermission") }
    });
    let role = AssumeRole { role_arn: "acs:ram::1:role/r".into(), session_name: None, external_id: None };
    let credentials = credentials(AlicloudConfig {
        credentials: Some(static_keys()),
        assume_role: Some(role),
        endpoint: Some(sts.url()),
        machine: Machine::with(HashMap::new(), None)
            .at(move || NOW + Span::minutes(clock.load(Ordering::Relaxed))),
        ..AlicloudConfig::default()
    });
    let operation = operation();
    for (minute, ok) in [(0, true), (58, true), (60, false)] {
        minutes.store(minute, Ordering::Relaxed);
        assert_eq!(credentials.keys(&operation).await.is_ok(), ok, "after {minute} minutes");
    }
}

#[tokio::test]
async fn those_who_wait_for_a_look_share_it() {
    let sts = Server::start(|_| {
        std::thread::sleep(Duration::from_millis(20));
        Deed::error("NoPermission")
    });
    let role = AssumeRole { role_arn: "acs:ram::1:role/r".into(), session_name: None, external_id: None };
    let credentials = credentials(AlicloudConfig {
        credentials: Some(static_keys()),
        assume_role: Some(role),
        endpoint: Some(sts.url()),
        ..config(&[])
    });
    let operation = operation();
    let (one, other) = tokio::join!(credentials.keys(&operation), credentials.keys(&operation));
    assert!(one.is_err() && other.is_err());
    assert_eq!(sts.count("AssumeRole"), 1);
}
