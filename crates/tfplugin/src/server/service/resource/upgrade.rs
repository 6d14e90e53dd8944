//! Stored state and identities, brought into the shape of today's schemas.

use super::{MEND_STATE, Service, identity_data, raw_json};
use crate::proto::encode;
use crate::proto::tfplugin6 as wire;
use crate::resource::UpgradeRequest;
use crate::value::json::{self, Mode};
use crate::{Diagnostic, Diagnostics, Provider};

impl<P: Provider> Service<P> {
    pub(in crate::server::service) fn upgrade_resource(
        &self,
        request: &wire::upgrade_resource_state::Request,
    ) -> Result<wire::upgrade_resource_state::Response, Diagnostics> {
        let resource = self.catalog().resource(&request.type_name)?;
        let mut raw = raw_json(request.raw_state.as_ref())?;
        let current = resource.shape.schema.version;
        if request.version != current {
            let Some(upgrade) = &resource.entry.upgrade else {
                let whose =
                    if request.version > current { "that version or a later one" } else { "that version" };
                let detail = format!(
                    "The state of this {} was written by another version of the provider, in version {} of its \
                     schema. This one knows version {current} and no way to get there. Use {whose} of the provider.",
                    request.type_name, request.version
                );
                return Err(Diagnostic::error("State of another schema version", detail).into());
            };
            raw = upgrade.upgrade(UpgradeRequest { from_version: request.version, raw })?;
        }
        let state = json::from_json(&raw, &resource.shape.ty, Mode::Lenient).map_err(|error| {
            let detail = format!("The stored state does not fit the schema: {error}. {MEND_STATE}");
            Diagnostic::error("Unreadable state", detail).at(error.path)
        })?;
        Ok(wire::upgrade_resource_state::Response {
            upgraded_state: Some(encode(&resource.stored(state), &resource.shape.ty)?),
            diagnostics: Vec::new(),
        })
    }

    pub(in crate::server::service) fn upgrade_identity(
        &self,
        request: &wire::upgrade_resource_identity::Request,
    ) -> Result<wire::upgrade_resource_identity::Response, Diagnostics> {
        let resource = self.catalog().resource(&request.type_name)?;
        let (ability, shape) = resource.identity().ok_or_else(|| {
            let detail = format!(
                "The state has an identity of this {}, and this version of the provider knows none. Use the version \
                 that wrote the state or a later one.",
                request.type_name
            );
            Diagnostic::error("No identity", detail)
        })?;
        let mut raw = raw_json(request.raw_identity.as_ref())?;
        if request.version != shape.schema.version {
            raw = ability.upgrade(request.version, raw)?;
        }
        let identity = json::from_json(&raw, &shape.ty, Mode::Lenient).map_err(|error| {
            let detail = format!("The stored identity does not fit its schema: {error}. {MEND_STATE}");
            Diagnostic::error("Unreadable identity", detail)
        })?;
        Ok(wire::upgrade_resource_identity::Response {
            upgraded_identity: Some(identity_data(&identity, &shape.ty)?),
            diagnostics: Vec::new(),
        })
    }
}
