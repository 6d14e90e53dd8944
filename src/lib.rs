//! The Terraform provider `tidblink`: a private path from a cloud network to a TiDB Cloud cluster in one apply.
//!
//! The rooms, from the user inwards: [`provider`] holds the provider block and the shared clients; [`endpoint_service`]
//! and [`private_endpoint`] are the resources; [`reachability`] looks at a cluster as its clients do; [`clouds`] and
//! [`tidbcloud`] talk to the services and return typed errors; [`diagnose`] turns those into words, each under one of the
//! [`codes`]. Time, randomness and waiting are in [`clock`], [`random`], [`operation`] and [`wait`]; `functions` holds what
//! configurations can compute; what the clients of several services do alike is in `web`, `retry`, `pages` and `json`; what they
//! must be allowed to call is in [`permissions`]. The plugin
//! protocol is the crate `tfplugin`'s business alone.

pub mod clock;
pub mod clouds;
pub mod codes;
pub mod diagnose;
pub mod endpoint_service;
pub mod error;
mod functions;
pub mod ids;
mod json;
pub mod network;
pub mod operation;
mod pages;
pub mod permissions;
pub mod private_endpoint;
pub mod provider;
pub mod random;
pub mod reachability;
mod recent;
mod redact;
mod retry;
pub mod secret;
pub mod tags;
pub mod tidbcloud;
pub mod wait;
mod web;

pub use provider::{Surroundings, Tidblink};
