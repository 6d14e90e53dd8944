//! Waiting for something inside the process without outliving the operation. For waits on the network this is wrong:
//! a request in flight is never dropped.

use std::future::Future;
use std::time::Duration;

use crate::operation::{Halt, Operation};

/// Completes with `wait`, or earlier when the operation ends.
pub(super) async fn until<T>(operation: &Operation, wait: impl Future<Output = T>) -> Result<T, Halt> {
    let end = async {
        loop {
            if let Err(halt) = operation.sleep(Duration::from_secs(3600)).await {
                return halt;
            }
        }
    };
    tokio::select! {
        biased;
        value = wait => Ok(value),
        halt = end => Err(halt),
    }
}
