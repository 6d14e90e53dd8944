//! Whole providers, as processes, under a real Terraform and under clients that mean harm.

#![allow(clippy::unwrap_used, clippy::expect_used)]

mod conformance;
mod debug;
mod faults;
mod golden;
mod handshake;
mod harness;
mod hostile;
mod life;
mod lists;
mod secrets;
mod support;
mod transport;

// The example provider, once more as part of this test.
#[path = "../../examples/notes/list.rs"]
mod list;
#[path = "../../examples/notes/lookup.rs"]
mod lookup;
#[path = "../../examples/notes/note.rs"]
mod note;
#[path = "../../examples/notes/provider.rs"]
mod provider;
#[path = "../../examples/notes/slug.rs"]
mod slug;
#[path = "../../examples/notes/store.rs"]
mod store;
