//! A call as it is sent: which API and operation, and whether sending it twice is the same as sending it once.

use http::Method;
use serde_json::Value;
use url::Url;

use super::calls::Call;
use super::config::{Endpoints, join};
use crate::error::{ApiError, Cause, ErrorKind, Service};

/// One call of an API.
#[derive(Clone, Debug)]
pub(super) struct Request {
    /// The API.
    pub(super) service: Service,
    /// The operation, as the API's documentation names it.
    pub(super) operation: &'static str,
    /// The HTTP method.
    pub(super) method: Method,
    path: Vec<String>,
    query: Vec<(&'static str, String)>,
    body: Option<Value>,
    /// What a conflict means for this operation, if it means something that we know.
    pub(super) conflict: Option<Cause>,
}

impl Request {
    /// Reads something.
    pub(super) fn get(call: Call, path: &[&str]) -> Self {
        Self::new(call, Method::GET, path, None)
    }

    /// Makes something. Sent twice it could make two.
    pub(super) fn post(call: Call, path: &[&str], body: Value) -> Self {
        Self::new(call, Method::POST, path, Some(body))
    }

    /// Removes something.
    pub(super) fn delete(call: Call, path: &[&str]) -> Self {
        Self::new(call, Method::DELETE, path, None)
    }

    fn new(call: Call, method: Method, path: &[&str], body: Option<Value>) -> Self {
        let path = path.iter().map(|&segment| segment.to_owned()).collect();
        let Call { service, name: operation, .. } = call;
        Self { service, operation, method, path, query: Vec::new(), body, conflict: None }
    }

    /// With a query parameter.
    pub(super) fn query(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.query.push((name, value.into()));
        self
    }

    /// A conflict has this meaning.
    pub(super) fn conflict_means(mut self, cause: Cause) -> Self {
        self.conflict = Some(cause);
        self
    }

    /// Whether sending it twice is the same as sending it once.
    pub(super) fn is_repeatable(&self) -> bool {
        self.method != Method::POST
    }

    /// The address that it goes to.
    pub(super) fn url(&self, endpoints: &Endpoints) -> Url {
        let mut url = join(endpoints.of(self.service), self.path.iter().map(String::as_str));
        if !self.query.is_empty() {
            url.query_pairs_mut().extend_pairs(&self.query);
        }
        url
    }

    /// The body as it is sent; empty when there is none.
    pub(super) fn body(&self) -> Vec<u8> {
        self.body.as_ref().map(|body| body.to_string().into_bytes()).unwrap_or_default()
    }

    /// An error of this call.
    pub(super) fn error(&self, kind: ErrorKind, message: impl Into<String>) -> ApiError {
        ApiError::new(self.service, self.operation, kind, message)
    }

    /// An error after which nobody knows whether the call took effect, which only matters when repeating it could do
    /// harm.
    pub(super) fn open_error(&self, kind: ErrorKind, message: impl Into<String>) -> ApiError {
        ApiError { outcome_unknown: !self.is_repeatable(), ..self.error(kind, message) }
    }
}
