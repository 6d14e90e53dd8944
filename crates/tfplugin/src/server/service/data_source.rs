//! The RPCs about data sources.

use super::Service;
use crate::data_source::ReadDataRequest;
use crate::proto::tfplugin6 as wire;
use crate::proto::{decode, encode};
use crate::resource::ValidateRequest;
use crate::schema::validate_config;
use crate::{ClientCapabilities, Diagnostic, Diagnostics, Provider};

impl<P: Provider> Service<P> {
    pub(super) async fn validate_data_source(
        &self,
        request: wire::validate_data_resource_config::Request,
    ) -> Result<wire::validate_data_resource_config::Response, Diagnostics> {
        let source = self.catalog().data_source(&request.type_name)?;
        let config = decode(request.config.as_ref(), &source.shape.ty)?;
        let mut diagnostics = validate_config(&source.shape.schema, &config, true);
        if !diagnostics.has_errors() {
            // This request does not carry capabilities.
            let request = ValidateRequest { config, capabilities: ClientCapabilities::default() };
            diagnostics.extend(source.entry.source.validate(request).await?);
        }
        Ok(wire::validate_data_resource_config::Response { diagnostics: self.to_wire(diagnostics) })
    }

    pub(super) async fn look_up_data_source(
        &self,
        request: wire::read_data_source::Request,
    ) -> Result<wire::read_data_source::Response, Diagnostics> {
        let source = self.catalog().data_source(&request.type_name)?;
        let cx = self.context()?;
        let read = ReadDataRequest {
            config: decode(request.config.as_ref(), &source.shape.ty)?,
            capabilities: super::capabilities(request.client_capabilities),
        };
        let response = source.entry.source.read(&cx, read).await?;
        let mut diagnostics = response.diagnostics;
        if response.state.is_none() && !diagnostics.has_errors() {
            diagnostics.push(Diagnostic::error(
                "Data source without a result",
                "The provider answered neither a result nor an error. This is a bug in the provider; please \
                 report it.",
            ));
        }
        Ok(wire::read_data_source::Response {
            state: response.state.map(|state| encode(&state, &source.shape.ty)).transpose()?,
            diagnostics: self.to_wire(diagnostics),
            deferred: None,
        })
    }
}
