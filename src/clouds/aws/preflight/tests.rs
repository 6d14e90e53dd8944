//! The verdicts, one situation at a time, on surveys made by hand.

use std::collections::BTreeSet;

use super::*;
use crate::clouds::{CloudState, Concern, Finding, Preflight, ServiceFacts, Standing, Wish};
use crate::ids::{CloudName, Region, SecurityGroupId, ServiceName, SubnetId, ZoneId};

const SERVICE: &str = "com.amazonaws.vpce.us-west-2.vpce-svc-0aaaaaaaaaaaaaaaa";
const HOST: &str = "privatelink-1.clusters.tidb-cloud.com";
const VPC: &str = "vpc-00000001";
const OTHER_VPC: &str = "vpc-00000002";

/// Three subnets in three zones of the service, one in a fourth zone that the service lacks and a second one in the
/// first zone; an open and a closed group and the default group; DNS on. Nothing is wrong here.
struct Scene {
    survey: Survey,
    service: ServiceFacts,
    wish: Wish,
}

fn zones(numbers: impl IntoIterator<Item = u8>) -> BTreeSet<ZoneId> {
    numbers.into_iter().map(|number| ZoneId::new(format!("usw2-az{number}"))).collect()
}

fn subnet(number: u8, vpc: &str, zone: u8) -> SubnetSeen {
    SubnetSeen {
        id: subnet_id(number),
        vpc: vpc.parse().expect("a VPC id"),
        zone: ZoneId::new(format!("usw2-az{zone}")),
        // Names are shuffled against ids, as in real accounts.
        zone_name: format!("us-west-2{}", ["d", "c", "b", "a"][usize::from(zone) - 1]),
    }
}

fn subnet_id(number: u8) -> SubnetId {
    format!("subnet-0000000{number}").parse().expect("a subnet id")
}

fn group_id(number: u8) -> SecurityGroupId {
    format!("sg-0000000{number}").parse().expect("a group id")
}

fn group(number: u8, vpc: &str, ingress: Vec<IngressRule>) -> GroupSeen {
    GroupSeen { id: group_id(number), vpc: vpc.parse().expect("a VPC id"), default: false, ingress }
}

fn rule(ports: std::ops::RangeInclusive<u16>, source: TrafficSource) -> IngressRule {
    IngressRule { tcp_ports: Some(ports), sources: vec![source] }
}

fn network() -> TrafficSource {
    TrafficSource::Cidr("10.0.0.0/8".into())
}

fn foreign_endpoint(number: usize) -> EndpointSeen {
    EndpointSeen {
        id: format!("vpce-{number:08x}").parse().expect("an endpoint id"),
        service: ServiceName::new("com.amazonaws.us-west-2.ssm"),
        state: CloudState::Available,
        counted: true,
        private_dns: true,
        dns_names: vec!["ssm.us-west-2.amazonaws.com".into()],
        ours: false,
        subnets: BTreeSet::new(),
        groups: BTreeSet::new(),
    }
}

impl Scene {
    fn new() -> Self {
        let default = GroupSeen {
            default: true,
            ..group(3, VPC, vec![rule(0..=65535, TrafficSource::Group("sg-00000003".into()))])
        };
        let vpc = VpcView {
            dns: Look::Seen(Some(VpcDns { support: true, hostnames: true })),
            subnets: Look::Seen(vec![
                subnet(5, VPC, 1),
                subnet(1, VPC, 1),
                subnet(2, VPC, 2),
                subnet(3, VPC, 3),
                subnet(4, VPC, 4),
            ]),
            groups: Look::Seen(vec![
                group(1, VPC, vec![rule(4000..=4000, network())]),
                group(2, VPC, vec![rule(443..=443, network())]),
                default,
            ]),
            endpoints: Look::Seen(vec![foreign_endpoint(1)]),
        };
        let service = OfferedService {
            zones: zones([1, 2, 3]),
            acceptance_required: true,
            private_dns_names: BTreeSet::from([HOST.to_owned()]),
            private_dns_verified: true,
            ..OfferedService::default()
        };
        Self {
            survey: Survey { region: Region::new("us-west-2"), vpc, service: Look::Seen(Some(service)) },
            service: ServiceFacts {
                name: ServiceName::new(SERVICE),
                region: Region::new("us-west-2"),
                zones: zones([1, 2, 3]),
                host: Some(HOST.into()),
                port: 4000,
                needs_registration: true,
                cloud: CloudName::Aws,
            },
            wish: Wish {
                vpc: VPC.parse().expect("a VPC id"),
                subnets: Some(BTreeSet::from([subnet_id(1), subnet_id(2)])),
                security_groups: Some(BTreeSet::from([group_id(1)])),
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

    fn offered(&mut self) -> &mut OfferedService {
        match &mut self.survey.service {
            Look::Seen(Some(service)) => service,
            _ => panic!("the scene has a service"),
        }
    }

    fn endpoints(&mut self) -> &mut Vec<EndpointSeen> {
        seen(&mut self.survey.vpc.endpoints)
    }

    fn groups(&mut self) -> &mut Vec<GroupSeen> {
        seen(&mut self.survey.vpc.groups)
    }

    fn subnets(&mut self) -> &mut Vec<SubnetSeen> {
        seen(&mut self.survey.vpc.subnets)
    }

    fn wish_subnets(&mut self, numbers: &[u8]) {
        self.wish.subnets = Some(numbers.iter().copied().map(subnet_id).collect());
    }

    fn wish_groups(&mut self, numbers: &[u8]) {
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

fn seen<T>(look: &mut Look<T>) -> &mut T {
    match look {
        Look::Seen(seen) => seen,
        Look::Denied => panic!("the scene shows everything"),
    }
}

#[test]
fn where_all_is_right_nothing_is_found() {
    let verdict = Scene::new().verdict();
    assert_eq!(verdict.findings, []);
    assert_eq!(verdict.not_checked, Vec::<String>::new());
    assert_eq!(verdict.subnets, BTreeSet::from([subnet_id(1), subnet_id(2)]));
    assert_eq!(verdict.choice, None);
}

#[test]
fn each_thing_that_is_wrong_is_found_alone() {
    use Concern::{PrivateDns, SecurityGroups, Service, Subnets, Vpc};
    use Standing::{Advice, Impossible, MayChange};
    type Change = fn(&mut Scene);
    let table: &[(&str, Concern, Standing, Change)] = &[
        ("vpc-not-found", Vpc, Impossible, |scene| {
            scene.survey.vpc.dns = Look::Seen(None);
            scene.subnets().clear();
            scene.groups().clear();
            scene.endpoints().clear();
        }),
        ("subnet-not-found", Subnets, Impossible, |scene| scene.wish_subnets(&[1, 9])),
        ("subnet-of-other-vpc", Subnets, Impossible, |scene| {
            scene.subnets().push(subnet(6, OTHER_VPC, 3));
            scene.wish_subnets(&[1, 6]);
        }),
        ("zone-unsupported", Subnets, Impossible, |scene| scene.wish_subnets(&[1, 4])),
        ("duplicate-zone", Subnets, Impossible, |scene| scene.wish_subnets(&[1, 5])),
        ("no-usable-subnet", Subnets, MayChange, |scene| {
            scene.wish.subnets = None;
            scene.subnets().retain(|subnet| subnet.zone.as_str() == "usw2-az4");
        }),
        ("no-usable-subnet", Subnets, Impossible, |scene| scene.wish_subnets(&[])),
        ("no-usable-subnet", Subnets, MayChange, |scene| {
            scene.wish.subnets = None;
            scene.survey.vpc.subnets = Look::Denied;
        }),
        ("security-group-not-found", SecurityGroups, Impossible, |scene| scene.wish_groups(&[1, 9])),
        ("security-group-of-other-vpc", SecurityGroups, Impossible, |scene| {
            scene.groups().push(group(6, OTHER_VPC, vec![]));
            scene.wish_groups(&[1, 6]);
        }),
        ("port-closed", SecurityGroups, Advice, |scene| scene.wish_groups(&[2])),
        ("port-closed", SecurityGroups, Advice, |scene| scene.wish.security_groups = None),
        ("port-closed", SecurityGroups, Advice, |scene| scene.service.port = 6000),
        ("dns-support-off", PrivateDns, MayChange, |scene| {
            scene.survey.vpc.dns = Look::Seen(Some(VpcDns { support: false, hostnames: true }));
        }),
        ("dns-hostnames-off", PrivateDns, MayChange, |scene| {
            scene.survey.vpc.dns = Look::Seen(Some(VpcDns { support: true, hostnames: false }));
        }),
        ("name-owned", PrivateDns, MayChange, |scene| {
            scene.endpoints()[0].service = ServiceName::new(SERVICE);
        }),
        ("name-owned", PrivateDns, MayChange, |scene| {
            scene.endpoints()[0].dns_names = vec![HOST.to_uppercase()];
        }),
        ("name-owned", PrivateDns, MayChange, |scene| {
            scene.endpoints()[0].dns_names = vec!["*.clusters.tidb-cloud.com".into()];
        }),
        ("endpoint-quota", Vpc, Advice, |scene| {
            *scene.endpoints() = (1..=50).map(foreign_endpoint).collect();
        }),
        ("service-not-visible", Service, MayChange, |scene| {
            scene.survey.service = Look::Seen(None);
        }),
        ("acceptance-required", Service, Impossible, |scene| scene.service.needs_registration = false),
        ("private-dns-not-offered", PrivateDns, MayChange, |scene| {
            scene.offered().private_dns_names.clear();
        }),
        ("private-dns-unverified", PrivateDns, MayChange, |scene| {
            scene.offered().private_dns_verified = false;
        }),
    ];
    for (code, concern, standing, change) in table {
        let finding = Scene::with(change).finding();
        assert_eq!((finding.code.as_str(), finding.concern, finding.standing), (*code, *concern, *standing));
    }
}

#[test]
fn everything_that_is_wrong_is_found_at_once() {
    let scene = Scene::with(|scene| {
        scene.wish_subnets(&[1, 5, 4, 9]);
        scene.wish_groups(&[2, 9]);
        scene.survey.vpc.dns = Look::Seen(Some(VpcDns { support: false, hostnames: false }));
    });
    assert_eq!(
        scene.codes(),
        [
            "subnet-not-found",
            "zone-unsupported",
            "duplicate-zone",
            "security-group-not-found",
            "dns-support-off",
            "dns-hostnames-off",
        ]
    );
}

#[test]
fn a_missing_vpc_is_explained_by_region_and_has_a_way_out() {
    let finding = Scene::with(|scene| scene.survey.vpc.dns = Look::Seen(None)).finding();
    for words in [
        "vpc-00000001",
        "us-west-2",
        "across regions",
        "VPC peering",
        "TiCDC across regions",
        "whose endpoint service you cannot keep",
        "PD or TiKV",
    ] {
        assert!(finding.detail.contains(words), "{words} is missing in {}", finding.detail);
    }
}

#[test]
fn an_unsupported_zone_names_the_zones_of_both_sides_by_id() {
    let finding = Scene::with(|scene| scene.wish_subnets(&[1, 4])).finding();
    assert!(finding.summary.contains("usw2-az4"), "{}", finding.summary);
    for words in [
        "subnet-00000004 (usw2-az4)",
        "usw2-az1, usw2-az2, usw2-az3",
        "subnet-00000003 (usw2-az3)",
        "support",
    ] {
        assert!(finding.detail.contains(words), "{words} is missing in {}", finding.detail);
    }
}

#[test]
fn a_stranger_is_named_with_the_vpc_it_is_in() {
    let subnets = Scene::with(|scene| {
        scene.subnets().push(subnet(6, OTHER_VPC, 3));
        scene.wish_subnets(&[6]);
    });
    assert!(subnets.finding().detail.contains("subnet-00000006 (in vpc-00000002)"));
    let groups = Scene::with(|scene| {
        scene.groups().push(group(6, OTHER_VPC, vec![]));
        scene.wish_groups(&[6]);
    });
    assert!(groups.finding().detail.contains("sg-00000006 (in vpc-00000002)"));
}

#[test]
fn fixes_come_as_hcl() {
    let dns = Scene::with(|scene| {
        scene.survey.vpc.dns = Look::Seen(Some(VpcDns { support: true, hostnames: false }));
    });
    assert!(dns.finding().detail.contains("enable_dns_hostnames = true"));
    assert!(dns.finding().detail.contains("off by default in a VPC made in the AWS console"));
    let closed = Scene::with(|scene| scene.wish_groups(&[2])).finding().detail;
    for line in ["security_group_id = \"sg-00000002\"", "from_port         = 4000"] {
        assert!(closed.contains(line), "{line} is missing in {closed}");
    }
}

#[test]
fn zones_are_compared_by_id_even_when_names_disagree() {
    // By name, subnet 4 (us-west-2a) would fit and subnet 1 (us-west-2d) would not.
    let scene = Scene::with(|scene| {
        scene.offered().zone_names =
            BTreeSet::from(["us-west-2a".into(), "us-west-2b".into(), "us-west-2c".into()]);
    });
    assert_eq!(scene.codes(), Vec::<&str>::new());
}

#[test]
fn an_answer_without_zone_ids_is_compared_by_this_accounts_names() {
    let by_name = |subnets: &[u8]| {
        let scene = Scene::with(|scene| {
            scene.offered().zones.clear();
            scene.offered().zone_names = BTreeSet::from(["us-west-2d".into(), "us-west-2c".into()]);
            scene.wish_subnets(subnets);
        });
        scene.codes()
    };
    assert_eq!(by_name(&[1, 2]), Vec::<&str>::new());
    assert_eq!(by_name(&[1, 3]), ["zone-unsupported"]);
}

#[test]
fn what_tidb_cloud_says_about_zones_counts_where_aws_says_nothing() {
    let scene = |zones: BTreeSet<ZoneId>| {
        Scene::with(|scene| {
            scene.survey.service = Look::Denied;
            scene.service.zones = zones;
            scene.wish_subnets(&[1, 4]);
        })
    };
    assert_eq!(scene(zones([1, 2])).codes(), ["zone-unsupported"]);
    assert_eq!(scene(zones([])).codes(), Vec::<&str>::new());
}

#[test]
fn subnets_are_chosen_one_per_zone_the_lowest_id_first() {
    let verdict = Scene::with(|scene| scene.wish.subnets = None).verdict();
    assert_eq!(verdict.findings, []);
    assert_eq!(verdict.subnets, BTreeSet::from([subnet_id(1), subnet_id(2), subnet_id(3)]));
    let choice = verdict.choice.expect("a choice to explain");
    for words in [
        "subnet-00000001 (usw2-az1), subnet-00000002 (usw2-az2), subnet-00000003 (usw2-az3)",
        "subnet-00000005 (usw2-az1 has subnet-00000001)",
        "subnet-00000004 (the service is not in usw2-az4)",
    ] {
        assert!(choice.contains(words), "{words} is missing in {choice}");
    }
}

#[test]
fn no_usable_subnet_lists_what_the_vpc_has() {
    let scene = Scene::with(|scene| {
        scene.wish.subnets = None;
        scene.subnets().retain(|subnet| subnet.zone.as_str() == "usw2-az4");
    });
    let verdict = scene.verdict();
    assert!(verdict.subnets.is_empty());
    assert!(
        verdict.findings[0].detail.contains("subnet-00000004 (usw2-az4)"),
        "{}",
        verdict.findings[0].detail
    );
}

#[test]
fn rules_that_let_the_port_in_keep_quiet() {
    let sources = [
        network(),
        TrafficSource::Cidr("fd00::/8".into()),
        TrafficSource::PrefixList("pl-1".into()),
        TrafficSource::Group("sg-00000007".into()),
        // Clients that bear the endpoint's own group: a common pattern.
        TrafficSource::Group("sg-00000001".into()),
    ];
    for source in sources {
        for ports in [4000..=4000, 3000..=5000, 0..=65535] {
            let scene =
                Scene::with(|scene| scene.groups()[0].ingress = vec![rule(ports.clone(), source.clone())]);
            assert_eq!(scene.codes(), Vec::<&str>::new(), "{ports:?} from {source:?}");
        }
    }
}

#[test]
fn rules_that_do_not_reach_the_port_do_not_count() {
    let useless = [
        rule(4001..=65535, network()),
        IngressRule { tcp_ports: None, sources: vec![network()] },
        IngressRule { tcp_ports: Some(4000..=4000), sources: vec![] },
    ];
    for rule in useless {
        let scene = Scene::with(|scene| scene.groups()[0].ingress = vec![rule.clone()]);
        assert_eq!(scene.codes(), ["port-closed"], "{rule:?}");
    }
}

#[test]
fn one_open_group_is_enough() {
    assert_eq!(Scene::with(|scene| scene.wish_groups(&[1, 2])).codes(), Vec::<&str>::new());
}

#[test]
fn a_default_group_that_lets_others_in_is_fine() {
    let scene = Scene::with(|scene| {
        scene.wish.security_groups = None;
        scene.groups()[2].ingress.push(rule(4000..=4000, network()));
    });
    assert_eq!(scene.codes(), Vec::<&str>::new());
}

#[test]
fn without_private_dns_nothing_about_names_matters() {
    let scene = Scene::with(|scene| {
        scene.wish.private_dns = false;
        scene.survey.vpc.dns = Look::Seen(Some(VpcDns { support: false, hostnames: false }));
        scene.endpoints()[0].service = ServiceName::new(SERVICE);
        scene.offered().private_dns_names.clear();
        scene.offered().private_dns_verified = false;
    });
    assert_eq!(scene.codes(), Vec::<&str>::new());
}

#[test]
fn an_endpoint_that_bears_our_mark_never_conflicts() {
    let scene = Scene::with(|scene| {
        let ours = EndpointSeen { ours: true, service: ServiceName::new(SERVICE), ..foreign_endpoint(2) };
        scene.endpoints().push(ours);
    });
    assert_eq!(scene.codes(), Vec::<&str>::new());
}

#[test]
fn an_endpoint_without_private_dns_or_on_its_way_out_owns_no_name() {
    let changes: [fn(&mut EndpointSeen); 5] = [
        |other| other.private_dns = false,
        |other| other.state = CloudState::Deleting,
        |other| other.state = CloudState::Deleted,
        |other| other.state = CloudState::Failed,
        |other| other.state = CloudState::Rejected,
    ];
    for change in changes {
        let scene = Scene::with(|scene| {
            let other = &mut scene.endpoints()[0];
            other.service = ServiceName::new(SERVICE);
            change(other);
        });
        assert_eq!(scene.codes(), Vec::<&str>::new());
    }
}

#[test]
fn a_shared_service_is_joined_not_fought() {
    let scene = Scene::with(|scene| {
        scene.service.needs_registration = false;
        scene.offered().acceptance_required = false;
        scene.endpoints()[0].service = ServiceName::new(SERVICE);
    });
    assert_eq!(scene.codes(), ["shared-foreign"], "told of, and nothing else");
}

#[test]
fn the_quota_counts_living_interface_endpoints_only() {
    let quota = |change: fn(&mut EndpointSeen)| {
        let scene = Scene::with(|scene| {
            *scene.endpoints() = (1..=50).map(foreign_endpoint).collect();
            change(&mut scene.endpoints()[0]);
        });
        scene.codes()
    };
    assert_eq!(quota(|_| ()), ["endpoint-quota"]);
    assert_eq!(quota(|gateway| gateway.counted = false), Vec::<&str>::new());
    assert_eq!(quota(|gone| gone.state = CloudState::Deleted), Vec::<&str>::new());
    let ours_exists: fn(&mut EndpointSeen) = |mine| {
        mine.ours = true;
        mine.service = ServiceName::new(SERVICE);
    };
    assert_eq!(quota(ours_exists), Vec::<&str>::new());
}

#[test]
fn more_endpoints_than_the_default_quota_prove_a_higher_one() {
    let scene = Scene::with(|scene| *scene.endpoints() = (1..=51).map(foreign_endpoint).collect());
    assert_eq!(scene.codes(), Vec::<&str>::new());
}

#[test]
fn what_may_not_be_looked_at_is_named_and_finds_nothing() {
    let verdict = Scene::with(|scene| {
        scene.survey.vpc = VpcView {
            dns: Look::Denied,
            subnets: Look::Denied,
            groups: Look::Denied,
            endpoints: Look::Denied,
        };
        scene.survey.service = Look::Denied;
        scene.wish_subnets(&[4, 9]);
        scene.wish_groups(&[9]);
    })
    .verdict();
    assert_eq!(verdict.findings, []);
    assert_eq!(verdict.subnets, BTreeSet::from([subnet_id(4), subnet_id(9)]));
    let permissions: Vec<_> = verdict.not_checked.iter().filter_map(|text| text.split(": ").next()).collect();
    assert_eq!(
        permissions,
        [
            "ec2:DescribeVpcAttribute",
            "ec2:DescribeSubnets",
            "ec2:DescribeSecurityGroups",
            "ec2:DescribeVpcEndpoints",
            "ec2:DescribeVpcEndpointServices",
        ]
    );
}

fn shared(change: impl FnOnce(&mut Scene, &mut EndpointSeen)) -> Scene {
    Scene::with(|scene| {
        scene.service.needs_registration = false;
        scene.offered().acceptance_required = false;
        let mut host = EndpointSeen {
            service: ServiceName::new(SERVICE),
            ours: true,
            subnets: BTreeSet::from([subnet_id(1)]),
            groups: BTreeSet::from([group_id(1)]),
            ..foreign_endpoint(7)
        };
        change(scene, &mut host);
        scene.endpoints().push(host);
    })
}

#[test]
fn an_endpoint_of_ours_is_shared_without_a_word() {
    assert_eq!(shared(|_, _| ()).codes(), Vec::<&str>::new());
}

#[test]
fn a_subnet_in_a_zone_that_the_shared_endpoint_has_is_found_before_the_apply() {
    let scene = shared(|scene, _| scene.wish.subnets = Some(BTreeSet::from([subnet_id(5)])));
    assert_eq!(scene.codes(), ["shared-zone-taken"]);
}

#[test]
fn subnets_are_not_chosen_for_an_endpoint_that_is_there() {
    let scene = shared(|scene, _| scene.wish.subnets = None);
    assert_eq!(scene.verdict().choice, None);
}

#[test]
fn an_endpoint_of_somebody_else_is_used_and_what_it_lacks_is_told() {
    let scene = shared(|_, host| host.ours = false);
    let verdict = scene.verdict();
    let [finding] = &verdict.findings[..] else { panic!("{verdict:?}") };
    assert_eq!((finding.code.as_str(), finding.standing), ("shared-foreign", Standing::Advice));
    assert!(finding.detail.contains("subnet-00000002"), "{}", finding.detail);
    assert!(!finding.detail.contains("sg-00000001"), "{}", finding.detail);
}

#[test]
fn an_endpoint_that_is_going_is_not_shared() {
    let scene = shared(|_, host| (host.state, host.ours) = (CloudState::Deleting, false));
    assert_eq!(scene.codes(), Vec::<&str>::new());
}
