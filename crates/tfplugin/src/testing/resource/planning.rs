//! Planning: validation, the proposed state, core's checks of the answer, and what the plan amounts to.

use serde_json::Value as Json;
use tonic::Request;

use super::{PLAN, TestResource};
use crate::checks::{assert_plan_valid, proposed_new_state};
use crate::proto::tfplugin6 as wire;
use crate::proto::tfplugin6::provider_server::Provider as ProviderRpc;
use crate::proto::{diagnostics_from_proto, paths_from_proto};
use crate::testing::config::config_value;
use crate::testing::failure::check;
use crate::testing::rpc::{answer, capabilities};
use crate::testing::{PlannedAction, TestFailure, TestPlan};
use crate::{AttributePath, Diagnostics, Provider, Value};

/// What one PlanResourceChange answered.
pub(super) struct Planned {
    pub(super) state: Value,
    pub(super) requires_replace: Vec<AttributePath>,
    pub(super) private: Vec<u8>,
    pub(super) diagnostics: Diagnostics,
}

impl<P: Provider> TestResource<'_, P> {
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

    pub(super) async fn validate_value(&self, config: &Value) -> Diagnostics {
        let request = wire::validate_resource_config::Request {
            type_name: self.type_name.clone(),
            config: Some(self.encode(config)),
            client_capabilities: Some(capabilities(self.provider.capabilities)),
        };
        let response = answer(self.provider.service.validate_resource_config(Request::new(request)).await);
        diagnostics_from_proto(response.diagnostics)
    }

    /// Core asks before each plan, so once more at apply, when all is known.
    pub(super) async fn expect_valid(&self, config: &Value) -> Result<(), TestFailure> {
        let diagnostics = self.validate_value(config).await;
        if diagnostics.has_errors() {
            return Err(TestFailure { rpc: "ValidateResourceConfig", diagnostics, violations: Vec::new() });
        }
        Ok(())
    }

    /// Plans without refreshing first, like core's node for a managed resource.
    pub(super) async fn plan_value(&mut self, config: Value) -> Result<TestPlan, TestFailure> {
        self.expect_valid(&config).await?;
        let stored = self.stored.clone();
        let is_tainted = self.is_tainted();
        // A tainted object is planned like a new one: the provider sees neither its state nor its private
        // state.
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

    pub(super) async fn plan_change(
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
}
