//! A complete small provider: notes, kept as files in a directory. Copy it to begin one of your own.
//!
//! `provider.rs` is the provider block, `note.rs` the resource, `lookup.rs` the data source, `list.rs` the
//! list for `terraform query`, `slug.rs` a function and `store.rs` the thing that a real provider has a client for.

mod list;
mod lookup;
mod note;
mod provider;
mod slug;
mod store;

use tfplugin::{ServeError, ServeOptions, serve};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), ServeError> {
    serve(provider::Notes, ServeOptions::new("registry.terraform.io/example/notes")).await
}
