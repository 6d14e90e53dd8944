//! What EC2 checks before it makes or changes an endpoint, in its order, and the words in which it refuses.

use std::collections::BTreeSet;

use super::{EndpointChange, NewEndpoint, deduplicated};
use crate::world::{Ec2Error, EndpointService, EndpointState, VerificationState, World, check_id};

impl World {
    /// Whether an endpoint can be made as asked.
    pub(super) fn check_new_endpoint(&self, new: &NewEndpoint) -> Result<(), Ec2Error> {
        let region = new.region.as_str();
        check_id("InvalidVpcId.Malformed", "vpc", &new.vpc_id)?;
        self.aws.vpc(region, &new.vpc_id).ok_or_else(|| Ec2Error::unknown_vpc(&new.vpc_id))?;
        let service = self
            .aws
            .offered(region, &new.service_name)
            .ok_or_else(|| Ec2Error::unknown_service(&new.service_name))?;
        self.check_subnets(service, &new.vpc_id, &[], &new.subnet_ids)?;
        self.check_groups(region, &new.vpc_id, &new.security_group_ids)?;
        let live = self
            .aws
            .endpoints
            .iter()
            .filter(|endpoint| endpoint.vpc_id == new.vpc_id && endpoint.state.is_live())
            .count();
        if live >= self.limits.endpoints_per_vpc {
            return Err(Ec2Error::new(
                "VpcEndpointLimitExceeded",
                format!(
                    "The maximum number of VPC endpoints has been reached: {} for {}",
                    self.limits.endpoints_per_vpc, new.vpc_id
                ),
            ));
        }
        if new.private_dns_enabled.unwrap_or(!service.acceptance_required) {
            self.check_private_dns(service, &new.vpc_id, !service.acceptance_required, None)?;
        }
        Ok(())
    }

    /// Whether an endpoint can be changed as asked.
    pub(super) fn check_endpoint_change(
        &self,
        region: &str,
        endpoint_id: &str,
        change: &EndpointChange,
    ) -> Result<(), Ec2Error> {
        check_id("InvalidVpcEndpointId.Malformed", "vpce", endpoint_id)?;
        let endpoint = self
            .described_endpoint(region, endpoint_id)
            .filter(|endpoint| endpoint.state != EndpointState::Deleted)
            .ok_or_else(|| Ec2Error::unknown_endpoint(endpoint_id))?;
        let service = self
            .aws
            .service(region, &endpoint.service_name)
            .ok_or_else(|| Ec2Error::unknown_service(&endpoint.service_name))?;
        if change.private_dns_enabled == Some(true) && !endpoint.accepted {
            return Err(Ec2Error::not_accepted(&service.service_name));
        }
        match endpoint.state {
            EndpointState::Available | EndpointState::PendingAcceptance => {}
            EndpointState::Pending if endpoint.modifying => {
                return Err(Ec2Error::new("OperationInProgress", "VpcEndpoint modify operation in progress"));
            }
            EndpointState::Pending => {
                return Err(Ec2Error::invalid_parameter(format!(
                    "Cannot modify VPC Endpoint {endpoint_id} at this time because there is an idempotent operation going on"
                )));
            }
            other => {
                return Err(Ec2Error::new(
                    "IncorrectState",
                    format!("The VPC endpoint {endpoint_id} is in the {} state", other.as_str()),
                ));
            }
        }
        for subnet in &change.remove_subnets {
            if self.aws.subnet(region, subnet).is_none() {
                return Err(Ec2Error::unknown_subnet(subnet));
            }
        }
        // A swap inside one zone is refused too: EC2 adds before it removes.
        self.check_subnets(service, &endpoint.vpc_id, &endpoint.subnet_ids, &change.add_subnets)?;
        self.check_groups(region, &endpoint.vpc_id, &change.add_groups)?;
        if change.private_dns_enabled == Some(true) && !endpoint.private_dns_enabled {
            self.check_private_dns(service, &endpoint.vpc_id, endpoint.accepted, Some(endpoint_id))?;
        }
        Ok(())
    }

    /// The endpoint that the request made when it was sent before.
    pub(super) fn made_with_token(&self, new: &NewEndpoint) -> Result<Option<String>, Ec2Error> {
        let seen = new.client_token.as_ref().and_then(|token| {
            self.aws.client_tokens.iter().find(|seen| &seen.token == token && seen.region == new.region)
        });
        match seen {
            // Once the endpoint is gone for good, its token is forgotten with it.
            Some(seen) if self.aws.endpoint(&seen.endpoint_id).is_none() => Ok(None),
            Some(seen) if seen.fingerprint == new.fingerprint => Ok(Some(seen.endpoint_id.clone())),
            Some(_) => Err(Ec2Error::new(
                "IdempotentParameterMismatch",
                "The client token you have provided is already associated with another request with different parameters",
            )),
            None => Ok(None),
        }
    }

    /// Checks subnets to add to those already there: each of this network, in a zone of the service, one for a zone.
    fn check_subnets(
        &self,
        service: &EndpointService,
        vpc_id: &str,
        present: &[String],
        added: &[String],
    ) -> Result<(), Ec2Error> {
        let mut zones: BTreeSet<&str> = present
            .iter()
            .filter_map(|id| self.aws.subnet(&service.region, id))
            .map(|subnet| subnet.zone_id.as_str())
            .collect();
        for id in deduplicated(added) {
            check_id("InvalidSubnetId.Malformed", "subnet", &id)?;
            let subnet =
                self.aws.subnet(&service.region, &id).ok_or_else(|| Ec2Error::unknown_subnet(&id))?;
            if subnet.vpc_id != vpc_id {
                return Err(Ec2Error::invalid_parameter(format!(
                    "The subnet {id} does not belong to the VPC {vpc_id}"
                )));
            }
            if present.contains(&id) {
                continue;
            }
            if !service.zone_ids.contains(&subnet.zone_id) {
                return Err(Ec2Error::invalid_parameter(format!(
                    "The VPC endpoint service {} does not support the availability zone of the subnet: {id}.",
                    service.service_name
                )));
            }
            if !zones.insert(&subnet.zone_id) {
                return Err(Ec2Error::new(
                    "DuplicateSubnetsInSameZone",
                    format!(
                        "Found another VPC endpoint subnet in the availability zone of {id}. VPC endpoint subnets should be in different availability zones supported by the VPC endpoint service."
                    ),
                ));
            }
            if subnet.free_addresses == 0 {
                return Err(Ec2Error::new(
                    "InsufficientFreeAddressesInSubnet",
                    format!("The subnet {id} does not have enough free addresses"),
                ));
            }
        }
        Ok(())
    }

    fn check_groups(&self, region: &str, vpc_id: &str, groups: &[String]) -> Result<(), Ec2Error> {
        for id in groups {
            check_id("InvalidSecurityGroupId.Malformed", "sg", id)?;
            let group = self.aws.security_group(region, id).ok_or_else(|| {
                Ec2Error::new(
                    "InvalidSecurityGroupID.NotFound",
                    format!("The security group '{id}' does not exist"),
                )
            })?;
            if group.vpc_id != vpc_id {
                return Err(Ec2Error::invalid_parameter(format!(
                    "Security group {id} and VPC {vpc_id} belong to different networks"
                )));
            }
        }
        if deduplicated(groups).len() > 5 {
            return Err(Ec2Error::new(
                "SecurityGroupsPerInterfaceLimitExceeded",
                "The maximum number of security groups per interface has been reached.",
            ));
        }
        Ok(())
    }

    fn check_private_dns(
        &self,
        service: &EndpointService,
        vpc_id: &str,
        accepted: bool,
        own_id: Option<&str>,
    ) -> Result<(), Ec2Error> {
        let name = service.private_dns_name.as_deref().ok_or_else(|| {
            Ec2Error::invalid_parameter(format!(
                "Private DNS can't be enabled because the service {} does not provide a private DNS name.",
                service.service_name
            ))
        })?;
        if service.private_dns_verification != VerificationState::Verified {
            return Err(Ec2Error::invalid_parameter(format!(
                "Private DNS can't be enabled because the service {} has not verified the private DNS name.",
                service.service_name
            )));
        }
        if !accepted {
            return Err(Ec2Error::not_accepted(&service.service_name));
        }
        let vpc = self.aws.vpc(&service.region, vpc_id).ok_or_else(|| Ec2Error::unknown_vpc(vpc_id))?;
        if !(vpc.dns_support && vpc.dns_hostnames) {
            return Err(Ec2Error::invalid_parameter(format!(
                "Enabling private DNS requires both enableDnsSupport and enableDnsHostnames VPC attributes set to true for {vpc_id}"
            )));
        }
        let by_endpoint = self.aws.endpoints.iter().any(|other| {
            Some(other.endpoint_id.as_str()) != own_id
                && other.vpc_id == vpc_id
                && other.private_dns_enabled
                && other.state.is_live()
                && self
                    .aws
                    .service(&other.region, &other.service_name)
                    .and_then(|service| service.private_dns_name.as_deref())
                    == Some(name)
        });
        let by_zone = vpc.private_zones.iter().any(|zone| zone == name);
        let by_lingering =
            vpc.lingering_names.iter().any(|lingering| lingering.name == name && lingering.until > self.now);
        if by_endpoint || by_zone || by_lingering {
            return Err(Ec2Error::invalid_parameter(format!(
                "private-dns-enabled cannot be set because there is already a conflicting DNS domain for {name} in the VPC {vpc_id}"
            )));
        }
        Ok(())
    }
}
