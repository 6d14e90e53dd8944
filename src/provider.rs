//! The provider block: its schema, where each setting comes from when it is left out, and the clients that all
//! resources share.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use std::time::Duration;

use tfplugin::provider::{ConfigureRequest, ConfigureResponse, Provider};
use tfplugin::resource::ResourceEntry;
use tfplugin::schema::validators::between;
use tfplugin::schema::{Attribute, Schema};
use tfplugin::value::Type;
use tfplugin::{
    Attr, AttributePath, Context, DataSourceEntry, DiagnosticCode, Diagnostics, FunctionEntry,
    ListResourceEntry, model,
};
use url::Url;

use crate::clock::Clock;
use crate::clouds::Cloud;
use crate::clouds::alicloud::Machine;
use crate::clouds::alicloud::{
    Alicloud, AlicloudConfig, AssumeRole as AlicloudRole, StaticKeys as AlicloudKeys,
};
use crate::clouds::aws::{AssumeRole, Aws, AwsConfig, StaticKeys as AwsKeys};
use crate::codes::{self, Code};
use crate::diagnose;
use crate::endpoint_service::{
    EndpointService, EndpointServiceData, EndpointServiceList, EndpointServicesData,
};
use crate::functions;
use crate::ids::{CloudName, Region};
use crate::network::{Network, SystemNetwork};
use crate::operation::Operation;
use crate::private_endpoint::{
    Claims, PrivateEndpoint, PrivateEndpointData, PrivateEndpointList, PrivateEndpointsData,
};
use crate::random::Random;
use crate::reachability::Reachability;
use crate::secret::Secret;
use crate::tags::{self, UserTags};
use crate::tidbcloud::{ApiKey, Config as TidbConfig, EndpointError, Endpoints, KeySource, Share, TidbCloud};

/// The environment variable that makes the provider's clock run faster than real time, for use against a sandbox
/// whose services live faster too. Never set it against real services.
const TIME_SCALE_VARIABLE: &str = "TIDBLINK_TIME_SCALE";

/// What the resources share once the provider is configured.
pub struct Clients {
    /// TiDB Cloud.
    pub tidb: TidbCloud,
    /// AWS, in any region.
    pub aws: Aws,
    /// Alibaba Cloud, in any region.
    pub alicloud: Alicloud,
    /// Where the TiDB Cloud API key came from.
    pub key_source: KeySource,
    /// Tags for everything that is made in AWS.
    pub default_tags: BTreeMap<String, String>,
    /// Endpoints that are being made in this process.
    pub claims: Claims,
    /// The network as it is where Terraform runs.
    pub network: Arc<dyn Network>,
    clock: Clock,
    random: Random,
}

impl Clients {
    /// A cloud in one region: the same client for everybody who asks.
    pub fn cloud(&self, cloud: CloudName, region: &Region) -> Arc<dyn Cloud> {
        match cloud {
            CloudName::Alicloud => self.alicloud.in_region(region),
            // No service on another cloud gets past the lookup.
            CloudName::Aws | CloudName::Gcp | CloudName::Azure => self.aws.in_region(region),
        }
    }

    /// The frame for one operation of a resource: ends when Terraform stops the provider or `timeout` passes.
    pub fn operation(&self, context: &Context<Self>, timeout: Option<Duration>) -> Operation {
        Operation::new(self.clock.clone(), self.random.clone(), context.stop().clone(), timeout)
    }
}

impl std::fmt::Debug for Clients {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Clients")
    }
}

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

/// The provider `tidblink`.
#[derive(Debug, Default)]
pub struct Tidblink {
    surroundings: Surroundings,
}

impl Tidblink {
    /// The provider in other surroundings than this process's own.
    pub fn within(surroundings: Surroundings) -> Self {
        Self { surroundings }
    }
}

/// What the provider finds around it. The default is what it finds in this process; tests make their own, so that many
/// providers can live in one process, each with its own environment, in one common time.
#[derive(Clone, Default)]
pub struct Surroundings {
    /// The whole environment instead of the process's. The SDK of AWS does not see it: see `aws_keys`.
    pub environment: Option<HashMap<String, String>>,
    /// The time, instead of the real one.
    pub clock: Option<Clock>,
    /// Randomness, instead of the operating system's.
    pub random: Option<Random>,
    /// Names and connections, instead of this machine's.
    pub network: Option<Arc<dyn Network>>,
    /// AWS keys, instead of those that the usual places hold.
    pub aws_keys: Option<AwsKeys>,
}

impl std::fmt::Debug for Surroundings {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // The environment may hold secrets.
        f.debug_struct("Surroundings").finish_non_exhaustive()
    }
}

impl Surroundings {
    fn variable(&self, name: &str) -> Option<String> {
        match &self.environment {
            Some(environment) => environment.get(name).cloned(),
            None => std::env::var(name).ok(),
        }
    }

    /// Puts what is different here into the settings.
    fn settle(&self, settings: &mut Settings) {
        if let Some(clock) = &self.clock {
            settings.clock = clock.clone();
        }
        settings.random = self.random.clone();
        settings.network = self.network.clone();
        settings.aws.credentials = self.aws_keys.clone();
        if let Some(environment) = &self.environment {
            settings.alicloud.machine = Machine::with(environment.clone(), None);
        }
    }
}

impl Provider for Tidblink {
    type Data = Clients;
    type Config = ProviderModel;

    fn name(&self) -> &'static str {
        "tidblink"
    }

    fn version(&self) -> &'static str {
        env!("CARGO_PKG_VERSION")
    }

    fn schema(&self) -> Schema {
        schema()
    }

    async fn configure(&self, request: ConfigureRequest<ProviderModel>) -> ConfigureResponse<Clients> {
        let mut diagnostics = Diagnostics::new();
        let variable = |name: &str| self.surroundings.variable(name);
        let clients =
            Settings::gather(&request.config, &variable, &mut diagnostics).and_then(|mut settings| {
                self.surroundings.settle(&mut settings);
                settings.connect(&request.terraform_version, &mut diagnostics)
            });
        ConfigureResponse { data: clients, diagnostics }
    }

    fn resources(&self) -> Vec<ResourceEntry<Clients>> {
        vec![
            ResourceEntry::builder("tidblink_endpoint_service", EndpointService)
                .with_import()
                .with_identity()
                .build(),
            ResourceEntry::builder("tidblink_private_endpoint", PrivateEndpoint)
                .with_import()
                .with_move()
                .with_identity()
                .build(),
        ]
    }

    fn data_sources(&self) -> Vec<DataSourceEntry<Clients>> {
        vec![
            DataSourceEntry::new("tidblink_endpoint_service", EndpointServiceData),
            DataSourceEntry::new("tidblink_endpoint_services", EndpointServicesData),
            DataSourceEntry::new("tidblink_private_endpoint", PrivateEndpointData),
            DataSourceEntry::new("tidblink_private_endpoints", PrivateEndpointsData),
            DataSourceEntry::new("tidblink_reachability", Reachability),
        ]
    }

    fn diagnostic_codes(&self) -> Vec<DiagnosticCode> {
        codes::all()
    }

    fn help(&self, code: &str) -> Option<String> {
        Some(codes::link(code))
    }

    fn functions(&self) -> Vec<FunctionEntry> {
        functions::all()
    }

    fn list_resources(&self) -> Vec<ListResourceEntry<Clients>> {
        vec![
            ListResourceEntry::new("tidblink_endpoint_service", EndpointServiceList),
            ListResourceEntry::new("tidblink_private_endpoint", PrivateEndpointList),
        ]
    }
}

fn schema() -> Schema {
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

/// Everything that the provider block and the environment say, checked.
struct Settings {
    key: ApiKey,
    endpoints: Endpoints,
    aws: AwsConfig,
    alicloud: AlicloudConfig,
    default_tags: BTreeMap<String, String>,
    share: Share,
    clock: Clock,
    /// `None` means the operating system's.
    random: Option<Random>,
    /// `None` means this machine's.
    network: Option<Arc<dyn Network>>,
}

impl Settings {
    /// Reads the settings; every mistake becomes a diagnostic, all of them in one go.
    fn gather(
        config: &ProviderModel,
        environment: &dyn Fn(&str) -> Option<String>,
        diagnostics: &mut Diagnostics,
    ) -> Option<Self> {
        let environment = |name: &str| environment(name).filter(|text| !text.is_empty());
        refuse_unknown(config, diagnostics);
        let key = api_key(config, &environment, diagnostics);
        let overrides = config.endpoints.known().cloned().unwrap_or_default();
        let mut address =
            |name: &str, configured: &Attr<String>, variables: &[&str], default: Option<&str>| {
                address(name, configured, variables, default, &environment, diagnostics)
            };
        let dedicated = address(
            "dedicated",
            &overrides.dedicated,
            &["TIDBCLOUD_DEDICATED_ENDPOINT"],
            Some(Endpoints::DEDICATED),
        );
        let serverless = address(
            "serverless",
            &overrides.serverless,
            &["TIDBCLOUD_SERVERLESS_ENDPOINT"],
            Some(Endpoints::SERVERLESS),
        );
        let legacy = address("legacy", &overrides.legacy, &["TIDBCLOUD_HOST"], Some(Endpoints::LEGACY));
        let ec2 = address("ec2", &overrides.ec2, &["AWS_ENDPOINT_URL_EC2", "AWS_ENDPOINT_URL"], None);
        // The SDK reads it by itself, and STS answers with keys: they must not come over plain http either.
        address("ec2", &Attr::Null, &["AWS_ENDPOINT_URL_STS"], None);
        let alicloud_endpoint =
            address("alicloud", &overrides.alicloud, &["TIDBLINK_ALICLOUD_ENDPOINT"], None);
        let metadata = address("alicloud", &Attr::Null, &["TIDBLINK_ALICLOUD_METADATA_ENDPOINT"], None);
        let alicloud = AlicloudConfig {
            metadata_endpoint: metadata,
            ..alicloud_config(config, alicloud_endpoint, diagnostics)
        };
        let clock = clock(&environment, diagnostics);
        let aws = config.aws.known().cloned().unwrap_or_default();
        let default_tags: BTreeMap<_, _> = aws
            .default_tags
            .known()
            .into_iter()
            .flatten()
            .filter_map(|(key, value)| Some((key.clone(), value.known()?.clone())))
            .collect();
        tags::check(&default_tags, &AttributePath::of("aws").attribute("default_tags"), diagnostics);
        if diagnostics.has_errors() {
            return None;
        }
        Some(Self {
            key: key?,
            endpoints: Endpoints { dedicated: dedicated?, serverless: serverless?, legacy: legacy? },
            aws: AwsConfig {
                profile: aws.profile.into_known(),
                assume_role: aws.assume_role.into_known().and_then(|role| {
                    Some(AssumeRole {
                        role_arn: role.role_arn.into_known()?,
                        external_id: role.external_id.into_known(),
                        session_name: role.session_name.into_known(),
                    })
                }),
                // The SDK reads its own environment variables; only the provider block has to be handed on.
                endpoint: overrides.ec2.is_known().then_some(ec2).flatten(),
                ..AwsConfig::default()
            },
            alicloud,
            default_tags,
            // Validation has refused what is no share.
            share: config
                .request_budget
                .known()
                .and_then(|percent| Share::percent(*percent))
                .unwrap_or_default(),
            clock,
            random: None,
            network: None,
        })
    }

    /// Makes the clients. Nothing is called yet.
    fn connect(mut self, terraform_version: &str, diagnostics: &mut Diagnostics) -> Option<Clients> {
        let user_agent = format!(
            "terraform-provider-tidblink/{} Terraform/{terraform_version}",
            env!("CARGO_PKG_VERSION")
        );
        self.aws.user_agent = user_agent.clone();
        self.alicloud.user_agent = user_agent.clone();
        let key_source = self.key.source;
        let config = TidbConfig { key: self.key, endpoints: self.endpoints, user_agent, share: self.share };
        match TidbCloud::new(config) {
            Ok(tidb) => Some(Clients {
                tidb,
                aws: Aws::new(self.aws),
                alicloud: Alicloud::new(self.alicloud),
                key_source,
                default_tags: self.default_tags,
                claims: Claims::default(),
                network: self.network.unwrap_or_else(|| Arc::new(SystemNetwork)),
                clock: self.clock,
                random: self.random.unwrap_or_else(Random::from_os),
            }),
            Err(error) => {
                diagnostics.push(diagnose::lookup_error(
                    &error,
                    "set up the TiDB Cloud client",
                    key_source,
                    AttributePath::root(),
                ));
                None
            }
        }
    }
}

/// What the provider block says about Alibaba Cloud.
fn alicloud_config(
    config: &ProviderModel,
    endpoint: Option<Url>,
    diagnostics: &mut Diagnostics,
) -> AlicloudConfig {
    let settings = config.alicloud.known().cloned().unwrap_or_default();
    let said = |attribute: Attr<String>| attribute.into_known().filter(|text| !text.is_empty());
    let kept = |attribute: Attr<Secret>| attribute.into_known().filter(|secret| !secret.is_empty());
    let (id, secret) = (said(settings.access_key), kept(settings.secret_key));
    if id.is_some() != secret.is_some() {
        let (there, missing) =
            if id.is_some() { ("access_key", "secret_key") } else { ("secret_key", "access_key") };
        diagnostics.push(
            Code::HalfAccessKey.error(
                "Half an AccessKey pair",
                format!(
                    "`{there}` is set without `{missing}`. Set both, or neither to have the key found in the usual places."
                ),
            )
            .at(AttributePath::of("alicloud").attribute(missing)),
        );
    }
    AlicloudConfig {
        profile: said(settings.profile),
        credentials: id.zip(secret).map(|(access_key, secret_key)| AlicloudKeys {
            access_key,
            secret_key,
            security_token: kept(settings.security_token),
        }),
        assume_role: settings.assume_role.into_known().and_then(|role| {
            Some(AlicloudRole {
                role_arn: role.role_arn.into_known()?,
                session_name: role.session_name.into_known(),
                external_id: role.external_id.into_known(),
            })
        }),
        endpoint,
        ..AlicloudConfig::default()
    }
}

/// A provider cannot begin with settings that are only known after an apply.
fn refuse_unknown(config: &ProviderModel, diagnostics: &mut Diagnostics) {
    let mut refuse = |unknown: bool, path: AttributePath| {
        if unknown {
            diagnostics.push(
                Code::SettingNotKnown.error(
                    "A provider setting is not known yet",
                    format!(
                        "`{path}` depends on something that this run has not made yet, but the provider needs it to \
                         plan. Apply what it depends on first (`terraform apply -target=…`), or give the value directly."
                    ),
                )
                .at(path),
            );
        }
    };
    refuse(config.public_key.is_unknown(), AttributePath::of("public_key"));
    refuse(config.private_key.is_unknown(), AttributePath::of("private_key"));
    refuse(config.aws.is_unknown(), AttributePath::of("aws"));
    refuse(config.endpoints.is_unknown(), AttributePath::of("endpoints"));
    refuse(config.request_budget.is_unknown(), AttributePath::of("request_budget"));
    refuse(config.alicloud.is_unknown(), AttributePath::of("alicloud"));
    if let Some(alicloud) = config.alicloud.known() {
        let path = || AttributePath::of("alicloud");
        refuse(alicloud.profile.is_unknown(), path().attribute("profile"));
        refuse(alicloud.access_key.is_unknown(), path().attribute("access_key"));
        refuse(alicloud.secret_key.is_unknown(), path().attribute("secret_key"));
        refuse(alicloud.security_token.is_unknown(), path().attribute("security_token"));
        let path = path().attribute("assume_role");
        refuse(alicloud.assume_role.is_unknown(), path.clone());
        if let Some(role) = alicloud.assume_role.known() {
            refuse(role.role_arn.is_unknown(), path.clone().attribute("role_arn"));
            refuse(role.external_id.is_unknown(), path.clone().attribute("external_id"));
            refuse(role.session_name.is_unknown(), path.attribute("session_name"));
        }
    }
    if let Some(aws) = config.aws.known() {
        let path = AttributePath::of("aws");
        refuse(aws.profile.is_unknown(), path.clone().attribute("profile"));
        let tags = path.attribute("default_tags");
        refuse(aws.default_tags.is_unknown(), tags.clone());
        for (key, value) in aws.default_tags.known().into_iter().flatten() {
            refuse(value.is_unknown(), tags.key(key));
        }
        let path = path.attribute("assume_role");
        refuse(aws.assume_role.is_unknown(), path.clone());
        if let Some(role) = aws.assume_role.known() {
            refuse(role.role_arn.is_unknown(), path.clone().attribute("role_arn"));
            refuse(role.external_id.is_unknown(), path.clone().attribute("external_id"));
            refuse(role.session_name.is_unknown(), path.attribute("session_name"));
        }
    }
    if let Some(overrides) = config.endpoints.known() {
        let path = AttributePath::of("endpoints");
        refuse(overrides.dedicated.is_unknown(), path.clone().attribute("dedicated"));
        refuse(overrides.serverless.is_unknown(), path.clone().attribute("serverless"));
        refuse(overrides.legacy.is_unknown(), path.clone().attribute("legacy"));
        refuse(overrides.ec2.is_unknown(), path.clone().attribute("ec2"));
        refuse(overrides.alicloud.is_unknown(), path.attribute("alicloud"));
    }
}

/// The API key: both halves from the provider block, or both from the environment, so that halves never mix unseen.
fn api_key(
    config: &ProviderModel,
    environment: &dyn Fn(&str) -> Option<String>,
    diagnostics: &mut Diagnostics,
) -> Option<ApiKey> {
    let half = |configured: Option<&str>, unknown: bool, variable: &str| match configured {
        Some(text) if !text.is_empty() => Some((text.to_owned(), KeySource::ProviderBlock)),
        _ if unknown => None,
        _ => environment(variable).map(|text| (text, KeySource::Environment)),
    };
    let unknown = (config.public_key.is_unknown(), config.private_key.is_unknown());
    let public = half(config.public_key.known().map(String::as_str), unknown.0, "TIDBCLOUD_PUBLIC_KEY");
    let private = half(config.private_key.known().map(Secret::expose), unknown.1, "TIDBCLOUD_PRIVATE_KEY");
    let private = private.map(|(text, source)| (Secret::new(text), source));
    for (missing, unknown, attribute, variable) in [
        (public.is_none(), unknown.0, "public_key", "TIDBCLOUD_PUBLIC_KEY"),
        (private.is_none(), unknown.1, "private_key", "TIDBCLOUD_PRIVATE_KEY"),
    ] {
        if missing && !unknown {
            diagnostics.push(
                Code::MissingApiKey.error(
                    "Missing TiDB Cloud API key",
                    format!(
                        "Neither `{attribute}` in the provider block nor the environment variable `{variable}` holds \
                         anything, and TiDB Cloud answers nobody without a key. Make an API key in the TiDB Cloud console \
                         under Organization Settings > API Keys and set both halves."
                    ),
                )
                .at(AttributePath::of(attribute)),
            );
        }
    }
    let ((public, source), (private, private_source)) = (public?, private?);
    if source != private_source {
        // On the block and not on one of the keys: Terraform would show the line with it.
        diagnostics.push(
            Code::ApiKeyHalves.warning(
                "The two halves of the API key come from different places",
                format!(
                    "The public key is taken from {source} and the private key from {private_source}. They must belong \
                     together; set both in the same place."
                ),
            )
            .at(AttributePath::root()),
        );
    }
    Some(ApiKey { public, private, source })
}

/// One service's address: the provider block, else the environment, else the real one.
fn address(
    name: &str,
    configured: &Attr<String>,
    variables: &[&str],
    default: Option<&str>,
    environment: &dyn Fn(&str) -> Option<String>,
    diagnostics: &mut Diagnostics,
) -> Option<Url> {
    let path = AttributePath::of("endpoints").attribute(name);
    let found = match configured.known() {
        Some(text) => Some((text.clone(), format!("`{path}` of the provider block"))),
        None => variables.iter().find_map(|variable| {
            Some((environment(variable)?, format!("the environment variable `{variable}`")))
        }),
    };
    let (text, origin) = found.or_else(|| Some((default?.to_owned(), "the provider itself".to_owned())))?;
    match Endpoints::parse(&text) {
        Ok(url) => Some(url),
        Err(reason) => {
            // An address with a password in it is not repeated.
            let found = match reason {
                EndpointError::Credentials => "an address".to_owned(),
                _ => format!("{text:?}"),
            };
            diagnostics.push(
                Code::ServiceAddress.error(
                    "Unusable service address",
                    format!(
                        "{origin} says {found}: {reason}. Give an `https` address, or plain `http` for a loopback \
                         address such as `http://127.0.0.1:8080`: API keys must not travel unencrypted."
                    ),
                )
                .at(path),
            );
            None
        }
    }
}

fn clock(environment: &dyn Fn(&str) -> Option<String>, diagnostics: &mut Diagnostics) -> Clock {
    let Some(text) = environment(TIME_SCALE_VARIABLE) else { return Clock::real() };
    match text.parse::<f64>() {
        Ok(scale) if Clock::SCALES.contains(&scale) => {
            tracing::warn!(scale, "the provider's clock runs faster than real time");
            Clock::scaled(scale)
        }
        _ => {
            diagnostics.push(Code::TimeScale.error(
                "Unusable time scale",
                format!(
                    "The environment variable `{TIME_SCALE_VARIABLE}` says {text:?}, which is not a number from {} to {}. It \
                     is for sandboxes only: unset it.",
                    Clock::SCALES.start(),
                    Clock::SCALES.end(),
                ),
            ));
            Clock::real()
        }
    }
}

#[cfg(test)]
mod fuzz;

#[cfg(test)]
mod tests {
    use super::*;

    fn gather(config: ProviderModel, environment: &[(&str, &str)]) -> (Option<Settings>, Diagnostics) {
        let mut diagnostics = Diagnostics::new();
        let lookup = |name: &str| {
            environment.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned())
        };
        let settings = Settings::gather(&config, &lookup, &mut diagnostics);
        (settings, diagnostics)
    }

    fn keys() -> ProviderModel {
        ProviderModel {
            public_key: Attr::Known("public".into()),
            private_key: Attr::Known("hunter2".into()),
            ..ProviderModel::default()
        }
    }

    fn texts(diagnostics: &Diagnostics) -> String {
        diagnostics.iter().map(|d| format!("{:?} {} {}\n", d.attribute, d.summary, d.detail)).collect()
    }

    #[test]
    fn each_missing_half_of_the_key_is_an_error_on_its_attribute() {
        let (settings, diagnostics) = gather(ProviderModel::default(), &[]);
        assert!(settings.is_none());
        let paths: Vec<_> = diagnostics.iter().filter_map(|d| d.attribute.clone()).collect();
        assert_eq!(paths, [AttributePath::of("public_key"), AttributePath::of("private_key")]);
        assert!(texts(&diagnostics).contains("TIDBCLOUD_PRIVATE_KEY"));
    }

    #[test]
    fn the_key_comes_from_the_environment_when_the_block_is_silent() {
        let (settings, _) = gather(
            ProviderModel::default(),
            &[("TIDBCLOUD_PUBLIC_KEY", "a"), ("TIDBCLOUD_PRIVATE_KEY", "b")],
        );
        assert_eq!(settings.map(|s| s.key.source), Some(KeySource::Environment));
        let (settings, _) = gather(keys(), &[("TIDBCLOUD_PUBLIC_KEY", "a"), ("TIDBCLOUD_PRIVATE_KEY", "b")]);
        assert_eq!(settings.map(|s| s.key.source), Some(KeySource::ProviderBlock));
    }

    #[test]
    fn plain_http_is_for_loopback_only_wherever_it_is_said() {
        let environment = [("TIDBCLOUD_DEDICATED_ENDPOINT", "http://127.0.0.1:1")];
        assert!(gather(keys(), &environment).0.is_some());
        for variable in [
            "TIDBCLOUD_DEDICATED_ENDPOINT",
            "TIDBCLOUD_SERVERLESS_ENDPOINT",
            "TIDBCLOUD_HOST",
            "AWS_ENDPOINT_URL",
            "AWS_ENDPOINT_URL_STS",
            "TIDBLINK_ALICLOUD_METADATA_ENDPOINT",
        ] {
            let (settings, diagnostics) = gather(keys(), &[(variable, "http://example.com")]);
            assert!(settings.is_none(), "{variable}");
            assert!(texts(&diagnostics).contains(variable), "{}", texts(&diagnostics));
        }
    }

    #[test]
    fn a_password_in_an_address_is_refused_and_not_repeated() {
        let (settings, diagnostics) = gather(keys(), &[("TIDBCLOUD_HOST", "https://me:hunter2@example.com")]);
        assert!(settings.is_none());
        assert!(texts(&diagnostics).contains("TIDBCLOUD_HOST") && !texts(&diagnostics).contains("hunter2"));
    }

    #[test]
    fn an_unknown_setting_is_named() {
        let mut config = keys();
        config.private_key = Attr::Unknown;
        let (settings, diagnostics) = gather(config, &[]);
        assert!(settings.is_none());
        assert_eq!(diagnostics.len(), 1, "{}", texts(&diagnostics));
        assert!(texts(&diagnostics).contains("private_key"));
    }

    #[test]
    fn a_configuration_cannot_be_printed_with_its_secrets() {
        let alicloud = AlicloudSettings {
            secret_key: Attr::Known("hunter2".into()),
            security_token: Attr::Known("hunter2".into()),
            ..AlicloudSettings::default()
        };
        let config = ProviderModel { alicloud: Attr::Known(alicloud), ..keys() };
        assert!(!format!("{config:?}").contains("hunter2"), "{config:?}");
    }

    #[test]
    fn halves_of_the_key_from_two_places_are_a_warning_that_points_at_neither() {
        let config = ProviderModel { private_key: Attr::Null, ..keys() };
        let (settings, diagnostics) = gather(config, &[("TIDBCLOUD_PRIVATE_KEY", "hunter3")]);
        assert!(settings.is_some());
        let places: Vec<_> = diagnostics.iter().map(|diagnostic| diagnostic.attribute.clone()).collect();
        assert_eq!(places, [Some(AttributePath::root())]);
    }

    #[test]
    fn no_diagnostic_shows_a_key() {
        let environment = [("TIDBCLOUD_HOST", "nonsense"), ("TIDBLINK_TIME_SCALE", "-1")];
        let (_, diagnostics) = gather(keys(), &environment);
        assert_eq!(diagnostics.len(), 2);
        assert!(!texts(&diagnostics).contains("hunter2"));
    }
}
