//! What happens to endpoints of either cloud and to the services they lead to. An id or a name says which cloud it is.

use super::{EventError, no_endpoint};
use crate::world::{EndpointState, Tags, VerificationState, World};

impl World {
    /// The endpoint and its interfaces are gone at once.
    pub(super) fn lose_endpoint(&mut self, endpoint_id: &str) -> Result<(), EventError> {
        if self.alicloud.endpoint(endpoint_id).is_some() {
            self.set_endpoint_subnets(endpoint_id, &[])?;
            self.alicloud.endpoints.retain(|endpoint| endpoint.endpoint_id != endpoint_id);
            return Ok(());
        }
        self.endpoint(endpoint_id)?;
        self.release_endpoint(endpoint_id);
        self.aws.endpoints.retain(|endpoint| endpoint.endpoint_id != endpoint_id);
        Ok(())
    }

    pub(super) fn endpoint_tags(&mut self, endpoint_id: &str) -> Result<&mut Tags, EventError> {
        let aws = self.aws.endpoints.iter_mut().map(|endpoint| (&endpoint.endpoint_id, &mut endpoint.tags));
        let alicloud =
            self.alicloud.endpoints.iter_mut().map(|endpoint| (&endpoint.endpoint_id, &mut endpoint.tags));
        aws.chain(alicloud)
            .find(|(id, _)| *id == endpoint_id)
            .map(|(_, tags)| tags)
            .ok_or_else(|| no_endpoint(endpoint_id))
    }

    pub(super) fn set_endpoint_groups(
        &mut self,
        endpoint_id: &str,
        group_ids: &[String],
    ) -> Result<(), EventError> {
        if self.alicloud.endpoint(endpoint_id).is_some() {
            return self.set_alicloud_groups(endpoint_id, group_ids);
        }
        self.endpoint(endpoint_id)?.security_group_ids = group_ids.to_vec();
        Ok(())
    }

    pub(super) fn set_endpoint_subnets(
        &mut self,
        endpoint_id: &str,
        subnet_ids: &[String],
    ) -> Result<(), EventError> {
        if self.alicloud.endpoint(endpoint_id).is_some() {
            return self.set_alicloud_vswitches(endpoint_id, subnet_ids);
        }
        let endpoint = self.endpoint(endpoint_id)?;
        let (region, service_name) = (endpoint.region.clone(), endpoint.service_name.clone());
        let present = endpoint.subnet_ids.clone();
        for subnet_id in subnet_ids {
            if self.aws.subnet(&region, subnet_id).is_none() {
                return Err(EventError(format!("there is no subnet {subnet_id} in {region}")));
            }
        }
        for subnet_id in present.iter().filter(|id| !subnet_ids.contains(id)) {
            self.detach_subnet(endpoint_id, subnet_id);
        }
        for subnet_id in subnet_ids {
            self.attach_subnet(endpoint_id, subnet_id);
        }
        if let Some(service) = self.aws.service(&region, &service_name).cloned() {
            self.name_endpoint(endpoint_id, &service);
        }
        Ok(())
    }

    pub(super) fn accept_by_hand(&mut self, endpoint_id: &str) -> Result<(), EventError> {
        if self.alicloud.endpoint(endpoint_id).is_some() {
            self.connect_alicloud_endpoint(endpoint_id);
            return Ok(());
        }
        let due = self.now.plus_seconds(self.delays.endpoint_pending);
        let endpoint = self.endpoint(endpoint_id)?;
        if matches!(endpoint.state, EndpointState::PendingAcceptance | EndpointState::Rejected) {
            endpoint.state = EndpointState::Pending;
            endpoint.modifying = false;
            endpoint.due = Some(due);
        }
        endpoint.accepted = true;
        Ok(())
    }

    pub(super) fn set_auto_accept(
        &mut self,
        service_name: &str,
        auto_accept: bool,
    ) -> Result<(), EventError> {
        self.check_service(service_name)?;
        for service in &mut self.aws.services {
            if service.service_name == service_name {
                service.acceptance_required = !auto_accept;
            }
        }
        for service in &mut self.alicloud.services {
            if service.service_name == service_name {
                service.auto_accept = auto_accept;
            }
        }
        Ok(())
    }

    pub(super) fn set_service_visible(
        &mut self,
        service_name: &str,
        visible: bool,
    ) -> Result<(), EventError> {
        self.check_service(service_name)?;
        for service in &mut self.aws.services {
            if service.service_name == service_name {
                service.hidden = !visible;
            }
        }
        for service in &mut self.alicloud.services {
            if service.service_name == service_name {
                service.hidden = !visible;
            }
        }
        Ok(())
    }

    pub(super) fn set_private_dns(
        &mut self,
        service_name: &str,
        name: Option<&str>,
        verification: VerificationState,
    ) -> Result<(), EventError> {
        let service = self.aws.services.iter_mut().find(|service| service.service_name == service_name);
        let service = service.ok_or_else(|| no_such_service(service_name))?;
        service.private_dns_name = name.map(str::to_owned);
        service.private_dns_verification = verification;
        Ok(())
    }

    pub(super) fn delete_service(&mut self, service_name: &str) -> Result<(), EventError> {
        self.check_service(service_name)?;
        self.withdraw_service(service_name);
        Ok(())
    }

    fn check_service(&self, service_name: &str) -> Result<(), EventError> {
        let aws = self.aws.services.iter().map(|service| &service.service_name);
        let alicloud = self.alicloud.services.iter().map(|service| &service.service_name);
        if aws.chain(alicloud).any(|name| name == service_name) {
            return Ok(());
        }
        Err(no_such_service(service_name))
    }

    /// A service is gone. AWS lets its owner delete it only after rejecting its endpoints, so they show `rejected`.
    pub(super) fn withdraw_service(&mut self, service_name: &str) {
        self.aws.services.retain(|service| service.service_name != service_name);
        for endpoint in &mut self.aws.endpoints {
            let stays = !matches!(endpoint.state, EndpointState::Deleting | EndpointState::Deleted);
            if endpoint.service_name == service_name && stays {
                endpoint.state = EndpointState::Rejected;
                endpoint.accepted = false;
                endpoint.modifying = false;
                endpoint.due = None;
            }
        }
        self.withdraw_alicloud_service(service_name);
    }
}

fn no_such_service(service_name: &str) -> EventError {
    EventError(format!("there is no endpoint service {service_name}"))
}
