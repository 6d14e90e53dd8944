//! Planning.

use crate::{AttributePath, ClientCapabilities, Diagnostics, PrivateState, Value};

/// What a plan is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum PlanKind {
    /// A new object. The second half of a replacement looks like this too.
    Create,
    /// A change of an object, which may turn out to be none.
    Update,
    /// The end of an object.
    Destroy,
}

/// What [`Resource::plan`](crate::Resource::plan) is given.
#[derive(Clone, Debug)]
pub struct PlanRequest<M> {
    /// The state before; `None` for a create.
    pub prior: Option<M>,
    /// The configuration; `None` for a destroy. Values may be unknown.
    pub config: Option<M>,
    /// The plan as the generic rules make it; `None` for a destroy.
    pub planned: Option<M>,
    /// The attributes whose change means a new object, as the generic rules see it.
    pub requires_replace: Vec<AttributePath>,
    /// The private state before.
    pub private: PrivateState,
    /// What the first plan answered as private state, when Terraform plans again at apply and can tell
    /// ([`ClientCapabilities::store_planned_private`]).
    pub planned_private: Option<PrivateState>,
    /// The object's identity before, if the resource type has identities and the state holds one.
    pub identity: Option<Value>,
    /// What the asking Terraform can do.
    pub capabilities: ClientCapabilities,
}

impl<M> PlanRequest<M> {
    /// What the plan is about.
    pub fn kind(&self) -> PlanKind {
        match (&self.prior, &self.planned) {
            (_, None) => PlanKind::Destroy,
            (None, Some(_)) => PlanKind::Create,
            (Some(_), Some(_)) => PlanKind::Update,
        }
    }

    /// Answers with the plan of the generic rules and the private state as it is.
    pub fn accept(self) -> PlanResponse<M> {
        PlanResponse {
            planned: self.planned,
            requires_replace: self.requires_replace,
            private: self.private,
            diagnostics: Diagnostics::new(),
        }
    }
}

/// What [`Resource::plan`](crate::Resource::plan) answers. Start from [`PlanRequest::accept`].
#[derive(Clone, Debug)]
#[must_use]
pub struct PlanResponse<M> {
    /// The plan; `None` for a destroy. What the configuration sets must stay as it is.
    pub planned: Option<M>,
    /// The attributes whose change means a new object. Only paths whose value does change count.
    pub requires_replace: Vec<AttributePath>,
    /// What the apply is given as private state.
    pub private: PrivateState,
    /// Messages for the user. An error stops the run before anything is changed.
    pub diagnostics: Diagnostics,
}

impl<M> PlanResponse<M> {
    /// There is no plan; `diagnostics` hold the reason.
    pub fn failed(diagnostics: impl Into<Diagnostics>) -> Self {
        Self {
            planned: None,
            requires_replace: Vec::new(),
            private: PrivateState::new(),
            diagnostics: diagnostics.into(),
        }
    }

    /// Adds messages.
    pub fn with_diagnostics(mut self, diagnostics: impl Into<Diagnostics>) -> Self {
        self.diagnostics.extend(diagnostics.into());
        self
    }
}
