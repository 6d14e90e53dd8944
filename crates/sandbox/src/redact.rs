//! Takes secrets out of what the journal keeps. Headers are never kept, so only the query and the body matter.

use serde_json::Value;

/// What stands where a secret was.
const REMOVED: &str = "REMOVED";

/// Parameters and fields that hold a secret, or proof of one, in any of the doors' formats; compared without case,
/// hyphens and underscores.
const SECRETS: [&str; 14] = [
    "accesskeysecret",
    "authorization",
    "oidctoken",
    "password",
    "privatekey",
    "rootpassword",
    "secretaccesskey",
    "securitytoken",
    "sessiontoken",
    "signature",
    "webidentitytoken",
    "xacssecuritytoken",
    "xamzsecuritytoken",
    "xamzsignature",
];

fn is_secret(name: &str) -> bool {
    let plain: String = name
        .chars()
        .filter(|character| character.is_ascii_alphanumeric())
        .map(|character| character.to_ascii_lowercase())
        .collect();
    SECRETS.contains(&plain.as_str())
}

/// A query or form body without its secrets.
pub(crate) fn form(encoded: &str) -> String {
    let kept: Vec<String> = encoded
        .split('&')
        .map(|pair| match pair.split_once('=') {
            Some((name, _)) if is_secret(name) => format!("{name}={REMOVED}"),
            _ => pair.to_owned(),
        })
        .collect();
    kept.join("&")
}

/// A body without its secrets, be it JSON or a form.
pub(crate) fn body(text: &str) -> String {
    let Ok(mut value) = serde_json::from_str::<Value>(text) else {
        return form(text);
    };
    if remove(&mut value) {
        return value.to_string();
    }
    // Nothing secret in it: exactly as sent.
    text.to_owned()
}

fn remove(value: &mut Value) -> bool {
    match value {
        Value::Object(fields) => {
            let mut removed = false;
            for (name, field) in fields.iter_mut() {
                if is_secret(name) {
                    *field = Value::from(REMOVED);
                    removed = true;
                } else {
                    removed |= remove(field);
                }
            }
            removed
        }
        Value::Array(items) => items.iter_mut().fold(false, |removed, item| remove(item) | removed),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_loses_its_secrets_only() {
        assert_eq!(
            form("Action=X&SecurityToken=abc&Signature=def&VpcId=vpc-1"),
            "Action=X&SecurityToken=REMOVED&Signature=REMOVED&VpcId=vpc-1"
        );
    }

    #[test]
    fn json_loses_nested_secrets() {
        let cleaned = body(r#"{"cluster":{"rootPassword":"s3cret","name":"x"}}"#);
        assert!(!cleaned.contains("s3cret"));
        assert!(cleaned.contains("\"name\":\"x\""));
    }

    #[test]
    fn a_body_without_secrets_is_kept_as_sent() {
        assert_eq!(body(r#"{ "endpointId":  "vpce-1" }"#), r#"{ "endpointId":  "vpce-1" }"#);
    }
}
