//! Signals. Ctrl-C reaches the whole process group, so Terraform's plugins get it too; a plugin that dies of
//! it loses what it was making. Terraform itself then asks running calls to stop.

use std::io;

/// The signals of this process, caught from the moment this exists.
pub(super) struct Signals {
    #[cfg(unix)]
    interrupt: tokio::signal::unix::Signal,
    #[cfg(unix)]
    terminate: tokio::signal::unix::Signal,
    #[cfg(windows)]
    interrupt: tokio::signal::windows::CtrlC,
}

impl Signals {
    /// Catches SIGINT (Ctrl-C) and SIGTERM.
    pub(super) fn catch() -> io::Result<Self> {
        #[cfg(unix)]
        {
            use tokio::signal::unix::{SignalKind, signal};
            Ok(Self {
                interrupt: signal(SignalKind::interrupt())?,
                terminate: signal(SignalKind::terminate())?,
            })
        }
        #[cfg(windows)]
        {
            Ok(Self { interrupt: tokio::signal::windows::ctrl_c()? })
        }
    }

    /// Waits until the process is told to end: SIGTERM, and SIGINT too if `interrupt_ends`.
    pub(super) async fn ended(&mut self, interrupt_ends: bool) {
        loop {
            #[cfg(unix)]
            tokio::select! {
                _ = self.terminate.recv() => return,
                _ = self.interrupt.recv() => {}
            }
            #[cfg(windows)]
            self.interrupt.recv().await;

            if interrupt_ends {
                return;
            }
        }
    }
}
