//! What to do about each error that the services are known to give. One arm per situation; the words are for the
//! person at the keyboard.

mod alicloud;

use crate::clouds::Concern;
use crate::error::{ApiError, Cause, ErrorKind, Service};
use crate::operation::Halt;
use crate::tidbcloud::KeySource;

/// The next step for the user, and the attribute it is about, if it is about one.
pub(super) struct Advice {
    pub(super) concern: Option<Concern>,
    pub(super) text: String,
}

fn on(concern: Concern, text: impl Into<String>) -> Advice {
    Advice { concern: Some(concern), text: text.into() }
}

fn general(text: impl Into<String>) -> Advice {
    Advice { concern: None, text: text.into() }
}

pub(super) fn of(error: &ApiError, key_source: KeySource) -> Advice {
    match error.cause {
        Some(cause) => of_cause(cause, error, key_source),
        None => of_kind(error, key_source),
    }
}

fn of_cause(cause: Cause, error: &ApiError, key_source: KeySource) -> Advice {
    if error.service.is_alicloud()
        && let Some(advice) = alicloud::of_cause(cause, error)
    {
        return advice;
    }
    match cause {
        Cause::PrivateDnsBeforeAcceptance => on(
            Concern::PrivateDns,
            "AWS allows private DNS only once the service's owner has accepted the endpoint, and it had not (yet). \
             Run `terraform apply` again: it goes on from here.",
        ),
        Cause::PrivateDnsUnverified => on(
            Concern::PrivateDns,
            "The private DNS name of this endpoint service has not been verified by its owner, TiDB Cloud. Try again \
             later; if it lasts, contact TiDB Cloud support with the service name.",
        ),
        Cause::PrivateDnsNotOffered => on(
            Concern::PrivateDns,
            "This endpoint service has no private DNS name. Set `private_dns_enabled = false` and connect through one \
             of the names in `dns_names`.",
        ),
        Cause::VpcDnsAttributesOff => on(
            Concern::PrivateDns,
            "Private DNS needs both DNS attributes of the VPC. Set `enable_dns_support = true` and \
             `enable_dns_hostnames = true` on the `aws_vpc` (a VPC made in the AWS console has DNS hostnames off).",
        ),
        Cause::DnsNameConflict => on(
            Concern::PrivateDns,
            "The name that the private endpoint should own already resolves to something else in this VPC. That is \
             another endpoint for the same service, a private hosted zone for the name, an endpoint shared into the \
             VPC, or an endpoint deleted minutes ago whose name lingers. Remove it, import it, or set \
             `private_dns_enabled = false` here.",
        ),
        Cause::ZoneUnsupported => on(
            Concern::Subnets,
            "The endpoint service is not offered in the availability zone of that subnet. Use subnets in the zones \
             that the service's `availability_zone_ids` lists (compare zone ids, not names: names differ between \
             accounts). If your application only runs in other zones, ask TiDB Cloud support to extend the service.",
        ),
        Cause::DuplicateZone => on(
            Concern::Subnets,
            "An endpoint takes one subnet per availability zone. Keep one subnet of each zone in `subnet_ids`.",
        ),
        Cause::ChangeInProgress => general(
            "Another change of the same endpoint was still going on. Run `terraform apply` again when it is done.",
        ),
        Cause::ServiceNotFound => on(
            Concern::Service,
            "AWS does not know the endpoint service, or this account may not see it. A service made minutes ago can \
             take a while to appear; otherwise look at the cluster in the TiDB Cloud console.",
        ),
        Cause::VpcNotFound => on(
            Concern::Vpc,
            "There is no such VPC in the region of the endpoint service with these AWS credentials. Private endpoints \
             do not work across regions; to reach a Dedicated cluster in another region use VPC peering.",
        ),
        Cause::SubnetNotFound => on(
            Concern::Subnets,
            "There is no such subnet in the region of the endpoint service with these AWS credentials. Check the \
             id and the account.",
        ),
        Cause::SecurityGroupNotFound => on(
            Concern::SecurityGroups,
            "There is no such security group in the region of the endpoint service with these AWS credentials. Check the \
             id and the account.",
        ),
        Cause::EndpointNotFound => {
            general("The VPC endpoint is gone. Run `terraform plan`: it shows what has to be made anew.")
        }
        Cause::MalformedId => Advice {
            concern: malformed(error),
            text: "AWS does not accept the id. Compare it with the AWS console.".to_owned(),
        },
        Cause::NoFreeAddress => on(
            Concern::Subnets,
            "A subnet has no free IP address, and the endpoint needs one in each subnet. Free an address or use \
             another subnet of the same zone.",
        ),
        Cause::SecurityGroupLimit => on(
            Concern::SecurityGroups,
            "A network interface takes only so many security groups (five unless the quota was raised). Use fewer.",
        ),
        Cause::InterfaceLimit => on(
            Concern::Subnets,
            "The quota of network interfaces in this region is used up. Raise it in AWS Service Quotas or remove some.",
        ),
        Cause::EndpointLimit => on(
            Concern::Vpc,
            "The VPC has as many interface endpoints as its quota allows (50 unless raised). Raise the quota \
             \"Interface VPC endpoints per VPC\" in AWS Service Quotas or remove an endpoint.",
        ),
        Cause::TokenReused => general(
            "AWS saw the same idempotency token with other parameters, which is a mistake of this provider. Run \
             `terraform apply` again, and please report it.",
        ),
        Cause::FullAccessPolicyOnly => {
            general("The service takes no endpoint policy. This provider never sends one: please report it.")
        }
        Cause::RegionNotEnabled => general(
            "This AWS account has not opted into the region of the endpoint service. Enable the region under AWS \
             Account > AWS Regions, wait until it is enabled, and run again.",
        ),
        Cause::AccountBlocked => {
            general("The AWS account is blocked or not signed up for EC2. Contact AWS support.")
        }
        Cause::ActionDenied => {
            let text = if error.service.is_tidb_cloud() {
                format!(
                    "The TiDB Cloud API key from {key_source} may not do this. Private endpoints need the role \
                     Organization Owner or Project Owner; give the key that role, or use another key."
                )
            } else if error.service == Service::AwsCredentials {
                "Check the role's trust policy and the external id in `aws = { assume_role = { … } }` of the provider \
                 block."
                    .to_owned()
            } else {
                format!(
                    "The AWS credentials may not do `{}`. Allow `ec2:{}` for them (an IAM policy, a permissions \
                     boundary or a service control policy can deny it). Switching private DNS on also needs \
                     `route53:AssociateVPCWithHostedZone`, and setting tags `ec2:CreateTags`.",
                    error.operation, error.operation
                )
            };
            general(text)
        }
        Cause::UnknownKey | Cause::WrongSecret if error.service.is_tidb_cloud() => general(format!(
            "TiDB Cloud did not accept the API key that was taken from {key_source}. Check that public and private \
             key belong together and that the key still exists under Organization Settings > API Keys."
        )),
        Cause::UnknownKey => general(
            "AWS does not know the access key. Check which credentials are in use with `aws sts get-caller-identity`.",
        ),
        Cause::WrongSecret => general(
            "The AWS secret key does not fit the access key. Check which credentials are in use with `aws sts \
             get-caller-identity`.",
        ),
        Cause::ExpiredCredentials => general(
            "The AWS session has expired, or this machine's clock is off. Renew the session (for SSO: `aws sso \
             login`) or set the clock, and run again.",
        ),
        Cause::NoCredentials => general(
            "Give AWS credentials as for the AWS CLI: environment variables, a profile (`aws = { profile = \"…\" }` in \
             the provider block or AWS_PROFILE), `aws sso login`, a web identity, or the role of the machine.",
        ),
        Cause::TooManyRequests => general(
            "The service was still refusing requests as too many when the time was up. Run again later, or raise the \
             resource's `timeouts`.",
        ),
        Cause::AlreadyRegistered => general(
            "The endpoint is already registered with TiDB Cloud. Run `terraform apply` again; it is found then.",
        ),
        Cause::FailedPrecondition => on(
            Concern::Service,
            "The cluster or its endpoint service is not in a state that allows this. Look at the cluster in the TiDB \
             Cloud console and run again when it is available.",
        ),
        Cause::ProductNotActivated => on(
            Concern::Service,
            "This Alibaba Cloud account has not activated PrivateLink. That accepts its terms and prices, so the provider \
             never does it: open https://vpc.console.alibabacloud.com/endpoint, follow the prompt, and run again.",
        ),
        Cause::RegionUnsupported => on(
            Concern::Service,
            "Alibaba Cloud has no PrivateLink in the region of the endpoint service, or this account may not use it. \
             Contact Alibaba Cloud support.",
        ),
        Cause::MadeWithoutSecurityGroups => on(
            Concern::SecurityGroups,
            "An endpoint that was made without security groups never takes any. Make it anew: `terraform apply \
             -replace=ADDRESS`, with the address of this resource.",
        ),
        Cause::EndpointProtected => general(
            "Somebody protected the endpoint: only the session that did may change or delete it. Take the protection \
             away with that session (`ProtectedEnabled` of UpdateVpcEndpointAttribute), and run again.",
        ),
        Cause::ServiceRoleMissing => general(
            "PrivateLink acts in the account through a service-linked role of its own, which is missing and could \
             not be made. Allow `ram:CreateServiceLinkedRole` for these credentials, or make an endpoint once in the \
             console, and run again.",
        ),
    }
}

/// The input that the code for a malformed id is about: `InvalidSubnetId.Malformed`, `InvalidVSwitchId` and their like.
fn malformed(error: &ApiError) -> Option<Concern> {
    let code = error.code.as_deref()?.to_ascii_lowercase();
    [
        ("vpcid", Concern::Vpc),
        ("subnetid", Concern::Subnets),
        ("vswitchid", Concern::Subnets),
        ("securitygroup", Concern::SecurityGroups),
    ]
    .into_iter()
    .find(|(part, _)| code.contains(part))
    .map(|(_, concern)| concern)
}

fn of_kind(error: &ApiError, key_source: KeySource) -> Advice {
    match error.kind {
        ErrorKind::Unauthenticated => {
            let cause = if error.service.is_tidb_cloud() { Cause::UnknownKey } else { Cause::NoCredentials };
            of_cause(cause, error, key_source)
        }
        ErrorKind::Denied => of_cause(Cause::ActionDenied, error, key_source),
        ErrorKind::Throttled => of_cause(Cause::TooManyRequests, error, key_source),
        ErrorKind::Quota => {
            general("A limit of the account is reached. Raise the quota or remove something.")
        }
        ErrorKind::NotFound => general(
            "It does not exist, or these credentials may not see it. Check the ids and the account in use, and run again.",
        ),
        ErrorKind::Conflict => {
            general("Something else is using or changing it. Run again when that is done.")
        }
        ErrorKind::Invalid => general(
            "The service does not accept the request as it is, and repeating it would not help. Check the inputs \
             against the message above.",
        ),
        ErrorKind::Unavailable | ErrorKind::Transport => general(format!(
            "{} could not be reached or was out of order, and repeating the request did not help in time. Check \
             the network and any proxy, then run again: what was made is kept.{}",
            error.service,
            silent_refusal(error)
        )),
        ErrorKind::Malformed => general(format!(
            "The answer is not what {} documents. If a proxy or an overridden endpoint is in between, check it; \
             otherwise please report this with the request id.",
            error.service
        )),
        ErrorKind::Halted(Halt::Stopped) => {
            general("Terraform was asked to stop. Run the same command again to go on.")
        }
        ErrorKind::Halted(Halt::Deadline) => general(format!(
            "The time was up. Run the same command again to go on; how long an apply may take is in the resource's \
             `timeouts`.{}",
            silent_refusal(error)
        )),
    }
}

/// What else EC2 may mean when it is out of order for as long as anybody asks: it associates the zone of a private name on
/// the caller's behalf, and does not say when the caller may not do that.
fn silent_refusal(error: &ApiError) -> &'static str {
    let may_switch_dns = matches!(error.operation, "CreateVpcEndpoint" | "ModifyVpcEndpoint");
    let out_of_order = error.status.is_some_and(|status| status >= 500);
    if error.service == Service::Ec2 && may_switch_dns && out_of_order {
        " If AWS goes on answering like this: with private DNS, EC2 answers so to credentials that may not do \
         `route53:AssociateVPCWithHostedZone`. Allow it, or set `private_dns_enabled = false`."
    } else {
        ""
    }
}

impl std::fmt::Display for KeySource {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::ProviderBlock => "the provider block (`public_key`, `private_key`)",
            Self::Environment => "the environment (TIDBCLOUD_PUBLIC_KEY, TIDBCLOUD_PRIVATE_KEY)",
        })
    }
}

#[cfg(test)]
mod tests;
