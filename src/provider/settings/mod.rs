//! Everything that the provider block and the environment say: where each setting comes from when it is left out, whether
//! it can be used, and the clients that are made of it.

#[cfg(test)]
mod fuzz;
mod sources;
#[cfg(test)]
mod tests;
mod unknown;

use std::collections::BTreeMap;
use std::sync::Arc;

use tfplugin::{Attr, AttributePath, Diagnostics};
use url::Url;

use self::sources::{address, api_key, clock};
use self::unknown::refuse_unknown;
use super::block::ProviderModel;
use super::clients::Clients;
use crate::clock::Clock;
use crate::clouds::alicloud::{
    Alicloud, AlicloudConfig, AssumeRole as AlicloudRole, StaticKeys as AlicloudKeys,
};
use crate::clouds::aws::{AssumeRole, Aws, AwsConfig};
use crate::codes::Code;
use crate::diagnose;
use crate::network::{Network, SystemNetwork};
use crate::private_endpoint::Claims;
use crate::random::Random;
use crate::secret::Secret;
use crate::tags;
use crate::tidbcloud::{ApiKey, Config as TidbConfig, Endpoints, Share, TidbCloud};

/// Everything that the provider block and the environment say, checked.
pub(super) struct Settings {
    key: ApiKey,
    endpoints: Endpoints,
    pub(super) aws: AwsConfig,
    pub(super) alicloud: AlicloudConfig,
    default_tags: BTreeMap<String, String>,
    share: Share,
    pub(super) clock: Clock,
    /// `None` means the operating system's.
    pub(super) random: Option<Random>,
    /// `None` means this machine's.
    pub(super) network: Option<Arc<dyn Network>>,
}

impl Settings {
    /// Reads the settings; every mistake becomes a diagnostic, all of them in one go.
    pub(super) fn gather(
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
    pub(super) fn connect(
        mut self,
        terraform_version: &str,
        diagnostics: &mut Diagnostics,
    ) -> Option<Clients> {
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
