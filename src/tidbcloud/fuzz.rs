//! Any answer of TiDB Cloud, and the signature that any call has.

use std::time::Duration;

use ::fuzz::{json, property, text};
use http::StatusCode;
use http::header::{HeaderMap, HeaderName, HeaderValue, WWW_AUTHENTICATE};
use proptest::prelude::*;
use serde_json::Value;
use tokio_util::sync::CancellationToken;

use super::budget::Budget;
use super::calls;
use super::digest::tests::md5;
use super::digest::{Pass, Session, Signed, challenge_in};
use super::failure;
use super::request::Request;
use super::{
    ApiKey, Connection, DedicatedCluster, KeySource, LegacyService, PrivateLinkService, ServerlessCluster,
};
use crate::clock::Clock;
use crate::json::{Misfit, Node};
use crate::operation::Operation;
use crate::random::Random;
use crate::secret::Secret;
use crate::web::Reply;

fn read<T>(text: &str, read: impl FnOnce(Node<'_>) -> Result<T, Misfit>) {
    if let Ok(value) = serde_json::from_str::<Value>(text)
        && let Err(misfit) = read(Node::root(&value))
    {
        assert!(!misfit.to_string().is_empty());
    }
}

#[test]
fn dedicated_answers() {
    json("tidb-dedicated", |text| {
        read(text, DedicatedCluster::read);
        read(text, PrivateLinkService::read);
        read(text, |node| {
            let page = node.list("privateEndpointConnections")?;
            let page = page.iter().map(Connection::read).collect::<Result<Vec<_>, _>>()?;
            Ok((page, node.optional_text("nextPageToken")?))
        });
    });
}

#[test]
fn serverless_answers() {
    json("tidb-serverless", |text| read(text, ServerlessCluster::read));
}

#[test]
fn legacy_answers() {
    json("tidb-legacy", |text| read(text, LegacyService::read));
}

/// A head of lines up to an empty one, then the body; the first line is the status.
#[test]
fn refusals_with_any_headers() {
    text("tidb-refusals", |text| {
        let (head, body) = text.split_once("\n\n").unwrap_or((text, ""));
        let mut lines = head.lines();
        let status = lines.next().and_then(|line| StatusCode::from_bytes(line.as_bytes()).ok());
        let mut headers = HeaderMap::new();
        for (name, value) in lines.filter_map(|line| line.split_once(": ")) {
            if let (Ok(name), Ok(value)) = (name.parse::<HeaderName>(), HeaderValue::from_str(value)) {
                headers.append(name, value);
            }
        }
        let _ = challenge_in(&headers);
        let budget = Budget::new(super::Share::default());
        let operation = operation();
        tokio_test(async {
            if let Ok(ticket) = budget.take(&operation).await {
                ticket.learn(&headers, operation.clock().elapsed());
            }
        });
        let reply = Reply { status: status.unwrap_or(StatusCode::BAD_REQUEST), headers, body: body.into() };
        let request = Request::get(calls::DEDICATED_CLUSTER, &["clusters"]);
        let error = failure::of(&request, &reply);
        assert!(error.retry_after.is_none_or(|wait| wait <= Duration::from_secs(86_400)));
        assert!(!error.to_string().is_empty());
    });
}

fn operation() -> Operation {
    Operation::new(Clock::real(), Random::seeded(1), CancellationToken::new(), None)
}

/// For futures that wait for nothing.
fn tokio_test<T>(future: impl Future<Output = T>) -> Option<T> {
    futures_util::FutureExt::now_or_never(future)
}

/// The fields of a digest header, by the grammar of RFC 7616 and not by the code that wrote it.
fn fields(header: &str) -> Vec<(String, String)> {
    let mut fields = Vec::new();
    let mut rest = header.strip_prefix("Digest ").unwrap_or_default();
    while let Some((name, after)) = rest.split_once('=') {
        let mut value = String::new();
        let mut characters = after.char_indices();
        let quoted = after.starts_with('"');
        let mut end = after.len();
        if quoted {
            characters.next();
        }
        while let Some((place, character)) = characters.next() {
            match character {
                '\\' if quoted => value.extend(characters.next().map(|(_, escaped)| escaped)),
                '"' if quoted => {
                    end = place + 1;
                    break;
                }
                ',' if !quoted => {
                    end = place;
                    break;
                }
                other => value.push(other),
            }
        }
        fields.push((name.trim().to_owned(), value));
        rest = after[end..].trim_start_matches([',', ' ']);
    }
    fields
}

#[test]
fn a_digest_is_what_its_own_fields_prove() {
    let challenge = ("[a-zA-Z0-9 .@]{1,20}", "[a-zA-Z0-9+/=]{1,40}", any::<bool>());
    let key = ("[!-~]{1,20}", "\\PC{1,30}");
    let call =
        ("GET|POST|DELETE|PATCH", "/[a-zA-Z0-9/_?=&%.-]{0,60}", prop::collection::vec(any::<u8>(), 0..20));
    property(
        "digest",
        (challenge, key, call),
        |((realm, nonce, stale), (public, private), (method, uri, body))| {
            let challenge = format!(
                "Digest realm=\"{realm}\", nonce=\"{nonce}\", algorithm=MD5, qop=\"auth\", stale={stale}"
            );
            let mut headers = HeaderMap::new();
            headers.insert(WWW_AUTHENTICATE, HeaderValue::from_str(&challenge).unwrap());
            let session = Session::default();
            session.learn(challenge_in(&headers).unwrap(), None);
            let key = ApiKey {
                public: public.clone(),
                private: Secret::new(&*private),
                source: KeySource::Environment,
            };
            let signed = Signed { method: &method, uri: &uri, body: &body };
            let operation = operation();
            for count in 1..3 {
                let Some(Ok(Pass::Signature { authorization, .. })) =
                    tokio_test(session.pass(&operation, &key, signed))
                else {
                    panic!("the challenge is known");
                };
                let fields = fields(&authorization);
                let field = |name: &str| {
                    let found = fields.iter().find(|(found, _)| found == name);
                    found.map(|(_, value)| value.clone()).unwrap_or_default()
                };
                assert_eq!(field("username"), public);
                assert_eq!(
                    (field("realm"), field("nonce"), field("uri")),
                    (realm.clone(), nonce.clone(), uri.clone())
                );
                assert_eq!((field("qop"), field("nc")), ("auth".to_owned(), format!("{count:08x}")));
                let who = md5(&format!("{public}:{realm}:{private}"));
                let what = md5(&format!("{method}:{uri}"));
                let proof = format!("{who}:{nonce}:{}:{}:auth:{what}", field("nc"), field("cnonce"));
                assert_eq!(field("response"), md5(&proof));
            }
        },
    );
}
