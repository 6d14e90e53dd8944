//! The request budget: so many requests per API key in each minute of world time, shared by the three TiDB Cloud doors
//! and told in headers on every answer.

use std::collections::HashMap;

use crate::world::World;

const MINUTE_MILLIS: i64 = 60_000;

/// What a key has left this minute.
#[derive(Debug, PartialEq)]
pub(super) struct Left {
    pub(super) limit: u32,
    pub(super) remaining: u32,
    /// Seconds until the next minute, rounded up.
    pub(super) reset_seconds: i64,
}

#[derive(Debug, Default)]
struct Window {
    minute: i64,
    used: u32,
}

/// Requests made this minute, by public key.
#[derive(Debug, Default)]
pub(super) struct Budgets {
    windows: HashMap<String, Window>,
}

impl Budgets {
    /// Takes one request; false when none is left.
    pub(super) fn take(&mut self, public_key: &str, world: &World) -> bool {
        let minute = world.now.millis().div_euclid(MINUTE_MILLIS);
        let window = self.windows.entry(public_key.to_owned()).or_default();
        if window.minute != minute {
            *window = Window { minute, used: 0 };
        }
        if window.used >= world.limits.tidb_requests_per_minute {
            return false;
        }
        window.used += 1;
        true
    }

    /// What is left now.
    pub(super) fn left(&self, public_key: &str, world: &World) -> Left {
        let now = world.now.millis();
        let used = self
            .windows
            .get(public_key)
            .filter(|window| window.minute == now.div_euclid(MINUTE_MILLIS))
            .map_or(0, |window| window.used);
        let limit = world.limits.tidb_requests_per_minute;
        let millis_left = MINUTE_MILLIS - now.rem_euclid(MINUTE_MILLIS);
        Left { limit, remaining: limit.saturating_sub(used), reset_seconds: (millis_left + 999) / 1000 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::Timestamp;

    #[test]
    fn the_next_minute_brings_a_new_budget() {
        let mut world = World { now: Timestamp::from_millis(59_000), ..World::default() };
        world.limits.tidb_requests_per_minute = 1;
        let mut budgets = Budgets::default();
        assert!(budgets.take("key", &world));
        assert!(!budgets.take("key", &world));
        assert!(budgets.take("other", &world));
        assert_eq!(budgets.left("key", &world), Left { limit: 1, remaining: 0, reset_seconds: 1 });
        world.now = Timestamp::from_millis(60_000);
        assert!(budgets.take("key", &world));
    }
}
