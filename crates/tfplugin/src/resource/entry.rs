//! Registering a resource type: its name and what it can do.

use std::fmt;
use std::sync::Arc;

use super::erased::Typed;
use super::{
    ErasedIdentity, ErasedImport, ErasedMove, ErasedResource, ErasedUpgrade, Identity, ImportState,
    MoveState, Resource, UpgradeState,
};

/// A resource type under its name, as [`Provider::resources`](crate::Provider::resources) lists it.
pub struct ResourceEntry<D> {
    pub(crate) name: String,
    pub(crate) resource: Arc<dyn ErasedResource<D>>,
    pub(crate) import: Option<Arc<dyn ErasedImport<D>>>,
    pub(crate) upgrade: Option<Arc<dyn ErasedUpgrade>>,
    pub(crate) move_state: Option<Arc<dyn ErasedMove>>,
    pub(crate) identity: Option<Arc<dyn ErasedIdentity>>,
}

impl<D> ResourceEntry<D> {
    /// A resource type that can do what every resource can. For more, see [`ResourceEntry::builder`].
    pub fn new<R: Resource<Data = D>>(name: impl Into<String>, resource: R) -> Self {
        Self::builder(name, resource).build()
    }

    /// A resource type with further abilities:
    /// `ResourceEntry::builder("cloud_disk", Disk).with_import().build()`.
    pub fn builder<R: Resource<Data = D>>(name: impl Into<String>, resource: R) -> ResourceBuilder<R> {
        let resource = Arc::new(resource);
        let entry = Self {
            name: name.into(),
            resource: Arc::new(Typed(Arc::clone(&resource))),
            import: None,
            upgrade: None,
            move_state: None,
            identity: None,
        };
        ResourceBuilder { resource, entry }
    }
}

impl<D> fmt::Debug for ResourceEntry<D> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ResourceEntry").field("name", &self.name).finish_non_exhaustive()
    }
}

/// Adds abilities to a [`ResourceEntry`].
#[must_use]
pub struct ResourceBuilder<R: Resource> {
    resource: Arc<R>,
    entry: ResourceEntry<R::Data>,
}

impl<R: Resource> ResourceBuilder<R> {
    /// Objects can be imported.
    pub fn with_import(mut self) -> Self
    where
        R: ImportState,
    {
        self.entry.import = Some(Arc::new(Typed(Arc::clone(&self.resource))));
        self
    }

    /// State of older schema versions can be upgraded.
    pub fn with_upgrade(mut self) -> Self
    where
        R: UpgradeState,
    {
        self.entry.upgrade = Some(Arc::new(Typed(Arc::clone(&self.resource))));
        self
    }

    /// Objects of other resource types can be taken over.
    pub fn with_move(mut self) -> Self
    where
        R: MoveState,
    {
        self.entry.move_state = Some(Arc::new(Typed(Arc::clone(&self.resource))));
        self
    }

    /// Objects have an identity.
    pub fn with_identity(mut self) -> Self
    where
        R: Identity,
    {
        self.entry.identity = Some(Arc::new(Typed(Arc::clone(&self.resource))));
        self
    }

    /// The entry.
    pub fn build(self) -> ResourceEntry<R::Data> {
        self.entry
    }
}

impl<R: Resource> fmt::Debug for ResourceBuilder<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ResourceBuilder").field("entry", &self.entry).finish_non_exhaustive()
    }
}
