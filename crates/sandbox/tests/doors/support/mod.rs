//! Clients written for the tests alone: digest authentication, Signature Version 4 and Alibaba Cloud's signatures by the
//! book.

mod alicloud;

pub(crate) use alicloud::Ali;

use std::time::Duration;

use hmac::{Hmac, KeyInit as _, Mac as _};
use md5::{Digest as _, Md5};
use reqwest::{Method, Response};
use serde_json::Value;
use sha2::Sha256;
use tidblink_sandbox::default_world::{
    AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, TIDB_PRIVATE_KEY, TIDB_PUBLIC_KEY,
};
use tidblink_sandbox::world::World;
use tidblink_sandbox::{Sandbox, SandboxOptions};
use time::OffsetDateTime;
use time::macros::format_description;

/// A sandbox whose time stands still until it is advanced.
pub(crate) async fn sandbox() -> Sandbox {
    sandbox_with(|_| {}).await
}

/// The same, with a changed default world.
pub(crate) async fn sandbox_with(change: impl FnOnce(&mut World)) -> Sandbox {
    let mut world = tidblink_sandbox::default_world::world();
    change(&mut world);
    Sandbox::start(SandboxOptions { speed: 0.0, world: Some(world), ..SandboxOptions::default() })
        .await
        .unwrap()
}

pub(crate) fn seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

fn md5_hex(text: &str) -> String {
    hex::encode(Md5::digest(text))
}

/// A TiDB Cloud client that answers one challenge and then counts.
pub(crate) struct Tidb {
    base: String,
    http: reqwest::Client,
    pub(crate) public_key: String,
    pub(crate) private_key: String,
    nonce: Option<String>,
    pub(crate) count: u32,
}

/// A reply read to its end.
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: reqwest::header::HeaderMap,
    pub(crate) text: String,
}

impl Answer {
    pub(crate) async fn of(response: Response) -> Self {
        Self {
            status: response.status().as_u16(),
            headers: response.headers().clone(),
            text: response.text().await.unwrap(),
        }
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap()
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    /// The text of every element with this name, in order.
    pub(crate) fn elements(&self, name: &str) -> Vec<String> {
        let (open, close) = (format!("<{name}>"), format!("</{name}>"));
        self.text.split(&open).skip(1).map(|rest| rest.split(&close).next().unwrap().to_owned()).collect()
    }

    /// The text of the only element with this name.
    pub(crate) fn element(&self, name: &str) -> String {
        let mut found = self.elements(name);
        assert_eq!(found.len(), 1, "{name} in {}", self.text);
        found.remove(0)
    }

    /// Status, code and message of an EC2 or STS error.
    pub(crate) fn aws_error(&self) -> (u16, String, String) {
        (self.status, self.element("Code"), self.element("Message"))
    }
}

impl Tidb {
    pub(crate) fn new(base: &str) -> Self {
        Self {
            base: base.to_owned(),
            http: reqwest::Client::new(),
            public_key: TIDB_PUBLIC_KEY.to_owned(),
            private_key: TIDB_PRIVATE_KEY.to_owned(),
            nonce: None,
            count: 0,
        }
    }

    pub(crate) async fn get(&mut self, target: &str) -> Answer {
        self.send(Method::GET, target, "").await
    }

    pub(crate) async fn post(&mut self, target: &str, body: &str) -> Answer {
        self.send(Method::POST, target, body).await
    }

    pub(crate) async fn delete(&mut self, target: &str) -> Answer {
        self.send(Method::DELETE, target, "").await
    }

    /// Sends with a digest, after fetching a challenge if there is none yet.
    pub(crate) async fn send(&mut self, method: Method, target: &str, body: &str) -> Answer {
        if self.nonce.is_none() {
            let url = format!("{}{target}", self.base);
            let response = self.http.get(url).send().await.unwrap();
            let challenge = Answer::of(response).await;
            assert_eq!(challenge.status, 401);
            let header = challenge.header("www-authenticate").to_owned();
            let nonce = header.split("nonce=\"").nth(1).unwrap();
            self.nonce = Some(nonce.split('"').next().unwrap().to_owned());
            self.count = 0;
        }
        self.count += 1;
        self.send_again(method, target, body).await
    }

    /// Sends with the same nonce and count as before.
    pub(crate) async fn send_again(&mut self, method: Method, target: &str, body: &str) -> Answer {
        Answer::of(self.try_send(method, target, body).await.unwrap()).await
    }

    /// Sends with the present nonce and count; the network may fail.
    pub(crate) async fn try_send(
        &self,
        method: Method,
        target: &str,
        body: &str,
    ) -> reqwest::Result<Response> {
        let nonce = self.nonce.clone().unwrap();
        let who = md5_hex(&format!("{}:tidb.cloud:{}", self.public_key, self.private_key));
        let what = md5_hex(&format!("{method}:{target}"));
        let count = format!("{:08x}", self.count);
        let response = md5_hex(&format!("{who}:{nonce}:{count}:c0ffee:auth:{what}"));
        let user = &self.public_key;
        let header = format!(
            "Digest username=\"{user}\", realm=\"tidb.cloud\", nonce=\"{nonce}\", uri=\"{target}\", algorithm=MD5, qop=auth, nc={count}, cnonce=\"c0ffee\", response=\"{response}\""
        );
        self.http
            .request(method, format!("{}{target}", self.base))
            .header("authorization", header)
            .body(body.to_owned())
            .send()
            .await
    }
}

/// An AWS client for one service in one region.
pub(crate) struct Aws {
    base: String,
    http: reqwest::Client,
    pub(crate) service: &'static str,
    pub(crate) region: &'static str,
    pub(crate) access_key_id: String,
    pub(crate) secret_access_key: String,
    pub(crate) session_token: Option<String>,
    /// Added to the time of signing.
    pub(crate) clock_error: time::Duration,
}

impl Aws {
    pub(crate) fn new(sandbox: &Sandbox, region: &'static str) -> Self {
        Self {
            base: sandbox.urls().ec2,
            http: reqwest::Client::new(),
            service: "ec2",
            region,
            access_key_id: AWS_ACCESS_KEY_ID.to_owned(),
            secret_access_key: AWS_SECRET_ACCESS_KEY.to_owned(),
            session_token: None,
            clock_error: time::Duration::ZERO,
        }
    }

    /// Calls an action; a parameter without a value is a list's, numbered from 1.
    pub(crate) async fn call(&self, action: &str, parameters: &[(&str, &str)]) -> Answer {
        Answer::of(self.try_call(action, parameters).await.unwrap()).await
    }

    pub(crate) async fn try_call(
        &self,
        action: &str,
        parameters: &[(&str, &str)],
    ) -> reqwest::Result<Response> {
        let mut body = format!("Action={action}&Version=2016-11-15");
        for (name, value) in parameters {
            let value: String = value
                .bytes()
                .map(|byte| match byte {
                    b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.' => {
                        char::from(byte).to_string()
                    }
                    other => format!("%{other:02X}"),
                })
                .collect();
            body.push_str(&format!("&{name}={value}"));
        }
        let format = format_description!("[year][month][day]T[hour][minute][second]Z");
        let moment = OffsetDateTime::now_utc() + self.clock_error;
        let date = moment.format(&format).unwrap();
        let day = &date[..8];
        let host = self.base.trim_start_matches("http://");
        let (mut headers, mut names) =
            (format!("host:{host}\nx-amz-date:{date}\n"), "host;x-amz-date".to_owned());
        if let Some(token) = &self.session_token {
            headers.push_str(&format!("x-amz-security-token:{token}\n"));
            names.push_str(";x-amz-security-token");
        }
        let payload = hex::encode(Sha256::digest(&body));
        let canonical = format!("POST\n/\n\n{headers}\n{names}\n{payload}");
        let scope = format!("{day}/{}/{}/aws4_request", self.region, self.service);
        let to_sign =
            format!("AWS4-HMAC-SHA256\n{date}\n{scope}\n{}", hex::encode(Sha256::digest(canonical)));
        let mut key = format!("AWS4{}", self.secret_access_key).into_bytes();
        for part in [day, self.region, self.service, "aws4_request", &to_sign] {
            let mut mac = Hmac::<Sha256>::new_from_slice(&key).unwrap();
            mac.update(part.as_bytes());
            key = mac.finalize().into_bytes().to_vec();
        }
        let mut request = self
            .http
            .post(format!("{}/", self.base))
            .header("content-type", "application/x-www-form-urlencoded")
            .header("x-amz-date", date.clone())
            .header(
                "authorization",
                format!(
                    "AWS4-HMAC-SHA256 Credential={}/{scope}, SignedHeaders={names}, Signature={}",
                    self.access_key_id,
                    hex::encode(key)
                ),
            );
        if let Some(token) = &self.session_token {
            request = request.header("x-amz-security-token", token);
        }
        request.body(body).send().await
    }

    /// Makes an endpoint of the Dedicated service in the main network of us-west-2.
    pub(crate) async fn create_dedicated_endpoint(&self) -> String {
        use tidblink_sandbox::default_world::*;
        let answer = self
            .call(
                "CreateVpcEndpoint",
                &[
                    ("VpcEndpointType", "Interface"),
                    ("VpcId", WEST_VPC_ID),
                    ("ServiceName", DEDICATED_SERVICE_NAME),
                    ("SubnetId.1", WEST_SUBNET_AZ1),
                    ("PrivateDnsEnabled", "false"),
                ],
            )
            .await;
        answer.element("vpcEndpointId")
    }

    /// The state of an endpoint, or the error's code.
    pub(crate) async fn state(&self, endpoint_id: &str) -> String {
        let answer = self.call("DescribeVpcEndpoints", &[("VpcEndpointId.1", endpoint_id)]).await;
        if answer.status == 200 { answer.element("state") } else { answer.element("Code") }
    }
}

/// A request to the control door.
pub(crate) async fn control(sandbox: &Sandbox, method: Method, path: &str, body: &str) -> Answer {
    let response = reqwest::Client::new()
        .request(method, format!("{}{path}", sandbox.urls().control))
        .body(body.to_owned())
        .send()
        .await
        .unwrap();
    Answer::of(response).await
}
