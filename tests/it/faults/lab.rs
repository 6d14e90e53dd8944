//! A sandbox, a time of its own and everything that a provider finds around it, in one thread. Time stands still while
//! anybody is busy and jumps when all wait, so that an hour costs nothing and a run repeats itself exactly.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use tfplugin::testing::TestProvider;
use tidblink::clock::Clock;
use tidblink::network::Network;
use tidblink::random::Random;
use tidblink::{Surroundings, Tidblink};
use tidblink_sandbox::world::World;
use tidblink_sandbox::{Event, Sandbox, SandboxOptions};
use tokio::sync::Notify;
use tokio::task::JoinHandle;

use super::system;

/// How far time goes at once when nobody has anything to do.
const STEP: Duration = Duration::from_secs(2);
/// How often in a row there must be nothing to do. Each look polls every socket; a request takes three to get there and
/// back.
const QUIET_LOOKS: u32 = 9;

/// What waits for something to come about in the clouds.
enum Watch {
    /// Tells when so many requests have come in.
    Requests(u64, Arc<Notify>),
    /// Lets something happen as soon as the world gives cause.
    Cause(fn(&World) -> Option<Event>),
}

/// One run's surroundings.
pub(crate) struct Lab {
    pub(crate) sandbox: Arc<Sandbox>,
    clock: Clock,
    random: Random,
    watch: Arc<Mutex<Option<Watch>>>,
    time: JoinHandle<()>,
}

impl Lab {
    /// The sandbox's default world, in a hurry. Only within [`in_a_time_of_its_own`]. Another seed draws other tokens.
    pub(crate) async fn open(seed: u64) -> Self {
        let sandbox = Arc::new(Sandbox::start(SandboxOptions::default()).await.expect("a sandbox"));
        sandbox.world(system::hurry);
        let watch = Arc::new(Mutex::new(None));
        let time = tokio::spawn(let_time_pass(Arc::clone(&sandbox), Arc::clone(&watch)));
        Self { sandbox, clock: Clock::real(), random: Random::seeded(seed), watch, time }
    }

    /// A provider process that has just been started and configured.
    pub(crate) async fn provider(&self) -> TestProvider<Tidblink> {
        self.provider_in(None).await
    }

    /// The same in another network than this machine's.
    pub(crate) async fn provider_in(&self, network: Option<Arc<dyn Network>>) -> TestProvider<Tidblink> {
        let provider = TestProvider::new(Tidblink::within(Surroundings {
            environment: Some(system::environment()),
            clock: Some(self.clock.clone()),
            random: Some(self.random.clone()),
            network,
            aws_keys: Some(system::aws_keys()),
        }));
        provider.configure(system::provider(&self.sandbox.urls())).await.expect("a right configuration");
        provider
    }

    /// Seconds since some moment, in everybody's time.
    pub(crate) fn seconds(&self) -> u64 {
        self.clock.elapsed().as_secs()
    }

    /// Waits until so many more requests have come in.
    pub(crate) async fn requests(&self, more: u64) {
        let came = Arc::new(Notify::new());
        let wanted = self.sandbox.traffic().begun + more;
        self.watch(Watch::Requests(wanted, Arc::clone(&came)));
        came.notified().await;
    }

    /// Lets something happen once, as soon as the world gives cause.
    pub(crate) fn on(&self, cause: fn(&World) -> Option<Event>) {
        self.watch(Watch::Cause(cause));
    }

    /// Whether what was to happen has not happened yet.
    pub(crate) fn still_waits(&self) -> bool {
        self.watch.lock().expect("a lock").is_some()
    }

    fn watch(&self, watch: Watch) {
        *self.watch.lock().expect("a lock") = Some(watch);
    }
}

impl Drop for Lab {
    fn drop(&mut self) {
        self.time.abort();
    }
}

/// Runs to the end in a runtime whose clock is paused.
pub(crate) fn in_a_time_of_its_own<T>(work: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().start_paused(true).build();
    runtime.expect("a runtime").block_on(work)
}

/// Tokio moves a paused clock on as soon as every task waits, sockets included, which would time out each request before
/// its answer is read. So one task stays busy until nothing has come or gone for a while, and only then lets a moment pass.
async fn let_time_pass(sandbox: Arc<Sandbox>, watch: Arc<Mutex<Option<Watch>>>) {
    loop {
        let mut quiet = 0;
        let mut seen = sandbox.traffic();
        while quiet < QUIET_LOOKS {
            tokio::task::yield_now().await;
            let now = sandbox.traffic();
            let moved = now != seen;
            quiet = if moved || now.begun != now.ended { 0 } else { quiet + 1 };
            seen = now;
            if moved || quiet == QUIET_LOOKS {
                look(&sandbox, &mut watch.lock().expect("a lock"));
            }
        }
        tokio::time::sleep(STEP).await;
    }
}

fn look(sandbox: &Sandbox, watch: &mut Option<Watch>) {
    match watch {
        Some(Watch::Requests(wanted, came)) if sandbox.traffic().begun >= *wanted => {
            came.notify_one();
            *watch = None;
        }
        Some(Watch::Cause(cause)) => {
            if let Some(event) = sandbox.world(|world| cause(world)) {
                sandbox.event(event).expect("an event that can happen");
                *watch = None;
            }
        }
        _ => {}
    }
}
