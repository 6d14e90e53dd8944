//! How large EC2's token buckets are, as the EC2 Developer Guide describes request throttling.

use crate::world::Limits;

/// Size and refill per second of an action's bucket.
pub(super) fn size(limits: &Limits, action: &str) -> (f64, f64) {
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
    use crate::doors::buckets::Buckets;
    use crate::world::World;

    fn take(buckets: &mut Buckets, world: &World, region: &str, action: &str) -> bool {
        buckets.take(world, region, action, size(&world.limits, action)).is_ok()
    }

    #[test]
    fn a_burst_of_four_then_one_every_few_seconds() {
        let mut world = World::default();
        let mut buckets = Buckets::default();
        let mut take = |world: &World| take(&mut buckets, world, "us-west-2", "CreateVpcEndpoint");
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
            assert!(take(&mut buckets, &world, "us-west-2", "CreateVpcEndpoint"));
        }
        assert!(take(&mut buckets, &world, "us-east-1", "CreateVpcEndpoint"));
        assert!(take(&mut buckets, &world, "us-west-2", "ModifyVpcEndpoint"));
    }
}
