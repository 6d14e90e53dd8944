//! State machines that go the wrong way: what is rejected, fails, expires, disappears or never comes, while an endpoint
//! is made, changed and taken away.

use std::fmt;
use std::rc::Rc;
use std::time::Duration;

use tidblink_sandbox::world::{ServiceState, World};
use tidblink_sandbox::{Event, default_world as ids};

use super::cell::{Broken, Outcome, aftermath};
use super::lab::{Lab, in_a_time_of_its_own};
use super::life::{Phase, Standing, Start};
use super::system::{LIMIT_SECONDS, READ_SECONDS, System, hurry};
use super::words;

/// What goes wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Turn {
    /// TiDB Cloud could not accept the endpoint.
    ConnectionFails,
    /// TiDB Cloud looked before the endpoint could be seen.
    ConnectionFailsTooEarly,
    /// Somebody takes the registration away.
    ConnectionDisappears,
    /// The service's owner says no.
    Rejected,
    /// The cloud gives the endpoint up.
    Fails,
    /// Nobody accepted it in time.
    Expires,
    /// Somebody deletes it.
    Disappears,
    /// Somebody switches private DNS off.
    LosesItsName,
    /// The connection of an Alibaba Cloud endpoint is ended.
    Disconnected,
    /// The service goes away with its cluster.
    ServiceDeleting,
    /// Nothing ever becomes of it.
    Stuck,
}

impl Turn {
    pub(super) const ALL: [Self; 11] = [
        Self::ConnectionFails,
        Self::ConnectionFailsTooEarly,
        Self::ConnectionDisappears,
        Self::Rejected,
        Self::Fails,
        Self::Expires,
        Self::Disappears,
        Self::LosesItsName,
        Self::Disconnected,
        Self::ServiceDeleting,
        Self::Stuck,
    ];

    pub(super) fn title(self) -> &'static str {
        match self {
            Self::ConnectionFails => "the registration becomes FAILED",
            Self::ConnectionFailsTooEarly => {
                "it becomes FAILED because TiDB Cloud does not see the endpoint yet"
            }
            Self::ConnectionDisappears => "somebody deletes the registration",
            Self::Rejected => "the endpoint is rejected",
            Self::Fails => "the endpoint fails",
            Self::Expires => "the endpoint expires",
            Self::Disappears => "somebody deletes the endpoint",
            Self::LosesItsName => "somebody switches private DNS off",
            Self::Disconnected => "the connection is ended",
            Self::ServiceDeleting => "the service is being deleted",
            Self::Stuck => "nothing ever changes its state",
        }
    }

    /// Whether it can happen to an endpoint of this system.
    fn concerns(self, system: System) -> bool {
        match self {
            Self::ConnectionFails
            | Self::ConnectionFailsTooEarly
            | Self::ConnectionDisappears
            | Self::ServiceDeleting => system == System::Dedicated,
            Self::Rejected | Self::Fails | Self::Expires | Self::LosesItsName => system != System::Alicloud,
            Self::Disconnected => system == System::Alicloud,
            Self::Disappears | Self::Stuck => true,
        }
    }

    /// The event, once there is something that it can happen to.
    fn cause(self) -> Option<fn(&World) -> Option<Event>> {
        fn connection(world: &World) -> Option<String> {
            world.tidb.connections.first().map(|it| it.connection_id.clone())
        }
        fn endpoint(world: &World) -> Option<String> {
            let own = System::Dedicated.endpoints(world).into_iter().next();
            own.or_else(|| System::Alicloud.endpoints(world).into_iter().next())
        }
        Some(match self {
            Self::ConnectionFails => |world| {
                let message = Some("internal error".to_owned());
                let connection_id = Some(connection(world)?);
                Some(Event::ConnectionFailed { connection_id, endpoint_id: None, message })
            },
            Self::ConnectionFailsTooEarly => |world| {
                let message = Some("the VPC endpoint does not exist".to_owned());
                let connection_id = Some(connection(world)?);
                Some(Event::ConnectionFailed { connection_id, endpoint_id: None, message })
            },
            Self::ConnectionDisappears => |world| {
                let connection_id = Some(connection(world)?);
                Some(Event::ConnectionDeleted { connection_id, endpoint_id: None })
            },
            Self::Rejected => {
                |world| Some(Event::EndpointRejected { endpoint_id: endpoint(world)?, message: None })
            }
            Self::Fails => {
                |world| Some(Event::EndpointFailed { endpoint_id: endpoint(world)?, message: None })
            }
            Self::Expires => |world| Some(Event::EndpointExpired { endpoint_id: endpoint(world)? }),
            Self::Disappears => |world| Some(Event::EndpointDeleted { endpoint_id: endpoint(world)? }),
            Self::LosesItsName => |world| Some(Event::PrivateDnsDisabled { endpoint_id: endpoint(world)? }),
            Self::Disconnected => {
                |world| Some(Event::ConnectionDisconnected { endpoint_id: endpoint(world)? })
            }
            Self::ServiceDeleting => |world| {
                connection(world)?;
                Some(Event::ServiceState {
                    cluster_id: ids::DEDICATED_CLUSTER_ID.into(),
                    node_group_id: ids::DEDICATED_NODE_GROUP_ID.into(),
                    state: ServiceState::Deleting,
                })
            },
            Self::Stuck => return None,
        })
    }
}

/// A turn for the worse during a phase.
#[derive(Clone, Copy, Debug)]
pub(super) struct Bend {
    pub(super) system: System,
    pub(super) phase: Phase,
    pub(super) turn: Turn,
}

impl fmt::Display for Bend {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}, {}, {}", self.system.title(), self.phase.title(), self.turn.title())
    }
}

/// Every turn in every phase that it can come in.
pub(super) fn bends() -> Vec<Bend> {
    let mut bends = Vec::new();
    for system in System::ALL {
        for phase in [Phase::Create, Phase::Update, Phase::Delete] {
            let turns = Turn::ALL.into_iter().filter(|turn| turn.concerns(system));
            bends.extend(turns.map(|turn| Bend { system, phase, turn }));
        }
    }
    bends
}

impl Bend {
    /// Lives through it.
    pub(super) fn live(&self, standing: &Standing) -> Result<Outcome, Broken> {
        in_a_time_of_its_own(async {
            let mut broken = Broken::new();
            let lab = Rc::new(Lab::open(2).await);
            let mut start = Start::of(self.phase, standing, &lab, self.system).await;
            match self.turn.cause() {
                Some(cause) => lab.on(cause),
                None => lab.sandbox.world(freeze),
            }
            let began = lab.seconds();
            let result = start.go(self.phase, standing).await;
            let took = lab.seconds() - began;
            if lab.still_waits() {
                broken.push("it never happened".into());
            }
            if took > LIMIT_SECONDS.max(READ_SECONDS) + 180 {
                broken.push(format!("it took {took} s"));
            }
            if let Err(failure) = &result {
                broken.extend(words::missing(failure, None));
            }
            if self.turn == Turn::Stuck {
                lab.sandbox.world(hurry);
                lab.sandbox.advance(Duration::from_secs(LONG));
            }
            if self.turn == Turn::ServiceDeleting {
                let back = Event::ServiceState {
                    cluster_id: ids::DEDICATED_CLUSTER_ID.into(),
                    node_group_id: ids::DEDICATED_NODE_GROUP_ID.into(),
                    state: ServiceState::Active,
                };
                lab.sandbox.event(back).expect("a service");
            }
            if self.turn == Turn::Disconnected {
                // Only the service's owner can take that back.
                for endpoint_id in lab.sandbox.world(|world| self.system.endpoints(world)) {
                    lab.sandbox.event(Event::ConnectionAccepted { endpoint_id }).expect("an endpoint");
                }
            }
            let outcome = aftermath(&mut start.workspace, self.phase, true, &result, &mut broken).await;
            if broken.is_empty() { Ok(outcome) } else { Err(broken) }
        })
    }
}

/// Longer than anybody waits, in seconds.
const LONG: u64 = 24 * 3600;

/// From now on nothing comes to an end within anybody's patience.
fn freeze(world: &mut World) {
    let delays = &mut world.delays;
    delays.connection_accept = LONG;
    delays.connection_active = LONG;
    delays.connection_delete = LONG;
    delays.endpoint_pending = LONG;
    delays.endpoint_modify = LONG;
    delays.endpoint_deleting = LONG;
    delays.alicloud_endpoint_create = LONG;
    delays.alicloud_endpoint_connect = LONG;
    delays.alicloud_zone_create = LONG;
    delays.alicloud_endpoint_change = LONG;
    delays.alicloud_endpoint_delete = LONG;
}
