//! The life of one resource instance, as Terraform's core goes through it.

use serde_json::Value as Json;
use tonic::Request;

use super::config::config_value;
use super::failure::{check, expect_encodable};
use super::plan::{PlannedAction, TestPlan};
use super::rpc::{answer, capabilities};
use super::{TestFailure, TestProvider};
use crate::checks::{
    assert_apply_compatible, assert_plan_valid, assert_replan_compatible, proposed_new_state,
};
use crate::proto::tfplugin6 as wire;
use crate::proto::tfplugin6::provider_server::Provider as ProviderRpc;
use crate::proto::{decode, diagnostics_from_proto, encode, paths_from_proto};
use crate::resource::MoveRequest;
use crate::schema::Schema;
use crate::value::json;
use crate::{AttributePath, Diagnostics, PrivateState, Provider, Type, Value};

/// A resource instance, with the state that Terraform keeps for it.
#[derive(Debug)]
pub struct TestResource<'a, P: Provider> {
    provider: &'a TestProvider<P>,
    type_name: String,
    schema: &'a Schema,
    ty: &'a Type,
    stored: Option<Stored>,
}

/// What the state file holds.
#[derive(Clone, Debug)]
struct Stored {
    schema_version: i64,
    attributes: Json,
    private: Vec<u8>,
    identity: Option<wire::ResourceIdentityData>,
    is_tainted: bool,
}

/// What one PlanResourceChange answered.
struct Planned {
    state: Value,
    requires_replace: Vec<AttributePath>,
    private: Vec<u8>,
    diagnostics: Diagnostics,
}

impl<'a, P: Provider> TestResource<'a, P> {
    pub(super) fn new(provider: &'a TestProvider<P>, type_name: &str) -> Self {
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

    /// The stored attributes; `None` while there is no object.
    pub fn state(&self) -> Option<&Json> {
        self.stored.as_ref().map(|stored| &stored.attributes)
    }

    /// The stored attribute at a JSON pointer such as `/aws/vpc_id`; null when there is none.
    pub fn attribute(&self, pointer: &str) -> Json {
        self.state().and_then(|state| state.pointer(pointer)).cloned().unwrap_or_default()
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

    /// Refreshes and plans for a configuration, as `terraform plan` does.
    ///
    /// # Errors
    /// When the provider answers an error or breaks a rule.
    pub async fn plan(&mut self, config: Json) -> Result<TestPlan, TestFailure> {
        let config = config_value(&self.schema.block, &config);
        self.refresh().await?;
        self.plan_value(config).await
    }

    /// Refreshes and plans to delete the object, as `terraform plan -destroy` does.
    ///
    /// # Errors
    /// When the provider answers an error or breaks a rule.
    pub async fn plan_destroy(&mut self) -> Result<TestPlan, TestFailure> {
        self.refresh().await?;
        let Some(stored) = self.stored.clone() else {
            return Ok(TestPlan {
                action: PlannedAction::NoOp,
                planned: Value::Null,
                requires_replace: Vec::new(),
                diagnostics: Diagnostics::new(),
                config: Value::Null,
                private: Vec::new(),
            });
        };
        let prior = self.upgraded(&stored).await?;
        let planned = self.plan_change(&prior, &Value::Null, &stored.private, None, stored.identity).await?;
        if !planned.state.is_null() {
            let what = "the plan for a destroy is not null";
            return Err(TestFailure::violation(PLAN, AttributePath::root(), what));
        }
        Ok(TestPlan {
            action: PlannedAction::Delete,
            planned: Value::Null,
            requires_replace: Vec::new(),
            diagnostics: planned.diagnostics,
            config: Value::Null,
            private: planned.private,
        })
    }

    /// Applies a plan, as `terraform apply` does with a saved one. Answers the warnings.
    ///
    /// # Errors
    /// When the provider answers an error or breaks a rule. What an errored operation left is kept in the state.
    ///
    /// # Panics
    /// When the plan was made with unknown values in the configuration; then use [`Self::apply_with`].
    pub async fn apply(&mut self, plan: TestPlan) -> Result<Diagnostics, TestFailure> {
        let config = plan.config.clone();
        assert!(config.is_wholly_known(), "the plan's configuration has unknown values: apply it with known ones");
        self.apply_value(plan, config).await
    }

    /// Applies a plan after what was unknown in its configuration has become known.
    ///
    /// # Errors
    /// As [`Self::apply`].
    ///
    /// # Panics
    /// When `config` has unknown values.
    pub async fn apply_with(&mut self, plan: TestPlan, config: Json) -> Result<Diagnostics, TestFailure> {
        let config = config_value(&self.schema.block, &config);
        assert!(config.is_wholly_known(), "a configuration that is applied has no unknown values");
        self.apply_value(plan, config).await
    }

    /// Plans and applies a configuration, then plans once more: that plan must be empty. Answers the warnings of the
    /// apply.
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

    /// Reads the object, as `terraform refresh` does. Answers the warnings.
    ///
    /// # Errors
    /// When the provider answers an error or breaks a rule.
    pub async fn refresh(&mut self) -> Result<Diagnostics, TestFailure> {
        let Some(stored) = self.stored.clone() else {
            return Ok(Diagnostics::new());
        };
        let prior = self.upgraded(&stored).await?;
        self.read(prior, stored).await
    }

    /// Imports the object with this id, as `terraform import` does.
    ///
    /// # Errors
    /// When the provider answers an error or breaks a rule, or there is no such object.
    pub async fn import(&mut self, id: &str) -> Result<Diagnostics, TestFailure> {
        self.import_object(id.to_owned(), None).await
    }

    /// Imports the object with this identity, as an `import` block with `identity` does.
    ///
    /// # Errors
    /// When the provider answers an error or breaks a rule, or there is no such object.
    ///
    /// # Panics
    /// When the resource type has no identity, or `identity` does not fit its schema.
    pub async fn import_identity(&mut self, identity: Json) -> Result<Diagnostics, TestFailure> {
        let resource = &self.provider.service.catalog().resources[&self.type_name];
        let Some(shape) = &resource.identity else {
            panic!("the resource type {} has no identity", self.type_name);
        };
        let identity = super::config::typed_value(&shape.ty, &identity, &AttributePath::root());
        let data = wire::ResourceIdentityData { identity_data: Some(expect_encodable(encode(&identity, &shape.ty))) };
        self.import_object(String::new(), Some(data)).await
    }

    /// Takes over an object of another resource type, as a `moved` block does. Terraform refreshes it afterwards.
    ///
    /// # Errors
    /// When the provider answers an error or breaks a rule.
    pub async fn move_from(&mut self, source: MoveRequest) -> Result<Diagnostics, TestFailure> {
        const MOVE: &str = "MoveResourceState";
        let raw = |json: &Json| wire::RawState { json: json.to_string().into_bytes(), flatmap: Default::default() };
        let request = wire::move_resource_state::Request {
            source_provider_address: source.source_provider,
            source_type_name: source.source_type,
            source_schema_version: source.source_version,
            source_state: Some(raw(&source.state)),
            target_type_name: self.type_name.clone(),
            source_private: source.private,
            source_identity: source.identity.as_ref().map(raw),
            source_identity_schema_version: 0,
        };
        let response = answer(self.provider.service.move_resource_state(Request::new(request)).await);
        let mut warnings = check(MOVE, response.diagnostics)?;
        let state = self.decode(MOVE, response.target_state.as_ref())?;
        self.stored = Some(Stored {
            schema_version: self.schema.version,
            attributes: self.storable(MOVE, &state)?,
            private: response.target_private,
            identity: response.target_identity,
            is_tainted: false,
        });
        warnings.extend(self.refresh().await?);
        Ok(warnings)
    }

    /// The configuration that `terraform plan -generate-config-out` would write for the object. Null arguments are
    /// left out.
    ///
    /// # Errors
    /// When the provider answers an error or breaks a rule.
    ///
    /// # Panics
    /// When there is no object.
    pub async fn generate_config(&self) -> Result<Json, TestFailure> {
        const GENERATE: &str = "GenerateResourceConfig";
        let Some(stored) = &self.stored else {
            panic!("there is no object to write a configuration for");
        };
        let request = wire::generate_resource_config::Request {
            type_name: self.type_name.clone(),
            state: Some(self.encode(&self.upgraded(stored).await?)),
        };
        let response = answer(self.provider.service.generate_resource_config(Request::new(request)).await);
        check(GENERATE, response.diagnostics)?;
        let mut config = self.storable(GENERATE, &self.decode(GENERATE, response.config.as_ref())?)?;
        if let Some(arguments) = config.as_object_mut() {
            arguments.retain(|_, value| !value.is_null());
        }
        Ok(config)
    }

    async fn import_object(
        &mut self,
        id: String,
        identity: Option<wire::ResourceIdentityData>,
    ) -> Result<Diagnostics, TestFailure> {
        const IMPORT: &str = "ImportResourceState";
        assert!(self.stored.is_none(), "Terraform refuses to import into an address that has state");
        let request = wire::import_resource_state::Request {
            type_name: self.type_name.clone(),
            id,
            client_capabilities: Some(capabilities(self.provider.capabilities)),
            identity,
        };
        let response = answer(self.provider.service.import_resource_state(Request::new(request)).await);
        let mut warnings = check(IMPORT, response.diagnostics)?;
        let [imported] = &response.imported_resources[..] else {
            let what = format!("{} objects were imported instead of one", response.imported_resources.len());
            return Err(TestFailure::violation(IMPORT, AttributePath::root(), what));
        };
        let state = self.decode(IMPORT, imported.state.as_ref())?;
        let stored = Stored {
            schema_version: self.schema.version,
            attributes: Json::Null,
            private: imported.private.clone(),
            identity: imported.identity.clone(),
            is_tainted: false,
        };
        warnings.extend(self.read(state, stored).await?);
        if self.stored.is_none() {
            let what = "Cannot import non-existent remote object";
            return Err(TestFailure::violation(READ, AttributePath::root(), what));
        }
        Ok(warnings)
    }

    async fn read(&mut self, prior: Value, stored: Stored) -> Result<Diagnostics, TestFailure> {
        let request = wire::read_resource::Request {
            type_name: self.type_name.clone(),
            current_state: Some(self.encode(&prior)),
            private: stored.private.clone(),
            provider_meta: None,
            client_capabilities: Some(capabilities(self.provider.capabilities)),
            current_identity: stored.identity.clone(),
        };
        let response = answer(self.provider.service.read_resource(Request::new(request)).await);
        let warnings = check(READ, response.diagnostics)?;
        let state = self.decode(READ, response.new_state.as_ref())?;
        self.stored = if state.is_null() {
            None
        } else {
            Some(Stored {
                schema_version: self.schema.version,
                attributes: self.storable(READ, &state)?,
                private: response.private,
                identity: response.new_identity,
                is_tainted: stored.is_tainted,
            })
        };
        Ok(warnings)
    }

    async fn validate_value(&self, config: &Value) -> Diagnostics {
        let request = wire::validate_resource_config::Request {
            type_name: self.type_name.clone(),
            config: Some(self.encode(config)),
            client_capabilities: Some(capabilities(self.provider.capabilities)),
        };
        let response = answer(self.provider.service.validate_resource_config(Request::new(request)).await);
        diagnostics_from_proto(response.diagnostics)
    }

    /// Plans without refreshing first, like core's node for a managed resource.
    async fn plan_value(&mut self, config: Value) -> Result<TestPlan, TestFailure> {
        let diagnostics = self.validate_value(&config).await;
        if diagnostics.has_errors() {
            return Err(TestFailure { rpc: "ValidateResourceConfig", diagnostics, violations: Vec::new() });
        }
        let stored = self.stored.clone();
        let is_tainted = self.is_tainted();
        // A tainted object is planned like a new one: the provider sees neither its state nor its private state.
        let (prior, private, identity) = match stored {
            Some(stored) if !is_tainted => (self.upgraded(&stored).await?, stored.private, stored.identity),
            _ => (Value::Null, Vec::new(), None),
        };
        let first = self.plan_change(&prior, &config, &private, None, identity).await?;
        let action = self.action(&prior, &first)?;
        let (planned, action) = match action {
            PlannedAction::Create if is_tainted => (first, PlannedAction::Replace),
            PlannedAction::Replace => {
                let mut again = self.plan_change(&Value::Null, &config, &first.private, None, None).await?;
                // Terraform shows the warnings of the first of the two only.
                again.diagnostics = first.diagnostics;
                again.requires_replace = first.requires_replace;
                (again, action)
            }
            action => (first, action),
        };
        Ok(TestPlan {
            action,
            planned: planned.state,
            requires_replace: planned.requires_replace,
            diagnostics: planned.diagnostics,
            config,
            private: planned.private,
        })
    }

    fn action(&self, prior: &Value, planned: &Planned) -> Result<PlannedAction, TestFailure> {
        if prior.is_null() {
            return Ok(PlannedAction::Create);
        }
        let mut replaces = false;
        for path in &planned.requires_replace {
            match (prior.get(path), planned.state.get(path)) {
                (None, None) => {
                    let what = "a replacement is required because of an attribute that does not exist";
                    return Err(TestFailure::violation(PLAN, path.clone(), what));
                }
                (before, after) => {
                    let null = Value::Null;
                    let (before, after) = (before.unwrap_or(&null), after.unwrap_or(&null));
                    replaces |= !after.is_wholly_known() || !before.eq_unrefined(after);
                }
            }
        }
        Ok(if planned.state.is_wholly_known() && planned.state.eq_unrefined(prior) {
            PlannedAction::NoOp
        } else if replaces {
            PlannedAction::Replace
        } else {
            PlannedAction::Update
        })
    }

    async fn plan_change(
        &self,
        prior: &Value,
        config: &Value,
        private: &[u8],
        planned_private: Option<&[u8]>,
        identity: Option<wire::ResourceIdentityData>,
    ) -> Result<Planned, TestFailure> {
        let is_destroy = config.is_null();
        let proposed = if is_destroy { Value::Null } else { proposed_new_state(self.schema, prior, config) };
        let request = wire::plan_resource_change::Request {
            type_name: self.type_name.clone(),
            prior_state: Some(self.encode(prior)),
            proposed_new_state: Some(self.encode(&proposed)),
            config: Some(self.encode(config)),
            prior_private: private.to_vec(),
            provider_meta: None,
            client_capabilities: Some(capabilities(self.provider.capabilities)),
            prior_identity: identity,
            planned_private: planned_private.unwrap_or_default().to_vec(),
        };
        let response = answer(self.provider.service.plan_resource_change(Request::new(request)).await);
        let diagnostics = check(PLAN, response.diagnostics)?;
        let state = self.decode(PLAN, response.planned_state.as_ref())?;
        if !is_destroy {
            let violations = assert_plan_valid(self.schema, prior, config, &state);
            if !violations.is_empty() {
                return Err(TestFailure::violations(PLAN, violations));
            }
        }
        Ok(Planned {
            state,
            requires_replace: paths_from_proto(response.requires_replace),
            private: response.planned_private,
            diagnostics,
        })
    }

    async fn apply_value(&mut self, plan: TestPlan, config: Value) -> Result<Diagnostics, TestFailure> {
        let mut warnings = Diagnostics::new();
        match plan.action {
            PlannedAction::NoOp => {}
            PlannedAction::Delete => warnings.extend(self.apply_change(&plan.private, Value::Null, Value::Null).await?),
            PlannedAction::Replace => {
                // Both halves are given the private state of the plan, which was made for the new object.
                warnings.extend(self.apply_change(&plan.private, Value::Null, Value::Null).await?);
                warnings.extend(self.replan_and_apply(&plan, config).await?);
            }
            PlannedAction::Create | PlannedAction::Update => {
                warnings.extend(self.replan_and_apply(&plan, config).await?);
            }
        }
        Ok(warnings)
    }

    /// Plans again now that all is known, compares, and applies the second plan.
    async fn replan_and_apply(&mut self, plan: &TestPlan, config: Value) -> Result<Diagnostics, TestFailure> {
        let (prior, private, identity) = match self.stored.clone() {
            Some(stored) => (self.upgraded(&stored).await?, stored.private, stored.identity),
            None => (Value::Null, Vec::new(), None),
        };
        let first_private = self.provider.capabilities.store_planned_private.then_some(plan.private.as_slice());
        let again = self.plan_change(&prior, &config, &private, first_private, identity).await?;
        let violations = assert_replan_compatible(self.schema, &plan.planned, &again.state);
        if !violations.is_empty() {
            return Err(TestFailure::violations(PLAN, violations));
        }
        if !prior.is_null() && again.state.is_wholly_known() && again.state.eq_unrefined(&prior) {
            return Ok(again.diagnostics);
        }
        self.apply_change(&again.private, config, again.state).await
    }

    /// One ApplyResourceChange from the stored state to `planned`.
    async fn apply_change(
        &mut self,
        private: &[u8],
        config: Value,
        planned: Value,
    ) -> Result<Diagnostics, TestFailure> {
        let prior = match self.stored.clone() {
            Some(stored) => self.upgraded(&stored).await?,
            None => Value::Null,
        };
        let request = wire::apply_resource_change::Request {
            type_name: self.type_name.clone(),
            prior_state: Some(self.encode(&prior)),
            planned_state: Some(self.encode(&planned)),
            config: Some(self.encode(&config)),
            planned_private: private.to_vec(),
            provider_meta: None,
            planned_identity: self.stored.as_ref().and_then(|stored| stored.identity.clone()),
        };
        let response = answer(self.provider.service.apply_resource_change(Request::new(request)).await);
        let state = self.decode(APPLY, response.new_state.as_ref())?;
        let outcome = check(APPLY, response.diagnostics);
        let is_create = prior.is_null();
        match &outcome {
            // Core keeps what was there when a failed operation answers nothing.
            Err(_) if state.is_null() => {}
            Ok(_) if state.is_null() => self.stored = None,
            _ => {
                self.stored = Some(Stored {
                    schema_version: self.schema.version,
                    attributes: self.storable(APPLY, &state)?,
                    private: response.private,
                    identity: response.new_identity,
                    is_tainted: outcome.is_err() && (is_create || self.is_tainted()),
                });
            }
        }
        let warnings = outcome?;
        let violations = if planned.is_null() && !state.is_null() {
            vec![crate::checks::CheckError::new(AttributePath::root(), "a deleted object is still there")]
        } else {
            assert_apply_compatible(self.schema, &planned, &state)
        };
        if violations.is_empty() { Ok(warnings) } else { Err(TestFailure::violations(APPLY, violations)) }
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

const APPLY: &str = "ApplyResourceChange";
const PLAN: &str = "PlanResourceChange";
const READ: &str = "ReadResource";
