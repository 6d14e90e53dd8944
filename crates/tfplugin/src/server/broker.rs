//! `plugin.GRPCBroker`: lets both processes open more connections. Terraform starts the stream when it
//! connects and never asks for a connection over it, so it is only held open.

use tokio_util::sync::CancellationToken;
use tonic::codegen::BoxStream;
use tonic::{Request, Response, Status, Streaming, async_trait};

use super::stdio::silence;
use crate::proto::plugin::ConnInfo;
use crate::proto::plugin::grpc_broker_server::GrpcBroker;

/// A broker that never offers a connection.
pub(super) struct Broker {
    /// Ends the stream.
    pub(super) shutdown: CancellationToken,
}

#[async_trait]
impl GrpcBroker for Broker {
    async fn start_stream(
        &self,
        _request: Request<Streaming<ConnInfo>>,
    ) -> Result<Response<BoxStream<ConnInfo>>, Status> {
        Ok(Response::new(silence(&self.shutdown)))
    }
}
