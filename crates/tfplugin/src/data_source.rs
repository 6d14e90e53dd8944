//! Data sources: what a provider looks up and never changes.

use std::fmt;
use std::sync::Arc;

use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;

use crate::resource::ValidateRequest;
use crate::{
    ClientCapabilities, Context, Diagnostic, Diagnostics, FromValue as _, Model, Schema, ToValue as _, Value,
};

/// A data source.
pub trait DataSource: Send + Sync + 'static {
    /// What the provider shares with its data sources.
    type Data: Send + Sync + 'static;
    /// Configuration and result.
    type Model: Model;

    /// The schema.
    fn schema(&self) -> Schema;

    /// Checks a configuration beyond what the schema's validators do. Values may be unknown, and the provider
    /// may not be configured.
    fn validate(&self, request: ValidateRequest<Self::Model>) -> impl Future<Output = Diagnostics> + Send {
        let _ = request;
        async { Diagnostics::new() }
    }

    /// Looks up what the configuration asks for. What the configuration sets must be answered as it is, and
    /// nothing may be unknown. Not found is an error.
    fn read(
        &self,
        cx: &Context<Self::Data>,
        request: ReadDataRequest<Self::Model>,
    ) -> impl Future<Output = ReadDataResponse<Self::Model>> + Send;
}

/// What [`DataSource::read`] is given.
#[derive(Clone, Debug)]
pub struct ReadDataRequest<M> {
    /// The configuration, wholly known.
    pub config: M,
    /// What the asking Terraform can do.
    pub capabilities: ClientCapabilities,
}

/// What [`DataSource::read`] answers.
#[derive(Clone, Debug)]
#[must_use]
pub struct ReadDataResponse<M> {
    /// The result.
    pub state: Option<M>,
    /// Messages for the user.
    pub diagnostics: Diagnostics,
}

impl<M> ReadDataResponse<M> {
    /// The result.
    pub fn found(state: M) -> Self {
        Self { state: Some(state), diagnostics: Diagnostics::new() }
    }

    /// There is no result; `diagnostics` hold the reason.
    pub fn failed(diagnostics: impl Into<Diagnostics>) -> Self {
        Self { state: None, diagnostics: diagnostics.into() }
    }

    /// Adds messages.
    pub fn with_diagnostics(mut self, diagnostics: impl Into<Diagnostics>) -> Self {
        self.diagnostics.extend(diagnostics.into());
        self
    }
}

/// A data source under its name, as [`Provider::data_sources`](crate::Provider::data_sources) lists it.
pub struct DataSourceEntry<D> {
    pub(crate) name: String,
    pub(crate) source: Arc<dyn ErasedDataSource<D>>,
}

impl<D> DataSourceEntry<D> {
    /// A data source called `name`.
    pub fn new<S: DataSource<Data = D>>(name: impl Into<String>, source: S) -> Self {
        Self { name: name.into(), source: Arc::new(Typed(source)) }
    }
}

impl<D> fmt::Debug for DataSourceEntry<D> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DataSourceEntry").field("name", &self.name).finish_non_exhaustive()
    }
}

/// [`DataSource`] without its types. An `Err` says that the provider's code was not asked, because the values
/// do not fit its model.
pub(crate) trait ErasedDataSource<D>: Send + Sync {
    fn schema(&self) -> Schema;
    fn validate(&self, request: ValidateRequest<Value>) -> BoxFuture<'_, Result<Diagnostics, Diagnostics>>;
    fn read<'a>(
        &'a self,
        cx: &'a Context<D>,
        request: ReadDataRequest<Value>,
    ) -> BoxFuture<'a, Result<ReadDataResponse<Value>, Diagnostics>>;
}

struct Typed<S>(S);

impl<S: DataSource> Typed<S> {
    fn model(value: &Value) -> Result<S::Model, Diagnostics> {
        S::Model::from_root(value).map_err(|error| Diagnostic::from(error).into())
    }
}

impl<S: DataSource> ErasedDataSource<S::Data> for Typed<S> {
    fn schema(&self) -> Schema {
        self.0.schema()
    }

    fn validate(&self, request: ValidateRequest<Value>) -> BoxFuture<'_, Result<Diagnostics, Diagnostics>> {
        async move {
            let ValidateRequest { config, capabilities } = request;
            Ok(self.0.validate(ValidateRequest { config: Self::model(&config)?, capabilities }).await)
        }
        .boxed()
    }

    fn read<'a>(
        &'a self,
        cx: &'a Context<S::Data>,
        request: ReadDataRequest<Value>,
    ) -> BoxFuture<'a, Result<ReadDataResponse<Value>, Diagnostics>> {
        async move {
            let ReadDataRequest { config, capabilities } = request;
            let response =
                self.0.read(cx, ReadDataRequest { config: Self::model(&config)?, capabilities }).await;
            Ok(ReadDataResponse {
                state: response.state.map(|state| state.to_value()),
                diagnostics: response.diagnostics,
            })
        }
        .boxed()
    }
}
