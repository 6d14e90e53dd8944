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
mod tests {
    use super::*;
    use crate::clock::Clock;
    use crate::error::Service;
    use crate::random::Random;
    use tokio_util::sync::CancellationToken;

    fn operation(timeout: u64) -> Operation {
        Operation::new(
            Clock::real(),
            Random::seeded(1),
            CancellationToken::new(),
            Some(Duration::from_secs(timeout)),
        )
    }

    /// Waits for something that is done `after` seconds; returns when it was noticed and how many looks that took.
    async fn notice(after: u64) -> (Duration, u32) {
        let operation = operation(86_400);
        let clock = operation.clock().clone();
        let mut looks = 0;
        let begin = clock.elapsed();
        wait_for::<(), (), _, _>(&operation, "it", &mut NoPulse, || {
            looks += 1;
            let waited = clock.elapsed() - begin;
            async move {
                Ok(if waited >= Duration::from_secs(after) {
                    Sight::Done(())
                } else {
                    Sight::Pending("pending".into())
                })
            }
        })
        .await
        .unwrap();
        (operation.clock().elapsed() - begin, looks)
    }

    #[tokio::test(start_paused = true)]
    async fn a_change_is_noticed_within_a_tenth_of_its_time_or_five_seconds() {
        for after in [0, 1, 4, 30, 60, 90, 240, 300, 600, 1_799, 1_800, 3_600] {
            let (noticed, _) = notice(after).await;
            let allowed = Duration::from_secs(after)
                + Duration::from_secs(5).max(Duration::from_secs(after).mul_f64(0.1));
            assert!(noticed <= allowed, "{after} s was noticed after {noticed:?}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn half_an_hour_takes_at_most_fifty_looks() {
        let (_, looks) = notice(1_800).await;
        assert!(looks <= 50, "{looks}");
    }

    #[tokio::test(start_paused = true)]
    async fn a_late_wait_of_a_long_operation_takes_its_time_by_the_whole() {
        let operation = operation(86_400);
        operation.sleep(Duration::from_secs(900)).await.unwrap();
        let mut looks = 0;
        wait_for::<(), (), _, _>(&operation, "it", &mut NoPulse, || {
            looks += 1;
            let done = operation.elapsed() >= Duration::from_secs(1_800);
            async move { Ok(if done { Sight::Done(()) } else { Sight::Pending("pending".into()) }) }
        })
        .await
        .unwrap();
        assert!(operation.elapsed() <= Duration::from_secs(1_980), "{:?}", operation.elapsed());
        assert!(looks <= 27, "{looks}");
    }

    /// When an endpoint is looked at that changes after each of `changes` seconds and is done with the last; in seconds.
    async fn looks_at(changes: &[u64]) -> Vec<u64> {
        let operation = operation(86_400);
        let clock = operation.clock().clone();
        let begin = clock.elapsed();
        let mut looks = Vec::new();
        wait_for::<(), (), _, _>(&operation, "it", &mut NoPulse, || {
            let waited = (clock.elapsed() - begin).as_secs();
            looks.push(waited);
            let passed = changes.iter().filter(|change| **change <= waited).count();
            let done = passed == changes.len();
            async move { Ok(if done { Sight::Done(()) } else { Sight::Pending(format!("stage {passed}")) }) }
        })
        .await
        .unwrap();
        looks
    }

    #[tokio::test(start_paused = true)]
    async fn after_a_change_the_next_look_comes_soon() {
        let looks = looks_at(&[600, 900]).await;
        let seen = looks.iter().position(|at| *at >= 600).unwrap();
        assert!(looks[seen + 1] - looks[seen] <= 40, "{looks:?}");
        assert!(looks[seen] - looks[seen - 1] > 45, "{looks:?}");
    }

    #[tokio::test(start_paused = true)]
    async fn half_an_hour_with_changes_on_the_way_takes_at_most_fifty_looks() {
        let looks = looks_at(&[240, 600, 1_800]).await;
        assert!(looks.len() <= 50, "{}", looks.len());
    }

    #[tokio::test(start_paused = true)]
    async fn looks_are_as_far_apart_as_the_budget_asks() {
        struct Slow;
        #[async_trait]
        impl Pulse for Slow {
            async fn beat(&mut self, _operation: &Operation) -> Duration {
                Duration::MAX
            }
            fn breath(&self) -> Duration {
                Duration::from_secs(30)
            }
        }
        let operation = operation(100);
        let result = wait_for::<(), (), _, _>(&operation, "it", &mut Slow, || async {
            Ok(Sight::Pending("pending".into()))
        })
        .await;
        assert_eq!(result.unwrap_err().history().looks(), 4);
    }

    #[tokio::test(start_paused = true)]
    async fn an_unknown_state_waits_until_the_deadline_and_tells_its_history() {
        let result = wait_for::<(), (), _, _>(&operation(60), "it", &mut NoPulse, || async {
            Ok(Sight::Pending("somethingNew".into()))
        })
        .await;
        let Err(WaitError::Halted(Halt::Deadline, history)) = result else { panic!("{result:?}") };
        assert!(history.looks() > 5);
        let text = history.to_string();
        assert!(text.starts_with("after 0 s: somethingNew ("), "{text}");
        assert_eq!(text.matches("somethingNew").count(), 1, "one entry per change: {text}");
    }

    #[tokio::test(start_paused = true)]
    async fn a_failure_ends_the_wait_at_once() {
        let result = wait_for::<(), _, _, _>(&operation(60), "it", &mut NoPulse, || async {
            Ok(Sight::Failed("rejected"))
        })
        .await;
        assert!(matches!(result, Err(WaitError::Failed("rejected", _))), "{result:?}");
    }

    #[tokio::test(start_paused = true)]
    async fn a_look_that_the_deadline_cut_short_leaves_its_last_answer_in_the_history() {
        let result = wait_for::<(), (), _, _>(&operation(60), "it", &mut NoPulse, || async {
            let mut error = ApiError::halted(Service::Ec2, "DescribeVpcEndpoints", Halt::Deadline);
            error.message.push_str("; the last answer was: boom");
            Err(error)
        })
        .await;
        let Err(WaitError::Halted(Halt::Deadline, history)) = result else { panic!("{result:?}") };
        assert!(history.to_string().contains("boom"), "{history}");
    }

    #[tokio::test(start_paused = true)]
    async fn an_error_of_a_look_ends_the_wait() {
        let result = wait_for::<(), (), _, _>(&operation(60), "it", &mut NoPulse, || async {
            Err(ApiError::new(Service::Ec2, "DescribeVpcEndpoints", ErrorKind::Denied, "no"))
        })
        .await;
        assert!(matches!(result, Err(WaitError::Api(..))), "{result:?}");
    }

    /// Keeps the events of one level, as text.
    struct Lines(tracing::Level, std::sync::Arc<std::sync::Mutex<Vec<String>>>);

    impl tracing::Subscriber for Lines {
        fn enabled(&self, metadata: &tracing::Metadata<'_>) -> bool {
            *metadata.level() == self.0 && metadata.target().starts_with("tidblink")
        }

        fn event(&self, event: &tracing::Event<'_>) {
            let mut line = String::new();
            event.record(&mut |field: &tracing::field::Field, value: &dyn fmt::Debug| {
                line.push_str(&format!("{field}={value:?} "));
            });
            self.1.lock().unwrap().push(line);
        }

        fn new_span(&self, _span: &tracing::span::Attributes<'_>) -> tracing::span::Id {
            tracing::span::Id::from_u64(1)
        }

        fn record(&self, _span: &tracing::span::Id, _values: &tracing::span::Record<'_>) {}
        fn record_follows_from(&self, _span: &tracing::span::Id, _follows: &tracing::span::Id) {}
        fn enter(&self, _span: &tracing::span::Id) {}
        fn exit(&self, _span: &tracing::span::Id) {}
    }

    #[tokio::test(start_paused = true)]
    async fn the_log_has_a_line_for_each_change_and_else_one_a_minute() {
        let lines = std::sync::Arc::default();
        let subscriber = Lines(tracing::Level::INFO, std::sync::Arc::clone(&lines));
        let guard = tracing::subscriber::set_default(subscriber);
        let looks = looks_at(&[30, 45, 600, 1_800]).await.len();
        drop(guard);

        let lines = lines.lock().unwrap();
        assert!(lines.len() <= 30 + 4 && lines.len() < looks, "{} lines, {looks} looks", lines.len());
        for stage in ["stage 0", "stage 1", "stage 2", "stage 3"] {
            assert!(lines.iter().any(|line| line.contains(stage)), "{stage}: {lines:?}");
        }
        for part in ["waiting_for=\"it\"", "since=\"20", "waited_seconds=", "looks=", "message=still waiting"]
        {
            assert!(lines.iter().all(|line| line.contains(part)), "{part}: {lines:?}");
        }
    }

    /// Waits while the first `bad` looks get an answer that cannot be read.
    async fn after_unreadable(bad: u32) -> Result<(), WaitError<()>> {
        let mut looks = 0;
        wait_for(&operation(600), "it", &mut NoPulse, || {
            looks += 1;
            let answer = if looks <= bad {
                Err(ApiError::new(Service::Ec2, "DescribeVpcEndpoints", ErrorKind::Malformed, "not XML"))
            } else {
                Ok(Sight::Done(()))
            };
            async move { answer }
        })
        .await
    }

    #[tokio::test(start_paused = true)]
    async fn an_unreadable_answer_is_looked_at_again_but_not_for_ever() {
        assert!(after_unreadable(2).await.is_ok());
        assert!(matches!(after_unreadable(3).await, Err(WaitError::Api(..))));
    }

    #[tokio::test(start_paused = true)]
    async fn the_pulse_keeps_its_own_rhythm_however_long_the_pauses_are() {
        struct Minute {
            last: Option<Duration>,
            beats: Vec<Duration>,
        }
        #[async_trait]
        impl Pulse for Minute {
            async fn beat(&mut self, operation: &Operation) -> Duration {
                let now = operation.clock().elapsed();
                let minute = Duration::from_secs(60);
                if self.last.is_none_or(|last| now - last >= minute) {
                    self.last = Some(now);
                    self.beats.push(now);
                }
                minute - (now - self.last.unwrap())
            }
        }
        let mut pulse = Minute { last: None, beats: Vec::new() };
        let _ = wait_for::<(), (), _, _>(&operation(3_600), "it", &mut pulse, || async {
            Ok(Sight::Pending("pending".into()))
        })
        .await;
        assert!(pulse.beats.len() >= 59, "{}", pulse.beats.len());
        for pair in pulse.beats.windows(2) {
            assert!(pair[1] - pair[0] < Duration::from_secs(66), "{pair:?}");
        }
    }
}
