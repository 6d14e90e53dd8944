//! What EC2 answers when it refuses, with its codes and its words. The templates are those that EC2 is known to send;
//! clients match on them, so they are spelled here once.

/// A refusal: HTTP status, error code and message.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[error("{code}: {message}")]
pub(crate) struct Ec2Error {
    pub(crate) status: u16,
    pub(crate) code: &'static str,
    pub(crate) message: String,
}

impl Ec2Error {
    /// A refusal under HTTP 400, as nearly all are.
    pub(crate) fn new(code: &'static str, message: impl Into<String>) -> Self {
        Self::with_status(400, code, message)
    }

    pub(crate) fn with_status(status: u16, code: &'static str, message: impl Into<String>) -> Self {
        Self { status, code, message: message.into() }
    }

    pub(crate) fn invalid_parameter(message: impl Into<String>) -> Self {
        Self::new("InvalidParameter", message)
    }

    pub(crate) fn missing_parameter(name: &str) -> Self {
        Self::new("MissingParameter", format!("The request must contain the parameter {name}"))
    }

    pub(crate) fn unknown_endpoint(endpoint_id: &str) -> Self {
        Self::new(
            "InvalidVpcEndpointId.NotFound",
            format!("The Vpc Endpoint Id '{endpoint_id}' does not exist"),
        )
    }

    pub(crate) fn unknown_service(service_name: &str) -> Self {
        Self::new("InvalidServiceName", format!("The Vpc Endpoint Service '{service_name}' does not exist"))
    }

    pub(crate) fn unknown_vpc(vpc_id: &str) -> Self {
        Self::new("InvalidVpcID.NotFound", format!("The vpc ID '{vpc_id}' does not exist"))
    }

    pub(crate) fn unknown_subnet(subnet_id: &str) -> Self {
        Self::new("InvalidSubnetID.NotFound", format!("The subnet ID '{subnet_id}' does not exist"))
    }

    pub(crate) fn unknown_group(group_id: &str) -> Self {
        Self::new("InvalidGroup.NotFound", format!("The security group '{group_id}' does not exist"))
    }

    pub(crate) fn not_accepted(service_name: &str) -> Self {
        Self::invalid_parameter(format!(
            "Private DNS can only be enabled after the endpoint connection is accepted by the owner of {service_name}."
        ))
    }
}

/// Refuses an id that does not have EC2's form: the prefix, a hyphen and 8 or 17 hexadecimal digits.
pub(crate) fn check_id(code: &'static str, prefix: &str, id: &str) -> Result<(), Ec2Error> {
    let digits = id.strip_prefix(prefix).and_then(|rest| rest.strip_prefix('-')).unwrap_or_default();
    let well_formed = matches!(digits.len(), 8 | 17) && digits.bytes().all(|byte| byte.is_ascii_hexdigit());
    if well_formed {
        return Ok(());
    }
    Err(Ec2Error::new(code, format!("Invalid Id: '{id}' (expecting the form {prefix}-xxxxxxxxxxxxxxxxx)")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_of_the_wrong_form_is_malformed() {
        for id in ["vpce-", "vpce-0g000000000000000", "eni-0a000000000000001", ""] {
            assert!(check_id("InvalidVpcEndpointId.Malformed", "vpce", id).is_err(), "{id}");
        }
        assert!(check_id("InvalidVpcEndpointId.Malformed", "vpce", "vpce-0a000000000000001").is_ok());
    }
}
