//! A gRPC client of a plugin, with the generated code of the same protocol files.

use std::io;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use hyper_util::rt::TokioIo;
use rustls::crypto::aws_lc_rs;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer, ServerName};
use rustls::{ClientConfig, RootCertStore, SupportedProtocolVersion};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpStream, UnixStream};
use tokio_rustls::TlsConnector;
use tonic::transport::{Channel, Endpoint, Error};

use super::plugin::Handshake;

#[allow(clippy::all, dead_code, unreachable_pub, missing_docs)]
pub(crate) mod tfplugin6 {
    include!(concat!(env!("OUT_DIR"), "/client/tfplugin6.rs"));
}

#[allow(clippy::all, dead_code, unreachable_pub, missing_docs)]
pub(crate) mod plugin {
    include!(concat!(env!("OUT_DIR"), "/client/plugin.rs"));
}

pub(crate) type Provider = tfplugin6::provider_client::ProviderClient<Channel>;

/// A certificate as Terraform makes it: P-521, an authority, for both sides of a connection.
pub(crate) struct Identity {
    pub(crate) pem: String,
    certificate: CertificateDer<'static>,
    key: PrivateKeyDer<'static>,
}

impl Identity {
    pub(crate) fn generate() -> Self {
        let key = rcgen::KeyPair::generate_for(&rcgen::PKCS_ECDSA_P521_SHA512).unwrap();
        let mut params = rcgen::CertificateParams::new(vec!["localhost".to_owned()]).unwrap();
        params.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
        params.extended_key_usages =
            vec![rcgen::ExtendedKeyUsagePurpose::ClientAuth, rcgen::ExtendedKeyUsagePurpose::ServerAuth];
        let certificate = params.self_signed(&key).unwrap();
        Self {
            pem: certificate.pem(),
            certificate: certificate.der().clone(),
            key: PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der())),
        }
    }
}

/// The TLS side of Terraform: the server's certificate is the only root, `localhost` its name.
pub(crate) fn tls(
    handshake: &Handshake,
    identity: Option<&Identity>,
    version: &'static SupportedProtocolVersion,
) -> TlsConnector {
    let mut roots = RootCertStore::empty();
    roots.add(STANDARD_NO_PAD.decode(&handshake.certificate).unwrap().into()).unwrap();
    let builder = ClientConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_protocol_versions(&[version])
        .unwrap()
        .with_root_certificates(roots);
    let mut config = match identity {
        Some(it) => builder.with_client_auth_cert(vec![it.certificate.clone()], it.key.clone_key()).unwrap(),
        None => builder.with_no_client_auth(),
    };
    config.alpn_protocols = vec![b"h2".to_vec()];
    TlsConnector::from(Arc::new(config))
}

/// A connection before anything is said on it.
pub(crate) trait Socket: AsyncRead + AsyncWrite + Send + Unpin {}
impl<T: AsyncRead + AsyncWrite + Send + Unpin> Socket for T {}

/// Connects without speaking gRPC.
pub(crate) async fn dial(
    network: String,
    address: String,
    tls: Option<TlsConnector>,
) -> io::Result<Box<dyn Socket>> {
    let socket: Box<dyn Socket> = match network.as_str() {
        "unix" => Box::new(UnixStream::connect(address).await?),
        "tcp" => Box::new(TcpStream::connect(address).await?),
        other => panic!("unknown network {other}"),
    };
    match tls {
        None => Ok(socket),
        Some(tls) => Ok(Box::new(tls.connect(ServerName::try_from("localhost").unwrap(), socket).await?)),
    }
}

/// Connects to a plugin.
pub(crate) async fn connect(handshake: &Handshake, tls: Option<TlsConnector>) -> Result<Channel, Error> {
    let Handshake { network, address, .. } = handshake.clone();
    let connector = tower::service_fn(move |_| {
        let dialled = dial(network.clone(), address.clone(), tls.clone());
        async { dialled.await.map(TokioIo::new) }
    });
    Endpoint::from_static("http://localhost").connect_with_connector(connector).await
}

/// A client that takes messages of any size.
pub(crate) fn provider(channel: Channel) -> Provider {
    Provider::new(channel).max_decoding_message_size(usize::MAX).max_encoding_message_size(usize::MAX)
}
