//! The ids and keys of the default world: fixed, so that a person can type them and tests can name them.

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
