//! What the preflights of all clouds put their findings together with.

use crate::clouds::{Concern, Finding, Standing};
use crate::codes::Code;

/// A finding; `detail` is what was found and why it matters, `fix` what to do about it.
pub(super) fn finding(
    code: Code,
    (concern, standing): (Concern, Standing),
    summary: String,
    detail: &str,
    fix: &str,
) -> Finding {
    Finding { code, concern, standing, summary, detail: format!("{detail}\n\n{fix}") }
}

/// "a, b, c".
pub(super) fn join<'a>(parts: impl IntoIterator<Item = &'a str>) -> String {
    parts.into_iter().collect::<Vec<_>>().join(", ")
}
