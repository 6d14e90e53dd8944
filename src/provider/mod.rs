//! The provider as Terraform meets it: what it is made of, and how it gets its clients. What the provider block looks like
//! is in `block`, where each setting comes from in `settings`, what all resources share in `clients`.

mod block;
mod clients;
mod settings;
mod surroundings;

use tfplugin::provider::{ConfigureRequest, ConfigureResponse, Provider};
use tfplugin::resource::ResourceEntry;
use tfplugin::schema::Schema;
use tfplugin::{DataSourceEntry, DiagnosticCode, Diagnostics, FunctionEntry, ListResourceEntry};

use self::settings::Settings;
use crate::codes;
use crate::endpoint_service::{
    EndpointService, EndpointServiceData, EndpointServiceList, EndpointServicesData,
};
use crate::functions;
use crate::private_endpoint::{
    PrivateEndpoint, PrivateEndpointData, PrivateEndpointList, PrivateEndpointsData,
};
use crate::reachability::Reachability;

pub use self::block::{AlicloudSettings, AssumeRoleModel, AwsSettings, EndpointOverrides, ProviderModel};
pub use self::clients::Clients;
pub use self::surroundings::Surroundings;

/// The provider `tidblink`.
#[derive(Debug, Default)]
pub struct Tidblink {
    surroundings: Surroundings,
}

impl Tidblink {
    /// The provider in other surroundings than this process's own.
    pub fn within(surroundings: Surroundings) -> Self {
        Self { surroundings }
    }
}

impl Provider for Tidblink {
    type Data = Clients;
    type Config = ProviderModel;

    fn name(&self) -> &'static str {
        "tidblink"
    }

    fn version(&self) -> &'static str {
        env!("CARGO_PKG_VERSION")
    }

    fn schema(&self) -> Schema {
        block::schema()
    }

    async fn configure(&self, request: ConfigureRequest<ProviderModel>) -> ConfigureResponse<Clients> {
        let mut diagnostics = Diagnostics::new();
        let variable = |name: &str| self.surroundings.variable(name);
        let clients =
            Settings::gather(&request.config, &variable, &mut diagnostics).and_then(|mut settings| {
                self.surroundings.settle(&mut settings);
                settings.connect(&request.terraform_version, &mut diagnostics)
            });
        ConfigureResponse { data: clients, diagnostics }
    }

    fn resources(&self) -> Vec<ResourceEntry<Clients>> {
        vec![
            ResourceEntry::builder("tidblink_endpoint_service", EndpointService)
                .with_import()
                .with_identity()
                .build(),
            ResourceEntry::builder("tidblink_private_endpoint", PrivateEndpoint)
                .with_import()
                .with_move()
                .with_identity()
                .build(),
        ]
    }

    fn data_sources(&self) -> Vec<DataSourceEntry<Clients>> {
        vec![
            DataSourceEntry::new("tidblink_endpoint_service", EndpointServiceData),
            DataSourceEntry::new("tidblink_endpoint_services", EndpointServicesData),
            DataSourceEntry::new("tidblink_private_endpoint", PrivateEndpointData),
            DataSourceEntry::new("tidblink_private_endpoints", PrivateEndpointsData),
            DataSourceEntry::new("tidblink_reachability", Reachability),
        ]
    }

    fn diagnostic_codes(&self) -> Vec<DiagnosticCode> {
        codes::all()
    }

    fn help(&self, code: &str) -> Option<String> {
        Some(codes::link(code))
    }

    fn functions(&self) -> Vec<FunctionEntry> {
        functions::all()
    }

    fn list_resources(&self) -> Vec<ListResourceEntry<Clients>> {
        vec![
            ListResourceEntry::new("tidblink_endpoint_service", EndpointServiceList),
            ListResourceEntry::new("tidblink_private_endpoint", PrivateEndpointList),
        ]
    }
}
