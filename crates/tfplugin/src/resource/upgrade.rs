//! Upgrading: bringing state that an older version of the provider wrote into today's shape.

use super::Resource;
use super::erased::Typed;
use crate::Diagnostics;

/// A resource type whose schema version has been raised.
///
/// It is only asked about other versions. State of the current version is read as it is; attributes that the
/// schema no longer has are dropped and new ones are null, so adding an optional attribute needs no new
/// version.
pub trait UpgradeState: Resource {
    /// Turns the attributes of the old version into those of the current one.
    ///
    /// # Errors
    /// When that is impossible; the state is left as it is.
    fn upgrade(&self, request: UpgradeRequest) -> Result<serde_json::Value, Diagnostics>;
}

/// What [`UpgradeState::upgrade`] is given.
#[derive(Clone, Debug, PartialEq)]
pub struct UpgradeRequest {
    /// The schema version that wrote the state; lower than the current one.
    pub from_version: i64,
    /// The stored attributes.
    pub raw: serde_json::Value,
}

/// [`UpgradeState`] without its types.
pub(crate) trait ErasedUpgrade: Send + Sync {
    fn upgrade(&self, request: UpgradeRequest) -> Result<serde_json::Value, Diagnostics>;
}

impl<R: UpgradeState> ErasedUpgrade for Typed<R> {
    fn upgrade(&self, request: UpgradeRequest) -> Result<serde_json::Value, Diagnostics> {
        self.0.upgrade(request)
    }
}
