//! The role of the ECS machine that the provider runs on, from the machine's metadata service. The service is asked in its
//! hardened way, with a token that was fetched first (ECS user guide, "Instance metadata").

use http::StatusCode;
use http::header::HeaderValue;
use serde_json::Value;
use url::Url;

use super::{LOOKUP, Look, Looked, role};
use crate::clouds::alicloud::encode::encode;
use crate::clouds::alicloud::http::{Request, Way};
use crate::clouds::alicloud::keys::Keys;
use crate::clouds::alicloud::rpc::Rpc;
use crate::error::{ApiError, ErrorKind, Service};
use crate::json::Node;
use crate::secret::Secret;
use crate::web::{Lost, Reply, authority};

/// Where every ECS machine finds its metadata.
const ADDRESS: &str = "http://100.100.100.200/";
/// How long a token is asked to live, in seconds: as long as one may.
const TOKEN_SECONDS: &str = "21600";
const ROLES: &str = "latest/meta-data/ram/security-credentials/";

/// The keys of the machine's role; `role` is its name when somebody knows it.
pub(super) async fn look(rpc: &Rpc, role: Option<&str>) -> Looked {
    let config = &rpc.config;
    if config.machine.says_true("ALIBABA_CLOUD_ECS_METADATA_DISABLED") {
        return Ok(Look::Nothing("ALIBABA_CLOUD_ECS_METADATA_DISABLED is true".to_owned()));
    }
    // Where all of Alibaba Cloud is on this machine, its metadata service is, too.
    let local = config.endpoint.clone().filter(|_| rpc.http.is_local());
    let base = config.metadata_endpoint.clone().or(local).or_else(|| ADDRESS.parse().ok());
    let Some(base) = base else {
        return Ok(Look::Nothing("the metadata service has no address".to_owned()));
    };
    let host = authority(&base).to_owned();
    let service = Metadata { rpc, base };
    let token = match service.token().await {
        Ok(reply) if reply.status == StatusCode::OK => reply,
        Ok(reply) => {
            return Ok(Look::Nothing(format!(
                "the metadata service at {host} answered HTTP {}",
                reply.status.as_u16()
            )));
        }
        Err(lost) => return Ok(Look::Nothing(format!("no metadata service, {}", lost.story))),
    };
    let token = String::from_utf8_lossy(&token.body).trim().to_owned();
    let named = role.map(str::to_owned).or_else(|| config.machine.variable("ALIBABA_CLOUD_ECS_METADATA"));
    let name = match named {
        Some(name) => name,
        None => match service.get(ROLES, &token).await {
            Ok(reply) if reply.status == StatusCode::OK => {
                let names = String::from_utf8_lossy(&reply.body).into_owned();
                names.lines().next().unwrap_or_default().trim().to_owned()
            }
            Ok(_) => String::new(),
            Err(lost) => return Err(failed(ErrorKind::Transport, lost.story)),
        },
    };
    if name.is_empty() {
        return Ok(Look::Nothing("this machine has no RAM role".to_owned()));
    }
    let reply = service.get(&format!("{ROLES}{}", encode(&name)), &token).await;
    let reply = reply.map_err(|lost| failed(ErrorKind::Transport, lost.story))?;
    match reply.status {
        StatusCode::OK => keys_in(&reply.body, &name).map(Look::Found),
        StatusCode::NOT_FOUND => Ok(Look::Nothing(format!("this machine has no RAM role {name:?}"))),
        other => {
            let what = format!("the metadata service answered HTTP {}", other.as_u16());
            Err(failed(ErrorKind::Unavailable, what))
        }
    }
}

struct Metadata<'a> {
    rpc: &'a Rpc,
    base: Url,
}

impl Metadata<'_> {
    async fn token(&self) -> Result<Reply, Lost> {
        let lifetime = HeaderValue::from_static(TOKEN_SECONDS);
        self.ask(http::Method::PUT, "latest/api/token", ("x-aliyun-ecs-metadata-token-ttl-seconds", lifetime))
            .await
    }

    async fn get(&self, path: &str, token: &str) -> Result<Reply, Lost> {
        let mut token = HeaderValue::from_str(token).map_err(|_| {
            Lost::before_sending("the token of the metadata service cannot stand in a header")
        })?;
        token.set_sensitive(true);
        self.ask(http::Method::GET, path, ("x-aliyun-ecs-metadata-token", token)).await
    }

    async fn ask(
        &self,
        method: http::Method,
        path: &str,
        header: (&str, HeaderValue),
    ) -> Result<Reply, Lost> {
        let url = self.base.join(path).map_err(|error| {
            Lost::before_sending(format!("the address of the metadata service is wrong: {error}"))
        })?;
        let request = Request { way: Way::Metadata, method, url, headers: vec![header], body: String::new() };
        self.rpc.http.exchange(request).await
    }
}

pub(super) fn keys_in(body: &[u8], role: &str) -> Result<Keys, ApiError> {
    let malformed =
        |what: String| failed(ErrorKind::Malformed, format!("keys of the machine's role: {what}"));
    let value: Value =
        serde_json::from_slice(body).map_err(|_| malformed("the answer is not JSON".to_owned()))?;
    let answer = Node::root(&value);
    let given = answer.word("Code").and_then(|code| {
        if code != "Success" {
            let code = if is_code(&code) { code } else { "something that is no code".to_owned() };
            return Ok(Err(malformed(format!("the metadata service says {code}"))));
        }
        Ok(Ok((
            answer.text("AccessKeyId")?,
            answer.text("AccessKeySecret")?,
            answer.text("SecurityToken")?,
            answer.text("Expiration")?,
        )))
    });
    let (access_key, secret_key, token, end) =
        given.map_err(|misfit| malformed(misfit.discreet().to_string()))??;
    let expires = role::parse_end(&end)
        .ok_or_else(|| malformed("field `Expiration` of the answer is no time".to_owned()))?;
    Ok(Keys {
        access_key,
        secret_key: Secret::new(secret_key),
        security_token: Some(Secret::new(token)),
        expires: Some(expires),
        source: format!("this machine's role {role:?}"),
    })
}

/// Whether a word is a code, which may be shown.
fn is_code(word: &str) -> bool {
    word.len() <= 40 && word.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'.')
}

fn failed(kind: ErrorKind, message: String) -> ApiError {
    ApiError::new(Service::AlicloudCredentials, LOOKUP, kind, message)
}
