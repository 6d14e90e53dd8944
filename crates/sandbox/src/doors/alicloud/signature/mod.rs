//! Who signed a request. Two ways of signing lead to the same checks: the key must be known and in use, its token the
//! right one, the request fresh by the real clock, the signature right, and its nonce new.

mod v1;
mod v3;

use std::collections::HashMap;

use hmac::{Hmac, KeyInit, Mac, digest::block_api::EagerHash};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use super::params::Params;
use crate::clock::Timestamp;
use crate::http::Request;
use crate::world::{AlicloudAccessKey, AlicloudError, AlicloudSession, World};

/// How far a request's time may be from ours, in seconds (error table: InvalidTimeStamp.Expired).
const MAX_SKEW_SECONDS: f64 = 900.0;

/// Everything but RFC 3986's unreserved characters is encoded.
const ENCODED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');

/// What a request brings to prove who sent it.
#[derive(Debug, PartialEq)]
struct Proof {
    scheme: Scheme,
    access_key_id: String,
    security_token: Option<String>,
    date: String,
    nonce: String,
    /// What a right signature would have signed.
    to_sign: String,
    signature: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Scheme {
    /// ACS3-HMAC-SHA256, in headers.
    V3,
    /// HMAC-SHA1, in parameters.
    V1,
}

impl Proof {
    fn of(request: &Request, params: &Params) -> Result<Self, AlicloudError> {
        match request.header("authorization") {
            Some(header) => v3::proof(request, header),
            None => v1::proof(request, params),
        }
    }

    fn is_right(&self, secret: &str) -> bool {
        let expected = match self.scheme {
            Scheme::V3 => v3::signature(secret, &self.to_sign),
            Scheme::V1 => v1::signature(secret, &self.to_sign),
        };
        expected == self.signature
    }
}

fn incomplete(message: impl Into<String>) -> AlicloudError {
    AlicloudError::new("IncompleteSignature", message)
}

fn encode(text: &str) -> String {
    utf8_percent_encode(text, ENCODED).to_string()
}

/// HMAC takes keys of any length, so this cannot fail; if it did, nothing would match.
fn hmac<D: EagerHash>(key: &[u8], message: &str) -> Vec<u8>
where
    Hmac<D>: Mac + KeyInit,
{
    <Hmac<D> as KeyInit>::new_from_slice(key)
        .map(|mut mac| {
            mac.update(message.as_bytes());
            mac.finalize().into_bytes().to_vec()
        })
        .unwrap_or_default()
}

/// The key that signed.
#[derive(Clone, Debug)]
pub(super) enum Signer {
    User(AlicloudAccessKey),
    Session(AlicloudSession),
}

impl Signer {
    fn of(proof: &Proof, world: &World) -> Result<Self, AlicloudError> {
        let alicloud = &world.alicloud;
        let id = &proof.access_key_id;
        if let Some(key) = alicloud.access_keys.iter().find(|key| key.access_key_id == *id) {
            if key.inactive {
                return Err(AlicloudError::new(
                    "InvalidAccessKeyId.Inactive",
                    "Specified access key is disabled.",
                ));
            }
            if proof.security_token.is_some() {
                return Err(mismatched_token());
            }
            return Ok(Self::User(key.clone()));
        }
        let session =
            alicloud.sessions.iter().find(|session| session.access_key_id == *id).ok_or_else(|| {
                AlicloudError::with_status(
                    404,
                    "InvalidAccessKeyId.NotFound",
                    "Specified access key is not found.",
                )
            })?;
        match &proof.security_token {
            None => Err(AlicloudError::new(
                "InvalidSecurityToken.Malformed",
                "Specified SecurityToken is malformed: a temporary access key needs one.",
            )),
            Some(token) if *token != session.security_token => Err(mismatched_token()),
            Some(_) if session.expires <= Timestamp::real_now() => {
                Err(AlicloudError::new("InvalidSecurityToken.Expired", "Specified SecurityToken is expired."))
            }
            Some(_) => Ok(Self::Session(session.clone())),
        }
    }

    fn secret(&self) -> &str {
        match self {
            Self::User(key) => &key.access_key_secret,
            Self::Session(session) => &session.access_key_secret,
        }
    }

    /// Whether RAM keeps this signer from an action of `product` on `resource`.
    pub(super) fn is_denied(&self, world: &World, product: &str, operation: &str, resource: &str) -> bool {
        let (denied, policy) = match self {
            Self::User(key) => (key.denied.as_slice(), key.policy.as_ref()),
            Self::Session(session) => match world.alicloud.role(&session.role_arn) {
                Some(role) => (role.denied.as_slice(), role.policy.as_ref()),
                None => return false,
            },
        };
        denied.iter().any(|denied| denied == operation)
            || policy.is_some_and(|policy| !policy.allows(&format!("{product}:{operation}"), resource))
    }
}

fn mismatched_token() -> AlicloudError {
    AlicloudError::new(
        "InvalidSecurityToken.MismatchWithAccessKey",
        "Specified SecurityToken mismatches the AccessKey.",
    )
}

/// Nonces that good requests used, for as long as a copy of such a request would still be fresh.
#[derive(Debug, Default)]
pub(super) struct Nonces {
    used: HashMap<(String, String), Timestamp>,
}

impl Nonces {
    /// Notes a nonce; false when it was used before.
    fn is_new(&mut self, access_key_id: &str, nonce: &str, now: Timestamp) -> bool {
        self.used.retain(|_, used| now.seconds_since(*used) <= 2.0 * MAX_SKEW_SECONDS);
        self.used.insert((access_key_id.to_owned(), nonce.to_owned()), now).is_none()
    }
}

/// Checks a request's signature, age and nonce.
pub(super) fn check(
    request: &Request,
    params: &Params,
    world: &World,
    nonces: &mut Nonces,
) -> Result<Signer, AlicloudError> {
    let proof = Proof::of(request, params)?;
    let signer = Signer::of(&proof, world)?;
    let ahead = world.alicloud.clock_ahead_seconds.saturating_mul(1000);
    let now = Timestamp::from_millis(Timestamp::real_now().millis().saturating_add(ahead));
    let moment = Timestamp::from_the_second(&proof.date).ok_or_else(|| {
        AlicloudError::new(
            "InvalidTimeStamp.Format",
            "Specified time stamp or date value is not well formatted.",
        )
    })?;
    if now.seconds_since(moment).abs() > MAX_SKEW_SECONDS {
        return Err(AlicloudError::new(
            "InvalidTimeStamp.Expired",
            "Specified time stamp or date value is expired.",
        ));
    }
    if !proof.is_right(signer.secret()) {
        return Err(AlicloudError::new(
            "SignatureDoesNotMatch",
            format!(
                "Specified signature is not matched with our calculation. server string to sign is:{}",
                proof.to_sign
            ),
        ));
    }
    if !nonces.is_new(&proof.access_key_id, &proof.nonce, now) {
        return Err(AlicloudError::new("SignatureNonceUsed", "Specified signature nonce was used already."));
    }
    Ok(signer)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]

    use serde_json::Value;

    use super::*;

    /// Signatures that the official client makes, and those printed in the public documents on signing.
    const VECTORS: &str = include_str!("vectors.json");

    fn request(vector: &Value) -> Request {
        let text = |name: &str| vector[name].as_str().unwrap_or_default().to_owned();
        let mut headers = ::http::HeaderMap::new();
        for (name, value) in vector["headers"].as_object().into_iter().flatten() {
            let name: ::http::HeaderName = name.parse().unwrap();
            headers.append(name, ::http::HeaderValue::from_str(value.as_str().unwrap()).unwrap());
        }
        Request {
            method: text("method").parse().unwrap(),
            target: format!("/?{}", text("query")),
            path: "/".to_owned(),
            query: text("query"),
            headers,
            body: text("body").into(),
        }
    }

    #[test]
    fn every_vector_is_proved_by_its_secret_and_by_no_other() {
        let vectors: Vec<Value> = serde_json::from_str(VECTORS).unwrap();
        assert_eq!(vectors.len(), 8);
        for vector in &vectors {
            let request = request(vector);
            let proof = Proof::of(&request, &Params::of(&request)).unwrap();
            assert!(proof.is_right(vector["secret"].as_str().unwrap()), "{}", vector["name"]);
            assert!(!proof.is_right("another"), "{}", vector["name"]);
        }
    }

    #[test]
    fn a_request_changed_on_its_way_proves_nothing() {
        let vectors: Vec<Value> = serde_json::from_str(VECTORS).unwrap();
        for vector in &vectors {
            let mut request = request(vector);
            request.query = format!("{}&EndpointId=another", request.query);
            let proof = Proof::of(&request, &Params::of(&request)).unwrap();
            assert!(!proof.is_right(vector["secret"].as_str().unwrap()), "{}", vector["name"]);
        }
    }

    #[test]
    fn a_nonce_is_new_once_for_each_key() {
        let mut nonces = Nonces::default();
        let now = Timestamp::from_millis(0);
        assert!(nonces.is_new("one", "n", now));
        assert!(!nonces.is_new("one", "n", now));
        assert!(nonces.is_new("two", "n", now));
        assert!(nonces.is_new("one", "n", now.plus_seconds(1801)));
    }
}
