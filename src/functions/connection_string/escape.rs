//! How each kind of text takes names and passwords that hold its own special characters.

use std::fmt::Write as _;

/// Percent-encoding for the user, the password and the database of a URL: everything but RFC 3986's unreserved
/// characters.
pub(super) fn percent(text: &str) -> String {
    encode(text, |byte| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte))
}

/// The same for a value in a query. A slash stays: it is allowed there, and some drivers do not decode file names.
pub(super) fn query(text: &str) -> String {
    encode(text, |byte| byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte))
}

fn encode(text: &str, stays: impl Fn(u8) -> bool) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        if stays(byte) {
            encoded.push(char::from(byte));
        } else {
            let _ = write!(encoded, "%{byte:02X}");
        }
    }
    encoded
}

/// One word of a POSIX shell.
pub(super) fn shell(text: &str) -> String {
    format!("'{}'", text.replace('\'', r"'\''"))
}

/// A string literal of Python. Control characters never get here.
pub(super) fn python(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', r"\\").replace('"', "\\\""))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn special_characters_survive_in_every_kind_of_text() {
        assert_eq!(percent("p@ss:w/rd ü'%"), "p%40ss%3Aw%2Frd%20%C3%BC%27%25");
        assert_eq!(query("/etc/a b&c=d"), "/etc/a%20b%26c%3Dd");
        assert_eq!(shell("it's $HOME `x`"), r"'it'\''s $HOME `x`'");
        assert_eq!(python(r#"a"b\c'"#), r#""a\"b\\c'""#);
    }
}
