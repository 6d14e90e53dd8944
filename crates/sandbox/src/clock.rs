//! World time: elapsed time of the runtime (which a test may have paused) multiplied by a speed, plus jumps. Nothing else in the crate reads a real clock except
//! the check of a signature's age, because clients sign with the real time.

use std::fmt;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use time::format_description::well_known::Rfc3339;
use time::macros::format_description;
use time::{OffsetDateTime, PrimitiveDateTime};
use tokio::time::Instant;

/// A moment of world time, with the precision of a millisecond; RFC 3339 in JSON.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(i64);

impl Timestamp {
    /// The moment `millis` milliseconds after 1970-01-01T00:00:00Z.
    pub const fn from_millis(millis: i64) -> Self {
        Self(millis)
    }

    /// Milliseconds since 1970-01-01T00:00:00Z.
    pub fn millis(self) -> i64 {
        self.0
    }

    /// This moment plus whole seconds.
    #[must_use]
    pub fn plus_seconds(self, seconds: u64) -> Self {
        let millis = i64::try_from(seconds.saturating_mul(1000)).unwrap_or(i64::MAX);
        Self(self.0.saturating_add(millis))
    }

    /// Seconds from `earlier` to this moment; negative when `earlier` is later.
    pub fn seconds_since(self, earlier: Self) -> f64 {
        self.0.saturating_sub(earlier.0) as f64 / 1000.0
    }

    /// `2006-01-02T15:04:05Z`, the one form that Alibaba Cloud reads and writes.
    pub(crate) fn to_the_second(self) -> String {
        let format = format_description!("[year]-[month]-[day]T[hour]:[minute]:[second]Z");
        self.date_time().format(&format).unwrap_or_default()
    }

    /// The moment that such a text names.
    pub(crate) fn from_the_second(text: &str) -> Option<Self> {
        let format = format_description!("[year]-[month]-[day]T[hour]:[minute]:[second]Z");
        let moment = PrimitiveDateTime::parse(text, &format).ok()?.assume_utc();
        Some(Self(moment.unix_timestamp().saturating_mul(1000)))
    }

    /// The real time now.
    pub(crate) fn real_now() -> Self {
        let elapsed = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Self(i64::try_from(elapsed.as_millis()).unwrap_or(i64::MAX))
    }

    fn date_time(self) -> OffsetDateTime {
        OffsetDateTime::from_unix_timestamp_nanos(i128::from(self.0) * 1_000_000)
            .unwrap_or(OffsetDateTime::UNIX_EPOCH)
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = self.date_time().format(&Rfc3339).map_err(|_| fmt::Error)?;
        f.write_str(&text)
    }
}

impl Serialize for Timestamp {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Timestamp {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let parsed = OffsetDateTime::parse(&text, &Rfc3339)
            .map_err(|error| D::Error::custom(format!("`{text}` is not RFC 3339: {error}")))?;
        let millis = parsed.unix_timestamp_nanos() / 1_000_000;
        i64::try_from(millis).map(Self).map_err(D::Error::custom)
    }
}

/// Turns real time into world time.
#[derive(Clone, Debug)]
pub(crate) struct Clock {
    began: Timestamp,
    began_at: Instant,
    speed: f64,
    jumped: Duration,
}

impl Clock {
    /// A clock that shows the real time now and runs `speed` times as fast.
    pub(crate) fn start(speed: f64) -> Self {
        Self { began: Timestamp::real_now(), began_at: Instant::now(), speed, jumped: Duration::ZERO }
    }

    /// The world's time now.
    pub(crate) fn now(&self) -> Timestamp {
        let elapsed = self.began_at.elapsed().as_secs_f64() * self.speed;
        let millis = (elapsed + self.jumped.as_secs_f64()) * 1000.0;
        // A float to integer cast saturates, so a wild speed ends at the end of time instead of wrapping.
        Timestamp(self.began.0.saturating_add(millis as i64))
    }

    /// Jumps to a moment, unless it has passed.
    pub(crate) fn advance_to(&mut self, moment: Timestamp) {
        let ahead = moment.0.saturating_sub(self.now().0);
        self.advance(Duration::from_millis(u64::try_from(ahead).unwrap_or_default()));
    }

    /// Jumps forward.
    pub(crate) fn advance(&mut self, by: Duration) {
        self.jumped = self.jumped.saturating_add(by);
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]

    use super::*;

    #[test]
    fn a_world_from_the_future_sets_the_clock_and_one_from_the_past_does_not() {
        let mut clock = Clock::start(0.0);
        let begun = clock.now();
        clock.advance_to(begun.plus_seconds(3_600));
        assert_eq!(clock.now(), begun.plus_seconds(3_600));
        clock.advance_to(begun);
        assert_eq!(clock.now(), begun.plus_seconds(3_600));
    }

    #[test]
    fn a_jump_moves_world_time_forward() {
        let mut clock = Clock::start(0.0);
        let before = clock.now();
        clock.advance(Duration::from_secs(90));
        assert_eq!(clock.now(), before.plus_seconds(90));
    }

    #[test]
    fn a_timestamp_survives_json() {
        let moment = Timestamp::from_millis(1_767_323_045_250);
        let json = serde_json::to_string(&moment).unwrap();
        assert_eq!(json, "\"2026-01-02T03:04:05.25Z\"");
        assert_eq!(serde_json::from_str::<Timestamp>(&json).unwrap(), moment);
    }

    #[test]
    fn a_timestamp_is_written_to_the_second() {
        let moment = Timestamp::from_millis(1_767_323_045_250);
        assert_eq!(moment.to_the_second(), "2026-01-02T03:04:05Z");
        let read = Timestamp::from_the_second("2026-01-02T03:04:05Z").unwrap();
        assert_eq!(read.millis(), 1_767_323_045_000);
        assert_eq!(Timestamp::from_the_second("2026-01-02 03:04:05"), None);
    }

    #[test]
    fn what_is_not_a_time_is_refused_with_the_text_found() {
        let error = serde_json::from_str::<Timestamp>("\"yesterday\"").unwrap_err();
        assert!(error.to_string().contains("`yesterday` is not RFC 3339"));
    }
}
