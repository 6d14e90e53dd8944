//! The address that Terraform connects to: a Unix socket nobody else can reach, or loopback TCP where there
//! are no Unix sockets or the path of one would be too long for the operating system.

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;

use tokio::net::TcpListener;

use super::connection::Connection;

/// The TCP ports that Terraform allows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct PortRange {
    first: u16,
    last: u16,
}

impl PortRange {
    /// The given bounds; any free port when one is missing.
    pub(super) fn new(first: Option<u16>, last: Option<u16>) -> Self {
        match (first, last) {
            (Some(first), Some(last)) if first <= last => Self { first, last },
            _ => Self { first: 0, last: 0 },
        }
    }
}

/// The longest path that fits into `sun_path` on every Unix (macOS: 104 bytes with the final zero).
#[cfg(unix)]
const MAX_SOCKET_PATH: usize = 103;

/// Something that accepts connections.
#[derive(Debug)]
pub(super) enum Listener {
    /// Unix socket, and the directory that goes away with it.
    #[cfg(unix)]
    Unix(tokio::net::UnixListener, super::socket_dir::SocketDir),
    /// Loopback TCP.
    Tcp(TcpListener),
}

impl Listener {
    /// Binds in `socket_dir` (the system's temporary directory when `None`), or within `ports`.
    #[cfg(unix)]
    pub(super) async fn bind(
        socket_dir: Option<&Path>,
        group: Option<&str>,
        ports: PortRange,
    ) -> io::Result<Self> {
        use std::os::unix::ffi::OsStrExt as _;

        let parent = socket_dir.map_or_else(std::env::temp_dir, Path::to_owned);
        let dir = match super::socket_dir::SocketDir::create(&parent) {
            Ok(dir) => dir,
            // Some containers have no place for temporary files.
            Err(error) if socket_dir.is_none() => {
                tracing::debug!(%error, "no Unix socket can be made, listening on TCP");
                return Self::bind_tcp(ports).await;
            }
            Err(error) => return Err(error),
        };
        let path = dir.socket();
        // The line on standard output must be text, and `|` separates its fields.
        let sayable = path.to_str().is_some_and(|path| !path.contains(['|', '\n']));
        if path.as_os_str().as_bytes().len() > MAX_SOCKET_PATH || !sayable {
            return Self::bind_tcp(ports).await;
        }
        let listener = tokio::net::UnixListener::bind(&path)?;
        match group {
            Some(group) => dir.open_to_group(group)?,
            None => dir.close_to_others()?,
        }
        Ok(Self::Unix(listener, dir))
    }

    /// Binds within `ports`; there are no Unix sockets here.
    #[cfg(not(unix))]
    pub(super) async fn bind(
        _socket_dir: Option<&Path>,
        _group: Option<&str>,
        ports: PortRange,
    ) -> io::Result<Self> {
        Self::bind_tcp(ports).await
    }

    async fn bind_tcp(ports: PortRange) -> io::Result<Self> {
        let mut last_error = None;
        for port in ports.first..=ports.last {
            match TcpListener::bind(SocketAddr::from((Ipv4Addr::LOCALHOST, port))).await {
                Ok(listener) => return Ok(Self::Tcp(listener)),
                Err(error) => last_error = Some(error),
            }
        }
        let PortRange { first, last } = ports;
        let cause = last_error.map_or_else(String::new, |error| format!(": {error}"));
        let text = format!("no port from {first} to {last} is free on 127.0.0.1{cause}");
        Err(io::Error::new(io::ErrorKind::AddrInUse, text))
    }

    /// `unix` or `tcp`, as the handshake line says it.
    pub(super) fn network(&self) -> &'static str {
        match self {
            #[cfg(unix)]
            Self::Unix(..) => "unix",
            Self::Tcp(_) => "tcp",
        }
    }

    /// The address, as the handshake line says it.
    pub(super) fn address(&self) -> io::Result<String> {
        match self {
            #[cfg(unix)]
            Self::Unix(_, dir) => Ok(dir.socket().to_string_lossy().into_owned()),
            Self::Tcp(listener) => Ok(listener.local_addr()?.to_string()),
        }
    }

    /// The next connection, before any TLS.
    pub(super) async fn accept(&self) -> io::Result<Connection> {
        match self {
            #[cfg(unix)]
            Self::Unix(listener, _) => Ok(Connection::new(listener.accept().await?.0)),
            Self::Tcp(listener) => {
                let (stream, _) = listener.accept().await?;
                // Small gRPC frames would otherwise wait for the acknowledgement of the one before.
                stream.set_nodelay(true)?;
                Ok(Connection::new(stream))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn a_port_range_needs_both_bounds_in_order() {
        assert_eq!(PortRange::new(Some(10), Some(12)), PortRange { first: 10, last: 12 });
        for (first, last) in [(None, Some(1)), (Some(1), None), (Some(2), Some(1))] {
            assert_eq!(PortRange::new(first, last), PortRange { first: 0, last: 0 });
        }
    }

    #[tokio::test]
    async fn a_port_that_is_taken_is_passed_over() {
        let taken = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = taken.local_addr().unwrap().port();
        let only = PortRange { first: port, last: port };
        let error = Listener::bind_tcp(only).await.unwrap_err();
        assert!(error.to_string().contains(&format!("from {port} to {port}")), "{error}");
        let listener = Listener::bind_tcp(PortRange { first: port, last: u16::MAX }).await.unwrap();
        assert_ne!(listener.address().unwrap(), format!("127.0.0.1:{port}"));
    }

    #[cfg(unix)]
    #[tokio::test]
    async fn a_long_directory_means_tcp_and_leaves_nothing_behind() {
        let parent = tempfile::tempdir().unwrap();
        let long = parent.path().join("x".repeat(120));
        std::fs::create_dir(&long).unwrap();
        let listener = Listener::bind(Some(&long), None, PortRange::new(None, None)).await.unwrap();
        assert_eq!(listener.network(), "tcp");
        assert!(listener.address().unwrap().starts_with("127.0.0.1:"));
        assert_eq!(std::fs::read_dir(&long).unwrap().count(), 0);
    }

    #[cfg(unix)]
    #[tokio::test]
    async fn a_short_directory_means_a_private_unix_socket_that_goes_away() {
        use std::os::unix::fs::PermissionsExt as _;
        use std::path::PathBuf;

        let parent = tempfile::tempdir().unwrap();
        let listener = Listener::bind(Some(parent.path()), None, PortRange::new(None, None)).await.unwrap();
        assert_eq!(listener.network(), "unix");
        let socket = PathBuf::from(listener.address().unwrap());
        for (path, expected) in [(socket.as_path(), 0o600), (socket.parent().unwrap(), 0o700)] {
            let mode = std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
            assert_eq!(mode, expected, "{}: {mode:o}", path.display());
        }
        drop(listener);
        assert_eq!(std::fs::read_dir(parent.path()).unwrap().count(), 0);
    }
}
