//! How much of the cloud side a plan or an apply asks for, and so which findings of a preflight may hold it up. A new
//! endpoint asks for everything. A change asks for what it changes: what is wrong about the rest has its place already, and
//! the cloud does not look at it again.

use super::change::{groups, private_dns, subnets};
use super::model::PrivateEndpointModel;
use crate::clouds::{Concern, Finding};

/// How much is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Scope {
    /// A new endpoint.
    Making,
    /// Other settings of one that exists.
    Changing { subnets: bool, groups: bool, private_dns: bool },
}

impl Scope {
    /// What an update asks for; `None` when the cloud side would look the same. Names and tags do not count.
    pub(super) fn of_update(prior: &PrivateEndpointModel, planned: &PrivateEndpointModel) -> Option<Self> {
        let change = Self::Changing {
            subnets: subnets(prior) != subnets(planned),
            groups: groups(prior) != groups(planned),
            private_dns: private_dns(prior) != private_dns(planned),
        };
        let same = Self::Changing { subnets: false, groups: false, private_dns: false };
        (change != same).then_some(change)
    }

    /// Whether a finding is about something that is asked for.
    pub(super) fn covers(self, finding: &Finding) -> bool {
        let Self::Changing { subnets, groups, private_dns } = self else { return true };
        !finding.is_about_making()
            && match finding.concern {
                Concern::Subnets => subnets,
                Concern::SecurityGroups => groups,
                Concern::PrivateDns => private_dns,
                // Whoever has an endpoint was let in by the service.
                Concern::Service => false,
                Concern::Vpc | Concern::Name | Concern::Tags => true,
            }
    }
}

#[cfg(test)]
mod tests {
    use tfplugin::Attr;

    use super::super::model::AwsBlock;
    use super::*;
    use crate::clouds::Standing;
    use crate::codes::Code;

    fn model(subnet: &str, group: &str, private_dns: bool) -> PrivateEndpointModel {
        PrivateEndpointModel {
            aws: Attr::Known(AwsBlock {
                subnet_ids: Attr::Known([subnet].into_iter().collect()),
                security_group_ids: Attr::Known([group].into_iter().collect()),
                private_dns_enabled: Attr::Known(private_dns),
                ..AwsBlock::default()
            }),
            ..PrivateEndpointModel::default()
        }
    }

    fn covered(scope: Scope) -> Vec<Concern> {
        use Concern::{Name, PrivateDns, SecurityGroups, Service, Subnets, Tags, Vpc};
        let finding = |concern| Finding {
            code: Code::PortClosed,
            concern,
            standing: Standing::Impossible,
            summary: String::new(),
            detail: String::new(),
        };
        let all = [Service, Vpc, Subnets, SecurityGroups, PrivateDns, Name, Tags];
        all.into_iter().filter(|concern| scope.covers(&finding(*concern))).collect()
    }

    #[test]
    fn a_new_endpoint_asks_for_everything_and_a_change_for_what_it_changes() {
        use Concern::{Name, PrivateDns, SecurityGroups, Subnets, Tags, Vpc};
        assert_eq!(covered(Scope::Making).len(), 7);
        let prior = model("a", "b", true);
        for (planned, asked) in [
            (model("c", "b", true), vec![Vpc, Subnets, Name, Tags]),
            (model("a", "c", true), vec![Vpc, SecurityGroups, Name, Tags]),
            (model("a", "b", false), vec![Vpc, PrivateDns, Name, Tags]),
            (model("c", "c", true), vec![Vpc, Subnets, SecurityGroups, Name, Tags]),
        ] {
            assert_eq!(Scope::of_update(&prior, &planned).map(covered), Some(asked));
        }
        assert_eq!(Scope::of_update(&prior, &prior), None);
    }

    #[test]
    fn what_only_stands_in_the_way_of_a_new_endpoint_never_holds_up_a_change() {
        let owned = Finding {
            code: Code::NameOwned,
            concern: Concern::PrivateDns,
            standing: Standing::MayChange,
            summary: String::new(),
            detail: String::new(),
        };
        assert!(Scope::Making.covers(&owned));
        assert!(!Scope::Changing { subnets: true, groups: true, private_dns: true }.covers(&owned));
    }
}
