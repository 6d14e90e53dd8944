//! Is a plan one that core accepts? If not, core says "Provider produced invalid plan".
//!
//! A provider may decide only what the configuration leaves open: null, computed attributes. Everything else is planned
//! as configured, or as it was before if the provider holds both to mean the same.

use super::{CheckError, conformance, shown};
use crate::{
    path::{AttributePath, PathError},
    plan::correlate::{ABSENT, part},
    schema::{Attribute, Contents, NestedBlock, Nesting, Schema},
    value::{Value, set_size},
};

/// Checks `planned` against `config` and `prior` (null on create; all but `prior` are null on destroy).
pub fn assert_plan_valid(schema: &Schema, prior: &Value, config: &Value, planned: &Value) -> Vec<CheckError> {
    if let Err(error) = conformance(schema, planned) {
        return vec![error];
    }
    let mut check = Check { errors: Vec::new() };
    let root = AttributePath::root();
    match (config.is_null(), planned.is_null()) {
        (true, true) => {}
        (true, false) => check.fail(&root, "the resource is to be destroyed, but the plan is not null"),
        (false, true) => check.fail(&root, "the plan is null, but the configuration wants the resource"),
        (false, false) => check.object(schema.block.contents(), Values { prior, config, planned }, &root),
    }
    check.errors
}

/// One part of the resource in its three versions.
#[derive(Clone, Copy)]
struct Values<'a> {
    prior: &'a Value,
    config: &'a Value,
    planned: &'a Value,
}

impl<'a> Values<'a> {
    fn part(self, name: &str) -> Self {
        Self {
            prior: part(self.prior, name),
            config: part(self.config, name),
            planned: part(self.planned, name),
        }
    }

    fn is_as_configured(self) -> bool {
        self.planned.eq_unrefined(self.config)
    }

    fn keeps_prior(self) -> bool {
        !self.prior.is_null() && !self.config.is_null() && self.planned.eq_unrefined(self.prior)
    }
}

struct Check {
    errors: Vec<CheckError>,
}

impl Check {
    fn fail(&mut self, path: &AttributePath, message: impl Into<String>) {
        self.errors.push(PathError::new(path, message));
    }

    fn object(&mut self, contents: Contents<'_>, values: Values<'_>, path: &AttributePath) {
        for attribute in contents.attributes {
            self.attribute(attribute, values.part(&attribute.name), &path.attribute(&attribute.name));
        }
        for block in contents.blocks {
            self.block(block, values.part(&block.name), &path.attribute(&block.name));
        }
    }

    fn attribute(&mut self, attribute: &Attribute, values: Values<'_>, path: &AttributePath) {
        let Values { prior, config, planned } = values;
        let show = |value: &Value| shown(value, attribute.sensitive);
        if attribute.write_only {
            if !planned.is_null() {
                self.fail(path, "a write-only attribute must be planned null");
            }
            return;
        }
        let is_computed_only = attribute.computed && !attribute.optional;
        let is_left_open = attribute.computed && config.is_null();
        if values.is_as_configured() || values.keeps_prior() || is_computed_only || is_left_open {
            return;
        }
        if config.is_null() {
            self.fail(
                path,
                format!("planned {} for an attribute that is not computed and not set", show(planned)),
            );
            return;
        }
        if let Some((nesting, contents)) = attribute.nested() {
            self.nested_attribute(nesting, contents, values, path);
            return;
        }
        let prior = match prior {
            Value::Null => String::new(),
            prior => format!(" nor the prior value {}", show(prior)),
        };
        self.fail(
            path,
            format!("planned {}, which is not the configured {}{prior}", show(planned), show(config)),
        );
    }

    fn nested_attribute(
        &mut self,
        nesting: Nesting,
        contents: Contents<'_>,
        values: Values<'_>,
        path: &AttributePath,
    ) {
        let Values { config, planned, .. } = values;
        if planned.is_null() {
            return self.fail(path, "planned null, but the configuration sets it");
        }
        if planned.is_unknown() {
            return self.fail(path, "planned unknown as a whole, but the configuration sets it");
        }
        if config.is_unknown() {
            return self.fail(path, "planned a known value, but the configuration is not known yet");
        }
        match nesting {
            Nesting::Single => self.object(contents, values, path),
            Nesting::List | Nesting::Map | Nesting::Set => self.elements(contents, values, path),
        }
    }

    fn block(&mut self, block: &NestedBlock, values: Values<'_>, path: &AttributePath) {
        let Values { config, planned, .. } = values;
        if values.is_as_configured() {
            return;
        }
        if config.is_unknown() {
            return self.fail(path, "the number of blocks is not known yet, so they must be planned unknown");
        }
        if planned.is_unknown() {
            return self
                .fail(path, "blocks must not be planned unknown as a whole; only their attributes can be");
        }
        let contents = block.block.contents();
        match Nesting::from(block.nesting) {
            Nesting::Single => match (config.is_null(), planned.is_null()) {
                (true, false) => self.fail(path, "planned a block that the configuration does not have"),
                (false, true) => self.fail(path, "planned no block, but the configuration has one"),
                _ => self.object(contents, values, path),
            },
            Nesting::List | Nesting::Map | Nesting::Set if planned.is_null() => {
                self.fail(path, "the absence of blocks must be planned as an empty collection, not as null");
            }
            Nesting::List | Nesting::Map | Nesting::Set => {
                let mut unknown = Vec::new();
                planned.children(path, |path, element| {
                    if element.is_unknown() || element.is_null() {
                        unknown.push(path.clone());
                    }
                });
                for path in &unknown {
                    self.fail(
                        path,
                        "a block must be planned as an object; only its attributes can be unknown",
                    );
                }
                if unknown.is_empty() {
                    self.elements(contents, values, path);
                }
            }
        }
    }

    /// Elements of lists and maps are checked one by one. Those of sets cannot be told apart, so core counts them.
    fn elements(&mut self, contents: Contents<'_>, values: Values<'_>, path: &AttributePath) {
        match (values.config, values.planned) {
            (Value::List(config), Value::List(planned)) => {
                if self.same_count(config.len(), planned.len(), path) {
                    let prior = values.prior.as_elements().unwrap_or_default();
                    for (index, (config, planned)) in config.iter().zip(planned).enumerate() {
                        let prior = prior.get(index).unwrap_or(ABSENT);
                        self.element(contents, Values { prior, config, planned }, &path.index(index));
                    }
                }
            }
            (Value::Map(config), Value::Map(planned)) => {
                for key in config.keys().filter(|key| !planned.contains_key(*key)) {
                    self.fail(path, format!("the key {key:?} of the configuration is not in the plan"));
                }
                for (key, planned) in planned {
                    let path = path.key(key);
                    let Some(config) = config.get(key) else {
                        self.fail(&path, "planned an element that the configuration does not have");
                        continue;
                    };
                    let prior = match values.prior {
                        Value::Map(prior) => prior.get(key).unwrap_or(ABSENT),
                        _ => ABSENT,
                    };
                    self.element(contents, Values { prior, config, planned }, &path);
                }
            }
            (Value::Set(config), Value::Set(planned)) => {
                let (config, planned) = (set_size(config), set_size(planned));
                let is_decided = config.start() == config.end();
                if is_decided && !planned.contains(config.end()) {
                    self.same_count(*config.end(), *planned.end(), path);
                }
            }
            (config, planned) => {
                let message =
                    format!("planned {}, but the configuration is {}", planned.kind(), config.kind());
                self.fail(path, message);
            }
        }
    }

    fn element(&mut self, contents: Contents<'_>, values: Values<'_>, path: &AttributePath) {
        if values.is_as_configured() {
            return;
        }
        match values.planned {
            Value::Object(_) => self.object(contents, values, path),
            other => self.fail(path, format!("planned {}, but the configuration is an object", other.kind())),
        }
    }

    fn same_count(&mut self, config: usize, planned: usize, path: &AttributePath) -> bool {
        if config != planned {
            self.fail(path, format!("planned {planned} elements, but the configuration has {config}"));
        }
        config == planned
    }
}
