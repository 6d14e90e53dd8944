//! The EC2 door: signatures, budgets, permissions, and endpoints as clients see them.

use tidblink_sandbox::default_world::*;

use crate::support::{Aws, Tidb, sandbox, sandbox_with, seconds};

#[tokio::test]
async fn private_dns_comes_after_acceptance() {
    let sandbox = sandbox().await;
    let aws = Aws::new(&sandbox, "us-west-2");
    let id = aws.create_dedicated_endpoint().await;
    assert_eq!(aws.state(&id).await, "pendingAcceptance");
    let enable = [("VpcEndpointId", id.as_str()), ("PrivateDnsEnabled", "true")];
    let refused = aws.call("ModifyVpcEndpoint", &enable).await;
    assert_eq!(
        refused.aws_error(),
        (
            400,
            "InvalidParameter".to_owned(),
            format!(
                "Private DNS can only be enabled after the endpoint connection is accepted by the owner of {DEDICATED_SERVICE_NAME}."
            )
        )
    );
    let mut tidb = Tidb::new(&sandbox.urls().dedicated);
    let target =
        format!("/v1beta1/clusters/{DEDICATED_CLUSTER_ID}/tidbNodeGroups/-/privateEndpointConnections");
    let body = format!("{{\"endpointId\":\"{id}\"}}");
    assert_eq!(tidb.post(&target, &body).await.status, 200);
    sandbox.advance(seconds(60));
    assert_eq!(aws.state(&id).await, "pending");
    sandbox.advance(seconds(30));
    assert_eq!(aws.state(&id).await, "available");
    let done = aws.call("ModifyVpcEndpoint", &enable).await;
    assert_eq!((done.status, done.element("return")), (200, "true".to_owned()));
    let described = aws.call("DescribeVpcEndpoints", &[("VpcEndpointId.1", &id)]).await;
    assert_eq!(described.element("privateDnsEnabled"), "true");
    assert!(described.elements("dnsName").contains(&DEDICATED_HOST.to_owned()));
}

#[tokio::test]
async fn a_deleted_endpoint_is_shown_for_a_while() {
    let sandbox = sandbox().await;
    let aws = Aws::new(&sandbox, "us-west-2");
    let id = aws.create_dedicated_endpoint().await;
    let unknown = "vpce-0123456789abcdef0";
    let deleted =
        aws.call("DeleteVpcEndpoints", &[("VpcEndpointId.1", &id), ("VpcEndpointId.2", unknown)]).await;
    assert_eq!(deleted.status, 200);
    assert_eq!(deleted.element("resourceId"), unknown);
    assert_eq!(deleted.element("code"), "InvalidVpcEndpoint.NotFound");
    assert_eq!(aws.state(&id).await, "deleting");
    sandbox.advance(seconds(60));
    assert_eq!(aws.state(&id).await, "deleted");
    assert_eq!(sandbox.leftovers(), []);
    sandbox.advance(seconds(30));
    assert_eq!(aws.state(&id).await, "InvalidVpcEndpointId.NotFound");
}

#[tokio::test]
async fn credentials_are_checked() {
    let sandbox = sandbox().await;
    let mut aws = Aws::new(&sandbox, "us-west-2");
    aws.secret_access_key = "wrong".to_owned();
    let (status, code, _) = aws.call("DescribeVpcs", &[]).await.aws_error();
    assert_eq!((status, code.as_str()), (403, "SignatureDoesNotMatch"));
    aws.access_key_id = "AKIAUNKNOWN".to_owned();
    let (status, code, _) = aws.call("DescribeVpcs", &[]).await.aws_error();
    assert_eq!((status, code.as_str()), (401, "AuthFailure"));
    aws.service = "sts";
    let (status, code, _) = aws.call("GetCallerIdentity", &[]).await.aws_error();
    assert_eq!((status, code.as_str()), (403, "InvalidClientTokenId"));
    let mut late = Aws::new(&sandbox, "us-west-2");
    late.clock_error = time::Duration::minutes(-6);
    assert_eq!(late.call("DescribeVpcs", &[]).await.aws_error().1, "RequestExpired");
    let closed = Aws::new(&sandbox, "ap-east-1");
    assert_eq!(closed.call("DescribeVpcs", &[]).await.aws_error().1, "OptInRequired");
    let url = sandbox.urls().ec2;
    let unsigned = reqwest::get(format!("{url}/?Action=DescribeVpcs")).await.unwrap();
    assert_eq!(unsigned.status(), 403);
}

#[tokio::test]
async fn a_region_shows_only_its_own() {
    let sandbox = sandbox().await;
    let east = Aws::new(&sandbox, "us-east-1");
    let (_, code, message) = east.call("DescribeVpcs", &[("VpcId.1", WEST_VPC_ID)]).await.aws_error();
    assert_eq!(code, "InvalidVpcID.NotFound");
    assert_eq!(message, format!("The vpc ID '{WEST_VPC_ID}' does not exist"));
}

#[tokio::test]
async fn endpoint_writes_come_in_bursts_of_four() {
    let sandbox = sandbox().await;
    let aws = Aws::new(&sandbox, "us-west-2");
    for _ in 0..4 {
        aws.create_dedicated_endpoint().await;
    }
    let throttled = aws.call("CreateVpcEndpoint", &[]).await;
    let (status, code, _) = throttled.aws_error();
    assert_eq!((status, code.as_str()), (503, "RequestLimitExceeded"));
    sandbox.advance(seconds(4));
    aws.create_dedicated_endpoint().await;
}

#[tokio::test]
async fn a_denied_action_is_unauthorized_and_so_are_tags_without_create_tags() {
    let sandbox = sandbox_with(|world| {
        for key in &mut world.aws.access_keys {
            key.denied = vec!["DescribeVpcs".to_owned(), "CreateTags".to_owned()];
        }
    })
    .await;
    let aws = Aws::new(&sandbox, "us-west-2");
    let (status, code, message) = aws.call("DescribeVpcs", &[]).await.aws_error();
    assert_eq!((status, code.as_str()), (403, "UnauthorizedOperation"));
    assert!(message.contains("not authorized to perform: ec2:DescribeVpcs"));
    assert!(message.contains("Encoded authorization failure message: "));
    let tagged = [("TagSpecification.1.ResourceType", "vpc-endpoint"), ("TagSpecification.1.Tag.1.Key", "a")];
    let (_, _, message) = aws.call("CreateVpcEndpoint", &tagged).await.aws_error();
    assert!(message.contains("ec2:CreateTags"));
}

#[tokio::test]
async fn a_dry_run_changes_nothing() {
    let sandbox = sandbox().await;
    let aws = Aws::new(&sandbox, "us-west-2");
    let (status, code, _) = aws.call("CreateVpcEndpoint", &[("DryRun", "true")]).await.aws_error();
    assert_eq!((status, code.as_str()), (412, "DryRunOperation"));
    assert_eq!(sandbox.leftovers(), []);
}

#[tokio::test]
async fn endpoints_are_found_by_filter_and_in_pages() {
    let sandbox = sandbox().await;
    let aws = Aws::new(&sandbox, "us-west-2");
    let first = aws.create_dedicated_endpoint().await;
    let second = aws.create_dedicated_endpoint().await;
    let tags = [("ResourceId.1", second.as_str()), ("Tag.1.Key", "token"), ("Tag.1.Value", "a b")];
    assert_eq!(aws.call("CreateTags", &tags).await.status, 200);
    let by_tag = [("Filter.1.Name", "tag-key"), ("Filter.1.Value.1", "token")];
    let found = aws.call("DescribeVpcEndpoints", &by_tag).await;
    assert_eq!(found.elements("vpcEndpointId"), [second.as_str()]);
    assert_eq!(found.element("value"), "a b");
    let page = aws.call("DescribeVpcEndpoints", &[("MaxResults", "1")]).await;
    assert_eq!(page.elements("vpcEndpointId"), [first]);
    let token = page.element("nextToken");
    let page = aws.call("DescribeVpcEndpoints", &[("MaxResults", "1"), ("NextToken", &token)]).await;
    assert_eq!(page.elements("vpcEndpointId"), [second.as_str()]);
    assert_eq!(page.element("nextToken"), "");
    let unknown = [("Filter.1.Name", "colour"), ("Filter.1.Value.1", "red")];
    let refused = aws.call("DescribeVpcEndpoints", &unknown).await;
    assert_eq!(refused.aws_error().1, "InvalidParameterValue");
    let untag = [("ResourceId.1", second.as_str()), ("Tag.1.Key", "token"), ("Tag.1.Value", "other")];
    assert_eq!(aws.call("DeleteTags", &untag).await.status, 200);
    let found = aws.call("DescribeVpcEndpoints", &by_tag).await;
    assert_eq!(found.elements("vpcEndpointId").len(), 1, "another value does not match");
    assert_eq!(aws.call("DeleteTags", &untag[..2]).await.status, 200);
    let found = aws.call("DescribeVpcEndpoints", &by_tag).await;
    assert_eq!(found.elements("vpcEndpointId").len(), 0);
}

#[tokio::test]
async fn services_tell_their_zones_in_this_accounts_names() {
    let sandbox = sandbox().await;
    let aws = Aws::new(&sandbox, "us-west-2");
    let named = [("ServiceName.1", DEDICATED_SERVICE_NAME)];
    let answer = aws.call("DescribeVpcEndpointServices", &named).await;
    assert_eq!(
        answer.element("availabilityZoneIdSet"),
        "<item>usw2-az1</item><item>usw2-az2</item><item>usw2-az3</item>"
    );
    assert_eq!(
        answer.element("availabilityZoneSet"),
        "<item>us-west-2b</item><item>us-west-2a</item><item>us-west-2c</item>"
    );
    assert_eq!(answer.element("acceptanceRequired"), "true");
    let unknown = [("ServiceName.1", SERVERLESS_SERVICE_NAME)];
    let refused = aws.call("DescribeVpcEndpointServices", &unknown).await;
    assert_eq!(refused.aws_error().1, "InvalidServiceName");
}

#[tokio::test]
async fn an_assumed_role_has_keys_of_its_own() {
    let sandbox = sandbox().await;
    let mut sts = Aws::new(&sandbox, "us-east-1");
    sts.service = "sts";
    let role = [("RoleArn", AWS_ROLE_ARN), ("RoleSessionName", "test")];
    let (status, code, _) = sts.call("AssumeRole", &role).await.aws_error();
    assert_eq!((status, code.as_str()), (403, "AccessDenied"), "the external id is missing");
    let role = [role[0], role[1], ("ExternalId", AWS_EXTERNAL_ID)];
    let given = sts.call("AssumeRole", &role).await;
    let mut assumed = Aws::new(&sandbox, "us-west-2");
    assumed.access_key_id = given.element("AccessKeyId");
    assumed.secret_access_key = given.element("SecretAccessKey");
    let (_, code, _) = assumed.call("DescribeVpcs", &[]).await.aws_error();
    assert_eq!(code, "AuthFailure", "the session token is missing");
    assumed.session_token = Some(given.element("SessionToken"));
    assert_eq!(assumed.call("DescribeVpcs", &[]).await.status, 200);
    assumed.service = "sts";
    let identity = assumed.call("GetCallerIdentity", &[]).await;
    assert_eq!(identity.element("Arn"), "arn:aws:sts::111122223333:assumed-role/network/test");
}

#[tokio::test]
async fn every_action_answers_with_its_own_element_and_request_id() {
    let sandbox = sandbox().await;
    let aws = Aws::new(&sandbox, "us-west-2");
    for (action, parameters) in [
        ("DescribeVpcs", vec![]),
        ("DescribeSubnets", vec![("Filter.1.Name", "vpc-id"), ("Filter.1.Value.1", WEST_VPC_ID)]),
        ("DescribeSecurityGroups", vec![("GroupId.1", WEST_GROUP_OPEN)]),
        ("DescribeSecurityGroupRules", vec![]),
        ("DescribeNetworkInterfaces", vec![]),
        ("DescribeAvailabilityZones", vec![]),
        ("DescribePrefixLists", vec![]),
        ("DescribeManagedPrefixLists", vec![]),
        ("GetManagedPrefixListEntries", vec![("PrefixListId", "pl-0a000000000000001")]),
        ("DescribeVpcAttribute", vec![("VpcId", WEST_VPC_ID), ("Attribute", "enableDnsSupport")]),
    ] {
        let answer = aws.call(action, &parameters).await;
        assert_eq!(answer.status, 200, "{action}: {}", answer.text);
        assert!(
            answer
                .text
                .contains(&format!("<{action}Response xmlns=\"http://ec2.amazonaws.com/doc/2016-11-15/\">"))
        );
        assert_eq!(answer.element("requestId"), answer.header("x-amzn-requestid"));
    }
    let (_, code, _) = aws.call("RunInstances", &[]).await.aws_error();
    assert_eq!(code, "InvalidAction");
}

#[tokio::test]
async fn a_network_is_built_and_taken_down() {
    let sandbox = sandbox().await;
    let aws = Aws::new(&sandbox, "us-west-2");
    let vpc = aws.call("CreateVpc", &[("CidrBlock", "10.99.0.0/16")]).await.element("vpcId");
    let subnet = [("VpcId", vpc.as_str()), ("CidrBlock", "10.99.1.0/24"), ("AvailabilityZoneId", "usw2-az3")];
    let subnet = aws.call("CreateSubnet", &subnet).await.element("subnetId");
    let group = [("VpcId", vpc.as_str()), ("GroupName", "db"), ("GroupDescription", "database")];
    let group = aws.call("CreateSecurityGroup", &group).await.element("groupId");
    let attribute = [("VpcId", vpc.as_str()), ("EnableDnsHostnames.Value", "true")];
    assert_eq!(aws.call("ModifyVpcAttribute", &attribute).await.status, 200);
    assert!(sandbox.world(|world| world.aws.vpc("us-west-2", &vpc).unwrap().dns_hostnames));
    let (_, code, _) = aws.call("DeleteVpc", &[("VpcId", &vpc)]).await.aws_error();
    assert_eq!(code, "DependencyViolation");
    assert_eq!(aws.call("DeleteSubnet", &[("SubnetId", &subnet)]).await.status, 200);
    assert_eq!(aws.call("DeleteSecurityGroup", &[("GroupId", &group)]).await.status, 200);
    assert_eq!(aws.call("DeleteVpc", &[("VpcId", &vpc)]).await.status, 200);
    assert_eq!(sandbox.leftovers(), []);
}

#[tokio::test]
async fn a_new_endpoint_may_be_invisible_at_first() {
    let sandbox = sandbox_with(|world| world.delays.endpoint_visible = 5).await;
    let aws = Aws::new(&sandbox, "us-west-2");
    let id = aws.create_dedicated_endpoint().await;
    assert_eq!(aws.state(&id).await, "InvalidVpcEndpointId.NotFound");
    sandbox.advance(seconds(5));
    assert_eq!(aws.state(&id).await, "pendingAcceptance");
}

#[tokio::test]
async fn a_service_in_creation_is_not_in_ec2_yet() {
    let sandbox = sandbox().await;
    let mut tidb = Tidb::new(&sandbox.urls().legacy);
    let target =
        format!("/api/v1beta/projects/{PROJECT_ID}/clusters/{OLD_CLUSTER_ID}/private_endpoint_service");
    let made = tidb.post(&target, "{}").await.json();
    let name = made["private_endpoint_service"]["name"].as_str().unwrap().to_owned();
    let aws = Aws::new(&sandbox, "us-west-2");
    let named = [("ServiceName.1", name.as_str())];
    let refused = aws.call("DescribeVpcEndpointServices", &named).await;
    assert_eq!(refused.aws_error().1, "InvalidServiceName");
    sandbox.advance(seconds(210));
    assert_eq!(aws.call("DescribeVpcEndpointServices", &named).await.status, 200);
}

#[tokio::test]
async fn a_world_may_force_small_pages() {
    let sandbox = sandbox_with(|world| world.limits.page_size = Some(2)).await;
    let aws = Aws::new(&sandbox, "us-west-2");
    let (mut seen, mut token) = (Vec::new(), String::new());
    loop {
        let page = aws.call("DescribeSubnets", &[("MaxResults", "500"), ("NextToken", &token)]).await;
        let ids = page.elements("subnetId");
        assert!(ids.len() <= 2, "{ids:?}");
        seen.extend(ids);
        token = page.element("nextToken");
        if token.is_empty() {
            break;
        }
    }
    let all =
        sandbox.world(|world| world.aws.subnets.iter().filter(|subnet| subnet.region == "us-west-2").count());
    seen.dedup();
    assert_eq!(seen.len(), all);
}

/// Asks for an endpoint of the shared service with private DNS.
async fn create_shared(aws: &Aws) -> crate::support::Answer {
    aws.call(
        "CreateVpcEndpoint",
        &[
            ("VpcEndpointType", "Interface"),
            ("VpcId", EAST_VPC_ID),
            ("ServiceName", SERVERLESS_SERVICE_NAME),
            ("SubnetId.1", EAST_SUBNET_AZ1),
            ("PrivateDnsEnabled", "true"),
        ],
    )
    .await
}

#[tokio::test]
async fn a_private_name_is_taken_once_in_a_network_and_may_linger() {
    let sandbox = sandbox_with(|world| world.delays.private_dns_linger = 45).await;
    let aws = Aws::new(&sandbox, "us-east-1");
    let first = create_shared(&aws).await.element("vpcEndpointId");
    let conflict = (
        400,
        "InvalidParameter".to_owned(),
        format!(
            "private-dns-enabled cannot be set because there is already a conflicting DNS domain for {SERVERLESS_HOST} in the VPC {EAST_VPC_ID}"
        ),
    );
    assert_eq!(create_shared(&aws).await.aws_error(), conflict);
    assert_eq!(aws.call("DeleteVpcEndpoints", &[("VpcEndpointId.1", &first)]).await.status, 200);
    sandbox.advance(seconds(60 + 44));
    assert_eq!(create_shared(&aws).await.aws_error(), conflict);
    sandbox.advance(seconds(1));
    assert_eq!(create_shared(&aws).await.status, 200);
}

#[tokio::test]
async fn an_exclusive_service_waits_for_its_owner() {
    let sandbox = sandbox_with(|world| {
        for service in &mut world.aws.services {
            service.acceptance_required |= service.service_name == SERVERLESS_SERVICE_NAME;
        }
    })
    .await;
    let aws = Aws::new(&sandbox, "us-east-1");
    let named = [("ServiceName.1", SERVERLESS_SERVICE_NAME)];
    let offered = aws.call("DescribeVpcEndpointServices", &named).await;
    assert_eq!(offered.element("acceptanceRequired"), "true");
    assert!(create_shared(&aws).await.aws_error().2.contains("only be enabled after"));
}

#[tokio::test]
async fn a_resource_has_fifty_tags_at_most() {
    let sandbox = sandbox().await;
    let aws = Aws::new(&sandbox, "us-west-2");
    let names: Vec<(String, String)> =
        (1..=51).map(|number| (format!("Tag.{number}.Key"), format!("key-{number}"))).collect();
    let tag = |count: usize| {
        let keys = names.iter().take(count).map(|(name, key)| (name.as_str(), key.as_str()));
        std::iter::once(("ResourceId.1", WEST_VPC_ID)).chain(keys).collect::<Vec<_>>()
    };
    assert_eq!(aws.call("CreateTags", &tag(51)).await.aws_error().1, "TagLimitExceeded");
    assert_eq!(aws.call("CreateTags", &tag(50)).await.status, 200);
    assert_eq!(aws.call("CreateTags", &tag(50)).await.status, 200, "the same tags again are no more");
    let one_more = [("ResourceId.1", WEST_VPC_ID), ("Tag.1.Key", "another")];
    assert_eq!(aws.call("CreateTags", &one_more).await.aws_error().1, "TagLimitExceeded");
}

#[tokio::test]
async fn a_policy_allows_what_it_names_on_what_it_names() {
    let policy = serde_json::json!({
        "Version": "2012-10-17",
        "Statement": [{
            "Effect": "Allow",
            "Action": ["ec2:CreateVpcEndpoint", "ec2:ModifyVpcEndpoint", "ec2:CreateTags"],
            "Resource": ["arn:aws:ec2:*:*:vpc-endpoint/*", "arn:aws:ec2:*:*:vpc/*", "arn:aws:ec2:*:*:security-group/*"],
        }],
    });
    let policy: tidblink_sandbox::world::Policy = serde_json::from_value(policy).unwrap();
    let sandbox = sandbox().await;
    let aws = Aws::new(&sandbox, "us-west-2");
    let id = aws.create_dedicated_endpoint().await;
    sandbox.world(|world| world.aws.access_keys[0].policy = Some(policy));
    let (status, code, message) = aws.call("DescribeVpcEndpoints", &[]).await.aws_error();
    assert_eq!((status, code.as_str()), (403, "UnauthorizedOperation"));
    assert!(message.contains("ec2:DescribeVpcEndpoints"));
    let id = id.as_str();
    let tag = |id| [("ResourceId.1", id), ("Tag.1.Key", "a"), ("Tag.1.Value", "b")];
    assert_eq!(aws.call("CreateTags", &tag(id)).await.status, 200);
    let elsewhere = aws.call("CreateTags", &tag("subnet-0a000000000000001")).await.aws_error();
    assert_eq!(elsewhere.1, "UnauthorizedOperation");
    let subnet = [("VpcEndpointId", id), ("AddSubnetId.1", "subnet-0a000000000000003")];
    assert_eq!(aws.call("ModifyVpcEndpoint", &subnet).await.aws_error().1, "UnauthorizedOperation");
}

#[tokio::test]
async fn private_dns_without_the_permission_of_route_53_looks_like_an_outage() {
    let sandbox = sandbox_with(|world| {
        world.aws.access_keys[0].denied = vec!["AssociateVPCWithHostedZone".to_owned()];
    })
    .await;
    let aws = Aws::new(&sandbox, "us-west-2");
    let id = aws.create_dedicated_endpoint().await;
    let on = [("VpcEndpointId", id.as_str()), ("PrivateDnsEnabled", "true")];
    let (status, code, _) = aws.call("ModifyVpcEndpoint", &on).await.aws_error();
    assert_eq!((status, code.as_str()), (503, "Unavailable"));
    let off = [("VpcEndpointId", id.as_str()), ("PrivateDnsEnabled", "false")];
    assert_eq!(aws.call("ModifyVpcEndpoint", &off).await.status, 200);
}
