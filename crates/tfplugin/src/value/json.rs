//! The JSON form of values: state files, and whatever arrives as JSON in their stead.
//!
//! Like the other encoding it is read by type. JSON cannot say "unknown". A value of open type is an object with
//! `value` and `type`.

use std::collections::BTreeMap;

use serde_json::Value as Json;

use super::{CodecError, MAX_DEPTH, Number, Type, Value, normalise};
use crate::path::Step;

/// How closely JSON has to match the type.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Mode {
    /// Exactly: every attribute present, none besides.
    Strict,
    /// As in states that an older version of the schema left: attributes that are gone are dropped, new ones are
    /// null, and bools and numbers may be written as strings.
    Lenient,
}

/// Reads a value of type `ty`.
///
/// # Errors
/// When the bytes are not JSON, or are not a value of this type; the error's path says which part.
pub fn decode(bytes: &[u8], ty: &Type, mode: Mode) -> Result<Value, CodecError> {
    let json: Json =
        serde_json::from_slice(bytes).map_err(|error| CodecError::here(format!("invalid JSON: {error}")))?;
    from_json(&json, ty, mode)
}

/// As [`decode`], from JSON that has been parsed already.
///
/// # Errors
/// When the JSON is not a value of this type; the error's path says which part.
pub fn from_json(json: &Json, ty: &Type, mode: Mode) -> Result<Value, CodecError> {
    read(json, ty, mode, 0)
}

/// Writes `value`, which has to be of type `ty` and wholly known.
///
/// # Errors
/// When the value is not of this type, or some part is unknown or infinite, which JSON cannot say.
pub fn encode(value: &Value, ty: &Type) -> Result<Vec<u8>, CodecError> {
    to_json(value, ty).map(|json| json.to_string().into_bytes())
}

/// As [`encode`], to a JSON tree.
///
/// # Errors
/// As [`encode`].
pub fn to_json(value: &Value, ty: &Type) -> Result<Json, CodecError> {
    write(value, ty, 0)
}

fn too_deep() -> CodecError {
    CodecError::here(format!("values are nested more than {MAX_DEPTH} levels deep"))
}

fn at(index: usize) -> Step {
    Step::Index(i64::try_from(index).unwrap_or(i64::MAX))
}

fn kind(json: &Json) -> &'static str {
    match json {
        Json::Null => "null",
        Json::Bool(_) => "a bool",
        Json::Number(_) => "a number",
        Json::String(_) => "a string",
        Json::Array(_) => "an array",
        Json::Object(_) => "an object",
    }
}

fn read(json: &Json, ty: &Type, mode: Mode, depth: usize) -> Result<Value, CodecError> {
    if depth > MAX_DEPTH {
        return Err(too_deep());
    }
    let lenient = mode == Mode::Lenient;
    let number = |text: &str| match text.parse::<Number>() {
        Ok(number) => Ok(Value::Number(number)),
        Err(error) => Err(CodecError::here(error.to_string())),
    };
    match (ty, json) {
        (_, Json::Null) => Ok(Value::Null),
        (Type::Bool, Json::Bool(value)) => Ok(Value::Bool(*value)),
        (Type::Bool, Json::String(text)) if lenient && (text == "true" || text == "1") => {
            Ok(Value::Bool(true))
        }
        (Type::Bool, Json::String(text)) if lenient && (text == "false" || text == "0") => {
            Ok(Value::Bool(false))
        }
        (Type::Number, Json::Number(value)) => number(&value.to_string()),
        (Type::Number, Json::String(text)) if lenient => number(text),
        (Type::String, Json::String(text)) => Ok(Value::String(normalise(text.clone()))),
        (Type::String, Json::Bool(value)) if lenient => Ok(Value::String(value.to_string())),
        (Type::String, Json::Number(value)) if lenient => Ok(Value::String(value.to_string())),
        (Type::List(element), Json::Array(items)) => {
            read_elements(items, element, mode, depth).map(Value::List)
        }
        (Type::Set(element), Json::Array(items)) => {
            read_elements(items, element, mode, depth).map(Value::Set)
        }
        (Type::Tuple(types), Json::Array(items)) => {
            if types.len() != items.len() {
                let message = format!("expected a tuple of {} elements, found {}", types.len(), items.len());
                return Err(CodecError::here(message));
            }
            let pairs = items.iter().zip(types).enumerate();
            let elements = pairs.map(|(index, (item, ty))| {
                read(item, ty, mode, depth + 1).map_err(|error| error.within(at(index)))
            });
            elements.collect::<Result<_, _>>().map(Value::Tuple)
        }
        (Type::Map(element), Json::Object(members)) => {
            let elements = members.iter().map(|(key, item)| match read(item, element, mode, depth + 1) {
                Ok(value) => Ok((normalise(key.clone()), value)),
                Err(error) => Err(error.within(Step::Key(key.clone()))),
            });
            elements.collect::<Result<_, _>>().map(Value::Map)
        }
        (Type::Object(types), Json::Object(members)) => {
            read_object(members, types, mode, depth).map(Value::Object)
        }
        (Type::Dynamic, Json::Object(members)) => {
            let (Some(ty), Some(inner), 2) = (members.get("type"), members.get("value"), members.len())
            else {
                return Err(CodecError::here("expected an object with `value` and `type`"));
            };
            let ty = Type::from_json_value(ty)?;
            read(inner, &ty, mode, depth + 1).map(|value| Value::dynamic(ty, value))
        }
        (ty, other) => Err(CodecError::here(format!("expected {ty}, found {}", kind(other)))),
    }
}

fn read_elements(items: &[Json], element: &Type, mode: Mode, depth: usize) -> Result<Vec<Value>, CodecError> {
    let elements = items.iter().enumerate();
    elements
        .map(|(index, item)| read(item, element, mode, depth + 1).map_err(|error| error.within(at(index))))
        .collect()
}

fn read_object(
    members: &serde_json::Map<String, Json>,
    types: &BTreeMap<String, Type>,
    mode: Mode,
    depth: usize,
) -> Result<BTreeMap<String, Value>, CodecError> {
    if mode == Mode::Strict
        && let Some(extra) = members.keys().find(|name| !types.contains_key(*name))
    {
        return Err(CodecError::here(format!("the schema has no attribute {extra:?}")));
    }
    let attributes = types.iter().map(|(name, ty)| match (members.get(name), mode) {
        (Some(json), _) => {
            let value = read(json, ty, mode, depth + 1);
            value
                .map(|value| (name.clone(), value))
                .map_err(|error| error.within(Step::Attribute(name.clone())))
        }
        (None, Mode::Lenient) => Ok((name.clone(), Value::Null)),
        (None, Mode::Strict) => Err(CodecError::here(format!("the attribute {name:?} is missing"))),
    });
    attributes.collect()
}

fn write(value: &Value, ty: &Type, depth: usize) -> Result<Json, CodecError> {
    if depth > MAX_DEPTH {
        return Err(too_deep());
    }
    match (ty, value) {
        (_, Value::Null) => Ok(Json::Null),
        (_, Value::Unknown(_)) => Err(CodecError::here("the value is unknown, which JSON cannot say")),
        (Type::Bool, Value::Bool(value)) => Ok(Json::Bool(*value)),
        (Type::Number, Value::Number(number)) => {
            match serde_json::from_str::<serde_json::Number>(&number.to_string()) {
                Ok(number) => Ok(Json::Number(number)),
                Err(_) => Err(CodecError::here(format!("the number is {number}, which JSON cannot say"))),
            }
        }
        (Type::String, Value::String(text)) => Ok(Json::String(text.clone())),
        (Type::List(element), Value::List(elements)) | (Type::Set(element), Value::Set(elements)) => {
            let elements = elements.iter().enumerate();
            elements
                .map(|(index, value)| {
                    write(value, element, depth + 1).map_err(|error| error.within(at(index)))
                })
                .collect()
        }
        (Type::Tuple(types), Value::Tuple(elements)) if types.len() == elements.len() => {
            let pairs = elements.iter().zip(types).enumerate();
            pairs
                .map(|(index, (value, ty))| {
                    write(value, ty, depth + 1).map_err(|error| error.within(at(index)))
                })
                .collect()
        }
        (Type::Map(element), Value::Map(elements)) => {
            let members = elements.iter().map(|(key, value)| match write(value, element, depth + 1) {
                Ok(json) => Ok((key.clone(), json)),
                Err(error) => Err(error.within(Step::Key(key.clone()))),
            });
            members.collect::<Result<_, _>>().map(Json::Object)
        }
        (Type::Object(types), Value::Object(attributes)) => {
            if let Some(extra) = attributes.keys().find(|name| !types.contains_key(*name)) {
                return Err(CodecError::here(format!("the schema has no attribute {extra:?}")));
            }
            let members = types.iter().map(|(name, ty)| match attributes.get(name) {
                Some(value) => {
                    let json = write(value, ty, depth + 1);
                    json.map(|json| (name.clone(), json))
                        .map_err(|error| error.within(Step::Attribute(name.clone())))
                }
                None => Err(CodecError::here(format!("the attribute {name:?} is missing"))),
            });
            members.collect::<Result<_, _>>().map(Json::Object)
        }
        (Type::Dynamic, Value::Dynamic(dynamic)) => {
            let ty = serde_json::from_str(&dynamic.ty.to_json());
            let ty: Json = ty.map_err(|error| CodecError::here(error.to_string()))?;
            let value = write(&dynamic.value, &dynamic.ty, depth + 1)?;
            Ok(serde_json::json!({ "type": ty, "value": value }))
        }
        (ty, other) => Err(CodecError::here(format!("expected {ty}, found {}", other.kind()))),
    }
}

#[cfg(test)]
mod tests;
