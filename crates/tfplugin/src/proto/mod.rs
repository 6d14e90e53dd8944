//! The generated protocol types, and what turns the crate's own types into them and back. Nothing else in the
//! crate knows how a thing looks on the wire.

mod diagnostics;
mod function;
mod identity;
mod schema;
mod value;

pub(crate) use diagnostics::{diagnostics_from_proto, diagnostics_to_proto};
pub(crate) use function::function_to_proto;
pub(crate) use identity::identity_schema_to_proto;
pub(crate) use schema::schema_to_proto;
pub(crate) use value::{decode, encode, encode_paths, paths_from_proto};

/// Package `tfplugin6`: the provider protocol.
#[allow(clippy::all, clippy::unwrap_used, dead_code, missing_docs, unreachable_pub, rust_2018_idioms)]
pub(crate) mod tfplugin6 {
    include!(concat!(env!("OUT_DIR"), "/tfplugin6.rs"));
}

/// Package `plugin`: the plugin system's own services.
#[allow(clippy::all, dead_code, missing_docs, unreachable_pub, rust_2018_idioms)]
pub(crate) mod plugin {
    include!(concat!(env!("OUT_DIR"), "/plugin.rs"));
}
