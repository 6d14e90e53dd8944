//! What happens when the provider's code panics. A hook writes the trace in the form that Terraform
//! recognises and shows to the user; the call itself answers a diagnostic, so that the provider lives on and
//! other resources finish.

use std::any::Any;
use std::backtrace::Backtrace;
use std::cell::RefCell;
use std::fmt::Write as _;
use std::io::Write as _;
use std::panic::{self, AssertUnwindSafe};
use std::{io, thread};

use futures_util::FutureExt as _;

use crate::Diagnostic;
use crate::diagnostics::codes;

thread_local! {
    /// Where the last panic of this thread came from; the payload that unwinding carries does not know.
    static LOCATION: RefCell<Option<String>> = const { RefCell::new(None) };
}

/// Makes every panic write its message and a backtrace to standard error. Terraform collects what follows a
/// line that begins with `panic: ` and shows it, whatever the log level.
pub(super) fn install_hook() {
    panic::set_hook(Box::new(|info| {
        let location = info.location().map(ToString::to_string).unwrap_or_default();
        let name = thread::current().name().unwrap_or("unnamed").to_owned();
        let mut text = format!("panic: {}\n\nthread {name} at {location}\n", message(info.payload()));
        // Writing to a String cannot fail.
        let _ = writeln!(text, "{}", Backtrace::force_capture());
        LOCATION.set(Some(location));
        // One write, so that no log line gets in between. Without standard error there is nobody to tell.
        let _ = io::stderr().lock().write_all(text.as_bytes());
    }));
}

/// Runs `call` to its end, or to its panic.
///
/// # Errors
/// The diagnostic that the call answers instead when it panicked.
pub(crate) async fn catch<T>(rpc: &str, call: impl Future<Output = T>) -> Result<T, Diagnostic> {
    // What the call had in its hands is dropped with it; what calls share is behind locks that ignore
    // poisoning.
    AssertUnwindSafe(call).catch_unwind().await.map_err(|payload| {
        let message = message(payload.as_ref());
        let place = LOCATION.take().map(|place| format!(" at {place}")).unwrap_or_default();
        Diagnostic::error(
            "The provider panicked",
            format!(
                "{rpc} stopped{place}: {message}.\n\nThis is a bug in the provider: please report it with \
                 the stack trace. What the call did before is done, so look at the real object before trying \
                 again.",
            ),
        )
        .code(codes::PROVIDER_CRASHED)
    })
}

fn message(payload: &(dyn Any + Send)) -> &str {
    payload
        .downcast_ref::<&str>()
        .copied()
        .or_else(|| payload.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("a panic without a message")
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[tokio::test]
    async fn a_panic_becomes_a_diagnostic_that_names_the_call_and_the_message() {
        let diagnostic = catch("ReadResource", async { panic!("lost {}", "it") }).await.unwrap_err();
        assert!(diagnostic.detail.contains("ReadResource"), "{}", diagnostic.detail);
        assert!(diagnostic.detail.contains("lost it"), "{}", diagnostic.detail);
    }

    #[tokio::test]
    async fn a_call_that_ends_is_left_alone() {
        assert_eq!(catch("ReadResource", async { 7 }).await.unwrap(), 7);
    }
}
