//! A value that may be absent or not decided yet.
//!
//! Every attribute a user can write, and every attribute a provider computes, is in one of three states; [`Attr`]
//! is the type that model structs use for them. It knows nothing of encodings: see [`mod@crate::model`] for those.

/// The three states of an attribute in a configuration, a plan or a state.
///
/// ```
/// use tfplugin::Attr;
///
/// let port: Attr<i64> = Attr::Null;
/// assert_eq!(port.or(Attr::Known(4000)), Attr::Known(4000));
/// // What is not known yet may still turn out to be set, so nothing takes its place.
/// assert_eq!(Attr::Unknown.or(Attr::Known(4000)), Attr::Unknown);
/// assert_eq!(Attr::Known(4000).map(|port| port + 1).known(), Some(&4001));
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Attr<T> {
    /// Not set.
    #[default]
    Null,
    /// Will have a value after apply. Never occurs in a state.
    Unknown,
    /// Set, and the value is known.
    Known(T),
}

impl<T> Attr<T> {
    /// Whether the attribute is not set.
    pub fn is_null(&self) -> bool {
        matches!(self, Self::Null)
    }

    /// Whether the value is decided only during apply.
    pub fn is_unknown(&self) -> bool {
        matches!(self, Self::Unknown)
    }

    /// Whether there is a value to look at.
    pub fn is_known(&self) -> bool {
        matches!(self, Self::Known(_))
    }

    /// The value, if known.
    pub fn known(&self) -> Option<&T> {
        match self {
            Self::Known(value) => Some(value),
            Self::Null | Self::Unknown => None,
        }
    }

    /// The value, if known.
    pub fn into_known(self) -> Option<T> {
        match self {
            Self::Known(value) => Some(value),
            Self::Null | Self::Unknown => None,
        }
    }

    /// The value if known, else `default`. Both null and unknown give the default, so use it where the value is
    /// known to be decided: in apply, or after a check with [`Attr::is_unknown`].
    pub fn known_or(self, default: T) -> T {
        self.into_known().unwrap_or(default)
    }

    /// Borrows the value.
    pub fn as_ref(&self) -> Attr<&T> {
        match self {
            Self::Null => Attr::Null,
            Self::Unknown => Attr::Unknown,
            Self::Known(value) => Attr::Known(value),
        }
    }

    /// Transforms a known value; null and unknown stay what they are.
    pub fn map<U>(self, transform: impl FnOnce(T) -> U) -> Attr<U> {
        match self {
            Self::Null => Attr::Null,
            Self::Unknown => Attr::Unknown,
            Self::Known(value) => Attr::Known(transform(value)),
        }
    }

    /// `self` unless it is null, then `other`. An unknown stays unknown: it may still turn out to be set.
    pub fn or(self, other: Self) -> Self {
        match self {
            Self::Null => other,
            set => set,
        }
    }
}

impl<T: AsRef<str>> Attr<T> {
    /// The known text as a string slice.
    pub fn as_str(&self) -> Option<&str> {
        self.known().map(AsRef::as_ref)
    }
}

impl<T> From<T> for Attr<T> {
    fn from(value: T) -> Self {
        Self::Known(value)
    }
}

impl<T> From<Option<T>> for Attr<T> {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Self::Known)
    }
}

impl From<&str> for Attr<String> {
    fn from(value: &str) -> Self {
        Self::Known(value.to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unknown_is_not_replaced_by_an_alternative() {
        assert_eq!(Attr::Unknown.or(Attr::Known(1)), Attr::Unknown);
        assert_eq!(Attr::Null.or(Attr::Known(1)), Attr::Known(1));
        assert_eq!(Attr::Known(2).or(Attr::Known(1)), Attr::Known(2));
    }

    #[test]
    fn an_option_becomes_null_or_known_but_never_unknown() {
        assert_eq!(Attr::<i64>::from(None), Attr::Null);
        assert_eq!(Attr::from(Some(7)), Attr::Known(7));
    }

    #[test]
    fn mapping_keeps_null_and_unknown() {
        assert_eq!(Attr::<i64>::Unknown.map(|n| n + 1), Attr::Unknown);
        assert_eq!(Attr::<i64>::Null.map(|n| n + 1), Attr::Null);
        assert_eq!(Attr::Known(1).map(|n| n + 1), Attr::Known(2));
    }
}
