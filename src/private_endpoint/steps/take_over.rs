//! Take an endpoint that somebody else made into this instance's care, by writing its marks on it before anything else is
//! changed. Until the last step they say "unfinished": should this run die, the next one takes the marks over.

use std::time::Duration;

use async_trait::async_trait;
use tracing::info;

use super::make_endpoint::adopt;
use super::walk::Coming;
use super::{Side, Step, Trouble, Walk};
use crate::clouds::CloudEndpoint;
use crate::private_endpoint::marks::Unfinished;
use crate::wait::{NoPulse, Sight, wait_for};

pub(super) struct TakeOver;

#[async_trait]
impl Step for TakeOver {
    fn name(&self) -> &'static str {
        "take over the VPC endpoint"
    }

    fn is_done(&self, walk: &Walk<'_>) -> bool {
        walk.coming != Coming::ToTakeOver
    }

    async fn run(&self, walk: &mut Walk<'_>) -> Result<(), Trouble> {
        let Some(id) = walk.endpoint_id() else { return Ok(()) };
        let this = &*walk;
        let free = wait_for(this.operation, "the VPC endpoint to be free", &mut NoPulse, || async {
            let Some(endpoint) = this.cloud.get(this.operation, &id).await? else {
                return Ok(Sight::Failed(failed(format!("VPC endpoint {id} is gone"))));
            };
            Ok(sight(endpoint, &this.token, this.operation.clock().now()))
        })
        .await
        .map_err(Trouble::from)?;
        let Some(taken) = adopt(walk, &free).await? else {
            let why = "does not show the marks that were written: another run may have taken it over at the same moment";
            return Err(failed(format!("VPC endpoint {id} {why}")));
        };
        info!(endpoint = id.as_str(), "took the endpoint over");
        walk.endpoint = Some(taken);
        walk.coming = Coming::Known;
        walk.stale = true;
        Ok(())
    }
}

fn failed(reason: String) -> Trouble {
    Trouble::Failed { side: Side::Cloud, reason }
}

/// Whether the endpoint can be taken now.
fn sight(endpoint: CloudEndpoint, token: &str, now: Duration) -> Sight<CloudEndpoint, Trouble> {
    let marked = endpoint.token().is_some_and(|found| found != token);
    match Unfinished::of(&endpoint) {
        Some(unfinished) if marked && !unfinished.is_stale(now) => {
            Sight::Pending(format!("{} is being taken over or made by another run", endpoint.id))
        }
        None if marked => {
            Sight::Failed(failed(format!("VPC endpoint {} is another resource's", endpoint.id)))
        }
        _ => Sight::Done(endpoint),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clouds::{TOKEN_TAG, UNFINISHED_TAG};
    use crate::private_endpoint::marks::tests::endpoint;

    #[test]
    fn only_what_bears_no_living_mark_is_taken() {
        let now = Duration::from_secs(10_000);
        let at = |age: u64| format!("heartbeat={} settings=x dns=true", 10_000 - age);
        let sight = |tags: &[(&str, &str)]| sight(endpoint(tags), "mine", now);
        assert!(matches!(sight(&[]), Sight::Done(_)));
        assert!(matches!(sight(&[(TOKEN_TAG, "mine")]), Sight::Done(_)));
        assert!(matches!(sight(&[(TOKEN_TAG, "theirs")]), Sight::Failed(_)));
        let fresh = sight(&[(TOKEN_TAG, "theirs"), (UNFINISHED_TAG, &at(10))]);
        assert!(matches!(fresh, Sight::Pending(_)));
        let stale = sight(&[(TOKEN_TAG, "theirs"), (UNFINISHED_TAG, &at(180))]);
        assert!(matches!(stale, Sight::Done(_)));
    }
}
