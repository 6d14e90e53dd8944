//! An HTTP server on loopback for tests that look at what goes over the wire. It answers what the test says, and plays
//! the digest handshake so that tests need not.

use std::collections::HashMap;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use serde_json::Value;
use tokio_util::sync::CancellationToken;

use super::{ApiKey, Config, Endpoints, KeySource, TidbCloud};
use crate::clock::Clock;
use crate::operation::Operation;
use crate::random::Random;
use crate::secret::Secret;

/// The private key of every client in these tests.
pub(super) const PRIVATE_KEY: &str = "correct-horse-battery-staple";

/// How many seconds of the operations' clock pass in a real one.
const SPEED: f64 = 500.0;

/// A request as the server got it.
#[derive(Clone, Debug)]
pub(super) struct Received {
    pub(super) method: String,
    pub(super) target: String,
    /// By lower-case name.
    pub(super) headers: HashMap<String, String>,
    pub(super) body: String,
}

impl Received {
    /// The digest that it was signed with.
    pub(super) fn digest(&self) -> Option<digest_auth::AuthorizationHeader> {
        digest_auth::AuthorizationHeader::parse(self.headers.get("authorization")?).ok()
    }

    /// Whether it has this method and its path ends so.
    pub(super) fn is(&self, method: &str, end: &str) -> bool {
        self.method == method && self.target.split('?').next().is_some_and(|path| path.ends_with(end))
    }
}

/// What the server does with a request.
#[derive(Clone, Debug)]
pub(super) enum Deed {
    /// It answers.
    Answer { status: u16, headers: Vec<(&'static str, String)>, body: String },
    /// It closes the connection without a word.
    Lose,
}

impl Deed {
    pub(super) fn json(body: Value) -> Self {
        Self::status(200, &body.to_string())
    }

    pub(super) fn status(status: u16, body: &str) -> Self {
        Self::Answer { status, headers: Vec::new(), body: body.to_owned() }
    }

    /// An error as the APIs write it.
    pub(super) fn error(status: u16, code: i64, message: &str) -> Self {
        Self::status(
            status,
            &serde_json::json!({ "code": code, "message": message, "details": [] }).to_string(),
        )
    }

    /// A demand for a digest with this nonce.
    pub(super) fn challenge(nonce: &str, stale: bool) -> Self {
        let value = format!(
            r#"Digest realm="tidb.cloud", domain="", nonce="{nonce}", algorithm=MD5, qop="auth", stale={stale}"#
        );
        Self::error(401, 16, "no or wrong credentials").with("www-authenticate", &value)
    }

    pub(super) fn with(mut self, name: &'static str, value: &str) -> Self {
        if let Self::Answer { headers, .. } = &mut self {
            headers.push((name, value.to_owned()));
        }
        self
    }
}

/// A server that runs until the test process ends.
pub(super) struct Server {
    address: String,
    received: Arc<Mutex<Vec<Received>>>,
}

impl Server {
    /// Asks unsigned requests for a digest and gives the signed ones to `deal`, one at a time, with the number of signed
    /// ones before.
    pub(super) fn start(mut deal: impl FnMut(&Received, usize) -> Deed + Send + 'static) -> Self {
        let mut signed = 0;
        Self::start_raw(move |request| {
            if request.digest().is_none() {
                return Deed::challenge("nonce-1", false);
            }
            signed += 1;
            deal(request, signed - 1)
        })
    }

    /// Gives all requests to `deal`, one at a time.
    pub(super) fn start_raw(deal: impl FnMut(&Received) -> Deed + Send + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let received = Arc::new(Mutex::new(Vec::new()));
        let (deal, log) = (Arc::new(Mutex::new(deal)), received.clone());
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let (deal, log) = (deal.clone(), log.clone());
                std::thread::spawn(move || {
                    let mut stream = BufReader::new(stream.unwrap());
                    while let Some(request) = read(&mut stream) {
                        log.lock().unwrap_or_else(PoisonError::into_inner).push(request.clone());
                        let deed = (deal.lock().unwrap_or_else(PoisonError::into_inner))(&request);
                        let Deed::Answer { status, headers, body } = deed else { return };
                        write(stream.get_mut(), status, &headers, &body);
                    }
                });
            }
        });
        Self { address, received }
    }

    /// Every request so far.
    pub(super) fn received(&self) -> Vec<Received> {
        self.received.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// How many signed requests had this method.
    pub(super) fn count(&self, method: &str) -> usize {
        self.received()
            .iter()
            .filter(|request| request.method == method && request.digest().is_some())
            .count()
    }

    /// Where it listens.
    pub(super) fn address(&self) -> &str {
        &self.address
    }

    /// A client for which this server is all three APIs.
    pub(super) fn client(&self) -> TidbCloud {
        client(&self.address)
    }
}

/// A client for which `base` is all three APIs.
pub(super) fn client(base: &str) -> TidbCloud {
    TidbCloud::new(config(base)).unwrap()
}

pub(super) fn config(base: &str) -> Config {
    let base = Endpoints::parse(base).unwrap();
    Config {
        key: ApiKey {
            public: "PUBLIC".into(),
            private: Secret::new(PRIVATE_KEY),
            source: KeySource::Environment,
        },
        endpoints: Endpoints { dedicated: base.clone(), serverless: base.clone(), legacy: base },
        user_agent: "tidblink-test/1".into(),
        share: super::Share::default(),
    }
}

/// An operation whose seconds are short, so that waits do not last.
pub(super) fn operation(timeout: Option<u64>) -> Operation {
    stoppable(timeout, &CancellationToken::new())
}

pub(super) fn stoppable(timeout: Option<u64>, stop: &CancellationToken) -> Operation {
    let timeout = timeout.map(Duration::from_secs);
    Operation::new(Clock::scaled(SPEED), Random::seeded(5), stop.clone(), timeout)
}

fn read(stream: &mut BufReader<TcpStream>) -> Option<Received> {
    let mut line = String::new();
    stream.read_line(&mut line).ok().filter(|&length| length > 0)?;
    let mut words = line.split_whitespace();
    let (method, target) = (words.next()?.to_owned(), words.next()?.to_owned());
    let mut headers = HashMap::new();
    loop {
        let mut line = String::new();
        stream.read_line(&mut line).ok()?;
        let Some((name, value)) = line.trim().split_once(':') else { break };
        headers.insert(name.to_ascii_lowercase(), value.trim().to_owned());
    }
    let length = headers.get("content-length").map_or(0, |length| length.parse().unwrap());
    let mut body = vec![0; length];
    stream.read_exact(&mut body).ok()?;
    Some(Received { method, target, headers, body: String::from_utf8(body).unwrap() })
}

fn write(stream: &mut TcpStream, status: u16, headers: &[(&'static str, String)], body: &str) {
    let mut text = format!("HTTP/1.1 {status} Whatever\r\ncontent-length: {}\r\n", body.len());
    for (name, value) in headers {
        text.push_str(&format!("{name}: {value}\r\n"));
    }
    // A client that has gone away is the test's business, not the server's.
    let _ = stream.write_all(format!("{text}\r\n{body}").as_bytes());
}
