//! Is a result what was planned? If not, core says "Provider produced inconsistent result after apply", or, where two
//! plans of one change differ, "Provider produced inconsistent final plan".
//!
//! What was known in the plan stays as it was; what was unknown may become anything within its refinements.

use std::collections::BTreeMap;

use super::{CheckError, conformance, shown};
use crate::{
    path::{AttributePath, PathError},
    plan::correlate::part,
    schema::{Attribute, BlockNesting, Contents, NestedBlock, Schema},
    value::{Value, set_size},
};

/// Checks the new state `actual` against the plan. Core does so only when the provider reported no error.
pub fn assert_apply_compatible(schema: &Schema, planned: &Value, actual: &Value) -> Vec<CheckError> {
    let mut errors = compatible(schema, planned, actual);
    actual.walk(|path, value| {
        if value.is_unknown() {
            errors.push(PathError::new(path, "is still unknown after apply"));
        }
        true
    });
    write_only_null(schema.block.contents(), actual, &AttributePath::root(), &mut errors);
    errors
}

/// Checks the plan made again during apply against the first one.
pub fn assert_replan_compatible(
    schema: &Schema,
    first_planned: &Value,
    second_planned: &Value,
) -> Vec<CheckError> {
    compatible(schema, first_planned, second_planned)
}

fn compatible(schema: &Schema, planned: &Value, actual: &Value) -> Vec<CheckError> {
    match conformance(schema, actual) {
        Ok(()) => object(schema.block.contents(), planned, actual, &AttributePath::root()),
        Err(error) => vec![error],
    }
}

fn write_only_null(
    contents: Contents<'_>,
    object: &Value,
    path: &AttributePath,
    errors: &mut Vec<CheckError>,
) {
    for attribute in contents.attributes {
        let path = path.attribute(&attribute.name);
        let value = part(object, &attribute.name);
        if attribute.write_only && !value.is_null() {
            errors.push(PathError::new(path, "a write-only attribute must be null in the state"));
        } else if let Some((_, contents)) = attribute.nested() {
            each_object(value, &path, |object, path| write_only_null(contents, object, path, errors));
        }
    }
    for block in contents.blocks {
        let path = path.attribute(&block.name);
        let contents = block.block.contents();
        each_object(part(object, &block.name), &path, |object, path| {
            write_only_null(contents, object, path, errors)
        });
    }
}

/// Calls `visit` for the object, or for every object of the collection.
fn each_object(value: &Value, path: &AttributePath, mut visit: impl FnMut(&Value, &AttributePath)) {
    match value {
        Value::Object(_) => visit(value, path),
        collection => collection.children(path, |path, element| visit(element, path)),
    }
}

fn object(contents: Contents<'_>, planned: &Value, actual: &Value, path: &AttributePath) -> Vec<CheckError> {
    match (planned.is_null(), actual.is_null()) {
        (true, true) => return Vec::new(),
        (true, false) => return vec![PathError::new(path, "was planned absent, but is there")],
        (false, true) => return vec![PathError::new(path, "was planned, but is absent")],
        (false, false) => {}
    }
    let mut errors = Vec::new();
    for attribute in contents.attributes {
        let (planned, actual) = (part(planned, &attribute.name), part(actual, &attribute.name));
        errors.extend(attribute_value(attribute, planned, actual, &path.attribute(&attribute.name)));
    }
    for block in contents.blocks {
        let (planned, actual) = (part(planned, &block.name), part(actual, &block.name));
        errors.extend(blocks(block, planned, actual, &path.attribute(&block.name)));
    }
    errors
}

fn attribute_value(
    attribute: &Attribute,
    planned: &Value,
    actual: &Value,
    path: &AttributePath,
) -> Vec<CheckError> {
    let errors = value(planned, actual, path);
    if attribute.sensitive && !errors.is_empty() {
        return vec![PathError::new(path, "the sensitive value differs from the planned one")];
    }
    errors
}

fn blocks(block: &NestedBlock, planned: &Value, actual: &Value, path: &AttributePath) -> Vec<CheckError> {
    let contents = block.block.contents();
    if matches!(block.nesting, BlockNesting::Single | BlockNesting::Group) {
        // An unknown block may turn out not to be there.
        let may_vanish = planned.is_unknown() && actual.is_null();
        return if may_vanish { Vec::new() } else { object_or_unknown(contents, planned, actual, path) };
    }
    match (planned, actual) {
        (Value::List(planned), Value::List(actual)) => {
            if planned.len() != actual.len() {
                let message =
                    format!("{} blocks were planned, but there are {}", planned.len(), actual.len());
                return vec![PathError::new(path, message)];
            }
            let pairs = planned.iter().zip(actual).enumerate();
            pairs
                .flat_map(|(index, (planned, actual))| {
                    object_or_unknown(contents, planned, actual, &path.index(index))
                })
                .collect()
        }
        (Value::Map(planned_blocks), Value::Map(actual_blocks)) => {
            if planned_blocks.len() != actual_blocks.len() {
                let message = format!(
                    "{} blocks were planned, but there are {}",
                    planned_blocks.len(),
                    actual_blocks.len()
                );
                return vec![PathError::new(path, message)];
            }
            let pairs = planned_blocks
                .iter()
                .filter_map(|(key, planned)| Some((key, planned, actual_blocks.get(key)?)));
            pairs
                .flat_map(|(key, planned, actual)| {
                    object_or_unknown(contents, planned, actual, &path.key(key))
                })
                .collect()
        }
        (Value::Set(planned), Value::Set(actual)) => set(planned, actual, path, |planned, actual| {
            object_or_unknown(contents, planned, actual, path).is_empty()
        }),
        // Unknown blocks may become any; core does not look at null ones.
        _ => Vec::new(),
    }
}

fn object_or_unknown(
    contents: Contents<'_>,
    planned: &Value,
    actual: &Value,
    path: &AttributePath,
) -> Vec<CheckError> {
    if planned.is_unknown() { Vec::new() } else { object(contents, planned, actual, path) }
}

fn value(planned: &Value, actual: &Value, path: &AttributePath) -> Vec<CheckError> {
    let fail = |message: String| vec![PathError::new(path, message)];
    if let Value::Unknown(refinement) = planned {
        let fits = refinement.as_ref().is_none_or(|refinement| refinement.admits(actual));
        return if fits {
            Vec::new()
        } else {
            fail(format!("{} breaks a promise of the plan", shown(actual, false)))
        };
    }
    match (planned.is_null(), actual.is_null()) {
        (true, true) => return Vec::new(),
        (true, false) => return fail(format!("was planned null, but is {}", shown(actual, false))),
        (false, true) => {
            return fail(format!("was planned {}, but is null", shown(planned, false)));
        }
        (false, false) => {}
    }
    if actual.is_unknown() {
        return fail(format!("was planned {}, but is unknown now", shown(planned, false)));
    }
    match (planned, actual) {
        (Value::List(planned), Value::List(actual)) | (Value::Tuple(planned), Value::Tuple(actual)) => {
            let mut errors: Vec<_> = planned
                .iter()
                .zip(actual)
                .enumerate()
                .flat_map(|(index, (planned, actual))| value(planned, actual, &path.index(index)))
                .collect();
            if planned.len() != actual.len() {
                let message =
                    format!("{} elements were planned, but there are {}", planned.len(), actual.len());
                errors.push(PathError::new(path, message));
            }
            errors
        }
        (Value::Map(planned), Value::Map(actual)) => keyed(planned, actual, path, |key| path.key(key)),
        (Value::Object(planned), Value::Object(actual)) => {
            keyed(planned, actual, path, |name| path.attribute(name))
        }
        (Value::Set(planned), Value::Set(actual)) => {
            set(planned, actual, path, |planned, actual| value(planned, actual, path).is_empty())
        }
        (Value::Dynamic(planned), Value::Dynamic(actual)) if planned.ty == actual.ty => {
            value(&planned.value, &actual.value, path)
        }
        (planned, actual) if planned == actual => Vec::new(),
        (planned, actual) => {
            fail(format!("was planned {}, but is {}", shown(planned, false), shown(actual, false)))
        }
    }
}

/// Elements of a map or attributes of an object: the same keys, and compatible values.
fn keyed(
    planned: &BTreeMap<String, Value>,
    actual: &BTreeMap<String, Value>,
    path: &AttributePath,
    step: impl Fn(&str) -> AttributePath,
) -> Vec<CheckError> {
    let mut errors = Vec::new();
    for (key, planned) in planned {
        match actual.get(key) {
            Some(actual) => errors.extend(value(planned, actual, &step(key))),
            None => errors.push(PathError::new(path, format!("the planned element {key:?} has vanished"))),
        }
    }
    for key in actual.keys().filter(|key| !planned.contains_key(*key)) {
        errors.push(PathError::new(path, format!("the element {key:?} was not planned")));
    }
    errors
}

/// Elements of a set: each planned one has become some actual one, and each actual one was some planned one. There may
/// be fewer, because unknown elements can turn out equal, but never more.
fn set(
    planned: &[Value],
    actual: &[Value],
    path: &AttributePath,
    is_compatible: impl Fn(&Value, &Value) -> bool,
) -> Vec<CheckError> {
    let mut errors = Vec::new();
    for one in planned.iter().filter(|one| !actual.iter().any(|other| is_compatible(one, other))) {
        errors.push(PathError::new(path, format!("the planned element {} has vanished", shown(one, false))));
    }
    for one in actual.iter().filter(|one| !planned.iter().any(|other| is_compatible(other, one))) {
        errors.push(PathError::new(path, format!("the element {} was not planned", shown(one, false))));
    }
    let (most, actual) = (*set_size(planned).end(), *set_size(actual).end());
    if actual > most {
        let message = format!("{most} elements were planned, but there are {actual}");
        errors.push(PathError::new(path, message));
    }
    errors
}
