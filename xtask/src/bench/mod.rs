//! `cargo xtask bench`: what the provider costs, measured against a release build and the sandbox. Prints a table with
//! the figure to reach beside each value; judges nothing, because a loaded machine is not a regression.

mod create;
mod process;

use anyhow::Result;
use tempfile::TempDir;

use self::create::Create;
use crate::cargo::{self, PROVIDER, Profile, SANDBOX};
use crate::interrupt::Interrupt;
use crate::terraform;

/// Measures and prints.
///
/// # Errors
/// When a build or a terraform command fails.
pub(crate) async fn run(interrupt: &Interrupt) -> Result<()> {
    let terraform = terraform::find()?;
    let release = interrupt.or(cargo::build(&[PROVIDER], Profile::Release)).await??;
    let dev = interrupt.or(cargo::build(&[SANDBOX], Profile::Dev)).await??;
    let provider = &release[PROVIDER];

    let mut table = Table::default();
    let start = process::start(provider)?;
    table.row("start of the process to handshake line, median of 15", milliseconds(start.median), "5 ms");
    table.row("resident memory after the handshake", mebibytes(start.resident), "10 MiB");
    table.row("release binary, stripped", mebibytes(Some(std::fs::metadata(provider)?.len())), "15 MiB");

    let folder = TempDir::with_prefix("tidblink-bench-")?;
    let create = Create::measure(&terraform, provider, &dev[SANDBOX], folder.path(), interrupt).await?;
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
    table.print();
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

/// Lines of three columns.
#[derive(Debug, Default)]
struct Table {
    rows: Vec<[String; 3]>,
}

impl Table {
    fn row(&mut self, what: &str, value: String, reach: &str) {
        self.rows.push([what.to_owned(), value, reach.to_owned()]);
    }

    fn print(&self) {
        let head = ["what".to_owned(), "measured".to_owned(), "reach".to_owned()];
        let width = |column: usize| {
            self.rows.iter().chain([&head]).map(|row| row[column].chars().count()).max().unwrap_or_default()
        };
        let (first, second) = (width(0), width(1));
        for [what, value, reach] in [&head].into_iter().chain(&self.rows) {
            println!("{what:first$}  {value:second$}  {reach}");
        }
    }
}
