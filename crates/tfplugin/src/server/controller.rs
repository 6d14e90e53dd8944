//! `plugin.GRPCController`: how Terraform ends the process.

use tokio_util::sync::CancellationToken;
use tonic::{Request, Response, Status, async_trait};

use crate::proto::plugin::Empty;
use crate::proto::plugin::grpc_controller_server::GrpcController;

/// Ends the server when asked. Terraform kills the process two seconds later if it is still there.
pub(super) struct Controller {
    /// Cancelled once Terraform wants the plugin gone.
    pub(super) shutdown: CancellationToken,
}

#[async_trait]
impl GrpcController for Controller {
    async fn shutdown(&self, _request: Request<Empty>) -> Result<Response<Empty>, Status> {
        self.shutdown.cancel();
        Ok(Response::new(Empty {}))
    }
}
