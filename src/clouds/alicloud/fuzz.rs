//! Any answer of Alibaba Cloud, and the signature that any call has.

use std::collections::BTreeMap;
use std::sync::Arc;

use ::fuzz::{json, property, text};
use hmac::{Hmac, KeyInit as _, Mac as _};
use http::{HeaderMap, HeaderValue, StatusCode};
use proptest::prelude::*;
use serde_json::Value;
use sha2::{Digest as _, Sha256};

use super::AlicloudConfig;
use super::convert::{Group, Known, Parts, Row, Zone};
use super::encode::Params;
use super::products::{Action, Product};
use super::rpc::Rpc;
use super::sign::Message;
use crate::ids::Region;
use crate::json::{Misfit, Node};
use crate::secret::Secret;
use crate::web::Reply;

fn list<T>(node: &Node<'_>, name: &str, read: fn(&Node<'_>) -> Result<T, Misfit>) -> Result<Vec<T>, Misfit> {
    node.list(name)?.iter().map(read).collect()
}

#[test]
fn privatelink_answers() {
    json("alicloud-privatelink", |text| {
        let Ok(value) = serde_json::from_str::<Value>(text) else { return };
        let node = Node::root(&value);
        let rows = list(&node, "Endpoints", Row::read);
        let zones = list(&node, "Zones", Zone::read);
        let groups = list(&node, "SecurityGroups", Group::read);
        if let (Ok(rows), Ok(zones), Ok(groups)) = (rows, zones, groups) {
            for row in rows {
                for accepts in [None, Some(true), Some(false)] {
                    for connected in [false, true] {
                        let parts = Parts { row: row.clone(), zones: zones.clone(), groups: groups.clone() };
                        assert!(!parts.describe().is_empty());
                        let _ = (parts.takes_changes(), parts.endpoint(Known { accepts, connected }));
                    }
                }
            }
        }
    });
}

/// A head of lines up to an empty one, then the body; the first line is the status.
#[test]
fn answers_and_refusals_of_every_product() {
    let rpc = Rpc::new(Arc::new(AlicloudConfig::default()));
    let region = Region::new("ap-southeast-1");
    text("alicloud-answers", |text| {
        let (head, body) = text.split_once("\n\n").unwrap_or((text, ""));
        let mut lines = head.lines();
        let status = lines.next().and_then(|line| line.parse().ok()).unwrap_or(StatusCode::BAD_REQUEST);
        let mut headers = HeaderMap::new();
        for (name, value) in lines.filter_map(|line| line.split_once(": ")) {
            if let (Ok(name), Ok(value)) = (name.parse::<http::HeaderName>(), HeaderValue::from_str(value)) {
                headers.append(name, value);
            }
        }
        let reply = Reply { status, headers, body: body.into() };
        for action in [
            Action::read(Product::PrivateLink, "ListVpcEndpoints"),
            Action::write(Product::PrivateLink, "CreateVpcEndpoint"),
            Action::read(Product::Sts, "AssumeRole"),
        ] {
            if let Err(error) = rpc.read(action, &region, &reply) {
                assert!(!error.to_string().is_empty());
            }
        }
    });
}

/// As Alibaba Cloud's documentation tells others to encode: as a form, with three corrections.
fn encoded(text: &str) -> String {
    let form: String = url::form_urlencoded::byte_serialize(text.as_bytes()).collect();
    form.replace('+', "%20").replace('*', "%2A").replace("%7E", "~")
}

fn sha256(bytes: &[u8]) -> String {
    hex::encode(Sha256::digest(bytes))
}

/// The signature that a server computes from what it received, with none of the code that made it.
fn verified(
    secret: &str,
    method: &str,
    url: &url::Url,
    headers: &[(&str, String)],
    body: &[u8],
    names: &str,
) -> String {
    let mut pairs: Vec<(String, String)> = url.query_pairs().into_owned().collect();
    pairs.sort();
    let query: Vec<_> =
        pairs.iter().map(|(name, value)| format!("{}={}", encoded(name), encoded(value))).collect();
    let lines: String = names
        .split(';')
        .map(|name| {
            let value = headers.iter().find(|(found, _)| *found == name).map(|(_, value)| value.trim());
            format!("{name}:{}\n", value.unwrap_or_default())
        })
        .collect();
    let query = query.join("&");
    let canonical = format!("{method}\n{}\n{query}\n{lines}\n{names}\n{}", url.path(), sha256(body));
    let to_sign = format!("ACS3-HMAC-SHA256\n{}", sha256(canonical.as_bytes()));
    let mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).expect("any key");
    hex::encode(mac.chain_update(to_sign).finalize().into_bytes())
}

#[test]
fn a_signature_is_what_a_server_computes_from_the_request() {
    let params = prop::collection::vec(("[ -~\\PC]{1,12}", "[\\PC\n]{0,20}"), 0..8);
    let headers = prop::collection::btree_map("x-acs-[a-z]{1,6}", " ?[ -~]{0,20} ?", 0..5);
    let rest = ("\\PC{0,40}", "POST|GET", prop::collection::vec(any::<u8>(), 0..40));
    property("acs3", (params, headers, rest), |(params, headers, (secret, method, body))| {
        let headers: BTreeMap<String, String> = headers;
        let query = params
            .into_iter()
            .fold(Params::new(), |params, (name, value)| params.with(name, value))
            .encoded();
        let url = url::Url::parse(&format!("https://example.com/?{query}")).expect("an address");
        let mut headers: Vec<(&str, String)> =
            headers.iter().map(|(name, value)| (name.as_str(), value.clone())).collect();
        headers.push(("host", "example.com".into()));
        let message = Message { method: &method, path: "/", query: &query, headers: &headers, body: &body };
        let authorization = message.authorization("LTAI", &Secret::new(&*secret));
        let (head, signature) = authorization.rsplit_once(",Signature=").expect("a signature");
        let (_, names) = head.rsplit_once(",SignedHeaders=").expect("signed headers");
        assert_eq!(names.split(';').count(), headers.len());
        assert_eq!(signature, verified(&secret, &method, &url, &headers, &body, names));
    });
}
