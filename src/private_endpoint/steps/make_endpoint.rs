//! Make the VPC endpoint, or take over what another attempt left half made.

use async_trait::async_trait;
use std::time::Duration;
use tracing::{info, warn};

use super::heartbeat::adoption_marks;
use super::{Step, Trouble, Walk};
use crate::clouds::{CloudEndpoint, CreateEndpoint, Wish};
use crate::error::ApiError;
use crate::private_endpoint::marks::{Neighbour, neighbour, new_marks};
use crate::wait::{NoPulse, Sight, wait_for};

/// How long after taking an endpoint over to look whether the token stayed: two runs may try at the same moment.
const ADOPTION_PAUSE: Duration = Duration::from_secs(3);

pub(super) struct MakeEndpoint;

#[async_trait]
impl Step for MakeEndpoint {
    fn name(&self) -> &'static str {
        "make the VPC endpoint"
    }

    fn is_done(&self, walk: &Walk<'_>) -> bool {
        walk.endpoint.is_some()
    }

    async fn run(&self, walk: &mut Walk<'_>) -> Result<(), Trouble> {
        // A walk that only goes back never gets here.
        let Some(wish) = walk.wish.clone() else { return Ok(()) };
        loop {
            let turn = walk.clients.claims.claim(walk.service, &wish.vpc).await;
            match look_around(walk, &wish).await? {
                Neighbour::None => {
                    create(walk, &wish).await?;
                    return Ok(());
                }
                Neighbour::Own(endpoint) => {
                    info!(
                        endpoint = endpoint.id.as_str(),
                        "going on with the endpoint of an earlier attempt"
                    );
                    walk.endpoint = Some(*endpoint);
                    walk.stale = true;
                    return Ok(());
                }
                Neighbour::Abandoned(endpoint) => {
                    if let Some(adopted) = adopt(walk, &endpoint).await? {
                        walk.endpoint = Some(adopted);
                        walk.stale = true;
                        return Ok(());
                    }
                }
                Neighbour::InFlight(endpoint) => {
                    drop(turn);
                    info!(
                        endpoint = endpoint.id.as_str(),
                        "another run is making the same endpoint: waiting for it"
                    );
                    wait_for_the_other(walk, &wish).await?;
                }
                Neighbour::Finished(endpoint) => return Err(Trouble::Unknown(endpoint)),
            }
        }
    }

    async fn undo(&self, walk: &mut Walk<'_>) -> Result<(), ApiError> {
        match walk.endpoint_id() {
            Some(id) => walk.cloud.delete(walk.operation, &id).await,
            None => Ok(()),
        }
    }
}

async fn look_around(walk: &Walk<'_>, wish: &Wish) -> Result<Neighbour, ApiError> {
    let endpoints = walk.cloud.endpoints_in(walk.operation, &wish.vpc).await?;
    Ok(neighbour(&endpoints, walk.service, &walk.settings, wish, &walk.token, walk.operation.clock().now()))
}

async fn create(walk: &mut Walk<'_>, wish: &Wish) -> Result<(), Trouble> {
    let mut tags = walk.tags.clone();
    tags.extend(new_marks(&walk.token, walk.service, &walk.unfinished_mark()));
    let create = CreateEndpoint {
        service_name: walk.facts.name.clone(),
        vpc: wish.vpc.clone(),
        subnets: wish.subnets.clone().unwrap_or_default(),
        security_groups: wish.security_groups.clone().unwrap_or_default(),
        // Private DNS before acceptance is refused; a service that accepts by itself takes it at once.
        private_dns: wish.private_dns && !walk.facts.needs_registration,
        tags: tags.clone(),
        client_token: walk.operation.random().token(),
        name: wish.name.clone(),
    };
    let mut made = walk.cloud.create(walk.operation, &create).await?;
    info!(endpoint = made.id.as_str(), "made the VPC endpoint");
    // Some answers leave the tags out; they were set in the same call.
    made.tags.extend(tags);
    walk.endpoint = Some(made);
    walk.stale = true;
    Ok(())
}

/// Writes our token over the one of a run that died. `None` when somebody else was faster.
async fn adopt(walk: &Walk<'_>, endpoint: &CloudEndpoint) -> Result<Option<CloudEndpoint>, Trouble> {
    warn!(endpoint = endpoint.id.as_str(), "the run that was making this endpoint died: taking it over");
    walk.cloud.put_tags(walk.operation, &endpoint.id, &adoption_marks(walk)).await?;
    walk.operation.sleep(ADOPTION_PAUSE).await?;
    let now = walk.cloud.get(walk.operation, &endpoint.id).await?;
    Ok(now.filter(|now| now.exists() && now.token() == Some(&walk.token)))
}

/// Waits until the other run's endpoint is finished, abandoned or gone.
async fn wait_for_the_other(walk: &Walk<'_>, wish: &Wish) -> Result<(), Trouble> {
    wait_for(walk.operation, "another run to finish the same endpoint", &mut NoPulse, || async {
        Ok(match look_around(walk, wish).await? {
            Neighbour::InFlight(endpoint) => {
                Sight::Pending(format!("{} is being made by another run", endpoint.id))
            }
            _ => Sight::Done(()),
        })
    })
    .await
    .map_err(Trouble::from)
}
