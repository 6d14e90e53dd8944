//! Serving itself: all services on one listener, from the first connection to an orderly end.

use std::time::Duration;

use tokio_rustls::TlsAcceptor;
use tokio_util::sync::CancellationToken;
use tonic::transport::Server;
use tonic_health::ServingStatus;

use super::broker::Broker;
use super::connection::incoming;
use super::controller::Controller;
use super::listener::Listener;
use super::parent;
use super::signals::Signals;
use super::stdio::Stdio;
use super::{ServeError, Service};
use crate::Provider;
use crate::proto::plugin::grpc_broker_server::GrpcBrokerServer;
use crate::proto::plugin::grpc_controller_server::GrpcControllerServer;
use crate::proto::plugin::grpc_stdio_server::GrpcStdioServer;
use crate::proto::tfplugin6::provider_server::ProviderServer;

/// The largest message either way (terraform-plugin-go's value); state and configuration of one object must
/// fit.
const MAX_MESSAGE: usize = 256 << 20;
/// How long calls may go on after Terraform asked the process to end; it kills the process after two seconds.
const SHUTDOWN_GRACE: Duration = Duration::from_millis(1500);
/// How long calls may go on after SIGTERM, which nobody follows up as fast: enough to answer with what exists
/// so far.
const TERMINATE_GRACE: Duration = Duration::from_secs(8);
/// The service name that go-plugin asks a health check for.
const HEALTH_NAME: &str = "plugin";

/// Serves until told to end by Terraform or by a signal, or until Terraform is gone.
pub(super) async fn run<P: Provider>(
    service: Service<P>,
    listener: Listener,
    tls: Option<TlsAcceptor>,
    mut signals: Signals,
    interrupt_ends: bool,
) -> Result<(), ServeError> {
    let shutdown = CancellationToken::new();
    let stop = service.stop_signal();
    let (health, health_service) = tonic_health::server::health_reporter();
    health.set_service_status(HEALTH_NAME, ServingStatus::Serving).await;
    let (connections, accepting) = incoming(listener, tls);

    let serving = Server::builder()
        .add_service(
            ProviderServer::new(service)
                .max_decoding_message_size(MAX_MESSAGE)
                .max_encoding_message_size(MAX_MESSAGE),
        )
        .add_service(GrpcControllerServer::new(Controller { shutdown: shutdown.clone() }))
        .add_service(GrpcStdioServer::new(Stdio { shutdown: shutdown.clone() }))
        .add_service(GrpcBrokerServer::new(Broker { shutdown: shutdown.clone() }))
        .add_service(health_service)
        .serve_with_incoming_shutdown(connections, shutdown.clone().cancelled_owned());

    let ending = async {
        let grace = tokio::select! {
            () = shutdown.cancelled() => SHUTDOWN_GRACE,
            () = signals.ended(interrupt_ends) => TERMINATE_GRACE,
            // Whoever attaches Terraform by hand may leave the shell that it was started in.
            () = parent::lost(), if !interrupt_ends => SHUTDOWN_GRACE,
        };
        stop.stop();
        shutdown.cancel();
        tokio::time::sleep(grace).await;
        tracing::warn!("calls were still running when the process had to end");
    };
    let result = tokio::select! {
        result = serving => result.map_err(ServeError::Transport),
        () = ending => Ok(()),
    };
    // The listener goes with this task, and the socket with the listener.
    let _ = accepting.await;
    result
}
