//! The ids, names and places that the provider deals in, each with a type of its own. Text becomes one of these once,
//! at the edge, and is right from then on.

use std::fmt;
use std::str::FromStr;

/// A text that is not the id it should be.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{found:?} is not {expected}")]
pub struct IdError {
    /// The text that was given.
    pub found: String,
    /// What it should have looked like, for example "a VPC id such as `vpc-0123456789abcdef0`".
    pub expected: &'static str,
}

/// The clouds that TiDB Cloud runs on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum CloudName {
    /// Amazon Web Services.
    Aws,
    /// Alibaba Cloud.
    Alicloud,
    /// Google Cloud.
    Gcp,
    /// Microsoft Azure.
    Azure,
}

impl CloudName {
    /// The name that TiDB Cloud's APIs and this provider's attributes use.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Aws => "aws",
            Self::Alicloud => "alicloud",
            Self::Gcp => "gcp",
            Self::Azure => "azure",
        }
    }

    /// The name that people use.
    pub fn title(self) -> &'static str {
        match self {
            Self::Aws => "AWS",
            Self::Alicloud => "Alibaba Cloud",
            Self::Gcp => "Google Cloud",
            Self::Azure => "Azure",
        }
    }
}

impl fmt::Display for CloudName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for CloudName {
    type Err = IdError;

    fn from_str(text: &str) -> Result<Self, IdError> {
        [Self::Aws, Self::Alicloud, Self::Gcp, Self::Azure]
            .into_iter()
            .find(|cloud| cloud.as_str().eq_ignore_ascii_case(text))
            .ok_or_else(|| IdError { found: text.into(), expected: "a cloud: aws, alicloud, gcp or azure" })
    }
}

/// A text newtype whose format nobody checks, because a service makes it and only services read it.
macro_rules! name {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(String);

        impl $name {
            /// Takes the text as it is.
            pub fn new(text: impl Into<String>) -> Self {
                Self(text.into())
            }

            /// The text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}

name! {
    /// A region in its cloud's own spelling, without the cloud: `us-west-2`.
    Region
}
name! {
    /// A zone id, the same for every account (`usw2-az1`), not an AWS zone name, which each account shuffles.
    ZoneId
}
name! {
    /// The name of an endpoint service, such as `com.amazonaws.vpce.us-west-2.vpce-svc-0123456789abcdef0`.
    ServiceName
}
name! {
    /// A network interface of an endpoint.
    InterfaceId
}
name! {
    /// TiDB Cloud's id of a private endpoint connection.
    ConnectionId
}
name! {
    /// TiDB Cloud's id of a project.
    ProjectId
}

/// An id whose format is checked when it is parsed.
macro_rules! id {
    ($(#[$doc:meta])* $name:ident, $expected:literal, $valid:expr) => {
        name! {
            $(#[$doc])*
            $name
        }

        impl FromStr for $name {
            type Err = IdError;

            fn from_str(text: &str) -> Result<Self, IdError> {
                let valid: fn(&str) -> bool = $valid;
                if valid(text) {
                    Ok(Self(text.into()))
                } else {
                    Err(IdError { found: text.into(), expected: $expected })
                }
            }
        }
    };
}

id! {
    /// A TiDB Cloud cluster: decimal digits; can exceed a signed 64-bit integer, so it stays text.
    ClusterId, "a TiDB Cloud cluster id, which is a decimal number such as `10300000000000000001`", is_decimal
}
id! {
    /// A TiDB node group of a Dedicated cluster: decimal digits.
    NodeGroupId, "a TiDB node group id, which is a decimal number such as `1900000000000000001`", is_decimal
}
/// An id that each cloud writes in its own way. Parsing takes any cloud's; what a user gives is checked with
/// [`CloudId::parse_in`] against the one cloud that is meant.
pub trait CloudId: FromStr<Err = IdError> {
    /// The id in the form of `cloud`.
    ///
    /// # Errors
    /// [`IdError`] with what that cloud's ids look like.
    fn parse_in(cloud: CloudName, text: &str) -> Result<Self, IdError>;
}

macro_rules! cloud_id {
    ($(#[$doc:meta])* $name:ident, aws: $aws:literal $aws_expected:literal, alicloud: $ali:literal $ali_expected:literal) => {
        id! {
            $(#[$doc])*
            $name, $aws_expected, |text| is_aws_id(text, $aws) || is_alicloud_id(text, $ali)
        }

        impl CloudId for $name {
            fn parse_in(cloud: CloudName, text: &str) -> Result<Self, IdError> {
                let (valid, expected) = match cloud {
                    CloudName::Alicloud => (is_alicloud_id(text, $ali), $ali_expected),
                    _ => (is_aws_id(text, $aws), $aws_expected),
                };
                if valid { Ok(Self(text.into())) } else { Err(IdError { found: text.into(), expected }) }
            }
        }
    };
}

cloud_id! {
    /// A VPC.
    VpcId,
    aws: "vpc-" "a VPC id such as `vpc-0123456789abcdef0`",
    alicloud: "vpc-" "a VPC id such as `vpc-t4nlw426y44rd3iq4xxxx`"
}
cloud_id! {
    /// A subnet, which Alibaba Cloud calls a vSwitch.
    SubnetId,
    aws: "subnet-" "a subnet id such as `subnet-0123456789abcdef0`",
    alicloud: "vsw-" "a vSwitch id such as `vsw-t4nlw426y44rd3iq4xxxx`"
}
cloud_id! {
    /// A security group.
    SecurityGroupId,
    aws: "sg-" "a security group id such as `sg-0123456789abcdef0`",
    alicloud: "sg-" "a security group id such as `sg-t4nlw426y44rd3iq4xxxx`"
}
cloud_id! {
    /// An endpoint in its cloud.
    EndpointId,
    aws: "vpce-" "a VPC endpoint id such as `vpce-0123456789abcdef0`",
    alicloud: "ep-" "an endpoint id such as `ep-t4nlw426y44rd3iq4xxxx`"
}

fn is_decimal(text: &str) -> bool {
    (1..=20).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit())
}

/// AWS resource ids are a prefix and 8 (older) or 17 lower-case hexadecimal digits (EC2 user guide, "Resource IDs").
fn is_aws_id(text: &str, prefix: &str) -> bool {
    text.strip_prefix(prefix).is_some_and(|digits| {
        matches!(digits.len(), 8 | 17) && digits.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'))
    })
}

impl EndpointId {
    /// The cloud that writes endpoint ids in this way.
    pub fn cloud(&self) -> CloudName {
        if self.0.starts_with("ep-") { CloudName::Alicloud } else { CloudName::Aws }
    }
}

/// Alibaba Cloud's resource ids are a prefix and lower-case letters and digits; how many is nowhere promised.
fn is_alicloud_id(text: &str, prefix: &str) -> bool {
    text.strip_prefix(prefix).is_some_and(|rest| {
        (4..=60).contains(&rest.len()) && rest.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'z'))
    })
}

/// The endpoint service of a cluster, as `tidblink_endpoint_service.id` writes it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ServiceId {
    /// One service per node group: `dedicated/CLUSTER/NODE_GROUP`.
    Dedicated {
        /// The cluster.
        cluster: ClusterId,
        /// The node group whose endpoint it is.
        node_group: NodeGroupId,
    },
    /// One service that the Starter and Essential clusters of a region share: `serverless/CLUSTER`.
    Serverless {
        /// The cluster.
        cluster: ClusterId,
    },
}

impl ServiceId {
    const EXPECTED: &'static str =
        "the id of a tidblink_endpoint_service: `dedicated/CLUSTER/NODE_GROUP` or `serverless/CLUSTER`";

    /// Whether TiDB Cloud has to be told of each endpoint of the service.
    pub fn is_registered(&self) -> bool {
        matches!(self, Self::Dedicated { .. })
    }

    /// The cluster that the service leads to.
    pub fn cluster(&self) -> &ClusterId {
        match self {
            Self::Dedicated { cluster, .. } | Self::Serverless { cluster } => cluster,
        }
    }
}

impl fmt::Display for ServiceId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Dedicated { cluster, node_group } => write!(f, "dedicated/{cluster}/{node_group}"),
            Self::Serverless { cluster } => write!(f, "serverless/{cluster}"),
        }
    }
}

impl FromStr for ServiceId {
    type Err = IdError;

    fn from_str(text: &str) -> Result<Self, IdError> {
        let parsed = match text.split('/').collect::<Vec<_>>()[..] {
            ["dedicated", cluster, node_group] => match (cluster.parse(), node_group.parse()) {
                (Ok(cluster), Ok(node_group)) => Some(Self::Dedicated { cluster, node_group }),
                _ => None,
            },
            ["serverless", cluster] => cluster.parse().ok().map(|cluster| Self::Serverless { cluster }),
            _ => None,
        };
        parsed.ok_or_else(|| IdError { found: text.into(), expected: Self::EXPECTED })
    }
}

/// A private endpoint, as `tidblink_private_endpoint.id` writes it and as import takes it: `SERVICE_ID/ENDPOINT_ID`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PrivateEndpointId {
    /// The service it leads to.
    pub service: ServiceId,
    /// The endpoint in the cloud.
    pub endpoint: EndpointId,
}

impl fmt::Display for PrivateEndpointId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.service, self.endpoint)
    }
}

impl FromStr for PrivateEndpointId {
    type Err = IdError;

    fn from_str(text: &str) -> Result<Self, IdError> {
        text.rsplit_once('/')
            .and_then(|(service, endpoint)| {
                Some(Self { service: service.parse().ok()?, endpoint: endpoint.parse().ok()? })
            })
            .ok_or_else(|| IdError {
                found: text.into(),
                expected: "the id of a private endpoint: `dedicated/CLUSTER/NODE_GROUP/ENDPOINT` or \
                           `serverless/CLUSTER/ENDPOINT`",
            })
    }
}

#[cfg(test)]
mod fuzz;
#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn service_ids_survive_a_round_trip() {
        for text in ["dedicated/10300000000000000001/1900000000000000001", "serverless/10400000000000000001"]
        {
            assert_eq!(text.parse::<ServiceId>().unwrap().to_string(), text);
        }
    }

    #[test]
    fn endpoint_ids_survive_a_round_trip() {
        for text in [
            "dedicated/1/2/vpce-0123456789abcdef0",
            "serverless/1/vpce-01234567",
            "serverless/1/ep-t4n00000000000000001",
        ] {
            assert_eq!(text.parse::<PrivateEndpointId>().unwrap().to_string(), text);
        }
    }

    #[test]
    fn malformed_ids_are_refused_with_what_was_expected() {
        for text in
            ["", "/", "dedicated", "dedicated/1", "dedicated/1/2", "dedicated//2/vpce-01234567", "x/1/2"]
        {
            let error = text.parse::<PrivateEndpointId>().unwrap_err();
            assert_eq!(error.found, text);
            assert!(error.to_string().contains("dedicated/CLUSTER/NODE_GROUP/ENDPOINT"), "{error}");
        }
        for text in [
            "vpc-0123",
            "vpc-0123456789ABCDEF0",
            "subnet-0123456789abcdef0",
            "vpc-0123456789abcdefg",
            "",
            "vpc-",
        ] {
            assert!(VpcId::parse_in(CloudName::Aws, text).is_err(), "{text}");
        }
        for text in ["vpc-T4n00000", "vsw-t4n00000", "vpc-t4n_0000", "", "vpc-"] {
            assert!(VpcId::parse_in(CloudName::Alicloud, text).is_err(), "{text}");
        }
        for text in ["", "-1", "1e3", "123456789012345678901", "１"] {
            assert!(text.parse::<ClusterId>().is_err(), "{text}");
        }
    }

    #[test]
    fn cluster_ids_may_exceed_64_signed_bits() {
        assert!("10757937805044000000".parse::<ClusterId>().is_ok());
    }

    proptest::proptest! {
        #[test]
        fn no_import_id_can_panic(text in ".{0,80}") {
            let _ = text.parse::<PrivateEndpointId>();
            let _ = text.parse::<ServiceId>();
        }
    }
}
