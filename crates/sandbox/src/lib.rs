//! TiDB Cloud and the clouds it lives on, in one process on loopback, for demos and tests.
//!
//! A [`Sandbox`] holds one shared [`world::World`] and opens a thin HTTP door to it for each service a client would
//! call: the Dedicated, Serverless and legacy TiDB Cloud APIs, EC2 (with STS) and Alibaba Cloud, plus a control door
//! for tests. Doors translate between a wire format and the world; every rule about what may happen, and when, lives in
//! the world. Official clients work against it unchanged.

mod clock;
mod control;
pub mod default_world;
mod doors;
mod engine;
mod events;
mod faults;
mod http;
mod journal;
mod leftovers;
mod redact;
mod sandbox;
mod server;
pub mod world;

pub use clock::Timestamp;
pub use doors::Door;
pub use engine::Traffic;
pub use events::{Event, EventError};
pub use faults::{Effect, Fault, FaultId, FaultStatus};
pub use journal::RequestRecord;
pub use leftovers::{Leftover, LeftoverKind};
pub use sandbox::{Sandbox, SandboxError, SandboxOptions, Urls};
