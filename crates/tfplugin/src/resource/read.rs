//! Reading.

use crate::{ClientCapabilities, Diagnostics, PrivateState, Value};

/// What [`Resource::read`](crate::Resource::read) is given.
#[derive(Clone, Debug)]
pub struct ReadRequest<M> {
    /// The state. After an import it may hold no more than what the import found.
    pub state: M,
    /// The private state.
    pub private: PrivateState,
    /// The object's identity, if the resource type has identities and the state holds one.
    pub identity: Option<Value>,
    /// What the asking Terraform can do.
    pub capabilities: ClientCapabilities,
}

/// What [`Resource::read`](crate::Resource::read) answers.
#[derive(Clone, Debug)]
#[must_use]
pub struct ReadResponse<M> {
    /// The object as it is now. `None` without errors says that it is gone, and Terraform plans a new one.
    pub state: Option<M>,
    /// The private state to keep with it.
    pub private: PrivateState,
    /// Messages for the user.
    pub diagnostics: Diagnostics,
}

impl<M> ReadResponse<M> {
    /// The object is there. What the service does not tell should stay as it was in the state.
    pub fn found(state: M, private: PrivateState) -> Self {
        Self { state: Some(state), private, diagnostics: Diagnostics::new() }
    }

    /// The object is gone.
    pub fn gone() -> Self {
        Self::failed(Diagnostics::new())
    }

    /// It could not be found out; `diagnostics` hold the reason. Terraform keeps the state.
    pub fn failed(diagnostics: impl Into<Diagnostics>) -> Self {
        Self { state: None, private: PrivateState::new(), diagnostics: diagnostics.into() }
    }

    /// Adds messages.
    pub fn with_diagnostics(mut self, diagnostics: impl Into<Diagnostics>) -> Self {
        self.diagnostics.extend(diagnostics.into());
        self
    }
}
