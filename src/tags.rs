//! Names and tags that users may set: within each cloud's rules, and none of the marks by which this provider knows its
//! endpoints.

use std::collections::BTreeMap;

use tfplugin::schema::Validator;
use tfplugin::{AttributePath, Diagnostic, Diagnostics, Value};

use crate::clouds::TAG_PREFIX;
use crate::clouds::alicloud::limits;
use crate::codes::Code;

/// The most tags that a user can set: fifty a resource (EC2 user guide, "Tag restrictions") less those of ours.
const MOST_TAGS: usize = 45;

/// Refuses tags that AWS would refuse or that would be mistaken for marks of ours.
#[derive(Debug)]
pub struct UserTags;

impl Validator for UserTags {
    fn describe(&self) -> String {
        format!("tags whose keys begin neither with `aws:` nor with `{TAG_PREFIX}`")
    }

    fn validate(&self, value: &Value, path: &AttributePath, diagnostics: &mut Diagnostics) {
        let Value::Map(tags) = value else { return };
        if tags.len() > MOST_TAGS {
            diagnostics.push(
                Code::TooManyTags.error(
                    "Too many tags",
                    format!(
                        "These are {} tags. AWS takes 50 for an endpoint, and this provider needs up to five of them: set at \
                         most {MOST_TAGS}.",
                        tags.len()
                    ),
                )
                .at(path.clone()),
            );
        }
        judge(tags, path, diagnostics, refusal);
    }
}

/// Refuses names that Alibaba Cloud would refuse.
#[derive(Debug)]
pub struct EndpointName;

impl Validator for EndpointName {
    fn describe(&self) -> String {
        "2 to 128 letters, digits, hyphens and underscores, a letter first".to_owned()
    }

    fn validate(&self, value: &Value, path: &AttributePath, diagnostics: &mut Diagnostics) {
        let Value::String(name) = value else { return };
        if let Err(problem) = limits::check_name(name) {
            diagnostics.push(
                Code::UnusableName
                    .error(
                        "Unusable name",
                        format!(
                            "The name {name:?} cannot be given to an endpoint on Alibaba Cloud: {problem}."
                        ),
                    )
                    .at(path.clone()),
            );
        }
    }
}

/// Refuses tags that Alibaba Cloud would refuse or that would be mistaken for marks of ours.
#[derive(Debug)]
pub struct AlicloudTags;

impl Validator for AlicloudTags {
    fn describe(&self) -> String {
        format!("tags within the rules of Alibaba Cloud whose keys do not begin with `{TAG_PREFIX}`")
    }

    fn validate(&self, value: &Value, path: &AttributePath, diagnostics: &mut Diagnostics) {
        let Value::Map(tags) = value else { return };
        if let Err(problem) = limits::check_tag_count(tags.len()) {
            diagnostics.push(
                Code::TooManyTags
                    .error("Too many tags", format!("Of these tags {problem}."))
                    .at(path.clone()),
            );
        }
        judge(tags, path, diagnostics, alicloud_refusal);
    }
}

/// Refuses the tags that `refusal` has something against, each at its key.
fn judge(
    tags: &BTreeMap<String, Value>,
    path: &AttributePath,
    diagnostics: &mut Diagnostics,
    refusal: fn(&str, Option<&str>) -> Option<Diagnostic>,
) {
    for (key, value) in tags {
        let text = match value {
            Value::Null => None,
            Value::String(text) => Some(text.as_str()),
            // Not known yet: the key alone can be judged.
            _ => Some(""),
        };
        diagnostics.extend(refusal(key, text).map(|diagnostic| diagnostic.at(path.key(key))));
    }
}

fn alicloud_refusal(key: &str, value: Option<&str>) -> Option<Diagnostic> {
    let problem = if key.starts_with(TAG_PREFIX) {
        Err(format!(
            "keys that begin with `{TAG_PREFIX}` are the marks by which this provider knows its endpoints"
        ))
    } else {
        match value {
            None => Err("it has no value; leave the key out instead".to_owned()),
            Some(value) => limits::check_tag_key(key).and_then(|()| limits::check_tag_value(value)),
        }
    };
    let problem = problem.err()?;
    Some(Code::UnusableTag.error("Unusable tag", format!("The tag {key:?} cannot be set: {problem}.")))
}

/// The same for tags that validation did not see because they came late.
pub fn check(tags: &BTreeMap<String, String>, path: &AttributePath, diagnostics: &mut Diagnostics) {
    for (key, value) in tags {
        diagnostics.extend(refusal(key, Some(value)).map(|diagnostic| diagnostic.at(path.key(key))));
    }
}

/// Why a tag cannot be set. Lengths are those of the EC2 user guide, "Tag restrictions".
fn refusal(key: &str, value: Option<&str>) -> Option<Diagnostic> {
    let length = |text: &str| text.chars().count();
    let problem = if key.starts_with("aws:") {
        "keys that begin with `aws:` belong to AWS".to_owned()
    } else if key.starts_with(TAG_PREFIX) {
        format!(
            "keys that begin with `{TAG_PREFIX}` are the marks by which this provider knows its endpoints"
        )
    } else if value.is_none() {
        "it has no value; leave the key out instead".to_owned()
    } else if key.is_empty() || length(key) > 127 {
        "a key has 1 to 127 characters".to_owned()
    } else if value.is_some_and(|value| length(value) > 256) {
        "a value has at most 256 characters".to_owned()
    } else {
        return None;
    };
    Some(Code::UnusableTag.error("Unusable tag", format!("The tag {key:?} cannot be set: {problem}.")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_of_ours_and_of_aws_are_refused_and_ordinary_tags_are_not() {
        for key in ["tidblink:token", "aws:x", ""] {
            assert!(refusal(key, Some("v")).is_some(), "{key}");
        }
        assert!(refusal("team", None).is_some());
        assert!(refusal("team", Some(&"v".repeat(257))).is_some());
        assert_eq!(refusal("team", Some("orders")), None);
    }
}
