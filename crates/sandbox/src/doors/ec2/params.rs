//! The Query protocol's parameters: flat names such as `Filter.1.Value.2`, read back into lists, tags and filters.

use std::collections::{BTreeMap, BTreeSet};

use crate::http::{Request, form_pairs};
use crate::world::{Ec2Error, Tags};

/// The parameters of one request, from its body and its query.
#[derive(Clone, Debug, Default)]
pub(crate) struct Params(BTreeMap<String, String>);

/// `Filter.N`: a name and the values any of which matches.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Filter {
    pub(super) name: String,
    pub(super) values: Vec<String>,
}

impl Filter {
    /// Whether any of its values, where `*` and `?` are wildcards, matches.
    pub(super) fn matches(&self, value: &str) -> bool {
        self.values.iter().any(|pattern| wildcard(pattern.as_bytes(), value.as_bytes()))
    }
}

fn wildcard(pattern: &[u8], text: &[u8]) -> bool {
    // Greedy with one point to return to: linear but for the last star, so no pattern is expensive.
    let (mut at, mut seen) = (0, 0);
    let mut star: Option<(usize, usize)> = None;
    while seen < text.len() {
        match pattern.get(at) {
            Some(b'*') => {
                star = Some((at, seen));
                at += 1;
            }
            Some(&expected) if expected == b'?' || Some(&expected) == text.get(seen) => {
                at += 1;
                seen += 1;
            }
            _ => match star {
                Some((star_at, star_seen)) => {
                    star = Some((star_at, star_seen + 1));
                    at = star_at + 1;
                    seen = star_seen + 1;
                }
                None => return false,
            },
        }
    }
    pattern.get(at..).unwrap_or_default().iter().all(|byte| *byte == b'*')
}

impl Params {
    pub(super) fn of(request: &Request) -> Self {
        let body = request.text();
        Self(form_pairs(&request.query).into_iter().chain(form_pairs(&body)).collect())
    }

    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }

    /// A parameter that must be there and not be empty.
    pub(super) fn required(&self, name: &str) -> Result<&str, Ec2Error> {
        self.get(name).filter(|value| !value.is_empty()).ok_or_else(|| Ec2Error::missing_parameter(name))
    }

    /// `true` or `false`.
    pub(super) fn flag(&self, name: &str) -> Result<Option<bool>, Ec2Error> {
        self.get(name)
            .map(|value| match value.to_ascii_lowercase().as_str() {
                "true" => Ok(true),
                "false" => Ok(false),
                _ => Err(Ec2Error::new(
                    "InvalidParameterValue",
                    format!("Invalid value '{value}' for boolean parameter {name}"),
                )),
            })
            .transpose()
    }

    /// `name.1`, `name.2`, ... in order of number.
    pub(super) fn list(&self, name: &str) -> Vec<String> {
        self.indexes(name)
            .into_iter()
            .filter_map(|index| self.get(&format!("{name}.{index}")))
            .map(str::to_owned)
            .collect()
    }

    /// `Filter.N.Name` with `Filter.N.Value.M`.
    pub(super) fn filters(&self) -> Vec<Filter> {
        self.indexes("Filter")
            .into_iter()
            .filter_map(|index| {
                Some(Filter {
                    name: self.get(&format!("Filter.{index}.Name"))?.to_owned(),
                    values: self.list(&format!("Filter.{index}.Value")),
                })
            })
            .collect()
    }

    /// `prefix.N.Key` with `prefix.N.Value`; the value may be left out.
    pub(super) fn key_values(&self, prefix: &str) -> Vec<(String, Option<String>)> {
        self.indexes(prefix)
            .into_iter()
            .filter_map(|index| {
                let key = self.get(&format!("{prefix}.{index}.Key"))?;
                let value = self.get(&format!("{prefix}.{index}.Value"));
                Some((key.to_owned(), value.map(str::to_owned)))
            })
            .collect()
    }

    /// `TagSpecification.N` for a kind of resource; specifications for other kinds are refused.
    pub(super) fn tag_specifications(&self, kind: &str) -> Result<Tags, Ec2Error> {
        let mut tags = Tags::new();
        for index in self.indexes("TagSpecification") {
            let found = self.get(&format!("TagSpecification.{index}.ResourceType"));
            if found != Some(kind) {
                return Err(Ec2Error::new(
                    "InvalidParameterValue",
                    format!(
                        "'{}' is not a valid taggable resource type for this operation.",
                        found.unwrap_or_default()
                    ),
                ));
            }
            for (key, value) in self.key_values(&format!("TagSpecification.{index}.Tag")) {
                tags.insert(key, value.unwrap_or_default());
            }
        }
        Ok(tags)
    }

    /// A digest-worthy text of all parameters but these.
    pub(super) fn fingerprint(&self, without: &[&str]) -> String {
        let pairs: Vec<String> = self
            .0
            .iter()
            .filter(|(name, _)| !without.contains(&name.as_str()))
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        pairs.join("&")
    }

    /// The numbers N for which a parameter begins with `name.N`.
    fn indexes(&self, name: &str) -> BTreeSet<u32> {
        self.0
            .keys()
            .filter_map(|key| key.strip_prefix(name)?.strip_prefix('.'))
            .filter_map(|rest| rest.split('.').next()?.parse().ok())
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn params(pairs: &[(&str, &str)]) -> Params {
        Params(pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect())
    }

    #[test]
    fn lists_are_in_order_of_number() {
        let params = params(&[("SubnetId.10", "c"), ("SubnetId.2", "b"), ("SubnetId.1", "a")]);
        assert_eq!(params.list("SubnetId"), ["a", "b", "c"]);
    }

    #[test]
    fn filters_keep_their_values() {
        let params = params(&[
            ("Filter.1.Name", "vpc-id"),
            ("Filter.1.Value.1", "vpc-1"),
            ("Filter.1.Value.2", "vpc-2"),
        ]);
        let filters = params.filters();
        assert_eq!(filters.len(), 1);
        assert!(filters.iter().all(|filter| filter.matches("vpc-2")));
    }

    #[test]
    fn wildcards_match_as_in_ec2() {
        for (pattern, text, expected) in [
            ("*", "", true),
            ("vpc-*", "vpc-1", true),
            ("*-?", "vpc-1", true),
            ("*-?", "vpc-12", false),
            ("a*b*c", "aXbYbZc", true),
            ("abc", "ab", false),
        ] {
            assert_eq!(wildcard(pattern.as_bytes(), text.as_bytes()), expected, "{pattern} {text}");
        }
    }

    #[test]
    fn tags_for_another_kind_are_refused() {
        let params =
            params(&[("TagSpecification.1.ResourceType", "instance"), ("TagSpecification.1.Tag.1.Key", "a")]);
        assert!(params.tag_specifications("vpc-endpoint").is_err());
    }
}
