//! What a caller of EC2 and STS needs to be allowed, and how either says no. Source: Service Authorization Reference of
//! Amazon EC2 (actions, their resources and their dependent actions).

use ::http::StatusCode;
use sha2::{Digest as _, Sha256};

use super::{Call, Service, error_reply};
use crate::http::Reply;
use crate::world::World;

/// What switching private DNS on takes besides the action of EC2.
const ASSOCIATE: &str = "AssociateVPCWithHostedZone";

/// An action that a request takes, and what it is done on.
struct Need {
    service: &'static str,
    action: String,
    resources: Vec<String>,
}

/// Refuses a request of somebody who may not do everything that it takes.
pub(super) fn check(world: &World, call: &Call, operation: &str, seq: u64) -> Result<(), Reply> {
    match needs(world, call, operation).into_iter().find(|need| is_denied(call, need)) {
        Some(need) => Err(denial(call, &need, seq)),
        None => Ok(()),
    }
}

fn is_denied(call: &Call, need: &Need) -> bool {
    let principal = &call.principal;
    let action = format!("{}:{}", need.service, need.action);
    principal.denied.contains(&need.action)
        || principal
            .policy
            .as_ref()
            .is_some_and(|policy| need.resources.iter().any(|resource| !policy.allows(&action, resource)))
}

fn needs(world: &World, call: &Call, operation: &str) -> Vec<Need> {
    let need = |service, action: &str, resources| Need { service, action: action.to_owned(), resources };
    if call.service == Service::Sts {
        let role = call.params.get("RoleArn").unwrap_or("*");
        // Nobody needs a permission to ask who he is.
        let asks = operation == "GetCallerIdentity";
        return if asks { Vec::new() } else { vec![need("sts", operation, vec![role.to_owned()])] };
    }
    let arn =
        |kind: &str, id: &str| format!("arn:aws:ec2:{}:{}:{kind}/{id}", call.region, world.aws.account_id);
    let named = |kind: &str, lists: &[&str]| -> Vec<String> {
        lists.iter().flat_map(|list| call.params.list(list)).map(|id| arn(kind, &id)).collect()
    };
    let network = |prefixes: &[&str]| {
        let lists = |name: &str| prefixes.iter().map(|prefix| format!("{prefix}{name}")).collect::<Vec<_>>();
        let (subnets, groups) = (lists("SubnetId"), lists("SecurityGroupId"));
        let mut found = named("subnet", &subnets.iter().map(String::as_str).collect::<Vec<_>>());
        found.extend(named("security-group", &groups.iter().map(String::as_str).collect::<Vec<_>>()));
        found
    };
    let resources = match operation {
        "CreateVpcEndpoint" => {
            let mut resources = vec![arn("vpc-endpoint", "*")];
            resources.extend(call.params.get("VpcId").map(|vpc| arn("vpc", vpc)));
            resources.extend(network(&[""]));
            resources
        }
        "ModifyVpcEndpoint" => {
            let endpoint = call.params.get("VpcEndpointId").unwrap_or("*");
            let mut resources = vec![arn("vpc-endpoint", endpoint)];
            resources.extend(network(&["Add", "Remove"]));
            resources
        }
        "DeleteVpcEndpoints" => named("vpc-endpoint", &["VpcEndpointId"]),
        "CreateTags" | "DeleteTags" => {
            call.params.list("ResourceId").iter().map(|id| arn(kind_of(id), id)).collect()
        }
        // The describing actions know no resources.
        _ => vec!["*".to_owned()],
    };
    let mut needs = vec![need("ec2", operation, resources)];
    if call.params.get("TagSpecification.1.ResourceType").is_some() {
        needs.push(need("ec2", "CreateTags", vec![arn("vpc-endpoint", "*")]));
    }
    if call.params.get("PrivateDnsEnabled") == Some("true") {
        needs.push(need("route53", ASSOCIATE, vec!["arn:aws:route53:::hostedzone/*".to_owned()]));
    }
    needs
}

/// What kind of thing an id names, as far as anything here is tagged.
fn kind_of(id: &str) -> &'static str {
    match id.split('-').next() {
        Some("vpce") => "vpc-endpoint",
        Some("vpc") => "vpc",
        Some("subnet") => "subnet",
        Some("sg") => "security-group",
        _ => "network-interface",
    }
}

fn denial(call: &Call, need: &Need, seq: u64) -> Reply {
    let (arn, action) = (&call.principal.arn, &need.action);
    if need.action == ASSOCIATE {
        // EC2 asks Route 53 on the caller's behalf and answers as if something were out of order (https://github.com/boto/boto3/issues/2554:
        // the call is repeated until the time is up, although a dry run passes).
        return error_reply(
            call.service,
            StatusCode::SERVICE_UNAVAILABLE,
            "Unavailable",
            "The service is unavailable. Please try again shortly.",
            seq,
        );
    }
    match call.service {
        Service::Ec2 => {
            let encoded = hex::encode(Sha256::digest(format!("{arn} {action}")));
            let message = format!(
                "You are not authorized to perform this operation. User: {arn} is not authorized to perform: ec2:{action} because no identity-based policy allows the ec2:{action} action. Encoded authorization failure message: {encoded}"
            );
            error_reply(call.service, StatusCode::FORBIDDEN, "UnauthorizedOperation", &message, seq)
        }
        Service::Sts => {
            let message = format!("User: {arn} is not authorized to perform: sts:{action}");
            error_reply(call.service, StatusCode::FORBIDDEN, "AccessDenied", &message, seq)
        }
    }
}
