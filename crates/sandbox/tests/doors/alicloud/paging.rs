//! Lists in pages, of both kinds.

use serde_json::{Value, json};
use tidblink_sandbox::default_world::*;

use crate::support::{Ali, sandbox, sandbox_with};

/// All rows of a list with tokens, page by page, and how many pages there were.
async fn walk(ali: &Ali, action: &str, rows: &str, parameters: &[(&str, &str)]) -> (Vec<Value>, usize) {
    let (mut seen, mut pages, mut token) = (Vec::new(), 0, String::new());
    loop {
        let mut all = parameters.to_vec();
        all.push(("NextToken", &token));
        let page = ali.call(action, &all).await.json();
        seen.extend(page[rows].as_array().unwrap().clone());
        pages += 1;
        match page["NextToken"].as_str() {
            Some(next) => token = next.to_owned(),
            None => return (seen, pages),
        }
    }
}

#[tokio::test]
async fn endpoints_are_found_by_filter_and_in_pages() {
    let sandbox = sandbox().await;
    let ali = Ali::new(&sandbox);
    let named = ali.create(&[("EndpointName", "named")]).await.json();
    for _ in 0..4 {
        ali.created().await;
    }
    let (rows, pages) = walk(&ali, "ListVpcEndpoints", "Endpoints", &[("MaxResults", "2")]).await;
    assert_eq!((rows.len(), pages), (5, 3));
    let id = named["EndpointId"].as_str().unwrap();
    for filter in [
        [("EndpointId", id), ("VpcId", ALICLOUD_VPC_ID)],
        [("EndpointName", "named"), ("ServiceName", ALICLOUD_SERVICE_NAME)],
        [("EndpointId", id), ("EndpointStatus", "Creating")],
        [("EndpointId", id), ("ConnectionStatus", "Disconnected")],
    ] {
        let found = ali.call("ListVpcEndpoints", &filter).await.json();
        assert_eq!((&found["TotalCount"], &found["Endpoints"][0]["EndpointId"]), (&json!(1), &json!(id)));
    }
    for filter in [("VpcId", "vpc-none"), ("ServiceName", "none"), ("EndpointStatus", "Active")] {
        assert_eq!(ali.call("ListVpcEndpoints", &[filter]).await.json()["TotalCount"], 0, "{filter:?}");
    }
}

#[tokio::test]
async fn page_sizes_and_tokens_are_checked() {
    let sandbox = sandbox().await;
    let ali = Ali::new(&sandbox);
    let id = ali.created().await;
    for size in ["0", "1001", "x"] {
        assert_eq!(ali.call("ListVpcEndpoints", &[("MaxResults", size)]).await.code(), "InvalidMaxResults");
    }
    let groups = [("EndpointId", id.as_str()), ("MaxResults", "51")];
    assert_eq!(ali.call("ListVpcEndpointSecurityGroups", &groups).await.code(), "InvalidMaxResults");
    let token = [("NextToken", "made-up")];
    assert_eq!(ali.call("ListVpcEndpoints", &token).await.code(), "InvalidNextToken");
}

#[tokio::test]
async fn a_world_may_force_small_pages() {
    let sandbox = sandbox_with(|world| world.limits.page_size = Some(1)).await;
    let ali = Ali::new(&sandbox);
    let made = ali
        .create(&[
            ("Zone.2.ZoneId", "ap-southeast-1b"),
            ("Zone.2.VSwitchId", ALICLOUD_VSWITCH_B),
            ("SecurityGroupId.2", ALICLOUD_GROUP_CLOSED),
            ("Tag.1.Key", "a"),
            ("Tag.2.Key", "b"),
        ])
        .await
        .json();
    let id = made["EndpointId"].as_str().unwrap();
    let of_it = [("EndpointId", id), ("MaxResults", "50")];
    let tags = [("ResourceType", "vpcendpoint"), ("ResourceId.1", id)];
    for (action, rows, parameters) in [
        ("ListVpcEndpointZones", "Zones", &of_it),
        ("ListVpcEndpointSecurityGroups", "SecurityGroups", &of_it),
        ("ListTagResources", "TagResources", &tags),
    ] {
        let (seen, pages) = walk(&ali, action, rows, parameters).await;
        assert_eq!((seen.len(), pages), (2, 2), "{action}");
    }
    let page = ali.call("DescribeVSwitches", &[("PageSize", "50")]).await.json();
    assert_eq!((&page["PageSize"], &page["TotalCount"]), (&json!(1), &json!(4)));
}

#[tokio::test]
async fn older_lists_have_numbered_pages() {
    let sandbox = sandbox().await;
    let ali = Ali::new(&sandbox);
    let mut seen = Vec::new();
    for number in ["1", "2", "3"] {
        let page = ali
            .call(
                "DescribeVSwitches",
                &[("VpcId", ALICLOUD_VPC_ID), ("PageSize", "3"), ("PageNumber", number)],
            )
            .await
            .json();
        assert_eq!(page["TotalCount"], 4);
        let rows = page["VSwitches"]["VSwitch"].as_array().unwrap().clone();
        seen.extend(rows.iter().map(|row| row["VSwitchId"].as_str().unwrap().to_owned()));
    }
    assert_eq!(seen, [ALICLOUD_VSWITCH_A, ALICLOUD_VSWITCH_B, ALICLOUD_VSWITCH_C, ALICLOUD_VSWITCH_A_SECOND]);
    let groups = ali.call("DescribeSecurityGroups", &[("PageSize", "1"), ("PageNumber", "2")]).await.json();
    assert_eq!(groups["SecurityGroups"]["SecurityGroup"][0]["SecurityGroupId"], ALICLOUD_GROUP_CLOSED);
    assert_eq!(groups["TotalCount"], 2);
    assert_eq!(ali.call("DescribeVSwitches", &[("PageNumber", "0")]).await.code(), "InvalidPageNumber");
}
