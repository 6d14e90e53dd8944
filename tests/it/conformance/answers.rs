//! What the sandbox answers to TiDB Cloud's reads, held against the facts: no field that the specification does not
//! have, none of another kind, and every field that the provider reads is shown by some answer.

use std::collections::{BTreeSet, HashSet};

use digest_auth::AuthContext;
use serde_json::Value;
use tidblink_sandbox::default_world as ids;
use tidblink_sandbox::world::{CloudProvider, ServerlessCluster, World};
use tidblink_sandbox::{Door, RequestRecord};

use super::check::Walk;
use super::facts::{Api, Fact};
use super::{apis, called, lives};
use crate::support::Run;

#[tokio::test(flavor = "multi_thread")]
async fn the_sandbox_answers_reads_in_the_words_of_the_specifications() {
    let apis = apis();
    let run = Run::new().await;
    run.clouds.world(add_all_kinds);
    // Everything that there is to read is there half-way through its life.
    lives::settle(&run).await;
    let (mut problems, mut seen) = (Vec::new(), BTreeSet::new());
    for request in reads(run.clouds.requests()) {
        let (api, operation) = called(&apis, &request).expect("a known operation");
        let answer = get(&run, &request).await;
        let fact = operation.answer.as_ref().expect("a read has an answer");
        let walk = Walk::new(api).value(fact, &answer, &operation.name);
        seen.extend(walk.seen.iter().map(|field| (api.source.clone(), field.clone())));
        walk.tell(&mut problems);
    }
    assert!(problems.is_empty(), "{}", problems.join("\n"));
    for api in apis.iter().filter(|api| is_tidb(api.door)) {
        let unseen: Vec<_> = read_fields(api)
            .into_iter()
            .filter(|field| !seen.contains(&(api.source.clone(), field.clone())))
            .collect();
        assert!(unseen.is_empty(), "no answer of {} shows what the provider reads: {unseen:?}", api.source);
    }
}

/// Clusters that show what the others do not.
fn add_all_kinds(world: &mut World) {
    let starter = world.tidb.serverless[0].clone();
    world.tidb.serverless.push(ServerlessCluster {
        cluster_id: "10400000000000000021".to_owned(),
        cloud_provider: CloudProvider::Gcp,
        region: "us-central1".to_owned(),
        ..starter
    });
}

fn is_tidb(door: Door) -> bool {
    matches!(door, Door::Dedicated | Door::Serverless | Door::Legacy)
}

/// Every distinct read of TiDB Cloud that was answered.
fn reads(mut requests: Vec<RequestRecord>) -> Vec<RequestRecord> {
    let mut seen = HashSet::new();
    requests.retain(|request| {
        is_tidb(request.door)
            && (request.method.as_str(), request.status) == ("GET", Some(200))
            && seen.insert((request.door, request.path.clone(), request.query.clone()))
    });
    requests
}

/// The fields that the provider reads of what the operations answer, as [`Walk::seen`] names them.
fn read_fields(api: &Api) -> BTreeSet<String> {
    let mut fields = BTreeSet::new();
    for operation in api.operations.iter().filter(|operation| operation.method == "GET") {
        if let Some(answer) = &operation.answer {
            collect(api, answer, &operation.name, &mut fields);
        }
    }
    // One connection is only asked for when a list or a refusal leaves a doubt; a list shows the same object.
    fields.retain(|field| !field.starts_with("GetPrivateEndpointConnection."));
    fields
}

fn collect(api: &Api, fact: &Fact, kind: &str, fields: &mut BTreeSet<String>) {
    let kind = fact.is.as_deref().unwrap_or(kind);
    let fact = api.resolve(fact);
    if let Some(items) = &fact.items {
        collect(api, items, kind, fields);
    }
    for (name, fact) in fact.fields.iter().flatten().filter(|(_, fact)| fact.read) {
        let kind = format!("{kind}.{name}");
        collect(api, fact, &kind, fields);
        fields.insert(kind);
    }
}

/// The same read again, with a digest of its own.
async fn get(run: &Run, request: &RequestRecord) -> Value {
    let environment = run.clouds.environment();
    let base = &environment[match request.door {
        Door::Dedicated => "TIDBCLOUD_DEDICATED_ENDPOINT",
        Door::Serverless => "TIDBCLOUD_SERVERLESS_ENDPOINT",
        _ => "TIDBCLOUD_HOST",
    }];
    let mark = if request.query.is_empty() { "" } else { "?" };
    let target = format!("{}{mark}{}", request.path, request.query);
    let address = format!("{}{target}", base.trim_end_matches('/'));
    let client = reqwest::Client::new();
    let refused = client.get(&address).send().await.unwrap();
    let challenge = refused.headers()["www-authenticate"].to_str().unwrap();
    let context = AuthContext::new(ids::TIDB_PUBLIC_KEY, ids::TIDB_PRIVATE_KEY, &target);
    let proof = digest_auth::parse(challenge).unwrap().respond(&context).unwrap();
    let answer = client.get(&address).header("authorization", proof.to_header_string()).send().await.unwrap();
    assert_eq!(answer.status().as_u16(), 200, "{address}");
    serde_json::from_str(&answer.text().await.unwrap()).unwrap()
}
