//! Throws inputs at parsers, for tests. A target has a name and a folder of kept inputs, `crates/fuzz/corpus/NAME`: real
//! answers, odd ones, and everything that once broke something. Those always run; then come mutations of them and
//! arbitrary inputs, as many as `TIDBLINK_FUZZ_CASES` says. Knows none of the parsers.

mod corpus;
mod edit;
mod json;

use std::fmt::Debug;
use std::sync::Arc;
use std::time::Instant;

use proptest::prelude::*;
use proptest::strategy::BoxedStrategy;
use proptest::test_runner::{Config, TestError, TestRunner};

pub use edit::{Edit, edits};

/// The variable that says how many inputs each target gets beside the kept ones.
pub const CASES: &str = "TIDBLINK_FUZZ_CASES";
/// How many when it says nothing: all targets together then take some seconds.
const FEW: u32 = 400;

/// What is checked of an input: panics and `assert!`s are failures.
pub trait Check<T: ?Sized>: Fn(&T) {}
impl<T: ?Sized, F: Fn(&T)> Check<T> for F {}

/// Any bytes.
///
/// # Panics
/// When `check` does, with the smallest input that was found to make it.
pub fn bytes(name: &str, check: impl Check<[u8]>) {
    run(name, Kind::Bytes, |input| check(input));
}

/// Any text.
///
/// # Panics
/// As [`bytes`].
pub fn text(name: &str, check: impl Check<str>) {
    run(name, Kind::Text, |input| check(&String::from_utf8_lossy(input)));
}

/// Text that is mostly JSON.
///
/// # Panics
/// As [`bytes`].
pub fn json(name: &str, check: impl Check<str>) {
    run(name, Kind::Json, |input| check(&String::from_utf8_lossy(input)));
}

/// Values of a strategy, for a property that takes more than bytes. There are no kept ones.
///
/// # Panics
/// When `check` does, with the smallest value that was found to make it.
pub fn property<S>(name: &str, strategy: S, check: impl Fn(S::Value))
where
    S: Strategy,
    S::Value: Debug,
{
    let began = Instant::now();
    let cases = cases();
    let mut runner = runner(cases);
    let outcome = runner.run(&strategy, |value| {
        check(value);
        Ok(())
    });
    if let Err(error) = outcome {
        panic!("{name}: {error}");
    }
    report(name, 0, cases, began);
}

#[derive(Clone, Copy)]
enum Kind {
    Bytes,
    Text,
    Json,
}

/// An input that a failure shows in a form that can be kept.
#[derive(Clone)]
struct Input(Vec<u8>);

impl Debug for Input {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "b\"{}\"", self.0.escape_ascii())
    }
}

fn run(name: &str, kind: Kind, check: impl Fn(&[u8])) {
    let began = Instant::now();
    let kept = corpus::kept(name);
    for (file, input) in &kept {
        let checked = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| check(input)));
        assert!(checked.is_ok(), "{name}: the kept input {file} fails");
    }
    let seeds: Arc<[Vec<u8>]> = kept.into_iter().map(|(_, input)| input).collect();
    let (number, cases) = (seeds.len(), cases());
    let outcome = runner(cases).run(&input(kind, seeds), |input| {
        check(&input.0);
        Ok(())
    });
    match outcome {
        Ok(()) => report(name, number, cases, began),
        Err(TestError::Fail(reason, input)) => panic!(
            "{name}: {reason} for {input:?}. Keep it as a file in crates/fuzz/corpus/{name}, mend what is broken, and it is \
             checked from then on."
        ),
        Err(error) => panic!("{name}: {error}"),
    }
}

fn input(kind: Kind, seeds: Arc<[Vec<u8>]>) -> BoxedStrategy<Input> {
    let others = Arc::clone(&seeds);
    let mutated = (any::<prop::sample::Index>(), edits())
        .prop_map(move |(seed, edits)| Input(edit::apply(seed.get::<Vec<u8>>(&others), &edits, &others)));
    let noise = prop::collection::vec(any::<u8>(), 0..48).prop_map(Input);
    match kind {
        Kind::Bytes => prop_oneof![4 => mutated, 1 => noise].boxed(),
        Kind::Text => {
            let text = "\\PC{0,40}".prop_map(|text| Input(text.into_bytes()));
            prop_oneof![6 => mutated, 1 => noise, 1 => text].boxed()
        }
        Kind::Json => {
            let parsed: Arc<[_]> =
                seeds.iter().filter_map(|seed| serde_json::from_slice(seed).ok()).collect();
            assert!(!parsed.is_empty(), "a target for JSON needs a kept input that is JSON");
            let changed = (any::<prop::sample::Index>(), json::changes()).prop_map(move |(seed, changes)| {
                Input(json::apply(seed.get(&parsed), &changes).to_string().into_bytes())
            });
            let any = json::anything().prop_map(|value| Input(value.to_string().into_bytes()));
            prop_oneof![6 => changed, 2 => mutated, 1 => any, 1 => noise].boxed()
        }
    }
}

fn cases() -> u32 {
    match std::env::var(CASES) {
        Ok(text) => text.parse().unwrap_or_else(|_| panic!("{CASES} is {text:?}, not a number")),
        Err(_) => FEW,
    }
}

fn runner(cases: u32) -> TestRunner {
    // Failures are kept by hand, as files that can be read.
    TestRunner::new(Config { cases, failure_persistence: None, ..Config::default() })
}

/// Says how much a long run did; a short one is nobody's news.
#[expect(clippy::print_stderr, reason = "the figures of a long run are for whoever started it")]
fn report(name: &str, kept: usize, cases: u32, began: Instant) {
    if cases > FEW {
        eprintln!("{name}: {kept} kept and {cases} other inputs in {:.0} s", began.elapsed().as_secs_f64());
    }
}
