//! The cloud side of an endpoint that somebody else looks after. Nothing is asked of the cloud and nothing is done there, so
//! no credentials are needed and what a state holds does not depend on whose credentials a run has.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use async_trait::async_trait;

use super::{Change, Cloud, CloudEndpoint, CloudState, CreateEndpoint, Preflight, ServiceFacts, Wish};
use crate::error::{ApiError, ErrorKind, Service};
use crate::ids::{EndpointId, InterfaceId, ServiceName, VpcId};
use crate::operation::Operation;

/// A cloud that is not looked at: whatever endpoint is asked for is there, in a state that only TiDB Cloud can tell.
#[derive(Clone, Copy, Debug)]
pub struct Unseen;

impl CloudEndpoint {
    /// An endpoint of which nothing is known but its id.
    pub fn unseen(id: EndpointId) -> Self {
        Self {
            id,
            service_name: ServiceName::new(""),
            vpc: VpcId::new(""),
            state: CloudState::Unseen,
            reason: None,
            subnets: BTreeSet::new(),
            security_groups: BTreeSet::new(),
            private_dns: false,
            tags: BTreeMap::new(),
            interfaces: BTreeSet::new(),
            dns_names: Vec::new(),
            host: None,
            name: None,
        }
    }

    /// Whether it was looked at. Of one that was not, its registration is all there is to see and to clear up.
    pub fn is_seen(&self) -> bool {
        self.state != CloudState::Unseen
    }
}

#[async_trait]
impl Cloud for Unseen {
    fn service(&self) -> Service {
        Service::Ec2
    }

    async fn preflight(
        &self,
        _operation: &Operation,
        service: &ServiceFacts,
        _wish: &Wish,
    ) -> Result<Preflight, ApiError> {
        Ok(Preflight { not_checked: not_checked(service), ..Preflight::default() })
    }

    async fn has_vpc(&self, _operation: &Operation, _vpc: &VpcId) -> Result<Option<bool>, ApiError> {
        Ok(None)
    }

    async fn endpoints_in(
        &self,
        _operation: &Operation,
        _vpc: &VpcId,
    ) -> Result<Vec<CloudEndpoint>, ApiError> {
        Ok(Vec::new())
    }

    async fn endpoints_to(
        &self,
        _operation: &Operation,
        _services: &[&ServiceName],
    ) -> Result<Vec<CloudEndpoint>, ApiError> {
        Ok(Vec::new())
    }

    async fn create(
        &self,
        _operation: &Operation,
        _create: &CreateEndpoint,
    ) -> Result<CloudEndpoint, ApiError> {
        // No walk gets here: its endpoint is there from the start.
        let message = "the endpoint is for somebody else to make";
        Err(ApiError::new(self.service(), "CreateVpcEndpoint", ErrorKind::Invalid, message))
    }

    async fn get(&self, _operation: &Operation, id: &EndpointId) -> Result<Option<CloudEndpoint>, ApiError> {
        Ok(Some(CloudEndpoint::unseen(id.clone())))
    }

    async fn change(
        &self,
        _operation: &Operation,
        _id: &EndpointId,
        _change: &Change,
    ) -> Result<(), ApiError> {
        Ok(())
    }

    async fn put_tags(
        &self,
        _operation: &Operation,
        _id: &EndpointId,
        _tags: &BTreeMap<String, String>,
    ) -> Result<(), ApiError> {
        Ok(())
    }

    async fn remove_tags(
        &self,
        _operation: &Operation,
        _id: &EndpointId,
        _keys: &BTreeSet<String>,
    ) -> Result<(), ApiError> {
        Ok(())
    }

    async fn delete(&self, _operation: &Operation, _id: &EndpointId) -> Result<(), ApiError> {
        Ok(())
    }

    async fn addresses(
        &self,
        _operation: &Operation,
        _endpoint: &CloudEndpoint,
    ) -> Result<BTreeSet<IpAddr>, ApiError> {
        Ok(BTreeSet::new())
    }

    async fn interfaces_left(
        &self,
        _operation: &Operation,
        _interfaces: &BTreeSet<InterfaceId>,
    ) -> Result<BTreeSet<InterfaceId>, ApiError> {
        Ok(BTreeSet::new())
    }
}

/// What whoever looks after the endpoint has to see to.
pub fn not_checked(service: &ServiceFacts) -> Vec<String> {
    vec![
        format!("that the endpoint is in {} and leads to {}", service.region, service.name),
        format!("that its security groups let clients in on port {}", service.port),
        "that private DNS is off until TiDB Cloud has accepted the endpoint, and switched on then".to_owned(),
    ]
}
