//! The entry point: decides from the command line and the environment what the process is to be.

use std::io::{self, Write as _};
use std::{env, fmt};

use super::arguments::{self, Mode};
use super::handshake::{HandshakeLine, Startup};
use super::listener::{Listener, PortRange};
use super::reattach::reattach_config;
use super::run::run;
use super::schema_json::schema_json;
use super::signals::Signals;
use super::tls::Tls;
use super::{ServeError, Service, log, panic};
use crate::Provider;

/// What [`serve`] must know besides the provider itself.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct ServeOptions {
    /// The provider's full address in the registry: `HOST/NAMESPACE/NAME`, such as
    /// `registry.terraform.io/hashicorp/random`.
    pub address: String,
    /// The crates that log, all of them when there are none; see [`init_logging`](crate::init_logging).
    pub log_crates: Vec<&'static str>,
    /// What the program can print by hand beside its schema and version.
    pub printouts: Vec<Printout>,
}

/// Something that the program prints when somebody starts it by hand with a certain argument.
#[derive(Clone, Copy, Debug)]
pub struct Printout {
    /// The argument, without dashes.
    pub argument: &'static str,
    /// What is printed, for `--help`: "print …".
    pub about: &'static str,
    /// What is printed.
    pub text: fn() -> String,
}

impl ServeOptions {
    /// Options for the provider at `address` (`HOST/NAMESPACE/NAME`).
    pub fn new(address: impl Into<String>) -> Self {
        Self { address: address.into(), log_crates: Vec::new(), printouts: Vec::new() }
    }

    /// Logs only what these crates have to say. For every provider whose libraries handle secrets; see [`init_logging`](crate::init_logging).
    #[must_use]
    pub fn log_only(mut self, crates: impl IntoIterator<Item = &'static str>) -> Self {
        self.log_crates.extend(crates);
        self
    }

    /// Prints `text` and ends when the program is started by hand with `--` and `argument`; `about` says so in `--help`.
    #[must_use]
    pub fn print_on(mut self, argument: &'static str, about: &'static str, text: fn() -> String) -> Self {
        self.printouts.push(Printout { argument, about, text });
        self
    }
}

/// Runs the provider: the whole of a provider's `main`.
///
/// Without arguments the process is a plugin that Terraform started. A person may say `--debug` to get a
/// server that Terraform can be attached to (it prints `TF_REATTACH_PROVIDERS` and serves until SIGINT),
/// `--schema` for all schemas in the shape of `terraform providers schema -json`, `--version`, `--help`, or
/// what [`ServeOptions::print_on`] adds.
///
/// Call it early on a Tokio runtime with I/O and time enabled; a current-thread runtime does well. Standard
/// output belongs to the handshake, so nothing else may be printed there. Logging is set up here (see
/// [`init_logging`](crate::init_logging)), and a panic hook that Terraform understands.
///
/// # Errors
/// When the process cannot start to serve or the server breaks. Where Terraform is listening, it has been
/// told.
pub async fn serve<P: Provider>(provider: P, options: ServeOptions) -> Result<(), ServeError> {
    match arguments::parse(env::args_os().skip(1), &options.printouts)? {
        Mode::Version => print_line(format_args!("{} {}", provider.name(), provider.version())),
        Mode::Help => print_line(help(provider.name(), &options)),
        Mode::Print(text) => print_line(text()),
        Mode::Schema => {
            print_line(format_args!("{:#}", schema_json(&Service::new(provider), &options.address)))
        }
        Mode::Debug => debug(provider, &options).await,
        Mode::Plugin => {
            let startup = Startup::parse(|name| env::var_os(name));
            let result = match startup {
                Ok(startup) => plugin(provider, &options, startup).await,
                Err(error) => Err(error),
            };
            if let Err(error) = &result
                && !matches!(error, ServeError::NotStartedByTerraform | ServeError::Transport(_))
            {
                // In place of the handshake line: the one text that Terraform shows when a plugin does not
                // start.
                print_line(error)?;
            }
            result
        }
    }
}

fn help(name: &str, options: &ServeOptions) -> String {
    let own = [
        ("debug", "serve until Ctrl-C, and say how Terraform is attached to this process"),
        ("schema", "print all schemas as JSON, as `terraform providers schema -json` does"),
        ("version", "print the version"),
        ("help", "print this"),
    ];
    let offered = options.printouts.iter().map(|printout| (printout.argument, printout.about));
    let arguments: Vec<_> = own[..2].iter().copied().chain(offered).chain(own[2..].iter().copied()).collect();
    let width = arguments.iter().map(|(argument, _)| argument.len()).max().unwrap_or_default();
    let lines: String =
        arguments.iter().map(|(argument, about)| format!("\n  --{argument:width$}  {about}")).collect();
    format!(
        "The Terraform provider {name} ({}).\n\n\
         Terraform starts it by itself: name it in required_providers and run `terraform init`. By hand it takes\n{lines}",
        options.address
    )
}

async fn plugin<P: Provider>(
    provider: P,
    options: &ServeOptions,
    startup: Startup,
) -> Result<(), ServeError> {
    log::init_logging(provider.name(), &options.log_crates);
    panic::install_hook();
    let signals = Signals::catch().map_err(ServeError::Process)?;
    let tls = startup.client_certificate.map(Tls::pinned_to).transpose()?;
    let listener =
        Listener::bind(startup.socket_dir.as_deref(), startup.socket_group.as_deref(), startup.ports)
            .await
            .map_err(ServeError::Listen)?;
    print_line(HandshakeLine {
        network: listener.network(),
        address: &listener.address().map_err(ServeError::Listen)?,
        certificate: tls.as_ref().map(|tls| &tls.certificate),
        says_multiplex: startup.says_multiplex,
    })?;
    let service = Service::new(provider).with_address(&options.address);
    run(service, listener, tls.map(|tls| tls.acceptor), signals, false).await
}

async fn debug<P: Provider>(provider: P, options: &ServeOptions) -> Result<(), ServeError> {
    log::init_logging(provider.name(), &options.log_crates);
    let signals = Signals::catch().map_err(ServeError::Process)?;
    let listener =
        Listener::bind(None, None, PortRange::new(None, None)).await.map_err(ServeError::Listen)?;
    let address = listener.address().map_err(ServeError::Listen)?;
    let config = reattach_config(&options.address, listener.network(), &address);
    print_line(format_args!(
        "Provider started. To attach Terraform to it, set in its environment:\n\n\t\
         TF_REATTACH_PROVIDERS='{config}'\n"
    ))?;
    let service = Service::new(provider).with_address(&options.address);
    run(service, listener, None, signals, true).await
}

fn print_line(line: impl fmt::Display) -> Result<(), ServeError> {
    let mut stdout = io::stdout().lock();
    writeln!(stdout, "{line}").and_then(|()| stdout.flush()).map_err(ServeError::Process)
}
