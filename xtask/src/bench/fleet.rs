//! Many endpoints at once: what it takes to make, refresh and destroy a fleet, and whether a hundred creates side by side
//! stay within the services' limits.

use std::fmt::{self, Write as _};
use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::{Result, ensure};
use serde::Serialize;
use serde_json::json;
use tidblink_sandbox::world::{
    ConnectionState, DedicatedCluster, EndpointService, EndpointState, Limits, NodeGroup, PrivateLinkService,
    SecurityGroup, Subnet, Vpc, World,
};
use tidblink_sandbox::{RequestRecord, default_world as ids};

use super::noting::Noting;
use crate::control::Sandbox;
use crate::interrupt::Interrupt;
use crate::playground::Playground;
use crate::terraform::{self, Terraform};

/// The sizes of the curves.
pub(super) const SIZES: [usize; 5] = [1, 10, 100, 500, 1_000];
/// Clusters are spread over so many projects.
const PROJECTS: usize = 5;
/// And their endpoints over networks with room for so many each (AWS PrivateLink quotas: 50).
const ENDPOINTS_PER_VPC: usize = 50;
/// How fast the services' time runs while a fleet is made only to be looked at.
const FAST: u32 = 200;
/// What every answer of the sandbox takes while a refresh is measured.
const LATENCY_MS: u64 = 20;
/// A refresh changes nothing, so it is measured this often; the median counts.
const REFRESHES: usize = 3;

/// One way of going over a fleet.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Pass {
    /// Wall time of the terraform command.
    pub(super) seconds: f64,
    /// Requests to TiDB Cloud.
    pub(super) tidb: usize,
    /// Requests to EC2.
    pub(super) ec2: usize,
    /// Peak resident memory of the provider in bytes, where the system tells.
    pub(super) memory: Option<u64>,
}

/// What a fleet of one size takes.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Fleet {
    pub(super) endpoints: usize,
    pub(super) create: Pass,
    pub(super) refresh: Pass,
    pub(super) destroy: Pass,
}

impl Fleet {
    /// The passes with their names, in order.
    pub(super) fn passes(&self) -> [(&'static str, &Pass); 3] {
        [("create", &self.create), ("refresh", &self.refresh), ("destroy", &self.destroy)]
    }
}

impl fmt::Display for Pass {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} TiDB Cloud calls, {} EC2 calls, {:.1} s", self.tidb, self.ec2, self.seconds)?;
        match self.memory {
            Some(bytes) => write!(f, ", {:.1} MiB", bytes as f64 / 1_048_576.0),
            None => Ok(()),
        }
    }
}

/// What a hundred creates side by side came to, under the services' own limits.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Rush {
    pub(super) endpoints: usize,
    /// How many endpoints ended active.
    pub(super) active: usize,
    /// Refusals of TiDB Cloud for too many requests.
    pub(super) tidb_throttled: usize,
    /// Refusals of EC2 for too many requests.
    pub(super) ec2_throttled: usize,
    /// Seconds of the services' time from the first request to the last.
    pub(super) seconds: f64,
    /// The same if the narrowest limit alone were what it takes, with the last endpoint's own time.
    pub(super) bound: f64,
    pub(super) tidb: usize,
    pub(super) ec2: usize,
}

/// The tools of these measurements.
pub(super) struct Bench<'a> {
    pub(super) terraform: &'a Path,
    pub(super) provider: &'a Path,
    pub(super) sandbox: &'a Path,
    pub(super) interrupt: &'a Interrupt,
}

impl Bench<'_> {
    /// Makes, refreshes and destroys a fleet of `endpoints`, each with a service of its own.
    pub(super) async fn fleet(&self, endpoints: usize, folder: &Path) -> Result<Fleet> {
        let room = Room::lay_out(self, endpoints, endpoints, folder).await?;
        let generous = Limits {
            tidb_requests_per_minute: 10_000_000,
            ec2_endpoint_write_burst: 1e7,
            ec2_read_burst: 1e7,
            ec2_tag_burst: 1e7,
            ..Limits::default()
        };
        let world = World { limits: generous, ..world(endpoints, endpoints) };
        let sandbox = self.start(&room, &world, FAST).await?;
        let create = room
            .pass(self, &sandbox, FAST, &["apply", "-auto-approve", "-input=false", "-parallelism=50"])
            .await?;
        let made = sandbox.world().await?;
        drop(sandbox);

        let sandbox = self.start(&room, &World { limits: Limits::default(), ..made.clone() }, 1).await?;
        for door in ["dedicated", "serverless", "legacy", "ec2"] {
            let slow = json!({ "door": door, "times": null, "effect": { "latency_ms": LATENCY_MS } });
            sandbox.fault(&slow).await?;
        }
        let mut refreshes = Vec::new();
        for _ in 0..REFRESHES {
            refreshes
                .push(room.pass(self, &sandbox, 1, &["plan", "-input=false", "-detailed-exitcode"]).await?);
        }
        refreshes.sort_by(|one, other| one.seconds.total_cmp(&other.seconds));
        let refresh = refreshes.swap_remove(REFRESHES / 2);
        drop(sandbox);

        let sandbox = self.start(&room, &made, FAST).await?;
        let destroy = room
            .pass(self, &sandbox, FAST, &["destroy", "-auto-approve", "-input=false", "-parallelism=50"])
            .await?;
        let left = sandbox.world().await?.aws.endpoints;
        ensure!(
            left.iter().all(|endpoint| endpoint.state == EndpointState::Deleted),
            "the destroy left endpoints behind"
        );
        Ok(Fleet { endpoints, create, refresh, destroy })
    }

    /// Makes `endpoints` side by side under the services' own limits, for `clusters` whose services are known already.
    pub(super) async fn rush(
        &self,
        endpoints: usize,
        clusters: usize,
        speed: u32,
        folder: &Path,
    ) -> Result<Rush> {
        let room = Room::lay_out(self, endpoints, clusters, folder).await?;
        let world = world(endpoints, clusters);
        let (limits, delays) = (world.limits.clone(), world.delays.clone());
        let sandbox = self.start(&room, &world, speed).await?;
        let apply = ["apply", "-auto-approve", "-input=false", "-parallelism=100"];
        let services = [&apply[..], &["-target=tidblink_endpoint_service.fleet"]].concat();
        room.succeed(self, &sandbox, speed, &services).await?;
        let before = sandbox.requests().await?.len();
        room.succeed(self, &sandbox, speed, &apply).await?;
        let records = sandbox.requests().await?.split_off(before);
        let made = sandbox.world().await?;

        let times = || records.iter().map(|record| record.time);
        let seconds = match (times().min(), times().max()) {
            (Some(first), Some(last)) => last.seconds_since(first),
            _ => 0.0,
        };
        let queue =
            (endpoints as f64 - limits.ec2_endpoint_write_burst).max(0.0) / limits.ec2_endpoint_write_rate;
        let own = delays.connection_accept
            + delays.endpoint_pending.max(delays.connection_active)
            + delays.endpoint_modify;
        let refused = |tidb: bool, status: u16| {
            records.iter().filter(|record| is_tidb(record) == tidb && record.status == Some(status)).count()
        };
        let (tidb, ec2) = count(&records);
        Ok(Rush {
            endpoints,
            active: made
                .tidb
                .connections
                .iter()
                .filter(|connection| connection.state == ConnectionState::Active)
                .count(),
            tidb_throttled: refused(true, 429),
            ec2_throttled: refused(false, 503),
            seconds,
            bound: queue + own as f64,
            tidb,
            ec2,
        })
    }

    pub(super) async fn start(&self, room: &Room, world: &World, speed: u32) -> Result<Sandbox> {
        let file = room.folder.join("world.json");
        fs::write(&file, serde_json::to_vec(world)?)?;
        Sandbox::start(self.sandbox, speed, Some(&file), &room.folder.join("sandbox.log")).await
    }
}

/// A folder with the configuration of a fleet, and a provider whose memory is looked at.
pub(super) struct Room {
    folder: PathBuf,
    playground: Playground,
    noting: Noting,
}

impl Room {
    pub(super) async fn lay_out(
        bench: &Bench<'_>,
        endpoints: usize,
        clusters: usize,
        folder: &Path,
    ) -> Result<Self> {
        fs::create_dir_all(folder)?;
        let noting = Noting::write(folder, bench.provider)?;
        let platform = terraform::platform(bench.terraform, folder, bench.interrupt).await?;
        let playground = Playground::empty(folder, &noting.script, &platform)?;
        let work = playground.work();
        fs::write(work.join("main.tf"), configuration(endpoints, clusters))?;
        fs::create_dir_all(work.join("endpoint"))?;
        fs::write(work.join("endpoint/main.tf"), MODULE)?;
        Ok(Self { folder: folder.to_owned(), playground, noting })
    }

    fn terraform(&self, bench: &Bench<'_>, sandbox: &Sandbox, speed: u32) -> Terraform {
        self.playground.terraform(bench.terraform, sandbox.urls(), speed)
    }

    pub(super) async fn succeed(
        &self,
        bench: &Bench<'_>,
        sandbox: &Sandbox,
        speed: u32,
        arguments: &[&str],
    ) -> Result<()> {
        let terraform = self.terraform(bench, sandbox, speed);
        for arguments in [&["init", "-input=false"], arguments] {
            terraform.succeed(arguments, bench.interrupt).await?;
        }
        Ok(())
    }

    /// Runs one command and measures it.
    async fn pass(
        &self,
        bench: &Bench<'_>,
        sandbox: &Sandbox,
        speed: u32,
        arguments: &[&str],
    ) -> Result<Pass> {
        self.succeed(bench, sandbox, speed, &["version"]).await?;
        let before = sandbox.requests().await?.len();
        let begun = Instant::now();
        let mut took = Duration::ZERO;
        let memory = self
            .noting
            .peak_during(async {
                let done = self.terraform(bench, sandbox, speed).succeed(arguments, bench.interrupt).await;
                took = begun.elapsed();
                done
            })
            .await?;
        let (tidb, ec2) = count(&sandbox.requests().await?.split_off(before));
        Ok(Pass { seconds: took.as_secs_f64(), tidb, ec2, memory })
    }
}

fn is_tidb(record: &RequestRecord) -> bool {
    !matches!(record.door, tidblink_sandbox::Door::Ec2 | tidblink_sandbox::Door::Alicloud)
}

fn count(records: &[RequestRecord]) -> (usize, usize) {
    let tidb = records.iter().filter(|record| is_tidb(record)).count();
    (tidb, records.len() - tidb)
}

/// Endpoint `number` is in this network.
fn vpc_of(number: usize, endpoints: usize, clusters: usize) -> usize {
    // Two endpoints of one service cannot both own its name in one network.
    if clusters < endpoints { number / clusters } else { number / ENDPOINTS_PER_VPC }
}

fn vpcs(endpoints: usize, clusters: usize) -> usize {
    vpc_of(endpoints - 1, endpoints, clusters) + 1
}

fn service_name(cluster: usize) -> String {
    format!("com.amazonaws.vpce.us-west-2.vpce-svc-{:017x}", 0xf_0000 + cluster)
}

/// A world with so many Dedicated clusters and networks with room for so many endpoints of theirs.
pub(super) fn world(endpoints: usize, clusters: usize) -> World {
    let mut world = ids::world();
    let model = world.tidb.clusters[0].clone();
    let (vpc, subnet) = (find(&world.aws.vpcs, |vpc: &Vpc| vpc.vpc_id == ids::WEST_VPC_ID), |id: &str| {
        find(&world.aws.subnets, |subnet: &Subnet| subnet.subnet_id == id)
    });
    let subnets = [subnet(ids::WEST_SUBNET_AZ1), subnet(ids::WEST_SUBNET_AZ2)];
    let group =
        find(&world.aws.security_groups, |group: &SecurityGroup| group.group_id == ids::WEST_GROUP_OPEN);
    let service = find(&world.aws.services, |service: &EndpointService| {
        service.service_name == ids::DEDICATED_SERVICE_NAME
    });
    for number in 0..clusters {
        let host = format!("privatelink-{number:08}.fleet.clusters.tidb-cloud.com");
        let node_group = model.node_groups[0].clone();
        world.tidb.clusters.push(DedicatedCluster {
            cluster_id: (10_500_000_000_000_000_000 + number as u64).to_string(),
            project_id: (1_380_000_000_000_000_000 + (number % PROJECTS) as u64).to_string(),
            display_name: format!("fleet-{number}"),
            node_groups: vec![NodeGroup {
                node_group_id: (1_950_000_000_000_000_000 + number as u64).to_string(),
                private_link_service: node_group.private_link_service.map(|link| PrivateLinkService {
                    service_name: service_name(number),
                    dns_name: host.clone(),
                    ..link
                }),
                ..model.node_groups[0].clone()
            }],
            ..model.clone()
        });
        world.aws.services.push(EndpointService {
            service_name: service_name(number),
            private_dns_name: Some(host),
            ..service.clone()
        });
    }
    for number in 0..vpcs(endpoints, clusters) {
        let vpc_id = format!("vpc-{:017x}", 0xf_0000 + number);
        world.aws.vpcs.push(Vpc { vpc_id: vpc_id.clone(), ..vpc.clone() });
        for (index, subnet) in subnets.iter().enumerate() {
            world.aws.subnets.push(Subnet {
                subnet_id: format!("subnet-{:017x}", 0xf_0000 + 2 * number + index),
                vpc_id: vpc_id.clone(),
                ..subnet.clone()
            });
        }
        world.aws.security_groups.push(SecurityGroup {
            group_id: format!("sg-{:017x}", 0xf_0000 + number),
            vpc_id,
            ..group.clone()
        });
    }
    world
}

fn find<T: Clone>(all: &[T], which: impl Fn(&T) -> bool) -> T {
    all.iter().find(|one| which(one)).cloned().unwrap_or_else(|| unreachable!("the default world has it"))
}

/// The configuration of a fleet, as somebody who has one would write it.
fn configuration(endpoints: usize, clusters: usize) -> String {
    let mut text = String::from(
        "terraform {\n  required_providers {\n    tidblink = {\n      source = \"tidblink/tidblink\"\n    }\n  }\n}\n\n\
         provider \"tidblink\" {}\n\nlocals {\n  clusters = {\n",
    );
    // Writing to a string cannot fail.
    for cluster in 0..clusters {
        let _ = writeln!(text, "    c{cluster} = \"{}\"", 10_500_000_000_000_000_000 + cluster as u64);
    }
    text.push_str("  }\n  endpoints = {\n");
    let key = if clusters == endpoints { 'c' } else { 'e' };
    for number in 0..endpoints {
        let vpc = vpc_of(number, endpoints, clusters);
        let _ = writeln!(
            text,
            "    {key}{number} = {{ cluster = \"c{}\", vpc = \"vpc-{:017x}\", subnets = [\"subnet-{:017x}\", \
             \"subnet-{:017x}\"], group = \"sg-{:017x}\" }}",
            number % clusters,
            0xf_0000 + vpc,
            0xf_0000 + 2 * vpc,
            0xf_0000 + 2 * vpc + 1,
            0xf_0000 + vpc,
        );
    }
    text.push_str("  }\n}\n");
    text.push_str(if clusters == endpoints { MODULES } else { ENDPOINTS });
    text
}

/// An endpoint and its service in a module, because Terraform takes all instances of a resource together wherever one of
/// them is named.
const MODULES: &str = r#"
module "fleet" {
  for_each   = local.endpoints
  source     = "./endpoint"
  cluster_id = local.clusters[each.key]
  network    = each.value
}
"#;

const MODULE: &str = r#"
terraform {
  required_providers {
    tidblink = {
      source = "tidblink/tidblink"
    }
  }
}

variable "cluster_id" {
  type = string
}

variable "network" {
  type = object({ vpc = string, subnets = list(string), group = string })
}

resource "tidblink_endpoint_service" "this" {
  cluster_id = var.cluster_id
}

resource "tidblink_private_endpoint" "this" {
  service_id = tidblink_endpoint_service.this.id
  aws = {
    vpc_id             = var.network.vpc
    subnet_ids         = var.network.subnets
    security_group_ids = [var.network.group]
  }
  timeouts = { create = "2h" }
}
"#;

const ENDPOINTS: &str = r#"
resource "tidblink_endpoint_service" "fleet" {
  for_each   = local.clusters
  cluster_id = each.value
}

resource "tidblink_private_endpoint" "fleet" {
  for_each   = local.endpoints
  service_id = tidblink_endpoint_service.fleet[each.value.cluster].id
  aws = {
    vpc_id             = each.value.vpc
    subnet_ids         = each.value.subnets
    security_group_ids = [each.value.group]
  }
  timeouts = { create = "2h" }
}
"#;
