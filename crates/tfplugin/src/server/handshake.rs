//! The agreement between Terraform and the plugin before the first byte of gRPC: what Terraform says through
//! the environment, and the one line on standard output that answers it.

use std::ffi::OsString;
use std::fmt;
use std::path::PathBuf;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;

use super::ServeError;
use super::listener::PortRange;

/// The variable by which a plugin knows that Terraform started it.
pub(super) const COOKIE_KEY: &str = "TF_PLUGIN_MAGIC_COOKIE";
/// Its value: the same for every Terraform. It keeps people from running a plugin by hand and protects
/// nothing.
pub(super) const COOKIE: &str = "d602bf8f470bc67ca7faa0386276bbdd4330efaf76d1a219cb4d6991ca9872b2";
/// The version of go-plugin's own handshake.
const CORE_PROTOCOL: u8 = 1;
/// The version of the provider protocol that this crate speaks.
pub(super) const APP_PROTOCOL: u8 = 6;

/// What Terraform asked for.
#[derive(Debug)]
pub(super) struct Startup {
    /// Ports to choose from where there are no Unix sockets.
    pub(super) ports: PortRange,
    /// The only certificate that a client may show; without one there is no TLS.
    pub(super) client_certificate: Option<CertificateDer<'static>>,
    /// Where to make the Unix socket instead of the system's temporary directory.
    pub(super) socket_dir: Option<PathBuf>,
    /// The group, by name or number, that may use the socket.
    pub(super) socket_group: Option<String>,
    /// Whether the answer must say that connections are not multiplexed.
    pub(super) says_multiplex: bool,
}

impl Startup {
    /// Reads the start-up environment.
    ///
    /// # Errors
    /// When Terraform did not start this process, speaks no version 6, or a variable makes no sense.
    pub(super) fn parse(variable: impl Fn(&str) -> Option<OsString>) -> Result<Self, ServeError> {
        let text = |name: &str| {
            variable(name).map(|value| value.to_string_lossy().into_owned()).filter(|value| !value.is_empty())
        };
        if text(COOKIE_KEY).as_deref() != Some(COOKIE) {
            return Err(ServeError::NotStartedByTerraform);
        }
        let offered = text("PLUGIN_PROTOCOL_VERSIONS").unwrap_or_default();
        if !offered.split(',').any(|version| version.trim() == "6") {
            let offered = match offered.as_str() {
                "" => "none".to_owned(),
                versions => format!("only {versions}"),
            };
            return Err(ServeError::UnsupportedProtocol { offered });
        }
        // Terraform inherits this switch to its plugins, and a certificate that an outer plugin was started
        // with.
        let client_certificate = match text("TF_DISABLE_PLUGIN_TLS") {
            Some(_) => None,
            None => text("PLUGIN_CLIENT_CERT").map(|pem| parse_certificate(&pem)).transpose()?,
        };
        let port = |name: &'static str| {
            text(name)
                .map(|value| {
                    value.parse::<u16>().map_err(|_| ServeError::Environment {
                        variable: name,
                        reason: format!("{value:?} is not a port"),
                    })
                })
                .transpose()
        };
        Ok(Self {
            ports: PortRange::new(port("PLUGIN_MIN_PORT")?, port("PLUGIN_MAX_PORT")?),
            client_certificate,
            socket_dir: variable("PLUGIN_UNIX_SOCKET_DIR").filter(|dir| !dir.is_empty()).map(PathBuf::from),
            socket_group: text("PLUGIN_UNIX_SOCKET_GROUP"),
            says_multiplex: text("PLUGIN_MULTIPLEX_GRPC").is_some(),
        })
    }
}

fn parse_certificate(pem: &str) -> Result<CertificateDer<'static>, ServeError> {
    CertificateDer::from_pem_slice(pem.as_bytes()).map_err(|error| ServeError::Environment {
        variable: "PLUGIN_CLIENT_CERT",
        reason: format!("it is not a PEM certificate ({error})"),
    })
}

/// The line that tells Terraform where to connect and which certificate to expect there.
pub(super) struct HandshakeLine<'a> {
    /// `unix` or `tcp`.
    pub(super) network: &'static str,
    /// Path or `IP:PORT`.
    pub(super) address: &'a str,
    /// The server's certificate, when there is TLS.
    pub(super) certificate: Option<&'a CertificateDer<'static>>,
    /// Whether to answer the question about multiplexing, with no.
    pub(super) says_multiplex: bool,
}

impl fmt::Display for HandshakeLine<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { network, address, .. } = self;
        write!(f, "{CORE_PROTOCOL}|{APP_PROTOCOL}|{network}|{address}|grpc|")?;
        if let Some(certificate) = self.certificate {
            f.write_str(&STANDARD_NO_PAD.encode(certificate))?;
        }
        if self.says_multiplex {
            f.write_str("|false")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]

    use super::*;

    fn parse(variables: &[(&str, &str)]) -> Result<Startup, ServeError> {
        Startup::parse(|name| {
            variables.iter().find(|(key, _)| *key == name).map(|(_, value)| OsString::from(value))
        })
    }

    const GOOD: [(&str, &str); 2] = [(COOKIE_KEY, COOKIE), ("PLUGIN_PROTOCOL_VERSIONS", "6,5")];

    #[test]
    fn a_wrong_or_missing_cookie_means_that_a_person_started_it() {
        for variables in [&[][..], &[(COOKIE_KEY, "other")]] {
            assert!(matches!(parse(variables), Err(ServeError::NotStartedByTerraform)));
        }
    }

    #[test]
    fn protocol_versions_come_in_any_order() {
        assert!(parse(&GOOD).is_ok());
        assert!(parse(&[GOOD[0], ("PLUGIN_PROTOCOL_VERSIONS", "5,6")]).is_ok());
    }

    #[test]
    fn a_caller_without_version_6_is_told_what_it_offered() {
        let error = parse(&[GOOD[0], ("PLUGIN_PROTOCOL_VERSIONS", "4,5")]).unwrap_err();
        assert!(error.to_string().contains("offered only 4,5"), "{error}");
        let error = parse(&GOOD[..1]).unwrap_err();
        assert!(error.to_string().contains("offered none"), "{error}");
    }

    #[test]
    fn a_broken_client_certificate_is_an_error_and_never_plaintext() {
        let error = parse(&[GOOD[0], GOOD[1], ("PLUGIN_CLIENT_CERT", "nonsense")]).unwrap_err();
        assert!(error.to_string().starts_with("PLUGIN_CLIENT_CERT"), "{error}");
    }

    #[test]
    fn tls_is_off_only_when_the_user_said_so_or_no_certificate_came() {
        let key = rcgen::KeyPair::generate().expect("a key");
        let pem = rcgen::CertificateParams::default().self_signed(&key).expect("a certificate").pem();
        let with = parse(&[GOOD[0], GOOD[1], ("PLUGIN_CLIENT_CERT", &pem)]).unwrap();
        assert!(with.client_certificate.is_some());
        let off = [GOOD[0], GOOD[1], ("PLUGIN_CLIENT_CERT", &pem), ("TF_DISABLE_PLUGIN_TLS", "1")];
        assert!(parse(&off).unwrap().client_certificate.is_none());
        assert!(parse(&GOOD).unwrap().client_certificate.is_none());
    }

    #[test]
    fn a_senseless_port_is_named() {
        let error = parse(&[GOOD[0], GOOD[1], ("PLUGIN_MIN_PORT", "many")]).unwrap_err();
        assert!(error.to_string().contains("PLUGIN_MIN_PORT"), "{error}");
    }

    #[test]
    fn the_line_carries_the_certificate_as_base64_without_padding() {
        let certificate = CertificateDer::from(vec![1, 2, 3, 4]);
        let line = HandshakeLine {
            network: "unix",
            address: "/tmp/a/b",
            certificate: Some(&certificate),
            says_multiplex: false,
        };
        assert_eq!(line.to_string(), "1|6|unix|/tmp/a/b|grpc|AQIDBA");
    }

    #[test]
    fn the_line_answers_the_question_about_multiplexing_only_when_asked() {
        let line =
            HandshakeLine { network: "tcp", address: "127.0.0.1:1", certificate: None, says_multiplex: true };
        assert_eq!(line.to_string(), "1|6|tcp|127.0.0.1:1|grpc||false");
    }
}
