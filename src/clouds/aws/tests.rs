//! The whole client, credentials to answers, against the sandbox's EC2.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use tidblink_sandbox::{Door, Effect, Event, Fault, Sandbox, SandboxOptions, default_world};
use tokio_util::sync::CancellationToken;

use super::{Aws, AwsConfig, AwsRegion, StaticKeys};
use crate::clock::Clock;
use crate::clouds::{
    Change, Cloud, CloudEndpoint, CloudState, CreateEndpoint, SERVICE_TAG, ServiceFacts, TOKEN_TAG, Wish,
};
use crate::error::{ApiError, Cause, ErrorKind, Service};
use crate::ids::{CloudName, EndpointId, Region, ServiceName, SubnetId, VpcId, ZoneId};
use crate::operation::{Halt, Operation};
use crate::random::Random;
use crate::secret::Secret;

/// How much faster than real the sandbox and the client's clock run.
const SPEED: f64 = 200.0;

struct Bench {
    sandbox: Sandbox,
    aws: Aws,
    clock: Clock,
}

impl Bench {
    async fn start() -> Self {
        Self::with(SPEED, default_world::AWS_SECRET_ACCESS_KEY).await
    }

    async fn with(speed: f64, secret: &str) -> Self {
        let options = SandboxOptions { speed, ..SandboxOptions::default() };
        let sandbox = Sandbox::start(options).await.expect("a sandbox");
        let endpoint = sandbox.urls().ec2.parse().expect("a URL");
        let aws = Aws::new(AwsConfig {
            credentials: Some(StaticKeys {
                access_key: default_world::AWS_ACCESS_KEY_ID.into(),
                secret_key: Secret::new(secret),
                session_token: None,
            }),
            endpoint: Some(endpoint),
            ..AwsConfig::default()
        });
        Self { sandbox, aws, clock: Clock::scaled(speed) }
    }

    /// us-west-2, where the Dedicated service is: endpoints wait for acceptance.
    fn west(&self) -> Arc<AwsRegion> {
        self.aws.in_region(&Region::new("us-west-2"))
    }

    /// us-east-1, where the shared service is: endpoints become available by themselves.
    fn east(&self) -> Arc<AwsRegion> {
        self.aws.in_region(&Region::new("us-east-1"))
    }

    /// An operation with half an hour of the clock's time.
    fn operation(&self) -> Operation {
        self.stoppable(&CancellationToken::new())
    }

    fn stoppable(&self, stop: &CancellationToken) -> Operation {
        let timeout = Some(Duration::from_secs(1800));
        Operation::new(self.clock.clone(), Random::seeded(1), stop.clone(), timeout)
    }

    fn fail(&self, operation: &str, effect: Effect) {
        self.sandbox.add_fault(Fault::new(Door::Ec2, operation, effect));
    }

    /// How often `operation` was called.
    fn calls(&self, operation: &str) -> usize {
        self.sandbox.requests().iter().filter(|request| request.operation == operation).count()
    }

    async fn until(&self, cloud: &AwsRegion, id: &EndpointId, wanted: &CloudState) -> CloudEndpoint {
        let operation = self.operation();
        loop {
            let endpoint = cloud.get(&operation, id).await.expect("readable").expect("there");
            if endpoint.state == *wanted {
                return endpoint;
            }
            operation.sleep(Duration::from_secs(5)).await.expect("the state comes in time");
        }
    }

    async fn available_in_the_east(&self) -> CloudEndpoint {
        let created = self.east().create(&self.operation(), &in_the_east()).await.expect("created");
        self.until(&self.east(), &created.id, &CloudState::Available).await
    }
}

fn vpc(id: &str) -> VpcId {
    id.parse().expect("a VPC id")
}

fn subnets(ids: &[&str]) -> BTreeSet<SubnetId> {
    ids.iter().map(|id| id.parse().expect("a subnet id")).collect()
}

fn in_the_west() -> CreateEndpoint {
    CreateEndpoint {
        service_name: ServiceName::new(default_world::DEDICATED_SERVICE_NAME),
        vpc: vpc(default_world::WEST_VPC_ID),
        subnets: subnets(&[default_world::WEST_SUBNET_AZ1]),
        security_groups: BTreeSet::from([default_world::WEST_GROUP_OPEN.parse().expect("a group id")]),
        private_dns: false,
        tags: BTreeMap::from([
            (TOKEN_TAG.to_owned(), "token-1".to_owned()),
            (SERVICE_TAG.to_owned(), "dedicated/1/2".to_owned()),
        ]),
        client_token: "client-token-1".into(),
        name: None,
    }
}

fn in_the_east() -> CreateEndpoint {
    CreateEndpoint {
        service_name: ServiceName::new(default_world::SERVERLESS_SERVICE_NAME),
        vpc: vpc(default_world::EAST_VPC_ID),
        subnets: subnets(&[default_world::EAST_SUBNET_AZ1]),
        security_groups: BTreeSet::new(),
        private_dns: true,
        ..in_the_west()
    }
}

fn facts() -> ServiceFacts {
    ServiceFacts {
        name: ServiceName::new(default_world::DEDICATED_SERVICE_NAME),
        region: Region::new("us-west-2"),
        zones: ["usw2-az1", "usw2-az2", "usw2-az3"].into_iter().map(ZoneId::new).collect(),
        host: Some(default_world::DEDICATED_HOST.into()),
        port: 4000,
        needs_registration: true,
        cloud: CloudName::Aws,
    }
}

fn wish() -> Wish {
    Wish {
        vpc: vpc(default_world::WEST_VPC_ID),
        subnets: Some(subnets(&[default_world::WEST_SUBNET_AZ1, default_world::WEST_SUBNET_AZ2])),
        security_groups: Some(BTreeSet::from([default_world::WEST_GROUP_OPEN.parse().expect("a group id")])),
        private_dns: true,
        name: None,
    }
}

fn lost() -> Effect {
    Effect::LostAfterEffect
}

#[test]
fn a_region_has_one_client_however_often_it_is_asked_for() {
    let aws = Aws::new(AwsConfig::default());
    let (west, east) = (Region::new("us-west-2"), Region::new("us-east-1"));
    assert!(Arc::ptr_eq(&aws.in_region(&west), &aws.in_region(&west)));
    assert!(!Arc::ptr_eq(&aws.in_region(&west), &aws.in_region(&east)));
}

#[tokio::test]
async fn an_endpoint_is_made_found_tagged_and_deleted() {
    let bench = Bench::start().await;
    let (cloud, operation) = (bench.west(), bench.operation());

    let created = cloud.create(&operation, &in_the_west()).await.expect("created");
    assert_eq!(created.state, CloudState::PendingAcceptance);
    assert_eq!(created.token(), Some("token-1"));
    assert!(!created.private_dns);
    assert_eq!(created.subnets, in_the_west().subnets);
    assert_eq!(created.security_groups, in_the_west().security_groups);
    assert!(!created.interfaces.is_empty());
    assert!(
        created.dns_names.iter().all(|name| name.contains(created.id.as_str())),
        "{:?}",
        created.dns_names
    );
    assert_eq!(cloud.get(&operation, &created.id).await, Ok(Some(created.clone())));
    let listed = cloud.endpoints_in(&operation, &created.vpc).await.expect("listed");
    assert!(listed.contains(&created));

    let extra = BTreeMap::from([("team".to_owned(), "orders".to_owned())]);
    cloud.put_tags(&operation, &created.id, &extra).await.expect("tagged");
    let keys = BTreeSet::from([SERVICE_TAG.to_owned(), "never there".to_owned()]);
    cloud.remove_tags(&operation, &created.id, &keys).await.expect("untagged");
    let tagged = cloud.get(&operation, &created.id).await.expect("readable").expect("there");
    assert_eq!(tagged.tags.keys().collect::<Vec<_>>(), ["team", TOKEN_TAG]);

    assert_eq!(cloud.interfaces_left(&operation, &created.interfaces).await, Ok(created.interfaces.clone()));
    let addresses = cloud.addresses(&operation, &created).await.expect("readable");
    assert_eq!(addresses.len(), created.interfaces.len(), "one for each interface");
    cloud.delete(&operation, &created.id).await.expect("deleted");
    while cloud.get(&operation, &created.id).await.expect("readable").is_some() {
        operation.sleep(Duration::from_secs(10)).await.expect("it goes in time");
    }
    assert_eq!(cloud.interfaces_left(&operation, &created.interfaces).await, Ok(BTreeSet::new()));
    cloud.delete(&operation, &created.id).await.expect("deleting what is gone is no error");
    assert_eq!(bench.sandbox.leftovers(), []);
}

#[tokio::test]
async fn an_endpoint_that_never_was_is_none() {
    let bench = Bench::start().await;
    let id = "vpce-0123456789abcdef0".parse().expect("an endpoint id");
    assert_eq!(bench.west().get(&bench.operation(), &id).await, Ok(None));
    assert_eq!(bench.west().refresh(&bench.operation(), &id).await, Ok(None));
}

#[tokio::test]
async fn a_create_whose_answer_is_lost_makes_one_endpoint() {
    let bench = Bench::start().await;
    bench.fail("CreateVpcEndpoint", lost());
    let created = bench.west().create(&bench.operation(), &in_the_west()).await.expect("created");
    let listed = bench.west().endpoints_in(&bench.operation(), &created.vpc).await.expect("listed");
    assert_eq!(listed.len(), 1);
    let tokens: BTreeSet<_> = bench
        .sandbox
        .requests()
        .iter()
        .filter(|request| request.operation == "CreateVpcEndpoint")
        .map(|request| request.parameter("ClientToken"))
        .collect();
    assert_eq!(tokens, BTreeSet::from([Some("client-token-1".to_owned())]));
    assert_eq!(bench.calls("CreateVpcEndpoint"), 2);
}

#[tokio::test]
async fn throttling_and_outages_are_waited_out() {
    let bench = Bench::start().await;
    let throttled = Effect::error(503, "RequestLimitExceeded", "Request limit exceeded.");
    let away = Effect::error(503, "Unavailable", "The service is unavailable. Please try again shortly.");
    bench.sandbox.add_fault(Fault::new(Door::Ec2, "CreateVpcEndpoint", throttled));
    bench.sandbox.add_fault(Fault::new(Door::Ec2, "CreateVpcEndpoint", away).nth(2));
    bench.west().create(&bench.operation(), &in_the_west()).await.expect("created");
    assert_eq!(bench.calls("CreateVpcEndpoint"), 3);
}

#[tokio::test]
async fn ten_creates_at_once_queue_instead_of_running_into_the_limit() {
    // Slower than the others, so that the time a request takes is little against the refill.
    let bench = Bench::with(20.0, default_world::AWS_SECRET_ACCESS_KEY).await;
    let (cloud, operation) = (bench.west(), bench.operation());
    let creates = (0..10).map(|number| {
        let create = CreateEndpoint { client_token: format!("token-{number}"), ..in_the_west() };
        let (cloud, operation) = (Arc::clone(&cloud), operation.clone());
        async move { cloud.create(&operation, &create).await }
    });
    let created = futures_util::future::try_join_all(creates).await.expect("all are created");
    assert_eq!(created.iter().map(|endpoint| &endpoint.id).collect::<BTreeSet<_>>().len(), 10);
    // All at once, six would be refused at the first attempt alone. One may be on a machine that stalls.
    assert!(bench.calls("CreateVpcEndpoint") <= 11, "{}", bench.calls("CreateVpcEndpoint"));
}

#[tokio::test]
async fn a_change_is_made_and_shows() {
    let bench = Bench::start().await;
    let endpoint = bench.available_in_the_east().await;
    let change = Change {
        add_subnets: subnets(&[default_world::EAST_SUBNET_AZ2]),
        add_security_groups: BTreeSet::from([default_world::EAST_GROUP_OPEN.parse().expect("a group id")]),
        private_dns: Some(false),
        ..Change::default()
    };
    bench.east().change(&bench.operation(), &endpoint.id, &change).await.expect("changed");
    let changed = bench.until(&bench.east(), &endpoint.id, &CloudState::Available).await;
    assert!(changed.subnets.is_superset(&change.add_subnets));
    assert!(changed.security_groups.is_superset(&change.add_security_groups));
    assert!(!changed.private_dns);
}

#[tokio::test]
async fn nothing_to_change_asks_nothing() {
    let bench = Bench::start().await;
    let id = "vpce-0123456789abcdef0".parse().expect("an endpoint id");
    bench.west().change(&bench.operation(), &id, &Change::default()).await.expect("nothing to do");
    bench.west().put_tags(&bench.operation(), &id, &BTreeMap::new()).await.expect("nothing to do");
    bench.west().remove_tags(&bench.operation(), &id, &BTreeSet::new()).await.expect("nothing to do");
    assert_eq!(bench.sandbox.requests().len(), 0);
}

#[tokio::test]
async fn a_change_whose_answer_is_lost_is_not_an_error() {
    let bench = Bench::start().await;
    let endpoint = bench.available_in_the_east().await;
    bench.fail("ModifyVpcEndpoint", lost());
    let change = Change { add_subnets: subnets(&[default_world::EAST_SUBNET_AZ2]), ..Change::default() };
    bench.east().change(&bench.operation(), &endpoint.id, &change).await.expect("changed");
    let changed = bench.until(&bench.east(), &endpoint.id, &CloudState::Available).await;
    assert!(changed.subnets.is_superset(&change.add_subnets));
}

#[tokio::test]
async fn changes_of_one_endpoint_take_turns() {
    let bench = Bench::start().await;
    let endpoint = bench.available_in_the_east().await;
    let (cloud, operation) = (bench.east(), bench.operation());
    let add = |subnet| Change { add_subnets: subnets(&[subnet]), ..Change::default() };
    let (second_zone, third_zone) =
        (add(default_world::EAST_SUBNET_AZ2), add(default_world::EAST_SUBNET_AZ4));
    let (one, other) = tokio::join!(
        cloud.change(&operation, &endpoint.id, &second_zone),
        cloud.change(&operation, &endpoint.id, &third_zone),
    );
    assert_eq!((one, other), (Ok(()), Ok(())));
    let changed = bench.until(&cloud, &endpoint.id, &CloudState::Available).await;
    assert_eq!(changed.subnets.len(), 3);
}

#[tokio::test]
async fn private_dns_before_acceptance_is_told_apart() {
    let bench = Bench::start().await;
    let created = bench.west().create(&bench.operation(), &in_the_west()).await.expect("created");
    let change = Change { private_dns: Some(true), ..Change::default() };
    let error = bench.west().change(&bench.operation(), &created.id, &change).await.expect_err("too early");
    assert_eq!(error.cause, Some(Cause::PrivateDnsBeforeAcceptance));
    assert_eq!(error.code.as_deref(), Some("InvalidParameter"));
    assert!(error.request_id.is_some());
}

#[tokio::test]
async fn what_happened_behind_the_back_is_seen() {
    let bench = Bench::start().await;
    let created = bench.west().create(&bench.operation(), &in_the_west()).await.expect("created");
    let failed =
        Event::EndpointFailed { endpoint_id: created.id.to_string(), message: Some("no capacity".into()) };
    bench.sandbox.event(failed).expect("it happens");
    let endpoint = bench.west().get(&bench.operation(), &created.id).await.expect("readable").expect("there");
    assert_eq!(endpoint.state, CloudState::Failed);
    assert!(endpoint.reason.is_some_and(|reason| reason.contains("no capacity")));
}

#[tokio::test]
async fn refreshes_share_one_listing_until_something_is_written() {
    let bench = Bench::start().await;
    let (cloud, operation) = (bench.west(), bench.operation());
    let created = cloud.create(&operation, &in_the_west()).await.expect("created");
    bench.sandbox.forget_requests();
    let refreshes = (0..10).map(|_| cloud.refresh(&operation, &created.id));
    let read = futures_util::future::try_join_all(refreshes).await.expect("readable");
    assert!(read.iter().all(|endpoint| endpoint.as_ref() == Some(&created)));
    assert_eq!(bench.calls("DescribeVpcEndpoints"), 1);

    let extra = BTreeMap::from([("team".to_owned(), "orders".to_owned())]);
    cloud.put_tags(&operation, &created.id, &extra).await.expect("tagged");
    let read = cloud.refresh(&operation, &created.id).await.expect("readable").expect("there");
    assert!(read.tags.contains_key("team"));
}

#[tokio::test]
async fn a_stop_lets_the_call_under_way_finish() {
    let bench = Bench::start().await;
    bench.fail("CreateVpcEndpoint", Effect::Latency(300));
    let stop = CancellationToken::new();
    let operation = bench.stoppable(&stop);
    let (cloud, create) = (bench.west(), in_the_west());
    let (created, ()) = tokio::join!(cloud.create(&operation, &create), async {
        while bench.calls("CreateVpcEndpoint") == 0 {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        stop.cancel();
    });
    assert_eq!(created.expect("created").state, CloudState::PendingAcceptance);
    let after = cloud.create(&operation, &create).await.expect_err("stopped");
    assert_eq!(after.halt(), Some(Halt::Stopped));
}

#[tokio::test]
async fn a_preflight_where_all_is_right_costs_six_reads_for_all_who_ask() {
    let bench = Bench::start().await;
    let (cloud, operation, facts, wish) = (bench.west(), bench.operation(), facts(), wish());
    let (one, other) =
        tokio::join!(cloud.preflight(&operation, &facts, &wish), cloud.preflight(&operation, &facts, &wish));
    let verdict = one.expect("looked");
    assert_eq!(verdict.findings, []);
    assert_eq!(verdict.not_checked, Vec::<String>::new());
    assert_eq!(verdict.subnets, wish.subnets.expect("named"));
    assert_eq!(other.map(|other| other.findings), Ok(Vec::new()));
    assert_eq!(bench.sandbox.requests().len(), 6, "{:#?}", bench.sandbox.requests());
}

#[tokio::test]
async fn a_preflight_finds_what_is_wrong_in_the_world() {
    let bench = Bench::start().await;
    let codes = async |wish: Wish| -> Vec<&'static str> {
        let verdict = bench.west().preflight(&bench.operation(), &facts(), &wish).await.expect("looked");
        verdict.findings.iter().map(|finding| finding.code.as_str()).collect()
    };
    let without_dns = Wish {
        vpc: vpc(default_world::WEST_VPC_WITHOUT_DNS),
        subnets: Some(subnets(&[default_world::WEST_SUBNET_WITHOUT_DNS])),
        security_groups: Some(BTreeSet::from([default_world::WEST_GROUP_WITHOUT_DNS
            .parse()
            .expect("a group id")])),
        ..wish()
    };
    assert_eq!(codes(without_dns).await, ["dns-support-off", "dns-hostnames-off"]);
    let elsewhere = Wish { vpc: vpc(default_world::EAST_VPC_ID), ..wish() };
    assert_eq!(codes(elsewhere).await, ["vpc-not-found"]);
    let wrong_zones = subnets(&[
        default_world::WEST_SUBNET_AZ1,
        default_world::WEST_SUBNET_AZ1_SECOND,
        default_world::WEST_SUBNET_AZ4,
        default_world::WEST_SUBNET_WITHOUT_DNS,
    ]);
    let wrong_zones = Wish { subnets: Some(wrong_zones), ..wish() };
    assert_eq!(codes(wrong_zones).await, ["subnet-of-other-vpc", "zone-unsupported", "duplicate-zone"]);
    let default_group = Wish { security_groups: None, ..wish() };
    assert_eq!(codes(default_group).await, ["port-closed"]);
}

#[tokio::test]
async fn a_preflight_chooses_subnets() {
    let bench = Bench::start().await;
    let wish = Wish { subnets: None, ..wish() };
    let verdict = bench.west().preflight(&bench.operation(), &facts(), &wish).await.expect("looked");
    assert_eq!(verdict.findings, []);
    let expected =
        [default_world::WEST_SUBNET_AZ1, default_world::WEST_SUBNET_AZ2, default_world::WEST_SUBNET_AZ3];
    assert_eq!(verdict.subnets, subnets(&expected));
    assert!(verdict.choice.is_some_and(|choice| choice.contains(default_world::WEST_SUBNET_AZ4)));
}

#[tokio::test]
async fn bad_news_is_never_taken_from_memory() {
    let bench = Bench::start().await;
    let (cloud, operation, facts) = (bench.west(), bench.operation(), facts());
    let wish = Wish {
        vpc: vpc(default_world::WEST_VPC_WITHOUT_DNS),
        subnets: None,
        security_groups: None,
        ..wish()
    };
    let codes = async || -> Vec<&'static str> {
        let verdict = cloud.preflight(&operation, &facts, &wish).await.expect("looked");
        verdict.findings.iter().map(|finding| finding.code.as_str()).collect()
    };
    assert!(codes().await.contains(&"dns-support-off"));
    let on = Event::VpcDns { vpc_id: wish.vpc.to_string(), support: true, hostnames: true };
    bench.sandbox.event(on).expect("it happens");
    assert!(!codes().await.contains(&"dns-support-off"));
}

#[tokio::test]
async fn what_the_credentials_may_not_read_is_not_checked() {
    let bench = Bench::start().await;
    let denied = ["DescribeSubnets", "DescribeVpcEndpointServices"];
    bench.sandbox.world(|world| {
        world.aws.access_keys[0].denied = denied.iter().map(|action| (*action).to_owned()).collect();
    });
    let verdict = bench.west().preflight(&bench.operation(), &facts(), &wish()).await.expect("looked");
    assert_eq!(verdict.findings, []);
    assert_eq!(verdict.not_checked.len(), 2);
    for action in denied {
        assert!(verdict.not_checked.iter().any(|text| text.starts_with(&format!("ec2:{action}: "))));
    }
}

async fn refused(bench: &Bench) -> ApiError {
    bench
        .west()
        .endpoints_in(&bench.operation(), &vpc(default_world::WEST_VPC_ID))
        .await
        .expect_err("refused")
}

#[tokio::test]
async fn a_wrong_secret_is_told_from_an_unknown_key() {
    let wrong_secret = refused(&Bench::with(SPEED, "not the secret").await).await;
    assert_eq!(wrong_secret.kind, ErrorKind::Unauthenticated);
    assert_eq!(wrong_secret.cause, Some(Cause::WrongSecret));
    assert!(!wrong_secret.to_string().contains("not the secret"));

    let bench = Bench::start().await;
    bench.sandbox.world(|world| world.aws.access_keys.clear());
    let unknown_key = refused(&bench).await;
    assert_eq!(unknown_key.cause, Some(Cause::UnknownKey));
    assert_eq!(unknown_key.service, Service::Ec2);
}

#[tokio::test]
async fn a_region_that_is_not_enabled_is_named() {
    let bench = Bench::start().await;
    bench.sandbox.world(|world| {
        let west = world.aws.regions.iter_mut().find(|region| region.name == "us-west-2");
        west.expect("the region").opted_in = false;
    });
    let error = refused(&bench).await;
    assert_eq!(error.cause, Some(Cause::RegionNotEnabled));
    assert!(error.message.contains("us-west-2"), "{}", error.message);
}

#[tokio::test]
async fn an_answer_that_is_no_answer_is_malformed() {
    let bench = Bench::start().await;
    bench.fail("DescribeVpcEndpoints", Effect::Garbage);
    assert_eq!(refused(&bench).await.kind, ErrorKind::Malformed);
}

/// An answer to DescribeVpcEndpoints with these endpoints and this next page.
fn page(numbers: &[u8], next: &str) -> String {
    let items: String = numbers
        .iter()
        .map(|number| {
            format!(
                "<item><vpcEndpointId>vpce-0aaaaaaaaaaaaaaa{number}</vpcEndpointId><vpcId>{}</vpcId><state>available\
                 </state></item>",
                default_world::WEST_VPC_ID
            )
        })
        .collect();
    format!("<requestId>r</requestId><vpcEndpointSet>{items}</vpcEndpointSet><nextToken>{next}</nextToken>")
}

#[tokio::test]
async fn pages_that_make_no_whole_are_read_again_and_then_malformed() {
    let whole = [page(&[1, 2], "two"), page(&[3], "")];
    let circle = || [page(&[1], "a"), page(&[2], "b"), page(&[3], "a")];
    let table = [
        ("a token that repeats", vec![page(&[1], "two"), page(&[2], "two")], Some(3)),
        ("tokens in a circle", [circle(), circle(), circle()].concat(), None),
        ("an order that changed", vec![page(&[3, 1], "two"), page(&[3], "")], Some(3)),
        ("an answer without a list", vec![String::new()], None),
        ("a page without a list", vec![page(&[1], "two"), String::new()], None),
        ("no endpoints", vec![page(&[], "")], Some(0)),
    ];
    for (case, first, expected) in table {
        let bench = Bench::start().await;
        for (index, body) in first.iter().chain(&whole).enumerate() {
            let body = format!("<DescribeVpcEndpointsResponse>{body}</DescribeVpcEndpointsResponse>");
            let answer = Effect::Answer {
                status: 200,
                body: Some(body),
                headers: BTreeMap::new(),
                code: None,
                message: None,
            };
            let nth = u32::try_from(index + 1).expect("a few answers");
            bench.sandbox.add_fault(Fault::new(Door::Ec2, "DescribeVpcEndpoints", answer).nth(nth));
        }
        let vpc = vpc(default_world::WEST_VPC_ID);
        let listed = bench.west().endpoints_in(&bench.operation(), &vpc).await;
        match expected {
            Some(count) => assert_eq!(listed.expect(case).len(), count, "{case}"),
            None => assert_eq!(listed.expect_err(case).kind, ErrorKind::Malformed, "{case}"),
        }
    }
}
