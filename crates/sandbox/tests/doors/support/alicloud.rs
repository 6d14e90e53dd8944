//! A client of Alibaba Cloud: RPC style, signed with V3 or V1.

use std::sync::atomic::{AtomicU64, Ordering};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use reqwest::Response;
use serde_json::Value;
use sha1::Sha1;
use sha2::{Digest as _, Sha256};
use tidblink_sandbox::Sandbox;
use tidblink_sandbox::default_world::*;
use time::OffsetDateTime;
use time::macros::format_description;

use super::Answer;

static NONCES: AtomicU64 = AtomicU64::new(0);

/// An Alibaba Cloud client for one region.
#[derive(Clone)]
pub(crate) struct Ali {
    pub(crate) base: String,
    pub(crate) http: reqwest::Client,
    pub(crate) region: &'static str,
    pub(crate) access_key_id: String,
    pub(crate) access_key_secret: String,
    pub(crate) security_token: Option<String>,
    /// Added to the time of signing.
    pub(crate) clock_error: time::Duration,
    /// Used instead of a fresh one.
    pub(crate) nonce: Option<String>,
}

/// Percent-encodes all but RFC 3986's unreserved characters.
pub(crate) fn encode(text: &str) -> String {
    text.bytes()
        .map(|byte| match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => {
                char::from(byte).to_string()
            }
            other => format!("%{other:02X}"),
        })
        .collect()
}

/// Parameters sorted by name, as a query.
fn query(parameters: &[(String, String)]) -> String {
    let mut sorted = parameters.to_vec();
    sorted.sort();
    let pairs: Vec<String> =
        sorted.iter().map(|(name, value)| format!("{}={}", encode(name), encode(value))).collect();
    pairs.join("&")
}

fn version(action: &str) -> &'static str {
    match action {
        "AssumeRole" | "AssumeRoleWithOIDC" | "GetCallerIdentity" => "2015-04-01",
        "DescribeSecurityGroupAttribute" | "DescribeSecurityGroups" => "2014-05-26",
        "DescribeVSwitchAttributes" | "DescribeVSwitches" | "DescribeVpcAttribute" | "DescribeVpcs" => {
            "2016-04-28"
        }
        _ => "2020-04-15",
    }
}

impl Ali {
    pub(crate) fn new(sandbox: &Sandbox) -> Self {
        Self {
            base: sandbox.urls().alicloud,
            http: reqwest::Client::new(),
            region: "ap-southeast-1",
            access_key_id: ALICLOUD_ACCESS_KEY_ID.to_owned(),
            access_key_secret: ALICLOUD_ACCESS_KEY_SECRET.to_owned(),
            security_token: None,
            clock_error: time::Duration::ZERO,
            nonce: None,
        }
    }

    /// The same client with the keys that an answer gives.
    pub(crate) fn with_keys_of(&self, answer: &Value) -> Self {
        let text = |name: &str| answer[name].as_str().unwrap().to_owned();
        Self {
            access_key_id: text("AccessKeyId"),
            access_key_secret: text("AccessKeySecret"),
            security_token: Some(text("SecurityToken")),
            ..self.clone()
        }
    }

    fn date(&self) -> String {
        let format = format_description!("[year]-[month]-[day]T[hour]:[minute]:[second]Z");
        (OffsetDateTime::now_utc() + self.clock_error).format(&format).unwrap()
    }

    fn fresh_nonce(&self) -> String {
        let count = NONCES.fetch_add(1, Ordering::Relaxed);
        self.nonce.clone().unwrap_or_else(|| format!("nonce-{}-{count}", std::process::id()))
    }

    fn with_region(&self, parameters: &[(&str, &str)]) -> Vec<(String, String)> {
        parameters
            .iter()
            .chain(&[("RegionId", self.region)])
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect()
    }

    /// Calls an action under V3; tagging sends its parameters in the body, as the official client does.
    pub(crate) async fn call(&self, action: &str, parameters: &[(&str, &str)]) -> Answer {
        Answer::of(self.try_call(action, parameters).await.unwrap()).await
    }

    /// The same; the network may fail.
    pub(crate) async fn try_call(
        &self,
        action: &str,
        parameters: &[(&str, &str)],
    ) -> reqwest::Result<Response> {
        let encoded = query(&self.with_region(parameters));
        let (query, body) = match action {
            "TagResources" | "UntagResources" => (String::new(), encoded),
            _ => (encoded, String::new()),
        };
        self.send_v3(action, version(action), &query, &body).await
    }

    pub(crate) async fn send_v3(
        &self,
        action: &str,
        version: &str,
        query: &str,
        body: &str,
    ) -> reqwest::Result<Response> {
        let payload = hex::encode(Sha256::digest(body));
        let host = self.base.trim_start_matches("http://").to_owned();
        let mut headers = vec![
            ("host", host),
            ("x-acs-action", action.to_owned()),
            ("x-acs-content-sha256", payload.clone()),
            ("x-acs-date", self.date()),
            ("x-acs-signature-nonce", self.fresh_nonce()),
            ("x-acs-version", version.to_owned()),
        ];
        headers.extend(self.security_token.clone().map(|token| ("x-acs-security-token", token)));
        if !body.is_empty() {
            headers.push(("content-type", "application/x-www-form-urlencoded".to_owned()));
        }
        headers.sort();
        let lines: String = headers.iter().map(|(name, value)| format!("{name}:{value}\n")).collect();
        let names: Vec<&str> = headers.iter().map(|(name, _)| *name).collect();
        let names = names.join(";");
        let canonical = format!("POST\n/\n{query}\n{lines}\n{names}\n{payload}");
        let to_sign = format!("ACS3-HMAC-SHA256\n{}", hex::encode(Sha256::digest(canonical)));
        let mut mac = Hmac::<Sha256>::new_from_slice(self.access_key_secret.as_bytes()).unwrap();
        mac.update(to_sign.as_bytes());
        let signature = hex::encode(mac.finalize().into_bytes());
        let mut request = self.http.post(format!("{}/?{query}", self.base)).header(
            "authorization",
            format!(
                "ACS3-HMAC-SHA256 Credential={},SignedHeaders={names},Signature={signature}",
                self.access_key_id
            ),
        );
        for (name, value) in headers.into_iter().filter(|(name, _)| *name != "host") {
            request = request.header(name, value);
        }
        request.body(body.to_owned()).send().await
    }

    /// Calls an action under V1, everything in a form body.
    pub(crate) async fn call_v1(&self, action: &str, parameters: &[(&str, &str)]) -> Answer {
        let mut all = self.with_region(parameters);
        let nonce = self.fresh_nonce();
        let date = self.date();
        for (name, value) in [
            ("Action", action),
            ("Version", version(action)),
            ("Format", "JSON"),
            ("AccessKeyId", &self.access_key_id),
            ("SignatureMethod", "HMAC-SHA1"),
            ("SignatureVersion", "1.0"),
            ("SignatureNonce", &nonce),
            ("Timestamp", &date),
        ] {
            all.push((name.to_owned(), value.to_owned()));
        }
        all.extend(self.security_token.clone().map(|token| ("SecurityToken".to_owned(), token)));
        let canonical = query(&all);
        let to_sign = format!("POST&%2F&{}", encode(&canonical));
        let mut mac =
            Hmac::<Sha1>::new_from_slice(format!("{}&", self.access_key_secret).as_bytes()).unwrap();
        mac.update(to_sign.as_bytes());
        let signature = STANDARD.encode(mac.finalize().into_bytes());
        let body = format!("{canonical}&Signature={}", encode(&signature));
        self.unsigned(&body).await
    }

    /// Posts a form as it is.
    pub(crate) async fn unsigned(&self, form: &str) -> Answer {
        let request = self
            .http
            .post(format!("{}/", self.base))
            .header("content-type", "application/x-www-form-urlencoded")
            .body(form.to_owned());
        Answer::of(request.send().await.unwrap()).await
    }

    /// Makes an endpoint in zone a, with the open group.
    pub(crate) async fn create(&self, more: &[(&str, &str)]) -> Answer {
        let mut parameters = vec![
            ("VpcId", ALICLOUD_VPC_ID),
            ("ServiceName", ALICLOUD_SERVICE_NAME),
            ("SecurityGroupId.1", ALICLOUD_GROUP_OPEN),
            ("Zone.1.ZoneId", "ap-southeast-1a"),
            ("Zone.1.VSwitchId", ALICLOUD_VSWITCH_A),
        ];
        parameters.retain(|(name, _)| !more.iter().any(|(other, _)| other == name));
        parameters.extend(more);
        self.call("CreateVpcEndpoint", &parameters).await
    }

    /// Makes that endpoint and gives its id.
    pub(crate) async fn created(&self) -> String {
        let answer = self.create(&[]).await;
        answer.json()["EndpointId"].as_str().unwrap_or_else(|| panic!("{}", answer.text)).to_owned()
    }

    /// An endpoint's status and its connection's, or the error's code twice.
    pub(crate) async fn state(&self, endpoint_id: &str) -> (String, String) {
        let answer = self.call("GetVpcEndpointAttribute", &[("EndpointId", endpoint_id)]).await.json();
        let text = |name: &str| answer[name].as_str().or(answer["Code"].as_str()).unwrap().to_owned();
        (text("EndpointStatus"), text("ConnectionStatus"))
    }

    /// The zones of an endpoint and their states.
    pub(crate) async fn zones(&self, endpoint_id: &str) -> Vec<(String, String)> {
        let listed = self.call("ListVpcEndpointZones", &[("EndpointId", endpoint_id)]).await.json();
        pairs(&listed["Zones"], "ZoneId", "ZoneStatus")
    }

    /// The security groups of an endpoint and their states.
    pub(crate) async fn groups(&self, endpoint_id: &str) -> Vec<(String, String)> {
        let listed = self.call("ListVpcEndpointSecurityGroups", &[("EndpointId", endpoint_id)]).await.json();
        pairs(&listed["SecurityGroups"], "SecurityGroupId", "SecurityGroupStatus")
    }
}

fn pairs(rows: &Value, one: &str, two: &str) -> Vec<(String, String)> {
    let text = |row: &Value, name: &str| row[name].as_str().unwrap().to_owned();
    rows.as_array().unwrap().iter().map(|row| (text(row, one), text(row, two))).collect()
}

impl Answer {
    /// Status and code of an Alibaba Cloud error; "OK" for an answer that is none.
    pub(crate) fn ali_error(&self) -> (u16, String) {
        let code = self.json()["Code"].as_str().unwrap_or("OK").to_owned();
        (self.status, code)
    }

    /// The code alone.
    pub(crate) fn code(&self) -> String {
        self.ali_error().1
    }
}
