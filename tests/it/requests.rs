//! How many requests one create takes. TiDB Cloud allows a hundred a minute and EC2 four endpoint writes in a burst, so
//! the number is part of what the provider promises.

use std::collections::BTreeMap;

use tidblink_sandbox::world::{SecurityGroup, Subnet, Vpc, World};
use tidblink_sandbox::{Door, RequestRecord, default_world as ids};

use crate::support::{Endpoint, Run};

#[tokio::test(flavor = "multi_thread")]
async fn a_create_makes_one_write_of_each_kind_and_otherwise_only_looks() {
    let run = Run::new().await;
    run.write("main.tf", Endpoint::new().hcl());
    run.plan().await;
    let planned = run.clouds.requests().len();

    run.terraform(&["apply", "-input=false", "-no-color", "tfplan"]).await.succeeded();

    let requests = run.clouds.requests().split_off(planned);
    let (ec2, tidb): (Vec<_>, Vec<_>) = requests.iter().partition(|request| request.door == Door::Ec2);

    let challenges = tidb.iter().filter(|request| request.status == Some(401)).count();
    assert_eq!(challenges, 1, "digest challenges: {}", list(&tidb));
    let writes: Vec<_> = tidb
        .iter()
        .filter(|request| request.method != "GET" && request.status != Some(401))
        .map(|request| request.operation.as_str())
        .collect();
    assert_eq!(writes, ["CreatePrivateEndpointConnection"], "{}", list(&tidb));

    let count = |operation: &str| ec2.iter().filter(|request| request.operation == operation).count();
    assert_eq!(count("CreateVpcEndpoint"), 1, "{}", list(&ec2));
    assert_eq!(count("ModifyVpcEndpoint"), 1, "{}", list(&ec2));
    let tag_writes = count("CreateTags") + count("DeleteTags");
    assert!(tag_writes >= 1, "an endpoint is marked finished: {}", list(&ec2));
    assert!(tag_writes <= 1 + minutes(&ec2), "one closing write and one heartbeat a minute: {}", list(&ec2));
    let others = ec2.iter().filter(|request| !request.operation.starts_with("Describe")).count();
    assert_eq!(others, 2 + tag_writes, "{}", list(&ec2));
    assert!(requests.iter().all(|request| request.status < Some(500)), "{}", list(&ec2));

    run.destroy().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_waits_alone_asks_the_cloud_at_every_look_and_tidb_cloud_once_the_cloud_is_done() {
    let mut run = Run::new().await;
    // The cloud has long been done when TiDB Cloud is.
    run.clouds.world(|world| world.delays.connection_active = 900);
    run.write("main.tf", Endpoint::new().hcl());
    let log = run.folder().join("provider.log");
    run.set("TF_LOG_PROVIDER", "DEBUG");
    run.set("TF_LOG_PATH", log.to_str().unwrap());
    run.apply().await;

    let looks = std::fs::read_to_string(&log).unwrap().matches("still waiting").count();
    let requests = run.clouds.requests();
    let of = |operation: &'static str| {
        requests.iter().filter(move |request| request.operation == operation && request.status == Some(200))
    };
    let modified = of("ModifyVpcEndpoint").next().unwrap().time;
    let later = |operation| {
        let settled = |request: &&RequestRecord| request.time.seconds_since(modified) > 120.0;
        of(operation).filter(settled).count()
    };
    let describes = of("DescribeVpcEndpoints").count();
    assert!(describes >= looks, "{looks} looks, but {describes} of them in the cloud");
    let (cloud, tidb) = (later("DescribeVpcEndpoints"), later("ListPrivateEndpointConnections"));
    assert!(
        tidb > 10 && tidb >= cloud,
        "after the cloud was done: {cloud} looks there, {tidb} at TiDB Cloud"
    );
    let before = (describes - cloud, of("ListPrivateEndpointConnections").count() - tidb);
    assert!(3 * before.1 < 2 * before.0, "before: {} looks there, {} at TiDB Cloud", before.0, before.1);
    run.destroy().await;
}

/// Half of a small quota is for others: with five endpoints that wait at once, nobody ever runs into the quota, no minute
/// sees more requests than this run's share, and each look serves all who wait.
#[tokio::test(flavor = "multi_thread")]
async fn those_who_wait_together_share_their_looks_and_keep_within_their_share_of_the_quota() {
    let mut run = Run::new().await;
    run.clouds.world(|world| {
        world.limits.tidb_requests_per_minute = 40;
        for number in 1..=5 {
            another_network(world, number);
        }
    });
    let one = Endpoint::new()
        .provider("provider \"tidblink\" {\n  request_budget = 50\n}")
        .vpc("vpc-0b00000000000000${each.key}")
        .subnets(&["subnet-0b00000000000000${each.key}"])
        .security_groups(&["sg-0b00000000000000${each.key}"])
        .arguments("  for_each = toset([\"1\", \"2\", \"3\", \"4\", \"5\"])")
        .hcl();
    // The outputs are those of a single endpoint.
    run.write("main.tf", one.split("output ").next().unwrap());
    let log = run.folder().join("provider.log");
    run.set("TF_LOG_PROVIDER", "DEBUG");
    run.set("TF_LOG_PATH", log.to_str().unwrap());
    run.apply().await;

    let requests = run.clouds.requests();
    let tidb: Vec<_> = requests.iter().filter(|request| request.door != Door::Ec2).collect();
    assert!(tidb.iter().all(|request| request.status != Some(429)), "{}", list(&tidb));
    let mut minutes = BTreeMap::<i64, usize>::new();
    for request in tidb.iter().filter(|request| request.status != Some(401)) {
        *minutes.entry(request.time.millis() / 60_000).or_default() += 1;
    }
    assert!(minutes.values().all(|count| *count <= 20), "{minutes:?}");

    let looks = std::fs::read_to_string(&log).unwrap().matches("still waiting").count();
    let lists = tidb.iter().filter(|request| request.operation == "ListPrivateEndpointConnections").count();
    assert!(looks > 20, "{looks} looks");
    assert!(2 * lists < looks, "{lists} lists for {looks} looks");
    run.assert_empty_plan().await;
    let destroy = ["destroy", "-auto-approve", "-input=false", "-no-color"];
    run.terraform(&destroy).await.succeeded();
    assert_eq!(run.clouds.endpoints().len(), 0);
    assert_eq!(run.clouds.world(|world| world.tidb.connections.len()), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_plan_writes_nothing() {
    let run = Run::new().await;
    run.write("main.tf", Endpoint::new().hcl());

    run.plan().await;

    for request in run.clouds.requests() {
        let reads = match request.door {
            Door::Ec2 => request.operation.starts_with("Describe"),
            _ => request.method == "GET",
        };
        assert!(reads, "{request:?}");
    }
}

/// A network like the first in the west, with one subnet.
fn another_network(world: &mut World, number: u32) {
    let id = |kind: &str| format!("{kind}-0b{number:015}");
    let vpc = world.aws.vpcs.iter().find(|vpc| vpc.vpc_id == ids::WEST_VPC_ID).unwrap().clone();
    world.aws.vpcs.push(Vpc { vpc_id: id("vpc"), ..vpc });
    let subnets = &mut world.aws.subnets;
    let subnet = subnets.iter().find(|subnet| subnet.subnet_id == ids::WEST_SUBNET_AZ1).unwrap().clone();
    subnets.push(Subnet { subnet_id: id("subnet"), vpc_id: id("vpc"), ..subnet });
    let groups = &mut world.aws.security_groups;
    let group = groups.iter().find(|group| group.group_id == ids::WEST_GROUP_OPEN).unwrap().clone();
    groups.push(SecurityGroup { group_id: id("sg"), vpc_id: id("vpc"), ..group });
}

/// Whole minutes of the services' time from the first request to the last.
fn minutes(requests: &[&RequestRecord]) -> usize {
    let times = || requests.iter().map(|request| request.time);
    let seconds = times().max().unwrap().seconds_since(times().min().unwrap());
    (seconds / 60.0) as usize
}

fn list(requests: &[&RequestRecord]) -> String {
    requests
        .iter()
        .map(|request| {
            format!("\n{} {} {} {:?}", request.time, request.method, request.operation, request.status)
        })
        .collect()
}
