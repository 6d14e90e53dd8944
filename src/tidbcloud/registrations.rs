//! What is registered in a whole project, in pages of a hundred: what a refresh of many endpoints reads instead of one list
//! for each node group, and what many waiters of one project look at together.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use super::connection::path;
use super::{Connection, GroupKey, TidbCloud};
use crate::error::ApiError;
use crate::ids::{ClusterId, ConnectionId, EndpointId, NodeGroupId, ProjectId};
use crate::operation::Operation;
use crate::recent::Age;

/// The id that stands for all clusters, and for all node groups (API specification of `ListPrivateEndpointConnections`).
const EVERY: &str = "-";

/// Everything that is registered in a project.
#[derive(Debug, Default)]
pub(super) struct ProjectView {
    connections: HashMap<GroupKey, Vec<Connection>>,
    /// How many requests it took to read.
    pages: usize,
}

/// Everything that is registered in a project.
#[derive(Clone, Debug)]
pub struct Registered(Arc<ProjectView>);

impl Registered {
    /// What is registered at a node group.
    pub fn of(&self, cluster: &ClusterId, group: &NodeGroupId) -> Vec<Connection> {
        self.0.connections.get(&(cluster.clone(), group.clone())).cloned().unwrap_or_default()
    }
}

/// The node groups whose registrations somebody waits for, with their project.
#[derive(Debug, Default)]
pub(super) struct Watched(HashMap<GroupKey, Watch>);

#[derive(Debug)]
struct Watch {
    project: Option<ProjectId>,
    waiters: usize,
}

/// One waiter for the registrations of a node group; ends when it is dropped.
pub struct Watcher {
    tidb: TidbCloud,
    key: GroupKey,
}

impl Watcher {
    /// The registrations of the node group, read after `since` in the clock's elapsed time: by this waiter, by another
    /// one of the same group or, where that takes fewer requests, of the whole project. Whether `endpoint` is missing is
    /// only for the group's own list to say.
    ///
    /// # Errors
    /// Those of [`TidbCloud::connections`].
    pub async fn look(
        &self,
        operation: &Operation,
        endpoint: &EndpointId,
        since: Duration,
    ) -> Result<Vec<Connection>, ApiError> {
        let (cluster, group) = &self.key;
        if let Some(project) = self.crowded() {
            let seen = self.tidb.registered(operation, &project, cluster, group, Age::Since(since)).await?;
            if let Some(seen) =
                seen.filter(|seen| seen.iter().any(|connection| connection.endpoint == *endpoint))
            {
                return Ok(seen);
            }
        }
        self.tidb.connections_of_age(operation, cluster, group, Age::Since(since)).await
    }

    /// The shortest time between two looks that leaves room in the request budget for all other waiters and for calls
    /// that get something done.
    pub fn breath(&self, operation: &Operation) -> Duration {
        let inner = &self.tidb.0;
        let reads = inner.watched().reads(|project| self.tidb.pages_of(project));
        inner.http.budget().breath(operation.clock().elapsed(), u32::try_from(reads).unwrap_or(u32::MAX))
    }

    /// The project, if one listing of it replaces more reads than it takes.
    fn crowded(&self) -> Option<ProjectId> {
        let watched = self.tidb.0.watched();
        let project = watched.0.get(&self.key)?.project.clone()?;
        let pages = self.tidb.pages_of(&project)?;
        (watched.groups_in(&project) > pages.max(1)).then_some(project)
    }
}

impl Drop for Watcher {
    fn drop(&mut self) {
        let mut watched = self.tidb.0.watched();
        if let Some(watch) = watched.0.get_mut(&self.key) {
            watch.waiters -= 1;
            if watch.waiters == 0 {
                watched.0.remove(&self.key);
            }
        }
    }
}

impl Watched {
    fn groups_in(&self, project: &ProjectId) -> usize {
        self.0.values().filter(|watch| watch.project.as_ref() == Some(project)).count()
    }

    /// How many requests it takes to look at everything that is waited for once; `pages` says how many a whole project
    /// takes, and `None` where it may not be listed.
    fn reads(&self, pages: impl Fn(&ProjectId) -> Option<usize>) -> usize {
        let mut groups: HashMap<Option<&ProjectId>, usize> = HashMap::new();
        for watch in self.0.values() {
            *groups.entry(watch.project.as_ref()).or_default() += 1;
        }
        let cost = |project: Option<&ProjectId>, groups: usize| {
            project.and_then(&pages).map_or(groups, |pages| groups.min(pages.max(1)))
        };
        groups.into_iter().map(|(project, groups)| cost(project, groups)).sum()
    }
}

impl TidbCloud {
    /// Begins to wait for registrations of a node group. Looks of all waiters are shared.
    pub fn watch(&self, project: Option<ProjectId>, cluster: &ClusterId, group: &NodeGroupId) -> Watcher {
        let key = (cluster.clone(), group.clone());
        let mut watched = self.0.watched();
        let watch = watched.0.entry(key.clone()).or_insert(Watch { project: None, waiters: 0 });
        watch.waiters += 1;
        watch.project = project.or_else(|| watch.project.take());
        drop(watched);
        Watcher { tidb: self.clone(), key }
    }

    /// What is registered at a node group, out of a listing of its whole project that may be a few seconds old; for
    /// refreshes. `None` when the project may not be listed or shows nothing for the group: then only the group's own
    /// list tells.
    ///
    /// # Errors
    /// [`ErrorKind::Halted`](crate::error::ErrorKind::Halted) only; what else goes wrong shows in the group's own list.
    pub async fn registered_lately(
        &self,
        operation: &Operation,
        project: &ProjectId,
        cluster: &ClusterId,
        group: &NodeGroupId,
    ) -> Result<Option<Vec<Connection>>, ApiError> {
        self.registered(operation, project, cluster, group, Age::Recent).await
    }

    /// Everything that is registered in a project, as a listing of it shows that may be a few seconds old; for looking
    /// through it. `None` when the project may not be listed.
    ///
    /// # Errors
    /// [`ErrorKind::Halted`](crate::error::ErrorKind::Halted) only; what else goes wrong shows in the groups' own lists.
    pub async fn registered_in(
        &self,
        operation: &Operation,
        project: &ProjectId,
    ) -> Result<Option<Registered>, ApiError> {
        Ok(self.view(operation, project, Age::Recent).await?.map(Registered))
    }

    async fn registered(
        &self,
        operation: &Operation,
        project: &ProjectId,
        cluster: &ClusterId,
        group: &NodeGroupId,
        age: Age,
    ) -> Result<Option<Vec<Connection>>, ApiError> {
        let view = self.view(operation, project, age).await?;
        Ok(view.and_then(|view| view.connections.get(&(cluster.clone(), group.clone())).cloned()))
    }

    async fn view(
        &self,
        operation: &Operation,
        project: &ProjectId,
        age: Age,
    ) -> Result<Option<Arc<ProjectView>>, ApiError> {
        if self.pages_of(project).is_none() {
            return Ok(None);
        }
        let view = match self
            .0
            .projects
            .get(operation, project, age, self.list_project(operation, project))
            .await
        {
            Ok(answer) => answer.value,
            Err(error) if error.halt().is_some() => return Err(error),
            Err(error) => {
                // Keys with a role in some projects only may not list them whole, which does not change while we run.
                tracing::info!(%error, "cannot list the registrations of a whole project; asking for each node group");
                self.0.pages().insert(project.clone(), None);
                return Ok(None);
            }
        };
        self.0.pages().insert(project.clone(), Some(view.pages));
        Ok(Some(view))
    }

    /// How many requests a listing of a project takes, a single one until it is known; `None` when it cannot be listed.
    fn pages_of(&self, project: &ProjectId) -> Option<usize> {
        self.0.pages().get(project).copied().unwrap_or(Some(1))
    }

    async fn list_project(
        &self,
        operation: &Operation,
        project: &ProjectId,
    ) -> Result<Arc<ProjectView>, ApiError> {
        fn key((_, connection): &(GroupKey, Connection)) -> Option<&str> {
            connection.id.as_ref().map(ConnectionId::as_str)
        }
        let rows = self
            .pages(operation, &path(EVERY, EVERY, None), Some(project), key, |row| {
                Ok(((row.id("clusterId")?, row.id("tidbNodeGroupId")?), Connection::read(row)?))
            })
            .await?;
        let mut view = ProjectView { pages: rows.pages, ..ProjectView::default() };
        for (key, connection) in rows.items {
            view.connections.entry(key).or_default().push(connection);
        }
        Ok(Arc::new(view))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::super::testing::{Deed, Received, Server, operation};
    use super::*;

    fn project() -> ProjectId {
        ProjectId::new("1370000000000000001")
    }

    fn cluster(number: usize) -> ClusterId {
        format!("{}", 100 + number).parse().unwrap()
    }

    fn group(number: usize) -> NodeGroupId {
        format!("{}", 200 + number).parse().unwrap()
    }

    fn endpoint(number: usize) -> EndpointId {
        format!("vpce-{number:08}").parse().unwrap()
    }

    fn row(number: usize) -> Value {
        json!({
            "clusterId": cluster(number).as_str(), "tidbNodeGroupId": group(number).as_str(),
            "endpointId": format!("vpce-{number:08}"), "endpointState": "ACTIVE",
        })
    }

    /// A project with an endpoint at each of `groups` node groups, in pages of `page`.
    fn answer(request: &Received, groups: usize, page: usize) -> Deed {
        let parameter = |name: &str| {
            let query = request.target.split_once('?')?.1;
            query.split('&').find_map(|pair| pair.strip_prefix(&format!("{name}=")))
        };
        let wanted = |number: &usize| request.target.contains(&format!("/clusters/{}/", cluster(*number)));
        let rows: Vec<_> = if request.target.contains("/clusters/-/tidbNodeGroups/-/") {
            assert_eq!(parameter("projectId"), Some(project().as_str()));
            (0..groups).map(row).collect()
        } else {
            (0..groups).filter(wanted).map(row).collect()
        };
        let from: usize = parameter("pageToken").map_or(0, |token| token.parse().unwrap());
        let next = (from + page < rows.len()).then(|| (from + page).to_string());
        let rows: Vec<_> = rows.into_iter().skip(from).take(page).collect();
        Deed::json(json!({ "privateEndpointConnections": rows, "nextPageToken": next.unwrap_or_default() }))
    }

    /// What a refresh sees at so many node groups; endpoints by group.
    async fn refresh(client: &TidbCloud, groups: usize) -> Vec<Option<Vec<String>>> {
        let operation = operation(None);
        let mut seen = Vec::new();
        for number in 0..groups {
            let listed = client
                .registered_lately(&operation, &project(), &cluster(number), &group(number))
                .await
                .unwrap();
            let ids =
                |rows: Vec<Connection>| rows.iter().map(|row| row.endpoint.as_str().to_owned()).collect();
            seen.push(listed.map(ids));
        }
        seen
    }

    #[tokio::test]
    async fn a_refresh_of_a_whole_project_costs_its_pages() {
        let server = Server::start(|request, _| answer(request, 25, 10));
        let seen = refresh(&server.client(), 25).await;
        for (number, endpoints) in seen.iter().enumerate() {
            assert_eq!(endpoints.as_deref(), Some(&[format!("vpce-{number:08}")][..]));
        }
        assert_eq!(server.count("GET"), 3);
    }

    #[tokio::test]
    async fn whoever_looks_through_a_project_pays_its_pages_and_is_told_what_is_not_there() {
        let server = Server::start(|request, _| answer(request, 25, 10));
        let registered = server.client().registered_in(&operation(None), &project()).await.unwrap().unwrap();
        assert_eq!(registered.of(&cluster(3), &group(3)).len(), 1);
        assert!(registered.of(&cluster(99), &group(99)).is_empty());
        assert_eq!(server.count("GET"), 3);
        let server = Server::start(|_, _| Deed::error(403, 7, "not permitted"));
        assert!(server.client().registered_in(&operation(None), &project()).await.unwrap().is_none());
    }

    #[tokio::test]
    async fn what_a_project_does_not_show_is_left_to_the_groups_own_list() {
        let server = Server::start(|request, _| answer(request, 1, 10));
        assert_eq!(refresh(&server.client(), 2).await[1], None);
    }

    #[tokio::test]
    async fn a_key_that_may_not_list_the_project_is_refused_once() {
        let server = Server::start(|_, _| Deed::error(403, 7, "not permitted"));
        assert_eq!(refresh(&server.client(), 5).await, vec![None; 5]);
        assert_eq!(server.count("GET"), 1);
    }

    #[tokio::test]
    async fn a_listing_that_is_garbage_is_no_answer() {
        for garbage in [json!({ "privateEndpointConnections": [{ "endpointId": "vpce-1" }] }), json!([])] {
            let server = Server::start(move |_, _| Deed::json(garbage.clone()));
            assert_eq!(refresh(&server.client(), 2).await, vec![None; 2]);
        }
    }

    /// Looks once with a waiter for each of so many node groups; returns the requests that took.
    async fn look_together(groups: usize, page: usize) -> usize {
        let server = Server::start(move |request, _| answer(request, groups, page));
        let (client, operation) = (server.client(), operation(None));
        let watchers: Vec<_> = (0..groups)
            .map(|number| client.watch(Some(project()), &cluster(number), &group(number)))
            .collect();
        let since = operation.clock().elapsed();
        for (number, watcher) in watchers.iter().enumerate() {
            let seen = watcher.look(&operation, &endpoint(number), since).await.unwrap();
            assert_eq!(seen.len(), 1);
            assert_eq!(seen[0].endpoint.as_str(), format!("vpce-{number:08}"));
        }
        server.count("GET")
    }

    #[tokio::test]
    async fn waiters_of_many_groups_look_at_the_project_together() {
        assert_eq!(look_together(1, 100).await, 1);
        assert_eq!(look_together(20, 100).await, 1);
    }

    #[tokio::test]
    async fn only_the_groups_own_list_tells_a_waiter_that_its_endpoint_is_missing() {
        let server = Server::start(|request, _| answer(request, 2, 100));
        let (client, operation) = (server.client(), operation(None));
        let watchers = [0, 1].map(|number| client.watch(Some(project()), &cluster(number), &group(number)));
        let since = operation.clock().elapsed();
        watchers[0].look(&operation, &endpoint(7), since).await.unwrap();
        let asked = server.received().pop().unwrap();
        assert!(asked.target.contains(&format!("/clusters/{}/", cluster(0))), "{}", asked.target);
    }

    #[tokio::test]
    async fn a_waiter_never_sees_its_own_last_look_again() {
        let server = Server::start(|request, _| answer(request, 2, 100));
        let (client, operation) = (server.client(), operation(None));
        let watch = |number| client.watch(Some(project()), &cluster(number), &group(number));
        let (one, other) = (watch(0), watch(1));
        let begin = operation.clock().elapsed();
        one.look(&operation, &endpoint(0), begin).await.unwrap();
        other.look(&operation, &endpoint(1), begin).await.unwrap();
        assert_eq!(server.count("GET"), 1);
        one.look(&operation, &endpoint(0), operation.clock().elapsed()).await.unwrap();
        assert_eq!(server.count("GET"), 2);
    }

    #[tokio::test]
    async fn nobody_is_counted_as_waiting_any_more_once_it_stops() {
        let client = Server::start(|_, _| Deed::Lose).client();
        let watch = || client.watch(Some(project()), &cluster(0), &group(0));
        let (one, other) = (watch(), watch());
        drop(one);
        assert_eq!(client.0.watched().groups_in(&project()), 1);
        drop(other);
        assert_eq!(client.0.watched().groups_in(&project()), 0);
    }

    #[test]
    fn reads_are_counted_by_groups_or_by_pages_whichever_is_fewer() {
        let mut watched = Watched::default();
        for number in 0..10 {
            let project = (number != 0).then(project);
            watched.0.insert((cluster(number), group(number)), Watch { project, waiters: 1 });
        }
        assert_eq!(watched.reads(|_| Some(3)), 1 + 3);
        assert_eq!(watched.reads(|_| Some(50)), 1 + 9);
        assert_eq!(watched.reads(|_| None), 1 + 9);
    }
}
