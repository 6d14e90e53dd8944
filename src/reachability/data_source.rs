//! The data source `tidblink_reachability`.

use std::time::Duration;

use tfplugin::data_source::{ReadDataRequest, ReadDataResponse};
use tfplugin::schema::validators::{between, duration, string_length};
use tfplugin::schema::{Attribute, Schema};
use tfplugin::timeouts::parse_duration;
use tfplugin::value::Type;
use tfplugin::{Attr, Context, DataSource, model};

use super::probe::{Found, probe};
use crate::provider::Clients;

/// How long a look takes at most when nothing is said.
const TIMEOUT: Duration = Duration::from_secs(5);

model! {
    /// The data source `tidblink_reachability`.
    #[derive(PartialEq)]
    pub struct ReachabilityModel {
        /// The name or address to connect to.
        pub host: Attr<String>,
        /// The port to connect to.
        pub port: Attr<i64>,
        /// How long all of it may take.
        pub timeout: Attr<String>,
        /// Whether a MySQL server greeted.
        pub reachable: Attr<bool>,
        /// What the host resolves to.
        pub addresses: Attr<Vec<String>>,
        /// The version that the server greeted with.
        pub server_version: Attr<String>,
        /// Why it is not reachable.
        pub error: Attr<String>,
    }
}

/// The data source `tidblink_reachability`.
#[derive(Debug)]
pub struct Reachability;

impl DataSource for Reachability {
    type Data = Clients;
    type Model = ReachabilityModel;

    fn schema(&self) -> Schema {
        Schema::new(0)
            .description(
                "Looks whether a cluster answers from where Terraform runs: resolves the host, opens a TCP connection and \
                 reads the greeting that a MySQL server sends first. It never logs in, needs no password, and never fails a \
                 plan: what it finds is in its attributes, and a `check` block can turn it into a warning.\n\n\
                 A private endpoint can be reached from inside its VPC and from networks that are routed into it and use \
                 its resolver: a runner in the VPC, a machine behind a VPN, Direct Connect or Express Connect. From a laptop or a hosted \
                 runner without one, `reachable` is false, and that says nothing about the endpoint. Whether the host resolves to \
                 the endpoint is shown by `addresses`. With a `host` that is only known after the apply, the look is taken \
                 during the apply.",
            )
            .attribute(
                Attribute::string("host")
                    .required()
                    .validate(string_length(1..=253))
                    .description("Name or address to connect to, such as the `host` of a `tidblink_private_endpoint`."),
            )
            .attribute(
                Attribute::int64("port").required().validate(between(1, 65_535)).description("TCP port to connect to."),
            )
            .attribute(
                Attribute::string("timeout")
                    .optional()
                    .validate(duration())
                    .description("Time limit for all of it, such as `10s`. Default: `5s`."),
            )
            .attribute(
                Attribute::bool("reachable").computed().description("Whether a MySQL server greeted within the time."),
            )
            .attribute(
                Attribute::list("addresses", Type::String)
                    .computed()
                    .description("What the host resolves to from here; empty when it does not."),
            )
            .attribute(Attribute::string("server_version").computed().description(
                "Version that the server greeted with, such as `8.0.11-TiDB-v8.5.1`; null when it did not.",
            ))
            .attribute(
                Attribute::string("error")
                    .computed()
                    .description("Why it is not reachable from here; null when it is."),
            )
    }

    async fn read(
        &self,
        cx: &Context<Clients>,
        request: ReadDataRequest<ReachabilityModel>,
    ) -> ReadDataResponse<ReachabilityModel> {
        let config = request.config;
        let clients = cx.data();
        // Validation has refused what is no duration and no port.
        let timeout = config.timeout.known().and_then(|text| parse_duration(text).ok()).unwrap_or(TIMEOUT);
        let port = config.port.known().and_then(|port| u16::try_from(*port).ok()).unwrap_or_default();
        let host = config.host.known().cloned().unwrap_or_default();
        let operation = clients.operation(cx, Some(timeout));
        let found = probe(clients.network.as_ref(), &operation, &host, port).await;
        tracing::debug!(host, port, ?found, "looked whether the cluster answers from here");
        ReadDataResponse::found(tell(config, found))
    }
}

fn tell(config: ReachabilityModel, found: Found) -> ReachabilityModel {
    ReachabilityModel {
        reachable: Attr::Known(found.version.is_some()),
        addresses: Attr::Known(found.addresses.iter().map(ToString::to_string).collect()),
        server_version: found.version.into(),
        error: found.error.into(),
        ..config
    }
}
