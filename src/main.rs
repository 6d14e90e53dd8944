//! Start-up of the provider, and nothing else but the answer to who asks what it must be allowed (`--permissions`).

use std::io::Write as _;
use std::process::ExitCode;

use tfplugin::{ServeOptions, serve};
use tidblink::Tidblink;

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    if std::env::args_os().skip(1).eq(["--permissions"]) {
        let printed = writeln!(std::io::stdout(), "{:#}", tidblink::permissions::document());
        return if printed.is_ok() { ExitCode::SUCCESS } else { ExitCode::FAILURE };
    }
    // The SDKs of the clouds log requests and answers with the tokens in them, failures even as warnings.
    let options = ServeOptions::new("registry.terraform.io/tidblink/tidblink")
        .log_only(["tidblink", "terraform_provider_tidblink"]);
    match serve(Tidblink::default(), options).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            tracing::error!(%error, "the provider could not be served");
            ExitCode::FAILURE
        }
    }
}
