//! The Alibaba Cloud door: the RPC style of Privatelink 2020-04-15, VPC 2016-04-28, ECS 2014-05-26 and STS 2015-04-01,
//! all at one address, and what the metadata service of an ECS machine answers. Parameters come in the query, in a form
//! body, or in both; answers are JSON, whatever format was asked for.

mod endpoints;
mod metadata;
mod network;
mod paging;
mod params;
mod parts;
mod services;
mod signature;
mod sts;
mod tags;
mod write;

use std::collections::HashMap;

use ::http::StatusCode;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use params::Params;
use signature::{Nonces, Signer};

use super::buckets::Buckets;
use crate::clock::Timestamp;
use crate::http::{Reply, Request};
use crate::world::{AlicloudError, World};

pub(super) const OPERATIONS: [&str; 28] = [
    "CreateVpcEndpoint",
    "GetVpcEndpointAttribute",
    "ListVpcEndpoints",
    "UpdateVpcEndpointAttribute",
    "DeleteVpcEndpoint",
    "ListVpcEndpointZones",
    "AddZoneToVpcEndpoint",
    "RemoveZoneFromVpcEndpoint",
    "ListVpcEndpointSecurityGroups",
    "AttachSecurityGroupToVpcEndpoint",
    "DetachSecurityGroupFromVpcEndpoint",
    "ListVpcEndpointServicesByEndUser",
    "CheckProductOpen",
    "TagResources",
    "UntagResources",
    "ListTagResources",
    "DescribeVSwitchAttributes",
    "DescribeVSwitches",
    "DescribeVpcAttribute",
    "DescribeVpcs",
    "DescribeSecurityGroupAttribute",
    "DescribeSecurityGroups",
    "AssumeRole",
    "AssumeRoleWithOIDC",
    "GetCallerIdentity",
    metadata::GET_TOKEN,
    metadata::LIST_ROLES,
    metadata::GET_CREDENTIALS,
];

/// The services behind this door.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Product {
    Privatelink,
    Vpc,
    Ecs,
    Sts,
    /// Not an RPC service: signs nothing.
    Metadata,
}

impl Product {
    /// Whose action this is.
    fn of(operation: &str) -> Option<Self> {
        Some(match operation {
            "CreateVpcEndpoint"
            | "GetVpcEndpointAttribute"
            | "ListVpcEndpoints"
            | "UpdateVpcEndpointAttribute"
            | "DeleteVpcEndpoint"
            | "ListVpcEndpointZones"
            | "AddZoneToVpcEndpoint"
            | "RemoveZoneFromVpcEndpoint"
            | "ListVpcEndpointSecurityGroups"
            | "AttachSecurityGroupToVpcEndpoint"
            | "DetachSecurityGroupFromVpcEndpoint"
            | "ListVpcEndpointServicesByEndUser"
            | "CheckProductOpen"
            | "TagResources"
            | "UntagResources"
            | "ListTagResources" => Self::Privatelink,
            "DescribeVSwitchAttributes" | "DescribeVSwitches" | "DescribeVpcAttribute" | "DescribeVpcs" => {
                Self::Vpc
            }
            "DescribeSecurityGroupAttribute" | "DescribeSecurityGroups" => Self::Ecs,
            "AssumeRole" | "AssumeRoleWithOIDC" | "GetCallerIdentity" => Self::Sts,
            metadata::GET_TOKEN | metadata::LIST_ROLES | metadata::GET_CREDENTIALS => Self::Metadata,
            _ => return None,
        })
    }

    /// The name that RAM policies use.
    fn name(self) -> &'static str {
        match self {
            Self::Privatelink => "privatelink",
            Self::Vpc => "vpc",
            Self::Ecs => "ecs",
            Self::Sts => "sts",
            Self::Metadata => "metadata",
        }
    }

    fn version(self) -> &'static str {
        match self {
            Self::Privatelink => "2020-04-15",
            Self::Vpc => "2016-04-28",
            Self::Ecs => "2014-05-26",
            Self::Sts => "2015-04-01",
            Self::Metadata => "",
        }
    }
}

/// A request let in, and who sent it.
#[derive(Clone, Debug)]
pub(crate) struct Call {
    product: Product,
    params: Params,
    /// Nobody in particular, where no signature is asked for.
    signer: Option<Signer>,
}

/// What the door remembers about callers.
#[derive(Debug, Default)]
pub(crate) struct Gate {
    nonces: Nonces,
    buckets: Buckets,
    /// Tokens of the metadata service, and when they end by the real clock.
    metadata_tokens: HashMap<String, Timestamp>,
}

impl Gate {
    /// Fills every request budget again.
    pub(super) fn forget_budgets(&mut self) {
        self.buckets = Buckets::default();
    }
}

/// The action asked for, in either signature version's place.
pub(super) fn operation(request: &Request) -> String {
    if let Some(operation) = metadata::operation(request) {
        return operation.to_owned();
    }
    let named = request
        .header("x-acs-action")
        .map(str::to_owned)
        .or_else(|| Params::of(request).get("Action").map(str::to_owned));
    named.unwrap_or_else(|| "Unknown".to_owned())
}

/// Checks that there is such an action, then the signature, the request budget and the permissions, in this order.
pub(super) fn admit(
    world: &World,
    gate: &mut Gate,
    operation: &str,
    request: &Request,
    seq: u64,
) -> Result<Call, Reply> {
    let call = enter(world, gate, operation, request).map_err(|error| refusal(&error, seq))?;
    if let Err(millis) = take(world, gate, &call, operation) {
        let error = AlicloudError::new("Throttling.User", "Request was denied due to user flow control.");
        return Err(refusal(&error, seq).with_header("x-acs-retry-after", millis.to_string()));
    }
    // Nobody needs a permission to ask who he is.
    let product = Some(call.product.name()).filter(|_| operation != "GetCallerIdentity");
    let resource = call.params.get("RoleArn").unwrap_or("*");
    let denied = call
        .signer
        .as_ref()
        .zip(product)
        .is_some_and(|(signer, product)| signer.is_denied(world, product, operation, resource));
    if denied {
        return Err(denial(&call, operation, seq));
    }
    Ok(call)
}

fn enter(world: &World, gate: &mut Gate, operation: &str, request: &Request) -> Result<Call, AlicloudError> {
    let params = Params::of(request);
    let product = Product::of(operation)
        .filter(|product| {
            let rpc = request.path == "/" && matches!(request.method.as_str(), "GET" | "POST");
            // Only its own paths lead to the metadata service, never an action's name.
            if *product == Product::Metadata { metadata::operation(request).is_some() } else { rpc }
        })
        .ok_or_else(|| {
            AlicloudError::with_status(
                404,
                "InvalidApi.NotFound",
                "Specified api is not found, please check your url and method.",
            )
        })?;
    if product == Product::Metadata {
        return Ok(Call { product, params, signer: None });
    }
    let version = request.header("x-acs-version").or_else(|| params.get("Version"));
    match version {
        None => return Err(AlicloudError::missing("Version")),
        Some(version) if version != product.version() => {
            return Err(AlicloudError::new("InvalidVersion", "Specified parameter Version is not valid."));
        }
        Some(_) => {}
    }
    let signer = match operation {
        "AssumeRoleWithOIDC" => None,
        _ => Some(signature::check(request, &params, world, &mut gate.nonces)?),
    };
    Ok(Call { product, params, signer })
}

/// Takes the request from the action's budget, or says in how many milliseconds there is one again.
fn take(world: &World, gate: &mut Gate, call: &Call, operation: &str) -> Result<(), u64> {
    if call.product == Product::Metadata {
        return Ok(());
    }
    let region = call.params.get("RegionId").unwrap_or_default();
    let size = (world.limits.alicloud_burst, world.limits.alicloud_rate);
    gate.buckets.take(world, region, operation, size).map_err(|seconds| {
        // Longer than a day is never: a world may say that nothing is refilled.
        (seconds.min(86_400.0) * 1000.0).ceil() as u64
    })
}

/// RAM says no: PrivateLink and STS in one way, VPC and ECS in another.
fn denial(call: &Call, operation: &str, seq: u64) -> Reply {
    let action = format!("{}:{operation}", call.product.name());
    let (code, message) = match call.product {
        Product::Vpc | Product::Ecs => (
            "Forbidden.RAM",
            "User not authorized to operate on the specified resource, or this API doesn't support RAM."
                .to_owned(),
        ),
        _ => ("NoPermission", format!("You are not authorized to perform this action: {action}.")),
    };
    let mut body = error_body(code, &message, seq);
    if let Some(fields) = body.as_object_mut() {
        fields.insert(
            "AccessDeniedDetail".to_owned(),
            json!({ "AuthAction": action, "PolicyType": "AccountLevelIdentityBasedPolicy", "NoPermissionType": "ImplicitDeny" }),
        );
    }
    Reply::json(StatusCode::FORBIDDEN, &body).with_code(code)
}

/// Performs an action.
pub(super) fn perform(
    world: &mut World,
    gate: &mut Gate,
    operation: &str,
    call: &Call,
    request: &Request,
    seq: u64,
) -> Reply {
    if call.product == Product::Metadata {
        return metadata::answer(world, &mut gate.metadata_tokens, operation, request);
    }
    match action(world, operation, call) {
        Ok(mut body) => {
            if let Some(fields) = body.as_object_mut() {
                fields.insert("RequestId".to_owned(), json!(request_id(seq)));
            }
            Reply::json(StatusCode::OK, &body)
        }
        Err(error) => refusal(&error, seq),
    }
}

fn action(world: &mut World, operation: &str, call: &Call) -> Result<Value, AlicloudError> {
    let params = &call.params;
    if call.product == Product::Privatelink && world.alicloud.privatelink_closed {
        return Err(AlicloudError::new(
            "NeedOpenProduct",
            "You have not activated PrivateLink. Activate it before you call this operation.",
        ));
    }
    match operation {
        "CreateVpcEndpoint" => endpoints::create(world, params),
        "GetVpcEndpointAttribute" => endpoints::get(world, params),
        "ListVpcEndpoints" => endpoints::list(world, params),
        "UpdateVpcEndpointAttribute" => endpoints::update(world, params),
        "DeleteVpcEndpoint" => endpoints::delete(world, params),
        "ListVpcEndpointZones" => parts::list_zones(world, params),
        "AddZoneToVpcEndpoint" => parts::add_zone(world, params),
        "RemoveZoneFromVpcEndpoint" => parts::remove_zone(world, params),
        "ListVpcEndpointSecurityGroups" => parts::list_groups(world, params),
        "AttachSecurityGroupToVpcEndpoint" => parts::attach_group(world, params),
        "DetachSecurityGroupFromVpcEndpoint" => parts::detach_group(world, params),
        "ListVpcEndpointServicesByEndUser" => services::list(world, params),
        "CheckProductOpen" => Ok(json!({ "Success": true })),
        "TagResources" => tags::tag(world, params),
        "UntagResources" => tags::untag(world, params),
        "ListTagResources" => tags::list(world, params),
        "DescribeVSwitchAttributes" => network::vswitch(world, params),
        "DescribeVSwitches" => network::vswitches(world, params),
        "DescribeVpcAttribute" => network::vpc(world, params),
        "DescribeVpcs" => network::vpcs(world, params),
        "DescribeSecurityGroupAttribute" => network::security_group(world, params),
        "DescribeSecurityGroups" => network::security_groups(world, params),
        _ => sts::action(world, operation, call),
    }
}

/// The world's refusal as Alibaba Cloud writes it.
fn refusal(error: &AlicloudError, seq: u64) -> Reply {
    let status = StatusCode::from_u16(error.status).unwrap_or(StatusCode::BAD_REQUEST);
    error_reply(status, &error.code, &error.message, seq)
}

/// An error as Alibaba Cloud's RPC services write it.
pub(super) fn error_reply(status: StatusCode, code: &str, message: &str, seq: u64) -> Reply {
    Reply::json(status, &error_body(code, message, seq)).with_code(code)
}

fn error_body(code: &str, message: &str, seq: u64) -> Value {
    json!({
        "RequestId": request_id(seq),
        "HostId": "sandbox",
        "Code": code,
        "Message": message,
        "Recommend": format!("https://api.alibabacloud.com/troubleshoot?q={code}"),
    })
}

/// The id of a request: a UUID in capitals.
pub(super) fn request_id(seq: u64) -> String {
    let digest = hex::encode_upper(Sha256::digest(format!("alicloud request {seq}")));
    let part = |from: usize, to: usize| digest.get(from..to).unwrap_or_default();
    format!("{}-{}-5{}-8{}-{}", part(0, 8), part(8, 12), part(12, 15), part(15, 18), part(18, 30))
}
