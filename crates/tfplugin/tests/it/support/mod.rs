//! What the tests share: the example programs, a Terraform to run them with, and a client to call them with.

pub(crate) mod client;
pub(crate) mod plugin;
pub(crate) mod terraform;

use std::env;
use std::path::PathBuf;
use std::process::Command;

/// The example program called `name`; `cargo test` builds it beside this test.
pub(crate) fn example(name: &str) -> PathBuf {
    let test = env::current_exe().unwrap();
    let program = test.parent().and_then(|deps| deps.parent()).unwrap().join("examples").join(name);
    let program = program.with_extension(env::consts::EXE_EXTENSION);
    assert!(
        program.exists(),
        "{} is missing: run `cargo build --package tfplugin --examples`",
        program.display()
    );
    program
}

/// Sends a signal to a process, or to a group when `target` begins with a dash.
pub(crate) fn send_signal(signal: &str, target: &str) {
    let status = Command::new("kill").args(["-s", signal, "--", target]).status().unwrap();
    assert!(status.success(), "kill -s {signal} -- {target}: {status}");
}
