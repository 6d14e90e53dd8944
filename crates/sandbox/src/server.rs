//! Sockets: accepts connections on loopback and hands whole requests to the engine. This is the only place that can
//! drop a connection without an answer, which is how a planted network failure reaches the client.

use std::convert::Infallible;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use ::http::{HeaderName, HeaderValue, Response};
use http_body_util::{BodyExt as _, Full, Limited};
use hyper::body::{Bytes, Incoming};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;

use crate::doors::Door;
use crate::engine::Engine;
use crate::http::{Reply, Request};

/// Larger bodies are cut off: the largest honest one is a world of some hundred kilobytes.
const MAX_BODY: usize = 16 * 1024 * 1024;

/// The connection ends with no answer.
#[derive(Debug)]
pub(crate) struct Hangup;

impl fmt::Display for Hangup {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("connection closed without an answer")
    }
}

impl std::error::Error for Hangup {}

/// Serves one door until the task is aborted, which also ends its connections.
pub(crate) async fn serve(listener: TcpListener, door: Door, engine: Arc<Engine>) -> Infallible {
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => {
                    connections.spawn(connection(stream, door, Arc::clone(&engine)));
                }
                // Out of file descriptors, most likely: wait for some to be freed instead of spinning.
                Err(_) => tokio::time::sleep(Duration::from_millis(50)).await,
            },
            Some(_) = connections.join_next() => {}
        }
    }
}

async fn connection(stream: TcpStream, door: Door, engine: Arc<Engine>) {
    let service = service_fn(move |request| {
        let engine = Arc::clone(&engine);
        async move {
            let request = read(request).await?;
            engine.answer(door, request).await.map(write)
        }
    });
    // An error here is the client's hanging up or a planted hang-up of ours: either way nothing is left to do.
    let _ended = http1::Builder::new().serve_connection(TokioIo::new(stream), service).await;
}

async fn read(request: ::http::Request<Incoming>) -> Result<Request, Hangup> {
    let (parts, body) = request.into_parts();
    let body = Limited::new(body, MAX_BODY).collect().await.map_err(|_| Hangup)?.to_bytes();
    Ok(Request {
        method: parts.method,
        target: parts
            .uri
            .path_and_query()
            .map_or_else(|| "/".to_owned(), |target| target.as_str().to_owned()),
        path: parts.uri.path().to_owned(),
        query: parts.uri.query().unwrap_or_default().to_owned(),
        headers: parts.headers,
        body,
    })
}

fn write(reply: Reply) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::new(Bytes::from(reply.body)));
    *response.status_mut() = reply.status;
    for (name, value) in reply.headers {
        // Planted headers come from outside; one that HTTP cannot carry is left out.
        if let (Ok(name), Ok(value)) = (name.parse::<HeaderName>(), HeaderValue::from_str(&value)) {
            response.headers_mut().append(name, value);
        }
    }
    response
}
