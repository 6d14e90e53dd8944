//! Mutual TLS pinned on both sides. Terraform makes a certificate for this one conversation and trusts only
//! the one that the handshake line carries; the plugin in turn serves nobody who cannot prove to hold exactly
//! Terraform's.
//!
//! The crypto provider is named explicitly: a process whose dependencies bring two of them has no default,
//! and only AWS-LC verifies the P-521 signatures of Terraform's certificates.

use std::sync::Arc;

use rustls::client::danger::HandshakeSignatureValid;
use rustls::crypto::{CryptoProvider, aws_lc_rs, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer, UnixTime};
use rustls::server::danger::{ClientCertVerified, ClientCertVerifier};
use rustls::{
    CertificateError, DigitallySignedStruct, DistinguishedName, Error, ServerConfig, SignatureScheme,
};
use tokio_rustls::TlsAcceptor;

use super::ServeError;

/// The name that Terraform expects in the certificate (go-plugin, `client.go`).
const SERVER_NAME: &str = "localhost";

/// What a TLS listener needs, and what Terraform must be told about it.
pub(super) struct Tls {
    /// Accepts connections from the holder of the pinned certificate.
    pub(super) acceptor: TlsAcceptor,
    /// This server's own certificate.
    pub(super) certificate: CertificateDer<'static>,
}

impl Tls {
    /// A fresh P-256 certificate for `localhost`, and a server that only accepts `client`.
    pub(super) fn pinned_to(client: CertificateDer<'static>) -> Result<Self, ServeError> {
        let (certificate, key) = self_signed().map_err(|error| ServeError::Certificate(error.to_string()))?;
        let provider = Arc::new(aws_lc_rs::default_provider());
        let verifier = Arc::new(PinnedClient { certificate: client, provider: Arc::clone(&provider) });
        let mut config = ServerConfig::builder_with_provider(provider)
            .with_protocol_versions(&[&rustls::version::TLS13, &rustls::version::TLS12])
            .map(|builder| builder.with_client_cert_verifier(verifier))
            .and_then(|builder| builder.with_single_cert(vec![certificate.clone()], key))
            .map_err(|error| ServeError::Certificate(error.to_string()))?;
        config.alpn_protocols = vec![b"h2".to_vec()];
        Ok(Self { acceptor: TlsAcceptor::from(Arc::new(config)), certificate })
    }
}

fn self_signed() -> Result<(CertificateDer<'static>, PrivateKeyDer<'static>), rcgen::Error> {
    let key = rcgen::KeyPair::generate_for(&rcgen::PKCS_ECDSA_P256_SHA256)?;
    let mut params = rcgen::CertificateParams::new(vec![SERVER_NAME.to_owned()])?;
    params.distinguished_name.push(rcgen::DnType::CommonName, SERVER_NAME);
    params.extended_key_usages = vec![rcgen::ExtendedKeyUsagePurpose::ServerAuth];
    let certificate = params.self_signed(&key)?;
    let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der()));
    Ok((certificate.der().clone(), key))
}

/// Accepts one certificate, byte for byte. Chains, names and validity do not matter for a pinned certificate,
/// and the usual verifier refuses Terraform's because it is marked as an authority.
#[derive(Debug)]
struct PinnedClient {
    certificate: CertificateDer<'static>,
    provider: Arc<CryptoProvider>,
}

impl ClientCertVerifier for PinnedClient {
    fn root_hint_subjects(&self) -> &[DistinguishedName] {
        &[]
    }

    fn verify_client_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        _intermediates: &[CertificateDer<'_>],
        _now: UnixTime,
    ) -> Result<ClientCertVerified, Error> {
        if *end_entity == self.certificate {
            Ok(ClientCertVerified::assertion())
        } else {
            Err(Error::InvalidCertificate(CertificateError::ApplicationVerificationFailure))
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls12_signature(
            message,
            certificate,
            signature,
            &self.provider.signature_verification_algorithms,
        )
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls13_signature(
            message,
            certificate,
            signature,
            &self.provider.signature_verification_algorithms,
        )
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider.signature_verification_algorithms.supported_schemes()
    }
}
