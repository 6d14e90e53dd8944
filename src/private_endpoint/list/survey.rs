//! What leads to many services, on both sides, some services at a time. Services that clusters share are looked at once, and
//! a cloud is asked for all services of a region together.

use std::collections::{BTreeMap, BTreeSet};

use futures_util::future::join_all;
use tfplugin::{Diagnostic, Diagnostics, Severity};

use super::super::data_source::{EndpointRow, in_the_cloud, merged, with_tidb_cloud};
use super::super::plan::facts;
use super::super::status::Status;
use crate::clouds::{CloudEndpoint, ServiceFacts};
use crate::endpoint_service::Found;
use crate::ids::{CloudName, PrivateEndpointId, ProjectId, Region, ServiceId, ServiceName};
use crate::operation::Operation;
use crate::provider::Clients;
use crate::tidbcloud::{Connection, Registered};

/// How many services are looked at together. A list is cut off somewhere, mostly at a hundred endpoints, so not all are.
const SERVICES_AT_ONCE: usize = 50;
/// How many of them TiDB Cloud is asked about at once: enough to be quick, and far from what it allows.
const CALLS_AT_ONCE: usize = 4;

/// An endpoint that was found.
pub(super) struct Seen {
    pub(super) id: PrivateEndpointId,
    pub(super) display_name: String,
    row: EndpointRow,
}

impl Seen {
    /// Whether it bears this provider's marks, as far as these credentials can tell.
    pub(super) fn is_marked(&self) -> bool {
        self.row.marked.known() == Some(&true)
    }
}

/// What a few services showed.
#[derive(Default)]
pub(super) struct Batch {
    pub(super) seen: Vec<Seen>,
    pub(super) warnings: Diagnostics,
}

/// A service, as the cloud knows it, and the clusters behind it.
struct Group {
    facts: ServiceFacts,
    services: Vec<Found>,
}

/// A cloud in a region.
type Place = (CloudName, Region);

/// What leads to the services of a place.
type Look = (Place, Result<Vec<CloudEndpoint>, Diagnostics>);

/// What is registered at each service of a group.
type Connections = Vec<Result<Vec<Connection>, Diagnostics>>;

/// The services that have not been looked at yet.
pub(super) struct Survey {
    groups: std::vec::IntoIter<Group>,
    project: Option<ProjectId>,
    /// Where the cloud side could not be looked at and the user knows it.
    dark: BTreeSet<Place>,
}

impl Survey {
    /// Of these services, which are all that `project` has, if that is given.
    pub(super) fn of(services: Vec<Found>, project: Option<ProjectId>) -> Self {
        let mut groups: Vec<Group> = Vec::new();
        for service in services {
            // Without a name nothing can lead to it.
            let Some(facts) = facts(&service) else { continue };
            let same = |group: &&mut Group| {
                (group.facts.cloud, &group.facts.region, &group.facts.name)
                    == (facts.cloud, &facts.region, &facts.name)
            };
            match groups.iter_mut().find(same) {
                Some(group) => group.services.push(service),
                None => groups.push(Group { facts, services: vec![service] }),
            }
        }
        Self { groups: groups.into_iter(), project, dark: BTreeSet::new() }
    }

    /// What the next services show; `None` after the last one.
    pub(super) async fn next(&mut self, clients: &Clients, operation: &Operation) -> Option<Batch> {
        let groups: Vec<_> = self.groups.by_ref().take(SERVICES_AT_ONCE).collect();
        if groups.is_empty() {
            return None;
        }
        let (looks, connections) = tokio::join!(
            endpoints(clients, operation, &groups),
            connections(clients, operation, &groups, self.project.as_ref())
        );
        let mut batch = Batch::default();
        let mut endpoints = Vec::new();
        for (place, look) in looks {
            match look {
                Ok(found) => endpoints.extend(found),
                Err(failure) if self.dark.contains(&place) => drop(failure),
                Err(failure) => {
                    let what = format!("endpoints in {} {}", place.0.title(), place.1);
                    batch.warnings.extend(left_out(failure, &what));
                    self.dark.insert(place);
                }
            }
        }
        for (group, connections) in groups.iter().zip(connections) {
            batch.add(group, &endpoints, connections);
        }
        Some(batch)
    }
}

impl Batch {
    /// Takes in what leads to the services of a group, out of all `endpoints`.
    fn add(&mut self, group: &Group, endpoints: &[CloudEndpoint], connections: Connections) {
        let leads_here = |endpoint: &&CloudEndpoint| endpoint.service_name == group.facts.name;
        let endpoints: Vec<_> = endpoints.iter().filter(leads_here).cloned().collect();
        for (service, connections) in group.services.iter().zip(connections) {
            let connections = connections.unwrap_or_else(|failure| {
                self.warnings.extend(left_out(failure, &format!("registrations for {}", service.id)));
                Vec::new()
            });
            for (id, row) in merged(service, &endpoints, &connections) {
                if row.status.known().map(String::as_str) != Some(Status::Deleting.as_str()) {
                    let display_name = display_name(service, &row);
                    let id = PrivateEndpointId { service: service.id.clone(), endpoint: id };
                    self.seen.push(Seen { id, display_name, row });
                }
            }
        }
    }
}

/// What the clouds show, place by place.
async fn endpoints(clients: &Clients, operation: &Operation, groups: &[Group]) -> Vec<Look> {
    let mut places: BTreeMap<Place, Vec<&ServiceName>> = BTreeMap::new();
    for Group { facts, .. } in groups {
        places.entry((facts.cloud, facts.region.clone())).or_default().push(&facts.name);
    }
    join_all(places.into_iter().map(|(place, names)| look(clients, operation, place, names))).await
}

async fn look(clients: &Clients, operation: &Operation, place: Place, names: Vec<&ServiceName>) -> Look {
    let found = in_the_cloud(clients, operation, place.0, &place.1, &names).await;
    (place, found)
}

/// What is registered, group by group.
async fn connections(
    clients: &Clients,
    operation: &Operation,
    groups: &[Group],
    project: Option<&ProjectId>,
) -> Vec<Connections> {
    let registered = match project {
        // What cannot be listed whole is asked for one by one.
        Some(project) => clients.tidb.registered_in(operation, project).await.ok().flatten(),
        None => None,
    };
    let mut all = Vec::new();
    for few in groups.chunks(CALLS_AT_ONCE) {
        let of_group = |group| connections_of(clients, operation, group, registered.as_ref());
        all.extend(join_all(few.iter().map(of_group)).await);
    }
    all
}

async fn connections_of(
    clients: &Clients,
    operation: &Operation,
    group: &Group,
    registered: Option<&Registered>,
) -> Connections {
    let mut listed = Vec::new();
    for service in &group.services {
        listed.push(match (&service.id, registered) {
            (ServiceId::Dedicated { cluster, node_group }, Some(registered)) => {
                Ok(registered.of(cluster, node_group))
            }
            _ => with_tidb_cloud(clients, operation, &service.id, &group.facts).await,
        });
    }
    listed
}

/// The warning for a side that could not be looked at.
fn left_out(failure: Diagnostics, what: &str) -> Diagnostics {
    let warnings = failure.into_vec().into_iter().map(|error| Diagnostic {
        severity: Severity::Warning,
        detail: format!("So {what} that nothing else shows are missing in the list.\n\n{}", error.detail),
        attribute: None,
        ..error
    });
    warnings.collect::<Vec<_>>().into()
}

/// `orders: vpce-0123 (active)`.
fn display_name(service: &Found, row: &EndpointRow) -> String {
    let word = |attribute: &tfplugin::Attr<String>| attribute.known().cloned().unwrap_or_default();
    let state = match row.connection_state.known() {
        Some(state) if row.vpc_id.is_null() => {
            format!("registered as {}, not seen with these credentials", state.to_ascii_lowercase())
        }
        _ => word(&row.status),
    };
    format!("{}: {} ({state})", service.cluster_name, word(&row.endpoint_id))
}
