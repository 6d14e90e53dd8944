//! Rules for lists, sets and maps.

use std::ops::RangeInclusive;

use super::{Validator, refuse};
use crate::{diagnostics::Diagnostics, path::AttributePath, value::Value};

struct Size(RangeInclusive<usize>);

impl Validator for Size {
    fn describe(&self) -> String {
        match (*self.0.start(), *self.0.end()) {
            (0, most) => format!("have at most {most} elements"),
            (least, usize::MAX) => format!("have at least {least} element(s)"),
            (least, most) if least == most => format!("have exactly {least} element(s)"),
            (least, most) => format!("have {least} to {most} elements"),
        }
    }

    fn validate(&self, value: &Value, path: &AttributePath, diagnostics: &mut Diagnostics) {
        let (fewest, most) = match value {
            Value::List(elements) | Value::Tuple(elements) => (elements.len(), elements.len()),
            Value::Map(elements) => (elements.len(), elements.len()),
            Value::Set(elements) => {
                // Elements that are not known yet may turn out equal to others.
                let known = elements.iter().filter(|element| element.is_wholly_known()).count();
                (known.max(usize::from(!elements.is_empty())), elements.len())
            }
            _ => return,
        };
        if most < *self.0.start() || fewest > *self.0.end() {
            refuse(self, &fewest.max(most).to_string(), path, diagnostics);
        }
    }
}

/// A list, set or map whose number of elements is in `range`.
pub fn size(range: RangeInclusive<usize>) -> impl Validator {
    Size(range)
}

/// A set whose number of elements is in `range`. Elements that are not known yet are counted in the user's favour.
pub fn set_size(range: RangeInclusive<usize>) -> impl Validator {
    Size(range)
}

struct Each<V>(V);

impl<V: Validator> Validator for Each<V> {
    fn describe(&self) -> String {
        format!("have only elements that {}", self.0.describe())
    }

    fn validate(&self, value: &Value, path: &AttributePath, diagnostics: &mut Diagnostics) {
        if matches!(value, Value::Object(_)) {
            return;
        }
        value.children(path, |path, element| {
            if !element.is_null() && !element.is_unknown() {
                self.0.validate(element, path, diagnostics);
            }
        });
    }
}

/// A list, set or map each of whose known elements obeys `rule`.
pub fn each(rule: impl Validator) -> impl Validator {
    Each(rule)
}
