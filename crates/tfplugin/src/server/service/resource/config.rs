//! Configurations: checking one, and writing one from state.

use super::{Service, strip};
use crate::proto::tfplugin6 as wire;
use crate::proto::{decode, encode};
use crate::resource::ValidateRequest;
use crate::schema::{Attribute, validate_config};
use crate::server::service::capabilities;
use crate::{Diagnostics, Provider};

impl<P: Provider> Service<P> {
    pub(in crate::server::service) async fn validate_resource(
        &self,
        request: wire::validate_resource_config::Request,
    ) -> Result<wire::validate_resource_config::Response, Diagnostics> {
        let resource = self.catalog().resource(&request.type_name)?;
        let config = decode(request.config.as_ref(), &resource.shape.ty)?;
        let capabilities = capabilities(request.client_capabilities);
        let allowed = capabilities.write_only_attributes_allowed;
        let mut diagnostics = validate_config(&resource.shape.schema, &config, allowed);
        if !diagnostics.has_errors() {
            let request = ValidateRequest { config, capabilities };
            diagnostics.extend(resource.entry.resource.validate(request).await?);
        }
        Ok(wire::validate_resource_config::Response { diagnostics: self.to_wire(diagnostics) })
    }

    pub(in crate::server::service) fn generate_config(
        &self,
        request: &wire::generate_resource_config::Request,
    ) -> Result<wire::generate_resource_config::Response, Diagnostics> {
        let resource = self.catalog().resource(&request.type_name)?;
        let state = decode(request.state.as_ref(), &resource.shape.ty)?;
        let is_result = |attribute: &Attribute| {
            let is_argument = attribute.required || attribute.optional;
            !is_argument || attribute.deprecated.is_some() || attribute.write_only
        };
        let config = strip(&resource.shape.schema.block, state, is_result);
        Ok(wire::generate_resource_config::Response {
            config: Some(encode(&config, &resource.shape.ty)?),
            diagnostics: Vec::new(),
        })
    }
}
