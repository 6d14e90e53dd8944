//! The endpoint services that this account may use. One that it is not on the whitelist of cannot be told from one that
//! does not exist: the list is empty for both.

use serde_json::{Value, json};

use super::paging::{Page, with_next};
use super::params::Params;
use crate::world::{AlicloudEndpointService, AlicloudError, World};

pub(super) fn list(world: &World, params: &Params) -> Result<Value, AlicloudError> {
    let region = params.required("RegionId")?;
    let service_region = params.get("ServiceRegionId").unwrap_or(region);
    let wanted = |name: &str, value: &str| params.get(name).is_none_or(|wanted| wanted == value);
    // Services here bear no tags.
    let untagged = params.tag_filter().is_empty();
    let services: Vec<Value> = world
        .alicloud
        .services
        .iter()
        .filter(|service| untagged && !service.hidden && service.region == service_region)
        .filter(|service| {
            wanted("ServiceId", &service.service_id)
                && wanted("ServiceName", &service.service_name)
                && wanted("ServiceType", "Interface")
        })
        .map(row)
        .collect();
    let page = Page::of(params, &world.limits, services, 50, 1000)?;
    let body = json!({
        "Services": page.items,
        "MaxResults": page.size,
        // A string here, and here only.
        "TotalCount": page.total.to_string(),
    });
    Ok(with_next(body, page.next))
}

fn row(service: &AlicloudEndpointService) -> Value {
    json!({
        "ServiceId": service.service_id,
        "ServiceName": service.service_name,
        "ServiceDomain": format!("{}.{}.privatelink.aliyuncs.com", service.service_id, service.region),
        "ServiceType": "Interface",
        "ServiceResourceType": "nlb",
        "AutoAcceptEnabled": service.auto_accept,
        "Zones": service.zone_ids,
        "Payer": "Endpoint",
        "AddressIpVersion": "IPv4",
        "ServiceSupportIPv6": false,
        "ZoneAffinityEnabled": false,
        "VpcEndpointPolicySupported": false,
        "ResourceGroupId": "",
        "Tags": [],
    })
}
