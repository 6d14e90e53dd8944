//! A stand-in for Terraform, for the tests of a provider.
//!
//! [`TestProvider`] calls the very code that serves Terraform, messages and encodings included, without a
//! process or a socket. [`TestResource`] goes through the life of one resource instance as Terraform's core
//! does: it proposes a new state, checks plans and results by core's own rules, plans again before it
//! applies, keeps what an errored operation left behind, and taints. What Terraform would report as a bug in
//! the provider is a [`TestFailure`].
//!
//! Configurations are JSON objects; [`UNKNOWN`] stands for a value that is only known after apply. A mistake
//! in the test itself, such as an argument that the schema does not have, panics.
//!
//! ```
//! # use tfplugin::*;
//! # model! { struct Config {} }
//! # model! { struct Thing { name: Attr<String>, id: Attr<String> } }
//! # struct Things;
//! # impl Provider for Things {
//! #     type Data = ();
//! #     type Config = Config;
//! #     fn name(&self) -> &'static str { "things" }
//! #     fn version(&self) -> &'static str { "1.0.0" }
//! #     fn schema(&self) -> Schema { Schema::new(0) }
//! #     async fn configure(&self, _: ConfigureRequest<Config>) -> ConfigureResponse<()> { ConfigureResponse::ready(()) }
//! #     fn resources(&self) -> Vec<ResourceEntry<()>> { vec![ResourceEntry::new("things_thing", ThingResource)] }
//! # }
//! # struct ThingResource;
//! # impl Resource for ThingResource {
//! #     type Data = ();
//! #     type Model = Thing;
//! #     fn schema(&self) -> Schema {
//! #         Schema::new(0)
//! #             .attribute(Attribute::string("name").required().requires_replace())
//! #             .attribute(Attribute::string("id").computed())
//! #     }
//! #     async fn create(&self, _: &Context<()>, request: CreateRequest<Thing>) -> CreateResponse<Thing> {
//! #         CreateResponse::created(Thing { id: "t-1".into(), ..request.planned }, request.private)
//! #     }
//! #     async fn read(&self, _: &Context<()>, request: ReadRequest<Thing>) -> ReadResponse<Thing> {
//! #         ReadResponse::found(request.state, request.private)
//! #     }
//! #     async fn update(&self, _: &Context<()>, request: UpdateRequest<Thing>) -> UpdateResponse<Thing> {
//! #         UpdateResponse::updated(request.planned, request.private)
//! #     }
//! #     async fn delete(&self, _: &Context<()>, _: DeleteRequest<Thing>) -> DeleteResponse<Thing> {
//! #         DeleteResponse::deleted()
//! #     }
//! # }
//! use serde_json::json;
//! use tfplugin::testing::{PlannedAction, TestProvider};
//!
//! # tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(async {
//! let provider = TestProvider::new(Things);
//! provider.configure(json!({})).await.unwrap();
//!
//! let mut thing = provider.resource("things_thing");
//! // Plans, applies, reads and plans again, which has to be empty.
//! thing.converge(json!({ "name": "lamp" })).await.unwrap();
//! assert_eq!(thing.attribute("/id"), "t-1");
//!
//! let plan = thing.plan(json!({ "name": "chair" })).await.unwrap();
//! assert_eq!(plan.action, PlannedAction::Replace);
//! # });
//! ```

mod config;
mod failure;
mod list;
mod plan;
mod resource;
mod rpc;

use serde_json::Value as Json;
use tonic::Request;

pub use self::config::UNKNOWN;
pub use self::failure::TestFailure;
pub use self::list::{Listed, ListedItem, TestList};
pub use self::plan::{PlannedAction, TestPlan};
pub use self::resource::{SavedState, TestResource};
use crate::function::FunctionError;
use crate::proto::tfplugin6 as wire;
use crate::proto::tfplugin6::provider_server::Provider as ProviderRpc;
use crate::proto::{decode, encode};
use crate::schema::SchemaKind;
use crate::server::{Catalog, Service};
use crate::value::json;
use crate::{AttributePath, ClientCapabilities, Diagnostics, Provider};

/// The version of Terraform that [`TestProvider`] says it is.
const TERRAFORM_VERSION: &str = "1.11.4";

/// A provider as Terraform sees it.
#[derive(Debug)]
pub struct TestProvider<P: Provider> {
    service: Service<P>,
    capabilities: ClientCapabilities,
}

impl<P: Provider> TestProvider<P> {
    /// Starts using `provider`, as Terraform 1.11 would.
    ///
    /// # Panics
    /// When a schema breaks the rules of Terraform, which then would refuse the whole provider.
    pub fn new(provider: P) -> Self {
        let service = Service::new(provider);
        let problems = schema_problems(service.catalog());
        assert!(
            problems.is_empty(),
            "Terraform would refuse the provider's schemas:\n{}",
            problems.join("\n")
        );
        let capabilities = ClientCapabilities { write_only_attributes_allowed: true, ..Default::default() };
        Self { service, capabilities }
    }

    /// Announces other capabilities than those of Terraform 1.11.
    #[must_use]
    pub fn with_capabilities(mut self, capabilities: ClientCapabilities) -> Self {
        self.capabilities = capabilities;
        self
    }

    /// Validates a provider block and configures the provider with it.
    ///
    /// # Errors
    /// When the provider refuses the configuration.
    pub async fn configure(&self, config: Json) -> Result<Diagnostics, TestFailure> {
        let shape = &self.service.catalog().provider;
        let config = encode(&config::config_value(&shape.schema.block, &config), &shape.ty);
        let config = Some(failure::expect_encodable(config));
        let request = wire::validate_provider_config::Request { config: config.clone() };
        let response = rpc::answer(self.service.validate_provider_config(Request::new(request)).await);
        let mut warnings = failure::check("ValidateProviderConfig", response.diagnostics)?;
        let request = wire::configure_provider::Request {
            terraform_version: TERRAFORM_VERSION.to_owned(),
            config,
            client_capabilities: Some(rpc::capabilities(self.capabilities)),
        };
        let response = rpc::answer(self.service.configure_provider(Request::new(request)).await);
        warnings.extend(failure::check("ConfigureProvider", response.diagnostics)?);
        Ok(warnings)
    }

    /// Asks the calls that run at this moment to stop, as Terraform does on Ctrl-C.
    pub fn stop(&self) {
        self.service.stop_signal().stop();
    }

    /// An instance of a resource type that does not exist yet.
    ///
    /// # Panics
    /// When the provider has no such resource type.
    pub fn resource(&self, type_name: &str) -> TestResource<'_, P> {
        TestResource::new(self, type_name)
    }

    /// Reads a data source and answers its result.
    ///
    /// # Errors
    /// When the provider answers an error or breaks a rule.
    ///
    /// # Panics
    /// When the provider has no such data source.
    pub async fn read_data(&self, type_name: &str, config: Json) -> Result<(Json, Diagnostics), TestFailure> {
        let Some(source) = self.service.catalog().data_sources.get(type_name) else {
            panic!("the provider has no data source {type_name}");
        };
        let ty = &source.shape.ty;
        let config = config::config_value(&source.shape.schema.block, &config);
        let wire_config = Some(failure::expect_encodable(encode(&config, ty)));
        let request = wire::validate_data_resource_config::Request {
            type_name: type_name.to_owned(),
            config: wire_config.clone(),
        };
        let response = rpc::answer(self.service.validate_data_resource_config(Request::new(request)).await);
        let mut warnings = failure::check("ValidateDataResourceConfig", response.diagnostics)?;
        let request = wire::read_data_source::Request {
            type_name: type_name.to_owned(),
            config: wire_config,
            provider_meta: None,
            client_capabilities: Some(rpc::capabilities(self.capabilities)),
        };
        let response = rpc::answer(self.service.read_data_source(Request::new(request)).await);
        const RPC: &str = "ReadDataSource";
        warnings.extend(failure::check(RPC, response.diagnostics)?);
        let state =
            decode(response.state.as_ref(), ty).map_err(|error| TestFailure::unreadable(RPC, error))?;
        if state.is_null() {
            return Err(TestFailure::violation(RPC, AttributePath::root(), "the result is null"));
        }
        let mut violations = Vec::new();
        for (name, configured) in config.as_object().into_iter().flatten() {
            let answered = state.attribute(name);
            if !configured.is_null() && answered.is_some_and(|answered| !answered.eq_unrefined(configured)) {
                violations.push((AttributePath::of(name), "the result differs from the configuration"));
            }
        }
        if let Some((path, what)) = violations.pop() {
            return Err(TestFailure::violation(RPC, path, what));
        }
        let result = json::to_json(&state, ty)
            .map_err(|error| TestFailure::violation(RPC, error.path, error.message))?;
        Ok((result, warnings))
    }

    /// A list of the objects of a resource type, to be run.
    ///
    /// # Panics
    /// When the provider has no such list resource.
    pub fn list(&self, type_name: &str, config: Json) -> TestList<'_, P> {
        TestList::new(self, type_name, &config)
    }

    /// Calls a function and answers its result.
    ///
    /// # Errors
    /// The function's own error.
    ///
    /// # Panics
    /// When the provider has no such function, an argument is not of the parameter's type, or the result is
    /// not of the type that the definition names.
    pub async fn call_function(&self, name: &str, arguments: &[Json]) -> Result<Json, FunctionError> {
        let Some(function) = self.service.catalog().functions.get(name) else {
            panic!("the provider has no function {name}");
        };
        let definition = &function.definition;
        let arguments = arguments.iter().enumerate().map(|(index, argument)| {
            let parameter = definition.parameter_at(index);
            let ty = parameter.map_or(&definition.result, |parameter| &parameter.ty);
            failure::expect_encodable(encode(&config::typed_value(ty, argument, &AttributePath::root()), ty))
        });
        let request = wire::call_function::Request { name: name.to_owned(), arguments: arguments.collect() };
        let response = rpc::answer(self.service.call_function(Request::new(request)).await);
        if let Some(error) = response.error {
            let argument = error.function_argument.and_then(|index| usize::try_from(index).ok());
            return Err(FunctionError { argument, ..FunctionError::new(error.text) });
        }
        let result = decode(response.result.as_ref(), &definition.result)
            .unwrap_or_else(|error| panic!("the function answered an unreadable result: {}", error.detail));
        Ok(json::to_json(&result, &definition.result)
            .unwrap_or_else(|error| panic!("the function answered an unknown result: {error}")))
    }
}

fn schema_problems<D>(catalog: &Catalog<D>) -> Vec<String> {
    let provider = [("the provider block", SchemaKind::Provider, &catalog.provider.schema)];
    let resources =
        catalog.resources.iter().map(|(name, it)| (&**name, SchemaKind::Resource, &it.shape.schema));
    let data_sources =
        catalog.data_sources.iter().map(|(name, it)| (&**name, SchemaKind::DataSource, &it.shape.schema));
    let lists =
        catalog.list_resources.iter().map(|(name, it)| (&**name, SchemaKind::ListResource, &it.shape.schema));
    let of_schemas = provider.into_iter().chain(resources).chain(data_sources).chain(lists).flat_map(
        |(name, kind, schema)| {
            let problems = schema.self_check(kind).err().unwrap_or_default();
            problems.into_iter().map(move |problem| format!("{name}: {problem}"))
        },
    );
    let nameless = catalog
        .list_resources
        .keys()
        .filter(|name| catalog.resources.get(*name).is_none_or(|resource| resource.identity.is_none()));
    of_schemas
        .chain(nameless.map(|name| {
            format!("{name}: a list resource is for a resource type of the same name that has an identity")
        }))
        .collect()
}
