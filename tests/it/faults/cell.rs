//! One cell: a life from create to destroy in which one call fails, and the four things that must hold.

use std::fmt;
use std::rc::Rc;

use tfplugin::testing::TestFailure;
use tfplugin::{Diagnostics, Severity};
use tidblink_sandbox::Door;

use super::fault::Column;
use super::lab::{Lab, in_a_time_of_its_own};
use super::life::{Phase, Standing, Start};
use super::system::{LIMIT_SECONDS, READ_SECONDS, System, Wish};
use super::words;
use super::workspace::Workspace;

/// Which call fails, and how.
#[derive(Clone, Debug)]
pub(super) struct Cell {
    pub(super) system: System,
    pub(super) phase: Phase,
    pub(super) door: Door,
    pub(super) operation: String,
    pub(super) column: Column,
}

impl fmt::Display for Cell {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { system, phase, operation, column, .. } = self;
        write!(f, "{}, {}, {operation}, {}", system.title(), phase.title(), column.title())
    }
}

/// How a cell came out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Outcome {
    /// Nobody noticed.
    Absorbed,
    /// It worked, and a warning said what is missing.
    Warned,
    /// An error; nothing had been made or changed.
    Nothing,
    /// An error; the next run went on from what was there.
    Resumed,
    /// An error; the next run made a new endpoint in place of what was there.
    Replaced,
    /// It seemed to work; the next plan shows what is missing, and its apply adds it.
    Later,
    /// Terraform itself stopped: what its plan had shown is not so any more. Nothing was made.
    Replan,
    /// An error; the state had lost the endpoint, and the next run named it with the import block that takes it back.
    Imported,
}

impl Outcome {
    pub(super) fn title(self) -> &'static str {
        match self {
            Self::Absorbed => "absorbed",
            Self::Warned => "warned",
            Self::Nothing => "error",
            Self::Resumed => "resumed",
            Self::Replaced => "replaced",
            Self::Later => "next plan",
            Self::Replan => "replan",
            Self::Imported => "imported",
        }
    }
}

/// What does not hold.
pub(super) type Broken = Vec<String>;

impl Cell {
    /// Lives it.
    pub(super) fn live(&self, standing: &Standing) -> Result<Outcome, Broken> {
        in_a_time_of_its_own(async {
            let lab = Rc::new(Lab::open(2).await);
            let mut start = Start::of(self.phase, standing, &lab, self.system).await;
            lab.sandbox.add_fault(self.column.fault(self.door, &self.operation));
            let began = lab.seconds();
            let result = start.go(self.phase, standing).await;
            let took = lab.seconds() - began;
            let mut broken = Broken::new();
            if lab.sandbox.faults().iter().all(|fault| fault.fired == 0) {
                broken.push("the call that should have failed was never made".into());
            }
            if took > self.longest() {
                broken.push(format!("it took {took} s"));
            }
            let replan = matches!(&result, Err(failure) if is_replan(failure));
            if let Err(failure) = &result
                && !replan
            {
                broken.extend(words::missing(failure, Some(self.door)));
            }
            lab.sandbox.clear_faults();
            if self.phase == Phase::Import && result.is_err() {
                // Whoever imports and gets an error imports again.
                if let Err(failure) = start.go(self.phase, standing).await {
                    broken.push(format!("the next import failed: {failure}"));
                }
            }
            let lasting = self.column.is_lasting();
            let mut outcome =
                aftermath(&mut start.workspace, self.phase, lasting, &result, &mut broken).await;
            if replan {
                outcome = Outcome::Replan;
            }
            if broken.is_empty() { Ok(outcome) } else { Err(broken) }
        })
    }

    /// How long it may take, in the services' seconds.
    fn longest(&self) -> u64 {
        // An apply plans once more before it begins. A call that has begun is waited for, and a refusal is no reason to
        // wait at all.
        if self.column.is_refusal() { 200 } else { LIMIT_SECONDS.max(READ_SECONDS) + 180 }
    }
}

/// Whether what Terraform calls a bug is a service that went away between plan and apply: no provider can carry what its
/// plan showed over to the second plan that Terraform makes then.
fn is_replan(failure: &TestFailure) -> bool {
    let is_about_the_service = |path: &str| ["service_name", "host"].contains(&path);
    failure.rpc == "PlanResourceChange"
        && !failure.violations.is_empty()
        && failure.violations.iter().all(|it| is_about_the_service(&it.path.to_string()))
}

/// Goes on without the fault until nothing is left. `applies` tells whether a destroy that failed is thought better of: an
/// apply comes before the next one.
pub(super) async fn aftermath(
    workspace: &mut Workspace,
    phase: Phase,
    applies: bool,
    result: &Result<Diagnostics, TestFailure>,
    broken: &mut Broken,
) -> Outcome {
    let lab = Rc::clone(&workspace.lab);
    let system = workspace.system;
    let existing = || lab.sandbox.world(|world| system.endpoints(world));
    let before = existing();
    let mut outcome = match result {
        Ok(said) if said.iter().any(|it| it.severity == Severity::Warning) => Outcome::Warned,
        Ok(_) => Outcome::Absorbed,
        Err(_) => Outcome::Nothing,
    };
    let destroyed = phase == Phase::Delete && result.is_ok();
    if !destroyed && (phase != Phase::Delete || applies) {
        if outcome == Outcome::Absorbed && !matches!(phase, Phase::Plan | Phase::Import) {
            // What was absorbed leaves nothing to do.
            match workspace.plan(phase.wish()).await {
                Ok(planned) if planned.is_empty() => {}
                Ok(_) => outcome = Outcome::Later,
                Err(failure) => broken.push(format!("the plan after it worked failed: {failure}")),
            }
        }
        match converge(workspace, phase.wish()).await {
            Ok(Way::Straight) => {}
            Ok(Way::Import) => outcome = Outcome::Imported,
            Err(why) => broken.push(why),
        }
        let after = existing();
        let known = workspace.endpoint_id();
        if after.len() != 1 || known.as_ref() != after.first() {
            broken.push(format!("the state knows {known:?}, but what exists is {after:?}"));
        }
        if outcome == Outcome::Nothing && matches!(phase, Phase::Create | Phase::Update | Phase::Delete) {
            outcome = match before.first() {
                None => Outcome::Nothing,
                Some(before) if after.contains(before) => Outcome::Resumed,
                Some(_) => Outcome::Replaced,
            };
        }
    } else if outcome == Outcome::Nothing {
        outcome = Outcome::Resumed;
    }
    let destroyed = workspace.destroy().await;
    if let Err(failure) = &destroyed {
        broken.push(format!("the destroy failed: {failure}"));
    }
    let leftovers = lab.sandbox.leftovers();
    // The one exception: a shared endpoint on which a state that was lost is still counted.
    let lost_a_state = system == System::Starter && phase == Phase::Import;
    let told = |said: &Diagnostics| said.iter().any(|it| it.detail.contains("aws ec2 delete-tags"));
    let is_told = lost_a_state && destroyed.is_ok_and(|said| told(&said));
    if !leftovers.is_empty() && !is_told {
        broken.push(format!("left over: {leftovers:?}"));
    }
    outcome
}

/// How the next apply got there.
pub(super) enum Way {
    Straight,
    /// By the import block that the first attempt printed.
    Import,
}

/// Applies, and sees that nothing is left to do.
pub(super) async fn converge(workspace: &mut Workspace, wish: Wish) -> Result<Way, String> {
    let mut way = Way::Straight;
    if let Err(failure) = workspace.apply(wish).await {
        let Some(id) = import_block(&failure) else {
            return Err(format!("the next apply failed: {failure}"));
        };
        way = Way::Import;
        workspace.import(&id).await.map_err(|failure| format!("the import failed: {failure}"))?;
        workspace.apply(wish).await.map_err(|failure| format!("after the import: {failure}"))?;
    }
    match workspace.plan(wish).await {
        Ok(planned) if planned.is_empty() => Ok(way),
        Ok(planned) => Err(format!("the plan after the next apply was {:?}", planned.action())),
        Err(failure) => Err(format!("the plan after the next apply failed: {failure}")),
    }
}

/// The id in the import block that an error prints.
fn import_block(failure: &TestFailure) -> Option<String> {
    failure.diagnostics.iter().find_map(|error| {
        let (_, block) = error.detail.split_once("import {")?;
        let (_, id) = block.split_once("id = \"")?;
        id.split_once('"').map(|(id, _)| id.to_owned())
    })
}
