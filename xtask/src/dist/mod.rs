//! `cargo xtask dist`: builds the provider for the platforms that it is released for, or takes binaries that were built
//! elsewhere, packs them for the Terraform Registry and for mirrors, lists what is inside, and signs. What cannot be built here
//! is said before anything is built; nothing is left out silently.

mod sign;
mod toolchain;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use anyhow::{Context as _, Result, bail, ensure};
use clap::Args;
use packing::{Release, Sbom, checksum, platform_of, sbom, target_of};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;
use tokio::process::Command;

use self::toolchain::Toolchain;
use crate::cargo::{PROVIDER, workspace};

/// What is built when nothing is asked for: static binaries, which run on every Linux.
const TARGETS: [&str; 2] = ["x86_64-unknown-linux-musl", "aarch64-unknown-linux-musl"];

/// What goes into a release.
#[derive(Debug, Args)]
pub(crate) struct Options {
    /// A target of Rust to build for; may be repeated. Both static Linux ones when left out.
    #[arg(long = "target", value_name = "TARGET")]
    targets: Vec<String>,
    /// A binary that was built elsewhere, as PLATFORM=FILE (linux_amd64=…); may be repeated. Nothing is built then.
    #[arg(long = "prebuilt", value_name = "PLATFORM=FILE", value_parser = prebuilt, conflicts_with = "targets")]
    prebuilt: Vec<(String, PathBuf)>,
    /// Where the release goes.
    #[arg(long, default_value = "dist")]
    out: PathBuf,
    /// Say what is missing for the targets, and build nothing.
    #[arg(long)]
    check: bool,
}

fn prebuilt(text: &str) -> Result<(String, PathBuf), String> {
    let (platform, file) = text.split_once('=').ok_or("expected PLATFORM=FILE")?;
    if target_of(platform).is_none() {
        return Err(format!("{platform} is not a platform that is released for"));
    }
    Ok((platform.to_owned(), file.into()))
}

/// Makes a release.
///
/// # Errors
/// When a toolchain is missing, a build fails, or it is to be signed and cannot be.
pub(crate) async fn run(options: Options) -> Result<()> {
    let epoch = source_date().await?;
    let targets: Vec<&str> = match options.targets.as_slice() {
        [] => TARGETS.to_vec(),
        chosen => chosen.iter().map(String::as_str).collect(),
    };
    let binaries = if options.prebuilt.is_empty() {
        let target_folder = target_folder().await?;
        let toolchains = toolchains(&targets, &target_folder)?;
        if options.check {
            println!("nothing is missing for {}", targets.join(", "));
            return Ok(());
        }
        build(&toolchains, &target_folder, epoch).await?
    } else {
        options.prebuilt.into_iter().collect()
    };
    let out = workspace().join(&options.out);
    let release = Release {
        version: env!("CARGO_PKG_VERSION"),
        binaries: &binaries,
        licence: &workspace().join("LICENSE"),
    };
    let packed = release.pack(&out)?;
    let list = out.join(release.file("sbom.cdx.json"));
    std::fs::write(&list, contents(&binaries, epoch).await?)
        .with_context(|| format!("cannot write {}", list.display()))?;
    let signature = sign::sign(&packed.checksums)?;
    for file in packed.files.iter().chain([&list]).chain(&signature) {
        println!("{}  {}", checksum(file)?, file.display());
    }
    println!("a mirror for filesystem_mirror and network_mirror is in {}", out.join("mirror").display());
    if signature.is_none() {
        println!("unsigned: set {} or {} to sign with gpg", sign::PRIVATE_KEY, sign::FINGERPRINT);
    }
    Ok(())
}

/// The toolchains of all targets.
fn toolchains(targets: &[&str], target_folder: &Path) -> Result<Vec<Toolchain>> {
    let mut missing = Vec::new();
    let mut found = Vec::new();
    for target in targets {
        match Toolchain::find(target, target_folder)? {
            Ok(toolchain) => found.push(toolchain),
            Err(parts) => missing.extend(parts.into_iter().map(|part| format!("  {target}: {part}"))),
        }
    }
    if !missing.is_empty() {
        bail!("nothing was built, because this is missing:\n{}", missing.join("\n"));
    }
    Ok(found)
}

async fn build(
    toolchains: &[Toolchain],
    target_folder: &Path,
    epoch: i64,
) -> Result<BTreeMap<String, PathBuf>> {
    let mut binaries = BTreeMap::new();
    for toolchain in toolchains {
        let target = &toolchain.target;
        let platform = platform_of(target).with_context(|| format!("{target} is not released for"))?;
        let mut command = Command::new(env!("CARGO"));
        command
            .args(["build", "--release", "--locked", "--package", PROVIDER, "--bin", PROVIDER])
            .args(["--target", target])
            .current_dir(workspace())
            .env("SOURCE_DATE_EPOCH", epoch.to_string())
            .envs(toolchain.environment(target_folder)?)
            .stdin(Stdio::null());
        ensure!(
            command.status().await.context("cargo could not be started")?.success(),
            "{target}: the build failed"
        );
        let binary = target_folder.join(target).join("release").join(PROVIDER);
        binaries.insert(platform.to_owned(), binary);
    }
    Ok(binaries)
}

/// What is inside the binaries, in CycloneDX.
async fn contents(binaries: &BTreeMap<String, PathBuf>, epoch: i64) -> Result<String> {
    let mut metadata = Vec::new();
    for target in binaries.keys().filter_map(|platform| target_of(platform)) {
        metadata
            .push(cargo(&["metadata", "--format-version=1", "--locked", "--filter-platform", target]).await?);
    }
    let lock = std::fs::read_to_string(workspace().join("Cargo.lock")).context("cannot read Cargo.lock")?;
    let made_at = OffsetDateTime::from_unix_timestamp(epoch)?.format(&Rfc3339)?;
    sbom(&Sbom { metadata: &metadata, lock: &lock, package: PROVIDER, made_at: &made_at })
}

/// Seconds since 1970 that stand for the moment of the release: `SOURCE_DATE_EPOCH`, or the last commit's.
async fn source_date() -> Result<i64> {
    if let Ok(given) = std::env::var("SOURCE_DATE_EPOCH") {
        return given.trim().parse().context("SOURCE_DATE_EPOCH is not a number of seconds");
    }
    let mut git = Command::new("git");
    git.args(["log", "-1", "--format=%ct"]).current_dir(workspace());
    let printed = stdout(git, "git log").await.context("set SOURCE_DATE_EPOCH where there is no git")?;
    printed.trim().parse().context("git log printed no number")
}

async fn target_folder() -> Result<PathBuf> {
    let metadata = cargo(&["metadata", "--format-version=1", "--locked", "--no-deps"]).await?;
    let metadata: serde_json::Value = serde_json::from_str(&metadata)?;
    let folder = metadata.get("target_directory").and_then(serde_json::Value::as_str);
    folder.map(PathBuf::from).context("cargo does not say where it builds")
}

async fn cargo(arguments: &[&str]) -> Result<String> {
    let mut command = Command::new(env!("CARGO"));
    command.args(arguments).current_dir(workspace());
    stdout(command, "cargo metadata").await
}

async fn stdout(mut command: Command, what: &str) -> Result<String> {
    let output = command.stdin(Stdio::null()).stderr(Stdio::inherit()).output().await;
    let output = output.with_context(|| format!("{what} could not be started"))?;
    ensure!(output.status.success(), "{what} failed");
    Ok(String::from_utf8(output.stdout)?)
}
