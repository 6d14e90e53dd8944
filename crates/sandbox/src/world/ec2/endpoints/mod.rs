//! EC2's rules for interface endpoints: what CreateVpcEndpoint, ModifyVpcEndpoint and DeleteVpcEndpoints change, once
//! `checks` has nothing against it. What happens afterwards by itself is in `advance`.

mod checks;

use std::collections::BTreeSet;

use crate::world::{
    ClientToken, DnsEntry, Ec2Error, EndpointService, EndpointState, LingeringName, NetworkInterface, Tags,
    VpcEndpoint, World, check_id,
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
mod tests;
