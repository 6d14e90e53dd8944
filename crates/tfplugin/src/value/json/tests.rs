#![allow(clippy::unwrap_used, clippy::expect_used)]
use proptest::prelude::*;

use super::*;
use crate::arbitrary;

fn lenient(json: &str, ty: &Type) -> Result<Value, String> {
    decode(json.as_bytes(), ty, Mode::Lenient).map_err(|error| error.to_string())
}

fn strict(json: &str, ty: &Type) -> Result<Value, String> {
    decode(json.as_bytes(), ty, Mode::Strict).map_err(|error| error.to_string())
}

#[test]
fn numbers_keep_every_digit() {
    for text in ["0.1", "12345678901234567890", "-1", "3.141592653589793238462643383279"] {
        let value = strict(text, &Type::Number).unwrap();
        assert_eq!(encode(&value, &Type::Number).unwrap(), text.as_bytes());
    }
}

#[test]
fn a_dynamic_value_brings_its_type() {
    let json = r#"{"type":["list","string"],"value":["a"]}"#;
    let value = strict(json, &Type::Dynamic).unwrap();
    assert_eq!(value, Value::dynamic(Type::list(Type::String), Value::List(vec!["a".into()])));
    assert_eq!(encode(&value, &Type::Dynamic).unwrap(), json.as_bytes());
    assert!(strict(r#"{"type":"string"}"#, &Type::Dynamic).is_err());
    assert!(strict(r#""a""#, &Type::Dynamic).is_err());
}

#[test]
fn an_older_state_is_read_leniently_and_only_so() {
    let ty = Type::object([("a", Type::Number), ("b", Type::Bool), ("c", Type::String), ("d", Type::Bool)]);
    let json = r#"{"a":"4000","b":"true","c":5,"gone":[]}"#;
    let expected =
        Value::object([("a", 4000.into()), ("b", true.into()), ("c", "5".into()), ("d", Value::Null)]);
    assert_eq!(lenient(json, &ty).unwrap(), expected);
    assert_eq!(lenient("\"0\"", &Type::Bool), Ok(false.into()));
    assert_eq!(strict(json, &ty).unwrap_err(), "(root): the schema has no attribute \"gone\"");
    assert_eq!(
        strict(r#"{"a":1,"b":true,"c":"x"}"#, &ty).unwrap_err(),
        "(root): the attribute \"d\" is missing"
    );
    assert!(strict("\"1\"", &Type::Number).is_err());
    assert!(lenient("\"yes\"", &Type::Bool).is_err());
}

#[test]
fn errors_say_where_and_what() {
    let ty = Type::object([("tags", Type::map(Type::String)), ("ids", Type::list(Type::Number))]);
    let found = strict(r#"{"tags":{"k":[]},"ids":[]}"#, &ty).unwrap_err();
    assert_eq!(found, "tags[\"k\"]: expected string, found an array");
    let found = strict(r#"{"tags":{},"ids":[1,{}]}"#, &ty).unwrap_err();
    assert_eq!(found, "ids[1]: expected number, found an object");
    assert!(strict("{", &ty).unwrap_err().contains("invalid JSON"));
}

#[test]
fn what_json_cannot_say_is_an_error() {
    let ty = Type::list(Type::Number);
    let unknown = encode(&Value::List(vec![Value::unknown()]), &ty).unwrap_err();
    assert_eq!(unknown.to_string(), "[0]: the value is unknown, which JSON cannot say");
    let infinity = Value::Number(Number::try_from(f64::INFINITY).unwrap());
    assert!(encode(&infinity, &Type::Number).is_err());
}

proptest! {

    #[test]
    fn every_known_value_comes_back_as_it_was((ty, value) in arbitrary::typed_known_value()) {
        let bytes = encode(&value, &ty).unwrap();
        for mode in [Mode::Strict, Mode::Lenient] {
            prop_assert_eq!(decode(&bytes, &ty, mode).unwrap(), value.clone());
        }
    }
}
