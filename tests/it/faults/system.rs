//! The three systems, and for each what a user would write first and what the user changes later.

use std::collections::HashMap;

use serde_json::{Value as Json, json};
use tidblink::clouds::aws::StaticKeys;
use tidblink::secret::Secret;
use tidblink_sandbox::default_world as ids;
use tidblink_sandbox::world::World;
use tidblink_sandbox::{Door, Urls};

/// What a private endpoint leads to, and through which cloud.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum System {
    Dedicated,
    Starter,
    Alicloud,
}

/// Which configuration is applied.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Wish {
    /// What is written first.
    First,
    /// Other subnets, more security groups, other tags.
    Changed,
}

impl System {
    pub(crate) const ALL: [Self; 3] = [Self::Dedicated, Self::Starter, Self::Alicloud];

    pub(crate) fn title(self) -> &'static str {
        match self {
            Self::Dedicated => "Dedicated on AWS",
            Self::Starter => "Starter and Essential on AWS",
            Self::Alicloud => "Starter and Essential on Alibaba Cloud",
        }
    }

    fn cluster(self) -> &'static str {
        match self {
            Self::Dedicated => ids::DEDICATED_CLUSTER_ID,
            Self::Starter => ids::STARTER_CLUSTER_ID,
            Self::Alicloud => ids::ALICLOUD_CLUSTER_ID,
        }
    }

    /// The `tidblink_endpoint_service`.
    pub(crate) fn service(self) -> Json {
        json!({ "cluster_id": self.cluster(), "timeouts": { "create": LIMIT } })
    }

    /// The id that the service will have.
    pub(crate) fn service_id(self) -> String {
        match self {
            Self::Dedicated => {
                format!("dedicated/{}/{}", ids::DEDICATED_CLUSTER_ID, ids::DEDICATED_NODE_GROUP_ID)
            }
            Self::Starter | Self::Alicloud => format!("serverless/{}", self.cluster()),
        }
    }

    /// The `tidblink_private_endpoint`.
    pub(crate) fn endpoint(self, wish: Wish) -> Json {
        let block = match (self, wish) {
            (Self::Dedicated, Wish::First) => json!({
                "vpc_id": ids::WEST_VPC_ID,
                "subnet_ids": [ids::WEST_SUBNET_AZ1, ids::WEST_SUBNET_AZ2],
                "security_group_ids": [ids::WEST_GROUP_OPEN],
                "tags": { "team": "orders" },
            }),
            (Self::Dedicated, Wish::Changed) => json!({
                "vpc_id": ids::WEST_VPC_ID,
                "subnet_ids": [ids::WEST_SUBNET_AZ2, ids::WEST_SUBNET_AZ3],
                "security_group_ids": [ids::WEST_GROUP_OPEN, ids::WEST_GROUP_CLOSED],
                "tags": { "owner": "orders" },
            }),
            (Self::Starter, Wish::First) => json!({
                "vpc_id": ids::EAST_VPC_ID,
                "subnet_ids": [ids::EAST_SUBNET_AZ1],
                "security_group_ids": [ids::EAST_GROUP_OPEN],
                "tags": { "team": "web" },
            }),
            (Self::Starter, Wish::Changed) => json!({
                "vpc_id": ids::EAST_VPC_ID,
                "subnet_ids": [ids::EAST_SUBNET_AZ1, ids::EAST_SUBNET_AZ2],
                "security_group_ids": [ids::EAST_GROUP_OPEN, ids::EAST_GROUP_CLOSED],
                "tags": { "owner": "web" },
            }),
            (Self::Alicloud, Wish::First) => json!({
                "vpc_id": ids::ALICLOUD_VPC_ID,
                "vswitch_ids": [ids::ALICLOUD_VSWITCH_A, ids::ALICLOUD_VSWITCH_B],
                "security_group_ids": [ids::ALICLOUD_GROUP_OPEN],
                "tags": { "team": "mall" },
            }),
            (Self::Alicloud, Wish::Changed) => json!({
                "vpc_id": ids::ALICLOUD_VPC_ID,
                "vswitch_ids": [ids::ALICLOUD_VSWITCH_A_SECOND, ids::ALICLOUD_VSWITCH_B],
                "security_group_ids": [ids::ALICLOUD_GROUP_CLOSED],
                "name": "mall",
                "tags": { "owner": "mall" },
            }),
        };
        let (name, block) = (if self == Self::Alicloud { "alicloud" } else { "aws" }, block);
        let timeouts = json!({ "create": LIMIT, "update": LIMIT, "delete": LIMIT });
        json!({ "service_id": self.service_id(), name: block, "timeouts": timeouts })
    }

    /// How an error names the side behind a door.
    pub(crate) fn side(door: Door) -> &'static [&'static str] {
        match door {
            Door::Ec2 => &["EC2", "AWS"],
            Door::Alicloud => &["Alibaba Cloud"],
            Door::Dedicated | Door::Serverless | Door::Legacy | Door::Control => &["TiDB Cloud"],
        }
    }

    /// The ids of its endpoints that exist, in whatever state.
    pub(crate) fn endpoints(self, world: &World) -> Vec<String> {
        match self {
            Self::Alicloud => world.alicloud.endpoints.iter().map(|it| it.endpoint_id.clone()).collect(),
            Self::Dedicated | Self::Starter => {
                let exists = |state| state != tidblink_sandbox::world::EndpointState::Deleted;
                let endpoints = world.aws.endpoints.iter().filter(|it| exists(it.state));
                endpoints.map(|it| it.endpoint_id.clone()).collect()
            }
        }
    }
}

/// How long each of create, update and delete may take.
const LIMIT: &str = "6m";
/// The same, in seconds.
pub(crate) const LIMIT_SECONDS: u64 = 6 * 60;

/// How long a plan, a refresh or an import may take, in seconds.
pub(crate) const READ_SECONDS: u64 = 10 * 60;

/// Services that are quick, so that a life takes few looks; still slow enough that each wait sees its state pending, and
/// a create lasts longer than a heartbeat.
pub(crate) fn hurry(world: &mut World) {
    let delays = &mut world.delays;
    delays.connection_accept = 10;
    delays.connection_active = 70;
    delays.connection_delete = 10;
    delays.endpoint_pending = 5;
    delays.endpoint_modify = 5;
    delays.endpoint_deleting = 10;
    delays.endpoint_deleted = 5;
    delays.alicloud_endpoint_create = 5;
    delays.alicloud_endpoint_connect = 65;
    delays.alicloud_zone_create = 5;
    delays.alicloud_endpoint_change = 5;
    delays.alicloud_endpoint_delete = 5;
}

/// The provider block that leads to the sandbox.
pub(crate) fn provider(urls: &Urls) -> Json {
    json!({
        "public_key": ids::TIDB_PUBLIC_KEY,
        "private_key": ids::TIDB_PRIVATE_KEY,
        "alicloud": {
            "access_key": ids::ALICLOUD_ACCESS_KEY_ID,
            "secret_key": ids::ALICLOUD_ACCESS_KEY_SECRET,
        },
        "endpoints": {
            "dedicated": urls.dedicated,
            "serverless": urls.serverless,
            "legacy": urls.legacy,
            "ec2": urls.ec2,
            "alicloud": urls.alicloud,
        },
    })
}

/// An environment with nothing in it.
pub(crate) fn environment() -> HashMap<String, String> {
    HashMap::new()
}

/// The keys that the SDK of AWS would otherwise look for in this process.
pub(crate) fn aws_keys() -> StaticKeys {
    StaticKeys {
        access_key: ids::AWS_ACCESS_KEY_ID.into(),
        secret_key: Secret::new(ids::AWS_SECRET_ACCESS_KEY),
        session_token: None,
    }
}
