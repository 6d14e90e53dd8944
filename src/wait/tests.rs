//! When a wait looks, what it makes of what it sees, and what it leaves to read.

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
        let allowed =
            Duration::from_secs(after) + Duration::from_secs(5).max(Duration::from_secs(after).mul_f64(0.1));
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
    for part in ["waiting_for=\"it\"", "since=\"20", "waited_seconds=", "looks=", "message=still waiting"] {
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
