//! Every action that is called, as its product's API reference names it. RAM policies use the same names, so what an
//! action takes follows from what it is.

use std::borrow::Cow;

use super::products::{Action, Product};
use crate::permissions::{Feature, Permission, declare};
use crate::retry::Effect;

declare! {
    pub(super) ALL: [Action] {
        LIST_ENDPOINTS = Action::read(Product::PrivateLink, "ListVpcEndpoints");
        LIST_ZONES = Action::read(Product::PrivateLink, "ListVpcEndpointZones");
        LIST_GROUPS = Action::read(Product::PrivateLink, "ListVpcEndpointSecurityGroups");
        /// Services as a consumer sees them: only those that the account may use.
        LIST_SERVICES = Action::read(Product::PrivateLink, "ListVpcEndpointServicesByEndUser");
        CREATE = Action::write(Product::PrivateLink, "CreateVpcEndpoint");
        UPDATE = Action::write(Product::PrivateLink, "UpdateVpcEndpointAttribute");
        DELETE = Action::write(Product::PrivateLink, "DeleteVpcEndpoint");
        ADD_ZONE = Action::write(Product::PrivateLink, "AddZoneToVpcEndpoint");
        REMOVE_ZONE = Action::write(Product::PrivateLink, "RemoveZoneFromVpcEndpoint");
        ATTACH = Action::write(Product::PrivateLink, "AttachSecurityGroupToVpcEndpoint");
        DETACH = Action::write(Product::PrivateLink, "DetachSecurityGroupFromVpcEndpoint");
        /// The two tag actions are the only ones whose parameters are documented as a form.
        TAG = Action::write(Product::PrivateLink, "TagResources").in_body();
        UNTAG = Action::write(Product::PrivateLink, "UntagResources").in_body();
        DESCRIBE_VPC = Action::read(Product::Vpc, "DescribeVpcAttribute");
        DESCRIBE_VSWITCH = Action::read(Product::Vpc, "DescribeVSwitchAttributes");
        DESCRIBE_VSWITCHES = Action::read(Product::Vpc, "DescribeVSwitches");
        DESCRIBE_GROUP = Action::read(Product::Ecs, "DescribeSecurityGroupAttribute");
        /// Takes a role on with keys. It leaves nothing behind, so it counts as a read.
        ASSUME = Action::read(Product::Sts, "AssumeRole");
        /// Takes a role on with an identity token. The token is a secret, which must not stand in an address. Nobody signs
        /// it, so nobody needs to be allowed it.
        WITH_OIDC = Action::read(Product::Sts, "AssumeRoleWithOIDC").in_body();
    }
}

/// What tags are on (PrivateLink API reference, TagResources).
pub(super) const TAGGED: &str = "vpcendpoint";
/// The most tags that one call sets or removes.
pub(super) const TAGS_AT_ONCE: usize = 20;
/// The most endpoints or services on one page.
pub(super) const PAGE: &str = "1000";
/// The most zones or groups of an endpoint on one page.
pub(super) const SMALL_PAGE: &str = "50";

/// What all of it takes. PrivateLink also judges the VPC, the vSwitches and the security groups of an endpoint, and editions of
/// its reference differ in how those are named, so no action is bound to resources here.
pub(crate) fn permissions() -> impl Iterator<Item = Permission> {
    let signed = ALL.iter().filter(|action| **action != WITH_OIDC);
    signed.map(|action| {
        let (feature, resources): (_, &'static [&'static str]) = match (action.product, action.effect) {
            (Product::Sts, _) => (Feature::AssumeRole, &["acs:ram::1234567890123456:role/tidblink"]),
            (_, Effect::Read) => (Feature::Plan, &["*"]),
            (_, Effect::Write) if action.form => (Feature::Tags, &["*"]),
            (_, Effect::Write) => (Feature::Endpoints, &["*"]),
        };
        let action = Cow::Owned(format!("{}:{}", action.product.ram_code(), action.name));
        Permission { action, feature, resources }
    })
}
