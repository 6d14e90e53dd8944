//! Start-up of the provider and nothing else.

use std::process::ExitCode;

use tfplugin::{ServeOptions, serve};
use tidblink::Tidblink;

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    match serve(Tidblink::default(), ServeOptions::new("registry.terraform.io/tidblink/tidblink")).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            tracing::error!(%error, "the provider could not be served");
            ExitCode::FAILURE
        }
    }
}
