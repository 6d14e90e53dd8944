//! PrivateLink's rules for what an endpoint is made of: a zone is a network interface in one vSwitch, a security group
//! guards them all. Each change makes the endpoint Pending for a while, and only one is let in at a time.

use std::collections::BTreeSet;
use std::net::Ipv4Addr;

use crate::world::{
    AlicloudConnectionStatus, AlicloudEndpoint, AlicloudEndpointGroup, AlicloudEndpointService,
    AlicloudEndpointStatus, AlicloudEndpointZone, AlicloudError, AlicloudGroupStatus, AlicloudZoneStatus,
    NewAlicloudZone, World,
};

impl World {
    /// AddZoneToVpcEndpoint.
    pub(crate) fn add_alicloud_zone(
        &mut self,
        region: &str,
        endpoint_id: &str,
        zone: &NewAlicloudZone,
    ) -> Result<(), AlicloudError> {
        let endpoint = self.changeable_connection(region, endpoint_id)?;
        let service = self
            .alicloud
            .service(region, &endpoint.service_name)
            .ok_or_else(|| AlicloudError::unknown_service(&endpoint.service_name))?;
        self.check_zones_of(service, &endpoint.vpc_id, &endpoint.zones, std::slice::from_ref(zone))?;
        self.put_alicloud_zone(endpoint_id, zone);
        self.change_alicloud_endpoint(endpoint_id, self.delays.alicloud_zone_create, |_| {});
        Ok(())
    }

    /// RemoveZoneFromVpcEndpoint. The interface is gone when the endpoint is Active again.
    pub(crate) fn remove_alicloud_zone(
        &mut self,
        region: &str,
        endpoint_id: &str,
        zone_id: &str,
    ) -> Result<(), AlicloudError> {
        let zone = self
            .alicloud_endpoint(region, endpoint_id)?
            .zones
            .iter()
            .find(|zone| zone.zone_id == zone_id)
            .ok_or_else(|| AlicloudError::unknown_zone(endpoint_id, zone_id))?;
        self.changeable_connection(region, endpoint_id)?;
        if matches!(zone.status, AlicloudZoneStatus::Creating | AlicloudZoneStatus::Connecting) {
            return Err(AlicloudError::connection_busy(endpoint_id));
        }
        self.change_alicloud_endpoint(endpoint_id, self.delays.alicloud_endpoint_change, |endpoint| {
            for zone in endpoint.zones.iter_mut().filter(|zone| zone.zone_id == zone_id) {
                zone.status = AlicloudZoneStatus::Deleting;
                zone.due = None;
            }
        });
        Ok(())
    }

    /// AttachSecurityGroupToVpcEndpoint. An endpoint without any group cannot be given one.
    pub(crate) fn attach_alicloud_group(
        &mut self,
        region: &str,
        endpoint_id: &str,
        group_id: &str,
    ) -> Result<(), AlicloudError> {
        let endpoint = self.changeable_endpoint(region, endpoint_id)?;
        if endpoint.security_groups.is_empty() {
            return Err(AlicloudError::new(
                "AddSecurityGroupNotSupportWhenHaveNoSg",
                format!("The endpoint {endpoint_id} has no security group, so none can be added."),
            ));
        }
        let present: Vec<String> =
            endpoint.security_groups.iter().map(|group| group.security_group_id.clone()).collect();
        self.check_groups_of(region, &endpoint.vpc_id, &present, &[group_id.to_owned()])?;
        self.change_alicloud_endpoint(endpoint_id, self.delays.alicloud_endpoint_change, |endpoint| {
            endpoint.security_groups.push(AlicloudEndpointGroup {
                security_group_id: group_id.to_owned(),
                status: AlicloudGroupStatus::Attaching,
            });
        });
        Ok(())
    }

    /// DetachSecurityGroupFromVpcEndpoint.
    pub(crate) fn detach_alicloud_group(
        &mut self,
        region: &str,
        endpoint_id: &str,
        group_id: &str,
    ) -> Result<(), AlicloudError> {
        let endpoint = self.changeable_endpoint(region, endpoint_id)?;
        if !endpoint.security_groups.iter().any(|group| group.security_group_id == group_id) {
            return Err(AlicloudError::new(
                "InvalidSecurityGroupId.NotAttached",
                format!("The security group {group_id} is not attached to the endpoint {endpoint_id}."),
            ));
        }
        self.change_alicloud_endpoint(endpoint_id, self.delays.alicloud_endpoint_change, |endpoint| {
            for group in &mut endpoint.security_groups {
                if group.security_group_id == group_id {
                    group.status = AlicloudGroupStatus::Detaching;
                }
            }
        });
        Ok(())
    }

    /// An endpoint that is Active and whose connection is not being made or ended: zones take part in both.
    fn changeable_connection(
        &self,
        region: &str,
        endpoint_id: &str,
    ) -> Result<&AlicloudEndpoint, AlicloudError> {
        let endpoint = self.changeable_endpoint(region, endpoint_id)?;
        match endpoint.connection_status {
            AlicloudConnectionStatus::Connecting | AlicloudConnectionStatus::Disconnecting => {
                Err(AlicloudError::connection_busy(endpoint_id))
            }
            _ => Ok(endpoint),
        }
    }

    fn change_alicloud_endpoint(
        &mut self,
        endpoint_id: &str,
        seconds: u64,
        change: impl FnOnce(&mut AlicloudEndpoint),
    ) {
        let due = self.now.plus_seconds(seconds);
        if let Some(endpoint) = self.alicloud.endpoint_mut(endpoint_id) {
            change(endpoint);
            endpoint.status = AlicloudEndpointStatus::Pending;
            endpoint.due = Some(due);
        }
    }

    /// Checks zones to add to those already there: offered by the service, one vSwitch of this network for each.
    pub(super) fn check_zones_of(
        &self,
        service: &AlicloudEndpointService,
        vpc_id: &str,
        present: &[AlicloudEndpointZone],
        added: &[NewAlicloudZone],
    ) -> Result<(), AlicloudError> {
        let mut taken: BTreeSet<&str> = present.iter().map(|zone| zone.zone_id.as_str()).collect();
        for NewAlicloudZone { zone_id, vswitch_id, ip } in added {
            let vswitch = self.alicloud.vswitch(vswitch_id).ok_or_else(|| {
                AlicloudError::new(
                    "InvalidVSwitchId.NotFound",
                    format!("The specified vSwitch {vswitch_id} does not exist."),
                )
            })?;
            if vswitch.vpc_id != vpc_id {
                return Err(AlicloudError::new(
                    "InvalidVSwitchId.VpcMismatch",
                    format!("The vSwitch {vswitch_id} does not belong to the VPC {vpc_id}."),
                ));
            }
            if vswitch.zone_id != *zone_id {
                return Err(AlicloudError::new(
                    "InvalidVSwitchId.ZoneMismatch",
                    format!("The vSwitch {vswitch_id} is in {}, not in {zone_id}.", vswitch.zone_id),
                ));
            }
            if !service.zone_ids.contains(zone_id) {
                return Err(AlicloudError::new(
                    "UnsupportedZone",
                    format!(
                        "The endpoint service {} is not available in the zone {zone_id}.",
                        service.service_name
                    ),
                ));
            }
            if !taken.insert(zone_id) {
                return Err(AlicloudError::new(
                    "InvalidZoneId.Duplicate",
                    format!("The endpoint can have one vSwitch only in the zone {zone_id}."),
                ));
            }
            if let Some(ip) = ip {
                self.check_address(ip, vswitch_id, &vswitch.cidr_block)?;
            }
            if vswitch.free_addresses == 0 {
                return Err(AlicloudError::new(
                    "InvalidVSwitchId.NoFreeIp",
                    format!("The vSwitch {vswitch_id} has no free IP address."),
                ));
            }
        }
        let limit = self.limits.alicloud_zones_per_endpoint;
        if taken.len() > limit {
            return Err(AlicloudError::new(
                "QuotaExceeded.Zones",
                format!("An endpoint can have {limit} zones at most."),
            ));
        }
        Ok(())
    }

    fn check_address(&self, ip: &str, vswitch_id: &str, cidr_block: &str) -> Result<(), AlicloudError> {
        let address: Ipv4Addr = ip.parse().map_err(|_| AlicloudError::invalid("Ip", "not IPv4"))?;
        if !contains(cidr_block, address) {
            return Err(AlicloudError::invalid("Ip", format!("not in the vSwitch's range {cidr_block}")));
        }
        if self.is_address_taken(vswitch_id, ip) {
            return Err(AlicloudError::invalid("Ip", format!("{ip} is in use")));
        }
        Ok(())
    }

    fn is_address_taken(&self, vswitch_id: &str, ip: &str) -> bool {
        self.alicloud
            .endpoints
            .iter()
            .flat_map(|endpoint| &endpoint.zones)
            .any(|zone| zone.vswitch_id == vswitch_id && zone.eni_ip == ip)
    }

    /// Checks groups to add to those already there: each of this network, none twice.
    pub(super) fn check_groups_of(
        &self,
        region: &str,
        vpc_id: &str,
        present: &[String],
        added: &[String],
    ) -> Result<(), AlicloudError> {
        let mut all: BTreeSet<&String> = present.iter().collect();
        for id in added {
            let group = self
                .alicloud
                .security_group(id)
                .filter(|group| self.alicloud.vpc(region, &group.vpc_id).is_some())
                .ok_or_else(|| {
                    AlicloudError::new(
                        "InvalidSecurityGroupId.NotFound",
                        format!("The specified security group {id} does not exist."),
                    )
                })?;
            if group.vpc_id != vpc_id {
                return Err(AlicloudError::new(
                    "InvalidSecurityGroupId.VpcMismatch",
                    format!("The security group {id} does not belong to the VPC {vpc_id}."),
                ));
            }
            if !all.insert(id) {
                return Err(AlicloudError::new(
                    "InvalidSecurityGroupId.Duplicate",
                    format!("The security group {id} is attached already."),
                ));
            }
        }
        let limit = self.limits.alicloud_groups_per_endpoint;
        if all.len() > limit {
            return Err(AlicloudError::new(
                "QuotaExceeded.SecurityGroups",
                format!("An endpoint can have {limit} security groups at most."),
            ));
        }
        Ok(())
    }

    /// Makes a zone that was checked: an interface with an address and a name of its own.
    pub(crate) fn put_alicloud_zone(&mut self, endpoint_id: &str, new: &NewAlicloudZone) {
        let due = self.now.plus_seconds(self.delays.alicloud_zone_create);
        let eni_id = format!("eni-{}", self.ids.lower(20));
        let first = self.ids.below(200);
        let Some(vswitch) =
            self.alicloud.vswitches.iter_mut().find(|vswitch| vswitch.vswitch_id == new.vswitch_id)
        else {
            return;
        };
        vswitch.free_addresses = vswitch.free_addresses.saturating_sub(1);
        let cidr_block = vswitch.cidr_block.clone();
        let free = || {
            (0..200_u8)
                .map(|step| address_in(&cidr_block, 10 + (u16::from(first) + u16::from(step)) % 200))
                .find(|address| !self.is_address_taken(&new.vswitch_id, address))
        };
        let eni_ip = new.ip.clone().or_else(free).unwrap_or_default();
        let Some(endpoint) = self.alicloud.endpoint_mut(endpoint_id) else {
            return;
        };
        let (own, rest) = endpoint.domain.split_once('.').unwrap_or((endpoint_id, ""));
        let domain = format!("{own}-{}.{rest}", new.zone_id);
        endpoint.zones.push(AlicloudEndpointZone {
            zone_id: new.zone_id.clone(),
            vswitch_id: new.vswitch_id.clone(),
            eni_id,
            eni_ip,
            domain,
            status: AlicloudZoneStatus::Creating,
            due: Some(due),
        });
    }

    /// Takes a zone away and gives its address back.
    pub(crate) fn drop_alicloud_zone(&mut self, endpoint_id: &str, zone_id: &str) {
        let Some(endpoint) = self.alicloud.endpoint_mut(endpoint_id) else {
            return;
        };
        let Some(index) = endpoint.zones.iter().position(|zone| zone.zone_id == zone_id) else {
            return;
        };
        let zone = endpoint.zones.remove(index);
        for vswitch in &mut self.alicloud.vswitches {
            if vswitch.vswitch_id == zone.vswitch_id {
                vswitch.free_addresses = vswitch.free_addresses.saturating_add(1);
            }
        }
    }
}

/// Whether an IPv4 range has an address.
fn contains(cidr_block: &str, address: Ipv4Addr) -> bool {
    let parsed = cidr_block.split_once('/').and_then(|(network, length)| {
        let network: Ipv4Addr = network.parse().ok()?;
        let length: u32 = length.parse().ok().filter(|length| *length <= 32)?;
        Some((u32::from(network), u32::MAX.checked_shl(32 - length).unwrap_or(0)))
    });
    parsed.is_some_and(|(network, mask)| network & mask == u32::from(address) & mask)
}

/// The address with this last byte in an IPv4 range; ranges here end in `.0/24` or wider.
fn address_in(cidr_block: &str, host: u16) -> String {
    let network = cidr_block.split('/').next().unwrap_or_default();
    let prefix = network.rsplit_once('.').map_or(network, |(prefix, _)| prefix);
    format!("{prefix}.{host}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_know_their_addresses() {
        let within = |cidr: &str, address: [u8; 4]| contains(cidr, Ipv4Addr::from(address));
        assert!(within("10.30.1.0/24", [10, 30, 1, 7]));
        assert!(!within("10.30.1.0/24", [10, 30, 2, 7]));
        assert!(within("0.0.0.0/0", [1, 2, 3, 4]));
        assert!(!within("nonsense", [1, 2, 3, 4]));
    }
}
