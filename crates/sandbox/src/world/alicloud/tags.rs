//! PrivateLink's rules for tags. Tags are not part of an endpoint's state: they may be changed at any time.

use crate::world::{AlicloudError, Tags, World};

/// How many tags a resource may have, and a request may carry (Privatelink API reference, TagResources).
const MAX_TAGS: usize = 20;

impl World {
    /// TagResources. All endpoints must exist; nothing is tagged otherwise.
    pub(crate) fn tag_alicloud_endpoints(
        &mut self,
        region: &str,
        endpoint_ids: &[String],
        tags: &Tags,
    ) -> Result<(), AlicloudError> {
        check_alicloud_tags(tags)?;
        for id in endpoint_ids {
            let present = &self.alicloud_endpoint(region, id)?.tags;
            let added = tags.keys().filter(|key| !present.contains_key(*key)).count();
            if present.len() + added > MAX_TAGS {
                return Err(too_many());
            }
        }
        for id in endpoint_ids {
            if let Some(endpoint) = self.alicloud.endpoint_mut(id) {
                endpoint.tags.extend(tags.clone());
            }
        }
        Ok(())
    }

    /// UntagResources: the given keys, or all. A key that is not there is no error.
    pub(crate) fn untag_alicloud_endpoints(
        &mut self,
        region: &str,
        endpoint_ids: &[String],
        keys: &[String],
        all: bool,
    ) -> Result<(), AlicloudError> {
        for id in endpoint_ids {
            self.alicloud_endpoint(region, id)?;
        }
        for id in endpoint_ids {
            if let Some(endpoint) = self.alicloud.endpoint_mut(id) {
                endpoint.tags.retain(|key, _| !(all || keys.contains(key)));
            }
        }
        Ok(())
    }
}

/// Refuses tags that PrivateLink refuses: more than 20, keys of 0 or over 64 characters, values over 128, reserved
/// beginnings and addresses (Privatelink API reference, TagResources).
pub(crate) fn check_alicloud_tags(tags: &Tags) -> Result<(), AlicloudError> {
    if tags.len() > MAX_TAGS {
        return Err(too_many());
    }
    for (key, value) in tags {
        if key.is_empty() || key.chars().count() > 64 || is_reserved(key) {
            return Err(AlicloudError::new(
                "InvalidTagKey.Malformed",
                format!(
                    "The tag key '{key}' must be 1 to 64 characters long and must not start with aliyun or acs: or contain http:// or https://."
                ),
            ));
        }
        if value.chars().count() > 128 || is_reserved(value) {
            return Err(AlicloudError::new(
                "InvalidTagValue.Malformed",
                format!(
                    "The value of the tag '{key}' must be 128 characters long at most and must not start with aliyun or acs: or contain http:// or https://."
                ),
            ));
        }
    }
    Ok(())
}

fn is_reserved(text: &str) -> bool {
    let text = text.to_lowercase();
    text.starts_with("aliyun")
        || text.starts_with("acs:")
        || text.contains("http://")
        || text.contains("https://")
}

fn too_many() -> AlicloudError {
    AlicloudError::new("NumberExceed.Tags", format!("A resource can have {MAX_TAGS} tags at most."))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]

    use super::*;

    fn refusal(key: &str, value: &str) -> String {
        check_alicloud_tags(&Tags::from([(key.to_owned(), value.to_owned())])).unwrap_err().code
    }

    #[test]
    fn tags_follow_the_references_rule() {
        let long = "k".repeat(65);
        for key in ["", long.as_str(), "aliyun-x", "acs:x", "see http://x"] {
            assert_eq!(refusal(key, "v"), "InvalidTagKey.Malformed", "{key}");
        }
        let long = "v".repeat(129);
        for value in [long.as_str(), "acs:x", "https://x"] {
            assert_eq!(refusal("k", value), "InvalidTagValue.Malformed", "{value}");
        }
        assert!(check_alicloud_tags(&Tags::from([("k".repeat(64), "v".repeat(128))])).is_ok());
    }
}
