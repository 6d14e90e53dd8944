//! Validation of a configuration against the rules in its schema.
//!
//! Types, and whether required arguments are written down, are core's business and have been checked by then. What is left
//! are the validators, required arguments whose value is null, and the question whether this Terraform can handle
//! write-only values at all.

use super::{Attribute, Contents, Nesting, Schema};
use crate::diagnostics::codes;
use crate::{
    diagnostics::{Diagnostic, Diagnostics},
    path::AttributePath,
    value::Value,
};

/// Runs every validator of `schema` on `config`. `write_only_allowed` is what the client said it can handle; where it
/// cannot, write-only arguments are errors (Terraform before 1.11 would store them).
pub fn validate_config(schema: &Schema, config: &Value, write_only_allowed: bool) -> Diagnostics {
    let mut validation = Validation { write_only_allowed, diagnostics: Diagnostics::new() };
    validation.object(schema.block.contents(), config, &AttributePath::root());
    for rule in &schema.config_validators {
        if !config.is_null() && !config.is_unknown() {
            rule.validate(config, &mut validation.diagnostics);
        }
    }
    validation.diagnostics
}

struct Validation {
    write_only_allowed: bool,
    diagnostics: Diagnostics,
}

impl Validation {
    fn object(&mut self, contents: Contents<'_>, object: &Value, path: &AttributePath) {
        let Value::Object(values) = object else {
            return;
        };
        for attribute in contents.attributes {
            if let Some(value) = values.get(&attribute.name) {
                self.attribute(attribute, value, &path.attribute(&attribute.name));
            }
        }
        for block in contents.blocks {
            if let Some(value) = values.get(&block.name) {
                let path = path.attribute(&block.name);
                self.nested(block.nesting.into(), block.block.contents(), value, &path);
            }
        }
    }

    fn attribute(&mut self, attribute: &Attribute, value: &Value, path: &AttributePath) {
        if value.is_null() {
            if attribute.required {
                self.diagnostics.push(without_value(path));
            }
            return;
        }
        if attribute.write_only && !self.write_only_allowed {
            let detail = format!(
                "{path} is write-only: its value must not be stored, which this version of Terraform cannot promise. \
                 Use Terraform 1.11 or later, or leave the argument out."
            );
            self.diagnostics.push(
                Diagnostic::error("Write-only argument not supported", detail)
                    .at(path)
                    .code(codes::INVALID_VALUE),
            );
        }
        if value.is_unknown() {
            return;
        }
        for validator in &attribute.validators {
            validator.validate(value, path, &mut self.diagnostics);
        }
        if let Some((nesting, contents)) = attribute.nested() {
            self.nested(nesting, contents, value, path);
        }
    }

    fn nested(&mut self, nesting: Nesting, contents: Contents<'_>, value: &Value, path: &AttributePath) {
        match nesting {
            Nesting::Single => self.object(contents, value, path),
            Nesting::List | Nesting::Set | Nesting::Map => {
                value.children(path, |path, element| self.object(contents, element, path));
            }
        }
    }
}

/// Core looks only for the argument, not at its value.
fn without_value(path: &AttributePath) -> Diagnostic {
    let detail = format!(
        "{path} is required, but its value is null, as if it were left out. Often that is a variable without a default and \
         without a value, or an output that is empty. Give it a value."
    );
    Diagnostic::error("Missing required argument", detail).at(path).code(codes::MISSING_ARGUMENT)
}

#[cfg(test)]
mod tests {
    use crate::{
        schema::{Attribute, Block, NestedBlock, Schema, config, validate_config, validators},
        value::{Type, Value},
    };

    fn paths(schema: &Schema, value: &Value) -> Vec<String> {
        let found = validate_config(schema, value, true);
        found.iter().map(|one| one.attribute.as_ref().map_or("-".into(), ToString::to_string)).collect()
    }

    #[test]
    fn validators_see_only_known_values_that_are_set() {
        let schema = Schema::new(0)
            .attribute(Attribute::string("size").optional().validate(validators::one_of(["s", "m"])));
        let config = |value| Value::object([("size", value)]);
        assert!(paths(&schema, &config(Value::Null)).is_empty());
        assert!(paths(&schema, &config(Value::unknown())).is_empty());
        assert!(paths(&schema, &config("m".into())).is_empty());
        assert_eq!(paths(&schema, &config("xl".into())), ["size"]);
    }

    #[test]
    fn validators_reach_nested_attributes_and_blocks() {
        let port = || Attribute::int64("port").required().validate(validators::between(1, 65535));
        let schema = Schema::new(0)
            .attribute(Attribute::single_nested("one", vec![port()]).optional())
            .attribute(Attribute::list_nested("many", vec![port()]).optional())
            .attribute(Attribute::map_nested("named", vec![port()]).optional())
            .block(NestedBlock::set("rule", Block::new().attribute(port())));
        let object = |port: i64| Value::object([("port", port.into())]);
        let config = Value::object([
            ("one", object(0)),
            ("many", Value::List(vec![object(1), object(70_000)])),
            ("named", Value::map([("a", object(0)), ("b", Value::unknown())])),
            ("rule", Value::Set(vec![object(0), object(22)])),
        ]);
        assert_eq!(
            paths(&schema, &config),
            ["one.port", "many[1].port", "named[\"a\"].port", "rule[*].port"]
        );
    }

    #[test]
    fn a_required_argument_may_be_unknown_but_not_null() {
        let name = || Attribute::string("name").required();
        let schema = Schema::new(0)
            .attribute(name())
            .attribute(Attribute::single_nested("owner", vec![name()]).optional())
            .attribute(Attribute::list_nested("many", vec![name()]).required());
        let object = |name: Value| Value::object([("name", name)]);
        let config = |name: Value, owner: Value, many: Value| {
            Value::object([("name", name), ("owner", owner), ("many", many)])
        };
        let set = || Value::List(vec![object("n".into())]);
        assert!(paths(&schema, &config("n".into(), Value::Null, set())).is_empty());
        assert!(paths(&schema, &config(Value::unknown(), Value::unknown(), Value::unknown())).is_empty());
        assert_eq!(paths(&schema, &config(Value::Null, Value::Null, set())), ["name"]);
        let nested = Value::List(vec![object("n".into()), object(Value::Null)]);
        assert_eq!(
            paths(&schema, &config("n".into(), object(Value::Null), nested)),
            ["owner.name", "many[1].name"]
        );
        assert_eq!(paths(&schema, &config("n".into(), Value::Null, Value::Null)), ["many"]);
    }

    #[test]
    fn a_write_only_argument_is_refused_where_terraform_would_store_it() {
        let schema = Schema::new(0).attribute(Attribute::string("secret").optional().write_only());
        let config = |value| Value::object([("secret", value)]);
        assert!(validate_config(&schema, &config("x".into()), false).has_errors());
        assert!(validate_config(&schema, &config(Value::unknown()), false).has_errors());
        assert!(validate_config(&schema, &config(Value::Null), false).is_empty());
        assert!(validate_config(&schema, &config("x".into()), true).is_empty());
    }

    #[test]
    fn rules_about_the_whole_configuration_are_asked() {
        let schema = Schema::new(0)
            .attribute(Attribute::set("a", Type::String).optional())
            .attribute(Attribute::string("b").optional())
            .config_validator(config::exactly_one_of(["a", "b"]));
        let none = schema.empty_value();
        assert!(validate_config(&schema, &none, true).has_errors());
    }
}
