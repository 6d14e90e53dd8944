//! Deleting: deregister, delete the endpoint, wait until nothing is left on either side; or forget what is not ours.

use tfplugin::{Context, DeleteRequest, DeleteResponse, Diagnostic, Severity};

use super::ground::{Ground, identify, not_ours};
use super::model::{Limit, PrivateEndpointModel};
use super::observe::{ServiceView, fill};
use super::plan::place;
use super::sides::{Look, both_sides, cloud_of, out_of_sight, tells_nothing};
use super::steps::{Leaving, Stumble, Walk, is_closing};
use super::stumble::{After, explain};
use crate::clouds::{CloudEndpoint, MEMBER_TAG_PREFIX, ServiceFacts};
use crate::codes::Code;
use crate::diagnose;
use crate::endpoint_service::{Refusal, find_by_id};
use crate::ids::{PrivateEndpointId, Region, ServiceName};
use crate::provider::Clients;

pub(super) async fn delete(
    cx: &Context<Clients>,
    request: DeleteRequest<PrivateEndpointModel>,
) -> DeleteResponse<PrivateEndpointModel> {
    let DeleteRequest { prior, private } = request;
    match try_delete(cx, prior).await {
        Ok(Gone::Deleted) => DeleteResponse::deleted(),
        Ok(Gone::Forgotten(warning)) => DeleteResponse::deleted().with_diagnostics(*warning),
        Err(Left { state: Some(state), diagnostic }) => DeleteResponse::remains(*state, private, *diagnostic),
        Err(Left { state: None, diagnostic }) => DeleteResponse::failed(*diagnostic),
    }
}

enum Gone {
    Deleted,
    Forgotten(Box<Diagnostic>),
}

/// What is still there after a delete that failed, as far as it differs from the state.
struct Left {
    state: Option<Box<PrivateEndpointModel>>,
    diagnostic: Box<Diagnostic>,
}

impl From<Diagnostic> for Left {
    fn from(diagnostic: Diagnostic) -> Self {
        Self { state: None, diagnostic: Box::new(diagnostic) }
    }
}

async fn try_delete(cx: &Context<Clients>, mut prior: PrivateEndpointModel) -> Result<Gone, Left> {
    let clients = cx.data();
    if prior.is_guest() {
        return Ok(Gone::Forgotten(Box::new(Code::Kept.warning(
            "The VPC endpoint was kept",
            format!(
                "VPC endpoint {} was there before this resource, so it is only forgotten. If nobody needs it any more, delete \
                 it where it is managed.",
                prior.endpoint_id.known().map_or("(unknown)", String::as_str)
            ),
        ))));
    }
    let id = identify(&prior)?;
    let limit = prior.limit(Limit::Delete)?;
    let operation = clients.operation(cx, Some(limit));
    let region = match prior.region.known() {
        Some(region) => Region::new(region.as_str()),
        None => match find_by_id(&clients.tidb, &operation, &id.service).await {
            Ok(found) => found.region,
            Err(Refusal::Api(error)) => {
                let place = place(clients, id.endpoint.cloud());
                let error = place.api_error(&error, "find the region of the endpoint");
                return Err(diagnose::unchanged(error).into());
            }
            Err(_) => {
                return Err(Code::RegionUnknown.error(
                    "The region of the endpoint is not known",
                    format!(
                        "The state holds no `region` and TiDB Cloud no longer knows {}. Delete VPC endpoint {} by hand \
                         if it exists, then remove the resource with `terraform state rm`.",
                        id.service, id.endpoint
                    ),
                )
                .into());
            }
        },
    };
    let cloud = cloud_of(clients, &prior, id.endpoint.cloud(), &region);
    let (endpoint, connection) =
        both_sides(clients, &operation, cloud.as_ref(), &id, Look::Now).await.map_err(diagnose::unchanged)?;
    let token = prior.ownership_token.known().cloned().unwrap_or_default();
    let cut_off = endpoint.as_ref().is_some_and(|endpoint| is_closing(endpoint, &token));
    if let Some(endpoint) = endpoint.as_ref().filter(|endpoint| !prior.owns(endpoint) && !cut_off) {
        let mut warning = not_ours(endpoint, "deleted, only forgotten");
        warning.severity = Severity::Warning;
        return Ok(Gone::Forgotten(Box::new(warning)));
    }
    if endpoint.is_none()
        && tells_nothing(&id.service, connection.as_ref())
        && let Some(mut error) = out_of_sight(clients, &operation, cloud.as_ref(), &id, &prior)
            .await
            .map_err(diagnose::unchanged)?
    {
        error.severity = Severity::Error;
        return Err(error.into());
    }
    if endpoint.is_none() && connection.is_none() {
        return Ok(Gone::Deleted);
    }
    let ground = Ground {
        limit,
        cloud,
        service: id.service.clone(),
        facts: ServiceFacts {
            cloud: id.endpoint.cloud(),
            name: ServiceName::new(
                endpoint.as_ref().map(|endpoint| endpoint.service_name.to_string()).unwrap_or_default(),
            ),
            region,
            zones: Default::default(),
            host: None,
            port: 0,
            needs_registration: id.service.is_registered(),
        },
        view: ServiceView::default(),
        operation,
    };
    let mut walk = ground.walk(clients, None, token);
    walk.endpoint = endpoint;
    walk.connection = connection;
    clients.claims.leaves(&walk.token);
    match undo(&mut walk).await {
        Ok(Leaving::Deleted) => Ok(Gone::Deleted),
        Ok(Leaving::Kept(mut others)) => {
            // Those that go in the same run need no word.
            others.retain(|(token, _)| !clients.claims.is_leaving(token));
            if others.is_empty() {
                return Ok(Gone::Deleted);
            }
            Ok(Gone::Forgotten(Box::new(kept_for_others(&id, &ground.facts.region, &others))))
        }
        Err(stumble) => {
            let diagnostic = explain(&stumble, &walk, After::Delete, ground.limit);
            fill(
                &mut prior,
                &id.service,
                &id.endpoint,
                &ground.view,
                walk.endpoint.as_ref(),
                walk.connection.as_ref(),
            );
            Err(Left { state: Some(Box::new(prior)), diagnostic: Box::new(diagnostic) })
        }
    }
}

/// Takes back what this instance made: all of an endpoint of its own, its share of a shared one.
async fn undo(walk: &mut Walk<'_>) -> Result<Leaving, Stumble> {
    if !walk.endpoint.as_ref().is_some_and(CloudEndpoint::is_shared) {
        return walk.go_back().await.map(|()| Leaving::Deleted);
    }
    let left = walk.leave().await;
    let left = left.map_err(|trouble| Stumble { step: "leave the shared endpoint", trouble })?;
    if left == Leaving::Deleted {
        walk.see_gone().await?;
    }
    Ok(left)
}

fn kept_for_others(id: &PrivateEndpointId, region: &Region, others: &[(String, String)]) -> Diagnostic {
    let counted: Vec<_> =
        others.iter().map(|(token, service)| format!("  {service}, counted as {token}")).collect();
    Code::KeptForOthers.warning(
        "The VPC endpoint stays for others",
        format!(
            "VPC endpoint {endpoint} is shared, and {} more private endpoint(s) are counted on it, in this state or another \
             one. The last one to go deletes it:\n\n{}\n\nOnly where one of them belongs to a state that was lost, this takes \
             its count away:\n\n  aws ec2 delete-tags --region {region} --resources {endpoint} --tags \
             Key={MEMBER_TAG_PREFIX}TOKEN",
            others.len(),
            counted.join("\n"),
            endpoint = id.endpoint
        ),
    )
}
