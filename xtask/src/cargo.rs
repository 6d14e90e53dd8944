//! Builds the workspace's binaries and says where cargo put them.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::OnceLock;

use anyhow::{Context as _, Result, ensure};
use serde::Deserialize;
use tokio::process::Command;

/// The provider's binary.
pub(crate) const PROVIDER: &str = "terraform-provider-tidblink";
/// The sandbox's binary.
pub(crate) const SANDBOX: &str = "tidblink-sandbox";

/// How a binary is compiled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Profile {
    /// What `cargo test` builds too.
    Dev,
    /// What users get.
    Release,
}

/// One of the lines that cargo prints with `--message-format=json`, as far as it matters here.
#[derive(Debug, Deserialize)]
struct Message {
    executable: Option<PathBuf>,
    target: Option<Target>,
}

#[derive(Debug, Deserialize)]
struct Target {
    name: String,
}

/// The folder of the workspace that this was started in by cargo: with a build cache that several checkouts share, it
/// may have been compiled in another one.
pub(crate) fn workspace() -> &'static Path {
    static WORKSPACE: OnceLock<PathBuf> = OnceLock::new();
    WORKSPACE.get_or_init(|| {
        let started = std::env::var_os("CARGO_MANIFEST_DIR").map(PathBuf::from);
        let xtask = started.unwrap_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")));
        xtask.parent().map(Path::to_owned).unwrap_or(xtask)
    })
}

/// Builds the packages' binaries, with cargo's progress on stderr, and returns where each of them is.
///
/// # Errors
/// When the build fails.
pub(crate) async fn build(binaries: &[&str], profile: Profile) -> Result<BTreeMap<String, PathBuf>> {
    let mut command = Command::new(env!("CARGO"));
    command.args(["build", "--message-format=json-render-diagnostics"]).current_dir(workspace());
    if profile == Profile::Release {
        command.arg("--release");
    }
    for binary in binaries {
        // Each of our binaries is named after its package.
        command.args(["--package", binary, "--bin", binary]);
    }
    let output = command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::inherit())
        .spawn()
        .context("cargo could not be started")?
        .wait_with_output()
        .await?;
    ensure!(output.status.success(), "`cargo build` failed");
    let built: BTreeMap<_, _> = String::from_utf8_lossy(&output.stdout)
        .lines()
        .filter_map(|line| serde_json::from_str::<Message>(line).ok())
        .filter_map(|message| Some((message.target?.name, message.executable?)))
        .collect();
    for binary in binaries {
        ensure!(built.contains_key(*binary), "cargo did not say where it put `{binary}`");
    }
    Ok(built)
}
