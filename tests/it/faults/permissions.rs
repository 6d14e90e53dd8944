//! The policies that the documentation shows are enough and not too much: a whole life passes with exactly what they
//! allow, and without any one action it fails, or warns of what it could not check, with the action's name.

use std::rc::Rc;

use serde_json::json;
use tfplugin::Diagnostics;
use tfplugin::testing::TestFailure;
use tidblink::permissions::{
    Dialect, Feature, alicloud_permissions, aws_permissions, policy, tidb_operations,
};
use tidblink_sandbox::world::{Policy, World};

use super::assert_nothing_is_broken;
use super::cell::{Broken, converge};
use super::lab::{Lab, in_a_time_of_its_own};
use super::life::Standing;
use super::live_all;
use super::system::{System, Wish};
use super::workspace::Workspace;

impl System {
    /// What the documentation tells to allow for `features`.
    fn policy(self, features: &[Feature]) -> Policy {
        let document = match self {
            Self::Alicloud => policy(&alicloud_permissions(), features, Dialect::Alicloud),
            Self::Dedicated | Self::Starter => policy(&aws_permissions(), features, Dialect::Aws),
        };
        serde_json::from_value(document).expect("a policy")
    }
}

/// Lets the keys that the lab's provider has do nothing else.
fn restrict(world: &mut World, system: System, policy: &Policy) {
    match system {
        System::Alicloud => world.alicloud.access_keys[0].policy = Some(policy.clone()),
        System::Dedicated | System::Starter => world.aws.access_keys[0].policy = Some(policy.clone()),
    }
}

fn actions(policy: &Policy) -> Vec<String> {
    policy.statement.iter().flat_map(|statement| statement.action.clone()).collect()
}

fn text(said: &Diagnostics) -> String {
    said.iter().map(|it| format!("{}\n{}\n", it.summary, it.detail)).collect()
}

/// Everything that an endpoint goes through, up to the first error, and what was said until then.
async fn live(workspace: &mut Workspace, said: &mut String) -> Result<(), TestFailure> {
    said.push_str(&mistaken(workspace).await);
    said.push_str(&text(&workspace.apply(Wish::First).await?));
    said.push_str(&text(&workspace.plan(Wish::First).await?.warnings()));
    let planned = workspace.plan(Wish::Changed).await?;
    said.push_str(&text(&planned.warnings()));
    let provider = workspace.lab.provider().await;
    said.push_str(&text(&workspace.apply_planned(&provider, planned).await?));
    said.push_str(&text(&workspace.destroy().await?));
    Ok(())
}

/// What a plan says of a subnet that is not in the VPC.
async fn mistaken(workspace: &Workspace) -> String {
    let mut config = workspace.system.endpoint(Wish::First);
    match workspace.system {
        System::Alicloud => config["alicloud"]["vswitch_ids"] = json!(["vsw-t4nsandbox00000000099"]),
        System::Dedicated | System::Starter => {
            config["aws"]["subnet_ids"] = json!(["subnet-0a000000000000099"]);
        }
    }
    let provider = workspace.lab.provider().await;
    match provider.resource("tidblink_private_endpoint").plan(config).await {
        Ok(plan) => text(&plan.diagnostics),
        Err(failure) => text(&failure.diagnostics),
    }
}

/// A life without one action of a policy.
struct Without {
    system: System,
    action: String,
}

impl std::fmt::Display for Without {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} without {}", self.system.title(), self.action)
    }
}

impl Without {
    fn every() -> Vec<Self> {
        let of = |system: System| {
            let actions = actions(&system.policy(&Feature::WHOLE_LIFE)).into_iter();
            actions.map(move |action| Self { system, action })
        };
        System::ALL.into_iter().flat_map(of).collect()
    }

    fn live(&self) -> Result<(), Broken> {
        in_a_time_of_its_own(async {
            let whole = self.system.policy(&Feature::WHOLE_LIFE);
            let mut restricted = whole.clone();
            restricted.forget(&self.action);
            let lab = Rc::new(Lab::open(3).await);
            lab.sandbox.world(|world| restrict(world, self.system, &restricted));
            let mut workspace = Workspace::new(&lab, self.system);
            let mut said = String::new();
            let lived = live(&mut workspace, &mut said).await;
            let failed = lived.is_err();
            if let Err(failure) = lived {
                said.push_str(&text(&failure.diagnostics));
            }
            let mut broken = Broken::new();
            if !said.contains(&self.action) {
                broken.push(format!("failed: {failed}; it is not named in: {said}"));
            }
            lab.sandbox.world(|world| restrict(world, self.system, &whole));
            if failed && let Err(why) = converge(&mut workspace, Wish::First).await {
                broken.push(why);
            }
            if failed && let Err(failure) = workspace.destroy().await {
                broken.push(format!("the destroy failed: {failure}"));
            }
            let leftovers = lab.sandbox.leftovers();
            if !leftovers.is_empty() {
                broken.push(format!("left over: {leftovers:?}"));
            }
            if broken.is_empty() { Ok(()) } else { Err(broken) }
        })
    }
}

#[test]
fn a_whole_life_with_the_documented_policy_is_that_of_somebody_who_may_do_everything() {
    for system in System::ALL {
        let policy = system.policy(&Feature::WHOLE_LIFE);
        let [unrestricted, restricted] = [None, Some(policy)].map(|policy| {
            in_a_time_of_its_own(async {
                let lab = Rc::new(Lab::open(3).await);
                lab.sandbox.world(|world| {
                    let operations = tidb_operations().iter().map(|it| it.name.to_owned()).collect();
                    world.tidb.keys[0].allowed = policy.as_ref().map(|_| operations);
                    policy.as_ref().inspect(|policy| restrict(world, system, policy));
                });
                let mut said = String::new();
                let lived = live(&mut Workspace::new(&lab, system), &mut said).await;
                lived.unwrap_or_else(|failure| panic!("{}: {failure}", system.title()));
                assert_eq!(lab.sandbox.leftovers(), []);
                said
            })
        });
        assert_eq!(restricted, unrestricted, "{}", system.title());
    }
}

#[test]
fn without_any_one_action_a_life_fails_or_warns_and_names_it() {
    let lives = Without::every();
    let outcomes = live_all(&lives, Without::live);
    assert_nothing_is_broken(&lives, &outcomes);
}

#[test]
fn a_plan_and_a_refresh_take_the_plan_policy_and_an_owner_of_nothing() {
    for system in System::ALL {
        let standing = Standing::reach(system);
        in_a_time_of_its_own(async {
            let lab = Rc::new(Lab::open(3).await);
            let mut fresh = Workspace::new(&lab, system);
            limit_to_plans(&lab, system);
            let planned = fresh.plan(Wish::First).await.expect("a plan");
            assert_eq!(text(&planned.warnings()), "", "{}", system.title());
            let failure = fresh.apply(Wish::First).await.expect_err("nothing may be made");
            let action = if system == System::Alicloud { "privatelink:" } else { "ec2:" };
            let said = text(&failure.diagnostics);
            assert!(said.contains(&format!("{action}CreateVpcEndpoint")), "{said}");
            assert_eq!(lab.sandbox.leftovers(), []);
        });
        in_a_time_of_its_own(async {
            let lab = Rc::new(Lab::open(3).await);
            let workspace = standing.restore(&lab, system);
            limit_to_plans(&lab, system);
            let planned = workspace.plan(Wish::First).await.expect("a refresh");
            assert!(planned.is_empty() && text(&planned.warnings()).is_empty(), "{}", system.title());
        });
    }
}

/// Keys of both sides that may only look.
fn limit_to_plans(lab: &Lab, system: System) {
    let reads = tidb_operations().into_iter().filter(|it| !it.changes).map(|it| it.name.to_owned());
    let reads = reads.collect();
    lab.sandbox.world(|world| {
        restrict(world, system, &system.policy(&Feature::PLAN));
        world.tidb.keys[0].allowed = Some(reads);
    });
}

#[test]
fn registering_takes_an_owner_of_tidb_cloud_and_says_so() {
    in_a_time_of_its_own(async {
        let lab = Rc::new(Lab::open(3).await);
        let mut workspace = Workspace::new(&lab, System::Dedicated);
        let reads = tidb_operations().into_iter().filter(|it| !it.changes).map(|it| it.name.to_owned());
        let reads: Vec<_> = reads.collect();
        lab.sandbox.world(|world| world.tidb.keys[0].allowed = Some(reads));
        let failure = workspace.apply(Wish::First).await.expect_err("it may not register");
        let said = text(&failure.diagnostics);
        assert!(said.contains("Organization Owner or Project Owner"), "{said}");
        assert!(said.contains("CreatePrivateEndpointConnection"), "{said}");
        lab.sandbox.world(|world| world.tidb.keys[0].allowed = None);
        converge(&mut workspace, Wish::First).await.map(drop).expect("it goes on");
        workspace.destroy().await.expect("a destroy");
        assert_eq!(lab.sandbox.leftovers(), []);
    });
}
