//! Actions on endpoints, the services they lead to and the network interfaces they have.

use super::Fill;
use super::describe::{Page, check_min_page, filtered, tag_values};
use super::params::Params;
use super::xml::Xml;
use crate::world::{
    Ec2Error, EndpointChange, EndpointService, NetworkInterface, NewEndpoint, SecurityGroup, Tags, Undeleted,
    VpcEndpoint, World, check_id, check_tags,
};

/// The only policy that endpoints of these services may have.
const FULL_ACCESS: &str = r#"{"Statement":[{"Action":"*","Effect":"Allow","Principal":"*","Resource":"*"}]}"#;

pub(super) fn create(world: &mut World, region: &str, params: &Params) -> Result<Fill, Ec2Error> {
    let kind = params.get("VpcEndpointType").unwrap_or("Gateway");
    if kind != "Interface" {
        return Err(Ec2Error::new(
            "InvalidVpcEndpointType",
            format!("The Vpc Endpoint type {kind} is not supported for this service"),
        ));
    }
    let service_name = params.required("ServiceName")?;
    if params.get("PolicyDocument").is_some_and(|policy| !policy.is_empty()) {
        return Err(only_full_access(service_name));
    }
    if params.get("ServiceRegion").is_some_and(|wanted| wanted != region) {
        return Err(Ec2Error::unknown_service(service_name));
    }
    let client_token = params.get("ClientToken").map(str::to_owned);
    if client_token.as_ref().is_some_and(|token| token.len() > 64 || !token.is_ascii()) {
        return Err(Ec2Error::new(
            "InvalidParameterValue",
            "Client token must be at most 64 ASCII characters",
        ));
    }
    let tags = params.tag_specifications("vpc-endpoint")?;
    check_tags(&tags)?;
    let new = NewEndpoint {
        region: region.to_owned(),
        vpc_id: params.required("VpcId")?.to_owned(),
        service_name: service_name.to_owned(),
        subnet_ids: params.list("SubnetId"),
        security_group_ids: params.list("SecurityGroupId"),
        private_dns_enabled: params.flag("PrivateDnsEnabled")?,
        tags,
        client_token: client_token.clone(),
        fingerprint: params.fingerprint(&["ClientToken"]),
    };
    let id = world.create_endpoint(&new)?;
    let view = EndpointView::of(world, &id).ok_or_else(|| Ec2Error::unknown_endpoint(&id))?;
    Ok(Box::new(move |xml| {
        xml.within("vpcEndpoint", |xml| view.write(xml)).optional("clientToken", client_token);
    }))
}

pub(super) fn describe(world: &World, region: &str, params: &Params) -> Result<Fill, Ec2Error> {
    let ids = params.list("VpcEndpointId");
    for id in &ids {
        check_id("InvalidVpcEndpointId.Malformed", "vpce", id)?;
        world.described_endpoint(region, id).ok_or_else(|| Ec2Error::unknown_endpoint(id))?;
    }
    let endpoints: Vec<&VpcEndpoint> = world
        .aws
        .endpoints
        .iter()
        .filter(|endpoint| endpoint.region == region && world.is_visible(endpoint))
        .filter(|endpoint| ids.is_empty() || ids.contains(&endpoint.endpoint_id))
        .collect();
    let endpoints = filtered(endpoints, &params.filters(), |endpoint, filter| {
        let value = match filter {
            "vpc-id" => endpoint.vpc_id.clone(),
            "service-name" => endpoint.service_name.clone(),
            "service-region" => endpoint.region.clone(),
            "vpc-endpoint-id" => endpoint.endpoint_id.clone(),
            "vpc-endpoint-state" => endpoint.state.as_str().to_owned(),
            "vpc-endpoint-type" => "Interface".to_owned(),
            "ip-address-type" => "ipv4".to_owned(),
            tag => return tag_values(&endpoint.tags, tag),
        };
        Some(vec![value])
    })?;
    let views: Vec<EndpointView> =
        endpoints.into_iter().filter_map(|endpoint| EndpointView::of(world, &endpoint.endpoint_id)).collect();
    let page = Page::of(params, &world.limits, views)?;
    Ok(Box::new(move |xml| {
        xml.list("vpcEndpointSet", page.items, |xml, view| view.write(xml)).text("nextToken", page.next);
    }))
}

pub(super) fn modify(world: &mut World, region: &str, params: &Params) -> Result<Fill, Ec2Error> {
    let id = params.required("VpcEndpointId")?;
    if params.get("PolicyDocument").is_some_and(|policy| !policy.is_empty()) {
        let service = world
            .described_endpoint(region, id)
            .map(|endpoint| endpoint.service_name.clone())
            .ok_or_else(|| Ec2Error::unknown_endpoint(id))?;
        return Err(only_full_access(&service));
    }
    let change = EndpointChange {
        add_subnets: params.list("AddSubnetId"),
        remove_subnets: params.list("RemoveSubnetId"),
        add_groups: params.list("AddSecurityGroupId"),
        remove_groups: params.list("RemoveSecurityGroupId"),
        private_dns_enabled: params.flag("PrivateDnsEnabled")?,
    };
    world.modify_endpoint(region, id, &change)?;
    Ok(success())
}

pub(super) fn delete(world: &mut World, region: &str, params: &Params) -> Result<Fill, Ec2Error> {
    let ids = params.list("VpcEndpointId");
    if ids.is_empty() {
        return Err(Ec2Error::missing_parameter("VpcEndpointId"));
    }
    let undeleted = world.delete_endpoints(region, &ids);
    Ok(Box::new(move |xml| {
        xml.list("unsuccessful", undeleted, |xml, Undeleted { endpoint_id, error }| {
            xml.within("error", |xml| {
                xml.text("code", error.code).text("message", &error.message);
            })
            .text("resourceId", endpoint_id);
        });
    }))
}

/// `<return>true</return>`, the whole answer of many actions.
pub(super) fn success() -> Fill {
    Box::new(|xml| {
        xml.text("return", true);
    })
}

fn only_full_access(service_name: &str) -> Ec2Error {
    Ec2Error::invalid_parameter(format!(
        "Service {service_name} only supports the full-access endpoint policy."
    ))
}

/// An endpoint with what is known elsewhere: its owner and the names of its groups.
struct EndpointView {
    endpoint: VpcEndpoint,
    groups: Vec<(String, String)>,
    owner_id: String,
}

impl EndpointView {
    fn of(world: &World, id: &str) -> Option<Self> {
        let endpoint = world.aws.endpoint(id)?.clone();
        let groups = endpoint
            .security_group_ids
            .iter()
            .map(|group_id| {
                let name = world
                    .aws
                    .security_group(&endpoint.region, group_id)
                    .map(|group: &SecurityGroup| group.name.clone())
                    .unwrap_or_default();
                (group_id.clone(), name)
            })
            .collect();
        Some(Self { endpoint, groups, owner_id: world.aws.account_id.clone() })
    }

    fn write(&self, xml: &mut Xml) {
        let endpoint = &self.endpoint;
        xml.text("vpcEndpointId", &endpoint.endpoint_id)
            .text("vpcEndpointType", "Interface")
            .text("vpcId", &endpoint.vpc_id)
            .text("serviceName", &endpoint.service_name)
            .text("serviceRegion", &endpoint.region)
            .text("state", endpoint.state.as_str())
            .text("policyDocument", FULL_ACCESS)
            .values("routeTableIdSet", std::iter::empty::<&str>())
            .values("subnetIdSet", &endpoint.subnet_ids)
            .list("groupSet", &self.groups, |xml, (id, name)| {
                xml.text("groupId", id).text("groupName", name);
            })
            .text("ipAddressType", "ipv4")
            .within("dnsOptions", |xml| {
                xml.text("dnsRecordIpType", "ipv4");
            })
            .text("privateDnsEnabled", endpoint.private_dns_enabled)
            .text("requesterManaged", false)
            .values("networkInterfaceIdSet", &endpoint.network_interface_ids)
            .list("dnsEntrySet", &endpoint.dns_entries, |xml, entry| {
                xml.text("dnsName", &entry.dns_name).text("hostedZoneId", &entry.hosted_zone_id);
            })
            .text("creationTimestamp", endpoint.created)
            .text("ownerId", &self.owner_id);
        write_tags(xml, &endpoint.tags);
        if let Some(error) = &endpoint.last_error {
            xml.within("lastError", |xml| {
                xml.text("code", &error.code).text("message", &error.message);
            })
            .text("failureReason", &error.message);
        }
    }
}

/// `tagSet`.
pub(super) fn write_tags(xml: &mut Xml, tags: &Tags) {
    xml.list("tagSet", tags, |xml, (key, value)| {
        xml.text("key", key).text("value", value);
    });
}

pub(super) fn describe_services(world: &World, region: &str, params: &Params) -> Result<Fill, Ec2Error> {
    let names = params.list("ServiceName");
    for name in &names {
        world.aws.offered(region, name).ok_or_else(|| Ec2Error::unknown_service(name))?;
    }
    let services: Vec<EndpointService> = world
        .aws
        .services
        .iter()
        .filter(|service| service.region == region && !service.hidden)
        .filter(|service| names.is_empty() || names.contains(&service.service_name))
        .cloned()
        .collect();
    let services = filtered(services, &params.filters(), |service, filter| {
        Some(vec![match filter {
            "service-name" => service.service_name.clone(),
            "service-type" => "Interface".to_owned(),
            "service-region" => service.region.clone(),
            "owner" => service.owner_id.clone(),
            "supported-ip-address-types" => "ipv4".to_owned(),
            tag => return tag_values(&Tags::new(), tag),
        }])
    })?;
    let views: Vec<(EndpointService, Vec<String>)> = services
        .into_iter()
        .map(|service| {
            let zones =
                service.zone_ids.iter().filter_map(|id| world.aws.zone_name(id)).map(str::to_owned).collect();
            (service, zones)
        })
        .collect();
    let page = Page::of(params, &world.limits, views)?;
    Ok(Box::new(move |xml| {
        xml.values("serviceNameSet", page.items.iter().map(|(service, _)| &service.service_name))
            .list("serviceDetailSet", &page.items, |xml, (service, zones)| {
                write_service(xml, service, zones);
            })
            .text("nextToken", &page.next);
    }))
}

fn write_service(xml: &mut Xml, service: &EndpointService, zones: &[String]) {
    xml.text("serviceName", &service.service_name)
        .text("serviceId", service.service_id())
        .list("serviceType", ["Interface"], |xml, kind| {
            xml.text("serviceType", kind);
        })
        .text("serviceRegion", &service.region)
        .values("availabilityZoneIdSet", &service.zone_ids)
        .values("availabilityZoneSet", zones)
        .text("owner", &service.owner_id)
        .values(
            "baseEndpointDnsNameSet",
            [format!("{}.{}.vpce.amazonaws.com", service.service_id(), service.region)],
        );
    if let Some(name) = &service.private_dns_name {
        xml.text("privateDnsName", name)
            .list("privateDnsNameSet", [name], |xml, name| {
                xml.text("privateDnsName", name);
            })
            .text("privateDnsNameVerificationState", service.private_dns_verification.as_str());
    }
    xml.text("vpcEndpointPolicySupported", false)
        .text("acceptanceRequired", service.acceptance_required)
        .text("managesVpcEndpoints", false)
        .values("supportedIpAddressTypeSet", ["ipv4"]);
    write_tags(xml, &Tags::new());
}

pub(super) fn describe_interfaces(world: &World, region: &str, params: &Params) -> Result<Fill, Ec2Error> {
    let ids = params.list("NetworkInterfaceId");
    if !ids.is_empty() && params.get("MaxResults").is_some() {
        return Err(Ec2Error::new(
            "InvalidParameterCombination",
            "The parameter networkInterfaceIdSet cannot be used with the parameter maxResults",
        ));
    }
    check_min_page(params)?;
    let of_region = |interface: &&NetworkInterface| interface.region == region;
    for id in &ids {
        world
            .aws
            .network_interfaces
            .iter()
            .filter(of_region)
            .find(|interface| interface.network_interface_id == *id)
            .ok_or_else(|| {
                Ec2Error::new(
                    "InvalidNetworkInterfaceID.NotFound",
                    format!("The networkInterface ID '{id}' does not exist"),
                )
            })?;
    }
    let groups_of = |interface: &NetworkInterface| {
        world
            .aws
            .endpoint(&interface.endpoint_id)
            .map(|endpoint| endpoint.security_group_ids.clone())
            .unwrap_or_default()
    };
    let interfaces: Vec<&NetworkInterface> = world
        .aws
        .network_interfaces
        .iter()
        .filter(of_region)
        .filter(|interface| ids.is_empty() || ids.contains(&interface.network_interface_id))
        .collect();
    let interfaces = filtered(interfaces, &params.filters(), |interface, filter| {
        Some(vec![match filter {
            "network-interface-id" => interface.network_interface_id.clone(),
            "interface-type" => "vpc_endpoint".to_owned(),
            "description" => description(interface),
            "vpc-id" => interface.vpc_id.clone(),
            "subnet-id" => interface.subnet_id.clone(),
            "group-id" => return Some(groups_of(interface)),
            "status" => "in-use".to_owned(),
            "requester-managed" => "true".to_owned(),
            "private-ip-address" => interface.private_ip.clone(),
            "availability-zone" => world.aws.zone_name(&interface.zone_id).unwrap_or_default().to_owned(),
            tag => return tag_values(&Tags::new(), tag),
        }])
    })?;
    let views: Vec<_> = interfaces
        .into_iter()
        .map(|interface| {
            let zone = world.aws.zone_name(&interface.zone_id).unwrap_or_default();
            (interface.clone(), zone.to_owned(), groups_of(interface))
        })
        .collect();
    let account = world.aws.account_id.clone();
    let page = Page::of(params, &world.limits, views)?;
    Ok(Box::new(move |xml| {
        xml.list("networkInterfaceSet", page.items, |xml, (interface, zone, groups)| {
            xml.text("networkInterfaceId", &interface.network_interface_id)
                .text("subnetId", &interface.subnet_id)
                .text("vpcId", &interface.vpc_id)
                .text("availabilityZone", zone)
                .text("availabilityZoneId", &interface.zone_id)
                .text("description", description(&interface))
                .text("ownerId", &account)
                .text("requesterManaged", true)
                .text("status", "in-use")
                .text("interfaceType", "vpc_endpoint")
                .text("privateIpAddress", &interface.private_ip)
                .text("sourceDestCheck", true)
                .list("privateIpAddressesSet", [&interface.private_ip], |xml, address| {
                    xml.text("privateIpAddress", address).text("primary", true);
                })
                .list("groupSet", groups, |xml, group| {
                    xml.text("groupId", group);
                });
            write_tags(xml, &Tags::new());
        })
        .text("nextToken", page.next);
    }))
}

fn description(interface: &NetworkInterface) -> String {
    format!("VPC Endpoint Interface {}", interface.endpoint_id)
}
