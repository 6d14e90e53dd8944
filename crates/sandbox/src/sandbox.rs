//! A running sandbox: six sockets on loopback around one engine, for as long as the value lives.

use std::fmt;
use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use crate::default_world;
use crate::doors::Door;
use crate::engine::{Engine, Traffic};
use crate::events::{Event, EventError};
use crate::faults::{Fault, FaultId, FaultStatus};
use crate::journal::RequestRecord;
use crate::leftovers::Leftover;
use crate::server;
use crate::world::World;

/// How to start a sandbox.
#[derive(Clone, Debug)]
pub struct SandboxOptions {
    /// Address of the first door; the others take the next five ports. Any free ports when none is given or its port
    /// is 0. Loopback only.
    pub listen: Option<SocketAddr>,
    /// World seconds for each real second; 0 stands still until [`Sandbox::advance`].
    pub speed: f64,
    /// The world to begin with; [`default_world::world`] when none is given.
    pub world: Option<World>,
    /// Decides the ids that will be drawn.
    pub seed: u64,
}

impl Default for SandboxOptions {
    fn default() -> Self {
        Self { listen: None, speed: 1.0, world: None, seed: 0 }
    }
}

/// Base URL of each door, without a trailing slash.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Urls {
    /// Dedicated API; its paths begin with `/v1beta1`.
    pub dedicated: String,
    /// Starter and Essential API; its paths begin with `/v1beta1`.
    pub serverless: String,
    /// Legacy API; its paths begin with `/api/v1beta`.
    pub legacy: String,
    /// EC2 and STS.
    pub ec2: String,
    /// Alibaba Cloud.
    pub alicloud: String,
    /// For tests.
    pub control: String,
}

/// Why a sandbox did not start.
#[derive(Debug, thiserror::Error)]
pub enum SandboxError {
    /// An address that other machines could reach.
    #[error(
        "{0} is not a loopback address: the sandbox has no secrets worth the name and must not be reachable"
    )]
    NotLoopback(IpAddr),
    /// A speed that time cannot have.
    #[error("speed is {0}; it must be a finite number, 0 or more")]
    Speed(f64),
    /// A port that cannot be had.
    #[error("cannot listen on {address} for the {door} door: {source}")]
    Listen {
        /// Where.
        address: SocketAddr,
        /// For which door.
        door: Door,
        /// Why not.
        source: io::Error,
    },
}

/// The clouds in a box. Dropping it closes every door at once.
pub struct Sandbox {
    engine: Arc<Engine>,
    urls: Urls,
    doors: Vec<JoinHandle<std::convert::Infallible>>,
}

impl Sandbox {
    /// Opens all doors.
    ///
    /// # Errors
    /// When the address is not loopback or a port is taken, or the speed is no speed.
    pub async fn start(options: SandboxOptions) -> Result<Self, SandboxError> {
        if !options.speed.is_finite() || options.speed < 0.0 {
            return Err(SandboxError::Speed(options.speed));
        }
        let listen = options.listen.unwrap_or_else(|| SocketAddr::from((Ipv4Addr::LOCALHOST, 0)));
        if !listen.ip().is_loopback() {
            return Err(SandboxError::NotLoopback(listen.ip()));
        }
        let mut world = options.world.unwrap_or_else(default_world::world);
        world.ids.seed = options.seed;
        let mut listeners = Vec::new();
        for (offset, door) in (0_u16..).zip(Door::ALL) {
            let port = match listen.port() {
                0 => 0,
                first => first.saturating_add(offset),
            };
            let address = SocketAddr::new(listen.ip(), port);
            let bind = async {
                let listener = TcpListener::bind(address).await?;
                let bound = listener.local_addr()?;
                io::Result::Ok((listener, format!("http://{bound}")))
            };
            let (listener, url) =
                bind.await.map_err(|source| SandboxError::Listen { address, door, source })?;
            listeners.push((door, listener, url));
        }
        let url = |wanted: Door| {
            listeners
                .iter()
                .find(|(door, _, _)| *door == wanted)
                .map(|(_, _, url)| url.clone())
                .unwrap_or_default()
        };
        let urls = Urls {
            dedicated: url(Door::Dedicated),
            serverless: url(Door::Serverless),
            legacy: url(Door::Legacy),
            ec2: url(Door::Ec2),
            alicloud: url(Door::Alicloud),
            control: url(Door::Control),
        };
        let engine = Engine::new(world, options.speed);
        let doors = listeners
            .into_iter()
            .map(|(door, listener, _)| tokio::spawn(server::serve(listener, door, Arc::clone(&engine))))
            .collect();
        Ok(Self { engine, urls, doors })
    }

    /// Where the doors are.
    pub fn urls(&self) -> Urls {
        self.urls.clone()
    }

    /// Looks at the world, or changes it, at the present moment. What a change adds counts as left over.
    pub fn world<R>(&self, work: impl FnOnce(&mut World) -> R) -> R {
        self.engine.now(|state| work(&mut state.world))
    }

    /// Every request so far, in order.
    pub fn requests(&self) -> Vec<RequestRecord> {
        self.engine.now(|state| state.journal.records().to_vec())
    }

    /// How many requests have come in and how many of them are over.
    pub fn traffic(&self) -> Traffic {
        self.engine.traffic()
    }

    /// Forgets the requests so far.
    pub fn forget_requests(&self) {
        self.engine.now(|state| state.journal.forget());
    }

    /// Plants a fault.
    pub fn add_fault(&self, fault: Fault) -> FaultId {
        self.engine.now(|state| state.faults.plant(fault).id)
    }

    /// The planted faults, and how often each has fired.
    pub fn faults(&self) -> Vec<FaultStatus> {
        self.engine.now(|state| state.faults.all().to_vec())
    }

    /// Takes all planted faults away.
    pub fn clear_faults(&self) {
        self.engine.now(|state| state.faults.clear());
    }

    /// Lets something happen behind everybody's back.
    ///
    /// # Errors
    /// When the event names something that does not exist.
    pub fn event(&self, event: Event) -> Result<(), EventError> {
        self.engine.now(|state| state.world.happen(event))
    }

    /// What exists that was not there at the start.
    pub fn leftovers(&self) -> Vec<Leftover> {
        self.engine.now(|state| state.baseline.leftovers(&state.world))
    }

    /// Jumps world time forward.
    pub fn advance(&self, by: Duration) {
        self.engine.now(|state| state.clock.advance(by));
    }
}

impl Drop for Sandbox {
    fn drop(&mut self) {
        for door in &self.doors {
            door.abort();
        }
    }
}

impl fmt::Debug for Sandbox {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sandbox").field("urls", &self.urls).finish_non_exhaustive()
    }
}
