//! Messages for the user of Terraform.
//!
//! Whatever goes wrong in a provider reaches the user as a [`Diagnostic`], never as a broken call. [`Diagnostics`]
//! collects them so that one run can report everything it found.

use crate::path::{AttributePath, PathError};

/// Whether a diagnostic stops the operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Severity {
    /// The operation failed.
    Error,
    /// The operation went on; the user should know.
    Warning,
}

/// One message: what happened, why it matters and what to do.
///
/// ```
/// use tfplugin::Diagnostic;
///
/// let error = Diagnostic::error("VPC not found", "There is no VPC vpc-1 in us-west-2. Look at the region, and try again.")
///     .at("network.vpc_id")
///     .code("vpc-not-found");
/// assert!(error.is_error());
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    /// Error or warning.
    pub severity: Severity,
    /// One line, no full stop.
    pub summary: String,
    /// Paragraphs. May be empty.
    pub detail: String,
    /// The argument that Terraform underlines, if there is one.
    pub attribute: Option<AttributePath>,
    /// A stable name for the situation, by which the user finds more about it: see
    /// [`Provider::help`](crate::Provider::help).
    pub code: Option<&'static str>,
}

/// A code that diagnostics can bear, for a guide.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DiagnosticCode {
    /// The code.
    pub code: &'static str,
    /// The part of the guide that it belongs to.
    pub group: &'static str,
    /// What it is, in a few words.
    pub title: &'static str,
    /// Why it happens and what to do, in Markdown.
    pub guide: &'static str,
}

/// The codes of what this crate tells users by itself. A provider that links to a guide needs an entry for each.
pub mod codes {
    /// A value breaks the rule of an attribute.
    pub const INVALID_VALUE: &str = "invalid-value";
    /// Several arguments are set of which only one may be.
    pub const CONFLICTING_ARGUMENTS: &str = "conflicting-arguments";
    /// A required argument is null; or none, or not all, of several arguments are set.
    pub const MISSING_ARGUMENT: &str = "missing-argument";
    /// The provider's code panicked.
    pub const PROVIDER_CRASHED: &str = "provider-crashed";
    /// Everything else between Terraform and the provider.
    pub const PLUGIN: &str = "plugin";
    /// All of them.
    pub const ALL: [&str; 5] =
        [INVALID_VALUE, CONFLICTING_ARGUMENTS, MISSING_ARGUMENT, PROVIDER_CRASHED, PLUGIN];
}

impl Diagnostic {
    /// An error that concerns the whole resource until [`Diagnostic::at`] says otherwise.
    pub fn error(summary: impl Into<String>, detail: impl Into<String>) -> Self {
        Self {
            severity: Severity::Error,
            summary: summary.into(),
            detail: detail.into(),
            attribute: None,
            code: None,
        }
    }

    /// A warning that concerns the whole resource until [`Diagnostic::at`] says otherwise.
    pub fn warning(summary: impl Into<String>, detail: impl Into<String>) -> Self {
        Self { severity: Severity::Warning, ..Self::error(summary, detail) }
    }

    /// Points the message at an argument.
    #[must_use]
    pub fn at(mut self, path: impl Into<AttributePath>) -> Self {
        self.attribute = Some(path.into());
        self
    }

    /// Names the situation.
    #[must_use]
    pub fn code(mut self, code: &'static str) -> Self {
        self.code = Some(code);
        self
    }

    /// Whether this is an error.
    pub fn is_error(&self) -> bool {
        self.severity == Severity::Error
    }
}

impl From<PathError> for Diagnostic {
    fn from(error: PathError) -> Self {
        Self::error("Unexpected value", error.to_string()).at(error.path)
    }
}

/// The diagnostics of one operation, in the order they were found.
///
/// ```
/// use tfplugin::{Diagnostic, Diagnostics};
///
/// let mut found = Diagnostics::from(Diagnostic::warning("Port closed", "Open it, or clients cannot connect."));
/// assert!(!found.has_errors());
/// found.push(Diagnostic::error("VPC not found", "").at("network.vpc_id"));
/// assert!(found.has_errors());
/// assert_eq!(found.len(), 2);
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Diagnostics(Vec<Diagnostic>);

impl Diagnostics {
    /// No diagnostics yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds one.
    pub fn push(&mut self, diagnostic: Diagnostic) {
        self.0.push(diagnostic);
    }

    /// Adds an error that concerns the whole resource.
    pub fn error(&mut self, summary: impl Into<String>, detail: impl Into<String>) {
        self.push(Diagnostic::error(summary, detail));
    }

    /// Adds a warning that concerns the whole resource.
    pub fn warning(&mut self, summary: impl Into<String>, detail: impl Into<String>) {
        self.push(Diagnostic::warning(summary, detail));
    }

    /// Whether any of them is an error.
    pub fn has_errors(&self) -> bool {
        self.0.iter().any(Diagnostic::is_error)
    }

    /// Whether there are none at all.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// All of them, in order.
    pub fn iter(&self) -> std::slice::Iter<'_, Diagnostic> {
        self.0.iter()
    }

    /// All of them, in order.
    pub fn into_vec(self) -> Vec<Diagnostic> {
        self.0
    }
}

impl Extend<Diagnostic> for Diagnostics {
    fn extend<I: IntoIterator<Item = Diagnostic>>(&mut self, diagnostics: I) {
        self.0.extend(diagnostics);
    }
}

impl FromIterator<Diagnostic> for Diagnostics {
    fn from_iter<I: IntoIterator<Item = Diagnostic>>(diagnostics: I) -> Self {
        Self(diagnostics.into_iter().collect())
    }
}

impl From<Diagnostic> for Diagnostics {
    fn from(diagnostic: Diagnostic) -> Self {
        Self(vec![diagnostic])
    }
}

impl From<Vec<Diagnostic>> for Diagnostics {
    fn from(diagnostics: Vec<Diagnostic>) -> Self {
        Self(diagnostics)
    }
}

impl IntoIterator for Diagnostics {
    type Item = Diagnostic;
    type IntoIter = std::vec::IntoIter<Diagnostic>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

impl<'a> IntoIterator for &'a Diagnostics {
    type Item = &'a Diagnostic;
    type IntoIter = std::slice::Iter<'a, Diagnostic>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn warnings_alone_are_not_errors() {
        let mut found = Diagnostics::from(Diagnostic::warning("Slow", ""));
        assert!(!found.has_errors());
        found.push(Diagnostic::error("Broken", "").at("net.tag_id"));
        assert!(found.has_errors());
        assert_eq!(found.len(), 2);
    }

    #[test]
    fn a_value_error_points_at_its_path() {
        let diagnostic = Diagnostic::from(PathError::new("net.tag_id", "expected a string, found a map"));
        assert_eq!(diagnostic.attribute, Some(AttributePath::from("net.tag_id")));
        assert_eq!(diagnostic.detail, "net.tag_id: expected a string, found a map");
    }
}
