//! Applying: the second plan, the change itself, and what core keeps of its result.

use serde_json::Value as Json;
use tonic::Request;

use super::{APPLY, PLAN, Stored, TestResource};
use crate::checks::{CheckError, assert_apply_compatible, assert_replan_compatible};
use crate::proto::tfplugin6 as wire;
use crate::proto::tfplugin6::provider_server::Provider as ProviderRpc;
use crate::testing::config::config_value;
use crate::testing::failure::check;
use crate::testing::rpc::answer;
use crate::testing::{PlannedAction, TestFailure, TestPlan};
use crate::{AttributePath, Diagnostics, Provider, Value};

impl<P: Provider> TestResource<'_, P> {
    /// Applies a plan, as `terraform apply` does with a saved one. Answers the warnings.
    ///
    /// # Errors
    /// When the provider answers an error or breaks a rule. What an errored operation left is kept in the
    /// state.
    ///
    /// # Panics
    /// When the plan was made with unknown values in the configuration; then use [`Self::apply_with`].
    pub async fn apply(&mut self, plan: TestPlan) -> Result<Diagnostics, TestFailure> {
        let config = plan.config.clone();
        assert!(
            config.is_wholly_known(),
            "the plan's configuration has unknown values: apply it with known ones"
        );
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

    async fn apply_value(&mut self, plan: TestPlan, config: Value) -> Result<Diagnostics, TestFailure> {
        let mut warnings = Diagnostics::new();
        match plan.action {
            PlannedAction::NoOp => {}
            PlannedAction::Delete => {
                warnings.extend(self.apply_change(&plan.private, Value::Null, Value::Null).await?)
            }
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
        self.expect_valid(&config).await?;
        let (prior, private, identity) = match self.stored.clone() {
            Some(stored) => (self.upgraded(&stored).await?, stored.private, stored.identity),
            None => (Value::Null, Vec::new(), None),
        };
        let first_private =
            self.provider.capabilities.store_planned_private.then_some(plan.private.as_slice());
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
            vec![CheckError::new(AttributePath::root(), "a deleted object is still there")]
        } else {
            assert_apply_compatible(self.schema, &planned, &state)
        };
        if violations.is_empty() { Ok(warnings) } else { Err(TestFailure::violations(APPLY, violations)) }
    }
}
