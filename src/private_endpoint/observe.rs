//! From what the two sides show to what the state says.

use std::collections::{BTreeMap, BTreeSet};

use tfplugin::Attr;

use super::marks::user_tags;
use super::members::is_joining;
use super::model::{AlicloudBlock, AwsBlock, IdSet, PrivateEndpointModel};
use super::status::{Status, judge, unfinished_judgement};
use crate::clouds::{CloudEndpoint, CloudState};
use crate::ids::{CloudName, EndpointId, PrivateEndpointId, ServiceId};
use crate::tidbcloud::Connection;

/// What is known of the service when a state is written; each part stays as it was when unknown.
#[derive(Clone, Debug, Default)]
pub(super) struct ServiceView {
    pub(super) project: Option<String>,
    pub(super) region: Option<String>,
    pub(super) host: Option<String>,
    pub(super) port: Option<u16>,
}

/// Writes both sides into the model.
pub(super) fn fill(
    model: &mut PrivateEndpointModel,
    service: &ServiceId,
    id: &EndpointId,
    view: &ServiceView,
    endpoint: Option<&CloudEndpoint>,
    connection: Option<&Connection>,
) {
    let mut judged = judge(endpoint, connection, id.cloud(), service.is_registered());
    let own = model.ownership_token.known();
    let joining = endpoint.zip(own).is_some_and(|(endpoint, own)| is_joining(endpoint, own));
    if joining && judged.status == Status::Active {
        judged = unfinished_judgement();
    }
    let known = |value: &str| Attr::Known(value.to_owned());
    model.id = known(&PrivateEndpointId { service: service.clone(), endpoint: id.clone() }.to_string());
    model.service_id = known(&service.to_string());
    model.endpoint_id = known(id.as_str());
    keep(&mut model.connection_id, connection.and_then(|c| c.id.as_ref()).map(ToString::to_string));
    keep(&mut model.project_id, view.project.clone());
    keep(&mut model.region, view.region.clone());
    if !model.host.is_known() {
        keep(
            &mut model.host,
            endpoint.and_then(|endpoint| endpoint.host.clone()).or_else(|| view.host.clone()),
        );
    }
    keep(&mut model.port, view.port.map(i64::from));
    keep(&mut model.managed, None);
    keep(&mut model.ownership_token, None);
    model.status = known(judged.status.as_str());
    model.status_reason = judged.reason.into();
    model.cloud_state =
        known(endpoint.map_or(CloudState::Deleted.as_str(), |endpoint| endpoint.state.as_str()));
    model.connection_state = connection.map(|connection| connection.state.to_string()).into();
    match endpoint {
        Some(endpoint) if !endpoint.is_seen() => model.leave_to_others(&known(id.as_str())),
        Some(endpoint) => {
            model.network_interface_ids =
                Attr::Known(endpoint.interfaces.iter().map(ToString::to_string).collect());
            model.dns_names = Attr::Known(endpoint.dns_names.clone());
            match id.cloud() {
                CloudName::Alicloud => {
                    let mut block = model.alicloud.known().cloned().unwrap_or_default();
                    fill_alicloud(&mut block, endpoint);
                    model.alicloud = Attr::Known(block);
                }
                _ => {
                    let mut block = model.aws.known().cloned().unwrap_or_default();
                    let view = View::of(model.is_guest(), endpoint);
                    fill_aws(&mut block, endpoint, view);
                    model.aws = Attr::Known(block);
                }
            }
        }
        None => {
            keep(&mut model.network_interface_ids, None);
            keep(&mut model.dns_names, None);
        }
    }
}

/// How much of an endpoint one instance reports as its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum View {
    /// All of it.
    Whole,
    /// What the instance requires, as far as it is there; the rest is for others.
    Share,
    /// Nothing: it is somebody else's, and what was configured stands.
    Guest,
}

impl View {
    fn of(guest: bool, endpoint: &CloudEndpoint) -> Self {
        match (guest, endpoint.is_shared()) {
            (true, _) => Self::Guest,
            (false, true) => Self::Share,
            (false, false) => Self::Whole,
        }
    }

    /// What of the ids that are there goes into the state.
    fn ids<T: ToString>(self, configured: &Attr<IdSet>, there: &BTreeSet<T>) -> Attr<IdSet> {
        let there: BTreeSet<String> = there.iter().map(ToString::to_string).collect();
        match (self, configured.known().and_then(IdSet::known)) {
            (Self::Guest, Some(_)) => configured.clone(),
            (Self::Share, Some(required)) => {
                Attr::Known(required.into_iter().filter(|id| there.contains(*id)).collect())
            }
            _ => Attr::Known(there.iter().collect()),
        }
    }
}

fn fill_aws(block: &mut AwsBlock, endpoint: &CloudEndpoint, view: View) {
    block.vpc_id = Attr::Known(endpoint.vpc.to_string());
    block.subnet_ids = view.ids(&block.subnet_ids, &endpoint.subnets);
    block.security_group_ids = view.ids(&block.security_group_ids, &endpoint.security_groups);
    if view != View::Guest || !block.private_dns_enabled.is_known() {
        block.private_dns_enabled = Attr::Known(endpoint.private_dns);
    }
    block.tags = tags(&block.tags, view, endpoint);
}

fn fill_alicloud(block: &mut AlicloudBlock, endpoint: &CloudEndpoint) {
    block.vpc_id = Attr::Known(endpoint.vpc.to_string());
    block.vswitch_ids = Attr::Known(endpoint.subnets.iter().collect());
    block.security_group_ids = Attr::Known(endpoint.security_groups.iter().collect());
    block.name = endpoint.name.clone().into();
    block.tags = tags(&block.tags, View::Whole, endpoint);
}

/// The user's tags as the state has them.
fn tags(
    managed: &Attr<BTreeMap<String, Attr<String>>>,
    view: View,
    endpoint: &CloudEndpoint,
) -> Attr<BTreeMap<String, Attr<String>>> {
    let visible = user_tags(&endpoint.tags);
    match managed {
        Attr::Known(_) if view == View::Guest => managed.clone(),
        // Only the keys that the user manages; one that somebody removed is missing and so planned again.
        Attr::Known(managed) => Attr::Known(
            visible
                .into_iter()
                .filter(|(key, _)| managed.contains_key(key))
                .map(|(key, value)| (key, Attr::Known(value)))
                .collect(),
        ),
        // Never managed, and after an import nobody has said yet which are: others are left alone.
        _ => Attr::Null,
    }
}

/// Sets what is said, keeps what was there, and turns an unknown that nobody resolves into null.
fn keep<T>(attribute: &mut Attr<T>, said: Option<T>) {
    match said {
        Some(value) => *attribute = Attr::Known(value),
        None if attribute.is_unknown() => *attribute = Attr::Null,
        None => {}
    }
}

#[cfg(test)]
mod tests {
    use super::super::marks::tests::endpoint;
    use super::*;

    fn filled(mut model: PrivateEndpointModel, tags: &[(&str, &str)]) -> PrivateEndpointModel {
        let endpoint = endpoint(tags);
        fill(
            &mut model,
            &"dedicated/1/2".parse().unwrap(),
            &endpoint.id,
            &ServiceView::default(),
            Some(&endpoint),
            None,
        );
        model
    }

    #[test]
    fn an_endpoint_on_which_the_own_count_is_still_coming_in_is_pending() {
        let status = |own: &str| {
            let (token, service) = (Attr::Known("mine".to_owned()), "serverless/1".parse().unwrap());
            let mut model = PrivateEndpointModel { ownership_token: token, ..with_tags(Attr::Null) };
            let endpoint = endpoint(&[
                ("tidblink:member:mine", own),
                ("tidblink:member:theirs", "serverless/1 heartbeat=1"),
            ]);
            fill(&mut model, &service, &endpoint.id, &ServiceView::default(), Some(&endpoint), None);
            model.status
        };
        assert_eq!(status("serverless/1 heartbeat=1"), Attr::Known("pending".into()));
        assert_eq!(status("serverless/1"), Attr::Known("active".into()), "the others do not matter");
    }

    type Tags = Attr<BTreeMap<String, Attr<String>>>;

    fn some(tags: &[(&str, &str)]) -> Tags {
        Attr::Known(
            tags.iter().map(|(key, value)| ((*key).to_owned(), Attr::Known((*value).to_owned()))).collect(),
        )
    }

    fn with_tags(tags: Tags) -> PrivateEndpointModel {
        PrivateEndpointModel {
            aws: Attr::Known(AwsBlock {
                vpc_id: Attr::Known("vpc-01234567".into()),
                tags,
                ..AwsBlock::default()
            }),
            ..PrivateEndpointModel::default()
        }
    }

    fn tags(model: &PrivateEndpointModel) -> Tags {
        model.aws.known().unwrap().tags.clone()
    }

    const ON_AWS: &[(&str, &str)] =
        &[("Name", "x"), ("other", "y"), ("team", "db"), ("tidblink:token", "t"), ("aws:x", "z")];

    #[test]
    fn tags_that_were_never_managed_stay_null() {
        assert_eq!(tags(&filled(with_tags(Attr::Null), ON_AWS)), Attr::Null);
    }

    #[test]
    fn an_empty_set_of_managed_tags_stays_empty() {
        assert_eq!(tags(&filled(with_tags(some(&[])), ON_AWS)), some(&[]));
    }

    #[test]
    fn only_managed_tags_are_read_and_a_removed_one_shows() {
        let read = tags(&filled(with_tags(some(&[("Name", "old"), ("gone", "v")])), ON_AWS));
        assert_eq!(read, some(&[("Name", "x")]));
    }

    #[test]
    fn an_import_manages_no_tags() {
        assert_eq!(tags(&filled(PrivateEndpointModel::default(), ON_AWS)), Attr::Null);
    }

    #[test]
    fn nothing_stays_unknown() {
        let unknown = PrivateEndpointModel {
            id: Attr::Unknown,
            connection_id: Attr::Unknown,
            project_id: Attr::Unknown,
            managed: Attr::Unknown,
            ownership_token: Attr::Unknown,
            region: Attr::Unknown,
            host: Attr::Unknown,
            port: Attr::Unknown,
            network_interface_ids: Attr::Unknown,
            dns_names: Attr::Unknown,
            ..with_tags(Attr::Null)
        };
        use tfplugin::ToValue as _;
        assert!(filled(unknown, &[]).to_value().is_wholly_known());
    }
}
