//! Terraform core's own checks of what a provider answers.
//!
//! Core refuses plans and results that break its rules, and tells the user of a bug in the provider. The same rules
//! are here so that the bug shows in the provider's tests. Values are those of the schema's implied type.

mod compatible;
mod plan_valid;
mod proposed;

use crate::{
    path::PathError,
    schema::Schema,
    value::{Value, msgpack},
};

pub use self::{
    compatible::{assert_apply_compatible, assert_replan_compatible},
    plan_valid::assert_plan_valid,
    proposed::proposed_new_state,
};

/// A broken rule, and where.
pub type CheckError = PathError;

/// Whether `value` is of the schema's type at all: everything else builds on that.
fn conformance(schema: &Schema, value: &Value) -> Result<(), CheckError> {
    msgpack::encode(value, &schema.implied_type()).map(drop)
}

/// A value as messages show it; a sensitive one is not shown.
fn shown(value: &Value, sensitive: bool) -> String {
    match value {
        _ if sensitive => "(sensitive value)".to_owned(),
        Value::Null => "null".to_owned(),
        Value::Unknown(_) => "(known after apply)".to_owned(),
        Value::Bool(value) => value.to_string(),
        Value::Number(number) => number.to_string(),
        Value::String(text) => format!("{text:?}"),
        Value::Dynamic(dynamic) => shown(&dynamic.value, sensitive),
        composite => format!("{composite:?}"),
    }
}

#[cfg(test)]
mod tests;
