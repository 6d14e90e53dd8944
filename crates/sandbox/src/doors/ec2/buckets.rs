//! Token buckets, one for each action and region, as the EC2 Developer Guide describes request throttling. Time is the
//! world's, so a fast world refills fast.

use std::collections::HashMap;

use crate::clock::Timestamp;
use crate::world::{Limits, World};

#[derive(Debug)]
struct Bucket {
    tokens: f64,
    at: Timestamp,
}

/// All buckets of the account.
#[derive(Debug, Default)]
pub(crate) struct Buckets {
    by_action: HashMap<(String, String), Bucket>,
}

impl Buckets {
    /// Takes one token; false when the request must be throttled.
    pub(super) fn take(&mut self, world: &World, region: &str, action: &str) -> bool {
        let (burst, rate) = size(&world.limits, action);
        let bucket = self
            .by_action
            .entry((region.to_owned(), action.to_owned()))
            .or_insert(Bucket { tokens: burst, at: world.now });
        let elapsed = world.now.seconds_since(bucket.at).max(0.0);
        bucket.tokens = (bucket.tokens + elapsed * rate).min(burst);
        bucket.at = world.now;
        if bucket.tokens < 1.0 {
            return false;
        }
        bucket.tokens -= 1.0;
        true
    }
}

fn size(limits: &Limits, action: &str) -> (f64, f64) {
    match action {
        "CreateVpcEndpoint" | "ModifyVpcEndpoint" | "DeleteVpcEndpoints" => {
            (limits.ec2_endpoint_write_burst, limits.ec2_endpoint_write_rate)
        }
        "CreateTags" | "DeleteTags" => (limits.ec2_tag_burst, limits.ec2_tag_rate),
        _ if action.starts_with("Describe") || action.starts_with("Get") => {
            (limits.ec2_read_burst, limits.ec2_read_rate)
        }
        _ => (limits.ec2_other_write_burst, limits.ec2_other_write_rate),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_burst_of_four_then_one_every_few_seconds() {
        let mut world = World::default();
        let mut buckets = Buckets::default();
        let mut take = |world: &World| buckets.take(world, "us-west-2", "CreateVpcEndpoint");
        assert_eq!([(); 5].map(|()| take(&world)), [true, true, true, true, false]);
        world.now = world.now.plus_seconds(3);
        assert!(!take(&world));
        world.now = world.now.plus_seconds(1);
        assert!(take(&world));
    }

    #[test]
    fn actions_and_regions_do_not_share() {
        let world = World::default();
        let mut buckets = Buckets::default();
        for _ in 0..4 {
            assert!(buckets.take(&world, "us-west-2", "CreateVpcEndpoint"));
        }
        assert!(buckets.take(&world, "us-east-1", "CreateVpcEndpoint"));
        assert!(buckets.take(&world, "us-west-2", "ModifyVpcEndpoint"));
    }
}
