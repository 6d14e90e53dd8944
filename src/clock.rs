//! Time and sleep, injected everywhere the provider waits, so that tests and the sandbox can run a half-hour life in
//! seconds. Nothing else in the provider reads a clock.

use std::ops::RangeInclusive;
use std::time::{Duration, SystemTime};

use tokio::time::Instant;

/// Where scaled wall-clock time starts: 2026-01-01T00:00:00Z, in seconds since the Unix epoch. Processes that share a
/// scale agree on the time, because they all count from here.
const SCALE_ORIGIN: Duration = Duration::from_secs(1_767_225_600);

/// A clock whose seconds may be shorter than real ones. All durations that the provider names (polls, heartbeats,
/// deadlines) are in this clock's time.
#[derive(Clone, Debug)]
pub struct Clock {
    scale: f64,
    /// The wall clock at `anchor`, so that paused test time moves wall-clock time along.
    wall: Duration,
    anchor: Instant,
}

impl Clock {
    /// The clock that users run with.
    pub fn real() -> Self {
        Self::scaled(1.0)
    }

    /// The scales that there are. With others, durations are longer than any number can say.
    pub const SCALES: RangeInclusive<f64> = 0.001..=1_000_000.0;

    /// A clock that runs `scale` times as fast as real time. A scale that is none of [`Clock::SCALES`] means 1.
    pub fn scaled(scale: f64) -> Self {
        let scale = if Self::SCALES.contains(&scale) { scale } else { 1.0 };
        Self { scale, wall: wall_time(scale), anchor: Instant::now() }
    }

    /// How many of this clock's seconds pass in one real second.
    pub fn scale(&self) -> f64 {
        self.scale
    }

    /// Time since the Unix epoch, for timestamps that other processes read. Never behind the machine's own: what runs
    /// while a machine sleeps is not counted by [`elapsed`](Self::elapsed), but everybody else's heartbeats go on.
    pub fn now(&self) -> Duration {
        (self.wall + self.elapsed()).max(wall_time(self.scale))
    }

    /// Time since this clock was made; never goes back.
    pub fn elapsed(&self) -> Duration {
        self.anchor.elapsed().mul_f64(self.scale)
    }

    /// Sleeps for `duration` of this clock's time.
    pub async fn sleep(&self, duration: Duration) {
        tokio::time::sleep(self.to_real(duration)).await;
    }

    /// The real time that `duration` of this clock's time takes.
    pub fn to_real(&self, duration: Duration) -> Duration {
        duration.div_f64(self.scale)
    }
}

/// The machine's time since the Unix epoch, sped up as often as a clock of that scale would have it.
fn wall_time(scale: f64) -> Duration {
    let real = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or(SCALE_ORIGIN);
    match real.checked_sub(SCALE_ORIGIN) {
        Some(since) => SCALE_ORIGIN + since.mul_f64(scale),
        None => real,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_scaled_clock_sleeps_less_and_counts_more() {
        let clock = Clock::scaled(60.0);
        let (before, start) = (Instant::now(), clock.elapsed());
        clock.sleep(Duration::from_secs(120)).await;
        assert_eq!(before.elapsed(), Duration::from_secs(2));
        assert_eq!(clock.elapsed() - start, Duration::from_secs(120));
    }

    #[tokio::test(start_paused = true)]
    async fn wall_time_moves_with_the_clock() {
        let clock = Clock::scaled(10.0);
        let before = clock.now();
        clock.sleep(Duration::from_secs(30)).await;
        let passed = clock.now() - before;
        assert!((Duration::from_secs(29)..Duration::from_secs(60)).contains(&passed), "{passed:?}");
    }

    #[tokio::test]
    async fn a_senseless_scale_means_real_time() {
        for scale in [0.0, -1.0, f64::NAN, f64::INFINITY] {
            assert_eq!(Clock::scaled(scale).scale(), 1.0);
        }
    }
}
