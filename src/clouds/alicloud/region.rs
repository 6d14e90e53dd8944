//! PrivateLink in one region, with the VPC and ECS reads around it: the calls that the private endpoint needs. Every one
//! is signed, repeated and translated below; callers see [`Cloud`] and nothing of the API.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::fmt;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use futures_util::future::try_join_all;

use super::actions::{
    CREATE, DESCRIBE_GROUP, DESCRIBE_VPC, DESCRIBE_VSWITCH, LIST_ENDPOINTS, LIST_GROUPS, LIST_SERVICES,
    LIST_ZONES, PAGE, SMALL_PAGE, TAG, TAGGED, TAGS_AT_ONCE, UNTAG,
};
use super::call::Caller;
use super::convert::{Group, Known, Parts, Row, Zone};
use super::encode::Params;
use super::preflight::{GroupView, ServiceView, VpcView};
use super::products::Action;
use super::rpc::Answer;
use crate::clouds::locks::EndpointLocks;
use crate::clouds::{
    Change, Cloud, CloudEndpoint, CreateEndpoint, KEPT, Preflight, SERVICE_TAG, ServiceFacts, Wish,
};
use crate::error::{ApiError, Cause, ErrorKind, Service};
use crate::ids::{EndpointId, InterfaceId, Region, SecurityGroupId, ServiceName, SubnetId, VpcId, ZoneId};
use crate::json::{Misfit, Node};
use crate::operation::Operation;
use crate::pages::{Page, Pages};
use crate::recent::Recent;

/// Alibaba Cloud in one region with one set of credentials.
pub struct AlicloudRegion {
    caller: Arc<Caller>,
    pub(super) region: Region,
    pub(super) locks: EndpointLocks,
    /// The zones of vSwitches; they never move.
    zones: Mutex<HashMap<SubnetId, ZoneId>>,
    /// Whether services accept endpoints by themselves, as they last said.
    accepts: Mutex<HashMap<ServiceName, bool>>,
    /// Endpoints that were seen let in by their service's owner: one that is disconnected after that was cut off.
    let_in: Mutex<HashSet<EndpointId>>,
    pub(super) vpcs: Recent<VpcId, Arc<VpcView>>,
    pub(super) groups: Recent<SecurityGroupId, Arc<GroupView>>,
    pub(super) services: Recent<ServiceName, Arc<ServiceView>>,
}

impl fmt::Debug for AlicloudRegion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AlicloudRegion").field("region", &self.region).finish_non_exhaustive()
    }
}

impl AlicloudRegion {
    /// Alibaba Cloud in `region`. Finds and calls nothing yet.
    pub(super) fn new(caller: Arc<Caller>, region: Region) -> Self {
        Self {
            caller,
            region,
            locks: EndpointLocks::default(),
            zones: Mutex::default(),
            accepts: Mutex::default(),
            let_in: Mutex::default(),
            vpcs: Recent::new(DESCRIBE_VPC.product.service(), DESCRIBE_VPC.name, KEPT),
            groups: Recent::new(DESCRIBE_GROUP.product.service(), DESCRIBE_GROUP.name, KEPT),
            services: Recent::new(LIST_SERVICES.product.service(), LIST_SERVICES.name, KEPT),
        }
    }

    /// The parameter that every regional action needs.
    pub(super) fn params(&self) -> Params {
        Params::new().with("RegionId", self.region.as_str())
    }

    /// The same with the endpoint that is meant.
    pub(super) fn params_of(&self, id: &EndpointId) -> Params {
        self.params().with("EndpointId", id.as_str())
    }

    pub(super) async fn call(
        &self,
        operation: &Operation,
        action: Action,
        params: &Params,
    ) -> Result<Answer, ApiError> {
        self.caller.call(operation, &self.region, action, params).await
    }

    /// Makes a write that is the same one however often it is sent, and lets nobody see what was read before it.
    pub(super) async fn write(
        &self,
        operation: &Operation,
        action: Action,
        params: Params,
    ) -> Result<Answer, ApiError> {
        let params = params.with("ClientToken", operation.random().token());
        let answer = self.call(operation, action, &params).await;
        self.vpcs.forget_all();
        answer
    }

    /// The items of a listing, page by page; `key` tells one from all others.
    pub(super) async fn listing<T>(
        &self,
        operation: &Operation,
        action: Action,
        params: Params,
        list: &str,
        read: impl Fn(&Node<'_>) -> Result<T, Misfit>,
        key: fn(&T) -> Option<&str>,
    ) -> Result<Vec<T>, ApiError> {
        let mut pages = Pages::by(key);
        while let Some(token) = pages.due() {
            let params = params.clone().maybe("NextToken", token.as_deref());
            let answer = self.call(operation, action, &params).await?;
            let page = answer.decode(|answer| {
                let (items, total) = answer.listing(list, "TotalCount")?;
                let items = items.iter().map(&read).collect::<Result<_, _>>()?;
                Ok(Page { items, next: answer.optional_text("NextToken")?, total })
            })?;
            pages.add(page).map_err(|disorder| answer.malformed(disorder.to_string()))?;
        }
        Ok(pages.into_items())
    }

    /// Every endpoint that fits `params`, without its parts.
    pub(super) async fn rows(&self, operation: &Operation, params: Params) -> Result<Vec<Row>, ApiError> {
        let params = params.with("MaxResults", PAGE);
        self.listing(operation, LIST_ENDPOINTS, params, "Endpoints", Row::read, |row| Some(row.id.as_str()))
            .await
    }

    async fn row(&self, operation: &Operation, id: &EndpointId) -> Result<Option<Row>, ApiError> {
        match self.rows(operation, self.params_of(id)).await {
            Ok(rows) => Ok(rows.into_iter().find(|row| row.id == *id)),
            Err(error) if error.cause == Some(Cause::EndpointNotFound) => Ok(None),
            Err(error) => Err(error),
        }
    }

    async fn parts_of(
        &self,
        operation: &Operation,
        id: &EndpointId,
    ) -> Result<(Vec<Zone>, Vec<Group>), ApiError> {
        let params = || self.params_of(id).with("MaxResults", SMALL_PAGE);
        let (zones, groups) = tokio::join!(
            self.listing(operation, LIST_ZONES, params(), "Zones", Zone::read, |zone| {
                zone.interface.as_ref().map(InterfaceId::as_str)
            }),
            self.listing(operation, LIST_GROUPS, params(), "SecurityGroups", Group::read, |group| {
                Some(group.id.as_str())
            }),
        );
        Ok((or_none(zones)?, or_none(groups)?))
    }

    /// An endpoint with all its parts, read side by side; `None` when there is none (any more).
    pub(super) async fn parts(
        &self,
        operation: &Operation,
        id: &EndpointId,
    ) -> Result<Option<Parts>, ApiError> {
        let (row, parts) = tokio::join!(self.row(operation, id), self.parts_of(operation, id));
        let Some(row) = row? else {
            let (zones, _) = parts.unwrap_or_default();
            // What has zones exists, whatever the list says. Its end would be believed and the endpoint forgotten.
            if !zones.is_empty() {
                let message = format!("endpoint {id} is not listed, but its zones are");
                return Err(ApiError::new(
                    Service::AlicloudPrivateLink,
                    LIST_ENDPOINTS.name,
                    ErrorKind::Malformed,
                    message,
                ));
            }
            return Ok(None);
        };
        let (zones, groups) = parts?;
        Ok(Some(Parts { row, zones, groups }))
    }

    pub(super) fn endpoint(&self, parts: Parts) -> CloudEndpoint {
        let accepts = lock(&self.accepts).get(&parts.row.service_name).copied();
        let mut let_in = lock(&self.let_in);
        if parts.row.was_let_in() {
            let_in.insert(parts.row.id.clone());
        }
        let connected = let_in.contains(&parts.row.id);
        drop(let_in);
        parts.endpoint(Known { accepts, connected })
    }

    /// Keeps what a look at a service told, so that a reason can be given for an endpoint that waits for acceptance.
    pub(super) fn remember_acceptance(&self, service: &ServiceName, by_itself: bool) {
        lock(&self.accepts).insert(service.clone(), by_itself);
    }

    /// Keeps the zone of a vSwitch.
    pub(super) fn remember_zone(&self, vswitch: &SubnetId, zone: &ZoneId) {
        lock(&self.zones).insert(vswitch.clone(), zone.clone());
    }

    /// The zones of vSwitches; those that nobody has asked for before are read side by side.
    pub(super) async fn zones_of(
        &self,
        operation: &Operation,
        vswitches: &BTreeSet<SubnetId>,
    ) -> Result<BTreeMap<SubnetId, ZoneId>, ApiError> {
        let zones = vswitches.iter().map(async |vswitch| {
            let known = lock(&self.zones).get(vswitch).cloned();
            if let Some(zone) = known {
                return Ok((vswitch.clone(), zone));
            }
            let (_, zone) = self.vswitch(operation, vswitch).await?.ok_or_else(|| {
                let message = format!("the vSwitch {vswitch} does not exist in {}", self.region);
                let mut error =
                    ApiError::new(Service::AlicloudVpc, DESCRIBE_VSWITCH.name, ErrorKind::NotFound, message);
                error.cause = Some(Cause::SubnetNotFound);
                error
            })?;
            Ok((vswitch.clone(), zone))
        });
        Ok(try_join_all(zones).await?.into_iter().collect())
    }

    /// The VPC and the zone of a vSwitch; `None` when there is none of that id. VPC says that in two ways: as an error,
    /// and as an answer with empty fields.
    pub(super) async fn vswitch(
        &self,
        operation: &Operation,
        vswitch: &SubnetId,
    ) -> Result<Option<(VpcId, ZoneId)>, ApiError> {
        let params = self.params().with("VSwitchId", vswitch.as_str());
        let answer = match self.call(operation, DESCRIBE_VSWITCH, &params).await {
            Err(error) if error.cause == Some(Cause::SubnetNotFound) => return Ok(None),
            answer => answer?,
        };
        let found = answer.decode(|answer| {
            if answer.word("VSwitchId")? != vswitch.as_str() {
                return Ok(None);
            }
            Ok(Some((answer.id("VpcId")?, ZoneId::new(answer.text("ZoneId")?))))
        })?;
        if let Some((_, zone)) = &found {
            self.remember_zone(vswitch, zone);
        }
        Ok(found)
    }
}

#[async_trait]
impl Cloud for AlicloudRegion {
    fn service(&self) -> Service {
        Service::AlicloudPrivateLink
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
        let rows = self.rows(operation, self.params().with("VpcId", vpc.as_str())).await?;
        let endpoints = rows.into_iter().map(async |row| {
            // The parts of endpoints that are not ours are nobody's business, and two calls each.
            if !row.tags.contains_key(SERVICE_TAG) {
                return Ok(self.endpoint(Parts::of(row)));
            }
            let (zones, groups) = self.parts_of(operation, &row.id).await?;
            Ok(self.endpoint(Parts { row, zones, groups }))
        });
        try_join_all(endpoints).await
    }

    async fn endpoints_to(
        &self,
        operation: &Operation,
        services: &[&ServiceName],
    ) -> Result<Vec<CloudEndpoint>, ApiError> {
        let mut rows = Vec::new();
        // The action takes one name, and a region has one service for all of its clusters.
        for service in services {
            rows.extend(self.rows(operation, self.params().with("ServiceName", service.as_str())).await?);
        }
        let endpoints = rows.into_iter().map(async |row| {
            let (zones, groups) = self.parts_of(operation, &row.id).await?;
            Ok(self.endpoint(Parts { row, zones, groups }))
        });
        try_join_all(endpoints).await
    }

    async fn create(
        &self,
        operation: &Operation,
        create: &CreateEndpoint,
    ) -> Result<CloudEndpoint, ApiError> {
        let zones = self.zones_of(operation, &create.subnets).await?;
        let pairs = zones.iter().map(|(vswitch, zone)| (zone.as_str(), vswitch.as_str()));
        let tags = create.tags.iter().map(|(key, value)| (key.as_str(), value.as_str()));
        let params = self
            .params()
            .with("EndpointType", "Interface")
            .with("ServiceName", create.service_name.as_str())
            .with("VpcId", create.vpc.as_str())
            .list("SecurityGroupId", create.security_groups.iter().map(SecurityGroupId::as_str))
            .pairs("Zone", ("ZoneId", "VSwitchId"), pairs)
            .pairs("Tag", ("Key", "Value"), tags)
            .maybe("EndpointName", create.name.as_deref())
            .with("ClientToken", create.client_token.as_str());
        let answer = self.call(operation, CREATE, &params).await;
        self.vpcs.forget_all();
        let mut row = answer?.decode(|answer| Row::read(&answer))?;
        // The answer leaves out what the same call set.
        row.tags.extend(create.tags.clone());
        row.service_name = create.service_name.clone();
        let zones = zones.into_iter().map(|(vswitch, zone)| Zone {
            zone,
            vswitch,
            interface: None,
            domain: None,
            address: None,
            status: "Creating".to_owned(),
        });
        let groups = create.security_groups.iter();
        let groups = groups.map(|group| Group { id: group.clone(), status: "Attaching".to_owned() });
        Ok(self.endpoint(Parts { row, zones: zones.collect(), groups: groups.collect() }))
    }

    async fn get(&self, operation: &Operation, id: &EndpointId) -> Result<Option<CloudEndpoint>, ApiError> {
        Ok(self.parts(operation, id).await?.map(|parts| self.endpoint(parts)))
    }

    async fn change(&self, operation: &Operation, id: &EndpointId, change: &Change) -> Result<(), ApiError> {
        if change.is_empty() {
            return Ok(());
        }
        self.make_changes(operation, id, change).await
    }

    async fn put_tags(
        &self,
        operation: &Operation,
        id: &EndpointId,
        tags: &BTreeMap<String, String>,
    ) -> Result<(), ApiError> {
        let tags: Vec<_> = tags.iter().map(|(key, value)| (key.as_str(), value.as_str())).collect();
        for tags in tags.chunks(TAGS_AT_ONCE) {
            let params = self.tagged(id).pairs("Tag", ("Key", "Value"), tags.iter().copied());
            self.write(operation, TAG, params).await?;
        }
        Ok(())
    }

    async fn remove_tags(
        &self,
        operation: &Operation,
        id: &EndpointId,
        keys: &BTreeSet<String>,
    ) -> Result<(), ApiError> {
        let keys: Vec<_> = keys.iter().collect();
        for keys in keys.chunks(TAGS_AT_ONCE) {
            let params = self.tagged(id).list("TagKey", keys.iter().copied());
            self.write(operation, UNTAG, params).await?;
        }
        Ok(())
    }

    async fn delete(&self, operation: &Operation, id: &EndpointId) -> Result<(), ApiError> {
        self.take_down(operation, id).await
    }

    async fn addresses(
        &self,
        operation: &Operation,
        endpoint: &CloudEndpoint,
    ) -> Result<BTreeSet<IpAddr>, ApiError> {
        let (zones, _) = self.parts_of(operation, &endpoint.id).await?;
        Ok(zones.into_iter().filter_map(|zone| zone.address).collect())
    }

    /// None: an endpoint's interfaces are its zones', and those are gone before it is.
    async fn interfaces_left(
        &self,
        _operation: &Operation,
        _interfaces: &BTreeSet<InterfaceId>,
    ) -> Result<BTreeSet<InterfaceId>, ApiError> {
        Ok(BTreeSet::new())
    }
}

impl AlicloudRegion {
    fn tagged(&self, id: &EndpointId) -> Params {
        self.params().with("ResourceType", TAGGED).list("ResourceId", [id.as_str()])
    }
}

/// Parts of an endpoint that went, or is not known everywhere yet, are none.
fn or_none<T>(listed: Result<Vec<T>, ApiError>) -> Result<Vec<T>, ApiError> {
    match listed {
        Err(error) if error.cause == Some(Cause::EndpointNotFound) => Ok(Vec::new()),
        listed => listed,
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
