//! One attempt of one action: its parameters are written down, signed and sent, and the answer is told from a refusal.
//! Whether there is another attempt is the business of [`super::call`].

use std::sync::Arc;
use std::time::Duration;

use http::header::HeaderValue;
use serde_json::Value;
use time::OffsetDateTime;
use time::macros::format_description;
use url::{Position, Url};

use super::config::AlicloudConfig;
use super::encode::Params;
use super::errors;
use super::http::{Http, Request, Way};
use super::keys::Keys;
use super::products::Action;
use super::sign::{Message, hash};
use crate::error::{ApiError, Cause, ErrorKind};
use crate::ids::Region;
use crate::json::{Misfit, Node, shorten};
use crate::random::Random;
use crate::retry::Effect;
use crate::web::{Lost, Reply, Stage, authority};

/// A form as a body.
const FORM: &str = "application/x-www-form-urlencoded";

/// The actions of every product, over one set of connections.
#[derive(Debug)]
pub(super) struct Rpc {
    pub(super) config: Arc<AlicloudConfig>,
    pub(super) http: Http,
    /// Nonces must not repeat, so no seed ever rules them.
    nonces: Random,
}

/// A successful answer.
#[derive(Debug)]
pub(super) struct Answer {
    value: Value,
    action: Action,
    status: u16,
    request_id: Option<String>,
}

impl Answer {
    /// The typed content.
    ///
    /// # Errors
    /// [`ErrorKind::Malformed`] naming the field that is missing or of the wrong kind.
    pub(super) fn decode<T>(
        &self,
        decode: impl FnOnce(Node<'_>) -> Result<T, Misfit>,
    ) -> Result<T, ApiError> {
        decode(Node::root(&self.value)).map_err(|misfit| {
            let misfit = if self.action.product.gives_secrets() { misfit.discreet() } else { misfit };
            self.malformed(misfit.to_string())
        })
    }

    /// An error about the content.
    pub(super) fn malformed(&self, message: impl Into<String>) -> ApiError {
        let service = self.action.product.service();
        let mut error = ApiError::new(service, self.action.name, ErrorKind::Malformed, message);
        error.status = Some(self.status);
        error.request_id = self.request_id.clone();
        error.outcome_unknown = self.action.effect == Effect::Write;
        error
    }
}

impl Rpc {
    /// Connects and reads nothing yet.
    pub(super) fn new(config: Arc<AlicloudConfig>) -> Self {
        let http = Http::new(&config.user_agent, config.endpoint.as_ref());
        Self { config, http, nonces: Random::from_os() }
    }

    /// Whether the product's host in `region` has ever answered.
    pub(super) fn knows(&self, action: Action, region: &Region) -> bool {
        self.base(action, region).is_ok_and(|base| self.http.knows(&base))
    }

    /// Sends an action once, signed with `keys` or, without them, not at all.
    ///
    /// # Errors
    /// What the product answered, or that it did not. `outcome_unknown` is set for a write that may have taken effect.
    pub(super) async fn attempt(
        &self,
        action: Action,
        region: &Region,
        params: &Params,
        keys: Option<&Keys>,
    ) -> Result<Answer, ApiError> {
        let request = self.request(action, region, params, keys)?;
        let reply = self.http.exchange(request).await.map_err(|lost| unanswered(action, lost))?;
        let answer = self.read(action, region, &reply);
        tracing::debug!(
            service = %action.product.service(),
            operation = action.name,
            region = region.as_str(),
            status = reply.status.as_u16(),
            code = answer.as_ref().err().and_then(|error| error.code.as_deref()),
            "answered"
        );
        answer.map_err(|error| match keys {
            Some(keys) => about_keys(error, keys),
            None => error,
        })
    }

    fn base(&self, action: Action, region: &Region) -> Result<Url, url::ParseError> {
        match &self.config.endpoint {
            Some(endpoint) => Ok(endpoint.clone()),
            None => Url::parse(&format!("https://{}/", action.product.host(region))),
        }
    }

    fn request(
        &self,
        action: Action,
        region: &Region,
        params: &Params,
        keys: Option<&Keys>,
    ) -> Result<Request<'static>, ApiError> {
        let unusable = |what: &str| {
            let message = format!("the request cannot be written down: {what}");
            ApiError::new(action.product.service(), action.name, ErrorKind::Invalid, message)
        };
        let base = self.base(action, region).map_err(|_| unusable("the region makes no host name"))?;
        let (date, nonce) = (date(self.config.machine.now()), self.nonces.token());
        let (in_query, in_body) =
            if action.form { (Params::new(), params.clone()) } else { (params.clone(), Params::new()) };
        let in_query = if keys.is_some() { in_query } else { unsigned(in_query, action, &date, &nonce) };
        let (query, body) = (in_query.encoded(), in_body.encoded());
        let mut headers = vec![
            ("x-acs-action", action.name.to_owned()),
            ("x-acs-version", action.product.version().to_owned()),
            ("x-acs-date", date),
            ("x-acs-signature-nonce", nonce),
            ("x-acs-content-sha256", hash(body.as_bytes())),
        ];
        if !body.is_empty() {
            headers.push(("content-type", FORM.to_owned()));
        }
        if let Some(token) = keys.and_then(|keys| keys.security_token.as_ref()) {
            headers.push(("x-acs-security-token", token.expose().to_owned()));
        }
        let mut url = base[..Position::AfterPath].to_owned();
        if !query.is_empty() {
            url.push('?');
            url.push_str(&query);
        }
        let url = Url::parse(&url).map_err(|_| unusable("the address is no URL"))?;
        let authorization = keys.map(|keys| {
            let mut signed = headers.clone();
            signed.push(("host", authority(&url).to_owned()));
            let message = Message {
                method: "POST",
                path: url.path(),
                query: &query,
                headers: &signed,
                body: body.as_bytes(),
            };
            message.authorization(&keys.access_key, &keys.secret_key)
        });
        headers.push(("accept", "application/json".to_owned()));
        headers.extend(authorization.map(|authorization| ("authorization", authorization)));
        let headers = headers.into_iter().map(|(name, value)| {
            let mut value = HeaderValue::from_str(&value)
                .map_err(|_| unusable(&format!("the header {name} has characters that none may have")))?;
            value.set_sensitive(matches!(name, "authorization" | "x-acs-security-token"));
            Ok((name, value))
        });
        let headers = headers.collect::<Result<_, ApiError>>()?;
        Ok(Request { way: Way::Out, method: http::Method::POST, url, headers, body })
    }

    pub(super) fn read(&self, action: Action, region: &Region, reply: &Reply) -> Result<Answer, ApiError> {
        let value: Option<Value> = serde_json::from_slice(&reply.body).ok();
        let field = |names: [&str; 2]| {
            let fields = value.as_ref()?.as_object()?;
            names.iter().find_map(|name| fields.get(*name)?.as_str()).filter(|text| !text.is_empty())
        };
        let request_id = field(["RequestId", "requestId"]).or_else(|| reply.header("x-acs-request-id"));
        let request_id = request_id.map(str::to_owned);
        if reply.status.is_success() {
            let answer = Answer { value: Value::Null, action, status: reply.status.as_u16(), request_id };
            return match value {
                Some(value) => Ok(Answer { value, ..answer }),
                None if action.product.gives_secrets() => {
                    Err(answer
                        .malformed("the answer, which is not shown because of the keys in it, is not JSON"))
                }
                None => {
                    let text = String::from_utf8_lossy(&reply.body);
                    Err(answer.malformed(format!("the answer is not JSON: {:?}", shorten(text.trim()))))
                }
            };
        }
        let (code, message) = (field(["Code", "code"]), field(["Message", "message"]));
        let mut error =
            errors::answered(action, region, reply.status.as_u16(), code, message.map(without_canon));
        error.request_id = request_id;
        error.retry_after = reply
            .header("x-acs-retry-after")
            .and_then(|millis| millis.trim().parse().ok())
            .filter(|millis| *millis > 0)
            // A day is longer than any operation; more would only overflow somewhere.
            .map(|millis: u64| Duration::from_millis(millis.min(86_400_000)));
        error.outcome_unknown = action.effect == Effect::Write && error.kind == ErrorKind::Unavailable;
        Err(error)
    }
}

/// What stands in the query of a request that nobody signs, as in the older style of the RPC services.
fn unsigned(params: Params, action: Action, date: &str, nonce: &str) -> Params {
    params
        .with("Action", action.name)
        .with("Version", action.product.version())
        .with("Format", "JSON")
        .with("Timestamp", date)
        .with("SignatureNonce", nonce)
}

/// `2026-01-31T23:59:59Z`.
fn date(now: OffsetDateTime) -> String {
    let format = format_description!("[year]-[month]-[day]T[hour]:[minute]:[second]Z");
    // Only a component that a date lacks could fail, and this one has them all.
    now.format(format).unwrap_or_default()
}

fn unanswered(action: Action, lost: Lost) -> ApiError {
    let (kind, status) = match lost.stage {
        Stage::TooLong(status) => (ErrorKind::Malformed, Some(status.as_u16())),
        Stage::BeforeSending | Stage::AfterSending => (ErrorKind::Transport, None),
    };
    let outcome_unknown = action.effect == Effect::Write && lost.maybe_received();
    ApiError {
        outcome_unknown,
        status,
        ..ApiError::new(action.product.service(), action.name, kind, lost.story)
    }
}

/// A refused signature is explained with the whole request, token included; what comes before says enough.
fn without_canon(message: &str) -> &str {
    let end = message.to_ascii_lowercase().find("server string to sign").unwrap_or(message.len());
    message.get(..end).unwrap_or(message).trim_end_matches([' ', ',', ';'])
}

/// What is to be said about the keys in an error of a request that they signed.
fn about_keys(mut error: ApiError, keys: &Keys) -> ApiError {
    error.message = keys.redact(error.message);
    if error.kind == ErrorKind::Unauthenticated {
        error.message.push_str(&format!(" (the credentials were found in {})", keys.source));
    }
    if error.cause == Some(Cause::ExpiredCredentials) && keys.cannot_be_renewed() {
        error.message.push_str(
            ": they are a session's, given with its token, which the provider cannot renew; get new ones where these \
             came from",
        );
    }
    error
}

#[cfg(test)]
mod tests {
    use time::macros::datetime;

    use super::*;
    use crate::clouds::alicloud::config::StaticKeys;
    use crate::clouds::alicloud::products::Product;
    use crate::secret::Secret;

    const LIST: Action = Action::read(Product::PrivateLink, "ListVpcEndpoints");

    fn rpc(endpoint: Option<&str>) -> Rpc {
        let endpoint = endpoint.map(|endpoint| endpoint.parse().expect("a URL"));
        Rpc::new(Arc::new(AlicloudConfig { endpoint, ..AlicloudConfig::default() }))
    }

    fn keys() -> Keys {
        let keys = StaticKeys {
            access_key: "LTAI".into(),
            secret_key: Secret::new("hunter2"),
            security_token: Some(Secret::new("token-1")),
        };
        Keys::written(keys, "the provider block")
    }

    fn sent(rpc: &Rpc, action: Action, keys: Option<&Keys>) -> Request<'static> {
        let params = Params::new().with("RegionId", "ap-southeast-1").with("EndpointName", "a b*~端");
        rpc.request(action, &Region::new("ap-southeast-1"), &params, keys).expect("a request")
    }

    fn header(request: &Request<'_>, name: &str) -> Option<String> {
        let found = request.headers.iter().find(|(found, _)| *found == name)?;
        found.1.to_str().ok().map(str::to_owned)
    }

    #[test]
    fn what_is_sent_is_what_was_signed() {
        let request = sent(&rpc(None), LIST, Some(&keys()));
        assert_eq!(
            request.url.as_str(),
            "https://privatelink.ap-southeast-1.aliyuncs.com/?EndpointName=a%20b%2A~%E7%AB%AF&RegionId=ap-southeast-1"
        );
        assert_eq!(request.body, "");
        assert_eq!(header(&request, "x-acs-version").as_deref(), Some("2020-04-15"));
        assert_eq!(header(&request, "content-type"), None);
        assert!(header(&request, "authorization").is_some_and(|value| value.contains(
            "SignedHeaders=host;x-acs-action;x-acs-content-sha256;x-acs-date;x-acs-security-token;\
             x-acs-signature-nonce;x-acs-version,"
        )));
        assert!(!format!("{request:?}").contains("token-1"));
    }

    #[test]
    fn tags_go_in_the_body_and_leave_the_query_empty() {
        let tag = Action::write(Product::PrivateLink, "TagResources").in_body();
        let request = sent(&rpc(Some("http://127.0.0.1:4010")), tag, Some(&keys()));
        assert_eq!(request.url.as_str(), "http://127.0.0.1:4010/");
        assert_eq!(request.body, "EndpointName=a%20b%2A~%E7%AB%AF&RegionId=ap-southeast-1");
        assert_eq!(header(&request, "content-type").as_deref(), Some(FORM));
    }

    #[test]
    fn every_request_has_its_own_nonce() {
        let rpc = rpc(None);
        let nonce = || header(&sent(&rpc, LIST, Some(&keys())), "x-acs-signature-nonce");
        assert_ne!(nonce(), nonce());
    }

    #[test]
    fn an_unsigned_request_says_in_the_query_what_it_is() {
        let action = Action::write(Product::Sts, "AssumeRoleWithOIDC").in_body();
        let request = sent(&rpc(None), action, None);
        assert!(
            request
                .url
                .as_str()
                .starts_with("https://sts.aliyuncs.com/?Action=AssumeRoleWithOIDC&Format=JSON&")
        );
        assert_eq!(header(&request, "authorization"), None);
    }

    #[test]
    fn dates_are_written_to_the_second() {
        assert_eq!(date(datetime!(2024-01-02 03:04:05.678 UTC)), "2024-01-02T03:04:05Z");
    }

    #[test]
    fn a_key_that_cannot_stand_in_a_header_is_an_error() {
        let keys = Keys { access_key: "LTAI\n".into(), ..keys() };
        let refused = rpc(None).request(LIST, &Region::new("r"), &Params::new(), Some(&keys));
        assert_eq!(refused.expect_err("unusable").kind, ErrorKind::Invalid);
    }

    fn refused(status: u16, body: &str, action: Action) -> ApiError {
        let mut headers = http::HeaderMap::new();
        headers.insert("x-acs-retry-after", HeaderValue::from_static("1500"));
        let status = http::StatusCode::from_u16(status).unwrap();
        let reply = Reply { status, headers, body: body.as_bytes().to_vec() };
        let error = rpc(None).read(action, &Region::new("ap-southeast-1"), &reply).expect_err("refused");
        about_keys(error, &keys())
    }

    #[test]
    fn a_refusal_is_read_with_its_request_id_and_the_pause_it_asks_for() {
        let body = r#"{"RequestId":"R-1","Code":"Throttling.User","Message":"too fast"}"#;
        let error = refused(400, body, LIST);
        assert_eq!((error.kind, error.status), (ErrorKind::Throttled, Some(400)));
        assert_eq!(error.request_id.as_deref(), Some("R-1"));
        assert_eq!(error.retry_after, Some(Duration::from_millis(1500)));
        assert_eq!(error.message, "too fast");
    }

    #[test]
    fn a_refused_signature_shows_neither_the_request_nor_the_secrets() {
        let body = r#"{"Code":"SignatureDoesNotMatch",
            "Message":"Not matched, hunter2. Server string to sign is: x-acs-security-token:token-1"}"#;
        let error = refused(400, body, LIST);
        assert_eq!(
            error.message,
            "Not matched, [redacted]. (the credentials were found in the provider block)"
        );
    }

    #[test]
    fn an_expired_token_that_was_given_cannot_be_renewed_and_says_so() {
        let body = r#"{"Code":"InvalidSecurityToken.Expired","Message":"The token has expired."}"#;
        let error = refused(400, body, LIST);
        assert_eq!(error.cause, Some(Cause::ExpiredCredentials));
        assert!(error.message.contains("cannot renew"), "{}", error.message);
        assert!(error.message.contains("provider block"), "{}", error.message);
    }

    #[test]
    fn an_outage_leaves_the_outcome_of_a_write_open() {
        let create = Action::write(Product::PrivateLink, "CreateVpcEndpoint");
        assert!(refused(502, "<html>", create).outcome_unknown);
        assert!(!refused(502, "<html>", LIST).outcome_unknown);
        assert!(!refused(400, r#"{"Code":"Throttling"}"#, create).outcome_unknown);
        assert!(refused(200, "<html>", create).outcome_unknown);
        assert_eq!(refused(200, "<html>", create).kind, ErrorKind::Malformed);
    }
}
