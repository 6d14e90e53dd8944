//! The names of everything that a user can be told: one code for each situation, with what the troubleshooting guide says
//! about it. A code is stable, because links lead to it; words may change. Every diagnostic is made through one.

mod error;
mod table;
#[cfg(test)]
mod tests;

use tfplugin::{Diagnostic, DiagnosticCode};

pub use table::Code;

/// Where the provider's documentation is.
const DOCUMENTATION: &str = "https://registry.terraform.io/providers/tidblink/tidblink/latest/docs";

impl Code {
    /// An error about this.
    pub fn error(self, summary: impl Into<String>, detail: impl Into<String>) -> Diagnostic {
        Diagnostic::error(summary, detail).code(self.as_str())
    }

    /// A warning about this.
    pub fn warning(self, summary: impl Into<String>, detail: impl Into<String>) -> Diagnostic {
        Diagnostic::warning(summary, detail).code(self.as_str())
    }
}

impl PartialEq<&str> for Code {
    fn eq(&self, other: &&str) -> bool {
        self.as_str() == *other
    }
}

/// The section of the guide for a code.
pub(crate) fn link(code: &str) -> String {
    format!("{DOCUMENTATION}/guides/troubleshooting#{code}")
}

/// All codes, for the guide.
pub(crate) fn all() -> Vec<DiagnosticCode> {
    Code::ALL
        .iter()
        .map(|code| DiagnosticCode {
            code: code.as_str(),
            group: code.group(),
            title: code.title(),
            guide: code.guide(),
        })
        .collect()
}
