//! From PrivateLink's answers to an endpoint. What it is is spread over three of them: a row in the list, its zones and
//! its security groups, each with a state of its own.

use std::collections::BTreeMap;
use std::net::IpAddr;

use crate::clouds::{CloudEndpoint, CloudState, SERVICE_TAG, UNFINISHED_TAG};
use crate::ids::{EndpointId, InterfaceId, SecurityGroupId, ServiceName, SubnetId, VpcId, ZoneId};
use crate::json::{Misfit, Node};

/// An endpoint in a list, or as it was made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Row {
    pub(super) id: EndpointId,
    pub(super) service_name: ServiceName,
    pub(super) vpc: VpcId,
    /// `EndpointStatus`: Creating, Active, Pending (being changed), Deleting.
    pub(super) status: String,
    /// `ConnectionStatus`: Pending, Connecting, Connected, Disconnecting, Disconnected, Deleting, ServiceDeleted.
    pub(super) connection: String,
    /// `EndpointBusinessStatus`: Normal, FinancialLocked.
    pub(super) business: String,
    pub(super) domain: Option<String>,
    pub(super) name: Option<String>,
    pub(super) tags: BTreeMap<String, String>,
}

/// A zone of an endpoint: one network interface in one vSwitch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Zone {
    pub(super) zone: ZoneId,
    pub(super) vswitch: SubnetId,
    pub(super) interface: Option<InterfaceId>,
    pub(super) domain: Option<String>,
    /// Private address of the interface, once it has one.
    pub(super) address: Option<IpAddr>,
    /// `ZoneStatus`: Creating, Wait, Connecting, Connected, Disconnecting, Disconnected, Deleting, Migrating, Migrated.
    pub(super) status: String,
}

/// A security group of an endpoint.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Group {
    pub(super) id: SecurityGroupId,
    /// `SecurityGroupStatus`: Attaching, Attached, Detaching.
    pub(super) status: String,
}

/// An endpoint with all its parts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Parts {
    pub(super) row: Row,
    pub(super) zones: Vec<Zone>,
    pub(super) groups: Vec<Group>,
}

/// What is known of an endpoint besides what its answers say now.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Known {
    /// Whether the service accepts endpoints by itself, as far as anybody looked.
    pub(super) accepts: Option<bool>,
    /// Whether its connection was seen standing or on its way.
    pub(super) connected: bool,
}

impl Row {
    /// Reads one.
    ///
    /// # Errors
    /// [`Misfit`] when an id is missing or of another form.
    pub(super) fn read(node: &Node<'_>) -> Result<Self, Misfit> {
        let tags = node.list("Tags")?.into_iter().map(|tag| Ok((tag.word("Key")?, tag.word("Value")?)));
        Ok(Self {
            id: node.id("EndpointId")?,
            // Endpoints of other kinds may lead to no service; they are listed, but never ours.
            service_name: ServiceName::new(node.word("ServiceName")?),
            vpc: node.id("VpcId")?,
            status: node.word("EndpointStatus")?,
            connection: node.word("ConnectionStatus")?,
            business: node.word("EndpointBusinessStatus")?,
            domain: node.optional_text("EndpointDomain")?,
            name: node.optional_text("EndpointName")?,
            tags: tags.collect::<Result<_, Misfit>>()?,
        })
    }

    /// Whether it is going away.
    pub(super) fn is_leaving(&self) -> bool {
        is(&self.status, "Deleting")
    }

    /// Whether the service's owner has let it in: its connection stands or is on its way up or down, or it bears the
    /// marks of one that was finished.
    pub(super) fn was_let_in(&self) -> bool {
        let finished = self.tags.contains_key(SERVICE_TAG) && !self.tags.contains_key(UNFINISHED_TAG);
        finished || ["Connecting", "Connected", "Disconnecting"].iter().any(|word| is(&self.connection, word))
    }
}

impl Zone {
    /// Reads one.
    ///
    /// # Errors
    /// [`Misfit`] when the zone or its vSwitch is missing.
    pub(super) fn read(node: &Node<'_>) -> Result<Self, Misfit> {
        Ok(Self {
            zone: ZoneId::new(node.text("ZoneId")?),
            vswitch: node.id("VSwitchId")?,
            interface: node.optional_text("EniId")?.map(InterfaceId::new),
            domain: node.optional_text("ZoneDomain")?,
            address: node.optional_text("EniIp")?.and_then(|address| address.parse().ok()),
            status: node.word("ZoneStatus")?,
        })
    }

    /// Whether it is going away.
    pub(super) fn is_leaving(&self) -> bool {
        is(&self.status, "Deleting")
    }

    fn is_moving(&self) -> bool {
        ["Creating", "Connecting", "Disconnecting", "Deleting", "Migrating"]
            .iter()
            .any(|word| is(&self.status, word))
    }
}

impl Group {
    /// Reads one.
    ///
    /// # Errors
    /// [`Misfit`] when its id is missing.
    pub(super) fn read(node: &Node<'_>) -> Result<Self, Misfit> {
        Ok(Self { id: node.id("SecurityGroupId")?, status: node.word("SecurityGroupStatus")? })
    }

    /// Whether it is going away.
    pub(super) fn is_leaving(&self) -> bool {
        is(&self.status, "Detaching")
    }

    fn is_moving(&self) -> bool {
        self.is_leaving() || is(&self.status, "Attaching")
    }
}

impl Parts {
    /// A row alone, for an endpoint whose parts nobody asks for.
    pub(super) fn of(row: Row) -> Self {
        Self { row, zones: Vec::new(), groups: Vec::new() }
    }

    /// Whether no change is going on, so that the next one is let in.
    pub(super) fn takes_changes(&self) -> bool {
        is(&self.row.status, "Active")
            && !["Connecting", "Disconnecting", "Deleting"].iter().any(|word| is(&self.row.connection, word))
            && !self.zones.iter().any(Zone::is_moving)
            && !self.groups.iter().any(Group::is_moving)
    }

    /// The states in a few words, for logs and the history of a timeout.
    pub(super) fn describe(&self) -> String {
        let zones: Vec<_> = self.zones.iter().map(|zone| format!("{} {}", zone.zone, zone.status)).collect();
        let groups = self.groups.iter().filter(|group| group.is_moving());
        let groups: Vec<_> = groups.map(|group| format!("{} {}", group.id, group.status)).collect();
        let mut words = vec![format!("endpoint {}, connection {}", self.row.status, self.row.connection)];
        words.extend(zones);
        words.extend(groups);
        words.join(", ")
    }

    /// The endpoint as every cloud describes one. Zones and groups that are on their way out no longer count.
    pub(super) fn endpoint(self, known: Known) -> CloudEndpoint {
        let (state, reason) = self.state(known);
        let Self { row, zones, groups } = self;
        let staying = || zones.iter().filter(|zone| !zone.is_leaving());
        CloudEndpoint {
            state,
            reason,
            subnets: staying().map(|zone| zone.vswitch.clone()).collect(),
            security_groups: groups
                .iter()
                .filter(|group| !group.is_leaving())
                .map(|group| group.id.clone())
                .collect(),
            private_dns: false,
            interfaces: zones.iter().filter_map(|zone| zone.interface.clone()).collect(),
            dns_names: row
                .domain
                .iter()
                .cloned()
                .chain(staying().filter_map(|zone| zone.domain.clone()))
                .collect(),
            host: row.domain,
            id: row.id,
            service_name: row.service_name,
            vpc: row.vpc,
            tags: row.tags,
            name: row.name,
        }
    }

    /// Where it is in its life, and why it does not get on. Source of the words: PrivateLink API reference,
    /// GetVpcEndpointAttribute and ListVpcEndpointZones.
    fn state(&self, known: Known) -> (CloudState, Option<String>) {
        let Row { status, connection, business, .. } = &self.row;
        let of = |words: &[&str], found: &str| words.iter().any(|word| is(found, word));
        if self.row.is_leaving() {
            return (CloudState::Deleting, None);
        }
        if is(connection, "ServiceDeleted") {
            return (CloudState::Failed, Some("the endpoint service was deleted".to_owned()));
        }
        if is(business, "FinancialLocked") {
            // It works again once the bill is paid, so it must not be replaced as one that failed.
            let reason = "a payment of the Alibaba Cloud account is overdue; settle its bills in the console of Alibaba \
                          Cloud, and the endpoint works again";
            return (CloudState::Locked, Some(reason.to_owned()));
        }
        if !of(&["", "Normal"], business) {
            return (CloudState::Other(business.clone()), Some("this is its business status".to_owned()));
        }
        if of(&["Creating", "Pending"], status) {
            return (CloudState::Pending, None);
        }
        if !is(status, "Active") {
            return (CloudState::Other(status.clone()), None);
        }
        if is(connection, "Disconnected") && (known.connected || self.row.was_let_in()) {
            let reason = "only the owner of the endpoint service, TiDB Cloud, can connect it again: ask TiDB Cloud support";
            return (CloudState::Disconnected, Some(reason.to_owned()));
        }
        if is(connection, "Disconnected") {
            let reason = (known.accepts == Some(false)).then(|| {
                "the endpoint service does not accept endpoints by itself, and TiDB Cloud has not accepted this one"
                    .to_owned()
            });
            return (CloudState::PendingAcceptance, reason);
        }
        if of(&["Pending", "Connecting", "Disconnecting", "Deleting"], connection) {
            return (CloudState::Pending, None);
        }
        if !is(connection, "Connected") {
            return (CloudState::Other(connection.clone()), None);
        }
        match self.zones.iter().find(|zone| !is(&zone.status, "Connected")) {
            None => (CloudState::Available, None),
            Some(zone) => {
                (CloudState::Pending, Some(format!("zone {} is in state {}", zone.zone, zone.status)))
            }
        }
    }
}

/// Words of a vocabulary compare in any case.
fn is(found: &str, word: &str) -> bool {
    found.eq_ignore_ascii_case(word)
}

#[cfg(test)]
pub(super) mod tests {
    use serde_json::json;

    use super::*;

    /// A whole endpoint that works: two zones, one group.
    pub(in crate::clouds::alicloud) fn parts() -> Parts {
        let row = json!({
            "EndpointId": "ep-t4n0000001", "ServiceName": "com.aliyuncs.privatelink.r.epsrv-1",
            "VpcId": "vpc-t4n0000001", "EndpointStatus": "Active", "ConnectionStatus": "Connected",
            "EndpointBusinessStatus": "Normal", "EndpointDomain": "ep.example.com", "EndpointName": "tidb",
            "Tags": [{ "Key": "tidblink:token", "Value": "t" }, { "Key": "empty" }],
        });
        let zone = |number: u8| {
            let zone = json!({
                "ZoneId": format!("r-{number}"), "VSwitchId": format!("vsw-t4n000000{number}"),
                "EniId": format!("eni-{number}"), "ZoneDomain": format!("ep-{number}.example.com"),
                "ZoneStatus": "Connected",
            });
            Zone::read(&Node::root(&zone)).expect("a zone")
        };
        let group = json!({ "SecurityGroupId": "sg-t4n0000001", "SecurityGroupStatus": "Attached" });
        Parts {
            row: Row::read(&Node::root(&row)).expect("a row"),
            zones: vec![zone(1), zone(2)],
            groups: vec![Group::read(&Node::root(&group)).expect("a group")],
        }
    }

    fn with(change: impl FnOnce(&mut Parts)) -> Parts {
        let mut parts = parts();
        change(&mut parts);
        parts
    }

    #[test]
    fn an_endpoint_is_put_together_from_its_parts() {
        let endpoint = parts().endpoint(Known::default());
        assert_eq!(endpoint.state, CloudState::Available);
        assert_eq!((endpoint.token(), endpoint.reason.as_deref()), (Some("t"), None));
        assert_eq!(
            (endpoint.name.as_deref(), endpoint.host.as_deref()),
            (Some("tidb"), Some("ep.example.com"))
        );
        assert_eq!(endpoint.dns_names, ["ep.example.com", "ep-1.example.com", "ep-2.example.com"]);
        assert_eq!((endpoint.subnets.len(), endpoint.interfaces.len()), (2, 2));
        assert_eq!(endpoint.security_groups.len(), 1);
        assert!(!endpoint.private_dns);
    }

    #[test]
    fn what_is_on_its_way_out_no_longer_counts_but_its_interface_is_still_there() {
        let parts = with(|parts| {
            parts.zones[0].status = "Deleting".into();
            parts.groups[0].status = "Detaching".into();
        });
        assert!(!parts.takes_changes());
        let endpoint = parts.endpoint(Known::default());
        assert_eq!(endpoint.subnets.iter().map(SubnetId::as_str).collect::<Vec<_>>(), ["vsw-t4n0000002"]);
        assert_eq!((endpoint.security_groups.len(), endpoint.interfaces.len()), (0, 2));
    }

    #[test]
    fn it_is_available_only_when_every_part_is() {
        use CloudState::*;
        let other = |word: &str| Other(word.to_owned());
        let table = [
            ("Active", "Connected", "Connected", Available),
            ("active", "CONNECTED", "connected", Available),
            ("Creating", "Disconnected", "Creating", Pending),
            ("Pending", "Connected", "Connected", Pending),
            ("Active", "Pending", "Wait", Pending),
            ("Active", "Connecting", "Connecting", Pending),
            ("Active", "Disconnecting", "Connected", Pending),
            ("Active", "Disconnected", "Wait", PendingAcceptance),
            ("Active", "Connected", "Creating", Pending),
            ("Active", "Connected", "Wait", Pending),
            ("Active", "Connected", "Migrating", Pending),
            ("Active", "Connected", "SomethingNew", Pending),
            ("Deleting", "Deleting", "Deleting", Deleting),
            ("Active", "ServiceDeleted", "Connected", Failed),
            ("SomethingNew", "Connected", "Connected", other("SomethingNew")),
            ("Active", "SomethingNew", "Connected", other("SomethingNew")),
        ];
        for (status, connection, zone, state) in table {
            let parts = with(|parts| {
                parts.row.status = status.into();
                parts.row.connection = connection.into();
                parts.zones[1].status = zone.into();
            });
            assert_eq!(parts.endpoint(Known::default()).state, state, "{status} {connection} {zone}");
        }
    }

    #[test]
    fn what_keeps_it_from_getting_on_is_said() {
        let reason = |accepts, change: fn(&mut Parts)| {
            with(change).endpoint(Known { accepts, connected: false }).reason
        };
        let disconnected: fn(&mut Parts) = |parts| parts.row.connection = "Disconnected".into();
        assert_eq!(reason(None, disconnected), None);
        assert_eq!(reason(Some(true), disconnected), None);
        assert!(reason(Some(false), disconnected).is_some_and(|reason| reason.contains("by itself")));
        let locked = with(|parts| parts.row.business = "FinancialLocked".into()).endpoint(Known::default());
        assert_eq!(locked.state, CloudState::Locked);
        assert!(locked.reason.is_some_and(|reason| reason.contains("overdue")));
        let gone = reason(None, |parts| parts.row.connection = "ServiceDeleted".into());
        assert!(gone.is_some_and(|reason| reason.contains("deleted")));
    }

    #[test]
    fn one_that_was_let_in_before_does_not_wait_for_acceptance_when_it_is_disconnected() {
        let tagged = |tags: &[&str]| {
            let tags: BTreeMap<_, _> = tags.iter().map(|tag| ((*tag).to_owned(), String::new())).collect();
            with(|parts| (parts.row.connection, parts.row.tags) = ("Disconnected".into(), tags))
        };
        let state = |parts: Parts, connected| parts.endpoint(Known { accepts: None, connected }).state;
        assert_eq!(state(tagged(&[SERVICE_TAG, UNFINISHED_TAG]), false), CloudState::PendingAcceptance);
        assert_eq!(state(tagged(&[]), false), CloudState::PendingAcceptance);
        assert_eq!(state(tagged(&[SERVICE_TAG]), false), CloudState::Disconnected);
        assert_eq!(state(tagged(&[SERVICE_TAG, UNFINISHED_TAG]), true), CloudState::Disconnected);
        let reason = tagged(&[SERVICE_TAG]).endpoint(Known::default()).reason;
        assert!(reason.is_some_and(|reason| reason.contains("TiDB Cloud support")));
    }

    #[test]
    fn a_business_status_that_nobody_knows_is_waited_out_and_told() {
        for business in ["", "Normal", "normal"] {
            let parts = with(|parts| parts.row.business = business.into());
            assert_eq!(parts.endpoint(Known::default()).state, CloudState::Available, "{business}");
        }
        let other = with(|parts| parts.row.business = "SomethingNew".into()).endpoint(Known::default());
        assert_eq!(other.state, CloudState::Other("SomethingNew".into()));
        assert!(other.reason.is_some_and(|reason| reason.contains("business status")));
    }

    #[test]
    fn changes_are_taken_when_nothing_moves() {
        assert!(parts().takes_changes());
        assert!(with(|parts| parts.row.connection = "Disconnected".into()).takes_changes());
        for moving in [
            with(|parts| parts.row.status = "Pending".into()),
            with(|parts| parts.row.connection = "Connecting".into()),
            with(|parts| parts.zones[0].status = "Creating".into()),
            with(|parts| parts.groups[0].status = "Attaching".into()),
        ] {
            assert!(!moving.takes_changes(), "{}", moving.describe());
        }
    }

    #[test]
    fn a_row_without_an_id_says_which() {
        let misfit = Row::read(&Node::root(&json!({ "VpcId": "vpc-t4n0000001" }))).expect_err("no id");
        assert!(misfit.to_string().contains("EndpointId"), "{misfit}");
    }
}
