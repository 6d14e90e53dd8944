#![allow(clippy::unwrap_used, clippy::expect_used)]

use super::*;
use crate::default_world::{self, *};
use crate::world::VerificationState;

/// A shared endpoint in us-east-1, with private DNS on.
fn shared() -> NewEndpoint {
    NewEndpoint {
        region: "us-east-1".to_owned(),
        vpc_id: EAST_VPC_ID.to_owned(),
        service_name: SERVERLESS_SERVICE_NAME.to_owned(),
        subnet_ids: vec![EAST_SUBNET_AZ1.to_owned()],
        security_group_ids: vec![EAST_GROUP_OPEN.to_owned()],
        private_dns_enabled: Some(true),
        ..NewEndpoint::default()
    }
}

fn refusal(new: &NewEndpoint) -> String {
    refusal_in(&mut default_world::world(), new)
}

fn refusal_in(world: &mut World, new: &NewEndpoint) -> String {
    world.create_endpoint(new).unwrap_err().to_string()
}

#[test]
fn two_names_in_one_network_conflict_until_the_first_is_gone() {
    let mut world = default_world::world();
    let first = world.create_endpoint(&shared()).unwrap();
    let conflict = format!(
        "InvalidParameter: private-dns-enabled cannot be set because there is already a conflicting DNS domain for {SERVERLESS_HOST} in the VPC {EAST_VPC_ID}"
    );
    assert_eq!(refusal_in(&mut world, &shared()), conflict);
    world.delete_endpoints("us-east-1", &[first]);
    assert_eq!(refusal_in(&mut world, &shared()), conflict);
    world.advance(world.now.plus_seconds(60));
    assert!(world.create_endpoint(&shared()).is_ok());
}

#[test]
fn a_name_may_linger_after_its_endpoint() {
    let mut world = default_world::world();
    world.delays.private_dns_linger = 120;
    let first = world.create_endpoint(&shared()).unwrap();
    world.delete_endpoints("us-east-1", &[first]);
    world.advance(world.now.plus_seconds(60 + 119));
    assert!(refusal_in(&mut world, &shared()).contains("conflicting DNS domain"));
    world.advance(world.now.plus_seconds(1));
    assert!(world.create_endpoint(&shared()).is_ok());
}

#[test]
fn a_private_zone_holds_its_name() {
    let mut world = default_world::world();
    for vpc in &mut world.aws.vpcs {
        vpc.private_zones.push(SERVERLESS_HOST.to_owned());
    }
    assert!(refusal_in(&mut world, &shared()).contains("conflicting DNS domain"));
}

#[test]
fn each_bad_input_is_refused_in_ec2s_words() {
    let unsupported = |subnet: &str| {
        format!(
            "InvalidParameter: The VPC endpoint service {SERVERLESS_SERVICE_NAME} does not support the availability zone of the subnet: {subnet}."
        )
    };
    type Spoil = fn(&mut NewEndpoint);
    let cases: [(Spoil, String); 9] = [
        (
            |new| new.vpc_id = "vpc-0123456789abcdef0".to_owned(),
            "InvalidVpcID.NotFound: The vpc ID 'vpc-0123456789abcdef0' does not exist".to_owned(),
        ),
        (
            |new| new.vpc_id = "main".to_owned(),
            "InvalidVpcId.Malformed: Invalid Id: 'main' (expecting the form vpc-xxxxxxxxxxxxxxxxx)".to_owned(),
        ),
        (
            |new| new.service_name = "com.amazonaws.vpce.us-east-1.vpce-svc-0".to_owned(),
            "InvalidServiceName: The Vpc Endpoint Service 'com.amazonaws.vpce.us-east-1.vpce-svc-0' does not exist".to_owned(),
        ),
        (
            |new| new.subnet_ids = vec![EAST_SUBNET_AZ3.to_owned()],
            unsupported(EAST_SUBNET_AZ3),
        ),
        (
            |new| new.subnet_ids.push(EAST_SUBNET_AZ1_SECOND.to_owned()),
            format!("DuplicateSubnetsInSameZone: Found another VPC endpoint subnet in the availability zone of {EAST_SUBNET_AZ1_SECOND}. VPC endpoint subnets should be in different availability zones supported by the VPC endpoint service."),
        ),
        (
            |new| new.subnet_ids = vec!["subnet-0123456789abcdef0".to_owned()],
            "InvalidSubnetID.NotFound: The subnet ID 'subnet-0123456789abcdef0' does not exist".to_owned(),
        ),
        (
            |new| new.security_group_ids = vec!["sg-0123456789abcdef0".to_owned()],
            "InvalidSecurityGroupID.NotFound: The security group 'sg-0123456789abcdef0' does not exist".to_owned(),
        ),
        (
            |new| {
                new.vpc_id = EAST_VPC_WITHOUT_DNS.to_owned();
                new.subnet_ids.clear();
                new.security_group_ids.clear();
            },
            format!("InvalidParameter: Enabling private DNS requires both enableDnsSupport and enableDnsHostnames VPC attributes set to true for {EAST_VPC_WITHOUT_DNS}"),
        ),
        (
            |new| {
                new.region = "us-west-2".to_owned();
                new.vpc_id = WEST_VPC_ID.to_owned();
                new.service_name = DEDICATED_SERVICE_NAME.to_owned();
                new.subnet_ids.clear();
                new.security_group_ids.clear();
            },
            format!("InvalidParameter: Private DNS can only be enabled after the endpoint connection is accepted by the owner of {DEDICATED_SERVICE_NAME}."),
        ),
    ];
    for (spoil, expected) in cases {
        let mut new = shared();
        spoil(&mut new);
        assert_eq!(refusal(&new), expected);
    }
}

#[test]
fn names_that_cannot_be_had_are_refused() {
    let mut world = default_world::world();
    for service in &mut world.aws.services {
        service.private_dns_verification = VerificationState::PendingVerification;
    }
    assert!(refusal_in(&mut world, &shared()).ends_with("has not verified the private DNS name."));
    for service in &mut world.aws.services {
        service.private_dns_name = None;
    }
    assert!(refusal_in(&mut world, &shared()).ends_with("does not provide a private DNS name."));
}

#[test]
fn the_quota_is_per_network() {
    let mut world = default_world::world();
    world.limits.endpoints_per_vpc = 1;
    world.create_endpoint(&shared()).unwrap();
    assert!(refusal_in(&mut world, &shared()).starts_with("VpcEndpointLimitExceeded"));
}

#[test]
fn a_client_token_makes_one_endpoint() {
    let mut world = default_world::world();
    let mut new = shared();
    new.client_token = Some("token".to_owned());
    new.fingerprint = "one".to_owned();
    let made = world.create_endpoint(&new).unwrap();
    assert_eq!(world.create_endpoint(&new).unwrap(), made);
    assert_eq!(world.aws.endpoints.len(), 1);
    new.fingerprint = "two".to_owned();
    assert!(refusal_in(&mut world, &new).starts_with("IdempotentParameterMismatch"));
}

#[test]
fn private_dns_left_out_is_on_when_no_acceptance_is_needed() {
    let mut world = default_world::world();
    let mut new = shared();
    new.private_dns_enabled = None;
    let id = world.create_endpoint(&new).unwrap();
    assert!(world.aws.endpoint(&id).unwrap().private_dns_enabled);
    let names = &world.aws.endpoint(&id).unwrap().dns_entries;
    assert!(names.iter().any(|entry| entry.dns_name == SERVERLESS_HOST));
}

#[test]
fn without_groups_the_networks_default_group_is_used() {
    let mut world = default_world::world();
    let mut new = shared();
    new.security_group_ids.clear();
    let id = world.create_endpoint(&new).unwrap();
    assert_eq!(world.aws.endpoint(&id).unwrap().security_group_ids, [EAST_GROUP_DEFAULT]);
}

#[test]
fn changing_subnets_changes_interfaces() {
    let mut world = default_world::world();
    let id = world.create_endpoint(&shared()).unwrap();
    world.advance(world.now.plus_seconds(30));
    let change = EndpointChange {
        add_subnets: vec![EAST_SUBNET_AZ2.to_owned()],
        remove_subnets: vec![EAST_SUBNET_AZ1.to_owned()],
        ..EndpointChange::default()
    };
    world.modify_endpoint("us-east-1", &id, &change).unwrap();
    let endpoint = world.aws.endpoint(&id).unwrap();
    assert_eq!(endpoint.subnet_ids, [EAST_SUBNET_AZ2]);
    let interfaces: Vec<_> =
        world.aws.network_interfaces.iter().map(|interface| interface.subnet_id.as_str()).collect();
    assert_eq!(interfaces, [EAST_SUBNET_AZ2]);
}

#[test]
fn a_subnet_in_use_cannot_be_deleted() {
    let mut world = default_world::world();
    let id = world.create_endpoint(&shared()).unwrap();
    let refused = world.delete_subnet("us-east-1", EAST_SUBNET_AZ1).unwrap_err();
    assert_eq!(refused.code, "DependencyViolation");
    let refused = world.delete_security_group("us-east-1", EAST_GROUP_OPEN).unwrap_err();
    assert_eq!(refused.code, "DependencyViolation");
    world.delete_endpoints("us-east-1", &[id]);
    world.advance(world.now.plus_seconds(60));
    assert!(world.delete_subnet("us-east-1", EAST_SUBNET_AZ1).is_ok());
    assert!(world.delete_security_group("us-east-1", EAST_GROUP_OPEN).is_ok());
}
