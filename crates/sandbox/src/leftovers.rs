//! What exists that was not there at the start: the question every test asks last. A service made through the legacy API
//! is not a leftover, because no API can take it away again, and neither is an endpoint that EC2 shows as `deleted`.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::world::{EndpointState, Tags, World};

/// Kinds of things that may be left over.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LeftoverKind {
    /// An endpoint of either cloud.
    Endpoint,
    /// A network interface of an endpoint: one for each subnet or zone.
    NetworkInterface,
    /// A connection registered with TiDB Cloud.
    Connection,
    /// A VPC.
    Vpc,
    /// A subnet.
    Subnet,
    /// A security group.
    SecurityGroup,
    /// A tag on something that was there at the start; its id is `RESOURCE/KEY=VALUE`.
    Tag,
}

/// Something left over.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Leftover {
    /// What it is.
    pub kind: LeftoverKind,
    /// Which one it is.
    pub id: String,
    /// The state it is in, for those that have one.
    pub state: Option<String>,
}

/// What was there at the start.
#[derive(Debug, Default)]
pub(crate) struct Baseline(BTreeSet<(LeftoverKind, String)>);

impl Baseline {
    pub(crate) fn of(world: &World) -> Self {
        Self(inventory(world).into_iter().map(|item| (item.kind, item.id)).collect())
    }

    /// What is in the world and was not at the start.
    pub(crate) fn leftovers(&self, world: &World) -> Vec<Leftover> {
        let fresh: Vec<Leftover> = inventory(world)
            .into_iter()
            .filter(|item| !self.0.contains(&(item.kind, item.id.clone())))
            .collect();
        let fresh_ids: BTreeSet<String> = fresh.iter().map(|item| item.id.clone()).collect();
        // A tag on a leftover goes with it.
        fresh
            .into_iter()
            .filter(|item| {
                item.kind != LeftoverKind::Tag
                    || item.id.split_once('/').is_none_or(|(resource, _)| !fresh_ids.contains(resource))
            })
            .collect()
    }
}

fn inventory(world: &World) -> Vec<Leftover> {
    let mut items = Vec::new();
    let mut add = |kind, id: &str, state: Option<&str>, tags: Option<&Tags>| {
        items.push(Leftover { kind, id: id.to_owned(), state: state.map(str::to_owned) });
        items.extend(tags.into_iter().flatten().map(|(key, value)| Leftover {
            kind: LeftoverKind::Tag,
            id: format!("{id}/{key}={value}"),
            state: None,
        }));
    };
    let aws = &world.aws;
    for endpoint in &aws.endpoints {
        if endpoint.state != EndpointState::Deleted {
            let state = Some(endpoint.state.as_str());
            add(LeftoverKind::Endpoint, &endpoint.endpoint_id, state, Some(&endpoint.tags));
        }
    }
    for interface in &aws.network_interfaces {
        add(LeftoverKind::NetworkInterface, &interface.network_interface_id, None, None);
    }
    for endpoint in &world.alicloud.endpoints {
        let state = Some(endpoint.status.as_str());
        add(LeftoverKind::Endpoint, &endpoint.endpoint_id, state, Some(&endpoint.tags));
        for zone in &endpoint.zones {
            add(LeftoverKind::NetworkInterface, &zone.eni_id, Some(zone.status.as_str()), None);
        }
    }
    for connection in &world.tidb.connections {
        let state = format!("{:?}", connection.state).to_uppercase();
        add(LeftoverKind::Connection, &connection.connection_id, Some(&state), None);
    }
    for vpc in &aws.vpcs {
        add(LeftoverKind::Vpc, &vpc.vpc_id, None, Some(&vpc.tags));
    }
    for subnet in &aws.subnets {
        add(LeftoverKind::Subnet, &subnet.subnet_id, None, Some(&subnet.tags));
    }
    for group in &aws.security_groups {
        add(LeftoverKind::SecurityGroup, &group.group_id, None, Some(&group.tags));
    }
    items
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::default_world::{self, WEST_VPC_ID};

    #[test]
    fn a_new_tag_on_an_old_resource_is_left_over() {
        let mut world = default_world::world();
        let baseline = Baseline::of(&world);
        assert_eq!(baseline.leftovers(&world), []);
        for vpc in &mut world.aws.vpcs {
            if vpc.vpc_id == WEST_VPC_ID {
                vpc.tags.insert("owner".to_owned(), "test".to_owned());
            }
        }
        let ids: Vec<String> = baseline.leftovers(&world).into_iter().map(|item| item.id).collect();
        assert_eq!(ids, [format!("{WEST_VPC_ID}/owner=test")]);
    }
}
