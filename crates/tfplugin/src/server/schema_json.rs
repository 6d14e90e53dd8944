//! All schemas as JSON, in the shape of `terraform providers schema -json`, so that documentation can be made
//! without a Terraform at hand. It is made from what goes over the wire and so shows what Terraform would
//! see.

use serde_json::{Map, Value, json};

use super::Service;
use crate::Provider;
use crate::proto::tfplugin6 as wire;
use crate::proto::tfplugin6::StringKind;

/// The document for the one provider at `address`.
pub(super) fn schema_json<P: Provider>(service: &Service<P>, address: &str) -> Value {
    let schemas = service.catalog().schemas();
    let identities = service.catalog().identity_schemas();
    let mut provider = Map::new();
    if let Some(schema) = &schemas.provider {
        provider.insert("provider".into(), schema_value(schema));
    }
    put_all(&mut provider, "resource_schemas", &schemas.resource_schemas, schema_value);
    put_all(&mut provider, "data_source_schemas", &schemas.data_source_schemas, schema_value);
    put_all(&mut provider, "list_resource_schemas", &schemas.list_resource_schemas, schema_value);
    put_all(&mut provider, "functions", &schemas.functions, function);
    put_all(&mut provider, "resource_identity_schemas", &identities, identity);
    put(&mut provider, "diagnostic_codes", service.diagnostic_codes());
    json!({ "format_version": "1.0", "provider_schemas": { address: provider } })
}

fn put_all<'a, T: 'a>(
    into: &mut Map<String, Value>,
    key: &str,
    items: impl IntoIterator<Item = (&'a String, &'a T)>,
    convert: impl Fn(&T) -> Value,
) {
    let items: Map<_, _> = items.into_iter().map(|(name, item)| (name.clone(), convert(item))).collect();
    put(into, key, items);
}

/// Adds what is not empty, as Terraform does.
fn put(into: &mut Map<String, Value>, key: &str, value: impl Into<Value>) {
    let value = value.into();
    let is_empty = match &value {
        Value::Null => true,
        Value::Bool(flag) => !flag,
        Value::Number(number) => number.as_i64() == Some(0),
        Value::String(text) => text.is_empty(),
        Value::Array(elements) => elements.is_empty(),
        Value::Object(members) => members.is_empty(),
    };
    if !is_empty {
        into.insert(key.into(), value);
    }
}

fn schema_value(schema: &wire::Schema) -> Value {
    json!({ "version": schema.version, "block": schema.block.as_ref().map(block) })
}

fn block(block: &wire::schema::Block) -> Value {
    let mut value = Map::new();
    put(&mut value, "attributes", attributes(&block.attributes));
    let nested: Map<_, _> =
        block.block_types.iter().map(|nested| (nested.type_name.clone(), nested_block(nested))).collect();
    put(&mut value, "block_types", nested);
    put(&mut value, "description", &*block.description);
    put(&mut value, "description_kind", string_kind(block.description_kind()));
    put(&mut value, "deprecated", block.deprecated);
    Value::Object(value)
}

fn nested_block(nested: &wire::schema::NestedBlock) -> Value {
    use wire::schema::nested_block::NestingMode;
    let mut value = Map::new();
    let mode = match nested.nesting() {
        NestingMode::Invalid => "invalid",
        NestingMode::Single => "single",
        NestingMode::List => "list",
        NestingMode::Set => "set",
        NestingMode::Map => "map",
        NestingMode::Group => "group",
    };
    put(&mut value, "nesting_mode", mode);
    put(&mut value, "block", nested.block.as_ref().map(block));
    put(&mut value, "min_items", nested.min_items);
    put(&mut value, "max_items", nested.max_items);
    Value::Object(value)
}

fn attributes(attributes: &[wire::schema::Attribute]) -> Map<String, Value> {
    attributes.iter().map(|it| (it.name.clone(), attribute(it))).collect()
}

fn attribute(attribute: &wire::schema::Attribute) -> Value {
    let mut value = Map::new();
    put(&mut value, "type", type_value(&attribute.r#type));
    put(&mut value, "nested_type", attribute.nested_type.as_ref().map(object));
    put(&mut value, "description", &*attribute.description);
    put(&mut value, "description_kind", string_kind(attribute.description_kind()));
    put(&mut value, "deprecated", attribute.deprecated);
    put(&mut value, "required", attribute.required);
    put(&mut value, "optional", attribute.optional);
    put(&mut value, "computed", attribute.computed);
    put(&mut value, "sensitive", attribute.sensitive);
    put(&mut value, "write_only", attribute.write_only);
    Value::Object(value)
}

fn object(object: &wire::schema::Object) -> Value {
    use wire::schema::object::NestingMode;
    let mode = match object.nesting() {
        NestingMode::Invalid => "invalid",
        NestingMode::Single => "single",
        NestingMode::List => "list",
        NestingMode::Set => "set",
        NestingMode::Map => "map",
    };
    json!({ "attributes": attributes(&object.attributes), "nesting_mode": mode })
}

fn function(function: &wire::Function) -> Value {
    let mut value = Map::new();
    put(&mut value, "description", &*function.description);
    put(&mut value, "summary", &*function.summary);
    put(&mut value, "deprecation_message", &*function.deprecation_message);
    put(&mut value, "return_type", function.r#return.as_ref().map(|it| type_value(&it.r#type)));
    put(&mut value, "parameters", function.parameters.iter().map(parameter).collect::<Vec<_>>());
    put(&mut value, "variadic_parameter", function.variadic_parameter.as_ref().map(parameter));
    Value::Object(value)
}

fn parameter(parameter: &wire::function::Parameter) -> Value {
    let mut value = Map::new();
    put(&mut value, "name", &*parameter.name);
    put(&mut value, "description", &*parameter.description);
    put(&mut value, "is_nullable", parameter.allow_null_value);
    put(&mut value, "type", type_value(&parameter.r#type));
    Value::Object(value)
}

fn identity(schema: &wire::ResourceIdentitySchema) -> Value {
    let attributes: Map<_, _> = schema
        .identity_attributes
        .iter()
        .map(|attribute| {
            let mut value = Map::new();
            put(&mut value, "type", type_value(&attribute.r#type));
            put(&mut value, "description", &*attribute.description);
            put(&mut value, "required_for_import", attribute.required_for_import);
            put(&mut value, "optional_for_import", attribute.optional_for_import);
            (attribute.name.clone(), Value::Object(value))
        })
        .collect();
    json!({ "version": schema.version, "attributes": attributes })
}

/// A type constraint is JSON already.
fn type_value(bytes: &[u8]) -> Value {
    serde_json::from_slice(bytes).unwrap_or_default()
}

fn string_kind(kind: StringKind) -> &'static str {
    match kind {
        StringKind::Plain => "plain",
        StringKind::Markdown => "markdown",
    }
}
