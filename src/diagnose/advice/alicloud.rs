//! What to do about the situations that look otherwise on Alibaba Cloud than on AWS.

use super::{Advice, general, malformed, on};
use crate::clouds::Concern;
use crate::error::{ApiError, Cause, Service};

/// Advice for a situation that looks otherwise on Alibaba Cloud than on AWS; `None` where the words fit both.
pub(super) fn of_cause(cause: Cause, error: &ApiError) -> Option<Advice> {
    Some(match cause {
        Cause::ZoneUnsupported => on(
            Concern::Subnets,
            "The endpoint service is not offered in the zone of that vSwitch. Use vSwitches in the zones that the \
             service's `availability_zone_ids` lists. If your application only runs in other zones, ask TiDB Cloud \
             support to extend the service.",
        ),
        Cause::DuplicateZone => on(
            Concern::Subnets,
            "An endpoint takes one vSwitch per zone. Keep one vSwitch of each zone in `vswitch_ids`.",
        ),
        Cause::ServiceNotFound => on(
            Concern::Service,
            "Alibaba Cloud does not know the endpoint service, or this account is not on its whitelist. Look at the \
             cluster in the TiDB Cloud console, and ask TiDB Cloud support when the service is there.",
        ),
        Cause::VpcNotFound => on(
            Concern::Vpc,
            "There is no such VPC in the region of the endpoint service with these Alibaba Cloud credentials. Private \
             endpoints do not work across regions: use a VPC in the cluster's region.",
        ),
        Cause::SubnetNotFound => on(
            Concern::Subnets,
            "There is no such vSwitch in the region of the endpoint service with these Alibaba Cloud credentials. Check \
             the id and the account.",
        ),
        Cause::SecurityGroupNotFound => on(
            Concern::SecurityGroups,
            "There is no such security group in the region of the endpoint service with these Alibaba Cloud \
             credentials. Check the id and the account.",
        ),
        Cause::MalformedId => Advice {
            concern: malformed(error),
            text: "Alibaba Cloud does not accept the id. Compare it with the Alibaba Cloud console."
                .to_owned(),
        },
        Cause::SecurityGroupLimit => on(
            Concern::SecurityGroups,
            "An endpoint takes only so many security groups (ten unless the quota was raised). Use fewer.",
        ),
        Cause::EndpointLimit => on(
            Concern::Vpc,
            "The VPC has as many endpoints as its quota allows (1000 unless raised). Raise the quota of endpoints per VPC \
             in the Quota Center of Alibaba Cloud or remove an endpoint.",
        ),
        Cause::TokenReused => general(
            "Alibaba Cloud saw the same idempotency token with other parameters, which is a mistake of this provider. \
             Run `terraform apply` again, and please report it.",
        ),
        Cause::ActionDenied if error.service == Service::AlicloudCredentials => general(
            "Check the role's trust policy and the external id in `alicloud = { assume_role = { … } }` of the provider \
             block.",
        ),
        Cause::ActionDenied => {
            let action = ram_action(error);
            general(format!(
                "The Alibaba Cloud credentials may not do `{action}`. Allow it for them in a RAM policy. Making an \
                 endpoint also needs `privatelink:CreateVpcEndpoint` on the VPC, its vSwitches and its security groups, \
                 and setting tags `privatelink:TagResources`."
            ))
        }
        Cause::UnknownKey => general(
            "Alibaba Cloud does not know the AccessKey, or it is switched off. Look it up in the RAM console, and check \
             which credentials are in use with `aliyun sts GetCallerIdentity`.",
        ),
        Cause::WrongSecret => general(
            "The secret does not fit the AccessKey, or the security token does not. Check which credentials are in use \
             with `aliyun sts GetCallerIdentity`.",
        ),
        Cause::ExpiredCredentials if error.code.as_deref().is_some_and(|code| code.contains("TimeStamp")) => {
            general(
                "This machine's clock differs from Alibaba Cloud's by more than 15 minutes. Set the clock, and run again.",
            )
        }
        Cause::ExpiredCredentials => general(
            "The session that the key belongs to has expired. A session token that was given outright cannot be renewed here: \
             get a new one, or use a role (`assume_role`, OIDC, an ECS role), whose keys are renewed in time.",
        ),
        Cause::NoCredentials => general(
            "Give Alibaba Cloud credentials: `alicloud = { profile = \"…\" }` in the provider block, \
             ALIBABA_CLOUD_ACCESS_KEY_ID and ALIBABA_CLOUD_ACCESS_KEY_SECRET in the environment, a profile of \
             `aliyun configure`, an OIDC token, or the RAM role of the machine.",
        ),
        _ => return None,
    })
}

/// The action of a call as RAM policies write it.
fn ram_action(error: &ApiError) -> String {
    let product = match error.service {
        Service::AlicloudVpc => "vpc",
        Service::AlicloudEcs => "ecs",
        _ => "privatelink",
    };
    format!("{product}:{}", error.operation)
}
