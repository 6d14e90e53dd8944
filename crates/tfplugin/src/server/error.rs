//! Why a provider could not start or go on serving. Once the plugin serves, failures are diagnostics instead.

use std::{fmt, io};

/// Why [`serve`](crate::serve) gave up.
///
/// `Debug` shows the same text as `Display`, so that a `main` that returns the error shows it readably.
#[derive(thiserror::Error)]
#[non_exhaustive]
pub enum ServeError {
    /// The program was not started by Terraform.
    #[error(
        "this program is a Terraform provider and is started by Terraform itself: put it into a \
         configuration and run `terraform plan`. What else it can do, it says with --help"
    )]
    NotStartedByTerraform,
    /// The caller speaks no version of the protocol that this crate speaks.
    #[error(
        "this provider speaks version 6 of the Terraform plugin protocol, but was offered {offered}: use \
         Terraform 1.0 or later, or OpenTofu"
    )]
    UnsupportedProtocol {
        /// The versions that were offered.
        offered: String,
    },
    /// A variable of the start-up environment cannot be used.
    #[error("{variable} of the environment cannot be used: {reason}")]
    Environment {
        /// Name of the variable.
        variable: &'static str,
        /// What is wrong with it.
        reason: String,
    },
    /// An argument that the program does not know.
    #[error(
        "unknown argument {0:?}: --help lists those that there are, and Terraform starts a provider without any"
    )]
    UnknownArgument(String),
    /// The certificate of this process could not be made.
    #[error("no TLS certificate could be made: {0}")]
    Certificate(String),
    /// No address could be listened on.
    #[error("no address to listen on: {0}")]
    Listen(#[source] io::Error),
    /// A stream of the process (standard output, a signal) cannot be used.
    #[error("the process cannot be set up: {0}")]
    Process(#[source] io::Error),
    /// The server broke while serving.
    #[error("the gRPC server failed: {0}")]
    Transport(#[source] tonic::transport::Error),
}

impl fmt::Debug for ServeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}
