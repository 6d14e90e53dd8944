//! `cargo xtask bench`: what the provider costs, measured against a release build and the sandbox. Prints a table with
//! the figure to reach beside each value; judges nothing, because a loaded machine is not a regression.

mod create;
mod fleet;
mod noting;
mod patience;
mod plot;
mod process;
mod report;

use anyhow::Result;
use tempfile::TempDir;

use self::create::Create;
use self::fleet::Bench;
use self::report::Report;
use crate::cargo::{self, PROVIDER, Profile, SANDBOX};
use crate::interrupt::Interrupt;
use crate::terraform;

/// A hundred creates side by side, for ten clusters.
const RUSH: (usize, usize) = (100, 10);
/// How fast the services' time runs meanwhile: the machine's own part must stay small.
const RUSH_SPEED: u32 = 20;

/// Measures and prints; with `largest`, only fleets up to that size; with `write`, the page in `docs` as well.
///
/// # Errors
/// When a build or a terraform command fails.
pub(crate) async fn run(largest: usize, write: bool, interrupt: &Interrupt) -> Result<()> {
    let terraform = terraform::find()?;
    let release = interrupt.or(cargo::build(&[PROVIDER], Profile::Release)).await??;
    // Built apart: together, cargo would unite the features of both and measure another provider than users have.
    let sandbox = interrupt.or(cargo::build(&[SANDBOX], Profile::Release)).await??;
    let sandbox = &sandbox[SANDBOX];
    let provider = &release[PROVIDER];

    let mut table = Report::default();
    let start = process::start(provider)?;
    table.row("start of the process to handshake line, median of 15", milliseconds(start.median), "5 ms");
    table.row("resident memory after the handshake", mebibytes(start.resident), "10 MiB");
    table.row("release binary, stripped", mebibytes(Some(std::fs::metadata(provider)?.len())), "15 MiB");

    let folder = TempDir::with_prefix("tidblink-bench-")?;
    let create = Create::measure(&terraform, provider, sandbox, folder.path(), interrupt).await?;
    table.row("peak resident memory of a plan of one endpoint", mebibytes(create.plan_memory), "20 MiB");
    for (service, operations) in create.requests.services() {
        for (operation, number) in operations {
            table.row(
                &format!("requests of one create: {service} {operation}"),
                number.to_string(),
                create::limit(operation),
            );
        }
    }
    for wait in &create.waits {
        let reach = format!("{:.1} s", (wait.service * 0.1).max(5.0));
        let value = format!("{:.1} s, on top of the service's {:.0} s", wait.added, wait.service);
        table.row(&format!("added to the wait until {}", wait.until), value, &reach);
    }
    let bench = Bench { terraform: &terraform, provider, sandbox, interrupt };
    for seconds in patience::TIMES {
        let room = folder.path().join(format!("patience-{seconds}"));
        table.patience.push(bench.patience(seconds, &room).await?);
    }
    for size in fleet::SIZES.into_iter().filter(|size| *size <= largest) {
        eprintln!("a fleet of {size}");
        table.fleets.push(bench.fleet(size, &folder.path().join(format!("fleet-{size}"))).await?);
    }
    if largest >= RUSH.0 {
        table.rush = Some(bench.rush(RUSH.0, RUSH.1, RUSH_SPEED, &folder.path().join("rush")).await?);
    }
    table.sum_up();
    table.print()?;
    if write {
        table.write()?;
    }
    Ok(())
}

fn milliseconds(duration: std::time::Duration) -> String {
    format!("{:.1} ms", duration.as_secs_f64() * 1000.0)
}

/// Memory is only measured where the system tells it under `/proc`.
fn mebibytes(bytes: Option<u64>) -> String {
    bytes.map_or_else(
        || "not measured on this system".into(),
        |bytes| format!("{:.1} MiB", bytes as f64 / 1_048_576.0),
    )
}
