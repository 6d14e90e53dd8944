//! What Alibaba Cloud calls a subnet, and what was seen of them, for the choice that all clouds share.

use super::evaluate::Case;
use super::zones::Offered;
use crate::clouds::subnets::{self, Candidate, Selection, Words};
use crate::codes::Code;

const WORDS: Words = Words {
    one: "vSwitch",
    many: "vSwitches",
    title: "vSwitches",
    attribute: "vswitch_ids",
    resource: "alicloud_vswitch",
    shower: "Alibaba Cloud",
    permission: "vpc:DescribeVSwitches",
    about_zones: "",
    not_found: Code::VswitchNotFound,
    of_other_vpc: Code::VswitchOfOtherVpc,
    none_usable: Code::NoUsableVswitch,
};

/// Judges the vSwitches of the wish, or chooses some.
pub(super) fn select(case: &Case<'_>) -> Selection {
    let offered = Offered::new(case.survey, case.service);
    let candidates = case.survey.vpc.vswitches.seen().map(|seen| {
        let candidate = seen.iter().map(|vswitch| Candidate {
            id: &vswitch.id,
            vpc: &vswitch.vpc,
            zone: &vswitch.zone,
            served: offered.include(vswitch),
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
