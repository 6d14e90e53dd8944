//! Register the endpoint with TiDB Cloud, which then accepts it.

use async_trait::async_trait;
use tracing::info;

use super::heartbeat::{Heartbeat, beating};
use super::{Coming, Step, Trouble, Walk, newest};
use crate::clouds::CloudState;
use crate::error::ApiError;
use crate::ids::EndpointId;
use crate::private_endpoint::claims::Claim;
use crate::private_endpoint::existing::is_taken;
use crate::tidbcloud::ConnectionState;
use crate::wait::{Sight, wait_for};

pub(super) struct Register;

#[async_trait]
impl Step for Register {
    fn name(&self) -> &'static str {
        "register the VPC endpoint with TiDB Cloud"
    }

    fn is_done(&self, walk: &Walk<'_>) -> bool {
        if !walk.facts.needs_registration {
            return true;
        }
        let rejected = walk.endpoint.as_ref().is_some_and(|endpoint| endpoint.state == CloudState::Rejected);
        walk.connection.as_ref().is_some_and(|connection| match connection.state {
            ConnectionState::Pending | ConnectionState::Other(_) => true,
            // An active registration of a rejected endpoint is worth nothing.
            ConnectionState::Active => !rejected,
            _ => false,
        })
    }

    async fn run(&self, walk: &mut Walk<'_>) -> Result<(), Trouble> {
        let Some(id) = walk.endpoint_id() else { return Ok(()) };
        let _turn = match walk.coming {
            Coming::ToRegister => Some(come_to_register(walk, &id).await?),
            Coming::Known | Coming::ToTakeOver => None,
        };
        let Some((cluster, node_group)) = walk.dedicated() else { return Ok(()) };
        // An endpoint that was taken over or resumed may be registered already.
        if walk.connection.is_none() && walk.stale {
            let listed = walk.clients.tidb.connections(walk.operation, cluster, node_group).await?;
            walk.connection = newest(listed, &id);
            if self.is_done(walk) {
                return Ok(());
            }
        }
        if let Some(connection) = &walk.connection
            && connection.state != ConnectionState::Discovered
        {
            info!(endpoint = id.as_str(), state = %connection.state, "taking the old registration away first");
            remove(walk, &id).await?;
        }
        let (Some((cluster, node_group)), operation) = (walk.dedicated(), walk.operation) else {
            return Ok(());
        };
        let register = walk.clients.tidb.register(operation, cluster, node_group, &id);
        let connection = beating(&mut Heartbeat::of(walk, &id), operation, register).await?;
        info!(endpoint = id.as_str(), "registered the endpoint with TiDB Cloud");
        walk.connection = Some(connection);
        walk.stale = true;
        Ok(())
    }

    async fn undo(&self, walk: &mut Walk<'_>) -> Result<(), ApiError> {
        let (Some((cluster, node_group)), Some(connection)) = (walk.dedicated(), &walk.connection) else {
            return Ok(());
        };
        let Some(id) = &connection.id else { return Ok(()) };
        if connection.state == ConnectionState::Deleting {
            return Ok(());
        }
        walk.clients.tidb.deregister(walk.operation, cluster, node_group, id).await
    }
}

/// Makes sure that the endpoint is registered for nobody else. While the turn is held, no other resource of this process
/// looks for the same.
async fn come_to_register(walk: &mut Walk<'_>, id: &EndpointId) -> Result<Claim, Trouble> {
    let turn = walk.clients.claims.claim(walk.operation, &walk.facts.name, id.as_str()).await?;
    walk.look().await?;
    // What is another's is not this walk's to tell of.
    if let Some(taken) = walk.connection.take_if(|connection| is_taken(connection)) {
        return Err(Trouble::Registered(id.clone(), Box::new(taken)));
    }
    walk.coming = Coming::Known;
    Ok(turn)
}

/// Takes a registration away that will never work and waits until TiDB Cloud has forgotten it.
async fn remove(walk: &mut Walk<'_>, id: &EndpointId) -> Result<(), Trouble> {
    Register.undo(walk).await?;
    let mut heartbeat = Heartbeat::of(walk, id);
    let this = &*walk;
    let Some((cluster, node_group)) = this.dedicated() else { return Ok(()) };
    wait_for(this.operation, "TiDB Cloud to forget the failed registration", &mut heartbeat, || async {
        let listed = this.clients.tidb.connections(this.operation, cluster, node_group).await?;
        Ok(match newest(listed, id) {
            None => Sight::Done(()),
            Some(connection) => {
                Sight::Pending(format!("registration {}", connection.state.to_string().to_lowercase()))
            }
        })
    })
    .await
    .map_err(Trouble::from)?;
    walk.connection = None;
    Ok(())
}
