//! Moving: taking over the state of another resource type, with a `moved` block.

use super::Resource;
use super::erased::Typed;
use crate::{Diagnostics, PrivateState, ToValue as _, Value};

/// A resource type that can take over objects of another one, perhaps of another provider.
pub trait MoveState: Resource {
    /// Turns the state of the other type into state of this one.
    fn move_state(&self, request: MoveRequest) -> MoveResponse<Self::Model>;
}

/// What [`MoveState::move_state`] is given.
#[derive(Clone, Debug, PartialEq)]
pub struct MoveRequest {
    /// The full address of the provider that the object is moved from.
    pub source_provider: String,
    /// The resource type that it is moved from.
    pub source_type: String,
    /// The schema version that wrote its state.
    pub source_version: i64,
    /// Its stored attributes.
    pub state: serde_json::Value,
    /// Its private state, in the other provider's own form.
    pub private: Vec<u8>,
    /// Its stored identity.
    pub identity: Option<serde_json::Value>,
}

/// What [`MoveState::move_state`] answers.
#[derive(Clone, Debug)]
#[must_use]
pub struct MoveResponse<M> {
    /// The state under this type.
    pub state: Option<M>,
    /// The private state to keep with it.
    pub private: PrivateState,
    /// Messages for the user.
    pub diagnostics: Diagnostics,
}

impl<M> MoveResponse<M> {
    /// The object is now of this type.
    pub fn moved(state: M, private: PrivateState) -> Self {
        Self { state: Some(state), private, diagnostics: Diagnostics::new() }
    }

    /// It cannot be moved; `diagnostics` hold the reason.
    pub fn failed(diagnostics: impl Into<Diagnostics>) -> Self {
        Self { state: None, private: PrivateState::new(), diagnostics: diagnostics.into() }
    }

    /// Adds messages.
    pub fn with_diagnostics(mut self, diagnostics: impl Into<Diagnostics>) -> Self {
        self.diagnostics.extend(diagnostics.into());
        self
    }
}

/// [`MoveState`] without its types.
pub(crate) trait ErasedMove: Send + Sync {
    fn move_state(&self, request: MoveRequest) -> MoveResponse<Value>;
}

impl<R: MoveState> ErasedMove for Typed<R> {
    fn move_state(&self, request: MoveRequest) -> MoveResponse<Value> {
        let response = self.0.move_state(request);
        MoveResponse {
            state: response.state.map(|state| state.to_value()),
            private: response.private,
            diagnostics: response.diagnostics,
        }
    }
}
