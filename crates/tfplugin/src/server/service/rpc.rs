//! The generated service trait. Each RPC is one line here; what it does is in the file of its group. RPCs
//! that are not listed are answered `Unimplemented`, which Terraform takes for "this provider has none of
//! those".

use std::pin::Pin;

use futures_util::Stream;
use tonic::{Request, Response, Status, async_trait};

use super::{Service, Subject};
use crate::Provider;
use crate::proto::tfplugin6 as wire;
use crate::proto::tfplugin6::provider_server::Provider as ProviderRpc;

type Answered<T> = Result<Response<T>, Status>;
type Streamed<T> = Answered<Pin<Box<dyn Stream<Item = Result<T, Status>> + Send>>>;

#[async_trait]
impl<P: Provider> ProviderRpc for Service<P> {
    async fn get_metadata(
        &self,
        _request: Request<wire::get_metadata::Request>,
    ) -> Answered<wire::get_metadata::Response> {
        let call = async { Ok(self.metadata()) };
        Ok(Response::new(self.answer(Subject::provider("GetMetadata"), call).await))
    }

    async fn get_provider_schema(
        &self,
        _request: Request<wire::get_provider_schema::Request>,
    ) -> Answered<wire::get_provider_schema::Response> {
        let call = async { Ok(self.catalog().schemas()) };
        Ok(Response::new(self.answer(Subject::provider("GetProviderSchema"), call).await))
    }

    async fn get_resource_identity_schemas(
        &self,
        _request: Request<wire::get_resource_identity_schemas::Request>,
    ) -> Answered<wire::get_resource_identity_schemas::Response> {
        let call = async {
            Ok(wire::get_resource_identity_schemas::Response {
                identity_schemas: self.catalog().identity_schemas(),
                diagnostics: Vec::new(),
            })
        };
        Ok(Response::new(self.answer(Subject::provider("GetResourceIdentitySchemas"), call).await))
    }

    async fn get_functions(
        &self,
        _request: Request<wire::get_functions::Request>,
    ) -> Answered<wire::get_functions::Response> {
        let call = async {
            Ok(wire::get_functions::Response {
                functions: self.catalog().function_signatures(),
                diagnostics: Vec::new(),
            })
        };
        Ok(Response::new(self.answer(Subject::provider("GetFunctions"), call).await))
    }

    async fn validate_provider_config(
        &self,
        request: Request<wire::validate_provider_config::Request>,
    ) -> Answered<wire::validate_provider_config::Response> {
        let call = self.validate_provider(request.into_inner());
        Ok(Response::new(self.answer(Subject::provider("ValidateProviderConfig"), call).await))
    }

    async fn configure_provider(
        &self,
        request: Request<wire::configure_provider::Request>,
    ) -> Answered<wire::configure_provider::Response> {
        let call = self.configure(request.into_inner());
        Ok(Response::new(self.answer(Subject::provider("ConfigureProvider"), call).await))
    }

    async fn stop_provider(
        &self,
        _request: Request<wire::stop_provider::Request>,
    ) -> Answered<wire::stop_provider::Response> {
        tracing::debug!(target: "tfplugin", tf_rpc = "StopProvider", "stopping the calls that are running");
        self.stop.stop();
        Ok(Response::new(wire::stop_provider::Response::default()))
    }

    async fn validate_resource_config(
        &self,
        request: Request<wire::validate_resource_config::Request>,
    ) -> Answered<wire::validate_resource_config::Response> {
        let request = request.into_inner();
        let name = request.type_name.clone();
        let call = self.validate_resource(request);
        Ok(Response::new(self.answer(Subject::resource("ValidateResourceConfig", &name), call).await))
    }

    async fn upgrade_resource_state(
        &self,
        request: Request<wire::upgrade_resource_state::Request>,
    ) -> Answered<wire::upgrade_resource_state::Response> {
        let request = request.into_inner();
        let call = async { self.upgrade_resource(&request) };
        Ok(Response::new(
            self.answer(Subject::resource("UpgradeResourceState", &request.type_name), call).await,
        ))
    }

    async fn upgrade_resource_identity(
        &self,
        request: Request<wire::upgrade_resource_identity::Request>,
    ) -> Answered<wire::upgrade_resource_identity::Response> {
        let request = request.into_inner();
        let call = async { self.upgrade_identity(&request) };
        Ok(Response::new(
            self.answer(Subject::resource("UpgradeResourceIdentity", &request.type_name), call).await,
        ))
    }

    async fn read_resource(
        &self,
        request: Request<wire::read_resource::Request>,
    ) -> Answered<wire::read_resource::Response> {
        let request = request.into_inner();
        let name = request.type_name.clone();
        let call = self.refresh_resource(request);
        Ok(Response::new(self.answer(Subject::resource("ReadResource", &name), call).await))
    }

    async fn plan_resource_change(
        &self,
        request: Request<wire::plan_resource_change::Request>,
    ) -> Answered<wire::plan_resource_change::Response> {
        let request = request.into_inner();
        let name = request.type_name.clone();
        let call = self.plan_resource(request);
        Ok(Response::new(self.answer(Subject::resource("PlanResourceChange", &name), call).await))
    }

    async fn apply_resource_change(
        &self,
        request: Request<wire::apply_resource_change::Request>,
    ) -> Answered<wire::apply_resource_change::Response> {
        let request = request.into_inner();
        let name = request.type_name.clone();
        let call = self.apply_resource(request);
        Ok(Response::new(self.answer(Subject::resource("ApplyResourceChange", &name), call).await))
    }

    async fn import_resource_state(
        &self,
        request: Request<wire::import_resource_state::Request>,
    ) -> Answered<wire::import_resource_state::Response> {
        let request = request.into_inner();
        let name = request.type_name.clone();
        let call = self.import_resource(request);
        Ok(Response::new(self.answer(Subject::resource("ImportResourceState", &name), call).await))
    }

    async fn move_resource_state(
        &self,
        request: Request<wire::move_resource_state::Request>,
    ) -> Answered<wire::move_resource_state::Response> {
        let request = request.into_inner();
        let name = request.target_type_name.clone();
        let call = async { self.move_resource(request) };
        Ok(Response::new(self.answer(Subject::resource("MoveResourceState", &name), call).await))
    }

    async fn generate_resource_config(
        &self,
        request: Request<wire::generate_resource_config::Request>,
    ) -> Answered<wire::generate_resource_config::Response> {
        let request = request.into_inner();
        let call = async { self.generate_config(&request) };
        Ok(Response::new(
            self.answer(Subject::resource("GenerateResourceConfig", &request.type_name), call).await,
        ))
    }

    async fn validate_data_resource_config(
        &self,
        request: Request<wire::validate_data_resource_config::Request>,
    ) -> Answered<wire::validate_data_resource_config::Response> {
        let request = request.into_inner();
        let name = request.type_name.clone();
        let call = self.validate_data_source(request);
        Ok(Response::new(self.answer(Subject::data_source("ValidateDataResourceConfig", &name), call).await))
    }

    async fn read_data_source(
        &self,
        request: Request<wire::read_data_source::Request>,
    ) -> Answered<wire::read_data_source::Response> {
        let request = request.into_inner();
        let name = request.type_name.clone();
        let call = self.look_up_data_source(request);
        Ok(Response::new(self.answer(Subject::data_source("ReadDataSource", &name), call).await))
    }

    async fn validate_list_resource_config(
        &self,
        request: Request<wire::validate_list_resource_config::Request>,
    ) -> Answered<wire::validate_list_resource_config::Response> {
        let request = request.into_inner();
        let name = request.type_name.clone();
        let call = self.validate_list_resource(request);
        Ok(Response::new(
            self.answer(Subject::list_resource("ValidateListResourceConfig", &name), call).await,
        ))
    }

    async fn list_resource(
        &self,
        request: Request<wire::list_resource::Request>,
    ) -> Streamed<wire::list_resource::Event> {
        Ok(Response::new(Box::pin(self.list(request.into_inner()))))
    }

    async fn call_function(
        &self,
        request: Request<wire::call_function::Request>,
    ) -> Answered<wire::call_function::Response> {
        let request = request.into_inner();
        let call = async { self.call(&request) };
        Ok(Response::new(self.answer(Subject::function("CallFunction", &request.name), call).await))
    }
}
