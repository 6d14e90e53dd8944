//! The command line. Terraform passes no argument; a person may ask for one of a few things.

use std::ffi::OsString;

use super::ServeError;
use super::mode::Printout;

/// What the program was asked to do.
#[derive(Clone, Copy, Debug)]
pub(super) enum Mode {
    /// Be a plugin of the Terraform that started it.
    Plugin,
    /// Serve until SIGINT and say how Terraform can attach.
    Debug,
    /// Print all schemas as JSON.
    Schema,
    /// Print the version.
    Version,
    /// Say what there is to ask for.
    Help,
    /// Print what the provider itself offers to print.
    Print(fn() -> String),
}

/// Reads the arguments after the program's own name, of which `printouts` are the provider's. Go's spelling with one dash is
/// understood as well.
pub(super) fn parse(
    arguments: impl IntoIterator<Item = OsString>,
    printouts: &[Printout],
) -> Result<Mode, ServeError> {
    let printout = |text: &str| {
        let word = text.trim_start_matches('-');
        printouts.iter().find(|printout| text.starts_with('-') && printout.argument == word)
    };
    let mut mode = Mode::Plugin;
    for argument in arguments {
        mode = match argument.to_str() {
            Some("--debug" | "-debug") => Mode::Debug,
            Some("--schema" | "-schema") => Mode::Schema,
            Some("--version" | "-version") => Mode::Version,
            Some("--help" | "-help" | "-h") => Mode::Help,
            Some(text) if let Some(printout) = printout(text) => Mode::Print(printout.text),
            _ => return Err(ServeError::UnknownArgument(argument.to_string_lossy().into_owned())),
        };
    }
    Ok(mode)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    fn read(argument: &str) -> Result<Mode, ServeError> {
        let offered = Printout { argument: "policy", about: "print the policy", text: || "allow".to_owned() };
        parse((!argument.is_empty()).then(|| argument.into()), &[offered])
    }

    #[test]
    fn no_argument_means_plugin() {
        assert!(matches!(read("").unwrap(), Mode::Plugin));
    }

    #[test]
    fn one_dash_and_two_mean_the_same() {
        for argument in ["-debug", "--debug"] {
            assert!(matches!(read(argument).unwrap(), Mode::Debug));
        }
        assert!(matches!(read("--schema").unwrap(), Mode::Schema));
        assert!(matches!(read("--version").unwrap(), Mode::Version));
        assert!(matches!(read("-help").unwrap(), Mode::Help));
    }

    #[test]
    fn a_provider_may_offer_more() {
        for argument in ["-policy", "--policy"] {
            assert!(matches!(read(argument).unwrap(), Mode::Print(text) if text() == "allow"));
        }
    }

    #[test]
    fn an_unknown_argument_is_named() {
        for argument in ["--serve", "policy"] {
            let error = read(argument).unwrap_err();
            assert!(error.to_string().contains(&format!("{argument:?}")), "{error}");
        }
    }
}
