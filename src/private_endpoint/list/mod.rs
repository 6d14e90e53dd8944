//! The list resource `tidblink_private_endpoint`: every endpoint that leads to a service, whoever made it, for
//! `terraform query`. What one side does not show is a warning, and the other side's endpoints are listed all the same.

mod survey;

use std::time::Duration;

use tfplugin::schema::{Attribute, Schema, exactly_one_of};
use tfplugin::{
    Attr, AttributePath, ClientCapabilities, Context, Diagnostic, Diagnostics, Identity as _, ImportRequest,
    ImportState as _, ListItem, ListRequest, ListResource, Listing, ReadRequest, Resource as _, Severity,
    ToValue as _, model,
};

use self::survey::{Seen, Survey};
use super::identity::PrivateEndpointIdentity;
use super::model::PrivateEndpointModel;
use super::resource::PrivateEndpoint;
use crate::codes::Code;
use crate::diagnose;
use crate::endpoint_service::{
    Found, Wanted, find_by_id, find_in_cluster, find_in_project, nothing_found, project_id,
};
use crate::ids::{ClusterId, ProjectId, ServiceId};
use crate::operation::Operation;
use crate::provider::Clients;

/// How long a list may take. A large project takes more requests than TiDB Cloud allows in a minute.
const LIST_TIMEOUT: Duration = Duration::from_secs(60 * 60);

model! {
    /// The block `config` of the list.
    #[derive(PartialEq)]
    pub struct EndpointListModel {
        /// All services of a project.
        pub project_id: Attr<String>,
        /// All services of a cluster.
        pub cluster_id: Attr<String>,
        /// One service.
        pub service_id: Attr<String>,
        /// Whether endpoints that bear this provider's marks are left out.
        pub unmarked_only: Attr<bool>,
    }
}

/// The list resource `tidblink_private_endpoint`.
#[derive(Debug)]
pub struct PrivateEndpointList;

impl ListResource for PrivateEndpointList {
    type Data = Clients;
    type Of = PrivateEndpoint;
    type Config = EndpointListModel;

    fn schema(&self) -> Schema {
        Schema::new(0)
            .description(
                "Lists private endpoints that exist, whoever made them: those in the cloud account in use that lead to a \
                 service, registered with TiDB Cloud or not, and those of other accounts that are registered. Starter and \
                 Essential clusters register nothing, and those of a region share their service on AWS, so an endpoint to it \
                 is listed once for each of the clusters.\n\nExactly one of `project_id`, `cluster_id` and `service_id` says \
                 where to look.",
            )
            .attribute(
                Attribute::string("project_id")
                    .optional()
                    .description("Id of a TiDB Cloud project: endpoints to all of its clusters."),
            )
            .attribute(
                Attribute::string("cluster_id")
                    .optional()
                    .description("Id of a TiDB Cloud cluster: endpoints to all of its node groups."),
            )
            .attribute(
                Attribute::string("service_id").optional().description(
                    "Endpoint service: `dedicated/CLUSTER/NODE_GROUP` or `serverless/CLUSTER`.",
                ),
            )
            .attribute(Attribute::bool("unmarked_only").optional().description(
                "Whether endpoints that bear this provider's marks are left out: some configuration manages them already. \
                 Default: `false`.",
            ))
            .config_validator(exactly_one_of(["project_id", "cluster_id", "service_id"]))
    }

    async fn list(
        &self,
        cx: &Context<Clients>,
        request: ListRequest<EndpointListModel>,
        listing: &mut Listing<PrivateEndpoint>,
    ) -> Result<(), Diagnostics> {
        let operation = cx.data().operation(cx, Some(LIST_TIMEOUT));
        let Where { services, project, warning } = services(cx.data(), &operation, &request.config).await?;
        if let Some(warning) = warning {
            let _ = listing.warn(warning).await;
        }
        let unmarked_only = request.config.unmarked_only == Attr::Known(true);
        let mut survey = Survey::of(services, project);
        while let Some(batch) = survey.next(cx.data(), &operation).await {
            operation.check().map_err(stopped)?;
            if !batch.warnings.is_empty() {
                let _ = listing.warn(batch.warnings).await;
            }
            for seen in batch.seen.into_iter().filter(|seen| !(unmarked_only && seen.is_marked())) {
                let Some(item) = item(cx, &operation, seen, request.include_object).await? else { continue };
                if listing.push(item).await.is_break() {
                    return Ok(());
                }
            }
        }
        Ok(())
    }
}

fn stopped(halt: crate::operation::Halt) -> Diagnostic {
    Code::ListCutShort.error(
        "The list is not whole",
        format!("{} Nothing was changed; run it again.", diagnose::halt_sentence(halt)),
    )
}

/// Where to look.
struct Where {
    services: Vec<Found>,
    /// The project, when all of it is meant.
    project: Option<ProjectId>,
    warning: Option<Diagnostic>,
}

impl From<Vec<Found>> for Where {
    fn from(services: Vec<Found>) -> Self {
        Self { services, project: None, warning: None }
    }
}

async fn services(
    clients: &Clients,
    operation: &Operation,
    config: &EndpointListModel,
) -> Result<Where, Diagnostic> {
    if let Some(text) = config.service_id.known() {
        let attribute = || AttributePath::of("service_id");
        let id: ServiceId = text.parse().map_err(|error| diagnose::malformed_id(&error, attribute()))?;
        let found = find_by_id(&clients.tidb, operation, &id).await;
        let found = found.map_err(|refusal| diagnose::refusal(&refusal, attribute(), clients.key_source))?;
        return Ok(vec![found].into());
    }
    if let Some(text) = config.cluster_id.known() {
        let attribute = || AttributePath::of("cluster_id");
        let id: ClusterId = text.parse().map_err(|error| diagnose::malformed_id(&error, attribute()))?;
        let found = find_in_cluster(&clients.tidb, operation, &id).await;
        let found = found.map_err(|refusal| diagnose::refusal(&refusal, attribute(), clients.key_source))?;
        return Ok(found.into());
    }
    let attribute = || AttributePath::of("project_id");
    let project =
        project_id(&config.project_id).map_err(|error| diagnose::malformed_id(&error, attribute()))?;
    let wanted = Wanted::default();
    let found = find_in_project(&clients.tidb, operation, &project, &wanted).await.map_err(|error| {
        diagnose::lookup_error(&error, "list the clusters of the project", clients.key_source, attribute())
    })?;
    let warning = nothing_found(&project, &wanted, &found).map(|warning| warning.at(attribute()));
    Ok(Where { services: found.services, project: Some(project), warning })
}

/// The item of an endpoint; `None` when it went away meanwhile.
async fn item(
    cx: &Context<Clients>,
    operation: &Operation,
    seen: Seen,
    with_object: bool,
) -> Result<Option<ListItem<PrivateEndpoint>>, Diagnostic> {
    let id = &seen.id;
    let identity = PrivateEndpointIdentity {
        service_id: Attr::Known(id.service.to_string()),
        endpoint_id: Attr::Known(id.endpoint.to_string()),
    };
    let item = ListItem::new(identity.clone(), &seen.display_name);
    if !with_object {
        return Ok(Some(item));
    }
    let (object, messages) = imported(cx, &identity).await;
    operation.check().map_err(stopped)?;
    let about = messages.into_vec().into_iter().map(|message| Diagnostic {
        severity: Severity::Warning,
        detail: format!("{}: {}", seen.display_name, message.detail),
        attribute: None,
        ..message
    });
    let about: Vec<_> = about.collect();
    Ok(match object {
        Some(object) if PrivateEndpoint.identity(&object).as_ref() == Some(&identity) => {
            Some(item.with_object(object).with_diagnostics(about))
        }
        _ if about.is_empty() => None,
        _ => Some(item.with_diagnostics(about)),
    })
}

/// The endpoint as an import would bring it into a state: nobody else can know what that is.
async fn imported(
    cx: &Context<Clients>,
    identity: &PrivateEndpointIdentity,
) -> (Option<PrivateEndpointModel>, Diagnostics) {
    let import = PrivateEndpoint.import(cx, ImportRequest::Identity(identity.to_value())).await;
    let mut messages = import.diagnostics;
    let Some(state) = import.state else { return (None, messages) };
    let request = ReadRequest {
        state,
        private: import.private,
        identity: None,
        capabilities: ClientCapabilities::default(),
    };
    let read = PrivateEndpoint.read(cx, request).await;
    messages.extend(read.diagnostics);
    (read.state, messages)
}
