//! One endpoint that takes its time: how soon after the fact it is noticed, and how often was looked.

use std::path::Path;

use anyhow::{Context as _, Result};
use serde::Serialize;

use super::fleet::{Bench, Room, world};

/// How long TiDB Cloud takes until the connection is active, in seconds.
pub(super) const TIMES: [u64; 3] = [120, 300, 1_800];

/// One wait, in seconds of the services' time.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Patience {
    /// How long the services took.
    pub(super) service: f64,
    /// How much later it was noticed.
    pub(super) late: f64,
    /// How often TiDB Cloud was asked.
    pub(super) looks: usize,
}

impl Bench<'_> {
    /// Makes an endpoint whose connection becomes active after `seconds`.
    pub(super) async fn patience(&self, seconds: u64, folder: &Path) -> Result<Patience> {
        /// Slow enough that what the machine itself takes counts for little.
        const SPEED: u32 = 30;
        let room = Room::lay_out(self, 1, 1, folder).await?;
        let mut world = world(1, 1);
        world.delays.connection_active = seconds.saturating_sub(world.delays.connection_accept);
        let sandbox = self.start(&room, &world, SPEED).await?;
        room.succeed(self, &sandbox, SPEED, &["apply", "-auto-approve", "-input=false"]).await?;
        let records = sandbox.requests().await?;
        let of = |operation: &'static str| {
            records.iter().filter(move |record| record.operation == operation && record.status == Some(200))
        };
        let registered = of("CreatePrivateEndpointConnection").next().context("nothing was registered")?;
        let looks = || {
            let looks = of("ListPrivateEndpointConnections");
            looks.filter(|look| look.time.seconds_since(registered.time) > 0.0)
        };
        let modified = of("ModifyVpcEndpoint").next().context("private DNS was not switched on")?;
        let resolves = modified.time.seconds_since(registered.time) + world.delays.endpoint_modify as f64;
        let last = looks().next_back().context("nobody looked")?;
        let service = resolves.max(seconds as f64);
        Ok(Patience {
            service,
            late: last.time.seconds_since(registered.time) - service,
            looks: looks().count(),
        })
    }
}
