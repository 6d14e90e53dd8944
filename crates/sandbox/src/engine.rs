//! The one lock around everything, and the way of a request through it: identify, let in, strike a planted fault or
//! perform, answer. Doors decide what each of these means for their service; connection-level faults are decided here.

use std::future;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use ::http::StatusCode;

use crate::clock::Clock;
use crate::control;
use crate::doors::{self, Admitted, Door, Gate};
use crate::faults::{Effect, Faults};
use crate::http::{Reply, Request};
use crate::journal::Journal;
use crate::leftovers::Baseline;
use crate::server::Hangup;
use crate::world::World;

/// Everything behind the lock.
#[derive(Debug)]
pub(crate) struct State {
    pub(crate) world: World,
    pub(crate) clock: Clock,
    pub(crate) gate: Gate,
    pub(crate) faults: Faults,
    pub(crate) journal: Journal,
    pub(crate) baseline: Baseline,
}

impl State {
    /// Puts another world in place: a new start for leftovers and request budgets, while the clock goes on.
    pub(crate) fn replace_world(&mut self, world: World) {
        self.world = world;
        self.world.now = self.clock.now();
        self.world.advance(self.clock.now());
        self.baseline = Baseline::of(&self.world);
        self.gate.forget_budgets();
    }
}

/// A request that was let in, and what will become of it.
struct Verdict {
    seq: u64,
    outcome: Result<(Admitted, Option<Effect>), Reply>,
}

/// Shared by all doors.
#[derive(Debug)]
pub(crate) struct Engine {
    state: Mutex<State>,
    begun: AtomicU64,
    ended: AtomicU64,
}

/// How many requests have come in and how many of them are over: answered, hung up on, or held for good.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Traffic {
    /// Requests that came in.
    pub begun: u64,
    /// Those that nothing more will happen to.
    pub ended: u64,
}

impl Engine {
    pub(crate) fn new(mut world: World, speed: f64) -> Arc<Self> {
        let mut clock = Clock::start(speed);
        // A world that was saved in a sandbox whose time ran fast is ahead of ours, and nothing of it may lie ahead.
        clock.advance_to(world.now);
        world.now = clock.now();
        // A saved world may hold changes that fell due since.
        world.advance(clock.now());
        let baseline = Baseline::of(&world);
        Arc::new(Self {
            state: Mutex::new(State {
                world,
                clock,
                gate: Gate::default(),
                faults: Faults::default(),
                journal: Journal::default(),
                baseline,
            }),
            begun: AtomicU64::new(0),
            ended: AtomicU64::new(0),
        })
    }

    /// How busy the doors are, without touching the world.
    pub(crate) fn traffic(&self) -> Traffic {
        Traffic { begun: self.begun.load(Ordering::SeqCst), ended: self.ended.load(Ordering::SeqCst) }
    }

    fn end(&self) {
        self.ended.fetch_add(1, Ordering::SeqCst);
    }

    /// Works on the state at the present moment of world time.
    pub(crate) fn now<R>(&self, work: impl FnOnce(&mut State) -> R) -> R {
        // A panic in a test's closure must not take the sandbox with it: the world is plain data, always readable.
        let mut state: MutexGuard<'_, State> = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let now = state.clock.now();
        state.world.advance(now);
        work(&mut state)
    }

    /// Answers a request, or hangs up when a planted fault says so.
    pub(crate) async fn answer(&self, door: Door, request: Request) -> Result<Reply, Hangup> {
        if door == Door::Control {
            return Ok(self.now(|state| control::answer(state, &request)));
        }
        self.begun.fetch_add(1, Ordering::SeqCst);
        let operation = doors::operation(door, &request);
        let Verdict { seq, outcome } = self.now(|state| judge(state, door, &operation, &request));
        let (admitted, effect) = match outcome {
            Ok(admitted) => admitted,
            Err(refusal) => return Ok(self.close(seq, door, None, refusal)),
        };
        match effect {
            Some(Effect::Reset) => {
                self.end();
                return Err(Hangup);
            }
            Some(Effect::NeverAnswer) => {
                self.end();
                return future::pending().await;
            }
            Some(Effect::Garbage) => {
                let garbage = Reply::new(StatusCode::OK, "text/html", "<!doctype html><p>&nbsp{");
                return Ok(self.close(seq, door, Some(&admitted), garbage));
            }
            Some(Effect::Answer { status, body, headers, code, message }) => {
                let status = StatusCode::from_u16(status).unwrap_or(StatusCode::OK);
                let mut reply = doors::planted(door, &admitted, status, code, message, seq);
                if let Some(body) = body {
                    reply.body = body.into_bytes();
                }
                for (name, value) in headers {
                    reply = reply.with_header(&name, value);
                }
                return Ok(self.close(seq, door, Some(&admitted), reply));
            }
            Some(Effect::Echo(status)) => {
                let status = StatusCode::from_u16(status).unwrap_or(StatusCode::OK);
                let said = request.said();
                let reply = if status.is_success() {
                    Reply::new(status, "text/plain", said)
                } else {
                    doors::planted(
                        door,
                        &admitted,
                        status,
                        Some("InvalidRequest".to_owned()),
                        Some(said),
                        seq,
                    )
                };
                return Ok(self.close(seq, door, Some(&admitted), reply));
            }
            Some(Effect::Latency(millis)) => tokio::time::sleep(Duration::from_millis(millis)).await,
            Some(Effect::LostAfterEffect | Effect::HeldAfterEffect) | None => {}
        }
        let reply = self.now(|state| doors::perform(state, door, &operation, &admitted, &request, seq));
        match effect {
            Some(Effect::LostAfterEffect) => {
                self.end();
                Err(Hangup)
            }
            Some(Effect::HeldAfterEffect) => {
                self.end();
                future::pending().await
            }
            _ => Ok(self.close(seq, door, Some(&admitted), reply)),
        }
    }

    fn close(&self, seq: u64, door: Door, admitted: Option<&Admitted>, reply: Reply) -> Reply {
        self.now(|state| {
            let reply = doors::finish(state, door, admitted, seq, reply);
            state.journal.close(seq, &reply);
            self.end();
            reply
        })
    }
}

fn judge(state: &mut State, door: Door, operation: &str, request: &Request) -> Verdict {
    let seq = state.journal.open(door, operation, request, state.world.now);
    let outcome = doors::admit(state, door, operation, request, seq).map(|admitted| {
        let struck = state.faults.strike(door, operation);
        if let Some((id, _)) = &struck {
            state.journal.struck(seq, *id);
        }
        (admitted, struck.map(|(_, effect)| effect))
    });
    Verdict { seq, outcome }
}
