//! Words for a cluster whose endpoint service cannot be used.

use tfplugin::{AttributePath, Diagnostic};

use super::lookup_error;
use crate::codes::Code;
use crate::endpoint_service::{Plan, Refusal};
use crate::ids::NodeGroupId;
use crate::tidbcloud::KeySource;

/// The error for a refusal; `attribute` is the input that named the cluster.
pub fn refusal(refusal: &Refusal, attribute: AttributePath, key_source: KeySource) -> Diagnostic {
    match refusal {
        Refusal::NoCluster { cluster, dedicated, serverless } => Code::ClusterNotFound.error(
            "Cluster not found",
            format!(
                "TiDB Cloud knows no cluster {cluster} that the API key from {key_source} may see.\n\n\
                 Dedicated was asked: {dedicated}.\nStarter and Essential was asked: {serverless}.\n\n\
                 Check the id (in the console it is the number after `clusters/` in the address) and that the key \
                 belongs to the same organization."
            ),
        ),
        Refusal::UnservedPlan { cluster, plan } => Code::PlanNotSupported.error(
            "This cluster's plan is not supported",
            format!(
                "Cluster {cluster} is a TiDB Cloud {} cluster, and TiDB Cloud has no API that sets up private endpoints \
                 for that plan. Set the endpoint up in the TiDB Cloud console instead (Settings > Networking). This \
                 provider serves Dedicated clusters on AWS, and the shared services of Starter and Essential.",
                if plan.is_empty() { "(unnamed plan)" } else { plan }
            ),
        ),
        Refusal::UnservedCloud { cluster, plan, cloud } => Code::CloudNotSupported.error(
            "Clusters on this cloud are not supported",
            format!(
                "Cluster {cluster}, a TiDB Cloud {} cluster, runs on {cloud}. This version of the provider makes private \
                 endpoints for {} only; follow the TiDB Cloud documentation for {cloud} instead.",
                plan.title(),
                match plan {
                    Plan::Dedicated => "Dedicated clusters on AWS",
                    Plan::Starter | Plan::Essential => "Starter and Essential clusters on AWS and Alibaba Cloud",
                }
            ),
        ),
        Refusal::NoNodeGroups { cluster, plan } => Code::NoNodeGroups.error(
            "This cluster has no node groups",
            format!(
                "Cluster {cluster} is a TiDB Cloud {} cluster; only Dedicated clusters have TiDB node groups. Leave \
                 `node_group_id` out.",
                plan.title()
            ),
        ),
        Refusal::NoNodeGroup { cluster, node_group, known } => Code::NodeGroupNotFound.error(
            "Node group not found",
            format!(
                "Cluster {cluster} has no node group {node_group}. It has: {}. Leave `node_group_id` out to use the \
                 default group.",
                list(known)
            ),
        ),
        Refusal::NoDefaultGroup { cluster, known } => Code::NoDefaultNodeGroup.error(
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
