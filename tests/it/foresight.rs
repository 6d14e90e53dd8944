//! What a plan finds out before an apply would die of it: one thing is broken at a time, and the first plan of an empty
//! state has to say so. The lists are those of the guide on what happens in place of the console's steps.

use tidblink_sandbox::Event;
use tidblink_sandbox::default_world as ids;
use tidblink_sandbox::world::{AlicloudSecurityGroup, ClusterState, ServerlessPlan, ServiceState, World};

use crate::support::{Endpoint, Run};

/// How the plan says it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Says {
    /// Nothing in the run could make it right.
    Error,
    /// The run may still make it right, or it may be right seen from elsewhere.
    Warning,
}

use Says::{Error, Warning};

/// One thing that is broken, and a word that the plan has to say about it.
struct Case {
    broken: fn(&mut World),
    hcl: String,
    says: Says,
    word: &'static str,
}

/// A configuration that is wrong by itself.
fn case(hcl: impl Into<String>, says: Says, word: &'static str) -> Case {
    world(|_| (), hcl, says, word)
}

/// A configuration that the world makes wrong.
fn world(broken: fn(&mut World), hcl: impl Into<String>, says: Says, word: &'static str) -> Case {
    Case { broken, hcl: hcl.into(), says, word }
}

async fn check(cases: Vec<Case>) {
    for Case { broken, hcl, says, word } in cases {
        let run = Run::new().await;
        run.clouds.world(broken);
        run.write("main.tf", hcl);

        let outcome = run.try_plan().await;

        let expected = match says {
            Error => Some(1),
            Warning => Some(2),
        };
        assert_eq!(outcome.status.code(), expected, "{word}: {outcome}");
        outcome.says(word);
        if says == Warning {
            outcome.says("Warning:");
        }
        run.clouds.assert_no_leftovers();
    }
}

fn dns(world: &mut World, support: bool, hostnames: bool) {
    let event = Event::VpcDns { vpc_id: ids::WEST_VPC_ID.into(), support, hostnames };
    world.happen(event).unwrap();
}

fn cluster_is(world: &mut World, state: ClusterState) {
    world.happen(Event::ClusterState { cluster_id: ids::DEDICATED_CLUSTER_ID.into(), state }).unwrap();
}

fn starter(world: &mut World) -> &mut tidblink_sandbox::world::ServerlessCluster {
    let mut clusters = world.tidb.serverless.iter_mut();
    clusters.find(|cluster| cluster.cluster_id == ids::STARTER_CLUSTER_ID).unwrap()
}

fn deny(world: &mut World, action: &str) {
    world.aws.access_keys[0].denied.push(action.to_owned());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_plan_for_dedicated_on_aws_sees_what_the_apply_would_die_of() {
    let base = Endpoint::new;
    let no_such = "vpc-0fffffffffffffff0";
    check(vec![
        case(base().cluster("10399999999999999999"), Error, "Cluster not found"),
        case(base().cluster(ids::GCP_CLUSTER_ID), Error, "Google Cloud"),
        case(base().cluster(ids::PAUSED_CLUSTER_ID), Warning, "is paused"),
        case(base().node_group("1900000000000009999"), Error, "Node group not found"),
        case(
            base().vpc(no_such).without_subnets().without_security_groups(),
            Error,
            "not found in us-west-2",
        ),
        case(base().subnets(&["subnet-0fffffffffffffff0"]), Error, "subnet-0fffffffffffffff0"),
        case(base().subnets(&[ids::WEST_SUBNET_WITHOUT_DNS]), Error, "Subnets are not in"),
        case(base().subnets(&[ids::WEST_SUBNET_AZ4]), Error, "usw2-az4"),
        case(base().subnets(&[ids::WEST_SUBNET_AZ1, ids::WEST_SUBNET_AZ1_SECOND]), Error, "Two subnets"),
        case(base().subnets(&[]), Error, "subnet_ids is empty"),
        case(base().security_groups(&["sg-0fffffffffffffff0"]), Error, "sg-0fffffffffffffff0"),
        case(base().security_groups(&[ids::WEST_GROUP_WITHOUT_DNS]), Error, "Security groups are not in"),
        case(base().security_groups(&[ids::WEST_GROUP_CLOSED]), Warning, "4000"),
        case(base().without_security_groups(), Warning, "default"),
        world(|world| dns(world, false, true), base(), Warning, "enable_dns_support"),
        world(|world| dns(world, true, false), base(), Warning, "enable_dns_hostnames"),
        world(|world| world.aws.services.clear(), base(), Warning, "does not show the endpoint service"),
        world(|world| cluster_is(world, ClusterState::Deleting), base(), Error, "is deleting"),
        world(
            |world| {
                world.delays.service_delete = 86_400;
                let event = Event::ServiceState {
                    cluster_id: ids::DEDICATED_CLUSTER_ID.into(),
                    node_group_id: ids::DEDICATED_NODE_GROUP_ID.into(),
                    state: ServiceState::Deleting,
                };
                world.happen(event).unwrap();
            },
            base(),
            Error,
            "is being deleted",
        ),
        world(
            |world| {
                let event = Event::ServiceZones {
                    cluster_id: ids::DEDICATED_CLUSTER_ID.into(),
                    node_group_id: Some(ids::DEDICATED_NODE_GROUP_ID.into()),
                    zone_ids: vec!["usw2-az9".into()],
                };
                world.happen(event).unwrap();
            },
            base().without_subnets(),
            Warning,
            "No subnet of",
        ),
        world(|world| deny(world, "DescribeSecurityGroups"), base(), Warning, "ec2:DescribeSecurityGroups"),
        world(|world| deny(world, "DescribeVpcAttribute"), base(), Warning, "ec2:DescribeVpcAttribute"),
    ])
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_plan_for_starter_and_essential_on_aws_sees_what_the_apply_would_die_of() {
    let base = Endpoint::starter;
    check(vec![
        case(base().node_group(ids::DEDICATED_NODE_GROUP_ID), Error, "no node groups"),
        case(base().cluster(ids::ALICLOUD_CLUSTER_ID), Error, "use an `alicloud` block"),
        world(|world| starter(world).plan = ServerlessPlan::Premium, base(), Error, "Premium"),
        world(|world| starter(world).plan = ServerlessPlan::Byoc, base(), Error, "BYOC"),
        world(
            |world| starter(world).service_name.clear(),
            base(),
            Error,
            "shows no private endpoint service",
        ),
        world(
            |world| world.aws.services.iter_mut().for_each(|service| service.acceptance_required = true),
            base(),
            Error,
            "exclusive",
        ),
        case(base().vpc(ids::WEST_VPC_ID).without_subnets(), Error, "not found in us-east-1"),
        case(base().subnets(&[ids::EAST_SUBNET_AZ3]), Error, "use1-az3"),
        case(base().security_groups(&[ids::EAST_GROUP_CLOSED]), Warning, "4000"),
    ])
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_plan_for_alibaba_cloud_sees_what_the_apply_would_die_of() {
    use super::alicloud::{block, complete, hcl};
    let in_a = &[ids::ALICLOUD_VSWITCH_A][..];
    let open = &[ids::ALICLOUD_GROUP_OPEN][..];
    let eleven: Vec<String> = (1..=11).map(|number| format!("sg-t4nsandbox00000001{number:02}")).collect();
    let eleven: Vec<_> = eleven.iter().map(String::as_str).collect();
    check(vec![
        case(complete().replace(ids::ALICLOUD_VPC_ID, "vpc-t4nsandbox00000000099"), Error, "ap-southeast-1"),
        case(hcl(&block(&["vsw-t4nsandbox00000000099"], open, "")), Error, "vsw-t4nsandbox00000000099"),
        case(hcl(&block(&[ids::ALICLOUD_VSWITCH_C], open, "")), Error, "ap-southeast-1c"),
        case(
            hcl(&block(&[ids::ALICLOUD_VSWITCH_A, ids::ALICLOUD_VSWITCH_A_SECOND], open, "")),
            Error,
            "ap-southeast-1a",
        ),
        case(hcl(&block(in_a, &["sg-t4nsandbox0000000099"], "")), Error, "sg-t4nsandbox0000000099"),
        world(
            |world| {
                world.alicloud.security_groups.extend(
                    (1..=11)
                        .map(|number| AlicloudSecurityGroup {
                            security_group_id: format!("sg-t4nsandbox00000001{number:02}"),
                            ..world.alicloud.security_groups[0].clone()
                        })
                        .collect::<Vec<_>>(),
                );
            },
            hcl(&block(in_a, &eleven, "")),
            Error,
            "11 security groups are too many",
        ),
        case(hcl(&block(in_a, &[ids::ALICLOUD_GROUP_CLOSED], "")), Warning, "4000"),
        case(hcl(&block(in_a, &[], "")), Warning, "security group"),
        world(
            |world| world.happen(Event::ProductOpen { open: false }).unwrap(),
            complete(),
            Warning,
            "activat",
        ),
        world(|world| world.alicloud.services.clear(), complete(), Warning, "whitelist"),
        world(
            |world| {
                let service_name = ids::ALICLOUD_SERVICE_NAME.into();
                world.happen(Event::ServiceAutoAccept { service_name, auto_accept: false }).unwrap();
            },
            complete(),
            Warning,
            "accept",
        ),
        case(complete().replace(ids::ALICLOUD_CLUSTER_ID, ids::STARTER_CLUSTER_ID), Error, "`aws` block"),
    ])
    .await;
}
