//! The state that core proposes before it asks the provider for a plan.

use crate::{
    plan::correlate::{ABSENT, can_derive, part},
    schema::{Attribute, Contents, Nesting, Schema},
    value::Value,
};

/// What core proposes for a change from `prior` (null on create) to `config` (null on destroy): the configuration,
/// with prior values where the provider decides and the configuration says nothing.
pub fn proposed_new_state(schema: &Schema, prior: &Value, config: &Value) -> Value {
    object(schema.block.contents(), prior, config)
}

fn object(contents: Contents<'_>, prior: &Value, config: &Value) -> Value {
    if !matches!(config, Value::Object(_)) {
        return config.clone();
    }
    let attributes = contents.attributes.iter().map(|attribute| {
        let name = &attribute.name;
        (name, attribute_value(attribute, part(prior, name), part(config, name)))
    });
    let blocks = contents.blocks.iter().map(|block| {
        let name = &block.name;
        let value =
            nested(block.nesting.into(), block.block.contents(), part(prior, name), part(config, name));
        (name, value)
    });
    Value::object(attributes.chain(blocks))
}

fn attribute_value(attribute: &Attribute, prior: &Value, config: &Value) -> Value {
    if attribute.computed && config.is_null() {
        // Where the prior value holds things only a configuration can have put there, taking the argument out of the
        // configuration means taking them out.
        let was_configured = attribute.optional && has_configured_part(attribute, prior);
        return if was_configured { Value::Null } else { prior.clone() };
    }
    match attribute.nested() {
        Some((nesting, contents)) => nested(nesting, contents, prior, config),
        None => config.clone(),
    }
}

/// Whether any part of a nested attribute's value is one that the provider cannot compute.
fn has_configured_part(attribute: &Attribute, value: &Value) -> bool {
    let Some((nesting, contents)) = attribute.nested() else {
        return false;
    };
    let inside = |object: &Value| {
        contents.attributes.iter().any(|inner| {
            let value = part(object, &inner.name);
            (!value.is_null() && !inner.computed) || has_configured_part(inner, value)
        })
    };
    match (nesting, value) {
        (Nesting::Single, object) => inside(object),
        (_, Value::List(elements) | Value::Set(elements)) => elements.iter().any(inside),
        (_, Value::Map(elements)) => elements.values().any(inside),
        _ => false,
    }
}

fn nested(nesting: Nesting, contents: Contents<'_>, prior: &Value, config: &Value) -> Value {
    match (nesting, config) {
        (Nesting::Single, config) => object(contents, prior, config),
        (Nesting::List, Value::List(elements)) => {
            let prior = prior.as_elements().unwrap_or_default();
            let elements = elements.iter().enumerate();
            let proposed =
                elements.map(|(index, config)| object(contents, prior.get(index).unwrap_or(ABSENT), config));
            Value::List(proposed.collect())
        }
        (Nesting::Map, Value::Map(elements)) => {
            let proposed = elements.iter().map(|(key, config)| {
                let prior = match prior {
                    Value::Map(prior) => prior.get(key).unwrap_or(ABSENT),
                    _ => ABSENT,
                };
                (key, object(contents, prior, config))
            });
            Value::map(proposed)
        }
        (Nesting::Set, Value::Set(elements)) => {
            let mut unused: Vec<&Value> = prior.as_elements().unwrap_or_default().iter().collect();
            let propose = |config: &Value| {
                let matching = unused.iter().position(|prior| can_derive(contents, config, prior));
                let prior = matching.map_or(ABSENT, |position| unused.remove(position));
                object(contents, prior, config)
            };
            Value::Set(elements.iter().map(propose).collect())
        }
        (_, other) => other.clone(),
    }
}
