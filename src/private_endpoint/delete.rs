//! Deleting: deregister, delete the endpoint, wait until nothing is left on either side; or forget what is not ours.

use tfplugin::{Attr, Context, DeleteRequest, DeleteResponse, Diagnostic};

use super::model::{Limit, PrivateEndpointModel};
use super::observe::{ServiceView, fill};
use super::plan::place;
use super::resource::{Ground, Look, both_sides, identify, not_ours};
use super::stumble::{After, explain};
use crate::clouds::ServiceFacts;
use crate::endpoint_service::{Refusal, find_by_id};
use crate::ids::{Region, ServiceId, ServiceName};
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
    if prior.managed == Attr::Known(false) {
        return Ok(Gone::Forgotten(Box::new(Diagnostic::warning(
            "The VPC endpoint was kept",
            format!(
                "VPC endpoint {} was there before this resource, so it is only forgotten.",
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
                return Err(place(clients).api_error(&error, "find the region of the endpoint").into());
            }
            Err(_) => {
                return Err(Diagnostic::error(
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
    let cloud = clients.aws.in_region(&region);
    let (endpoint, connection) = both_sides(clients, &operation, cloud.as_ref(), &id, Look::Now).await?;
    if let Some(endpoint) = endpoint.as_ref().filter(|endpoint| !prior.owns(endpoint)) {
        let mut warning = not_ours(endpoint, "deleted, only forgotten");
        warning.severity = tfplugin::Severity::Warning;
        return Ok(Gone::Forgotten(Box::new(warning)));
    }
    if endpoint.is_none() && connection.is_none() {
        return Ok(Gone::Deleted);
    }
    let ground = Ground {
        limit,
        cloud,
        service: id.service.clone(),
        facts: ServiceFacts {
            cloud: crate::ids::CloudName::Aws,
            name: ServiceName::new(
                endpoint.as_ref().map(|endpoint| endpoint.service_name.to_string()).unwrap_or_default(),
            ),
            region,
            zones: Default::default(),
            host: None,
            port: 0,
            needs_registration: matches!(id.service, ServiceId::Dedicated { .. }),
        },
        view: ServiceView::default(),
        operation,
    };
    let mut walk = ground.walk(clients, None, prior.ownership_token.known().cloned().unwrap_or_default());
    walk.endpoint = endpoint;
    walk.connection = connection;
    match walk.go_back().await {
        Ok(()) => Ok(Gone::Deleted),
        Err(stumble) => {
            let diagnostic = explain(&stumble, &walk, After::Delete, ground.limit);
            fill(
                &mut prior,
                &id.service,
                &id.endpoint,
                &ground.view,
                walk.endpoint.as_ref(),
                walk.connection.as_ref(),
                &clients.default_tags,
            );
            Err(Left { state: Some(Box::new(prior)), diagnostic: Box::new(diagnostic) })
        }
    }
}
