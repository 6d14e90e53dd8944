//! The provider block: its arguments, as Terraform reads them and as the code does.

use std::collections::BTreeMap;

use tfplugin::schema::validators::between;
use tfplugin::schema::{Attribute, Schema};
use tfplugin::value::Type;
use tfplugin::{Attr, model};

use crate::secret::Secret;
use crate::tags::UserTags;

model! {
    /// `assume_role` of a cloud's settings in the provider block.
    pub struct AssumeRoleModel {
        /// The role.
        pub role_arn: Attr<String>,
        /// The external id that the role may ask for.
        pub external_id: Attr<String>,
        /// The name of the session in the cloud's audit log.
        pub session_name: Attr<String>,
    }
}

model! {
    /// `aws` of the provider block.
    pub struct AwsSettings {
        /// The profile of the AWS shared configuration files.
        pub profile: Attr<String>,
        /// A role to assume with the credentials that were found.
        pub assume_role: Attr<AssumeRoleModel>,
        /// Tags for everything that is made.
        pub default_tags: Attr<BTreeMap<String, Attr<String>>>,
    }
}

model! {
    /// `alicloud` of the provider block.
    pub struct AlicloudSettings {
        /// The profile of the Alibaba Cloud CLI's configuration file.
        pub profile: Attr<String>,
        /// The id of an AccessKey pair.
        pub access_key: Attr<String>,
        /// Its secret.
        pub secret_key: Attr<Secret>,
        /// The token of a session's key.
        pub security_token: Attr<Secret>,
        /// A role to assume with the credentials that were found.
        pub assume_role: Attr<AssumeRoleModel>,
    }
}

model! {
    /// `endpoints` of the provider block.
    pub struct EndpointOverrides {
        /// Dedicated API.
        pub dedicated: Attr<String>,
        /// Starter and Essential API.
        pub serverless: Attr<String>,
        /// Legacy API.
        pub legacy: Attr<String>,
        /// Amazon EC2.
        pub ec2: Attr<String>,
        /// Alibaba Cloud.
        pub alicloud: Attr<String>,
    }
}

model! {
    /// The provider block.
    pub struct ProviderModel {
        /// Public key of the TiDB Cloud API key.
        pub public_key: Attr<String>,
        /// Private key of the TiDB Cloud API key.
        pub private_key: Attr<Secret>,
        /// How AWS is reached.
        pub aws: Attr<AwsSettings>,
        /// How Alibaba Cloud is reached.
        pub alicloud: Attr<AlicloudSettings>,
        /// Other addresses for the services.
        pub endpoints: Attr<EndpointOverrides>,
        /// The share of the TiDB Cloud API key's requests to use, in percent.
        pub request_budget: Attr<i64>,
    }
}

/// The schema of the block.
pub(super) fn schema() -> Schema {
    Schema::new(0)
        .description(
            "Private paths from your cloud network to TiDB Cloud clusters: finds the endpoint service, makes the cloud \
             endpoint, registers it with TiDB Cloud, switches private DNS on and hands back a host and port, in one apply.",
        )
        .attribute(Attribute::string("public_key").optional().sensitive().description(
            "Public key of a TiDB Cloud API key with the role Organization Owner or Project Owner. Taken from \
             `TIDBCLOUD_PUBLIC_KEY` when left out.",
        ))
        .attribute(Attribute::string("private_key").optional().sensitive().description(
            "Private key of the API key. Taken from `TIDBCLOUD_PRIVATE_KEY` when left out.",
        ))
        .attribute(
            Attribute::single_nested(
                "aws",
                vec![
                    Attribute::string("profile").optional().description(
                        "Profile of the AWS shared configuration files. `AWS_PROFILE` or the default profile when left out.",
                    ),
                    Attribute::single_nested(
                        "assume_role",
                        vec![
                            Attribute::string("role_arn").required().description("ARN of the role."),
                            Attribute::string("external_id")
                                .optional()
                                .description("External id that the role's trust policy asks for."),
                            Attribute::string("session_name")
                                .optional()
                                .description("Name of the session in CloudTrail. `tidblink` when left out."),
                        ],
                    )
                    .optional()
                    .description("A role to assume with the credentials that were found."),
                    Attribute::map("default_tags", Type::String)
                        .optional()
                        .validate(UserTags)
                        .description("Tags for every endpoint that is made; an endpoint's own `tags` win."),
                ],
            )
            .optional()
            .description(
                "How AWS is reached. Credentials are found as the AWS CLI finds them; the region is always that of the \
                 endpoint service.",
            ),
        )
        .attribute(
            Attribute::single_nested(
                "alicloud",
                vec![
                    Attribute::string("profile").optional().description(
                        "Profile of the Alibaba Cloud CLI's `~/.aliyun/config.json`. `ALIBABA_CLOUD_PROFILE` or the file's \
                         current profile when left out.",
                    ),
                    Attribute::string("access_key").optional().sensitive().description(
                        "Id of an AccessKey pair. `ALIBABA_CLOUD_ACCESS_KEY_ID` when left out.",
                    ),
                    Attribute::string("secret_key").optional().sensitive().description(
                        "Secret of the AccessKey pair. `ALIBABA_CLOUD_ACCESS_KEY_SECRET` when left out.",
                    ),
                    Attribute::string("security_token").optional().sensitive().description(
                        "Token of a session's key. It cannot be renewed: for long applies use a role instead.",
                    ),
                    Attribute::single_nested(
                        "assume_role",
                        vec![
                            Attribute::string("role_arn").required().description("ARN of the role."),
                            Attribute::string("external_id")
                                .optional()
                                .description("External id that the role's trust policy asks for."),
                            Attribute::string("session_name")
                                .optional()
                                .description("Name of the session in ActionTrail. `tidblink` when left out."),
                        ],
                    )
                    .optional()
                    .description("A role to assume with the credentials that were found."),
                ],
            )
            .optional()
            .description(
                "How Alibaba Cloud is reached. Credentials are found as its own tools find them: environment, OIDC, the \
                 CLI's configuration file, the role of an ECS instance; the region is always that of the endpoint service.",
            ),
        )
        .attribute(
            Attribute::single_nested(
                "endpoints",
                vec![
                    Attribute::string("dedicated").optional().description(
                        "Address of the TiDB Cloud Dedicated API. `TIDBCLOUD_DEDICATED_ENDPOINT`, else \
                         `https://dedicated.tidbapi.com`.",
                    ),
                    Attribute::string("serverless").optional().description(
                        "Address of the TiDB Cloud Starter and Essential API. `TIDBCLOUD_SERVERLESS_ENDPOINT`, else \
                         `https://serverless.tidbapi.com`.",
                    ),
                    Attribute::string("legacy").optional().description(
                        "Address of the TiDB Cloud API v1beta. `TIDBCLOUD_HOST`, else `https://api.tidbcloud.com`.",
                    ),
                    Attribute::string("ec2").optional().description(
                        "Address of Amazon EC2. `AWS_ENDPOINT_URL_EC2` or `AWS_ENDPOINT_URL`, else the region's own.",
                    ),
                    Attribute::string("alicloud").optional().description(
                        "One address for Alibaba Cloud's PrivateLink, VPC, ECS and STS. `TIDBLINK_ALICLOUD_ENDPOINT`, else \
                         the region's own ones.",
                    ),
                ],
            )
            .optional()
            .description(
                "Other addresses for the services, for gateways and sandboxes. Plain `http` is accepted for loopback \
                 addresses only.",
            ),
        )
        .attribute(Attribute::int64("request_budget").optional().validate(between(1, 100)).description(
            "Share of the TiDB Cloud API key's requests a minute that one run may use, in percent; the rest is left to other \
             pipelines with the same key. Default 80. A run that has used its share waits for the next minute.",
        ))
}
