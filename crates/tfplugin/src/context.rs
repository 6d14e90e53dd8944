//! What every call of a resource or a data source can rely on: the provider's shared data and the stop
//! signal.

use std::fmt;
use std::sync::Arc;

use tokio_util::sync::CancellationToken;

/// The surroundings of one call.
pub struct Context<D> {
    data: Arc<D>,
    stop: CancellationToken,
}

impl<D> Context<D> {
    /// A context for `data`; `stop` is cancelled when Terraform wants the call to end early.
    pub fn new(data: Arc<D>, stop: CancellationToken) -> Self {
        Self { data, stop }
    }

    /// What [`Provider::configure`](crate::Provider::configure) made.
    pub fn data(&self) -> &Arc<D> {
        &self.data
    }

    /// Cancelled when the user pressed Ctrl-C. A call should then stop waiting and answer what exists so far:
    /// Terraform saves that, but forgets objects it was never told of.
    pub fn stop(&self) -> &CancellationToken {
        &self.stop
    }
}

impl<D> Clone for Context<D> {
    fn clone(&self) -> Self {
        Self { data: Arc::clone(&self.data), stop: self.stop.clone() }
    }
}

impl<D> fmt::Debug for Context<D> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The shared data may hold credentials.
        f.debug_struct("Context").field("stop", &self.stop).finish_non_exhaustive()
    }
}
