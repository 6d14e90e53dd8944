//! Setting attributes to null by their schema, at every depth.

use std::collections::BTreeMap;

use crate::Value;
use crate::schema::{Attribute, AttributeKind, Block};

/// `value`, in which every attribute for which `drops` holds is null.
pub(super) fn strip(block: &Block, mut value: Value, drops: impl Fn(&Attribute) -> bool) -> Value {
    strip_block(block, &mut value, &drops);
    value
}

fn strip_block(block: &Block, value: &mut Value, drops: &impl Fn(&Attribute) -> bool) {
    each_object(value, &mut |object| {
        strip_attributes(&block.attributes, object, drops);
        for nested in &block.blocks {
            if let Some(value) = object.get_mut(&nested.name) {
                strip_block(&nested.block, value, drops);
            }
        }
    });
}

fn strip_attributes(
    attributes: &[Attribute],
    object: &mut BTreeMap<String, Value>,
    drops: &impl Fn(&Attribute) -> bool,
) {
    for attribute in attributes {
        let Some(value) = object.get_mut(&attribute.name) else { continue };
        if drops(attribute) {
            *value = Value::Null;
        } else if let AttributeKind::Nested(_, inner) = &attribute.kind {
            each_object(value, &mut |object| strip_attributes(inner, object, drops));
        }
    }
}

/// Calls `visit` on the object that `value` is, or on each that it holds.
fn each_object(value: &mut Value, visit: &mut impl FnMut(&mut BTreeMap<String, Value>)) {
    match value {
        Value::Object(object) => visit(object),
        Value::List(elements) | Value::Set(elements) | Value::Tuple(elements) => {
            elements.iter_mut().for_each(|element| each_object(element, visit));
        }
        Value::Map(elements) => elements.values_mut().for_each(|element| each_object(element, visit)),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema::NestedBlock;

    #[test]
    fn attributes_are_dropped_at_every_depth() {
        let secret = || Attribute::string("secret").optional().write_only();
        let block = Block::new()
            .attribute(secret())
            .attribute(
                Attribute::map_nested("users", vec![secret(), Attribute::string("name").optional()])
                    .optional(),
            )
            .block(NestedBlock::list("rule", Block::new().attribute(secret())));
        let inner = || Value::object([("secret", Value::from("x"))]);
        let user = Value::object([("secret", Value::from("x")), ("name", Value::from("n"))]);
        let value = Value::object([
            ("secret", Value::from("x")),
            ("users", Value::map([("a", user)])),
            ("rule", Value::List(vec![inner(), inner()])),
        ]);
        let left = Value::object([("secret", Value::Null)]);
        let expected = Value::object([
            ("secret", Value::Null),
            (
                "users",
                Value::map([("a", Value::object([("secret", Value::Null), ("name", Value::from("n"))]))]),
            ),
            ("rule", Value::List(vec![left.clone(), left])),
        ]);
        assert_eq!(strip(&block, value, |attribute| attribute.write_only), expected);
    }
}
