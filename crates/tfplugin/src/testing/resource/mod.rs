//! The life of one resource instance, as Terraform's core goes through it. Here is what is kept between the
//! steps; the steps are in the modules below.

mod applying;
mod planning;
mod reading;

use serde_json::Value as Json;
use tonic::Request;

use super::config::config_value;
use super::failure::{check, expect_encodable};
use super::plan::PlannedAction;
use super::rpc::answer;
use super::{TestFailure, TestProvider};
use crate::proto::tfplugin6 as wire;
use crate::proto::tfplugin6::provider_server::Provider as ProviderRpc;
use crate::proto::{decode, encode};
use crate::schema::Schema;
use crate::value::json;
use crate::{AttributePath, Diagnostics, PrivateState, Provider, Type, Value};

const APPLY: &str = "ApplyResourceChange";
const PLAN: &str = "PlanResourceChange";
const READ: &str = "ReadResource";

/// A resource instance, with the state that Terraform keeps for it.
#[derive(Debug)]
pub struct TestResource<'a, P: Provider> {
    provider: &'a TestProvider<P>,
    type_name: String,
    schema: &'a Schema,
    ty: &'a Type,
    stored: Option<Stored>,
}

/// What the state file holds of an instance, to be handed on to another provider process by
/// [`TestResource::with_saved`].
#[derive(Clone, Debug)]
pub struct SavedState(Stored);

impl SavedState {
    /// The stored attribute at a JSON pointer such as `/aws/vpc_id`; null when there is none.
    pub fn attribute(&self, pointer: &str) -> Json {
        self.0.attributes.pointer(pointer).cloned().unwrap_or_default()
    }

    /// Whether the next plan replaces the object, because its creation failed half-way.
    pub fn is_tainted(&self) -> bool {
        self.0.is_tainted
    }
}

#[derive(Clone, Debug)]
struct Stored {
    schema_version: i64,
    attributes: Json,
    private: Vec<u8>,
    identity: Option<wire::ResourceIdentityData>,
    is_tainted: bool,
}

impl<'a, P: Provider> TestResource<'a, P> {
    pub(in crate::testing) fn new(provider: &'a TestProvider<P>, type_name: &str) -> Self {
        let Some(resource) = provider.service.catalog().resources.get(type_name) else {
            panic!("the provider has no resource type {type_name}");
        };
        let shape = &resource.shape;
        Self { provider, type_name: type_name.to_owned(), schema: &shape.schema, ty: &shape.ty, stored: None }
    }

    /// Puts state into the hands of the instance that another version of the provider wrote.
    #[must_use]
    pub fn with_state(mut self, schema_version: i64, attributes: Json, private: &PrivateState) -> Self {
        let private = private.to_bytes();
        self.stored = Some(Stored { schema_version, attributes, private, identity: None, is_tainted: false });
        self
    }

    /// Goes on with what an instance left in the state, perhaps that of another provider process.
    #[must_use]
    pub fn with_saved(mut self, saved: Option<SavedState>) -> Self {
        self.stored = saved.map(|saved| saved.0);
        self
    }

    /// What the state file would hold now; `None` while there is no object.
    pub fn saved(&self) -> Option<SavedState> {
        self.stored.clone().map(SavedState)
    }

    /// The stored attributes; `None` while there is no object.
    pub fn state(&self) -> Option<&Json> {
        self.stored.as_ref().map(|stored| &stored.attributes)
    }

    /// The stored attribute at a JSON pointer such as `/aws/vpc_id`; null when there is none.
    pub fn attribute(&self, pointer: &str) -> Json {
        self.state().and_then(|state| state.pointer(pointer)).cloned().unwrap_or_default()
    }

    /// The stored identity; `None` while there is no object or it has none.
    ///
    /// # Panics
    /// When the provider answered an identity that does not fit its schema.
    pub fn identity(&self) -> Option<Json> {
        let shape = self.provider.service.catalog().resources[&self.type_name].identity.as_ref()?;
        let data = self.stored.as_ref()?.identity.as_ref()?;
        let identity = decode(data.identity_data.as_ref(), &shape.ty)
            .unwrap_or_else(|error| panic!("the identity cannot be read: {}", error.detail));
        Some(
            json::to_json(&identity, &shape.ty)
                .unwrap_or_else(|error| panic!("the identity is unknown: {error}")),
        )
    }

    /// The stored private state.
    ///
    /// # Panics
    /// When the provider stored bytes that it could not read again.
    pub fn private(&self) -> PrivateState {
        let bytes = self.stored.as_ref().map(|stored| stored.private.as_slice()).unwrap_or_default();
        PrivateState::from_bytes(bytes).unwrap_or_else(|error| panic!("{error}"))
    }

    /// Whether the next plan replaces the object, because its creation failed half-way.
    pub fn is_tainted(&self) -> bool {
        self.stored.as_ref().is_some_and(|stored| stored.is_tainted)
    }

    /// Does what `terraform taint` and `terraform untaint` do.
    pub fn set_tainted(&mut self, is_tainted: bool) {
        if let Some(stored) = &mut self.stored {
            stored.is_tainted = is_tainted;
        }
    }

    /// Validates a configuration, as `terraform validate` does, and answers all that the provider says.
    pub async fn validate(&self, config: Json) -> Diagnostics {
        self.validate_value(&config_value(&self.schema.block, &config)).await
    }

    /// Plans and applies a configuration, then plans once more: that plan must be empty. Answers the warnings
    /// of the apply.
    ///
    /// # Errors
    /// When the provider answers an error or breaks a rule, or the second plan wants to change something.
    pub async fn converge(&mut self, config: Json) -> Result<Diagnostics, TestFailure> {
        let plan = self.plan(config.clone()).await?;
        let warnings = self.apply(plan).await?;
        let again = self.plan(config).await?;
        if again.action != PlannedAction::NoOp {
            let what = format!("a second plan is not empty but {:?}: {:?}", again.action, again.planned);
            return Err(TestFailure::violation(PLAN, AttributePath::root(), what));
        }
        Ok(warnings)
    }

    /// Plans to delete the object, and does it.
    ///
    /// # Errors
    /// When the provider answers an error or breaks a rule.
    pub async fn destroy(&mut self) -> Result<Diagnostics, TestFailure> {
        let plan = self.plan_destroy().await?;
        self.apply(plan).await
    }

    /// The stored state in the current schema.
    async fn upgraded(&self, stored: &Stored) -> Result<Value, TestFailure> {
        const UPGRADE: &str = "UpgradeResourceState";
        let request = wire::upgrade_resource_state::Request {
            type_name: self.type_name.clone(),
            version: stored.schema_version,
            raw_state: Some(wire::RawState {
                json: stored.attributes.to_string().into_bytes(),
                flatmap: Default::default(),
            }),
        };
        let response = answer(self.provider.service.upgrade_resource_state(Request::new(request)).await);
        check(UPGRADE, response.diagnostics)?;
        self.decode(UPGRADE, response.upgraded_state.as_ref())
    }

    fn encode(&self, value: &Value) -> wire::DynamicValue {
        expect_encodable(encode(value, self.ty))
    }

    fn decode(&self, rpc: &'static str, value: Option<&wire::DynamicValue>) -> Result<Value, TestFailure> {
        decode(value, self.ty).map_err(|error| TestFailure::unreadable(rpc, error))
    }

    fn storable(&self, rpc: &'static str, state: &Value) -> Result<Json, TestFailure> {
        json::to_json(state, self.ty).map_err(|error| TestFailure::violation(rpc, error.path, error.message))
    }
}
