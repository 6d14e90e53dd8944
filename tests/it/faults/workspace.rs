//! A workspace with one service and one private endpoint, driven as Terraform's core would: a provider process per
//! command, a refresh and a plan of everything before anything is applied, and a state that outlives all of them.

use std::rc::Rc;

use tfplugin::Diagnostics;
use tfplugin::testing::{PlannedAction, SavedState, TestFailure, TestPlan, TestProvider, TestResource};
use tidblink::Tidblink;

use super::lab::Lab;
use super::system::{System, Wish};

const SERVICE: &str = "tidblink_endpoint_service";
const ENDPOINT: &str = "tidblink_private_endpoint";

/// The state file: what Terraform knows.
#[derive(Clone, Debug, Default)]
pub(super) struct State {
    service: Option<SavedState>,
    pub(super) endpoint: Option<SavedState>,
}

/// A configuration, its state and the clouds.
pub(super) struct Workspace {
    pub(super) lab: Rc<Lab>,
    pub(super) system: System,
    pub(super) state: State,
}

/// What a command has planned, not applied yet.
pub(super) struct Planned {
    service: TestPlan,
    endpoint: TestPlan,
    /// The state after the refresh, which is saved when the apply begins.
    refreshed: State,
}

impl Planned {
    /// What would happen to the endpoint.
    pub(super) fn action(&self) -> PlannedAction {
        self.endpoint.action
    }

    /// What the provider warned of while it planned.
    pub(super) fn warnings(&self) -> Diagnostics {
        let mut warnings = self.service.diagnostics.clone();
        warnings.extend(self.endpoint.diagnostics.clone());
        warnings
    }

    pub(super) fn is_empty(&self) -> bool {
        self.service.action == PlannedAction::NoOp && self.endpoint.action == PlannedAction::NoOp
    }
}

impl Workspace {
    pub(super) fn new(lab: &Rc<Lab>, system: System) -> Self {
        Self { lab: Rc::clone(lab), system, state: State::default() }
    }

    fn resource<'a>(
        provider: &'a TestProvider<Tidblink>,
        name: &str,
        saved: Option<SavedState>,
    ) -> TestResource<'a, Tidblink> {
        provider.resource(name).with_saved(saved)
    }

    /// The id of the endpoint in the state.
    pub(super) fn endpoint_id(&self) -> Option<String> {
        self.state.endpoint.as_ref()?.attribute("/endpoint_id").as_str().map(str::to_owned)
    }

    /// Whether the next plan would replace the endpoint because its create failed.
    pub(super) fn is_tainted(&self) -> bool {
        self.state.endpoint.as_ref().is_some_and(SavedState::is_tainted)
    }

    /// Refreshes and plans.
    pub(super) async fn plan(&self, wish: Wish) -> Result<Planned, TestFailure> {
        let provider = self.lab.provider().await;
        let mut service = Self::resource(&provider, SERVICE, self.state.service.clone());
        let mut endpoint = Self::resource(&provider, ENDPOINT, self.state.endpoint.clone());
        let service_plan = service.plan(self.system.service()).await?;
        let endpoint_plan = endpoint.plan(self.system.endpoint(wish)).await?;
        let refreshed = State { service: service.saved(), endpoint: endpoint.saved() };
        Ok(Planned { service: service_plan, endpoint: endpoint_plan, refreshed })
    }

    /// Applies what was planned. Whatever comes of it is in the state.
    pub(super) async fn apply_planned(
        &mut self,
        provider: &TestProvider<Tidblink>,
        planned: Planned,
    ) -> Result<Diagnostics, TestFailure> {
        self.state = planned.refreshed;
        let mut service = Self::resource(provider, SERVICE, self.state.service.clone());
        let mut endpoint = Self::resource(provider, ENDPOINT, self.state.endpoint.clone());
        let outcome = service.apply(planned.service).await;
        self.state.service = service.saved();
        let mut warnings = outcome?;
        let outcome = endpoint.apply(planned.endpoint).await;
        self.state.endpoint = endpoint.saved();
        warnings.extend(outcome?);
        Ok(warnings)
    }

    /// `terraform apply`.
    pub(super) async fn apply(&mut self, wish: Wish) -> Result<Diagnostics, TestFailure> {
        let planned = self.plan(wish).await?;
        let provider = self.lab.provider().await;
        self.apply_planned(&provider, planned).await
    }

    /// `terraform destroy`.
    pub(super) async fn destroy(&mut self) -> Result<Diagnostics, TestFailure> {
        let planned = self.plan_destroy().await?;
        let provider = self.lab.provider().await;
        self.destroy_planned(&provider, planned).await
    }

    /// `terraform plan -destroy`.
    pub(super) async fn plan_destroy(&self) -> Result<Planned, TestFailure> {
        let provider = self.lab.provider().await;
        let mut service = Self::resource(&provider, SERVICE, self.state.service.clone());
        let mut endpoint = Self::resource(&provider, ENDPOINT, self.state.endpoint.clone());
        let service_plan = service.plan_destroy().await?;
        let endpoint_plan = endpoint.plan_destroy().await?;
        let refreshed = State { service: service.saved(), endpoint: endpoint.saved() };
        Ok(Planned { service: service_plan, endpoint: endpoint_plan, refreshed })
    }

    /// Destroys what was planned to go.
    pub(super) async fn destroy_planned(
        &mut self,
        provider: &TestProvider<Tidblink>,
        planned: Planned,
    ) -> Result<Diagnostics, TestFailure> {
        self.state = planned.refreshed;
        let mut service = Self::resource(provider, SERVICE, self.state.service.clone());
        let mut endpoint = Self::resource(provider, ENDPOINT, self.state.endpoint.clone());
        let outcome = endpoint.apply(planned.endpoint).await;
        self.state.endpoint = endpoint.saved();
        let mut warnings = outcome?;
        let outcome = service.apply(planned.service).await;
        self.state.service = service.saved();
        warnings.extend(outcome?);
        Ok(warnings)
    }

    /// Imports the endpoint with this id, as an `import` block does.
    pub(super) async fn import(&mut self, id: &str) -> Result<Diagnostics, TestFailure> {
        let provider = self.lab.provider().await;
        let mut endpoint = Self::resource(&provider, ENDPOINT, None);
        let warnings = endpoint.import(id).await?;
        self.state.endpoint = endpoint.saved();
        Ok(warnings)
    }
}
