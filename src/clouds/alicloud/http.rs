//! The one way to the network. A request that is ready to be sent goes out, and its answer comes back as it is; what
//! either means is the business of [`super::rpc`].

use std::collections::HashSet;
use std::error::Error as _;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use http::header::HeaderValue;
use tokio::sync::OnceCell;
use url::{Host, Position, Url};

use crate::redact::Secrets;

/// How long a connection may take to come about, in real time.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
/// How long an answer may take, in real time.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(60);
/// How long the machine's metadata service may take; it is next door or not there at all.
const METADATA_TIMEOUT: Duration = Duration::from_secs(1);
/// The longest answer that is read. A full page of endpoints is some 1 MB.
const LONGEST_ANSWER: usize = 8 << 20;

/// Where a request goes: decides how it gets there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Way {
    /// To Alibaba Cloud, through a proxy if one is set.
    Out,
    /// To the metadata service of the machine, which no proxy can reach.
    Metadata,
}

/// A request as it is sent.
#[derive(Debug)]
pub(super) struct Request<'a> {
    pub(super) way: Way,
    pub(super) method: http::Method,
    pub(super) url: Url,
    /// The values marked as sensitive appear in no log.
    pub(super) headers: Vec<(&'a str, HeaderValue)>,
    pub(super) body: String,
}

/// An answer, whatever it says.
#[derive(Debug)]
pub(super) struct Reply {
    pub(super) status: u16,
    pub(super) headers: http::HeaderMap,
    pub(super) body: Vec<u8>,
}

impl Reply {
    /// A header's text.
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }
}

/// A request without an answer.
#[derive(Debug)]
pub(super) struct Lost {
    /// What happened.
    pub(super) story: String,
    /// Whether the request may have arrived all the same.
    pub(super) maybe_received: bool,
}

impl Lost {
    fn before_sending(story: String) -> Self {
        Self { story, maybe_received: false }
    }
}

/// The connections.
#[derive(Debug)]
pub(super) struct Http {
    user_agent: String,
    /// Whether all of Alibaba Cloud is on this machine.
    local: bool,
    out: OnceCell<reqwest::Client>,
    metadata: OnceCell<reqwest::Client>,
    /// Hosts, with ports, that have answered.
    known: Mutex<HashSet<String>>,
}

impl Http {
    /// Nothing is built or sent yet. `endpoint` is the address of everything, when it is not Alibaba Cloud's own.
    pub(super) fn new(user_agent: &str, endpoint: Option<&Url>) -> Self {
        Self {
            user_agent: user_agent.to_owned(),
            local: endpoint.is_some_and(is_loopback),
            out: OnceCell::new(),
            metadata: OnceCell::new(),
            known: Mutex::default(),
        }
    }

    /// Whether all of Alibaba Cloud is on this machine.
    pub(super) fn is_local(&self) -> bool {
        self.local
    }

    /// Whether the host of `url` has ever answered. One that has not is most likely a wrong address or behind a closed
    /// firewall.
    pub(super) fn knows(&self, url: &Url) -> bool {
        self.lock().contains(authority(url))
    }

    /// Sends a request and reads its answer, without whatever of the sensitive headers it repeats.
    ///
    /// # Errors
    /// [`Lost`] when no whole answer came.
    pub(super) async fn exchange(&self, request: Request<'_>) -> Result<Reply, Lost> {
        let Request { way, method, url, headers, body } = request;
        let client = self.client(way).await?;
        let mut outgoing = client.request(method, url.clone());
        if way == Way::Metadata {
            outgoing = outgoing.timeout(METADATA_TIMEOUT);
        }
        let mut secrets = Secrets::default();
        for (name, value) in headers {
            if let Some(text) = value.to_str().ok().filter(|_| value.is_sensitive()) {
                secrets = secrets.and_authorization(text);
            }
            outgoing = outgoing.header(name, value);
        }
        // Without a body this still says so with a length of 0, as Alibaba Cloud wants of a POST.
        let mut response = outgoing.body(body).send().await.map_err(|error| lost(&url, way, &error))?;
        let (status, headers) = (response.status().as_u16(), std::mem::take(response.headers_mut()));
        let mut body = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(|error| lost(&url, way, &error))? {
            if body.len() + chunk.len() > LONGEST_ANSWER {
                let story = format!("the answer of {} is longer than 8 MiB", authority(&url));
                return Err(Lost { story, maybe_received: true });
            }
            body.extend_from_slice(&chunk);
        }
        self.lock().insert(authority(&url).to_owned());
        Ok(Reply { status, headers, body: secrets.out_of_body(body) })
    }

    async fn client(&self, way: Way) -> Result<&reqwest::Client, Lost> {
        let (cell, direct) = match way {
            Way::Out => (&self.out, self.local),
            Way::Metadata => (&self.metadata, true),
        };
        let client = cell.get_or_try_init(|| async { self.build(direct) }).await;
        client.map_err(|error| Lost::before_sending(format!("cannot set up HTTPS: {}", story(&error))))
    }

    fn build(&self, direct: bool) -> Result<reqwest::Client, reqwest::Error> {
        // reqwest's `rustls` feature brings AWS-LC along and uses it when the process has no default provider.
        let builder = reqwest::Client::builder()
            .user_agent(&self.user_agent)
            .connect_timeout(CONNECT_TIMEOUT)
            .timeout(ANSWER_TIMEOUT)
            .redirect(reqwest::redirect::Policy::none());
        // A proxy cannot reach this machine, and a machine without certificates can still talk to itself.
        let builder = if direct { builder.no_proxy().tls_certs_only([]) } else { builder };
        builder.build()
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, HashSet<String>> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The host of a URL with its port, if that is not the scheme's own: what the `host` header says.
pub(super) fn authority(url: &Url) -> &str {
    &url[Position::BeforeHost..Position::AfterPort]
}

fn lost(url: &Url, way: Way, error: &reqwest::Error) -> Lost {
    let host = authority(url);
    if error.is_connect() {
        // Nothing was sent, so nothing can have happened.
        Lost::before_sending(format!("no connection to {host}: {}", story(error)))
    } else if error.is_timeout() {
        let limit = if way == Way::Metadata { METADATA_TIMEOUT } else { ANSWER_TIMEOUT };
        Lost { story: format!("{host} did not answer within {} s", limit.as_secs()), maybe_received: true }
    } else {
        Lost { story: format!("the connection to {host} broke: {}", story(error)), maybe_received: true }
    }
}

/// An error with all its causes and without the address, whose query is nobody's business.
fn story(error: &reqwest::Error) -> String {
    let mut causes = Vec::new();
    let mut cause = error.source();
    while let Some(error) = cause {
        causes.push(error.to_string());
        cause = error.source();
    }
    if causes.is_empty() {
        causes.push("no reason given".to_owned());
    }
    causes.dedup();
    causes.join(": ")
}

fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name.eq_ignore_ascii_case("localhost"),
        Some(Host::Ipv4(ip)) => ip.is_loopback(),
        Some(Host::Ipv6(ip)) => ip.is_loopback(),
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_port_belongs_to_the_host_unless_it_is_the_schemes_own() {
        for (url, expected) in [
            ("https://vpc.aliyuncs.com/?a=1", "vpc.aliyuncs.com"),
            ("https://vpc.aliyuncs.com:443/", "vpc.aliyuncs.com"),
            ("http://127.0.0.1:8080/", "127.0.0.1:8080"),
            ("http://[::1]:8080/", "[::1]:8080"),
        ] {
            assert_eq!(authority(&Url::parse(url).unwrap()), expected);
        }
    }
}
