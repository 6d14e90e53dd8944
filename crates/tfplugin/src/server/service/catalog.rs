//! All that a provider offers, by name, with the schemas and types that every call needs.

use std::collections::BTreeMap;

use crate::data_source::DataSourceEntry;
use crate::function::{FunctionDefinition, FunctionEntry};
use crate::list_resource::ListResourceEntry;
use crate::proto::tfplugin6 as wire;
use crate::proto::{function_to_proto, identity_schema_to_proto, schema_to_proto};
use crate::resource::{ErasedIdentity, IdentitySchema, ResourceEntry};
use crate::{Diagnostic, Diagnostics, Provider, Schema, Type};

/// What a provider offers.
pub(crate) struct Catalog<D> {
    pub(crate) provider: Shape,
    pub(crate) resources: BTreeMap<String, RegisteredResource<D>>,
    pub(crate) data_sources: BTreeMap<String, RegisteredDataSource<D>>,
    pub(crate) list_resources: BTreeMap<String, RegisteredListResource<D>>,
    pub(crate) functions: BTreeMap<String, RegisteredFunction>,
}

/// A schema and the type it implies.
pub(crate) struct Shape {
    pub(crate) schema: Schema,
    pub(crate) ty: Type,
}

impl Shape {
    fn of(schema: Schema) -> Self {
        Self { ty: schema.implied_type(), schema }
    }
}

/// A resource type.
pub(crate) struct RegisteredResource<D> {
    pub(crate) entry: ResourceEntry<D>,
    pub(crate) shape: Shape,
    pub(crate) identity: Option<IdentityShape>,
}

impl<D> RegisteredResource<D> {
    /// The ability of identity together with its shape.
    pub(crate) fn identity(&self) -> Option<(&dyn ErasedIdentity, &IdentityShape)> {
        Some((self.entry.identity.as_deref()?, self.identity.as_ref()?))
    }
}

/// An identity schema and the type it implies.
pub(crate) struct IdentityShape {
    pub(crate) schema: IdentitySchema,
    pub(crate) ty: Type,
}

/// A data source.
pub(crate) struct RegisteredDataSource<D> {
    pub(crate) entry: DataSourceEntry<D>,
    pub(crate) shape: Shape,
}

/// A list resource.
pub(crate) struct RegisteredListResource<D> {
    pub(crate) entry: ListResourceEntry<D>,
    pub(crate) shape: Shape,
}

/// A function.
pub(crate) struct RegisteredFunction {
    pub(crate) entry: FunctionEntry,
    pub(crate) definition: FunctionDefinition,
}

impl<D: 'static> Catalog<D> {
    /// Asks `provider` for everything.
    pub(super) fn of<P: Provider<Data = D>>(provider: &P) -> Self {
        let resources = provider.resources().into_iter().map(|entry| {
            let identity = entry.identity.as_deref().map(|identity| {
                let schema = identity.schema();
                IdentityShape { ty: schema.implied_type(), schema }
            });
            let shape = Shape::of(entry.resource.schema());
            (entry.name.clone(), RegisteredResource { entry, shape, identity })
        });
        let data_sources = provider.data_sources().into_iter().map(|entry| {
            let shape = Shape::of(entry.source.schema());
            (entry.name.clone(), RegisteredDataSource { entry, shape })
        });
        let list_resources = provider.list_resources().into_iter().map(|entry| {
            let shape = Shape::of(entry.list.schema());
            (entry.name.clone(), RegisteredListResource { entry, shape })
        });
        let functions = provider.functions().into_iter().map(|entry| {
            let definition = entry.function.definition();
            (entry.name.clone(), RegisteredFunction { entry, definition })
        });
        Self {
            provider: Shape::of(provider.schema()),
            resources: resources.collect(),
            data_sources: data_sources.collect(),
            list_resources: list_resources.collect(),
            functions: functions.collect(),
        }
    }

    /// The resource type called `name`.
    pub(super) fn resource(&self, name: &str) -> Result<&RegisteredResource<D>, Diagnostics> {
        self.resources.get(name).ok_or_else(|| not_offered("resource type", name))
    }

    /// The data source called `name`.
    pub(super) fn data_source(&self, name: &str) -> Result<&RegisteredDataSource<D>, Diagnostics> {
        self.data_sources.get(name).ok_or_else(|| not_offered("data source", name))
    }

    /// The list resource called `name`.
    pub(super) fn list_resource(&self, name: &str) -> Result<&RegisteredListResource<D>, Diagnostics> {
        self.list_resources.get(name).ok_or_else(|| not_offered("list resource", name))
    }

    /// The same on every answer that has them.
    pub(super) fn server_capabilities(&self) -> wire::ServerCapabilities {
        wire::ServerCapabilities {
            plan_destroy: true,
            get_provider_schema_optional: true,
            move_resource_state: self.resources.values().any(|resource| resource.entry.move_state.is_some()),
            generate_resource_config: true,
        }
    }

    /// All schemas.
    pub(crate) fn schemas(&self) -> wire::get_provider_schema::Response {
        let resources = self.resources.iter();
        let data_sources = self.data_sources.iter();
        let list_resources = self.list_resources.iter();
        wire::get_provider_schema::Response {
            provider: Some(schema_to_proto(&self.provider.schema)),
            resource_schemas: resources
                .map(|(name, it)| (name.clone(), schema_to_proto(&it.shape.schema)))
                .collect(),
            data_source_schemas: data_sources
                .map(|(name, it)| (name.clone(), schema_to_proto(&it.shape.schema)))
                .collect(),
            list_resource_schemas: list_resources
                .map(|(name, it)| (name.clone(), schema_to_proto(&it.shape.schema)))
                .collect(),
            functions: self.function_signatures(),
            server_capabilities: Some(self.server_capabilities()),
            ..Default::default()
        }
    }

    /// All function signatures.
    pub(super) fn function_signatures(&self) -> BTreeMap<String, wire::Function> {
        self.functions.iter().map(|(name, it)| (name.clone(), function_to_proto(&it.definition))).collect()
    }

    /// All identity schemas.
    pub(crate) fn identity_schemas(&self) -> BTreeMap<String, wire::ResourceIdentitySchema> {
        let with_identity =
            self.resources.iter().filter_map(|(name, it)| Some((name, it.identity.as_ref()?)));
        with_identity
            .map(|(name, identity)| (name.clone(), identity_schema_to_proto(&identity.schema)))
            .collect()
    }
}

fn not_offered(kind: &str, name: &str) -> Diagnostics {
    let detail = format!(
        "This version of the provider has no {kind} {name}. If it was removed, use the version that made \
         the object, or take the object out of the state."
    );
    Diagnostic::error(format!("Unknown {kind}"), detail).into()
}
