//! A folder in which a real terraform finds everything it needs: an example's configuration, values that fit the
//! sandbox's default world, the provider in a filesystem mirror and the environment that leads to the sandbox.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use tidblink_sandbox::{Urls, default_world as ids};

use crate::cargo;
use crate::terraform::Terraform;

/// The version that the mirror offers: the workspace's own.
const VERSION: &str = env!("CARGO_PKG_VERSION");

/// The folder, laid out.
#[derive(Debug)]
pub(crate) struct Playground {
    root: PathBuf,
}

impl Playground {
    /// Fills `root`: `work` with the example and its values for the sandbox, `mirror` with the provider, `home` with nothing.
    ///
    /// # Errors
    /// When something cannot be read or written.
    pub(crate) fn lay_out(root: &Path, example: &str, provider: &Path, platform: &str) -> Result<Self> {
        let playground = Self::empty(root, provider, platform)?;
        copy_example(&cargo::workspace().join("examples").join(example), &playground.work())?;
        Ok(playground)
    }

    /// The same with nothing in `work`.
    ///
    /// # Errors
    /// When something cannot be written.
    pub(crate) fn empty(root: &Path, provider: &Path, platform: &str) -> Result<Self> {
        let playground = Self { root: root.to_owned() };
        fs::create_dir_all(root.join("home"))?;
        fs::create_dir_all(playground.work())?;
        playground.install(provider, platform)?;
        Ok(playground)
    }

    /// Where terraform works.
    pub(crate) fn work(&self) -> PathBuf {
        self.root.join("work")
    }

    /// Offers the provider in a filesystem mirror, and nothing from any registry.
    fn install(&self, provider: &Path, platform: &str) -> Result<()> {
        let mirror = self.root.join("mirror");
        // `tidblink/tidblink` means the first to Terraform and the second to OpenTofu.
        for registry in ["registry.terraform.io", "registry.opentofu.org"] {
            let folder = mirror.join(registry).join("tidblink/tidblink").join(VERSION).join(platform);
            fs::create_dir_all(&folder)?;
            let installed = folder.join(format!("terraform-provider-tidblink_v{VERSION}"));
            // The folder may be on another file system than cargo's.
            if fs::hard_link(provider, &installed).is_err() {
                fs::copy(provider, &installed)
                    .with_context(|| format!("cannot write {}", installed.display()))?;
            }
        }
        let config =
            format!("provider_installation {{\n  filesystem_mirror {{\n    path = {mirror:?}\n  }}\n}}\n");
        fs::write(self.cli_config(), config)?;
        Ok(())
    }

    fn cli_config(&self) -> PathBuf {
        self.root.join("terraformrc")
    }

    /// A terraform that works here, against this sandbox.
    pub(crate) fn terraform(&self, binary: &Path, urls: &Urls, speed: u32) -> Terraform {
        Terraform {
            binary: binary.to_owned(),
            folder: self.work(),
            environment: self.environment(urls, speed),
        }
    }

    /// Writes the environment as a file for a shell to read, without what would get in a person's way.
    ///
    /// # Errors
    /// When it cannot be written.
    pub(crate) fn write_environment(&self, urls: &Urls, speed: u32) -> Result<PathBuf> {
        let file = self.root.join("environment.sh");
        let mut text = String::from(
            "# Read into a shell with `.`: leads terraform, the provider and the AWS CLI to the sandbox.\n",
        );
        for (name, value) in self.environment(urls, speed) {
            if name != "HOME" && name != "TF_IN_AUTOMATION" {
                writeln!(text, "export {name}='{value}'")?;
            }
        }
        text.push_str("export AWS_REGION='us-west-2' AWS_DEFAULT_REGION='us-west-2'\nexport NO_PROXY='127.0.0.1' no_proxy='127.0.0.1'\n");
        fs::write(&file, text)?;
        Ok(file)
    }

    fn environment(&self, urls: &Urls, speed: u32) -> BTreeMap<String, String> {
        [
            ("HOME", self.root.join("home").display().to_string()),
            ("TF_CLI_CONFIG_FILE", self.cli_config().display().to_string()),
            ("TF_IN_AUTOMATION", "1".into()),
            ("CHECKPOINT_DISABLE", "1".into()),
            ("TIDBCLOUD_PUBLIC_KEY", ids::TIDB_PUBLIC_KEY.into()),
            ("TIDBCLOUD_PRIVATE_KEY", ids::TIDB_PRIVATE_KEY.into()),
            ("TIDBCLOUD_DEDICATED_ENDPOINT", urls.dedicated.clone()),
            ("TIDBCLOUD_SERVERLESS_ENDPOINT", urls.serverless.clone()),
            ("TIDBCLOUD_HOST", urls.legacy.clone()),
            ("AWS_ENDPOINT_URL", urls.ec2.clone()),
            ("AWS_ENDPOINT_URL_EC2", urls.ec2.clone()),
            ("AWS_ACCESS_KEY_ID", ids::AWS_ACCESS_KEY_ID.into()),
            ("AWS_SECRET_ACCESS_KEY", ids::AWS_SECRET_ACCESS_KEY.into()),
            ("AWS_EC2_METADATA_DISABLED", "true".into()),
            ("TIDBLINK_ALICLOUD_ENDPOINT", urls.alicloud.clone()),
            ("ALIBABA_CLOUD_ACCESS_KEY_ID", ids::ALICLOUD_ACCESS_KEY_ID.into()),
            ("ALIBABA_CLOUD_ECS_METADATA_DISABLED", "true".into()),
            ("ALIBABA_CLOUD_ACCESS_KEY_SECRET", ids::ALICLOUD_ACCESS_KEY_SECRET.into()),
            ("TIDBLINK_TIME_SCALE", speed.to_string()),
        ]
        .map(|(name, value)| (name.to_owned(), value))
        .into()
    }
}

/// Only the configuration and its values for the sandbox: a state that somebody left in the example's folder is not ours to use.
fn copy_example(from: &Path, to: &Path) -> Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from).with_context(|| format!("cannot read {}", from.display()))? {
        let path = entry?.path();
        if let (Some(name), Some("tf")) =
            (path.file_name(), path.extension().and_then(|extension| extension.to_str()))
        {
            fs::copy(&path, to.join(name))?;
        }
    }
    fs::copy(from.join("sandbox.tfvars"), to.join("terraform.tfvars"))
        .with_context(|| format!("{} has no values for the sandbox", from.display()))?;
    Ok(())
}
