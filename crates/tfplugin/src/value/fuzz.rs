//! Bytes from outside against every decoder of values: an error or a value, never a panic, and what was accepted can be
//! written and read again.
#![allow(clippy::unwrap_used)]

use ::fuzz::{bytes, edits, property, text};
use proptest::prelude::*;

use super::{Number, Type, Value, json, msgpack};
use crate::arbitrary;

/// The types that inputs are read as; the first byte of an input chooses one.
fn types() -> Vec<Type> {
    let object = Type::object([
        ("a", Type::String),
        ("b", Type::list(Type::Number)),
        ("c", Type::map(Type::set(Type::Bool))),
        ("d", Type::Dynamic),
    ]);
    vec![
        Type::Bool,
        Type::Number,
        Type::String,
        Type::Dynamic,
        Type::list(Type::String),
        Type::set(Type::Number),
        Type::map(Type::Bool),
        Type::Tuple(vec![Type::Bool, Type::String]),
        object.clone(),
        Type::list(object),
    ]
}

/// The type that an input is read as, and the rest of it.
fn typed(input: &[u8]) -> Option<(Type, &[u8])> {
    let (first, rest) = input.split_first()?;
    let types = types();
    Some((types[usize::from(*first) % types.len()].clone(), rest))
}

fn check_msgpack(ty: &Type, bytes: &[u8]) {
    if let Ok(value) = msgpack::decode(bytes, ty) {
        let again = msgpack::encode(&value, ty).unwrap();
        assert_eq!(msgpack::decode(&again, ty).unwrap(), value);
    }
}

fn check_json(ty: &Type, bytes: &[u8]) {
    for mode in [json::Mode::Strict, json::Mode::Lenient] {
        if let Ok(value) = json::decode(bytes, ty, mode) {
            let again = json::encode(&value, ty).unwrap();
            assert_eq!(json::decode(&again, ty, mode).unwrap(), value);
        }
    }
}

#[test]
fn msgpack_of_a_schemas_type() {
    bytes("msgpack", |input| {
        if let Some((ty, rest)) = typed(input) {
            check_msgpack(&ty, rest);
        }
    });
}

#[test]
fn msgpack_of_any_type_damaged_in_any_way() {
    let cases = (arbitrary::typed_value(), arbitrary::ty(), edits());
    property("msgpack-damaged", cases, |((ty, value), other, edits)| {
        let mut bytes = msgpack::encode(&value, &ty).unwrap();
        check_msgpack(&other, &bytes);
        for edit in edits {
            edit.apply(&mut bytes, &[]);
        }
        check_msgpack(&ty, &bytes);
    });
}

#[test]
fn msgpack_of_any_bytes_as_any_type() {
    let cases = (arbitrary::ty(), prop::collection::vec(any::<u8>(), 0..64));
    property("msgpack-noise", cases, |(ty, bytes)| check_msgpack(&ty, &bytes));
}

#[test]
fn msgpack_comes_back_as_it_was() {
    property("msgpack-round-trip", arbitrary::typed_value(), |(ty, value): (Type, Value)| {
        let bytes = msgpack::encode(&value, &ty).unwrap();
        assert_eq!(msgpack::decode(&bytes, &ty).unwrap(), value);
    });
}

#[test]
fn json_of_a_schemas_type() {
    bytes("json-value", |input| {
        if let Some((ty, rest)) = typed(input) {
            check_json(&ty, rest);
        }
    });
}

#[test]
fn json_of_a_type() {
    fuzz::json("json-type", |text| {
        if let Ok(ty) = Type::from_json(text.as_bytes()) {
            assert_eq!(Type::from_json(ty.to_json().as_bytes()).unwrap(), ty);
        }
    });
}

#[test]
fn text_of_a_duration() {
    text("duration", |text| {
        if let Ok(duration) = crate::timeouts::parse_duration(text) {
            assert_eq!(
                crate::timeouts::parse_duration(&crate::timeouts::format_duration(duration)),
                Ok(duration)
            );
        }
    });
}

#[test]
fn text_of_a_number() {
    text("number", |text| {
        if let Ok(number) = text.parse::<Number>() {
            assert_eq!(number.to_string().parse::<Number>().unwrap(), number);
        }
    });
}
