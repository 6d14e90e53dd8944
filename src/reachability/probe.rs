//! One look: resolve, connect, listen for the greeting.

use std::collections::BTreeSet;
use std::io;
use std::net::{IpAddr, SocketAddr};

use tokio::io::AsyncReadExt as _;

use super::greeting::{self, Greeting};
use crate::network::Network;
use crate::operation::Operation;

/// What a look found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Found {
    pub(super) addresses: BTreeSet<IpAddr>,
    /// The version that the server greeted with.
    pub(super) version: Option<String>,
    /// Why there is no version.
    pub(super) error: Option<String>,
}

/// Looks until somebody greets, every address has been tried or the operation ends.
pub(super) async fn probe(network: &dyn Network, operation: &Operation, host: &str, port: u16) -> Found {
    let mut found = Found::default();
    // Nothing is lost with a question or a connection that is dropped at the end of the time.
    match operation.until(network.resolve(host)).await {
        Ok(Ok(addresses)) if !addresses.is_empty() => found.addresses = addresses,
        Ok(Ok(_)) => found.error = Some(format!("{host} resolves to no address")),
        Ok(Err(error)) => found.error = Some(format!("{host} does not resolve: {error}")),
        Err(_) => found.error = Some(format!("the resolver gave no answer about {host} in time")),
    }
    let mut left = u32::try_from(found.addresses.len()).unwrap_or(u32::MAX);
    for address in found.addresses.clone() {
        let address = SocketAddr::new(address, port);
        // One that swallows everything leaves time for the others.
        let share = operation.remaining().map(|remaining| remaining / left);
        let part = share.map_or_else(|| operation.clone(), |share| operation.within(share));
        match greeted(network, &part, address).await {
            Ok(version) => {
                found.version = Some(version);
                found.error = None;
                break;
            }
            Err(error) => found.error = Some(error),
        }
        left = left.saturating_sub(1).max(1);
    }
    found
}

async fn greeted(network: &dyn Network, part: &Operation, address: SocketAddr) -> Result<String, String> {
    let mut stream = match part.until(network.connect(address)).await {
        Ok(Ok(stream)) => stream,
        Ok(Err(error)) => return Err(format!("{address} cannot be connected to: {error}")),
        Err(_) => {
            return Err(format!(
                "{address} does not answer; a security group, a network ACL or a missing route may be in the way"
            ));
        }
    };
    let mut bytes = Vec::new();
    loop {
        match greeting::read(&bytes) {
            Greeting::Server(version) => return Ok(version),
            Greeting::Refusal(code, message) => {
                return Err(format!("{address} refuses the connection: {message} (error {code})"));
            }
            Greeting::Foreign => return Err(format!("{address} answers, but not as a MySQL server does")),
            Greeting::Incomplete => {}
        }
        let mut more = [0; greeting::MOST];
        match part.until(stream.read(&mut more)).await {
            Ok(Ok(0)) => {
                let error = io::Error::from(io::ErrorKind::UnexpectedEof);
                return Err(format!("{address} closed the connection before it greeted: {error}"));
            }
            Ok(Ok(count)) => bytes.extend_from_slice(&more[..count]),
            Ok(Err(error)) => return Err(format!("{address} broke the connection off: {error}")),
            Err(_) => return Err(format!("{address} takes connections, but no greeting came in time")),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;
    use std::time::Duration;

    use tokio::io::AsyncWriteExt as _;
    use tokio::net::{TcpListener, TcpStream};
    use tokio_util::sync::CancellationToken;

    use super::super::greeting::tests::greeting;
    use super::*;
    use crate::clock::Clock;
    use crate::network::SystemNetwork;
    use crate::random::Random;

    fn operation(milliseconds: u64) -> Operation {
        let limit = Duration::from_millis(milliseconds);
        Operation::new(Clock::real(), Random::seeded(1), CancellationToken::new(), Some(limit))
    }

    /// Somebody on loopback who says `words` to whoever comes, and then waits or hangs up.
    async fn listener(words: Vec<u8>, stays: bool) -> u16 {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let port = listener.local_addr().unwrap().port();
        tokio::spawn(async move {
            let mut kept = Vec::new();
            while let Ok((mut stream, _)) = listener.accept().await {
                // Byte by byte, as a bad line may deliver it.
                for byte in &words {
                    stream.write_all(&[*byte]).await.unwrap();
                }
                if stays {
                    kept.push(stream);
                }
            }
        });
        port
    }

    async fn error(port: u16, milliseconds: u64) -> String {
        let found = probe(&SystemNetwork, &operation(milliseconds), "127.0.0.1", port).await;
        assert_eq!((found.version, found.addresses.len()), (None, 1));
        found.error.unwrap()
    }

    #[tokio::test]
    async fn a_server_that_greets_is_reachable() {
        let port = listener(greeting("8.0.11-TiDB-v8.5.1"), true).await;
        let found = probe(&SystemNetwork, &operation(60_000), "127.0.0.1", port).await;
        assert_eq!(found.version.as_deref(), Some("8.0.11-TiDB-v8.5.1"));
        assert_eq!(found.error, None);
        assert_eq!(found.addresses, BTreeSet::from([Ipv4Addr::LOCALHOST.into()]));
    }

    #[tokio::test]
    async fn every_other_way_has_a_reason() {
        let silent = listener(Vec::new(), true).await;
        assert!(error(silent, 300).await.contains("no greeting came in time"));
        let garbage = listener(b"HTTP/1.1 400 Bad Request\r\n\r\n".to_vec(), true).await;
        assert!(error(garbage, 60_000).await.contains("not as a MySQL server"));
        let rude = listener(Vec::new(), false).await;
        assert!(error(rude, 60_000).await.contains("before it greeted"));
        let closed = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap().local_addr().unwrap().port();
        assert!(error(closed, 60_000).await.contains("cannot be connected to"));
    }

    /// A network with a resolver of its own, and connections that never come about for some addresses.
    struct Odd(io::Result<BTreeSet<IpAddr>>);

    #[async_trait::async_trait]
    impl Network for Odd {
        async fn resolve(&self, _host: &str) -> io::Result<BTreeSet<IpAddr>> {
            self.0.as_ref().cloned().map_err(|error| io::Error::new(error.kind(), error.to_string()))
        }

        async fn connect(&self, address: SocketAddr) -> io::Result<TcpStream> {
            if address.ip() == IpAddr::from([10, 0, 0, 1]) {
                std::future::pending().await
            }
            TcpStream::connect((Ipv4Addr::LOCALHOST, address.port())).await
        }
    }

    #[tokio::test]
    async fn an_address_that_swallows_everything_leaves_time_for_the_next() {
        let port = listener(greeting("8.0.11-TiDB"), true).await;
        let both = BTreeSet::from([IpAddr::from([10, 0, 0, 1]), IpAddr::from([10, 0, 0, 2])]);
        let found = probe(&Odd(Ok(both.clone())), &operation(2_000), "db", port).await;
        assert_eq!((found.version.as_deref(), found.error), (Some("8.0.11-TiDB"), None));
        assert_eq!(found.addresses, both);
        let swallowing = BTreeSet::from([IpAddr::from([10, 0, 0, 1])]);
        let found = probe(&Odd(Ok(swallowing)), &operation(200), "db", port).await;
        assert!(found.error.unwrap().contains("security group"));
    }

    #[tokio::test]
    async fn a_name_that_does_not_resolve_is_a_reason() {
        let unknown = Err(io::Error::new(io::ErrorKind::NotFound, "no such host"));
        let found = probe(&Odd(unknown), &operation(60_000), "db.example.com", 4000).await;
        assert_eq!(found.error.as_deref(), Some("db.example.com does not resolve: no such host"));
        let found = probe(&Odd(Ok(BTreeSet::new())), &operation(60_000), "db.example.com", 4000).await;
        assert!(found.error.unwrap().contains("no address"));
    }
}
