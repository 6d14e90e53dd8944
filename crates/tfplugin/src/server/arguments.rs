//! The command line. Terraform passes no argument; a person may ask for one of a few things.

use std::ffi::OsString;

use super::ServeError;

/// What the program was asked to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
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
}

/// Reads the arguments after the program's own name. Go's spelling with one dash is understood as well.
pub(super) fn parse(arguments: impl IntoIterator<Item = OsString>) -> Result<Mode, ServeError> {
    let mut mode = Mode::Plugin;
    for argument in arguments {
        mode = match argument.to_str() {
            Some("--debug" | "-debug") => Mode::Debug,
            Some("--schema" | "-schema") => Mode::Schema,
            Some("--version" | "-version") => Mode::Version,
            Some("--help" | "-help" | "-h") => Mode::Help,
            _ => return Err(ServeError::UnknownArgument(argument.to_string_lossy().into_owned())),
        };
    }
    Ok(mode)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn no_argument_means_plugin() {
        assert_eq!(parse([]).unwrap(), Mode::Plugin);
    }

    #[test]
    fn one_dash_and_two_mean_the_same() {
        for argument in ["-debug", "--debug"] {
            assert_eq!(parse([argument.into()]).unwrap(), Mode::Debug);
        }
        assert_eq!(parse(["--schema".into()]).unwrap(), Mode::Schema);
        assert_eq!(parse(["--version".into()]).unwrap(), Mode::Version);
        assert_eq!(parse(["-help".into()]).unwrap(), Mode::Help);
    }

    #[test]
    fn an_unknown_argument_is_named() {
        let error = parse(["--serve".into()]).unwrap_err();
        assert!(error.to_string().contains("\"--serve\""), "{error}");
    }
}
