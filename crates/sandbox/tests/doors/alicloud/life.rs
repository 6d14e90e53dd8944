//! The life of a PrivateLink endpoint: made, connected, changed, taken down.

use serde_json::json;
use tidblink_sandbox::LeftoverKind;
use tidblink_sandbox::default_world::*;

use crate::support::{Ali, sandbox, sandbox_with, seconds};

fn both(one: &str, two: &str) -> (String, String) {
    (one.to_owned(), two.to_owned())
}

const ZONE_A: &str = "ap-southeast-1a";
const ZONE_B: &str = "ap-southeast-1b";

#[tokio::test]
async fn an_endpoint_becomes_active_then_connected() {
    let sandbox = sandbox().await;
    let ali = Ali::new(&sandbox);
    let made = ali
        .create(&[
            ("EndpointName", "orders"),
            ("EndpointDescription", "to TiDB Cloud"),
            ("Zone.2.ZoneId", ZONE_B),
            ("Zone.2.VSwitchId", ALICLOUD_VSWITCH_B),
            ("Tag.1.Key", "team"),
            ("Tag.1.Value", "db"),
        ])
        .await
        .json();
    let id = made["EndpointId"].as_str().unwrap();
    assert_eq!(id.len(), "ep-".len() + 20);
    assert_eq!(made["EndpointStatus"], "Creating");
    assert_eq!(made["ConnectionStatus"], "Disconnected");
    assert_eq!(
        made["EndpointDomain"],
        json!(format!("{id}.epsrv-t4nsandbox0000000001.ap-southeast-1.privatelink.aliyuncs.com"))
    );
    sandbox.advance(seconds(14));
    assert_eq!(ali.zones(id).await, [both(ZONE_A, "Creating"), both(ZONE_B, "Creating")]);
    assert_eq!(ali.groups(id).await, [both(ALICLOUD_GROUP_OPEN, "Attaching")]);
    sandbox.advance(seconds(1));
    assert_eq!(ali.zones(id).await, [both(ZONE_A, "Wait"), both(ZONE_B, "Wait")]);
    sandbox.advance(seconds(5));
    assert_eq!(ali.state(id).await, both("Active", "Connecting"));
    assert_eq!(ali.zones(id).await, [both(ZONE_A, "Connecting"), both(ZONE_B, "Connecting")]);
    assert_eq!(ali.groups(id).await, [both(ALICLOUD_GROUP_OPEN, "Attached")]);
    sandbox.advance(seconds(10));
    assert_eq!(ali.state(id).await, both("Active", "Connected"));
    assert_eq!(ali.zones(id).await, [both(ZONE_A, "Connected"), both(ZONE_B, "Connected")]);
    let got = ali.call("GetVpcEndpointAttribute", &[("EndpointId", id)]).await.json();
    for (name, expected) in [
        ("EndpointName", json!("orders")),
        ("EndpointDescription", json!("to TiDB Cloud")),
        ("EndpointType", json!("Interface")),
        ("EndpointBusinessStatus", json!("Normal")),
        ("ServiceName", json!(ALICLOUD_SERVICE_NAME)),
        ("VpcId", json!(ALICLOUD_VPC_ID)),
        ("RegionId", json!("ap-southeast-1")),
        ("ResourceOwner", json!(true)),
        ("Tags", json!(null)),
    ] {
        assert_eq!(got[name], expected, "{name}");
    }
    let zones = ali.call("ListVpcEndpointZones", &[("EndpointId", id)]).await.json();
    let zone = &zones["Zones"][0];
    let domain = zone["ZoneDomain"].as_str().unwrap();
    assert!(domain.starts_with(&format!("{id}-{ZONE_A}.epsrv-")), "{domain}");
    assert!(zone["EniId"].as_str().unwrap().starts_with("eni-"));
    assert!(zone["EniIp"].as_str().unwrap().starts_with("10.30.1."));
    assert_eq!(zone["VSwitchId"], ALICLOUD_VSWITCH_A);
}

#[tokio::test]
async fn a_service_that_does_not_accept_by_itself_leaves_it_disconnected() {
    let sandbox = sandbox_with(|world| world.alicloud.services[0].auto_accept = false).await;
    let ali = Ali::new(&sandbox);
    let id = ali.created().await;
    sandbox.advance(seconds(10_000));
    assert_eq!(ali.state(&id).await, both("Active", "Disconnected"));
    assert_eq!(ali.zones(&id).await, [both(ZONE_A, "Wait")]);
}

#[tokio::test]
async fn zones_come_and_go_one_at_a_time() {
    let sandbox = sandbox().await;
    let ali = Ali::new(&sandbox);
    let id = ali.created().await;
    let add = [("EndpointId", id.as_str()), ("ZoneId", ZONE_B), ("VSwitchId", ALICLOUD_VSWITCH_B)];
    assert_eq!(ali.call("AddZoneToVpcEndpoint", &add).await.code(), "EndpointOperationDenied");
    sandbox.advance(seconds(20));
    let early = ali.call("AddZoneToVpcEndpoint", &add).await.code();
    assert_eq!(early, "EndpointConnectionOperationDenied", "the connection is being made");
    sandbox.advance(seconds(10));
    assert_eq!(ali.call("AddZoneToVpcEndpoint", &add).await.code(), "OK");
    assert_eq!(ali.state(&id).await, both("Pending", "Connected"));
    assert_eq!(ali.call("AddZoneToVpcEndpoint", &add).await.code(), "EndpointOperationDenied");
    sandbox.advance(seconds(15));
    assert_eq!(ali.state(&id).await, both("Active", "Connected"));
    assert_eq!(ali.zones(&id).await, [both(ZONE_A, "Connected"), both(ZONE_B, "Connecting")]);
    sandbox.advance(seconds(10));
    assert_eq!(ali.zones(&id).await, [both(ZONE_A, "Connected"), both(ZONE_B, "Connected")]);

    let remove = [("EndpointId", id.as_str()), ("ZoneId", ZONE_A)];
    assert_eq!(ali.call("RemoveZoneFromVpcEndpoint", &remove).await.code(), "OK");
    assert_eq!(ali.zones(&id).await, [both(ZONE_A, "Deleting"), both(ZONE_B, "Connected")]);
    sandbox.advance(seconds(10));
    assert_eq!(ali.zones(&id).await, [both(ZONE_B, "Connected")]);
    assert_eq!(ali.call("RemoveZoneFromVpcEndpoint", &remove).await.code(), "EndpointZoneNotFound");
}

#[tokio::test]
async fn security_groups_come_and_go() {
    let sandbox = sandbox().await;
    let ali = Ali::new(&sandbox);
    let id = ali.created().await;
    sandbox.advance(seconds(30));
    let closed = [("EndpointId", id.as_str()), ("SecurityGroupId", ALICLOUD_GROUP_CLOSED)];
    assert_eq!(ali.call("AttachSecurityGroupToVpcEndpoint", &closed).await.code(), "OK");
    assert_eq!(ali.state(&id).await, both("Pending", "Connected"));
    assert_eq!(
        ali.groups(&id).await,
        [both(ALICLOUD_GROUP_OPEN, "Attached"), both(ALICLOUD_GROUP_CLOSED, "Attaching")]
    );
    sandbox.advance(seconds(10));
    let again = ali.call("AttachSecurityGroupToVpcEndpoint", &closed).await.code();
    assert_eq!(again, "InvalidSecurityGroupId.Duplicate");
    let open = [("EndpointId", id.as_str()), ("SecurityGroupId", ALICLOUD_GROUP_OPEN)];
    assert_eq!(ali.call("DetachSecurityGroupFromVpcEndpoint", &open).await.code(), "OK");
    assert_eq!(ali.groups(&id).await[0], both(ALICLOUD_GROUP_OPEN, "Detaching"));
    sandbox.advance(seconds(10));
    assert_eq!(ali.groups(&id).await, [both(ALICLOUD_GROUP_CLOSED, "Attached")]);
    let again = ali.call("DetachSecurityGroupFromVpcEndpoint", &open).await.code();
    assert_eq!(again, "InvalidSecurityGroupId.NotAttached");
}

#[tokio::test]
async fn an_endpoint_without_groups_cannot_be_given_one() {
    let sandbox = sandbox().await;
    let ali = Ali::new(&sandbox);
    let bare = [("VpcId", ALICLOUD_VPC_ID), ("ServiceId", "epsrv-t4nsandbox0000000001")];
    let made = ali.call("CreateVpcEndpoint", &bare).await.json();
    let id = made["EndpointId"].as_str().unwrap();
    sandbox.advance(seconds(30));
    assert_eq!(ali.state(id).await, both("Active", "Connected"), "zones may come later");
    let attach = [("EndpointId", id), ("SecurityGroupId", ALICLOUD_GROUP_OPEN)];
    let refused = ali.call("AttachSecurityGroupToVpcEndpoint", &attach).await.ali_error();
    assert_eq!(refused, (400, "AddSecurityGroupNotSupportWhenHaveNoSg".to_owned()));
}

#[tokio::test]
async fn zones_go_before_their_endpoint() {
    let sandbox = sandbox().await;
    let ali = Ali::new(&sandbox);
    let id = ali.created().await;
    let named = [("EndpointId", id.as_str())];
    assert_eq!(ali.call("DeleteVpcEndpoint", &named).await.code(), "EndpointOperationDenied");
    sandbox.advance(seconds(30));
    let kinds: Vec<LeftoverKind> = sandbox.leftovers().iter().map(|item| item.kind).collect();
    assert_eq!(kinds, [LeftoverKind::Endpoint, LeftoverKind::NetworkInterface]);
    let (status, code) = ali.call("DeleteVpcEndpoint", &named).await.ali_error();
    assert_eq!(status, 400);
    assert!(code.starts_with("EndpointDependence"), "{code}");
    let remove = [("EndpointId", id.as_str()), ("ZoneId", ZONE_A)];
    assert_eq!(ali.call("RemoveZoneFromVpcEndpoint", &remove).await.code(), "OK");
    sandbox.advance(seconds(10));
    assert_eq!(ali.call("DeleteVpcEndpoint", &named).await.code(), "OK");
    assert_eq!(ali.state(&id).await, both("Deleting", "Deleting"));
    sandbox.advance(seconds(20));
    assert_eq!(ali.state(&id).await.0, "EndpointNotFound");
    assert_eq!(ali.call("DeleteVpcEndpoint", &named).await.ali_error(), (400, "EndpointNotFound".to_owned()));
    assert_eq!(sandbox.leftovers(), []);
    let free = sandbox.world(|world| world.alicloud.vswitch(ALICLOUD_VSWITCH_A).unwrap().free_addresses);
    assert_eq!(free, 252, "its address is free again");
}

#[tokio::test]
async fn names_change_at_once() {
    let sandbox = sandbox().await;
    let ali = Ali::new(&sandbox);
    let id = ali.created().await;
    let rename = [("EndpointId", id.as_str()), ("EndpointName", "new-name")];
    assert_eq!(ali.call("UpdateVpcEndpointAttribute", &rename).await.code(), "EndpointOperationDenied");
    sandbox.advance(seconds(30));
    assert_eq!(ali.call("UpdateVpcEndpointAttribute", &rename).await.code(), "OK");
    let got = ali.call("GetVpcEndpointAttribute", &rename[..1]).await.json();
    assert_eq!((&got["EndpointName"], &got["EndpointStatus"]), (&json!("new-name"), &json!("Active")));
}

#[tokio::test]
async fn tags_are_written_in_a_form_and_listed_in_two_places() {
    let sandbox = sandbox().await;
    let ali = Ali::new(&sandbox);
    let id = ali.created().await;
    let target = [("ResourceType", "VpcEndpoint"), ("ResourceId.1", id.as_str())];
    let tag = [target[0], target[1], ("Tag.1.Key", "a"), ("Tag.1.Value", "x & y"), ("Tag.2.Key", "b")];
    assert_eq!(ali.call("TagResources", &tag).await.code(), "OK", "while it is being made, too");
    let listed = ali.call("ListTagResources", &target).await.json();
    assert_eq!(
        listed["TagResources"],
        json!([
            { "ResourceId": id, "ResourceType": "vpcendpoint", "TagKey": "a", "TagValue": "x & y" },
            { "ResourceId": id, "ResourceType": "vpcendpoint", "TagKey": "b", "TagValue": "" },
        ])
    );
    let by_tag = [("Tag.1.Key", "a"), ("Tag.1.Value", "x & y")];
    let rows = ali.call("ListVpcEndpoints", &by_tag).await.json();
    assert_eq!(rows["Endpoints"][0]["EndpointId"], json!(id));
    assert_eq!(
        rows["Endpoints"][0]["Tags"],
        json!([{ "Key": "a", "Value": "x & y" }, { "Key": "b", "Value": "" }])
    );
    let untag = [target[0], target[1], ("TagKey.1", "a")];
    assert_eq!(ali.call("UntagResources", &untag).await.code(), "OK");
    assert_eq!(ali.call("ListVpcEndpoints", &by_tag).await.json()["TotalCount"], 0);
    assert_eq!(ali.call("UntagResources", &target).await.code(), "MissingTagKey");
    let all = [target[0], target[1], ("All", "True")];
    assert_eq!(ali.call("UntagResources", &all).await.code(), "OK");
    assert_eq!(ali.call("ListTagResources", &target).await.json()["TagResources"], json!([]));
}

#[tokio::test]
async fn a_client_token_makes_one_endpoint() {
    let sandbox = sandbox().await;
    let ali = Ali::new(&sandbox);
    let token = ("ClientToken", "a-token");
    let made = ali.create(&[token]).await.json();
    let again = ali.create(&[token]).await.json();
    assert_eq!(made["EndpointId"], again["EndpointId"]);
    let other = ali.create(&[token, ("EndpointName", "another")]).await;
    assert_eq!(other.ali_error(), (400, "IdempotenceSignatureMismatch".to_owned()));
    sandbox.advance(seconds(30));
    let id = made["EndpointId"].as_str().unwrap();
    let add = [
        ("EndpointId", id),
        ("ZoneId", ZONE_B),
        ("VSwitchId", ALICLOUD_VSWITCH_B),
        ("ClientToken", "another-token"),
    ];
    assert_eq!(ali.call("AddZoneToVpcEndpoint", &add).await.code(), "OK");
    assert_eq!(ali.call("AddZoneToVpcEndpoint", &add).await.code(), "OK", "the same request again");
    assert_eq!(ali.zones(id).await.len(), 2);
    let long = "x".repeat(65);
    assert_eq!(ali.create(&[("ClientToken", &long)]).await.code(), "InvalidClientToken");
}

#[tokio::test]
async fn a_dry_run_is_an_error_and_changes_nothing() {
    let sandbox = sandbox().await;
    let ali = Ali::new(&sandbox);
    for flag in ["true", "True"] {
        let tried = ali.create(&[("DryRun", flag), ("ClientToken", "t")]).await;
        assert_eq!(tried.ali_error(), (400, "DryRunOperation".to_owned()));
    }
    let tried = ali.create(&[("DryRun", "true"), ("VpcId", "vpc-none")]).await;
    assert_eq!(tried.code(), "InvalidVpcId.NotFound", "a dry run checks");
    assert_eq!(sandbox.leftovers(), []);
    assert_eq!(ali.create(&[("ClientToken", "t")]).await.code(), "OK", "the token is still free");
}

#[tokio::test]
async fn the_same_seed_gives_the_same_ids() {
    let (one, two) = (sandbox().await, sandbox().await);
    assert_eq!(Ali::new(&one).created().await, Ali::new(&two).created().await);
}

#[tokio::test]
async fn a_world_with_endpoints_survives_json() {
    let sandbox = sandbox().await;
    Ali::new(&sandbox).created().await;
    let world = sandbox.world(|world| world.clone());
    let json = serde_json::to_string(&world).unwrap();
    assert_eq!(serde_json::from_str::<tidblink_sandbox::world::World>(&json).unwrap(), world);
}
