//! What is known of an unknown value.
//!
//! Core narrows unknown values where it can: `"pre-${x.id}"` is unknown but begins with `pre-`. A provider may pass
//! such knowledge on, may drop it, and must honour what it promised: the final value has to fit.

use super::{Number, Value};

/// One end of a range of numbers.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Bound {
    /// The limit.
    pub value: Number,
    /// Whether the limit itself belongs to the range.
    pub inclusive: bool,
}

/// Limits on what an unknown value can turn out to be.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Refinement {
    /// The value will not be null.
    pub not_null: bool,
    /// The text begins with this.
    pub string_prefix: Option<String>,
    /// The number is not below this.
    pub number_lower: Option<Bound>,
    /// The number is not above this.
    pub number_upper: Option<Bound>,
    /// The collection has at least this many elements.
    pub length_lower: Option<u64>,
    /// The collection has at most this many elements.
    pub length_upper: Option<u64>,
}

impl Refinement {
    /// Whether nothing is known after all.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// Whether an unknown with this refinement may turn out to be `value`.
    pub fn admits(&self, value: &Value) -> bool {
        match value {
            Value::Null => !self.not_null,
            Value::Unknown(_) | Value::Bool(_) | Value::Object(_) | Value::Tuple(_) => true,
            Value::String(text) => self.string_prefix.as_ref().is_none_or(|prefix| text.starts_with(prefix)),
            Value::Number(number) => self.admits_number(number),
            Value::List(elements) | Value::Set(elements) => self.admits_length(elements.len()),
            Value::Map(elements) => self.admits_length(elements.len()),
            Value::Dynamic(dynamic) => self.admits(&dynamic.value),
        }
    }

    fn admits_number(&self, number: &Number) -> bool {
        let above = self.number_lower.as_ref().is_none_or(|bound| match bound.inclusive {
            true => number >= &bound.value,
            false => number > &bound.value,
        });
        let below = self.number_upper.as_ref().is_none_or(|bound| match bound.inclusive {
            true => number <= &bound.value,
            false => number < &bound.value,
        });
        above && below
    }

    fn admits_length(&self, length: usize) -> bool {
        let length = length as u64;
        self.length_lower.is_none_or(|lower| length >= lower)
            && self.length_upper.is_none_or(|upper| length <= upper)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_prefix_must_be_kept() {
        let refinement = Refinement { string_prefix: Some("pre-".into()), ..Refinement::default() };
        assert!(refinement.admits(&Value::from("pre-1")));
        assert!(!refinement.admits(&Value::from("post-1")));
        assert!(refinement.admits(&Value::Null));
    }

    #[test]
    fn bounds_include_their_limit_only_when_they_say_so() {
        let bound = |inclusive| Some(Bound { value: Number::from(5_i64), inclusive });
        let closed =
            Refinement { number_lower: bound(true), number_upper: bound(true), ..Refinement::default() };
        assert!(closed.admits(&Value::from(5_i64)));
        assert!(!closed.admits(&Value::from(4_i64)));
        assert!(!closed.admits(&Value::from(6_i64)));
        let open = Refinement { number_lower: bound(false), ..Refinement::default() };
        assert!(!open.admits(&Value::from(5_i64)));
        let open = Refinement { number_upper: bound(false), ..Refinement::default() };
        assert!(!open.admits(&Value::from(5_i64)));
    }

    #[test]
    fn lengths_and_nullness_must_fit() {
        let refinement = Refinement {
            not_null: true,
            length_lower: Some(1),
            length_upper: Some(2),
            ..Refinement::default()
        };
        let list = |count| Value::List(vec![Value::from("x"); count]);
        assert!(!refinement.admits(&Value::Null));
        assert!(!refinement.admits(&list(0)));
        assert!(refinement.admits(&list(2)));
        assert!(!refinement.admits(&list(3)));
    }
}
