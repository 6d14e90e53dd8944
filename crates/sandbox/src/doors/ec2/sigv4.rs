//! Checks AWS Signature Version 4 in the `Authorization` header ("Signature Version 4 signing process", AWS General
//! Reference): the credential scope names region and service, and the signature proves the secret. Age is judged by the
//! real clock, because clients sign with it.

use ::http::StatusCode;
use hmac::{Hmac, KeyInit as _, Mac as _};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use sha2::{Digest as _, Sha256};
use time::PrimitiveDateTime;
use time::macros::format_description;

use super::Service;
use crate::clock::Timestamp;
use crate::http::{Request, form_pairs};
use crate::world::{AccessKey, RoleSession, World};

/// How far a request's time may be from ours, in seconds.
const MAX_SKEW_SECONDS: f64 = 300.0;

/// Everything but RFC 3986's unreserved characters is encoded.
const ENCODED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');

/// A refusal for bad credentials.
#[derive(Debug)]
pub(super) struct Unproved {
    pub(super) status: StatusCode,
    pub(super) code: &'static str,
    pub(super) message: String,
}

impl Unproved {
    fn new(status: StatusCode, code: &'static str, message: &str) -> Self {
        Self { status, code, message: message.to_owned() }
    }

    fn incomplete(message: &str) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "IncompleteSignature", message)
    }
}

/// The parts of an `Authorization` header.
#[derive(Debug, PartialEq)]
pub(super) struct Credential<'header> {
    pub(super) access_key_id: &'header str,
    date: &'header str,
    pub(super) region: &'header str,
    pub(super) service: Service,
    service_name: &'header str,
    signed_headers: &'header str,
    signature: &'header str,
}

impl<'header> Credential<'header> {
    pub(super) fn parse(header: &'header str) -> Option<Self> {
        let fields = header.strip_prefix("AWS4-HMAC-SHA256")?;
        let field = |name: &str| {
            fields.split(',').find_map(|field| {
                let (found, value) = field.trim().split_once('=')?;
                (found == name).then_some(value)
            })
        };
        let scope: Vec<&str> = field("Credential")?.split('/').collect();
        let [access_key_id, date, region, service_name, "aws4_request"] = scope.as_slice() else {
            return None;
        };
        Some(Self {
            access_key_id,
            date,
            region,
            service: match *service_name {
                "ec2" => Service::Ec2,
                "sts" => Service::Sts,
                _ => return None,
            },
            service_name,
            signed_headers: field("SignedHeaders")?,
            signature: field("Signature")?,
        })
    }
}

/// The key that signed.
#[derive(Clone, Debug)]
pub(super) enum Signer {
    User(AccessKey),
    Session(RoleSession),
}

/// Checks a request's signature and age.
pub(super) fn check(
    request: &Request,
    credential: &Credential<'_>,
    world: &World,
) -> Result<Signer, Unproved> {
    let (signer, secret) = find(request, credential, world)?;
    let date = request.header("x-amz-date").ok_or_else(|| {
        Unproved::incomplete("Authorization header requires existence of an 'X-Amz-Date' header.")
    })?;
    let moment = parse_date(date)
        .ok_or_else(|| Unproved::incomplete("X-Amz-Date must be in the form yyyyMMdd'T'HHmmss'Z'."))?;
    let skew = Timestamp::real_now().seconds_since(moment).abs();
    if skew > MAX_SKEW_SECONDS {
        return Err(Unproved::new(StatusCode::BAD_REQUEST, "RequestExpired", "Request has expired."));
    }
    let canonical = canonical_request(request, credential.signed_headers);
    let expected = signature(&secret, credential, date, &canonical);
    if expected != credential.signature || !date.starts_with(credential.date) {
        return Err(Unproved::new(
            StatusCode::FORBIDDEN,
            "SignatureDoesNotMatch",
            "The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method. Consult the service documentation for details.",
        ));
    }
    Ok(signer)
}

fn find(request: &Request, credential: &Credential<'_>, world: &World) -> Result<(Signer, String), Unproved> {
    let aws = &world.aws;
    let id = credential.access_key_id;
    let token = request.header("x-amz-security-token");
    if let Some(key) = aws.access_keys.iter().find(|key| key.access_key_id == id) {
        return Ok((Signer::User(key.clone()), key.secret_access_key.clone()));
    }
    let session = aws
        .sessions
        .iter()
        .find(|session| session.access_key_id == id && token == Some(session.session_token.as_str()));
    match session {
        Some(session) if session.expires <= Timestamp::real_now() => {
            Err(Unproved::new(StatusCode::BAD_REQUEST, "RequestExpired", "Request has expired."))
        }
        Some(session) => Ok((Signer::Session(session.clone()), session.secret_access_key.clone())),
        None => Err(match credential.service {
            Service::Ec2 => Unproved::new(
                StatusCode::UNAUTHORIZED,
                "AuthFailure",
                "AWS was not able to validate the provided access credentials",
            ),
            Service::Sts => Unproved::new(
                StatusCode::FORBIDDEN,
                "InvalidClientTokenId",
                "The security token included in the request is invalid.",
            ),
        }),
    }
}

fn parse_date(text: &str) -> Option<Timestamp> {
    let format = format_description!("[year][month][day]T[hour][minute][second]Z");
    let moment = PrimitiveDateTime::parse(text, &format).ok()?.assume_utc();
    Some(Timestamp::from_millis(moment.unix_timestamp().saturating_mul(1000)))
}

fn canonical_request(request: &Request, signed_headers: &str) -> String {
    let mut query: Vec<String> = form_pairs(&request.query)
        .iter()
        .map(|(name, value)| {
            format!("{}={}", utf8_percent_encode(name, ENCODED), utf8_percent_encode(value, ENCODED))
        })
        .collect();
    query.sort();
    let headers: String = signed_headers
        .split(';')
        .map(|name| {
            let values: Vec<String> = request
                .headers
                .get_all(name)
                .iter()
                .map(|value| {
                    let text = String::from_utf8_lossy(value.as_bytes());
                    text.split_whitespace().collect::<Vec<_>>().join(" ")
                })
                .collect();
            format!("{name}:{}\n", values.join(","))
        })
        .collect();
    // The hash of the body that was received: one in a header proves nothing.
    let payload = hex::encode(Sha256::digest(&request.body));
    format!(
        "{}\n{}\n{}\n{headers}\n{signed_headers}\n{payload}",
        request.method,
        request.path,
        query.join("&")
    )
}

fn signature(secret: &str, credential: &Credential<'_>, date: &str, canonical: &str) -> String {
    let scope = format!("{}/{}/{}/aws4_request", credential.date, credential.region, credential.service_name);
    let to_sign = format!("AWS4-HMAC-SHA256\n{date}\n{scope}\n{}", hex::encode(Sha256::digest(canonical)));
    let mut key = format!("AWS4{secret}").into_bytes();
    for part in
        [credential.date, credential.region, credential.service_name, "aws4_request", to_sign.as_str()]
    {
        key = hmac_sha256(&key, part.as_bytes());
    }
    hex::encode(key)
}

fn hmac_sha256(key: &[u8], message: &[u8]) -> Vec<u8> {
    // HMAC takes keys of any length, so this cannot be an error.
    Hmac::<Sha256>::new_from_slice(key)
        .map(|mut mac| {
            mac.update(message);
            mac.finalize().into_bytes().to_vec()
        })
        .unwrap_or_default()
}
