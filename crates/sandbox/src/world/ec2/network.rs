//! EC2's rules for the network around an endpoint: making and deleting networks, subnets and security groups, and tags
//! on any of them. Enough for other tools to build their own network in the sandbox.

use crate::world::check_id;
use crate::world::{Ec2Error, SecurityGroup, SecurityGroupRule, Subnet, Tags, Vpc, World};

impl World {
    /// CreateVpc: DNS support on, hostnames off, and a default security group that lets in its own members only.
    pub(crate) fn create_vpc(
        &mut self,
        region: &str,
        cidr_block: &str,
        tags: Tags,
    ) -> Result<String, Ec2Error> {
        check_cidr(cidr_block)?;
        let vpc_id = self.ids.aws("vpc");
        self.aws.vpcs.push(Vpc {
            vpc_id: vpc_id.clone(),
            region: region.to_owned(),
            cidr_block: cidr_block.to_owned(),
            dns_support: true,
            dns_hostnames: false,
            private_zones: Vec::new(),
            lingering_names: Vec::new(),
            tags,
        });
        let group_id = self.ids.aws("sg");
        let within = SecurityGroupRule {
            rule_id: self.ids.aws("sgr"),
            protocol: "-1".to_owned(),
            group_id: Some(group_id.clone()),
            ..SecurityGroupRule::default()
        };
        let outward = self.outward_rule();
        self.aws.security_groups.push(SecurityGroup {
            group_id,
            region: region.to_owned(),
            vpc_id: vpc_id.clone(),
            name: "default".to_owned(),
            description: "default VPC security group".to_owned(),
            rules: vec![within, outward],
            tags: Tags::new(),
        });
        Ok(vpc_id)
    }

    /// DeleteVpc: refused while subnets, endpoints or groups other than the default are in it.
    pub(crate) fn delete_vpc(&mut self, region: &str, vpc_id: &str) -> Result<(), Ec2Error> {
        check_id("InvalidVpcId.Malformed", "vpc", vpc_id)?;
        self.aws.vpc(region, vpc_id).ok_or_else(|| Ec2Error::unknown_vpc(vpc_id))?;
        let in_use = self.aws.subnets.iter().any(|subnet| subnet.vpc_id == vpc_id)
            || self
                .aws
                .endpoints
                .iter()
                .any(|endpoint| endpoint.vpc_id == vpc_id && endpoint.state.is_live())
            || self.aws.security_groups.iter().any(|group| group.vpc_id == vpc_id && group.name != "default");
        if in_use {
            return Err(Ec2Error::new(
                "DependencyViolation",
                format!("The vpc '{vpc_id}' has dependencies and cannot be deleted."),
            ));
        }
        self.aws.vpcs.retain(|vpc| vpc.vpc_id != vpc_id);
        self.aws.security_groups.retain(|group| group.vpc_id != vpc_id);
        Ok(())
    }

    /// ModifyVpcAttribute, for the two DNS attributes.
    pub(crate) fn modify_vpc_attribute(
        &mut self,
        region: &str,
        vpc_id: &str,
        support: Option<bool>,
        hostnames: Option<bool>,
    ) -> Result<(), Ec2Error> {
        check_id("InvalidVpcId.Malformed", "vpc", vpc_id)?;
        let vpc = self
            .aws
            .vpcs
            .iter_mut()
            .find(|vpc| vpc.vpc_id == vpc_id && vpc.region == region)
            .ok_or_else(|| Ec2Error::unknown_vpc(vpc_id))?;
        if let Some(support) = support {
            vpc.dns_support = support;
        }
        if let Some(hostnames) = hostnames {
            vpc.dns_hostnames = hostnames;
        }
        Ok(())
    }

    /// CreateSubnet in a zone given by name or by id; the region's first zone when neither is.
    pub(crate) fn create_subnet(
        &mut self,
        region: &str,
        vpc_id: &str,
        cidr_block: &str,
        zone: Option<&str>,
        tags: Tags,
    ) -> Result<String, Ec2Error> {
        check_id("InvalidVpcId.Malformed", "vpc", vpc_id)?;
        check_cidr(cidr_block)?;
        self.aws.vpc(region, vpc_id).ok_or_else(|| Ec2Error::unknown_vpc(vpc_id))?;
        let zone_id = self
            .aws
            .region(region)
            .and_then(|region| {
                region
                    .zones
                    .iter()
                    .find(|known| zone.is_none_or(|zone| known.name == zone || known.id == zone))
            })
            .map(|zone| zone.id.clone())
            .ok_or_else(|| {
                Ec2Error::new(
                    "InvalidParameterValue",
                    format!(
                        "Value ({}) for parameter availabilityZone is invalid.",
                        zone.unwrap_or_default()
                    ),
                )
            })?;
        let subnet_id = self.ids.aws("subnet");
        self.aws.subnets.push(Subnet {
            subnet_id: subnet_id.clone(),
            region: region.to_owned(),
            vpc_id: vpc_id.to_owned(),
            zone_id,
            cidr_block: cidr_block.to_owned(),
            free_addresses: 251,
            tags,
        });
        Ok(subnet_id)
    }

    /// DeleteSubnet: refused while an endpoint's network interface is in it.
    pub(crate) fn delete_subnet(&mut self, region: &str, subnet_id: &str) -> Result<(), Ec2Error> {
        check_id("InvalidSubnetId.Malformed", "subnet", subnet_id)?;
        self.aws.subnet(region, subnet_id).ok_or_else(|| Ec2Error::unknown_subnet(subnet_id))?;
        let in_use = self.aws.network_interfaces.iter().any(|interface| interface.subnet_id == subnet_id);
        if in_use {
            return Err(Ec2Error::new(
                "DependencyViolation",
                format!("The subnet '{subnet_id}' has dependencies and cannot be deleted."),
            ));
        }
        self.aws.subnets.retain(|subnet| subnet.subnet_id != subnet_id);
        Ok(())
    }

    /// CreateSecurityGroup: nothing in, everything out.
    pub(crate) fn create_security_group(
        &mut self,
        region: &str,
        vpc_id: &str,
        name: &str,
        description: &str,
        tags: Tags,
    ) -> Result<String, Ec2Error> {
        check_id("InvalidVpcId.Malformed", "vpc", vpc_id)?;
        self.aws.vpc(region, vpc_id).ok_or_else(|| Ec2Error::unknown_vpc(vpc_id))?;
        let taken = self.aws.security_groups.iter().any(|group| group.vpc_id == vpc_id && group.name == name);
        if taken {
            return Err(Ec2Error::new(
                "InvalidGroup.Duplicate",
                format!("The security group '{name}' already exists for VPC '{vpc_id}'"),
            ));
        }
        let group_id = self.ids.aws("sg");
        let outward = self.outward_rule();
        self.aws.security_groups.push(SecurityGroup {
            group_id: group_id.clone(),
            region: region.to_owned(),
            vpc_id: vpc_id.to_owned(),
            name: name.to_owned(),
            description: description.to_owned(),
            rules: vec![outward],
            tags,
        });
        Ok(group_id)
    }

    /// DeleteSecurityGroup: refused while an endpoint uses it and still has its network interfaces.
    pub(crate) fn delete_security_group(&mut self, region: &str, group_id: &str) -> Result<(), Ec2Error> {
        check_id("InvalidGroupId.Malformed", "sg", group_id)?;
        let group =
            self.aws.security_group(region, group_id).ok_or_else(|| Ec2Error::unknown_group(group_id))?;
        if group.name == "default" {
            return Err(Ec2Error::new(
                "CannotDelete",
                format!("the specified group: \"{group_id}\" name: \"default\" cannot be deleted by a user"),
            ));
        }
        let in_use = self.aws.endpoints.iter().any(|endpoint| {
            !endpoint.network_interface_ids.is_empty()
                && endpoint.security_group_ids.iter().any(|id| id == group_id)
        });
        if in_use {
            return Err(Ec2Error::new(
                "DependencyViolation",
                format!("resource {group_id} has a dependent object"),
            ));
        }
        self.aws.security_groups.retain(|group| group.group_id != group_id);
        Ok(())
    }

    /// CreateTags. All resources must exist; nothing is tagged otherwise.
    pub(crate) fn create_tags(
        &mut self,
        region: &str,
        resources: &[String],
        tags: &Tags,
    ) -> Result<(), Ec2Error> {
        check_tags(tags)?;
        for id in resources {
            self.tags_of(region, id)?;
        }
        for id in resources {
            let kept = self.tags_of(region, id)?;
            let added = tags.keys().filter(|key| !kept.contains_key(*key)).count();
            if kept.len() + added > MAX_TAGS {
                return Err(too_many_tags(id));
            }
            kept.extend(tags.clone());
        }
        Ok(())
    }

    /// DeleteTags: a tag given with a value goes only if it has that value; without tags, all go.
    pub(crate) fn delete_tags(
        &mut self,
        region: &str,
        resources: &[String],
        tags: &[(String, Option<String>)],
    ) -> Result<(), Ec2Error> {
        for id in resources {
            self.tags_of(region, id)?;
        }
        for id in resources {
            let kept = self.tags_of(region, id)?;
            if tags.is_empty() {
                kept.clear();
            }
            for (key, value) in tags {
                if value.as_ref().is_none_or(|value| kept.get(key) == Some(value)) {
                    kept.remove(key);
                }
            }
        }
        Ok(())
    }

    fn tags_of(&mut self, region: &str, id: &str) -> Result<&mut Tags, Ec2Error> {
        let kind = id.split('-').next().unwrap_or_default();
        let aws = &mut self.aws;
        let (found, missing) = match kind {
            "vpce" => (
                aws.endpoints
                    .iter_mut()
                    .find(|endpoint| endpoint.endpoint_id == id && endpoint.region == region)
                    .map(|endpoint| &mut endpoint.tags),
                Ec2Error::unknown_endpoint(id),
            ),
            "vpc" => (
                aws.vpcs
                    .iter_mut()
                    .find(|vpc| vpc.vpc_id == id && vpc.region == region)
                    .map(|vpc| &mut vpc.tags),
                Ec2Error::unknown_vpc(id),
            ),
            "subnet" => (
                aws.subnets
                    .iter_mut()
                    .find(|subnet| subnet.subnet_id == id && subnet.region == region)
                    .map(|subnet| &mut subnet.tags),
                Ec2Error::unknown_subnet(id),
            ),
            "sg" => (
                aws.security_groups
                    .iter_mut()
                    .find(|group| group.group_id == id && group.region == region)
                    .map(|group| &mut group.tags),
                Ec2Error::unknown_group(id),
            ),
            _ => (None, Ec2Error::new("InvalidID", format!("The ID '{id}' is not valid"))),
        };
        found.ok_or(missing)
    }

    fn outward_rule(&mut self) -> SecurityGroupRule {
        SecurityGroupRule {
            rule_id: self.ids.aws("sgr"),
            egress: true,
            protocol: "-1".to_owned(),
            cidr_ipv4: Some("0.0.0.0/0".to_owned()),
            ..SecurityGroupRule::default()
        }
    }
}

/// How many tags a resource may have (Amazon EC2 User Guide, "Tag restrictions").
const MAX_TAGS: usize = 50;

fn too_many_tags(resource: &str) -> Ec2Error {
    Ec2Error::new("TagLimitExceeded", format!("More than {MAX_TAGS} tags specified for resource {resource}"))
}

/// Refuses tags that EC2 refuses: more than 50, keys over 127 characters, values over 256, and AWS's own prefix.
pub(crate) fn check_tags(tags: &Tags) -> Result<(), Ec2Error> {
    if tags.len() > MAX_TAGS {
        return Err(too_many_tags("that is being made"));
    }
    for (key, value) in tags {
        if key.is_empty() || key.chars().count() > 127 || value.chars().count() > 256 {
            return Err(Ec2Error::new(
                "InvalidParameterValue",
                format!("Tag key '{key}' or its value is empty or too long"),
            ));
        }
        if key.to_ascii_lowercase().starts_with("aws:") {
            return Err(Ec2Error::new(
                "InvalidParameterValue",
                "Tag keys starting with 'aws:' are reserved for internal use",
            ));
        }
    }
    Ok(())
}

fn check_cidr(cidr_block: &str) -> Result<(), Ec2Error> {
    let well_formed = cidr_block.split_once('/').is_some_and(|(address, length)| {
        address.parse::<std::net::Ipv4Addr>().is_ok()
            && length.parse::<u8>().is_ok_and(|length| (16..=28).contains(&length))
    });
    if well_formed {
        return Ok(());
    }
    Err(Ec2Error::new(
        "InvalidParameterValue",
        format!("Value ({cidr_block}) for parameter cidrBlock is invalid. This is not a valid CIDR block."),
    ))
}
