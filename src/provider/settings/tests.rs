//! Which settings are taken, which refused, and in which words.

use super::*;
use crate::provider::block::AlicloudSettings;
use crate::tidbcloud::KeySource;

fn gather(config: ProviderModel, environment: &[(&str, &str)]) -> (Option<Settings>, Diagnostics) {
    let mut diagnostics = Diagnostics::new();
    let lookup =
        |name: &str| environment.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned());
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
    let (settings, _) =
        gather(ProviderModel::default(), &[("TIDBCLOUD_PUBLIC_KEY", "a"), ("TIDBCLOUD_PRIVATE_KEY", "b")]);
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
