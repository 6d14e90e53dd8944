//! Deleting.

use crate::{Diagnostics, PrivateState};

/// What [`Resource::delete`](crate::Resource::delete) is given.
#[derive(Clone, Debug)]
pub struct DeleteRequest<M> {
    /// The state before.
    pub prior: M,
    /// The private state that the plan answered. In a replacement that is the plan for the new object, and
    /// for a tainted object Terraform does not tell that plan what was stored: then this is not the object's
    /// own.
    pub private: PrivateState,
}

/// What [`Resource::delete`](crate::Resource::delete) answers.
#[derive(Clone, Debug)]
#[must_use]
pub struct DeleteResponse<M> {
    /// What is still there, when the deletion failed half-way. `None` with errors leaves the state as it was.
    pub state: Option<M>,
    /// The private state to keep with what is still there.
    pub private: PrivateState,
    /// Messages for the user.
    pub diagnostics: Diagnostics,
}

impl<M> DeleteResponse<M> {
    /// The object is gone, or was gone before.
    pub fn deleted() -> Self {
        Self { state: None, private: PrivateState::new(), diagnostics: Diagnostics::new() }
    }

    /// The object is still there, as it was; `diagnostics` hold the reason.
    pub fn failed(diagnostics: impl Into<Diagnostics>) -> Self {
        Self::deleted().with_diagnostics(diagnostics)
    }

    /// `state` is still there; `diagnostics` hold the reason.
    pub fn remains(state: M, private: PrivateState, diagnostics: impl Into<Diagnostics>) -> Self {
        Self { state: Some(state), private, diagnostics: diagnostics.into() }
    }

    /// Adds messages.
    pub fn with_diagnostics(mut self, diagnostics: impl Into<Diagnostics>) -> Self {
        self.diagnostics.extend(diagnostics.into());
        self
    }
}
