//! Identity schemas on the wire.

use super::tfplugin6 as wire;
use crate::resource::IdentitySchema;

/// An identity schema as Terraform reads it.
pub(crate) fn identity_schema_to_proto(schema: &IdentitySchema) -> wire::ResourceIdentitySchema {
    let attributes =
        schema.attributes.iter().map(|attribute| wire::resource_identity_schema::IdentityAttribute {
            name: attribute.name.clone(),
            r#type: attribute.ty.to_json().into_bytes(),
            required_for_import: attribute.required_for_import,
            optional_for_import: !attribute.required_for_import,
            description: attribute.description.clone(),
        });
    wire::ResourceIdentitySchema { version: schema.version, identity_attributes: attributes.collect() }
}
