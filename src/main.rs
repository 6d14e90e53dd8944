//! Start-up of the provider, and nothing else.

use tfplugin::{ServeError, ServeOptions, serve};
use tidblink::Tidblink;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), ServeError> {
    // The SDKs of the clouds log requests and answers with the tokens in them, failures even as warnings.
    let options = ServeOptions::new("registry.terraform.io/tidblink/tidblink")
        .log_only(["tidblink", "terraform_provider_tidblink"])
        .print_on("permissions", "print the policies that the keys need", || {
            format!("{:#}", tidblink::permissions::document())
        });
    serve(Tidblink::default(), options).await
}
