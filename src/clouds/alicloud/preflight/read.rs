//! The reads of the preflight, side by side: four for a VPC and a service and one for each security group, shared by all
//! endpoints that are planned there within a few seconds. Only vSwitches that the VPC does not have are asked for by id,
//! to say where they are instead.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::RangeInclusive;
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::try_join_all;

use super::evaluate;
use super::survey::{
    EndpointSeen, GroupSeen, GroupView, IngressRule, Look, OfferedService, ServiceView, Survey, VSwitchSeen,
    VpcView,
};
use crate::clouds::alicloud::actions::{
    DESCRIBE_GROUP, DESCRIBE_VPC, DESCRIBE_VSWITCHES, LIST_SERVICES, PAGE,
};
use crate::clouds::alicloud::region::AlicloudRegion;
use crate::clouds::{Preflight, SERVICE_TAG, ServiceFacts, Standing, Wish};
use crate::error::{ApiError, Cause, Service};
use crate::ids::{SecurityGroupId, ServiceName, VpcId, ZoneId};
use crate::json::{Misfit, Node};
use crate::operation::Operation;
use crate::pages::{Page, Pages};
use crate::recent::Age;

/// The most vSwitches on one page (VPC API reference, DescribeVSwitches).
const VSWITCHES_PAGE: u64 = 50;

/// How old what is read may be, and when it was asked for.
#[derive(Clone, Copy)]
struct Asked {
    age: Age,
    at: Duration,
}

impl AlicloudRegion {
    /// Surveys and judges. Bad news is never taken from memory: what the same run has put right since counts.
    pub(in crate::clouds::alicloud) async fn look_before(
        &self,
        operation: &Operation,
        service: &ServiceFacts,
        wish: &Wish,
    ) -> Result<Preflight, ApiError> {
        let at = operation.clock().elapsed();
        let (survey, fresh) = self.survey(operation, service, wish, Asked { age: Age::Recent, at }).await?;
        let verdict = evaluate(&survey, service, wish);
        let in_the_way = verdict.findings.iter().any(|finding| finding.standing != Standing::Advice);
        if fresh || !in_the_way {
            return Ok(verdict);
        }
        let (survey, _) = self.survey(operation, service, wish, Asked { age: Age::Since(at), at }).await?;
        Ok(evaluate(&survey, service, wish))
    }

    /// Whether the VPC is there; `None` when the credentials may not look.
    pub(in crate::clouds::alicloud) async fn look_for_vpc(
        &self,
        operation: &Operation,
        vpc: &VpcId,
    ) -> Result<Option<bool>, ApiError> {
        Ok(allowed(self.vpc_exists(operation, vpc).await)?.seen().copied())
    }

    /// The survey, and whether all of it was read after it was asked for.
    async fn survey(
        &self,
        operation: &Operation,
        service: &ServiceFacts,
        wish: &Wish,
        asked: Asked,
    ) -> Result<(Survey, bool), ApiError> {
        let named = wish.security_groups.iter().flatten();
        let groups = named.map(async |id| {
            let view = self.groups.get(operation, id, asked.age, self.view_group(operation, id)).await?;
            Ok::<_, ApiError>((id.clone(), view))
        });
        let (vpc, offered, groups) = tokio::join!(
            self.vpcs.get(operation, &wish.vpc, asked.age, self.view_vpc(operation, &wish.vpc)),
            self.services.get(
                operation,
                &service.name,
                asked.age,
                self.view_service(operation, &service.name)
            ),
            try_join_all(groups),
        );
        let (vpc, offered, groups) = (vpc?, offered?, groups?);
        let fresh = vpc.begun >= asked.at
            && offered.begun >= asked.at
            && groups.iter().all(|(_, view)| view.begun >= asked.at);
        let mut view = VpcView::clone(&vpc.value);
        if view.exists != Look::Seen(false) {
            self.add_strangers(operation, wish, &mut view).await?;
        }
        let groups: BTreeMap<_, _> =
            groups.into_iter().map(|(id, view)| (id, GroupView::clone(&view.value))).collect();
        let survey = Survey {
            region: self.region.clone(),
            vpc: view,
            groups,
            service: ServiceView::clone(&offered.value),
        };
        Ok((survey, fresh))
    }

    async fn view_vpc(&self, operation: &Operation, vpc: &VpcId) -> Result<Arc<VpcView>, ApiError> {
        let (exists, vswitches, endpoints) = tokio::join!(
            self.vpc_exists(operation, vpc),
            self.vswitches(operation, vpc),
            self.rows(operation, self.params().with("VpcId", vpc.as_str())),
        );
        let endpoints = endpoints.map(|rows| {
            let seen = rows.into_iter().map(|row| EndpointSeen {
                ours: row.tags.contains_key(SERVICE_TAG),
                service: row.service_name,
            });
            seen.collect()
        });
        let vswitches = allowed(vswitches)?;
        for vswitch in vswitches.seen().into_iter().flatten() {
            self.remember_zone(&vswitch.id, &vswitch.zone);
        }
        Ok(Arc::new(VpcView { exists: allowed(exists)?, vswitches, endpoints: allowed(endpoints)? }))
    }

    async fn vpc_exists(&self, operation: &Operation, vpc: &VpcId) -> Result<bool, ApiError> {
        let params = self.params().with("VpcId", vpc.as_str());
        match self.call(operation, DESCRIBE_VPC, &params).await {
            Err(error) if error.cause == Some(Cause::VpcNotFound) => Ok(false),
            answer => answer?.decode(|answer| Ok(answer.word("VpcId")? == vpc.as_str())),
        }
    }

    async fn vswitches(&self, operation: &Operation, vpc: &VpcId) -> Result<Vec<VSwitchSeen>, ApiError> {
        let mut pages = Pages::by(|vswitch: &VSwitchSeen| Some(vswitch.id.as_str()));
        while let Some(token) = pages.due() {
            let number = token.map_or(Some(1), |token| token.parse().ok()).unwrap_or(1_u64);
            let params = self
                .params()
                .with("VpcId", vpc.as_str())
                .with("PageSize", VSWITCHES_PAGE.to_string())
                .with("PageNumber", number.to_string());
            let answer = match self.call(operation, DESCRIBE_VSWITCHES, &params).await {
                Err(error) if error.cause == Some(Cause::VpcNotFound) => return Ok(Vec::new()),
                answer => answer?,
            };
            let (items, total) = answer.decode(|answer| {
                let found = answer.wrapped_list("VSwitches", "VSwitch")?;
                let found = found.iter().map(vswitch).collect::<Result<Vec<_>, _>>()?;
                let total = answer.count("TotalCount")?;
                if total.is_none() {
                    answer.required("VSwitches")?;
                }
                Ok((found, total))
            })?;
            // The pages may be smaller than was asked for, so it is the count that tells the last one.
            let came = pages.len() + items.len();
            let last = items.is_empty() || total.is_some_and(|total| total > 0 && came as u64 >= total);
            let page = Page { items, next: (!last).then(|| (number + 1).to_string()), total };
            pages.add(page).map_err(|disorder| answer.malformed(disorder.to_string()))?;
        }
        Ok(pages.into_items())
    }

    /// Looks up those vSwitches of the wish that the VPC does not have.
    async fn add_strangers(
        &self,
        operation: &Operation,
        wish: &Wish,
        view: &mut VpcView,
    ) -> Result<(), ApiError> {
        let Look::Seen(seen) = &mut view.vswitches else { return Ok(()) };
        let known: BTreeSet<_> = seen.iter().map(|vswitch| vswitch.id.clone()).collect();
        let missing = wish.subnets.iter().flatten().filter(|id| !known.contains(id));
        let found = try_join_all(missing.map(async |id| {
            let found = self.vswitch(operation, id).await?;
            Ok(found.map(|(vpc, zone)| VSwitchSeen { id: id.clone(), vpc, zone }))
        }));
        match allowed(found.await)? {
            Look::Seen(found) => seen.extend(found.into_iter().flatten()),
            _ => view.vswitches = Look::Denied,
        }
        Ok(())
    }

    async fn view_group(
        &self,
        operation: &Operation,
        id: &SecurityGroupId,
    ) -> Result<Arc<GroupView>, ApiError> {
        let group = match self.group(operation, id).await {
            Err(error) if error.cause == Some(Cause::SecurityGroupNotFound) => Ok(None),
            group => group.map(Some),
        };
        allowed(group).map(Arc::new)
    }

    async fn group(&self, operation: &Operation, id: &SecurityGroupId) -> Result<GroupSeen, ApiError> {
        let params = self.params().with("SecurityGroupId", id.as_str()).with("Direction", "ingress");
        // Rules have no ids that tell them apart.
        let mut pages = Pages::by(|_: &Option<IngressRule>| None);
        let mut token = pages.due().flatten();
        loop {
            let params = params.clone().maybe("NextToken", token.as_deref());
            let answer = self.call(operation, DESCRIBE_GROUP, &params).await?;
            let (vpc, page) = answer.decode(|answer| {
                let rules = answer.wrapped_list("Permissions", "Permission")?;
                let items = rules.iter().map(rule).collect::<Result<_, _>>()?;
                let next = answer.optional_text("NextToken")?;
                Ok((answer.id("VpcId")?, Page { items, next, total: None }))
            })?;
            pages.add(page).map_err(|disorder| answer.malformed(disorder.to_string()))?;
            match pages.due() {
                Some(next) => token = next,
                None => {
                    let ingress = pages.into_items().into_iter().flatten().collect();
                    return Ok(GroupSeen { vpc, ingress });
                }
            }
        }
    }

    async fn view_service(
        &self,
        operation: &Operation,
        name: &ServiceName,
    ) -> Result<Arc<ServiceView>, ApiError> {
        let params = self.params().with("ServiceName", name.as_str()).with("MaxResults", PAGE);
        let listed = self.listing(
            operation,
            LIST_SERVICES,
            params,
            "Services",
            |service| Ok((service.word("ServiceName")?, offered(service)?)),
            |(name, _)| Some(name.as_str()),
        );
        let found = match listed.await {
            Err(error) if error.cause == Some(Cause::ServiceNotFound) => Ok(None),
            listed => listed.map(|services| {
                services.into_iter().find(|(found, _)| found == name.as_str()).map(|(_, service)| service)
            }),
        };
        if let Ok(Some(OfferedService { accepts_by_itself: Some(accepts), .. })) = &found {
            self.remember_acceptance(name, *accepts);
        }
        allowed(found).map(Arc::new)
    }
}

/// A refusal to show something is part of what was seen. Credentials that could not be had at all are not.
fn allowed<T>(look: Result<T, ApiError>) -> Result<Look<T>, ApiError> {
    match look {
        Ok(seen) => Ok(Look::Seen(seen)),
        Err(error) if error.service == Service::AlicloudCredentials => Err(error),
        Err(error) => match error.cause {
            Some(Cause::ActionDenied) => Ok(Look::Denied),
            Some(Cause::ProductNotActivated) => Ok(Look::Closed),
            _ => Err(error),
        },
    }
}

pub(super) fn vswitch(node: &Node<'_>) -> Result<VSwitchSeen, Misfit> {
    Ok(VSwitchSeen {
        id: node.id("VSwitchId")?,
        vpc: node.id("VpcId")?,
        zone: ZoneId::new(node.text("ZoneId")?),
    })
}

pub(super) fn offered(node: &Node<'_>) -> Result<OfferedService, Misfit> {
    Ok(OfferedService {
        zones: node.texts("Zones")?.into_iter().map(ZoneId::new).collect(),
        accepts_by_itself: node.flag("AutoAcceptEnabled")?,
    })
}

/// What a permission lets in; `None` when it lets nothing in. Source: ECS API reference, DescribeSecurityGroupAttribute.
pub(super) fn rule(permission: &Node<'_>) -> Result<Option<IngressRule>, Misfit> {
    let is = |name, word: &str| permission.word(name).map(|found| found.eq_ignore_ascii_case(word));
    if is("Policy", "Drop")? || is("Direction", "egress")? {
        return Ok(None);
    }
    let tcp_ports = match permission.word("IpProtocol")?.to_ascii_uppercase().as_str() {
        "ALL" => Some(0..=u16::MAX),
        "TCP" => ports(&permission.word("PortRange")?),
        _ => None,
    };
    Ok(Some(IngressRule { tcp_ports }))
}

/// `4000/4010`; `-1/-1` means every port.
fn ports(text: &str) -> Option<RangeInclusive<u16>> {
    let (first, last) = text.split_once('/').unwrap_or((text, text));
    match (first.trim(), last.trim()) {
        ("-1", _) => Some(0..=u16::MAX),
        (first, last) => Some(first.parse().ok()?..=last.parse().ok()?),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::error::ErrorKind;

    #[test]
    fn only_the_service_itself_can_refuse_to_show_something() {
        let refused_by = |service, cause| {
            let mut error = ApiError::new(service, "DescribeVSwitches", ErrorKind::Denied, "no");
            error.cause = Some(cause);
            allowed::<()>(Err(error))
        };
        assert_eq!(refused_by(Service::AlicloudVpc, Cause::ActionDenied), Ok(Look::Denied));
        assert_eq!(refused_by(Service::AlicloudPrivateLink, Cause::ProductNotActivated), Ok(Look::Closed));
        assert!(refused_by(Service::AlicloudCredentials, Cause::ActionDenied).is_err());
        assert!(refused_by(Service::AlicloudVpc, Cause::WrongSecret).is_err());
    }

    #[test]
    fn rules_are_understood_whatever_way_they_name_ports() {
        let table = [
            ("TCP", "4000/4010", Some(Some(4000..=4010))),
            ("tcp", "4000/4000", Some(Some(4000..=4000))),
            ("TCP", "-1/-1", Some(Some(0..=65535))),
            ("ALL", "-1/-1", Some(Some(0..=65535))),
            ("UDP", "4000/4000", Some(None)),
            ("ICMP", "-1/-1", Some(None)),
            ("TCP", "nonsense", Some(None)),
        ];
        for (protocol, range, expected) in table {
            let permission = json!({ "IpProtocol": protocol, "PortRange": range, "Policy": "Accept" });
            let rule = rule(&Node::root(&permission)).expect("readable");
            assert_eq!(rule.map(|rule| rule.tcp_ports), expected, "{protocol} {range}");
        }
        let drop = json!({ "IpProtocol": "ALL", "PortRange": "-1/-1", "Policy": "Drop" });
        assert_eq!(rule(&Node::root(&drop)), Ok(None));
    }
}
