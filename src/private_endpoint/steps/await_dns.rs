//! Wait until the host resolves to the endpoint from where Terraform runs, for those who ask for it. Whether it ever does
//! depends on whose resolver that is: outside of the VPC the name leads elsewhere or nowhere.

use std::collections::BTreeSet;
use std::net::IpAddr;
use std::time::Duration;

use async_trait::async_trait;

use super::heartbeat::{Heartbeat, beating};
use super::{Step, Trouble, Walk};
use crate::error::ApiError;
use crate::wait::{Sight, wait_for};

/// Its name, by which the words for a timeout know that it was DNS that was waited for.
pub(in crate::private_endpoint) const NAME: &str = "see the host resolve to the endpoint";

/// How long one question to the resolver may take.
const QUESTION: Duration = Duration::from_secs(30);

pub(super) struct AwaitDns;

#[async_trait]
impl Step for AwaitDns {
    fn name(&self) -> &'static str {
        NAME
    }

    fn is_done(&self, walk: &Walk<'_>) -> bool {
        !walk.wait_for_dns || walk.resolves
    }

    async fn run(&self, walk: &mut Walk<'_>) -> Result<(), Trouble> {
        let Some(endpoint) = walk.endpoint.clone() else { return Ok(()) };
        let Some(host) = endpoint.host.clone().or_else(|| walk.facts.host.clone()) else {
            // Without a name there is nothing that could resolve.
            walk.resolves = true;
            return Ok(());
        };
        let this = &*walk;
        let mut heartbeat = Heartbeat::of(this, &endpoint.id);
        let addresses = this.cloud.addresses(this.operation, &endpoint);
        let expected = beating(&mut heartbeat, this.operation, addresses).await?;
        wait_for::<_, Trouble, _, _>(
            this.operation,
            "the host to resolve to the endpoint",
            &mut heartbeat,
            || async {
                // Nothing is lost with a question that is dropped.
                let question = this.operation.within(QUESTION);
                let answer = question.until(this.clients.network.resolve(&host)).await;
                this.operation
                    .check()
                    .map_err(|halt| ApiError::halted(this.cloud.service(), "DNS lookup", halt))?;
                let found = match answer {
                    Ok(Ok(found)) if leads_to(&found, &expected) => return Ok(Sight::Done(())),
                    Ok(Ok(found)) => format!("resolves to {}", list(&found)),
                    Ok(Err(error)) => format!("does not resolve ({error})"),
                    Err(_) => "does not resolve (the resolver does not answer)".to_owned(),
                };
                Ok(Sight::Pending(format!("{host} {found}, the endpoint has {}", list(&expected))))
            },
        )
        .await?;
        walk.resolves = true;
        Ok(())
    }
}

/// Whether every address is one of the endpoint's. A resolver may show one or all of them.
fn leads_to(found: &BTreeSet<IpAddr>, expected: &BTreeSet<IpAddr>) -> bool {
    !found.is_empty() && found.is_subset(expected)
}

fn list(addresses: &BTreeSet<IpAddr>) -> String {
    if addresses.is_empty() {
        return "no address yet".to_owned();
    }
    addresses.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn addresses(texts: &[&str]) -> BTreeSet<IpAddr> {
        texts.iter().map(|text| text.parse().unwrap()).collect()
    }

    #[test]
    fn a_host_leads_to_the_endpoint_when_all_it_resolves_to_is_the_endpoints() {
        let expected = addresses(&["10.0.0.1", "10.0.0.2"]);
        assert!(leads_to(&addresses(&["10.0.0.2"]), &expected));
        assert!(leads_to(&expected, &expected));
        assert!(!leads_to(&addresses(&["10.0.0.2", "3.1.2.3"]), &expected));
        assert!(!leads_to(&addresses(&[]), &expected));
        assert!(!leads_to(&addresses(&["10.0.0.2"]), &addresses(&[])));
    }
}
