//! EC2's rules for interface endpoints: what CreateVpcEndpoint, ModifyVpcEndpoint and DeleteVpcEndpoints check, in what
//! words they refuse, and what they change. What happens afterwards by itself is in `advance`.

use std::collections::BTreeSet;

use super::ec2_error::check_id;
use super::{
    ClientToken, DnsEntry, Ec2Error, EndpointService, EndpointState, LingeringName, NetworkInterface, Tags,
    VerificationState, VpcEndpoint, World,
};

/// What CreateVpcEndpoint asks for.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct NewEndpoint {
    pub(crate) region: String,
    pub(crate) vpc_id: String,
    pub(crate) service_name: String,
    pub(crate) subnet_ids: Vec<String>,
    pub(crate) security_group_ids: Vec<String>,
    /// Left out, EC2 turns it on exactly when the service needs no acceptance.
    pub(crate) private_dns_enabled: Option<bool>,
    pub(crate) tags: Tags,
    pub(crate) client_token: Option<String>,
    /// The request's parameters but the token, digested.
    pub(crate) fingerprint: String,
}

/// What ModifyVpcEndpoint asks for.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct EndpointChange {
    pub(crate) add_subnets: Vec<String>,
    pub(crate) remove_subnets: Vec<String>,
    pub(crate) add_groups: Vec<String>,
    pub(crate) remove_groups: Vec<String>,
    pub(crate) private_dns_enabled: Option<bool>,
}

/// An id that DeleteVpcEndpoints could not delete, and why.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Undeleted {
    pub(crate) endpoint_id: String,
    pub(crate) error: Ec2Error,
}

impl World {
    fn check_new_endpoint(&self, new: &NewEndpoint) -> Result<(), Ec2Error> {
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

    /// CreateVpcEndpoint. A client token seen before gives the endpoint it made, as it is now.
    pub(crate) fn create_endpoint(&mut self, new: &NewEndpoint) -> Result<String, Ec2Error> {
        if let Some(made) = self.made_with_token(new)? {
            return Ok(made);
        }
        self.check_new_endpoint(new)?;
        let (acceptance_required, service) = self
            .aws
            .service(&new.region, &new.service_name)
            .map(|service| (service.acceptance_required, service.clone()))
            .ok_or_else(|| Ec2Error::unknown_service(&new.service_name))?;
        let endpoint_id = self.ids.aws("vpce");
        let groups = if new.security_group_ids.is_empty() {
            self.default_group(&new.vpc_id)
        } else {
            deduplicated(&new.security_group_ids)
        };
        self.aws.endpoints.push(VpcEndpoint {
            endpoint_id: endpoint_id.clone(),
            region: new.region.clone(),
            vpc_id: new.vpc_id.clone(),
            service_name: new.service_name.clone(),
            state: if acceptance_required {
                EndpointState::PendingAcceptance
            } else {
                EndpointState::Pending
            },
            accepted: !acceptance_required,
            modifying: false,
            subnet_ids: Vec::new(),
            security_group_ids: groups,
            private_dns_enabled: new.private_dns_enabled.unwrap_or(!acceptance_required),
            network_interface_ids: Vec::new(),
            dns_entries: Vec::new(),
            tags: new.tags.clone(),
            created: self.now,
            last_error: None,
            due: (!acceptance_required).then(|| self.now.plus_seconds(self.delays.endpoint_pending)),
        });
        for subnet in deduplicated(&new.subnet_ids) {
            self.attach_subnet(&endpoint_id, &subnet);
        }
        self.name_endpoint(&endpoint_id, &service);
        if let Some(token) = &new.client_token {
            self.aws.client_tokens.push(ClientToken {
                region: new.region.clone(),
                token: token.clone(),
                fingerprint: new.fingerprint.clone(),
                endpoint_id: endpoint_id.clone(),
            });
        }
        Ok(endpoint_id)
    }

    fn check_endpoint_change(
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

    /// ModifyVpcEndpoint. The endpoint shows `pending` for a while, except before acceptance.
    pub(crate) fn modify_endpoint(
        &mut self,
        region: &str,
        endpoint_id: &str,
        change: &EndpointChange,
    ) -> Result<(), Ec2Error> {
        self.check_endpoint_change(region, endpoint_id, change)?;
        for subnet in &change.remove_subnets {
            self.detach_subnet(endpoint_id, subnet);
        }
        for subnet in deduplicated(&change.add_subnets) {
            self.attach_subnet(endpoint_id, &subnet);
        }
        let due = self.now.plus_seconds(self.delays.endpoint_modify);
        let Some(endpoint) = self.aws.endpoint_mut(endpoint_id) else {
            return Err(Ec2Error::unknown_endpoint(endpoint_id));
        };
        endpoint.security_group_ids.retain(|group| !change.remove_groups.contains(group));
        for group in &change.add_groups {
            if !endpoint.security_group_ids.contains(group) {
                endpoint.security_group_ids.push(group.clone());
            }
        }
        if let Some(enabled) = change.private_dns_enabled {
            endpoint.private_dns_enabled = enabled;
        }
        if endpoint.state == EndpointState::Available {
            endpoint.state = EndpointState::Pending;
            endpoint.modifying = true;
            endpoint.due = Some(due);
        }
        let service_name = endpoint.service_name.clone();
        if let Some(service) = self.aws.service(region, &service_name).cloned() {
            self.name_endpoint(endpoint_id, &service);
        }
        Ok(())
    }

    /// DeleteVpcEndpoints: succeeds as a whole and names the ids it could not delete.
    pub(crate) fn delete_endpoints(&mut self, region: &str, ids: &[String]) -> Vec<Undeleted> {
        let mut undeleted = Vec::new();
        for endpoint_id in ids {
            if let Err(error) = self.delete_endpoint(region, endpoint_id) {
                undeleted.push(Undeleted { endpoint_id: endpoint_id.clone(), error });
            }
        }
        undeleted
    }

    fn delete_endpoint(&mut self, region: &str, endpoint_id: &str) -> Result<(), Ec2Error> {
        let due = self.now.plus_seconds(self.delays.endpoint_deleting);
        check_id("InvalidVpcEndpointId.Malformed", "vpce", endpoint_id)?;
        let endpoint = self
            .aws
            .endpoint_mut(endpoint_id)
            .filter(|endpoint| endpoint.region == region)
            .filter(|endpoint| endpoint.state != EndpointState::Deleted)
            .ok_or_else(|| {
                // DeleteVpcEndpoints spells this code unlike the other actions.
                Ec2Error::new(
                    "InvalidVpcEndpoint.NotFound",
                    format!("The Vpc Endpoint Id '{endpoint_id}' does not exist"),
                )
            })?;
        if endpoint.state != EndpointState::Deleting {
            endpoint.state = EndpointState::Deleting;
            endpoint.modifying = false;
            endpoint.due = Some(due);
        }
        Ok(())
    }

    /// An endpoint that Describe calls can see: it is in this region and old enough.
    pub(crate) fn described_endpoint(&self, region: &str, endpoint_id: &str) -> Option<&VpcEndpoint> {
        self.aws
            .endpoint(endpoint_id)
            .filter(|endpoint| endpoint.region == region && self.is_visible(endpoint))
    }

    /// Whether eventual consistency has caught up with a new endpoint.
    pub(crate) fn is_visible(&self, endpoint: &VpcEndpoint) -> bool {
        endpoint.created.plus_seconds(self.delays.endpoint_visible) <= self.now
    }

    /// Frees what a deleted endpoint held: its interfaces at once, its private name after a while.
    pub(crate) fn release_endpoint(&mut self, endpoint_id: &str) {
        self.aws.network_interfaces.retain(|interface| interface.endpoint_id != endpoint_id);
        let until = self.now.plus_seconds(self.delays.private_dns_linger);
        let Some(endpoint) = self.aws.endpoint_mut(endpoint_id) else {
            return;
        };
        endpoint.network_interface_ids.clear();
        let (vpc_id, region) = (endpoint.vpc_id.clone(), endpoint.region.clone());
        let held = endpoint.private_dns_enabled;
        let service_name = endpoint.service_name.clone();
        let name =
            self.aws.service(&region, &service_name).and_then(|service| service.private_dns_name.clone());
        if let (true, Some(name), Some(vpc)) = (
            held && self.delays.private_dns_linger > 0,
            name,
            self.aws.vpcs.iter_mut().find(|vpc| vpc.vpc_id == vpc_id),
        ) {
            vpc.lingering_names.push(LingeringName { name, until });
        }
    }

    /// Writes the names an endpoint answers to now: its own, and the service's private one while that is on.
    pub(crate) fn name_endpoint(&mut self, endpoint_id: &str, service: &EndpointService) {
        let zones: Vec<String> = self
            .aws
            .network_interfaces
            .iter()
            .filter(|interface| interface.endpoint_id == endpoint_id)
            .filter_map(|interface| self.aws.zone_name(&interface.zone_id))
            .map(str::to_owned)
            .collect();
        let Some(endpoint) = self.aws.endpoint_mut(endpoint_id) else {
            return;
        };
        // The eight characters after the id are the endpoint's own; the id's first digits serve as well as any.
        let suffix: String = endpoint_id.chars().skip("vpce-0".len()).take(8).collect();
        let base = format!("{}.{}.vpce.amazonaws.com", service.service_id(), service.region);
        let own_zone = "Z1YSA3EXCYUU9Z";
        let mut names = vec![format!("{endpoint_id}-{suffix}.{base}")];
        names.extend(zones.iter().map(|zone| format!("{endpoint_id}-{suffix}-{zone}.{base}")));
        let mut entries: Vec<DnsEntry> = names
            .into_iter()
            .map(|dns_name| DnsEntry { dns_name, hosted_zone_id: own_zone.to_owned() })
            .collect();
        if let (true, Some(name)) = (endpoint.private_dns_enabled, &service.private_dns_name) {
            entries.push(DnsEntry {
                dns_name: name.clone(),
                hosted_zone_id: format!("Z0{}", suffix.to_uppercase()),
            });
        }
        endpoint.dns_entries = entries;
    }

    fn made_with_token(&self, new: &NewEndpoint) -> Result<Option<String>, Ec2Error> {
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

    fn default_group(&self, vpc_id: &str) -> Vec<String> {
        self.aws
            .security_groups
            .iter()
            .filter(|group| group.vpc_id == vpc_id && group.name == "default")
            .map(|group| group.group_id.clone())
            .collect()
    }

    pub(crate) fn attach_subnet(&mut self, endpoint_id: &str, subnet_id: &str) {
        let interface_id = self.ids.aws("eni");
        let host = 10 + self.ids.below(200);
        let Some(subnet) = self.aws.subnets.iter_mut().find(|subnet| subnet.subnet_id == subnet_id) else {
            return;
        };
        let Some(endpoint) =
            self.aws.endpoints.iter_mut().find(|endpoint| endpoint.endpoint_id == endpoint_id)
        else {
            return;
        };
        if endpoint.subnet_ids.iter().any(|id| id == subnet_id) {
            return;
        }
        subnet.free_addresses = subnet.free_addresses.saturating_sub(1);
        endpoint.subnet_ids.push(subnet_id.to_owned());
        endpoint.network_interface_ids.push(interface_id.clone());
        self.aws.network_interfaces.push(NetworkInterface {
            network_interface_id: interface_id,
            region: endpoint.region.clone(),
            endpoint_id: endpoint_id.to_owned(),
            vpc_id: endpoint.vpc_id.clone(),
            subnet_id: subnet_id.to_owned(),
            zone_id: subnet.zone_id.clone(),
            private_ip: address_in(&subnet.cidr_block, host),
        });
    }

    pub(crate) fn detach_subnet(&mut self, endpoint_id: &str, subnet_id: &str) {
        let gone: Vec<String> = self
            .aws
            .network_interfaces
            .iter()
            .filter(|interface| interface.endpoint_id == endpoint_id && interface.subnet_id == subnet_id)
            .map(|interface| interface.network_interface_id.clone())
            .collect();
        self.aws.network_interfaces.retain(|interface| !gone.contains(&interface.network_interface_id));
        if let Some(endpoint) = self.aws.endpoint_mut(endpoint_id) {
            endpoint.subnet_ids.retain(|id| id != subnet_id);
            endpoint.network_interface_ids.retain(|id| !gone.contains(id));
        }
    }
}

/// The address with this last byte in an IPv4 range; ranges here end in `.0/24` or wider.
fn address_in(cidr_block: &str, host: u8) -> String {
    let network = cidr_block.split('/').next().unwrap_or_default();
    let prefix = network.rsplit_once('.').map_or(network, |(prefix, _)| prefix);
    format!("{prefix}.{host}")
}

fn deduplicated(ids: &[String]) -> Vec<String> {
    let mut seen = BTreeSet::new();
    ids.iter().filter(|id| seen.insert(id.as_str())).cloned().collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]

    use super::*;
    use crate::default_world::{self, *};

    /// A shared endpoint in us-east-1, with private DNS on.
    fn shared() -> NewEndpoint {
        NewEndpoint {
            region: "us-east-1".to_owned(),
            vpc_id: EAST_VPC_ID.to_owned(),
            service_name: SERVERLESS_SERVICE_NAME.to_owned(),
            subnet_ids: vec![EAST_SUBNET_AZ1.to_owned()],
            security_group_ids: vec![EAST_GROUP_OPEN.to_owned()],
            private_dns_enabled: Some(true),
            ..NewEndpoint::default()
        }
    }

    fn refusal(new: &NewEndpoint) -> String {
        refusal_in(&mut default_world::world(), new)
    }

    fn refusal_in(world: &mut World, new: &NewEndpoint) -> String {
        world.create_endpoint(new).unwrap_err().to_string()
    }

    #[test]
    fn two_names_in_one_network_conflict_until_the_first_is_gone() {
        let mut world = default_world::world();
        let first = world.create_endpoint(&shared()).unwrap();
        let conflict = format!(
            "InvalidParameter: private-dns-enabled cannot be set because there is already a conflicting DNS domain for {SERVERLESS_HOST} in the VPC {EAST_VPC_ID}"
        );
        assert_eq!(refusal_in(&mut world, &shared()), conflict);
        world.delete_endpoints("us-east-1", &[first]);
        assert_eq!(refusal_in(&mut world, &shared()), conflict);
        world.advance(world.now.plus_seconds(60));
        assert!(world.create_endpoint(&shared()).is_ok());
    }

    #[test]
    fn a_name_may_linger_after_its_endpoint() {
        let mut world = default_world::world();
        world.delays.private_dns_linger = 120;
        let first = world.create_endpoint(&shared()).unwrap();
        world.delete_endpoints("us-east-1", &[first]);
        world.advance(world.now.plus_seconds(60 + 119));
        assert!(refusal_in(&mut world, &shared()).contains("conflicting DNS domain"));
        world.advance(world.now.plus_seconds(1));
        assert!(world.create_endpoint(&shared()).is_ok());
    }

    #[test]
    fn a_private_zone_holds_its_name() {
        let mut world = default_world::world();
        for vpc in &mut world.aws.vpcs {
            vpc.private_zones.push(SERVERLESS_HOST.to_owned());
        }
        assert!(refusal_in(&mut world, &shared()).contains("conflicting DNS domain"));
    }

    #[test]
    fn each_bad_input_is_refused_in_ec2s_words() {
        let unsupported = |subnet: &str| {
            format!(
                "InvalidParameter: The VPC endpoint service {SERVERLESS_SERVICE_NAME} does not support the availability zone of the subnet: {subnet}."
            )
        };
        type Spoil = fn(&mut NewEndpoint);
        let cases: [(Spoil, String); 9] = [
            (
                |new| new.vpc_id = "vpc-0123456789abcdef0".to_owned(),
                "InvalidVpcID.NotFound: The vpc ID 'vpc-0123456789abcdef0' does not exist".to_owned(),
            ),
            (
                |new| new.vpc_id = "main".to_owned(),
                "InvalidVpcId.Malformed: Invalid Id: 'main' (expecting the form vpc-xxxxxxxxxxxxxxxxx)".to_owned(),
            ),
            (
                |new| new.service_name = "com.amazonaws.vpce.us-east-1.vpce-svc-0".to_owned(),
                "InvalidServiceName: The Vpc Endpoint Service 'com.amazonaws.vpce.us-east-1.vpce-svc-0' does not exist".to_owned(),
            ),
            (
                |new| new.subnet_ids = vec![EAST_SUBNET_AZ3.to_owned()],
                unsupported(EAST_SUBNET_AZ3),
            ),
            (
                |new| new.subnet_ids.push(EAST_SUBNET_AZ1_SECOND.to_owned()),
                format!("DuplicateSubnetsInSameZone: Found another VPC endpoint subnet in the availability zone of {EAST_SUBNET_AZ1_SECOND}. VPC endpoint subnets should be in different availability zones supported by the VPC endpoint service."),
            ),
            (
                |new| new.subnet_ids = vec!["subnet-0123456789abcdef0".to_owned()],
                "InvalidSubnetID.NotFound: The subnet ID 'subnet-0123456789abcdef0' does not exist".to_owned(),
            ),
            (
                |new| new.security_group_ids = vec!["sg-0123456789abcdef0".to_owned()],
                "InvalidSecurityGroupID.NotFound: The security group 'sg-0123456789abcdef0' does not exist".to_owned(),
            ),
            (
                |new| {
                    new.vpc_id = EAST_VPC_WITHOUT_DNS.to_owned();
                    new.subnet_ids.clear();
                    new.security_group_ids.clear();
                },
                format!("InvalidParameter: Enabling private DNS requires both enableDnsSupport and enableDnsHostnames VPC attributes set to true for {EAST_VPC_WITHOUT_DNS}"),
            ),
            (
                |new| {
                    new.region = "us-west-2".to_owned();
                    new.vpc_id = WEST_VPC_ID.to_owned();
                    new.service_name = DEDICATED_SERVICE_NAME.to_owned();
                    new.subnet_ids.clear();
                    new.security_group_ids.clear();
                },
                format!("InvalidParameter: Private DNS can only be enabled after the endpoint connection is accepted by the owner of {DEDICATED_SERVICE_NAME}."),
            ),
        ];
        for (spoil, expected) in cases {
            let mut new = shared();
            spoil(&mut new);
            assert_eq!(refusal(&new), expected);
        }
    }

    #[test]
    fn names_that_cannot_be_had_are_refused() {
        let mut world = default_world::world();
        for service in &mut world.aws.services {
            service.private_dns_verification = VerificationState::PendingVerification;
        }
        assert!(refusal_in(&mut world, &shared()).ends_with("has not verified the private DNS name."));
        for service in &mut world.aws.services {
            service.private_dns_name = None;
        }
        assert!(refusal_in(&mut world, &shared()).ends_with("does not provide a private DNS name."));
    }

    #[test]
    fn the_quota_is_per_network() {
        let mut world = default_world::world();
        world.limits.endpoints_per_vpc = 1;
        world.create_endpoint(&shared()).unwrap();
        assert!(refusal_in(&mut world, &shared()).starts_with("VpcEndpointLimitExceeded"));
    }

    #[test]
    fn a_client_token_makes_one_endpoint() {
        let mut world = default_world::world();
        let mut new = shared();
        new.client_token = Some("token".to_owned());
        new.fingerprint = "one".to_owned();
        let made = world.create_endpoint(&new).unwrap();
        assert_eq!(world.create_endpoint(&new).unwrap(), made);
        assert_eq!(world.aws.endpoints.len(), 1);
        new.fingerprint = "two".to_owned();
        assert!(refusal_in(&mut world, &new).starts_with("IdempotentParameterMismatch"));
    }

    #[test]
    fn private_dns_left_out_is_on_when_no_acceptance_is_needed() {
        let mut world = default_world::world();
        let mut new = shared();
        new.private_dns_enabled = None;
        let id = world.create_endpoint(&new).unwrap();
        assert!(world.aws.endpoint(&id).unwrap().private_dns_enabled);
        let names = &world.aws.endpoint(&id).unwrap().dns_entries;
        assert!(names.iter().any(|entry| entry.dns_name == SERVERLESS_HOST));
    }

    #[test]
    fn without_groups_the_networks_default_group_is_used() {
        let mut world = default_world::world();
        let mut new = shared();
        new.security_group_ids.clear();
        let id = world.create_endpoint(&new).unwrap();
        assert_eq!(world.aws.endpoint(&id).unwrap().security_group_ids, [EAST_GROUP_DEFAULT]);
    }

    #[test]
    fn changing_subnets_changes_interfaces() {
        let mut world = default_world::world();
        let id = world.create_endpoint(&shared()).unwrap();
        world.advance(world.now.plus_seconds(30));
        let change = EndpointChange {
            add_subnets: vec![EAST_SUBNET_AZ2.to_owned()],
            remove_subnets: vec![EAST_SUBNET_AZ1.to_owned()],
            ..EndpointChange::default()
        };
        world.modify_endpoint("us-east-1", &id, &change).unwrap();
        let endpoint = world.aws.endpoint(&id).unwrap();
        assert_eq!(endpoint.subnet_ids, [EAST_SUBNET_AZ2]);
        let interfaces: Vec<_> =
            world.aws.network_interfaces.iter().map(|interface| interface.subnet_id.as_str()).collect();
        assert_eq!(interfaces, [EAST_SUBNET_AZ2]);
    }

    #[test]
    fn a_subnet_in_use_cannot_be_deleted() {
        let mut world = default_world::world();
        let id = world.create_endpoint(&shared()).unwrap();
        let refused = world.delete_subnet("us-east-1", EAST_SUBNET_AZ1).unwrap_err();
        assert_eq!(refused.code, "DependencyViolation");
        let refused = world.delete_security_group("us-east-1", EAST_GROUP_OPEN).unwrap_err();
        assert_eq!(refused.code, "DependencyViolation");
        world.delete_endpoints("us-east-1", &[id]);
        world.advance(world.now.plus_seconds(60));
        assert!(world.delete_subnet("us-east-1", EAST_SUBNET_AZ1).is_ok());
        assert!(world.delete_security_group("us-east-1", EAST_GROUP_OPEN).is_ok());
    }
}
