//! `plugin.GRPCStdio`: Terraform listens here for output of the plugin. There is none, as logs go to standard
//! error; the stream is held open because its absence would be logged as a fault, and ended so that the
//! server can end.

use futures_util::{FutureExt as _, StreamExt as _, stream};
use tokio_util::sync::CancellationToken;
use tonic::codegen::BoxStream;
use tonic::{Request, Response, Status, async_trait};

use crate::proto::plugin::StdioData;
use crate::proto::plugin::grpc_stdio_server::GrpcStdio;

/// A stream without content.
pub(super) struct Stdio {
    /// Ends the stream.
    pub(super) shutdown: CancellationToken,
}

#[async_trait]
impl GrpcStdio for Stdio {
    async fn stream_stdio(&self, _request: Request<()>) -> Result<Response<BoxStream<StdioData>>, Status> {
        Ok(Response::new(silence(&self.shutdown)))
    }
}

/// A stream that yields nothing and ends at `shutdown`.
pub(super) fn silence<T: Send + 'static>(shutdown: &CancellationToken) -> BoxStream<T> {
    stream::empty()
        .chain(shutdown.clone().cancelled_owned().map(|()| stream::empty()).flatten_stream())
        .boxed()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[tokio::test]
    async fn the_stream_is_open_until_shutdown() {
        let shutdown = CancellationToken::new();
        let mut stream =
            Stdio { shutdown: shutdown.clone() }.stream_stdio(Request::new(())).await.unwrap().into_inner();
        assert!(stream.next().now_or_never().is_none(), "the stream ended or yielded something");
        shutdown.cancel();
        assert!(stream.next().await.is_none());
    }
}
