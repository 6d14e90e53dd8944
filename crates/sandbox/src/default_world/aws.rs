//! AWS of the default world: an account with the same networks in two regions, and the services that TiDB Cloud offers it.

use super::names::*;
use super::strings;
use crate::world::{
    AccessKey, Aws, EndpointService, PrefixList, Region, Role, SecurityGroup, SecurityGroupRule, Subnet,
    Tags, VerificationState, Vpc, Zone,
};

pub(super) fn aws() -> Aws {
    let west = NetworkPlan {
        region: "us-west-2",
        prefix: 'a',
        zones: ["usw2-az1", "usw2-az2", "usw2-az3", "usw2-az4"],
        network: 10,
    };
    let east = NetworkPlan {
        region: "us-east-1",
        prefix: 'b',
        zones: ["use1-az1", "use1-az2", "use1-az4", "use1-az3"],
        network: 20,
    };
    let mut aws = Aws {
        account_id: AWS_ACCOUNT_ID.to_owned(),
        access_keys: vec![AccessKey {
            access_key_id: AWS_ACCESS_KEY_ID.to_owned(),
            secret_access_key: AWS_SECRET_ACCESS_KEY.to_owned(),
            user_arn: format!("arn:aws:iam::{AWS_ACCOUNT_ID}:user/sandbox"),
            denied: Vec::new(),
            policy: None,
        }],
        roles: vec![Role {
            arn: AWS_ROLE_ARN.to_owned(),
            external_id: Some(AWS_EXTERNAL_ID.to_owned()),
            denied: Vec::new(),
            policy: None,
        }],
        regions: vec![
            // Zone names are shuffled, as they are for real accounts: comparing them instead of ids must fail.
            region(
                "us-west-2",
                true,
                &[
                    ("us-west-2a", "usw2-az2"),
                    ("us-west-2b", "usw2-az1"),
                    ("us-west-2c", "usw2-az3"),
                    ("us-west-2d", "usw2-az4"),
                ],
            ),
            region(
                "us-east-1",
                true,
                &[
                    ("us-east-1a", "use1-az4"),
                    ("us-east-1b", "use1-az6"),
                    ("us-east-1c", "use1-az1"),
                    ("us-east-1d", "use1-az2"),
                    ("us-east-1e", "use1-az3"),
                    ("us-east-1f", "use1-az5"),
                ],
            ),
            region("ap-east-1", false, &[("ap-east-1a", "ape1-az1")]),
        ],
        services: vec![
            offered(DEDICATED_SERVICE_NAME, "us-west-2", true, DEDICATED_HOST),
            offered(
                DEDICATED_SECOND_SERVICE_NAME,
                "us-west-2",
                true,
                "privatelink-19000001.a1b2c3d4e5f6.clusters.tidb-cloud.com",
            ),
            offered(
                "com.amazonaws.vpce.us-west-2.vpce-svc-0aaaaaaaaaaaaaaac",
                "us-west-2",
                true,
                "privatelink-19000003.0a9b8c7d6e5f.clusters.tidb-cloud.com",
            ),
            offered(SECOND_DEDICATED_SERVICE_NAME, "us-west-2", true, SECOND_DEDICATED_HOST),
            offered(SERVERLESS_SERVICE_NAME, "us-east-1", false, SERVERLESS_HOST),
        ],
        prefix_lists: vec![PrefixList {
            prefix_list_id: "pl-0a000000000000001".to_owned(),
            name: "applications".to_owned(),
            region: "us-west-2".to_owned(),
            cidrs: strings(&["10.10.0.0/16"]),
        }],
        ..Aws::default()
    };
    for plan in [west, east] {
        plan.lay(&mut aws);
    }
    aws
}

fn region(name: &str, opted_in: bool, zones: &[(&str, &str)]) -> Region {
    Region {
        name: name.to_owned(),
        opted_in,
        zones: zones
            .iter()
            .map(|(name, id)| Zone { name: (*name).to_owned(), id: (*id).to_owned() })
            .collect(),
    }
}

fn offered(name: &str, region: &str, acceptance_required: bool, host: &str) -> EndpointService {
    EndpointService {
        service_name: name.to_owned(),
        region: region.to_owned(),
        owner_id: crate::world::TIDB_CLOUD_ACCOUNT.to_owned(),
        zone_ids: if region == "us-west-2" {
            strings(&["usw2-az1", "usw2-az2", "usw2-az3"])
        } else {
            strings(&["use1-az1", "use1-az2", "use1-az4"])
        },
        acceptance_required,
        private_dns_name: Some(host.to_owned()),
        private_dns_verification: VerificationState::Verified,
        hidden: false,
    }
}

/// The same three networks in each region: the first three zones have the service, the fourth lacks it.
struct NetworkPlan {
    region: &'static str,
    /// Second hexadecimal digit of every id.
    prefix: char,
    zones: [&'static str; 4],
    /// Second byte of every address.
    network: u8,
}

impl NetworkPlan {
    fn lay(&self, aws: &mut Aws) {
        let main = self.id("vpc", 1);
        let without_dns = self.id("vpc", 2);
        let other = self.id("vpc", 3);
        let network = self.network;
        for (vpc_id, dns, network) in
            [(&main, true, network), (&without_dns, false, network + 1), (&other, true, network + 2)]
        {
            aws.vpcs.push(Vpc {
                vpc_id: vpc_id.clone(),
                region: self.region.to_owned(),
                cidr_block: format!("10.{network}.0.0/16"),
                dns_support: dns,
                dns_hostnames: dns,
                private_zones: Vec::new(),
                lingering_names: Vec::new(),
                tags: Tags::new(),
            });
        }
        let [first, second, third, fourth] = self.zones;
        for (number, zone) in [(1, first), (2, second), (3, third), (4, fourth), (5, first)] {
            aws.subnets.push(self.subnet(number, &main, zone, network, number));
        }
        aws.subnets.push(self.subnet(11, &without_dns, first, network + 1, 1));
        aws.subnets.push(self.subnet(21, &other, first, network + 2, 1));
        aws.subnets.push(self.subnet(22, &other, second, network + 2, 2));
        aws.security_groups.extend([
            self.group(1, &main, "tidb", "lets in 4000", Some(4000)),
            self.group(2, &main, "web", "lets in 443 only", Some(443)),
            self.group(3, &main, "default", "default VPC security group", None),
            self.group(11, &without_dns, "tidb", "lets in 4000", Some(4000)),
            self.group(13, &without_dns, "default", "default VPC security group", None),
            self.group(21, &other, "tidb", "lets in 4000", Some(4000)),
            self.group(23, &other, "default", "default VPC security group", None),
        ]);
    }

    fn id(&self, kind: &str, number: u8) -> String {
        format!("{kind}-0{}{number:015}", self.prefix)
    }

    fn subnet(&self, number: u8, vpc_id: &str, zone: &str, network: u8, third: u8) -> Subnet {
        Subnet {
            subnet_id: self.id("subnet", number),
            region: self.region.to_owned(),
            vpc_id: vpc_id.to_owned(),
            zone_id: zone.to_owned(),
            cidr_block: format!("10.{network}.{third}.0/24"),
            free_addresses: 251,
            tags: Tags::new(),
        }
    }

    /// A group that lets in one TCP port from private addresses or, without a port, only its own members.
    fn group(
        &self,
        number: u8,
        vpc_id: &str,
        name: &str,
        description: &str,
        port: Option<i32>,
    ) -> SecurityGroup {
        let group_id = self.id("sg", number);
        let inward = match port {
            Some(port) => SecurityGroupRule {
                rule_id: self.id("sgr", number),
                protocol: "tcp".to_owned(),
                from_port: Some(port),
                to_port: Some(port),
                cidr_ipv4: Some("10.0.0.0/8".to_owned()),
                ..SecurityGroupRule::default()
            },
            None => SecurityGroupRule {
                rule_id: self.id("sgr", number),
                protocol: "-1".to_owned(),
                group_id: Some(group_id.clone()),
                ..SecurityGroupRule::default()
            },
        };
        let outward = SecurityGroupRule {
            rule_id: self.id("sgr", number + 100),
            egress: true,
            protocol: "-1".to_owned(),
            cidr_ipv4: Some("0.0.0.0/0".to_owned()),
            ..SecurityGroupRule::default()
        };
        SecurityGroup {
            group_id,
            region: self.region.to_owned(),
            vpc_id: vpc_id.to_owned(),
            name: name.to_owned(),
            description: description.to_owned(),
            rules: vec![inward, outward],
            tags: Tags::new(),
        }
    }
}
