//! The signature of the checksums: detached and binary, as the Terraform Registry checks it, made by gpg with a key from
//! the environment. A key that is given and cannot be used is an error, never an unsigned release.

use std::ffi::OsString;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use anyhow::{Context as _, Result, bail, ensure};
use tempfile::TempDir;

/// Holds an armoured private key, for machines that have no key ring.
pub(crate) const PRIVATE_KEY: &str = "GPG_PRIVATE_KEY";
/// Names a key of the key ring.
pub(crate) const FINGERPRINT: &str = "GPG_FINGERPRINT";
/// Opens the key, if it is locked.
const PASSPHRASE: &str = "GPG_PASSPHRASE";

/// Which key signs.
#[derive(Debug, Default)]
struct Key {
    armoured: Option<String>,
    fingerprint: Option<String>,
    passphrase: String,
}

impl Key {
    fn of_environment() -> Self {
        let variable = |name| std::env::var(name).ok().filter(|value| !value.trim().is_empty());
        Self {
            armoured: variable(PRIVATE_KEY),
            fingerprint: variable(FINGERPRINT),
            passphrase: variable(PASSPHRASE).unwrap_or_default(),
        }
    }
}

/// Signs `file` and returns the signature's file; `None` when no key is given.
///
/// # Errors
/// When a key is given and gpg is not there, does not take the key, or makes a signature that does not hold.
pub(super) fn sign(file: &Path) -> Result<Option<PathBuf>> {
    sign_with(&Key::of_environment(), file)
}

fn sign_with(key: &Key, file: &Path) -> Result<Option<PathBuf>> {
    // An old signature beside new checksums would look like a forgery.
    let mut signature = OsString::from(file);
    signature.push(".sig");
    let signature = PathBuf::from(signature);
    if signature.exists() {
        std::fs::remove_file(&signature)?;
    }
    if key.armoured.is_none() && key.fingerprint.is_none() {
        return Ok(None);
    }
    let mut gpg = Gpg { home: None };
    if let Err(error) = gpg.run(&["--version"], "") {
        bail!(
            "a key is given and gpg cannot be used: {error:#}. Nothing was signed; install gpg, or give no key"
        );
    }
    if let Some(armoured) = &key.armoured {
        gpg.home = Some(TempDir::with_prefix("gpg-").context("cannot make a folder for the key")?);
        gpg.run(&["--import"], armoured).context("gpg does not take the key")?;
    }
    let mut arguments = vec!["--yes", "--pinentry-mode", "loopback", "--passphrase-fd", "0"];
    if let Some(fingerprint) = &key.fingerprint {
        arguments.extend(["--local-user", fingerprint]);
    }
    let (made, signed) = (signature.display().to_string(), file.display().to_string());
    arguments.extend(["--output", &made, "--detach-sign", &signed]);
    gpg.run(&arguments, &key.passphrase).context("gpg could not sign")?;
    gpg.run(&["--verify", &made, &signed], "").context("the signature does not hold")?;
    Ok(Some(signature))
}

/// gpg with the user's key ring, or with one of its own.
struct Gpg {
    home: Option<TempDir>,
}

impl Gpg {
    fn run(&self, arguments: &[&str], input: &str) -> Result<Output> {
        let mut command = Command::new("gpg");
        command.args(["--batch", "--no-tty"]).args(arguments);
        if let Some(home) = &self.home {
            command.env("GNUPGHOME", home.path());
        }
        let mut child = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .context("gpg could not be started")?;
        if let Some(mut stdin) = child.stdin.take() {
            // A gpg that does not read its input is done with it.
            let _ = stdin.write_all(input.as_bytes());
        }
        let output = child.wait_with_output()?;
        ensure!(output.status.success(), "gpg: {}", String::from_utf8_lossy(&output.stderr).trim());
        Ok(output)
    }
}

impl Drop for Gpg {
    fn drop(&mut self) {
        if let Some(home) = &self.home {
            // gpg leaves an agent behind that holds the key, for this folder alone.
            let agent =
                Command::new("gpgconf").args(["--kill", "all"]).env("GNUPGHOME", home.path()).output();
            drop(agent);
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may fail")]

    use super::*;

    fn checksums() -> (TempDir, PathBuf) {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("SHA256SUMS");
        std::fs::write(&file, "abc  file\n").unwrap();
        (folder, file)
    }

    #[test]
    fn without_a_key_nothing_is_signed_and_no_old_signature_stays() {
        let (folder, file) = checksums();
        let old = folder.path().join("SHA256SUMS.sig");
        std::fs::write(&old, "old").unwrap();
        assert_eq!(sign_with(&Key::default(), &file).unwrap(), None);
        assert!(!old.exists());
    }

    #[test]
    fn a_key_that_cannot_be_used_is_refused() {
        let (folder, file) = checksums();
        let key = Key { armoured: Some("no key".into()), ..Key::default() };
        let refusal = format!("{:#}", sign_with(&key, &file).unwrap_err());
        assert!(refusal.contains("gpg"), "{refusal}");
        assert!(!folder.path().join("SHA256SUMS.sig").exists());
    }

    /// Where there is no gpg, that is what must be said.
    #[test]
    fn a_key_from_the_environment_signs_so_that_its_public_half_can_tell() {
        let (_folder, file) = checksums();
        let maker = Gpg { home: Some(TempDir::with_prefix("gpg-").unwrap()) };
        let made = maker.run(
            &[
                "--pinentry-mode",
                "loopback",
                "--passphrase-fd",
                "0",
                "--quick-generate-key",
                "Release <release@example.com>",
                "rsa2048",
                "sign",
                "1d",
            ],
            "open sesame",
        );
        if made.is_err() {
            let key = Key { armoured: Some("any".into()), ..Key::default() };
            let refusal = format!("{:#}", sign_with(&key, &file).unwrap_err());
            assert!(refusal.contains("Nothing was signed"), "{refusal}");
            return;
        }
        let exported = maker.run(
            &["--pinentry-mode", "loopback", "--passphrase-fd", "0", "--armor", "--export-secret-keys"],
            "open sesame",
        );
        let armoured = String::from_utf8(exported.unwrap().stdout).unwrap();
        let key = Key { armoured: Some(armoured), passphrase: "open sesame".into(), ..Key::default() };

        let signature = sign_with(&key, &file).unwrap().unwrap();

        let (signature, signed) = (signature.display().to_string(), file.display().to_string());
        maker.run(&["--verify", &signature, &signed], "").unwrap();
        std::fs::write(&file, "other").unwrap();
        assert!(maker.run(&["--verify", &signature, &signed], "").is_err());
    }
}
