//! A sample of the matrix and of the cuts through the real terraform: that the harness drives the provider as core does is
//! itself to be proven.

use std::time::Duration;

use tidblink_sandbox::default_world as ids;
use tidblink_sandbox::{Door, default_world};

use super::fault::Column;
use super::life::Phase;
use super::system::{System, hurry};
use crate::support::config::ENDPOINT;
use crate::support::terraform::Running;
use crate::support::{Endpoint, Run};

const SAMPLE: [(System, Phase, Door, &str, Column); 15] = [
    (System::Dedicated, Phase::Plan, Door::Ec2, "DescribeSubnets", Column::Throttled),
    (System::Dedicated, Phase::Create, Door::Ec2, "CreateVpcEndpoint", Column::Lost),
    (System::Dedicated, Phase::Create, Door::Ec2, "ModifyVpcEndpoint", Column::Denied),
    (System::Dedicated, Phase::Create, Door::Dedicated, "CreatePrivateEndpointConnection", Column::Lost),
    (
        System::Dedicated,
        Phase::Create,
        Door::Dedicated,
        "CreatePrivateEndpointConnection",
        Column::AlwaysDenied,
    ),
    (System::Dedicated, Phase::Refresh, Door::Dedicated, "ListPrivateEndpointConnections", Column::Gateway),
    (System::Dedicated, Phase::Update, Door::Ec2, "ModifyVpcEndpoint", Column::Conflict),
    (System::Dedicated, Phase::Delete, Door::Dedicated, "DeletePrivateEndpointConnection", Column::Broken),
    (System::Starter, Phase::Create, Door::Ec2, "CreateVpcEndpoint", Column::AlwaysDenied),
    (System::Starter, Phase::Create, Door::Serverless, "GetCluster", Column::Garbage),
    (System::Starter, Phase::Delete, Door::Ec2, "DeleteVpcEndpoints", Column::Reset),
    (System::Alicloud, Phase::Create, Door::Alicloud, "CreateVpcEndpoint", Column::Lost),
    (System::Alicloud, Phase::Create, Door::Alicloud, "ListVpcEndpointZones", Column::ThrottledUntil),
    (System::Alicloud, Phase::Update, Door::Alicloud, "AddZoneToVpcEndpoint", Column::AlwaysDenied),
    (System::Alicloud, Phase::Delete, Door::Alicloud, "RemoveZoneFromVpcEndpoint", Column::Unavailable),
];

impl System {
    fn first(self) -> String {
        match self {
            Self::Dedicated => Endpoint::new().hcl(),
            Self::Starter => Endpoint::starter().hcl(),
            Self::Alicloud => crate::alicloud::complete(),
        }
    }

    fn changed(self) -> String {
        match self {
            Self::Dedicated => Endpoint::new().subnets(&[ids::WEST_SUBNET_AZ2, ids::WEST_SUBNET_AZ3]).hcl(),
            Self::Starter => {
                Endpoint::starter().security_groups(&[ids::EAST_GROUP_OPEN, ids::EAST_GROUP_CLOSED]).hcl()
            }
            Self::Alicloud => crate::alicloud::hcl(&crate::alicloud::block(
                &[default_world::ALICLOUD_VSWITCH_A_SECOND, default_world::ALICLOUD_VSWITCH_B],
                &[default_world::ALICLOUD_GROUP_OPEN],
                "",
            )),
        }
    }
}

async fn run_of(system: System) -> Run {
    let run = Run::new().await;
    run.clouds.world(hurry);
    run.write("main.tf", system.first());
    run
}

/// One of the sample, from create to destroy.
async fn live(system: System, phase: Phase, door: Door, operation: &str, column: Column) {
    let run = run_of(system).await;
    if !matches!(phase, Phase::Plan | Phase::Create) {
        run.apply().await;
    }
    if phase == Phase::Update {
        run.write("main.tf", system.changed());
    }
    run.clouds.fault(column.fault(door, operation));
    let outcome = match phase {
        Phase::Delete => run.try_destroy().await,
        Phase::Plan | Phase::Refresh => run.try_plan().await,
        Phase::Create | Phase::Update | Phase::Import => run.try_apply().await,
    };
    if !matches!(outcome.status.code(), Some(0 | 2)) {
        outcome.failed();
    }
    run.clouds.clear_faults();
    if phase != Phase::Delete {
        run.apply().await;
        run.assert_empty_plan().await;
    }
    run.destroy().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn terraform_itself_loses_nothing_either() {
    let lives = SAMPLE.chunks(5).map(async |lives| {
        for &(system, phase, door, operation, column) in lives {
            live(system, phase, door, operation, column).await;
        }
    });
    futures_util::future::join_all(lives).await;
}

/// Waits until so many requests have come in since.
async fn requests(run: &Run, more: usize) {
    let began = run.clouds.requests().len();
    while run.clouds.requests().len() < began + more {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
}

/// What an apply left is found by the next one, or by the import block that it prints.
async fn goes_on(run: &Run) {
    let next = run.try_apply().await;
    if !next.status.success() {
        let id = next.prose();
        let id = id.split_once("import {").and_then(|(_, block)| block.split_once("id = \""));
        let id = id.and_then(|(_, id)| id.split_once('"')).expect("an import block").0.to_owned();
        run.try_import(ENDPOINT, &id).await.succeeded();
        run.apply().await;
    }
    run.assert_empty_plan().await;
    let made = run
        .clouds
        .world(|world| System::Dedicated.endpoints(world).len() + System::Alicloud.endpoints(world).len());
    assert_eq!(made, 1);
    run.try_destroy().await.succeeded();
}

async fn kill(apply: Running) {
    apply.signal("KILL").await;
    let _ = apply.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_killed_provider_loses_nothing() {
    for (system, after) in [(System::Dedicated, 22), (System::Starter, 24), (System::Alicloud, 30)] {
        let run = run_of(system).await;
        run.note_provider_processes();
        let apply = run.start_apply();
        requests(&run, after).await;
        run.kill_provider().await;
        apply.finish().await;
        goes_on(&run).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_killed_terraform_loses_nothing() {
    for (system, after) in [(System::Dedicated, 30), (System::Starter, 22), (System::Alicloud, 40)] {
        let run = run_of(system).await;
        run.note_provider_processes();
        let apply = run.start_apply();
        requests(&run, after).await;
        kill(apply).await;
        run.providers_end().await;
        goes_on(&run).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_ctrl_c_loses_nothing() {
    for (system, after) in [(System::Dedicated, 30), (System::Alicloud, 40)] {
        let run = run_of(system).await;
        let apply = run.start_apply();
        requests(&run, after).await;
        apply.interrupt().await;
        apply.interrupt().await;
        apply.finish().await;
        goes_on(&run).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lost_state_file_loses_no_endpoint() {
    for system in [System::Dedicated, System::Alicloud] {
        let run = run_of(system).await;
        run.apply().await;
        std::fs::remove_file(run.folder().join("terraform.tfstate")).expect("a state");
        goes_on(&run).await;
        run.clouds.assert_no_leftovers();
    }
}
