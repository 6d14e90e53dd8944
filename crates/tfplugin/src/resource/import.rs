//! Importing: taking an object that exists into the state.

use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;

use super::Resource;
use super::erased::Typed;
use crate::{Context, Diagnostics, PrivateState, ToValue as _, Value};

/// A resource type whose existing objects can be imported.
pub trait ImportState: Resource {
    /// Finds the object. The state may be partial: Terraform reads it next, and a read that answers "gone"
    /// tells the user that there is no such object.
    fn import(
        &self,
        cx: &Context<Self::Data>,
        request: ImportRequest,
    ) -> impl Future<Output = ImportResponse<Self::Model>> + Send;
}

/// What [`ImportState::import`] is given: one of the two.
#[derive(Clone, Debug, PartialEq)]
pub enum ImportRequest {
    /// What the user typed as the id.
    Id(String),
    /// What the user wrote as identity, in the shape of the identity schema: `from_root` of its model reads
    /// it. Only for resource types that have one.
    Identity(Value),
}

/// What [`ImportState::import`] answers.
#[derive(Clone, Debug)]
#[must_use]
pub struct ImportResponse<M> {
    /// What is known of the object.
    pub state: Option<M>,
    /// The private state to keep with it.
    pub private: PrivateState,
    /// Messages for the user.
    pub diagnostics: Diagnostics,
}

impl<M> ImportResponse<M> {
    /// The object to read next.
    pub fn imported(state: M, private: PrivateState) -> Self {
        Self { state: Some(state), private, diagnostics: Diagnostics::new() }
    }

    /// It cannot be imported; `diagnostics` hold the reason.
    pub fn failed(diagnostics: impl Into<Diagnostics>) -> Self {
        Self { state: None, private: PrivateState::new(), diagnostics: diagnostics.into() }
    }

    /// Adds messages.
    pub fn with_diagnostics(mut self, diagnostics: impl Into<Diagnostics>) -> Self {
        self.diagnostics.extend(diagnostics.into());
        self
    }
}

/// [`ImportState`] without its types.
pub(crate) trait ErasedImport<D>: Send + Sync {
    fn import<'a>(
        &'a self,
        cx: &'a Context<D>,
        request: ImportRequest,
    ) -> BoxFuture<'a, ImportResponse<Value>>;
}

impl<R: ImportState> ErasedImport<R::Data> for Typed<R> {
    fn import<'a>(
        &'a self,
        cx: &'a Context<R::Data>,
        request: ImportRequest,
    ) -> BoxFuture<'a, ImportResponse<Value>> {
        async move {
            let response = self.0.import(cx, request).await;
            ImportResponse {
                state: response.state.map(|state| state.to_value()),
                private: response.private,
                diagnostics: response.diagnostics,
            }
        }
        .boxed()
    }
}
