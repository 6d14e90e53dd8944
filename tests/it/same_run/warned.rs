//! The plan warns of what stands in the way, and the apply of the same run goes through once it is out of the way.

use tidblink_sandbox::Event;
use tidblink_sandbox::default_world as ids;
use tidblink_sandbox::world::{ClusterState, ServiceState, VerificationState};

use super::behind::*;
use super::{Case, case, check};
use crate::alicloud::{block, complete, hcl};
use crate::support::Endpoint;

#[tokio::test(flavor = "multi_thread")]
async fn for_dedicated_on_aws_the_same_run_can_put_right_what_the_plan_warns_of() {
    let base = Endpoint::new;
    let west = ids::WEST_VPC_ID;
    let switched_on = Case {
        before: Some(base().private_dns(false).hcl()),
        ..case(
            |world| without_dns(world, ids::WEST_VPC_ID),
            &["enable_dns_support", "enable_dns_hostnames"],
            &[dns(west, true)],
            base(),
        )
    };
    check(vec![
        case(
            |world| {
                without_dns(world, ids::WEST_VPC_ID);
                in_the_west(world);
            },
            &["enable_dns_support", "enable_dns_hostnames", "owns the DNS name", "4000"],
            &[dns(west, true), gone(), opened(ids::WEST_GROUP_CLOSED)],
            base().security_groups(&[ids::WEST_GROUP_CLOSED]),
        ),
        switched_on,
        case(
            |world| world.happen(cluster(ClusterState::Paused)).unwrap(),
            &["is paused"],
            &[cluster(ClusterState::Active)],
            base(),
        ),
        case(
            |world| {
                world.delays.service_create = 86_400;
                world.happen(service(ServiceState::Creating)).unwrap();
            },
            &[],
            &[service(ServiceState::Active)],
            base(),
        ),
        case(
            |world| world.happen(zones(ids::DEDICATED_CLUSTER_ID, &["usw2-az9"])).unwrap(),
            &["No subnet of"],
            &[zones(ids::DEDICATED_CLUSTER_ID, &["usw2-az1", "usw2-az2"])],
            base().without_subnets(),
        ),
        case(
            |world| world.happen(visible(ids::DEDICATED_SERVICE_NAME, false)).unwrap(),
            &["AWS does not show the endpoint service"],
            &[visible(ids::DEDICATED_SERVICE_NAME, true)],
            base(),
        ),
        case(
            |world| world.happen(named(None, VerificationState::Verified)).unwrap(),
            &["has no private DNS name"],
            &[named(Some(ids::DEDICATED_HOST), VerificationState::Verified)],
            base(),
        ),
        case(
            |world| {
                world
                    .happen(named(Some(ids::DEDICATED_HOST), VerificationState::PendingVerification))
                    .unwrap()
            },
            &["is not verified"],
            &[named(Some(ids::DEDICATED_HOST), VerificationState::Verified)],
            base(),
        ),
        case(crowded, &["has 50 interface endpoints"], &[gone()], base()),
    ])
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn for_shared_services_on_aws_the_same_run_can_put_right_what_the_plan_warns_of() {
    let base = Endpoint::starter;
    check(vec![
        case(
            |world| {
                without_dns(world, ids::EAST_VPC_ID);
                in_the_east(world);
            },
            &["enable_dns_support", "enable_dns_hostnames", "is used as it is"],
            &[dns(ids::EAST_VPC_ID, true), gone()],
            base(),
        ),
        case(
            |world| {
                in_the_east(world);
                let shared = &mut world.aws.endpoints[0];
                shared.subnet_ids.push(ids::EAST_SUBNET_AZ1.into());
                shared.tags = [
                    ("tidblink:service", ids::SERVERLESS_SERVICE_NAME),
                    ("tidblink:member:lost", "serverless/10400000000000000002"),
                ]
                .map(|(key, value)| (key.to_owned(), value.to_owned()))
                .into();
            },
            &["has another subnet in use1-az1"],
            &[gone()],
            base().subnets(&[ids::EAST_SUBNET_AZ1_SECOND]),
        ),
        case(
            |world| world.happen(zones(ids::STARTER_CLUSTER_ID, &["use1-az9"])).unwrap(),
            &["No subnet of", "4000"],
            &[zones(ids::STARTER_CLUSTER_ID, &["use1-az1"]), opened(ids::EAST_GROUP_CLOSED)],
            base().without_subnets().security_groups(&[ids::EAST_GROUP_CLOSED]),
        ),
        case(
            |world| world.happen(visible(ids::SERVERLESS_SERVICE_NAME, false)).unwrap(),
            &["AWS does not show the endpoint service"],
            &[visible(ids::SERVERLESS_SERVICE_NAME, true)],
            base(),
        ),
    ])
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn on_alibaba_cloud_the_same_run_can_put_right_what_the_plan_warns_of() {
    let closed = block(&[ids::ALICLOUD_VSWITCH_A], &[ids::ALICLOUD_GROUP_CLOSED], "");
    let chosen = format!("    security_group_ids = [{:?}]", ids::ALICLOUD_GROUP_OPEN);
    check(vec![
        case(
            |world| world.happen(Event::ProductOpen { open: false }).unwrap(),
            &["is not activated", "4000"],
            &[Event::ProductOpen { open: true }, opened(ids::ALICLOUD_GROUP_CLOSED)],
            hcl(&closed),
        ),
        case(
            |world| world.happen(auto_accept(ids::ALICLOUD_SERVICE_NAME, false)).unwrap(),
            &["does not accept endpoints by itself"],
            &[auto_accept(ids::ALICLOUD_SERVICE_NAME, true)],
            complete(),
        ),
        case(
            |world| world.happen(zones(ids::ALICLOUD_CLUSTER_ID, &["ap-southeast-1x"])).unwrap(),
            &["No vSwitch of"],
            &[zones(ids::ALICLOUD_CLUSTER_ID, &["ap-southeast-1a"])],
            hcl(&chosen),
        ),
        case(
            |world| world.happen(visible(ids::ALICLOUD_SERVICE_NAME, false)).unwrap(),
            &["does not show the endpoint service"],
            &[visible(ids::ALICLOUD_SERVICE_NAME, true)],
            complete(),
        ),
        case(crowded_on_alibaba_cloud, &["has 1000 endpoints"], &[gone_on_alibaba_cloud()], complete()),
    ])
    .await;
}
