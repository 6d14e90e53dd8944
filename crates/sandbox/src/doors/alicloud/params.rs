//! The parameters of an RPC request: flat names such as `Zone.1.VSwitchId`, from the query and from a form body, read
//! back into lists and tags. An empty value is as good as none.

use std::collections::{BTreeMap, BTreeSet};

use crate::http::{Request, form_pairs};
use crate::world::{AlicloudError, NewAlicloudZone, Tags};

/// Parameters that sign or name a request and are not part of what it asks for.
const FRAME: [&str; 14] = [
    "AccessKeyId",
    "Action",
    "ClientToken",
    "DryRun",
    "Format",
    "SecurityToken",
    "Signature",
    "SignatureMethod",
    "SignatureNonce",
    "SignatureType",
    "SignatureVersion",
    "Timestamp",
    "Version",
    "SourceIp",
];

/// The parameters of one request.
#[derive(Clone, Debug, Default)]
pub(crate) struct Params(BTreeMap<String, String>);

impl Params {
    pub(super) fn of(request: &Request) -> Self {
        let body = request.text();
        Self(form_pairs(&request.query).into_iter().chain(form_pairs(&body)).collect())
    }

    /// All of them as sent, in the bytewise order of their names.
    pub(super) fn all(&self) -> impl Iterator<Item = (&String, &String)> {
        self.0.iter()
    }

    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str).filter(|value| !value.is_empty())
    }

    pub(super) fn owned(&self, name: &str) -> Option<String> {
        self.get(name).map(str::to_owned)
    }

    /// A parameter that must be there.
    pub(super) fn required(&self, name: &str) -> Result<&str, AlicloudError> {
        self.get(name).ok_or_else(|| AlicloudError::missing(name))
    }

    /// `true` or `false` in any case: the official clients differ in how they write it.
    pub(super) fn flag(&self, name: &str) -> Result<bool, AlicloudError> {
        match self.get(name).map(str::to_ascii_lowercase).as_deref() {
            None | Some("false") => Ok(false),
            Some("true") => Ok(true),
            Some(other) => Err(AlicloudError::invalid(name, format!("'{other}' is neither true nor false"))),
        }
    }

    /// Refuses a value other than the ones served.
    pub(super) fn only(&self, name: &str, served: &[&str]) -> Result<(), AlicloudError> {
        match self.get(name) {
            Some(value) if !served.contains(&value) => Err(AlicloudError::invalid(
                name,
                format!("'{value}' is not served, only {}", served.join(" and ")),
            )),
            _ => Ok(()),
        }
    }

    /// `name.1`, `name.2`, ... in order of number.
    pub(super) fn list(&self, name: &str) -> Vec<String> {
        self.indexes(name).into_iter().filter_map(|index| self.owned(&format!("{name}.{index}"))).collect()
    }

    /// `Tag.N.Key` with `Tag.N.Value`; the value may be left out.
    pub(super) fn tags(&self) -> Result<Tags, AlicloudError> {
        let mut tags = Tags::new();
        for index in self.indexes("Tag") {
            let key = self.required(&format!("Tag.{index}.Key"))?;
            let value = self.get(&format!("Tag.{index}.Value")).unwrap_or_default();
            if tags.insert(key.to_owned(), value.to_owned()).is_some() {
                return Err(AlicloudError::new(
                    "Duplicate.TagKey",
                    format!("The tag key '{key}' is given twice."),
                ));
            }
        }
        Ok(tags)
    }

    /// `Tag.N` as a filter: keys, each with the value it must have, if any.
    pub(super) fn tag_filter(&self) -> Vec<(String, Option<String>)> {
        self.indexes("Tag")
            .into_iter()
            .filter_map(|index| {
                let key = self.owned(&format!("Tag.{index}.Key"))?;
                Some((key, self.owned(&format!("Tag.{index}.Value"))))
            })
            .collect()
    }

    /// `Zone.N.ZoneId`, `Zone.N.VSwitchId` and `Zone.N.ip`, small as it is written there.
    pub(super) fn zones(&self) -> Result<Vec<NewAlicloudZone>, AlicloudError> {
        self.indexes("Zone")
            .into_iter()
            .map(|index| {
                Ok(NewAlicloudZone {
                    zone_id: self.required(&format!("Zone.{index}.ZoneId"))?.to_owned(),
                    vswitch_id: self.required(&format!("Zone.{index}.VSwitchId"))?.to_owned(),
                    ip: self.owned(&format!("Zone.{index}.ip")),
                })
            })
            .collect()
    }

    /// What is asked for, as one text that can be compared.
    pub(super) fn fingerprint(&self) -> String {
        let pairs: Vec<String> = self
            .0
            .iter()
            .filter(|(name, _)| !FRAME.contains(&name.as_str()))
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

/// Whether tags have all that a filter asks for.
pub(super) fn matches_tags(tags: &Tags, filter: &[(String, Option<String>)]) -> bool {
    filter.iter().all(|(key, wanted)| {
        tags.get(key).is_some_and(|value| wanted.as_ref().is_none_or(|wanted| wanted == value))
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]

    use super::*;

    fn params(pairs: &[(&str, &str)]) -> Params {
        Params(pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect())
    }

    #[test]
    fn lists_are_in_order_of_number() {
        let params = params(&[("SecurityGroupId.10", "c"), ("SecurityGroupId.2", "b"), ("Zone.1.ip", "x")]);
        assert_eq!(params.list("SecurityGroupId"), ["b", "c"]);
        assert_eq!(params.zones().unwrap_err().code, "MissingZoneZoneId");
    }

    #[test]
    fn flags_are_read_in_any_case() {
        let flag = |value| params(&[("DryRun", value)]).flag("DryRun");
        assert!(flag("True").unwrap() && flag("true").unwrap());
        assert!(!flag("False").unwrap() && !flag("").unwrap());
        assert_eq!(flag("1").unwrap_err().code, "InvalidDryRun");
    }

    #[test]
    fn a_fingerprint_is_of_what_is_asked_for() {
        let one = params(&[("VpcId", "vpc-1"), ("SignatureNonce", "1"), ("ClientToken", "t")]);
        let two = params(&[("VpcId", "vpc-1"), ("SignatureNonce", "2"), ("Timestamp", "now")]);
        assert_eq!(one.fingerprint(), two.fingerprint());
    }

    #[test]
    fn a_tag_is_given_once() {
        let twice = params(&[("Tag.1.Key", "a"), ("Tag.2.Key", "a")]);
        assert_eq!(twice.tags().unwrap_err().code, "Duplicate.TagKey");
    }
}
