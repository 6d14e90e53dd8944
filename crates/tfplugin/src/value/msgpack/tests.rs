#![allow(clippy::unwrap_used, clippy::expect_used)]
use proptest::prelude::*;

use super::*;
use crate::{
    arbitrary,
    value::{Bound, Number, Refinement, Type, Value},
};

fn number(text: &str) -> Value {
    Value::Number(text.parse().unwrap())
}

fn refined(refinement: Refinement) -> Value {
    Value::Unknown(Some(Box::new(refinement)))
}

/// Each pair is written as these bytes, and read back from them.
#[test]
fn values_have_the_bytes_that_terraform_gives_them() {
    let cases: Vec<(Value, Type, &[u8])> = vec![
        (Value::Null, Type::String, b"\xc0"),
        (Value::unknown(), Type::String, b"\xd4\x00\x00"),
        (true.into(), Type::Bool, b"\xc3"),
        ("hi".into(), Type::String, b"\xa2hi"),
        (1.into(), Type::Number, b"\x01"),
        ((-7).into(), Type::Number, b"\xf9"),
        (300.into(), Type::Number, b"\xcd\x01\x2c"),
        (number("1.5"), Type::Number, b"\xcb\x3f\xf8\x00\x00\x00\x00\x00\x00"),
        (number("0.1"), Type::Number, b"\xa30.1"),
        (number("12345678901234567890"), Type::Number, b"\xb412345678901234567890"),
        (Value::List(vec![1.into(), 2.into()]), Type::list(Type::Number), b"\x92\x01\x02"),
        (Value::Set(vec![]), Type::set(Type::Bool), b"\x90"),
        (Value::map([("k", Value::Null)]), Type::map(Type::Bool), b"\x81\xa1k\xc0"),
        (
            Value::object([("b", true.into()), ("a", Value::unknown())]),
            Type::object([("a", Type::String), ("b", Type::Bool)]),
            b"\x82\xa1a\xd4\x00\x00\xa1b\xc3",
        ),
        (Value::dynamic(Type::String, "x".into()), Type::Dynamic, b"\x92\xc4\x08\"string\"\xa1x"),
        (Value::Null, Type::Dynamic, b"\xc0"),
        (
            refined(Refinement {
                not_null: true,
                string_prefix: Some("pre-".into()),
                ..Refinement::default()
            }),
            Type::String,
            b"\xc7\x09\x0c\x82\x01\xc2\x02\xa4pre-",
        ),
    ];
    for (value, ty, bytes) in cases {
        assert_eq!(encode(&value, &ty).unwrap(), bytes, "{value:?}");
        assert_eq!(decode(bytes, &ty).unwrap(), value);
    }
}

#[test]
fn an_infinity_is_a_float() {
    let infinity = Value::Number(Number::try_from(f64::INFINITY).unwrap());
    let bytes = encode(&infinity, &Type::Number).unwrap();
    assert_eq!(bytes, [&[0xcb], f64::INFINITY.to_be_bytes().as_slice()].concat());
    assert_eq!(decode(&bytes, &Type::Number).unwrap(), infinity);
}

#[test]
fn numbers_are_read_in_any_form() {
    let cases: [(&[u8], &str); 7] = [
        (b"\xa42.50", "2.5"),
        (b"\xca\x40\x20\x00\x00", "2.5"),
        (b"\xcf\xff\xff\xff\xff\xff\xff\xff\xff", "18446744073709551615"),
        (b"\xd3\x80\x00\x00\x00\x00\x00\x00\x00", "-9223372036854775808"),
        (b"\xd0\xff", "-1"),
        (b"\xcc\xff", "255"),
        (b"\xcb\x40\x08\x00\x00\x00\x00\x00\x00", "3"),
    ];
    for (bytes, text) in cases {
        assert_eq!(decode(bytes, &Type::Number).unwrap(), number(text), "{text}");
    }
}

#[test]
fn a_float_is_read_to_its_last_binary_place() {
    // The shortest text that is nearest to this float ends in .63 and is another number.
    let float = 1_600_000_000_000_010.0_f64 / 16.0;
    for (float, text) in [
        (float, "100000000000000.625"),
        (-float, "-100000000000000.625"),
        (0.1, "0.1000000000000000055511151231257827021181583404541015625"),
        (5e-324, &format!("{:.1074}", 5e-324)),
        (1e300, &format!("{:.0}", 1e300)),
        (0.0, "0"),
    ] {
        let bytes = [&[0xcb], float.to_be_bytes().as_slice()].concat();
        assert_eq!(decode(&bytes, &Type::Number).unwrap(), number(text), "{text}");
    }
    let value = number("100000000000000.625");
    assert_eq!(decode(&encode(&value, &Type::Number).unwrap(), &Type::Number).unwrap(), value);
}

#[test]
fn text_is_brought_into_normal_form() {
    let bytes = [b"\xa3".as_slice(), "e\u{301}".as_bytes()].concat();
    assert!(matches!(decode(&bytes, &Type::String), Ok(Value::String(text)) if text == "\u{e9}"));
}

#[test]
fn any_short_extension_is_a_plain_unknown() {
    for bytes in [b"\xd4\x07\x00".as_slice(), b"\xc7\x00\x0c", b"\xc7\x01\x0c\x80", b"\xd5\x05\x01\x02"] {
        assert_eq!(decode(bytes, &Type::Bool).unwrap(), Value::unknown(), "{bytes:x?}");
    }
}

#[test]
fn unknown_keys_of_a_refinement_are_skipped() {
    let bytes = b"\xc7\x0b\x0c\x83\x09\x92\x01\x81\x01\x02\x05\x03\x06\x04";
    let expected = Refinement { length_lower: Some(3), length_upper: Some(4), ..Refinement::default() };
    assert_eq!(decode(bytes, &Type::list(Type::Bool)).unwrap(), refined(expected));
}

#[test]
fn a_refinement_that_says_nothing_is_a_plain_unknown() {
    assert_eq!(decode(b"\xc7\x03\x0c\x81\x01\xc3", &Type::Bool).unwrap(), Value::unknown());
    assert_eq!(encode(&refined(Refinement::default()), &Type::Bool).unwrap(), b"\xd4\x00\x00");
}

#[test]
fn an_overlong_prefix_is_cut_where_a_character_ends() {
    let prefix = "é".repeat(200);
    let long = Refinement { string_prefix: Some(prefix.clone()), ..Refinement::default() };
    let bytes = encode(&refined(long), &Type::String).unwrap();
    let cut = Refinement { string_prefix: Some("é".repeat(128)), ..Refinement::default() };
    assert_eq!(decode(&bytes, &Type::String).unwrap(), refined(cut));
}

#[test]
fn bounds_of_numbers_survive() {
    let bound = |text: &str, inclusive| Some(Bound { value: text.parse().unwrap(), inclusive });
    let refinement = Refinement {
        number_lower: bound("-1.5", true),
        number_upper: bound("0.1", false),
        ..Refinement::default()
    };
    let bytes = encode(&refined(refinement.clone()), &Type::Number).unwrap();
    assert_eq!(decode(&bytes, &Type::Number).unwrap(), refined(refinement));
}

fn error(bytes: &[u8], ty: &Type) -> String {
    decode(bytes, ty).unwrap_err().to_string()
}

#[test]
fn errors_say_where_and_what() {
    let ty =
        Type::object([("net", Type::object([("tag_id", Type::String), ("ids", Type::list(Type::Number))]))]);
    let net = |rest: &[u8]| [b"\x81\xa3net".as_slice(), rest].concat();
    let cases: [(&[u8], &str); 5] = [
        (b"\x82\xa6tag_id\x80\xa3ids\xc0", "net.tag_id: expected a string, found a map"),
        (b"\x82\xa6tag_id\xc0\xa3ids\x92\x01\xc3", "net.ids[1]: expected a number, found a bool"),
        (b"\x81\xa6tag_id\xc0", "net: the attribute \"ids\" is missing"),
        (b"\x81\xa1x\xc0", "net: the schema has no attribute \"x\""),
        (b"\x82\xa6tag_id\xc0\xa6tag_id\xc0", "net: the attribute \"tag_id\" occurs twice"),
    ];
    for (bytes, expected) in cases {
        assert_eq!(error(&net(bytes), &ty), expected);
    }
}

#[test]
fn malformed_bytes_are_errors() {
    let cases: [(&[u8], Type, &str); 9] = [
        (b"", Type::Bool, "the bytes end early"),
        (b"\xc1", Type::Bool, "not MessagePack"),
        (b"\xc2\xc2", Type::Bool, "1 bytes are left over"),
        (b"\xdb\xff\xff\xff\xffx", Type::String, "the bytes end early"),
        (b"\xdd\xff\xff\xff\xff", Type::list(Type::Bool), "the bytes end early"),
        (b"\xa1\xff", Type::String, "not valid UTF-8"),
        (b"\x82\xa1k\xc0\xa1k\xc0", Type::map(Type::Bool), "occurs twice"),
        (b"\x91\xc2", Type::Tuple(vec![]), "a tuple of 0 elements, found 1"),
        (b"\x92\xc4\x01x\xc0", Type::Dynamic, "invalid type JSON"),
    ];
    for (bytes, ty, part) in cases {
        let found = error(bytes, &ty);
        assert!(found.contains(part), "{found}");
    }
    let nan = [&[0xcb], f64::NAN.to_be_bytes().as_slice()].concat();
    assert!(error(&nan, &Type::Number).contains("NaN"));
    assert!(error(b"\xd5\x0c\x81\x01", &Type::Bool).contains("the bytes end early"));
    assert!(error(b"\xd5\x0c\x01\x01", &Type::Bool).contains("malformed"));
    let long = [b"\xc8\x04\x01\x0c".as_slice(), &[0; 1025]].concat();
    assert!(error(&long, &Type::Bool).contains("1025 bytes"));
}

#[test]
fn endless_nesting_is_refused() {
    let level = b"\x92\xc4\x09\"dynamic\"";
    let bytes = [level.repeat(100_000), b"\xc0".to_vec()].concat();
    assert!(error(&bytes, &Type::Dynamic).contains("levels deep"));
    let mut value = Value::Null;
    let mut ty = Type::Bool;
    for _ in 0..200 {
        value = Value::List(vec![value]);
        ty = Type::list(ty);
    }
    assert!(encode(&value, &ty).unwrap_err().to_string().contains("levels deep"));
}

#[test]
fn a_value_of_another_type_is_not_written() {
    let ty = Type::object([("id", Type::String)]);
    let cases = [
        (Value::object([("id", 1.into())]), "id: expected string, found a number"),
        (
            Value::object([("id", Value::Null), ("x", Value::Null)]),
            "(root): the schema has no attribute \"x\"",
        ),
        (Value::object::<&str>([]), "(root): the attribute \"id\" is missing"),
        (Value::map([("id", Value::Null)]), "(root): expected object({ id = string }), found a map"),
    ];
    for (value, expected) in cases {
        assert_eq!(encode(&value, &ty).unwrap_err().to_string(), expected);
    }
    let bare = encode(&"x".into(), &Type::Dynamic).unwrap_err().to_string();
    assert!(bare.contains("a value with its type"), "{bare}");
    assert!(encode(&Value::Tuple(vec![]), &Type::Tuple(vec![Type::Bool])).is_err());
}

proptest! {

    #[test]
    fn every_value_comes_back_as_it_was((ty, value) in arbitrary::typed_value()) {
        let bytes = encode(&value, &ty).unwrap();
        prop_assert_eq!(decode(&bytes, &ty).unwrap(), value);
    }

    #[test]
    fn hostile_bytes_are_an_error_or_a_value_but_never_a_panic(
        ty in arbitrary::ty(),
        bytes in proptest::collection::vec(any::<u8>(), 0..64),
    ) {
        if let Ok(value) = decode(&bytes, &ty) {
            prop_assert!(encode(&value, &ty).is_ok());
        }
    }

    #[test]
    fn damaged_bytes_are_an_error_or_a_value_but_never_a_panic(
        (ty, value) in arbitrary::typed_value(),
        place in any::<prop::sample::Index>(),
        byte in any::<u8>(),
    ) {
        let mut bytes = encode(&value, &ty).unwrap();
        let place = place.index(bytes.len());
        bytes[place] = byte;
        if let Ok(value) = decode(&bytes, &ty) {
            prop_assert!(encode(&value, &ty).is_ok());
        }
    }
}
