//! Reading values that were written as JSON: stored states, and configurations in tests.

use serde_json::Value as Json;

use super::{Contents, Schema};
use crate::value::{
    CodecError, Value,
    json::{self, Mode},
};

impl Schema {
    /// Reads `json` leniently, as a state that an older version of the schema may have left: attributes that are gone
    /// are dropped, new ones are null, blocks that do not occur are empty.
    ///
    /// # Errors
    /// When some part is of a type that cannot be read as that of the schema; the error's path says which part.
    pub fn value_from_json(&self, json: &Json) -> Result<Value, CodecError> {
        let value = json::from_json(json, &self.implied_type(), Mode::Lenient)?;
        Ok(with_empty_blocks(self.block.contents(), value))
    }
}

/// Blocks are never null, except single ones.
fn with_empty_blocks(contents: Contents<'_>, value: Value) -> Value {
    let Value::Object(mut values) = value else {
        return value;
    };
    for block in contents.blocks {
        let inner = block.block.contents();
        let complete = |value| with_empty_blocks(inner, value);
        let value = match values.remove(&block.name).unwrap_or_default() {
            Value::Null => block.empty_value(),
            Value::List(elements) => Value::List(elements.into_iter().map(complete).collect()),
            Value::Set(elements) => Value::Set(elements.into_iter().map(complete).collect()),
            Value::Map(elements) => {
                Value::map(elements.into_iter().map(|(key, element)| (key, complete(element))))
            }
            single => complete(single),
        };
        values.insert(block.name.clone(), value);
    }
    Value::Object(values)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]
    use serde_json::json;

    use super::*;
    use crate::schema::{Attribute, Block, NestedBlock};

    #[test]
    fn an_older_state_is_brought_into_the_present_shape() {
        let inner = Block::new()
            .attribute(Attribute::int64("port").required())
            .block(NestedBlock::set("source", Block::new()));
        let schema = Schema::new(1)
            .attribute(Attribute::string("id").computed())
            .attribute(Attribute::bool("new").optional())
            .block(NestedBlock::list("rule", inner))
            .block(NestedBlock::map("gone", Block::new()))
            .block(NestedBlock::single("owner", Block::new()));
        let state = json!({ "id": "x", "dropped": [1], "rule": [{ "port": "22" }] });
        let rule = Value::object([("port", 22.into()), ("source", Value::Set(vec![]))]);
        let expected = Value::object([
            ("id", "x".into()),
            ("new", Value::Null),
            ("rule", Value::List(vec![rule])),
            ("gone", Value::map::<&str>([])),
            ("owner", Value::Null),
        ]);
        assert_eq!(schema.value_from_json(&state).unwrap(), expected);
    }

    #[test]
    fn what_cannot_be_read_is_named() {
        let schema = Schema::new(0).attribute(Attribute::list("ports", crate::Type::Number).required());
        let error = schema.value_from_json(&json!({ "ports": [1, "x"] })).unwrap_err();
        assert_eq!(error.to_string(), "ports[1]: \"x\" is not a decimal number");
    }
}
