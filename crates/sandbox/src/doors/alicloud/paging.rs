//! Pages of lists: `MaxResults` with `NextToken` where the API is new, `PageNumber` with `PageSize` where it is old.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

use super::params::Params;
use crate::world::{AlicloudError, Limits};

/// One page of a list, the token of the next if there is one, and how many things there are in all.
#[derive(Debug, PartialEq)]
pub(super) struct Page<T> {
    pub(super) items: Vec<T>,
    pub(super) next: Option<String>,
    pub(super) size: usize,
    pub(super) total: usize,
}

impl<T> Page<T> {
    /// Cuts the page that `MaxResults`, 1 to `most` and `usual` when left out, and `NextToken` ask for.
    pub(super) fn of(
        params: &Params,
        limits: &Limits,
        items: Vec<T>,
        usual: usize,
        most: usize,
    ) -> Result<Self, AlicloudError> {
        let size = match params.get("MaxResults") {
            None => usual,
            Some(text) => number(text).filter(|size| (1..=most).contains(size)).ok_or_else(|| {
                AlicloudError::invalid("MaxResults", format!("'{text}' is not 1 to {most}"))
            })?,
        };
        let size = limits.page(size);
        let start = match params.get("NextToken") {
            None => 0,
            Some(token) => decode(token)
                .ok_or_else(|| AlicloudError::invalid("NextToken", "it was not given out here"))?,
        };
        let total = items.len();
        let end = start.saturating_add(size);
        let next = (end < total).then(|| encode(end));
        Ok(Self { items: items.into_iter().skip(start).take(size).collect(), next, size, total })
    }
}

/// A page of an old list: its things under a wrapper's name, beside where it is in the whole.
pub(super) fn numbered(
    params: &Params,
    limits: &Limits,
    items: Vec<Value>,
    most: usize,
    (outer, inner): (&str, &str),
) -> Result<Value, AlicloudError> {
    let read = |name: &str, usual: usize| match params.get(name) {
        None => Ok(usual),
        Some(text) => number(text)
            .filter(|number| *number > 0)
            .ok_or_else(|| AlicloudError::invalid(name, format!("'{text}' is not a number from 1 on"))),
    };
    let page = read("PageNumber", 1)?;
    let size = limits.page(read("PageSize", 10)?.min(most));
    let total = items.len();
    let items: Vec<Value> = items.into_iter().skip((page - 1).saturating_mul(size)).take(size).collect();
    Ok(json!({
        outer: { inner: items },
        "PageNumber": page,
        "PageSize": size,
        "TotalCount": total,
    }))
}

/// Adds the next page's token to an answer; at the end there is none.
pub(super) fn with_next(mut body: Value, next: Option<String>) -> Value {
    if let (Some(fields), Some(next)) = (body.as_object_mut(), next) {
        fields.insert("NextToken".to_owned(), json!(next));
    }
    body
}

fn number(text: &str) -> Option<usize> {
    text.parse().ok()
}

fn encode(start: usize) -> String {
    URL_SAFE_NO_PAD.encode(format!("start={start}"))
}

fn decode(token: &str) -> Option<usize> {
    let bytes = URL_SAFE_NO_PAD.decode(token).ok()?;
    String::from_utf8(bytes).ok()?.strip_prefix("start=")?.parse().ok()
}
