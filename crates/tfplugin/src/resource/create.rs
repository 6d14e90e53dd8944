//! Creating.

use crate::{Diagnostics, PrivateState};

/// What [`Resource::create`](crate::Resource::create) is given.
#[derive(Clone, Debug)]
pub struct CreateRequest<M> {
    /// The configuration, wholly known. The only place that holds write-only values.
    pub config: M,
    /// The plan; unknown is what this call has to find out.
    pub planned: M,
    /// The private state that the plan answered.
    pub private: PrivateState,
}

/// What [`Resource::create`](crate::Resource::create) answers.
#[derive(Clone, Debug)]
#[must_use]
pub struct CreateResponse<M> {
    /// The new object; `None` only when none exists. With errors it is saved as tainted, to be replaced.
    pub state: Option<M>,
    /// The private state to keep with it.
    pub private: PrivateState,
    /// Messages for the user.
    pub diagnostics: Diagnostics,
}

impl<M> CreateResponse<M> {
    /// The object exists as planned.
    pub fn created(state: M, private: PrivateState) -> Self {
        Self { state: Some(state), private, diagnostics: Diagnostics::new() }
    }

    /// The object exists, but not all went well. Errors in `diagnostics` make Terraform taint it; warnings do
    /// not.
    pub fn partial(state: M, private: PrivateState, diagnostics: impl Into<Diagnostics>) -> Self {
        Self { state: Some(state), private, diagnostics: diagnostics.into() }
    }

    /// No object exists; `diagnostics` hold the reason.
    pub fn failed(diagnostics: impl Into<Diagnostics>) -> Self {
        Self { state: None, private: PrivateState::new(), diagnostics: diagnostics.into() }
    }

    /// Adds messages.
    pub fn with_diagnostics(mut self, diagnostics: impl Into<Diagnostics>) -> Self {
        self.diagnostics.extend(diagnostics.into());
        self
    }
}
