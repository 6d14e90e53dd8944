//! What happens to Alibaba Cloud endpoints behind everybody's back.

use reqwest::Method;
use serde_json::{Value, json};
use tidblink_sandbox::default_world::*;
use tidblink_sandbox::{Event, Sandbox};

use crate::support::{Ali, Aws, control, sandbox, sandbox_with, seconds};

async fn happen(sandbox: &Sandbox, event: Value) {
    let answer = control(sandbox, Method::POST, "/events", &event.to_string()).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
}

fn both(one: &str, two: &str) -> (String, String) {
    (one.to_owned(), two.to_owned())
}

/// A sandbox, a client, and an endpoint that is connected.
async fn connected() -> (Sandbox, Ali, String) {
    let sandbox = sandbox().await;
    let ali = Ali::new(&sandbox);
    let id = ali.created().await;
    sandbox.advance(seconds(30));
    (sandbox, ali, id)
}

#[tokio::test]
async fn a_connection_ends_and_is_accepted_again() {
    let (sandbox, ali, id) = connected().await;
    happen(&sandbox, json!({ "kind": "connection_disconnected", "endpoint_id": id })).await;
    assert_eq!(ali.state(&id).await, both("Active", "Disconnected"));
    assert_eq!(ali.zones(&id).await, [both("ap-southeast-1a", "Disconnected")]);
    happen(&sandbox, json!({ "kind": "connection_accepted", "endpoint_id": id })).await;
    assert_eq!(ali.state(&id).await, both("Active", "Connecting"));
    sandbox.advance(seconds(10));
    assert_eq!(ali.state(&id).await, both("Active", "Connected"));
    assert_eq!(ali.zones(&id).await, [both("ap-southeast-1a", "Connected")]);
}

#[tokio::test]
async fn a_service_disappears() {
    let (sandbox, ali, id) = connected().await;
    let deleted = json!({ "kind": "service_deleted", "service_name": ALICLOUD_SERVICE_NAME });
    happen(&sandbox, deleted.clone()).await;
    assert_eq!(ali.state(&id).await, both("Active", "ServiceDeleted"));
    let named = [("ServiceName", ALICLOUD_SERVICE_NAME)];
    assert_eq!(ali.call("ListVpcEndpointServicesByEndUser", &named).await.json()["TotalCount"], "0");
    let remove = [("EndpointId", id.as_str()), ("ZoneId", "ap-southeast-1a")];
    assert_eq!(ali.call("RemoveZoneFromVpcEndpoint", &remove).await.code(), "OK", "it can be taken down");
    let again = control(&sandbox, Method::POST, "/events", &deleted.to_string()).await;
    assert!(again.text.contains("there is no endpoint service"), "{}", again.text);
}

#[tokio::test]
async fn a_deleted_cluster_takes_its_service_along() {
    let (sandbox, ali, id) = connected().await;
    sandbox.event(Event::ClusterDeleted { cluster_id: ALICLOUD_CLUSTER_ID.to_owned() }).unwrap();
    assert_eq!(ali.state(&id).await, both("Active", "ServiceDeleted"));
}

#[tokio::test]
async fn an_endpoint_is_deleted_with_its_zones() {
    let (sandbox, ali, id) = connected().await;
    happen(&sandbox, json!({ "kind": "endpoint_deleted", "endpoint_id": id })).await;
    assert_eq!(ali.state(&id).await.0, "EndpointNotFound");
    assert_eq!(sandbox.leftovers(), []);
    let free = sandbox.world(|world| world.alicloud.vswitch(ALICLOUD_VSWITCH_A).unwrap().free_addresses);
    assert_eq!(free, 252);
}

#[tokio::test]
async fn zones_groups_and_tags_are_changed_by_somebody_else() {
    let (sandbox, ali, id) = connected().await;
    let tag =
        [("ResourceType", "vpcendpoint"), ("ResourceId.1", &id), ("Tag.1.Key", "a"), ("Tag.2.Key", "b")];
    assert_eq!(ali.call("TagResources", &tag).await.code(), "OK");
    let event = json!({ "kind": "tags_removed", "endpoint_id": id, "keys": ["a"] });
    happen(&sandbox, event).await;
    let tags = ali.call("ListTagResources", &tag[..2]).await.json();
    assert_eq!(tags["TagResources"].as_array().unwrap().len(), 1);
    let event = json!({
        "kind": "endpoint_security_groups",
        "endpoint_id": id,
        "security_group_ids": [ALICLOUD_GROUP_CLOSED],
    });
    happen(&sandbox, event).await;
    assert_eq!(ali.groups(&id).await, [both(ALICLOUD_GROUP_CLOSED, "Attached")]);
    let event = json!({
        "kind": "endpoint_subnets",
        "endpoint_id": id,
        "subnet_ids": [ALICLOUD_VSWITCH_B],
    });
    happen(&sandbox, event).await;
    assert_eq!(ali.zones(&id).await, [both("ap-southeast-1b", "Connected")]);
    let event = json!({
        "kind": "endpoint_business_status",
        "endpoint_id": id,
        "status": "FinancialLocked",
    });
    happen(&sandbox, event).await;
    let got = ali.call("GetVpcEndpointAttribute", &[("EndpointId", &id)]).await.json();
    assert_eq!(got["EndpointBusinessStatus"], "FinancialLocked");
}

#[tokio::test]
async fn a_product_closes_and_a_service_stops_accepting() {
    let sandbox = sandbox().await;
    let ali = Ali::new(&sandbox);
    happen(&sandbox, json!({ "kind": "product_open", "open": false })).await;
    assert_eq!(ali.call("CheckProductOpen", &[]).await.code(), "NeedOpenProduct");
    happen(&sandbox, json!({ "kind": "product_open", "open": true })).await;
    let event = json!({
        "kind": "service_auto_accept",
        "service_name": ALICLOUD_SERVICE_NAME,
        "auto_accept": false,
    });
    happen(&sandbox, event).await;
    let id = ali.created().await;
    sandbox.advance(seconds(1000));
    assert_eq!(ali.state(&id).await, both("Active", "Disconnected"));
}

#[tokio::test]
async fn a_service_shows_itself_to_whom_its_owner_lets_see_it() {
    let sandbox = sandbox().await;
    let ali = Ali::new(&sandbox);
    for (visible, seen) in [(false, 0), (true, 1)] {
        let event =
            json!({ "kind": "service_visible", "service_name": ALICLOUD_SERVICE_NAME, "visible": visible });
        happen(&sandbox, event).await;
        let listed = ali.call("ListVpcEndpointServicesByEndUser", &[]).await.json();
        assert_eq!(listed["Services"].as_array().unwrap().len(), seen);
    }
}

#[tokio::test]
async fn the_same_events_reach_endpoints_on_aws() {
    let sandbox = sandbox_with(|_| {}).await;
    let aws = Aws::new(&sandbox, "us-west-2");
    let id = aws.create_dedicated_endpoint().await;
    happen(&sandbox, json!({ "kind": "connection_accepted", "endpoint_id": id })).await;
    assert_eq!(aws.state(&id).await, "pending");
    sandbox.advance(seconds(30));
    assert_eq!(aws.state(&id).await, "available");
    let event = json!({ "kind": "endpoint_subnets", "endpoint_id": id, "subnet_ids": [WEST_SUBNET_AZ2] });
    happen(&sandbox, event).await;
    let event = json!({
        "kind": "endpoint_security_groups",
        "endpoint_id": id,
        "security_group_ids": [WEST_GROUP_CLOSED],
    });
    happen(&sandbox, event).await;
    let described = aws.call("DescribeVpcEndpoints", &[("VpcEndpointId.1", &id)]).await;
    assert_eq!(described.element("subnetIdSet"), format!("<item>{WEST_SUBNET_AZ2}</item>"));
    assert_eq!(described.element("groupId"), WEST_GROUP_CLOSED);
    assert_eq!(sandbox.world(|world| world.aws.network_interfaces.len()), 1);
    happen(&sandbox, json!({ "kind": "service_deleted", "service_name": DEDICATED_SERVICE_NAME })).await;
    assert_eq!(aws.state(&id).await, "rejected");
}
