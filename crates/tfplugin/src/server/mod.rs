//! Everything between the operating system and the provider's code: start-up, transport, the plugin system's
//! own services and the glue that turns RPCs into calls of the traits. Authors only meet [`serve`],
//! [`ServeOptions`], [`ServeError`] and [`init_logging`].

mod arguments;
mod broker;
mod connection;
mod controller;
mod error;
mod handshake;
mod listener;
mod log;
mod mode;
pub(crate) mod panic;
mod parent;
mod reattach;
mod run;
mod schema_json;
mod service;
mod signals;
#[cfg(unix)]
mod socket_dir;
mod stdio;
mod tls;

pub use error::ServeError;
pub use log::init_logging;
pub use mode::{Printout, ServeOptions, serve};
pub(crate) use service::{Catalog, Service};
