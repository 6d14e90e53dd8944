//! Every action of EC2 that is called, as the EC2 API reference names it, with what a policy must allow for it. What an
//! action is done on follows the Service Authorization Reference of Amazon EC2.

use std::borrow::Cow;

use crate::permissions::{Feature, Permission, declare};
use crate::retry::Effect;

/// An action, and what the caller must be allowed for it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Action {
    pub(super) name: &'static str,
    pub(super) effect: Effect,
    needs: &'static [Need],
}

type Need = (&'static str, Feature, &'static [&'static str]);

const ANYTHING: &[&str] = &["*"];
const ENDPOINTS: &[&str] = &["arn:aws:ec2:*:*:vpc-endpoint/*"];
const ENDPOINTS_AND_NETWORK: &[&str] = &[
    "arn:aws:ec2:*:*:security-group/*",
    "arn:aws:ec2:*:*:subnet/*",
    "arn:aws:ec2:*:*:vpc-endpoint/*",
    "arn:aws:ec2:*:*:vpc/*",
];

const TAG: Need = ("ec2:CreateTags", Feature::Tags, ENDPOINTS);
/// EC2 associates the zone with the private name for whoever switches private DNS on, and nobody can know which zone.
const ASSOCIATE: Need = ("route53:AssociateVPCWithHostedZone", Feature::PrivateDns, ANYTHING);

impl Action {
    /// An action that looks. The describing actions know no resources.
    const fn read(name: &'static str, needs: &'static [Need]) -> Self {
        Self { name, effect: Effect::Read, needs }
    }

    /// An action that changes something.
    const fn write(name: &'static str, needs: &'static [Need]) -> Self {
        Self { name, effect: Effect::Write, needs }
    }
}

declare! {
    pub(super) ALL: [Action] {
        CREATE = Action::write(
            "CreateVpcEndpoint",
            &[("ec2:CreateVpcEndpoint", Feature::Endpoints, ENDPOINTS_AND_NETWORK), TAG, ASSOCIATE],
        );
        MODIFY = Action::write(
            "ModifyVpcEndpoint",
            &[("ec2:ModifyVpcEndpoint", Feature::Endpoints, ENDPOINTS_AND_NETWORK), ASSOCIATE],
        );
        DELETE = Action::write(
            "DeleteVpcEndpoints",
            &[("ec2:DeleteVpcEndpoints", Feature::Endpoints, ENDPOINTS_AND_NETWORK)],
        );
        PUT_TAGS = Action::write("CreateTags", &[TAG]);
        REMOVE_TAGS = Action::write("DeleteTags", &[("ec2:DeleteTags", Feature::Tags, ENDPOINTS)]);
        DESCRIBE = Action::read(
            "DescribeVpcEndpoints",
            &[("ec2:DescribeVpcEndpoints", Feature::Plan, ANYTHING)],
        );
        INTERFACES = Action::read(
            "DescribeNetworkInterfaces",
            &[("ec2:DescribeNetworkInterfaces", Feature::AfterDelete, ANYTHING)],
        );
        SUBNETS = Action::read("DescribeSubnets", &[("ec2:DescribeSubnets", Feature::Plan, ANYTHING)]);
        GROUPS = Action::read(
            "DescribeSecurityGroups",
            &[("ec2:DescribeSecurityGroups", Feature::Plan, ANYTHING)],
        );
        ATTRIBUTE = Action::read(
            "DescribeVpcAttribute",
            &[("ec2:DescribeVpcAttribute", Feature::Plan, ANYTHING)],
        );
        SERVICES = Action::read(
            "DescribeVpcEndpointServices",
            &[("ec2:DescribeVpcEndpointServices", Feature::Plan, ANYTHING)],
        );
    }
}

/// What the SDK calls by itself when the provider block names a role.
const ASSUME_ROLE: Need =
    ("sts:AssumeRole", Feature::AssumeRole, &["arn:aws:iam::123456789012:role/tidblink"]);

/// What all of it takes, with repetitions.
pub(crate) fn permissions() -> impl Iterator<Item = Permission> {
    let needs = ALL.iter().flat_map(|action| action.needs).copied().chain([ASSUME_ROLE]);
    needs.map(|(action, feature, resources)| Permission { action: Cow::Borrowed(action), feature, resources })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_action_takes_the_permission_of_its_own_name() {
        for action in ALL {
            let own = format!("ec2:{}", action.name);
            assert!(action.needs.iter().any(|(name, ..)| *name == own), "{own}");
        }
    }
}
