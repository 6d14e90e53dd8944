//! HTTP for the clients that are written here: a request goes out, and its answer comes back whole or not at all. What is
//! sent, what an answer means and what is tried again is the business of the clients.

use std::error::Error as _;
use std::time::Duration;

use http::{HeaderMap, StatusCode};
use url::{Position, Url};

/// How long a connection may take to come about, in real time.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
/// How long an answer may take, in real time.
pub(crate) const ANSWER_TIMEOUT: Duration = Duration::from_secs(60);
/// The longest answer that is read. The longest there are, full pages of endpoints, have some 1 MB.
const LONGEST_ANSWER: usize = 8 << 20;

/// An answer, whatever it says.
#[derive(Clone, Debug)]
pub(crate) struct Reply {
    /// The status.
    pub(crate) status: StatusCode,
    /// The headers.
    pub(crate) headers: HeaderMap,
    /// The body.
    pub(crate) body: Vec<u8>,
}

impl Reply {
    /// The text of a header that says something.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok().map(str::trim).filter(|value| !value.is_empty())
    }
}

/// A request without a whole answer.
#[derive(Debug)]
pub(crate) struct Lost {
    /// What happened.
    pub(crate) story: String,
    /// How far it got.
    pub(crate) stage: Stage,
}

/// How far a request got that has no whole answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stage {
    /// Nothing was sent, so nothing can have happened.
    BeforeSending,
    /// It was sent, at least in part, and may have taken effect.
    AfterSending,
    /// It was answered, with more than can be read.
    TooLong(StatusCode),
}

impl Lost {
    /// Nothing was sent.
    pub(crate) fn before_sending(story: impl Into<String>) -> Self {
        Self { story: story.into(), stage: Stage::BeforeSending }
    }

    /// Whether the request may have arrived all the same.
    pub(crate) fn maybe_received(&self) -> bool {
        self.stage != Stage::BeforeSending
    }

    fn of(host: &str, limit: Duration, error: &reqwest::Error) -> Self {
        if error.is_connect() {
            return Self::before_sending(format!("no connection to {host}: {}", story(error)));
        }
        let story = if error.is_timeout() {
            format!("{host} did not answer within {} s", limit.as_secs())
        } else {
            format!("the connection to {host} broke: {}", story(error))
        };
        Self { story, stage: Stage::AfterSending }
    }
}

/// Connections, of which none is made yet. A `direct` client takes no proxy, which could not reach this machine, and no
/// certificates, since a machine without any can still talk to itself.
///
/// # Errors
/// When HTTPS cannot be set up.
pub(crate) fn client(user_agent: &str, direct: bool) -> Result<reqwest::Client, Lost> {
    // reqwest's `rustls` feature brings AWS-LC along and uses it when the process has no default provider.
    let builder = reqwest::Client::builder()
        .user_agent(user_agent)
        .connect_timeout(CONNECT_TIMEOUT)
        .timeout(ANSWER_TIMEOUT)
        .redirect(reqwest::redirect::Policy::none());
    let builder = if direct { builder.no_proxy().tls_certs_only([]) } else { builder };
    builder.build().map_err(|error| Lost::before_sending(format!("cannot set up HTTPS: {}", story(&error))))
}

/// Sends a request to `host` and reads its answer. `limit` is the timeout that the request has.
///
/// # Errors
/// [`Lost`] when no whole answer came.
pub(crate) async fn exchange(
    outgoing: reqwest::RequestBuilder,
    host: &str,
    limit: Duration,
) -> Result<Reply, Lost> {
    let lost = |error| Lost::of(host, limit, &error);
    let mut response = outgoing.send().await.map_err(lost)?;
    let (status, headers) = (response.status(), std::mem::take(response.headers_mut()));
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(lost)? {
        if body.len() + chunk.len() > LONGEST_ANSWER {
            let story = format!("the answer of {host} is longer than {} MiB", LONGEST_ANSWER >> 20);
            return Err(Lost { story, stage: Stage::TooLong(status) });
        }
        body.extend_from_slice(&chunk);
    }
    Ok(Reply { status, headers, body })
}

/// The host of a URL with its port, if that is not the scheme's own: what the `host` header says.
pub(crate) fn authority(url: &Url) -> &str {
    &url[Position::BeforeHost..Position::AfterPort]
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

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    use tokio::net::TcpListener;

    use super::*;

    /// Asks somebody who answers with these bytes and closes.
    async fn asked(answer: Vec<u8>) -> Result<Reply, Lost> {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let server = tokio::spawn(async move {
            let (mut stream, _) = listener.accept().await.unwrap();
            let _ = stream.read(&mut [0; 1024]).await.unwrap();
            // Whoever has read enough closes first.
            let _ = stream.write_all(&answer).await;
        });
        let outgoing = client("test", true).unwrap().get(format!("http://{address}/?secret=hunter2"));
        let result = exchange(outgoing, "host", ANSWER_TIMEOUT).await;
        server.await.unwrap();
        result
    }

    #[tokio::test]
    async fn an_answer_comes_back_whole_whatever_it_says() {
        let reply =
            asked(b"HTTP/1.1 503 Busy\r\nx-id:  7 \r\nx-none:\r\ncontent-length: 4\r\n\r\nlate".into());
        let reply = reply.await.unwrap();
        assert_eq!((reply.status, &reply.body[..]), (StatusCode::SERVICE_UNAVAILABLE, &b"late"[..]));
        assert_eq!((reply.header("x-id"), reply.header("x-none")), (Some("7"), None));
    }

    #[tokio::test]
    async fn an_answer_that_is_too_long_is_not_read_to_its_end() {
        let mut answer = b"HTTP/1.1 200 OK\r\ncontent-length: 99999999\r\n\r\n".to_vec();
        answer.resize(LONGEST_ANSWER + 4096, b' ');
        let lost = asked(answer).await.unwrap_err();
        assert_eq!(lost.stage, Stage::TooLong(StatusCode::OK));
        assert_eq!(lost.story, "the answer of host is longer than 8 MiB");
    }

    #[tokio::test]
    async fn a_broken_connection_leaves_open_what_happened_and_shows_no_query() {
        let lost = asked(b"HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nab".into()).await.unwrap_err();
        assert!(lost.maybe_received(), "{lost:?}");
        assert!(lost.story.contains("host broke") && !lost.story.contains("hunter2"), "{lost:?}");
    }

    #[tokio::test]
    async fn where_nobody_listens_nothing_can_have_happened() {
        let address = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
        let outgoing = client("test", true).unwrap().get(format!("http://{address}/"));
        let lost = exchange(outgoing, "host", ANSWER_TIMEOUT).await.unwrap_err();
        assert_eq!(lost.stage, Stage::BeforeSending);
        assert!(lost.story.starts_with("no connection to host: "), "{lost:?}");
    }

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
