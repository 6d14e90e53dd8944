//! The project's own commands, run as `cargo demo` and `cargo xtask COMMAND`. They build and drive the provider, the
//! sandbox and a terraform binary from outside, as a user would; none of the provider's code is linked in here.

#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a command line tool talks on the terminal")]

mod bench;
mod cargo;
mod control;
mod demo;
mod dist;
mod docs;
mod interrupt;
mod playground;
mod reliability;
mod requests;
mod scenario;
mod terraform;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::interrupt::{Interrupt, Interrupted};
use crate::scenario::Scenario;

/// The project's own commands.
#[derive(Debug, Parser)]
#[command(bin_name = "cargo xtask", version)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Watch terraform make, check and destroy a private endpoint against the sandbox; needs no account.
    Demo {
        /// What to connect to.
        #[arg(value_enum, default_value_t)]
        scenario: Scenario,
        /// Leave the endpoint, the sandbox and the working folder for playing, and print the commands to type.
        #[arg(long)]
        keep: bool,
    },
    /// Write the Terraform Registry's pages in docs/ from the provider's schema and the examples.
    Docs {
        /// Change nothing; fail when a page is out of date.
        #[arg(long)]
        check: bool,
    },
    /// Build, pack and sign a release; `--prebuilt` packs what was built elsewhere.
    Dist(dist::Options),
    /// Fail every call of every step in every way, and write what comes of it into docs/reliability.md. Takes minutes.
    Reliability,
    /// Measure start-up, memory, size, requests and fleets with a release build. Prints a table and JSON; judges nothing.
    Bench {
        /// Leave out larger fleets than this.
        #[arg(long, default_value_t = 1_000)]
        largest: usize,
        /// Write docs/benchmarks.md and its curves.
        #[arg(long)]
        write: bool,
    },
}

#[tokio::main]
async fn main() -> ExitCode {
    let interrupt = Interrupt::listen();
    // `cargo demo -- --keep` arrives with the two dashes, because the alias has used up cargo's own.
    let arguments = std::env::args_os().filter(|argument| argument != "--");
    let result = match Arguments::parse_from(arguments).command {
        Command::Demo { scenario, keep } => demo::run(scenario, keep, &interrupt).await,
        Command::Docs { check } => docs::run(check).await,
        Command::Dist(options) => dist::run(options).await,
        Command::Reliability => reliability::run().await,
        Command::Bench { largest, write } => bench::run(largest, write, &interrupt).await,
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) if error.is::<Interrupted>() => {
            eprintln!("{error}");
            ExitCode::from(130)
        }
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}
