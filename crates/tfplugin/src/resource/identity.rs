//! Identities: what tells one object of a type from every other, apart from how Terraform refers to it. Users
//! can import by identity, and lists of existing objects are lists of identities. Terraform and OpenTofu
//! 1.12.

use super::Resource;
use super::erased::Typed;
use crate::{ConversionError, Diagnostic, Diagnostics, FromValue as _, Model, ToValue as _, Type, Value};

/// A resource type whose objects have an identity.
pub trait Identity: Resource {
    /// The identity, a flat object.
    type Identity: Model;

    /// The schema of the identity.
    fn identity_schema(&self) -> IdentitySchema;

    /// The identity of the object in `state`; `None` while it cannot be known. It must not change while the
    /// object lives.
    fn identity(&self, state: &Self::Model) -> Option<Self::Identity>;

    /// Turns an identity that an older version of the provider stored into one of the current schema.
    ///
    /// # Errors
    /// When that is impossible, which is what it answers unless implemented.
    fn upgrade_identity(
        &self,
        from_version: i64,
        raw: serde_json::Value,
    ) -> Result<serde_json::Value, Diagnostics> {
        let _ = raw;
        Err(Diagnostic::error(
            "The stored identity cannot be read",
            format!(
                "It was written in version {from_version} of the identity schema, which this version of the \
                 provider does not know. Use the version that wrote it or a later one."
            ),
        )
        .into())
    }
}

/// The schema of an identity.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct IdentitySchema {
    /// Version of the identity's shape, apart from that of the resource's schema.
    pub version: i64,
    /// The attributes.
    pub attributes: Vec<IdentityAttribute>,
}

/// One attribute of an identity.
#[derive(Clone, Debug, PartialEq)]
pub struct IdentityAttribute {
    /// The name users type.
    pub name: String,
    /// A primitive type, or a list of one.
    pub ty: Type,
    /// Whether an import has to name it; otherwise it may be left out.
    pub required_for_import: bool,
    /// What it is.
    pub description: String,
}

impl IdentitySchema {
    /// A schema without attributes.
    pub fn new(version: i64) -> Self {
        Self { version, attributes: Vec::new() }
    }

    /// Adds an attribute that an import has to name.
    #[must_use]
    pub fn required(self, name: impl Into<String>, ty: Type, description: impl Into<String>) -> Self {
        self.attribute(name, ty, true, description)
    }

    /// Adds an attribute that an import may leave out.
    #[must_use]
    pub fn optional(self, name: impl Into<String>, ty: Type, description: impl Into<String>) -> Self {
        self.attribute(name, ty, false, description)
    }

    fn attribute(
        mut self,
        name: impl Into<String>,
        ty: Type,
        required_for_import: bool,
        description: impl Into<String>,
    ) -> Self {
        self.attributes.push(IdentityAttribute {
            name: name.into(),
            ty,
            required_for_import,
            description: description.into(),
        });
        self
    }

    /// The type of an identity.
    pub fn implied_type(&self) -> Type {
        Type::object(self.attributes.iter().map(|attribute| (&*attribute.name, attribute.ty.clone())))
    }
}

/// [`Identity`] without its types.
pub(crate) trait ErasedIdentity: Send + Sync {
    fn schema(&self) -> IdentitySchema;
    fn identity(&self, state: &Value) -> Result<Option<Value>, ConversionError>;
    fn upgrade(&self, from_version: i64, raw: serde_json::Value) -> Result<serde_json::Value, Diagnostics>;
}

impl<R: Identity> ErasedIdentity for Typed<R> {
    fn schema(&self) -> IdentitySchema {
        self.0.identity_schema()
    }

    fn identity(&self, state: &Value) -> Result<Option<Value>, ConversionError> {
        let state = R::Model::from_root(state)?;
        Ok(self.0.identity(&state).map(|identity| identity.to_value()))
    }

    fn upgrade(&self, from_version: i64, raw: serde_json::Value) -> Result<serde_json::Value, Diagnostics> {
        self.0.upgrade_identity(from_version, raw)
    }
}
