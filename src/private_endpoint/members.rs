//! Who is counted on a shared endpoint. Every instance has a tag of its own there, whose value is its service. While the
//! instance comes in, a heartbeat stands behind that, as in the mark of an endpoint that is being made: it says that no
//! state knows of the count yet. It is taken off before Terraform gets to know the endpoint, however the run ends, so
//! only a run that was killed leaves one behind.
//!
//! | value of the tag | it is | who comes in for the same service | who comes in for another one | who leaves |
//! |---|---|---|---|---|
//! | the service alone | finished: a state knows it | leaves it alone | leaves it alone | counts it |
//! | with a heartbeat younger than three minutes, or of the future | coming in | leaves it alone | leaves it alone | counts it |
//! | with a heartbeat of three minutes or more | dead: no state knows it | takes it off, being counted itself | leaves it alone | does not count it |
//! | anything else | not understood | leaves it alone | leaves it alone | counts it |
//!
//! The own tag is never judged: whoever goes on with it renews it and looks once more, whoever leaves takes it off. A run
//! that was not dead but asleep writes its tag again when it wakes, and so is counted again.

use std::collections::BTreeSet;
use std::time::Duration;

use super::marks::{HEARTBEAT_STALE, heartbeat_field};
use crate::clouds::{CloudEndpoint, MEMBER_TAG_PREFIX};
use crate::ids::ServiceId;

/// One instance that shares an endpoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Member<'a> {
    token: &'a str,
    /// Its service in this provider's own ids.
    service: &'a str,
    /// When it last was alive, in the clock's time since the Unix epoch; `None` when it is finished.
    heartbeat: Option<Duration>,
}

impl Member<'_> {
    /// Whether the run that was coming in died.
    fn is_dead(&self, now: Duration) -> bool {
        self.heartbeat.is_some_and(|heartbeat| now.saturating_sub(heartbeat) >= HEARTBEAT_STALE)
    }
}

fn members(endpoint: &CloudEndpoint) -> impl Iterator<Item = Member<'_>> {
    endpoint.members().map(|(token, value)| {
        let joining = value.split_once(' ').and_then(|(service, mark)| {
            let heartbeat = heartbeat_field(mark.strip_prefix("heartbeat=")?)?;
            Some(Member { token, service, heartbeat: Some(heartbeat) })
        });
        joining.unwrap_or(Member { token, service: value, heartbeat: None })
    })
}

/// The key of the tag that counts the instance with `token`.
pub(super) fn member_tag(token: &str) -> String {
    format!("{MEMBER_TAG_PREFIX}{token}")
}

/// The tag's value while the instance comes in.
pub(super) fn joining_value(service: &ServiceId, now: Duration) -> String {
    format!("{service} heartbeat={}", now.as_secs())
}

/// The tag's value once a state knows of the instance, or is about to.
pub(super) fn finished_value(service: &ServiceId) -> String {
    service.to_string()
}

/// Whether the instance with `token` is counted on the endpoint, finished or not.
pub(super) fn counts(endpoint: &CloudEndpoint, token: &str) -> bool {
    heartbeat_of(endpoint, token).is_some()
}

/// Whether the instance with `token` is counted as one that comes in.
pub(super) fn is_joining(endpoint: &CloudEndpoint, token: &str) -> bool {
    heartbeat_of(endpoint, token).flatten().is_some()
}

/// The heartbeat of the instance with `token`: the outer `None` when it is not counted, the inner one when it is finished.
pub(super) fn heartbeat_of(endpoint: &CloudEndpoint, token: &str) -> Option<Option<Duration>> {
    members(endpoint).find(|member| member.token == token).map(|member| member.heartbeat)
}

/// Those besides the instance with `token` who need the endpoint: their tokens and services.
pub(super) fn others(endpoint: &CloudEndpoint, token: &str, now: Duration) -> Vec<(String, String)> {
    members(endpoint)
        .filter(|member| member.token != token && !member.is_dead(now))
        .map(|member| (member.token.to_owned(), member.service.to_owned()))
        .collect()
}

/// Whether runs were coming in on the endpoint and all of them died.
pub(super) fn are_dead(endpoint: &CloudEndpoint, now: Duration) -> bool {
    let mut members = members(endpoint).peekable();
    members.peek().is_some() && members.all(|member| member.is_dead(now))
}

/// The tags of dead runs that were coming in for `service`, for the instance with `token` to take off.
pub(super) fn abandoned(
    endpoint: &CloudEndpoint,
    service: &ServiceId,
    token: &str,
    now: Duration,
) -> BTreeSet<String> {
    let service = service.to_string();
    members(endpoint)
        .filter(|member| member.token != token && member.service == service && member.is_dead(now))
        .map(|member| member_tag(member.token))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::super::marks::tests::endpoint;
    use super::*;

    const NOW: Duration = Duration::from_secs(10_000);

    fn service() -> ServiceId {
        "serverless/1".parse().unwrap()
    }

    fn aged(service: &ServiceId, seconds: u64) -> String {
        joining_value(service, NOW - Duration::from_secs(seconds))
    }

    #[test]
    fn instances_are_counted_by_their_own_tags_and_by_nothing_else() {
        let shared = endpoint(&[
            ("tidblink:member:a", "serverless/1"),
            ("tidblink:member:b", "serverless/2"),
            ("tidblink:members", "x"),
            ("Name", "y"),
        ]);
        assert!(counts(&shared, "a") && counts(&shared, "b") && !counts(&shared, "c"));
        assert_eq!(others(&shared, "a", NOW), [("b".to_owned(), "serverless/2".to_owned())]);
    }

    /// The table above, row by row: what is in the tag, whether it counts, whether the same service takes it off.
    #[test]
    fn a_count_is_dead_only_with_a_heartbeat_of_three_minutes() {
        let future = joining_value(&service(), NOW + Duration::from_secs(9_000));
        for (value, counted, taken_off) in [
            ("serverless/1", true, false),
            (aged(&service(), 0).as_str(), true, false),
            (aged(&service(), 179).as_str(), true, false),
            (future.as_str(), true, false),
            (aged(&service(), 180).as_str(), false, true),
            (aged(&service(), 9_000).as_str(), false, true),
            ("", true, false),
            ("serverless/1 heartbeat=soon", true, false),
            ("serverless/1 heartbeat=-1", true, false),
            ("serverless/1 since=1", true, false),
            ("serverless/1  heartbeat=1", true, false),
        ] {
            let shared = endpoint(&[("tidblink:member:a", value)]);
            assert_eq!(!others(&shared, "mine", NOW).is_empty(), counted, "counted: {value:?}");
            let off = abandoned(&shared, &service(), "mine", NOW);
            assert_eq!(off.contains("tidblink:member:a"), taken_off, "taken off: {value:?}");
            assert!(counts(&shared, "a"), "{value:?}");
        }
    }

    #[test]
    fn the_dead_of_another_service_and_the_own_tag_are_left_alone() {
        let other: ServiceId = "serverless/2".parse().unwrap();
        let (dead, foreign) = (aged(&service(), 9_000), aged(&other, 9_000));
        let shared = endpoint(&[("tidblink:member:a", &dead), ("tidblink:member:b", &foreign)]);
        assert_eq!(abandoned(&shared, &service(), "a", NOW), BTreeSet::new());
        assert_eq!(abandoned(&shared, &other, "a", NOW), BTreeSet::from([member_tag("b")]));
        assert_eq!(others(&shared, "c", NOW), [], "neither is waited for");
    }

    #[test]
    fn an_instance_is_coming_in_until_its_heartbeat_is_taken_off() {
        let coming = endpoint(&[("tidblink:member:a", &aged(&service(), 9_000))]);
        assert!(is_joining(&coming, "a") && !is_joining(&coming, "b"));
        let finished = endpoint(&[("tidblink:member:a", &finished_value(&service()))]);
        assert!(!is_joining(&finished, "a") && counts(&finished, "a"));
    }

    #[test]
    fn only_where_all_are_dead_nobody_needs_what_is_left() {
        let (dead, alive) = (aged(&service(), 180), aged(&service(), 179));
        assert!(are_dead(&endpoint(&[("tidblink:member:a", &dead)]), NOW));
        for other in [alive.as_str(), "serverless/1", ""] {
            let shared = endpoint(&[("tidblink:member:a", &dead), ("tidblink:member:b", other)]);
            assert!(!are_dead(&shared, NOW), "{other:?}");
        }
        assert!(!are_dead(&endpoint(&[]), NOW), "somebody else's");
    }

    #[test]
    fn whoever_comes_in_is_named_by_service_alone() {
        let shared = endpoint(&[("tidblink:member:a", &aged(&service(), 60))]);
        assert_eq!(others(&shared, "b", NOW), [("a".to_owned(), "serverless/1".to_owned())]);
    }

    /// Amazon EC2 user guide, "Tag restrictions": letters, numbers, spaces and `+ - = . _ : / @`, 256 characters at most.
    #[test]
    fn the_value_fits_the_rules_for_tags() {
        let service: ServiceId = "serverless/18446744073709551615".parse().unwrap();
        let value = joining_value(&service, Duration::from_secs(u64::MAX));
        let allowed = |c: char| c.is_ascii_alphanumeric() || " +-=._:/@".contains(c);
        assert!(value.len() <= 256 && value.chars().all(allowed), "{value}");
    }
}
