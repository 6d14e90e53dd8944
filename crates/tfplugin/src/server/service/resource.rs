//! The RPCs about resources: decode, ask the resource, check what can be checked here, encode.

use super::Service;
use super::catalog::RegisteredResource;
use super::strip::strip;
use crate::plan::default_plan;
use crate::proto::tfplugin6 as wire;
use crate::proto::{decode, diagnostics_to_proto, encode, encode_paths};
use crate::resource::{
    CreateRequest, DeleteRequest, ImportRequest, MoveRequest, PlanRequest, ReadRequest, UpdateRequest, UpgradeRequest,
    ValidateRequest,
};
use crate::schema::{Attribute, validate_config};
use crate::value::json::{self, Mode};
use crate::{Diagnostic, Diagnostics, PrivateState, Provider, Type, Value};

impl<P: Provider> Service<P> {
    pub(super) async fn validate_resource(
        &self,
        request: wire::validate_resource_config::Request,
    ) -> Result<wire::validate_resource_config::Response, Diagnostics> {
        let resource = self.catalog().resource(&request.type_name)?;
        let config = decode(request.config.as_ref(), &resource.shape.ty)?;
        let capabilities = super::capabilities(request.client_capabilities);
        let allowed = capabilities.write_only_attributes_allowed;
        let mut diagnostics = validate_config(&resource.shape.schema, &config, allowed);
        if !diagnostics.has_errors() {
            let request = ValidateRequest { config, capabilities };
            diagnostics.extend(resource.entry.resource.validate(request).await?);
        }
        Ok(wire::validate_resource_config::Response { diagnostics: diagnostics_to_proto(diagnostics) })
    }

    pub(super) fn upgrade_resource(
        &self,
        request: &wire::upgrade_resource_state::Request,
    ) -> Result<wire::upgrade_resource_state::Response, Diagnostics> {
        let resource = self.catalog().resource(&request.type_name)?;
        let mut raw = raw_json(request.raw_state.as_ref())?;
        let current = resource.shape.schema.version;
        if request.version != current {
            let Some(upgrade) = &resource.entry.upgrade else {
                let detail = format!(
                    "The state of this {} was written in version {} of its schema. This provider knows version \
                     {current} and no way to get there.",
                    request.type_name, request.version
                );
                return Err(Diagnostic::error("State of another schema version", detail).into());
            };
            raw = upgrade.upgrade(UpgradeRequest { from_version: request.version, raw })?;
        }
        let state = json::from_json(&raw, &resource.shape.ty, Mode::Lenient).map_err(|error| {
            let detail = format!("The stored state does not fit the schema: {error}.");
            Diagnostic::error("Unreadable state", detail).at(error.path)
        })?;
        Ok(wire::upgrade_resource_state::Response {
            upgraded_state: Some(encode(&resource.stored(state), &resource.shape.ty)?),
            diagnostics: Vec::new(),
        })
    }

    pub(super) fn upgrade_identity(
        &self,
        request: &wire::upgrade_resource_identity::Request,
    ) -> Result<wire::upgrade_resource_identity::Response, Diagnostics> {
        let resource = self.catalog().resource(&request.type_name)?;
        let (ability, shape) = resource.identity().ok_or_else(|| {
            let detail = format!("The resource type {} has no identity in this version.", request.type_name);
            Diagnostic::error("No identity", detail)
        })?;
        let mut raw = raw_json(request.raw_identity.as_ref())?;
        if request.version != shape.schema.version {
            raw = ability.upgrade(request.version, raw)?;
        }
        let identity = json::from_json(&raw, &shape.ty, Mode::Lenient).map_err(|error| {
            let detail = format!("The stored identity does not fit its schema: {error}.");
            Diagnostic::error("Unreadable identity", detail)
        })?;
        Ok(wire::upgrade_resource_identity::Response {
            upgraded_identity: Some(identity_data(&identity, &shape.ty)?),
            diagnostics: Vec::new(),
        })
    }

    pub(super) async fn refresh_resource(
        &self,
        request: wire::read_resource::Request,
    ) -> Result<wire::read_resource::Response, Diagnostics> {
        let resource = self.catalog().resource(&request.type_name)?;
        let state = decode(request.current_state.as_ref(), &resource.shape.ty)?;
        if state.is_null() {
            return Ok(wire::read_resource::Response { private: request.private, ..Default::default() });
        }
        let cx = self.context()?;
        let read = ReadRequest {
            state,
            private: private_state(&request.private)?,
            identity: resource.decode_identity(request.current_identity.as_ref())?,
            capabilities: super::capabilities(request.client_capabilities),
        };
        let response = resource.entry.resource.read(&cx, read).await?;
        let mut answer = wire::read_resource::Response::default();
        if let Some(state) = response.state.map(|state| resource.stored(state)) {
            answer.new_identity = resource.encode_identity(&state)?;
            answer.new_state = Some(encode(&state, &resource.shape.ty)?);
            answer.private = response.private.to_bytes();
        } else if response.diagnostics.has_errors() {
            // Not knowing is not the same as gone.
            answer.new_state = request.current_state;
            answer.private = request.private;
            answer.new_identity = request.current_identity;
        }
        answer.diagnostics = diagnostics_to_proto(response.diagnostics);
        Ok(answer)
    }

    pub(super) async fn plan_resource(
        &self,
        request: wire::plan_resource_change::Request,
    ) -> Result<wire::plan_resource_change::Response, Diagnostics> {
        let resource = self.catalog().resource(&request.type_name)?;
        let ty = &resource.shape.ty;
        let prior = decode(request.prior_state.as_ref(), ty)?;
        let config = decode(request.config.as_ref(), ty)?;
        let proposed = decode(request.proposed_new_state.as_ref(), ty)?;
        let capabilities = super::capabilities(request.client_capabilities);
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
            let found = if is_destroy { "an object where one is destroyed" } else { "no object and no error" };
            diagnostics.push(provider_bug(&format!("It planned {found}.")));
        }
        let planned = response.planned.map(|planned| resource.stored(planned));
        Ok(wire::plan_resource_change::Response {
            planned_state: planned.map(|planned| encode(&planned, ty)).transpose()?,
            requires_replace: encode_paths(response.requires_replace),
            planned_private: response.private.to_bytes(),
            diagnostics: diagnostics_to_proto(diagnostics),
            planned_identity: request.prior_identity,
            ..Default::default()
        })
    }

    pub(super) async fn apply_resource(
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
            diagnostics: diagnostics_to_proto(diagnostics),
            legacy_type_system: false,
        })
    }

    pub(super) async fn import_resource(
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
            diagnostics: diagnostics_to_proto(diagnostics),
            deferred: None,
        })
    }

    pub(super) fn move_resource(
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
            identity: request.source_identity.as_ref().map(|identity| raw_json(Some(identity))).transpose()?,
        });
        let mut diagnostics = response.diagnostics;
        if response.state.is_none() && !diagnostics.has_errors() {
            diagnostics.push(provider_bug("It moved no object and answered no error."));
        }
        let mut answer = wire::move_resource_state::Response {
            diagnostics: diagnostics_to_proto(diagnostics),
            ..Default::default()
        };
        if let Some(state) = response.state.map(|state| resource.stored(state)) {
            answer.target_identity = resource.encode_identity(&state)?;
            answer.target_state = Some(encode(&state, &resource.shape.ty)?);
            answer.target_private = response.private.to_bytes();
        }
        Ok(answer)
    }

    pub(super) fn generate_config(
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

impl<D> RegisteredResource<D> {
    /// What may be kept of `state`: write-only values are never stored.
    fn stored(&self, state: Value) -> Value {
        strip(&self.shape.schema.block, state, |attribute| attribute.write_only)
    }

    fn decode_identity(&self, data: Option<&wire::ResourceIdentityData>) -> Result<Option<Value>, Diagnostics> {
        match (&self.identity, data.and_then(|data| data.identity_data.as_ref())) {
            (Some(shape), Some(data)) => Ok(non_null(decode(Some(data), &shape.ty)?)),
            _ => Ok(None),
        }
    }

    /// The identity of the object in `state`, if there is one.
    fn encode_identity(&self, state: &Value) -> Result<Option<wire::ResourceIdentityData>, Diagnostics> {
        let Some((ability, shape)) = self.identity() else {
            return Ok(None);
        };
        let identity = ability.identity(state).map_err(Diagnostic::from)?;
        identity.map(|identity| identity_data(&identity, &shape.ty)).transpose()
    }
}

fn identity_data(identity: &Value, ty: &Type) -> Result<wire::ResourceIdentityData, Diagnostics> {
    Ok(wire::ResourceIdentityData { identity_data: Some(encode(identity, ty)?) })
}

fn non_null(value: Value) -> Option<Value> {
    (!value.is_null()).then_some(value)
}

fn private_state(bytes: &[u8]) -> Result<PrivateState, Diagnostics> {
    PrivateState::from_bytes(bytes).map_err(|error| {
        Diagnostic::error("Unreadable private state", format!("The state cannot be used: {error}.")).into()
    })
}

fn raw_json(raw: Option<&wire::RawState>) -> Result<serde_json::Value, Diagnostics> {
    let raw = raw.map(|raw| raw.json.as_slice()).unwrap_or_default();
    if raw.is_empty() {
        let detail = "It was written by Terraform 0.11 or older. Apply it once with Terraform 0.12 first.";
        return Err(Diagnostic::error("State too old to be read", detail).into());
    }
    serde_json::from_slice(raw).map_err(|error| {
        Diagnostic::error("Unreadable state", format!("The stored attributes are not JSON: {error}.")).into()
    })
}

fn provider_bug(what: &str) -> Diagnostic {
    Diagnostic::error(
        "Provider answered nonsense",
        format!("{what} This is a bug in the provider; please report it."),
    )
}
