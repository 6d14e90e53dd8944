//! The doors as their clients see them: over HTTP, with digests and signatures computed here and not by the crate.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on has failed")]

mod alicloud;
mod binary;
mod control;
mod dedicated;
mod ec2;
mod faults;
mod legacy;
mod serverless;
mod support;
