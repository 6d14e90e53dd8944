//! Rules for text.

use std::ops::RangeInclusive;

use super::{Validator, refuse};
use crate::{diagnostics::Diagnostics, path::AttributePath, timeouts, value::Value};

/// A rule that is a condition on a text.
struct Condition<F> {
    description: String,
    holds: F,
}

impl<F: Fn(&str) -> bool + Send + Sync> Validator for Condition<F> {
    fn describe(&self) -> String {
        self.description.clone()
    }

    fn validate(&self, value: &Value, path: &AttributePath, diagnostics: &mut Diagnostics) {
        if let Value::String(text) = value
            && !(self.holds)(text)
        {
            refuse(self, &format!("{text:?}"), path, diagnostics);
        }
    }
}

/// One of these texts.
pub fn one_of<S: Into<String>>(choices: impl IntoIterator<Item = S>) -> impl Validator {
    let choices: Vec<String> = choices.into_iter().map(Into::into).collect();
    Condition {
        description: format!("be one of: {}", choices.join(", ")),
        holds: move |text: &str| choices.iter().any(|choice| choice == text),
    }
}

/// A text whose number of characters is in `range`.
pub fn string_length(range: RangeInclusive<usize>) -> impl Validator {
    Condition {
        description: format!("have {} to {} characters", range.start(), range.end()),
        holds: move |text: &str| range.contains(&text.chars().count()),
    }
}

/// A text for which `predicate` holds. The description continues "The value must".
pub fn matches(description: impl Into<String>, predicate: fn(&str) -> bool) -> impl Validator {
    Condition { description: description.into(), holds: predicate }
}

/// A duration in the syntax of Go: `30m`, `1h30m`.
pub fn duration() -> impl Validator {
    Condition {
        description: "be a duration such as \"30m\" or \"1h30m\"".to_owned(),
        holds: |text: &str| timeouts::parse_duration(text).is_ok(),
    }
}
