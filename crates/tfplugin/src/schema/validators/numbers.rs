//! Rules for numbers.

use super::{Validator, refuse};
use crate::{
    diagnostics::Diagnostics,
    path::AttributePath,
    value::{Number, Value},
};

/// A rule that is a condition on a number.
struct Condition<F> {
    description: String,
    holds: F,
}

impl<F: Fn(&Number) -> bool + Send + Sync> Validator for Condition<F> {
    fn describe(&self) -> String {
        self.description.clone()
    }

    fn validate(&self, value: &Value, path: &AttributePath, diagnostics: &mut Diagnostics) {
        if let Value::Number(number) = value
            && !(self.holds)(number)
        {
            refuse(self, &number.to_string(), path, diagnostics);
        }
    }
}

/// A whole number that fits in 64 bits.
pub fn whole_number() -> impl Validator {
    Condition {
        description: "be a whole number".to_owned(),
        holds: |number: &Number| number.to_i64().is_some(),
    }
}

/// A number that a 64-bit float holds without changing it.
pub fn float() -> impl Validator {
    Condition {
        description: "be a number with at most 15 significant digits or so (a 64-bit float)".to_owned(),
        holds: |number: &Number| f64::try_from(number).is_ok(),
    }
}

/// A number not below `minimum`.
pub fn at_least(minimum: i64) -> impl Validator {
    let limit = Number::from(minimum);
    Condition {
        description: format!("be at least {minimum}"),
        holds: move |number: &Number| *number >= limit,
    }
}

/// A number from `minimum` to `maximum`, both included.
pub fn between(minimum: i64, maximum: i64) -> impl Validator {
    let range = Number::from(minimum)..=Number::from(maximum);
    Condition {
        description: format!("be between {minimum} and {maximum}"),
        holds: move |number: &Number| range.contains(number),
    }
}
