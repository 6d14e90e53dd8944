//! The terraform binary: where it is, and one run of it. Knows nothing of the provider.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fmt;
use std::fs::OpenOptions;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{ExitStatus, Stdio};
use std::sync::OnceLock;

use tokio::process::{Child, Command};

const MISSING: &str = "no terraform binary: install Terraform \
    (https://developer.hashicorp.com/terraform/install) or OpenTofu (https://opentofu.org/docs/intro/install/) so that \
    `terraform` or `tofu` is on the PATH, or let TIDBLINK_TERRAFORM name the binary";

/// The binary under test.
///
/// # Panics
/// When there is none: an end-to-end test that did not run must not look as if it had passed.
pub(crate) fn binary() -> &'static Path {
    static BINARY: OnceLock<PathBuf> = OnceLock::new();
    BINARY.get_or_init(|| find().expect(MISSING))
}

fn find() -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    match std::env::var_os("TIDBLINK_TERRAFORM").filter(|named| !named.is_empty()) {
        Some(named) => on_path(&path, Path::new(&named)),
        None => ["terraform", "tofu"].iter().find_map(|name| on_path(&path, Path::new(name))),
    }
}

/// A name with a folder in it stands for itself, as in a shell.
fn on_path(path: &OsString, name: &Path) -> Option<PathBuf> {
    if name.components().count() > 1 {
        return name.canonicalize().ok();
    }
    std::env::split_paths(path).map(|folder| folder.join(name)).find(|candidate| candidate.is_file())
}

/// What one run of terraform left behind.
#[derive(Clone, Debug)]
pub(crate) struct Outcome {
    /// The command line, for messages.
    pub(crate) command: String,
    pub(crate) status: ExitStatus,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Outcome {
    /// Both streams with line breaks and the frames around diagnostics removed, so that a sentence which terraform
    /// wrapped can be searched for as it was written.
    pub(crate) fn prose(&self) -> String {
        format!("{}\n{}", self.stdout, self.stderr)
            .split_whitespace()
            .filter(|word| !matches!(*word, "│" | "╷" | "╵"))
            .collect::<Vec<_>>()
            .join(" ")
    }

    /// The same, when the command succeeded.
    ///
    /// # Panics
    /// When it did not; the message holds everything that terraform printed.
    #[track_caller]
    pub(crate) fn succeeded(self) -> Self {
        assert!(self.status.success(), "{self}");
        self
    }

    /// The same, when the command failed in an orderly way.
    ///
    /// # Panics
    /// When it succeeded, when the provider crashed, or when Terraform blamed the provider for a wrong answer.
    #[track_caller]
    pub(crate) fn failed(self) -> Self {
        assert_eq!(self.status.code(), Some(1), "{self}");
        let prose = self.prose();
        for crash in ["Plugin did not respond", "panicked", "bug in the provider", "Plugin error"] {
            assert!(!prose.contains(crash), "{self}");
        }
        self
    }

    /// # Panics
    /// When terraform did not say so.
    #[track_caller]
    pub(crate) fn says(&self, sentence: &str) -> &Self {
        assert!(self.prose().contains(sentence), "nothing said {sentence:?}:\n{self}");
        self
    }

    /// # Panics
    /// When terraform did say so.
    #[track_caller]
    pub(crate) fn does_not_say(&self, sentence: &str) -> &Self {
        assert!(!self.prose().contains(sentence), "something said {sentence:?}:\n{self}");
        self
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}` ended with {}\n{}\n{}", self.command, self.status, self.stdout, self.stderr)
    }
}

/// A terraform that works in one folder with one environment. Nothing of the caller's environment reaches it but the
/// `PATH`.
#[derive(Clone, Debug)]
pub(crate) struct Terraform {
    folder: PathBuf,
    environment: BTreeMap<String, String>,
}

impl Terraform {
    pub(crate) fn new(folder: &Path, environment: BTreeMap<String, String>) -> Self {
        Self { folder: folder.into(), environment }
    }

    pub(crate) fn set(&mut self, name: &str, value: &str) {
        self.environment.insert(name.into(), value.into());
    }

    pub(crate) fn unset(&mut self, name: &str) {
        self.environment.remove(name);
    }

    /// Starts a run in a process group of its own, so that a test can send it what a terminal's Ctrl-C would.
    pub(crate) fn start(&self, arguments: &[&str]) -> Running {
        let command = format!("terraform {}", arguments.join(" "));
        log(arguments);
        let child = Command::new(binary())
            .args(arguments)
            .current_dir(&self.folder)
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .envs(&self.environment)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .process_group(0)
            .kill_on_drop(true)
            .spawn()
            .expect("terraform starts");
        let group = Group(child.id());
        Running { command, child, group }
    }

    /// Runs to the end, whatever the end is.
    pub(crate) async fn run(&self, arguments: &[&str]) -> Outcome {
        self.start(arguments).finish().await
    }
}

/// A run that is under way.
#[derive(Debug)]
pub(crate) struct Running {
    command: String,
    child: Child,
    group: Group,
}

/// A run's process group. A test that gives up half-way takes it down: a provider whose terraform is gone would stay.
#[derive(Debug)]
struct Group(Option<u32>);

impl Drop for Group {
    fn drop(&mut self) {
        if let Some(id) = self.0 {
            let kill = ["-c", "kill -s KILL -- \"-$1\" 2>/dev/null", "kill", &id.to_string()];
            // Whether anything was left to kill does not matter.
            let _ = std::process::Command::new("sh").args(kill).status();
        }
    }
}

impl Running {
    /// Ctrl-C at the terminal: SIGINT to terraform and to the provider that it started.
    pub(crate) async fn interrupt(&self) {
        signal("INT", &format!("-{}", self.child.id().expect("terraform is running"))).await;
    }

    /// A signal for terraform alone.
    pub(crate) async fn signal(&self, name: &str) {
        signal(name, &self.child.id().expect("terraform is running").to_string()).await;
    }

    /// Waits for the end.
    pub(crate) async fn finish(self) -> Outcome {
        let Self { command, child, mut group } = self;
        let output = child.wait_with_output().await.expect("terraform ends");
        group.0 = None;
        Outcome {
            command,
            status: output.status,
            stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
            stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }
}

/// Sends a signal through the shell's own `kill`, which every system has and which needs no unsafe code.
pub(crate) async fn signal(name: &str, process: &str) {
    let status = Command::new("sh")
        .args(["-c", "kill -s \"$1\" -- \"$2\"", "kill", name, process])
        .status()
        .await
        .expect("sh starts");
    assert!(status.success(), "no process {process} to send SIG{name} to");
}

/// Tells whoever asked, by naming a file, which terraform commands really ran: one line each, with the command first.
fn log(arguments: &[&str]) {
    let Some(file) = std::env::var_os("TIDBLINK_E2E_LOG").filter(|file| !file.is_empty()) else {
        return;
    };
    let line = format!("{}\t{}\n", arguments[0], binary().display());
    OpenOptions::new()
        .create(true)
        .append(true)
        .open(&file)
        .and_then(|mut file| file.write_all(line.as_bytes()))
        .expect("the file that TIDBLINK_E2E_LOG names can be written");
}
