//! The data sources: what leads to a service, on both sides, whoever made it. They show an endpoint that nobody has
//! registered and a registration whose endpoint is gone as readily as a working one.

use std::collections::BTreeMap;
use std::time::Duration;

use tfplugin::data_source::{ReadDataRequest, ReadDataResponse};
use tfplugin::schema::{Attribute, Schema};
use tfplugin::{Attr, AttributePath, Context, DataSource, Diagnostic, Diagnostics, model};

use super::plan::{facts, place};
use super::sides::{Look, both_sides};
use super::status::judge;
use super::steps::newest;
use crate::clouds::{CloudEndpoint, CloudState, ServiceFacts};
use crate::codes::Code;
use crate::diagnose;
use crate::endpoint_service::{Found, find_by_id};
use crate::ids::{CloudName, EndpointId, PrivateEndpointId, Region, ServiceId, ServiceName};
use crate::operation::Operation;
use crate::provider::Clients;
use crate::tidbcloud::{Connection, ConnectionState};

/// How long a look may take.
const READ_TIMEOUT: Duration = Duration::from_secs(10 * 60);

model! {
    /// One private endpoint as it is found: the data source `tidblink_private_endpoint`, and a row of
    /// `tidblink_private_endpoints`.
    #[derive(PartialEq)]
    pub struct EndpointRow {
        /// `SERVICE_ID/ENDPOINT_ID`.
        pub id: Attr<String>,
        /// The endpoint in its cloud.
        pub endpoint_id: Attr<String>,
        /// The registration with TiDB Cloud.
        pub connection_id: Attr<String>,
        /// Whether it is registered with TiDB Cloud; null where nothing is registered.
        pub registered: Attr<bool>,
        /// Whether it bears this provider's marks.
        pub marked: Attr<bool>,
        /// The VPC it is in.
        pub vpc_id: Attr<String>,
        /// Both sides taken together.
        pub status: Attr<String>,
        /// Why it is not active.
        pub status_reason: Attr<String>,
        /// The cloud's own word.
        pub cloud_state: Attr<String>,
        /// TiDB Cloud's own word.
        pub connection_state: Attr<String>,
        /// The name that clients connect to.
        pub host: Attr<String>,
        /// The port that clients connect to.
        pub port: Attr<i64>,
    }
}

model! {
    /// The data source `tidblink_private_endpoints`.
    #[derive(PartialEq)]
    pub struct EndpointsDataModel {
        /// The endpoint service.
        pub service_id: Attr<String>,
        /// `not_configured` or `configured`.
        pub status: Attr<String>,
        /// What leads to the service.
        pub endpoints: Attr<Vec<EndpointRow>>,
    }
}

/// The data source `tidblink_private_endpoint`.
#[derive(Debug)]
pub struct PrivateEndpointData;

impl DataSource for PrivateEndpointData {
    type Data = Clients;
    type Model = EndpointRow;

    fn schema(&self) -> Schema {
        let schema = Schema::new(0).description(
            "Looks up one private endpoint on both sides: in its cloud and in TiDB Cloud. It is an error when neither side \
             has it.",
        );
        let id = Attribute::string("id").required().description("`SERVICE_ID/ENDPOINT_ID`.");
        row_attributes().into_iter().fold(schema.attribute(id), Schema::attribute)
    }

    async fn read(
        &self,
        cx: &Context<Clients>,
        request: ReadDataRequest<EndpointRow>,
    ) -> ReadDataResponse<EndpointRow> {
        match find_one(cx, &request.config.id).await {
            Ok(row) => ReadDataResponse::found(row),
            Err(diagnostic) => ReadDataResponse::failed(*diagnostic),
        }
    }
}

async fn find_one(cx: &Context<Clients>, id: &Attr<String>) -> Result<EndpointRow, Box<Diagnostic>> {
    let attribute = || AttributePath::of("id");
    let text = id.known().map(String::as_str).unwrap_or_default();
    let id: PrivateEndpointId = text.parse().map_err(|error| diagnose::malformed_id(&error, attribute()))?;
    let clients = cx.data();
    let operation = clients.operation(cx, Some(READ_TIMEOUT));
    let found = find_by_id(&clients.tidb, &operation, &id.service)
        .await
        .map_err(|refusal| diagnose::refusal(&refusal, attribute(), clients.key_source))?;
    let cloud = clients.cloud(found.cloud, &found.region);
    let (endpoint, connection) = both_sides(clients, &operation, cloud.as_ref(), &id, Look::Now).await?;
    if endpoint.is_none() && connection.is_none() {
        return Err(Code::NoSuchEndpoint
            .error(
                "No such private endpoint",
                format!(
                    "Neither {} in {} nor TiDB Cloud shows an endpoint {} of {} with these credentials. Check the id, and \
                 which credentials are in use.",
                    found.cloud.title(),
                    found.region,
                    id.endpoint,
                    id.service
                ),
            )
            .at(attribute())
            .into());
    }
    Ok(row(&found, &id.endpoint, endpoint.as_ref(), connection.as_ref()))
}

/// The data source `tidblink_private_endpoints`.
#[derive(Debug)]
pub struct PrivateEndpointsData;

impl DataSource for PrivateEndpointsData {
    type Data = Clients;
    type Model = EndpointsDataModel;

    fn schema(&self) -> Schema {
        let mut attributes = vec![
            Attribute::string("id").computed().description("`SERVICE_ID/ENDPOINT_ID`, as import takes it."),
        ];
        attributes.extend(row_attributes());
        Schema::new(0)
            .description(
                "Lists the private endpoints that lead to a service: those in the cloud account in use, and those of other \
                 accounts that are registered with TiDB Cloud. Starter and Essential register nothing, so only those in this \
                 account are seen; they may serve other clusters, too.",
            )
            .attribute(
                Attribute::string("service_id")
                    .required()
                    .description("`id` of a `tidblink_endpoint_service`."),
            )
            .attribute(Attribute::string("status").computed().description(
                "`not_configured`: the service has no private endpoint yet. `configured`: there is at least one.",
            ))
            .attribute(
                Attribute::list_nested("endpoints", attributes)
                    .computed()
                    .description("The private endpoints, in the order of their ids."),
            )
    }

    async fn read(
        &self,
        cx: &Context<Clients>,
        request: ReadDataRequest<EndpointsDataModel>,
    ) -> ReadDataResponse<EndpointsDataModel> {
        match find_all(cx, &request.config.service_id).await {
            Ok(rows) => ReadDataResponse::found(EndpointsDataModel {
                service_id: request.config.service_id,
                status: Attr::Known(if rows.is_empty() { "not_configured" } else { "configured" }.into()),
                endpoints: Attr::Known(rows),
            }),
            Err(diagnostics) => ReadDataResponse::failed(diagnostics),
        }
    }
}

async fn find_all(cx: &Context<Clients>, id: &Attr<String>) -> Result<Vec<EndpointRow>, Diagnostics> {
    let attribute = || AttributePath::of("service_id");
    let text = id.known().map(String::as_str).unwrap_or_default();
    let id: ServiceId = text.parse().map_err(|error| diagnose::malformed_id(&error, attribute()))?;
    let clients = cx.data();
    let operation = clients.operation(cx, Some(READ_TIMEOUT));
    let found = find_by_id(&clients.tidb, &operation, &id)
        .await
        .map_err(|refusal| diagnose::refusal(&refusal, attribute(), clients.key_source))?;
    // Without a name nothing can lead to it.
    let Some(facts) = facts(&found) else { return Ok(Vec::new()) };
    let services = [&facts.name];
    let (endpoints, connections) = tokio::try_join!(
        in_the_cloud(clients, &operation, facts.cloud, &facts.region, &services),
        with_tidb_cloud(clients, &operation, &id, &facts)
    )?;
    Ok(merged(&found, &endpoints, &connections).into_iter().map(|(_, row)| row).collect())
}

/// What both sides show of a service, taken together, in the order of the ids.
pub(super) fn merged(
    found: &Found,
    endpoints: &[CloudEndpoint],
    connections: &[Connection],
) -> Vec<(EndpointId, EndpointRow)> {
    let mut ids: BTreeMap<EndpointId, Option<&CloudEndpoint>> =
        endpoints.iter().map(|endpoint| (endpoint.id.clone(), Some(endpoint))).collect();
    for connection in connections {
        // Ids of other clouds have other forms; none of them can lead to this service.
        if let Ok(id) = connection.endpoint.as_str().parse() {
            ids.entry(id).or_default();
        }
    }
    ids.into_iter()
        .map(|(id, endpoint)| {
            let row = row(found, &id, endpoint, newest(connections.to_vec(), &id).as_ref());
            (id, row)
        })
        .collect()
}

/// What leads to these services of one region in the account in use.
pub(super) async fn in_the_cloud(
    clients: &Clients,
    operation: &Operation,
    cloud: CloudName,
    region: &Region,
    services: &[&ServiceName],
) -> Result<Vec<CloudEndpoint>, Diagnostics> {
    let found = clients.cloud(cloud, region).endpoints_to(operation, services).await.map_err(|error| {
        Diagnostics::from(place(clients, cloud).api_error(&error, "list the endpoints of the service"))
    })?;
    Ok(found.into_iter().filter(CloudEndpoint::exists).collect())
}

/// What is registered at the service.
pub(super) async fn with_tidb_cloud(
    clients: &Clients,
    operation: &Operation,
    id: &ServiceId,
    facts: &ServiceFacts,
) -> Result<Vec<Connection>, Diagnostics> {
    let ServiceId::Dedicated { cluster, node_group } = id else { return Ok(Vec::new()) };
    clients.tidb.connections(operation, cluster, node_group).await.map_err(|error| {
        place(clients, facts.cloud).api_error(&error, "list the registrations with TiDB Cloud").into()
    })
}

fn row(
    found: &Found,
    id: &EndpointId,
    endpoint: Option<&CloudEndpoint>,
    connection: Option<&Connection>,
) -> EndpointRow {
    let judged = judge(endpoint, connection, found.cloud, found.id.is_registered());
    let own_host = endpoint.and_then(|endpoint| endpoint.host.clone());
    let service_host = found.link.as_ref().and_then(|link| link.host.clone());
    EndpointRow {
        id: Attr::Known(PrivateEndpointId { service: found.id.clone(), endpoint: id.clone() }.to_string()),
        endpoint_id: Attr::Known(id.to_string()),
        connection_id: connection
            .and_then(|connection| connection.id.as_ref())
            .map(ToString::to_string)
            .into(),
        registered: if found.id.is_registered() {
            Attr::Known(is_registered(connection))
        } else {
            Attr::Null
        },
        marked: Attr::Known(endpoint.is_some_and(CloudEndpoint::is_marked)),
        vpc_id: endpoint.map(|endpoint| endpoint.vpc.to_string()).into(),
        status: Attr::Known(judged.status.as_str().into()),
        status_reason: judged.reason.into(),
        cloud_state: Attr::Known(
            endpoint.map_or(CloudState::Deleted.as_str(), |endpoint| endpoint.state.as_str()).into(),
        ),
        connection_state: connection.map(|connection| connection.state.to_string()).into(),
        host: own_host.or(service_host).into(),
        port: Attr::Known(found.port.into()),
    }
}

/// What TiDB Cloud merely discovered in the cloud, nobody has registered.
fn is_registered(connection: Option<&Connection>) -> bool {
    connection.is_some_and(|connection| connection.state != ConnectionState::Discovered)
}

fn row_attributes() -> Vec<Attribute> {
    let text = |name: &str, description: &str| Attribute::string(name).computed().description(description);
    vec![
        text("endpoint_id", "Id of the endpoint in its cloud."),
        text("connection_id", "Id of the registration with TiDB Cloud; null when there is none."),
        Attribute::bool("registered")
            .computed()
            .description("Whether the endpoint is registered with TiDB Cloud. Null for Starter and Essential clusters, where nothing is registered."),
        Attribute::bool("marked")
            .computed()
            .description("Whether the endpoint bears this provider's marks in its tags."),
        text("vpc_id", "Id of the VPC; null for an endpoint that these credentials cannot see."),
        text("status", "`pending`, `active`, `failed`, `rejected`, `expired` or `deleting`: both sides taken together."),
        text("status_reason", "Why the status is not `active`; null when it is."),
        text(
            "cloud_state",
            "State of the endpoint in its cloud's words; `deleted` when these credentials see no such endpoint.",
        ),
        text("connection_state", "State of the registration in TiDB Cloud's words; null when there is none."),
        text("host", "DNS name to connect to."),
        Attribute::int64("port").computed().description("TCP port to connect to."),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_endpoint_that_was_merely_discovered_is_not_registered() {
        let connection = |state| Connection { state, ..Connection::default() };
        assert!(is_registered(Some(&connection(ConnectionState::Pending))));
        assert!(is_registered(Some(&connection(ConnectionState::Failed))));
        assert!(!is_registered(Some(&connection(ConnectionState::Discovered))));
        assert!(!is_registered(None));
    }
}
