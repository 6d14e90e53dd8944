//! How long things take and how much is allowed, each with the value the real services show. Both are part of the world,
//! so a world file can make any of them shorter, longer or harsher.

use serde::{Deserialize, Serialize};

/// Durations in seconds of world time.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Delays {
    /// From registering an endpoint with TiDB Cloud until TiDB Cloud accepts it, or finds that it is not there.
    pub connection_accept: u64,
    /// From acceptance until TiDB Cloud says ACTIVE. The documentation promises about five minutes for the whole way.
    pub connection_active: u64,
    /// How long a connection shows DELETING.
    pub connection_delete: u64,
    /// How long a private link service shows CREATING (TiDB Cloud documentation: 3 to 5 minutes).
    pub service_create: u64,
    /// How long a private link service shows DELETING.
    pub service_delete: u64,
    /// From acceptance (or creation, where none is required) until EC2 says `available`.
    pub endpoint_pending: u64,
    /// How long EC2 shows `pending` after a modification.
    pub endpoint_modify: u64,
    /// How long EC2 shows `deleting`; the network interfaces go with it.
    pub endpoint_deleting: u64,
    /// How long EC2 still shows `deleted` before the id is not found.
    pub endpoint_deleted: u64,
    /// How long a new endpoint cannot be described yet (EC2 is eventually consistent).
    pub endpoint_visible: u64,
    /// How long the owner of the service cannot see a new endpoint: a registration judged before fails.
    pub endpoint_visible_to_service: u64,
    /// How long a private DNS name stays taken in the VPC after its endpoint was deleted.
    pub private_dns_linger: u64,
    /// Alibaba Cloud: how long an endpoint shows Creating.
    pub alicloud_endpoint_create: u64,
    /// Alibaba Cloud: from acceptance until the connection is Connected; a zone that comes later takes as long.
    pub alicloud_endpoint_connect: u64,
    /// Alibaba Cloud: how long a zone shows Creating; its endpoint is Pending meanwhile.
    pub alicloud_zone_create: u64,
    /// Alibaba Cloud: how long an endpoint is Pending when a zone goes, or a security group comes or goes.
    pub alicloud_endpoint_change: u64,
    /// Alibaba Cloud: how long an endpoint shows Deleting before it is not found.
    pub alicloud_endpoint_delete: u64,
}

impl Default for Delays {
    fn default() -> Self {
        Self {
            connection_accept: 60,
            connection_active: 120,
            connection_delete: 60,
            service_create: 210,
            service_delete: 210,
            endpoint_pending: 30,
            endpoint_modify: 30,
            endpoint_deleting: 60,
            endpoint_deleted: 30,
            endpoint_visible: 0,
            endpoint_visible_to_service: 0,
            private_dns_linger: 0,
            // How long Alibaba Cloud takes is not documented. These are long enough to be seen waiting.
            alicloud_endpoint_create: 20,
            alicloud_endpoint_connect: 10,
            alicloud_zone_create: 15,
            alicloud_endpoint_change: 10,
            alicloud_endpoint_delete: 20,
        }
    }
}

/// Quotas and request budgets. Rates are per second of world time.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Limits {
    /// TiDB Cloud requests per minute and API key (TiDB Cloud API documentation: 100).
    pub tidb_requests_per_minute: u32,
    /// How long a digest nonce is good, in seconds of world time. Not documented by TiDB Cloud.
    pub digest_nonce_seconds: u64,
    /// No list of any door gives more than this at once, whatever was asked for; null leaves each service its own
    /// maximum.
    pub page_size: Option<usize>,
    /// Interface endpoints per VPC (AWS PrivateLink quotas: 50).
    pub endpoints_per_vpc: usize,
    /// Bucket size of CreateVpcEndpoint, ModifyVpcEndpoint and DeleteVpcEndpoints, each (EC2 throttling: 4).
    pub ec2_endpoint_write_burst: f64,
    /// Refill of those buckets (EC2 throttling: 0.3).
    pub ec2_endpoint_write_rate: f64,
    /// Bucket size of each Describe and Get action (EC2 throttling: 100).
    pub ec2_read_burst: f64,
    /// Refill of those buckets (EC2 throttling: 20).
    pub ec2_read_rate: f64,
    /// Bucket size of CreateTags and DeleteTags, each (EC2 throttling: 100).
    pub ec2_tag_burst: f64,
    /// Refill of those buckets (EC2 throttling: 10).
    pub ec2_tag_rate: f64,
    /// Bucket size of each other writing action (EC2 throttling: 50).
    pub ec2_other_write_burst: f64,
    /// Refill of those buckets (EC2 throttling: 5).
    pub ec2_other_write_rate: f64,
    /// Alibaba Cloud: endpoints per VPC (PrivateLink quota pvl_quota_total_ep_per_vpc: 1000).
    pub alicloud_endpoints_per_vpc: usize,
    /// Alibaba Cloud: zones per endpoint (10).
    pub alicloud_zones_per_endpoint: usize,
    /// Alibaba Cloud: security groups per endpoint (10).
    pub alicloud_groups_per_endpoint: usize,
    /// Alibaba Cloud: bucket size of each action. What the real ones are is not documented.
    pub alicloud_burst: f64,
    /// Alibaba Cloud: refill of those buckets.
    pub alicloud_rate: f64,
}

impl Limits {
    /// A page of the size asked for, or of the size this world allows.
    pub(crate) fn page(&self, size: usize) -> usize {
        self.page_size.map_or(size, |most| size.min(most.max(1)))
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            tidb_requests_per_minute: 100,
            digest_nonce_seconds: 1800,
            page_size: None,
            endpoints_per_vpc: 50,
            ec2_endpoint_write_burst: 4.0,
            ec2_endpoint_write_rate: 0.3,
            ec2_read_burst: 100.0,
            ec2_read_rate: 20.0,
            ec2_tag_burst: 100.0,
            ec2_tag_rate: 10.0,
            ec2_other_write_burst: 50.0,
            ec2_other_write_rate: 5.0,
            alicloud_endpoints_per_vpc: 1000,
            alicloud_zones_per_endpoint: 10,
            alicloud_groups_per_endpoint: 10,
            alicloud_burst: 100.0,
            alicloud_rate: 20.0,
        }
    }
}
