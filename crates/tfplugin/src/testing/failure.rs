//! What went wrong in a step of a test: the provider's own errors, or the rules of Terraform that it broke.

use std::fmt;

use crate::checks::CheckError;
use crate::proto::tfplugin6 as wire;
use crate::proto::{diagnostics_from_proto, tfplugin6::DynamicValue};
use crate::{AttributePath, Diagnostic, Diagnostics, Severity};

/// A step that Terraform would not have gone on from. `Debug` shows the same text as `Display`.
#[derive(Clone, PartialEq)]
pub struct TestFailure {
    /// The RPC after which it stopped.
    pub rpc: &'static str,
    /// What the provider told the user.
    pub diagnostics: Diagnostics,
    /// What Terraform would call a bug in the provider.
    pub violations: Vec<CheckError>,
}

impl TestFailure {
    pub(super) fn violations(rpc: &'static str, violations: Vec<CheckError>) -> Self {
        Self { rpc, diagnostics: Diagnostics::new(), violations }
    }

    pub(super) fn violation(rpc: &'static str, path: AttributePath, message: impl Into<String>) -> Self {
        Self::violations(rpc, vec![CheckError::new(path, message)])
    }

    /// An answer that does not fit the schema.
    pub(super) fn unreadable(rpc: &'static str, error: Diagnostic) -> Self {
        Self::violation(rpc, error.attribute.unwrap_or_default(), error.detail)
    }
}

impl fmt::Display for TestFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} failed", self.rpc)?;
        for diagnostic in &self.diagnostics {
            let severity = match diagnostic.severity {
                Severity::Error => "error",
                Severity::Warning => "warning",
            };
            write!(f, "\n{severity}: {}", diagnostic.summary)?;
            if let Some(path) = &diagnostic.attribute {
                write!(f, " (at {path})")?;
            }
            write!(f, "\n  {}", diagnostic.detail)?;
        }
        for violation in &self.violations {
            write!(f, "\nbug in the provider: {violation}")?;
        }
        Ok(())
    }
}

impl fmt::Debug for TestFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl std::error::Error for TestFailure {}

/// The warnings of an answer, or its failure.
pub(super) fn check(
    rpc: &'static str,
    diagnostics: Vec<wire::Diagnostic>,
) -> Result<Diagnostics, TestFailure> {
    let diagnostics = diagnostics_from_proto(diagnostics);
    if diagnostics.has_errors() {
        Err(TestFailure { rpc, diagnostics, violations: Vec::new() })
    } else {
        Ok(diagnostics)
    }
}

/// A value that the test itself made, which must fit.
pub(super) fn expect_encodable(encoded: Result<DynamicValue, Diagnostic>) -> DynamicValue {
    encoded.unwrap_or_else(|error| panic!("the test's own value does not fit the schema: {}", error.detail))
}
