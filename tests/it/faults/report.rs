//! The tables of `docs/reliability.md`: made from what came out, written on demand, and checked otherwise, so that the
//! page never promises what does not hold.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::PathBuf;
use std::sync::Mutex;

use super::cell::{Cell, Outcome};
use super::fault::Column;
use super::life::Phase;
use super::states::{Bend, Turn};
use super::system::System;

/// Both tests write the page, perhaps at the same time.
static PAGE: Mutex<()> = Mutex::new(());

/// One of the page's two groups of tables.
pub(super) struct Report {
    /// Names the place between two comments on the page.
    place: &'static str,
    /// Title, and rows of cells; `None` was not lived this time.
    tables: Vec<(String, Vec<Vec<Option<String>>>)>,
}

impl Report {
    /// A table per system: operations down, faults across.
    pub(super) fn of_cells(every: &[Cell], lived: &[(Cell, Outcome)]) -> Self {
        let key = |cell: &Cell| (cell.system, cell.phase, cell.operation.clone(), cell.column);
        let outcomes: BTreeMap<_, _> =
            lived.iter().map(|(cell, outcome)| (key(cell), outcome.title())).collect();
        let mut tables = Vec::new();
        for system in System::ALL {
            let mut head = vec![Some("step".to_owned()), Some("operation".to_owned())];
            head.extend(Column::ALL.map(|column| Some(column.title().to_owned())));
            let mut rows = vec![head];
            let mut last = None;
            for cell in every.iter().filter(|cell| cell.system == system) {
                if last != Some((cell.phase, &cell.operation)) {
                    last = Some((cell.phase, &cell.operation));
                    let mut row =
                        vec![Some(cell.phase.title().to_owned()), Some(format!("`{}`", cell.operation))];
                    row.extend(Column::ALL.map(|column| {
                        let is_there = every.iter().any(|it| {
                            (it.system, it.phase, &it.operation, it.column)
                                == (system, cell.phase, &cell.operation, column)
                        });
                        if !is_there {
                            return Some("–".to_owned());
                        }
                        let key = (system, cell.phase, cell.operation.clone(), column);
                        outcomes.get(&key).map(|title| (*title).to_owned())
                    }));
                    rows.push(row);
                }
            }
            tables.push((system.title().to_owned(), rows));
        }
        Self { place: "faults", tables }
    }

    /// A table per system: what happens down, phases across.
    pub(super) fn of_states(lived: &[(Bend, Outcome)]) -> Self {
        let phases = [Phase::Create, Phase::Update, Phase::Delete];
        let mut tables = Vec::new();
        for system in System::ALL {
            let mut head = vec![Some("meanwhile".to_owned())];
            head.extend(phases.map(|phase| Some(phase.title().to_owned())));
            let mut rows = vec![head];
            for turn in Turn::ALL {
                let of = |phase| {
                    let mut lived = lived.iter();
                    let found = lived.find(|(it, _)| (it.system, it.phase, it.turn) == (system, phase, turn));
                    found.map(|(_, outcome)| outcome.title().to_owned())
                };
                let row: Vec<_> = phases.map(of).into_iter().collect();
                if row.iter().any(Option::is_some) {
                    rows.push([vec![Some(turn.title().to_owned())], row].concat());
                }
            }
            tables.push((system.title().to_owned(), rows));
        }
        Self { place: "states", tables }
    }

    fn render(&self) -> String {
        let mut text = String::new();
        for (title, rows) in &self.tables {
            let _ = write!(text, "\n#### {title}\n\n");
            for (index, row) in rows.iter().enumerate() {
                let cells: Vec<_> = row.iter().map(|cell| cell.as_deref().unwrap_or("?")).collect();
                let _ = writeln!(text, "| {} |", cells.join(" | "));
                if index == 0 {
                    let _ = writeln!(text, "|{}", "---|".repeat(row.len()));
                }
            }
        }
        text.push('\n');
        text
    }

    fn marks(&self) -> (String, String) {
        (format!("<!-- {} begin -->\n", self.place), format!("<!-- {} end -->", self.place))
    }

    /// Puts the tables into the page.
    ///
    /// # Panics
    /// When the page is not there or has no place for them.
    pub(super) fn write(&self) {
        let _turn = PAGE.lock().expect("a lock");
        let page = read();
        let (begin, end) = self.marks();
        let (before, rest) = page.split_once(&begin).expect("the page has a place for the tables");
        let (_, after) = rest.split_once(&end).expect("the place ends");
        std::fs::write(path(), format!("{before}{begin}{}{end}{after}", self.render()))
            .expect("the page can be written");
    }

    /// # Panics
    /// When a row or an outcome is another one than the page says.
    pub(super) fn assert_current(&self) {
        let _turn = PAGE.lock().expect("a lock");
        let page = read();
        let (begin, end) = self.marks();
        let found = page.split_once(&begin).and_then(|(_, rest)| rest.split_once(&end));
        let found = found.expect("the page has a place for the tables").0;
        let cells = |text: &str| -> Vec<Vec<String>> {
            text.lines().map(|line| line.split('|').map(|cell| cell.trim().to_owned()).collect()).collect()
        };
        let (found, expected) = (cells(found), cells(&self.render()));
        let differs = |(found, expected): (&Vec<String>, &Vec<String>)| {
            let mut pairs = found.iter().zip(expected);
            found.len() != expected.len()
                || pairs.any(|(found, expected)| expected != "?" && found != "varies" && found != expected)
        };
        let different: Vec<_> = found.iter().zip(&expected).filter(|&pair| differs(pair)).collect();
        assert!(
            found.len() == expected.len() && different.is_empty(),
            "docs/reliability.md is out of date: run `cargo xtask reliability` and look at what changed\n{different:#?}"
        );
    }
}

fn path() -> PathBuf {
    PathBuf::from(std::env::var_os("CARGO_MANIFEST_DIR").expect("cargo runs this"))
        .join("docs/reliability.md")
}

fn read() -> String {
    std::fs::read_to_string(path()).expect("docs/reliability.md")
}
