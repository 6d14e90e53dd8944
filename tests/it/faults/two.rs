//! Two workspaces in the same clouds, and a workspace whose state is lost: nobody takes what somebody else is making, and
//! what no state knows is found again.

use std::rc::Rc;

use tfplugin::Severity;

use super::cell::{Way, converge};
use super::lab::{Lab, in_a_time_of_its_own};
use super::life::{Phase, calls};
use super::system::{System, Wish};
use super::workspace::Workspace;
use super::{Broken, live_all, standings};

#[test]
fn an_endpoint_that_another_workspace_is_making_is_never_taken() {
    let standings = standings();
    let moments: Vec<(System, u64)> = System::ALL
        .into_iter()
        .flat_map(|system| {
            let most = calls(Phase::Create, &standings[&system], system).len() as u64;
            (1..=most).step_by(4).map(move |after| (system, after))
        })
        .collect();

    let outcomes = live_all(&moments, |&(system, after)| second_comes(system, after));

    for (moment, outcome) in moments.iter().zip(outcomes) {
        assert!(outcome.is_ok(), "{moment:?}: {outcome:?}");
    }
}

/// A second workspace of the same configuration begins when the first has made so many requests.
fn second_comes(system: System, after: u64) -> Result<(), Broken> {
    in_a_time_of_its_own(async {
        let mut broken = Broken::new();
        let lab = Rc::new(Lab::open(2).await);
        let (mut first, mut second) = (Workspace::new(&lab, system), Workspace::new(&lab, system));
        let planned = first.plan(Wish::First).await.expect("a faultless plan");
        let provider = lab.provider().await;
        let (one, other) = tokio::join!(first.apply_planned(&provider, planned), async {
            lab.requests(after).await;
            second.apply(Wish::First).await
        });
        if let Err(failure) = one {
            broken.push(format!("the first failed: {failure}"));
        }
        match (system, other) {
            (System::Starter, Ok(_)) => {}
            (System::Dedicated | System::Alicloud, Err(failure))
                if failure.to_string().contains("import {") => {}
            (_, other) => broken.push(format!("the second ended with {other:?}")),
        }
        let made = lab.sandbox.world(|world| system.endpoints(world));
        let known = first.endpoint_id();
        if made.len() != 1 || made.first() != known.as_ref() {
            broken.push(format!("the first knows {known:?}, but what exists is {made:?}"));
        }
        match first.plan(Wish::First).await {
            Ok(planned) if planned.is_empty() => {}
            other => broken.push(format!("the first's next plan: {:?}", other.map(|it| it.action()))),
        }
        for workspace in [&mut first, &mut second] {
            if let Err(failure) = workspace.destroy().await {
                broken.push(format!("a destroy failed: {failure}"));
            }
        }
        let leftovers = lab.sandbox.leftovers();
        if !leftovers.is_empty() {
            broken.push(format!("left over: {leftovers:?}"));
        }
        if broken.is_empty() { Ok(()) } else { Err(broken) }
    })
}

#[test]
fn an_endpoint_whose_state_was_lost_is_found_again() {
    for system in System::ALL {
        in_a_time_of_its_own(async {
            let lab = Rc::new(Lab::open(2).await);
            let mut workspace = Workspace::new(&lab, system);
            workspace.apply(Wish::First).await.expect("a faultless apply");
            let made = lab.sandbox.world(|world| system.endpoints(world));

            workspace.state = Default::default();
            let way = converge(&mut workspace, Wish::First).await.expect("found again");

            assert_eq!(matches!(way, Way::Import), system != System::Starter, "{system:?}");
            assert_eq!(lab.sandbox.world(|world| system.endpoints(world)), made, "{system:?}");
            let said = workspace.destroy().await.expect("a destroy");
            if system == System::Starter {
                // The lost state is still counted, and only a person can know that it is lost.
                let told = |it: &tfplugin::Diagnostic| {
                    it.severity == Severity::Warning && it.detail.contains("aws ec2 delete-tags")
                };
                assert!(said.iter().any(told), "{said:?}");
            } else {
                assert_eq!(lab.sandbox.leftovers(), [], "{system:?}");
            }
        });
    }
}

/// What the other tests begin from really stands.
#[test]
fn an_endpoint_that_stands_needs_nothing() {
    for (system, standing) in standings() {
        let calls = calls(Phase::Refresh, &standing, system);
        assert!(calls.iter().all(|(_, name)| !super::is_write(name)), "{system:?}: {calls:?}");
    }
}
