//! Where the API key, the services' addresses and the pace of the clock come from: the provider block, else the
//! environment, else what is usual.

use tfplugin::{Attr, AttributePath, Diagnostics};
use url::Url;

use crate::clock::Clock;
use crate::codes::Code;
use crate::provider::block::ProviderModel;
use crate::secret::Secret;
use crate::tidbcloud::{ApiKey, EndpointError, Endpoints, KeySource};

/// The environment variable that makes the provider's clock run faster than real time, for use against a sandbox
/// whose services live faster too. Never set it against real services.
const TIME_SCALE_VARIABLE: &str = "TIDBLINK_TIME_SCALE";

/// The API key: both halves from the provider block, or both from the environment, so that halves never mix unseen.
pub(super) fn api_key(
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
pub(super) fn address(
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

/// The time: real, or faster for a sandbox.
pub(super) fn clock(environment: &dyn Fn(&str) -> Option<String>, diagnostics: &mut Diagnostics) -> Clock {
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
