//! What AWS calls a subnet, and what was seen of them, for the choice that all clouds share.

use super::evaluate::Case;
use super::zones::Offered;
use crate::clouds::subnets::{self, Candidate, Selection, Words};
use crate::codes::Code;

const WORDS: Words = Words {
    one: "subnet",
    many: "subnets",
    title: "Subnets",
    attribute: "subnet_ids",
    resource: "aws_subnet",
    shower: "EC2",
    permission: "ec2:DescribeSubnets",
    about_zones: " (Zone ids are compared, since each AWS account has its own names for \
                  zones.)",
    not_found: Code::SubnetNotFound,
    of_other_vpc: Code::SubnetOfOtherVpc,
    none_usable: Code::NoUsableSubnet,
};

/// Judges the subnets of the wish, or chooses some.
pub(super) fn select(case: &Case<'_>) -> Selection {
    let offered = Offered::new(case.survey, case.service);
    let candidates = case.survey.vpc.subnets.seen().map(|seen| {
        let candidate = seen.iter().map(|subnet| Candidate {
            id: &subnet.id,
            vpc: &subnet.vpc,
            zone: &subnet.zone,
            served: offered.include(subnet),
        });
        candidate.collect()
    });
    let case = subnets::Case {
        words: &WORDS,
        region: &case.survey.region,
        service: case.service,
        wish: case.wish,
        zones: offered.list(),
        seen: candidates,
    };
    case.select()
}
