//! Reading, and the ways in which an object that exists comes into the state: import and move. Also the way
//! back, from state to configuration.

use serde_json::Value as Json;
use tonic::Request;

use super::{READ, Stored, TestResource};
use crate::proto::encode;
use crate::proto::tfplugin6 as wire;
use crate::proto::tfplugin6::provider_server::Provider as ProviderRpc;
use crate::resource::MoveRequest;
use crate::testing::TestFailure;
use crate::testing::config::typed_value;
use crate::testing::failure::{check, expect_encodable};
use crate::testing::rpc::{answer, capabilities};
use crate::{AttributePath, Diagnostic, Diagnostics, Provider, Value};

impl<P: Provider> TestResource<'_, P> {
    /// Reads the object, as `terraform refresh` does. Answers the warnings.
    ///
    /// # Errors
    /// When the provider answers an error or breaks a rule.
    pub async fn refresh(&mut self) -> Result<Diagnostics, TestFailure> {
        let Some(stored) = self.stored.clone() else {
            return Ok(Diagnostics::new());
        };
        let prior = self.upgraded(&stored).await?;
        self.read(prior, stored).await
    }

    async fn read(&mut self, prior: Value, stored: Stored) -> Result<Diagnostics, TestFailure> {
        let request = wire::read_resource::Request {
            type_name: self.type_name.clone(),
            current_state: Some(self.encode(&prior)),
            private: stored.private.clone(),
            provider_meta: None,
            client_capabilities: Some(capabilities(self.provider.capabilities)),
            current_identity: stored.identity.clone(),
        };
        let response = answer(self.provider.service.read_resource(Request::new(request)).await);
        let warnings = check(READ, response.diagnostics)?;
        let state = self.decode(READ, response.new_state.as_ref())?;
        self.stored = if state.is_null() {
            None
        } else {
            Some(Stored {
                schema_version: self.schema.version,
                attributes: self.storable(READ, &state)?,
                private: response.private,
                identity: response.new_identity,
                is_tainted: stored.is_tainted,
            })
        };
        Ok(warnings)
    }

    /// Imports the object with this id, as `terraform import` does.
    ///
    /// # Errors
    /// When the provider answers an error or breaks a rule, or there is no such object.
    pub async fn import(&mut self, id: &str) -> Result<Diagnostics, TestFailure> {
        self.import_object(id.to_owned(), None).await
    }

    /// Imports the object with this identity, as an `import` block with `identity` does.
    ///
    /// # Errors
    /// When the provider answers an error or breaks a rule, or there is no such object.
    ///
    /// # Panics
    /// When the resource type has no identity, or `identity` does not fit its schema.
    pub async fn import_identity(&mut self, identity: Json) -> Result<Diagnostics, TestFailure> {
        let resource = &self.provider.service.catalog().resources[&self.type_name];
        let Some(shape) = &resource.identity else {
            panic!("the resource type {} has no identity", self.type_name);
        };
        let identity = typed_value(&shape.ty, &identity, &AttributePath::root());
        let data = wire::ResourceIdentityData {
            identity_data: Some(expect_encodable(encode(&identity, &shape.ty))),
        };
        self.import_object(String::new(), Some(data)).await
    }

    async fn import_object(
        &mut self,
        id: String,
        identity: Option<wire::ResourceIdentityData>,
    ) -> Result<Diagnostics, TestFailure> {
        const IMPORT: &str = "ImportResourceState";
        assert!(self.stored.is_none(), "Terraform refuses to import into an address that has state");
        let request = wire::import_resource_state::Request {
            type_name: self.type_name.clone(),
            id,
            client_capabilities: Some(capabilities(self.provider.capabilities)),
            identity,
        };
        let response = answer(self.provider.service.import_resource_state(Request::new(request)).await);
        let mut warnings = check(IMPORT, response.diagnostics)?;
        let [imported] = &response.imported_resources[..] else {
            let what = format!("{} objects were imported instead of one", response.imported_resources.len());
            return Err(TestFailure::violation(IMPORT, AttributePath::root(), what));
        };
        let state = self.decode(IMPORT, imported.state.as_ref())?;
        let stored = Stored {
            schema_version: self.schema.version,
            attributes: Json::Null,
            private: imported.private.clone(),
            identity: imported.identity.clone(),
            is_tainted: false,
        };
        warnings.extend(self.read(state, stored).await?);
        if self.stored.is_none() {
            return Err(TestFailure {
                rpc: READ,
                diagnostics: Diagnostic::error(
                    "Cannot import non-existent remote object",
                    "Terraform's own words: what was imported is not there when it is read.",
                )
                .into(),
                violations: Vec::new(),
            });
        }
        Ok(warnings)
    }

    /// Takes over an object of another resource type, as a `moved` block does. Terraform refreshes it
    /// afterwards.
    ///
    /// # Errors
    /// When the provider answers an error or breaks a rule.
    pub async fn move_from(&mut self, source: MoveRequest) -> Result<Diagnostics, TestFailure> {
        const MOVE: &str = "MoveResourceState";
        let raw =
            |json: &Json| wire::RawState { json: json.to_string().into_bytes(), flatmap: Default::default() };
        let request = wire::move_resource_state::Request {
            source_provider_address: source.source_provider,
            source_type_name: source.source_type,
            source_schema_version: source.source_version,
            source_state: Some(raw(&source.state)),
            target_type_name: self.type_name.clone(),
            source_private: source.private,
            source_identity: source.identity.as_ref().map(raw),
            source_identity_schema_version: 0,
        };
        let response = answer(self.provider.service.move_resource_state(Request::new(request)).await);
        let mut warnings = check(MOVE, response.diagnostics)?;
        let state = self.decode(MOVE, response.target_state.as_ref())?;
        self.stored = Some(Stored {
            schema_version: self.schema.version,
            attributes: self.storable(MOVE, &state)?,
            private: response.target_private,
            identity: response.target_identity,
            is_tainted: false,
        });
        warnings.extend(self.refresh().await?);
        Ok(warnings)
    }

    /// The configuration that `terraform plan -generate-config-out` would write for the object. Null
    /// arguments are left out.
    ///
    /// # Errors
    /// When the provider answers an error or breaks a rule.
    ///
    /// # Panics
    /// When there is no object.
    pub async fn generate_config(&self) -> Result<Json, TestFailure> {
        const GENERATE: &str = "GenerateResourceConfig";
        let Some(stored) = &self.stored else {
            panic!("there is no object to write a configuration for");
        };
        let request = wire::generate_resource_config::Request {
            type_name: self.type_name.clone(),
            state: Some(self.encode(&self.upgraded(stored).await?)),
        };
        let response = answer(self.provider.service.generate_resource_config(Request::new(request)).await);
        check(GENERATE, response.diagnostics)?;
        let mut config = self.storable(GENERATE, &self.decode(GENERATE, response.config.as_ref())?)?;
        if let Some(arguments) = config.as_object_mut() {
            arguments.retain(|_, value| !value.is_null());
        }
        Ok(config)
    }
}
