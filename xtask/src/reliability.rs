//! `cargo xtask reliability`: lives every cell of the fault matrix and writes its tables into `docs/reliability.md`. The
//! matrix itself is a test of the provider; this only starts it with the wish to write.

use anyhow::{Context as _, Result, ensure};
use tokio::process::Command;

use crate::cargo::{self, PROVIDER};

/// Writes the tables.
///
/// # Errors
/// When something is lost in a cell; then the tables stay as they are.
pub(crate) async fn run() -> Result<()> {
    let status = Command::new(env!("CARGO"))
        .args(["test", "--package", PROVIDER, "--test", "it", "faults::whatever"])
        .current_dir(cargo::workspace())
        .env("TIDBLINK_FAULTS", "write")
        .status()
        .await
        .context("cargo could not be started")?;
    ensure!(status.success(), "the fault matrix does not hold: see above");
    println!("wrote docs/reliability.md");
    Ok(())
}
