//! Everything that was measured: as a table for the terminal, as JSON for machines, and as `docs/benchmarks.md` with its
//! curves for readers.

use std::fmt::Write as _;
use std::fs;

use anyhow::Result;
use serde::Serialize;

use super::fleet::{Fleet, Pass, Rush};
use super::patience::Patience;
use super::plot::{Series, svg};
use crate::cargo;

/// One line: what, measured, to reach.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Row {
    what: String,
    measured: String,
    reach: String,
}

/// The report.
#[derive(Debug, Default, Serialize)]
pub(super) struct Report {
    rows: Vec<Row>,
    pub(super) fleets: Vec<Fleet>,
    pub(super) rush: Option<Rush>,
    pub(super) patience: Vec<Patience>,
}

impl Report {
    pub(super) fn row(&mut self, what: &str, measured: String, reach: &str) {
        self.rows.push(Row { what: what.to_owned(), measured, reach: reach.to_owned() });
    }

    /// Adds the lines about fleets and waits.
    pub(super) fn sum_up(&mut self) {
        for fleet in self.fleets.clone() {
            let reach = |pass: &str| match (pass, fleet.endpoints) {
                ("refresh", 500) => "12 TiDB Cloud calls, 2 EC2 calls, 3 s",
                ("refresh", 1_000) => "twice the time of 500, 60 MiB",
                _ => "",
            };
            for (name, pass) in fleet.passes() {
                let what = match fleet.endpoints {
                    1 => format!("{name} of one Dedicated endpoint and its service"),
                    many => format!("{name} of {many} Dedicated endpoints and their services"),
                };
                self.row(&what, pass.to_string(), reach(name));
            }
        }
        for wait in self.patience.clone() {
            self.row(
                &format!("an endpoint that is active after {:.0} s is noticed", wait.service),
                format!("{:.1} s later, after {} looks", wait.late, wait.looks),
                &format!(
                    "{:.0} s{}",
                    (wait.service * 0.1).max(5.0),
                    if wait.service >= 1_800.0 { ", 50 looks" } else { "" }
                ),
            );
        }
        if let Some(rush) = self.rush.clone() {
            self.row(
                &format!("{} Dedicated creates side by side, under the real limits", rush.endpoints),
                format!(
                    "{} active after {:.0} s; {} and {} refusals for too many requests; {} TiDB Cloud and {} EC2 calls",
                    rush.active, rush.seconds, rush.tidb_throttled, rush.ec2_throttled, rush.tidb, rush.ec2
                ),
                &format!("all active, one refusal, {:.0} s", rush.bound * 1.1),
            );
        }
    }

    pub(super) fn print(&self) -> Result<()> {
        let head = Row { what: "what".into(), measured: "measured".into(), reach: "reach".into() };
        let rows = || [&head].into_iter().chain(&self.rows);
        let width =
            |column: fn(&Row) -> &String| rows().map(|row| column(row).chars().count()).max().unwrap_or(0);
        let (first, second) = (width(|row| &row.what), width(|row| &row.measured));
        for Row { what, measured, reach } in rows() {
            println!("{what:first$}  {measured:second$}  {reach}");
        }
        println!("{}", serde_json::to_string(self)?);
        Ok(())
    }

    /// Writes the page and its curves.
    ///
    /// # Errors
    /// When they cannot be written.
    pub(super) fn write(&self) -> Result<()> {
        let docs = cargo::workspace().join("docs");
        fs::create_dir_all(docs.join("benchmarks"))?;
        let mut page = String::from(PREFACE);
        page.push_str("\n| what | measured | to reach |\n|---|---|---|\n");
        for Row { what, measured, reach } in &self.rows {
            writeln!(page, "| {what} | {measured} | {reach} |")?;
        }
        page.push_str("\n## Curves\n");
        for (name, title, picture) in self.curves() {
            fs::write(docs.join("benchmarks").join(format!("{name}.svg")), picture)?;
            writeln!(page, "\n![{title}](benchmarks/{name}.svg)")?;
        }
        fs::write(docs.join("benchmarks.md"), page)?;
        Ok(())
    }

    /// Name, title and picture of each curve.
    fn curves(&self) -> Vec<(String, String, String)> {
        let mut curves = Vec::new();
        for (pass, name) in ["create", "refresh", "destroy"].into_iter().enumerate() {
            let points = |value: fn(&Pass) -> f64| {
                self.fleets
                    .iter()
                    .map(|fleet| (fleet.endpoints as f64, value(fleet.passes()[pass].1)))
                    .collect()
            };
            let series = |name, value: fn(&Pass) -> f64| Series { name, points: points(value) };
            let calls =
                [series("TiDB Cloud", |pass| pass.tidb as f64), series("EC2", |pass| pass.ec2 as f64)];
            let title = format!("Calls of one {name}");
            curves.push((format!("{name}-calls"), title.clone(), svg(&title, "endpoints", "calls", &calls)));
            let title = format!("Wall time of one {name}");
            let seconds = [series("seconds", |pass| pass.seconds)];
            curves.push((
                format!("{name}-seconds"),
                title.clone(),
                svg(&title, "endpoints", "seconds", &seconds),
            ));
        }
        curves
    }
}

const PREFACE: &str = "# Benchmarks\n\nWhat the provider costs, measured by `cargo xtask bench --write` with a release build against the \
     sandbox on one machine with two cores, Terraform and the sandbox included. Fleets are spread over five projects; the \
     services' time runs 200 times faster than real while a fleet is made and destroyed, without limits, and at real speed with \
     20 ms for every answer while it is refreshed (the median of three).\n";
