//! EC2 in one region: the calls that the private endpoint needs, on the SDK's client. Every one is paced, repeated and
//! translated here; callers see [`Cloud`] and nothing of the SDK.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use aws_sdk_ec2::Client;
use aws_sdk_ec2::types;
use tokio::sync::OnceCell;

use super::actions::{self, Action, CREATE, DELETE, DESCRIBE, INTERFACES, MODIFY};
use super::call::Call;
use super::config::AwsConfig;
use super::errors;
use super::pacing::Pace;
use super::preflight::{ServiceView, VpcView};
use super::{convert, sdk};
use crate::clouds::locks::EndpointLocks;
use crate::clouds::{
    Change, Cloud, CloudEndpoint, CreateEndpoint, KEPT, Preflight, SERVICE_TAG, ServiceFacts, Wish,
};
use crate::error::{ApiError, Cause, ErrorKind, Service};
use crate::ids::{EndpointId, InterfaceId, Region, ServiceName, VpcId};
use crate::operation::Operation;
use crate::recent::{Age, Recent};

/// The most that EC2 returns in one page.
pub(super) const PAGE_SIZE: i32 = 1000;
/// The most values that EC2 takes in one filter (EC2 API reference, "Filter").
const FILTER_VALUES: usize = 200;

/// EC2 in one region with one set of credentials. Shared by everything that calls it there, since EC2 counts requests
/// by account and region.
#[derive(Debug)]
pub struct AwsRegion {
    config: Arc<AwsConfig>,
    pub(super) region: Region,
    client: OnceCell<Client>,
    creates: Pace,
    modifies: Pace,
    deletes: Pace,
    locks: EndpointLocks,
    /// Every endpoint of ours in the region, for refreshes.
    listing: Recent<(), Arc<BTreeMap<EndpointId, CloudEndpoint>>>,
    /// The endpoints that lead to a service, for everybody who waits for one of them.
    watched: Recent<ServiceName, Arc<BTreeMap<EndpointId, CloudEndpoint>>>,
    pub(super) vpcs: Recent<VpcId, Arc<VpcView>>,
    pub(super) services: Recent<ServiceName, Arc<ServiceView>>,
}

impl AwsRegion {
    /// EC2 in `region`. Finds and calls nothing yet.
    pub(super) fn new(config: Arc<AwsConfig>, region: Region) -> Self {
        Self {
            config,
            region,
            client: OnceCell::new(),
            creates: Pace::default(),
            modifies: Pace::default(),
            deletes: Pace::default(),
            locks: EndpointLocks::default(),
            listing: Recent::new(Service::Ec2, DESCRIBE.name, KEPT),
            watched: Recent::new(Service::Ec2, DESCRIBE.name, KEPT),
            vpcs: Recent::new(Service::Ec2, actions::SUBNETS.name, KEPT),
            services: Recent::new(Service::Ec2, actions::SERVICES.name, KEPT),
        }
    }

    pub(super) async fn client(&self) -> &Client {
        // Boxed like every attempt of a call: the SDK's futures are large, and side by side they fill a thread's stack.
        self.client.get_or_init(|| Box::pin(sdk::client(&self.config, &self.region))).await
    }

    pub(super) fn call<'a>(&'a self, operation: &'a Operation, action: Action) -> Call<'a> {
        Call { operation, region: &self.region, action, pace: None }
    }

    fn paced<'a>(&'a self, operation: &'a Operation, action: Action, pace: &'a Pace) -> Call<'a> {
        Call { pace: Some(pace), ..self.call(operation, action) }
    }

    /// Every endpoint that passes `filter`, page by page, as EC2 describes it.
    pub(super) async fn describe(
        &self,
        operation: &Operation,
        filter: types::Filter,
    ) -> Result<Vec<types::VpcEndpoint>, ApiError> {
        let client = self.client().await;
        let read = |token| {
            let request = client.describe_vpc_endpoints().filters(filter.clone()).max_results(PAGE_SIZE);
            async {
                request.set_next_token(token).send().await.map(|page| (page.vpc_endpoints, page.next_token))
            }
        };
        let call = self.call(operation, DESCRIBE);
        call.pages(types::VpcEndpoint::vpc_endpoint_id, "VpcEndpointSet", read).await
    }

    async fn endpoints(
        &self,
        operation: &Operation,
        filter: types::Filter,
    ) -> Result<Vec<CloudEndpoint>, ApiError> {
        let found = self.describe(operation, filter).await?;
        found.iter().map(|found| convert::endpoint(DESCRIBE.name, found)).collect()
    }

    async fn by_id(
        &self,
        operation: &Operation,
        filter: types::Filter,
    ) -> Result<Arc<BTreeMap<EndpointId, CloudEndpoint>>, ApiError> {
        let found = self.endpoints(operation, filter).await?;
        Ok(Arc::new(found.into_iter().map(|endpoint| (endpoint.id.clone(), endpoint)).collect()))
    }

    async fn modify(&self, operation: &Operation, id: &EndpointId, change: &Change) -> Result<(), ApiError> {
        let client = self.client().await;
        let call = self.paced(operation, MODIFY, &self.modifies);
        call.send(|| async {
            client
                .modify_vpc_endpoint()
                .vpc_endpoint_id(id.as_str())
                .set_add_subnet_ids(texts(&change.add_subnets, |subnet| subnet.as_str()))
                .set_remove_subnet_ids(texts(&change.remove_subnets, |subnet| subnet.as_str()))
                .set_add_security_group_ids(texts(&change.add_security_groups, |group| group.as_str()))
                .set_remove_security_group_ids(texts(&change.remove_security_groups, |group| group.as_str()))
                .set_private_dns_enabled(change.private_dns)
                .send()
                .await
                .map(drop)
                .map_err(|error| call.error(&error))
        })
        .await
    }

    /// Whether a refused change is in place all the same: an attempt whose answer was lost may have taken effect, and
    /// EC2 refuses what is there already.
    async fn is_in_place(
        &self,
        operation: &Operation,
        id: &EndpointId,
        change: &Change,
        refusal: &ApiError,
    ) -> Result<bool, ApiError> {
        let answered = matches!(refusal.kind, ErrorKind::Invalid | ErrorKind::Conflict | ErrorKind::NotFound);
        if !answered || !refusal.outcome_unknown {
            return Ok(false);
        }
        let endpoint = self.get(operation, id).await?;
        Ok(endpoint.is_some_and(|endpoint| in_place(&endpoint, change)))
    }

    /// What was read before a write is not served after it.
    fn forget(&self) {
        self.listing.forget_all();
        self.vpcs.forget_all();
    }
}

#[async_trait]
impl Cloud for AwsRegion {
    fn service(&self) -> Service {
        Service::Ec2
    }

    async fn preflight(
        &self,
        operation: &Operation,
        service: &ServiceFacts,
        wish: &Wish,
    ) -> Result<Preflight, ApiError> {
        self.look_before(operation, service, wish).await
    }

    async fn has_vpc(&self, operation: &Operation, vpc: &VpcId) -> Result<Option<bool>, ApiError> {
        self.look_for_vpc(operation, vpc).await
    }

    async fn endpoints_in(&self, operation: &Operation, vpc: &VpcId) -> Result<Vec<CloudEndpoint>, ApiError> {
        self.endpoints(operation, filter("vpc-id", [vpc.as_str()])).await
    }

    async fn endpoints_to(
        &self,
        operation: &Operation,
        services: &[&ServiceName],
    ) -> Result<Vec<CloudEndpoint>, ApiError> {
        let mut endpoints = Vec::new();
        for services in services.chunks(FILTER_VALUES) {
            let names = services.iter().map(|service| service.as_str());
            endpoints.extend(self.endpoints(operation, filter("service-name", names)).await?);
        }
        Ok(endpoints)
    }

    async fn create(
        &self,
        operation: &Operation,
        create: &CreateEndpoint,
    ) -> Result<CloudEndpoint, ApiError> {
        let client = self.client().await;
        let call = self.paced(operation, CREATE, &self.creates);
        let created = call
            .send(|| async {
                let created = client
                    .create_vpc_endpoint()
                    .vpc_endpoint_type(types::VpcEndpointType::Interface)
                    .service_name(create.service_name.as_str())
                    .vpc_id(create.vpc.as_str())
                    .set_subnet_ids(texts(&create.subnets, |subnet| subnet.as_str()))
                    .set_security_group_ids(texts(&create.security_groups, |group| group.as_str()))
                    // Left out, the service decides, and services differ.
                    .private_dns_enabled(create.private_dns)
                    .client_token(&create.client_token)
                    .set_tag_specifications(tag_specification(&create.tags))
                    .send()
                    .await
                    .map_err(|error| call.error(&error))?;
                let endpoint =
                    created.vpc_endpoint().ok_or_else(|| convert::missing(CREATE.name, "VpcEndpoint"));
                endpoint
                    .and_then(|endpoint| convert::endpoint(CREATE.name, endpoint))
                    .map_err(|error| ApiError { outcome_unknown: true, ..error })
            })
            .await;
        self.forget();
        created
    }

    async fn get(&self, operation: &Operation, id: &EndpointId) -> Result<Option<CloudEndpoint>, ApiError> {
        // By filter, not by id: an endpoint that is gone is an empty answer then, not an error.
        let found = self.endpoints(operation, filter("vpc-endpoint-id", [id.as_str()])).await?;
        Ok(found.into_iter().find(|endpoint| endpoint.id == *id))
    }

    async fn refresh(
        &self,
        operation: &Operation,
        id: &EndpointId,
    ) -> Result<Option<CloudEndpoint>, ApiError> {
        let list = self.by_id(operation, filter("tag-key", [SERVICE_TAG]));
        let listing = self.listing.get(operation, &(), Age::Recent, list).await?;
        match listing.value.get(id) {
            Some(endpoint) if endpoint.exists() => Ok(Some(endpoint.clone())),
            _ => self.get(operation, id).await,
        }
    }

    async fn watch(
        &self,
        operation: &Operation,
        id: &EndpointId,
        service: &ServiceName,
        since: Duration,
    ) -> Result<Option<CloudEndpoint>, ApiError> {
        let list = self.by_id(operation, filter("service-name", [service.as_str()]));
        let watched = self.watched.get(operation, service, Age::Since(since), list).await?;
        Ok(watched.value.get(id).cloned())
    }

    async fn change(&self, operation: &Operation, id: &EndpointId, change: &Change) -> Result<(), ApiError> {
        if change.is_empty() {
            return Ok(());
        }
        let _sole_right = self
            .locks
            .lock(operation, id)
            .await
            .map_err(|halt| ApiError::halted(Service::Ec2, MODIFY.name, halt))?;
        let changed = self.modify(operation, id, change).await;
        self.forget();
        match changed {
            Err(refusal) if self.is_in_place(operation, id, change, &refusal).await? => Ok(()),
            result => result,
        }
    }

    async fn put_tags(
        &self,
        operation: &Operation,
        id: &EndpointId,
        tags: &BTreeMap<String, String>,
    ) -> Result<(), ApiError> {
        if tags.is_empty() {
            return Ok(());
        }
        let client = self.client().await;
        let call = self.call(operation, actions::PUT_TAGS);
        let done = call
            .send(|| async {
                client
                    .create_tags()
                    .resources(id.as_str())
                    .set_tags(Some(sdk_tags(tags)))
                    .send()
                    .await
                    .map(drop)
                    .map_err(|error| call.error(&error))
            })
            .await;
        self.forget();
        done
    }

    async fn remove_tags(
        &self,
        operation: &Operation,
        id: &EndpointId,
        keys: &BTreeSet<String>,
    ) -> Result<(), ApiError> {
        if keys.is_empty() {
            return Ok(());
        }
        let client = self.client().await;
        let call = self.call(operation, actions::REMOVE_TAGS);
        let done = call
            .send(|| async {
                // Without a value the tag goes whatever its value is (EC2 API reference, DeleteTags).
                let tags = keys.iter().map(|key| types::Tag::builder().key(key).build());
                client
                    .delete_tags()
                    .resources(id.as_str())
                    .set_tags(Some(tags.collect()))
                    .send()
                    .await
                    .map(drop)
                    .map_err(|error| call.error(&error))
            })
            .await;
        self.forget();
        done
    }

    async fn delete(&self, operation: &Operation, id: &EndpointId) -> Result<(), ApiError> {
        let client = self.client().await;
        let call = self.paced(operation, DELETE, &self.deletes);
        let deleted = call
            .send(|| async {
                let answer = client
                    .delete_vpc_endpoints()
                    .vpc_endpoint_ids(id.as_str())
                    .send()
                    .await
                    .map_err(|error| call.error(&error))?;
                // EC2 answers 200 whatever happened; failures are in a list.
                match answer.unsuccessful().iter().find_map(types::UnsuccessfulItem::error) {
                    None => Ok(()),
                    Some(error) => {
                        Err(errors::answered(DELETE.name, &self.region, None, error.code(), error.message()))
                    }
                }
            })
            .await;
        self.forget();
        match deleted {
            Err(error) if error.cause == Some(Cause::EndpointNotFound) => Ok(()),
            result => result,
        }
    }

    async fn addresses(
        &self,
        operation: &Operation,
        endpoint: &CloudEndpoint,
    ) -> Result<BTreeSet<IpAddr>, ApiError> {
        let found = self.interfaces(operation, &endpoint.interfaces).await?;
        let addresses = found.iter().filter_map(types::NetworkInterface::private_ip_address);
        Ok(addresses.filter_map(|address| address.parse().ok()).collect())
    }

    async fn interfaces_left(
        &self,
        operation: &Operation,
        interfaces: &BTreeSet<InterfaceId>,
    ) -> Result<BTreeSet<InterfaceId>, ApiError> {
        let found = self.interfaces(operation, interfaces).await?;
        let ids = found.iter().filter_map(types::NetworkInterface::network_interface_id);
        Ok(ids.map(InterfaceId::new).collect())
    }
}

impl AwsRegion {
    /// Those of `interfaces` that exist.
    async fn interfaces(
        &self,
        operation: &Operation,
        interfaces: &BTreeSet<InterfaceId>,
    ) -> Result<Vec<types::NetworkInterface>, ApiError> {
        let client = self.client().await;
        let call = self.call(operation, INTERFACES);
        let mut all = Vec::new();
        let ids: Vec<_> = interfaces.iter().map(InterfaceId::as_str).collect();
        for ids in ids.chunks(FILTER_VALUES) {
            let by_id = filter("network-interface-id", ids.iter().copied());
            let read = |token| {
                let request =
                    client.describe_network_interfaces().filters(by_id.clone()).max_results(PAGE_SIZE);
                async {
                    let page = request.set_next_token(token).send().await;
                    page.map(|page| (page.network_interfaces, page.next_token))
                }
            };
            let id = types::NetworkInterface::network_interface_id;
            all.extend(call.pages(id, "NetworkInterfaceSet", read).await?);
        }
        Ok(all)
    }
}

/// A filter on any of `values`.
pub(super) fn filter<'a>(name: &str, values: impl IntoIterator<Item = &'a str>) -> types::Filter {
    let values = values.into_iter().map(str::to_owned).collect();
    types::Filter::builder().name(name).set_values(Some(values)).build()
}

/// Whether `endpoint` is as `change` would make it.
fn in_place(endpoint: &CloudEndpoint, change: &Change) -> bool {
    endpoint.subnets.is_superset(&change.add_subnets)
        && endpoint.subnets.is_disjoint(&change.remove_subnets)
        && endpoint.security_groups.is_superset(&change.add_security_groups)
        && endpoint.security_groups.is_disjoint(&change.remove_security_groups)
        && change.private_dns.is_none_or(|on| endpoint.private_dns == on)
}

/// A list parameter; nothing for an empty one, because EC2 refuses empty lists.
fn texts<T>(ids: &BTreeSet<T>, text: impl Fn(&T) -> &str) -> Option<Vec<String>> {
    let texts: Vec<_> = ids.iter().map(|id| text(id).to_owned()).collect();
    (!texts.is_empty()).then_some(texts)
}

fn sdk_tags(tags: &BTreeMap<String, String>) -> Vec<types::Tag> {
    tags.iter().map(|(key, value)| types::Tag::builder().key(key).value(value).build()).collect()
}

fn tag_specification(tags: &BTreeMap<String, String>) -> Option<Vec<types::TagSpecification>> {
    let specification = types::TagSpecification::builder()
        .resource_type(types::ResourceType::VpcEndpoint)
        .set_tags(Some(sdk_tags(tags)))
        .build();
    (!tags.is_empty()).then(|| vec![specification])
}
