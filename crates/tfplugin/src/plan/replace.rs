//! The third rule: changes that mean making the resource anew.

use std::collections::BTreeSet;

use super::correlate::{ABSENT, part};
use crate::{
    path::AttributePath,
    schema::{Attribute, AttributeKind, Contents, Nesting, PlanBehaviorInput, ReplaceRule},
    value::Value,
};

/// The paths at which the plan differs from the prior state and the schema demands replacement; sorted, each once,
/// and none inside a set, because Terraform cannot address those: the set itself stands for them.
pub(super) fn reasons(
    contents: Contents<'_>,
    prior: &Value,
    config: &Value,
    planned: &Value,
) -> Vec<AttributePath> {
    let mut search = Search { whole: Values { prior, config, planned }, found: BTreeSet::new() };
    search.object(contents, search.whole, &AttributePath::root());
    search.found.into_iter().collect()
}

/// One part of the resource in its three versions.
#[derive(Clone, Copy)]
struct Values<'a> {
    prior: &'a Value,
    config: &'a Value,
    planned: &'a Value,
}

impl<'a> Values<'a> {
    fn map(self, part: impl Fn(&'a Value) -> &'a Value) -> Self {
        Self { prior: part(self.prior), config: part(self.config), planned: part(self.planned) }
    }

    fn is_change(self) -> bool {
        !self.planned.eq_unrefined(self.prior)
    }
}

struct Search<'a> {
    whole: Values<'a>,
    found: BTreeSet<AttributePath>,
}

impl Search<'_> {
    fn object(&mut self, contents: Contents<'_>, values: Values<'_>, path: &AttributePath) {
        if !values.is_change() {
            return;
        }
        for attribute in contents.attributes {
            let name = attribute.name.as_str();
            self.attribute(attribute, values.map(|object| part(object, name)), &path.attribute(name));
        }
        for block in contents.blocks {
            let name = block.name.as_str();
            let values = values.map(|object| part(object, name));
            self.nested(block.nesting.into(), block.block.contents(), values, &path.attribute(name));
        }
    }

    fn attribute(&mut self, attribute: &Attribute, values: Values<'_>, path: &AttributePath) {
        if !values.is_change() {
            return;
        }
        if attribute.replace.as_ref().is_some_and(|rule| self.demands(rule, values, path)) {
            self.found.insert(path.clone());
        } else if let Some((nesting, contents)) = attribute.nested() {
            self.nested(nesting, contents, values, path);
        }
    }

    fn demands(&self, rule: &ReplaceRule, values: Values<'_>, path: &AttributePath) -> bool {
        match rule {
            ReplaceRule::Always => true,
            ReplaceRule::If(condition) => condition(&PlanBehaviorInput {
                path,
                prior: values.prior,
                config: values.config,
                planned: values.planned,
                prior_object: self.whole.prior,
                config_object: self.whole.config,
                planned_object: self.whole.planned,
            }),
        }
    }

    fn nested(&mut self, nesting: Nesting, contents: Contents<'_>, values: Values<'_>, path: &AttributePath) {
        match nesting {
            Nesting::Single => self.object(contents, values, path),
            Nesting::List => {
                let length = |list: &Value| list.as_elements().map_or(0, <[Value]>::len);
                for index in 0..length(values.prior).max(length(values.planned)) {
                    self.object(contents, values.map(|list| element_at(list, index)), &path.index(index));
                }
            }
            Nesting::Map => {
                let keys: BTreeSet<&String> = keys(values.prior).chain(keys(values.planned)).collect();
                for key in keys {
                    self.object(contents, values.map(|map| element_under(map, key)), &path.key(key));
                }
            }
            Nesting::Set => {
                if contents.attributes.iter().any(|attribute| self.set_demands(attribute, values, path)) {
                    self.found.insert(path.clone());
                }
            }
        }
    }

    /// Whether the values of one attribute across all elements of a set have changed so that its rule, or one further
    /// inside, demands replacement. Which element changed into which cannot be told.
    fn set_demands(&self, attribute: &Attribute, values: Values<'_>, path: &AttributePath) -> bool {
        let across = |set: &Value| {
            let elements = set.as_elements().unwrap_or_default();
            Value::Set(elements.iter().map(|element| part(element, &attribute.name).clone()).collect())
        };
        let (prior, config, planned) = (across(values.prior), across(values.config), across(values.planned));
        let values = Values { prior: &prior, config: &config, planned: &planned };
        values.is_change()
            && match &attribute.replace {
                Some(rule) => self.demands(rule, values, path),
                None => has_rule_inside(attribute),
            }
    }
}

fn has_rule_inside(attribute: &Attribute) -> bool {
    match &attribute.kind {
        AttributeKind::Plain(_) => false,
        AttributeKind::Nested(_, inner) => {
            inner.iter().any(|attribute| attribute.replace.is_some() || has_rule_inside(attribute))
        }
    }
}

fn element_at(list: &Value, index: usize) -> &Value {
    list.as_elements().and_then(|elements| elements.get(index)).unwrap_or(ABSENT)
}

fn element_under<'a>(map: &'a Value, key: &str) -> &'a Value {
    match map {
        Value::Map(elements) => elements.get(key).unwrap_or(ABSENT),
        _ => ABSENT,
    }
}

fn keys(map: &Value) -> impl Iterator<Item = &String> {
    let elements = match map {
        Value::Map(elements) => Some(elements.keys()),
        _ => None,
    };
    elements.into_iter().flatten()
}
