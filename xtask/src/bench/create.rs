//! One endpoint's create and destroy against the sandbox: the memory of its plan, the requests of its create, and how
//! much longer each wait was than the services took.

use std::path::Path;

use anyhow::{Context as _, Result};
use tidblink_sandbox::RequestRecord;
use tidblink_sandbox::world::World;

use super::noting::Noting;
use crate::control::Sandbox;
use crate::interrupt::Interrupt;
use crate::playground::Playground;
use crate::requests::Requests;
use crate::scenario::Scenario;
use crate::terraform;

/// How many times faster than real ones the services are. Less than in the demo, because what the machine itself takes
/// counts as many times.
const SPEED: u32 = 20;

/// What was measured.
#[derive(Debug)]
pub(super) struct Create {
    /// Highest resident memory of any provider process of `terraform plan`, in bytes.
    pub(super) plan_memory: Option<u64>,
    /// Requests of `terraform apply` after a saved plan.
    pub(super) requests: Requests,
    /// The waits of the create and the destroy.
    pub(super) waits: Vec<Wait>,
}

/// One wait, in seconds of the services' time.
#[derive(Debug)]
pub(super) struct Wait {
    /// What was waited for.
    pub(super) until: &'static str,
    /// How long the services took.
    pub(super) service: f64,
    /// How much later the provider went on.
    pub(super) added: f64,
}

impl Create {
    pub(super) async fn measure(
        binary: &Path,
        provider: &Path,
        sandbox: &Path,
        folder: &Path,
        interrupt: &Interrupt,
    ) -> Result<Self> {
        let sandbox = Sandbox::start(sandbox, SPEED, None, &folder.join("sandbox.log")).await?;
        let noting = Noting::write(folder, provider)?;
        let platform = terraform::platform(binary, folder, interrupt).await?;
        let playground =
            Playground::lay_out(folder, Scenario::Dedicated.example(), &noting.script, &platform)?;
        let terraform = playground.terraform(binary, sandbox.urls(), SPEED);
        let run = |arguments: &'static [&'static str]| terraform.succeed(arguments, interrupt);

        run(&["init", "-input=false"]).await?;
        let plan_memory = noting.peak_during(run(&["plan", "-input=false", "-out=tfplan"])).await?;
        let planned = sandbox.requests().await?.len();
        run(&["apply", "-input=false", "tfplan"]).await?;
        let applied = sandbox.requests().await?.split_off(planned);
        run(&["destroy", "-auto-approve", "-input=false"]).await?;
        let destroyed = sandbox.requests().await?.split_off(planned + applied.len());
        let world = sandbox.world().await?;
        Ok(Self {
            plan_memory,
            requests: Requests::count(&applied),
            waits: create_waits(&applied, &world)?
                .into_iter()
                .chain([destroy_wait(&destroyed, &world)?])
                .collect(),
        })
    }
}

/// What the figures to reach allow of an operation.
pub(super) fn limit(operation: &str) -> &'static str {
    match operation {
        "challenge" | "CreatePrivateEndpointConnection" | "CreateVpcEndpoint" | "ModifyVpcEndpoint" => "1",
        "CreateTags" | "DeleteTags" => "1 closing write, and a heartbeat a minute",
        _ => "reads only",
    }
}

/// The waits of a create. The first ends with private DNS being switched on, the second with the closing tag write; the
/// services' part follows from the sandbox's delays.
fn create_waits(records: &[RequestRecord], world: &World) -> Result<[Wait; 2]> {
    let delays = &world.delays;
    let registered = first(records, "CreatePrivateEndpointConnection")?;
    let modified = first(records, "ModifyVpcEndpoint")?;
    let finished = records
        .iter()
        .rfind(|record| matches!(record.operation.as_str(), "CreateTags" | "DeleteTags"))
        .context("the create wrote no closing tag")?;
    let accepted = (delays.connection_accept + delays.endpoint_pending) as f64;
    let active = (delays.connection_accept + delays.connection_active) as f64;
    let at = |record: &RequestRecord| record.time.seconds_since(registered.time);
    let ready = active.max(at(modified) + delays.endpoint_modify as f64);
    Ok([
        Wait {
            until: "the endpoint is accepted and available",
            service: accepted,
            added: at(modified) - accepted,
        },
        Wait {
            until: "private DNS is on and the connection active",
            service: ready - at(modified),
            added: at(finished) - ready,
        },
    ])
}

fn destroy_wait(records: &[RequestRecord], world: &World) -> Result<Wait> {
    let deregistered = first(records, "DeletePrivateEndpointConnection")?;
    let deleted = first(records, "DeleteVpcEndpoints")?;
    let last = records.last().context("the destroy made no request")?;
    let at = |record: &RequestRecord| record.time.seconds_since(deregistered.time);
    let gone =
        (world.delays.connection_delete as f64).max(at(deleted) + world.delays.endpoint_deleting as f64);
    Ok(Wait { until: "both sides are gone", service: gone, added: at(last) - gone })
}

/// The first request of an operation that was taken.
fn first<'a>(records: &'a [RequestRecord], operation: &str) -> Result<&'a RequestRecord> {
    records
        .iter()
        .find(|record| record.operation == operation && record.status.is_some_and(|status| status < 300))
        .with_context(|| format!("no {operation} succeeded"))
}
