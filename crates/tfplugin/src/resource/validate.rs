//! Validating a configuration.

use crate::ClientCapabilities;

/// What [`Resource::validate`](crate::Resource::validate) is given.
#[derive(Clone, Debug)]
pub struct ValidateRequest<M> {
    /// The configuration. `terraform validate` knows no variable, so most values can be unknown.
    pub config: M,
    /// What the asking Terraform can do.
    pub capabilities: ClientCapabilities,
}
