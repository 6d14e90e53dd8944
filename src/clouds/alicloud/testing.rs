//! An HTTP server on loopback for tests that look at what goes over the wire. It answers what the test says.

use std::collections::HashMap;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;

use crate::clock::Clock;
use crate::operation::Operation;
use crate::random::Random;

/// How many seconds of the operations' clock pass in a real one.
const SPEED: f64 = 500.0;

/// A request as the server got it.
#[derive(Clone, Debug)]
pub(super) struct Received {
    pub(super) method: String,
    pub(super) path: String,
    /// Query and form together, decoded.
    pub(super) params: HashMap<String, String>,
    /// By lower-case name.
    pub(super) headers: HashMap<String, String>,
}

impl Received {
    /// The action that is asked for.
    pub(super) fn action(&self) -> &str {
        self.headers.get("x-acs-action").map_or("", String::as_str)
    }

    /// A parameter, empty when it is not there.
    pub(super) fn param(&self, name: &str) -> &str {
        self.params.get(name).map_or("", String::as_str)
    }
}

/// What the server does with a request.
#[derive(Clone, Debug)]
pub(super) enum Deed {
    /// It answers.
    Answer(u16, String),
    /// It closes the connection without a word.
    Lose,
}

impl Deed {
    pub(super) fn json(body: Value) -> Self {
        Self::Answer(200, body.to_string())
    }

    pub(super) fn error(code: &str) -> Self {
        Self::Answer(400, json!({ "RequestId": "R-1", "Code": code, "Message": "words" }).to_string())
    }
}

/// A server that runs until the test process ends.
pub(super) struct Server {
    address: String,
    received: Arc<Mutex<Vec<Received>>>,
}

impl Server {
    /// Gives all requests to `deal`, one at a time.
    pub(super) fn start(deal: impl FnMut(&Received) -> Deed + Send + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let received = Arc::new(Mutex::new(Vec::new()));
        let (deal, log) = (Arc::new(Mutex::new(deal)), Arc::clone(&received));
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let (deal, log) = (Arc::clone(&deal), Arc::clone(&log));
                std::thread::spawn(move || {
                    let mut stream = BufReader::new(stream.unwrap());
                    while let Some(request) = read(&mut stream) {
                        log.lock().unwrap_or_else(PoisonError::into_inner).push(request.clone());
                        let deed = (deal.lock().unwrap_or_else(PoisonError::into_inner))(&request);
                        let Deed::Answer(status, body) = deed else { return };
                        write(stream.get_mut(), status, &body);
                    }
                });
            }
        });
        Self { address, received }
    }

    /// Where it listens.
    pub(super) fn url(&self) -> url::Url {
        self.address.parse().unwrap()
    }

    /// Every request so far.
    pub(super) fn received(&self) -> Vec<Received> {
        self.received.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// How often an action was asked for.
    pub(super) fn count(&self, action: &str) -> usize {
        self.received().iter().filter(|request| request.action() == action).count()
    }
}

/// An operation of ten minutes whose seconds are short, so that waits do not last.
pub(super) fn operation() -> Operation {
    let timeout = Some(Duration::from_secs(600));
    Operation::new(Clock::scaled(SPEED), Random::seeded(5), CancellationToken::new(), timeout)
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
    let (path, query) = target.split_once('?').unwrap_or((&target, ""));
    let params = [query, std::str::from_utf8(&body).unwrap()]
        .into_iter()
        .flat_map(|text| url::form_urlencoded::parse(text.as_bytes()).into_owned().collect::<Vec<_>>())
        .collect();
    Some(Received { method, path: path.to_owned(), params, headers })
}

fn write(stream: &mut TcpStream, status: u16, body: &str) {
    let head = format!("HTTP/1.1 {status} Whatever\r\ncontent-length: {}\r\n\r\n", body.len());
    // A client that has gone away is the test's business, not the server's.
    let _ = stream.write_all(format!("{head}{body}").as_bytes());
}
