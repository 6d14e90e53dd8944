//! Runs that end in the middle, at every request: the provider or Terraform killed, Ctrl-C once and twice.

use std::collections::BTreeMap;
use std::fmt;
use std::rc::Rc;

use tfplugin::testing::TestFailure;
use tfplugin::{Diagnostics, Severity};

use super::cell::{Broken, Way, converge};
use super::fault::is_write;
use super::lab::{Lab, in_a_time_of_its_own};
use super::life::{Phase, Standing, Start, calls};
use super::system::System;

/// What ends a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum End {
    /// The provider dies; Terraform saves what it had.
    Provider,
    /// Terraform dies with it and saves nothing.
    Terraform,
    /// The user asks it to stop.
    CtrlC,
    /// The user asks twice: the second time Terraform waits for nobody.
    CtrlCTwice,
}

impl End {
    const ALL: [Self; 4] = [Self::Provider, Self::Terraform, Self::CtrlC, Self::CtrlCTwice];
}

/// A run that ends when its `after`th request has come in.
#[derive(Clone, Debug)]
pub(super) struct Cut {
    pub(super) system: System,
    pub(super) phase: Phase,
    pub(super) end: End,
    pub(super) after: u64,
    /// How many requests it makes when nobody ends it.
    of: u64,
}

impl fmt::Display for Cut {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { system, phase, end, after, .. } = self;
        write!(f, "{}, {}, {end:?} after request {after}", system.title(), phase.title())
    }
}

/// How a run ended.
enum Ended {
    /// By itself, perhaps after it was asked to stop.
    Itself(Result<Diagnostics, TestFailure>),
    Killed,
}

/// Every cut; in a short run those around each write and a few between.
pub(super) fn cuts(standings: &BTreeMap<System, Standing>, all: bool) -> Vec<Cut> {
    let mut cuts = Vec::new();
    for (&system, standing) in standings {
        for phase in [Phase::Create, Phase::Update, Phase::Delete] {
            let calls = calls(phase, standing, system);
            let writes_at = |index: usize| calls.get(index).is_some_and(|(_, name)| is_write(name));
            for (index, after) in (0..calls.len()).zip(1..) {
                for (nth, end) in End::ALL.into_iter().enumerate() {
                    let near = index > 0 && writes_at(index - 1) || writes_at(index);
                    let here = near && (index + nth) % 2 == 0 || (index + 5 * nth) % 17 == 0;
                    if all || here {
                        cuts.push(Cut { system, phase, end, after, of: calls.len() as u64 });
                    }
                }
            }
        }
    }
    cuts
}

impl Cut {
    /// Lives a life that is cut here and goes on afterwards.
    pub(super) fn live(&self, standing: &Standing) -> Result<(), Broken> {
        in_a_time_of_its_own(async {
            let mut broken = Broken::new();
            let lab = Rc::new(Lab::open(2).await);
            let mut start = Start::of(self.phase, standing, &lab, self.system).await;
            let existing = || lab.sandbox.world(|world| self.system.endpoints(world));
            let stood = existing();
            let state = start.workspace.state.clone();
            let ended = self.run(&mut start, &lab, standing).await;
            if matches!((&ended, self.end), (Ended::Killed, End::Terraform | End::CtrlCTwice)) {
                start.workspace.state = state;
            }
            let left = existing();
            let killed = matches!(self.end, End::Provider | End::Terraform);
            // The last looks go side by side, and all may be answered before the end comes.
            let is_early = killed && self.after + 5 < self.of;
            if is_early && matches!(ended, Ended::Itself(Ok(_))) {
                broken.push("it was not cut off".into());
            }
            if let Ended::Itself(Err(failure)) = &ended {
                broken.extend(super::words::missing(failure, None));
            }
            if matches!(ended, Ended::Itself(_)) && self.phase == Phase::Create {
                let known = start.workspace.endpoint_id();
                if left.iter().any(|left| Some(left) != known.as_ref()) {
                    broken.push(format!("{left:?} exists, but the state knows {known:?}"));
                }
                if known.is_some() && start.workspace.is_tainted() {
                    broken.push("Ctrl-C tainted the endpoint".into());
                }
            }
            // A destroy that was cut off may be tried again, or thought better of.
            let again = self.phase == Phase::Delete && self.after.is_multiple_of(2);
            let gone = self.phase == Phase::Delete && matches!(ended, Ended::Itself(Ok(_)));
            if !again && !gone {
                match converge(&mut start.workspace, self.phase.wish()).await {
                    Ok(Way::Straight | Way::Import) => {}
                    Err(why) => broken.push(why),
                }
                let now = existing();
                let known = start.workspace.endpoint_id();
                if now.len() != 1 || now.first() != known.as_ref() {
                    broken.push(format!("the state knows {known:?}, but what exists is {now:?}"));
                }
                if self.phase != Phase::Delete && !left.is_empty() && now != left {
                    broken.push(format!("{left:?} was there, and {now:?} was made beside or after it"));
                }
            }
            let destroyed = start.workspace.destroy().await;
            if let Err(failure) = &destroyed {
                broken.push(format!("the destroy failed: {failure}"));
            }
            let leftovers = lab.sandbox.leftovers();
            // A count that no state knows of keeps a shared endpoint, and the destroy names it.
            let lost_count = self.system == System::Starter
                && stood.is_empty()
                && destroyed.is_ok_and(|said| {
                    said.iter().any(|it| {
                        it.severity == Severity::Warning && it.detail.contains("aws ec2 delete-tags")
                    })
                });
            if !leftovers.is_empty() && !lost_count {
                broken.push(format!("left over: {leftovers:?}"));
            }
            if broken.is_empty() { Ok(()) } else { Err(broken) }
        })
    }

    async fn run(&self, start: &mut Start, lab: &Lab, standing: &Standing) -> Ended {
        let provider = lab.provider().await;
        let cut = async {
            lab.requests(self.after).await;
            match self.end {
                End::Provider | End::Terraform => {}
                End::CtrlC => {
                    provider.stop();
                    std::future::pending::<()>().await;
                }
                End::CtrlCTwice => {
                    provider.stop();
                    // Before the provider has come to rest.
                    tokio::task::yield_now().await;
                }
            }
        };
        tokio::select! {
            biased;
            result = start.go_by(&provider, self.phase, standing) => Ended::Itself(result),
            () = cut => Ended::Killed,
        }
    }
}
