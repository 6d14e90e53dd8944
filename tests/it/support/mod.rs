//! The harness: finds terraform, gives each test a working folder and a sandbox of its own, and reads results back.

pub(crate) mod clouds;
pub(crate) mod config;
pub(crate) mod plan;
pub(crate) mod run;
pub(crate) mod terraform;
pub(crate) mod wiretap;
pub(crate) mod written;

pub(crate) use config::Endpoint;
pub(crate) use plan::Action;
pub(crate) use run::Run;
