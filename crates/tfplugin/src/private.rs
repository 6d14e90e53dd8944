//! The bytes that a resource keeps in the state beside its attributes.
//!
//! Terraform stores them unread and hands them back on the next call. Here they are a JSON object of named values, so
//! that several parts of a provider can keep their own entries without knowing of each other.

use std::collections::BTreeMap;

use serde::{Serialize, de::DeserializeOwned};

/// Named JSON values that Terraform keeps for a resource instance. Not shown to users, but not encrypted either.
///
/// ```
/// use tfplugin::PrivateState;
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let mut private = PrivateState::new();
/// private.set("etag", "0x1f")?;
///
/// // On the next call, out of the bytes that Terraform kept:
/// let private = PrivateState::from_bytes(&private.to_bytes())?;
/// assert_eq!(private.get::<String>("etag")?.as_deref(), Some("0x1f"));
/// assert_eq!(private.get::<String>("other")?, None);
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PrivateState(BTreeMap<String, serde_json::Value>);

/// Why private state could not be read or written.
#[derive(Debug, thiserror::Error)]
pub enum PrivateStateError {
    /// The bytes are not a JSON object: another provider or a damaged state wrote them.
    #[error("the resource's private state is not a JSON object, so it was not written by this provider: {0}")]
    Malformed(#[source] serde_json::Error),
    /// An entry does not have the shape its reader expects.
    #[error("the entry {key:?} of the resource's private state has an unexpected shape: {source}")]
    Entry {
        /// The entry's name.
        key: String,
        /// What the decoder or encoder said.
        #[source]
        source: serde_json::Error,
    },
}

impl PrivateState {
    /// No entries.
    pub fn new() -> Self {
        Self::default()
    }

    /// Reads the stored bytes. No bytes at all are an empty private state.
    ///
    /// # Errors
    /// [`PrivateStateError::Malformed`] when the bytes are not a JSON object.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, PrivateStateError> {
        if bytes.is_empty() {
            return Ok(Self::default());
        }
        serde_json::from_slice(bytes).map(Self).map_err(PrivateStateError::Malformed)
    }

    /// The bytes to store; none at all when there are no entries.
    pub fn to_bytes(&self) -> Vec<u8> {
        if self.0.is_empty() {
            return Vec::new();
        }
        let object: serde_json::Map<_, _> = self.0.clone().into_iter().collect();
        serde_json::Value::Object(object).to_string().into_bytes()
    }

    /// The entry called `key`, if there is one.
    ///
    /// # Errors
    /// [`PrivateStateError::Entry`] when the entry is not a `T`.
    pub fn get<T: DeserializeOwned>(&self, key: &str) -> Result<Option<T>, PrivateStateError> {
        let Some(value) = self.0.get(key) else {
            return Ok(None);
        };
        T::deserialize(value)
            .map(Some)
            .map_err(|source| PrivateStateError::Entry { key: key.to_owned(), source })
    }

    /// Sets the entry called `key`.
    ///
    /// # Errors
    /// [`PrivateStateError::Entry`] when the value has no JSON form, such as a map whose keys are not strings.
    pub fn set<T: Serialize + ?Sized>(&mut self, key: &str, value: &T) -> Result<(), PrivateStateError> {
        let value = serde_json::to_value(value)
            .map_err(|source| PrivateStateError::Entry { key: key.to_owned(), source })?;
        self.0.insert(key.to_owned(), value);
        Ok(())
    }

    /// Forgets the entry called `key`; tells whether there was one.
    pub fn remove(&mut self, key: &str) -> bool {
        self.0.remove(key).is_some()
    }

    /// Whether there are no entries.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]
    use super::*;

    #[test]
    fn no_entries_are_no_bytes_and_back() {
        assert_eq!(PrivateState::new().to_bytes(), b"");
        assert!(PrivateState::from_bytes(b"").unwrap().is_empty());
    }

    #[test]
    fn entries_survive_the_state() {
        let mut private = PrivateState::new();
        private.set("token", "t-1").unwrap();
        private.set("attempts", &3_i64).unwrap();
        let mut again = PrivateState::from_bytes(&private.to_bytes()).unwrap();
        assert_eq!(again.get::<String>("token").unwrap().as_deref(), Some("t-1"));
        assert_eq!(again.get::<i64>("attempts").unwrap(), Some(3));
        assert_eq!(again.get::<i64>("absent").unwrap(), None);
        assert!(again.remove("token"));
        assert!(!again.remove("token"));
    }

    #[test]
    fn an_entry_of_another_shape_is_an_error_that_names_it() {
        let mut private = PrivateState::new();
        private.set("token", "t-1").unwrap();
        let error = private.get::<i64>("token").unwrap_err().to_string();
        assert!(error.contains("\"token\""), "{error}");
    }

    #[test]
    fn foreign_bytes_are_an_error_that_says_so() {
        let error = PrivateState::from_bytes(b"\x81\xa1a\x01").unwrap_err().to_string();
        assert!(error.contains("not written by this provider"), "{error}");
        assert!(PrivateState::from_bytes(b"[1]").is_err());
    }
}
