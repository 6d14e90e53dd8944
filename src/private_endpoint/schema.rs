//! The schema of `tidblink_private_endpoint`: what each argument and result is, in the words of the documentation, and what a
//! change of it means.

use tfplugin::schema::validators::one_of;
use tfplugin::schema::{Attribute, PlanBehaviorInput, Schema, exactly_one_of};
use tfplugin::timeouts::timeouts_attribute;
use tfplugin::value::Type;

use super::model::{Limit, OnDisconnect};
use crate::tags::{AlicloudTags, EndpointName, UserTags};

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
