//! Taking over `tidbcloud_dedicated_private_endpoint_connection` of the official provider with a `moved` block. That resource
//! is a registration and nothing else, so it becomes one with `existing`; changing it to `aws` is for the user, later. Terraform
//! moves before it configures the provider: nothing is looked up here, and the refresh that follows fills in the rest.

use serde_json::Value as Json;
use tfplugin::{Attr, Diagnostic, MoveRequest, MoveResponse, MoveState, PrivateState};

use super::model::PrivateEndpointModel;
use super::resource::PrivateEndpoint;
use crate::codes::Code;
use crate::ids::{CloudId as _, CloudName, ConnectionId, EndpointId, IdError, PrivateEndpointId, ServiceId};

/// The official provider at any registry: an address is HOST/NAMESPACE/NAME.
const SOURCE_PROVIDER: &str = "/tidbcloud/tidbcloud";
/// Its resource type. Its schema has had version 0 and the same attributes since it exists.
const SOURCE_TYPE: &str = "tidbcloud_dedicated_private_endpoint_connection";

impl MoveState for PrivateEndpoint {
    fn move_state(&self, request: MoveRequest) -> MoveResponse<PrivateEndpointModel> {
        match moved(&request) {
            Ok(model) => MoveResponse::moved(model, PrivateState::new()),
            Err(diagnostic) => MoveResponse::failed(diagnostic),
        }
    }
}

fn moved(request: &MoveRequest) -> Result<PrivateEndpointModel, Diagnostic> {
    if !request.source_provider.ends_with(SOURCE_PROVIDER) || request.source_type != SOURCE_TYPE {
        return Err(refused(format!(
            "A tidblink_private_endpoint takes over {SOURCE_TYPE} of the provider tidbcloud/tidbcloud, and neither {} of {} nor \
             anything else.",
            request.source_type, request.source_provider
        )));
    }
    let word = |name: &str| request.state.get(name).and_then(Json::as_str).filter(|text| !text.is_empty());
    let endpoint = word("endpoint_id");
    if let Some(cloud) = word("cloud_provider")
        && cloud.parse() != Ok(CloudName::Aws)
    {
        let cloud = match cloud.parse::<CloudName>() {
            Ok(cloud) => cloud.title(),
            Err(_) => cloud,
        };
        return Err(refused(format!(
            "The connection of {} is on {cloud}, and this provider serves Dedicated clusters on AWS only. Leave it with the \
             official provider.",
            endpoint.unwrap_or("an endpoint without an id")
        )));
    }
    let needed = |name: &str| {
        word(name).ok_or_else(|| {
            refused(format!(
                "Its state holds no `{name}`. Run `terraform apply -refresh-only` with the official provider, and move it then."
            ))
        })
    };
    let service = ServiceId::Dedicated {
        cluster: parsed("cluster_id", needed("cluster_id")?.parse())?,
        node_group: parsed("node_group_id", needed("node_group_id")?.parse())?,
    };
    let endpoint = parsed("endpoint_id", EndpointId::parse_in(CloudName::Aws, needed("endpoint_id")?))?;
    let id = PrivateEndpointId { service, endpoint };
    let mut model = PrivateEndpointModel {
        id: Attr::Known(id.to_string()),
        service_id: Attr::Known(id.service.to_string()),
        endpoint_id: Attr::Known(id.endpoint.to_string()),
        connection_id: word("private_endpoint_connection_id")
            .map(|id| ConnectionId::new(id).to_string())
            .into(),
        ..PrivateEndpointModel::default()
    };
    model.leave_to_others(&Attr::Known(id.endpoint.to_string()));
    Ok(model)
}

fn parsed<T>(name: &str, id: Result<T, IdError>) -> Result<T, Diagnostic> {
    id.map_err(|error| refused(format!("Its `{name}` {error}.")))
}

fn refused(why: String) -> Diagnostic {
    Code::CannotMove.error(
        "This object cannot be moved",
        format!("{why}\n\nNothing was changed. Without the `moved` block both resources stay as they are."),
    )
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn source(provider: &str, state: Json) -> MoveRequest {
        MoveRequest {
            source_provider: provider.into(),
            source_type: SOURCE_TYPE.into(),
            source_version: 0,
            state,
            private: Vec::new(),
            identity: None,
        }
    }

    fn state() -> Json {
        json!({
            "cluster_id": "10300000000000000001", "node_group_id": "1900000000000000001",
            "endpoint_id": "vpce-0123456789abcdef0", "private_endpoint_connection_id": "1900000000000000777",
            "cloud_provider": "aws", "endpoint_state": "ACTIVE", "private_ip_address": null, "port": 4000,
        })
    }

    #[test]
    fn a_connection_of_either_registrys_official_provider_becomes_a_registration() {
        for registry in ["registry.terraform.io", "registry.opentofu.org"] {
            let model = moved(&source(&format!("{registry}/tidbcloud/tidbcloud"), state())).unwrap();
            let id = "dedicated/10300000000000000001/1900000000000000001/vpce-0123456789abcdef0";
            assert_eq!(model.id, Attr::Known(id.into()));
            assert_eq!(model.connection_id, Attr::Known("1900000000000000777".into()));
            assert_eq!(model.managed, Attr::Known(false));
            let existing = model.existing.known().unwrap();
            assert_eq!(existing.endpoint_id, Attr::Known("vpce-0123456789abcdef0".into()));
            assert!(model.status.is_null() && model.host.is_null() && model.aws.is_null());
        }
    }

    #[test]
    fn a_state_that_an_import_left_half_empty_will_do_as_long_as_it_has_the_ids() {
        let mut state = state();
        for name in ["cloud_provider", "private_endpoint_connection_id", "endpoint_state"] {
            state[name] = Json::Null;
        }
        assert!(moved(&source("registry.terraform.io/tidbcloud/tidbcloud", state.clone())).is_ok());
        state["endpoint_id"] = Json::Null;
        let error = moved(&source("registry.terraform.io/tidbcloud/tidbcloud", state)).unwrap_err();
        assert!(error.detail.contains("no `endpoint_id`"), "{}", error.detail);
    }

    #[test]
    fn other_clouds_providers_and_types_are_refused_by_name() {
        let official = "registry.terraform.io/tidbcloud/tidbcloud";
        for (cloud, endpoint, named) in [
            ("gcp", "projects/p/regions/r/forwardingRules/f", "Google Cloud"),
            ("azure", "/subscriptions/0/resourceGroups/rg", "Azure"),
            ("", "projects/p/regions/r/forwardingRules/f", "forwardingRules"),
        ] {
            let mut state = state();
            state["cloud_provider"] = cloud.into();
            state["endpoint_id"] = endpoint.into();
            let error = moved(&source(official, state)).unwrap_err();
            assert!(error.detail.contains(named), "{}", error.detail);
        }
        let other = moved(&source("registry.terraform.io/hashicorp/aws", state())).unwrap_err();
        assert!(other.detail.contains("hashicorp/aws"), "{}", other.detail);
        let cluster =
            MoveRequest { source_type: "tidbcloud_dedicated_cluster".into(), ..source(official, state()) };
        assert!(moved(&cluster).unwrap_err().detail.contains("tidbcloud_dedicated_cluster"));
    }
}
