//! The small change of calling RPCs directly.

use tonic::{Response, Status};

use crate::ClientCapabilities;
use crate::proto::tfplugin6 as wire;

/// The message in an answer.
///
/// # Panics
/// When the provider answered a gRPC error, which it must never do.
pub(super) fn answer<T>(answer: Result<Response<T>, Status>) -> T {
    match answer {
        Ok(response) => response.into_inner(),
        Err(status) => {
            panic!("the provider answered a gRPC error, which Terraform takes for a crash: {status}")
        }
    }
}

/// Capabilities as Terraform announces them.
pub(super) fn capabilities(capabilities: ClientCapabilities) -> wire::ClientCapabilities {
    wire::ClientCapabilities {
        deferral_allowed: capabilities.deferral_allowed,
        write_only_attributes_allowed: capabilities.write_only_attributes_allowed,
        store_planned_private: capabilities.store_planned_private,
        computed_blocks_allowed: capabilities.computed_blocks_allowed,
    }
}
