//! What a door sees of HTTP: a whole request and a whole reply, with no sockets, streams or framework types. The server
//! converts to and from these; doors stay plain functions.

use ::http::{HeaderMap, Method, StatusCode};
use hyper::body::Bytes;
use percent_encoding::percent_decode_str;
use serde::Serialize;

/// A request read to its end.
#[derive(Clone, Debug)]
pub(crate) struct Request {
    pub(crate) method: Method,
    /// Path and query exactly as sent: digest authentication covers these bytes.
    pub(crate) target: String,
    pub(crate) path: String,
    /// Without the question mark; empty when there is none.
    pub(crate) query: String,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

impl Request {
    /// A header's value, when it is there and is text.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }

    /// The body as text; bytes that are not UTF-8 are replaced, which suffices for a journal.
    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// All of it as one text, for a fault that repeats what it was sent.
    pub(crate) fn said(&self) -> String {
        let mut said = format!("{} {}\n", self.method, self.target);
        for (name, value) in &self.headers {
            said.push_str(&format!("{name}: {}\n", String::from_utf8_lossy(value.as_bytes())));
        }
        said.push_str(&self.text());
        said
    }

    /// The decoded value of a query parameter.
    pub(crate) fn query_parameter(&self, name: &str) -> Option<String> {
        form_pairs(&self.query).into_iter().find(|(key, _)| key == name).map(|(_, value)| value)
    }

    /// The path's segments, percent-decoded.
    pub(crate) fn segments(&self) -> Vec<String> {
        self.path
            .split('/')
            .filter(|segment| !segment.is_empty())
            .map(|segment| percent_decode_str(segment).decode_utf8_lossy().into_owned())
            .collect()
    }
}

/// Decodes `application/x-www-form-urlencoded` pairs in the order sent.
pub(crate) fn form_pairs(encoded: &str) -> Vec<(String, String)> {
    encoded
        .split('&')
        .filter(|pair| !pair.is_empty())
        .map(|pair| {
            let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
            (form_decode(key), form_decode(value))
        })
        .collect()
}

fn form_decode(text: &str) -> String {
    let spaced = text.replace('+', " ");
    percent_decode_str(&spaced).decode_utf8_lossy().into_owned()
}

/// A reply to send, with the service's own error code kept beside it for the journal.
#[derive(Clone, Debug)]
pub(crate) struct Reply {
    pub(crate) status: StatusCode,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
    pub(crate) code: Option<String>,
}

impl Reply {
    /// A reply with a body of the given content type.
    pub(crate) fn new(status: StatusCode, content_type: &str, body: impl Into<Vec<u8>>) -> Self {
        Self {
            status,
            headers: vec![("content-type".to_owned(), content_type.to_owned())],
            body: body.into(),
            code: None,
        }
    }

    /// A JSON reply. A value that cannot be written as JSON becomes an empty object; none of ours can fail.
    pub(crate) fn json(status: StatusCode, value: &impl Serialize) -> Self {
        let body = serde_json::to_vec(value).unwrap_or_else(|_| b"{}".to_vec());
        Self::new(status, "application/json", body)
    }

    /// The same reply with one header more.
    #[must_use]
    pub(crate) fn with_header(mut self, name: &str, value: impl Into<String>) -> Self {
        self.headers.push((name.to_owned(), value.into()));
        self
    }

    /// The same reply, known to the journal by the service's error code.
    #[must_use]
    pub(crate) fn with_code(mut self, code: impl Into<String>) -> Self {
        self.code = Some(code.into());
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn form_pairs_decode_plus_and_percent() {
        assert_eq!(
            form_pairs("a=1+2&b%5B=%26&c"),
            vec![
                ("a".to_owned(), "1 2".to_owned()),
                ("b[".to_owned(), "&".to_owned()),
                ("c".to_owned(), String::new()),
            ]
        );
    }
}
