//! The one function that waits. It is told what is pending, what is done and what is a failure, keeps the history of
//! what it saw, says in the log what it waits for, and leaves at the deadline or the stop signal.

use std::fmt;
use std::future::Future;
use std::time::Duration;

use async_trait::async_trait;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;
use tracing::{debug, info, warn};

use crate::error::{ApiError, ErrorKind};
use crate::operation::{Halt, Operation};

/// The shortest pause between two looks.
const SHORTEST_PAUSE: Duration = Duration::from_millis(4_950);
/// Later pauses are this share of the time already waited, and after two minutes of the time since the operation began: a
/// change is noticed at most a tenth of its own time late,
/// and half an hour takes fewer than fifty looks.
const PAUSE_SHARE: f64 = 0.0995;

/// What takes longer than this to wait for is late by the whole operation's measure, not by this wait's alone.
const LONG_WAIT: Duration = Duration::from_secs(120);

/// After a change the next pause is this part of what it would be.
const PAUSE_AFTER_NEWS: f64 = 0.6;

/// How many looks in a row may get an answer that cannot be read before the wait gives up.
const UNREADABLE_LOOKS: u32 = 2;

/// How often the log says at INFO that nothing has changed.
const REPORT_EVERY: Duration = Duration::from_secs(60);

/// What one look at the thing told.
#[derive(Debug)]
pub enum Sight<T, F> {
    /// Not yet; the text says what it is now, for example "pendingAcceptance". Unknown states belong here.
    Pending(String),
    /// What was waited for.
    Done(T),
    /// It will never come.
    Failed(F),
}

/// Why a wait ended without what it waited for.
#[derive(Debug)]
pub enum WaitError<F> {
    /// A look said that it will never come.
    Failed(F, History),
    /// The deadline passed or Terraform stopped the provider.
    Halted(Halt, History),
    /// A look itself failed for good.
    Api(ApiError, History),
}

impl<F> WaitError<F> {
    /// What was seen until the wait ended.
    pub fn history(&self) -> &History {
        match self {
            Self::Failed(_, history) | Self::Halted(_, history) | Self::Api(_, history) => history,
        }
    }
}

/// What a wait saw and when: one entry per change, so that a timeout can tell its story.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct History {
    entries: Vec<(Duration, String)>,
    looks: u32,
    waited: Duration,
}

impl History {
    fn note(&mut self, at: Duration, seen: &str) -> bool {
        self.looks += 1;
        self.waited = at;
        let news = self.entries.last().is_none_or(|(_, last)| last != seen);
        if news {
            self.entries.push((at, seen.to_owned()));
        }
        news
    }

    /// How often was looked.
    pub fn looks(&self) -> u32 {
        self.looks
    }
}

impl fmt::Display for History {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.entries.is_empty() {
            return f.write_str("it was not looked at even once");
        }
        for (index, (at, seen)) in self.entries.iter().enumerate() {
            if index > 0 {
                f.write_str(", ")?;
            }
            write!(f, "after {} s: {seen}", at.as_secs())?;
        }
        write!(f, " ({} looks in {} s)", self.looks, self.waited.as_secs())
    }
}

/// Something that has to be done now and then while waiting. It is called between looks, never beside one, so that
/// nothing of it is left in flight when the wait ends.
#[async_trait]
pub trait Pulse: Send {
    /// Does it if it is due and returns the time until it is due again.
    async fn beat(&mut self, operation: &Operation) -> Duration;

    /// The shortest pause that the next look may come after.
    fn breath(&self) -> Duration {
        Duration::ZERO
    }
}

/// For waits with nothing to do meanwhile.
#[derive(Debug)]
pub struct NoPulse;

#[async_trait]
impl Pulse for NoPulse {
    async fn beat(&mut self, _operation: &Operation) -> Duration {
        Duration::MAX
    }
}

/// When the log was told at INFO what is waited for: at each change, and else once a minute.
#[derive(Debug, Default)]
struct Report {
    last: Option<Duration>,
}

impl Report {
    fn is_due(&mut self, waited: Duration, news: bool) -> bool {
        let due = news || self.last.is_none_or(|last| waited >= last + REPORT_EVERY);
        if due {
            self.last = Some(waited);
        }
        due
    }
}

/// A time since the Unix epoch as people read it.
fn stamp(since_epoch: Duration) -> String {
    let seconds = i64::try_from(since_epoch.as_secs()).ok();
    let time = seconds.and_then(|seconds| OffsetDateTime::from_unix_timestamp(seconds).ok());
    time.and_then(|time| time.format(&Rfc3339).ok()).unwrap_or_default()
}

/// Looks again and again, at first every few seconds and then ever more seldom, until there is an outcome.
///
/// `subject` completes the sentence "waiting for …" in the log. What a look tells names the side that it was seen on.
///
/// # Errors
/// [`WaitError`] when the thing failed, a look failed for good, or the operation ended.
pub async fn wait_for<T, F, L, S>(
    operation: &Operation,
    subject: &str,
    pulse: &mut dyn Pulse,
    mut look: L,
) -> Result<T, WaitError<F>>
where
    L: FnMut() -> S,
    S: Future<Output = Result<Sight<T, F>, ApiError>>,
{
    let clock = operation.clock().clone();
    let begin = clock.elapsed();
    let since = stamp(clock.now());
    let mut report = Report::default();
    let mut history = History::default();
    let mut unreadable = 0;
    loop {
        let mut due = pulse.beat(operation).await;
        let sight = match look().await {
            Ok(sight) => {
                unreadable = 0;
                sight
            }
            Err(error) if error.kind == ErrorKind::Malformed && unreadable < UNREADABLE_LOOKS => {
                // A gateway's hiccup must not cost an endpoint that is half made.
                unreadable += 1;
                warn!(waiting_for = subject, %error, "an answer could not be read: looking again");
                Sight::Pending("an answer that could not be read".into())
            }
            Err(error) => {
                if let Some(words) = error.last_words() {
                    history.note(clock.elapsed().saturating_sub(begin), &words);
                }
                return Err(match error.halt() {
                    Some(halt) => WaitError::Halted(halt, history),
                    None => WaitError::Api(error, history),
                });
            }
        };
        let waited = clock.elapsed().saturating_sub(begin);
        let measure = if waited < LONG_WAIT { waited } else { operation.elapsed() };
        let mut pause = measure.mul_f64(PAUSE_SHARE).max(SHORTEST_PAUSE);
        match sight {
            Sight::Done(done) => return Ok(done),
            Sight::Failed(failure) => {
                history.note(waited, "failed");
                return Err(WaitError::Failed(failure, history));
            }
            Sight::Pending(seen) => {
                let news = history.note(waited, &seen);
                if news {
                    // What has just moved is likely to move again soon.
                    pause = pause.mul_f64(PAUSE_AFTER_NEWS).max(SHORTEST_PAUSE);
                }
                let (looks, waited_seconds) = (history.looks, waited.as_secs());
                if report.is_due(waited, news) {
                    info!(waiting_for = subject, seen, since, waited_seconds, looks, "still waiting");
                } else {
                    debug!(waiting_for = subject, seen, since, waited_seconds, looks, "still waiting");
                }
            }
        }
        // What the pulse takes is part of the pause.
        let until = clock.elapsed() + pause.max(pulse.breath());
        loop {
            let nap = until.saturating_sub(clock.elapsed()).min(due.max(Duration::from_secs(1)));
            if let Err(halt) = operation.sleep(nap).await {
                return Err(WaitError::Halted(halt, history));
            }
            if clock.elapsed() >= until {
                break;
            }
            due = pulse.beat(operation).await;
        }
    }
}

#[cfg(test)]
mod tests;
