//! The RPCs about the provider as a whole.

use super::Service;
use crate::model::FromValue as _;
use crate::proto::decode;
use crate::proto::tfplugin6 as wire;
use crate::schema::validate_config;
use crate::{ConfigureRequest, Diagnostic, Diagnostics, Provider, Value};

impl<P: Provider> Service<P> {
    pub(super) fn metadata(&self) -> wire::get_metadata::Response {
        use wire::get_metadata::{
            DataSourceMetadata, FunctionMetadata, ListResourceMetadata, ResourceMetadata,
        };
        let catalog = self.catalog();
        let (resources, data_sources) = (catalog.resources.keys(), catalog.data_sources.keys());
        wire::get_metadata::Response {
            server_capabilities: Some(catalog.server_capabilities()),
            resources: resources.map(|name| ResourceMetadata { type_name: name.clone() }).collect(),
            data_sources: data_sources.map(|name| DataSourceMetadata { type_name: name.clone() }).collect(),
            list_resources: catalog
                .list_resources
                .keys()
                .map(|name| ListResourceMetadata { type_name: name.clone() })
                .collect(),
            functions: catalog.functions.keys().map(|name| FunctionMetadata { name: name.clone() }).collect(),
            ..Default::default()
        }
    }

    pub(super) async fn validate_provider(
        &self,
        request: wire::validate_provider_config::Request,
    ) -> Result<wire::validate_provider_config::Response, Diagnostics> {
        let shape = &self.catalog().provider;
        let config = decode(request.config.as_ref(), &shape.ty)?;
        let mut diagnostics = validate_config(&shape.schema, &config, true);
        if !diagnostics.has_errors() {
            diagnostics.extend(self.provider.validate(config_model::<P>(&config)?).await);
        }
        Ok(wire::validate_provider_config::Response { diagnostics: self.to_wire(diagnostics) })
    }

    pub(super) async fn configure(
        &self,
        request: wire::configure_provider::Request,
    ) -> Result<wire::configure_provider::Response, Diagnostics> {
        let config = decode(request.config.as_ref(), &self.catalog().provider.ty)?;
        let response = self
            .provider
            .configure(ConfigureRequest {
                config: config_model::<P>(&config)?,
                terraform_version: request.terraform_version,
                capabilities: super::capabilities(request.client_capabilities),
                stop: self.stop.token(),
            })
            .await;
        if let Some(data) = response.data {
            self.configured(data);
        }
        Ok(wire::configure_provider::Response { diagnostics: self.to_wire(response.diagnostics) })
    }
}

fn config_model<P: Provider>(config: &Value) -> Result<P::Config, Diagnostics> {
    P::Config::from_root(config).map_err(|error| Diagnostic::from(error).into())
}
