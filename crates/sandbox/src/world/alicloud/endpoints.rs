//! PrivateLink's rules for endpoints: what creating, naming and deleting one checks, in what words it refuses, and what
//! it changes. Zones and security groups are in `alicloud_parts`; what happens by itself is in `alicloud_life`.

use crate::world::{
    AlicloudBusinessStatus, AlicloudConnectionStatus, AlicloudEndpoint, AlicloudEndpointGroup,
    AlicloudEndpointService, AlicloudEndpointStatus, AlicloudError, AlicloudGroupStatus, Tags, World,
    check_alicloud_tags,
};

/// What CreateVpcEndpoint asks for.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct NewAlicloudEndpoint {
    pub(crate) region: String,
    pub(crate) vpc_id: String,
    /// By id, by name, or by both.
    pub(crate) service_id: Option<String>,
    pub(crate) service_name: Option<String>,
    pub(crate) name: Option<String>,
    pub(crate) description: Option<String>,
    pub(crate) security_group_ids: Vec<String>,
    pub(crate) zones: Vec<NewAlicloudZone>,
    pub(crate) tags: Tags,
}

/// A zone to add to an endpoint.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct NewAlicloudZone {
    pub(crate) zone_id: String,
    pub(crate) vswitch_id: String,
    /// The address wanted; any free one when none is.
    pub(crate) ip: Option<String>,
}

impl World {
    /// The endpoint with this id in this region, or PrivateLink's refusal.
    pub(crate) fn alicloud_endpoint(
        &self,
        region: &str,
        endpoint_id: &str,
    ) -> Result<&AlicloudEndpoint, AlicloudError> {
        self.alicloud
            .endpoint(endpoint_id)
            .filter(|endpoint| endpoint.region == region)
            .ok_or_else(|| AlicloudError::unknown_endpoint(endpoint_id))
    }

    /// The same, open to a change: one change at a time, and none before it is made.
    pub(super) fn changeable_endpoint(
        &self,
        region: &str,
        endpoint_id: &str,
    ) -> Result<&AlicloudEndpoint, AlicloudError> {
        let endpoint = self.alicloud_endpoint(region, endpoint_id)?;
        if endpoint.status != AlicloudEndpointStatus::Active {
            return Err(AlicloudError::busy(endpoint_id, endpoint.status));
        }
        Ok(endpoint)
    }

    /// CreateVpcEndpoint, with its zones and groups in the same call.
    pub(crate) fn create_alicloud_endpoint(
        &mut self,
        new: &NewAlicloudEndpoint,
    ) -> Result<String, AlicloudError> {
        let service = self.check_new_alicloud_endpoint(new)?.clone();
        let endpoint_id = format!("ep-{}", self.ids.lower(20));
        let domain =
            format!("{endpoint_id}.{}.{}.privatelink.aliyuncs.com", service.service_id, service.region);
        self.alicloud.endpoints.push(AlicloudEndpoint {
            endpoint_id: endpoint_id.clone(),
            region: new.region.clone(),
            vpc_id: new.vpc_id.clone(),
            service_id: service.service_id,
            service_name: service.service_name,
            name: new.name.clone().unwrap_or_default(),
            description: new.description.clone().unwrap_or_default(),
            status: AlicloudEndpointStatus::Creating,
            connection_status: AlicloudConnectionStatus::Disconnected,
            business_status: AlicloudBusinessStatus::Normal,
            domain,
            zones: Vec::new(),
            security_groups: new
                .security_group_ids
                .iter()
                .map(|id| AlicloudEndpointGroup {
                    security_group_id: id.clone(),
                    status: AlicloudGroupStatus::Attaching,
                })
                .collect(),
            tags: new.tags.clone(),
            created: self.now,
            due: Some(self.now.plus_seconds(self.delays.alicloud_endpoint_create)),
            connection_due: None,
        });
        for zone in &new.zones {
            self.put_alicloud_zone(&endpoint_id, zone);
        }
        Ok(endpoint_id)
    }

    fn check_new_alicloud_endpoint(
        &self,
        new: &NewAlicloudEndpoint,
    ) -> Result<&AlicloudEndpointService, AlicloudError> {
        check_name(new.name.as_deref())?;
        check_description(new.description.as_deref())?;
        check_alicloud_tags(&new.tags)?;
        self.alicloud.vpc(&new.region, &new.vpc_id).ok_or_else(|| {
            AlicloudError::new(
                "InvalidVpcId.NotFound",
                format!("The specified VPC {} does not exist in {}.", new.vpc_id, new.region),
            )
        })?;
        let service = self.wanted_service(new)?;
        self.check_groups_of(&new.region, &new.vpc_id, &[], &new.security_group_ids)?;
        self.check_zones_of(service, &new.vpc_id, &[], &new.zones)?;
        let present = self.alicloud.endpoints.iter().filter(|endpoint| endpoint.vpc_id == new.vpc_id).count();
        let limit = self.limits.alicloud_endpoints_per_vpc;
        if present >= limit {
            return Err(AlicloudError::new(
                "QuotaExceeded.EndpointsPerVpc",
                format!("The VPC {} has the {limit} endpoints it may have.", new.vpc_id),
            ));
        }
        Ok(service)
    }

    fn wanted_service(&self, new: &NewAlicloudEndpoint) -> Result<&AlicloudEndpointService, AlicloudError> {
        let asked = new
            .service_name
            .as_ref()
            .or(new.service_id.as_ref())
            .ok_or_else(|| AlicloudError::missing("ServiceName"))?;
        self.alicloud
            .services
            .iter()
            .find(|service| {
                service.region == new.region
                    && !service.hidden
                    && new.service_id.as_ref().is_none_or(|id| *id == service.service_id)
                    && new.service_name.as_ref().is_none_or(|name| *name == service.service_name)
            })
            .ok_or_else(|| AlicloudError::unknown_service(asked))
    }

    /// UpdateVpcEndpointAttribute, for name and description: in force at once.
    pub(crate) fn rename_alicloud_endpoint(
        &mut self,
        region: &str,
        endpoint_id: &str,
        name: Option<&str>,
        description: Option<&str>,
    ) -> Result<(), AlicloudError> {
        check_name(name)?;
        check_description(description)?;
        self.changeable_endpoint(region, endpoint_id)?;
        if let Some(endpoint) = self.alicloud.endpoint_mut(endpoint_id) {
            if let Some(name) = name {
                name.clone_into(&mut endpoint.name);
            }
            if let Some(description) = description {
                description.clone_into(&mut endpoint.description);
            }
        }
        Ok(())
    }

    /// DeleteVpcEndpoint: its zones must be gone first.
    pub(crate) fn delete_alicloud_endpoint(
        &mut self,
        region: &str,
        endpoint_id: &str,
    ) -> Result<(), AlicloudError> {
        let endpoint = self.changeable_endpoint(region, endpoint_id)?;
        if endpoint.connection_status == AlicloudConnectionStatus::Connecting {
            return Err(AlicloudError::connection_busy(endpoint_id));
        }
        if !endpoint.zones.is_empty() {
            // The full code is not known beyond `EndpointDependenceV`.
            return Err(AlicloudError::new(
                "EndpointDependenceVpcEndpointZone",
                format!("The endpoint {endpoint_id} has zones; remove them first."),
            ));
        }
        let due = self.now.plus_seconds(self.delays.alicloud_endpoint_delete);
        if let Some(endpoint) = self.alicloud.endpoint_mut(endpoint_id) {
            endpoint.status = AlicloudEndpointStatus::Deleting;
            endpoint.connection_status = AlicloudConnectionStatus::Deleting;
            endpoint.due = Some(due);
            endpoint.connection_due = None;
        }
        Ok(())
    }
}

/// 2 to 128 characters: a letter, Latin or Chinese, then letters, digits, `-` and `_` (Privatelink API reference).
fn check_name(name: Option<&str>) -> Result<(), AlicloudError> {
    let Some(name) = name else {
        return Ok(());
    };
    let letter =
        |character: char| character.is_ascii_alphabetic() || ('\u{4e00}'..='\u{9fff}').contains(&character);
    let well_formed = (2..=128).contains(&name.chars().count())
        && name.starts_with(letter)
        && name.chars().all(|character| {
            letter(character) || character.is_ascii_digit() || matches!(character, '-' | '_')
        });
    if well_formed {
        return Ok(());
    }
    Err(AlicloudError::invalid(
        "EndpointName",
        "it must be 2 to 128 characters long, start with a letter and have letters, digits, - and _ only",
    ))
}

/// 2 to 256 characters that do not begin like an address (Privatelink API reference).
fn check_description(description: Option<&str>) -> Result<(), AlicloudError> {
    let Some(description) = description else {
        return Ok(());
    };
    let address = description.starts_with("http://") || description.starts_with("https://");
    if (2..=256).contains(&description.chars().count()) && !address {
        return Ok(());
    }
    Err(AlicloudError::invalid(
        "EndpointDescription",
        "it must be 2 to 256 characters long and not start with http:// or https://",
    ))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]

    use super::*;

    #[test]
    fn names_follow_the_references_rule() {
        for name in ["ab", "a1-_", "\u{6d4b}\u{8bd5}-1"] {
            assert!(check_name(Some(name)).is_ok(), "{name}");
        }
        for name in ["a", "1a", "-a", "a b", "a.b", &"a".repeat(129)] {
            assert_eq!(check_name(Some(name)).unwrap_err().code, "InvalidEndpointName", "{name}");
        }
    }

    #[test]
    fn descriptions_are_no_addresses() {
        assert!(check_description(Some("orders, production")).is_ok());
        for description in ["a", "http://x", "https://x", &"a".repeat(257)] {
            let refused = check_description(Some(description)).unwrap_err();
            assert_eq!(refused.code, "InvalidEndpointDescription", "{description}");
        }
    }
}
