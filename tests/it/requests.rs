//! How many requests one create takes. TiDB Cloud allows a hundred a minute and EC2 four endpoint writes in a burst, so
//! the number is part of what the provider promises.

use tidblink_sandbox::{Door, RequestRecord};

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
async fn whoever_waits_alone_asks_both_services_at_every_look() {
    let mut run = Run::new().await;
    run.write("main.tf", Endpoint::new().hcl());
    let log = run.folder().join("provider.log");
    run.set("TF_LOG_PROVIDER", "DEBUG");
    run.set("TF_LOG_PATH", log.to_str().unwrap());
    run.apply().await;

    let looks = std::fs::read_to_string(&log).unwrap().matches("still waiting").count();
    let asked = |operation: &str| {
        let requests = run.clouds.requests();
        requests
            .iter()
            .filter(|request| request.operation == operation && request.status == Some(200))
            .count()
    };
    assert!(looks > 5, "{looks} looks");
    for operation in ["ListPrivateEndpointConnections", "DescribeVpcEndpoints"] {
        assert!(asked(operation) >= looks, "{looks} looks, but {} {operation}", asked(operation));
    }
    run.destroy().await;
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
