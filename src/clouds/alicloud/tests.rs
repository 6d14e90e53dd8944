//! The whole client, credentials to answers, against the sandbox's Alibaba Cloud, and against scripted answers where the
//! sandbox behaves too well.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;
use std::time::Duration;

use serde_json::json;
use tidblink_sandbox::{Door, Effect, Event, Fault, Sandbox, SandboxOptions, Timestamp, default_world};
use tokio_util::sync::CancellationToken;

use super::testing::{Deed, Server, operation};
use super::{Alicloud, AlicloudConfig, AlicloudRegion, AssumeRole, Machine, StaticKeys};
use crate::clock::Clock;
use crate::clouds::{
    Change, Cloud, CloudEndpoint, CloudState, CreateEndpoint, SERVICE_TAG, ServiceFacts, TOKEN_TAG,
    UNFINISHED_TAG, Wish,
};
use crate::error::{ApiError, Cause, ErrorKind, Service};
use crate::ids::{CloudName, EndpointId, Region, SecurityGroupId, ServiceName, SubnetId, VpcId};
use crate::operation::{Halt, Operation};
use crate::random::Random;
use crate::secret::Secret;

/// How much faster than real the sandbox and the client's clock run.
const SPEED: f64 = 200.0;
const REGION: &str = "ap-southeast-1";

struct Bench {
    sandbox: Sandbox,
    alicloud: Alicloud,
    clock: Clock,
}

impl Bench {
    async fn start() -> Self {
        Self::with(|config| config).await
    }

    async fn with(change: impl FnOnce(AlicloudConfig) -> AlicloudConfig) -> Self {
        let options = SandboxOptions { speed: SPEED, ..SandboxOptions::default() };
        let sandbox = Sandbox::start(options).await.expect("a sandbox");
        let endpoint: url::Url = sandbox.urls().alicloud.parse().expect("a URL");
        let config = AlicloudConfig {
            credentials: Some(keys(default_world::ALICLOUD_ACCESS_KEY_SECRET)),
            endpoint: Some(endpoint.clone()),
            metadata_endpoint: Some(endpoint),
            machine: Machine::with(HashMap::new(), None),
            ..AlicloudConfig::default()
        };
        Self { sandbox, alicloud: Alicloud::new(change(config)), clock: Clock::scaled(SPEED) }
    }

    fn cloud(&self) -> Arc<AlicloudRegion> {
        self.alicloud.in_region(&Region::new(REGION))
    }

    /// An operation with half an hour of the clock's time.
    fn operation(&self) -> Operation {
        self.stoppable(&CancellationToken::new())
    }

    fn stoppable(&self, stop: &CancellationToken) -> Operation {
        let timeout = Some(Duration::from_secs(1800));
        Operation::new(self.clock.clone(), Random::from_os(), stop.clone(), timeout)
    }

    fn fail(&self, operation: &str, effect: Effect) {
        self.sandbox.add_fault(Fault::new(Door::Alicloud, operation, effect));
    }

    /// The actions that were called, in order.
    fn called(&self) -> Vec<String> {
        self.sandbox.requests().into_iter().map(|request| request.operation).collect()
    }

    /// How often `operation` was called.
    fn calls(&self, operation: &str) -> usize {
        self.called().iter().filter(|called| *called == operation).count()
    }

    /// What differs between the calls of `operation`.
    fn parameters(&self, operation: &str, name: &str) -> BTreeSet<Option<String>> {
        let requests = self.sandbox.requests();
        let requests = requests.iter().filter(|request| request.operation == operation);
        requests.map(|request| request.parameter(name)).collect()
    }

    /// The writes that were called, in order.
    fn writes(&self) -> Vec<String> {
        let read = |name: &String| name.starts_with("List") || name.starts_with("Describe");
        self.called().into_iter().filter(|name| !read(name)).collect()
    }

    async fn until(&self, id: &EndpointId, wanted: &CloudState) -> CloudEndpoint {
        let (cloud, operation) = (self.cloud(), self.operation());
        loop {
            let endpoint = cloud.get(&operation, id).await.expect("readable").expect("there");
            if endpoint.state == *wanted {
                return endpoint;
            }
            operation.sleep(Duration::from_secs(5)).await.expect("the state comes in time");
        }
    }

    async fn gone(&self, id: &EndpointId) {
        let (cloud, operation) = (self.cloud(), self.operation());
        while cloud.get(&operation, id).await.expect("readable").is_some() {
            operation.sleep(Duration::from_secs(10)).await.expect("it goes in time");
        }
    }

    async fn available(&self) -> CloudEndpoint {
        let created = self.cloud().create(&self.operation(), &create()).await.expect("created");
        self.until(&created.id, &CloudState::Available).await
    }

    async fn change(&self, endpoint: &CloudEndpoint, change: Change) -> Result<CloudEndpoint, ApiError> {
        self.cloud().change(&self.operation(), &endpoint.id, &change).await?;
        Ok(self.until(&endpoint.id, &CloudState::Available).await)
    }
}

fn keys(secret: &str) -> StaticKeys {
    StaticKeys {
        access_key: default_world::ALICLOUD_ACCESS_KEY_ID.into(),
        secret_key: Secret::new(secret),
        security_token: None,
    }
}

fn vpc(id: &str) -> VpcId {
    id.parse().expect("a VPC id")
}

fn vswitches(ids: &[&str]) -> BTreeSet<SubnetId> {
    ids.iter().map(|id| id.parse().expect("a vSwitch id")).collect()
}

fn groups(ids: &[&str]) -> BTreeSet<SecurityGroupId> {
    ids.iter().map(|id| id.parse().expect("a group id")).collect()
}

fn create() -> CreateEndpoint {
    CreateEndpoint {
        service_name: ServiceName::new(default_world::ALICLOUD_SERVICE_NAME),
        vpc: vpc(default_world::ALICLOUD_VPC_ID),
        subnets: vswitches(&[default_world::ALICLOUD_VSWITCH_A]),
        security_groups: groups(&[default_world::ALICLOUD_GROUP_OPEN]),
        private_dns: false,
        tags: BTreeMap::from([
            (TOKEN_TAG.to_owned(), "token-1".to_owned()),
            (SERVICE_TAG.to_owned(), "serverless/1".to_owned()),
        ]),
        name: Some("orders".into()),
        client_token: "client-token-1".into(),
    }
}

fn facts() -> ServiceFacts {
    ServiceFacts {
        cloud: CloudName::Alicloud,
        name: ServiceName::new(default_world::ALICLOUD_SERVICE_NAME),
        region: Region::new(REGION),
        zones: BTreeSet::new(),
        host: None,
        port: 4000,
        needs_registration: false,
    }
}

fn wish() -> Wish {
    Wish {
        vpc: vpc(default_world::ALICLOUD_VPC_ID),
        subnets: Some(vswitches(&[default_world::ALICLOUD_VSWITCH_A, default_world::ALICLOUD_VSWITCH_B])),
        security_groups: Some(groups(&[default_world::ALICLOUD_GROUP_OPEN])),
        private_dns: false,
        name: None,
    }
}

#[test]
fn a_region_has_one_client_however_often_it_is_asked_for() {
    let alicloud = Alicloud::new(AlicloudConfig::default());
    let (singapore, frankfurt) = (Region::new(REGION), Region::new("eu-central-1"));
    assert!(Arc::ptr_eq(&alicloud.in_region(&singapore), &alicloud.in_region(&singapore)));
    assert!(!Arc::ptr_eq(&alicloud.in_region(&singapore), &alicloud.in_region(&frankfurt)));
}

#[tokio::test]
async fn an_endpoint_is_made_found_tagged_and_taken_down() {
    let bench = Bench::start().await;
    let (cloud, operation) = (bench.cloud(), bench.operation());

    let created = cloud.create(&operation, &create()).await.expect("created");
    assert_eq!(created.state, CloudState::Pending);
    assert_eq!((created.token(), created.name.as_deref()), (Some("token-1"), Some("orders")));
    assert_eq!((&created.subnets, &created.security_groups), (&create().subnets, &create().security_groups));
    assert_eq!(bench.called(), ["DescribeVSwitchAttributes", "CreateVpcEndpoint"]);

    let endpoint = bench.until(&created.id, &CloudState::Available).await;
    assert_eq!((&endpoint.subnets, &endpoint.security_groups), (&created.subnets, &created.security_groups));
    assert_eq!((&endpoint.tags, endpoint.interfaces.len()), (&created.tags, 1));
    assert_eq!(endpoint.host.as_ref(), endpoint.dns_names.first());
    assert!(endpoint.dns_names.len() == 2 && endpoint.dns_names[0].contains(endpoint.id.as_str()));
    let listed = cloud.endpoints_in(&operation, &endpoint.vpc).await.expect("listed");
    assert_eq!(listed, std::slice::from_ref(&endpoint));

    let extra = BTreeMap::from([("team".to_owned(), "orders & more".to_owned())]);
    cloud.put_tags(&operation, &endpoint.id, &extra).await.expect("tagged");
    let keys = BTreeSet::from([SERVICE_TAG.to_owned(), "never there".to_owned()]);
    cloud.remove_tags(&operation, &endpoint.id, &keys).await.expect("untagged");
    let tagged = cloud.get(&operation, &endpoint.id).await.expect("readable").expect("there");
    assert_eq!(tagged.tags.keys().collect::<Vec<_>>(), ["team", TOKEN_TAG]);
    assert_eq!(tagged.tags["team"], "orders & more");

    let addresses = cloud.addresses(&operation, &endpoint).await.expect("readable");
    assert_eq!(addresses.len(), endpoint.interfaces.len(), "one for each interface");
    cloud.delete(&operation, &endpoint.id).await.expect("deleted");
    bench.gone(&endpoint.id).await;
    assert_eq!(cloud.interfaces_left(&operation, &endpoint.interfaces).await, Ok(BTreeSet::new()));
    cloud.delete(&operation, &endpoint.id).await.expect("deleting what is gone is no error");
    assert_eq!(bench.sandbox.leftovers(), []);
}

#[tokio::test]
async fn an_endpoint_that_never_was_is_none() {
    let bench = Bench::start().await;
    let id = "ep-t4n00000000000000009".parse().expect("an endpoint id");
    assert_eq!(bench.cloud().get(&bench.operation(), &id).await, Ok(None));
    assert_eq!(bench.cloud().refresh(&bench.operation(), &id).await, Ok(None));
    let change = Change { name: Some("other".into()), ..Change::default() };
    let error = bench.cloud().change(&bench.operation(), &id, &change).await.expect_err("not there");
    assert_eq!(error.cause, Some(Cause::EndpointNotFound));
}

#[tokio::test]
async fn the_parts_of_endpoints_that_are_not_ours_are_not_asked_for() {
    let bench = Bench::start().await;
    let foreign = CreateEndpoint { tags: BTreeMap::new(), ..create() };
    let created = bench.cloud().create(&bench.operation(), &foreign).await.expect("created");
    bench.sandbox.forget_requests();
    let listed = bench.cloud().endpoints_in(&bench.operation(), &created.vpc).await.expect("listed");
    assert_eq!(listed.len(), 1);
    assert_eq!(bench.called(), ["ListVpcEndpoints"]);
}

#[tokio::test]
async fn a_create_whose_answer_is_lost_makes_one_endpoint() {
    let bench = Bench::start().await;
    bench.fail("CreateVpcEndpoint", Effect::LostAfterEffect);
    let created = bench.cloud().create(&bench.operation(), &create()).await.expect("created");
    let listed = bench.cloud().endpoints_in(&bench.operation(), &created.vpc).await.expect("listed");
    assert_eq!(listed.len(), 1);
    assert_eq!(bench.calls("CreateVpcEndpoint"), 2);
    let tokens = bench.parameters("CreateVpcEndpoint", "ClientToken");
    assert_eq!(tokens, BTreeSet::from([Some("client-token-1".to_owned())]));
}

#[tokio::test]
async fn throttling_and_outages_are_waited_out() {
    let bench = Bench::start().await;
    bench.fail("CreateVpcEndpoint", Effect::error(400, "Throttling.User", "too fast"));
    let busy = Effect::error(503, "ServiceUnavailable", "away");
    bench.sandbox.add_fault(Fault::new(Door::Alicloud, "CreateVpcEndpoint", busy).nth(2));
    bench.cloud().create(&bench.operation(), &create()).await.expect("created");
    assert_eq!(bench.calls("CreateVpcEndpoint"), 3);
}

#[tokio::test]
async fn zones_and_groups_change_one_after_the_other() {
    let bench = Bench::start().await;
    let endpoint = bench.available().await;
    bench.sandbox.forget_requests();
    let change = Change {
        add_subnets: vswitches(&[default_world::ALICLOUD_VSWITCH_B]),
        remove_subnets: vswitches(&[default_world::ALICLOUD_VSWITCH_A]),
        add_security_groups: groups(&[default_world::ALICLOUD_GROUP_CLOSED]),
        remove_security_groups: groups(&[default_world::ALICLOUD_GROUP_OPEN]),
        name: Some("other".into()),
        ..Change::default()
    };
    let changed = bench.change(&endpoint, change).await.expect("changed");
    assert_eq!(changed.subnets, vswitches(&[default_world::ALICLOUD_VSWITCH_B]));
    assert_eq!(changed.security_groups, groups(&[default_world::ALICLOUD_GROUP_CLOSED]));
    assert_eq!(changed.name.as_deref(), Some("other"));
    // Each was let in at the first attempt, because the one before was waited for.
    assert_eq!(
        bench.writes(),
        [
            "UpdateVpcEndpointAttribute",
            "AttachSecurityGroupToVpcEndpoint",
            "DetachSecurityGroupFromVpcEndpoint",
            "AddZoneToVpcEndpoint",
            "RemoveZoneFromVpcEndpoint",
        ]
    );
}

#[tokio::test]
async fn a_vswitch_moves_within_its_zone() {
    let bench = Bench::start().await;
    let endpoint = bench.available().await;
    let change = Change {
        add_subnets: vswitches(&[default_world::ALICLOUD_VSWITCH_A_SECOND]),
        remove_subnets: vswitches(&[default_world::ALICLOUD_VSWITCH_A]),
        ..Change::default()
    };
    let changed = bench.change(&endpoint, change).await.expect("changed");
    assert_eq!(changed.subnets, vswitches(&[default_world::ALICLOUD_VSWITCH_A_SECOND]));
    let second = Change { add_subnets: vswitches(&[default_world::ALICLOUD_VSWITCH_A]), ..Change::default() };
    let error = bench.change(&changed, second).await.expect_err("the zone is taken");
    assert_eq!(error.cause, Some(Cause::DuplicateZone));
}

#[tokio::test]
async fn a_change_whose_answer_is_lost_is_not_an_error() {
    for action in ["AddZoneToVpcEndpoint", "AttachSecurityGroupToVpcEndpoint"] {
        let bench = Bench::start().await;
        let endpoint = bench.available().await;
        bench.fail(action, Effect::LostAfterEffect);
        let change = Change {
            add_subnets: vswitches(&[default_world::ALICLOUD_VSWITCH_B]),
            add_security_groups: groups(&[default_world::ALICLOUD_GROUP_CLOSED]),
            ..Change::default()
        };
        let changed = bench.change(&endpoint, change).await.expect("changed");
        assert_eq!((changed.subnets.len(), changed.security_groups.len()), (2, 2), "{action}");
    }
}

#[tokio::test]
async fn changes_of_one_endpoint_take_turns() {
    let bench = Bench::start().await;
    let endpoint = bench.available().await;
    bench.sandbox.forget_requests();
    let (cloud, operation) = (bench.cloud(), bench.operation());
    let (zone, group) = (
        Change { add_subnets: vswitches(&[default_world::ALICLOUD_VSWITCH_B]), ..Change::default() },
        Change { add_security_groups: groups(&[default_world::ALICLOUD_GROUP_CLOSED]), ..Change::default() },
    );
    let (one, other) = tokio::join!(
        cloud.change(&operation, &endpoint.id, &zone),
        cloud.change(&operation, &endpoint.id, &group),
    );
    assert_eq!((one, other), (Ok(()), Ok(())));
    assert_eq!(bench.writes().len(), 2);
    let changed = bench.until(&endpoint.id, &CloudState::Available).await;
    assert_eq!((changed.subnets.len(), changed.security_groups.len()), (2, 2));
}

#[tokio::test]
async fn an_endpoint_made_without_groups_takes_none_later() {
    let bench = Bench::start().await;
    let bare = CreateEndpoint { security_groups: BTreeSet::new(), ..create() };
    let created = bench.cloud().create(&bench.operation(), &bare).await.expect("created");
    let endpoint = bench.until(&created.id, &CloudState::Available).await;
    let change =
        Change { add_security_groups: groups(&[default_world::ALICLOUD_GROUP_OPEN]), ..Change::default() };
    let error = bench.change(&endpoint, change).await.expect_err("refused");
    assert_eq!(error.cause, Some(Cause::MadeWithoutSecurityGroups));
}

#[tokio::test]
async fn nothing_to_change_asks_nothing() {
    let bench = Bench::start().await;
    let id = "ep-t4n00000000000000009".parse().expect("an endpoint id");
    bench.cloud().change(&bench.operation(), &id, &Change::default()).await.expect("nothing to do");
    bench.cloud().put_tags(&bench.operation(), &id, &BTreeMap::new()).await.expect("nothing to do");
    bench.cloud().remove_tags(&bench.operation(), &id, &BTreeSet::new()).await.expect("nothing to do");
    assert_eq!(bench.called(), Vec::<String>::new());
}

#[tokio::test]
async fn zones_go_one_after_the_other_and_then_the_endpoint() {
    let bench = Bench::start().await;
    let both = CreateEndpoint {
        subnets: vswitches(&[default_world::ALICLOUD_VSWITCH_A, default_world::ALICLOUD_VSWITCH_B]),
        ..create()
    };
    let created = bench.cloud().create(&bench.operation(), &both).await.expect("created");
    bench.until(&created.id, &CloudState::Available).await;
    bench.sandbox.forget_requests();
    bench.fail("DeleteVpcEndpoint", Effect::LostAfterEffect);
    bench.cloud().delete(&bench.operation(), &created.id).await.expect("deleted");
    bench.gone(&created.id).await;
    let writes = bench.writes();
    assert_eq!(writes[..3], ["RemoveZoneFromVpcEndpoint", "RemoveZoneFromVpcEndpoint", "DeleteVpcEndpoint"]);
    assert_eq!(bench.sandbox.leftovers(), []);
}

#[tokio::test]
async fn an_endpoint_that_is_still_being_made_can_be_taken_down() {
    let bench = Bench::start().await;
    let created = bench.cloud().create(&bench.operation(), &create()).await.expect("created");
    bench.cloud().delete(&bench.operation(), &created.id).await.expect("deleted");
    bench.gone(&created.id).await;
    assert_eq!(bench.sandbox.leftovers(), []);
}

#[tokio::test]
async fn a_service_that_does_not_accept_by_itself_is_told_before_and_after() {
    let bench = Bench::start().await;
    bench.sandbox.world(|world| world.alicloud.services[0].auto_accept = false);
    let verdict = bench.cloud().preflight(&bench.operation(), &facts(), &wish()).await.expect("looked");
    let codes: Vec<_> = verdict.findings.iter().map(|finding| finding.code.as_str()).collect();
    assert_eq!(codes, ["acceptance-required"]);
    let mut unfinished = create();
    unfinished.tags.insert(UNFINISHED_TAG.to_owned(), "heartbeat=1".to_owned());
    let created = bench.cloud().create(&bench.operation(), &unfinished).await.expect("created");
    let endpoint = bench.until(&created.id, &CloudState::PendingAcceptance).await;
    assert!(endpoint.reason.is_some_and(|reason| reason.contains("accept")));
    bench
        .sandbox
        .event(Event::ConnectionAccepted { endpoint_id: created.id.to_string() })
        .expect("it happens");
    bench.until(&created.id, &CloudState::Available).await;
}

#[tokio::test]
async fn a_stop_lets_the_call_under_way_finish() {
    let bench = Bench::start().await;
    bench.fail("CreateVpcEndpoint", Effect::Latency(300));
    let stop = CancellationToken::new();
    let operation = bench.stoppable(&stop);
    let (cloud, create) = (bench.cloud(), create());
    let (created, ()) = tokio::join!(cloud.create(&operation, &create), async {
        while bench.calls("CreateVpcEndpoint") == 0 {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        stop.cancel();
    });
    created.expect("created");
    let after = cloud.create(&operation, &create).await.expect_err("stopped");
    assert_eq!(after.halt(), Some(Halt::Stopped));
}

#[tokio::test]
async fn a_preflight_where_all_is_right_costs_five_reads_for_all_who_ask() {
    let bench = Bench::start().await;
    let (cloud, operation, facts, wish) = (bench.cloud(), bench.operation(), facts(), wish());
    let (one, other) =
        tokio::join!(cloud.preflight(&operation, &facts, &wish), cloud.preflight(&operation, &facts, &wish));
    let verdict = one.expect("looked");
    assert_eq!(verdict.findings, []);
    assert_eq!(verdict.not_checked, Vec::<String>::new());
    assert_eq!(Some(&verdict.subnets), wish.subnets.as_ref());
    assert_eq!(other.map(|other| other.findings), Ok(Vec::new()));
    assert_eq!(bench.called().len(), 5, "{:#?}", bench.called());
    // What it saw of the vSwitches is not asked for again.
    cloud.create(&operation, &create()).await.expect("created");
    assert_eq!(bench.called().len(), 6, "{:#?}", bench.called());
}

#[tokio::test]
async fn a_preflight_finds_what_is_wrong_in_the_world() {
    let bench = Bench::start().await;
    let codes = async |wish: Wish| -> Vec<&'static str> {
        let verdict = bench.cloud().preflight(&bench.operation(), &facts(), &wish).await.expect("looked");
        verdict.findings.iter().map(|finding| finding.code.as_str()).collect()
    };
    let elsewhere = Wish { vpc: vpc("vpc-t4nnowhere000000001"), ..wish() };
    assert_eq!(codes(elsewhere).await, ["vpc-not-found"]);
    let wrong = vswitches(&[
        default_world::ALICLOUD_VSWITCH_A,
        default_world::ALICLOUD_VSWITCH_A_SECOND,
        default_world::ALICLOUD_VSWITCH_C,
        "vsw-t4nnowhere000000001",
    ]);
    let wrong = Wish { subnets: Some(wrong), ..wish() };
    assert_eq!(codes(wrong.clone()).await, ["vswitch-not-found", "zone-unsupported", "duplicate-zone"]);
    bench.sandbox.world(|world| world.alicloud.absent_vswitch_is_empty = true);
    assert_eq!(codes(wrong).await, ["vswitch-not-found", "zone-unsupported", "duplicate-zone"]);
    let no_group = Wish { security_groups: Some(groups(&["sg-t4nnowhere00000001"])), ..wish() };
    assert_eq!(codes(no_group).await, ["security-group-not-found"]);
    let closed = Wish { security_groups: Some(groups(&[default_world::ALICLOUD_GROUP_CLOSED])), ..wish() };
    assert_eq!(codes(closed).await, ["port-closed"]);
}

#[tokio::test]
async fn bad_news_is_never_taken_from_memory() {
    let bench = Bench::start().await;
    let (cloud, operation, facts, wish) = (bench.cloud(), bench.operation(), facts(), wish());
    let codes = async || -> Vec<&'static str> {
        let verdict = cloud.preflight(&operation, &facts, &wish).await.expect("looked");
        verdict.findings.iter().map(|finding| finding.code.as_str()).collect()
    };
    bench.sandbox.event(Event::ProductOpen { open: false }).expect("it happens");
    assert_eq!(codes().await, ["product-not-activated"]);
    bench.sandbox.event(Event::ProductOpen { open: true }).expect("it happens");
    assert_eq!(codes().await, Vec::<&str>::new());
}

#[tokio::test]
async fn what_the_credentials_may_not_read_is_not_checked() {
    let bench = Bench::start().await;
    let denied =
        ["DescribeVpcAttribute", "DescribeSecurityGroupAttribute", "ListVpcEndpointServicesByEndUser"];
    bench.sandbox.world(|world| {
        world.alicloud.access_keys[0].denied = denied.iter().map(|action| (*action).to_owned()).collect();
    });
    let verdict = bench.cloud().preflight(&bench.operation(), &facts(), &wish()).await.expect("looked");
    assert_eq!(verdict.findings, []);
    assert_eq!(verdict.not_checked.len(), 3);
    for action in denied {
        assert!(verdict.not_checked.iter().any(|text| text.contains(&format!(":{action}: "))), "{action}");
    }
}

async fn refused(bench: &Bench) -> ApiError {
    let vpc = vpc(default_world::ALICLOUD_VPC_ID);
    bench.cloud().endpoints_in(&bench.operation(), &vpc).await.expect_err("refused")
}

#[tokio::test]
async fn a_wrong_secret_is_told_from_an_unknown_key() {
    let wrong = Bench::with(|config| AlicloudConfig { credentials: Some(keys("hunter2")), ..config }).await;
    let wrong = refused(&wrong).await;
    assert_eq!((wrong.kind, wrong.cause), (ErrorKind::Unauthenticated, Some(Cause::WrongSecret)));
    assert!(!wrong.to_string().contains("hunter2"));

    let bench = Bench::start().await;
    bench.sandbox.world(|world| world.alicloud.access_keys.clear());
    let unknown = refused(&bench).await;
    assert_eq!(unknown.cause, Some(Cause::UnknownKey));
    assert_eq!(unknown.service, Service::AlicloudPrivateLink);
    assert!(unknown.request_id.is_some());
}

#[tokio::test]
async fn roles_are_taken_on_from_the_block_the_token_and_the_machine() {
    let vpc = vpc(default_world::ALICLOUD_VPC_ID);
    let role = AssumeRole {
        role_arn: default_world::ALICLOUD_ROLE_ARN.into(),
        session_name: None,
        external_id: Some(default_world::ALICLOUD_EXTERNAL_ID.into()),
    };
    let assumed = Bench::with(|config| AlicloudConfig { assume_role: Some(role.clone()), ..config }).await;
    assumed.cloud().endpoints_in(&assumed.operation(), &vpc).await.expect("listed");
    assert_eq!(assumed.called(), ["AssumeRole", "ListVpcEndpoints"]);

    let stranger = AssumeRole { external_id: None, ..role };
    let stranger = Bench::with(|config| AlicloudConfig { assume_role: Some(stranger), ..config }).await;
    assert_eq!(refused(&stranger).await.service, Service::AlicloudCredentials);

    let machine = Bench::with(|config| AlicloudConfig { credentials: None, ..config }).await;
    machine.cloud().endpoints_in(&machine.operation(), &vpc).await.expect("listed");

    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("token");
    std::fs::write(&file, default_world::ALICLOUD_OIDC_TOKEN).expect("a file");
    let variables = [
        ("ALIBABA_CLOUD_OIDC_TOKEN_FILE", file.to_str().expect("a path")),
        ("ALIBABA_CLOUD_ROLE_ARN", default_world::ALICLOUD_OIDC_ROLE_ARN),
        ("ALIBABA_CLOUD_OIDC_PROVIDER_ARN", default_world::ALICLOUD_OIDC_PROVIDER_ARN),
    ];
    let variables = variables.map(|(name, value)| (name.to_owned(), value.to_owned()));
    let pod = Bench::with(|config| AlicloudConfig {
        credentials: None,
        machine: Machine::with(HashMap::from(variables), None),
        ..config
    })
    .await;
    pod.cloud().endpoints_in(&pod.operation(), &vpc).await.expect("listed");
    assert_eq!(pod.called(), ["AssumeRoleWithOIDC", "ListVpcEndpoints"]);
}

#[tokio::test]
async fn keys_that_end_early_by_the_services_clock_are_renewed_once() {
    let vpc = vpc(default_world::ALICLOUD_VPC_ID);
    let machine = Bench::with(|config| AlicloudConfig { credentials: None, ..config }).await;
    machine.cloud().endpoints_in(&machine.operation(), &vpc).await.expect("listed");
    let end = |bench: &Bench| {
        bench.sandbox.world(|world| {
            world
                .alicloud
                .sessions
                .iter_mut()
                .for_each(|session| session.expires = Timestamp::from_millis(0));
        });
    };
    end(&machine);
    machine.sandbox.forget_requests();
    machine.cloud().endpoints_in(&machine.operation(), &vpc).await.expect("listed");
    assert_eq!(machine.calls("GetMetadataCredentials"), 1);
    assert_eq!(machine.calls("ListVpcEndpoints"), 2);

    let given = Bench::start().await;
    let session = machine.sandbox.world(|world| world.alicloud.sessions.last().cloned()).expect("a session");
    let given_keys = StaticKeys {
        access_key: session.access_key_id.clone(),
        secret_key: Secret::new(session.access_key_secret.clone()),
        security_token: Some(Secret::new(session.security_token.clone())),
    };
    given.sandbox.world(|world| world.alicloud.sessions.push(session));
    end(&given);
    let given = Bench {
        alicloud: Alicloud::new(AlicloudConfig {
            credentials: Some(given_keys),
            endpoint: Some(given.sandbox.urls().alicloud.parse().expect("a URL")),
            machine: Machine::with(HashMap::new(), None),
            ..AlicloudConfig::default()
        }),
        ..given
    };
    let error = refused(&given).await;
    assert_eq!(error.cause, Some(Cause::ExpiredCredentials));
    assert!(error.message.contains("cannot renew"), "{}", error.message);
    assert_eq!(given.calls("ListVpcEndpoints"), 1);
}

#[tokio::test]
async fn a_connection_that_its_owner_ends_or_refuses_is_told_from_one_that_waits() {
    let bench = Bench::start().await;
    let unfinished = BTreeMap::from([
        (SERVICE_TAG.to_owned(), "serverless/1".to_owned()),
        (UNFINISHED_TAG.to_owned(), "heartbeat=1".to_owned()),
    ]);
    let create = CreateEndpoint { tags: unfinished, ..create() };
    let connecting_takes =
        |seconds| bench.sandbox.world(|world| world.delays.alicloud_endpoint_connect = seconds);
    bench.sandbox.world(|world| world.alicloud.services[0].auto_accept = false);
    connecting_takes(3600);
    let created = bench.cloud().create(&bench.operation(), &create).await.expect("created");
    bench.until(&created.id, &CloudState::PendingAcceptance).await;

    let happens = |event: Event| bench.sandbox.event(event).expect("it happens");
    let endpoint_id = created.id.to_string();
    happens(Event::ConnectionAccepted { endpoint_id: endpoint_id.clone() });
    bench.until(&created.id, &CloudState::Pending).await;
    happens(Event::ConnectionDisconnected { endpoint_id: endpoint_id.clone() });
    let refused = bench.until(&created.id, &CloudState::Disconnected).await;
    assert!(refused.reason.is_some_and(|reason| reason.contains("owner")));

    connecting_takes(10);
    happens(Event::ConnectionAccepted { endpoint_id });
    bench.until(&created.id, &CloudState::Available).await;
}

#[tokio::test]
async fn a_denied_action_is_named() {
    let bench = Bench::start().await;
    bench.sandbox.world(|world| world.alicloud.access_keys[0].denied = vec!["CreateVpcEndpoint".into()]);
    let error = bench.cloud().create(&bench.operation(), &create()).await.expect_err("denied");
    assert_eq!((error.kind, error.cause), (ErrorKind::Denied, Some(Cause::ActionDenied)));
    assert_eq!(error.operation, "CreateVpcEndpoint");
}

fn scripted(server: &Server) -> Arc<AlicloudRegion> {
    let config = AlicloudConfig {
        credentials: Some(keys("secret")),
        endpoint: Some(server.url()),
        machine: Machine::with(HashMap::new(), None),
        ..AlicloudConfig::default()
    };
    Alicloud::new(config).in_region(&Region::new(REGION))
}

#[tokio::test]
async fn listings_are_read_page_by_page() {
    let row = |number: &str| json!({ "EndpointId": format!("ep-t4n000000{number}"), "VpcId": "vpc-t4n0000001", "EndpointStatus": "Active" });
    let server = Server::start(move |request| match request.param("NextToken") {
        "" => Deed::json(json!({ "Endpoints": [row("1")], "NextToken": "two" })),
        "two" => Deed::json(json!({ "Endpoints": [row("2")], "NextToken": "three" })),
        _ => Deed::json(json!({ "Endpoints": [row("3")], "NextToken": "" })),
    });
    let listed = scripted(&server).endpoints_in(&operation(), &vpc("vpc-t4n0000001")).await.expect("listed");
    assert_eq!(listed.len(), 3);
    assert_eq!(server.count("ListVpcEndpoints"), 3);
}

#[tokio::test]
async fn pages_that_make_no_whole_are_read_again_and_then_malformed() {
    let row = |number: &str| json!({ "EndpointId": format!("ep-t4n000000{number}"), "VpcId": "vpc-t4n0000001", "EndpointStatus": "Active" });
    let page = |rows: &[&str], next: &str, total: u64| {
        let rows: Vec<_> = rows.iter().map(|number| row(number)).collect();
        json!({ "Endpoints": rows, "NextToken": next, "TotalCount": total })
    };
    let whole = [page(&["1", "2"], "two", 3), page(&["3"], "", 3)];
    let thrice = |pages: &[serde_json::Value]| pages.iter().cloned().cycle().take(3 * pages.len()).collect();
    let table = [
        ("whole", vec![], Some(3)),
        ("a token that repeats", vec![page(&["1"], "two", 0), page(&["2"], "two", 0)], Some(3)),
        (
            "tokens in a circle",
            thrice(&[page(&["1"], "a", 0), page(&["2"], "b", 0), page(&["3"], "a", 0)]),
            None,
        ),
        ("an order that changed", vec![page(&["3", "1"], "two", 3), page(&["3"], "", 3)], Some(3)),
        ("one that went", vec![page(&["4", "1"], "two", 4), page(&["3"], "", 3)], Some(3)),
        ("a page cut short", vec![page(&["1"], "two", 3), page(&["3"], "", 3)], Some(3)),
        ("a page that is missing", thrice(&[page(&["1", "2"], "", 3)]), None),
        ("a count without rows", thrice(&[json!({ "TotalCount": 1 })]), None),
        ("an answer that is no listing", vec![json!({ "RequestId": "R-1" })], None),
    ];
    for (case, first, expected) in table {
        let mut planted = first.into_iter().chain(whole.clone());
        let server = Server::start(move |_| Deed::json(planted.next().unwrap_or(json!({}))));
        let listed = scripted(&server).endpoints_in(&operation(), &vpc("vpc-t4n0000001")).await;
        match expected {
            Some(count) => assert_eq!(listed.expect(case).len(), count, "{case}"),
            None => assert_eq!(listed.expect_err(case).kind, ErrorKind::Malformed, "{case}"),
        }
    }
}

#[tokio::test]
async fn an_endpoint_that_a_bad_page_leaves_out_is_not_taken_for_gone() {
    let id: EndpointId = "ep-t4n0000001".parse().expect("an endpoint id");
    for answer in [json!({}), json!({ "RequestId": "R-1", "Endpoints": null }), json!({ "TotalCount": 1 })] {
        let server = Server::start(move |_| Deed::json(answer.clone()));
        let error = scripted(&server).get(&operation(), &id).await.expect_err("not an answer");
        assert_eq!(error.kind, ErrorKind::Malformed);
    }
    let server = Server::start(|request| match request.action() {
        "ListVpcEndpoints" => Deed::json(json!({ "Endpoints": [], "TotalCount": 0 })),
        _ => Deed::error("EndpointNotFound"),
    });
    assert_eq!(scripted(&server).get(&operation(), &id).await, Ok(None));
}

#[tokio::test]
async fn numbered_pages_are_read_by_their_count_whatever_size_they_have() {
    let vswitch = |number: u64| {
        let id = format!("vsw-t4n000000{number}");
        json!({ "VSwitchId": id, "VpcId": default_world::ALICLOUD_VPC_ID, "ZoneId": format!("{REGION}{number}") })
    };
    let answer = move |numbers: &[u64], total: u64| {
        let vswitches: Vec<_> = numbers.iter().map(|number| vswitch(*number)).collect();
        json!({ "VSwitches": { "VSwitch": vswitches }, "TotalCount": total })
    };
    // The pages by number, as often as they are asked for.
    let table: [(&str, Vec<serde_json::Value>, Option<usize>); 5] = [
        ("small pages", vec![answer(&[1], 3), answer(&[2], 3), answer(&[3], 3)], Some(3)),
        ("no count", vec![answer(&[1], 0), answer(&[2], 0), answer(&[], 0)], Some(2)),
        ("a page that is missing", vec![answer(&[1], 3), answer(&[], 3)], None),
        ("one page for ever", vec![answer(&[1], 3), answer(&[1], 3)], None),
        ("no listing", vec![json!({ "RequestId": "R-1" })], None),
    ];
    for (case, pages, expected) in table {
        let server = Server::start(move |request| match request.action() {
            "DescribeVSwitches" => {
                let number: usize = request.param("PageNumber").parse().expect("a number");
                Deed::json(pages[number.min(pages.len()) - 1].clone())
            }
            "DescribeVpcAttribute" => Deed::json(json!({ "VpcId": default_world::ALICLOUD_VPC_ID })),
            "ListVpcEndpoints" => Deed::json(json!({ "Endpoints": [] })),
            "ListVpcEndpointServicesByEndUser" => Deed::json(json!({ "TotalCount": "1", "Services": [{
                "ServiceName": default_world::ALICLOUD_SERVICE_NAME, "AutoAcceptEnabled": true,
                "Zones": [format!("{REGION}1"), format!("{REGION}2"), format!("{REGION}3")],
            }] })),
            other => panic!("{other}"),
        });
        let wish = Wish { subnets: None, security_groups: None, ..wish() };
        let verdict = scripted(&server).preflight(&operation(), &facts(), &wish).await;
        match expected {
            Some(count) => assert_eq!(verdict.expect(case).subnets.len(), count, "{case}"),
            None => assert_eq!(verdict.expect_err(case).kind, ErrorKind::Malformed, "{case}"),
        }
    }
}

#[tokio::test]
async fn an_answer_that_lacks_a_field_is_malformed_and_says_which() {
    let server = Server::start(|_| Deed::json(json!({ "RequestId": "R-1", "Endpoints": [{}] })));
    let error =
        scripted(&server).endpoints_in(&operation(), &vpc("vpc-t4n0000001")).await.expect_err("no id");
    assert_eq!((error.kind, error.request_id.as_deref()), (ErrorKind::Malformed, Some("R-1")));
    assert!(error.message.contains("`Endpoints[0].EndpointId`"), "{}", error.message);
}

#[tokio::test]
async fn every_attempt_is_signed_anew_and_a_write_keeps_its_token() {
    let mut calls = 0;
    let server = Server::start(move |_| {
        calls += 1;
        match calls {
            1 => Deed::Lose,
            2 => Deed::error("SignatureNonceUsed"),
            3 => Deed::error("IdempotenceProcessing"),
            _ => Deed::json(json!({ "RequestId": "R-1" })),
        }
    });
    let id = "ep-t4n0000001".parse().expect("an endpoint id");
    let tags = BTreeMap::from([("a".to_owned(), "b".to_owned())]);
    scripted(&server).put_tags(&operation(), &id, &tags).await.expect("tagged");
    let received = server.received();
    let different =
        |of: fn(&super::testing::Received) -> String| received.iter().map(of).collect::<BTreeSet<_>>().len();
    assert_eq!(received.len(), 4);
    assert_eq!(different(|request| request.headers["x-acs-signature-nonce"].clone()), 4);
    assert_eq!(different(|request| request.param("ClientToken").to_owned()), 1);
    assert_eq!(received[0].param("ResourceType"), "vpcendpoint");
    assert!(received[0].path == "/" && received[0].headers["content-type"].contains("form"));
}

#[tokio::test]
async fn more_tags_than_fit_in_one_call_go_in_several() {
    let server = Server::start(|_| Deed::json(json!({})));
    let id = "ep-t4n0000001".parse().expect("an endpoint id");
    let tags = (0..21).map(|number| (format!("k{number}"), String::new())).collect();
    scripted(&server).put_tags(&operation(), &id, &tags).await.expect("tagged");
    assert_eq!(server.count("TagResources"), 2);
}

#[tokio::test]
async fn an_answer_that_is_no_answer_to_a_write_leaves_its_outcome_open() {
    let server = Server::start(|request| match request.action() {
        "CreateVpcEndpoint" => Deed::Answer(200, "<html>".to_owned()),
        _ => Deed::json(json!({
            "VSwitchId": default_world::ALICLOUD_VSWITCH_A, "VpcId": default_world::ALICLOUD_VPC_ID, "ZoneId": "z",
        })),
    });
    let error = scripted(&server).create(&operation(), &create()).await.expect_err("unreadable");
    assert_eq!(error.kind, ErrorKind::Malformed);
    assert!(error.outcome_unknown);
}
