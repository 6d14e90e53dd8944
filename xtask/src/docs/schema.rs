//! The schema as `terraform providers schema -json` and the provider's own `--schema` print it, as far as pages need it.
//! (Terraform documentation, "Command: providers schema", JSON output format.)

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;

/// The whole output.
#[derive(Debug, Deserialize)]
pub(super) struct Schemas {
    pub(super) provider_schemas: BTreeMap<String, ProviderSchema>,
}

/// One provider.
#[derive(Debug, Deserialize)]
pub(super) struct ProviderSchema {
    pub(super) provider: Described,
    #[serde(default)]
    pub(super) resource_schemas: BTreeMap<String, Described>,
    #[serde(default)]
    pub(super) resource_identity_schemas: BTreeMap<String, Identity>,
    #[serde(default)]
    pub(super) data_source_schemas: BTreeMap<String, Described>,
    #[serde(default)]
    pub(super) list_resource_schemas: BTreeMap<String, Described>,
    #[serde(default)]
    pub(super) functions: BTreeMap<String, Function>,
    #[serde(default)]
    pub(super) diagnostic_codes: Vec<DiagnosticCode>,
}

/// What a diagnostic can be about. Not in Terraform's own output.
#[derive(Debug, Deserialize)]
pub(super) struct DiagnosticCode {
    pub(super) code: String,
    pub(super) group: String,
    pub(super) title: String,
    pub(super) guide: String,
}

/// A function's signature.
#[derive(Debug, Deserialize)]
pub(super) struct Function {
    #[serde(default)]
    pub(super) description: String,
    #[serde(default)]
    pub(super) summary: String,
    pub(super) return_type: Value,
    #[serde(default)]
    pub(super) parameters: Vec<Parameter>,
    pub(super) variadic_parameter: Option<Parameter>,
}

/// A function's parameter.
#[derive(Debug, Deserialize)]
pub(super) struct Parameter {
    pub(super) name: String,
    #[serde(default)]
    pub(super) description: String,
    #[serde(default)]
    pub(super) is_nullable: bool,
    #[serde(rename = "type")]
    pub(super) kind: Value,
}

/// What tells one object of a resource type from every other.
#[derive(Debug, Deserialize)]
pub(super) struct Identity {
    pub(super) attributes: BTreeMap<String, IdentityAttribute>,
}

/// One attribute of an identity.
#[derive(Debug, Deserialize)]
pub(super) struct IdentityAttribute {
    #[serde(rename = "type")]
    pub(super) kind: Value,
    #[serde(default)]
    pub(super) description: String,
    #[serde(default)]
    pub(super) required_for_import: bool,
}

/// The provider block, a resource, a data source or the `config` of a list.
#[derive(Debug, Deserialize)]
pub(super) struct Described {
    pub(super) block: Block,
}

/// What may be written between the braces.
#[derive(Debug, Deserialize)]
pub(super) struct Block {
    #[serde(default)]
    pub(super) attributes: BTreeMap<String, Attribute>,
    /// Not rendered: this provider uses nested attributes instead.
    #[serde(default)]
    pub(super) block_types: BTreeMap<String, Value>,
    #[serde(default)]
    pub(super) description: String,
}

/// One attribute.
#[derive(Debug, Deserialize)]
pub(super) struct Attribute {
    /// `"string"`, `["set", "string"]`; absent for nested attributes.
    #[serde(rename = "type")]
    pub(super) kind: Option<Value>,
    pub(super) nested_type: Option<Nested>,
    #[serde(default)]
    pub(super) description: String,
    #[serde(default)]
    pub(super) required: bool,
    #[serde(default)]
    pub(super) optional: bool,
    #[serde(default)]
    pub(super) sensitive: bool,
    #[serde(default)]
    pub(super) write_only: bool,
    #[serde(default)]
    pub(super) deprecated: bool,
}

/// Attributes inside an attribute.
#[derive(Debug, Deserialize)]
pub(super) struct Nested {
    pub(super) nesting_mode: String,
    #[serde(default)]
    pub(super) attributes: BTreeMap<String, Attribute>,
}
