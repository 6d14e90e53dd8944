//! Dedicated API v1beta1: the cloud endpoints that are registered at a node group's endpoint service. Registering
//! makes TiDB Cloud accept the endpoint; there is no change, only register and deregister.

use serde_json::json;

use super::TidbCloud;
use super::calls;
use super::dedicated::project_of;
use super::http::write_once;
use super::request::Request;
use super::states::{ConnectionState, LinkState};
use crate::error::{ApiError, Cause, ErrorKind};
use crate::ids::{ClusterId, ConnectionId, EndpointId, NodeGroupId, ProjectId, ServiceName};
use crate::json::{Misfit, Node};
use crate::operation::Operation;
use crate::pages::{Page, Pages};
use crate::recent::Age;

/// The most connections that one answer holds (API specification: larger sizes are cut to it).
const PAGE_SIZE: &str = "100";

/// The cloud's id of a registered endpoint as TiDB Cloud shows it: `vpce-…` on AWS, other forms on other clouds.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct RegisteredEndpoint(String);

impl RegisteredEndpoint {
    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl PartialEq<EndpointId> for RegisteredEndpoint {
    fn eq(&self, endpoint: &EndpointId) -> bool {
        self.0 == endpoint.as_str()
    }
}

/// A registered endpoint (`PrivateEndpointConnection`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Connection {
    /// The connection's id; a merely discovered endpoint may have none.
    pub id: Option<ConnectionId>,
    /// The endpoint in the cloud.
    pub endpoint: RegisteredEndpoint,
    /// Its state: the only field that says whether it works.
    pub state: ConnectionState,
    /// The reason of a failure. It may outlive the failure, so it means nothing in any other state.
    pub message: Option<String>,
    /// The name that clients connect to; may be unknown even when active.
    pub host: Option<String>,
    /// The port that clients connect to.
    pub port: Option<u16>,
    /// The service that the endpoint leads to.
    pub service_name: Option<ServiceName>,
    /// The state of that service.
    pub service_state: Option<LinkState>,
    /// The project of the cluster.
    pub project: Option<ProjectId>,
}

impl TidbCloud {
    /// All connections of a node group. Callers at about the same time share one request, until anything of the
    /// cluster is written.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`] when the cluster or node group does not exist, [`ErrorKind::Malformed`] when the pages
    /// make no whole.
    pub async fn connections(
        &self,
        operation: &Operation,
        cluster: &ClusterId,
        group: &NodeGroupId,
    ) -> Result<Vec<Connection>, ApiError> {
        self.connections_of_age(operation, cluster, group, Age::Recent).await
    }

    pub(super) async fn connections_of_age(
        &self,
        operation: &Operation,
        cluster: &ClusterId,
        group: &NodeGroupId,
        age: Age,
    ) -> Result<Vec<Connection>, ApiError> {
        /// Endpoints that TiDB Cloud merely discovered have no id.
        fn key(connection: &Connection) -> Option<&str> {
            connection.id.as_ref().map(ConnectionId::as_str)
        }
        let path = path(cluster.as_str(), group.as_str(), None);
        let fetch = async { Ok(self.pages(operation, &path, None, key, Connection::read).await?.items) };
        let answer = self.0.connections.get(operation, &(cluster.clone(), group.clone()), age, fetch).await;
        answer.map(|answer| answer.value)
    }

    /// Every row of a list of connections, page by page; `key` tells a row from all others.
    pub(super) async fn pages<T: Send>(
        &self,
        operation: &Operation,
        path: &[&str],
        project: Option<&ProjectId>,
        key: fn(&T) -> Option<&str>,
        read: impl Fn(&Node<'_>) -> Result<T, Misfit> + Send + Sync,
    ) -> Result<Rows<T>, ApiError> {
        let mut rows = Pages::by(key);
        let mut pages = 0;
        while let Some(token) = rows.due() {
            let mut request = Request::get(calls::CONNECTIONS, path).query("pageSize", PAGE_SIZE);
            if let Some(project) = project {
                request = request.query("projectId", project.as_str());
            }
            if let Some(token) = &token {
                request = request.query("pageToken", token);
            }
            let answer = self.0.http.send(operation, request).await?;
            let page = answer.decode(|node| {
                let items = node.list("privateEndpointConnections")?;
                let items = items.iter().map(&read).collect::<Result<Vec<_>, _>>()?;
                let next = node.optional_text("nextPageToken")?;
                Ok(Page { items, next, total: node.count("totalSize")? })
            })?;
            pages += 1;
            rows.add(page).map_err(|disorder| answer.malformed(disorder.to_string()))?;
        }
        Ok(Rows { items: rows.into_items(), pages })
    }

    /// One connection.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`] when it does not exist (any more).
    pub async fn connection(
        &self,
        operation: &Operation,
        cluster: &ClusterId,
        group: &NodeGroupId,
        connection: &ConnectionId,
    ) -> Result<Connection, ApiError> {
        let request =
            Request::get(calls::CONNECTION, &path(cluster.as_str(), group.as_str(), Some(connection)));
        self.0.http.send(operation, request).await?.decode(|node| Connection::read(&node))
    }

    /// Registers an endpoint, which also makes TiDB Cloud accept it. An endpoint that is registered here already is
    /// returned as it is, in whatever state, so the caller has to look at the state either way.
    ///
    /// # Errors
    /// With [`Cause::AlreadyRegistered`] when it is registered somewhere else; `outcome_unknown` is set when the
    /// operation ended before it was known whether the registration took effect.
    pub async fn register(
        &self,
        operation: &Operation,
        cluster: &ClusterId,
        group: &NodeGroupId,
        endpoint: &EndpointId,
    ) -> Result<Connection, ApiError> {
        let write = || async {
            let body = json!({ "endpointId": endpoint.as_str() });
            let request = Request::post(calls::REGISTER, &path(cluster.as_str(), group.as_str(), None), body)
                .conflict_means(Cause::AlreadyRegistered);
            let answer = self.0.http.send(operation, request).await;
            self.forget(cluster);
            answer?.decode(|node| Connection::read(&node))
        };
        let look = || async {
            let connections = self.connections(operation, cluster, group).await?;
            Ok(connections.into_iter().find(|connection| {
                connection.endpoint == *endpoint && connection.state != ConnectionState::Discovered
            }))
        };
        write_once(operation, write, look).await
    }

    /// Deregisters an endpoint. The connection is then `DELETING` until it is gone. One that does not exist or is
    /// being deleted already is success.
    ///
    /// # Errors
    /// Those of the call.
    pub async fn deregister(
        &self,
        operation: &Operation,
        cluster: &ClusterId,
        group: &NodeGroupId,
        connection: &ConnectionId,
    ) -> Result<(), ApiError> {
        let request =
            Request::delete(calls::DEREGISTER, &path(cluster.as_str(), group.as_str(), Some(connection)));
        let answer = self.0.http.send(operation, request).await;
        self.forget(cluster);
        match answer {
            Ok(_) => Ok(()),
            Err(error) if error.is_not_found() => Ok(()),
            // What the API says to a second deletion is not documented; its state tells.
            Err(error) if error.kind == ErrorKind::Conflict => {
                match self.connection(operation, cluster, group, connection).await {
                    Ok(found) if found.state == ConnectionState::Deleting => Ok(()),
                    Err(gone) if gone.is_not_found() => Ok(()),
                    _ => Err(error),
                }
            }
            Err(error) => Err(error),
        }
    }
}

/// The rows of all pages of a list.
#[derive(Debug)]
pub(super) struct Rows<T> {
    pub(super) items: Vec<T>,
    pub(super) pages: usize,
}

/// The path of the connections of a node group, or of one of them.
pub(super) fn path<'a>(
    cluster: &'a str,
    group: &'a str,
    connection: Option<&'a ConnectionId>,
) -> Vec<&'a str> {
    let mut path =
        vec!["v1beta1", "clusters", cluster, "tidbNodeGroups", group, "privateEndpointConnections"];
    path.extend(connection.map(ConnectionId::as_str));
    path
}

impl Connection {
    pub(super) fn read(node: &Node<'_>) -> Result<Self, Misfit> {
        Ok(Self {
            id: node.optional_text("privateEndpointConnectionId")?.map(ConnectionId::new),
            endpoint: RegisteredEndpoint(node.text("endpointId")?),
            state: ConnectionState::of(&node.word("endpointState")?),
            message: node.optional_text("message")?,
            host: node.optional_text("host")?,
            port: node.port("port")?,
            service_name: node.optional_text("privateLinkServiceName")?.map(ServiceName::new),
            service_state: node.optional_text("privateLinkServiceState")?.map(|word| LinkState::of(&word)),
            project: project_of(node)?,
        })
    }
}

/// For tests that only care about some fields.
#[cfg(test)]
impl Default for Connection {
    fn default() -> Self {
        Self {
            id: None,
            endpoint: RegisteredEndpoint(String::new()),
            state: ConnectionState::of(""),
            message: None,
            host: None,
            port: None,
            service_name: None,
            service_state: None,
            project: None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_connection_is_read() {
        let value = json!({
            "name": "tidbNodeGroups/1900000000000000001/privateEndpointConnections/1900000000000000777",
            "tidbNodeGroupId": "1900000000000000001",
            "privateEndpointConnectionId": "1900000000000000777",
            "clusterId": "10300000000000000001",
            "clusterDisplayName": "orders",
            "labels": { "tidb.cloud/project": "1370000000000000001" },
            "endpointId": "vpce-0aaaaaaaaaaaaaaaa",
            "endpointState": "FAILED",
            "message": "The VPC Endpoint Id '{vpce-0aaaaaaaaaaaaaaaa []}' does not exist",
            "regionId": "aws-us-west-2",
            "cloudProvider": "aws",
            "privateLinkServiceName": "com.amazonaws.vpce.us-west-2.vpce-svc-0aaaaaaaaaaaaaaaa",
            "privateLinkServiceState": "ACTIVE",
            "host": "privatelink-19000000.abc.clusters.tidb-cloud.com",
            "port": 4000,
        });
        let connection = Connection::read(&Node::root(&value)).unwrap();
        assert_eq!(connection.id.unwrap().as_str(), "1900000000000000777");
        assert_eq!(connection.endpoint, "vpce-0aaaaaaaaaaaaaaaa".parse::<EndpointId>().unwrap());
        assert_eq!(connection.state, ConnectionState::Failed);
        assert!(connection.message.unwrap().ends_with("does not exist"));
        assert_eq!(connection.host.as_deref(), Some("privatelink-19000000.abc.clusters.tidb-cloud.com"));
        assert_eq!(connection.port, Some(4000));
        assert_eq!(
            connection.service_name.unwrap().as_str(),
            "com.amazonaws.vpce.us-west-2.vpce-svc-0aaaaaaaaaaaaaaaa"
        );
        assert_eq!(connection.service_state, Some(LinkState::Active));
        assert_eq!(connection.project.unwrap().as_str(), "1370000000000000001");
    }

    #[test]
    fn empty_fields_are_none_and_unknown_states_are_kept() {
        for value in [
            json!({ "endpointId": "pe-1", "endpointState": "NEW", "message": "", "host": "", "port": "4000",
                    "privateIpAddress": null, "accountId": null, "labels": {} }),
            json!({ "endpointId": "pe-1", "endpointState": "NEW", "message": null, "host": null, "port": 4000,
                    "privateEndpointConnectionId": "" }),
        ] {
            let connection = Connection::read(&Node::root(&value)).unwrap();
            assert_eq!(
                connection,
                Connection {
                    endpoint: RegisteredEndpoint("pe-1".into()),
                    state: ConnectionState::Other("NEW".into()),
                    port: Some(4000),
                    ..Connection::default()
                }
            );
        }
    }

    #[test]
    fn a_connection_without_an_endpoint_is_malformed() {
        let misfit = Connection::read(&Node::root(&json!({ "endpointState": "ACTIVE" }))).unwrap_err();
        assert!(misfit.to_string().contains("`endpointId`"), "{misfit}");
    }
}
