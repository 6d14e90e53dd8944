//! The signature ACS3-HMAC-SHA256 as a pure function: a request and a key in, the `Authorization` header out. Source:
//! Alibaba Cloud, "V3 request syntax and signature method".

use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::{Digest as _, Sha256};

use crate::secret::Secret;

/// The name of the signature, at the head of the header and of what is signed.
const ALGORITHM: &str = "ACS3-HMAC-SHA256";

/// What of a request is signed.
#[derive(Clone, Copy, Debug)]
pub(super) struct Message<'a> {
    pub(super) method: &'a str,
    pub(super) path: &'a str,
    /// Exactly as it is sent, so sorted and encoded by [`super::encode::Params::encoded`].
    pub(super) query: &'a str,
    /// The headers to sign: `host` (with a port that is not the scheme's own), `content-type` with a body, and every
    /// `x-acs-*`.
    pub(super) headers: &'a [(&'a str, String)],
    pub(super) body: &'a [u8],
}

impl Message<'_> {
    /// The value of the `Authorization` header.
    pub(super) fn authorization(&self, access_key: &str, secret_key: &Secret) -> String {
        let (_, names) = self.canonical_headers();
        let signature = self.signature(secret_key);
        format!("{ALGORITHM} Credential={access_key},SignedHeaders={names},Signature={signature}")
    }

    fn signature(&self, secret_key: &Secret) -> String {
        let to_sign = format!("{ALGORITHM}\n{}", hash(self.canonical().as_bytes()));
        // The secret is the key as it is: nothing is derived from it, and HMAC takes keys of any length.
        match Hmac::<Sha256>::new_from_slice(secret_key.expose().as_bytes()) {
            Ok(mac) => hex::encode(mac.chain_update(to_sign).finalize().into_bytes()),
            Err(_) => String::new(),
        }
    }

    /// The canonical request.
    fn canonical(&self) -> String {
        let (headers, names) = self.canonical_headers();
        let Self { method, path, query, body, .. } = self;
        format!("{method}\n{path}\n{query}\n{headers}\n{names}\n{}", hash(body))
    }

    /// The headers' lines, and their names.
    fn canonical_headers(&self) -> (String, String) {
        let mut headers: Vec<_> =
            self.headers.iter().map(|(name, value)| (name.to_ascii_lowercase(), value.trim())).collect();
        headers.sort();
        let lines = headers.iter().map(|(name, value)| format!("{name}:{value}\n")).collect();
        let names: Vec<_> = headers.into_iter().map(|(name, _)| name).collect();
        (lines, names.join(";"))
    }
}

/// SHA-256 in lower-case hexadecimal digits: what `x-acs-content-sha256` holds of a body.
pub(super) fn hash(bytes: &[u8]) -> String {
    hex::encode(Sha256::digest(bytes))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use serde::Deserialize;

    use super::*;
    use crate::clouds::alicloud::encode::Params;

    /// A request signed by other implementations: nine by Alibaba Cloud's own client, one printed in its documentation.
    #[derive(Deserialize)]
    struct Vector {
        name: String,
        access_key: String,
        secret_key: String,
        method: String,
        path: String,
        parameters: BTreeMap<String, String>,
        headers: BTreeMap<String, String>,
        body: String,
        query: String,
        signed_headers: String,
        canonical_request: String,
        signature: String,
        authorization: String,
    }

    fn vectors() -> Vec<Vector> {
        serde_json::from_str(include_str!("acs3_vectors.json")).expect("readable vectors")
    }

    #[test]
    fn requests_are_signed_as_other_implementations_sign_them() {
        let vectors = vectors();
        assert_eq!(vectors.len(), 14);
        for vector in vectors {
            let params = vector.parameters.into_iter();
            let query =
                params.fold(Params::new(), |params, (name, value)| params.with(name, value)).encoded();
            assert_eq!(query, vector.query, "{}", vector.name);
            let headers: Vec<_> =
                vector.headers.iter().map(|(name, value)| (name.as_str(), value.clone())).collect();
            let message = Message {
                method: &vector.method,
                path: &vector.path,
                query: &query,
                headers: &headers,
                body: vector.body.as_bytes(),
            };
            let secret = Secret::new(vector.secret_key);
            assert_eq!(message.canonical(), vector.canonical_request, "{}", vector.name);
            assert_eq!(message.canonical_headers().1, vector.signed_headers, "{}", vector.name);
            assert_eq!(message.signature(&secret), vector.signature, "{}", vector.name);
            let authorization = message.authorization(&vector.access_key, &secret);
            assert_eq!(authorization, vector.authorization, "{}", vector.name);
        }
    }

    #[test]
    fn the_hash_of_nothing_is_the_documented_one() {
        assert_eq!(hash(b""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    }
}
