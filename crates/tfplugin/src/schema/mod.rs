//! Schemas: what a user can write, what a provider computes, and how plans treat each attribute.
//!
//! A [`Schema`] is plain data made with builders. The generic rules of [`crate::plan`] and [`crate::checks`] read it,
//! and so does the part of the crate that sends it to Terraform; it knows nothing of the wire itself.

mod attribute;
mod behavior;
mod block;
pub mod config;
mod self_check;
mod stored;
mod validate;
pub mod validators;

use std::{collections::BTreeMap, sync::Arc};

pub use self::{
    attribute::{Attribute, AttributeKind, Nesting},
    behavior::{PlanBehaviorInput, ReplaceRule},
    block::{BlockNesting, NestedBlock},
    config::{ConfigValidator, at_least_one_of, conflicts, exactly_one_of, required_together},
    self_check::SchemaKind,
    validate::validate_config,
    validators::Validator,
};
use crate::value::{Type, Value};

/// The schema of a resource, a data source or a provider configuration.
///
/// ```
/// use tfplugin::{Attribute, Schema, Type};
///
/// let schema = Schema::new(0)
///     .attribute(Attribute::string("name").required().requires_replace())
///     .attribute(Attribute::single_nested("disk", vec![Attribute::int64("size_gib").required()]).optional())
///     .attribute(Attribute::string("address").computed());
/// let disk = Type::Object([("size_gib".to_owned(), Type::Number)].into());
/// assert_eq!(
///     schema.block.implied_type(),
///     Type::Object(
///         [("name".to_owned(), Type::String), ("disk".to_owned(), disk), ("address".to_owned(), Type::String)].into()
///     )
/// );
/// ```
#[derive(Clone, Debug, Default)]
pub struct Schema {
    /// Version of the state's shape. Raise it when stored states need an upgrade.
    pub version: i64,
    /// The top level.
    pub block: Block,
    /// Rules about several attributes at once.
    pub config_validators: Vec<Arc<dyn ConfigValidator>>,
}

/// The contents of a block: of a whole schema or of a nested block.
#[derive(Clone, Debug, Default)]
pub struct Block {
    /// Attributes, in the order of documentation.
    pub attributes: Vec<Attribute>,
    /// Nested blocks, in the order of documentation.
    pub blocks: Vec<NestedBlock>,
    /// Markdown.
    pub description: String,
    /// The message for those who still use it, if it is deprecated.
    pub deprecated: Option<String>,
}

impl Block {
    /// A block without contents.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds an attribute.
    #[must_use]
    pub fn attribute(mut self, attribute: Attribute) -> Self {
        self.attributes.push(attribute);
        self
    }

    /// Adds a nested block.
    #[must_use]
    pub fn block(mut self, block: NestedBlock) -> Self {
        self.blocks.push(block);
        self
    }

    /// Sets the description, in Markdown.
    #[must_use]
    pub fn description(mut self, markdown: impl Into<String>) -> Self {
        self.description = markdown.into();
        self
    }

    /// Marks the block as deprecated, and tells its users what to do.
    #[must_use]
    pub fn deprecated(mut self, message: impl Into<String>) -> Self {
        self.deprecated = Some(message.into());
        self
    }

    /// The type of the block's value: an object with every attribute and every nested block.
    pub fn implied_type(&self) -> Type {
        Type::Object(implied_attributes(&self.attributes, &self.blocks))
    }

    pub(crate) fn contents(&self) -> Contents<'_> {
        Contents { attributes: &self.attributes, blocks: &self.blocks }
    }
}

impl Schema {
    /// An empty schema. Versions start at 0.
    pub fn new(version: i64) -> Self {
        Self { version, ..Self::default() }
    }

    /// Adds an attribute.
    #[must_use]
    pub fn attribute(mut self, attribute: Attribute) -> Self {
        self.block.attributes.push(attribute);
        self
    }

    /// Adds a nested block. New schemas do better with nested attributes.
    #[must_use]
    pub fn block(mut self, block: NestedBlock) -> Self {
        self.block.blocks.push(block);
        self
    }

    /// Sets the description, in Markdown.
    #[must_use]
    pub fn description(mut self, markdown: impl Into<String>) -> Self {
        self.block.description = markdown.into();
        self
    }

    /// Marks the whole resource as deprecated, and tells its users what to do.
    #[must_use]
    pub fn deprecated(mut self, message: impl Into<String>) -> Self {
        self.block.deprecated = Some(message.into());
        self
    }

    /// Adds a rule about several attributes at once.
    #[must_use]
    pub fn config_validator(mut self, validator: impl ConfigValidator + 'static) -> Self {
        self.config_validators.push(Arc::new(validator));
        self
    }

    /// The type of the values that this schema describes.
    pub fn implied_type(&self) -> Type {
        self.block.implied_type()
    }

    /// An object in which every attribute is null and every repeated block is empty: what a configuration without any
    /// arguments is.
    pub fn empty_value(&self) -> Value {
        self.block.contents().empty_value()
    }
}

fn implied_attributes(attributes: &[Attribute], blocks: &[NestedBlock]) -> BTreeMap<String, Type> {
    let attributes = attributes.iter().map(|attribute| (attribute.name.clone(), attribute.implied_type()));
    attributes.chain(blocks.iter().map(|block| (block.name.clone(), block.implied_type()))).collect()
}

/// The parts of an object value: those of a block, or those of a nested attribute (which has no blocks).
#[derive(Clone, Copy, Debug)]
pub(crate) struct Contents<'a> {
    pub(crate) attributes: &'a [Attribute],
    pub(crate) blocks: &'a [NestedBlock],
}

impl<'a> Contents<'a> {
    pub(crate) fn of_attributes(attributes: &'a [Attribute]) -> Self {
        Self { attributes, blocks: &[] }
    }

    fn empty_value(self) -> Value {
        let attributes = self.attributes.iter().map(|attribute| (attribute.name.clone(), Value::Null));
        let blocks = self.blocks.iter().map(|block| (block.name.clone(), block.empty_value()));
        Value::Object(attributes.chain(blocks).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_implied_type_has_every_attribute_and_block() {
        let schema = Schema::new(0)
            .attribute(Attribute::string("id").computed())
            .attribute(Attribute::set("zones", Type::String).optional())
            .attribute(Attribute::map_nested("users", vec![Attribute::bool("admin").required()]).optional())
            .block(NestedBlock::list("rule", Block::new().attribute(Attribute::int64("port").required())))
            .block(NestedBlock::single("owner", Block::new()));
        let expected = Type::object([
            ("id", Type::String),
            ("zones", Type::set(Type::String)),
            ("users", Type::map(Type::object([("admin", Type::Bool)]))),
            ("rule", Type::list(Type::object([("port", Type::Number)]))),
            ("owner", Type::object::<&str>([])),
        ]);
        assert_eq!(schema.implied_type(), expected);
    }

    #[test]
    fn an_empty_configuration_has_null_attributes_and_empty_blocks() {
        let inner = Block::new().attribute(Attribute::string("name").optional());
        let schema = Schema::new(0)
            .attribute(Attribute::string("id").computed())
            .block(NestedBlock::single("one", inner.clone()))
            .block(NestedBlock::list("many", inner.clone()))
            .block(NestedBlock::group("always", inner));
        let expected = Value::object([
            ("id", Value::Null),
            ("one", Value::Null),
            ("many", Value::List(vec![])),
            ("always", Value::object([("name", Value::Null)])),
        ]);
        assert_eq!(schema.empty_value(), expected);
    }
}
