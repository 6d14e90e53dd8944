//! From [`AwsConfig`] to the SDK's client. Credentials come from the places that every AWS tool looks in, and STS is
//! asked in the service's own region, because an account may have switched the global endpoint off.

use std::time::Duration;

use aws_config::identity::IdentityCache;
use aws_config::profile::ProfileFileCredentialsProvider;
use aws_config::provider_config::ProviderConfig;
use aws_config::retry::RetryConfig;
use aws_config::sts::AssumeRoleProvider;
use aws_config::timeout::TimeoutConfig;
use aws_config::{BehaviorVersion, FrameworkMetadata, SdkConfig};
use aws_credential_types::provider::error::CredentialsError;
use aws_credential_types::provider::{ProvideCredentials, future};
use aws_sdk_ec2::Client;
use aws_sdk_ec2::config::interceptors::AfterDeserializationInterceptorContextRef;
use aws_sdk_ec2::config::{ConfigBag, Credentials, Intercept, RuntimeComponents, SharedCredentialsProvider};
use aws_sdk_ec2::error::BoxError;

use super::config::{AssumeRole, AwsConfig, StaticKeys};
use crate::ids::Region;

/// How long a TCP and TLS connection may take to come up.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// How long EC2 may take to answer one attempt; the SDK has no limit of its own.
pub(super) const ATTEMPT_TIMEOUT: Duration = Duration::from_secs(30);
/// How long finding credentials may take. The SDK's 5 seconds cut off instance metadata (four tries of a second and
/// more) and slow credential processes, and the error would then blame the wrong thing.
const CREDENTIALS_TIMEOUT: Duration = Duration::from_secs(60);
/// How the provider's sessions show in CloudTrail when the user gave no name.
const SESSION_NAME: &str = "tidblink";

/// The EC2 client for `region`. Reads configuration files and environment, but calls nothing.
pub(super) async fn client(config: &AwsConfig, region: &Region) -> Client {
    let shared = load(config, region).await;
    // Retries are made by `call`, in the operation's time and at EC2's pace. The SDK would stop after a fixed number,
    // and set explicitly it does not panic on an unreadable AWS_MAX_ATTEMPTS or AWS_RETRY_MODE.
    let mut ec2 = aws_sdk_ec2::config::Builder::from(&shared)
        .retry_config(RetryConfig::disabled())
        .interceptor(SaidByEc2);
    if let Some(endpoint) = &config.endpoint {
        ec2 = ec2.endpoint_url(endpoint.as_str().trim_end_matches('/'));
    }
    Client::from_conf(ec2.build())
}

/// Lets nothing pass for success that EC2 did not say. The SDK reads no answer that it needs nothing from, so that a page
/// from something in between would make a tag look written. EC2 puts the request's id into every answer (EC2 API
/// reference, "Query requests").
#[derive(Debug)]
struct SaidByEc2;

impl Intercept for SaidByEc2 {
    fn name(&self) -> &'static str {
        "SaidByEc2"
    }

    fn read_after_deserialization(
        &self,
        context: &AfterDeserializationInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let answer = context.response();
        let said = |body: &[u8]| body.windows(REQUEST_ID.len()).any(|part| part == REQUEST_ID);
        if answer.status().is_success() && !answer.body().bytes().is_some_and(said) {
            return Err("the answer has no request id".into());
        }
        Ok(())
    }
}

/// The element of every answer of EC2.
const REQUEST_ID: &[u8] = b"<requestId>";

async fn load(config: &AwsConfig, region: &Region) -> SdkConfig {
    let timeouts =
        TimeoutConfig::builder().connect_timeout(CONNECT_TIMEOUT).operation_attempt_timeout(ATTEMPT_TIMEOUT);
    let mut loader = aws_config::defaults(BehaviorVersion::latest())
        .region(aws_config::Region::new(region.as_str().to_owned()))
        .retry_config(RetryConfig::standard())
        .timeout_config(timeouts.build())
        .identity_cache(IdentityCache::lazy().load_timeout(CREDENTIALS_TIMEOUT).build());
    for product in products(&config.user_agent) {
        loader = loader.framework_metadata(product);
    }
    if let Some(profile) = &config.profile {
        // A profile that was asked for by name is meant, whatever keys the environment holds.
        let region = aws_config::Region::new(region.as_str().to_owned());
        let provider = ProfileFileCredentialsProvider::builder()
            .configure(&ProviderConfig::without_region().with_region(Some(region)))
            .profile_name(profile)
            .build();
        let provider = NamedProfile { name: profile.clone(), provider };
        loader = loader.profile_name(profile).credentials_provider(provider);
    }
    if let Some(keys) = &config.credentials {
        loader = loader.credentials_provider(credentials(keys));
    }
    let shared = loader.load().await;
    match &config.assume_role {
        Some(role) => assume(shared, role).await,
        None => shared,
    }
}

/// A profile that the provider block names. When it gives nothing, the error says so instead of naming every place
/// where credentials might have been.
#[derive(Debug)]
struct NamedProfile {
    name: String,
    provider: ProfileFileCredentialsProvider,
}

impl ProvideCredentials for NamedProfile {
    fn provide_credentials<'a>(&'a self) -> future::ProvideCredentials<'a>
    where
        Self: 'a,
    {
        future::ProvideCredentials::new(async move {
            self.provider.provide_credentials().await.map_err(|error| match error {
                CredentialsError::CredentialsNotLoaded(_) => CredentialsError::invalid_configuration(format!(
                    "the profile {:?} of the provider block is not in the AWS shared configuration files, or it holds no \
                     credentials",
                    self.name
                )),
                error => error,
            })
        })
    }
}

async fn assume(shared: SdkConfig, role: &AssumeRole) -> SdkConfig {
    let session_name = role.session_name.as_deref().unwrap_or(SESSION_NAME);
    let mut provider =
        AssumeRoleProvider::builder(&role.role_arn).session_name(session_name).configure(&shared);
    if let Some(external_id) = &role.external_id {
        provider = provider.external_id(external_id);
    }
    let provider = SharedCredentialsProvider::new(provider.build().await);
    shared.into_builder().credentials_provider(provider).build()
}

fn credentials(keys: &StaticKeys) -> Credentials {
    Credentials::new(
        &keys.access_key,
        keys.secret_key.expose(),
        keys.session_token.as_ref().map(|token| token.expose().to_owned()),
        None,
        "tidblink",
    )
}

/// The products of a user agent. One with characters that the SDK refuses is left out rather than failing every call.
fn products(user_agent: &str) -> Vec<FrameworkMetadata> {
    user_agent
        .split_whitespace()
        .filter_map(|product| {
            let (name, version) = match product.split_once('/') {
                Some((name, version)) => (name, Some(version)),
                None => (product, None),
            };
            FrameworkMetadata::new(name.to_owned(), version.map(str::to_owned)).ok()
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_user_agent_is_handed_on_product_by_product() {
        let products = products("terraform-provider-tidblink/0.1.0 Terraform/1.15.0-beta2 custom");
        let products: Vec<_> = products.iter().map(|product| (product.name(), product.version())).collect();
        assert_eq!(
            products,
            [
                ("terraform-provider-tidblink", Some("0.1.0")),
                ("Terraform", Some("1.15.0-beta2")),
                ("custom", None),
            ]
        );
    }

    #[test]
    fn a_product_that_cannot_stand_in_a_header_is_left_out() {
        assert_eq!(products("good/1 bad/(x)").len(), 1);
    }

    #[tokio::test]
    async fn the_service_region_wins_over_the_users_own() {
        let config = AwsConfig {
            credentials: Some(StaticKeys {
                access_key: "AKIAEXAMPLE".into(),
                secret_key: crate::secret::Secret::new("secret"),
                session_token: None,
            }),
            ..AwsConfig::default()
        };
        let shared = load(&config, &Region::new("eu-central-1")).await;
        assert_eq!(shared.region().map(ToString::to_string).as_deref(), Some("eu-central-1"));
    }
}
