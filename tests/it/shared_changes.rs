//! A shared endpoint while configurations change around it: resources that are renamed, counted up and down, and an
//! endpoint of a Dedicated cluster next to it.

use tidblink_sandbox::default_world as ids;
use tidblink_sandbox::world::{EndpointService, ServerlessCluster, VpcEndpoint};

use crate::shared::members;
use crate::support::config::ENDPOINT;
use crate::support::{Endpoint, Run};

/// The calls that change something in EC2, so far.
fn writes(run: &Run) -> usize {
    run.clouds.requests().iter().filter(|request| !is_read(&request.method, &request.operation)).count()
}

fn is_read(method: &str, operation: &str) -> bool {
    method == "GET" || operation.starts_with("Describe") || operation.starts_with("GetCaller")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_resource_that_is_renamed_keeps_its_count_and_nothing_is_written() {
    let run = Run::new().await;
    run.write("main.tf", Endpoint::starter().hcl());
    run.apply().await;
    let (made, before) = (run.clouds.endpoint(), writes(&run));
    let renamed = Endpoint::starter()
        .hcl()
        .replace(ENDPOINT, "tidblink_private_endpoint.web")
        .replace("\"tidblink_private_endpoint\" \"app\"", "\"tidblink_private_endpoint\" \"web\"");
    let moved = format!("moved {{\n  from = {ENDPOINT}\n  to   = tidblink_private_endpoint.web\n}}\n");
    run.write("main.tf", format!("{renamed}\n{moved}"));

    run.apply().await.says("0 to add, 0 to change, 0 to destroy").says("0 added, 0 changed, 0 destroyed");

    assert!(run.addresses().contains("tidblink_private_endpoint.web"));
    assert_eq!(writes(&run), before);
    assert_eq!(run.clouds.endpoint(), made);
    run.assert_empty_plan().await;
    run.destroy().await;
}

/// A way into a module: `for_each` where a single resource was.
#[tokio::test(flavor = "multi_thread")]
async fn a_resource_that_becomes_one_of_several_keeps_its_count_and_the_others_are_added() {
    let run = Run::new().await;
    run.write("main.tf", Endpoint::starter().hcl());
    run.apply().await;
    let made = run.clouds.endpoint();
    let several = |count: usize| {
        Endpoint::starter()
            .arguments(&format!("  count = {count}"))
            .hcl()
            .replace(&format!("{ENDPOINT}."), &format!("{ENDPOINT}[0]."))
    };

    run.write("main.tf", several(2));
    run.apply().await.says("1 added, 0 changed, 0 destroyed");

    assert_eq!(members(&run), 2, "two for one cluster are two");
    let kept: Vec<_> = made.tags.keys().filter(|key| key.starts_with("tidblink:member:")).collect();
    assert!(run.clouds.endpoint().tags.contains_key(kept[0]));
    run.assert_empty_plan().await;

    run.write("main.tf", several(1));
    run.apply().await.says("0 added, 0 changed, 1 destroyed");
    assert_eq!(members(&run), 1);
    assert!(run.clouds.endpoint().tags.contains_key(kept[0]));
    assert_eq!(run.clouds.endpoint().endpoint_id, made.endpoint_id);
    run.assert_empty_plan().await;
    run.destroy().await.does_not_say("stays for others");
}

const WEST_STARTER: &str = "10400000000000000009";

/// A Starter cluster in the region of the Dedicated ones.
async fn run_with_a_starter_cluster_in_the_west() -> Run {
    let run = Run::new().await;
    run.clouds.world(|world| {
        let service_name = "com.amazonaws.vpce.us-west-2.vpce-svc-0cccccccccccccccc".to_owned();
        let host = "gateway01-privatelink.us-west-2.prod.aws.tidbcloud.com".to_owned();
        let zone_ids = vec!["usw2-az1".to_owned(), "usw2-az2".to_owned()];
        let east = world.tidb.serverless.iter().find(|cluster| cluster.cluster_id == ids::STARTER_CLUSTER_ID);
        let west = ServerlessCluster {
            cluster_id: WEST_STARTER.into(),
            region: "us-west-2".into(),
            private_host: host.clone(),
            service_name: service_name.clone(),
            zone_ids: zone_ids.clone(),
            ..east.unwrap().clone()
        };
        world.tidb.serverless.push(west);
        let shared =
            world.aws.services.iter().find(|service| service.service_name == ids::SERVERLESS_SERVICE_NAME);
        let offered = EndpointService {
            service_name,
            region: "us-west-2".into(),
            zone_ids,
            private_dns_name: Some(host),
            ..shared.unwrap().clone()
        };
        world.aws.services.push(offered);
    });
    run
}

/// The endpoints that exist, of the Dedicated service first.
fn both(run: &Run) -> (Option<VpcEndpoint>, Option<VpcEndpoint>) {
    let (dedicated, shared): (Vec<_>, Vec<_>) = run
        .clouds
        .endpoints()
        .into_iter()
        .partition(|endpoint| endpoint.service_name == ids::DEDICATED_SERVICE_NAME);
    assert!(dedicated.len() <= 1 && shared.len() <= 1, "{dedicated:#?} {shared:#?}");
    (dedicated.into_iter().next(), shared.into_iter().next())
}

#[tokio::test(flavor = "multi_thread")]
async fn an_endpoint_of_a_dedicated_cluster_and_a_shared_one_do_not_disturb_each_other() {
    let run = run_with_a_starter_cluster_in_the_west().await;
    let dedicated = Endpoint::new;
    let starter = || Endpoint::new().cluster(WEST_STARTER);
    let second = |endpoint: Endpoint| {
        let resources = endpoint.hcl();
        let resources = &resources[resources.find("resource \"tidblink_endpoint_service\"").unwrap()..];
        let resources = &resources[..resources.find("output ").unwrap()];
        resources
            .replace("\"app\"", "\"web\"")
            .replace("\"orders\"", "\"web\"")
            .replace("service.orders", "service.web")
    };
    let together = |one: Endpoint, other: Endpoint| format!("{}\n{}", one.hcl(), second(other));

    // The shared one comes and goes while the Dedicated one lives.
    run.write("main.tf", dedicated().hcl());
    run.apply().await;
    let (lasting, _) = both(&run);
    run.write("main.tf", together(dedicated(), starter()));
    run.apply().await.says("2 added, 0 changed, 0 destroyed");
    run.assert_empty_plan().await;
    assert_eq!(both(&run).0, lasting);
    run.write(
        "main.tf",
        together(dedicated(), starter().subnets(&[ids::WEST_SUBNET_AZ2]).tag("team", "web")),
    );
    run.apply().await.says("0 added, 1 changed, 0 destroyed");
    run.assert_empty_plan().await;
    assert_eq!(both(&run).0, lasting);
    run.write("main.tf", dedicated().hcl());
    run.apply().await.says("0 added, 0 changed, 2 destroyed");
    run.assert_empty_plan().await;
    assert_eq!(both(&run), (lasting, None));

    // And the other way round.
    run.write("main.tf", together(dedicated(), starter()));
    run.apply().await;
    let lasting = both(&run).1;
    let changed = dedicated().subnets(&[ids::WEST_SUBNET_AZ3]).tag("team", "db");
    run.write("main.tf", together(changed, starter()));
    run.apply().await.says("0 added, 1 changed, 0 destroyed");
    run.assert_empty_plan().await;
    assert_eq!(both(&run).1, lasting);
    let replace = format!("-replace={ENDPOINT}");
    run.terraform(&["apply", "-auto-approve", "-input=false", "-no-color", &replace]).await.succeeded();
    run.assert_empty_plan().await;
    assert_eq!(both(&run).1, lasting);
    let target = format!("-target={ENDPOINT}");
    run.terraform(&["destroy", "-auto-approve", "-input=false", "-no-color", &target]).await.succeeded();
    assert_eq!(both(&run), (None, lasting));
    run.destroy().await;
}
