//! Settings that a run cannot begin without and that are known only after an apply.

use tfplugin::{AttributePath, Diagnostics};

use crate::codes::Code;
use crate::provider::block::ProviderModel;

/// A provider cannot begin with settings that are only known after an apply.
pub(super) fn refuse_unknown(config: &ProviderModel, diagnostics: &mut Diagnostics) {
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
