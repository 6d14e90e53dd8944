//! The EC2 door: the Query protocol of EC2 2016-11-15 and, because one endpoint address serves both, of STS 2011-06-15.
//! A request is a form posted to `/`; the credential scope of its signature says which service and which region it means.

mod buckets;
mod describe;
mod endpoints;
mod network;
mod params;
mod permissions;
mod security_groups;
mod sigv4;
mod sts;
mod xml;

use ::http::StatusCode;
use sha2::{Digest as _, Sha256};

use params::Params;
use sigv4::{Credential, Signer, Unproved};
use xml::Xml;

use super::buckets::Buckets;
use crate::http::{Reply, Request};
use crate::world::{Ec2Error, Policy, World};

pub(super) const OPERATIONS: [&str; 26] = [
    "CreateVpcEndpoint",
    "DescribeVpcEndpoints",
    "ModifyVpcEndpoint",
    "DeleteVpcEndpoints",
    "DescribeVpcEndpointServices",
    "DescribeVpcs",
    "DescribeVpcAttribute",
    "ModifyVpcAttribute",
    "CreateVpc",
    "DeleteVpc",
    "DescribeSubnets",
    "CreateSubnet",
    "DeleteSubnet",
    "DescribeSecurityGroups",
    "DescribeSecurityGroupRules",
    "CreateSecurityGroup",
    "DeleteSecurityGroup",
    "DescribePrefixLists",
    "DescribeManagedPrefixLists",
    "GetManagedPrefixListEntries",
    "DescribeNetworkInterfaces",
    "DescribeAvailabilityZones",
    "CreateTags",
    "DeleteTags",
    "AssumeRole",
    "GetCallerIdentity",
];

/// The two services behind this door.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Service {
    Ec2,
    Sts,
}

impl Service {
    fn namespace(self) -> &'static str {
        match self {
            Self::Ec2 => "http://ec2.amazonaws.com/doc/2016-11-15/",
            Self::Sts => "https://sts.amazonaws.com/doc/2011-06-15/",
        }
    }
}

/// Who calls.
#[derive(Clone, Debug)]
struct Principal {
    arn: String,
    user_id: String,
    denied: Vec<String>,
    policy: Option<Policy>,
}

impl Principal {
    fn of(signer: &Signer, world: &World) -> Self {
        match signer {
            Signer::User(key) => Self {
                arn: key.user_arn.clone(),
                user_id: key.access_key_id.replacen("AKIA", "AIDA", 1),
                denied: key.denied.clone(),
                policy: key.policy.clone(),
            },
            Signer::Session(session) => {
                let role = world.aws.roles.iter().find(|role| role.arn == session.role_arn);
                Self {
                    arn: sts::assumed_role_arn(&session.role_arn, &session.session_name),
                    user_id: sts::assumed_role_id(session),
                    denied: role.map(|role| role.denied.clone()).unwrap_or_default(),
                    policy: role.and_then(|role| role.policy.clone()),
                }
            }
        }
    }
}

/// A signed request, let in.
#[derive(Clone, Debug)]
pub(crate) struct Call {
    pub(super) service: Service,
    region: String,
    params: Params,
    principal: Principal,
}

/// The action asked for.
pub(super) fn operation(request: &Request) -> String {
    Params::of(request).get("Action").unwrap_or("Unknown").to_owned()
}

/// Checks the signature, the region, the permissions and the request budget, in this order.
pub(super) fn admit(
    world: &World,
    buckets: &mut Buckets,
    operation: &str,
    request: &Request,
    seq: u64,
) -> Result<Call, Reply> {
    let Some(header) = request.header("authorization") else {
        return Err(error_reply(
            Service::Ec2,
            StatusCode::FORBIDDEN,
            "MissingAuthenticationToken",
            "Request is missing Authentication Token",
            seq,
        ));
    };
    let Some(credential) = Credential::parse(header) else {
        return Err(error_reply(
            Service::Ec2,
            StatusCode::BAD_REQUEST,
            "IncompleteSignature",
            "Authorization header is not an AWS4-HMAC-SHA256 signature scoped to ec2 or sts.",
            seq,
        ));
    };
    let service = credential.service;
    let refuse = |status, code: &str, message: &str| error_reply(service, status, code, message, seq);
    let signer = sigv4::check(request, &credential, world)
        .map_err(|Unproved { status, code, message }| refuse(status, code, &message))?;
    let call = Call {
        service,
        region: credential.region.to_owned(),
        params: Params::of(request),
        principal: Principal::of(&signer, world),
    };
    let closed = world.aws.region(&call.region).is_some_and(|region| !region.opted_in);
    if closed {
        return Err(refuse(
            StatusCode::FORBIDDEN,
            "OptInRequired",
            "You are not authorized to use the requested service. Ensure that you have subscribed to the service you are trying to use.",
        ));
    }
    let size = buckets::size(&world.limits, operation);
    if buckets.take(world, &call.region, operation, size).is_err() {
        return Err(match service {
            Service::Ec2 => {
                refuse(StatusCode::SERVICE_UNAVAILABLE, "RequestLimitExceeded", "Request limit exceeded.")
            }
            Service::Sts => refuse(StatusCode::BAD_REQUEST, "Throttling", "Rate exceeded"),
        });
    }
    permissions::check(world, &call, operation, seq)?;
    Ok(call)
}

/// Performs an action.
pub(super) fn perform(world: &mut World, operation: &str, call: &Call, seq: u64) -> Reply {
    let written = match call.service {
        Service::Ec2 => ec2_action(world, operation, call),
        Service::Sts => sts::action(world, operation, call),
    };
    match written {
        Ok(fill) => ok_reply(call.service, operation, seq, fill),
        Err(error) => {
            let status = StatusCode::from_u16(error.status).unwrap_or(StatusCode::BAD_REQUEST);
            error_reply(call.service, status, error.code, &error.message, seq)
        }
    }
}

/// What an action writes inside its response element.
type Fill = Box<dyn FnOnce(&mut Xml)>;

fn ec2_action(world: &mut World, operation: &str, call: &Call) -> Result<Fill, Ec2Error> {
    if OPERATIONS.contains(&operation) && call.params.flag("DryRun")? == Some(true) {
        return Err(Ec2Error::with_status(
            412,
            "DryRunOperation",
            "Request would have succeeded, but DryRun flag is set.",
        ));
    }
    let Call { region, params, .. } = call;
    match operation {
        "CreateVpcEndpoint" => endpoints::create(world, region, params),
        "DescribeVpcEndpoints" => endpoints::describe(world, region, params),
        "ModifyVpcEndpoint" => endpoints::modify(world, region, params),
        "DeleteVpcEndpoints" => endpoints::delete(world, region, params),
        "DescribeVpcEndpointServices" => endpoints::describe_services(world, region, params),
        "DescribeNetworkInterfaces" => endpoints::describe_interfaces(world, region, params),
        "DescribeVpcs" => network::describe_vpcs(world, region, params),
        "DescribeVpcAttribute" => network::describe_vpc_attribute(world, region, params),
        "ModifyVpcAttribute" => network::modify_vpc_attribute(world, region, params),
        "CreateVpc" => network::create_vpc(world, region, params),
        "DeleteVpc" => network::delete_vpc(world, region, params),
        "DescribeSubnets" => network::describe_subnets(world, region, params),
        "CreateSubnet" => network::create_subnet(world, region, params),
        "DeleteSubnet" => network::delete_subnet(world, region, params),
        "DescribeAvailabilityZones" => network::describe_zones(world, region, params),
        "CreateTags" => network::create_tags(world, region, params),
        "DeleteTags" => network::delete_tags(world, region, params),
        "DescribeSecurityGroups" => security_groups::describe(world, region, params),
        "DescribeSecurityGroupRules" => security_groups::describe_rules(world, region, params),
        "CreateSecurityGroup" => security_groups::create(world, region, params),
        "DeleteSecurityGroup" => security_groups::delete(world, region, params),
        "DescribePrefixLists" => security_groups::describe_prefix_lists(world, region, params),
        "DescribeManagedPrefixLists" => security_groups::describe_managed_prefix_lists(world, region, params),
        "GetManagedPrefixListEntries" => security_groups::prefix_list_entries(world, region, params),
        other => Err(unknown_action(other)),
    }
}

fn unknown_action(action: &str) -> Ec2Error {
    Ec2Error::new("InvalidAction", format!("The action {action} is not valid for this web service."))
}

fn ok_reply(service: Service, operation: &str, seq: u64, fill: Fill) -> Reply {
    let document = Xml::root(&format!("{operation}Response"), service.namespace(), |xml| match service {
        Service::Ec2 => {
            xml.text("requestId", request_id(seq));
            fill(xml);
        }
        Service::Sts => {
            xml.within(&format!("{operation}Result"), fill);
            xml.within("ResponseMetadata", |xml| {
                xml.text("RequestId", request_id(seq));
            });
        }
    });
    Reply::new(StatusCode::OK, "text/xml;charset=UTF-8", document)
}

/// An error in the form of its service.
pub(super) fn error_reply(
    service: Service,
    status: StatusCode,
    code: &str,
    message: &str,
    seq: u64,
) -> Reply {
    let document = match service {
        Service::Ec2 => {
            let mut xml = Xml::default();
            xml.within("Response", |xml| {
                xml.within("Errors", |xml| {
                    xml.within("Error", |xml| {
                        xml.text("Code", code).text("Message", message);
                    });
                });
                xml.text("RequestID", request_id(seq));
            });
            xml.finish()
        }
        Service::Sts => Xml::root("ErrorResponse", service.namespace(), |xml| {
            xml.within("Error", |xml| {
                xml.text("Type", "Sender").text("Code", code).text("Message", message);
            });
            xml.text("RequestId", request_id(seq));
        }),
    };
    Reply::new(status, "text/xml;charset=UTF-8", document).with_code(code)
}

/// The id of a request, in the form of a UUID.
pub(super) fn request_id(seq: u64) -> String {
    let digest = hex::encode(Sha256::digest(format!("request {seq}")));
    let part = |from: usize, to: usize| digest.get(from..to).unwrap_or_default();
    format!("{}-{}-4{}-8{}-{}", part(0, 8), part(8, 12), part(12, 15), part(15, 18), part(18, 30))
}
