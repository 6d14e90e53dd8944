//! Planning: the generic rules first, then the resource.

use super::{Service, non_null, private_state, provider_bug};
use crate::plan::default_plan;
use crate::proto::tfplugin6 as wire;
use crate::proto::{decode, encode, encode_paths};
use crate::resource::PlanRequest;
use crate::server::service::capabilities;
use crate::{Diagnostics, Provider};

impl<P: Provider> Service<P> {
    pub(in crate::server::service) async fn plan_resource(
        &self,
        request: wire::plan_resource_change::Request,
    ) -> Result<wire::plan_resource_change::Response, Diagnostics> {
        let resource = self.catalog().resource(&request.type_name)?;
        let ty = &resource.shape.ty;
        let prior = decode(request.prior_state.as_ref(), ty)?;
        let config = decode(request.config.as_ref(), ty)?;
        let proposed = decode(request.proposed_new_state.as_ref(), ty)?;
        let capabilities = capabilities(request.client_capabilities);
        let planned_private = capabilities.store_planned_private && !request.planned_private.is_empty();
        let cx = self.context()?;

        let generic = default_plan(&resource.shape.schema, &prior, &config, &proposed);
        let mut diagnostics = generic.diagnostics;
        let is_destroy = proposed.is_null();
        let plan = PlanRequest {
            prior: non_null(prior),
            config: non_null(config),
            planned: non_null(generic.planned),
            requires_replace: generic.requires_replace,
            private: private_state(&request.prior_private)?,
            planned_private: planned_private.then(|| private_state(&request.planned_private)).transpose()?,
            identity: resource.decode_identity(request.prior_identity.as_ref())?,
            capabilities,
        };
        let response = resource.entry.resource.plan(&cx, plan).await?;
        diagnostics.extend(response.diagnostics);
        if response.planned.is_none() != is_destroy && !diagnostics.has_errors() {
            let found =
                if is_destroy { "an object where one is destroyed" } else { "no object and no error" };
            diagnostics.push(provider_bug(&format!("It planned {found}.")));
        }
        let planned = response.planned.map(|planned| resource.stored(planned));
        Ok(wire::plan_resource_change::Response {
            planned_state: planned.map(|planned| encode(&planned, ty)).transpose()?,
            requires_replace: encode_paths(response.requires_replace),
            planned_private: response.private.to_bytes(),
            diagnostics: self.to_wire(diagnostics),
            planned_identity: request.prior_identity,
            ..Default::default()
        })
    }
}
