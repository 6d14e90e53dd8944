//! Mutations of JSON that leave it JSON, so that what comes after the syntax gets its share.

use proptest::prelude::*;
use serde_json::{Value, json};

/// One mutation: the place, counted through all parts, and what happens there.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Change {
    place: u16,
    kind: u8,
}

/// One to four mutations.
pub(crate) fn changes() -> impl Strategy<Value = Vec<Change>> {
    let change = (any::<u16>(), 0..24_u8).prop_map(|(place, kind)| Change { place, kind });
    prop::collection::vec(change, 1..5)
}

/// The value after all mutations.
pub(crate) fn apply(value: &Value, changes: &[Change]) -> Value {
    let mut value = value.clone();
    for change in changes {
        let places = count(&value);
        if let Some(part) = part_mut(&mut value, &mut (usize::from(change.place) % places)) {
            change.apply(part);
        }
    }
    value
}

fn count(value: &Value) -> usize {
    1 + match value {
        Value::Array(items) => items.iter().map(count).sum(),
        Value::Object(fields) => fields.values().map(count).sum(),
        _ => 0,
    }
}

fn part_mut<'a>(value: &'a mut Value, left: &mut usize) -> Option<&'a mut Value> {
    if *left == 0 {
        return Some(value);
    }
    *left -= 1;
    match value {
        Value::Array(items) => items.iter_mut().find_map(|item| part_mut(item, left)),
        Value::Object(fields) => fields.values_mut().find_map(|field| part_mut(field, left)),
        _ => None,
    }
}

impl Change {
    fn apply(self, part: &mut Value) {
        let whole = part.take();
        *part = match self.kind {
            0 => Value::Null,
            1 => json!(""),
            2 => json!([]),
            3 => json!({}),
            4 => json!(true),
            5 => json!(0),
            6 => json!(-1),
            7 => json!(18_446_744_073_709_551_615_u64),
            8 => "1e400".parse::<serde_json::Number>().map_or(Value::Null, Value::Number),
            9 => json!(0.5),
            10 => json!("\u{0}\u{1f511}\u{2028}"),
            11 => json!("é".repeat(100)),
            12 => json!("4000/4000"),
            13 => json!("9999-12-31T23:59:60Z"),
            14 => json!([whole]),
            15 => json!({ "": whole }),
            16 => json!([whole.clone(), whole]),
            17 => json!(whole.to_string()),
            18 => without_one(whole, usize::from(self.place)),
            19 => json!("-1/-1"),
            20 => json!("99999999999999999999999999999999"),
            21 => json!("aws-"),
            22 => json!("/"),
            _ => (0..60).fold(whole, |inner, _| json!([inner])),
        };
    }
}

/// The value with one of its fields or items less.
fn without_one(mut value: Value, which: usize) -> Value {
    match &mut value {
        Value::Object(fields) if !fields.is_empty() => {
            let name = fields.keys().nth(which % fields.len()).cloned().unwrap_or_default();
            fields.remove(&name);
        }
        Value::Array(items) if !items.is_empty() => {
            items.remove(which % items.len());
        }
        _ => {}
    }
    value
}

/// Any JSON.
pub(crate) fn anything() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        "\\PC{0,8}".prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 12, 3, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..3).prop_map(Value::from),
            prop::collection::vec(("[a-zA-Z]{0,4}", inner), 0..3)
                .prop_map(|fields| Value::Object(fields.into_iter().collect())),
        ]
    })
}
