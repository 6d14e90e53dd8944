//! What the door refuses, and in what words.

use reqwest::Method;
use serde_json::json;
use tidblink_sandbox::default_world::*;
use tidblink_sandbox::world::{AlicloudSecurityGroup, AlicloudVpc, VSwitch, World};
use tidblink_sandbox::{Door, Effect, Fault};

use crate::support::{Ali, control, sandbox, sandbox_with, seconds};

/// A second network with a vSwitch in zone a and a group.
fn with_other_network(world: &mut World) {
    world.alicloud.vpcs.push(AlicloudVpc {
        vpc_id: "vpc-other".to_owned(),
        region: "ap-southeast-1".to_owned(),
        cidr_block: "10.40.0.0/16".to_owned(),
        ..AlicloudVpc::default()
    });
    world.alicloud.vswitches.push(VSwitch {
        vswitch_id: "vsw-other".to_owned(),
        vpc_id: "vpc-other".to_owned(),
        zone_id: "ap-southeast-1a".to_owned(),
        cidr_block: "10.40.1.0/24".to_owned(),
        name: String::new(),
        free_addresses: 252,
    });
    world.alicloud.security_groups.push(AlicloudSecurityGroup {
        security_group_id: "sg-other".to_owned(),
        vpc_id: "vpc-other".to_owned(),
        ..AlicloudSecurityGroup::default()
    });
}

#[tokio::test]
async fn each_bad_input_of_a_new_endpoint_has_its_code() {
    let sandbox = sandbox_with(with_other_network).await;
    let ali = Ali::new(&sandbox);
    let in_zone_c = [("Zone.1.ZoneId", "ap-southeast-1c"), ("Zone.1.VSwitchId", ALICLOUD_VSWITCH_C)];
    let twice_in_a = [("Zone.2.ZoneId", "ap-southeast-1a"), ("Zone.2.VSwitchId", ALICLOUD_VSWITCH_A_SECOND)];
    for (code, more) in [
        ("InvalidVpcId.NotFound", &[("VpcId", "vpc-none")][..]),
        ("MissingVpcId", &[("VpcId", "")]),
        ("MissingServiceName", &[("ServiceName", "")]),
        ("EndpointServiceNotFound", &[("ServiceName", "com.aliyuncs.privatelink.ap-southeast-1.epsrv-none")]),
        ("EndpointServiceNotFound", &[("ServiceId", "epsrv-another")]),
        ("InvalidSecurityGroupId.NotFound", &[("SecurityGroupId.1", "sg-none")]),
        ("InvalidSecurityGroupId.VpcMismatch", &[("SecurityGroupId.1", "sg-other")]),
        ("InvalidVSwitchId.NotFound", &[("Zone.1.VSwitchId", "vsw-none")]),
        ("InvalidVSwitchId.VpcMismatch", &[("Zone.1.VSwitchId", "vsw-other")]),
        ("InvalidVSwitchId.ZoneMismatch", &[("Zone.1.VSwitchId", ALICLOUD_VSWITCH_B)]),
        ("MissingZoneVSwitchId", &[("Zone.1.VSwitchId", "")]),
        ("UnsupportedZone", &in_zone_c),
        ("InvalidZoneId.Duplicate", &twice_in_a),
        ("InvalidIp", &[("Zone.1.ip", "10.30.9.9")]),
        ("InvalidEndpointName", &[("EndpointName", "1st")]),
        ("InvalidEndpointDescription", &[("EndpointDescription", "http://x")]),
        ("InvalidTagKey.Malformed", &[("Tag.1.Key", "acs:x")]),
        ("InvalidEndpointType", &[("EndpointType", "Reverse")]),
        ("InvalidAddressIpVersion", &[("AddressIpVersion", "DualStack")]),
        ("UnsupportedRegion", &[("ServiceRegionId", "cn-hangzhou")]),
        ("InvalidDryRun", &[("DryRun", "perhaps")]),
    ] {
        assert_eq!(ali.create(more).await.ali_error(), (400, code.to_owned()), "{more:?}");
    }
    assert_eq!(sandbox.leftovers(), []);
}

#[tokio::test]
async fn quotas_are_kept() {
    let sandbox = sandbox_with(|world| {
        world.limits.alicloud_endpoints_per_vpc = 1;
        world.limits.alicloud_zones_per_endpoint = 1;
        world.limits.alicloud_groups_per_endpoint = 1;
    })
    .await;
    let ali = Ali::new(&sandbox);
    let zones = [("Zone.2.ZoneId", "ap-southeast-1b"), ("Zone.2.VSwitchId", ALICLOUD_VSWITCH_B)];
    assert_eq!(ali.create(&zones).await.code(), "QuotaExceeded.Zones");
    let groups = [("SecurityGroupId.2", ALICLOUD_GROUP_CLOSED)];
    assert_eq!(ali.create(&groups).await.code(), "QuotaExceeded.SecurityGroups");
    ali.created().await;
    assert_eq!(ali.create(&[]).await.code(), "QuotaExceeded.EndpointsPerVpc");
}

#[tokio::test]
async fn there_are_twenty_tags_at_most() {
    let sandbox = sandbox().await;
    let ali = Ali::new(&sandbox);
    let id = ali.created().await;
    let target = [("ResourceType", "vpcendpoint"), ("ResourceId.1", id.as_str())];
    let names: Vec<String> = (1..=21).map(|number| format!("Tag.{number}.Key")).collect();
    let tags = |count: usize| {
        let keys = names.iter().take(count).map(|name| (name.as_str(), name.as_str()));
        target.into_iter().chain(keys).collect::<Vec<_>>()
    };
    assert_eq!(ali.call("TagResources", &tags(21)).await.code(), "NumberExceed.Tags");
    assert_eq!(ali.call("TagResources", &tags(20)).await.code(), "OK");
    let one_more = [target[0], target[1], ("Tag.1.Key", "another")];
    assert_eq!(ali.call("TagResources", &one_more).await.code(), "NumberExceed.Tags");
    let unknown = [target[0], ("ResourceId.1", "ep-none"), ("Tag.1.Key", "a")];
    assert_eq!(ali.call("TagResources", &unknown).await.code(), "EndpointNotFound");
    let bucket = [("ResourceType", "bucket"), target[1], ("Tag.1.Key", "a")];
    assert_eq!(ali.call("TagResources", &bucket).await.code(), "InvalidResourceType");
}

#[tokio::test]
async fn an_error_has_the_services_own_form() {
    let sandbox = sandbox().await;
    let answer = Ali::new(&sandbox).call("GetVpcEndpointAttribute", &[("EndpointId", "ep-none")]).await;
    let body = answer.json();
    assert_eq!(body["Code"], "EndpointNotFound");
    assert_eq!(body["RequestId"], answer.header("x-acs-request-id"));
    for name in ["Message", "HostId", "Recommend"] {
        assert_ne!(body[name].as_str(), None, "{name}");
    }
    assert_eq!(sandbox.requests()[0].code.as_deref(), Some("EndpointNotFound"));
}

#[tokio::test]
async fn a_product_that_is_not_open_fails_as_a_whole() {
    let sandbox = sandbox_with(|world| world.alicloud.privatelink_closed = true).await;
    let ali = Ali::new(&sandbox);
    let closed = (400, "NeedOpenProduct".to_owned());
    assert_eq!(ali.call("CheckProductOpen", &[]).await.ali_error(), closed);
    assert_eq!(ali.create(&[]).await.ali_error(), closed);
    let vswitch = [("VSwitchId", ALICLOUD_VSWITCH_A)];
    assert_eq!(ali.call("DescribeVSwitchAttributes", &vswitch).await.code(), "OK");
    sandbox.world(|world| world.alicloud.privatelink_closed = false);
    assert_eq!(ali.call("CheckProductOpen", &[]).await.json()["Success"], true);
}

#[tokio::test]
async fn a_denied_action_is_refused_in_its_products_words() {
    let sandbox = sandbox_with(|world| {
        for key in &mut world.alicloud.access_keys {
            key.denied = ["CreateVpcEndpoint", "DescribeVSwitchAttributes", "DescribeSecurityGroupAttribute"]
                .map(str::to_owned)
                .to_vec();
        }
    })
    .await;
    let ali = Ali::new(&sandbox);
    let refused = ali.create(&[]).await;
    assert_eq!(refused.ali_error(), (403, "NoPermission".to_owned()));
    assert_eq!(refused.json()["AccessDeniedDetail"]["AuthAction"], "privatelink:CreateVpcEndpoint");
    let forbidden = (403, "Forbidden.RAM".to_owned());
    let vswitch = [("VSwitchId", ALICLOUD_VSWITCH_A)];
    assert_eq!(ali.call("DescribeVSwitchAttributes", &vswitch).await.ali_error(), forbidden);
    let group = [("SecurityGroupId", ALICLOUD_GROUP_OPEN)];
    assert_eq!(ali.call("DescribeSecurityGroupAttribute", &group).await.ali_error(), forbidden);
    assert_eq!(ali.call("ListVpcEndpoints", &[]).await.code(), "OK");
}

#[tokio::test]
async fn each_action_has_a_budget_of_its_own() {
    let sandbox = sandbox_with(|world| {
        world.limits.alicloud_burst = 1.0;
        world.limits.alicloud_rate = 0.5;
    })
    .await;
    let ali = Ali::new(&sandbox);
    assert_eq!(ali.call("ListVpcEndpoints", &[]).await.code(), "OK");
    let throttled = ali.call("ListVpcEndpoints", &[]).await;
    assert_eq!(throttled.ali_error(), (400, "Throttling.User".to_owned()));
    assert_eq!(throttled.header("x-acs-retry-after"), "2000");
    assert_eq!(ali.call("CheckProductOpen", &[]).await.code(), "OK");
    sandbox.advance(seconds(2));
    assert_eq!(ali.call("ListVpcEndpoints", &[]).await.code(), "OK");
}

#[tokio::test]
async fn planted_faults_strike_here_too() {
    let sandbox = sandbox().await;
    let ali = Ali::new(&sandbox);
    let locked = Effect::error(400, "EndpointLocked", "locked");
    sandbox.add_fault(Fault::new(Door::Alicloud, "CreateVpcEndpoint", locked));
    let refused = ali.create(&[]).await;
    assert_eq!(refused.ali_error(), (400, "EndpointLocked".to_owned()));
    assert_eq!(refused.json()["Message"], "locked");
    assert_eq!(sandbox.leftovers(), []);
    sandbox.add_fault(Fault::new(Door::Alicloud, "CreateVpcEndpoint", Effect::LostAfterEffect));
    let lost = [("VpcId", ALICLOUD_VPC_ID), ("ServiceName", ALICLOUD_SERVICE_NAME)];
    assert!(ali.try_call("CreateVpcEndpoint", &lost).await.is_err());
    assert_eq!(sandbox.leftovers().len(), 1);
    let unknown = json!({ "door": "alicloud", "operation": "RunInstances", "effect": { "reset": true } });
    let planted = control(&sandbox, Method::POST, "/faults", &unknown.to_string()).await;
    assert!(planted.text.contains("AddZoneToVpcEndpoint"), "{}", planted.text);
}

#[tokio::test]
async fn what_the_door_does_not_serve_is_not_found() {
    let sandbox = sandbox().await;
    let ali = Ali::new(&sandbox);
    let unknown = (404, "InvalidApi.NotFound".to_owned());
    assert_eq!(ali.call("OpenPrivateLinkService", &[]).await.ali_error(), unknown);
    let sent = ali.send_v3("ListVpcEndpoints", "2016-04-28", "RegionId=x", "").await.unwrap();
    assert_eq!(sent.json::<serde_json::Value>().await.unwrap()["Code"], "InvalidVersion");
    let lacking = ali.send_v3("ListVpcEndpoints", "2020-04-15", "", "").await.unwrap();
    assert_eq!(lacking.json::<serde_json::Value>().await.unwrap()["Code"], "MissingRegionId");
    let smuggled = ali.send_v3("GetMetadataToken", "", "", "").await.unwrap();
    assert_eq!(smuggled.status(), 404);
}

#[tokio::test]
async fn another_regions_endpoint_is_not_found() {
    let sandbox = sandbox().await;
    let mut ali = Ali::new(&sandbox);
    let id = ali.created().await;
    ali.region = "cn-hangzhou";
    assert_eq!(ali.state(&id).await.0, "EndpointNotFound");
    assert_eq!(ali.call("ListVpcEndpoints", &[]).await.json()["TotalCount"], 0);
}
