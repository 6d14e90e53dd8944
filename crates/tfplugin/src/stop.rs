//! The stop signal of running calls. `StopProvider` ends the calls that run at that moment and nothing else:
//! Terraform goes on using the same process, so later calls start with a fresh token.

use std::sync::{Arc, Mutex, PoisonError};

use tokio_util::sync::CancellationToken;

/// Hands out the token of the current generation of calls.
#[derive(Clone, Debug, Default)]
pub(crate) struct StopSignal(Arc<Mutex<CancellationToken>>);

impl StopSignal {
    /// The token for a call that starts now.
    pub(crate) fn token(&self) -> CancellationToken {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Cancels the tokens handed out so far.
    pub(crate) fn stop(&self) {
        std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner)).cancel();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stopping_cancels_running_calls_and_not_later_ones() {
        let signal = StopSignal::default();
        let running = signal.token();
        signal.clone().stop();
        assert!(running.is_cancelled());
        assert!(!signal.token().is_cancelled());
    }
}
