//! The faultless life of an endpoint, cut into phases: it is lived once per system, which gives the operations that may
//! fail and the points from which a cell can begin.

use std::collections::BTreeSet;
use std::rc::Rc;
use std::time::Duration;

use tfplugin::Diagnostics;
use tfplugin::testing::{TestFailure, TestProvider};
use tidblink::Tidblink;
use tidblink_sandbox::world::World;
use tidblink_sandbox::{Door, Timestamp};

use super::lab::{Lab, in_a_time_of_its_own};
use super::system::{System, Wish};
use super::workspace::{Planned, State, Workspace};

/// A part of the life during which calls may fail.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Phase {
    /// The plan of a new endpoint.
    Plan,
    /// The apply that makes it.
    Create,
    /// The refresh of one that stands, and the plan that finds nothing to do.
    Refresh,
    /// The apply that changes it.
    Update,
    /// The apply that takes it away.
    Delete,
    /// An import of one that the state does not know.
    Import,
}

impl Phase {
    pub(super) const ALL: [Self; 6] =
        [Self::Plan, Self::Create, Self::Refresh, Self::Update, Self::Delete, Self::Import];

    pub(super) fn title(self) -> &'static str {
        match self {
            Self::Plan => "plan",
            Self::Create => "create",
            Self::Refresh => "refresh",
            Self::Update => "update",
            Self::Delete => "delete",
            Self::Import => "import",
        }
    }

    /// What is configured during it.
    pub(super) fn wish(self) -> Wish {
        if self == Self::Update { Wish::Changed } else { Wish::First }
    }

    fn begins_with_an_endpoint(self) -> bool {
        !matches!(self, Self::Plan | Self::Create)
    }
}

/// An endpoint that stands: what the clouds and the state hold of it.
#[derive(Clone)]
pub(super) struct Standing {
    world: World,
    now: Timestamp,
    state: State,
    endpoint_id: String,
}

impl Standing {
    /// Lives until an endpoint stands.
    pub(super) fn reach(system: System) -> Self {
        in_a_time_of_its_own(async {
            let lab = Rc::new(Lab::open(1).await);
            let mut workspace = Workspace::new(&lab, system);
            workspace.apply(Wish::First).await.expect("a faultless apply");
            // Whoever made it is done with the budget of its minute.
            lab.sandbox.advance(Duration::from_secs(120));
            let (world, now) = lab.sandbox.world(|world| (world.clone(), world.now));
            let endpoint_id = workspace.endpoint_id().expect("an endpoint");
            Self { world, now, state: workspace.state.clone(), endpoint_id }
        })
    }

    /// Puts it into a fresh lab.
    pub(super) fn restore(&self, lab: &Rc<Lab>, system: System) -> Workspace {
        let behind = self.now.seconds_since(lab.sandbox.world(|world| world.now));
        lab.sandbox.advance(Duration::from_secs_f64(behind.max(0.0)));
        lab.sandbox.world(|world| {
            let now = world.now;
            *world = self.world.clone();
            world.now = now;
        });
        Workspace { state: self.state.clone(), ..Workspace::new(lab, system) }
    }
}

/// A workspace at the beginning of a phase.
pub(super) struct Start {
    pub(super) workspace: Workspace,
    planned: Option<Planned>,
}

impl Start {
    /// Everything before the phase, faultless.
    pub(super) async fn of(phase: Phase, standing: &Standing, lab: &Rc<Lab>, system: System) -> Self {
        let mut workspace = if phase.begins_with_an_endpoint() {
            standing.restore(lab, system)
        } else {
            Workspace::new(lab, system)
        };
        let planned = match phase {
            Phase::Plan | Phase::Refresh => None,
            Phase::Create | Phase::Update => {
                Some(workspace.plan(phase.wish()).await.expect("a faultless plan"))
            }
            Phase::Delete => Some(workspace.plan_destroy().await.expect("a faultless plan")),
            Phase::Import => {
                workspace.state.endpoint = None;
                None
            }
        };
        Self { workspace, planned }
    }

    /// The phase itself.
    pub(super) async fn go(&mut self, phase: Phase, standing: &Standing) -> Result<Diagnostics, TestFailure> {
        let provider = self.workspace.lab.provider().await;
        self.go_by(&provider, phase, standing).await
    }

    /// The same by a provider that somebody else has a hand on.
    pub(super) async fn go_by(
        &mut self,
        provider: &TestProvider<Tidblink>,
        phase: Phase,
        standing: &Standing,
    ) -> Result<Diagnostics, TestFailure> {
        let workspace = &mut self.workspace;
        match (phase, self.planned.take()) {
            (Phase::Delete, Some(planned)) => workspace.destroy_planned(provider, planned).await,
            (_, Some(planned)) => workspace.apply_planned(provider, planned).await,
            (Phase::Import, None) => {
                let id = format!("{}/{}", workspace.system.service_id(), standing.endpoint_id);
                workspace.import(&id).await
            }
            (_, None) => workspace.plan(phase.wish()).await.map(|planned| planned.warnings()),
        }
    }
}

/// The operations of a phase, in the order of their first call.
pub(super) fn operations(phase: Phase, standing: &Standing, system: System) -> Vec<(Door, String)> {
    let mut seen = BTreeSet::new();
    calls(phase, standing, system).into_iter().filter(|(_, name)| seen.insert(name.clone())).collect()
}

/// Every request of a phase, those included that are sent only to be given a nonce.
pub(super) fn calls(phase: Phase, standing: &Standing, system: System) -> Vec<(Door, String)> {
    in_a_time_of_its_own(async {
        let lab = Rc::new(Lab::open(2).await);
        let mut start = Start::of(phase, standing, &lab, system).await;
        lab.sandbox.forget_requests();
        start.go(phase, standing).await.expect("a faultless life");
        lab.sandbox.requests().into_iter().map(|request| (request.door, request.operation)).collect()
    })
}
