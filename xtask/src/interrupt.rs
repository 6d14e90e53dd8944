//! Ctrl-C and SIGTERM. A command notices them between its steps and while it waits, and cleans up before it ends.

use std::future::Future;

use tokio::signal::unix::{SignalKind, signal};
use tokio_util::sync::CancellationToken;

/// The user wants the command to end.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Interrupted;

impl std::fmt::Display for Interrupted {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Interrupted; everything was cleaned up.")
    }
}

impl std::error::Error for Interrupted {}

/// Tells whether the user wants the command to end.
#[derive(Clone, Debug)]
pub(crate) struct Interrupt(CancellationToken);

impl Interrupt {
    /// From now on SIGINT and SIGTERM no longer end the process by themselves.
    pub(crate) fn listen() -> Self {
        let token = CancellationToken::new();
        for kind in [SignalKind::interrupt(), SignalKind::terminate()] {
            let token = token.clone();
            tokio::spawn(async move {
                if let Ok(mut signals) = signal(kind) {
                    signals.recv().await;
                    token.cancel();
                }
            });
        }
        Self(token)
    }

    /// Completes when the user wants the command to end.
    pub(crate) async fn requested(&self) {
        self.0.cancelled().await;
    }

    /// # Errors
    /// [`Interrupted`] when the user wants the command to end.
    pub(crate) fn check(&self) -> Result<(), Interrupted> {
        if self.0.is_cancelled() { Err(Interrupted) } else { Ok(()) }
    }

    /// Waits for `work`, but no longer than the user wants.
    pub(crate) async fn or<T>(&self, work: impl Future<Output = T>) -> Result<T, Interrupted> {
        tokio::select! {
            result = work => Ok(result),
            () = self.requested() => Err(Interrupted),
        }
    }
}
