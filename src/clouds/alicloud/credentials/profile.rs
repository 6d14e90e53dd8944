//! Keys in the configuration file of Alibaba Cloud's command line, `~/.aliyun/config.json`. Of its modes those are served
//! that need neither a browser nor another program: `AK`, `StsToken`, `RamRoleArn` and `EcsRamRole`.

use serde_json::Value;

use super::role::{self, Role};
use super::{Look, Looked, instance};
use crate::clouds::alicloud::config::StaticKeys;
use crate::clouds::alicloud::keys::Keys;
use crate::clouds::alicloud::rpc::Rpc;
use crate::json::{Misfit, Node};
use crate::secret::Secret;

/// A profile as far as it gives keys (Alibaba Cloud CLI, "Configure credentials").
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Profile {
    /// It holds some.
    Keys(StaticKeys),
    /// It holds some that open a role.
    Role {
        keys: StaticKeys,
        arn: String,
        session_name: Option<String>,
        external_id: Option<String>,
        policy: Option<String>,
        seconds: Option<u64>,
    },
    /// It sends to the machine's role.
    Machine { role: Option<String> },
}

/// The keys of the profile `named`, or else of the one that the environment names, or else of the file's current one.
pub(super) async fn look(rpc: &Rpc, named: Option<&str>) -> Looked {
    let machine = &rpc.config.machine;
    if named.is_none() && machine.says_true("ALIBABA_CLOUD_CLI_PROFILE_DISABLED") {
        return Ok(Look::Nothing("ALIBABA_CLOUD_CLI_PROFILE_DISABLED is true".to_owned()));
    }
    let Some(home) = machine.home() else {
        return Ok(Look::Nothing("there is no home folder to find .aliyun/config.json in".to_owned()));
    };
    let file = home.join(".aliyun").join("config.json");
    let shown = file.display();
    let text = match std::fs::read_to_string(&file) {
        Ok(text) => text,
        Err(error) => return Ok(Look::Nothing(format!("{shown} cannot be read ({error})"))),
    };
    let of_environment =
        || machine.variable("ALIBABA_CLOUD_PROFILE").or_else(|| machine.variable("ALICLOUD_PROFILE"));
    let wanted = named.map(str::to_owned).or_else(of_environment);
    let (name, profile) = match read(&text, wanted.as_deref()) {
        Ok(found) => found,
        Err(why) => return Ok(Look::Nothing(format!("{shown}: {why}"))),
    };
    let source = format!("the profile {name:?} of {shown}");
    match profile {
        Profile::Keys(keys) => Ok(Look::Found(Keys::written(keys, source))),
        Profile::Role { keys, arn, session_name, external_id, policy, seconds } => {
            let role = Role {
                arn: &arn,
                session_name: session_name.as_deref(),
                external_id: external_id.as_deref(),
                policy: policy.as_deref(),
                seconds,
            };
            let keys = Keys::written(keys, source.as_str());
            Ok(Look::Found(role::assume(rpc, &keys, &role, &source).await?))
        }
        Profile::Machine { role } => instance::look(rpc, role.as_deref()).await,
    }
}

/// Reads the file; an error is the end of a sentence about it.
pub(super) fn read(text: &str, wanted: Option<&str>) -> Result<(String, Profile), String> {
    // What serde says of a file with secrets in it could show some of them; the place is enough.
    let file: Value = serde_json::from_str(text)
        .map_err(|error| format!("it is not JSON (line {}, column {})", error.line(), error.column()))?;
    let file = Node::root(&file);
    let understand = |misfit: Misfit| misfit.discreet().to_string().replace(" of the answer ", " ");
    let current = file.optional_text("current").map_err(understand)?;
    let name = wanted.map(str::to_owned).or(current).unwrap_or_else(|| "default".to_owned());
    for profile in file.list("profiles").map_err(understand)? {
        if profile.word("name").map_err(understand)? == name {
            let profile = read_profile(&profile).map_err(understand)?;
            return profile
                .map(|profile| (name.clone(), profile))
                .map_err(|why| format!("the profile {name:?} {why}"));
        }
    }
    Err(format!("it has no profile {name:?}"))
}

fn read_profile(profile: &Node<'_>) -> Result<Result<Profile, String>, Misfit> {
    let mode = profile.word("mode")?;
    let mode = if mode.is_empty() { "AK" } else { mode.as_str() };
    let known = |name: &str| mode.eq_ignore_ascii_case(name);
    if known("EcsRamRole") {
        return Ok(Ok(Profile::Machine { role: profile.optional_text("ram_role_name")? }));
    }
    if !known("AK") && !known("StsToken") && !known("RamRoleArn") {
        return Ok(Err(format!(
            "is of mode {mode}, and this provider knows AK, StsToken, RamRoleArn and EcsRamRole"
        )));
    }
    let token = profile.optional_text("sts_token")?.filter(|_| !known("AK"));
    let keys = match (profile.optional_text("access_key_id")?, profile.optional_text("access_key_secret")?) {
        (Some(access_key), Some(secret_key)) => StaticKeys {
            access_key,
            secret_key: Secret::new(secret_key),
            security_token: token.map(Secret::new),
        },
        _ => return Ok(Err("has no access_key_id with an access_key_secret".to_owned())),
    };
    if known("StsToken") && keys.security_token.is_none() {
        return Ok(Err("has no sts_token".to_owned()));
    }
    if !known("RamRoleArn") {
        return Ok(Ok(Profile::Keys(keys)));
    }
    let Some(arn) = profile.optional_text("ram_role_arn")? else {
        return Ok(Err("has no ram_role_arn".to_owned()));
    };
    Ok(Ok(Profile::Role {
        keys,
        arn,
        session_name: profile.optional_text("ram_session_name")?,
        external_id: profile.optional_text("external_id")?,
        policy: profile.optional_text("policy")?,
        seconds: profile.count("expired_seconds")?.filter(|seconds| *seconds > 0),
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILE: &str = r#"{
        "current": "main",
        "profiles": [
            { "name": "default", "mode": "", "access_key_id": "", "access_key_secret": "" },
            { "name": "main", "mode": "AK", "access_key_id": "A", "access_key_secret": "S", "sts_token": "old" },
            { "name": "token", "mode": "StsToken", "access_key_id": "A", "access_key_secret": "S", "sts_token": "T" },
            { "name": "half", "mode": "StsToken", "access_key_id": "A", "access_key_secret": "S" },
            { "name": "role", "mode": "RamRoleArn", "access_key_id": "A", "access_key_secret": "S",
              "ram_role_arn": "acs:ram::1:role/r", "ram_session_name": "me", "expired_seconds": 900 },
            { "name": "vm", "mode": "EcsRamRole", "ram_role_name": "" },
            { "name": "sso", "mode": "CloudSSO" },
            { "name": "broken", "mode": "AK", "access_key_id": [] }
        ]
    }"#;

    const LIST: &str =
        r#"{ "profiles": [{ "name": "default", "access_key_id": "A", "access_key_secret": ["hunter2"] }] }"#;

    fn keys(token: Option<&str>) -> StaticKeys {
        StaticKeys {
            access_key: "A".into(),
            secret_key: Secret::new("S"),
            security_token: token.map(Secret::new),
        }
    }

    #[test]
    fn every_mode_that_is_served_is_read() {
        let of = |wanted| read(FILE, wanted).expect("a profile").1;
        assert_eq!(of(None), Profile::Keys(keys(None)));
        assert_eq!(of(Some("token")), Profile::Keys(keys(Some("T"))));
        assert_eq!(of(Some("vm")), Profile::Machine { role: None });
        let role = Profile::Role {
            keys: keys(None),
            arn: "acs:ram::1:role/r".into(),
            session_name: Some("me".into()),
            external_id: None,
            policy: None,
            seconds: Some(900),
        };
        assert_eq!(of(Some("role")), role);
    }

    #[test]
    fn a_profile_without_keys_says_what_it_lacks() {
        for (file, wanted, why) in [
            (FILE, Some("default"), "the profile \"default\" has no access_key_id"),
            (FILE, Some("half"), "the profile \"half\" has no sts_token"),
            (FILE, Some("sso"), "the profile \"sso\" is of mode CloudSSO"),
            (FILE, Some("other"), "it has no profile \"other\""),
            (FILE, Some("broken"), "field `profiles[7].access_key_id` is not a text"),
            (LIST, None, "field `profiles[0].access_key_secret` is not a text"),
            ("{\"profiles\": 1}", None, "field `profiles` is not a list"),
            ("{}", None, "it has no profile \"default\""),
            ("{ \"access_key_secret\": hunter2", None, "it is not JSON (line 1"),
        ] {
            let error = read(file, wanted).expect_err("no profile");
            assert!(error.starts_with(why), "{error}");
            assert!(!error.contains("hunter2"), "{error}");
        }
    }
}
