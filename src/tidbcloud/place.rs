//! Where something runs. The APIs write regions with and without the cloud in front (`aws-us-west-2`, `us-west-2`) and
//! may leave the cloud out, so both are worked out together.

use crate::ids::{CloudName, Region};

/// A cloud and a region of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Place {
    /// The cloud, when it is one that we know.
    pub(super) cloud: Option<CloudName>,
    /// The cloud in the API's own word; empty when there was none.
    pub(super) cloud_raw: String,
    /// The region in its cloud's own spelling.
    pub(super) region: Region,
}

impl Place {
    /// From `regionId` (`{cloud_provider}-{region_code}`) and `cloudProvider`, which wins when both name a cloud.
    pub(super) fn new(region_id: &str, cloud_provider: Option<&str>) -> Self {
        let prefixed = region_id.split_once('-').and_then(|(prefix, rest)| {
            let named = cloud_provider.is_some_and(|name| name.eq_ignore_ascii_case(prefix));
            (named || prefix.parse::<CloudName>().is_ok()).then_some((prefix, rest))
        });
        let (prefix, region) = match prefixed {
            Some((prefix, rest)) => (Some(prefix), rest),
            None => (None, region_id),
        };
        let cloud_raw = cloud_provider.or(prefix).unwrap_or_default();
        Self { cloud: cloud_raw.parse().ok(), cloud_raw: cloud_raw.to_owned(), region: Region::new(region) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(region_id: &str, cloud: Option<&str>) -> (Option<CloudName>, String, String) {
        let place = Place::new(region_id, cloud);
        (place.cloud, place.cloud_raw, place.region.as_str().to_owned())
    }

    #[test]
    fn the_cloud_comes_from_the_prefix_when_nothing_else_names_it() {
        assert_eq!(place("aws-us-west-2", None), (Some(CloudName::Aws), "aws".into(), "us-west-2".into()));
        assert_eq!(
            place("alicloud-ap-southeast-1", None),
            (Some(CloudName::Alicloud), "alicloud".into(), "ap-southeast-1".into())
        );
    }

    #[test]
    fn a_region_without_a_prefix_keeps_its_name() {
        assert_eq!(place("us-east-1", Some("aws")), (Some(CloudName::Aws), "aws".into(), "us-east-1".into()));
        assert_eq!(place("us-east-1", None), (None, String::new(), "us-east-1".into()));
    }

    #[test]
    fn an_unknown_cloud_is_kept_by_name() {
        assert_eq!(place("oci-uk-1", Some("oci")), (None, "oci".into(), "uk-1".into()));
        assert_eq!(place("", None), (None, String::new(), String::new()));
    }
}
