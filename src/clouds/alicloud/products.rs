//! The four products whose actions are called, their versions and where they are. Hosts follow the rules of Alibaba
//! Cloud's own clients; a region that is not on anybody's list yet follows the general rule.

use crate::error::Service;
use crate::ids::Region;
use crate::retry::Effect;

/// A product of Alibaba Cloud.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Product {
    PrivateLink,
    Vpc,
    /// Security groups are its business.
    Ecs,
    /// Keys of roles.
    Sts,
}

impl Product {
    /// The version of its API that the actions are called in.
    pub(super) fn version(self) -> &'static str {
        match self {
            Self::PrivateLink => "2020-04-15",
            Self::Vpc => "2016-04-28",
            Self::Ecs => "2014-05-26",
            Self::Sts => "2015-04-01",
        }
    }

    /// Which service its errors come from.
    pub(super) fn service(self) -> Service {
        match self {
            Self::PrivateLink => Service::AlicloudPrivateLink,
            Self::Vpc => Service::AlicloudVpc,
            Self::Ecs => Service::AlicloudEcs,
            Self::Sts => Service::AlicloudCredentials,
        }
    }

    /// Its name in RAM policies.
    pub(super) fn ram_code(self) -> &'static str {
        match self {
            Self::PrivateLink => "privatelink",
            Self::Vpc => "vpc",
            Self::Ecs => "ecs",
            Self::Sts => "sts",
        }
    }

    /// Whether there are keys in its answers.
    pub(super) fn gives_secrets(self) -> bool {
        self == Self::Sts
    }

    /// Its public host in `region`. Source: the endpoint rules in Alibaba Cloud's clients for each product; PrivateLink
    /// has regional hosts only.
    pub(super) fn host(self, region: &Region) -> String {
        let region = region.as_str();
        // A few old regions are served by the product's first host.
        let central = region == "cn-hangzhou" || region.ends_with("-finance-1");
        match self {
            Self::PrivateLink => format!("privatelink.{region}.aliyuncs.com"),
            Self::Vpc if central || region == "cn-north-2-gov-1" => "vpc.aliyuncs.com".to_owned(),
            Self::Vpc => format!("vpc.{region}.aliyuncs.com"),
            Self::Ecs if central => "ecs-cn-hangzhou.aliyuncs.com".to_owned(),
            Self::Ecs if region == "cn-north-2-gov-1" => "ecs.aliyuncs.com".to_owned(),
            Self::Ecs => format!("ecs.{region}.aliyuncs.com"),
            Self::Sts => "sts.aliyuncs.com".to_owned(),
        }
    }
}

/// An action as the product's API reference names it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Action {
    pub(super) product: Product,
    pub(super) name: &'static str,
    pub(super) effect: Effect,
    /// Whether its parameters go in a form body instead of the query.
    pub(super) form: bool,
}

impl Action {
    /// An action that looks.
    pub(super) const fn read(product: Product, name: &'static str) -> Self {
        Self { product, name, effect: Effect::Read, form: false }
    }

    /// An action that changes something.
    pub(super) const fn write(product: Product, name: &'static str) -> Self {
        Self { product, name, effect: Effect::Write, form: false }
    }

    /// The same action with its parameters in the body.
    pub(super) const fn in_body(self) -> Self {
        Self { form: true, ..self }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_follow_the_rule_and_its_exceptions() {
        let host = |product: Product, region: &str| product.host(&Region::new(region));
        for (product, region, expected) in [
            (Product::PrivateLink, "ap-southeast-1", "privatelink.ap-southeast-1.aliyuncs.com"),
            (Product::PrivateLink, "cn-hangzhou", "privatelink.cn-hangzhou.aliyuncs.com"),
            (Product::Vpc, "ap-southeast-1", "vpc.ap-southeast-1.aliyuncs.com"),
            (Product::Vpc, "cn-hangzhou", "vpc.aliyuncs.com"),
            (Product::Vpc, "cn-shanghai-finance-1", "vpc.aliyuncs.com"),
            (Product::Vpc, "cn-north-2-gov-1", "vpc.aliyuncs.com"),
            (Product::Ecs, "eu-central-1", "ecs.eu-central-1.aliyuncs.com"),
            (Product::Ecs, "cn-hangzhou", "ecs-cn-hangzhou.aliyuncs.com"),
            (Product::Ecs, "cn-north-2-gov-1", "ecs.aliyuncs.com"),
            (Product::Sts, "ap-southeast-1", "sts.aliyuncs.com"),
            (Product::PrivateLink, "xx-new-9", "privatelink.xx-new-9.aliyuncs.com"),
        ] {
            assert_eq!(host(product, region), expected, "{product:?} {region}");
        }
    }
}
