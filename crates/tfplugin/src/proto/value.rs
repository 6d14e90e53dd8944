//! Values on the wire. Terraform sends and is answered MessagePack; JSON is understood because the protocol
//! allows it.

use super::diagnostics::{path_from_proto, path_to_proto};
use super::tfplugin6::{AttributePath as WirePath, DynamicValue};
use crate::value::json::{self, Mode};
use crate::value::msgpack;
use crate::{AttributePath, Diagnostic, Type, Value};

/// Reads a value of type `ty`. Absent or empty means null.
///
/// # Errors
/// When the bytes are not such a value: schema and Terraform disagree.
pub(crate) fn decode(value: Option<&DynamicValue>, ty: &Type) -> Result<Value, Diagnostic> {
    let decoded = match value {
        Some(value) if !value.msgpack.is_empty() => msgpack::decode(&value.msgpack, ty),
        Some(value) if !value.json.is_empty() => json::decode(&value.json, ty, Mode::Strict),
        _ => return Ok(Value::Null),
    };
    decoded.map_err(|error| {
        let detail = format!(
            "Terraform sent a value that does not fit the provider's schema: {error}. This happens when the \
             provider was replaced by another version in the middle of a run; otherwise it is a bug in the \
             provider."
        );
        Diagnostic::error("Unreadable value", detail).at(error.path)
    })
}

/// Writes a value of type `ty`.
///
/// # Errors
/// When the value is not of that type: a bug in the provider.
pub(crate) fn encode(value: &Value, ty: &Type) -> Result<DynamicValue, Diagnostic> {
    match msgpack::encode(value, ty) {
        Ok(msgpack) => Ok(DynamicValue { msgpack, json: Vec::new() }),
        Err(error) => {
            let detail = format!(
                "The provider answered a value that does not fit its own schema: {error}. This is a bug in \
                 the provider; please report it."
            );
            Err(Diagnostic::error("Provider answered an invalid value", detail).at(error.path))
        }
    }
}

/// Writes paths, each once and in a fixed order.
pub(crate) fn encode_paths(mut paths: Vec<AttributePath>) -> Vec<WirePath> {
    paths.sort_unstable();
    paths.dedup();
    paths.iter().map(path_to_proto).collect()
}

/// Reads paths.
pub(crate) fn paths_from_proto(paths: Vec<WirePath>) -> Vec<AttributePath> {
    paths.into_iter().map(path_from_proto).collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn absent_and_empty_mean_null() {
        assert!(decode(None, &Type::String).unwrap().is_null());
        assert!(decode(Some(&DynamicValue::default()), &Type::String).unwrap().is_null());
    }

    #[test]
    fn json_is_understood_but_never_written() {
        let json = DynamicValue { msgpack: Vec::new(), json: br#""a""#.to_vec() };
        let value = decode(Some(&json), &Type::String).unwrap();
        assert_eq!(value, Value::from("a"));
        let written = encode(&value, &Type::String).unwrap();
        assert!(written.json.is_empty());
        assert_eq!(decode(Some(&written), &Type::String).unwrap(), value);
    }

    #[test]
    fn a_value_of_another_type_is_an_error_that_names_the_place() {
        let ty = Type::object([("name", Type::String)]);
        let error = encode(&Value::object([("name", Value::Bool(true))]), &ty).unwrap_err();
        assert!(error.detail.contains("name"), "{}", error.detail);
        assert_eq!(error.attribute, Some(AttributePath::of("name")));
    }

    #[test]
    fn paths_are_written_once_and_in_order() {
        let paths = vec![AttributePath::of("b"), AttributePath::of("a"), AttributePath::of("b")];
        let written = encode_paths(paths);
        assert_eq!(written, [path_to_proto(&AttributePath::of("a")), path_to_proto(&AttributePath::of("b"))]);
    }
}
