//! Signature V1, HMAC-SHA1: what proves the sender is among the parameters (Alibaba Cloud OpenAPI, "Sign API requests",
//! signature version 1.0). Older clients use it, and the official ones for AssumeRole.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha1::Sha1;

use super::{Proof, Scheme, encode, hmac, incomplete};
use crate::doors::alicloud::params::Params;
use crate::http::Request;
use crate::world::AlicloudError;

/// Reads the proof out of query and form together.
pub(super) fn proof(request: &Request, params: &Params) -> Result<Proof, AlicloudError> {
    let field = |name: &str| {
        params.owned(name).ok_or_else(|| {
            incomplete(format!("The request has neither an Authorization header nor the parameter {name}."))
        })
    };
    let signature = field("Signature")?;
    let access_key_id = field("AccessKeyId")?;
    for (name, known) in [("SignatureMethod", "HMAC-SHA1"), ("SignatureVersion", "1.0")] {
        let found = field(name)?;
        if found != known {
            return Err(AlicloudError::invalid(name, format!("'{found}' is not served, only {known}")));
        }
    }
    // The names are in bytewise order already.
    let pairs: Vec<String> = params
        .all()
        .filter(|(name, _)| *name != "Signature")
        .map(|(name, value)| format!("{}={}", encode(name), encode(value)))
        .collect();
    Ok(Proof {
        scheme: Scheme::V1,
        access_key_id,
        security_token: params.owned("SecurityToken"),
        date: field("Timestamp")?,
        nonce: field("SignatureNonce")?,
        to_sign: format!("{}&%2F&{}", request.method, encode(&pairs.join("&"))),
        signature,
    })
}

pub(super) fn signature(secret: &str, to_sign: &str) -> String {
    STANDARD.encode(hmac::<Sha1>(format!("{secret}&").as_bytes(), to_sign))
}
