//! Diagnostics and attribute paths on the wire.

use super::tfplugin6 as wire;
use super::tfplugin6::attribute_path::step::Selector;
use crate::diagnostics::codes;
use crate::{AttributePath, Diagnostic, Diagnostics, Severity, Step};

/// Diagnostics as Terraform reads them; `help` says where there is more about a code.
pub(crate) fn diagnostics_to_proto(
    diagnostics: Diagnostics,
    help: impl Fn(&str) -> Option<String>,
) -> Vec<wire::Diagnostic> {
    let convert = |diagnostic: Diagnostic| {
        let code = diagnostic.code.unwrap_or(codes::PLUGIN);
        let mut wire = diagnostic_to_proto(diagnostic);
        if let Some(address) = help(code) {
            let gap = if wire.detail.is_empty() { "" } else { "\n\n" };
            wire.detail.push_str(&format!("{gap}More about this: {address}"));
        }
        wire
    };
    diagnostics.into_iter().map(convert).collect()
}

/// Diagnostics as Terraform would understand them.
pub(crate) fn diagnostics_from_proto(diagnostics: Vec<wire::Diagnostic>) -> Diagnostics {
    let diagnostics = diagnostics.into_iter().map(|diagnostic| Diagnostic {
        severity: match diagnostic.severity() {
            wire::diagnostic::Severity::Warning => Severity::Warning,
            wire::diagnostic::Severity::Error | wire::diagnostic::Severity::Invalid => Severity::Error,
        },
        summary: diagnostic.summary,
        detail: diagnostic.detail,
        attribute: diagnostic.attribute.map(path_from_proto),
        code: None,
    });
    diagnostics.collect()
}

fn diagnostic_to_proto(diagnostic: Diagnostic) -> wire::Diagnostic {
    let severity = match diagnostic.severity {
        Severity::Error => wire::diagnostic::Severity::Error,
        Severity::Warning => wire::diagnostic::Severity::Warning,
    };
    wire::Diagnostic {
        severity: severity.into(),
        summary: diagnostic.summary,
        detail: located(diagnostic.detail, diagnostic.attribute.as_ref()),
        // The path of nothing in particular is no path, or Terraform would underline the whole block.
        attribute: diagnostic
            .attribute
            .filter(|path| !path.addressable().is_root())
            .map(|path| path_to_proto(&path)),
    }
}

/// The detail, with the path where Terraform would not show it: it underlines top-level arguments only and
/// points at the whole block for anything deeper.
fn located(detail: String, path: Option<&AttributePath>) -> String {
    match path.filter(|path| path.steps().len() > 1) {
        Some(path) if detail.is_empty() => format!("Argument: {path}"),
        Some(path) => format!("{detail}\n\nArgument: {path}"),
        None => detail,
    }
}

/// A path as far as the wire can express it: up to the first set.
pub(super) fn path_to_proto(path: &AttributePath) -> wire::AttributePath {
    let path = path.addressable();
    let steps = path.steps().iter().filter_map(|step| {
        Some(match step {
            Step::Attribute(name) => Selector::AttributeName(name.clone()),
            Step::Key(key) => Selector::ElementKeyString(key.clone()),
            Step::Index(index) => Selector::ElementKeyInt(*index),
            Step::Element => return None,
        })
    });
    let steps = steps.map(|selector| wire::attribute_path::Step { selector: Some(selector) });
    wire::AttributePath { steps: steps.collect() }
}

pub(super) fn path_from_proto(path: wire::AttributePath) -> AttributePath {
    let selectors = path.steps.into_iter().filter_map(|step| step.selector);
    let steps = selectors.map(|selector| match selector {
        Selector::AttributeName(name) => Step::Attribute(name),
        Selector::ElementKeyString(key) => Step::Key(key),
        Selector::ElementKeyInt(index) => Step::Index(index),
    });
    steps.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_ends_where_a_set_begins() {
        let path = AttributePath::of("rules").index(2).attribute("ports").element().attribute("name");
        let selectors: Vec<_> =
            path_to_proto(&path).steps.into_iter().filter_map(|step| step.selector).collect();
        assert_eq!(
            selectors,
            [
                Selector::AttributeName("rules".into()),
                Selector::ElementKeyInt(2),
                Selector::AttributeName("ports".into())
            ]
        );
    }

    #[test]
    fn words_say_where_when_terraform_would_not_show_it() {
        let nested = AttributePath::of("net").attribute("subnet_ids");
        let diagnostics = vec![
            Diagnostic::error("Broken", "It is broken.").at(nested.clone()),
            Diagnostic::error("Broken", "").at(nested),
        ];
        let wire = diagnostics_to_proto(diagnostics.into(), |_| None);
        assert_eq!(wire[0].detail, "It is broken.\n\nArgument: net.subnet_ids");
        assert_eq!(wire[1].detail, "Argument: net.subnet_ids");
    }

    #[test]
    fn severity_and_text_are_kept_and_the_root_is_no_path() {
        let diagnostics = vec![
            Diagnostic::warning("Slow", "It takes long.").at(AttributePath::root()),
            Diagnostic::error("Broken", "It is broken.").at("name"),
        ];
        let wire = diagnostics_to_proto(diagnostics.into(), |_| None);
        assert_eq!(wire[0].severity(), wire::diagnostic::Severity::Warning);
        assert_eq!((wire[0].summary.as_str(), wire[0].detail.as_str()), ("Slow", "It takes long."));
        assert!(wire[0].attribute.is_none());
        assert_eq!(wire[1].severity(), wire::diagnostic::Severity::Error);
        assert!(wire[1].attribute.is_some());
        let back = diagnostics_from_proto(wire).into_vec();
        assert_eq!(back[1], Diagnostic::error("Broken", "It is broken.").at("name"));
    }

    #[test]
    fn the_last_line_leads_to_the_guide() {
        let help = |code: &str| (code != codes::PLUGIN).then(|| format!("https://example.com/#{code}"));
        let diagnostics = vec![
            Diagnostic::error("Broken", "It is broken.")
                .code("broken")
                .at(AttributePath::of("a").attribute("b")),
            Diagnostic::warning("Slow", "").code("slow"),
            Diagnostic::error("Odd", "It is odd."),
        ];
        let details: Vec<_> =
            diagnostics_to_proto(diagnostics.into(), help).into_iter().map(|wire| wire.detail).collect();
        assert_eq!(
            details,
            [
                "It is broken.\n\nArgument: a.b\n\nMore about this: https://example.com/#broken",
                "More about this: https://example.com/#slow",
                "It is odd."
            ]
        );
    }
}
