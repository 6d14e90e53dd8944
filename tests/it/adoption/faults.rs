//! Registering, deregistering and both handovers, each call failing in every way: whatever comes of it, the next apply leads to
//! one registration and an empty plan, and the destroy after it takes away what is this resource's and nothing else.

use serde_json::{Value as Json, json};
use tfplugin::testing::TestResource;
use tidblink::Tidblink;
use tidblink_sandbox::world::World;
use tidblink_sandbox::{Door, Event};

use super::become_foreign;
use crate::faults::fault::{Column, is_write};
use crate::faults::lab::{Lab, in_a_time_of_its_own};
use crate::faults::system::{System, Wish};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    Register,
    Deregister,
    TakeOver,
    Release,
}

/// Somebody else's endpoint in a lab.
struct Place {
    endpoint_id: String,
}

impl Place {
    async fn make(lab: &Lab) -> Self {
        let provider = lab.provider().await;
        let mut maker = provider.resource("tidblink_private_endpoint");
        maker.converge(System::Dedicated.endpoint(Wish::First)).await.unwrap();
        let endpoint_id = maker.attribute("/endpoint_id").as_str().unwrap().to_owned();
        lab.sandbox.event(Event::PrivateDnsDisabled { endpoint_id: endpoint_id.clone() }).unwrap();
        lab.sandbox.world(become_foreign);
        Self { endpoint_id }
    }

    fn existing(&self) -> Json {
        let mut config = System::Dedicated.endpoint(Wish::First);
        config.as_object_mut().unwrap().remove("aws");
        config["existing"] = json!({ "endpoint_id": self.endpoint_id });
        config
    }

    /// What is configured before a phase, if anything is, and during it.
    fn configs(&self, phase: Phase) -> (Option<Json>, Json) {
        let aws = || System::Dedicated.endpoint(Wish::First);
        match phase {
            Phase::Register => (None, self.existing()),
            Phase::Deregister => (Some(self.existing()), self.existing()),
            Phase::TakeOver => (Some(self.existing()), aws()),
            Phase::Release => (Some(aws()), self.existing()),
        }
    }
}

async fn reach(resource: &mut TestResource<'_, Tidblink>, place: &Place, before: Option<Json>) {
    let Some(before) = before else { return };
    resource.converge(place.existing()).await.unwrap();
    resource.converge(before).await.unwrap();
}

/// Whether the endpoint is there and whom its tags name.
fn endpoint(world: &mut World) -> Option<Option<String>> {
    let endpoint =
        world.aws.endpoints.iter().find(|it| it.state != tidblink_sandbox::world::EndpointState::Deleted)?;
    Some(endpoint.tags.get("tidblink:token").cloned())
}

fn live(phase: Phase, door: Door, operation: &str, column: Column) {
    in_a_time_of_its_own(async {
        let what = format!("{phase:?}, {operation}, {column:?}");
        let lab = Lab::open(2).await;
        let place = Place::make(&lab).await;
        let (before, config) = place.configs(phase);
        let provider = lab.provider().await;
        let mut resource = provider.resource("tidblink_private_endpoint");
        reach(&mut resource, &place, before).await;

        lab.sandbox.add_fault(column.fault(door, operation));
        // Good or bad: what counts is what comes after.
        let _ = match phase {
            Phase::Deregister => resource.destroy().await,
            _ => resource.converge(config.clone()).await,
        };
        let fired = lab.sandbox.faults().iter().any(|fault| fault.fired > 0);
        assert!(fired, "{what}: the call that should have failed was never made");
        lab.sandbox.clear_faults();
        let saved = resource.saved();

        // A new process, as after every command.
        let provider = lab.provider().await;
        let mut resource = provider.resource("tidblink_private_endpoint").with_saved(saved);
        if phase != Phase::Deregister {
            resource.converge(config).await.unwrap_or_else(|failure| panic!("{what}: {failure}"));
            assert_eq!(resource.attribute("/status"), "active", "{what}");
            assert_eq!(resource.attribute("/endpoint_id"), place.endpoint_id.as_str(), "{what}");
            let registered = lab.sandbox.world(|world| world.tidb.connections.len());
            assert_eq!(registered, 1, "{what}");
            let token = lab.sandbox.world(endpoint).expect("an endpoint");
            assert_eq!(json!(token), resource.attribute("/ownership_token"), "{what}");
        }
        if let Err(failure) = resource.destroy().await {
            panic!("{what}: the destroy failed: {failure}");
        }
        assert_eq!(lab.sandbox.world(|world| world.tidb.connections.len()), 0, "{what}: still registered");
        let there = lab.sandbox.world(endpoint);
        assert_eq!(there.is_none(), phase == Phase::TakeOver, "{what}: {there:?}");
    });
}

fn lives(phase: Phase, operations: &[(Door, &str)]) {
    for (door, operation) in operations {
        for column in Column::ALL {
            let told = matches!(column, Column::Denied | Column::Unavailable | Column::AlwaysGarbage);
            if is_write(operation) || told {
                live(phase, *door, operation, column);
            }
        }
    }
}

#[test]
fn a_registration_is_made_once_whatever_fails() {
    lives(
        Phase::Register,
        &[
            (Door::Dedicated, "GetCluster"),
            (Door::Dedicated, "GetPrivateLinkService"),
            (Door::Dedicated, "ListPrivateEndpointConnections"),
            (Door::Dedicated, "CreatePrivateEndpointConnection"),
        ],
    );
}

#[test]
fn a_registration_goes_whatever_fails_and_the_endpoint_stays() {
    lives(
        Phase::Deregister,
        &[
            (Door::Dedicated, "ListPrivateEndpointConnections"),
            (Door::Dedicated, "DeletePrivateEndpointConnection"),
        ],
    );
}

#[test]
fn an_endpoint_is_taken_over_in_the_end_whatever_fails() {
    lives(
        Phase::TakeOver,
        &[
            (Door::Ec2, "DescribeVpcEndpoints"),
            (Door::Ec2, "DescribeSubnets"),
            (Door::Ec2, "CreateTags"),
            (Door::Ec2, "ModifyVpcEndpoint"),
            (Door::Ec2, "DeleteTags"),
        ],
    );
}

#[test]
fn an_endpoint_is_released_in_the_end_whatever_fails() {
    lives(Phase::Release, &[(Door::Ec2, "DescribeVpcEndpoints"), (Door::Ec2, "DeleteTags")]);
}
