//! What leads to many services, on both sides, a few services at a time. Services that clusters share are looked at once.

use std::collections::BTreeSet;

use futures_util::future::join_all;
use tfplugin::{Diagnostic, Diagnostics, Severity};

use super::super::data_source::{EndpointRow, in_the_cloud, merged, with_tidb_cloud};
use super::super::plan::facts;
use super::super::status::Status;
use crate::clouds::{CloudEndpoint, ServiceFacts};
use crate::endpoint_service::Found;
use crate::ids::{CloudName, PrivateEndpointId, ProjectId, Region, ServiceId};
use crate::operation::Operation;
use crate::provider::Clients;
use crate::tidbcloud::{Connection, Registered};

/// How many services are looked at at once: enough to be quick, and far from what the APIs allow.
const LOOKS_AT_ONCE: usize = 4;

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

/// What one group showed.
struct Look {
    endpoints: Result<Vec<CloudEndpoint>, Diagnostics>,
    /// For each of the services.
    connections: Vec<Result<Vec<Connection>, Diagnostics>>,
}

/// The services that have not been looked at yet.
pub(super) struct Survey {
    groups: std::vec::IntoIter<Group>,
    project: Option<ProjectId>,
    /// Where the cloud side could not be looked at and the user knows it.
    dark: BTreeSet<(CloudName, Region)>,
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
        let groups: Vec<_> = self.groups.by_ref().take(LOOKS_AT_ONCE).collect();
        if groups.is_empty() {
            return None;
        }
        let registered = match &self.project {
            // What cannot be listed whole is asked for one by one.
            Some(project) => clients.tidb.registered_in(operation, project).await.ok().flatten(),
            None => None,
        };
        let looks =
            join_all(groups.iter().map(|group| look(clients, operation, group, registered.as_ref()))).await;
        let mut batch = Batch::default();
        for (group, look) in groups.iter().zip(looks) {
            self.add(&mut batch, group, look);
        }
        Some(batch)
    }

    fn add(&mut self, batch: &mut Batch, group: &Group, look: Look) {
        let facts = &group.facts;
        let endpoints = look.endpoints.unwrap_or_else(|failure| {
            if self.dark.insert((facts.cloud, facts.region.clone())) {
                let what = format!("endpoints in {} {}", facts.cloud.title(), facts.region);
                batch.warnings.extend(left_out(failure, &what));
            }
            Vec::new()
        });
        for (service, connections) in group.services.iter().zip(look.connections) {
            let connections = connections.unwrap_or_else(|failure| {
                batch.warnings.extend(left_out(failure, &format!("registrations for {}", service.id)));
                Vec::new()
            });
            for (id, row) in merged(service, &endpoints, &connections) {
                if row.status.known().map(String::as_str) != Some(Status::Deleting.as_str()) {
                    let display_name = display_name(service, &row);
                    let id = PrivateEndpointId { service: service.id.clone(), endpoint: id };
                    batch.seen.push(Seen { id, display_name, row });
                }
            }
        }
    }
}

async fn look(
    clients: &Clients,
    operation: &Operation,
    group: &Group,
    registered: Option<&Registered>,
) -> Look {
    let connections = async {
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
    };
    let (endpoints, connections) = tokio::join!(in_the_cloud(clients, operation, &group.facts), connections);
    Look { endpoints, connections }
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
