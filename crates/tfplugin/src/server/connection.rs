//! Accepted connections of any transport as one type, and the stream of them that the gRPC server takes. A
//! TLS handshake runs in a task of its own: a client that dawdles holds up nobody else.

use std::io::{self, IoSlice};
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tokio_rustls::TlsAcceptor;
use tokio_stream::wrappers::ReceiverStream;
use tonic::transport::server::Connected;

use super::listener::Listener;

/// How long a client may take for its TLS handshake.
const HANDSHAKE_TIMEOUT: Duration = Duration::from_secs(10);
/// How long to wait when accepting fails, which is mostly a lack of file descriptors.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

trait Socket: AsyncRead + AsyncWrite + Send + Unpin {}
impl<T: AsyncRead + AsyncWrite + Send + Unpin> Socket for T {}

/// One accepted connection.
pub(super) struct Connection(Box<dyn Socket>);

impl Connection {
    /// Wraps a stream.
    pub(super) fn new(stream: impl AsyncRead + AsyncWrite + Send + Unpin + 'static) -> Self {
        Self(Box::new(stream))
    }
}

impl AsyncRead for Connection {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_read(cx, buf)
    }
}

impl AsyncWrite for Connection {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.0).poll_write(cx, buf)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_shutdown(cx)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.0).poll_write_vectored(cx, bufs)
    }

    fn is_write_vectored(&self) -> bool {
        self.0.is_write_vectored()
    }
}

impl Connected for Connection {
    type ConnectInfo = ();

    fn connect_info(&self) -> Self::ConnectInfo {}
}

/// Accepts connections until the returned stream is dropped. The task then drops the listener and ends.
pub(super) fn incoming(
    listener: Listener,
    tls: Option<TlsAcceptor>,
) -> (ReceiverStream<io::Result<Connection>>, JoinHandle<()>) {
    let (sender, receiver) = mpsc::channel(4);
    let task = tokio::spawn(async move {
        loop {
            let accepted = tokio::select! {
                accepted = listener.accept() => accepted,
                () = sender.closed() => return,
            };
            match accepted {
                Ok(connection) => {
                    tokio::spawn(secure(connection, tls.clone(), sender.clone()));
                }
                Err(error) => {
                    tracing::warn!(%error, "accepting a connection failed");
                    tokio::time::sleep(ACCEPT_PAUSE).await;
                }
            }
        }
    });
    (ReceiverStream::new(receiver), task)
}

async fn secure(
    connection: Connection,
    tls: Option<TlsAcceptor>,
    sender: mpsc::Sender<io::Result<Connection>>,
) {
    let connection = match tls {
        None => connection,
        Some(tls) => match tokio::time::timeout(HANDSHAKE_TIMEOUT, tls.accept(connection)).await {
            Ok(Ok(stream)) => Connection::new(stream),
            Ok(Err(error)) => {
                return tracing::warn!(%error, "a connection was refused: the TLS handshake failed");
            }
            Err(_) => return tracing::warn!("a connection was refused: the TLS handshake took too long"),
        },
    };
    // The server no longer takes connections when nobody receives.
    let _ = sender.send(Ok(connection)).await;
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    use tokio::net::TcpStream;
    use tokio_stream::StreamExt as _;

    use super::super::listener::PortRange;
    use super::super::tls::Tls;
    use super::*;

    fn some_certificate() -> rustls::pki_types::CertificateDer<'static> {
        let key = rcgen::KeyPair::generate().unwrap();
        rcgen::CertificateParams::default().self_signed(&key).unwrap().der().clone()
    }

    /// A listener with TLS on a free port of this machine.
    async fn listening() -> (ReceiverStream<io::Result<Connection>>, String) {
        let parent = tempfile::tempdir().unwrap();
        let long = parent.path().join("x".repeat(120));
        std::fs::create_dir(&long).unwrap();
        let listener = Listener::bind(Some(&long), None, PortRange::new(None, None)).await.unwrap();
        let address = listener.address().unwrap();
        let tls = Tls::pinned_to(some_certificate()).unwrap();
        (incoming(listener, Some(tls.acceptor)).0, address)
    }

    /// Whether the server ends the connection, within however much of the paused clock's time that takes.
    async fn is_ended(mut client: TcpStream) -> bool {
        let mut answer = Vec::new();
        let patience = HANDSHAKE_TIMEOUT * 2;
        tokio::time::timeout(patience, client.read_to_end(&mut answer)).await.is_ok()
    }

    #[tokio::test]
    async fn a_client_that_says_nothing_or_half_a_sentence_is_put_out() {
        let (mut connections, address) = listening().await;
        let silent = TcpStream::connect(&address).await.unwrap();
        let mut slow = TcpStream::connect(&address).await.unwrap();
        // The head of a TLS record of 512 bytes, and its beginning.
        slow.write_all(b"\x16\x03\x01\x02\x00\x01").await.unwrap();
        tokio::time::pause();
        assert!(is_ended(silent).await, "a silent client is still connected");
        assert!(is_ended(slow).await, "a slow client is still connected");
        let next = tokio::time::timeout(Duration::from_secs(1), connections.next()).await;
        assert!(next.is_err(), "a client without a certificate got through");
    }

    #[tokio::test]
    async fn a_client_that_speaks_no_tls_is_put_out_at_once() {
        let (_connections, address) = listening().await;
        for noise in [b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".as_slice(), &[0; 64], &[0xff; 70_000]] {
            let mut client = TcpStream::connect(&address).await.unwrap();
            // The other side may hang up before it has read everything.
            let _ = client.write_all(noise).await;
            let mut answer = Vec::new();
            // An end or a reset, before the time for a handshake is over.
            let ended = tokio::time::timeout(HANDSHAKE_TIMEOUT, client.read_to_end(&mut answer)).await;
            assert!(ended.is_ok(), "still connected after {} bytes of noise", noise.len());
        }
    }
}
