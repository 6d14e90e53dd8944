//! Rules for single values, ready-made and your own.
//!
//! A validator sees only known values that are not null, so it need not think of the other states. It should depend on
//! the value alone: validation runs without credentials and without the network.
//!
//! ```
//! use tfplugin::schema::{Attribute, validators};
//!
//! let name = Attribute::string("name").required().validate(validators::string_length(1..=63));
//! let mode = Attribute::string("mode").optional().validate(validators::one_of(["fast", "safe"]));
//! let ports = Attribute::set("ports", tfplugin::Type::Number)
//!     .optional()
//!     .validate(validators::each(validators::between(1, 65_535)));
//! ```

mod collections;
mod numbers;
mod strings;

use std::fmt;

pub use self::{
    collections::{each, set_size, size},
    numbers::{at_least, between, float, whole_number},
    strings::{duration, matches, one_of, string_length},
};
use crate::diagnostics::codes;
use crate::{diagnostics::Diagnostics, path::AttributePath, value::Value};

/// A rule for the value of one attribute.
///
/// ```
/// use tfplugin::schema::{Attribute, Validator};
/// use tfplugin::{AttributePath, Diagnostic, Diagnostics, Value};
///
/// struct Even;
///
/// impl Validator for Even {
///     fn describe(&self) -> String {
///         "be an even number".to_owned()
///     }
///
///     fn validate(&self, value: &Value, path: &AttributePath, diagnostics: &mut Diagnostics) {
///         if let Value::Number(number) = value
///             && number.to_i64().is_none_or(|number| number % 2 != 0)
///         {
///             diagnostics.push(Diagnostic::error("Odd number", format!("{number} is odd; take an even one.")).at(path));
///         }
///     }
/// }
///
/// let replicas = Attribute::int64("replicas").optional().validate(Even);
/// ```
pub trait Validator: Send + Sync {
    /// The rule as it continues "The value must": `be one of: a, b`. Used in messages and in documentation.
    fn describe(&self) -> String;

    /// Looks at `value`, which is known and not null, and reports what is wrong with it at `path`. Parts of a
    /// collection or an object may still be unknown.
    fn validate(&self, value: &Value, path: &AttributePath, diagnostics: &mut Diagnostics);
}

impl fmt::Debug for dyn Validator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Validator({})", self.describe())
    }
}

/// Reports that the value at `path` breaks the rule of `validator`.
fn refuse(validator: &dyn Validator, found: &str, path: &AttributePath, diagnostics: &mut Diagnostics) {
    let detail = format!("{path} must {}; found {found}.", validator.describe());
    diagnostics.push(
        crate::Diagnostic::error("Invalid attribute value", detail).at(path).code(codes::INVALID_VALUE),
    );
}

#[cfg(test)]
mod tests;
