//! Finding what exists: the list resources, and `terraform query` where the binary has it.

use serde_json::{Value as Json, json};
use tfplugin::testing::{Listed, PlannedAction, TestProvider};
use tidblink::Tidblink;
use tidblink_sandbox::default_world as ids;
use tidblink_sandbox::world::{
    Connection, DedicatedCluster, EndpointService, NodeGroup, PrivateLinkService, VpcEndpoint, World,
};
use tidblink_sandbox::{Door, Effect, Fault};

use crate::faults::lab::{Lab, in_a_time_of_its_own};
use crate::faults::system::{System, Wish};
use crate::support::config::{ENDPOINT, SERVICE};
use crate::support::{Action, Endpoint, Run};

const ENDPOINTS: &str = "tidblink_private_endpoint";
const SERVICES: &str = "tidblink_endpoint_service";

fn identities(listed: &Listed) -> Vec<&Json> {
    listed.items.iter().map(|item| &item.identity).collect()
}

async fn endpoints(provider: &TestProvider<Tidblink>, config: Json) -> Listed {
    provider.list(ENDPOINTS, config).run().await.expect("a list")
}

#[test]
fn an_endpoint_is_found_in_every_way_and_told_as_an_import_tells_it_on_every_system() {
    for system in System::ALL {
        in_a_time_of_its_own(async {
            let lab = Lab::open(1).await;
            let provider = lab.provider().await;
            provider.resource(SERVICES).converge(system.service()).await.unwrap();
            let mut endpoint = provider.resource(ENDPOINTS);
            endpoint.converge(system.endpoint(Wish::First)).await.unwrap();
            let identity = endpoint.identity().expect("an identity");
            let cluster = system.service()["cluster_id"].clone();

            let of_service = endpoints(&provider, json!({ "service_id": system.service_id() })).await;
            let of_cluster = endpoints(&provider, json!({ "cluster_id": cluster })).await;
            let of_project = endpoints(&provider, json!({ "project_id": ids::PROJECT_ID })).await;
            assert_eq!(identities(&of_service), [&identity], "{system:?}");
            assert_eq!(identities(&of_cluster), [&identity], "{system:?}");
            assert!(identities(&of_project).contains(&&identity), "{system:?}: {of_project:?}");
            let name = &of_service.items[0].display_name;
            assert!(name.contains(identity["endpoint_id"].as_str().unwrap()), "{name}");
            assert!(name.ends_with("(active)"), "{name}");
            let unmarked = json!({ "service_id": system.service_id(), "unmarked_only": true });
            assert!(endpoints(&provider, unmarked).await.items.is_empty());

            let whole = provider.list(ENDPOINTS, json!({ "service_id": system.service_id() }));
            let whole = whole.with_objects().run().await.unwrap();
            let mut imported = provider.resource(ENDPOINTS);
            imported.import_identity(identity.clone()).await.unwrap();
            let (mut told, mut read) =
                (whole.items[0].object.clone().unwrap(), imported.state().cloned().unwrap());
            if system == System::Starter {
                // Whoever comes to share an endpoint draws a token of its own.
                told["ownership_token"] = Json::Null;
                read["ownership_token"] = Json::Null;
            }
            assert_eq!(told, read, "{system:?}");
        });
    }
}

#[test]
fn the_services_of_a_project_are_told_as_an_import_tells_them() {
    in_a_time_of_its_own(async {
        let lab = Lab::open(1).await;
        let provider = lab.provider().await;
        let listed = provider.list(SERVICES, json!({ "project_id": ids::PROJECT_ID })).with_objects();
        let listed = listed.run().await.unwrap();
        assert!(listed.items.len() > 4, "{listed:?}");
        for item in &listed.items {
            let mut imported = provider.resource(SERVICES);
            imported.import_identity(item.identity.clone()).await.unwrap();
            assert_eq!(item.object.as_ref(), imported.state(), "{}", item.display_name);
            let plan = imported.plan(imported.generate_config().await.unwrap()).await.unwrap();
            assert_eq!(plan.action, PlannedAction::NoOp, "{}", item.display_name);
        }
        let narrowed = json!({ "project_id": ids::PROJECT_ID, "cloud_provider": "alicloud" });
        let narrowed = provider.list(SERVICES, narrowed).run().await.unwrap();
        let alicloud = json!({ "cluster_id": ids::ALICLOUD_CLUSTER_ID, "node_group_id": null });
        assert_eq!(identities(&narrowed), [&alicloud]);
        let limited = provider.list(SERVICES, json!({ "project_id": ids::PROJECT_ID })).limit(2);
        assert_eq!(limited.run().await.unwrap().items.len(), 2);
    });
}

#[test]
fn an_endpoint_that_only_one_side_shows_is_listed_all_the_same() {
    in_a_time_of_its_own(async {
        let lab = Lab::open(1).await;
        let provider = lab.provider().await;
        provider.resource(SERVICES).converge(System::Dedicated.service()).await.unwrap();
        let mut endpoint = provider.resource(ENDPOINTS);
        endpoint.converge(System::Dedicated.endpoint(Wish::First)).await.unwrap();
        let identity = endpoint.identity().unwrap();
        let config = || json!({ "service_id": System::Dedicated.service_id() });

        // Nobody has registered it, and nobody has marked it.
        let connections = lab.sandbox.world(|world| std::mem::take(&mut world.tidb.connections));
        lab.sandbox.world(|world| world.aws.endpoints[0].tags.clear());
        let provider = lab.provider().await;
        let mut unmarked = config();
        unmarked["unmarked_only"] = json!(true);
        assert_eq!(identities(&endpoints(&provider, unmarked).await), [&identity]);

        // It is in another account.
        lab.sandbox.world(|world| {
            world.tidb.connections = connections;
            world.aws.endpoints.clear();
            world.aws.network_interfaces.clear();
        });
        let provider = lab.provider().await;
        let whole = provider.list(ENDPOINTS, config()).with_objects().run().await.unwrap();
        let [item] = &whole.items[..] else { panic!("{whole:?}") };
        assert_eq!(item.identity, identity);
        assert!(item.display_name.contains("not seen with these credentials"), "{}", item.display_name);
        let object = item.object.as_ref().unwrap();
        assert_eq!(object["existing"]["endpoint_id"], identity["endpoint_id"]);
    });
}

#[test]
fn a_large_project_takes_one_look_at_each_service_and_a_few_at_all_endpoints_and_registrations() {
    const CLUSTERS: usize = 120;
    in_a_time_of_its_own(async {
        let lab = Lab::open(1).await;
        let provider = lab.provider().await;
        provider.resource(SERVICES).converge(System::Dedicated.service()).await.unwrap();
        let mut endpoint = provider.resource(ENDPOINTS);
        endpoint.converge(System::Dedicated.endpoint(Wish::First)).await.unwrap();
        lab.sandbox.world(|world| with_more_clusters(world, CLUSTERS));
        let before = lab.sandbox.requests().len();

        let provider = lab.provider().await;
        let list = provider.list(ENDPOINTS, json!({ "project_id": ids::PROJECT_ID })).limit(1_000);
        let listed = list.run().await.unwrap();

        assert_eq!(listed.items.len(), CLUSTERS + 1, "{listed:?}");
        let asked = lab.sandbox.requests().split_off(before);
        let count = |operation: &str| asked.iter().filter(|asked| asked.operation == operation).count();
        let services = count("GetPrivateLinkService");
        assert!((CLUSTERS..CLUSTERS + 20).contains(&services), "{services}");
        assert!(count("ListClusters") <= 6, "{}", count("ListClusters"));
        assert!(count("ListPrivateEndpointConnections") <= 3, "{}", count("ListPrivateEndpointConnections"));
        assert!(count("DescribeVpcEndpoints") <= 6, "{}", count("DescribeVpcEndpoints"));
    });
}

/// More Dedicated clusters in the project of the first one, each with an endpoint.
fn with_more_clusters(world: &mut World, clusters: usize) {
    let (cluster, connection) = (world.tidb.clusters[0].clone(), world.tidb.connections[0].clone());
    let group = cluster.node_groups[0].clone();
    let link = group.private_link_service.clone().unwrap();
    let service = world.aws.services.iter().find(|it| it.service_name == link.service_name).unwrap().clone();
    let endpoint = world.aws.endpoints[0].clone();
    for number in 0..clusters {
        let service_name = format!("com.amazonaws.vpce.us-west-2.vpce-svc-{:017x}", 0xf_0000 + number);
        let endpoint_id = format!("vpce-{:017x}", 0xf_0000 + number);
        let cluster_id = (10_500_000_000_000_000_000 + number as u64).to_string();
        let node_group_id = (1_950_000_000_000_000_000 + number as u64).to_string();
        world.aws.services.push(EndpointService { service_name: service_name.clone(), ..service.clone() });
        world.aws.endpoints.push(VpcEndpoint {
            endpoint_id: endpoint_id.clone(),
            service_name: service_name.clone(),
            ..endpoint.clone()
        });
        world.tidb.connections.push(Connection {
            connection_id: (3_000_000_000_000_000_000 + number as u64).to_string(),
            cluster_id: cluster_id.clone(),
            node_group_id: node_group_id.clone(),
            endpoint_id,
            ..connection.clone()
        });
        let private_link_service = Some(PrivateLinkService { service_name, ..link.clone() });
        world.tidb.clusters.push(DedicatedCluster {
            cluster_id,
            node_groups: vec![NodeGroup { node_group_id, private_link_service, ..group.clone() }],
            ..cluster.clone()
        });
    }
}

#[test]
fn a_side_that_cannot_be_looked_at_is_a_warning() {
    in_a_time_of_its_own(async {
        let lab = Lab::open(1).await;
        let provider = lab.provider().await;
        provider.resource(SERVICES).converge(System::Dedicated.service()).await.unwrap();
        let mut endpoint = provider.resource(ENDPOINTS);
        endpoint.converge(System::Dedicated.endpoint(Wish::First)).await.unwrap();
        let config = || json!({ "project_id": ids::PROJECT_ID });
        for (door, operation, code) in [
            (Door::Ec2, "DescribeVpcEndpoints", "UnauthorizedOperation"),
            (Door::Dedicated, "ListPrivateEndpointConnections", "7"),
        ] {
            let denied = Effect::error(403, code, "not permitted");
            lab.sandbox.add_fault(Fault::new(door, operation, denied).forever());
            let provider = lab.provider().await;
            let listed = endpoints(&provider, config()).await;
            assert!(identities(&listed).contains(&&endpoint.identity().unwrap()), "{listed:?}");
            assert!(
                listed.warnings.iter().any(|warning| warning.detail.contains("missing in the list")),
                "{listed:?}"
            );
            lab.sandbox.clear_faults();
        }
    });
}

#[test]
fn what_to_list_is_named_once_and_rightly() {
    in_a_time_of_its_own(async {
        let lab = Lab::open(1).await;
        let provider = lab.provider().await;
        for (config, said) in [
            (json!({}), "project_id"),
            (json!({ "project_id": "1", "cluster_id": "1" }), "cluster_id"),
            (json!({ "project_id": "mine" }), "mine"),
            (json!({ "cluster_id": "10399999999999999999" }), "10399999999999999999"),
            (json!({ "service_id": "dedicated/1" }), "dedicated/1"),
        ] {
            let failure = provider.list(ENDPOINTS, config).run().await.unwrap_err().to_string();
            assert!(failure.contains(said), "{failure}");
        }
        let empty = endpoints(&provider, json!({ "project_id": "1" })).await;
        assert!(empty.items.is_empty() && empty.warnings.len() == 1, "{empty:?}");
    });
}

/// Asks for everything that the sandbox's project has.
fn query() -> String {
    [("services", SERVICES), ("endpoints", ENDPOINTS)]
        .map(|(name, list)| {
            format!(
                "list {list:?} {name:?} {{\n  provider = tidblink\n  config {{\n    project_id = {:?}\n  }}\n}}\n",
                ids::PROJECT_ID
            )
        })
        .concat()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_query_writes_configuration_that_plans_empty_and_where_there_is_none_nothing_else_suffers() {
    let run = Run::new().await;
    run.write("main.tf", Endpoint::new().hcl());
    run.apply().await;
    run.assert_empty_plan().await;
    let endpoint_id = run.attribute(ENDPOINT, "/endpoint_id");
    let endpoint_id = endpoint_id.as_str().unwrap();
    run.write("all.tfquery.hcl", query());

    if run.knows_lists().await {
        for address in [ENDPOINT, SERVICE] {
            run.terraform(&["state", "rm", address]).await.succeeded();
        }
        run.write("main.tf", Endpoint::new().provider_hcl());
        run.terraform(&["validate", "-no-color"]).await.succeeded();
        let found = run.terraform(&["query", "-no-color", "-generate-config-out=found.tf"]).await.succeeded();
        found.says(endpoint_id).says("(active)");
        let plan = run.plan().await;
        assert_eq!(plan.action("tidblink_private_endpoint.endpoints_0"), Action::Nothing);
        assert!(plan.prose.contains("0 to add, 0 to change, 0 to destroy"), "{}", plan.prose);
    } else {
        run.terraform(&["query", "-no-color"]).await.failed();
        let schema = run.terraform(&["providers", "schema", "-json"]).await.succeeded();
        let schema: Json = serde_json::from_str(&schema.stdout).unwrap();
        let schemas = schema["provider_schemas"].as_object().unwrap().values().next().unwrap();
        assert!(schemas["resource_schemas"][ENDPOINTS].is_object());
        assert!(schemas.get("list_resource_schemas").is_none());
        run.terraform(&["validate", "-no-color"]).await.succeeded();
    }
    run.apply().await;
    run.assert_empty_plan().await;
    run.destroy().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_examples_of_lists_find_what_is_there() {
    let run = Run::new().await;
    run.write("main.tf", Endpoint::new().provider_hcl());
    let lists = crate::examples::examples().join("list-resources");
    for (position, list) in [ENDPOINTS, SERVICES].into_iter().enumerate() {
        let text = std::fs::read_to_string(lists.join(list).join("list-resource.tfquery.hcl")).unwrap();
        run.write(&format!("{position}.tfquery.hcl"), text);
    }
    if run.knows_lists().await {
        run.terraform(&["query", "-no-color"]).await.succeeded().says("(us-west-2, active)");
    } else {
        // The files are nothing to such a binary.
        run.assert_empty_plan().await;
    }
}
