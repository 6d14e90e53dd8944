//! What the door tells of services and of the network around an endpoint.

use serde_json::json;
use tidblink_sandbox::default_world::*;

use crate::support::{Ali, sandbox, sandbox_with};

#[tokio::test]
async fn a_service_is_told_to_those_on_its_whitelist() {
    let sandbox = sandbox().await;
    let ali = Ali::new(&sandbox);
    let named = [("ServiceName", ALICLOUD_SERVICE_NAME)];
    let found = ali.call("ListVpcEndpointServicesByEndUser", &named).await.json();
    assert_eq!(found["TotalCount"], "1", "a string, as in the real API");
    let service = &found["Services"][0];
    assert_eq!(service["Zones"], json!(["ap-southeast-1a", "ap-southeast-1b"]));
    assert_eq!(service["AutoAcceptEnabled"], true);
    assert_eq!(service["ServiceId"], "epsrv-t4nsandbox0000000001");
    let unknown = [("ServiceName", "com.aliyuncs.privatelink.ap-southeast-1.epsrv-none")];
    let none = ali.call("ListVpcEndpointServicesByEndUser", &unknown).await;
    assert_eq!((none.status, &none.json()["Services"]), (200, &json!([])));
    let abroad = Ali { region: "cn-hangzhou", ..ali };
    let none = abroad.call("ListVpcEndpointServicesByEndUser", &named).await.json();
    assert_eq!(none["TotalCount"], "0");
}

#[tokio::test]
async fn networks_and_vswitches_are_told_flat_or_wrapped() {
    let sandbox = sandbox().await;
    let ali = Ali::new(&sandbox);
    let vswitch = ali.call("DescribeVSwitchAttributes", &[("VSwitchId", ALICLOUD_VSWITCH_B)]).await.json();
    assert_eq!(vswitch["VSwitchId"], ALICLOUD_VSWITCH_B);
    assert_eq!(vswitch["ZoneId"], "ap-southeast-1b");
    assert_eq!(vswitch["VpcId"], ALICLOUD_VPC_ID);
    assert_eq!(vswitch["Status"], "Available");
    let vpc = ali.call("DescribeVpcAttribute", &[("VpcId", ALICLOUD_VPC_ID)]).await.json();
    assert_eq!(vpc["CidrBlock"], "10.30.0.0/16");
    assert_eq!(vpc["VSwitchIds"]["VSwitchId"].as_array().unwrap().len(), 4);
    let in_zone = [("VpcId", ALICLOUD_VPC_ID), ("ZoneId", "ap-southeast-1a")];
    let listed = ali.call("DescribeVSwitches", &in_zone).await.json();
    assert_eq!(listed["TotalCount"], 2);
    let vpcs = ali.call("DescribeVpcs", &[("VpcId", ALICLOUD_VPC_ID)]).await.json();
    assert_eq!(vpcs["Vpcs"]["Vpc"][0]["VpcId"], ALICLOUD_VPC_ID);
}

#[tokio::test]
async fn a_group_tells_its_network_and_rules() {
    let sandbox = sandbox().await;
    let ali = Ali::new(&sandbox);
    let named = [("SecurityGroupId", ALICLOUD_GROUP_OPEN)];
    let group = ali.call("DescribeSecurityGroupAttribute", &named).await.json();
    assert_eq!(group["VpcId"], ALICLOUD_VPC_ID);
    let rule = &group["Permissions"]["Permission"][0];
    for (name, expected) in [
        ("IpProtocol", "TCP"),
        ("PortRange", "4000/4000"),
        ("SourceCidrIp", "10.0.0.0/8"),
        ("Direction", "ingress"),
        ("Policy", "Accept"),
    ] {
        assert_eq!(rule[name], expected, "{name}");
    }
    let outward = [named[0], ("Direction", "egress")];
    let group = ali.call("DescribeSecurityGroupAttribute", &outward).await.json();
    assert_eq!(group["Permissions"]["Permission"], json!([]));
    let ids = json!([ALICLOUD_GROUP_CLOSED, "sg-none"]).to_string();
    let listed = ali.call("DescribeSecurityGroups", &[("SecurityGroupIds", &ids)]).await.json();
    assert_eq!(listed["TotalCount"], 1);
}

#[tokio::test]
async fn what_is_not_there_is_not_found() {
    let sandbox = sandbox().await;
    let ali = Ali::new(&sandbox);
    for (action, name, code) in [
        ("DescribeVpcAttribute", "VpcId", "InvalidVpcID.NotFound"),
        ("DescribeVSwitchAttributes", "VSwitchId", "InvalidVSwitchId.NotFound"),
        ("DescribeSecurityGroupAttribute", "SecurityGroupId", "InvalidSecurityGroupId.NotFound"),
    ] {
        assert_eq!(ali.call(action, &[(name, "none")]).await.ali_error(), (404, code.to_owned()));
    }
    let abroad = Ali { region: "cn-hangzhou", ..ali };
    let vpc = [("VpcId", ALICLOUD_VPC_ID)];
    assert_eq!(abroad.call("DescribeVpcAttribute", &vpc).await.code(), "InvalidVpcID.NotFound");
}

#[tokio::test]
async fn an_absent_vswitch_may_be_an_empty_answer() {
    let sandbox = sandbox_with(|world| world.alicloud.absent_vswitch_is_empty = true).await;
    let answer = Ali::new(&sandbox).call("DescribeVSwitchAttributes", &[("VSwitchId", "none")]).await;
    assert_eq!((answer.status, &answer.json()["VSwitchId"]), (200, &json!("")));
}
