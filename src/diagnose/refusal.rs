//! Words for a cluster whose endpoint service cannot be used.

use tfplugin::{AttributePath, Diagnostic};

use super::lookup_error;
use crate::endpoint_service::Refusal;
use crate::ids::NodeGroupId;
use crate::tidbcloud::KeySource;

/// The error for a refusal; `attribute` is the input that named the cluster.
pub fn refusal(refusal: &Refusal, attribute: AttributePath, key_source: KeySource) -> Diagnostic {
    match refusal {
        Refusal::NoCluster { cluster, dedicated, serverless } => Diagnostic::error(
            "Cluster not found",
            format!(
                "TiDB Cloud knows no cluster {cluster} that the API key from {key_source} may see.\n\n\
                 Dedicated was asked: {dedicated}.\nStarter and Essential was asked: {serverless}.\n\n\
                 Check the id (in the console it is the number after `clusters/` in the address) and that the key \
                 belongs to the same organization."
            ),
        ),
        Refusal::NotServedYet { cluster, plan } => Diagnostic::error(
            "This cluster's plan is not supported yet",
            format!(
                "Cluster {cluster} is a TiDB Cloud {plan} cluster. This version of the provider makes private \
                 endpoints for Dedicated clusters on AWS only. Until it supports {plan}, make the endpoint with your cloud's \
                 own provider."
            ),
        ),
        Refusal::UnservedCloud { cluster, cloud } => Diagnostic::error(
            "Clusters on this cloud are not supported",
            format!(
                "Cluster {cluster} runs on {cloud}. This version of the provider makes private endpoints for Dedicated \
                 clusters on AWS only; follow the TiDB Cloud documentation for {cloud} instead."
            ),
        ),
        Refusal::NoNodeGroup { cluster, node_group, known } => Diagnostic::error(
            "Node group not found",
            format!(
                "Cluster {cluster} has no node group {node_group}. It has: {}. Leave `node_group_id` out to use the \
                 default group.",
                list(known)
            ),
        ),
        Refusal::NoDefaultGroup { cluster, known } => Diagnostic::error(
            "The cluster has no default node group",
            format!(
                "Cluster {cluster} shows no default node group. It has: {}. Name one of them in `node_group_id`.",
                list(known)
            ),
        ),
        Refusal::Api(error) => {
            return lookup_error(error, "read the cluster from TiDB Cloud", key_source, attribute);
        }
    }
    .at(attribute)
}

fn list(groups: &[NodeGroupId]) -> String {
    if groups.is_empty() {
        "none".into()
    } else {
        groups.iter().map(NodeGroupId::as_str).collect::<Vec<_>>().join(", ")
    }
}
