//! What the user writes about a private endpoint and what they get, with the schema beside it.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use tfplugin::schema::validators::one_of;
use tfplugin::schema::{Attribute, PlanBehaviorInput, Schema, exactly_one_of};
use tfplugin::timeouts::{parse_duration, timeouts_attribute};
use tfplugin::value::{Type, Value};
use tfplugin::{Attr, AttributePath, ConversionError, Diagnostic, FromValue, ToValue, model};

use super::members::counts;
use crate::clouds::CloudEndpoint;
use crate::codes::Code;
use crate::tags::{AlicloudTags, EndpointName, UserTags};

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
    const WORDS: [&str; 3] = ["repair", "replace", "fail"];

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
    const DEFAULT: Duration = Duration::from_secs(30 * 60);
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

pub(super) fn schema() -> Schema {
    Schema::new(0)
        .description(
            "A private path from a VPC to a TiDB Cloud cluster: the VPC endpoint, its registration with TiDB Cloud and \
             private DNS, in one resource.\n\n\
             Creating it makes the VPC endpoint, registers it, waits until TiDB Cloud has accepted it, switches private \
             DNS on and waits until both sides are active. An apply that is interrupted keeps what was made; the next \
             one finishes it. Destroying it deregisters and deletes the endpoint and waits until its network interfaces \
             are gone.",
        )
        .attribute(
            Attribute::string("id")
                .computed()
                .use_state_for_unknown()
                .description("`SERVICE_ID/ENDPOINT_ID`. Also what `terraform import` takes."),
        )
        .attribute(
            Attribute::string("service_id")
                .required()
                .requires_replace()
                .description("`id` of the `tidblink_endpoint_service` to connect to."),
        )
        .attribute(
            Attribute::single_nested("aws", aws_attributes())
                .optional()
                .description(
                    "The AWS side, for a service on AWS. Exactly one of `aws`, `alicloud` and `existing` must be set.",
                ),
        )
        .attribute(
            Attribute::single_nested("alicloud", alicloud_attributes()).optional().description(
                "The Alibaba Cloud side, for a service on Alibaba Cloud. Private DNS does not exist there: `host` is the \
                 endpoint's own domain name.",
            ),
        )
        .attribute(Attribute::single_nested("existing", existing_attributes()).optional().description(
            "An endpoint that somebody else makes and looks after, for Dedicated clusters only: it is registered with TiDB Cloud, \
             and deregistered by a destroy. No cloud credentials are needed, because the cloud is never asked: nothing about the \
             endpoint is checked, and `cloud_state`, `network_interface_ids` and `dns_names` are null, so that the state does not \
             depend on whose credentials a run has. Private DNS is for whoever looks after the endpoint to switch on, after \
             `status` has become `active`. Changing to `aws` takes the same endpoint over in place, and changing back leaves it \
             to others.",
        ))
        .attribute(Attribute::string("on_disconnect").optional().validate(one_of(OnDisconnect::WORDS)).description(
            "What a plan does about an endpoint that failed, was rejected, expired or was disconnected: `repair` registers it again and makes a \
             new one only where nothing else helps (the default), `replace` always makes a new one, `fail` ends the plan \
             with an error, for paths that a person should look at first.",
        ))
        .attribute(Attribute::bool("wait_for_dns").optional().description(
            "Whether making or changing the endpoint ends only when `host` resolves to the endpoint's private addresses from \
             where Terraform runs, within the time of `timeouts`. Only for runs inside the VPC or with its resolver: from \
             anywhere else it never does. Needs private DNS on AWS, and is not for `existing`. Off when left out.",
        ))
        .attribute(timeouts_attribute(&[
            (Limit::Create.name(), Limit::DEFAULT),
            (Limit::Update.name(), Limit::DEFAULT),
            (Limit::Delete.name(), Limit::DEFAULT),
        ]))
        .attribute(stable(Attribute::string("endpoint_id"), "Id of the endpoint in its cloud, such as `vpce-0123456789abcdef0` or `ep-t4nlw426y44rd3iq4xxxx`."))
        .attribute(stable(Attribute::string("connection_id"), "Id of the registration with TiDB Cloud; null for Starter and Essential, which register nothing."))
        .attribute(stable(Attribute::string("project_id"), "Id of the TiDB Cloud project that the cluster belongs to."))
        .attribute(stable(
            Attribute::bool("managed"),
            "Whether the endpoint is this resource's to change and delete. `false`: somebody else made it, and it is used as \
             it is; of an `existing` one only the registration is managed.",
        ))
        .attribute(stable(
            Attribute::string("ownership_token"),
            "Random token in the endpoint's tag `tidblink:token`, or in the key of a tag `tidblink:member:…` of an endpoint \
             that several resources share. Only an endpoint that bears it is changed or deleted. Null for an endpoint that \
             was imported without one or belongs to somebody else.",
        ))
        .attribute(stable(
            Attribute::string("region"),
            "Region of the endpoint, which is that of its service. Private endpoints do not work across regions.",
        ))
        .attribute(stable(
            Attribute::string("host"),
            "DNS name to connect to. On AWS it resolves to the endpoint inside the VPC while `aws.private_dns_enabled` is true; on \
             Alibaba Cloud it is the endpoint's own domain name, known once the endpoint exists.",
        ))
        .attribute(stable(Attribute::int64("port"), "TCP port to connect to."))
        .attribute(Attribute::string("status").computed().description(
            "`pending`, `active`, `failed`, `rejected`, `expired` or `deleting`: both sides taken together.",
        ))
        .attribute(
            Attribute::string("status_reason").computed().description("Why the status is not `active`; null when it is."),
        )
        .attribute(Attribute::string("cloud_state").computed().description(
            "State of the endpoint in its cloud: `pendingAcceptance`, `pending`, `available`, `rejected`, `expired`, \
             `failed`, `deleting`; `deleted` when it is gone and only the registration is left. On Alibaba Cloud also `locked` \
             (a payment is overdue) and `disconnected` (the service's owner ended the connection), and `available` means \
             Active, Connected, and Connected in every zone.",
        ))
        .attribute(Attribute::string("connection_state").computed().description(
            "State of the registration in TiDB Cloud's words: `pending`, `active`, `failed`, `deleting`, `discovered`; \
             null when there is none.",
        ))
        .attribute(stable(
            Attribute::set("network_interface_ids", Type::String),
            "Ids of the endpoint's network interfaces, one per subnet.",
        ))
        .attribute(stable(
            Attribute::list("dns_names", Type::String),
            "DNS names that the cloud gives the endpoint itself. They work without private DNS.",
        ))
        .config_validator(exactly_one_of(["aws", "alicloud", "existing"]))
}

/// A computed value that an update leaves alone.
fn stable(attribute: Attribute, description: &str) -> Attribute {
    attribute.computed().use_state_for_unknown().description(description)
}

/// Whether an id in a block changes to another one. One that comes or goes with its block is a change of who looks after
/// the endpoint, and decided where that is planned.
fn becomes_another(change: &PlanBehaviorInput<'_>) -> bool {
    !change.prior.is_null() && !change.planned.is_null()
}

fn existing_attributes() -> Vec<Attribute> {
    vec![
        Attribute::string("endpoint_id")
            .required()
            .requires_replace_if(becomes_another)
            .description("Id of the VPC endpoint, such as `vpce-0123456789abcdef0`."),
    ]
}

fn aws_attributes() -> Vec<Attribute> {
    vec![
        Attribute::string("vpc_id")
            .required()
            .requires_replace_if(becomes_another)
            .description("Id of the VPC to reach the cluster from. It must be in the service's region."),
        Attribute::set("subnet_ids", Type::String).optional().computed().use_state_for_unknown().description(
            "Ids of the subnets to put network interfaces in, one per availability zone, in zones that the service is \
             offered in. When left out, one supported subnet per zone is chosen at create and kept.",
        ),
        Attribute::set("security_group_ids", Type::String).optional().computed().use_state_for_unknown().description(
            "Ids of the security groups of the endpoint. They must let clients in on the service's port. The VPC's \
             default group when left out at create.",
        ),
        Attribute::bool("private_dns_enabled").optional().computed().default_value(true).description(
            "Whether the service's `host` resolves to the endpoint inside the VPC. Needs DNS support and DNS hostnames \
             in the VPC. Default `true`. Switched on only after TiDB Cloud has accepted the endpoint.",
        ),
        Attribute::map("tags", Type::String).optional().validate(UserTags).description(
            "Tags of the endpoint. Only the keys given here are managed; others are left alone.",
        ),
    ]
}

fn alicloud_attributes() -> Vec<Attribute> {
    vec![
        Attribute::string("vpc_id")
            .required()
            .requires_replace()
            .description("Id of the VPC to reach the cluster from. It must be in the service's region."),
        Attribute::set("vswitch_ids", Type::String).optional().computed().use_state_for_unknown().description(
            "Ids of the vSwitches to put network interfaces in, one per zone, in zones that the service is offered in. When \
             left out, one supported vSwitch per zone is chosen at create and kept.",
        ),
        Attribute::set("security_group_ids", Type::String).optional().computed().use_state_for_unknown().description(
            "Ids of the security groups of the endpoint, at most ten. They must let clients in on the service's port. An \
             endpoint that was made without any cannot get one later: that takes another endpoint.",
        ),
        Attribute::string("name").optional().computed().use_state_for_unknown().validate(EndpointName).description(
            "Name of the endpoint: 2 to 128 letters, digits, hyphens and underscores, a letter first.",
        ),
        Attribute::map("tags", Type::String).optional().validate(AlicloudTags).description(
            "Tags of the endpoint, at most 17. Only the keys given here are managed; others are left alone.",
        ),
    ]
}

#[cfg(test)]
mod tests {
    use super::super::marks::tests::endpoint;
    use super::*;
    use crate::clouds::TOKEN_TAG;

    #[test]
    fn ids_that_are_not_known_yet_are_counted() {
        let value = Value::Set(vec![Value::unknown(), Value::from("b"), Value::unknown()]);
        let ids = IdSet::from_value(&value, &AttributePath::root()).unwrap();
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
