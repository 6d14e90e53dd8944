//! What an unsuccessful answer means. The APIs answer `{code, message, details}` with a gRPC status or a code of their
//! own (`googlerpcStatus`; the legacy API the same), but gateways and proxies on the way answer what they like.

use std::time::Duration;

use http::StatusCode;
use serde_json::Value;

use super::request::Request;
use crate::error::{ApiError, Cause, ErrorKind};
use crate::web::Reply;

/// The id that TiDB Cloud's support finds the call by.
pub(super) fn request_id(reply: &Reply) -> Option<String> {
    reply.header("x-debug-trace-id").map(str::to_owned)
}

/// How long the service asks to wait: `Retry-After` in seconds, and for a refusal the reset of the budget.
fn retry_after(reply: &Reply) -> Option<Duration> {
    let seconds = |name| reply.header(name)?.parse::<u64>().ok();
    let reset = || seconds("x-ratelimit-reset").filter(|_| reply.status == StatusCode::TOO_MANY_REQUESTS);
    // A day is longer than any operation; more would only overflow somewhere.
    seconds("retry-after").or_else(reset).map(|seconds| Duration::from_secs(seconds.clamp(1, 86_400)))
}

/// The API's own codes (TiDB Cloud API documentation, error examples) and the gRPC codes that matter here.
mod code {
    pub(super) const KEY_UNKNOWN: i64 = 49_900_001;
    pub(super) const KEY_INVALID: i64 = 49_900_002;
    pub(super) const TOO_MANY_REQUESTS: i64 = 49_900_007;
    pub(super) const NOT_FOUND: i64 = 5;
    pub(super) const ALREADY_EXISTS: i64 = 6;
    pub(super) const RESOURCE_EXHAUSTED: i64 = 8;
    pub(super) const FAILED_PRECONDITION: i64 = 9;
    pub(super) const ABORTED: i64 = 10;
    pub(super) const PERMISSION_DENIED: i64 = 7;
    pub(super) const UNAUTHENTICATED: i64 = 16;
}

/// The error that an answer other than 2xx stands for.
pub(super) fn of(request: &Request, reply: &Reply) -> ApiError {
    let status = reply.status;
    let body = serde_json::from_slice::<Value>(&reply.body).ok();
    let field = |name| body.as_ref().and_then(|body| body.get(name));
    let number = field("code").and_then(|code| match code {
        Value::Number(number) => number.as_i64(),
        Value::String(text) => text.parse().ok(),
        _ => None,
    });
    let (kind, cause) = classify(request, status, number, reply.body.is_empty());
    let words = match field("message").and_then(Value::as_str).filter(|message| !message.is_empty()) {
        Some(message) => message.to_owned(),
        None => without_message(status, &reply.body),
    };
    let message = if status == StatusCode::NOT_FOUND && kind == ErrorKind::Malformed {
        format!("the address itself was not found, so nothing is known about what was asked for: {words}")
    } else {
        words
    };
    ApiError {
        cause,
        status: Some(status.as_u16()),
        code: number.map(|number| number.to_string()),
        request_id: request_id(reply),
        retry_after: retry_after(reply),
        outcome_unknown: kind == ErrorKind::Unavailable && !request.is_repeatable(),
        ..request.error(kind, message)
    }
}

fn classify(
    request: &Request,
    status: StatusCode,
    number: Option<i64>,
    empty: bool,
) -> (ErrorKind, Option<Cause>) {
    // A code of the API says more than the status, unless the server itself is in trouble.
    match number.filter(|_| status.is_client_error()) {
        Some(code::TOO_MANY_REQUESTS) => {
            return (ErrorKind::Throttled, Some(Cause::TooManyRequests));
        }
        Some(code::KEY_UNKNOWN | code::KEY_INVALID) => {
            return (ErrorKind::Unauthenticated, Some(Cause::UnknownKey));
        }
        Some(code::NOT_FOUND) => return (ErrorKind::NotFound, None),
        Some(code::ALREADY_EXISTS) => return (ErrorKind::Conflict, request.conflict),
        Some(code::FAILED_PRECONDITION) => {
            return (ErrorKind::Conflict, Some(Cause::FailedPrecondition));
        }
        Some(code::ABORTED) => return (ErrorKind::Conflict, None),
        Some(code::PERMISSION_DENIED) => return (ErrorKind::Denied, None),
        Some(code::UNAUTHENTICATED) => return (ErrorKind::Unauthenticated, Some(Cause::WrongSecret)),
        Some(code::RESOURCE_EXHAUSTED) if status != StatusCode::TOO_MANY_REQUESTS => {
            return (ErrorKind::Quota, None);
        }
        _ => {}
    }
    match status.as_u16() {
        401 => (ErrorKind::Unauthenticated, Some(Cause::WrongSecret)),
        403 => (ErrorKind::Denied, None),
        // A 404 that is not the API's own comes from a gateway or a wrong base address. Taking it for "does not exist"
        // would drop living endpoints from the state.
        404 if number.is_none() && !empty => (ErrorKind::Malformed, None),
        404 => (ErrorKind::NotFound, None),
        408 => (ErrorKind::Unavailable, None),
        409 => (ErrorKind::Conflict, request.conflict),
        429 => (ErrorKind::Throttled, Some(Cause::TooManyRequests)),
        501 => (ErrorKind::Invalid, None),
        500.. => (ErrorKind::Unavailable, None),
        // Redirects are not followed: a signature is for one address.
        300..=399 => (ErrorKind::Malformed, None),
        _ => (ErrorKind::Invalid, None),
    }
}

/// Our words for an answer that brought none: its status and what can be read in it.
fn without_message(status: StatusCode, body: &[u8]) -> String {
    let reason = status.canonical_reason().unwrap_or("no reason given");
    let said = excerpt(body);
    match said.as_str() {
        "" => format!("HTTP {} ({reason})", status.as_u16()),
        said => format!("HTTP {} ({reason}), saying {said:?}", status.as_u16()),
    }
}

/// The readable beginning of a body, without mark-up.
pub(super) fn excerpt(body: &[u8]) -> String {
    const ENOUGH: usize = 200;
    let text = String::from_utf8_lossy(body);
    let mut in_tag = false;
    let visible: String = text
        .chars()
        .map(|character| {
            match character {
                '<' => in_tag = true,
                '>' => {
                    in_tag = false;
                    return ' ';
                }
                _ => {}
            }
            if in_tag || character.is_control() { ' ' } else { character }
        })
        .collect();
    visible.split_whitespace().collect::<Vec<_>>().join(" ").chars().take(ENOUGH).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tidbcloud::calls;

    fn fail(request: &Request, status: u16, headers: &[(&'static str, &str)], body: &str) -> ApiError {
        let mut map = http::HeaderMap::new();
        for (name, value) in headers {
            map.insert(*name, value.parse().unwrap());
        }
        let status = StatusCode::from_u16(status).unwrap();
        of(request, &Reply { status, headers: map, body: body.as_bytes().to_vec() })
    }

    fn read() -> Request {
        Request::get(calls::DEDICATED_CLUSTER, &["clusters"])
    }

    fn write() -> Request {
        Request::post(calls::REGISTER, &["clusters"], Value::Null).conflict_means(Cause::AlreadyRegistered)
    }

    #[test]
    fn each_documented_failure_has_its_kind_and_cause() {
        use ErrorKind::*;
        for (status, code, kind, cause) in [
            (400, 3, Invalid, None),
            (400, 5, NotFound, None),
            (403, 5, NotFound, None),
            (404, 5, NotFound, None),
            (403, 7, Denied, None),
            (409, 6, Conflict, Some(Cause::AlreadyRegistered)),
            (400, 6, Conflict, Some(Cause::AlreadyRegistered)),
            (409, 2, Conflict, Some(Cause::AlreadyRegistered)),
            (409, 10, Conflict, None),
            (400, 9, Conflict, Some(Cause::FailedPrecondition)),
            (400, 8, Quota, None),
            (429, 8, Throttled, Some(Cause::TooManyRequests)),
            (429, 49_900_007, Throttled, Some(Cause::TooManyRequests)),
            (401, 49_900_001, Unauthenticated, Some(Cause::UnknownKey)),
            (401, 49_900_002, Unauthenticated, Some(Cause::UnknownKey)),
            (401, 16, Unauthenticated, Some(Cause::WrongSecret)),
            (500, 13, Unavailable, None),
            (503, 14, Unavailable, None),
            (500, 5, Unavailable, None),
            (501, 12, Invalid, None),
        ] {
            let body = format!(r#"{{"code": {code}, "message": "words", "details": []}}"#);
            let error = fail(&write(), status, &[("x-debug-trace-id", "trace-1")], &body);
            assert_eq!((error.kind, error.cause), (kind, cause), "{status} {code}");
            assert_eq!((error.status, error.message.as_str()), (Some(status), "words"));
            assert_eq!(error.code, Some(code.to_string()));
            assert_eq!(error.request_id.as_deref(), Some("trace-1"));
        }
    }

    #[test]
    fn legacy_errors_and_codes_as_text_read_the_same() {
        let error =
            fail(&read(), 404, &[], r#"{"code": "5", "message": "no such cluster", "details": ["a", "b"]}"#);
        assert_eq!((error.kind, error.message.as_str()), (ErrorKind::NotFound, "no such cluster"));
    }

    #[test]
    fn a_404_that_is_not_the_apis_own_does_not_mean_gone() {
        for body in
            ["<html><h1>Not Found</h1></html>", r#"{"message":"no Route matched with those values"}"#, "nope"]
        {
            let error = fail(&read(), 404, &[], body);
            assert_eq!(error.kind, ErrorKind::Malformed, "{body}");
            assert!(error.message.contains("the address itself was not found"), "{error}");
        }
        assert_eq!(fail(&read(), 404, &[], "").kind, ErrorKind::NotFound);
    }

    #[test]
    fn a_page_of_a_proxy_is_quoted_without_its_mark_up() {
        let error = fail(
            &read(),
            502,
            &[],
            "<html>\n<head><title>502</title></head>\r\n<b>Bad  gateway</b>\u{7}</html>",
        );
        assert_eq!(error.kind, ErrorKind::Unavailable);
        assert_eq!(error.message, "HTTP 502 (Bad Gateway), saying \"502 Bad gateway\"");
        assert_eq!(fail(&read(), 503, &[], "").message, "HTTP 503 (Service Unavailable)");
        assert!(fail(&read(), 503, &[], &"x".repeat(100_000)).message.len() < 300);
    }

    #[test]
    fn a_redirect_is_an_answer_from_somewhere_else() {
        assert_eq!(fail(&read(), 302, &[], "").kind, ErrorKind::Malformed);
    }

    #[test]
    fn only_a_failed_write_leaves_its_outcome_open() {
        assert!(fail(&write(), 500, &[], "").outcome_unknown);
        assert!(!fail(&read(), 500, &[], "").outcome_unknown);
        assert!(!fail(&write(), 429, &[], "").outcome_unknown);
        assert!(!fail(&write(), 409, &[], "").outcome_unknown);
    }

    #[test]
    fn the_wait_that_the_service_asks_for_is_read() {
        let seconds =
            |status, headers: &[_]| fail(&read(), status, headers, "").retry_after.map(|wait| wait.as_secs());
        assert_eq!(seconds(429, &[("x-ratelimit-reset", "17")]), Some(17));
        assert_eq!(seconds(429, &[("x-ratelimit-reset", "17"), ("retry-after", "3")]), Some(3));
        assert_eq!(seconds(503, &[("retry-after", "9")]), Some(9));
        assert_eq!(
            seconds(503, &[("x-ratelimit-reset", "17")]),
            None,
            "the budget has nothing to do with a 503"
        );
        assert_eq!(seconds(429, &[("x-ratelimit-reset", "0")]), Some(1));
        assert_eq!(seconds(429, &[("retry-after", "18446744073709551615")]), Some(86_400));
        assert_eq!(seconds(429, &[("retry-after", "Wed, 21 Oct 2026 07:28:00 GMT")]), None);
    }
}
