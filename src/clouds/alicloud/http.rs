//! The one way to the network. A request that is ready to be sent goes out, and its answer comes back as it is; what
//! either means is the business of [`super::rpc`].

use std::collections::HashSet;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use http::header::HeaderValue;
use tokio::sync::OnceCell;
use url::{Host, Url};

use crate::redact::Secrets;
use crate::web::{self, ANSWER_TIMEOUT, Lost, Reply, authority};

/// How long the machine's metadata service may take; it is next door or not there at all.
const METADATA_TIMEOUT: Duration = Duration::from_secs(1);

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
        let limit = if way == Way::Metadata { METADATA_TIMEOUT } else { ANSWER_TIMEOUT };
        let mut outgoing = client.request(method, url.clone()).timeout(limit);
        let mut secrets = Secrets::default();
        for (name, value) in headers {
            if let Some(text) = value.to_str().ok().filter(|_| value.is_sensitive()) {
                secrets = secrets.and_authorization(text);
            }
            outgoing = outgoing.header(name, value);
        }
        // Without a body this still says so with a length of 0, as Alibaba Cloud wants of a POST.
        let mut reply = web::exchange(outgoing.body(body), authority(&url), limit).await?;
        self.lock().insert(authority(&url).to_owned());
        reply.body = secrets.out_of_body(reply.body);
        Ok(reply)
    }

    async fn client(&self, way: Way) -> Result<&reqwest::Client, Lost> {
        let (cell, direct) = match way {
            Way::Out => (&self.out, self.local),
            Way::Metadata => (&self.metadata, true),
        };
        cell.get_or_try_init(|| async { web::client(&self.user_agent, direct) }).await
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, HashSet<String>> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name.eq_ignore_ascii_case("localhost"),
        Some(Host::Ipv4(ip)) => ip.is_loopback(),
        Some(Host::Ipv6(ip)) => ip.is_loopback(),
        None => false,
    }
}
