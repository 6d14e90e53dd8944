//! The reads of the preflight, side by side: six for a VPC and a service, shared by all endpoints that are planned there
//! within a few seconds. Subnets and groups are listed by VPC rather than by id, so that every endpoint of the VPC finds
//! its own in the same answer; only those which are not there are asked for by id, to say where they are instead.

use std::collections::BTreeSet;
use std::sync::Arc;

use aws_sdk_ec2::types;

use super::evaluate;
use super::survey::{
    EndpointSeen, GroupSeen, IngressRule, Look, OfferedService, ServiceView, SubnetSeen, Survey,
    TrafficSource, VpcDns, VpcView,
};
use crate::clouds::aws::actions::{ATTRIBUTE, DESCRIBE, GROUPS, SERVICES, SUBNETS};
use crate::clouds::aws::client::{AwsRegion, PAGE_SIZE, filter};
use crate::clouds::aws::convert;
use crate::clouds::{Preflight, ServiceFacts, Standing, Wish};
use crate::error::{ApiError, Cause, Service};
use crate::ids::{SecurityGroupId, ServiceName, SubnetId, VpcId, ZoneId};
use crate::operation::Operation;
use crate::recent::Age;

impl AwsRegion {
    /// Surveys and judges. Bad news is never taken from memory: what the same run has put right since counts.
    pub(in crate::clouds::aws) async fn look_before(
        &self,
        operation: &Operation,
        service: &ServiceFacts,
        wish: &Wish,
    ) -> Result<Preflight, ApiError> {
        let asked = operation.clock().elapsed();
        let (survey, fresh) = self.survey(operation, service, wish, Age::Recent, asked).await?;
        let verdict = evaluate(&survey, service, wish);
        let in_the_way = verdict.findings.iter().any(|finding| finding.standing != Standing::Advice);
        if fresh || !in_the_way {
            return Ok(verdict);
        }
        let (survey, _) = self.survey(operation, service, wish, Age::Since(asked), asked).await?;
        Ok(evaluate(&survey, service, wish))
    }

    /// Whether the VPC is there; `None` when the credentials may not look.
    pub(in crate::clouds::aws) async fn look_for_vpc(
        &self,
        operation: &Operation,
        vpc: &VpcId,
    ) -> Result<Option<bool>, ApiError> {
        let support = self.dns_attribute(operation, vpc, types::VpcAttributeName::EnableDnsSupport).await;
        Ok(allowed(support)?.seen().map(Option::is_some))
    }

    /// The survey, and whether all of it was read after `asked`.
    async fn survey(
        &self,
        operation: &Operation,
        service: &ServiceFacts,
        wish: &Wish,
        age: Age,
        asked: std::time::Duration,
    ) -> Result<(Survey, bool), ApiError> {
        let (vpc, offered) = tokio::join!(
            self.vpcs.get(operation, &wish.vpc, age, Box::pin(self.view_vpc(operation, &wish.vpc))),
            self.services.get(
                operation,
                &service.name,
                age,
                Box::pin(self.view_service(operation, &service.name))
            ),
        );
        let (vpc, offered) = (vpc?, offered?);
        let fresh = vpc.begun >= asked && offered.begun >= asked;
        let mut view = VpcView::clone(&vpc.value);
        if !matches!(view.dns, Look::Seen(None)) {
            self.add_strangers(operation, wish, &mut view).await?;
        }
        let survey =
            Survey { region: self.region.clone(), vpc: view, service: ServiceView::clone(&offered.value) };
        Ok((survey, fresh))
    }

    async fn view_vpc(&self, operation: &Operation, vpc: &VpcId) -> Result<Arc<VpcView>, ApiError> {
        let in_vpc = || filter("vpc-id", [vpc.as_str()]);
        let (support, hostnames, subnets, groups, endpoints) = tokio::join!(
            Box::pin(self.dns_attribute(operation, vpc, types::VpcAttributeName::EnableDnsSupport)),
            Box::pin(self.dns_attribute(operation, vpc, types::VpcAttributeName::EnableDnsHostnames)),
            Box::pin(self.subnets(operation, in_vpc())),
            Box::pin(self.groups(operation, in_vpc())),
            Box::pin(self.describe(operation, in_vpc())),
        );
        let dns = match (allowed(support)?, allowed(hostnames)?) {
            (Look::Seen(support), Look::Seen(hostnames)) => {
                Look::Seen(support.zip(hostnames).map(|(support, hostnames)| VpcDns { support, hostnames }))
            }
            _ => Look::Denied,
        };
        let endpoints = endpoints.and_then(|found| found.iter().map(endpoint).collect());
        Ok(Arc::new(VpcView {
            dns,
            subnets: allowed(subnets)?,
            groups: allowed(groups)?,
            endpoints: allowed(endpoints)?,
        }))
    }

    /// Looks up those subnets and groups of the wish that the VPC does not have.
    async fn add_strangers(
        &self,
        operation: &Operation,
        wish: &Wish,
        view: &mut VpcView,
    ) -> Result<(), ApiError> {
        if let Look::Seen(subnets) = &mut view.subnets {
            let known: BTreeSet<_> = subnets.iter().map(|subnet| subnet.id.clone()).collect();
            let missing = wish.subnets.iter().flatten().filter(|subnet| !known.contains(subnet));
            let missing: Vec<_> = missing.map(SubnetId::as_str).collect();
            if !missing.is_empty() {
                subnets.extend(self.subnets(operation, filter("subnet-id", missing)).await?);
            }
        }
        if let Look::Seen(groups) = &mut view.groups {
            let known: BTreeSet<_> = groups.iter().map(|group| group.id.clone()).collect();
            let missing = wish.security_groups.iter().flatten().filter(|group| !known.contains(group));
            let missing: Vec<_> = missing.map(SecurityGroupId::as_str).collect();
            if !missing.is_empty() {
                groups.extend(self.groups(operation, filter("group-id", missing)).await?);
            }
        }
        Ok(())
    }

    /// One of the VPC's switches; `None` when there is no such VPC.
    async fn dns_attribute(
        &self,
        operation: &Operation,
        vpc: &VpcId,
        attribute: types::VpcAttributeName,
    ) -> Result<Option<bool>, ApiError> {
        let client = self.client().await;
        let call = self.call(operation, ATTRIBUTE);
        let answer = call
            .send(|| async {
                client
                    .describe_vpc_attribute()
                    .vpc_id(vpc.as_str())
                    .attribute(attribute.clone())
                    .send()
                    .await
                    .map_err(|error| call.error(&error))
            })
            .await;
        let answer = match answer {
            Err(error) if error.cause == Some(Cause::VpcNotFound) => return Ok(None),
            answer => answer?,
        };
        let value = match attribute {
            types::VpcAttributeName::EnableDnsSupport => answer.enable_dns_support(),
            _ => answer.enable_dns_hostnames(),
        };
        let value = value.and_then(types::AttributeBooleanValue::value);
        value.ok_or_else(|| convert::missing(ATTRIBUTE.name, attribute.as_str())).map(Some)
    }

    async fn subnets(
        &self,
        operation: &Operation,
        filter: types::Filter,
    ) -> Result<Vec<SubnetSeen>, ApiError> {
        let client = self.client().await;
        let read = |token| {
            let request = client.describe_subnets().filters(filter.clone()).max_results(PAGE_SIZE);
            async { request.set_next_token(token).send().await.map(|page| (page.subnets, page.next_token)) }
        };
        let call = self.call(operation, SUBNETS);
        let found = call.pages(types::Subnet::subnet_id, "SubnetSet", read).await?;
        found.iter().map(subnet).collect()
    }

    async fn groups(&self, operation: &Operation, filter: types::Filter) -> Result<Vec<GroupSeen>, ApiError> {
        let client = self.client().await;
        let read = |token| {
            let request = client.describe_security_groups().filters(filter.clone()).max_results(PAGE_SIZE);
            async {
                request.set_next_token(token).send().await.map(|page| (page.security_groups, page.next_token))
            }
        };
        let call = self.call(operation, GROUPS);
        let found = call.pages(types::SecurityGroup::group_id, "SecurityGroupInfo", read).await?;
        found.iter().map(group).collect()
    }

    async fn view_service(
        &self,
        operation: &Operation,
        name: &ServiceName,
    ) -> Result<Arc<ServiceView>, ApiError> {
        let offered = match self.service_details(operation, name).await {
            Err(error) if error.cause == Some(Cause::ServiceNotFound) => Ok(None),
            details => details.map(|details| {
                let detail = details.iter().find(|detail| detail.service_name() == Some(name.as_str()));
                detail.map(service)
            }),
        };
        allowed(offered).map(Arc::new)
    }

    async fn service_details(
        &self,
        operation: &Operation,
        name: &ServiceName,
    ) -> Result<Vec<types::ServiceDetail>, ApiError> {
        let client = self.client().await;
        let read = |token| {
            let request = client.describe_vpc_endpoint_services().service_names(name.as_str());
            async {
                request.set_next_token(token).send().await.map(|page| (page.service_details, page.next_token))
            }
        };
        let call = self.call(operation, SERVICES);
        call.pages(types::ServiceDetail::service_id, "ServiceDetailSet", read).await
    }
}

/// EC2's refusal to show something is part of what was seen. Credentials that could not be had at all are not.
fn allowed<T>(look: Result<T, ApiError>) -> Result<Look<T>, ApiError> {
    match look {
        Ok(seen) => Ok(Look::Seen(seen)),
        Err(error) if error.service == Service::Ec2 && error.cause == Some(Cause::ActionDenied) => {
            Ok(Look::Denied)
        }
        Err(error) => Err(error),
    }
}

fn subnet(found: &types::Subnet) -> Result<SubnetSeen, ApiError> {
    let zone = found.availability_zone_id();
    Ok(SubnetSeen {
        id: convert::id(SUBNETS.name, "SubnetId", found.subnet_id())?,
        vpc: convert::id(SUBNETS.name, "VpcId", found.vpc_id())?,
        zone: zone.map(ZoneId::new).ok_or_else(|| convert::missing(SUBNETS.name, "AvailabilityZoneId"))?,
        zone_name: found.availability_zone().unwrap_or_default().to_owned(),
    })
}

fn group(found: &types::SecurityGroup) -> Result<GroupSeen, ApiError> {
    Ok(GroupSeen {
        id: convert::id(GROUPS.name, "GroupId", found.group_id())?,
        vpc: convert::id(GROUPS.name, "VpcId", found.vpc_id())?,
        // Nobody else may bear this name (Amazon VPC user guide, "Default security groups").
        default: found.group_name() == Some("default"),
        ingress: found.ip_permissions().iter().map(rule).collect(),
    })
}

fn rule(permission: &types::IpPermission) -> IngressRule {
    let port = |port: Option<i32>, open: u16| match port {
        // -1 and no port at all both mean every port (EC2 API reference, IpPermission).
        None | Some(-1) => open,
        Some(port) => u16::try_from(port).unwrap_or(open),
    };
    let tcp_ports = match permission.ip_protocol() {
        Some("-1") => Some(0..=u16::MAX),
        Some("tcp" | "6") => Some(port(permission.from_port(), 0)..=port(permission.to_port(), u16::MAX)),
        _ => None,
    };
    let v4 = permission.ip_ranges().iter().filter_map(types::IpRange::cidr_ip);
    let v6 = permission.ipv6_ranges().iter().filter_map(types::Ipv6Range::cidr_ipv6);
    let lists = permission.prefix_list_ids().iter().filter_map(types::PrefixListId::prefix_list_id);
    let groups = permission.user_id_group_pairs().iter().filter_map(types::UserIdGroupPair::group_id);
    let sources = v4
        .chain(v6)
        .map(|cidr| TrafficSource::Cidr(cidr.to_owned()))
        .chain(lists.map(|list| TrafficSource::PrefixList(list.to_owned())))
        .chain(groups.map(|group| TrafficSource::Group(group.to_owned())));
    IngressRule { tcp_ports, sources: sources.collect() }
}

fn endpoint(found: &types::VpcEndpoint) -> Result<EndpointSeen, ApiError> {
    let endpoint = convert::endpoint(DESCRIBE.name, found)?;
    let dns_names = found.dns_entries().iter().filter_map(types::DnsEntry::dns_name);
    Ok(EndpointSeen {
        ours: endpoint.is_marked() || endpoint.token().is_some(),
        subnets: endpoint.subnets,
        groups: endpoint.security_groups,
        counted: matches!(
            found.vpc_endpoint_type(),
            Some(types::VpcEndpointType::Interface | types::VpcEndpointType::GatewayLoadBalancer)
        ),
        private_dns: endpoint.private_dns,
        dns_names: dns_names.map(str::to_owned).collect(),
        state: endpoint.state,
        service: endpoint.service_name,
        id: endpoint.id,
    })
}

fn service(detail: &types::ServiceDetail) -> OfferedService {
    let names = detail.private_dns_names().iter().filter_map(types::PrivateDnsDetails::private_dns_name);
    OfferedService {
        zones: detail.availability_zone_ids().iter().map(ZoneId::new).collect(),
        zone_names: detail.availability_zones().iter().cloned().collect(),
        acceptance_required: detail.acceptance_required().unwrap_or_default(),
        private_dns_names: detail.private_dns_name().into_iter().chain(names).map(str::to_owned).collect(),
        private_dns_verified: detail
            .private_dns_name_verification_state()
            .is_none_or(|state| state.as_str().eq_ignore_ascii_case("verified")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::ErrorKind;

    fn permission(protocol: &str, ports: Option<(i32, i32)>) -> types::IpPermission {
        types::IpPermission::builder()
            .ip_protocol(protocol)
            .set_from_port(ports.map(|ports| ports.0))
            .set_to_port(ports.map(|ports| ports.1))
            .ip_ranges(types::IpRange::builder().cidr_ip("10.0.0.0/8").build())
            .build()
    }

    #[test]
    fn only_ec2_can_refuse_to_show_something() {
        let refused_by = |service| {
            let mut error = ApiError::new(service, SUBNETS.name, ErrorKind::Denied, "no");
            error.cause = Some(Cause::ActionDenied);
            allowed::<()>(Err(error))
        };
        assert_eq!(refused_by(Service::Ec2), Ok(Look::Denied));
        assert!(refused_by(Service::AwsCredentials).is_err());
    }

    #[test]
    fn rules_are_understood_whatever_way_they_name_ports() {
        let table = [
            (permission("tcp", Some((4000, 4010))), Some(4000..=4010)),
            (permission("6", Some((4000, 4000))), Some(4000..=4000)),
            (permission("tcp", Some((-1, -1))), Some(0..=65535)),
            (permission("tcp", None), Some(0..=65535)),
            (permission("-1", None), Some(0..=65535)),
            (permission("udp", Some((4000, 4000))), None),
            (permission("icmp", Some((-1, -1))), None),
        ];
        for (permission, ports) in table {
            assert_eq!(rule(&permission).tcp_ports, ports, "{permission:?}");
        }
    }

    #[test]
    fn every_kind_of_source_is_kept() {
        let permission = types::IpPermission::builder()
            .ip_protocol("tcp")
            .ip_ranges(types::IpRange::builder().cidr_ip("10.0.0.0/8").build())
            .ipv6_ranges(types::Ipv6Range::builder().cidr_ipv6("fd00::/8").build())
            .prefix_list_ids(types::PrefixListId::builder().prefix_list_id("pl-1").build())
            .user_id_group_pairs(types::UserIdGroupPair::builder().group_id("sg-1").build())
            .build();
        let expected = [
            TrafficSource::Cidr("10.0.0.0/8".into()),
            TrafficSource::Cidr("fd00::/8".into()),
            TrafficSource::PrefixList("pl-1".into()),
            TrafficSource::Group("sg-1".into()),
        ];
        assert_eq!(rule(&permission).sources, expected);
    }

    #[test]
    fn a_private_name_counts_as_verified_unless_ec2_says_otherwise() {
        let named = || types::ServiceDetail::builder().private_dns_name("db.example.com");
        assert!(service(&named().build()).private_dns_verified);
        let verified = named().private_dns_name_verification_state("verified".into());
        assert!(service(&verified.build()).private_dns_verified);
        let pending = named().private_dns_name_verification_state("pendingVerification".into());
        assert!(!service(&pending.build()).private_dns_verified);
    }
}
