//! The first rule: attributes that the configuration leaves null get their defaults, and write-only values are left
//! out.

use super::correlate::{ABSENT, configured_elements, part};
use crate::{
    schema::{Attribute, Contents, Nesting},
    value::Value,
};

/// `proposed` with defaults and without write-only values. What is null or unknown as a whole stays so.
pub(super) fn apply(contents: Contents<'_>, config: &Value, proposed: &Value) -> Value {
    let Value::Object(values) = proposed else {
        return proposed.clone();
    };
    let mut planned = values.clone();
    for attribute in contents.attributes {
        let name = &attribute.name;
        planned.insert(name.clone(), attribute_value(attribute, part(config, name), part(proposed, name)));
    }
    for block in contents.blocks {
        let name = &block.name;
        let value =
            nested(block.nesting.into(), block.block.contents(), part(config, name), part(proposed, name));
        planned.insert(name.clone(), value);
    }
    Value::Object(planned)
}

fn attribute_value(attribute: &Attribute, config: &Value, proposed: &Value) -> Value {
    if attribute.write_only {
        return Value::Null;
    }
    if config.is_null() {
        return attribute.default.as_ref().unwrap_or(proposed).clone();
    }
    match attribute.nested() {
        Some((nesting, contents)) => nested(nesting, contents, config, proposed),
        None => proposed.clone(),
    }
}

fn nested(nesting: Nesting, contents: Contents<'_>, config: &Value, proposed: &Value) -> Value {
    match (nesting, proposed) {
        (Nesting::Single, proposed) => apply(contents, config, proposed),
        (Nesting::List, Value::List(elements)) => {
            let configured = config.as_elements().unwrap_or_default();
            let elements = elements.iter().enumerate();
            let with_defaults = elements
                .map(|(index, element)| apply(contents, configured.get(index).unwrap_or(ABSENT), element));
            Value::List(with_defaults.collect())
        }
        (Nesting::Map, Value::Map(elements)) => {
            let with_defaults = elements.iter().map(|(key, element)| {
                let configured = match config {
                    Value::Map(configured) => configured.get(key).unwrap_or(ABSENT),
                    _ => ABSENT,
                };
                (key, apply(contents, configured, element))
            });
            Value::map(with_defaults)
        }
        (Nesting::Set, Value::Set(elements)) => {
            let configured = configured_elements(contents, config, elements);
            let pairs = elements.iter().zip(configured);
            Value::Set(pairs.map(|(element, configured)| apply(contents, configured, element)).collect())
        }
        (_, other) => other.clone(),
    }
}
