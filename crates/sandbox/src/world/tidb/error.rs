//! What TiDB Cloud answers when it refuses: a gRPC code with a message, as in `googlerpcStatus`.

use serde::{Deserialize, Serialize};

/// The gRPC codes the TiDB Cloud APIs use, with the HTTP status each travels under (grpc-gateway's mapping).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum GrpcCode {
    InvalidArgument,
    NotFound,
    AlreadyExists,
    PermissionDenied,
    FailedPrecondition,
    Unimplemented,
}

impl GrpcCode {
    /// The number in the body.
    pub(crate) fn number(self) -> i32 {
        match self {
            Self::InvalidArgument => 3,
            Self::NotFound => 5,
            Self::AlreadyExists => 6,
            Self::PermissionDenied => 7,
            Self::FailedPrecondition => 9,
            Self::Unimplemented => 12,
        }
    }

    /// The HTTP status it travels under.
    pub(crate) fn status(self) -> u16 {
        match self {
            Self::InvalidArgument | Self::FailedPrecondition => 400,
            Self::NotFound => 404,
            Self::AlreadyExists => 409,
            Self::PermissionDenied => 403,
            Self::Unimplemented => 501,
        }
    }
}

/// A refusal.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[error("{message}")]
pub(crate) struct TidbError {
    pub(crate) code: GrpcCode,
    pub(crate) message: String,
}

impl TidbError {
    pub(crate) fn new(code: GrpcCode, message: impl Into<String>) -> Self {
        Self { code, message: message.into() }
    }

    pub(crate) fn not_found(message: impl Into<String>) -> Self {
        Self::new(GrpcCode::NotFound, message)
    }
}
