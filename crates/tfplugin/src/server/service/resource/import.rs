//! How an object that exists comes into the state: by import, or from another resource type.

use super::{Service, provider_bug, raw_json};
use crate::proto::encode;
use crate::proto::tfplugin6 as wire;
use crate::resource::{ImportRequest, MoveRequest};
use crate::{Diagnostic, Diagnostics, Provider};

impl<P: Provider> Service<P> {
    pub(in crate::server::service) async fn import_resource(
        &self,
        request: wire::import_resource_state::Request,
    ) -> Result<wire::import_resource_state::Response, Diagnostics> {
        let resource = self.catalog().resource(&request.type_name)?;
        let Some(import) = &resource.entry.import else {
            let detail = format!("The resource type {} has no import.", request.type_name);
            return Err(Diagnostic::error("Import not possible", detail).into());
        };
        let cx = self.context()?;
        let wanted = match resource.decode_identity(request.identity.as_ref())? {
            Some(identity) => ImportRequest::Identity(identity),
            None => ImportRequest::Id(request.id),
        };
        let response = import.import(&cx, wanted).await;
        let mut diagnostics = response.diagnostics;
        if response.state.is_none() && !diagnostics.has_errors() {
            diagnostics.push(provider_bug("It imported no object and answered no error."));
        }
        let mut imported_resources = Vec::new();
        if let Some(state) = response.state.map(|state| resource.stored(state)) {
            imported_resources.push(wire::import_resource_state::ImportedResource {
                type_name: request.type_name,
                identity: resource.encode_identity(&state)?.or(request.identity),
                state: Some(encode(&state, &resource.shape.ty)?),
                private: response.private.to_bytes(),
            });
        }
        Ok(wire::import_resource_state::Response {
            imported_resources,
            diagnostics: self.to_wire(diagnostics),
            deferred: None,
        })
    }

    pub(in crate::server::service) fn move_resource(
        &self,
        request: wire::move_resource_state::Request,
    ) -> Result<wire::move_resource_state::Response, Diagnostics> {
        let resource = self.catalog().resource(&request.target_type_name)?;
        let Some(ability) = &resource.entry.move_state else {
            let detail = format!(
                "The resource type {} takes over no objects of other types, such as {}.",
                request.target_type_name, request.source_type_name
            );
            return Err(Diagnostic::error("Move not possible", detail).into());
        };
        let response = ability.move_state(MoveRequest {
            source_provider: request.source_provider_address,
            source_type: request.source_type_name,
            source_version: request.source_schema_version,
            state: raw_json(request.source_state.as_ref())?,
            private: request.source_private,
            identity: request
                .source_identity
                .as_ref()
                .map(|identity| raw_json(Some(identity)))
                .transpose()?,
        });
        let mut diagnostics = response.diagnostics;
        if response.state.is_none() && !diagnostics.has_errors() {
            diagnostics.push(provider_bug("It moved no object and answered no error."));
        }
        let mut answer = wire::move_resource_state::Response {
            diagnostics: self.to_wire(diagnostics),
            ..Default::default()
        };
        if let Some(state) = response.state.map(|state| resource.stored(state)) {
            answer.target_identity = resource.encode_identity(&state)?;
            answer.target_state = Some(encode(&state, &resource.shape.ty)?);
            answer.target_private = response.private.to_bytes();
        }
        Ok(answer)
    }
}
