//! HTTP Digest as TiDB Cloud asks for it: MD5, `qop=auth`, realm `tidb.cloud`, no opaque (RFC 7616 with the algorithm of
//! RFC 2617). A nonce is good for a while, and each of its counts once: requests that overtake each other are in order,
//! repeated ones are not.

use std::collections::{BTreeSet, HashMap};

use md5::{Digest as _, Md5};
use sha2::Sha256;

use crate::clock::Timestamp;
use crate::http::Request;
use crate::world::{ApiKey, World};

const REALM: &str = "tidb.cloud";

/// The fields of an `Authorization: Digest` header.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Proof {
    pub(super) username: String,
    realm: String,
    nonce: String,
    uri: String,
    nc: String,
    cnonce: String,
    response: String,
}

impl Proof {
    /// Reads a header; none when it is not a digest with `qop=auth` and MD5.
    pub(super) fn parse(header: &str) -> Option<Self> {
        let (scheme, rest) = header.split_once(' ')?;
        if !scheme.eq_ignore_ascii_case("digest") {
            return None;
        }
        let mut fields = fields(rest);
        let plain = |value: Option<&String>, wanted: &str| {
            value.is_none_or(|value| value.eq_ignore_ascii_case(wanted))
        };
        if !plain(fields.get("algorithm"), "MD5") || fields.remove("qop")? != "auth" {
            return None;
        }
        Some(Self {
            username: fields.remove("username")?,
            realm: fields.remove("realm")?,
            nonce: fields.remove("nonce")?,
            uri: fields.remove("uri")?,
            nc: fields.remove("nc")?,
            cnonce: fields.remove("cnonce")?,
            response: fields.remove("response")?,
        })
    }

    /// The response this header should carry.
    fn expected(&self, key: &ApiKey, method: &str) -> String {
        let who = md5_hex(&format!("{}:{REALM}:{}", key.public_key, key.private_key));
        let what = md5_hex(&format!("{method}:{}", self.uri));
        md5_hex(&format!("{who}:{}:{}:{}:auth:{what}", self.nonce, self.nc, self.cnonce))
    }
}

/// Splits `name=value` pairs at commas outside quotes.
fn fields(text: &str) -> HashMap<String, String> {
    let mut fields = HashMap::new();
    let mut rest = text.trim();
    while let Some((name, after)) = rest.split_once('=') {
        let name = name.trim_matches([' ', ',', '\t']).to_ascii_lowercase();
        let (value, after) = match after.strip_prefix('"') {
            Some(quoted) => unquote(quoted),
            None => {
                let (value, after) = after.split_once(',').unwrap_or((after, ""));
                (value.trim().to_owned(), after)
            }
        };
        fields.insert(name, value);
        rest = after;
    }
    fields
}

/// The text up to the closing quote, with escapes taken off, and what follows it.
fn unquote(text: &str) -> (String, &str) {
    let mut value = String::new();
    let mut characters = text.char_indices();
    while let Some((at, character)) = characters.next() {
        match character {
            '"' => return (value, text.get(at + 1..).unwrap_or_default()),
            '\\' => value.extend(characters.next().map(|(_, escaped)| escaped)),
            other => value.push(other),
        }
    }
    (value, "")
}

fn md5_hex(text: &str) -> String {
    hex::encode(Md5::digest(text))
}

/// What a proof is worth.
#[derive(Debug, PartialEq)]
pub(super) enum Verdict {
    /// The caller knows the private key.
    Proved,
    /// The caller does not, or proved something else.
    Wrong(&'static str),
    /// The caller must answer a new challenge.
    Stale,
}

#[derive(Debug)]
struct Nonce {
    issued: Timestamp,
    used: BTreeSet<u32>,
}

/// Every nonce given out.
#[derive(Debug, Default)]
pub(super) struct Nonces {
    issued: HashMap<String, Nonce>,
    count: u64,
}

impl Nonces {
    /// A `WWW-Authenticate` value with a new nonce.
    pub(super) fn challenge(&mut self, stale: bool, world: &World) -> String {
        let lifetime = world.limits.digest_nonce_seconds;
        self.issued.retain(|_, nonce| nonce.issued.plus_seconds(lifetime) > world.now);
        self.count += 1;
        let mut nonce = hex::encode(Sha256::digest(format!("nonce {} {}", self.count, world.now.millis())));
        nonce.truncate(32);
        self.issued.insert(nonce.clone(), Nonce { issued: world.now, used: BTreeSet::new() });
        format!(
            "Digest realm=\"{REALM}\", domain=\"\", nonce=\"{nonce}\", algorithm=MD5, qop=\"auth\", stale={stale}"
        )
    }

    /// Judges a proof by the key it names.
    pub(super) fn check(&mut self, proof: &Proof, key: &ApiKey, request: &Request, world: &World) -> Verdict {
        if proof.realm != REALM {
            return Verdict::Wrong("the digest is for another realm");
        }
        if proof.uri != request.target {
            return Verdict::Wrong("the digest covers another uri");
        }
        let response = proof.expected(key, request.method.as_str());
        if !response.eq_ignore_ascii_case(&proof.response) {
            return Verdict::Wrong("authentication failed");
        }
        let Ok(count) = u32::from_str_radix(&proof.nc, 16) else {
            return Verdict::Wrong("nc is not a hexadecimal number");
        };
        let lifetime = world.limits.digest_nonce_seconds;
        match self.issued.get_mut(&proof.nonce) {
            Some(nonce) if nonce.issued.plus_seconds(lifetime) > world.now => {
                if nonce.used.insert(count) {
                    Verdict::Proved
                } else {
                    Verdict::Stale
                }
            }
            _ => Verdict::Stale,
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]

    use super::*;

    #[test]
    fn the_response_is_that_of_rfc_2617() {
        // RFC 2617, section 3.5, but for the realm, which is fixed here; recomputed by hand for `tidb.cloud`.
        let header = "Digest username=\"Mufasa\", realm=\"tidb.cloud\", nonce=\"dcd98b7102dd2f0e8b11d0f600bfb0c093\", \
             uri=\"/dir/index.html\", qop=auth, nc=00000001, cnonce=\"0a4f113b\", response=\"\"";
        let key = ApiKey {
            public_key: "Mufasa".to_owned(),
            private_key: "Circle Of Life".to_owned(),
            denied: Vec::new(),
            allowed: None,
            project_wide: true,
        };
        let proof = Proof::parse(header).unwrap();
        assert_eq!(proof.expected(&key, "GET"), "23a0593b9f0296455b4026b76a9191f1");
    }

    #[test]
    fn quoted_values_may_hold_commas_and_quotes() {
        let found = fields(r#"username="a,\"b", nc=00000001,qop=auth"#);
        assert_eq!(found["username"], "a,\"b");
        assert_eq!(found["nc"], "00000001");
        assert_eq!(found["qop"], "auth");
    }

    #[test]
    fn other_schemes_and_algorithms_are_no_proof() {
        assert_eq!(Proof::parse("Basic abc"), None);
        assert_eq!(Proof::parse("Digest username=\"a\", algorithm=SHA-256, qop=auth"), None);
        assert_eq!(Proof::parse(""), None);
    }
}
