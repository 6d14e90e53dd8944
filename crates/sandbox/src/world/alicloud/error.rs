//! What Alibaba Cloud answers when it refuses. Codes come from the error table of the Privatelink API and from what its
//! clients handle; where neither has one, the sandbox chose a code of the same family, and the crate's README lists it.

use crate::world::AlicloudEndpointStatus;

/// A refusal: HTTP status, error code and message.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[error("{code}: {message}")]
pub(crate) struct AlicloudError {
    pub(crate) status: u16,
    pub(crate) code: String,
    pub(crate) message: String,
}

impl AlicloudError {
    /// A refusal under HTTP 400, as nearly all are: even what is not there.
    pub(crate) fn new(code: impl Into<String>, message: impl Into<String>) -> Self {
        Self::with_status(400, code, message)
    }

    pub(crate) fn with_status(status: u16, code: impl Into<String>, message: impl Into<String>) -> Self {
        Self { status, code: code.into(), message: message.into() }
    }

    /// `MissingNAME`.
    pub(crate) fn missing(parameter: &str) -> Self {
        Self::new(
            format!("Missing{}", plain(parameter)),
            format!("{parameter} is mandatory for this action."),
        )
    }

    /// `InvalidNAME`.
    pub(crate) fn invalid(parameter: &str, why: impl AsRef<str>) -> Self {
        Self::new(
            format!("Invalid{}", plain(parameter)),
            format!("The specified {parameter} is invalid: {}.", why.as_ref()),
        )
    }

    pub(crate) fn unknown_endpoint(endpoint_id: &str) -> Self {
        Self::new("EndpointNotFound", format!("The specified endpoint {endpoint_id} does not exist."))
    }

    pub(crate) fn unknown_zone(endpoint_id: &str, zone_id: &str) -> Self {
        Self::new(
            "EndpointZoneNotFound",
            format!("The specified zone {zone_id} does not exist in the endpoint {endpoint_id}."),
        )
    }

    pub(crate) fn unknown_service(service: &str) -> Self {
        Self::new(
            "EndpointServiceNotFound",
            format!("The specified endpoint service {service} does not exist."),
        )
    }

    pub(crate) fn busy(endpoint_id: &str, status: AlicloudEndpointStatus) -> Self {
        Self::new(
            "EndpointOperationDenied",
            format!(
                "The operation is denied because the endpoint {endpoint_id} is in the {} state.",
                status.as_str()
            ),
        )
    }

    pub(crate) fn connection_busy(endpoint_id: &str) -> Self {
        Self::new(
            "EndpointConnectionOperationDenied",
            format!(
                "The operation is denied because the connection of the endpoint {endpoint_id} is being processed."
            ),
        )
    }
}

/// A parameter's name without the numbers and dots of a flattened list.
fn plain(parameter: &str) -> String {
    parameter.split('.').filter(|part| part.parse::<u32>().is_err()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_made_of_parameter_names() {
        assert_eq!(AlicloudError::missing("RegionId").code, "MissingRegionId");
        assert_eq!(AlicloudError::missing("Zone.1.VSwitchId").code, "MissingZoneVSwitchId");
    }
}
