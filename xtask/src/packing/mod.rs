//! A release as the Terraform Registry and its mirrors want it: archives, manifest, checksums, the layout of a mirror and
//! the list of what is inside. The same input makes the same bytes. Nothing is built or signed here, and nothing of the
//! provider is known but its name; the tests of the installation pack with this, too.

mod archive;
mod mirror;
mod sbom;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, ensure};
use serde_json::json;
use sha2::{Digest as _, Sha256};

pub use self::sbom::{Sbom, sbom};

/// The provider's name in the names of all files.
const NAME: &str = "terraform-provider-tidblink";

/// A release to pack.
#[derive(Debug)]
pub struct Release<'a> {
    /// Its version, without a `v`.
    pub version: &'a str,
    /// The binaries by platform, as Terraform calls it: `linux_amd64`.
    pub binaries: &'a BTreeMap<String, PathBuf>,
    /// The licence that goes along with every binary.
    pub licence: &'a Path,
}

/// What was packed.
#[derive(Debug)]
pub struct Packed {
    /// Every file for the Registry, the checksums last.
    pub files: Vec<PathBuf>,
    /// The file that holds the checksums of all others.
    pub checksums: PathBuf,
}

impl Release<'_> {
    /// Packs into `folder`, which is made when it is not there: archives, manifest, checksums, and a mirror in `mirror/`.
    ///
    /// # Errors
    /// When there is nothing to pack, or a file cannot be read or written.
    pub fn pack(&self, folder: &Path) -> Result<Packed> {
        ensure!(!self.binaries.is_empty(), "there is no binary to pack");
        fs::create_dir_all(folder).with_context(|| format!("cannot make {}", folder.display()))?;
        let mut files = Vec::new();
        let mut archives = BTreeMap::new();
        for (platform, binary) in self.binaries {
            let file = folder.join(format!("{NAME}_{}_{platform}.zip", self.version));
            write(&file, &self.archive(platform, binary)?)?;
            archives.insert(platform.clone(), file.clone());
            files.push(file);
        }
        // Registry documentation, "Publishing providers": the protocol that the provider speaks.
        let manifest = json!({ "version": 1, "metadata": { "protocol_versions": ["6.0"] } });
        let file = folder.join(self.file("manifest.json"));
        write(&file, format!("{manifest:#}\n").as_bytes())?;
        files.push(file);
        files.sort();
        let sums = files.iter().map(|file| Ok(format!("{}  {}\n", checksum(file)?, name_of(file))));
        let sums = sums.collect::<Result<String>>()?;
        let checksums = folder.join(self.file("SHA256SUMS"));
        write(&checksums, sums.as_bytes())?;
        files.push(checksums.clone());
        mirror::lay_out(&folder.join("mirror"), self.version, &archives)?;
        Ok(Packed { files, checksums })
    }

    /// The name of a file of this release.
    pub fn file(&self, what: &str) -> String {
        format!("{NAME}_{}_{what}", self.version)
    }

    fn archive(&self, platform: &str, binary: &Path) -> Result<Vec<u8>> {
        let suffix = if platform.starts_with("windows") { ".exe" } else { "" };
        let name = format!("{NAME}_v{}{suffix}", self.version);
        let entries = [
            archive::Entry { name: "LICENSE", mode: 0o644, content: &read(self.licence)? },
            archive::Entry { name: &name, mode: 0o755, content: &read(binary)? },
        ];
        archive::zip(&entries)
    }
}

/// The checksum of a file, in hex.
///
/// # Errors
/// When it cannot be read.
pub fn checksum(file: &Path) -> Result<String> {
    Ok(hex::encode(Sha256::digest(read(file)?)))
}

/// What a release is built for, as Rust and as Terraform call it.
const PLATFORMS: [(&str, &str); 5] = [
    ("x86_64-unknown-linux-musl", "linux_amd64"),
    ("aarch64-unknown-linux-musl", "linux_arm64"),
    ("x86_64-apple-darwin", "darwin_amd64"),
    ("aarch64-apple-darwin", "darwin_arm64"),
    ("x86_64-pc-windows-msvc", "windows_amd64"),
];

/// How Terraform calls the platform of a target of Rust, of those that are released for.
pub fn platform_of(target: &str) -> Option<&'static str> {
    PLATFORMS.into_iter().find(|(known, _)| *known == target).map(|(_, platform)| platform)
}

/// The target of Rust that a platform of Terraform's is built for.
pub fn target_of(platform: &str) -> Option<&'static str> {
    PLATFORMS.into_iter().find(|(_, known)| *known == platform).map(|(target, _)| target)
}

fn read(file: &Path) -> Result<Vec<u8>> {
    fs::read(file).with_context(|| format!("cannot read {}", file.display()))
}

fn write(file: &Path, content: &[u8]) -> Result<()> {
    fs::write(file, content).with_context(|| format!("cannot write {}", file.display()))
}

fn name_of(file: &Path) -> String {
    file.file_name().unwrap_or_default().to_string_lossy().into_owned()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may fail")]

    use super::*;

    fn pack(root: &Path, folder: &str) -> Packed {
        let binaries: BTreeMap<_, _> = ["linux_amd64", "windows_amd64"]
            .map(|platform| {
                let binary = root.join(platform);
                fs::write(&binary, platform.repeat(1000)).unwrap();
                (platform.to_owned(), binary)
            })
            .into();
        let licence = root.join("LICENSE");
        fs::write(&licence, "as you like").unwrap();
        let release = Release { version: "1.2.3", binaries: &binaries, licence: &licence };
        release.pack(&root.join(folder)).unwrap()
    }

    #[test]
    fn a_release_has_the_files_that_the_registry_asks_for() {
        let root = tempfile::tempdir().unwrap();
        let packed = pack(root.path(), "dist");
        let names: Vec<_> = packed.files.iter().map(|file| name_of(file)).collect();
        assert_eq!(
            names,
            [
                "terraform-provider-tidblink_1.2.3_linux_amd64.zip",
                "terraform-provider-tidblink_1.2.3_manifest.json",
                "terraform-provider-tidblink_1.2.3_windows_amd64.zip",
                "terraform-provider-tidblink_1.2.3_SHA256SUMS",
            ]
        );
        let sums = fs::read_to_string(&packed.checksums).unwrap();
        let lines: Vec<_> = sums.lines().collect();
        for (file, line) in packed.files.iter().zip(&lines) {
            assert_eq!(**line, format!("{}  {}", checksum(file).unwrap(), name_of(file)));
        }
        assert_eq!(lines.len(), 3);
        let manifest: serde_json::Value =
            serde_json::from_slice(&fs::read(&packed.files[1]).unwrap()).unwrap();
        assert_eq!(manifest, json!({ "version": 1, "metadata": { "protocol_versions": ["6.0"] } }));
    }

    #[test]
    fn packing_twice_makes_the_same_bytes() {
        let root = tempfile::tempdir().unwrap();
        let [first, second] = ["a", "b"].map(|folder| pack(root.path(), folder));
        for (first, second) in first.files.iter().zip(&second.files) {
            assert_eq!(fs::read(first).unwrap(), fs::read(second).unwrap(), "{}", first.display());
        }
    }

    #[test]
    fn nothing_is_not_a_release() {
        let root = tempfile::tempdir().unwrap();
        let binaries = BTreeMap::new();
        let release = Release { version: "1.2.3", binaries: &binaries, licence: root.path() };
        assert!(release.pack(root.path()).is_err());
    }
}
