//! The RPCs about resources: decode, ask the resource, check what can be checked here, encode. One file for what
//! belongs together; here is what they share.

mod apply;
mod config;
mod import;
mod plan;
mod read;
mod upgrade;

use super::Service;
use super::catalog::RegisteredResource;
use super::strip::strip;
use crate::proto::tfplugin6 as wire;
use crate::proto::{decode, encode};
use crate::{Diagnostic, Diagnostics, PrivateState, Type, Value};

impl<D> RegisteredResource<D> {
    /// What may be kept of `state`: write-only values are never stored.
    pub(super) fn stored(&self, state: Value) -> Value {
        strip(&self.shape.schema.block, state, |attribute| attribute.write_only)
    }

    pub(super) fn decode_identity(
        &self,
        data: Option<&wire::ResourceIdentityData>,
    ) -> Result<Option<Value>, Diagnostics> {
        match (&self.identity, data.and_then(|data| data.identity_data.as_ref())) {
            (Some(shape), Some(data)) => Ok(non_null(decode(Some(data), &shape.ty)?)),
            _ => Ok(None),
        }
    }

    /// The identity of the object in `state`, if there is one.
    pub(super) fn encode_identity(
        &self,
        state: &Value,
    ) -> Result<Option<wire::ResourceIdentityData>, Diagnostics> {
        let Some((ability, shape)) = self.identity() else {
            return Ok(None);
        };
        let identity = ability.identity(state).map_err(Diagnostic::from)?;
        identity.map(|identity| identity_data(&identity, &shape.ty)).transpose()
    }
}

/// An identity on the wire.
pub(super) fn identity_data(identity: &Value, ty: &Type) -> Result<wire::ResourceIdentityData, Diagnostics> {
    Ok(wire::ResourceIdentityData { identity_data: Some(encode(identity, ty)?) })
}

fn non_null(value: Value) -> Option<Value> {
    (!value.is_null()).then_some(value)
}

/// What helps when a state makes no sense.
const MEND_STATE: &str = "If it was edited by hand, go back to an earlier copy of it. Otherwise take the object out of the \
    state (`terraform state rm`) and import it again; neither touches the object itself.";

fn private_state(bytes: &[u8]) -> Result<PrivateState, Diagnostics> {
    PrivateState::from_bytes(bytes).map_err(|error| {
        Diagnostic::error(
            "Unreadable private state",
            format!("The state cannot be used: {error}. {MEND_STATE}"),
        )
        .into()
    })
}

fn raw_json(raw: Option<&wire::RawState>) -> Result<serde_json::Value, Diagnostics> {
    let raw = raw.map(|raw| raw.json.as_slice()).unwrap_or_default();
    if raw.is_empty() {
        let detail = "It was written by Terraform 0.11 or older. Apply it once with Terraform 0.12 first.";
        return Err(Diagnostic::error("State too old to be read", detail).into());
    }
    serde_json::from_slice(raw).map_err(|error| {
        Diagnostic::error(
            "Unreadable state",
            format!("The stored attributes are not JSON: {error}. {MEND_STATE}"),
        )
        .into()
    })
}

/// The error for an answer that makes no sense.
pub(super) fn provider_bug(what: &str) -> Diagnostic {
    Diagnostic::error(
        "Provider answered nonsense",
        format!("{what} This is a bug in the provider; please report it."),
    )
}
