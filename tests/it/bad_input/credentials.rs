//! Keys that are missing or wrong. A message says where the key came from and never what it is.

use tidblink_sandbox::default_world as ids;

use crate::support::{Endpoint, Run};

#[tokio::test(flavor = "multi_thread")]
async fn without_an_api_key_the_plan_names_both_places_for_it() {
    let mut run = Run::new().await;
    run.unset("TIDBCLOUD_PUBLIC_KEY");
    run.unset("TIDBCLOUD_PRIVATE_KEY");
    run.write("main.tf", Endpoint::new().hcl());

    let refused = run.plan_fails().await;

    refused.says("Missing TiDB Cloud API key");
    for name in ["public_key", "private_key", "TIDBCLOUD_PUBLIC_KEY", "TIDBCLOUD_PRIVATE_KEY"] {
        refused.says(name);
    }
    assert!(run.clouds.requests().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_key_from_the_environment_is_blamed_on_the_environment() {
    let mut run = Run::new().await;
    run.set("TIDBCLOUD_PRIVATE_KEY", "wrong-private-key");
    run.write("main.tf", Endpoint::new().hcl());

    let refused = run.plan_fails().await;

    refused.says("TIDBCLOUD_PUBLIC_KEY").does_not_say("wrong-private-key").does_not_say(ids::TIDB_PUBLIC_KEY);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_key_from_the_provider_block_is_blamed_on_the_provider_block() {
    let run = Run::new().await;
    let block =
        "provider \"tidblink\" {\n  public_key  = \"NOBODY\"\n  private_key = \"wrong-private-key\"\n}";
    run.write("main.tf", Endpoint::new().provider(block).hcl());

    let refused = run.plan_fails().await;

    refused.says("provider block").does_not_say("wrong-private-key").does_not_say("NOBODY");
}

#[tokio::test(flavor = "multi_thread")]
async fn without_aws_credentials_nothing_is_made_and_the_message_says_where_they_are_looked_for() {
    let mut run = Run::new().await;
    run.unset("AWS_ACCESS_KEY_ID");
    run.unset("AWS_SECRET_ACCESS_KEY");
    run.write("main.tf", Endpoint::new().hcl());

    let refused = run.apply_fails().await;

    refused.says("AWS credentials");
    run.clouds.assert_no_leftovers();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_aws_secret_is_refused_without_showing_it() {
    let mut run = Run::new().await;
    run.set("AWS_SECRET_ACCESS_KEY", "wrong-secret-access-key");
    run.write("main.tf", Endpoint::new().hcl());

    let refused = run.apply_fails().await;

    refused.says("SignatureDoesNotMatch").does_not_say("wrong-secret-access-key");
    run.clouds.assert_no_leftovers();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_role_is_assumed_when_the_provider_block_asks_for_it() {
    let run = Run::new().await;
    let block = format!(
        "provider \"tidblink\" {{\n  aws = {{\n    assume_role = {{\n      role_arn    = {:?}\n      \
         external_id = {:?}\n    }}\n  }}\n}}",
        ids::AWS_ROLE_ARN,
        ids::AWS_EXTERNAL_ID
    );
    run.write("main.tf", Endpoint::new().provider(&block).hcl());

    run.plan().await;

    assert!(run.clouds.requests().iter().any(|request| request.operation == "AssumeRole"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_profile_that_the_provider_block_names_comes_before_the_environment() {
    let run = Run::new().await;
    let block = "provider \"tidblink\" {\n  aws = {\n    profile = \"nobody\"\n  }\n}";
    run.write("main.tf", Endpoint::new().provider(block).hcl());

    run.plan_fails().await.says("nobody");

    run.clouds.assert_no_leftovers();
}
