//! Configurations written as JSON, turned into what Terraform makes of an `.tf` file: every attribute there,
//! absent ones null, absent repeated blocks empty.

use std::collections::BTreeMap;

use serde_json::Value as Json;

use crate::schema::{Attribute, AttributeKind, Block, BlockNesting, NestedBlock, Nesting};
use crate::value::json::{self, Mode};
use crate::{AttributePath, Type, Value};

/// Stands for a value that is only known after apply, anywhere in a configuration.
pub const UNKNOWN: &str = "(known after apply)";

/// The configuration that `json` describes.
///
/// # Panics
/// When it does not fit the schema: a mistake in the test.
pub(super) fn config_value(block: &Block, json: &Json) -> Value {
    block_value(block, json, &AttributePath::root())
}

fn block_value(block: &Block, json: &Json, path: &AttributePath) -> Value {
    let members = members(json, path);
    let is_known = |name: &String| {
        block.attributes.iter().any(|attribute| attribute.name == *name)
            || block.blocks.iter().any(|nested| nested.name == *name)
    };
    refuse_others(members, is_known, path);
    let null = Json::Null;
    let attributes = block.attributes.iter().map(|attribute| {
        refuse_absence(attribute, members, path);
        let json = members.get(&attribute.name).unwrap_or(&null);
        (attribute.name.clone(), attribute_value(attribute, json, &path.attribute(&attribute.name)))
    });
    let blocks = block.blocks.iter().map(|nested| {
        let json = members.get(&nested.name).unwrap_or(&null);
        (nested.name.clone(), nested_value(nested, json, &path.attribute(&nested.name)))
    });
    Value::Object(attributes.chain(blocks).collect())
}

fn nested_value(nested: &NestedBlock, json: &Json, path: &AttributePath) -> Value {
    let block = |json: &Json, path: &AttributePath| block_value(&nested.block, json, path);
    let empty = Json::Object(serde_json::Map::new());
    match (nested.nesting, json) {
        (_, json) if json == UNKNOWN => Value::unknown(),
        (BlockNesting::Single, Json::Null) => Value::Null,
        (BlockNesting::Group, Json::Null) => block(&empty, path),
        (BlockNesting::List, Json::Null) => Value::List(Vec::new()),
        (BlockNesting::Set, Json::Null) => Value::Set(Vec::new()),
        (BlockNesting::Map, Json::Null) => Value::Map(BTreeMap::new()),
        (nesting, json) => collected(nesting.into(), json, path, block),
    }
}

fn attribute_value(attribute: &Attribute, json: &Json, path: &AttributePath) -> Value {
    match &attribute.kind {
        AttributeKind::Plain(ty) => typed_value(ty, json, path),
        AttributeKind::Nested(_, _) if json.is_null() => Value::Null,
        AttributeKind::Nested(_, _) if json == UNKNOWN => Value::unknown(),
        AttributeKind::Nested(nesting, attributes) => {
            let object = |json: &Json, path: &AttributePath| {
                let members = members(json, path);
                refuse_others(members, |name| attributes.iter().any(|it| it.name == *name), path);
                let values = attributes.iter().map(|attribute| {
                    refuse_absence(attribute, members, path);
                    let json = members.get(&attribute.name).unwrap_or(&Json::Null);
                    (
                        attribute.name.clone(),
                        attribute_value(attribute, json, &path.attribute(&attribute.name)),
                    )
                });
                Value::Object(values.collect())
            };
            collected(*nesting, json, path, object)
        }
    }
}

fn collected(
    nesting: Nesting,
    json: &Json,
    path: &AttributePath,
    object: impl Fn(&Json, &AttributePath) -> Value,
) -> Value {
    let each =
        || elements(json, path).iter().enumerate().map(|(index, json)| object(json, &path.index(index)));
    match nesting {
        Nesting::Single => object(json, path),
        Nesting::List => Value::List(each().collect()),
        Nesting::Set => Value::Set(each().collect()),
        Nesting::Map => {
            let each =
                members(json, path).iter().map(|(key, json)| (key.clone(), object(json, &path.key(key))));
            Value::Map(each.collect())
        }
    }
}

/// The value of type `ty` that `json` describes.
///
/// # Panics
/// When it does not fit the type: a mistake in the test.
pub(super) fn typed_value(ty: &Type, json: &Json, path: &AttributePath) -> Value {
    if json.is_null() {
        return Value::Null;
    }
    if json == UNKNOWN {
        return Value::unknown();
    }
    let each = |element: &Type| -> Vec<Value> {
        let elements = elements(json, path).iter().enumerate();
        elements.map(|(index, json)| typed_value(element, json, &path.index(index))).collect()
    };
    match ty {
        Type::List(element) => Value::List(each(element)),
        Type::Set(element) => Value::Set(each(element)),
        Type::Map(element) => {
            let each = members(json, path).iter();
            Value::map(each.map(|(key, json)| (key, typed_value(element, json, &path.key(key)))))
        }
        Type::Object(attributes) => {
            let members = members(json, path);
            refuse_others(members, |name| attributes.contains_key(name), path);
            Value::object(attributes.iter().map(|(name, ty)| {
                let json = members.get(name).unwrap_or(&Json::Null);
                (name, typed_value(ty, json, &path.attribute(name)))
            }))
        }
        Type::Tuple(types) => {
            let elements = types.iter().zip(elements(json, path)).enumerate();
            Value::Tuple(
                elements.map(|(index, (ty, json))| typed_value(ty, json, &path.index(index))).collect(),
            )
        }
        Type::Dynamic => {
            let ty = inferred_type(json);
            Value::dynamic(ty.clone(), typed_value(&ty, json, path))
        }
        Type::Bool | Type::Number | Type::String => {
            json::from_json(json, ty, Mode::Lenient).unwrap_or_else(|error| panic!("at {path}: {error}"))
        }
    }
}

/// The type that Terraform gives to a literal.
fn inferred_type(json: &Json) -> Type {
    match json {
        Json::Null => Type::Dynamic,
        Json::Bool(_) => Type::Bool,
        Json::Number(_) => Type::Number,
        Json::String(_) => Type::String,
        Json::Array(elements) => Type::Tuple(elements.iter().map(inferred_type).collect()),
        Json::Object(members) => Type::object(members.iter().map(|(name, json)| (name, inferred_type(json)))),
    }
}

fn members<'a>(json: &'a Json, path: &AttributePath) -> &'a serde_json::Map<String, Json> {
    json.as_object().unwrap_or_else(|| panic!("at {path}: expected an object, found {json}"))
}

fn elements<'a>(json: &'a Json, path: &AttributePath) -> &'a [Json] {
    json.as_array().unwrap_or_else(|| panic!("at {path}: expected an array, found {json}"))
}

/// As core does before it asks the provider; a null that is written down is the provider's to refuse.
fn refuse_absence(attribute: &Attribute, members: &serde_json::Map<String, Json>, path: &AttributePath) {
    if attribute.required && !members.contains_key(&attribute.name) {
        panic!("at {path}: the required argument {} is missing", attribute.name);
    }
}

fn refuse_others(
    members: &serde_json::Map<String, Json>,
    is_known: impl Fn(&String) -> bool,
    path: &AttributePath,
) {
    if let Some(name) = members.keys().find(|name| !is_known(name)) {
        panic!("at {path}: the schema has no argument {name}");
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn block() -> Block {
        let inner = || Attribute::string("name").optional();
        Block::new()
            .attribute(Attribute::set("zones", Type::String).optional())
            .attribute(
                Attribute::single_nested("aws", vec![inner(), Attribute::bool("dns").optional()]).optional(),
            )
            .attribute(Attribute::dynamic("any").optional())
            .block(NestedBlock::list("rule", Block::new().attribute(inner())))
    }

    #[test]
    fn what_is_absent_is_null_and_absent_blocks_are_empty() {
        let value = config_value(&block(), &json!({ "aws": { "name": "n" } }));
        let aws = Value::object([("name", Value::from("n")), ("dns", Value::Null)]);
        let expected = Value::object([
            ("zones", Value::Null),
            ("aws", aws),
            ("any", Value::Null),
            ("rule", Value::List(vec![])),
        ]);
        assert_eq!(value, expected);
    }

    #[test]
    fn unknown_may_stand_anywhere() {
        let value = config_value(
            &block(),
            &json!({ "zones": ["a", UNKNOWN], "aws": { "dns": UNKNOWN }, "any": UNKNOWN }),
        );
        assert_eq!(value.attribute("zones"), Some(&Value::Set(vec![Value::from("a"), Value::unknown()])));
        assert_eq!(value.get(&AttributePath::from("aws.dns")), Some(&Value::unknown()));
        assert!(value.attribute("any").is_some_and(Value::is_unknown));
    }

    #[test]
    fn open_types_are_inferred_like_literals() {
        let value = config_value(&block(), &json!({ "any": { "a": [1, "b"] } }));
        let tuple = Type::Tuple(vec![Type::Number, Type::String]);
        let expected = Value::dynamic(
            Type::object([("a", tuple)]),
            Value::object([("a", Value::Tuple(vec![Value::from(1), Value::from("b")]))]),
        );
        assert_eq!(value.attribute("any"), Some(&expected));
    }

    #[test]
    #[should_panic(expected = "at owner: the required argument name is missing")]
    fn a_required_argument_that_is_left_out_is_a_mistake_in_the_test() {
        let name = Attribute::string("name").required();
        let block = Block::new().attribute(Attribute::single_nested("owner", vec![name]).optional());
        config_value(&block, &json!({ "owner": {} }));
    }

    #[test]
    #[should_panic(expected = "at aws: the schema has no argument nam")]
    fn a_misspelt_argument_is_a_mistake_in_the_test() {
        config_value(&block(), &json!({ "aws": { "nam": "n" } }));
    }
}
