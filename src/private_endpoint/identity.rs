//! What tells one private endpoint from every other: the service it leads to and its id in the cloud. An endpoint keeps
//! both for life; a new one is a new resource instance.

use tfplugin::value::Type;
use tfplugin::{Attr, Diagnostic, FromValue as _, Identity, IdentitySchema, Value, model};

use super::model::PrivateEndpointModel;
use super::resource::PrivateEndpoint;
use crate::diagnose;
use crate::ids::{EndpointId, IdError, PrivateEndpointId, ServiceId};

model! {
    /// The identity of a private endpoint.
    #[derive(PartialEq)]
    pub struct PrivateEndpointIdentity {
        /// The endpoint service.
        pub service_id: Attr<String>,
        /// The endpoint in its cloud.
        pub endpoint_id: Attr<String>,
    }
}

impl Identity for PrivateEndpoint {
    type Identity = PrivateEndpointIdentity;

    fn identity_schema(&self) -> IdentitySchema {
        IdentitySchema::new(0)
            .required(
                "service_id",
                Type::String,
                "Endpoint service: `dedicated/CLUSTER/NODE_GROUP` or `serverless/CLUSTER`.",
            )
            .required("endpoint_id", Type::String, "Id of the endpoint in its cloud: `vpce-…` or `ep-…`.")
    }

    fn identity(&self, state: &PrivateEndpointModel) -> Option<PrivateEndpointIdentity> {
        // An import holds little more than the id, and a state that somebody wrote by hand perhaps not even that.
        let id = state.id.known().and_then(|text| text.parse::<PrivateEndpointId>().ok());
        let (service, endpoint) = match id {
            Some(id) => (id.service.to_string(), id.endpoint.to_string()),
            None => (state.service_id.known()?.clone(), state.endpoint_id.known()?.clone()),
        };
        Some(PrivateEndpointIdentity { service_id: Attr::Known(service), endpoint_id: Attr::Known(endpoint) })
    }
}

/// The endpoint that an identity in a configuration names.
///
/// # Errors
/// A diagnostic for a part that is missing or malformed; Terraform cannot point at parts of an identity, so it names it.
pub(super) fn named_by(identity: &Value) -> Result<PrivateEndpointId, Diagnostic> {
    let identity = PrivateEndpointIdentity::from_root(identity)?;
    let service: ServiceId = part(&identity.service_id, "service_id")?;
    let endpoint: EndpointId = part(&identity.endpoint_id, "endpoint_id")?;
    Ok(PrivateEndpointId { service, endpoint })
}

fn part<T: std::str::FromStr<Err = IdError>>(attribute: &Attr<String>, name: &str) -> Result<T, Diagnostic> {
    let text = attribute.known().map(String::as_str).unwrap_or_default();
    text.parse().map_err(|error| diagnose::malformed_identity(&error, name))
}

#[cfg(test)]
mod tests {
    use tfplugin::ToValue as _;

    use super::*;

    fn identity(service: &str, endpoint: &str) -> Value {
        let text = |text: &str| Attr::Known(text.to_owned());
        PrivateEndpointIdentity { service_id: text(service), endpoint_id: text(endpoint) }.to_value()
    }

    #[test]
    fn the_identity_of_a_state_names_the_endpoint_of_the_state() {
        let id = "dedicated/1/2/vpce-01234567";
        let state = PrivateEndpointModel { id: Attr::Known(id.into()), ..Default::default() };
        let known = PrivateEndpoint.identity(&state).unwrap();
        assert_eq!(known.to_value(), identity("dedicated/1/2", "vpce-01234567"));
        assert_eq!(named_by(&known.to_value()).unwrap().to_string(), id);
        assert!(PrivateEndpoint.identity(&PrivateEndpointModel::default()).is_none());
    }

    #[test]
    fn a_malformed_part_of_an_identity_is_named() {
        for (service, endpoint, part) in
            [("dedicated/1", "vpce-01234567", "service_id"), ("dedicated/1/2", "pe-1", "endpoint_id")]
        {
            let error = named_by(&identity(service, endpoint)).unwrap_err();
            assert!(error.detail.contains(&format!("`{part}`")), "{}", error.detail);
        }
    }
}
