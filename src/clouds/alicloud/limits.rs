//! What names and tags of endpoints may look like, as pure functions for validators: `Err` holds the end of a sentence
//! about what is wrong. Source: PrivateLink API reference, CreateVpcEndpoint and TagResources.

/// Tags that an endpoint may have in all.
const MOST_TAGS: usize = 20;
/// Of those, the marks by which this provider knows its endpoints: token, service, unfinished.
const MARKS: usize = 3;
/// Tags that a user may set.
pub const MOST_USER_TAGS: usize = MOST_TAGS - MARKS;

/// An endpoint's name: 2 to 128 characters; a letter (Latin or Chinese) first, then letters, digits, `-` and `_`.
///
/// # Errors
/// What is wrong with it.
pub fn check_name(name: &str) -> Result<(), String> {
    let length = name.chars().count();
    if !(2..=128).contains(&length) {
        return Err(format!("it has {length} characters, and a name has 2 to 128"));
    }
    if !name.starts_with(is_letter) {
        return Err("a name begins with a letter".to_owned());
    }
    let odd = name.chars().find(|c| !(is_letter(*c) || c.is_ascii_digit() || matches!(c, '-' | '_')));
    odd.map_or(Ok(()), |c| Err(format!("{c:?} is none of letters, digits, hyphens and underscores")))
}

/// A tag's key: 1 to 64 characters, beginning neither with `aliyun` nor with `acs:`, and no address.
///
/// # Errors
/// What is wrong with it.
pub fn check_tag_key(key: &str) -> Result<(), String> {
    let length = key.chars().count();
    if !(1..=64).contains(&length) {
        return Err(format!("its key has {length} characters, and a key has 1 to 64"));
    }
    check_tag_text(key, "keys")
}

/// A tag's value: at most 128 characters, beginning neither with `aliyun` nor with `acs:`, and no address.
///
/// # Errors
/// What is wrong with it.
pub fn check_tag_value(value: &str) -> Result<(), String> {
    let length = value.chars().count();
    if length > 128 {
        return Err(format!("its value has {length} characters, and a value has at most 128"));
    }
    check_tag_text(value, "values")
}

/// How many tags a user sets: an endpoint has room for 20, of which this provider needs some.
///
/// # Errors
/// How many fit.
pub fn check_tag_count(count: usize) -> Result<(), String> {
    if count > MOST_USER_TAGS {
        return Err(format!(
            "there are {count}, and {MOST_USER_TAGS} fit: an endpoint has at most {MOST_TAGS} tags, {MARKS} of which mark \
             it as made by this provider"
        ));
    }
    Ok(())
}

fn check_tag_text(text: &str, what: &str) -> Result<(), String> {
    let lower = text.to_lowercase();
    if let Some(start) = ["aliyun", "acs:"].into_iter().find(|start| lower.starts_with(start)) {
        return Err(format!("{what} that begin with `{start}` belong to Alibaba Cloud"));
    }
    if let Some(address) = ["http://", "https://"].into_iter().find(|address| lower.contains(address)) {
        return Err(format!("{what} must not contain `{address}`"));
    }
    Ok(())
}

/// Latin letters, and the characters of the CJK Unified Ideographs.
fn is_letter(c: char) -> bool {
    c.is_ascii_alphabetic() || ('\u{4e00}'..='\u{9fff}').contains(&c)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clouds::{SERVICE_TAG, TOKEN_TAG, UNFINISHED_TAG};

    #[test]
    fn names_are_as_the_service_takes_them() {
        for name in ["ab", "a1-_", "测试-1", "Orders_db", &"a".repeat(128)] {
            assert_eq!(check_name(name), Ok(()), "{name}");
        }
        for name in ["", "a", "1a", "-a", "_a", "a b", "a.b", "aé", &"a".repeat(129)] {
            assert!(check_name(name).is_err(), "{name}");
        }
    }

    #[test]
    fn tags_are_as_the_service_takes_them() {
        for key in ["team", "a:b", &"k".repeat(64), "my-aliyun", TOKEN_TAG, SERVICE_TAG, UNFINISHED_TAG] {
            assert_eq!(check_tag_key(key), Ok(()), "{key}");
        }
        for key in ["", "aliyun", "Aliyun-x", "acs:x", "x http://y", "https://y", &"k".repeat(65)] {
            assert!(check_tag_key(key).is_err(), "{key}");
        }
        for value in ["", "orders", &"v".repeat(128)] {
            assert_eq!(check_tag_value(value), Ok(()), "{value}");
        }
        for value in ["aliyun", "acs:x", "see https://x", &"v".repeat(129)] {
            assert!(check_tag_value(value).is_err(), "{value}");
        }
    }

    #[test]
    fn there_is_room_for_the_marks() {
        assert_eq!(check_tag_count(17), Ok(()));
        assert!(check_tag_count(18).is_err_and(|why| why.contains("17 fit")));
    }
}
