//! Taking over what others have made: by identity, by registering an endpoint that somebody else looks after, and from
//! the official provider.

mod existing;
mod faults;
mod handover;
mod identity;
mod moved;

use tidblink_sandbox::Event;
use tidblink_sandbox::world::{EndpointState, World};

use crate::support::config::{ENDPOINT, SERVICE};
use crate::support::{Endpoint, Run};

/// An endpoint as if somebody else had just made it: it waits for TiDB Cloud and bears no mark of this provider. Returns its
/// id.
async fn foreign_endpoint(run: &Run) -> String {
    run.write("main.tf", Endpoint::new().hcl());
    run.apply().await;
    for address in [ENDPOINT, SERVICE] {
        run.terraform(&["state", "rm", address]).await.succeeded();
    }
    let id = run.clouds.endpoint().endpoint_id;
    run.clouds.event(Event::PrivateDnsDisabled { endpoint_id: id.clone() });
    run.clouds.world(become_foreign);
    id
}

/// Makes the one endpoint look as if somebody else had just made it.
fn become_foreign(world: &mut World) {
    world.tidb.connections.clear();
    let endpoint = &mut world.aws.endpoints[0];
    endpoint.tags.clear();
    endpoint.state = EndpointState::PendingAcceptance;
    endpoint.accepted = false;
    endpoint.due = None;
}

/// Takes it away, as the one who made it would.
fn delete_foreign_endpoint(run: &Run) {
    run.clouds.world(|world| {
        world.aws.endpoints.clear();
        world.aws.network_interfaces.clear();
    });
}

/// Destroys everything and proves that of the foreign endpoint nothing was touched but its registration.
async fn destroy_and_keep(run: &Run, endpoint_id: &str) {
    run.terraform(&["destroy", "-auto-approve", "-input=false", "-no-color"]).await.succeeded();
    assert!(run.clouds.world(|world| world.tidb.connections.is_empty()), "still registered");
    assert_eq!(run.clouds.endpoint().endpoint_id, endpoint_id);
    delete_foreign_endpoint(run);
    run.destroy().await;
}
