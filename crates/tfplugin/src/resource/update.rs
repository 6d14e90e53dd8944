//! Updating.

use crate::{Diagnostics, PrivateState};

/// What [`Resource::update`](crate::Resource::update) is given.
#[derive(Clone, Debug)]
pub struct UpdateRequest<M> {
    /// The state before.
    pub prior: M,
    /// The configuration, wholly known. The only place that holds write-only values.
    pub config: M,
    /// The plan; unknown is what this call has to find out.
    pub planned: M,
    /// The private state that the plan answered.
    pub private: PrivateState,
}

/// What [`Resource::update`](crate::Resource::update) answers. There is always a state, because the object
/// exists.
#[derive(Clone, Debug)]
#[must_use]
pub struct UpdateResponse<M> {
    /// The object as it is now.
    pub state: M,
    /// The private state to keep with it.
    pub private: PrivateState,
    /// Messages for the user.
    pub diagnostics: Diagnostics,
}

impl<M> UpdateResponse<M> {
    /// The object is as planned.
    pub fn updated(state: M, private: PrivateState) -> Self {
        Self { state, private, diagnostics: Diagnostics::new() }
    }

    /// The object is as `state` says, which is not all that was planned: as it was before, if nothing was
    /// done.
    pub fn partial(state: M, private: PrivateState, diagnostics: impl Into<Diagnostics>) -> Self {
        Self { state, private, diagnostics: diagnostics.into() }
    }

    /// Adds messages.
    pub fn with_diagnostics(mut self, diagnostics: impl Into<Diagnostics>) -> Self {
        self.diagnostics.extend(diagnostics.into());
        self
    }
}
