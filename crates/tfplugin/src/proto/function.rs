//! Function signatures on the wire.

use super::tfplugin6 as wire;
use super::tfplugin6::StringKind;
use crate::function::{FunctionDefinition, Parameter};

/// A signature as Terraform reads it.
pub(crate) fn function_to_proto(definition: &FunctionDefinition) -> wire::Function {
    wire::Function {
        parameters: definition.parameters.iter().map(parameter).collect(),
        variadic_parameter: definition.variadic.as_ref().map(parameter),
        r#return: Some(wire::function::Return { r#type: definition.result.to_json().into_bytes() }),
        summary: definition.summary.clone(),
        description: definition.description.clone(),
        description_kind: StringKind::Markdown.into(),
        deprecation_message: definition.deprecated.clone().unwrap_or_default(),
    }
}

fn parameter(parameter: &Parameter) -> wire::function::Parameter {
    wire::function::Parameter {
        name: parameter.name.clone(),
        r#type: parameter.ty.to_json().into_bytes(),
        allow_null_value: parameter.allow_null,
        allow_unknown_values: parameter.allow_unknown,
        description: parameter.description.clone(),
        description_kind: StringKind::Markdown.into(),
    }
}
