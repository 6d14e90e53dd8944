//! What the Terraform on the other side can do beyond the first version of the protocol.

/// The capabilities that Terraform announces with a request. Minor versions of the protocol are never
/// negotiated, so this is the only way to know.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ClientCapabilities {
    /// An answer may be "later". Only with experimental options of Terraform.
    pub deferral_allowed: bool,
    /// Write-only attributes can be used: Terraform and OpenTofu 1.11.
    pub write_only_attributes_allowed: bool,
    /// A plan made again at apply is told the private data of the first one: Terraform 1.16.
    pub store_planned_private: bool,
    /// Nested blocks may be computed: Terraform 1.16.
    pub computed_blocks_allowed: bool,
}
