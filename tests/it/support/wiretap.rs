//! A wire that listens: passes a service's bytes on unchanged and keeps those that the client sent, so that a test knows
//! which signatures and tokens there were.

use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

/// One wire to one service.
pub(crate) struct Wiretap {
    address: SocketAddr,
    /// What was sent, one text per connection.
    sent: Arc<Mutex<Vec<Vec<u8>>>>,
    task: tokio::task::JoinHandle<()>,
}

impl Wiretap {
    /// A wire to `url`, `http://HOST:PORT`.
    pub(crate) async fn to(url: &str) -> Self {
        let upstream = url.trim_start_matches("http://").trim_end_matches('/').to_owned();
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("an address");
        let sent = Arc::<Mutex<Vec<Vec<u8>>>>::default();
        let kept = Arc::clone(&sent);
        let task = tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                if let Ok(service) = TcpStream::connect(&upstream).await {
                    tokio::spawn(pass(client, service, Arc::clone(&kept)));
                }
            }
        });
        Self { address, sent, task }
    }

    /// Where clients connect to.
    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// All that proves who sent the requests so far: signatures, digests, tokens, and the headers that they stand in.
    pub(crate) fn proofs(&self) -> BTreeSet<String> {
        let sent = self.sent.lock().unwrap_or_else(PoisonError::into_inner);
        let mut proofs = BTreeSet::new();
        for line in sent
            .iter()
            .flat_map(|bytes| String::from_utf8_lossy(bytes).lines().map(str::to_owned).collect::<Vec<_>>())
        {
            let Some((name, value)) = line.split_once(": ") else { continue };
            let (name, value) = (name.to_ascii_lowercase(), value.trim());
            if name == "authorization" {
                proofs.insert(value.to_owned());
                for (before, after) in [("response=\"", '"'), ("Signature=", ',')] {
                    proofs.extend(between(value, before, after));
                }
            } else if name.ends_with("-token") {
                proofs.insert(value.to_owned());
            }
        }
        proofs
    }
}

impl Drop for Wiretap {
    fn drop(&mut self) {
        self.task.abort();
    }
}

fn between(text: &str, before: &str, after: char) -> Option<String> {
    let (_, rest) = text.split_once(before)?;
    rest.split(after).next().map(str::to_owned)
}

async fn pass(client: TcpStream, service: TcpStream, sent: Arc<Mutex<Vec<Vec<u8>>>>) {
    let lock = || sent.lock().unwrap_or_else(PoisonError::into_inner);
    let place = {
        let mut sent = lock();
        sent.push(Vec::new());
        sent.len() - 1
    };
    let (mut from_client, mut to_client) = client.into_split();
    let (mut from_service, mut to_service) = service.into_split();
    let there = async {
        let mut some = vec![0; 16 * 1024];
        while let Ok(read @ 1..) = from_client.read(&mut some).await {
            lock()[place].extend_from_slice(&some[..read]);
            if to_service.write_all(&some[..read]).await.is_err() {
                break;
            }
        }
        // Half a connection is no use to either side.
        let _ = to_service.shutdown().await;
    };
    let back = async {
        let _ = tokio::io::copy(&mut from_service, &mut to_client).await;
        let _ = to_client.shutdown().await;
    };
    tokio::join!(there, back);
}
