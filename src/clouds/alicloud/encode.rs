//! Parameters of an RPC call and the one text form they have: what is signed and what is sent must be the same bytes, so
//! both come from here and no URL library gets to write them in its own way.

use std::collections::BTreeMap;

/// The parameters of a call, in the order in which they are signed: bytewise by their names, so that `Tag.10` stands
/// between `Tag.1` and `Tag.2` (Alibaba Cloud, "V3 request syntax and signature method").
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Params(BTreeMap<String, String>);

impl Params {
    /// No parameters.
    pub(super) fn new() -> Self {
        Self::default()
    }

    /// Adds one.
    #[must_use]
    pub(super) fn with(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.0.insert(name.into(), value.into());
        self
    }

    /// Adds one that may be left out.
    #[must_use]
    pub(super) fn maybe(self, name: &str, value: Option<impl Into<String>>) -> Self {
        match value {
            Some(value) => self.with(name, value),
            None => self,
        }
    }

    /// Adds a list, flattened from 1: `SecurityGroupId.1`, `SecurityGroupId.2`.
    #[must_use]
    pub(super) fn list(self, name: &str, values: impl IntoIterator<Item = impl Into<String>>) -> Self {
        let numbered = values.into_iter().enumerate();
        numbered.fold(self, |params, (index, value)| params.with(format!("{name}.{}", index + 1), value))
    }

    /// Adds a list of pairs, flattened from 1: `Tag.1.Key`, `Tag.1.Value`.
    #[must_use]
    pub(super) fn pairs<'a>(
        self,
        name: &str,
        (first, second): (&str, &str),
        pairs: impl IntoIterator<Item = (&'a str, &'a str)>,
    ) -> Self {
        pairs.into_iter().enumerate().fold(self, |params, (index, (one, other))| {
            let number = index + 1;
            params
                .with(format!("{name}.{number}.{first}"), one)
                .with(format!("{name}.{number}.{second}"), other)
        })
    }

    /// These and others.
    #[must_use]
    pub(super) fn and(mut self, others: Self) -> Self {
        self.0.extend(others.0);
        self
    }

    /// All of them as the query of a URL, or as a form body, which may be written in the same way.
    pub(super) fn encoded(&self) -> String {
        let pairs: Vec<_> =
            self.0.iter().map(|(name, value)| format!("{}={}", encode(name), encode(value))).collect();
        pairs.join("&")
    }
}

/// Percent-encodes everything but the unreserved characters of RFC 3986, in capitals.
pub(super) fn encode(text: &str) -> String {
    const DIGITS: &[u8; 16] = b"0123456789ABCDEF";
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            encoded.push('%');
            encoded.push(char::from(DIGITS[usize::from(byte >> 4)]));
            encoded.push(char::from(DIGITS[usize::from(byte & 15)]));
        }
    }
    encoded
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_unreserved_characters_stay_as_they_are() {
        assert_eq!(encode("aZ09-_.~"), "aZ09-_.~");
        assert_eq!(encode(" +*/=&%:\n"), "%20%2B%2A%2F%3D%26%25%3A%0A");
        assert_eq!(encode("端"), "%E7%AB%AF");
    }

    #[test]
    fn lists_are_numbered_from_one_and_sorted_bytewise() {
        let params = Params::new()
            .list("SecurityGroupId", (1..=10).map(|number| format!("sg-{number}")))
            .pairs("Tag", ("Key", "Value"), [("a", ""), ("b", "c d")])
            .maybe("EndpointName", None::<String>)
            .with("Zone.1.ip", "1")
            .with("Zone.1.ZoneId", "z");
        let encoded = params.encoded();
        assert!(encoded.starts_with("SecurityGroupId.1=sg-1&SecurityGroupId.10=sg-10&SecurityGroupId.2="));
        assert!(encoded.ends_with(
            "&Tag.1.Key=a&Tag.1.Value=&Tag.2.Key=b&Tag.2.Value=c%20d&Zone.1.ZoneId=z&Zone.1.ip=1"
        ));
    }

    proptest::proptest! {
        #[test]
        fn a_url_library_leaves_what_is_encoded_as_it_is(name in ".{1,20}", value in ".{0,40}") {
            let query = Params::new().with(name, value).encoded();
            let url = url::Url::parse(&format!("https://example.com/?{query}")).unwrap();
            proptest::prop_assert_eq!(url.query(), Some(query.as_str()));
        }
    }
}
