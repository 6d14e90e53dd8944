//! What it takes to build for a target on this machine, and the environment that makes cargo use it. The static targets
//! need a C compiler for musl, for AWS-LC; Rust brings the linker and the C library. Paths of this machine are mapped away,
//! so that another checkout makes the same bytes.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context as _, Result};

use crate::cargo::workspace;

/// A target that can be built for here.
#[derive(Debug)]
pub(super) struct Toolchain {
    pub(super) target: String,
    /// C compiler and archiver, where cargo would not find the right ones by itself.
    tools: Option<(PathBuf, PathBuf)>,
}

impl Toolchain {
    /// Looks for what `target` takes; the inner error is what is missing, each part with how to get it.
    ///
    /// # Errors
    /// When this machine cannot be looked at.
    pub(super) fn find(target: &str, target_folder: &Path) -> Result<Result<Self, Vec<String>>> {
        let mut missing = Vec::new();
        if !has_library(target)? {
            missing.push(format!("Rust's library for it (rustup target add {target})"));
        }
        let mut tools = None;
        let chosen = std::env::var_os(format!("CC_{}", snake(target))).is_some();
        if let (Some(processor), false) = (target.strip_suffix("-unknown-linux-musl"), chosen) {
            let gcc = on_path(&format!("{processor}-linux-musl-gcc"));
            let gcc = gcc.or_else(|| on_path("musl-gcc").filter(|_| processor == std::env::consts::ARCH));
            match (gcc, zig()) {
                (Some(gcc), _) => tools = Some((gcc, PathBuf::from("ar"))),
                (None, Some(zig)) => tools = Some(wrap(&zig, processor, target_folder)?),
                (None, None) => missing.push(format!(
                    "a C compiler for it ({processor}-linux-musl-gcc, or zig on the PATH or in ZIG, or any that \
                     CC_{} names)",
                    snake(target)
                )),
            }
        }
        let found = Self { target: target.to_owned(), tools };
        Ok(if missing.is_empty() { Ok(found) } else { Err(missing) })
    }

    /// What cargo and the compilers must be told.
    ///
    /// # Errors
    /// When this machine cannot be looked at.
    pub(super) fn environment(&self, target_folder: &Path) -> Result<Vec<(String, String)>> {
        let target = snake(&self.target);
        let linker = format!("CARGO_TARGET_{}_LINKER", target.to_uppercase());
        // The last one that fits counts.
        let places = [
            (workspace().display().to_string(), "/src"),
            (target_folder.display().to_string(), "/target"),
            (cargo_home()?.display().to_string(), "/cargo"),
        ];
        let rust: Vec<_> =
            places.iter().map(|(from, to)| format!("--remap-path-prefix={from}={to}")).collect();
        let mut environment = vec![("CARGO_ENCODED_RUSTFLAGS".to_owned(), rust.join("\u{1f}"))];
        let mut c = std::env::var(format!("CFLAGS_{target}")).unwrap_or_default();
        for (from, to) in &places {
            write!(c, " -ffile-prefix-map={from}={to}")?;
        }
        environment.push((format!("CFLAGS_{target}"), c.trim().to_owned()));
        if let Some((compiler, archiver)) = &self.tools {
            environment.push((format!("CC_{target}"), compiler.display().to_string()));
            environment.push((format!("AR_{target}"), archiver.display().to_string()));
            if std::env::var_os(&linker).is_none() {
                environment.push((linker, "rust-lld".to_owned()));
            }
        }
        Ok(environment)
    }
}

/// As the names of environment variables have it.
fn snake(target: &str) -> String {
    target.replace('-', "_")
}

/// Whether the standard library for a target is installed.
fn has_library(target: &str) -> Result<bool> {
    let rustc = std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let output = Command::new(rustc)
        .args(["--print", "target-libdir", "--target", target])
        .current_dir(workspace())
        .stderr(Stdio::null())
        .output()
        .context("rustc could not be started")?;
    let folder = PathBuf::from(String::from_utf8(output.stdout)?.trim());
    Ok(output.status.success() && folder.is_dir())
}

fn cargo_home() -> Result<PathBuf> {
    let given = std::env::var_os("CARGO_HOME").map(PathBuf::from);
    let home = || std::env::var_os("HOME").map(|home| Path::new(&home).join(".cargo"));
    given.or_else(home).context("neither CARGO_HOME nor HOME says where cargo keeps its crates")
}

fn zig() -> Option<PathBuf> {
    std::env::var_os("ZIG").map(PathBuf::from).or_else(|| on_path("zig"))
}

fn on_path(program: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path).map(|folder| folder.join(program)).find(|file| file.is_file())
}

/// Scripts that make zig look like a C compiler and an archiver: it knows targets by other names, and adds checks that need a
/// library which is not there.
fn wrap(zig: &Path, processor: &str, target_folder: &Path) -> Result<(PathBuf, PathBuf)> {
    let folder = target_folder.join("zig");
    std::fs::create_dir_all(&folder)?;
    let zig = zig.display();
    let compiler = format!(
        "#!/bin/sh\nfor argument do\n    shift\n    case $argument in --target=*) ;; *) set -- \"$@\" \"$argument\" ;; esac\ndone\n\
         exec '{zig}' cc -target {processor}-linux-musl -fno-sanitize=all \"$@\"\n"
    );
    let archiver = format!("#!/bin/sh\nexec '{zig}' ar \"$@\"\n");
    let script = |name: String, text: String| -> Result<PathBuf> {
        let file = folder.join(name);
        std::fs::write(&file, text).with_context(|| format!("cannot write {}", file.display()))?;
        make_executable(&file)?;
        Ok(file)
    };
    Ok((script(format!("cc-{processor}"), compiler)?, script("ar".to_owned(), archiver)?))
}

fn make_executable(file: &Path) -> Result<()> {
    use std::os::unix::fs::PermissionsExt as _;
    Ok(std::fs::set_permissions(file, std::fs::Permissions::from_mode(0o755))?)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may fail")]

    use super::*;

    #[test]
    fn what_is_missing_for_a_target_is_said_with_how_to_get_it() {
        let folder = tempfile::tempdir().unwrap();
        let missing = Toolchain::find("mips64-unknown-linux-musl", folder.path()).unwrap().unwrap_err();
        assert!(missing[0].contains("rustup target add mips64-unknown-linux-musl"), "{missing:?}");
    }

    #[test]
    fn no_path_of_this_machine_is_left_in_a_binary() {
        let toolchain = Toolchain { target: "x86_64-unknown-linux-musl".into(), tools: None };
        let environment = toolchain.environment(Path::new("/somewhere/target")).unwrap();
        for name in ["CARGO_ENCODED_RUSTFLAGS", "CFLAGS_x86_64_unknown_linux_musl"] {
            let (_, flags) = environment.iter().find(|(found, _)| found == name).unwrap();
            for place in ["/somewhere/target=/target", &format!("{}=/src", workspace().display())] {
                assert!(flags.contains(place), "{name}: {flags}");
            }
        }
    }
}
