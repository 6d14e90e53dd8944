//! What an error must tell: which side, which step, what exists, what to do.

use tfplugin::testing::TestFailure;
use tfplugin::{Diagnostic, Severity};
use tidblink_sandbox::Door;

use super::system::System;

/// How a summary says which step it was, or what was found that no step can pass.
const STEPS: [&str; 11] = [
    "Could not ",
    "Stopped while ",
    "Stopped before ",
    "did not become active",
    "exists already",
    "not found",
    "does not show",
    "has no name",
    "cannot be used",
    "Nothing to import",
    "is gone",
];

/// How a text says what exists.
const EXISTS: [&str; 7] = [
    "What exists: ",
    "Nothing was made",
    "Nothing was changed",
    "nothing was changed",
    "is not known, because no answer came",
    "Nothing is left",
    "kept in the state",
];

/// How a text says what to do.
const TO_DO: [&str; 6] = [
    "un `terraform apply` again",
    "un `terraform destroy` again",
    "terraform untaint",
    "import {",
    "un the same command again",
    "terraform destroy -refresh=false",
];

/// What is missing in the errors of a step that failed; empty when nothing is.
pub(super) fn missing(failure: &TestFailure, door: Option<Door>) -> Vec<String> {
    let mut missing: Vec<String> =
        failure.violations.iter().map(|it| format!("a bug in the provider: {it}")).collect();
    let errors = failure.diagnostics.iter().filter(|it| it.severity == Severity::Error);
    missing.extend(errors.flat_map(|error| gaps(error, door)));
    missing
}

fn gaps(error: &Diagnostic, door: Option<Door>) -> Vec<String> {
    let text = format!("{}\n{}", error.summary, error.detail);
    let has = |words: &[&str]| words.iter().any(|words| text.contains(words));
    let mut gaps = Vec::new();
    if let Some(door) = door
        && !has(System::side(door))
    {
        gaps.push("the side");
    }
    if !STEPS.iter().any(|step| error.summary.contains(step)) {
        gaps.push("the step");
    }
    if !has(&EXISTS) {
        gaps.push("what exists");
    }
    if !has(&TO_DO) {
        gaps.push("what to do");
    }
    gaps.into_iter().map(|gap| format!("an error does not tell {gap}:\n{text}")).collect()
}
