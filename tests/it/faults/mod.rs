//! What happens to a private endpoint when the services fail and when runs are cut off: every operation of every phase of
//! its life, on all three systems, fails in every way, and each time nothing may be lost. The cells are made from a
//! faultless life, so that an operation which is added tomorrow is in the matrix tomorrow. No terraform binary and no
//! real time is needed: a whole life takes a fifth of a second.
//!
//! `TIDBLINK_FAULTS=all` lives every cell instead of a spread, `TIDBLINK_FAULTS=write` also writes the tables of
//! `docs/reliability.md`; `cargo xtask reliability` does that.

mod cell;
mod fault;
mod kills;
pub(crate) mod lab;
mod life;
mod report;
mod states;
pub(crate) mod system;
mod terraform;
mod two;
mod words;
mod workspace;

use std::collections::BTreeMap;
use std::fmt::Display;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use self::cell::{Broken, Cell, Outcome};
use self::fault::{Column, is_write};
use self::kills::cuts;
use self::life::{Phase, Standing, operations};
use self::report::Report;
use self::states::bends;
use self::system::System;

/// How much is lived.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Extent {
    /// Every way to fail of each write, and some of each read.
    Spread,
    /// Every cell.
    All,
    /// Every cell, and the documentation is written.
    Write,
}

impl Extent {
    fn asked_for() -> Self {
        match std::env::var("TIDBLINK_FAULTS").as_deref() {
            Ok("all") => Self::All,
            Ok("write") => Self::Write,
            _ => Self::Spread,
        }
    }
}

fn standings() -> BTreeMap<System, Standing> {
    System::ALL.into_iter().map(|system| (system, Standing::reach(system))).collect()
}

/// Every cell of the matrix, row by row.
fn cells(standings: &BTreeMap<System, Standing>) -> Vec<Cell> {
    let mut cells = Vec::new();
    for (&system, standing) in standings {
        for phase in Phase::ALL {
            for (door, operation) in operations(phase, standing, system) {
                let row = |column| Cell { system, phase, door, operation: operation.clone(), column };
                let columns = Column::ALL.into_iter();
                cells.extend(columns.filter(|it| is_write(&operation) || !it.is_for_writes()).map(row));
            }
        }
    }
    cells
}

/// Lives all of them, as many at a time as there are processors.
fn live_all<T: Sync, R: Send>(
    lives: &[T],
    live: impl Fn(&T) -> Result<R, Broken> + Sync,
) -> Vec<Result<R, Broken>> {
    let next = AtomicUsize::new(0);
    let results = Mutex::new(BTreeMap::new());
    std::thread::scope(|scope| {
        for _ in 0..std::thread::available_parallelism().map_or(2, usize::from) {
            scope.spawn(|| {
                loop {
                    let index = next.fetch_add(1, Ordering::Relaxed);
                    let Some(it) = lives.get(index) else { break };
                    let lived = catch_unwind(AssertUnwindSafe(|| live(it)));
                    let lived = lived.unwrap_or_else(|_| Err(vec!["it panicked, see above".into()]));
                    results.lock().expect("a lock").insert(index, lived);
                }
            });
        }
    });
    results.into_inner().expect("a lock").into_values().collect()
}

/// # Panics
/// When anything is broken; names all of it.
fn assert_nothing_is_broken<T: Display, R>(lives: &[T], results: &[Result<R, Broken>]) {
    let broken: Vec<_> = lives
        .iter()
        .zip(results)
        .filter_map(|(life, result)| Some(format!("{life}:\n  {}", result.as_ref().err()?.join("\n  "))))
        .collect();
    assert!(broken.is_empty(), "{} of {}:\n{}", broken.len(), lives.len(), broken.join("\n"));
}

/// For whoever looks into one life: only those whose name contains this.
fn chosen<T: Display>(lives: Vec<T>) -> Vec<T> {
    let only = std::env::var("TIDBLINK_FAULTS_ONLY").unwrap_or_default();
    lives.into_iter().filter(|life| life.to_string().contains(&only)).collect()
}

#[test]
fn whatever_call_fails_nothing_is_lost() {
    let (extent, standings) = (Extent::asked_for(), standings());
    let every = cells(&standings);
    let lived = match extent {
        Extent::All | Extent::Write => every.clone(),
        Extent::Spread => every
            .iter()
            .enumerate()
            .filter(|(index, cell)| is_write(&cell.operation) || index % 7 == 0)
            .map(|(_, cell)| cell.clone())
            .collect(),
    };
    let lived = chosen(lived);

    let outcomes = live_all(&lived, |cell| cell.live(&standings[&cell.system]));

    assert_nothing_is_broken(&lived, &outcomes);
    let outcomes: Vec<(Cell, Outcome)> =
        lived.into_iter().zip(outcomes.into_iter().map(|it| it.expect("none is broken"))).collect();
    let report = Report::of_cells(&every, &outcomes);
    if extent == Extent::Write { report.write() } else { report.assert_current() }
}

#[test]
fn whatever_state_is_never_reached_nothing_is_lost() {
    let (extent, standings) = (Extent::asked_for(), standings());
    let bends = chosen(bends());

    let outcomes = live_all(&bends, |bend| bend.live(&standings[&bend.system]));

    assert_nothing_is_broken(&bends, &outcomes);
    let outcomes: Vec<_> =
        bends.into_iter().zip(outcomes.into_iter().map(|it| it.expect("none is broken"))).collect();
    let report = Report::of_states(&outcomes);
    if extent == Extent::Write { report.write() } else { report.assert_current() }
}

#[test]
fn whenever_a_run_is_cut_off_nothing_is_lost() {
    let standings = standings();
    let cuts = chosen(cuts(&standings, Extent::asked_for() != Extent::Spread));

    let outcomes = live_all(&cuts, |cut| cut.live(&standings[&cut.system]));

    assert_nothing_is_broken(&cuts, &outcomes);
}
