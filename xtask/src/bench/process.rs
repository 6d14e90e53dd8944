//! The provider's process: how soon it is ready to talk, and how much memory it holds.

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};

/// How often the start is measured.
const STARTS: usize = 15;

/// What Terraform sets so that a provider knows it was started by one (go-plugin handshake).
const COOKIE: (&str, &str) =
    ("TF_PLUGIN_MAGIC_COOKIE", "d602bf8f470bc67ca7faa0386276bbdd4330efaf76d1a219cb4d6991ca9872b2");

/// A certificate of the kind that Terraform pins for each run: self-signed, ECDSA P-521. Its key was thrown away.
const CLIENT_CERTIFICATE: &str = include_str!("client.pem");

/// How a start went.
#[derive(Debug)]
pub(super) struct Start {
    /// From before the process was made until its handshake line was read.
    pub(super) median: Duration,
    /// Resident memory a moment after the line, in bytes.
    pub(super) resident: Option<u64>,
}

/// Starts the provider as Terraform does, several times.
///
/// # Errors
/// When it does not shake hands.
pub(super) fn start(provider: &Path) -> Result<Start> {
    let mut times = Vec::new();
    let mut resident = None;
    for _ in 0..STARTS {
        let began = Instant::now();
        let (mut child, line) = shake_hands(provider)?;
        times.push(began.elapsed());
        resident = resident.max(memory(child.id(), "VmRSS"));
        child.kill()?;
        child.wait()?;
        ensure!(line.starts_with("1|6|"), "the handshake line is {line:?}");
    }
    times.sort_unstable();
    Ok(Start { median: times[STARTS / 2], resident })
}

fn shake_hands(provider: &Path) -> Result<(Child, String)> {
    let mut child = Command::new(provider)
        .env(COOKIE.0, COOKIE.1)
        .env("PLUGIN_PROTOCOL_VERSIONS", "5,6")
        .env("PLUGIN_MIN_PORT", "10000")
        .env("PLUGIN_MAX_PORT", "25000")
        .env("PLUGIN_CLIENT_CERT", CLIENT_CERTIFICATE)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .with_context(|| format!("cannot start {}", provider.display()))?;
    let stdout = child.stdout.take().context("the provider has no stdout")?;
    let mut line = String::new();
    BufReader::new(stdout).read_line(&mut line)?;
    Ok((child, line))
}

/// A line of `/proc/PID/status` in bytes: `VmRSS` now, `VmHWM` at its highest. `None` when the process has ended or the
/// system has no such file.
pub(super) fn memory(pid: u32, line: &str) -> Option<u64> {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
    let value = status.lines().find_map(|text| text.strip_prefix(line)?.strip_prefix(':'))?;
    let kibibytes: u64 = value.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kibibytes * 1024)
}
