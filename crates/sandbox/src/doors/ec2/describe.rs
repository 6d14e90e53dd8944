//! What all Describe actions share: ids that must exist, filters, and pages.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::params::{Filter, Params};
use crate::world::{Ec2Error, Limits, Tags};

const MAX_PAGE: usize = 1000;

/// Keeps what matches every filter. `values` gives a thing's values under a filter's name; none means that EC2 has no
/// such filter here.
pub(super) fn filtered<T>(
    items: Vec<T>,
    filters: &[Filter],
    values: impl Fn(&T, &str) -> Option<Vec<String>>,
) -> Result<Vec<T>, Ec2Error> {
    let mut kept = Vec::with_capacity(items.len());
    for item in items {
        let mut matches = true;
        for filter in filters {
            let values = values(&item, &filter.name).ok_or_else(|| unknown_filter(&filter.name))?;
            matches &= values.iter().any(|value| filter.matches(value));
        }
        if matches {
            kept.push(item);
        }
    }
    Ok(kept)
}

fn unknown_filter(name: &str) -> Ec2Error {
    Ec2Error::new("InvalidParameterValue", format!("The filter '{name}' is invalid"))
}

/// Values of the filters `tag:KEY` and `tag-key`.
pub(super) fn tag_values(tags: &Tags, filter: &str) -> Option<Vec<String>> {
    if filter == "tag-key" {
        return Some(tags.keys().cloned().collect());
    }
    let key = filter.strip_prefix("tag:")?;
    Some(tags.get(key).cloned().into_iter().collect())
}

/// One page of a list, and the token of the next, which is empty at the end.
pub(super) struct Page<T> {
    pub(super) items: Vec<T>,
    pub(super) next: String,
}

impl<T> Page<T> {
    /// Cuts the page that `MaxResults` and `NextToken` ask for. Over 1000 is taken as 1000.
    pub(super) fn of(params: &Params, limits: &Limits, items: Vec<T>) -> Result<Self, Ec2Error> {
        let size = match params.get("MaxResults") {
            None | Some("") => MAX_PAGE,
            Some(text) => match text.parse::<usize>() {
                Ok(size) if size > 0 => size.min(MAX_PAGE),
                _ => {
                    return Err(Ec2Error::new(
                        "InvalidParameterValue",
                        format!("Value ( {text} ) for parameter maxResults is invalid."),
                    ));
                }
            },
        };
        let size = limits.page(size);
        let start = match params.get("NextToken") {
            None | Some("") => 0,
            Some(token) => decode(token)
                .ok_or_else(|| Ec2Error::new("InvalidNextToken", "The token provided is not valid."))?,
        };
        let end = start.saturating_add(size);
        let next = if end < items.len() { encode(end) } else { String::new() };
        Ok(Self { items: items.into_iter().skip(start).take(size).collect(), next })
    }
}

/// Refuses page sizes below 5, as the actions on subnets, groups, interfaces and networks do.
pub(super) fn check_min_page(params: &Params) -> Result<(), Ec2Error> {
    match params.get("MaxResults").and_then(|text| text.parse::<i64>().ok()) {
        Some(size) if !(5..=1000).contains(&size) => Err(Ec2Error::new(
            "InvalidParameterValue",
            format!(
                "Value ( {size} ) for parameter maxResults is invalid. Expecting a value between 5 and 1000."
            ),
        )),
        _ => Ok(()),
    }
}

fn encode(start: usize) -> String {
    URL_SAFE_NO_PAD.encode(format!("start={start}"))
}

fn decode(token: &str) -> Option<usize> {
    let bytes = URL_SAFE_NO_PAD.decode(token).ok()?;
    String::from_utf8(bytes).ok()?.strip_prefix("start=")?.parse().ok()
}
