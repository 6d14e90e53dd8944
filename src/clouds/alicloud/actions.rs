//! Every action that is called, as its product's API reference names it. RAM policies use the same names.

use super::products::{Action, Product};

pub(super) const LIST_ENDPOINTS: Action = Action::read(Product::PrivateLink, "ListVpcEndpoints");
pub(super) const LIST_ZONES: Action = Action::read(Product::PrivateLink, "ListVpcEndpointZones");
pub(super) const LIST_GROUPS: Action = Action::read(Product::PrivateLink, "ListVpcEndpointSecurityGroups");
/// Services as a consumer sees them: only those that the account may use.
pub(super) const LIST_SERVICES: Action =
    Action::read(Product::PrivateLink, "ListVpcEndpointServicesByEndUser");
pub(super) const CREATE: Action = Action::write(Product::PrivateLink, "CreateVpcEndpoint");
pub(super) const UPDATE: Action = Action::write(Product::PrivateLink, "UpdateVpcEndpointAttribute");
pub(super) const DELETE: Action = Action::write(Product::PrivateLink, "DeleteVpcEndpoint");
pub(super) const ADD_ZONE: Action = Action::write(Product::PrivateLink, "AddZoneToVpcEndpoint");
pub(super) const REMOVE_ZONE: Action = Action::write(Product::PrivateLink, "RemoveZoneFromVpcEndpoint");
pub(super) const ATTACH: Action = Action::write(Product::PrivateLink, "AttachSecurityGroupToVpcEndpoint");
pub(super) const DETACH: Action = Action::write(Product::PrivateLink, "DetachSecurityGroupFromVpcEndpoint");
/// The two tag actions are the only ones whose parameters are documented as a form.
pub(super) const TAG: Action = Action::write(Product::PrivateLink, "TagResources").in_body();
pub(super) const UNTAG: Action = Action::write(Product::PrivateLink, "UntagResources").in_body();
pub(super) const DESCRIBE_VPC: Action = Action::read(Product::Vpc, "DescribeVpcAttribute");
pub(super) const DESCRIBE_VSWITCH: Action = Action::read(Product::Vpc, "DescribeVSwitchAttributes");
pub(super) const DESCRIBE_VSWITCHES: Action = Action::read(Product::Vpc, "DescribeVSwitches");
pub(super) const DESCRIBE_GROUP: Action = Action::read(Product::Ecs, "DescribeSecurityGroupAttribute");

/// What tags are on (PrivateLink API reference, TagResources).
pub(super) const TAGGED: &str = "vpcendpoint";
/// The most tags that one call sets or removes.
pub(super) const TAGS_AT_ONCE: usize = 20;
/// The most endpoints or services on one page.
pub(super) const PAGE: &str = "1000";
/// The most zones or groups of an endpoint on one page.
pub(super) const SMALL_PAGE: &str = "50";
