//! The responses of the protocol, as far as they are alike: each can say that the call failed.

use crate::proto::tfplugin6 as wire;

/// A response that can carry a failure.
pub(super) trait Answer {
    /// The response of a call that did nothing but fail.
    fn failed(diagnostics: Vec<wire::Diagnostic>) -> Self;

    /// What the response tells the user.
    fn diagnostics(&self) -> &[wire::Diagnostic];
}

macro_rules! answers {
    ($($module:ident),+ $(,)?) => {$(
        impl Answer for wire::$module::Response {
            fn failed(diagnostics: Vec<wire::Diagnostic>) -> Self {
                let mut answer = Self::default();
                answer.diagnostics.extend(diagnostics);
                answer
            }

            fn diagnostics(&self) -> &[wire::Diagnostic] {
                &self.diagnostics
            }
        }
    )+};
}

answers!(
    apply_resource_change,
    configure_provider,
    generate_resource_config,
    get_functions,
    get_metadata,
    get_provider_schema,
    get_resource_identity_schemas,
    import_resource_state,
    move_resource_state,
    plan_resource_change,
    read_data_source,
    read_resource,
    upgrade_resource_identity,
    upgrade_resource_state,
    validate_data_resource_config,
    validate_list_resource_config,
    validate_provider_config,
    validate_resource_config,
);

impl Answer for wire::call_function::Response {
    fn failed(diagnostics: Vec<wire::Diagnostic>) -> Self {
        let texts: Vec<_> =
            diagnostics.iter().map(|found| format!("{}: {}", found.summary, found.detail)).collect();
        let error = wire::FunctionError { text: texts.join("\n"), function_argument: None };
        Self { result: None, error: Some(error) }
    }

    fn diagnostics(&self) -> &[wire::Diagnostic] {
        &[]
    }
}
