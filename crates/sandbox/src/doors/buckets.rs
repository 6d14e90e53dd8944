//! Token buckets, one for each action and region. Time is the world's, so a fast world refills fast.

use std::collections::HashMap;

use crate::clock::Timestamp;
use crate::world::World;

#[derive(Debug)]
struct Bucket {
    tokens: f64,
    at: Timestamp,
}

/// All buckets of an account.
#[derive(Debug, Default)]
pub(crate) struct Buckets {
    by_action: HashMap<(String, String), Bucket>,
}

impl Buckets {
    /// Takes one token from a bucket of this size and refill per second, or says in how many seconds there is one.
    pub(super) fn take(
        &mut self,
        world: &World,
        region: &str,
        action: &str,
        (burst, rate): (f64, f64),
    ) -> Result<(), f64> {
        let bucket = self
            .by_action
            .entry((region.to_owned(), action.to_owned()))
            .or_insert(Bucket { tokens: burst, at: world.now });
        let elapsed = world.now.seconds_since(bucket.at).max(0.0);
        bucket.tokens = (bucket.tokens + elapsed * rate).min(burst);
        bucket.at = world.now;
        if bucket.tokens < 1.0 {
            return Err((1.0 - bucket.tokens) / rate);
        }
        bucket.tokens -= 1.0;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bucket_says_when_it_has_something_again() {
        let mut world = World::default();
        let mut buckets = Buckets::default();
        let mut take = |world: &World| buckets.take(world, "us-west-2", "CreateVpcEndpoint", (1.0, 0.5));
        assert_eq!(take(&world), Ok(()));
        assert_eq!(take(&world), Err(2.0));
        world.now = world.now.plus_seconds(2);
        assert_eq!(take(&world), Ok(()));
    }
}
