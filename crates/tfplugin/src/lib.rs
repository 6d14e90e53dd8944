//! The Terraform plugin protocol, version 6, for providers written in Rust.
//!
//! A provider is a type that implements [`Provider`] and hands out [`Resource`]s, [`DataSource`]s,
//! [`ListResource`]s and [`Function`]s; its `main` is a call of [`serve`]. Models are plain structs made with [`model!`], schemas
//! are made with the builders of [`schema`], and the generic rules of planning are applied before the
//! provider's own code is asked. [`testing`] runs a provider in-process under the rules that Terraform itself
//! applies to its answers.

#[cfg(test)]
mod arbitrary;
pub mod attr;
pub mod capabilities;
pub mod checks;
pub mod context;
pub mod data_source;
pub mod diagnostics;
pub mod function;
pub mod list_resource;
pub mod model;
pub mod path;
pub mod plan;
pub mod private;
mod proto;
pub mod provider;
pub mod resource;
pub mod schema;
mod server;
mod stop;
pub mod testing;
pub mod timeouts;
pub mod value;

pub use attr::Attr;
pub use capabilities::ClientCapabilities;
pub use context::Context;
pub use data_source::{DataSource, DataSourceEntry};
pub use diagnostics::{Diagnostic, DiagnosticCode, Diagnostics, Severity};
pub use function::{Function, FunctionEntry};
pub use list_resource::{ListItem, ListRequest, ListResource, ListResourceEntry, Listing};
pub use model::{ConversionError, FromValue, Model, ToValue};
pub use path::{AttributePath, PathError, Step};
pub use private::PrivateState;
pub use provider::{ConfigureRequest, ConfigureResponse, Provider};
pub use resource::{
    CreateRequest, CreateResponse, DeleteRequest, DeleteResponse, Identity, IdentitySchema, ImportRequest,
    ImportResponse, ImportState, MoveRequest, MoveResponse, MoveState, PlanKind, PlanRequest, PlanResponse,
    ReadRequest, ReadResponse, Resource, ResourceEntry, UpdateRequest, UpdateResponse, UpgradeRequest,
    UpgradeState, ValidateRequest,
};
pub use schema::{Attribute, Block, NestedBlock, Schema};
pub use server::{Printout, ServeError, ServeOptions, init_logging, serve};
pub use value::{CodecError, Number, Type, Value};

/// Compiles the examples of the README.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
