//! Bytes that a real Terraform (1.11.4) sent, and what they mean. `tests/fixtures/golden.json` holds the
//! type, the bytes and the value of each; an unknown value is an object with its refinements.

use serde_json::{Map, Value as Json, json};
use tfplugin::value::{Refinement, msgpack};
use tfplugin::{Number, Type, Value};

struct Golden {
    ty: Type,
    bytes: Vec<u8>,
    value: Json,
}

fn goldens() -> Vec<Golden> {
    let cases: Vec<Json> = serde_json::from_str(include_str!("../fixtures/golden.json")).unwrap();
    let parse = |case: Json| {
        let hex = case["hex"].as_str().unwrap();
        let byte = |index: usize| u8::from_str_radix(&hex[index..index + 2], 16).unwrap();
        Golden {
            ty: Type::from_json(case["type"].to_string().as_bytes()).unwrap(),
            bytes: (0..hex.len()).step_by(2).map(byte).collect(),
            value: case["value"].clone(),
        }
    };
    let goldens: Vec<_> = cases.into_iter().map(parse).collect();
    assert!(goldens.len() >= 7, "fixtures are missing");
    goldens
}

fn number(number: &Number) -> Json {
    serde_json::from_str(&number.to_string()).unwrap()
}

fn unknown(refinement: Option<&Refinement>) -> Json {
    let mut known = Map::new();
    if let Some(refinement) = refinement {
        if refinement.not_null {
            known.insert("not_null".into(), true.into());
        }
        if let Some(prefix) = &refinement.string_prefix {
            known.insert("string_prefix".into(), prefix.as_str().into());
        }
        for (name, bound) in
            [("number_lower", &refinement.number_lower), ("number_upper", &refinement.number_upper)]
        {
            if let Some(bound) = bound {
                known.insert(name.into(), json!([number(&bound.value), bound.inclusive]));
            }
        }
        for (name, bound) in
            [("length_lower", refinement.length_lower), ("length_upper", refinement.length_upper)]
        {
            if let Some(bound) = bound {
                known.insert(name.into(), json!(bound));
            }
        }
    }
    json!({ "unknown": known })
}

fn plain(value: &Value) -> Json {
    match value {
        Value::Null => Json::Null,
        Value::Unknown(refinement) => unknown(refinement.as_deref()),
        Value::Bool(value) => json!(value),
        Value::Number(value) => number(value),
        Value::String(value) => json!(value),
        Value::List(elements) | Value::Set(elements) | Value::Tuple(elements) => {
            elements.iter().map(plain).collect()
        }
        Value::Map(members) | Value::Object(members) => {
            Json::Object(members.iter().map(|(name, value)| (name.clone(), plain(value))).collect())
        }
        Value::Dynamic(dynamic) => {
            let ty: Json = serde_json::from_str(&dynamic.ty.to_json()).unwrap();
            json!({ "type": ty, "value": plain(&dynamic.value) })
        }
    }
}

#[test]
fn what_terraform_sends_is_read_as_it_was_meant() {
    for golden in goldens() {
        let value = msgpack::decode(&golden.bytes, &golden.ty).unwrap();
        assert_eq!(plain(&value), golden.value);
    }
}

#[test]
fn what_was_read_is_written_as_terraform_writes_it() {
    for golden in goldens() {
        let value = msgpack::decode(&golden.bytes, &golden.ty).unwrap();
        let hex = |bytes: &[u8]| bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
        assert_eq!(hex(&msgpack::encode(&value, &golden.ty).unwrap()), hex(&golden.bytes), "{value:?}");
    }
}
