//! The memory of the provider while Terraform runs it.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::Result;

use super::process::memory;

/// How often the running provider's memory is looked at.
const SAMPLE: Duration = Duration::from_millis(2);

/// A shell script in front of the provider that notes each process id, so that its memory can be looked at while
/// Terraform talks to it.
pub(super) struct Noting {
    /// The script.
    pub(super) script: PathBuf,
    noted: PathBuf,
}

impl Noting {
    pub(super) fn write(folder: &Path, provider: &Path) -> Result<Self> {
        let noting =
            Self { script: folder.join("noting-provider"), noted: folder.join("provider-processes") };
        let text = format!(
            "#!/bin/sh\necho $$ >> '{}'\nexec '{}' \"$@\"\n",
            noting.noted.display(),
            provider.display()
        );
        fs::write(&noting.script, text)?;
        fs::set_permissions(&noting.script, fs::Permissions::from_mode(0o755))?;
        Ok(noting)
    }

    /// The highest memory of any provider process while `work` goes on, in bytes.
    pub(super) async fn peak_during(&self, work: impl Future<Output = Result<()>>) -> Result<Option<u64>> {
        let mut work = std::pin::pin!(work);
        let mut peak = None;
        loop {
            tokio::select! {
                done = &mut work => return done.map(|()| peak),
                () = tokio::time::sleep(SAMPLE) => peak = peak.max(self.sample()),
            }
        }
    }

    fn sample(&self) -> Option<u64> {
        let noted = fs::read_to_string(&self.noted).ok()?;
        noted.lines().filter_map(|pid| memory(pid.parse().ok()?, "VmHWM")).max()
    }
}
