//! Applying: create, update or delete, as the nulls in the request tell.

use super::{Service, non_null, private_state, provider_bug};
use crate::proto::tfplugin6 as wire;
use crate::proto::{decode, encode};
use crate::resource::{CreateRequest, DeleteRequest, UpdateRequest};
use crate::{Diagnostics, PrivateState, Provider};

impl<P: Provider> Service<P> {
    pub(in crate::server::service) async fn apply_resource(
        &self,
        request: wire::apply_resource_change::Request,
    ) -> Result<wire::apply_resource_change::Response, Diagnostics> {
        let resource = self.catalog().resource(&request.type_name)?;
        let ty = &resource.shape.ty;
        let prior = non_null(decode(request.prior_state.as_ref(), ty)?);
        let planned = non_null(decode(request.planned_state.as_ref(), ty)?);
        let config = decode(request.config.as_ref(), ty)?;
        let private = private_state(&request.planned_private)?;
        let cx = self.context()?;

        let (state, private, diagnostics) = match (prior, planned) {
            (None, Some(planned)) => {
                let request = CreateRequest { config, planned, private };
                let response = resource.entry.resource.create(&cx, request).await?;
                let mut diagnostics = response.diagnostics;
                if response.state.is_none() && !diagnostics.has_errors() {
                    diagnostics.push(provider_bug("It created no object and answered no error."));
                }
                (response.state, response.private, diagnostics)
            }
            (Some(prior), Some(planned)) => {
                let request = UpdateRequest { prior, config, planned, private };
                let response = resource.entry.resource.update(&cx, request).await?;
                (Some(response.state), response.private, response.diagnostics)
            }
            (Some(prior), None) => {
                let request = DeleteRequest { prior, private };
                let response = resource.entry.resource.delete(&cx, request).await?;
                let mut diagnostics = response.diagnostics;
                if response.state.is_some() && !diagnostics.has_errors() {
                    diagnostics.push(provider_bug("It left an object undeleted and answered no error."));
                }
                (response.state, response.private, diagnostics)
            }
            (None, None) => (None, PrivateState::new(), Diagnostics::new()),
        };
        let state = state.map(|state| resource.stored(state));
        Ok(wire::apply_resource_change::Response {
            new_identity: match &state {
                Some(state) => resource.encode_identity(state)?,
                None => None,
            },
            new_state: state.map(|state| encode(&state, ty)).transpose()?,
            private: private.to_bytes(),
            diagnostics: self.to_wire(diagnostics),
            legacy_type_system: false,
        })
    }
}
