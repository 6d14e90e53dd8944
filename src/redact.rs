//! Takes out of texts what nobody may read. Services and proxies on the way repeat in their answers what they were sent,
//! signatures and tokens included, and such answers end in messages and logs. What was sent is known, and taken out
//! wherever it stands; what a library sent for us is known by its form only.

use serde_json::Value;

/// What stands where a secret was.
pub(crate) const REMOVED: &str = "[redacted]";

/// The secrets of one request, in every form that an answer may repeat them in.
#[derive(Clone, Default)]
pub(crate) struct Secrets(Vec<String>);

impl Secrets {
    /// Adds one. An empty one would be everywhere, and is none.
    #[must_use]
    pub(crate) fn and(mut self, secret: &str) -> Self {
        let in_json = Value::from(secret).to_string();
        let in_json = in_json.trim_matches('"').to_owned();
        let in_address: String = url::form_urlencoded::byte_serialize(secret.as_bytes()).collect();
        for form in [secret.to_owned(), in_json, in_address] {
            if !form.is_empty() && !self.0.contains(&form) {
                self.0.push(form);
            }
        }
        // One may be part of another.
        self.0.sort_by_key(|form| std::cmp::Reverse(form.len()));
        self
    }

    /// Adds the value of an `Authorization` header, and what in it proves who sent it.
    #[must_use]
    pub(crate) fn and_authorization(self, header: &str) -> Self {
        let proof = |before: &str, after: char| {
            let (_, rest) = header.split_once(before)?;
            rest.split(after).next()
        };
        let response = proof("response=\"", '"');
        let signature = proof("Signature=", ',');
        [response, signature].into_iter().flatten().fold(self.and(header), Self::and)
    }

    /// The text without them.
    pub(crate) fn out_of(&self, mut text: String) -> String {
        for secret in &self.0 {
            if text.contains(secret) {
                text = text.replace(secret, REMOVED);
            }
        }
        text
    }

    /// A body without them; untouched when none is in it, whatever bytes it is made of.
    pub(crate) fn out_of_body(&self, body: Vec<u8>) -> Vec<u8> {
        let found = |secret: &String| body.windows(secret.len()).any(|part| part == secret.as_bytes());
        if self.0.iter().any(found) {
            self.out_of(String::from_utf8_lossy(&body).into_owned()).into_bytes()
        } else {
            body
        }
    }
}

impl std::fmt::Debug for Secrets {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} secrets", self.0.len())
    }
}

/// Names, in lower case and as far as the sign behind them, whose values nobody may read: what AWS's signatures and its
/// answers about them consist of.
const NAMES: [&str; 8] = [
    "signature=",
    "x-amz-signature=",
    "x-amz-security-token:",
    "x-amz-security-token=",
    "securitytoken=",
    "sessiontoken=",
    "webidentitytoken=",
    "secretaccesskey=",
];

/// A refused signature is explained with the whole request, token included; what comes before says enough.
const CANON: &str = "the canonical string for this request";

/// An answer of AWS without anything that looks like proof of who asked.
pub(crate) fn by_form(text: &str) -> String {
    // Every character of these names is one byte in lower case as well, so places in one text are places in the other.
    let lower = text.to_ascii_lowercase();
    let end = lower.find(CANON).unwrap_or(text.len());
    let (text, lower) = (text[..end].trim_end(), &lower[..end]);
    let mut kept = String::with_capacity(text.len());
    let mut at = 0;
    while let Some((_, value)) = NAMES
        .iter()
        .filter_map(|name| Some((at + lower.get(at..)?.find(name)?, name.len())))
        .map(|(start, length)| (start, start + length))
        .min_by_key(|(start, value)| (*start, std::cmp::Reverse(*value)))
    {
        kept.push_str(text.get(at..value.min(text.len())).unwrap_or_default());
        let rest = text.get(value..).unwrap_or_default();
        let blanks = rest.len() - rest.trim_start_matches(' ').len();
        let length = rest[blanks..]
            .find(|character: char| !(character.is_ascii_alphanumeric() || "+/=%_-.".contains(character)))
            .unwrap_or(rest.len() - blanks);
        if length > 0 {
            kept.push_str(&rest[..blanks]);
            kept.push_str(REMOVED);
            at = value + blanks + length;
        } else {
            at = value;
        }
    }
    kept.push_str(text.get(at..).unwrap_or_default());
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_taken_out_in_every_form() {
        let secrets = Secrets::default().and("a\"b/c d").and("");
        let text = r#"plain a"b/c d, JSON a\"b/c d, address a%22b%2Fc+d"#;
        assert_eq!(
            secrets.out_of(text.to_owned()),
            format!("plain {REMOVED}, JSON {REMOVED}, address {REMOVED}")
        );
        assert!(!format!("{secrets:?}").contains('"'));
    }

    #[test]
    fn an_authorization_header_is_taken_out_whole_and_in_its_parts() {
        let digest = "Digest username=\"me\", response=\"0123456789abcdef\", nc=00000001";
        let acs = "ACS3-HMAC-SHA256 Credential=LTAI,SignedHeaders=host,Signature=fedcba98";
        let secrets = Secrets::default().and_authorization(digest).and_authorization(acs);
        for text in [digest, acs, "response is 0123456789abcdef", "Signature is fedcba98"] {
            let left = secrets.out_of(text.to_owned());
            assert!(!left.contains("0123456789abcdef") && !left.contains("fedcba98"), "{left}");
        }
        assert_eq!(secrets.out_of("username me".into()), "username me");
    }

    #[test]
    fn a_body_without_secrets_stays_as_it_is() {
        let secrets = Secrets::default().and("hunter2");
        assert_eq!(secrets.out_of_body(vec![0xff, 0, b'h']), [0xff, 0, b'h']);
        assert_eq!(secrets.out_of_body(b"<hunter2>".to_vec()), b"<[redacted]>");
    }

    #[test]
    fn what_looks_like_proof_is_taken_out_of_an_answer_of_aws() {
        for (text, left) in [
            ("no such subnet: subnet-1", "no such subnet: subnet-1"),
            (
                "AWS4-HMAC-SHA256 Credential=AKIA/x, Signature=0a1b, end",
                "AWS4-HMAC-SHA256 Credential=AKIA/x, Signature=[redacted], end",
            ),
            (
                "X-Amz-Security-Token: IQoJ/b3+= and x-amz-security-token:abc",
                "X-Amz-Security-Token: [redacted] and x-amz-security-token:[redacted]",
            ),
            ("Action=X&X-Amz-Signature=00ff&Version=1", "Action=X&X-Amz-Signature=[redacted]&Version=1"),
            (
                "Does not match.\n\nThe Canonical String for this request should have been 'POST x-amz-security-token:t'",
                "Does not match.",
            ),
            ("Signature=", "Signature="),
        ] {
            assert_eq!(by_form(text), left);
        }
    }
}
