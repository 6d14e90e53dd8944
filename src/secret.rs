//! A value that must never be shown. It has no `Display`, its `Debug` is a placeholder and it cannot be serialised, so
//! that no log line, diagnostic, panic or state file can carry it by accident.

use std::fmt;

use tfplugin::AttributePath;
use tfplugin::model::{ConversionError, FromValue, ToValue};
use tfplugin::value::Value;

/// A key, token or password. The only way to the text is [`Secret::expose`], so that every use can be found by name.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// Wraps a secret text.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The secret text itself, for signing or sending it and nothing else.
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// Whether there is any text at all.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl From<&str> for Secret {
    fn from(text: &str) -> Self {
        Self::new(text)
    }
}

/// Sensitive attributes are read as secrets, so that a configuration cannot be printed with them either.
impl FromValue for Secret {
    fn from_value(value: &Value, path: &AttributePath) -> Result<Self, ConversionError> {
        String::from_value(value, path).map(Self)
    }
}

impl ToValue for Secret {
    fn to_value(&self) -> Value {
        Value::from(self.0.as_str())
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[redacted]")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_never_shows_the_text() {
        let shown = format!("{:?} {:#?}", Secret::new("hunter2"), Some(Secret::new("hunter2")));
        assert!(!shown.contains("hunter2"));
        assert!(shown.contains("[redacted]"));
    }
}
