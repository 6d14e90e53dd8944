//! The process that started this one. Terraform ends its plugins itself, unless it is killed: then nobody is left to do it,
//! and a plugin that waits for its client would stay for ever.

#[cfg(unix)]
use std::time::Duration;

/// How often to look.
#[cfg(unix)]
const LOOK_EVERY: Duration = Duration::from_secs(2);

/// Completes when the process that was the parent at the first look is no longer.
pub(super) async fn lost() {
    #[cfg(unix)]
    {
        let parent = std::os::unix::process::parent_id();
        while std::os::unix::process::parent_id() == parent {
            tokio::time::sleep(LOOK_EVERY).await;
        }
    }
    #[cfg(not(unix))]
    std::future::pending::<()>().await;
}
