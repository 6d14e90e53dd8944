//! Signature V3, ACS3-HMAC-SHA256: everything that proves the sender is in headers (Alibaba Cloud OpenAPI, "Request
//! syntax and signature method V3"). Which headers are signed is the request's own list: official clients sign more than
//! the document asks for.

use sha2::{Digest as _, Sha256};

use super::{Proof, Scheme, encode, hmac, incomplete};
use crate::http::{Request, form_pairs};
use crate::world::AlicloudError;

/// Headers without which nothing is proved.
const REQUIRED: [&str; 6] =
    ["host", "x-acs-action", "x-acs-content-sha256", "x-acs-date", "x-acs-signature-nonce", "x-acs-version"];

const TOKEN: &str = "x-acs-security-token";

/// Reads the proof out of an `Authorization` header and those that it names.
pub(super) fn proof(request: &Request, authorization: &str) -> Result<Proof, AlicloudError> {
    let fields = authorization
        .strip_prefix("ACS3-HMAC-SHA256")
        .map(str::trim_start)
        .ok_or_else(|| incomplete("The Authorization header is not an ACS3-HMAC-SHA256 signature."))?;
    let field = |name: &str| {
        fields
            .split(',')
            .find_map(|field| {
                let (found, value) = field.trim().split_once('=')?;
                (found == name && !value.is_empty()).then_some(value)
            })
            .ok_or_else(|| incomplete(format!("The Authorization header has no {name}.")))
    };
    let (access_key_id, signed_headers) = (field("Credential")?, field("SignedHeaders")?);
    let signature = field("Signature")?;
    let signed: Vec<&str> = signed_headers.split(';').collect();
    let sends_token = request.headers.contains_key(TOKEN);
    for name in REQUIRED.into_iter().chain(sends_token.then_some(TOKEN)) {
        if request.header(name).is_none() || !signed.contains(&name) {
            return Err(incomplete(format!("The header {name} must be sent and signed.")));
        }
    }
    let header = |name: &str| request.header(name).unwrap_or_default().trim().to_owned();
    // The hash of the body that was received: one in a header proves nothing.
    let payload = hex::encode(Sha256::digest(&request.body));
    if header("x-acs-content-sha256") != payload {
        return Err(AlicloudError::new(
            "SignatureDoesNotMatch",
            "Specified x-acs-content-sha256 is not the hash of the body.",
        ));
    }
    let canonical = canonical_request(request, &signed, signed_headers, &payload);
    Ok(Proof {
        scheme: Scheme::V3,
        access_key_id: access_key_id.to_owned(),
        security_token: sends_token.then(|| header(TOKEN)),
        date: header("x-acs-date"),
        nonce: header("x-acs-signature-nonce"),
        to_sign: format!("ACS3-HMAC-SHA256\n{}", hex::encode(Sha256::digest(canonical))),
        signature: signature.to_owned(),
    })
}

fn canonical_request(request: &Request, signed: &[&str], signed_headers: &str, payload: &str) -> String {
    // Sorted by the raw name, before it is encoded.
    let mut query = form_pairs(&request.query);
    query.sort();
    let query: Vec<String> =
        query.iter().map(|(name, value)| format!("{}={}", encode(name), encode(value))).collect();
    let headers: String = signed
        .iter()
        .map(|name| {
            let values: Vec<String> = request
                .headers
                .get_all(*name)
                .iter()
                .map(|value| String::from_utf8_lossy(value.as_bytes()).trim().to_owned())
                .collect();
            format!("{name}:{}\n", values.join(","))
        })
        .collect();
    format!(
        "{}\n{}\n{}\n{headers}\n{signed_headers}\n{payload}",
        request.method,
        request.path,
        query.join("&")
    )
}

/// The secret is the key as it is: nothing is derived from it.
pub(super) fn signature(secret: &str, to_sign: &str) -> String {
    hex::encode(hmac::<Sha256>(secret.as_bytes(), to_sign))
}
