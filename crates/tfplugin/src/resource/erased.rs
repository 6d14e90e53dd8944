//! Resources without their types, so that one table can hold them all. [`Value`] is itself a model, so the
//! requests and responses need no second form: a typed resource is wrapped into one of values.

use std::sync::Arc;

use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;

use super::{
    CreateRequest, CreateResponse, DeleteRequest, DeleteResponse, PlanRequest, PlanResponse, ReadRequest,
    ReadResponse, Resource, UpdateRequest, UpdateResponse, ValidateRequest,
};
use crate::{Context, Diagnostic, Diagnostics, FromValue, Schema, ToValue as _, Value};

/// [`Resource`] without its types. An `Err` says that the provider's code was not asked, because the values
/// do not fit its model.
pub(crate) trait ErasedResource<D>: Send + Sync {
    fn schema(&self) -> Schema;
    fn validate(&self, request: ValidateRequest<Value>) -> BoxFuture<'_, Result<Diagnostics, Diagnostics>>;
    fn plan<'a>(
        &'a self,
        cx: &'a Context<D>,
        request: PlanRequest<Value>,
    ) -> BoxFuture<'a, Result<PlanResponse<Value>, Diagnostics>>;
    fn create<'a>(
        &'a self,
        cx: &'a Context<D>,
        request: CreateRequest<Value>,
    ) -> BoxFuture<'a, Result<CreateResponse<Value>, Diagnostics>>;
    fn read<'a>(
        &'a self,
        cx: &'a Context<D>,
        request: ReadRequest<Value>,
    ) -> BoxFuture<'a, Result<ReadResponse<Value>, Diagnostics>>;
    fn update<'a>(
        &'a self,
        cx: &'a Context<D>,
        request: UpdateRequest<Value>,
    ) -> BoxFuture<'a, Result<UpdateResponse<Value>, Diagnostics>>;
    fn delete<'a>(
        &'a self,
        cx: &'a Context<D>,
        request: DeleteRequest<Value>,
    ) -> BoxFuture<'a, Result<DeleteResponse<Value>, Diagnostics>>;
}

/// A resource with its types, seen through the erased traits.
pub(crate) struct Typed<R>(pub(crate) Arc<R>);

/// Turns a value into a model.
pub(crate) fn model<M: FromValue>(value: &Value) -> Result<M, Diagnostics> {
    M::from_root(value).map_err(|error| Diagnostic::from(error).into())
}

fn optional_model<M: FromValue>(value: Option<&Value>) -> Result<Option<M>, Diagnostics> {
    value.map(model).transpose()
}

impl<R: Resource> ErasedResource<R::Data> for Typed<R> {
    fn schema(&self) -> Schema {
        self.0.schema()
    }

    fn validate(&self, request: ValidateRequest<Value>) -> BoxFuture<'_, Result<Diagnostics, Diagnostics>> {
        async move {
            let ValidateRequest { config, capabilities } = request;
            let request = ValidateRequest { config: model(&config)?, capabilities };
            Ok(self.0.validate(request).await)
        }
        .boxed()
    }

    fn plan<'a>(
        &'a self,
        cx: &'a Context<R::Data>,
        request: PlanRequest<Value>,
    ) -> BoxFuture<'a, Result<PlanResponse<Value>, Diagnostics>> {
        async move {
            let request = PlanRequest {
                prior: optional_model(request.prior.as_ref())?,
                config: optional_model(request.config.as_ref())?,
                planned: optional_model(request.planned.as_ref())?,
                requires_replace: request.requires_replace,
                private: request.private,
                planned_private: request.planned_private,
                identity: request.identity,
                capabilities: request.capabilities,
            };
            let response = self.0.plan(cx, request).await;
            Ok(PlanResponse {
                planned: response.planned.map(|planned: R::Model| planned.to_value()),
                requires_replace: response.requires_replace,
                private: response.private,
                diagnostics: response.diagnostics,
            })
        }
        .boxed()
    }

    fn create<'a>(
        &'a self,
        cx: &'a Context<R::Data>,
        request: CreateRequest<Value>,
    ) -> BoxFuture<'a, Result<CreateResponse<Value>, Diagnostics>> {
        async move {
            let request = CreateRequest {
                config: model(&request.config)?,
                planned: model(&request.planned)?,
                private: request.private,
            };
            let response = self.0.create(cx, request).await;
            Ok(CreateResponse {
                state: response.state.map(|state: R::Model| state.to_value()),
                private: response.private,
                diagnostics: response.diagnostics,
            })
        }
        .boxed()
    }

    fn read<'a>(
        &'a self,
        cx: &'a Context<R::Data>,
        request: ReadRequest<Value>,
    ) -> BoxFuture<'a, Result<ReadResponse<Value>, Diagnostics>> {
        async move {
            let request = ReadRequest {
                state: model(&request.state)?,
                private: request.private,
                identity: request.identity,
                capabilities: request.capabilities,
            };
            let response = self.0.read(cx, request).await;
            Ok(ReadResponse {
                state: response.state.map(|state: R::Model| state.to_value()),
                private: response.private,
                diagnostics: response.diagnostics,
            })
        }
        .boxed()
    }

    fn update<'a>(
        &'a self,
        cx: &'a Context<R::Data>,
        request: UpdateRequest<Value>,
    ) -> BoxFuture<'a, Result<UpdateResponse<Value>, Diagnostics>> {
        async move {
            let request = UpdateRequest {
                prior: model(&request.prior)?,
                config: model(&request.config)?,
                planned: model(&request.planned)?,
                private: request.private,
            };
            let response: UpdateResponse<R::Model> = self.0.update(cx, request).await;
            Ok(UpdateResponse {
                state: response.state.to_value(),
                private: response.private,
                diagnostics: response.diagnostics,
            })
        }
        .boxed()
    }

    fn delete<'a>(
        &'a self,
        cx: &'a Context<R::Data>,
        request: DeleteRequest<Value>,
    ) -> BoxFuture<'a, Result<DeleteResponse<Value>, Diagnostics>> {
        async move {
            let request = DeleteRequest { prior: model(&request.prior)?, private: request.private };
            let response = self.0.delete(cx, request).await;
            Ok(DeleteResponse {
                state: response.state.map(|state: R::Model| state.to_value()),
                private: response.private,
                diagnostics: response.diagnostics,
            })
        }
        .boxed()
    }
}
