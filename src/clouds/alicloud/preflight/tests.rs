//! The verdicts, one situation at a time, on surveys made by hand.

use std::collections::{BTreeMap, BTreeSet};

use super::*;
use crate::clouds::{Concern, Finding, Preflight, ServiceFacts, Standing, Wish};
use crate::ids::{CloudName, Region, SecurityGroupId, ServiceName, SubnetId, ZoneId};

const REGION: &str = "ap-southeast-1";
const SERVICE: &str = "com.aliyuncs.privatelink.ap-southeast-1.epsrv-t4n000001";
const VPC: &str = "vpc-t4n0000001";
const OTHER_VPC: &str = "vpc-t4n0000002";

/// vSwitches 1 and 2 in zones a and b of the service, 3 in zone c that the service lacks, 4 in zone a, too; an open group
/// 1 and a closed group 2. Nothing is wrong here.
struct Scene {
    survey: Survey,
    service: ServiceFacts,
    wish: Wish,
}

fn zones(letters: &str) -> BTreeSet<ZoneId> {
    letters.chars().map(|letter| ZoneId::new(format!("{REGION}{letter}"))).collect()
}

fn vswitch_id(number: u8) -> SubnetId {
    format!("vsw-t4n000000{number}").parse().expect("a vSwitch id")
}

fn vswitch(number: u8, vpc: &str, zone: char) -> VSwitchSeen {
    VSwitchSeen {
        id: vswitch_id(number),
        vpc: vpc.parse().expect("a VPC id"),
        zone: ZoneId::new(format!("{REGION}{zone}")),
    }
}

fn group_id(number: usize) -> SecurityGroupId {
    format!("sg-t4n00000{number:02}").parse().expect("a group id")
}

fn group(vpc: &str, ports: std::ops::RangeInclusive<u16>) -> GroupView {
    let ingress = vec![IngressRule { tcp_ports: Some(ports) }];
    Look::Seen(Some(GroupSeen { vpc: vpc.parse().expect("a VPC id"), ingress }))
}

fn foreign_endpoint() -> EndpointSeen {
    EndpointSeen { service: ServiceName::new("com.aliyuncs.privatelink.ap-southeast-1.oss"), ours: false }
}

impl Scene {
    fn new() -> Self {
        let vpc = VpcView {
            exists: Look::Seen(true),
            vswitches: Look::Seen(vec![
                vswitch(4, VPC, 'a'),
                vswitch(1, VPC, 'a'),
                vswitch(2, VPC, 'b'),
                vswitch(3, VPC, 'c'),
            ]),
            endpoints: Look::Seen(vec![foreign_endpoint()]),
        };
        let groups = [(group_id(1), group(VPC, 4000..=4000)), (group_id(2), group(VPC, 443..=443))];
        let service = OfferedService { zones: zones("ab"), accepts_by_itself: Some(true) };
        Self {
            survey: Survey {
                region: Region::new(REGION),
                vpc,
                groups: BTreeMap::from(groups),
                service: Look::Seen(Some(service)),
            },
            service: ServiceFacts {
                cloud: CloudName::Alicloud,
                name: ServiceName::new(SERVICE),
                region: Region::new(REGION),
                zones: BTreeSet::new(),
                host: None,
                port: 4000,
                needs_registration: false,
            },
            wish: Wish {
                vpc: VPC.parse().expect("a VPC id"),
                subnets: Some([vswitch_id(1), vswitch_id(2)].into()),
                security_groups: Some([group_id(1)].into()),
                private_dns: true,
                name: None,
            },
        }
    }

    /// A scene with one thing changed.
    fn with(change: impl FnOnce(&mut Self)) -> Self {
        let mut scene = Self::new();
        change(&mut scene);
        scene
    }

    fn vswitches(&mut self) -> &mut Vec<VSwitchSeen> {
        match &mut self.survey.vpc.vswitches {
            Look::Seen(seen) => seen,
            _ => panic!("the scene shows everything"),
        }
    }

    fn offered(&mut self) -> &mut OfferedService {
        match &mut self.survey.service {
            Look::Seen(Some(service)) => service,
            _ => panic!("the scene has a service"),
        }
    }

    fn has_endpoints(&mut self, count: usize) {
        self.survey.vpc.endpoints = Look::Seen(vec![foreign_endpoint(); count]);
    }

    fn wish_vswitches(&mut self, numbers: &[u8]) {
        self.wish.subnets = Some(numbers.iter().copied().map(vswitch_id).collect());
    }

    fn wish_groups(&mut self, numbers: &[usize]) {
        self.wish.security_groups = Some(numbers.iter().copied().map(group_id).collect());
    }

    fn verdict(&self) -> Preflight {
        evaluate(&self.survey, &self.service, &self.wish)
    }

    fn codes(&self) -> Vec<&'static str> {
        self.verdict().findings.iter().map(|finding| finding.code.as_str()).collect()
    }

    /// The finding, which must be the only one.
    fn finding(&self) -> Finding {
        let mut findings = self.verdict().findings;
        assert_eq!(findings.len(), 1, "{findings:#?}");
        findings.remove(0)
    }
}

#[test]
fn where_all_is_right_nothing_is_found() {
    let verdict = Scene::new().verdict();
    assert_eq!(verdict.findings, []);
    assert_eq!(verdict.not_checked, Vec::<String>::new());
    assert_eq!(verdict.subnets, BTreeSet::from([vswitch_id(1), vswitch_id(2)]));
    assert_eq!(verdict.choice, None);
}

#[test]
fn each_thing_that_is_wrong_is_found_alone() {
    use Concern::{SecurityGroups, Service, Subnets, Vpc};
    use Standing::{Advice, Impossible, MayChange};
    type Change = fn(&mut Scene);
    let table: &[(&str, Concern, Standing, Change)] = &[
        ("vpc-not-found", Vpc, Impossible, |scene| {
            scene.survey.vpc.exists = Look::Seen(false);
            scene.vswitches().clear();
            scene.survey.groups.insert(group_id(1), Look::Seen(None));
        }),
        ("vswitch-not-found", Subnets, Impossible, |scene| scene.wish_vswitches(&[1, 9])),
        ("vswitch-of-other-vpc", Subnets, Impossible, |scene| {
            scene.vswitches().push(vswitch(6, OTHER_VPC, 'b'));
            scene.wish_vswitches(&[1, 6]);
        }),
        ("zone-unsupported", Subnets, Impossible, |scene| scene.wish_vswitches(&[1, 3])),
        ("duplicate-zone", Subnets, Impossible, |scene| scene.wish_vswitches(&[1, 4])),
        ("no-usable-vswitch", Subnets, MayChange, |scene| {
            scene.wish.subnets = None;
            scene.vswitches().retain(|vswitch| vswitch.id == vswitch_id(3));
        }),
        ("no-usable-vswitch", Subnets, Impossible, |scene| scene.wish_vswitches(&[])),
        ("no-usable-vswitch", Subnets, MayChange, |scene| {
            scene.wish.subnets = None;
            scene.survey.vpc.vswitches = Look::Denied;
        }),
        ("no-security-groups", SecurityGroups, Advice, |scene| scene.wish.security_groups = None),
        ("no-security-groups", SecurityGroups, Advice, |scene| scene.wish_groups(&[])),
        ("too-many-security-groups", SecurityGroups, Impossible, |scene| {
            let numbers: Vec<_> = (1..=11).collect();
            for number in &numbers {
                scene.survey.groups.insert(group_id(*number), group(VPC, 4000..=4000));
            }
            scene.wish_groups(&numbers);
        }),
        ("security-group-not-found", SecurityGroups, Impossible, |scene| {
            scene.survey.groups.insert(group_id(9), Look::Seen(None));
            scene.wish_groups(&[1, 9]);
        }),
        ("security-group-of-other-vpc", SecurityGroups, Impossible, |scene| {
            scene.survey.groups.insert(group_id(6), group(OTHER_VPC, 4000..=4000));
            scene.wish_groups(&[1, 6]);
        }),
        ("port-closed", SecurityGroups, Advice, |scene| scene.wish_groups(&[2])),
        ("port-closed", SecurityGroups, Advice, |scene| scene.service.port = 6000),
        ("endpoint-quota", Vpc, Advice, |scene| scene.has_endpoints(1000)),
        ("service-not-visible", Service, MayChange, |scene| scene.survey.service = Look::Seen(None)),
        ("acceptance-required", Service, MayChange, |scene| {
            scene.offered().accepts_by_itself = Some(false);
        }),
        ("product-not-activated", Service, MayChange, |scene| scene.survey.service = Look::Closed),
        ("product-not-activated", Service, MayChange, |scene| {
            scene.survey.service = Look::Closed;
            scene.survey.vpc.endpoints = Look::Closed;
        }),
    ];
    for (code, concern, standing, change) in table {
        let finding = Scene::with(change).finding();
        assert_eq!((finding.code.as_str(), finding.concern, finding.standing), (*code, *concern, *standing));
        assert!(!finding.detail.contains("AWS") && !finding.detail.contains("subnet"), "{}", finding.detail);
    }
}

#[test]
fn everything_that_is_wrong_is_found_at_once() {
    let scene = Scene::with(|scene| {
        scene.survey.service = Look::Seen(None);
        scene.service.zones = zones("ab");
        scene.wish_vswitches(&[1, 4, 3, 9]);
        scene.survey.groups.insert(group_id(9), Look::Seen(None));
        scene.wish_groups(&[2, 9]);
    });
    assert_eq!(
        scene.codes(),
        [
            "service-not-visible",
            "vswitch-not-found",
            "zone-unsupported",
            "duplicate-zone",
            "security-group-not-found",
        ]
    );
}

#[test]
fn a_missing_vpc_is_explained_by_region_and_peering_is_no_way_out() {
    let finding = Scene::with(|scene| scene.survey.vpc.exists = Look::Seen(false)).finding();
    for words in [VPC, REGION, "across regions", "VPC peering and CEN are no way"] {
        assert!(finding.detail.contains(words), "{words} is missing in {}", finding.detail);
    }
}

#[test]
fn an_unsupported_zone_names_the_zones_of_both_sides() {
    let finding = Scene::with(|scene| scene.wish_vswitches(&[1, 3])).finding();
    assert!(finding.summary.contains("ap-southeast-1c"), "{}", finding.summary);
    for words in [
        "vsw-t4n0000003 (ap-southeast-1c)",
        "ap-southeast-1a, ap-southeast-1b",
        "vsw-t4n0000002 (ap-southeast-1b)",
        "support",
    ] {
        assert!(finding.detail.contains(words), "{words} is missing in {}", finding.detail);
    }
}

#[test]
fn a_stranger_is_named_with_the_vpc_it_is_in() {
    let vswitches = Scene::with(|scene| {
        scene.vswitches().push(vswitch(6, OTHER_VPC, 'b'));
        scene.wish_vswitches(&[6]);
    });
    assert!(vswitches.finding().detail.contains("vsw-t4n0000006 (in vpc-t4n0000002)"));
    let groups = Scene::with(|scene| {
        scene.survey.groups.insert(group_id(6), group(OTHER_VPC, 1..=1));
        scene.wish_groups(&[6]);
    });
    assert!(groups.finding().detail.contains("sg-t4n0000006 (in vpc-t4n0000002)"));
}

#[test]
fn activation_is_linked_and_an_open_port_is_shown_as_hcl() {
    let closed = Scene::with(|scene| scene.survey.service = Look::Closed).finding();
    assert!(closed.detail.contains("https://vpc.console.alibabacloud.com/endpoint"));
    let port = Scene::with(|scene| scene.wish_groups(&[2])).finding().detail;
    for line in ["security_group_id = \"sg-t4n0000002\"", "port_range        = \"4000/4000\""] {
        assert!(port.contains(line), "{line} is missing in {port}");
    }
}

#[test]
fn what_tidb_cloud_says_about_zones_counts_where_alibaba_says_nothing() {
    let scene = |letters: &str| {
        Scene::with(|scene| {
            scene.survey.service = Look::Denied;
            scene.service.zones = zones(letters);
            scene.wish_vswitches(&[1, 3]);
        })
    };
    assert_eq!(scene("ab").codes(), ["zone-unsupported"]);
    assert_eq!(scene("").codes(), Vec::<&str>::new());
}

#[test]
fn vswitches_are_chosen_one_per_zone_the_lowest_id_first() {
    let verdict = Scene::with(|scene| scene.wish.subnets = None).verdict();
    assert_eq!(verdict.findings, []);
    assert_eq!(verdict.subnets, BTreeSet::from([vswitch_id(1), vswitch_id(2)]));
    let choice = verdict.choice.expect("a choice to explain");
    for words in [
        "vswitch_ids is not set. Of the vSwitches of vpc-t4n0000001 one is taken in each zone of the service: \
         vsw-t4n0000001 (ap-southeast-1a), vsw-t4n0000002 (ap-southeast-1b).",
        "vsw-t4n0000004 (ap-southeast-1a has vsw-t4n0000001)",
        "vsw-t4n0000003 (the service is not in ap-southeast-1c)",
    ] {
        assert!(choice.contains(words), "{words} is missing in {choice}");
    }
}

#[test]
fn one_open_group_is_enough_and_one_that_cannot_be_judged_may_be_it() {
    assert_eq!(Scene::with(|scene| scene.wish_groups(&[1, 2])).codes(), Vec::<&str>::new());
    let unseen = Scene::with(|scene| {
        scene.survey.groups.insert(group_id(3), Look::Denied);
        scene.wish_groups(&[2, 3]);
    });
    assert_eq!(unseen.codes(), Vec::<&str>::new());
}

#[test]
fn the_quota_matters_only_when_an_endpoint_has_to_be_made() {
    assert_eq!(Scene::with(|scene| scene.has_endpoints(1001)).codes(), Vec::<&str>::new());
    let ours = Scene::with(|scene| {
        let mut endpoints = vec![foreign_endpoint(); 1000];
        endpoints[0] = EndpointSeen { service: ServiceName::new(SERVICE), ours: true };
        scene.survey.vpc.endpoints = Look::Seen(endpoints);
    });
    assert_eq!(ours.codes(), Vec::<&str>::new());
}

#[test]
fn what_may_not_be_looked_at_is_named_and_finds_nothing() {
    let verdict = Scene::with(|scene| {
        scene.survey.vpc = VpcView { exists: Look::Denied, vswitches: Look::Denied, endpoints: Look::Denied };
        scene.survey.groups = BTreeMap::from([(group_id(9), Look::Denied)]);
        scene.survey.service = Look::Denied;
        scene.wish_vswitches(&[3, 9]);
        scene.wish_groups(&[9]);
    })
    .verdict();
    assert_eq!(verdict.findings, []);
    assert_eq!(verdict.subnets, BTreeSet::from([vswitch_id(3), vswitch_id(9)]));
    let permissions: Vec<_> = verdict.not_checked.iter().filter_map(|text| text.split(": ").next()).collect();
    assert_eq!(
        permissions,
        [
            "vpc:DescribeVpcAttribute",
            "vpc:DescribeVSwitches, vpc:DescribeVSwitchAttributes",
            "ecs:DescribeSecurityGroupAttribute",
            "privatelink:ListVpcEndpoints",
            "privatelink:ListVpcEndpointServicesByEndUser",
        ]
    );
}
