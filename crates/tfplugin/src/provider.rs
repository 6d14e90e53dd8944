//! The provider itself: its configuration, and what it offers.

use tokio_util::sync::CancellationToken;

use crate::diagnostics::DiagnosticCode;
use crate::{
    ClientCapabilities, DataSourceEntry, Diagnostics, FunctionEntry, ListResourceEntry, Model, ResourceEntry,
    Schema,
};

/// A provider. [`serve`](crate::serve) turns it into a program that Terraform can run.
pub trait Provider: Send + Sync + 'static {
    /// What [`configure`](Self::configure) makes and every resource shares: clients, credentials, caches.
    type Data: Send + Sync + 'static;
    /// The provider block.
    type Config: Model;

    /// The short name that all type names begin with.
    fn name(&self) -> &'static str;

    /// The provider's version.
    fn version(&self) -> &'static str;

    /// The schema of the provider block.
    fn schema(&self) -> Schema;

    /// Checks the provider block beyond what the schema's validators do. Values may be unknown.
    fn validate(&self, config: Self::Config) -> impl Future<Output = Diagnostics> + Send {
        let _ = config;
        async { Diagnostics::new() }
    }

    /// Makes the shared data. While planning, values may be unknown; a process may be configured several
    /// times.
    fn configure(
        &self,
        request: ConfigureRequest<Self::Config>,
    ) -> impl Future<Output = ConfigureResponse<Self::Data>> + Send;

    /// The resource types.
    fn resources(&self) -> Vec<ResourceEntry<Self::Data>>;

    /// The data sources.
    fn data_sources(&self) -> Vec<DataSourceEntry<Self::Data>> {
        Vec::new()
    }

    /// The list resources.
    fn list_resources(&self) -> Vec<ListResourceEntry<Self::Data>> {
        Vec::new()
    }

    /// The codes of all diagnostics, for a guide.
    fn diagnostic_codes(&self) -> Vec<DiagnosticCode> {
        Vec::new()
    }

    /// The address where a user reads more about a code. It becomes the last line of the diagnostic.
    fn help(&self, code: &str) -> Option<String> {
        let _ = code;
        None
    }

    /// The functions.
    fn functions(&self) -> Vec<FunctionEntry> {
        Vec::new()
    }
}

/// What [`Provider::configure`] is given.
#[derive(Clone, Debug)]
pub struct ConfigureRequest<C> {
    /// The provider block.
    pub config: C,
    /// The version of the Terraform (or OpenTofu) that asks, such as `1.11.4`.
    pub terraform_version: String,
    /// What that Terraform can do.
    pub capabilities: ClientCapabilities,
    /// Cancelled when the user pressed Ctrl-C.
    pub stop: CancellationToken,
}

/// What [`Provider::configure`] answers.
#[derive(Clone, Debug)]
#[must_use]
pub struct ConfigureResponse<D> {
    /// The shared data. Without it, calls that need it answer an error.
    pub data: Option<D>,
    /// Messages for the user.
    pub diagnostics: Diagnostics,
}

impl<D> ConfigureResponse<D> {
    /// The provider is ready.
    pub fn ready(data: D) -> Self {
        Self { data: Some(data), diagnostics: Diagnostics::new() }
    }

    /// The provider cannot be used; `diagnostics` hold the reason.
    pub fn failed(diagnostics: impl Into<Diagnostics>) -> Self {
        Self { data: None, diagnostics: diagnostics.into() }
    }

    /// Adds messages.
    pub fn with_diagnostics(mut self, diagnostics: impl Into<Diagnostics>) -> Self {
        self.diagnostics.extend(diagnostics.into());
        self
    }
}
