//! Reading.

use super::{Service, private_state};
use crate::proto::tfplugin6 as wire;
use crate::proto::{decode, encode};
use crate::resource::ReadRequest;
use crate::server::service::capabilities;
use crate::{Diagnostics, Provider};

impl<P: Provider> Service<P> {
    pub(in crate::server::service) async fn refresh_resource(
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
            capabilities: capabilities(request.client_capabilities),
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
        answer.diagnostics = self.to_wire(response.diagnostics);
        Ok(answer)
    }
}
