//! Make the VPC endpoint, take over what another attempt left half made, or come in on the one that is shared.

use async_trait::async_trait;
use std::time::Duration;
use tracing::{info, warn};

use super::{Side, Step, Trouble, Walk, newest, sharing};
use crate::clouds::{CloudEndpoint, CreateEndpoint, Wish};
use crate::error::{ApiError, Cause};
use crate::private_endpoint::marks::{Neighbour, neighbour, new_marks};
use crate::private_endpoint::members::counts;
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
        let shares = walk.wish.as_ref().is_some_and(|wish| walk.facts.is_shared_by(wish));
        walk.endpoint.as_ref().is_some_and(|endpoint| {
            walk.guest || !shares || endpoint.token().is_some() || counts(endpoint, &walk.token)
        })
    }

    async fn run(&self, walk: &mut Walk<'_>) -> Result<(), Trouble> {
        // A walk that only goes back never gets here.
        let Some(wish) = walk.wish.clone() else { return Ok(()) };
        if walk.facts.is_shared_by(&wish) {
            return share(walk, &wish).await;
        }
        loop {
            let turn = walk.clients.claims.claim(walk.operation, &walk.facts.name, wish.vpc.as_str()).await?;
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
                    warn!(
                        endpoint = endpoint.id.as_str(),
                        "the run that was making this endpoint died: taking it over"
                    );
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
                Neighbour::Ruined(endpoint) => clean_up(walk, &endpoint).await?,
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

/// How long to try again while the name is taken by something that is not an endpoint of the service: it can linger for
/// minutes after its owner is gone.
const NAME_LINGERS: Duration = Duration::from_secs(5 * 60);
const NAME_PAUSE: Duration = Duration::from_secs(15);
/// How long to wait before looking again for the endpoint that was not there to come in on.
const GONE_PAUSE: Duration = Duration::from_secs(5);

impl sharing::Unjoined {
    /// What went wrong, after the walk has learned of the count on `endpoint`: the state has to know of it, or nobody
    /// would ever take it back.
    fn on(self, walk: &mut Walk<'_>, endpoint: &CloudEndpoint) -> Trouble {
        if self.counted {
            let mut counted = endpoint.clone();
            counted.tags.extend(sharing::joining_marks(walk));
            come_in(walk, counted);
        }
        self.trouble
    }
}

/// Comes in on the endpoint of the VPC that serves every cluster behind the service; makes it when there is none.
async fn share(walk: &mut Walk<'_>, wish: &Wish) -> Result<(), Trouble> {
    if let Some(known) = walk.endpoint.clone() {
        // An update: the state promises this very endpoint.
        return match sharing::join(walk, &known).await {
            Ok(Some(joined)) => {
                come_in(walk, joined);
                Ok(())
            }
            Ok(None) => {
                let reason = format!("VPC endpoint {} went away; run `terraform apply` again", known.id);
                Err(Trouble::Failed { side: Side::Cloud, reason })
            }
            Err(unjoined) => Err(unjoined.on(walk, &known)),
        };
    }
    let begin = walk.operation.clock().elapsed();
    loop {
        let turn = walk.clients.claims.claim(walk.operation, &walk.facts.name, wish.vpc.as_str()).await?;
        let endpoints = walk.cloud.endpoints_in(walk.operation, &wish.vpc).await?;
        match sharing::find(&endpoints, walk, wish) {
            Some(found) if !found.is_alive() => {
                drop(turn);
                sharing::see_gone(walk, &found.id).await?;
            }
            Some(found) if found.is_shared() => {
                match sharing::join(walk, found).await {
                    Ok(Some(joined)) => {
                        come_in(walk, joined);
                        return Ok(());
                    }
                    Ok(None) => {
                        // A list may still show what is gone, or not show everywhere what is new.
                        drop(turn);
                        walk.operation.sleep(GONE_PAUSE).await?;
                    }
                    Err(unjoined) => {
                        let found = found.clone();
                        return Err(unjoined.on(walk, &found));
                    }
                }
            }
            Some(found) => {
                info!(endpoint = found.id.as_str(), "using the endpoint that somebody else made");
                walk.guest = true;
                come_in(walk, found.clone());
                return Ok(());
            }
            None => {
                if let Some(ruin) = sharing::ruin(&endpoints, walk, wish) {
                    clean_up(walk, ruin).await?;
                }
                match create(walk, wish).await {
                    // Another run was faster, or something else owns the name: look again.
                    Err(Trouble::Api(error))
                        if error.cause == Some(Cause::DnsNameConflict)
                            && walk.operation.clock().elapsed() - begin < NAME_LINGERS =>
                    {
                        drop(turn);
                        warn!(%error, "the name is taken: looking who has it");
                        walk.operation.sleep(NAME_PAUSE).await?;
                    }
                    outcome => return outcome,
                }
            }
        }
    }
}

fn come_in(walk: &mut Walk<'_>, endpoint: CloudEndpoint) {
    // Subnets that nobody asked for by name are those that the endpoint has.
    if walk.subnets_are_chosen
        && let Some(wish) = walk.wish.as_mut()
    {
        wish.subnets = None;
    }
    walk.endpoint = Some(endpoint);
    walk.stale = true;
}

async fn look_around(walk: &Walk<'_>, wish: &Wish) -> Result<Neighbour, ApiError> {
    let endpoints = walk.cloud.endpoints_in(walk.operation, &wish.vpc).await?;
    Ok(neighbour(&endpoints, walk.service, &walk.settings, wish, &walk.token, walk.operation.clock().now()))
}

async fn create(walk: &mut Walk<'_>, wish: &Wish) -> Result<(), Trouble> {
    let mut tags = walk.tags.clone();
    tags.extend(if walk.facts.is_shared_by(wish) {
        sharing::joining_marks(walk)
    } else {
        new_marks(&walk.token, walk.service, &walk.unfinished_mark())
    });
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

/// Writes our marks on an endpoint that nobody looks after, over those of a run that died. `None` when somebody else was
/// faster.
pub(super) async fn adopt(
    walk: &Walk<'_>,
    endpoint: &CloudEndpoint,
) -> Result<Option<CloudEndpoint>, Trouble> {
    let marks = new_marks(&walk.token, walk.service, &walk.unfinished_mark());
    walk.cloud.put_tags(walk.operation, &endpoint.id, &marks).await?;
    walk.operation.sleep(ADOPTION_PAUSE).await?;
    let now = walk.cloud.get(walk.operation, &endpoint.id).await?;
    Ok(now.filter(|now| now.exists() && now.token() == Some(&walk.token)))
}

/// Takes away what a dead run left that cannot come to anything, its registration first.
async fn clean_up(walk: &Walk<'_>, endpoint: &CloudEndpoint) -> Result<(), Trouble> {
    warn!(
        endpoint = endpoint.id.as_str(),
        state = endpoint.state.as_str(),
        "cleaning up after a run that died"
    );
    if let Some((cluster, node_group)) = walk.dedicated() {
        let listed = walk.clients.tidb.connections(walk.operation, cluster, node_group).await?;
        if let Some(id) = newest(listed, &endpoint.id).and_then(|connection| connection.id) {
            walk.clients.tidb.deregister(walk.operation, cluster, node_group, &id).await?;
        }
    }
    walk.cloud.delete(walk.operation, &endpoint.id).await?;
    sharing::see_gone(walk, &endpoint.id).await
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
