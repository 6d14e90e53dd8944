//! Paging of v1beta1 lists: `pageSize` (10 unless told, at most 100), `skip`, and an opaque `pageToken`. Skipping past
//! the end gives an empty page and no token.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use crate::http::Request;
use crate::world::{GrpcCode, Limits, TidbError};

const DEFAULT_SIZE: usize = 10;
const MAX_SIZE: usize = 100;

/// The part of a list asked for.
#[derive(Debug, PartialEq)]
pub(crate) struct Page {
    start: usize,
    size: usize,
}

impl Page {
    /// Reads the query's paging parameters.
    pub(crate) fn of(request: &Request, limits: &Limits) -> Result<Self, TidbError> {
        let number = |name: &str| -> Result<Option<usize>, TidbError> {
            request
                .query_parameter(name)
                .filter(|text| !text.is_empty())
                .map(|text| {
                    text.parse().map_err(|_| {
                        invalid(format!("{name} is \"{text}\", it must be a whole number, 0 or more"))
                    })
                })
                .transpose()
        };
        let size = match number("pageSize")? {
            None | Some(0) => DEFAULT_SIZE,
            Some(size) => size.min(MAX_SIZE),
        };
        let size = limits.page(size);
        let from_token = match request.query_parameter("pageToken") {
            Some(token) if !token.is_empty() => decode(&token)
                .ok_or_else(|| invalid(format!("pageToken \"{token}\" was not given out here")))?,
            _ => 0,
        };
        let skip = number("skip")?.unwrap_or_default();
        Ok(Self { start: from_token.saturating_add(skip), size })
    }

    /// The items of this page, and the token of the next one; empty at the end.
    pub(crate) fn cut<T>(&self, items: Vec<T>) -> (Vec<T>, String) {
        let total = items.len();
        let end = self.start.saturating_add(self.size);
        let page = items.into_iter().skip(self.start).take(self.size).collect();
        let next = if end < total { encode(end) } else { String::new() };
        (page, next)
    }
}

fn invalid(message: String) -> TidbError {
    TidbError::new(GrpcCode::InvalidArgument, message)
}

fn encode(start: usize) -> String {
    URL_SAFE_NO_PAD.encode(format!("start={start}"))
}

fn decode(token: &str) -> Option<usize> {
    let bytes = URL_SAFE_NO_PAD.decode(token).ok()?;
    String::from_utf8(bytes).ok()?.strip_prefix("start=")?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_cover_the_list_and_then_end() {
        let items: Vec<u32> = (0..25).collect();
        let mut page = Page { start: 0, size: 10 };
        let mut seen = Vec::new();
        loop {
            let (part, next) = page.cut(items.clone());
            seen.extend(part);
            match decode(&next) {
                Some(start) => page.start = start,
                None => break,
            }
        }
        assert_eq!(seen, items);
    }

    #[test]
    fn skipping_past_the_end_gives_an_empty_page_and_no_token() {
        let page = Page { start: 9, size: 10 };
        assert_eq!(page.cut(vec![1, 2]), (vec![], String::new()));
    }
}
