//! Actions on endpoints themselves.

use serde_json::{Value, json};

use super::paging::{Page, with_next};
use super::params::{Params, matches_tags};
use super::write::write;
use crate::world::{AlicloudEndpoint, AlicloudError, NewAlicloudEndpoint, World};

/// What an endpoint may do; these services accept no other.
const FULL_ACCESS: &str =
    r#"{"Version":"1","Statement":[{"Effect":"Allow","Action":"*","Principal":"*","Resource":"*"}]}"#;

pub(super) fn create(world: &mut World, params: &Params) -> Result<Value, AlicloudError> {
    let region = params.required("RegionId")?;
    params.only("EndpointType", &["Interface"])?;
    params.only("AddressIpVersion", &["IPv4"])?;
    params.only("ZonePrivateIpAddressCount", &["1"])?;
    if params.get("ServiceRegionId").is_some_and(|service_region| service_region != region) {
        return Err(AlicloudError::new(
            "UnsupportedRegion",
            "The endpoint and its endpoint service must be in one region.",
        ));
    }
    let new = NewAlicloudEndpoint {
        region: region.to_owned(),
        vpc_id: params.required("VpcId")?.to_owned(),
        service_id: params.owned("ServiceId"),
        service_name: params.owned("ServiceName"),
        name: params.owned("EndpointName"),
        description: params.owned("EndpointDescription"),
        security_group_ids: params.list("SecurityGroupId"),
        zones: params.zones()?,
        tags: params.tags()?,
    };
    let id = write(world, "CreateVpcEndpoint", params, |world| world.create_alicloud_endpoint(&new))?;
    Ok(common(world.alicloud_endpoint(region, &id)?))
}

pub(super) fn get(world: &World, params: &Params) -> Result<Value, AlicloudError> {
    let region = params.required("RegionId")?;
    let endpoint = world.alicloud_endpoint(region, params.required("EndpointId")?)?;
    Ok(attributes(endpoint))
}

pub(super) fn list(world: &World, params: &Params) -> Result<Value, AlicloudError> {
    let region = params.required("RegionId")?;
    let tags = params.tag_filter();
    let wanted = |name: &str, value: &str| params.get(name).is_none_or(|wanted| wanted == value);
    let endpoints: Vec<Value> = world
        .alicloud
        .endpoints
        .iter()
        .filter(|endpoint| endpoint.region == region && matches_tags(&endpoint.tags, &tags))
        .filter(|endpoint| {
            wanted("EndpointId", &endpoint.endpoint_id)
                && wanted("EndpointName", &endpoint.name)
                && wanted("EndpointStatus", endpoint.status.as_str())
                && wanted("ConnectionStatus", endpoint.connection_status.as_str())
                && wanted("EndpointType", "Interface")
                && wanted("AddressIpVersion", "IPv4")
                && wanted("ServiceName", &endpoint.service_name)
                && wanted("ServiceRegionId", &endpoint.region)
                && wanted("VpcId", &endpoint.vpc_id)
        })
        .map(|endpoint| {
            let mut row = attributes(endpoint);
            let tags: Vec<Value> =
                endpoint.tags.iter().map(|(key, value)| json!({ "Key": key, "Value": value })).collect();
            if let Some(fields) = row.as_object_mut() {
                fields.insert("Tags".to_owned(), json!(tags));
            }
            row
        })
        .collect();
    let page = Page::of(params, &world.limits, endpoints, 50, 1000)?;
    let body = json!({ "Endpoints": page.items, "MaxResults": page.size, "TotalCount": page.total });
    Ok(with_next(body, page.next))
}

pub(super) fn update(world: &mut World, params: &Params) -> Result<Value, AlicloudError> {
    let region = params.required("RegionId")?;
    let id = params.required("EndpointId")?;
    params.only("AddressIpVersion", &["IPv4"])?;
    write(world, "UpdateVpcEndpointAttribute", params, |world| {
        let (name, description) = (params.get("EndpointName"), params.get("EndpointDescription"));
        world.rename_alicloud_endpoint(region, id, name, description)?;
        Ok(id.to_owned())
    })?;
    Ok(json!({}))
}

pub(super) fn delete(world: &mut World, params: &Params) -> Result<Value, AlicloudError> {
    let region = params.required("RegionId")?;
    let id = params.required("EndpointId")?;
    write(world, "DeleteVpcEndpoint", params, |world| {
        world.delete_alicloud_endpoint(region, id)?;
        Ok(id.to_owned())
    })?;
    Ok(json!({}))
}

/// What creating, getting and listing tell alike.
fn common(endpoint: &AlicloudEndpoint) -> Value {
    json!({
        "EndpointId": endpoint.endpoint_id,
        "EndpointName": endpoint.name,
        "EndpointDescription": endpoint.description,
        "EndpointStatus": endpoint.status.as_str(),
        "ConnectionStatus": endpoint.connection_status.as_str(),
        "EndpointBusinessStatus": endpoint.business_status.as_str(),
        "EndpointDomain": endpoint.domain,
        "ServiceId": endpoint.service_id,
        "ServiceName": endpoint.service_name,
        "ServiceRegionId": endpoint.region,
        "VpcId": endpoint.vpc_id,
        "Bandwidth": 3072,
        "CreateTime": endpoint.created.to_the_second(),
        "AddressIpVersion": "IPv4",
        "ZoneAffinityEnabled": false,
    })
}

/// All that getting tells; zones, groups and tags have actions of their own.
fn attributes(endpoint: &AlicloudEndpoint) -> Value {
    let mut body = common(endpoint);
    if let (Some(fields), Value::Object(more)) = (
        body.as_object_mut(),
        json!({
            "EndpointType": "Interface",
            "Payer": "Endpoint",
            "PolicyDocument": FULL_ACCESS,
            "ProtectedEnabled": false,
            "RegionId": endpoint.region,
            "ResourceGroupId": "rg-sandboxdefault1",
            "ResourceOwner": true,
            "ZonePrivateIpAddressCount": 1,
        }),
    ) {
        fields.extend(more);
    }
    body
}
