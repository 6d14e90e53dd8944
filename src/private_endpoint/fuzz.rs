//! Any text in the tags that are our marks. Other people can write them.

use std::collections::BTreeMap;
use std::time::Duration;

use ::fuzz::text;

use super::marks::tests::{endpoint, wish};
use super::marks::{self, Unfinished};
use crate::clouds::{MEMBER_TAG_PREFIX, SERVICE_TAG, TOKEN_TAG, UNFINISHED_TAG};
use crate::ids::ServiceId;
use crate::tags;
use tfplugin::{AttributePath, Diagnostics};

#[test]
fn the_unfinished_mark() {
    text("unfinished-mark", |text| {
        let read = Unfinished::from_tag(text);
        for now in [Duration::ZERO, Duration::from_secs(u64::MAX)] {
            let _ = read.is_stale(now);
        }
        let again = Unfinished::from_tag(&read.to_tag());
        assert_eq!((again.heartbeat, again.private_dns), (read.heartbeat, read.private_dns));
        assert_eq!(again.settings, read.settings);
    });
}

#[test]
fn the_tags_of_somebody_elses_endpoint() {
    text("tags", |lines| {
        let tags: Vec<(&str, &str)> = lines.lines().filter_map(|line| line.split_once('=')).collect();
        let found = endpoint(&tags);
        let _ = (found.token(), found.is_shared(), found.is_marked(), found.members().count());
        if let Ok(service) = "dedicated/1/2".parse::<ServiceId>() {
            let wish = wish();
            let settings = marks::settings_of(&wish);
            for now in [Duration::ZERO, Duration::from_secs(1_767_225_600), Duration::from_secs(u64::MAX)] {
                let neighbours = std::slice::from_ref(&found);
                let _ = marks::neighbour(neighbours, &service, &settings, &wish, "token", now);
            }
        }
        let map: BTreeMap<String, String> =
            tags.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect();
        for key in marks::user_tags(&map).keys() {
            assert!(![TOKEN_TAG, SERVICE_TAG, UNFINISHED_TAG].contains(&key.as_str()), "{key}");
            assert!(!key.starts_with(MEMBER_TAG_PREFIX), "{key}");
        }
        tags::check(&map, &AttributePath::of("tags"), &mut Diagnostics::new());
    });
}
