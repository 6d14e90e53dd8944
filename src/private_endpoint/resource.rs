//! The resource itself: what Terraform asks, in the order it asks.

use tfplugin::schema::Schema;
use tfplugin::{
    Context, CreateRequest, CreateResponse, DeleteRequest, DeleteResponse, PlanRequest, PlanResponse,
    ReadRequest, ReadResponse, Resource, UpdateRequest, UpdateResponse,
};

use super::model::PrivateEndpointModel;
use super::schema;
use super::{create, delete, plan, read, update};
use crate::diagnose;
use crate::provider::Clients;

/// The resource `tidblink_private_endpoint`.
#[derive(Debug)]
pub struct PrivateEndpoint;

impl Resource for PrivateEndpoint {
    type Data = Clients;
    type Model = PrivateEndpointModel;

    fn schema(&self) -> Schema {
        schema::schema()
    }

    async fn plan(
        &self,
        cx: &Context<Clients>,
        request: PlanRequest<PrivateEndpointModel>,
    ) -> PlanResponse<PrivateEndpointModel> {
        plan::plan(cx, request).await
    }

    async fn create(
        &self,
        cx: &Context<Clients>,
        request: CreateRequest<PrivateEndpointModel>,
    ) -> CreateResponse<PrivateEndpointModel> {
        match create::create(cx, request).await {
            Ok(response) => response,
            Err(diagnostics) => CreateResponse::failed(diagnostics),
        }
    }

    async fn read(
        &self,
        cx: &Context<Clients>,
        request: ReadRequest<PrivateEndpointModel>,
    ) -> ReadResponse<PrivateEndpointModel> {
        let ReadRequest { mut state, private, .. } = request;
        match read::read(cx, &mut state).await {
            Ok(Some(diagnostics)) => ReadResponse::found(state, private).with_diagnostics(diagnostics),
            Ok(None) => ReadResponse::gone(),
            Err(diagnostic) => ReadResponse::failed(diagnose::with_way_out(diagnostic)),
        }
    }

    async fn update(
        &self,
        cx: &Context<Clients>,
        request: UpdateRequest<PrivateEndpointModel>,
    ) -> UpdateResponse<PrivateEndpointModel> {
        let (prior, private) = (request.prior.clone(), request.private.clone());
        match update::update(cx, request).await {
            Ok(response) => response,
            Err(diagnostics) => UpdateResponse::partial(prior, private, diagnostics),
        }
    }

    async fn delete(
        &self,
        cx: &Context<Clients>,
        request: DeleteRequest<PrivateEndpointModel>,
    ) -> DeleteResponse<PrivateEndpointModel> {
        delete::delete(cx, request).await
    }
}
