//! Alibaba Cloud of the default world: an account with one network, and the service that TiDB Cloud offers it.

use super::names::*;
use super::strings;
use crate::world::{
    Alicloud, AlicloudAccessKey, AlicloudEndpointService, AlicloudOidcToken, AlicloudRole, AlicloudRule,
    AlicloudSecurityGroup, AlicloudVpc, VSwitch,
};

pub(super) fn alicloud() -> Alicloud {
    let vswitch = |id: &str, zone: &str, third: u8| VSwitch {
        vswitch_id: id.to_owned(),
        vpc_id: ALICLOUD_VPC_ID.to_owned(),
        zone_id: zone.to_owned(),
        cidr_block: format!("10.30.{third}.0/24"),
        name: format!("app-{third}"),
        free_addresses: 252,
    };
    let group = |id: &str, name: &str, port_range: &str| AlicloudSecurityGroup {
        security_group_id: id.to_owned(),
        vpc_id: ALICLOUD_VPC_ID.to_owned(),
        name: name.to_owned(),
        ingress: vec![AlicloudRule {
            protocol: "tcp".to_owned(),
            port_range: port_range.to_owned(),
            source_cidr: "10.0.0.0/8".to_owned(),
            ..AlicloudRule::default()
        }],
    };
    let role = |arn: String| AlicloudRole { arn, ..AlicloudRole::default() };
    Alicloud {
        account_id: ALICLOUD_ACCOUNT_ID.to_owned(),
        access_keys: vec![AlicloudAccessKey {
            access_key_id: ALICLOUD_ACCESS_KEY_ID.to_owned(),
            access_key_secret: ALICLOUD_ACCESS_KEY_SECRET.to_owned(),
            user_arn: format!("acs:ram::{ALICLOUD_ACCOUNT_ID}:user/sandbox"),
            inactive: false,
            denied: Vec::new(),
            policy: None,
        }],
        roles: vec![
            AlicloudRole {
                external_id: Some(ALICLOUD_EXTERNAL_ID.to_owned()),
                ..role(ALICLOUD_ROLE_ARN.to_owned())
            },
            AlicloudRole {
                of_instance: true,
                ..role(format!("acs:ram::{ALICLOUD_ACCOUNT_ID}:role/{ALICLOUD_INSTANCE_ROLE}"))
            },
            role(ALICLOUD_OIDC_ROLE_ARN.to_owned()),
        ],
        oidc_tokens: vec![AlicloudOidcToken {
            provider_arn: ALICLOUD_OIDC_PROVIDER_ARN.to_owned(),
            token: ALICLOUD_OIDC_TOKEN.to_owned(),
            role_arn: ALICLOUD_OIDC_ROLE_ARN.to_owned(),
        }],
        services: vec![AlicloudEndpointService {
            service_id: "epsrv-t4nsandbox0000000001".to_owned(),
            service_name: ALICLOUD_SERVICE_NAME.to_owned(),
            region: "ap-southeast-1".to_owned(),
            zone_ids: strings(&["ap-southeast-1a", "ap-southeast-1b"]),
            auto_accept: true,
            hidden: false,
        }],
        vpcs: vec![AlicloudVpc {
            vpc_id: ALICLOUD_VPC_ID.to_owned(),
            region: "ap-southeast-1".to_owned(),
            cidr_block: "10.30.0.0/16".to_owned(),
            name: "main".to_owned(),
        }],
        vswitches: vec![
            vswitch(ALICLOUD_VSWITCH_A, "ap-southeast-1a", 1),
            vswitch(ALICLOUD_VSWITCH_B, "ap-southeast-1b", 2),
            vswitch(ALICLOUD_VSWITCH_C, "ap-southeast-1c", 3),
            vswitch(ALICLOUD_VSWITCH_A_SECOND, "ap-southeast-1a", 4),
        ],
        security_groups: vec![
            group(ALICLOUD_GROUP_OPEN, "tidb", "4000/4000"),
            group(ALICLOUD_GROUP_CLOSED, "web", "443/443"),
        ],
        ..Alicloud::default()
    }
}
