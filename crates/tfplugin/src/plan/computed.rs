//! The second rule: when anything changes, what the provider computes may change too, so it is planned unknown.
//!
//! Exceptions are attributes with a default, whose value is decided already, and those that keep their prior value.

use super::correlate::{ABSENT, configured_elements, part};
use crate::{
    schema::{Attribute, Contents, Nesting},
    value::Value,
};

/// `planned` with every computed attribute that `config` leaves null marked unknown, but for the exceptions. `prior`
/// is null where there is nothing to keep.
pub(super) fn mark_unknown(contents: Contents<'_>, prior: &Value, config: &Value, planned: &Value) -> Value {
    object(contents, Prior::of(prior), config, planned)
}

/// What is known of the prior state of an object.
#[derive(Clone, Copy)]
enum Prior<'a> {
    /// The object is new.
    None,
    /// The object was this.
    Object(&'a Value),
    /// An element of a set: core has already put the prior values of a matching element into the proposal.
    Proposed,
}

impl<'a> Prior<'a> {
    fn of(value: &'a Value) -> Self {
        match value {
            Value::Object(_) => Self::Object(value),
            _ => Self::None,
        }
    }

    fn part(self, name: &str) -> &'a Value {
        match self {
            Self::Object(object) => part(object, name),
            Self::None | Self::Proposed => ABSENT,
        }
    }
}

fn object(contents: Contents<'_>, prior: Prior<'_>, config: &Value, planned: &Value) -> Value {
    let Value::Object(values) = planned else {
        return planned.clone();
    };
    let mut marked = values.clone();
    for attribute in contents.attributes {
        let name = &attribute.name;
        marked
            .insert(name.clone(), attribute_value(attribute, prior, part(config, name), part(planned, name)));
    }
    for block in contents.blocks {
        let name = &block.name;
        let (prior, config, planned) = (prior.part(name), part(config, name), part(planned, name));
        marked.insert(
            name.clone(),
            nested(block.nesting.into(), block.block.contents(), prior, config, planned),
        );
    }
    Value::Object(marked)
}

fn attribute_value(attribute: &Attribute, prior: Prior<'_>, config: &Value, planned: &Value) -> Value {
    let name = &attribute.name;
    if config.is_null() && attribute.computed {
        return match prior {
            _ if attribute.default.is_some() => planned.clone(),
            Prior::Object(_) if attribute.use_state_for_unknown => prior.part(name).clone(),
            Prior::Proposed if attribute.use_state_for_unknown && !planned.is_null() => planned.clone(),
            _ => Value::unknown(),
        };
    }
    match attribute.nested() {
        Some((nesting, contents)) => nested(nesting, contents, prior.part(name), config, planned),
        None => planned.clone(),
    }
}

fn nested(nesting: Nesting, contents: Contents<'_>, prior: &Value, config: &Value, planned: &Value) -> Value {
    match (nesting, planned) {
        (Nesting::Single, planned) => object(contents, Prior::of(prior), config, planned),
        (Nesting::List, Value::List(elements)) => {
            let at =
                |list: &'_ Value, index: usize| list.as_elements().and_then(|list| list.get(index)).cloned();
            let marked = elements.iter().enumerate().map(|(index, element)| {
                let prior = at(prior, index).unwrap_or_default();
                let config = at(config, index).unwrap_or_default();
                object(contents, Prior::of(&prior), &config, element)
            });
            Value::List(marked.collect())
        }
        (Nesting::Map, Value::Map(elements)) => {
            let under = |map: &Value, key: &str| match map {
                Value::Map(map) => map.get(key).cloned().unwrap_or_default(),
                _ => Value::Null,
            };
            let marked = elements.iter().map(|(key, element)| {
                let (prior, config) = (under(prior, key), under(config, key));
                (key, object(contents, Prior::of(&prior), &config, element))
            });
            Value::map(marked)
        }
        (Nesting::Set, Value::Set(elements)) => {
            let configured = configured_elements(contents, config, elements);
            let pairs = elements.iter().zip(configured);
            let marked = pairs.map(|(element, config)| match config {
                // Not from the configuration, so not ours to change.
                Value::Null => element.clone(),
                config => object(contents, Prior::Proposed, config, element),
            });
            Value::Set(marked.collect())
        }
        (_, other) => other.clone(),
    }
}
