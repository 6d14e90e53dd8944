//! What the operations that walk the steps have in common: the ground they walk on, and how ids, tags and planned inputs
//! get from a model to a walk and back.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use tfplugin::{Attr, AttributePath, Diagnostic};

use super::marks::settings_of;
use super::model::PrivateEndpointModel;
use super::observe::ServiceView;
use super::steps::{Coming, Stumble, Trouble, Walk};
use crate::clouds::{Cloud, CloudEndpoint, ServiceFacts, Wish};
use crate::codes::Code;
use crate::diagnose;
use crate::endpoint_service::Found;
use crate::ids::{PrivateEndpointId, ProjectId, ServiceId};
use crate::operation::{Halt, Operation};
use crate::provider::Clients;

/// Everything that walking the steps needs and that outlives the walk.
pub(super) struct Ground {
    pub(super) operation: Operation,
    pub(super) limit: Duration,
    pub(super) cloud: Arc<dyn Cloud>,
    pub(super) service: ServiceId,
    pub(super) facts: ServiceFacts,
    pub(super) view: ServiceView,
}

impl Ground {
    /// A walk on this ground; `wish` is `None` for one that only goes back.
    pub(super) fn walk<'a>(&'a self, clients: &'a Clients, wish: Option<Wish>, token: String) -> Walk<'a> {
        Walk {
            operation: &self.operation,
            clients,
            cloud: Arc::clone(&self.cloud),
            service: &self.service,
            facts: &self.facts,
            project: self.view.project.as_deref().map(ProjectId::new),
            settings: wish.as_ref().map(settings_of).unwrap_or_default(),
            wish,
            token,
            tags: BTreeMap::new(),
            dropped_tags: BTreeSet::new(),
            endpoint: None,
            connection: None,
            coming: Coming::Known,
            guest: false,
            subnets_are_chosen: false,
            wait_for_dns: false,
            resolves: false,
            stale: false,
        }
    }
}

pub(super) fn view_of(found: &Found) -> ServiceView {
    ServiceView {
        project: found.project.as_ref().map(ToString::to_string),
        region: Some(found.region.to_string()),
        host: found.link.as_ref().and_then(|link| link.host.clone()),
        port: Some(found.port),
    }
}

/// The tags that a model asks for, the default ones of AWS included.
pub(super) fn wanted_tags(clients: &Clients, model: &PrivateEndpointModel) -> BTreeMap<String, String> {
    let mut tags = if model.aws.is_known() { clients.default_tags.clone() } else { BTreeMap::new() };
    tags.extend(model.known_tags());
    tags
}

/// The ids from the state; rebuilt from their parts when somebody wrote the state by hand.
pub(super) fn identify(model: &PrivateEndpointModel) -> Result<PrivateEndpointId, Diagnostic> {
    if let Some(text) = model.id.known() {
        return text.parse().map_err(|error| diagnose::malformed_id(&error, AttributePath::of("id")));
    }
    let part = |attribute: &Attr<String>, name: &str| {
        attribute.known().cloned().ok_or_else(|| {
            Code::StateIncomplete.error(
                "The state of the private endpoint is incomplete",
                format!(
                    "The state holds neither `id` nor `{name}`, so nothing can be looked up. Remove the resource with \
                     `terraform state rm` and import it again by `SERVICE_ID/ENDPOINT_ID`."
                ),
            )
            .at(AttributePath::of(name))
        })
    };
    let service = part(&model.service_id, "service_id")?;
    let endpoint = part(&model.endpoint_id, "endpoint_id")?;
    format!("{service}/{endpoint}")
        .parse()
        .map_err(|error| diagnose::malformed_id(&error, AttributePath::of("endpoint_id")))
}

pub(super) fn is_interruption(stumble: &Stumble) -> bool {
    matches!(stumble.trouble, Trouble::Halted { halt: Halt::Stopped, .. })
}

/// Puts the planned inputs back over what was seen of them.
pub(super) fn keep_planned_inputs(model: &mut PrivateEndpointModel, planned: &PrivateEndpointModel) {
    fn over<T: Clone>(attribute: &mut Attr<T>, planned: &Attr<T>) {
        if !planned.is_unknown() {
            attribute.clone_from(planned);
        }
    }
    over(&mut model.connection_id, &planned.connection_id);
    over(&mut model.network_interface_ids, &planned.network_interface_ids);
    over(&mut model.dns_names, &planned.dns_names);
    if let (Attr::Known(block), Some(planned)) = (&mut model.alicloud, planned.alicloud.known()) {
        over(&mut block.vswitch_ids, &planned.vswitch_ids);
        over(&mut block.security_group_ids, &planned.security_group_ids);
        over(&mut block.name, &planned.name);
        over(&mut block.tags, &planned.tags);
    }
    if let (Attr::Known(block), Some(planned)) = (&mut model.aws, planned.aws.known()) {
        over(&mut block.subnet_ids, &planned.subnet_ids);
        over(&mut block.security_group_ids, &planned.security_group_ids);
        over(&mut block.private_dns_enabled, &planned.private_dns_enabled);
        over(&mut block.tags, &planned.tags);
    }
}

pub(super) fn nameless(service: &ServiceId) -> Diagnostic {
    Code::ServiceNameless.error(
        "The endpoint service has no name",
        format!(
            "TiDB Cloud shows {service} as active but without a service name, and without it no endpoint can be made. \
             Nothing was made or changed. Run the same command again in a few minutes; if it stays like this, contact \
             TiDB Cloud support."
        ),
    )
    .at(AttributePath::of("service_id"))
}

/// The diagnostic for an endpoint that bears somebody else's token; `what` completes "so it is not …".
pub(super) fn not_ours(endpoint: &CloudEndpoint, what: &str) -> Diagnostic {
    let found = match endpoint.token() {
        Some(_) => "bears the token of another resource",
        None => "bears no token of this provider (any more)",
    };
    Code::NotOurs.error(
        "The VPC endpoint is not this resource's",
        format!(
            "VPC endpoint {} {found} in its tags, so it is not {what}: it may serve somebody else. If it is yours, import \
             it (remove the resource with `terraform state rm` first if the state still has it); an import makes it this \
             resource's. If nobody needs it, delete it in its cloud, and its registration, if it has one, in the TiDB Cloud \
             console.",
            endpoint.id
        ),
    )
}
