//! The network as seen from where Terraform runs: names and connections. Injected like the time, so that tests need
//! neither DNS nor anybody who listens.

use std::collections::BTreeSet;
use std::io;
use std::net::{IpAddr, SocketAddr};

use async_trait::async_trait;
use tokio::net::{TcpStream, lookup_host};

/// What is asked of a network.
#[async_trait]
pub trait Network: Send + Sync {
    /// The addresses that a name resolves to; an address is itself.
    ///
    /// # Errors
    /// What the resolver says when there are none.
    async fn resolve(&self, host: &str) -> io::Result<BTreeSet<IpAddr>>;

    /// Opens a connection.
    ///
    /// # Errors
    /// What the system says when it does not come about.
    async fn connect(&self, address: SocketAddr) -> io::Result<TcpStream>;
}

/// The network of this machine.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemNetwork;

#[async_trait]
impl Network for SystemNetwork {
    async fn resolve(&self, host: &str) -> io::Result<BTreeSet<IpAddr>> {
        // The port only completes the address.
        Ok(lookup_host((host, 0)).await?.map(|address| address.ip()).collect())
    }

    async fn connect(&self, address: SocketAddr) -> io::Result<TcpStream> {
        TcpStream::connect(address).await
    }
}
