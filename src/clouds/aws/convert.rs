//! From the SDK's types to ours. EC2's fields are all optional; the ones that the provider cannot do without are
//! demanded here, once, with an error that names the missing one.

use std::collections::BTreeSet;
use std::str::FromStr;

use aws_sdk_ec2::types;

use crate::clouds::{CloudEndpoint, CloudState};
use crate::error::{ApiError, ErrorKind, Service};
use crate::ids::{EndpointId, IdError, InterfaceId, ServiceName};

/// The endpoint in an answer to `operation`.
///
/// # Errors
/// [`ErrorKind::Malformed`] when an id is missing or of another form than EC2's.
pub(super) fn endpoint(
    operation: &'static str,
    found: &types::VpcEndpoint,
) -> Result<CloudEndpoint, ApiError> {
    let id: EndpointId = id(operation, "VpcEndpointId", found.vpc_endpoint_id())?;
    let groups = found.groups().iter().map(types::SecurityGroupIdentifier::group_id);
    let security_groups =
        groups.map(|group| self::id(operation, "Groups.GroupId", group)).collect::<Result<_, _>>()?;
    let dns_names = found.dns_entries().iter().filter_map(types::DnsEntry::dns_name);
    Ok(CloudEndpoint {
        // Endpoints of resources and service networks lead to no service; they are listed, but never ours.
        service_name: ServiceName::new(found.service_name().unwrap_or_default()),
        vpc: self::id(operation, "VpcId", found.vpc_id())?,
        state: found
            .state()
            .map_or_else(|| CloudState::Other("unknown".into()), |state| self::state(state.as_str())),
        reason: reason(found),
        subnets: found
            .subnet_ids()
            .iter()
            .map(|subnet| self::id(operation, "SubnetIds", Some(subnet)))
            .collect::<Result<_, _>>()?,
        security_groups,
        private_dns: found.private_dns_enabled().unwrap_or_default(),
        tags: found
            .tags()
            .iter()
            .filter_map(|tag| Some((tag.key()?.to_owned(), tag.value().unwrap_or_default().to_owned())))
            .collect(),
        interfaces: interfaces(found.network_interface_ids()),
        // The service's private name is listed too once private DNS is on; the endpoint's own names bear its id.
        dns_names: dns_names.filter(|name| name.contains(id.as_str())).map(str::to_owned).collect(),
        host: None,
        name: None,
        id,
    })
}

/// The state. EC2 writes `pendingAcceptance`, its own model `PendingAcceptance`: case does not count.
pub(super) fn state(text: &str) -> CloudState {
    const KNOWN: [CloudState; 8] = [
        CloudState::PendingAcceptance,
        CloudState::Pending,
        CloudState::Available,
        CloudState::Deleting,
        CloudState::Deleted,
        CloudState::Rejected,
        CloudState::Expired,
        CloudState::Failed,
    ];
    KNOWN
        .into_iter()
        .find(|state| state.as_str().eq_ignore_ascii_case(text))
        .unwrap_or_else(|| CloudState::Other(text.to_owned()))
}

/// The id in the field `field` of an answer to `operation`.
///
/// # Errors
/// [`ErrorKind::Malformed`] when it is missing or of another form.
pub(super) fn id<T: FromStr<Err = IdError>>(
    operation: &'static str,
    field: &str,
    text: Option<&str>,
) -> Result<T, ApiError> {
    let text = text.ok_or_else(|| missing(operation, field))?;
    text.parse()
        .map_err(|error: IdError| malformed(operation, format!("its field {field} is wrong: {error}")))
}

/// The error of an answer in which a field is missing.
pub(super) fn missing(operation: &'static str, field: &str) -> ApiError {
    malformed(operation, format!("its field {field} is missing"))
}

pub(super) fn interfaces(ids: &[String]) -> BTreeSet<InterfaceId> {
    ids.iter().map(InterfaceId::new).collect()
}

/// An answer that cannot be understood.
pub(super) fn malformed(operation: &'static str, what: String) -> ApiError {
    let message = format!("EC2's answer cannot be understood: {what}");
    ApiError::new(Service::Ec2, operation, ErrorKind::Malformed, message)
}

fn reason(found: &types::VpcEndpoint) -> Option<String> {
    let last_error = found.last_error().and_then(|error| match (error.code(), error.message()) {
        (Some(code), Some(message)) => Some(format!("{code}: {message}")),
        (code, message) => code.or(message).map(str::to_owned),
    });
    last_error.or_else(|| found.failure_reason().map(str::to_owned)).filter(|reason| !reason.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn described() -> types::builders::VpcEndpointBuilder {
        let entry = |name: &str| types::DnsEntry::builder().dns_name(name).build();
        types::VpcEndpoint::builder()
            .vpc_endpoint_id("vpce-0123456789abcdef0")
            .vpc_id("vpc-0123456789abcdef0")
            .service_name("com.amazonaws.vpce.us-west-2.vpce-svc-1")
            .state("available".into())
            .subnet_ids("subnet-0123456789abcdef0")
            .groups(types::SecurityGroupIdentifier::builder().group_id("sg-0123456789abcdef0").build())
            .network_interface_ids("eni-0123456789abcdef0")
            .dns_entries(entry("vpce-0123456789abcdef0-x.vpce-svc-1.us-west-2.vpce.amazonaws.com"))
            .dns_entries(entry("privatelink-1.tidbcloud.com"))
            .tags(types::Tag::builder().key("tidblink:token").value("t").build())
    }

    #[test]
    fn an_endpoint_is_read_whole() {
        let endpoint = endpoint("DescribeVpcEndpoints", &described().private_dns_enabled(true).build());
        let endpoint = endpoint.expect("a whole endpoint");
        assert_eq!(endpoint.state, CloudState::Available);
        assert_eq!(endpoint.token(), Some("t"));
        assert!(endpoint.private_dns);
        assert_eq!(endpoint.subnets.len(), 1);
        assert_eq!(endpoint.security_groups.len(), 1);
        assert_eq!(endpoint.interfaces.len(), 1);
    }

    #[test]
    fn the_services_private_name_is_not_a_name_of_the_endpoint() {
        let endpoint = endpoint("DescribeVpcEndpoints", &described().build()).expect("a whole endpoint");
        assert_eq!(endpoint.dns_names, ["vpce-0123456789abcdef0-x.vpce-svc-1.us-west-2.vpce.amazonaws.com"]);
    }

    #[test]
    fn states_are_known_in_any_case() {
        assert_eq!(state("pendingAcceptance"), CloudState::PendingAcceptance);
        assert_eq!(state("PendingAcceptance"), CloudState::PendingAcceptance);
        assert_eq!(state("available"), CloudState::Available);
        assert_eq!(state("Partial"), CloudState::Other("Partial".into()));
    }

    #[test]
    fn a_failure_is_explained_in_the_words_of_ec2() {
        let error = types::LastError::builder().code("ServiceFailure").message("no capacity").build();
        let endpoint = endpoint("DescribeVpcEndpoints", &described().last_error(error).build());
        assert_eq!(endpoint.expect("whole").reason.as_deref(), Some("ServiceFailure: no capacity"));
    }

    #[test]
    fn an_answer_without_an_id_is_malformed_and_says_which() {
        let nameless = types::VpcEndpoint::builder().build();
        let error = endpoint("CreateVpcEndpoint", &nameless).expect_err("no id");
        assert_eq!(error.kind, ErrorKind::Malformed);
        assert!(error.message.contains("VpcEndpointId"), "{}", error.message);
    }
}
