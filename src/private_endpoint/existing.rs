//! `existing`: an endpoint that somebody else makes and looks after, and of which only the registration with TiDB Cloud is
//! this resource's. What is particular about it before the walk; the walk itself is the usual one, on a cloud side that has
//! nothing to do.

use tfplugin::{Attr, AttributePath, Diagnostic};

use super::model::{ExistingBlock, PrivateEndpointModel};
use crate::clouds::{ServiceFacts, unseen};
use crate::codes::Code;
use crate::diagnose;
use crate::endpoint_service::Found;
use crate::ids::{CloudId as _, CloudName, EndpointId, PrivateEndpointId, ServiceId};
use crate::tidbcloud::{Connection, ConnectionState};

/// Where the endpoint's id is written.
pub(super) fn attribute() -> AttributePath {
    AttributePath::of("existing").attribute("endpoint_id")
}

impl PrivateEndpointModel {
    /// Makes it the model of an endpoint that somebody else looks after: nothing of it is managed, and what only its cloud
    /// could tell is null, whoever looks.
    pub(super) fn leave_to_others(&mut self, endpoint: &Attr<String>) {
        self.existing = Attr::Known(ExistingBlock { endpoint_id: endpoint.clone() });
        self.managed = Attr::Known(false);
        self.ownership_token = Attr::Null;
        self.hide_cloud_side();
    }

    /// What only the cloud could tell is null.
    pub(super) fn hide_cloud_side(&mut self) {
        self.cloud_state = Attr::Null;
        self.network_interface_ids = Attr::Null;
        self.dns_names = Attr::Null;
    }

    /// The plan of a registration: most of it is known already.
    pub(super) fn foresee_registration(&mut self, service: &Attr<ServiceId>, endpoint: &Attr<EndpointId>) {
        self.leave_to_others(&match endpoint {
            Attr::Known(id) => Attr::Known(id.to_string()),
            _ => Attr::Unknown,
        });
        if let (Attr::Known(service), Attr::Known(endpoint)) = (service, endpoint) {
            let id = PrivateEndpointId { service: service.clone(), endpoint: endpoint.clone() };
            self.id = Attr::Known(id.to_string());
            self.endpoint_id = Attr::Known(endpoint.to_string());
        }
    }
}

/// Why an endpoint cannot be registered at a service, if it cannot. `found` is the service once it has been looked up.
pub(super) fn unfit(
    service: &ServiceId,
    found: Option<&Found>,
    endpoint: &Attr<EndpointId>,
) -> Option<Diagnostic> {
    if !service.is_registered() {
        return Some(nothing_to_register(service));
    }
    let (found, endpoint) = (found?, endpoint.known()?);
    let error = EndpointId::parse_in(found.cloud, endpoint.as_str()).err()?;
    Some(diagnose::malformed_id(&error, attribute()))
}

fn nothing_to_register(service: &ServiceId) -> Diagnostic {
    Code::NothingToRegister.error(
        "There is nothing to register",
        format!(
            "`existing` registers an endpoint with TiDB Cloud, which only Dedicated clusters ask for. {service} is the service of \
             a Starter or Essential cluster: it accepts every endpoint by itself, whoever made it. Take this resource out. On \
             AWS connect to `host` of the `tidblink_endpoint_service`; on Alibaba Cloud to the endpoint's own domain name. \
             To have the endpoint made and looked after here, use an `aws` or `alicloud` block."
        ),
    )
    .at(AttributePath::of("existing"))
}

/// Whether a registration is there that a newcomer must not take for its own. What was merely discovered is nobody's yet,
/// and what is being deleted is waited for.
pub(super) fn is_taken(connection: &Connection) -> bool {
    !matches!(connection.state, ConnectionState::Discovered | ConnectionState::Deleting)
}

/// The warning in the plan for an endpoint that is registered already: the same run may still take the registration away.
pub(super) fn registered_already(connection: &Connection, id: &PrivateEndpointId) -> Diagnostic {
    Code::ForeignRegistration.warning(
        "This endpoint is registered already",
        format!(
            "{}\n\nIf the registration is not taken away in the same run, the apply stops before it registers anything.",
            whose_is_it(connection, id)
        ),
    )
    .at(attribute())
}

/// What is there, and what to do about it, depending on whose it is.
pub(super) fn whose_is_it(connection: &Connection, id: &PrivateEndpointId) -> String {
    format!(
        "TiDB Cloud has VPC endpoint {endpoint} registered for {service} already, as {connection} ({state}). A registration \
         bears no mark, so whose it is cannot be told from here, and it is not taken over. Which of these is it?\n\n\
         - Another resource, instance or workspace holds it: use its `host` from there. Never import it here, too, or the \
         destroy of one would cut the other.\n\
         - This very resource is being replaced with `create_before_destroy`: take that out of `lifecycle`.\n\
         - The official provider holds it in this state: use a `moved` block.\n\
         - It was made in the console, or by an apply that was killed before its state was saved, so no state knows it: add \
         this block (with the resource's own address) and run `terraform apply`:\n\n\
         import {{\n  to = tidblink_private_endpoint.NAME\n  id = \"{id}\"\n}}",
        endpoint = id.endpoint,
        service = id.service,
        connection = connection.id.as_ref().map_or("a registration without an id", |id| id.as_str()),
        state = connection.state,
    )
}

/// The warning for what nobody looks at here.
pub(super) fn not_checked(service: &ServiceFacts) -> Diagnostic {
    let lines: Vec<_> = unseen::not_checked(service).into_iter().map(|line| format!("  - {line}")).collect();
    Code::ExistingNotChecked.warning(
        "The VPC endpoint is not checked",
        format!(
            "With `existing` somebody else looks after the endpoint, so {} is not asked. They have to see to it:\n{}",
            CloudName::title(service.cloud),
            lines.join("\n")
        ),
    )
    .at(AttributePath::of("existing"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_registration_that_works_or_may_work_is_anothers() {
        use ConnectionState::{Active, Deleting, Discovered, Failed, Pending};
        let taken = |state| is_taken(&Connection { state, ..Connection::default() });
        assert!(taken(Active) && taken(Pending) && taken(Failed));
        assert!(!taken(Discovered) && !taken(Deleting));
    }

    #[test]
    fn starter_and_essential_have_nothing_to_register_and_are_told_what_to_do() {
        let unfit = |id: &str| unfit(&id.parse().unwrap(), None, &Attr::Unknown);
        assert!(unfit("dedicated/1/2").is_none());
        let error = unfit("serverless/1").unwrap();
        assert!(error.is_error() && error.detail.contains("`host` of the `tidblink_endpoint_service`"));
    }
}
