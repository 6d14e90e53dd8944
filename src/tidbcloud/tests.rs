//! The client against a server: what it sends, and what it makes of answers, refusals and silence.

use std::future::Future;
use std::sync::{Arc, Mutex};

use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;

use super::testing::{Deed, PRIVATE_KEY, Received, Server, client, config, operation, stoppable};
use super::{ConnectionState, TidbCloud};
use crate::error::{Cause, ErrorKind};
use crate::ids::{ClusterId, ConnectionId, EndpointId, NodeGroupId, ProjectId};
use crate::operation::Halt;

fn cluster() -> ClusterId {
    "10300000000000000001".parse().unwrap()
}

fn group() -> NodeGroupId {
    "1900000000000000001".parse().unwrap()
}

fn endpoint() -> EndpointId {
    "vpce-0aaaaaaaaaaaaaaaa".parse().unwrap()
}

fn connection_id() -> ConnectionId {
    ConnectionId::new("1900000000000000777")
}

fn a_cluster() -> Value {
    json!({ "clusterId": "10300000000000000001", "regionId": "aws-us-west-2", "state": "ACTIVE" })
}

fn a_connection(state: &str) -> Value {
    json!({ "privateEndpointConnectionId": "1900000000000000777", "endpointId": "vpce-0aaaaaaaaaaaaaaaa",
            "endpointState": state })
}

fn a_list(connections: &[Value]) -> Deed {
    Deed::json(json!({ "privateEndpointConnections": connections }))
}

/// A server for which the endpoint gets registered by the POSTs that `effective` says, and which answers a POST with
/// what `answer` says.
fn registrar(
    effective: impl Fn(usize) -> bool + Send + 'static,
    answer: impl Fn(usize) -> Deed + Send + 'static,
) -> Server {
    let (mut posts, mut registered) = (0, false);
    Server::start(move |request, _| match request.method.as_str() {
        "POST" => {
            registered |= effective(posts);
            posts += 1;
            answer(posts - 1)
        }
        _ if registered => a_list(&[a_connection("PENDING")]),
        _ => a_list(&[]),
    })
}

// Authentication

#[tokio::test]
async fn one_challenge_serves_all_parallel_calls() {
    let server = Server::start(|_, _| Deed::json(a_cluster()));
    let (client, operation) = (server.client(), operation(None));
    let mut calls = tokio::task::JoinSet::new();
    for number in 1..=20 {
        let (client, operation) = (client.clone(), operation.clone());
        calls.spawn(async move {
            client.dedicated_cluster(&operation, &number.to_string().parse().unwrap()).await
        });
    }
    while let Some(answer) = calls.join_next().await {
        answer.unwrap().unwrap();
    }
    let received = server.received();
    assert_eq!(received.iter().filter(|request| request.digest().is_none()).count(), 1);
    let mut counts: Vec<_> = received.iter().filter_map(Received::digest).map(|digest| digest.nc).collect();
    counts.sort_unstable();
    assert_eq!(counts, (1..=20).collect::<Vec<_>>());
}

#[tokio::test]
async fn the_digest_covers_path_and_query_as_they_are_sent() {
    let server = Server::start(|_, _| {
        Deed::json(json!({ "clusterId": "1", "region": { "regionId": "aws-us-east-1" } }))
    });
    server.client().serverless_cluster(&operation(None), &cluster()).await.unwrap();
    let sent = server.received().pop().unwrap();
    assert_eq!(sent.target, "/v1beta1/clusters/10300000000000000001?view=FULL");
    let digest = sent.digest().unwrap();
    assert_eq!(digest.uri, sent.target);
    let context = digest_auth::AuthContext::new("PUBLIC", PRIVATE_KEY, sent.target.as_str());
    let mut expected = digest.clone();
    expected.digest(&context);
    assert_eq!(digest.response, expected.response);
}

#[tokio::test]
async fn a_stale_nonce_is_renewed_and_nobody_notices() {
    let server = Server::start(|request, _| match request.digest().unwrap().nonce.as_str() {
        "nonce-1" => Deed::challenge("nonce-2", true),
        _ => Deed::json(a_cluster()),
    });
    server.client().dedicated_cluster(&operation(None), &cluster()).await.unwrap();
    let nonces: Vec<_> =
        server.received().iter().map(|request| request.digest().map(|digest| digest.nonce)).collect();
    assert_eq!(nonces, [None, Some("nonce-1".into()), Some("nonce-2".into())]);
}

#[tokio::test]
async fn a_nonce_that_worked_once_is_renewed_even_if_nobody_calls_it_stale() {
    let server = Server::start(|request, number| match (number, request.digest().unwrap().nonce.as_str()) {
        (0, _) | (_, "nonce-2") => Deed::json(a_cluster()),
        _ => Deed::challenge("nonce-2", false),
    });
    let client = server.client();
    client.dedicated_cluster(&operation(None), &"1".parse().unwrap()).await.unwrap();
    client.dedicated_cluster(&operation(None), &"2".parse().unwrap()).await.unwrap();
    assert_eq!(server.received().len(), 4);
}

#[tokio::test]
async fn a_wrong_private_key_is_told_at_once() {
    let server = Server::start(|_, _| Deed::challenge("nonce-2", false));
    let error = server.client().dedicated_cluster(&operation(None), &cluster()).await.unwrap_err();
    assert_eq!((error.kind, error.cause), (ErrorKind::Unauthenticated, Some(Cause::WrongSecret)));
    assert_eq!(error.status, Some(401));
    assert_eq!(server.received().len(), 2, "a challenge and one try");
}

#[tokio::test]
async fn an_unknown_public_key_is_told_apart_from_a_wrong_private_one() {
    let server = Server::start(|_, _| Deed::error(401, 49_900_001, "public key not found"));
    let error = server.client().dedicated_cluster(&operation(None), &cluster()).await.unwrap_err();
    assert_eq!((error.kind, error.cause), (ErrorKind::Unauthenticated, Some(Cause::UnknownKey)));
    assert_eq!(error.code.as_deref(), Some("49900001"));
}

#[tokio::test]
async fn a_nonce_that_is_always_stale_is_not_renewed_forever() {
    let mut number = 0;
    let server = Server::start_raw(move |_| {
        number += 1;
        Deed::challenge(&format!("nonce-{number}"), true)
    });
    let error = server.client().dedicated_cluster(&operation(None), &cluster()).await.unwrap_err();
    assert_eq!(error.kind, ErrorKind::Unauthenticated);
    assert!(server.received().len() <= 6, "{}", server.received().len());
}

#[tokio::test]
async fn no_error_and_no_debug_text_shows_the_private_key() {
    let server = Server::start(|_, _| Deed::status(500, "x"));
    let client = server.client();
    let error = client.register(&operation(Some(5)), &cluster(), &group(), &endpoint()).await.unwrap_err();
    for text in [format!("{client:?}"), format!("{error:?} {error}"), format!("{:?}", config("https://h"))] {
        assert!(!text.contains(PRIVATE_KEY), "{text}");
    }
    for request in server.received() {
        assert!(!format!("{request:?}").contains(PRIVATE_KEY));
    }
}

// What is sent

#[tokio::test]
async fn a_base_path_stays_in_front_of_the_apis_own() {
    let server = Server::start(|_, _| Deed::json(a_cluster()));
    let client = client(&format!("{}/gateway/", server.address()));
    client.dedicated_cluster(&operation(None), &cluster()).await.unwrap();
    assert_eq!(server.received().pop().unwrap().target, "/gateway/v1beta1/clusters/10300000000000000001");
}

#[tokio::test]
async fn nothing_in_an_id_leads_to_another_address() {
    let server = Server::start(|_, _| Deed::error(404, 5, "no such project"));
    let project = ProjectId::new("a/../b?c");
    let error = server.client().legacy_service(&operation(None), &project, &cluster()).await.unwrap_err();
    assert!(error.is_not_found());
    assert_eq!(
        server.received().pop().unwrap().target,
        "/api/v1beta/projects/a%2F..%2Fb%3Fc/clusters/10300000000000000001/private_endpoint_service"
    );
}

#[tokio::test]
async fn a_registration_sends_the_endpoint_and_nothing_else() {
    let server = Server::start(|_, _| Deed::json(a_connection("PENDING")));
    let made = server.client().register(&operation(None), &cluster(), &group(), &endpoint()).await.unwrap();
    assert_eq!((made.id, made.state), (Some(connection_id()), ConnectionState::Pending));
    let sent = server.received().pop().unwrap();
    assert!(sent.is(
        "POST",
        "/v1beta1/clusters/10300000000000000001/tidbNodeGroups/1900000000000000001/privateEndpointConnections"
    ));
    assert_eq!(sent.body, r#"{"endpointId":"vpce-0aaaaaaaaaaaaaaaa"}"#);
    assert_eq!(sent.headers["content-type"], "application/json");
    assert_eq!(sent.headers["user-agent"], "tidblink-test/1");
}

#[tokio::test]
async fn reads_send_no_body() {
    let server = Server::start(|_, _| Deed::json(json!({ "state": "ACTIVE" })));
    server.client().private_link_service(&operation(None), &cluster(), &group()).await.unwrap();
    let sent = server.received().pop().unwrap();
    assert!(sent.is("GET", "/tidbNodeGroups/1900000000000000001/privateLinkService"));
    assert_eq!((sent.body.as_str(), sent.headers.get("content-type")), ("", None));
}

#[test]
fn a_key_that_cannot_work_is_refused_before_anything_is_sent() {
    for (public, private) in [("", "x"), ("x", ""), ("with newline\n", "x"), ("ключ", "x")] {
        let mut config = config("https://gateway.example.com");
        config.key.public = public.into();
        config.key.private = crate::secret::Secret::new(private);
        assert_eq!(TidbCloud::new(config).unwrap_err().kind, ErrorKind::Unauthenticated, "{public:?}");
    }
    let mut config = config("https://gateway.example.com");
    config.endpoints.legacy = url::Url::parse("http://gateway.example.com").unwrap();
    let error = TidbCloud::new(config).unwrap_err();
    assert!(error.message.contains("plain http"), "{error}");
}

// Budget and retries

#[tokio::test]
async fn a_refusal_for_too_many_requests_is_waited_out() {
    let server = Server::start(|_, number| match number {
        0 | 1 => Deed::error(429, 49_900_007, "limit of 100 times per apikey per minute")
            .with("x-ratelimit-limit-minute", "100")
            .with("x-ratelimit-remaining-minute", "0")
            .with("x-ratelimit-reset", "17"),
        _ => Deed::json(a_cluster()),
    });
    server.client().dedicated_cluster(&operation(Some(3600)), &cluster()).await.unwrap();
    assert_eq!(server.count("GET"), 3);
}

#[tokio::test]
async fn a_write_that_was_refused_for_too_many_requests_is_sent_again() {
    let server = registrar(
        |post| post == 1,
        |post| match post {
            0 => Deed::error(429, 49_900_007, "too many").with("x-ratelimit-reset", "1"),
            _ => Deed::json(a_connection("PENDING")),
        },
    );
    server.client().register(&operation(None), &cluster(), &group(), &endpoint()).await.unwrap();
    assert_eq!((server.count("POST"), server.count("GET")), (2, 0), "it certainly did not take effect");
}

#[tokio::test]
async fn with_the_budget_used_up_nothing_is_sent_before_the_reset() {
    let server = Server::start(|_, _| {
        Deed::json(a_cluster()).with("x-ratelimit-remaining-minute", "0").with("x-ratelimit-reset", "1000000")
    });
    let (client, patient) = (server.client(), operation(None));
    client.dedicated_cluster(&patient, &"1".parse().unwrap()).await.unwrap();
    let stop = CancellationToken::new();
    let hasty = stoppable(Some(100), &stop);
    let error = client.clone().dedicated_cluster(&hasty, &"2".parse().unwrap()).await.unwrap_err();
    assert_eq!(error.halt(), Some(Halt::Deadline), "{error}");
    assert_eq!(server.received().len(), 2, "the second call never left");
}

#[tokio::test]
async fn trouble_of_the_server_is_waited_out() {
    let server = Server::start(|_, number| match number {
        0 => Deed::status(502, "<html>Bad gateway</html>"),
        1 => Deed::Lose,
        2 => Deed::error(500, 13, "internal"),
        _ => Deed::json(a_cluster()),
    });
    server.client().dedicated_cluster(&operation(None), &cluster()).await.unwrap();
    assert_eq!(server.count("GET"), 4);
}

#[tokio::test]
async fn without_a_deadline_trouble_is_told_after_eight_attempts() {
    let server = Server::start(|_, _| Deed::status(503, "").with("x-debug-trace-id", "trace-9"));
    let error = server.client().dedicated_cluster(&operation(None), &cluster()).await.unwrap_err();
    assert_eq!((error.kind, error.status), (ErrorKind::Unavailable, Some(503)));
    assert_eq!(error.request_id.as_deref(), Some("trace-9"));
    assert_eq!(server.count("GET"), 8);
}

#[tokio::test]
async fn at_the_deadline_the_error_says_what_the_last_answer_was() {
    let server = Server::start(|_, _| Deed::error(503, 14, "upstream is resting"));
    let error = server.client().dedicated_cluster(&operation(Some(600)), &cluster()).await.unwrap_err();
    assert_eq!(error.kind, ErrorKind::Halted(Halt::Deadline));
    assert!(error.message.contains("timeout") && error.message.contains("upstream is resting"), "{error}");
}

#[tokio::test]
async fn what_cannot_get_better_is_not_retried() {
    for (deed, kind) in [
        (Deed::error(400, 3, "malformed"), ErrorKind::Invalid),
        (Deed::error(403, 7, "not yours"), ErrorKind::Denied),
        (Deed::error(404, 5, "no such cluster"), ErrorKind::NotFound),
        (Deed::status(302, "").with("location", "https://example.com"), ErrorKind::Malformed),
        (Deed::status(200, "<html>Log in to the guest network</html>"), ErrorKind::Malformed),
    ] {
        let server = Server::start(move |_, _| deed.clone());
        let error = server.client().dedicated_cluster(&operation(None), &cluster()).await.unwrap_err();
        assert_eq!(error.kind, kind, "{error}");
        assert!(!error.outcome_unknown, "a read changes nothing");
        assert_eq!(server.count("GET"), 1, "{kind:?}");
    }
}

#[tokio::test]
async fn a_host_that_never_answered_is_given_up_long_before_the_deadline() {
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}", free.local_addr().unwrap());
    drop(free);
    let operation = operation(Some(1_000_000));
    let error = client(&address).register(&operation, &cluster(), &group(), &endpoint()).await.unwrap_err();
    assert_eq!(error.kind, ErrorKind::Transport);
    assert!(error.message.contains("no connection to 127.0.0.1"), "{error}");
    assert!(!error.outcome_unknown, "nothing was sent");
}

// The end of an operation

#[tokio::test]
async fn an_operation_that_is_over_sends_nothing() {
    let server = Server::start(|_, _| Deed::json(a_cluster()));
    let stop = CancellationToken::new();
    stop.cancel();
    let error = server.client().dedicated_cluster(&stoppable(None, &stop), &cluster()).await.unwrap_err();
    assert_eq!(error.halt(), Some(Halt::Stopped));
    assert!(server.received().is_empty());
}

#[tokio::test]
async fn a_request_in_flight_survives_the_stop_signal() {
    let stop = CancellationToken::new();
    let stopper = stop.clone();
    let server = Server::start(move |_, _| {
        stopper.cancel();
        Deed::json(a_connection("PENDING"))
    });
    let made = server.client().register(&stoppable(None, &stop), &cluster(), &group(), &endpoint()).await;
    assert_eq!(made.unwrap().id, Some(connection_id()));
}

#[tokio::test]
async fn the_stop_signal_ends_the_retries() {
    let stop = CancellationToken::new();
    let stopper = stop.clone();
    let server = Server::start(move |_, _| {
        stopper.cancel();
        Deed::status(503, "")
    });
    let error =
        server.client().dedicated_cluster(&stoppable(Some(3600), &stop), &cluster()).await.unwrap_err();
    assert_eq!(error.kind, ErrorKind::Halted(Halt::Stopped));
    assert_eq!(server.count("GET"), 1);
}

#[tokio::test]
async fn a_registration_that_was_cut_off_leaves_its_outcome_open() {
    let stop = CancellationToken::new();
    let stopper = stop.clone();
    let server = Server::start(move |_, _| {
        stopper.cancel();
        Deed::Lose
    });
    let error = server
        .client()
        .register(&stoppable(None, &stop), &cluster(), &group(), &endpoint())
        .await
        .unwrap_err();
    assert_eq!(error.halt(), Some(Halt::Stopped));
    assert!(error.outcome_unknown);
    assert_eq!(server.count("POST"), 1);
}

// Registering and deregistering

#[tokio::test]
async fn a_registration_whose_answer_was_lost_is_found_and_not_repeated() {
    for lost in
        [Deed::Lose, Deed::error(500, 13, "internal"), Deed::status(200, "not JSON"), Deed::json(json!({}))]
    {
        let server = registrar(|_| true, move |_| lost.clone());
        let found =
            server.client().register(&operation(None), &cluster(), &group(), &endpoint()).await.unwrap();
        assert_eq!(found.id, Some(connection_id()));
        assert_eq!(server.count("POST"), 1);
    }
}

#[tokio::test]
async fn a_registration_that_did_not_take_effect_is_repeated_after_a_look() {
    let server = registrar(
        |post| post == 1,
        |post| match post {
            0 => Deed::Lose,
            _ => Deed::json(a_connection("PENDING")),
        },
    );
    server.client().register(&operation(None), &cluster(), &group(), &endpoint()).await.unwrap();
    let methods: Vec<_> = server
        .received()
        .iter()
        .filter(|request| request.digest().is_some())
        .map(|request| request.method.clone())
        .collect();
    assert_eq!(methods, ["POST", "GET", "POST"]);
}

#[tokio::test]
async fn an_endpoint_that_is_registered_already_is_returned() {
    let server = registrar(|_| true, |_| Deed::error(409, 6, "endpoint exists"));
    let found = server.client().register(&operation(None), &cluster(), &group(), &endpoint()).await.unwrap();
    assert_eq!(found.id, Some(connection_id()));
}

#[tokio::test]
async fn an_endpoint_that_is_registered_elsewhere_is_an_error() {
    let server = Server::start(|request, _| match request.method.as_str() {
        "POST" => Deed::error(409, 6, "endpoint exists"),
        // Discovered means that the cloud shows it, not that it is registered.
        _ => a_list(&[a_connection("DISCOVERED")]),
    });
    let error =
        server.client().register(&operation(None), &cluster(), &group(), &endpoint()).await.unwrap_err();
    assert_eq!((error.kind, error.cause), (ErrorKind::Conflict, Some(Cause::AlreadyRegistered)));
    assert_eq!(server.count("POST"), 1);
}

#[tokio::test]
async fn a_cluster_that_is_not_ready_refuses_a_registration_for_good() {
    let server = Server::start(|_, _| Deed::error(400, 9, "cluster is paused"));
    let error =
        server.client().register(&operation(None), &cluster(), &group(), &endpoint()).await.unwrap_err();
    assert_eq!(error.cause, Some(Cause::FailedPrecondition));
    assert_eq!(server.received().len(), 2);
}

#[tokio::test]
async fn deregistering_is_repeated_until_it_is_certain() {
    let server = Server::start(|_, number| match number {
        0 => Deed::Lose,
        1 => Deed::status(503, ""),
        _ => Deed::error(404, 5, "no such connection"),
    });
    server.client().deregister(&operation(None), &cluster(), &group(), &connection_id()).await.unwrap();
    assert_eq!(server.count("DELETE"), 3);
    assert!(server.received().pop().unwrap().is("DELETE", "/privateEndpointConnections/1900000000000000777"));
}

#[tokio::test]
async fn deregistering_what_is_being_deregistered_is_success_and_anything_else_is_not() {
    for (state, fine) in [("DELETING", true), ("ACTIVE", false)] {
        let server = Server::start(move |request, _| match request.method.as_str() {
            "DELETE" => Deed::error(409, 10, "another change is going on"),
            _ => Deed::json(a_connection(state)),
        });
        let result =
            server.client().deregister(&operation(None), &cluster(), &group(), &connection_id()).await;
        assert_eq!(result.is_ok(), fine, "{state}");
    }
}

#[tokio::test]
async fn a_deletion_may_be_answered_with_nothing_at_all() {
    let server = Server::start(|_, _| Deed::status(204, ""));
    server.client().deregister(&operation(None), &cluster(), &group(), &connection_id()).await.unwrap();
}

// Lists

#[tokio::test]
async fn all_pages_of_a_list_are_read() {
    let server = Server::start(|request, _| {
        let (page, next) = match request.target.split_once("pageToken=").map(|(_, token)| token) {
            None => (0, json!("two+/=&")),
            Some("two%2B%2F%3D%26") => (1, json!("three")),
            Some("three") => (2, json!("")),
            Some(other) => panic!("{other}"),
        };
        let connections: Vec<_> =
            (0..100).map(|number| json!({ "endpointId": format!("pe-{page}-{number}") })).collect();
        Deed::json(json!({ "privateEndpointConnections": connections, "nextPageToken": next }))
    });
    let connections = server.client().connections(&operation(None), &cluster(), &group()).await.unwrap();
    assert_eq!(connections.len(), 300);
    assert_eq!(connections[299].endpoint.as_str(), "pe-2-99");
    assert!(server.received().pop().unwrap().target.contains("pageSize=100"));
}

#[tokio::test]
async fn pages_that_go_round_in_a_circle_are_malformed() {
    let server = Server::start(|_, number| {
        Deed::json(json!({ "nextPageToken": if number % 2 == 0 { "even" } else { "odd" } }))
    });
    let error = server.client().connections(&operation(None), &cluster(), &group()).await.unwrap_err();
    assert_eq!(error.kind, ErrorKind::Malformed);
    assert!(error.message.contains("never end"), "{error}");
    assert_eq!(server.count("GET"), 9, "three readings of three pages");
}

#[tokio::test]
async fn pages_that_make_no_whole_are_read_again_and_then_malformed() {
    let page = |ids: &[u64], next: &str, total: u64| {
        let connections: Vec<_> = ids
            .iter()
            .map(|id| json!({ "privateEndpointConnectionId": id, "endpointId": format!("vpce-{id}") }))
            .collect();
        json!({ "privateEndpointConnections": connections, "nextPageToken": next, "totalSize": total })
    };
    let whole = [page(&[1, 2], "two", 3), page(&[3], "", 3)];
    let table = [
        ("an order that changed", vec![page(&[3, 1], "two", 3), page(&[3], "", 3)], true),
        ("an order that changed, without a count", vec![page(&[3, 1], "two", 0), page(&[3], "", 0)], true),
        ("one that went", vec![page(&[4, 1], "two", 4), page(&[3], "", 3)], true),
        ("a page cut short", vec![page(&[1], "two", 3), page(&[3], "", 3)], true),
        ("a page that is missing", vec![page(&[1, 2], "", 3)], true),
        ("a page that is always missing", vec![page(&[1, 2], "", 3); 3], false),
        ("rows that are missing", vec![page(&[], "", 1); 3], false),
    ];
    for (case, first, comes) in table {
        let planted: Vec<_> = first.into_iter().chain(whole.clone()).collect();
        let server = Server::start(move |_, number| Deed::json(planted[number].clone()));
        let listed = server.client().connections(&operation(None), &cluster(), &group()).await;
        match listed {
            Ok(listed) => assert!(comes && listed.len() == 3, "{case}: {listed:?}"),
            Err(error) => assert!(!comes && error.kind == ErrorKind::Malformed, "{case}: {error}"),
        }
    }
}

#[tokio::test]
async fn a_broken_row_is_named_with_its_place() {
    let server = Server::start(|_, _| {
        a_list(&[a_connection("ACTIVE"), json!({ "endpointId": "pe", "port": "a lot" })])
            .with("x-debug-trace-id", "trace-3")
    });
    let error = server.client().connections(&operation(None), &cluster(), &group()).await.unwrap_err();
    assert_eq!(error.kind, ErrorKind::Malformed);
    assert!(error.message.contains("`privateEndpointConnections[1].port`"), "{error}");
    assert_eq!(error.request_id.as_deref(), Some("trace-3"));
}

#[tokio::test]
async fn waiters_of_one_cluster_share_a_list_until_somebody_writes() {
    let registered = Arc::new(Mutex::new(false));
    let server = Server::start(move |request, _| {
        let mut registered = registered.lock().unwrap();
        match request.method.as_str() {
            "POST" => {
                *registered = true;
                Deed::json(a_connection("PENDING"))
            }
            _ if *registered => a_list(&[a_connection("PENDING")]),
            _ => a_list(&[]),
        }
    });
    // Real seconds, so that the list certainly stays young.
    let operation = crate::operation::Operation::new(
        crate::clock::Clock::real(),
        crate::random::Random::seeded(1),
        CancellationToken::new(),
        None,
    );
    let (client, cluster, group) = (server.client(), cluster(), group());
    let look = || client.connections(&operation, &cluster, &group);
    let (a, b, c) = tokio::join!(look(), look(), look());
    assert_eq!((a.unwrap().len(), b.unwrap().len(), c.unwrap().len()), (0, 0, 0));
    assert_eq!(server.count("GET"), 1);
    client.register(&operation, &cluster, &group, &endpoint()).await.unwrap();
    assert_eq!(look().await.unwrap().len(), 1);
    assert_eq!(server.count("GET"), 2);
}

// Legacy

#[tokio::test]
async fn a_service_whose_request_was_lost_is_looked_for() {
    let server = Server::start(|request, _| match request.method.as_str() {
        "POST" => Deed::Lose,
        _ => Deed::json(json!({ "private_endpoint_service": { "status": "CREATING" } })),
    });
    let project = ProjectId::new("1370000000000000001");
    server.client().request_legacy_service(&operation(None), &project, &cluster()).await.unwrap();
    assert_eq!((server.count("POST"), server.count("GET")), (1, 1));
    assert_eq!(server.received().iter().find(|request| request.method == "POST").unwrap().body, "{}");
}

// Types

/// Terraform's requests run on several threads, so every call has to be `Send`; this fails to compile otherwise.
#[expect(dead_code, reason = "it only has to compile")]
async fn every_call_can_move_between_threads(client: TidbCloud, operation: crate::operation::Operation) {
    async fn on_another_thread<T>(call: impl Future<Output = T> + Send) -> T {
        call.await
    }
    let project = ProjectId::new("1");
    let (cluster, group, endpoint, id) = (cluster(), group(), endpoint(), connection_id());
    let _ = on_another_thread(client.dedicated_cluster(&operation, &cluster)).await;
    let _ = on_another_thread(client.private_link_service(&operation, &cluster, &group)).await;
    let _ = on_another_thread(client.connections(&operation, &cluster, &group)).await;
    let _ = on_another_thread(client.connection(&operation, &cluster, &group, &id)).await;
    let _ = on_another_thread(client.register(&operation, &cluster, &group, &endpoint)).await;
    let _ = on_another_thread(client.deregister(&operation, &cluster, &group, &id)).await;
    let _ = on_another_thread(client.serverless_cluster(&operation, &cluster)).await;
    let _ = on_another_thread(client.legacy_service(&operation, &project, &cluster)).await;
    let _ = on_another_thread(client.request_legacy_service(&operation, &project, &cluster)).await;
}
