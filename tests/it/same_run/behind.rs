//! What others have in the clouds, and what the same run has happen there.

use tidblink_sandbox::Event;
use tidblink_sandbox::default_world as ids;
use tidblink_sandbox::world::{
    AlicloudBusinessStatus, AlicloudConnectionStatus, AlicloudEndpoint, AlicloudEndpointStatus, ClusterState,
    DnsEntry, EndpointState, ServiceState, Tags, VerificationState, VpcEndpoint, World,
};

const FOREIGN: &str = "vpce-0f00000000000000f";
const ALICLOUD_FOREIGN: &str = "ep-other0";

/// An endpoint that another provider made.
fn foreign(world: &World, vpc_id: &str, service_name: &str, host: &str) -> VpcEndpoint {
    let vpc = world.aws.vpcs.iter().find(|vpc| vpc.vpc_id == vpc_id).unwrap();
    let name = DnsEntry { dns_name: host.into(), hosted_zone_id: "Z1".into() };
    VpcEndpoint {
        endpoint_id: FOREIGN.into(),
        region: vpc.region.clone(),
        vpc_id: vpc_id.into(),
        service_name: service_name.into(),
        state: EndpointState::Available,
        accepted: true,
        modifying: false,
        subnet_ids: Vec::new(),
        security_group_ids: Vec::new(),
        private_dns_enabled: true,
        network_interface_ids: Vec::new(),
        dns_entries: vec![name],
        tags: [("made-by", "another")].map(|(key, value)| (key.to_owned(), value.to_owned())).into(),
        created: world.now,
        last_error: None,
        due: None,
    }
}

pub(super) fn in_the_west(world: &mut World) {
    let foreign = foreign(world, ids::WEST_VPC_ID, ids::DEDICATED_SERVICE_NAME, ids::DEDICATED_HOST);
    world.aws.endpoints.push(foreign);
}

pub(super) fn in_the_east(world: &mut World) {
    let foreign = foreign(world, ids::EAST_VPC_ID, ids::SERVERLESS_SERVICE_NAME, ids::SERVERLESS_HOST);
    world.aws.endpoints.push(foreign);
}

pub(super) fn without_dns(world: &mut World, vpc_id: &str) {
    world.happen(dns(vpc_id, false)).unwrap();
}

pub(super) fn dns(vpc_id: &str, on: bool) -> Event {
    Event::VpcDns { vpc_id: vpc_id.into(), support: on, hostnames: on }
}

pub(super) fn gone() -> Event {
    Event::EndpointDeleted { endpoint_id: FOREIGN.into() }
}

pub(super) fn opened(group: &str) -> Event {
    Event::PortOpened { security_group_id: group.into(), port: 4000 }
}

pub(super) fn zones(cluster: &str, zones: &[&str]) -> Event {
    let zone_ids = zones.iter().map(ToString::to_string).collect();
    Event::ServiceZones { cluster_id: cluster.into(), node_group_id: None, zone_ids }
}

pub(super) fn cluster(state: ClusterState) -> Event {
    Event::ClusterState { cluster_id: ids::DEDICATED_CLUSTER_ID.into(), state }
}

pub(super) fn service(state: ServiceState) -> Event {
    Event::ServiceState {
        cluster_id: ids::DEDICATED_CLUSTER_ID.into(),
        node_group_id: ids::DEDICATED_NODE_GROUP_ID.into(),
        state,
    }
}

pub(super) fn auto_accept(service_name: &str, auto_accept: bool) -> Event {
    Event::ServiceAutoAccept { service_name: service_name.into(), auto_accept }
}

pub(super) fn visible(service_name: &str, visible: bool) -> Event {
    Event::ServiceVisible { service_name: service_name.into(), visible }
}

pub(super) fn named(name: Option<&str>, verification: VerificationState) -> Event {
    Event::ServicePrivateDns {
        service_name: ids::DEDICATED_SERVICE_NAME.into(),
        private_dns_name: name.map(Into::into),
        verification,
    }
}

/// As many endpoints of others as AWS allows in a VPC.
pub(super) fn crowded(world: &mut World) {
    for number in 0..world.limits.endpoints_per_vpc {
        let mut other =
            foreign(world, ids::WEST_VPC_ID, "com.amazonaws.us-west-2.s3", "s3.us-west-2.amazonaws.com");
        if number > 0 {
            other.endpoint_id = format!("vpce-0e{number:015x}");
        }
        world.aws.endpoints.push(other);
    }
}

/// As many endpoints of others as Alibaba Cloud allows in a VPC.
pub(super) fn crowded_on_alibaba_cloud(world: &mut World) {
    for number in 0..world.limits.alicloud_endpoints_per_vpc {
        world.alicloud.endpoints.push(AlicloudEndpoint {
            endpoint_id: if number == 0 { ALICLOUD_FOREIGN.into() } else { format!("ep-other{number}") },
            region: "ap-southeast-1".into(),
            vpc_id: ids::ALICLOUD_VPC_ID.into(),
            service_id: "epsrv-other".into(),
            service_name: "com.aliyuncs.privatelink.ap-southeast-1.epsrv-other".into(),
            name: String::new(),
            description: String::new(),
            status: AlicloudEndpointStatus::Active,
            connection_status: AlicloudConnectionStatus::Connected,
            business_status: AlicloudBusinessStatus::Normal,
            domain: "other.example".into(),
            zones: Vec::new(),
            security_groups: Vec::new(),
            tags: Tags::new(),
            created: world.now,
            due: None,
            connection_due: None,
        });
    }
}

pub(super) fn gone_on_alibaba_cloud() -> Event {
    Event::EndpointDeleted { endpoint_id: ALICLOUD_FOREIGN.into() }
}

/// Takes the endpoints of others away, which are none of the run's leftovers.
pub(super) fn others_leave(world: &mut World) {
    world.aws.endpoints.retain(|endpoint| !endpoint.tags.contains_key("made-by"));
    world.alicloud.endpoints.retain(|endpoint| endpoint.service_id != "epsrv-other");
}
