//! Schemas on the wire.

use super::tfplugin6 as wire;
use super::tfplugin6::StringKind;
use crate::schema::{Attribute, AttributeKind, Block, BlockNesting, NestedBlock, Nesting, Schema};

/// A schema as Terraform reads it.
pub(crate) fn schema_to_proto(schema: &Schema) -> wire::Schema {
    wire::Schema { version: schema.version, block: Some(block(&schema.block, schema.version)) }
}

fn block(block: &Block, version: i64) -> wire::schema::Block {
    wire::schema::Block {
        version,
        attributes: block.attributes.iter().map(attribute).collect(),
        block_types: block.blocks.iter().map(nested_block).collect(),
        description: block.description.clone(),
        description_kind: StringKind::Markdown.into(),
        deprecated: block.deprecated.is_some(),
        deprecation_message: block.deprecated.clone().unwrap_or_default(),
        computed: false,
    }
}

fn attribute(attribute: &Attribute) -> wire::schema::Attribute {
    // Terraform refuses an attribute that has both a type and nested attributes.
    let (ty, nested_type) = match &attribute.kind {
        AttributeKind::Plain(ty) => (ty.to_json().into_bytes(), None),
        AttributeKind::Nested(nesting, attributes) => (Vec::new(), Some(object(*nesting, attributes))),
    };
    wire::schema::Attribute {
        name: attribute.name.clone(),
        r#type: ty,
        nested_type,
        description: attribute.description.clone(),
        required: attribute.required,
        optional: attribute.optional,
        computed: attribute.computed,
        sensitive: attribute.sensitive,
        description_kind: StringKind::Markdown.into(),
        deprecated: attribute.deprecated.is_some(),
        write_only: attribute.write_only,
        deprecation_message: attribute.deprecated.clone().unwrap_or_default(),
    }
}

#[expect(deprecated, reason = "the fields exist on the wire and stay empty")]
fn object(nesting: Nesting, attributes: &[Attribute]) -> wire::schema::Object {
    use wire::schema::object::NestingMode;
    let nesting = match nesting {
        Nesting::Single => NestingMode::Single,
        Nesting::List => NestingMode::List,
        Nesting::Set => NestingMode::Set,
        Nesting::Map => NestingMode::Map,
    };
    wire::schema::Object {
        attributes: attributes.iter().map(attribute).collect(),
        nesting: nesting.into(),
        min_items: 0,
        max_items: 0,
    }
}

fn nested_block(nested: &NestedBlock) -> wire::schema::NestedBlock {
    use wire::schema::nested_block::NestingMode;
    let nesting = match nested.nesting {
        BlockNesting::Single => NestingMode::Single,
        BlockNesting::Group => NestingMode::Group,
        BlockNesting::List => NestingMode::List,
        BlockNesting::Set => NestingMode::Set,
        BlockNesting::Map => NestingMode::Map,
    };
    wire::schema::NestedBlock {
        type_name: nested.name.clone(),
        block: Some(block(&nested.block, 0)),
        nesting: nesting.into(),
        min_items: nested.min_items.into(),
        max_items: nested.max_items.into(),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;
    use crate::Type;

    #[test]
    fn an_attribute_has_a_type_or_nested_attributes_and_never_both() {
        let schema = Schema::new(3)
            .attribute(Attribute::set("zones", Type::String).optional().computed())
            .attribute(Attribute::list_nested("rules", vec![Attribute::int64("port").required()]).optional());
        let wire = schema_to_proto(&schema);
        assert_eq!(wire.version, 3);
        let attributes = wire.block.unwrap().attributes;
        assert_eq!(attributes[0].r#type, br#"["set","string"]"#);
        assert!(attributes[0].nested_type.is_none());
        assert!(attributes[0].optional && attributes[0].computed && !attributes[0].required);
        assert!(attributes[1].r#type.is_empty());
        let nested = attributes[1].nested_type.as_ref().unwrap();
        assert_eq!(nested.nesting(), wire::schema::object::NestingMode::List);
        assert_eq!(nested.attributes[0].r#type, br#""number""#);
    }

    #[test]
    fn a_deprecation_carries_its_message() {
        let schema = Schema::new(0).attribute(Attribute::string("old").optional().deprecated("Use new."));
        let attribute = schema_to_proto(&schema).block.unwrap().attributes.remove(0);
        assert!(attribute.deprecated);
        assert_eq!(attribute.deprecation_message, "Use new.");
    }

    #[test]
    fn blocks_keep_their_nesting_and_limits() {
        let schema = Schema::new(0).block(NestedBlock::list("rule", Block::new()).min_items(1).max_items(4));
        let nested = schema_to_proto(&schema).block.unwrap().block_types.remove(0);
        assert_eq!(nested.nesting(), wire::schema::nested_block::NestingMode::List);
        assert_eq!((nested.min_items, nested.max_items), (1, 4));
    }
}
