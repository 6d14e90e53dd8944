//! Any environment: settings, or diagnostics without the key in them.

use std::time::Duration;

use ::fuzz::text;

use super::*;

/// In no kept input, so that one which is shown came from where it should not.
const KEY: &str = "private-key-for-fuzzing";

#[test]
fn the_providers_environment() {
    text("environment", |lines| {
        let variables: BTreeMap<&str, &str> = lines.lines().filter_map(|line| line.split_once('=')).collect();
        let lookup = |name: &str| match name {
            "TIDBCLOUD_PRIVATE_KEY" => Some(KEY.to_owned()),
            _ => variables.get(name).map(|value| (*value).to_owned()),
        };
        let mut diagnostics = Diagnostics::new();
        let settings = Settings::gather(&ProviderModel::default(), &lookup, &mut diagnostics);
        assert!(settings.is_some() != diagnostics.has_errors());
        if let Some(settings) = settings {
            // What would overflow later.
            let _ = settings.clock.now() + settings.clock.to_real(Duration::from_secs(u64::from(u32::MAX)));
        }
        for diagnostic in diagnostics.iter() {
            let text = format!("{diagnostic:?}");
            assert!(!text.contains(KEY) || lines.contains(KEY), "{text}");
        }
    });
}
