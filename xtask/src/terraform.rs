//! The terraform binary and one run of it.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use anyhow::{Context as _, Result, bail, ensure};
use serde_json::Value;
use tokio::io::{AsyncBufReadExt as _, AsyncRead, BufReader};
use tokio::process::{Child, Command};

use crate::interrupt::{Interrupt, Interrupted};

/// How long terraform may take to save its state after Ctrl-C.
const GRACE: Duration = Duration::from_secs(30);

/// Finds the binary: what `TIDBLINK_TERRAFORM` names, else `terraform` or `tofu` on the `PATH`.
///
/// # Errors
/// When there is none: says what to install.
pub(crate) fn find() -> Result<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let named = std::env::var_os("TIDBLINK_TERRAFORM").filter(|named| !named.is_empty());
    let found = match &named {
        Some(named) => on_path(&path, Path::new(named)),
        None => ["terraform", "tofu"].iter().find_map(|name| on_path(&path, Path::new(name))),
    };
    match (found, named) {
        (Some(binary), _) => Ok(binary),
        (None, Some(named)) => bail!("TIDBLINK_TERRAFORM names {}, which is not there", named.display()),
        (None, None) => bail!(
            "this needs Terraform or OpenTofu, and neither `terraform` nor `tofu` is on the PATH.\n\
             Install one of them and try again:\n  \
             https://developer.hashicorp.com/terraform/install\n  \
             https://opentofu.org/docs/intro/install/\n\
             A binary somewhere else can be named by the environment variable TIDBLINK_TERRAFORM."
        ),
    }
}

/// A name with a folder in it stands for itself, as in a shell.
fn on_path(path: &OsStr, name: &Path) -> Option<PathBuf> {
    if name.components().count() > 1 {
        return name.canonicalize().ok();
    }
    std::env::split_paths(path).map(|folder| folder.join(name)).find(|candidate| candidate.is_file())
}

/// A terraform that works in one folder with one environment. Nothing of the caller's environment reaches it but the
/// `PATH`: no proxies, no credentials, no settings of the caller's own Terraform.
#[derive(Clone, Debug)]
pub(crate) struct Terraform {
    /// The binary.
    pub(crate) binary: PathBuf,
    /// Where it works.
    pub(crate) folder: PathBuf,
    /// What it and the provider see.
    pub(crate) environment: BTreeMap<String, String>,
}

/// What a run printed on stdout, and how it ended.
#[derive(Debug)]
pub(crate) struct Outcome {
    pub(crate) status: ExitStatus,
    pub(crate) stdout: String,
}

impl Terraform {
    /// Runs one command. With `show`, every line appears on the terminal as it comes, after `show`.
    ///
    /// # Errors
    /// When it cannot be started, or with [`Interrupted`] once it has reacted to the user's Ctrl-C.
    pub(crate) async fn run(
        &self,
        arguments: &[&str],
        show: Option<&str>,
        interrupt: &Interrupt,
    ) -> Result<Outcome> {
        let mut child = Command::new(&self.binary)
            .args(arguments)
            .current_dir(&self.folder)
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .envs(&self.environment)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            // Terraform gets Ctrl-C from us, exactly once, whether it came from a terminal or from `kill`.
            .process_group(0)
            .kill_on_drop(true)
            .spawn()
            .with_context(|| format!("cannot start {}", self.binary.display()))?;
        let stdout = child.stdout.take().context("terraform has no stdout")?;
        let stderr = child.stderr.take().context("terraform has no stderr")?;
        let printed = async { tokio::join!(relay(stdout, show), relay(stderr, show)) };
        let finished = async {
            let ((stdout, _), status) = tokio::join!(printed, end(&mut child, interrupt));
            (stdout, status)
        };
        let (stdout, status) = finished.await;
        interrupt.check()?;
        Ok(Outcome { status: status?, stdout })
    }

    /// Runs one command that has to succeed.
    ///
    /// # Errors
    /// Those of [`run`](Self::run), and what it printed when it failed.
    pub(crate) async fn succeed(&self, arguments: &[&str], interrupt: &Interrupt) -> Result<()> {
        let outcome = self.run(arguments, None, interrupt).await?;
        ensure!(outcome.status.success(), "`terraform {}` failed:\n{}", arguments.join(" "), outcome.stdout);
        Ok(())
    }
}

/// The platform that this terraform looks for in a mirror, such as `linux_amd64`.
///
/// # Errors
/// When it does not say.
pub(crate) async fn platform(binary: &Path, folder: &Path, interrupt: &Interrupt) -> Result<String> {
    let environment = [("CHECKPOINT_DISABLE".to_owned(), "1".to_owned())].into();
    let terraform = Terraform { binary: binary.to_owned(), folder: folder.to_owned(), environment };
    let outcome = terraform.run(&["version", "-json"], None, interrupt).await?;
    let version: Value = serde_json::from_str(&outcome.stdout)
        .with_context(|| format!("`{} version -json` printed something else", binary.display()))?;
    let platform = version["platform"].as_str().context("terraform does not say its platform")?;
    Ok(platform.to_owned())
}

/// Waits for the end; after Ctrl-C asks for it, and after some grace insists.
async fn end(child: &mut Child, interrupt: &Interrupt) -> Result<ExitStatus> {
    if let Ok(status) = interrupt.or(child.wait()).await {
        return Ok(status?);
    }
    if let Some(group) = child.id() {
        signal("INT", group).await?;
        if tokio::time::timeout(GRACE, child.wait()).await.is_err() {
            signal("KILL", group).await?;
            child.wait().await?;
        }
    }
    Err(Interrupted.into())
}

/// Signals a process group through the shell's own `kill`, which needs no unsafe code.
async fn signal(name: &str, group: u32) -> Result<()> {
    Command::new("sh")
        .args(["-c", "kill -s \"$1\" -- \"-$2\"", "kill", name, &group.to_string()])
        .status()
        .await
        .context("cannot start sh")?;
    Ok(())
}

async fn relay(stream: impl AsyncRead + Unpin, show: Option<&str>) -> String {
    let mut text = String::new();
    let mut lines = BufReader::new(stream).lines();
    while let Ok(Some(line)) = lines.next_line().await {
        if let Some(prefix) = show {
            println!("{}", format!("{prefix}{line}").trim_end());
        }
        text.push_str(&line);
        text.push('\n');
    }
    text
}
