//! Importing: an endpoint that exists comes into a state, by its id or by its identity.

use tfplugin::{
    Attr, AttributePath, Context, Diagnostic, Diagnostics, ImportRequest, ImportResponse, ImportState,
    PrivateState,
};

use super::identity::named_by;
use super::marks::Unfinished;
use super::model::PrivateEndpointModel;
use super::plan::{READ_TIMEOUT, facts};
use super::resource::PrivateEndpoint;
use super::sides::{Look, cloud_side, shares, tidb_side, unreadable_endpoint};
use crate::clouds::CloudEndpoint;
use crate::codes::Code;
use crate::diagnose;
use crate::endpoint_service::find_by_id;
use crate::error::Cause;
use crate::ids::{CloudName, PrivateEndpointId};
use crate::operation::Operation;
use crate::provider::Clients;
use crate::tidbcloud::ConnectionState;

impl ImportState for PrivateEndpoint {
    async fn import(
        &self,
        cx: &Context<Clients>,
        request: ImportRequest,
    ) -> ImportResponse<PrivateEndpointModel> {
        let id = match request {
            ImportRequest::Id(text) => {
                text.parse().map_err(|error| diagnose::malformed_id(&error, AttributePath::of("id")))
            }
            ImportRequest::Identity(identity) => named_by(&identity),
        };
        let imported = match id {
            Ok(id) => import(cx, id).await,
            Err(diagnostic) => Err(diagnostic),
        };
        match imported {
            Ok((model, warning)) => ImportResponse::imported(model, PrivateState::new())
                .with_diagnostics(warning.map(Diagnostics::from).unwrap_or_default()),
            Err(diagnostic) => ImportResponse::failed(diagnose::unchanged(diagnostic)),
        }
    }
}

async fn import(
    cx: &Context<Clients>,
    id: PrivateEndpointId,
) -> Result<(PrivateEndpointModel, Option<Diagnostic>), Diagnostic> {
    let attribute = || AttributePath::of("id");
    let clients = cx.data();
    let operation = clients.operation(cx, Some(READ_TIMEOUT));
    let found = find_by_id(&clients.tidb, &operation, &id.service)
        .await
        .map_err(|refusal| diagnose::refusal(&refusal, attribute(), clients.key_source))?;
    if found.cloud != id.endpoint.cloud() {
        return Err(Code::OtherCloud.error(
            "The endpoint is of another cloud",
            format!(
                "{} is on {}, where no endpoint is called {}. Import it under the service that it leads to.",
                id.service,
                found.cloud.title(),
                id.endpoint
            ),
        )
        .at(attribute()));
    }
    let cloud = clients.cloud(found.cloud, &found.region);
    let (seen, connection) = tokio::join!(
        cloud_side(&operation, cloud.as_ref(), &id, Look::Now),
        tidb_side(clients, &operation, &id, Look::Now)
    );
    let connection = connection?;
    let endpoint = match seen {
        Ok(endpoint) => endpoint,
        // A registration can be had without any.
        Err(error) if error.cause == Some(Cause::NoCredentials) && connection.is_some() => None,
        Err(error) => return Err(unreadable_endpoint(clients, &id, &error)),
    };
    if endpoint.is_none() && connection.is_none() {
        return Err(Code::NothingToImport.error(
            "Nothing to import",
            format!(
                "There is no endpoint {} in {} that these {} credentials may see, and none of that id is registered \
                 with TiDB Cloud for {}. Check the id; endpoints of one region are listed by `{}`.",
                id.endpoint,
                found.region,
                found.cloud.title(),
                id.service,
                match found.cloud {
                    CloudName::Alicloud => "aliyun privatelink ListVpcEndpoints",
                    _ => "aws ec2 describe-vpc-endpoints",
                }
            ),
        )
        .at(attribute()));
    }
    if let (Some(endpoint), Some(facts)) = (&endpoint, facts(&found))
        && endpoint.service_name != facts.name
    {
        return Err(Code::LeadsElsewhere.error(
            "This VPC endpoint leads elsewhere",
            format!(
                "VPC endpoint {} leads to {}, but {} is {}. Import it under the service that it leads to.",
                id.endpoint, endpoint.service_name, id.service, facts.name
            ),
        )
        .at(attribute()));
    }
    let unfinished = endpoint.as_ref().and_then(Unfinished::of);
    if unfinished.is_some_and(|unfinished| !unfinished.is_stale(operation.clock().now())) {
        return Err(Code::BeingMade.error(
            "This endpoint is being made by another run",
            format!(
                "{} bears the mark of a run that was alive within the last three minutes. Importing it would give it two \
                 owners. Wait until that run is done, and import it only if no other state holds it then.",
                id.endpoint
            ),
        )
        .at(attribute()));
    }
    let mut model = PrivateEndpointModel {
        id: Attr::Known(id.to_string()),
        service_id: Attr::Known(id.service.to_string()),
        endpoint_id: Attr::Known(id.endpoint.to_string()),
        managed: Attr::Known(true),
        ownership_token: endpoint.as_ref().and_then(|endpoint| token_of(endpoint, &id, &operation)).into(),
        ..PrivateEndpointModel::default()
    };
    // One that TiDB Cloud failed to accept may be gone everywhere: that is for a plan to put right.
    let lives = connection.is_some_and(|connection| connection.state != ConnectionState::Failed);
    if endpoint.is_some() || !lives {
        return Ok((model, None));
    }
    model.leave_to_others(&Attr::Known(id.endpoint.to_string()));
    Ok((model, Some(not_seen(&id))))
}

/// The warning for an endpoint of which only the registration is imported.
fn not_seen(id: &PrivateEndpointId) -> Diagnostic {
    Code::OnlyRegistration.warning(
        "Only the registration was imported",
        format!(
            "TiDB Cloud has VPC endpoint {} registered, but these credentials do not show it (or there are none). So it is imported \
             as one that somebody else looks after: `existing = {{ endpoint_id = \"{}\" }}`. To look after it here, change that to \
             an `aws` block with credentials of its account.",
            id.endpoint, id.endpoint
        ),
    )
}

/// The token by which an imported endpoint is known. One that is shared counts the resource with a token of its own, set by
/// the next apply: a count that is there already may belong to another state, and whoever takes it back must not cut that.
fn token_of(endpoint: &CloudEndpoint, id: &PrivateEndpointId, operation: &Operation) -> Option<String> {
    if shares(id, endpoint) { Some(operation.random().token()) } else { endpoint.token().map(str::to_owned) }
}
