//! The world a sandbox holds when it is given no other: one of everything that a private endpoint can meet, under fixed
//! ids that a person can type. The crate's README lists them; the constants are for tests.

mod alicloud;
mod aws;
mod names;
mod tidb;

pub use names::*;

use crate::world::World;

/// Builds the default world.
pub fn world() -> World {
    World { tidb: tidb::tidb(), aws: aws::aws(), alicloud: alicloud::alicloud(), ..World::default() }
}

fn strings(items: &[&str]) -> Vec<String> {
    items.iter().map(|item| (*item).to_owned()).collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]

    use super::*;

    #[test]
    fn every_constant_names_something_in_the_world() {
        let json = serde_json::to_string(&world()).unwrap();
        for id in [
            DEDICATED_CLUSTER_ID,
            DEDICATED_NODE_GROUP_ID,
            DEDICATED_SECOND_NODE_GROUP_ID,
            OLD_CLUSTER_ID,
            OLD_NODE_GROUP_ID,
            PAUSED_CLUSTER_ID,
            PAUSED_NODE_GROUP_ID,
            GCP_CLUSTER_ID,
            GCP_NODE_GROUP_ID,
            SECOND_DEDICATED_CLUSTER_ID,
            SECOND_DEDICATED_NODE_GROUP_ID,
            SECOND_DEDICATED_SERVICE_NAME,
            STARTER_CLUSTER_ID,
            ESSENTIAL_CLUSTER_ID,
            ALICLOUD_CLUSTER_ID,
            SECOND_STARTER_CLUSTER_ID,
            WEST_VPC_ID,
            WEST_SUBNET_AZ1,
            WEST_SUBNET_AZ2,
            WEST_SUBNET_AZ3,
            WEST_SUBNET_AZ4,
            WEST_SUBNET_AZ1_SECOND,
            WEST_GROUP_OPEN,
            WEST_GROUP_CLOSED,
            WEST_GROUP_DEFAULT,
            WEST_VPC_WITHOUT_DNS,
            WEST_SUBNET_WITHOUT_DNS,
            WEST_GROUP_WITHOUT_DNS,
            WEST_SECOND_VPC_ID,
            WEST_SECOND_SUBNET_AZ1,
            WEST_SECOND_SUBNET_AZ2,
            WEST_SECOND_GROUP_OPEN,
            EAST_VPC_ID,
            EAST_SUBNET_AZ1,
            EAST_SUBNET_AZ2,
            EAST_SUBNET_AZ3,
            EAST_SUBNET_AZ4,
            EAST_SUBNET_AZ1_SECOND,
            EAST_GROUP_OPEN,
            EAST_GROUP_CLOSED,
            EAST_GROUP_DEFAULT,
            EAST_VPC_WITHOUT_DNS,
            EAST_SUBNET_WITHOUT_DNS,
            EAST_GROUP_WITHOUT_DNS,
            EAST_SECOND_VPC_ID,
            EAST_SECOND_SUBNET_AZ1,
            EAST_SECOND_SUBNET_AZ2,
            EAST_SECOND_GROUP_OPEN,
            ALICLOUD_VPC_ID,
            ALICLOUD_VSWITCH_C,
            ALICLOUD_GROUP_OPEN,
        ] {
            assert!(json.contains(&format!("\"{id}\"")), "{id}");
        }
    }

    #[test]
    fn the_world_survives_json() {
        let json = serde_json::to_string(&world()).unwrap();
        assert_eq!(serde_json::from_str::<World>(&json).unwrap(), world());
    }
}
