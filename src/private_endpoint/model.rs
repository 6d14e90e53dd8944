//! What the user writes about a private endpoint and what they get, as the code reads it.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use tfplugin::timeouts::parse_duration;
use tfplugin::value::Value;
use tfplugin::{Attr, AttributePath, ConversionError, Diagnostic, FromValue, ToValue, model};

use super::members::counts;
use crate::clouds::CloudEndpoint;
use crate::codes::Code;

/// A set of ids some of which may not be known yet. Unlike in a `BTreeSet`, two unknown ones stay two: a plan has to
/// hold as many as the configuration.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct IdSet(Vec<Attr<String>>);

impl IdSet {
    /// The ids, when all of them are known.
    pub fn known(&self) -> Option<BTreeSet<&str>> {
        self.0.iter().map(|id| id.known().map(String::as_str)).collect()
    }

    /// Whether any is null, which no id can be.
    pub fn has_null(&self) -> bool {
        self.0.iter().any(Attr::is_null)
    }
}

impl<T: ToString> FromIterator<T> for IdSet {
    fn from_iter<I: IntoIterator<Item = T>>(ids: I) -> Self {
        let mut ids: Vec<_> = ids.into_iter().map(|id| Attr::Known(id.to_string())).collect();
        ids.sort();
        Self(ids)
    }
}

impl FromValue for IdSet {
    fn from_value(value: &Value, path: &AttributePath) -> Result<Self, ConversionError> {
        let Value::Set(elements) = value else {
            return Err(ConversionError::new(path, "expected a set"));
        };
        let path = path.element();
        let mut ids = elements.iter().map(|id| Attr::from_value(id, &path)).collect::<Result<Vec<_>, _>>()?;
        ids.sort();
        Ok(Self(ids))
    }
}

impl ToValue for IdSet {
    fn to_value(&self) -> Value {
        Value::Set(self.0.iter().map(ToValue::to_value).collect())
    }
}

model! {
    /// The AWS side of a private endpoint.
    #[derive(PartialEq)]
    pub struct AwsBlock {
        /// The VPC.
        pub vpc_id: Attr<String>,
        /// The subnets, one per zone.
        pub subnet_ids: Attr<IdSet>,
        /// The security groups.
        pub security_group_ids: Attr<IdSet>,
        /// Whether the service's name resolves to the endpoint in the VPC.
        pub private_dns_enabled: Attr<bool>,
        /// The user's tags.
        pub tags: Attr<BTreeMap<String, Attr<String>>>,
    }
}

model! {
    /// The Alibaba Cloud side of a private endpoint.
    #[derive(PartialEq)]
    pub struct AlicloudBlock {
        /// The VPC.
        pub vpc_id: Attr<String>,
        /// The vSwitches, one per zone.
        pub vswitch_ids: Attr<IdSet>,
        /// The security groups.
        pub security_group_ids: Attr<IdSet>,
        /// The endpoint's name.
        pub name: Attr<String>,
        /// The user's tags.
        pub tags: Attr<BTreeMap<String, Attr<String>>>,
    }
}

model! {
    /// An endpoint that somebody else makes and looks after.
    #[derive(PartialEq)]
    pub struct ExistingBlock {
        /// The endpoint.
        pub endpoint_id: Attr<String>,
    }
}

model! {
    /// The user's time limits.
    #[derive(PartialEq)]
    pub struct Timeouts {
        /// For creating, all waits together.
        pub create: Attr<String>,
        /// For changing, all waits together.
        pub update: Attr<String>,
        /// For deleting, all waits together.
        pub delete: Attr<String>,
    }
}

model! {
    /// The state of `tidblink_private_endpoint`.
    #[derive(PartialEq)]
    pub struct PrivateEndpointModel {
        /// `SERVICE_ID/ENDPOINT_ID`.
        pub id: Attr<String>,
        /// The endpoint service.
        pub service_id: Attr<String>,
        /// The AWS side.
        pub aws: Attr<AwsBlock>,
        /// The Alibaba Cloud side.
        pub alicloud: Attr<AlicloudBlock>,
        /// The endpoint, when somebody else looks after it.
        pub existing: Attr<ExistingBlock>,
        /// What to do about an endpoint that failed or was rejected.
        pub on_disconnect: Attr<String>,
        /// Whether an apply ends only when the host resolves to the endpoint from where it runs.
        pub wait_for_dns: Attr<bool>,
        /// The user's time limits.
        pub timeouts: Attr<Timeouts>,
        /// The endpoint in its cloud.
        pub endpoint_id: Attr<String>,
        /// The registration with TiDB Cloud.
        pub connection_id: Attr<String>,
        /// The project of the cluster.
        pub project_id: Attr<String>,
        /// Whether the endpoint is ours to change and delete.
        pub managed: Attr<bool>,
        /// The token in the endpoint's tag by which this instance knows it.
        pub ownership_token: Attr<String>,
        /// The region in the cloud's own spelling.
        pub region: Attr<String>,
        /// The name that clients connect to.
        pub host: Attr<String>,
        /// The port that clients connect to.
        pub port: Attr<i64>,
        /// Where the private endpoint stands as a whole.
        pub status: Attr<String>,
        /// Why it is not active.
        pub status_reason: Attr<String>,
        /// The cloud's own word.
        pub cloud_state: Attr<String>,
        /// TiDB Cloud's own word.
        pub connection_state: Attr<String>,
        /// The endpoint's network interfaces.
        pub network_interface_ids: Attr<BTreeSet<String>>,
        /// The names that the cloud gives the endpoint itself.
        pub dns_names: Attr<Vec<String>>,
    }
}

/// What a plan does about an endpoint that failed, was rejected or expired.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum OnDisconnect {
    /// Whatever takes least.
    Repair,
    /// A new endpoint.
    Replace,
    /// An error.
    Fail,
}

impl OnDisconnect {
    pub(super) const WORDS: [&str; 3] = ["repair", "replace", "fail"];

    /// What a configuration says; repair when it says nothing.
    pub(super) fn of(model: &PrivateEndpointModel) -> Self {
        match model.on_disconnect.known().map(String::as_str) {
            Some("replace") => Self::Replace,
            Some("fail") => Self::Fail,
            _ => Self::Repair,
        }
    }
}

/// The operations that a user can limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Limit {
    Create,
    Update,
    Delete,
}

impl Limit {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Create => "create",
            Self::Update => "update",
            Self::Delete => "delete",
        }
    }

    /// Five minutes for the service, five for the acceptance, five for DNS, and as much again.
    pub(super) const DEFAULT: Duration = Duration::from_secs(30 * 60);
}

impl PrivateEndpointModel {
    /// The tags that the user manages and whose values are known.
    pub(super) fn known_tags(&self) -> BTreeMap<String, String> {
        let aws = self.aws.known().map(|block| &block.tags);
        let tags = aws.or_else(|| self.alicloud.known().map(|block| &block.tags));
        tags.and_then(Attr::known)
            .into_iter()
            .flatten()
            .filter_map(|(key, value)| Some((key.clone(), value.known()?.clone())))
            .collect()
    }

    /// Whether an endpoint is this instance's to change and delete: it bears the very token that the state holds, or
    /// neither has one because it was made elsewhere and imported. On a shared endpoint the token only counts the
    /// instance among the others.
    ///
    /// The token is an attribute and not private state because Terraform drops the private state of a tainted object
    /// before it asks for its deletion, and a create that failed is tainted.
    pub(super) fn owns(&self, endpoint: &CloudEndpoint) -> bool {
        let token = self.ownership_token.known().map(String::as_str);
        if endpoint.is_shared() {
            token.is_some_and(|token| counts(endpoint, token))
        } else {
            token == endpoint.token()
        }
    }

    /// Whether the endpoint is somebody else's, and nothing about it this resource's: used as it is, never changed. Of an
    /// `existing` one the registration is this resource's.
    pub(super) fn is_guest(&self) -> bool {
        self.managed == Attr::Known(false) && self.existing.is_null()
    }

    /// How long an operation may take.
    ///
    /// # Errors
    /// A diagnostic for a text that is not a duration; validation finds that first unless the value came late.
    pub(super) fn limit(&self, limit: Limit) -> Result<Duration, Diagnostic> {
        let configured = self.timeouts.known().and_then(|timeouts| match limit {
            Limit::Create => timeouts.create.known(),
            Limit::Update => timeouts.update.known(),
            Limit::Delete => timeouts.delete.known(),
        });
        let Some(text) = configured else { return Ok(Limit::DEFAULT) };
        parse_duration(text).map_err(|reason| {
            Code::UnusableTimeout
                .error("Unusable timeout", format!("{reason}."))
                .at(AttributePath::of("timeouts").attribute(limit.name()))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::super::marks::tests::endpoint;
    use super::*;
    use crate::clouds::TOKEN_TAG;

    #[test]
    fn ids_that_are_not_known_yet_are_counted() {
        let value = Value::Set(vec![Value::unknown(), Value::from("b"), Value::unknown()]);
        let ids = IdSet::from_root(&value).unwrap();
        assert_eq!(ids.known(), None);
        let Value::Set(back) = ids.to_value() else { panic!("not a set") };
        assert_eq!(back.len(), 3);
        assert_eq!(["b", "a"].into_iter().collect::<IdSet>(), ["a", "b"].into_iter().collect());
    }

    #[test]
    fn only_an_endpoint_with_the_tokens_of_the_state_is_owned() {
        let with =
            |token: Attr<String>| PrivateEndpointModel { ownership_token: token, ..Default::default() };
        let made = with(Attr::Known("t".into()));
        assert!(made.owns(&endpoint(&[(TOKEN_TAG, "t")])));
        assert!(!made.owns(&endpoint(&[(TOKEN_TAG, "other")])), "another instance took it over");
        assert!(!made.owns(&endpoint(&[])), "somebody took the mark away");
        let imported = with(Attr::Null);
        assert!(imported.owns(&endpoint(&[])));
        assert!(!imported.owns(&endpoint(&[(TOKEN_TAG, "t")])), "somebody marked it since");
    }
}
