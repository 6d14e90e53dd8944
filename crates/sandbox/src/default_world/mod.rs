//! The world a sandbox holds when it is given no other: one of everything that a private endpoint can meet, under fixed
//! ids that a person can type. The crate's README lists them; the constants are for tests.

use crate::clock::Timestamp;
use crate::world::{
    AccessKey, Alicloud, AlicloudAccessKey, AlicloudEndpointService, AlicloudOidcToken, AlicloudRole,
    AlicloudRule, AlicloudSecurityGroup, AlicloudVpc, ApiKey, Aws, CloudProvider, ClusterState,
    DedicatedCluster, EndpointService, NodeGroup, NodeGroupState, PrefixList, PrivateLinkService, Region,
    Role, SecurityGroup, SecurityGroupRule, ServerlessCluster, ServerlessPlan, ServiceState, Subnet, Tags,
    TidbCloud, VSwitch, VerificationState, Vpc, World, Zone,
};

/// TiDB Cloud API key: public half.
pub const TIDB_PUBLIC_KEY: &str = "TIDBLINK";
/// TiDB Cloud API key: private half.
pub const TIDB_PRIVATE_KEY: &str = "sandbox-private-key";
/// AWS access key id.
pub const AWS_ACCESS_KEY_ID: &str = "AKIATIDBLINKSANDBOX1";
/// AWS secret access key.
pub const AWS_SECRET_ACCESS_KEY: &str = "sandbox-secret-access-key";
/// AWS account.
pub const AWS_ACCOUNT_ID: &str = "111122223333";
/// A role that the AWS key may assume.
pub const AWS_ROLE_ARN: &str = "arn:aws:iam::111122223333:role/network";
/// The external id that role asks for.
pub const AWS_EXTERNAL_ID: &str = "sandbox-external-id";
/// Alibaba Cloud AccessKey id.
pub const ALICLOUD_ACCESS_KEY_ID: &str = "LTAI5tSandboxAccessKey01";
/// Alibaba Cloud AccessKey secret.
pub const ALICLOUD_ACCESS_KEY_SECRET: &str = "sandbox-access-key-secret";
/// Alibaba Cloud account.
pub const ALICLOUD_ACCOUNT_ID: &str = "1122334455667788";
/// A role that the Alibaba Cloud key may assume.
pub const ALICLOUD_ROLE_ARN: &str = "acs:ram::1122334455667788:role/network";
/// The external id that role asks for.
pub const ALICLOUD_EXTERNAL_ID: &str = "sandbox-external-id";
/// The role of the machine that asks the Alibaba Cloud metadata service.
pub const ALICLOUD_INSTANCE_ROLE: &str = "instance";
/// A role for the bearer of [`ALICLOUD_OIDC_TOKEN`].
pub const ALICLOUD_OIDC_ROLE_ARN: &str = "acs:ram::1122334455667788:role/pipeline";
/// Who vouches for that token.
pub const ALICLOUD_OIDC_PROVIDER_ARN: &str = "acs:ram::1122334455667788:oidc-provider/sandbox";
/// An identity token that AssumeRoleWithOIDC accepts.
pub const ALICLOUD_OIDC_TOKEN: &str = "sandbox-oidc-token";

/// The project of all clusters.
pub const PROJECT_ID: &str = "1370000000000000001";

/// Dedicated on AWS us-west-2, ACTIVE, service ACTIVE, port 4000.
pub const DEDICATED_CLUSTER_ID: &str = "10300000000000000001";
/// Its default node group.
pub const DEDICATED_NODE_GROUP_ID: &str = "1900000000000000001";
/// Its other node group, with a service of its own.
pub const DEDICATED_SECOND_NODE_GROUP_ID: &str = "1900000100000000002";
/// The default node group's endpoint service.
pub const DEDICATED_SERVICE_NAME: &str = "com.amazonaws.vpce.us-west-2.vpce-svc-0aaaaaaaaaaaaaaaa";
/// The default node group's private host.
pub const DEDICATED_HOST: &str = "privatelink-19000000.a1b2c3d4e5f6.clusters.tidb-cloud.com";
/// The other node group's endpoint service.
pub const DEDICATED_SECOND_SERVICE_NAME: &str = "com.amazonaws.vpce.us-west-2.vpce-svc-0aaaaaaaaaaaaaaab";

/// Dedicated on AWS us-west-2 from before 2023-03-28: no service until the legacy API makes one.
pub const OLD_CLUSTER_ID: &str = "10300000000000000002";
/// Its default node group.
pub const OLD_NODE_GROUP_ID: &str = "1900000200000000003";
/// Dedicated on AWS us-west-2, PAUSED.
pub const PAUSED_CLUSTER_ID: &str = "10300000000000000003";
/// Its default node group.
pub const PAUSED_NODE_GROUP_ID: &str = "1900000300000000004";
/// Dedicated on Google Cloud us-central1.
pub const GCP_CLUSTER_ID: &str = "10300000000000000004";
/// Its default node group.
pub const GCP_NODE_GROUP_ID: &str = "1900000400000000005";
/// Another Dedicated on AWS us-west-2, ACTIVE, with a service of its own.
pub const SECOND_DEDICATED_CLUSTER_ID: &str = "10300000000000000005";
/// Its default node group.
pub const SECOND_DEDICATED_NODE_GROUP_ID: &str = "1900000500000000006";
/// Its endpoint service.
pub const SECOND_DEDICATED_SERVICE_NAME: &str = "com.amazonaws.vpce.us-west-2.vpce-svc-0aaaaaaaaaaaaaaad";
/// Its private host.
pub const SECOND_DEDICATED_HOST: &str = "privatelink-19000005.b2c3d4e5f6a7.clusters.tidb-cloud.com";

/// Starter on AWS us-east-1.
pub const STARTER_CLUSTER_ID: &str = "10400000000000000001";
/// Essential on AWS us-east-1, behind the same service as the Starter one.
pub const ESSENTIAL_CLUSTER_ID: &str = "10400000000000000002";
/// Essential on Alibaba Cloud ap-southeast-1.
pub const ALICLOUD_CLUSTER_ID: &str = "10400000000000000003";
/// Another Starter on AWS us-east-1, behind the same service as the other two there.
pub const SECOND_STARTER_CLUSTER_ID: &str = "10400000000000000004";
/// The endpoint service of Starter and Essential in us-east-1.
pub const SERVERLESS_SERVICE_NAME: &str = "com.amazonaws.vpce.us-east-1.vpce-svc-0bbbbbbbbbbbbbbbb";
/// The private host of Starter and Essential in us-east-1.
pub const SERVERLESS_HOST: &str = "gateway01-privatelink.us-east-1.prod.aws.tidbcloud.com";
/// The endpoint service of Essential on Alibaba Cloud in ap-southeast-1.
pub const ALICLOUD_SERVICE_NAME: &str = "com.aliyuncs.privatelink.ap-southeast-1.epsrv-t4nsandbox0000000001";

/// us-west-2: a network with both DNS attributes on.
pub const WEST_VPC_ID: &str = "vpc-0a000000000000001";
/// In usw2-az1.
pub const WEST_SUBNET_AZ1: &str = "subnet-0a000000000000001";
/// In usw2-az2.
pub const WEST_SUBNET_AZ2: &str = "subnet-0a000000000000002";
/// In usw2-az3.
pub const WEST_SUBNET_AZ3: &str = "subnet-0a000000000000003";
/// In usw2-az4, which no service here is offered in.
pub const WEST_SUBNET_AZ4: &str = "subnet-0a000000000000004";
/// A second one in usw2-az1.
pub const WEST_SUBNET_AZ1_SECOND: &str = "subnet-0a000000000000005";
/// Lets in TCP 4000 from the network.
pub const WEST_GROUP_OPEN: &str = "sg-0a000000000000001";
/// Lets in TCP 443 only.
pub const WEST_GROUP_CLOSED: &str = "sg-0a000000000000002";
/// The network's default group.
pub const WEST_GROUP_DEFAULT: &str = "sg-0a000000000000003";
/// us-west-2: a network with both DNS attributes off.
pub const WEST_VPC_WITHOUT_DNS: &str = "vpc-0a000000000000002";
/// Its subnet, in usw2-az1.
pub const WEST_SUBNET_WITHOUT_DNS: &str = "subnet-0a000000000000011";
/// Its group that lets in TCP 4000.
pub const WEST_GROUP_WITHOUT_DNS: &str = "sg-0a000000000000011";
/// us-west-2: a second network with both DNS attributes on.
pub const WEST_SECOND_VPC_ID: &str = "vpc-0a000000000000003";
/// In usw2-az1, in that network.
pub const WEST_SECOND_SUBNET_AZ1: &str = "subnet-0a000000000000021";
/// In usw2-az2, in that network.
pub const WEST_SECOND_SUBNET_AZ2: &str = "subnet-0a000000000000022";
/// Its group that lets in TCP 4000.
pub const WEST_SECOND_GROUP_OPEN: &str = "sg-0a000000000000021";

/// us-east-1: a network with both DNS attributes on.
pub const EAST_VPC_ID: &str = "vpc-0b000000000000001";
/// In use1-az1.
pub const EAST_SUBNET_AZ1: &str = "subnet-0b000000000000001";
/// In use1-az2.
pub const EAST_SUBNET_AZ2: &str = "subnet-0b000000000000002";
/// In use1-az4.
pub const EAST_SUBNET_AZ4: &str = "subnet-0b000000000000003";
/// In use1-az3, which the service is not offered in.
pub const EAST_SUBNET_AZ3: &str = "subnet-0b000000000000004";
/// A second one in use1-az1.
pub const EAST_SUBNET_AZ1_SECOND: &str = "subnet-0b000000000000005";
/// Lets in TCP 4000 from the network.
pub const EAST_GROUP_OPEN: &str = "sg-0b000000000000001";
/// Lets in TCP 443 only.
pub const EAST_GROUP_CLOSED: &str = "sg-0b000000000000002";
/// The network's default group.
pub const EAST_GROUP_DEFAULT: &str = "sg-0b000000000000003";
/// us-east-1: a network with both DNS attributes off.
pub const EAST_VPC_WITHOUT_DNS: &str = "vpc-0b000000000000002";
/// Its subnet, in use1-az1.
pub const EAST_SUBNET_WITHOUT_DNS: &str = "subnet-0b000000000000011";
/// Its group that lets in TCP 4000.
pub const EAST_GROUP_WITHOUT_DNS: &str = "sg-0b000000000000011";
/// us-east-1: a second network with both DNS attributes on.
pub const EAST_SECOND_VPC_ID: &str = "vpc-0b000000000000003";
/// In use1-az1, in that network.
pub const EAST_SECOND_SUBNET_AZ1: &str = "subnet-0b000000000000021";
/// In use1-az2, in that network.
pub const EAST_SECOND_SUBNET_AZ2: &str = "subnet-0b000000000000022";
/// Its group that lets in TCP 4000.
pub const EAST_SECOND_GROUP_OPEN: &str = "sg-0b000000000000021";

/// Alibaba Cloud ap-southeast-1: the network.
pub const ALICLOUD_VPC_ID: &str = "vpc-t4nsandbox00000000001";
/// In ap-southeast-1a.
pub const ALICLOUD_VSWITCH_A: &str = "vsw-t4nsandbox00000000001";
/// In ap-southeast-1b.
pub const ALICLOUD_VSWITCH_B: &str = "vsw-t4nsandbox00000000002";
/// In ap-southeast-1c, which the service is not offered in.
pub const ALICLOUD_VSWITCH_C: &str = "vsw-t4nsandbox00000000003";
/// A second one in ap-southeast-1a.
pub const ALICLOUD_VSWITCH_A_SECOND: &str = "vsw-t4nsandbox00000000004";
/// Lets in TCP 4000 from the network.
pub const ALICLOUD_GROUP_OPEN: &str = "sg-t4nsandbox0000000001";
/// Lets in TCP 443 only.
pub const ALICLOUD_GROUP_CLOSED: &str = "sg-t4nsandbox0000000002";

/// 2023-01-15, before services were made with clusters.
const OLD: Timestamp = Timestamp::from_millis(1_673_740_800_000);
/// 2025-06-01.
const RECENT: Timestamp = Timestamp::from_millis(1_748_736_000_000);

/// Builds the default world.
pub fn world() -> World {
    World { tidb: tidb(), aws: aws(), alicloud: alicloud(), ..World::default() }
}

fn tidb() -> TidbCloud {
    let west = |id: &str, name: &str, state, create_time, node_groups| DedicatedCluster {
        cluster_id: id.to_owned(),
        project_id: PROJECT_ID.to_owned(),
        display_name: name.to_owned(),
        cloud_provider: CloudProvider::Aws,
        region: "us-west-2".to_owned(),
        region_display_name: "Oregon (us-west-2)".to_owned(),
        state,
        port: 4000,
        version: "v8.5.3".to_owned(),
        create_time,
        node_groups,
    };
    let orders = west(
        DEDICATED_CLUSTER_ID,
        "orders",
        ClusterState::Active,
        RECENT,
        vec![
            node_group(DEDICATED_NODE_GROUP_ID, true, Some(service(DEDICATED_SERVICE_NAME, DEDICATED_HOST))),
            node_group(
                DEDICATED_SECOND_NODE_GROUP_ID,
                false,
                Some(service(
                    DEDICATED_SECOND_SERVICE_NAME,
                    "privatelink-19000001.a1b2c3d4e5f6.clusters.tidb-cloud.com",
                )),
            ),
        ],
    );
    let ledger = west(
        OLD_CLUSTER_ID,
        "ledger",
        ClusterState::Active,
        OLD,
        vec![node_group(OLD_NODE_GROUP_ID, true, None)],
    );
    let archive = west(
        PAUSED_CLUSTER_ID,
        "archive",
        ClusterState::Paused,
        RECENT,
        vec![NodeGroup {
            state: NodeGroupState::Paused,
            ..node_group(
                PAUSED_NODE_GROUP_ID,
                true,
                Some(service(
                    "com.amazonaws.vpce.us-west-2.vpce-svc-0aaaaaaaaaaaaaaac",
                    "privatelink-19000003.0a9b8c7d6e5f.clusters.tidb-cloud.com",
                )),
            )
        }],
    );
    let events = DedicatedCluster {
        cloud_provider: CloudProvider::Gcp,
        region: "us-central1".to_owned(),
        region_display_name: "Iowa (us-central1)".to_owned(),
        ..west(
            GCP_CLUSTER_ID,
            "events",
            ClusterState::Active,
            RECENT,
            vec![node_group(
                GCP_NODE_GROUP_ID,
                true,
                Some(PrivateLinkService {
                    service_name:
                        "projects/tidb-cloud/regions/us-central1/serviceAttachments/events-19000004"
                            .to_owned(),
                    dns_name: "us-central1.f0e1d2c3b4a5.clusters.tidb-cloud.com".to_owned(),
                    zone_ids: Vec::new(),
                    state: ServiceState::Active,
                    due: None,
                }),
            )],
        )
    };
    let billing = west(
        SECOND_DEDICATED_CLUSTER_ID,
        "billing",
        ClusterState::Active,
        RECENT,
        vec![node_group(
            SECOND_DEDICATED_NODE_GROUP_ID,
            true,
            Some(service(SECOND_DEDICATED_SERVICE_NAME, SECOND_DEDICATED_HOST)),
        )],
    );
    TidbCloud {
        keys: vec![ApiKey {
            public_key: TIDB_PUBLIC_KEY.to_owned(),
            private_key: TIDB_PRIVATE_KEY.to_owned(),
            denied: Vec::new(),
            allowed: None,
            project_wide: true,
        }],
        clusters: vec![orders, ledger, archive, events, billing],
        serverless: serverless(),
        connections: Vec::new(),
    }
}

fn node_group(
    id: &str,
    is_default_group: bool,
    private_link_service: Option<PrivateLinkService>,
) -> NodeGroup {
    NodeGroup {
        node_group_id: id.to_owned(),
        display_name: if is_default_group { "DefaultGroup" } else { "analytics" }.to_owned(),
        is_default_group,
        node_count: 2,
        state: NodeGroupState::Active,
        private_link_service,
    }
}

fn service(service_name: &str, dns_name: &str) -> PrivateLinkService {
    PrivateLinkService {
        service_name: service_name.to_owned(),
        dns_name: dns_name.to_owned(),
        zone_ids: strings(&["usw2-az1", "usw2-az2", "usw2-az3"]),
        state: ServiceState::Active,
        due: None,
    }
}

fn serverless() -> Vec<ServerlessCluster> {
    let web = ServerlessCluster {
        cluster_id: STARTER_CLUSTER_ID.to_owned(),
        project_id: PROJECT_ID.to_owned(),
        display_name: "web".to_owned(),
        plan: ServerlessPlan::Starter,
        cloud_provider: CloudProvider::Aws,
        region: "us-east-1".to_owned(),
        region_display_name: "N. Virginia (us-east-1)".to_owned(),
        state: ClusterState::Active,
        user_prefix: "3aAbBcCdD".to_owned(),
        public_host: "gateway01.us-east-1.prod.aws.tidbcloud.com".to_owned(),
        private_host: SERVERLESS_HOST.to_owned(),
        port: 4000,
        service_name: SERVERLESS_SERVICE_NAME.to_owned(),
        zone_ids: strings(&["use1-az1", "use1-az2", "use1-az4"]),
        version: "v7.5.2".to_owned(),
        create_time: RECENT,
    };
    let shop = ServerlessCluster {
        cluster_id: ESSENTIAL_CLUSTER_ID.to_owned(),
        display_name: "shop".to_owned(),
        plan: ServerlessPlan::Essential,
        user_prefix: "4bBcCdDeE".to_owned(),
        ..web.clone()
    };
    let mall = ServerlessCluster {
        cluster_id: ALICLOUD_CLUSTER_ID.to_owned(),
        display_name: "mall".to_owned(),
        plan: ServerlessPlan::Essential,
        cloud_provider: CloudProvider::Alicloud,
        region: "ap-southeast-1".to_owned(),
        region_display_name: "Singapore (ap-southeast-1)".to_owned(),
        user_prefix: "5cCdDeEfF".to_owned(),
        public_host: "gateway01.ap-southeast-1.prod.alicloud.tidbcloud.com".to_owned(),
        private_host: String::new(),
        service_name: ALICLOUD_SERVICE_NAME.to_owned(),
        zone_ids: strings(&["ap-southeast-1a", "ap-southeast-1b"]),
        ..web.clone()
    };
    let blog = ServerlessCluster {
        cluster_id: SECOND_STARTER_CLUSTER_ID.to_owned(),
        display_name: "blog".to_owned(),
        user_prefix: "6dDeEfFgG".to_owned(),
        ..web.clone()
    };
    vec![web, shop, mall, blog]
}

fn aws() -> Aws {
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

fn alicloud() -> Alicloud {
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

fn strings(items: &[&str]) -> Vec<String> {
    items.iter().map(|item| (*item).to_owned()).collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]

    use super::*;

    #[test]
    fn every_constant_names_something_in_the_world() {
        let json = serde_json::to_string(&world()).unwrap();
        for id in [
            DEDICATED_CLUSTER_ID,
            DEDICATED_NODE_GROUP_ID,
            DEDICATED_SECOND_NODE_GROUP_ID,
            OLD_CLUSTER_ID,
            OLD_NODE_GROUP_ID,
            PAUSED_CLUSTER_ID,
            PAUSED_NODE_GROUP_ID,
            GCP_CLUSTER_ID,
            GCP_NODE_GROUP_ID,
            SECOND_DEDICATED_CLUSTER_ID,
            SECOND_DEDICATED_NODE_GROUP_ID,
            SECOND_DEDICATED_SERVICE_NAME,
            STARTER_CLUSTER_ID,
            ESSENTIAL_CLUSTER_ID,
            ALICLOUD_CLUSTER_ID,
            SECOND_STARTER_CLUSTER_ID,
            WEST_VPC_ID,
            WEST_SUBNET_AZ1,
            WEST_SUBNET_AZ2,
            WEST_SUBNET_AZ3,
            WEST_SUBNET_AZ4,
            WEST_SUBNET_AZ1_SECOND,
            WEST_GROUP_OPEN,
            WEST_GROUP_CLOSED,
            WEST_GROUP_DEFAULT,
            WEST_VPC_WITHOUT_DNS,
            WEST_SUBNET_WITHOUT_DNS,
            WEST_GROUP_WITHOUT_DNS,
            WEST_SECOND_VPC_ID,
            WEST_SECOND_SUBNET_AZ1,
            WEST_SECOND_SUBNET_AZ2,
            WEST_SECOND_GROUP_OPEN,
            EAST_VPC_ID,
            EAST_SUBNET_AZ1,
            EAST_SUBNET_AZ2,
            EAST_SUBNET_AZ3,
            EAST_SUBNET_AZ4,
            EAST_SUBNET_AZ1_SECOND,
            EAST_GROUP_OPEN,
            EAST_GROUP_CLOSED,
            EAST_GROUP_DEFAULT,
            EAST_VPC_WITHOUT_DNS,
            EAST_SUBNET_WITHOUT_DNS,
            EAST_GROUP_WITHOUT_DNS,
            EAST_SECOND_VPC_ID,
            EAST_SECOND_SUBNET_AZ1,
            EAST_SECOND_SUBNET_AZ2,
            EAST_SECOND_GROUP_OPEN,
            ALICLOUD_VPC_ID,
            ALICLOUD_VSWITCH_C,
            ALICLOUD_GROUP_OPEN,
        ] {
            assert!(json.contains(&format!("\"{id}\"")), "{id}");
        }
    }

    #[test]
    fn the_world_survives_json() {
        let json = serde_json::to_string(&world()).unwrap();
        assert_eq!(serde_json::from_str::<World>(&json).unwrap(), world());
    }
}
