//! End-to-end runs: a real terraform binary, the provider as cargo built it, real configuration, and the sandbox in
//! place of TiDB Cloud and AWS. What a unit test can prove is proven next to the code; here only what takes Terraform.
//!
//! The binary is `terraform` or `tofu` on the `PATH`, or what `TIDBLINK_TERRAFORM` names. Without one the tests fail.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test may fail")]

mod adoption;
mod alicloud;
mod bad_input;
mod by_hand;
mod conformance;
mod data_sources;
mod drift;
mod examples;
mod faults;
mod foresight;
mod functions;
mod guides;
mod import;
mod installation;
mod interruption;
mod life;
mod lists;
mod meanwhile;
mod messages;
mod ownership;
mod pages;
mod permissions;
mod readiness;
mod requests;
mod same_run;
mod secrets;
mod shared;
mod shared_changes;
mod shared_cut_off;
mod support;
