//! Which element of one collection belongs to which element of another.
//!
//! Lists go by position and maps by key. Elements of sets have no identity, so a set element of a plan or a state is
//! matched with the configured element it can have come from: equal but for what the provider computes.

use crate::{
    schema::{Attribute, Contents, Nesting},
    value::Value,
};

/// What stands for an absent value.
pub(crate) const ABSENT: &Value = &Value::Null;

/// The attribute or block called `name`; null when `object` is no known object.
pub(crate) fn part<'a>(object: &'a Value, name: &str) -> &'a Value {
    object.attribute(name).unwrap_or(ABSENT)
}

/// For each element of the set `elements`, the element of the set `config` it can have come from; null where there is
/// none. No configured element is used twice.
pub(crate) fn configured_elements<'a>(
    contents: Contents<'_>,
    config: &'a Value,
    elements: &[Value],
) -> Vec<&'a Value> {
    let mut unused: Vec<&Value> = config.as_elements().unwrap_or_default().iter().collect();
    let take = |element: &Value| {
        let exact = unused.iter().position(|configured| configured.eq_unrefined(element));
        let position =
            exact.or_else(|| unused.iter().position(|configured| can_derive(contents, configured, element)));
        position.map_or(ABSENT, |position| unused.remove(position))
    };
    elements.iter().map(take).collect()
}

/// Whether the object `value` can be what a provider made of the object `config`: they differ in nothing but computed
/// attributes that the configuration leaves null.
pub(crate) fn can_derive(contents: Contents<'_>, config: &Value, value: &Value) -> bool {
    let attributes = contents.attributes.iter().all(|attribute| {
        attribute_can_derive(attribute, part(config, &attribute.name), part(value, &attribute.name))
    });
    attributes
        && contents.blocks.iter().all(|block| {
            let (config, value) = (part(config, &block.name), part(value, &block.name));
            nested_can_derive(block.nesting.into(), block.block.contents(), config, value)
        })
}

fn attribute_can_derive(attribute: &Attribute, config: &Value, value: &Value) -> bool {
    if config.is_null() {
        return attribute.computed || value.is_null();
    }
    match attribute.nested() {
        None => config.eq_unrefined(value),
        Some((nesting, contents)) => nested_can_derive(nesting, contents, config, value),
    }
}

fn nested_can_derive(nesting: Nesting, contents: Contents<'_>, config: &Value, value: &Value) -> bool {
    match (nesting, config, value) {
        (Nesting::Single, Value::Object(_), Value::Object(_)) => can_derive(contents, config, value),
        (Nesting::List, Value::List(config), Value::List(value)) => {
            let pairs = config.iter().zip(value);
            config.len() == value.len()
                && pairs.into_iter().all(|(config, value)| can_derive(contents, config, value))
        }
        (Nesting::Map, Value::Map(config), Value::Map(value)) => {
            config.keys().eq(value.keys())
                && config
                    .values()
                    .zip(value.values())
                    .all(|(config, value)| can_derive(contents, config, value))
        }
        // One cannot look into sets inside sets, so these have to be equal.
        _ => config.eq_unrefined(value),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema::Schema;

    fn schema() -> Schema {
        Schema::new(0)
            .attribute(Attribute::string("name").required())
            .attribute(Attribute::string("id").computed())
    }

    fn element(name: &str, id: Value) -> Value {
        Value::object([("name", name.into()), ("id", id)])
    }

    #[test]
    fn set_elements_are_matched_by_what_is_configured() {
        let schema = schema();
        let config = Value::Set(vec![element("a", Value::Null), element("b", Value::Null)]);
        let state = [element("b", "2".into()), element("c", "3".into()), element("a", "1".into())];
        let found = configured_elements(schema.block.contents(), &config, &state);
        assert_eq!(found, [&element("b", Value::Null), ABSENT, &element("a", Value::Null)]);
    }

    #[test]
    fn no_configured_element_is_used_twice() {
        let schema = schema();
        let config = Value::Set(vec![element("a", Value::Null)]);
        let state = [element("a", "1".into()), element("a", "2".into())];
        let found = configured_elements(schema.block.contents(), &config, &state);
        assert_eq!(found, [&element("a", Value::Null), ABSENT]);
    }
}
