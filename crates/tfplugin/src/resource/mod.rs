//! Resources: what a provider creates, reads, changes and deletes.
//!
//! [`Resource`] is what every resource type must do. What only some can do is a trait of its own, made known
//! when the type is registered with [`ResourceEntry`]: [`ImportState`], [`UpgradeState`], [`MoveState`],
//! [`Identity`]. Each operation has a request and a response, whose constructors name the possible outcomes.

mod create;
mod delete;
mod entry;
mod erased;
mod identity;
mod import;
mod move_state;
mod plan;
mod read;
mod update;
mod upgrade;
mod validate;

pub use create::{CreateRequest, CreateResponse};
pub use delete::{DeleteRequest, DeleteResponse};
pub use entry::{ResourceBuilder, ResourceEntry};
pub use identity::{Identity, IdentityAttribute, IdentitySchema};
pub use import::{ImportRequest, ImportResponse, ImportState};
pub use move_state::{MoveRequest, MoveResponse, MoveState};
pub use plan::{PlanKind, PlanRequest, PlanResponse};
pub use read::{ReadRequest, ReadResponse};
pub use update::{UpdateRequest, UpdateResponse};
pub use upgrade::{UpgradeRequest, UpgradeState};
pub use validate::ValidateRequest;

pub(crate) use erased::ErasedResource;
pub(crate) use identity::ErasedIdentity;
pub(crate) use import::ErasedImport;
pub(crate) use move_state::ErasedMove;
pub(crate) use upgrade::ErasedUpgrade;

use crate::{Context, Diagnostics, Model, Schema};

/// A resource type.
///
/// Failures are diagnostics in the responses. When an object exists, say so in the state even if the
/// operation failed: Terraform cannot delete what it was not told of.
pub trait Resource: Send + Sync + 'static {
    /// What the provider shares with its resources.
    type Data: Send + Sync + 'static;
    /// The resource's configuration, plan and state.
    type Model: Model;

    /// The schema.
    fn schema(&self) -> Schema;

    /// Checks a configuration beyond what the schema's validators do. Values may be unknown, and the provider
    /// may not be configured.
    fn validate(&self, request: ValidateRequest<Self::Model>) -> impl Future<Output = Diagnostics> + Send {
        let _ = request;
        async { Diagnostics::new() }
    }

    /// Decides what applying will do, given what the generic rules made of the schema (see [`crate::plan`]).
    /// The same request must get the same answer: Terraform asks again before it applies, when more values
    /// are known, and refuses an answer that contradicts the first.
    fn plan(
        &self,
        cx: &Context<Self::Data>,
        request: PlanRequest<Self::Model>,
    ) -> impl Future<Output = PlanResponse<Self::Model>> + Send {
        let _ = cx;
        async { request.accept() }
    }

    /// Makes the object.
    fn create(
        &self,
        cx: &Context<Self::Data>,
        request: CreateRequest<Self::Model>,
    ) -> impl Future<Output = CreateResponse<Self::Model>> + Send;

    /// Looks at the object.
    fn read(
        &self,
        cx: &Context<Self::Data>,
        request: ReadRequest<Self::Model>,
    ) -> impl Future<Output = ReadResponse<Self::Model>> + Send;

    /// Changes the object.
    fn update(
        &self,
        cx: &Context<Self::Data>,
        request: UpdateRequest<Self::Model>,
    ) -> impl Future<Output = UpdateResponse<Self::Model>> + Send;

    /// Deletes the object.
    fn delete(
        &self,
        cx: &Context<Self::Data>,
        request: DeleteRequest<Self::Model>,
    ) -> impl Future<Output = DeleteResponse<Self::Model>> + Send;
}
