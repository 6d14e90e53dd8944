//! A whole life for each place that keys come from.

use serde_json::json;
use tidblink_sandbox::Timestamp;
use tidblink_sandbox::default_world as ids;
use tidblink_sandbox::world::AlicloudSession;

use super::stage::Stage;
use crate::alicloud;
use crate::support::Endpoint;

const NO_AWS_KEY: [&str; 2] = ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"];
const NO_ALICLOUD_KEY: [&str; 2] = ["ALIBABA_CLOUD_ACCESS_KEY_ID", "ALIBABA_CLOUD_ACCESS_KEY_SECRET"];

fn role(attribute: &str, arn: &str, external_id: &str) -> String {
    format!(
        "provider \"tidblink\" {{\n  {attribute} = {{\n    assume_role = {{\n      role_arn = {arn:?}\n      external_id = \
         {external_id:?}\n    }}\n  }}\n}}"
    )
}

/// The Essential cluster on Alibaba Cloud, with this provider block.
fn on_alicloud(block: &str) -> String {
    alicloud::complete().replacen("provider \"tidblink\" {}", block, 1)
}

#[tokio::test(flavor = "multi_thread")]
async fn keys_in_the_environment() {
    let mut stage = Stage::new().await;
    stage.run.write("main.tf", Endpoint::new().hcl());
    stage.live().await;
    stage.assert_nothing_leaked(20);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_api_key_in_the_provider_block() {
    let mut stage = Stage::new().await;
    stage.run.unset("TIDBCLOUD_PUBLIC_KEY");
    stage.run.unset("TIDBCLOUD_PRIVATE_KEY");
    let block = format!(
        "provider \"tidblink\" {{\n  public_key  = {:?}\n  private_key = {:?}\n}}",
        stage.value("tidb-public"),
        stage.value("tidb-private")
    );
    stage.run.write("main.tf", Endpoint::new().provider(&block).hcl());
    stage.live().await;
    // Half of it in the environment instead, which is worth a warning.
    let private = stage.value("tidb-private");
    stage.run.set("TIDBCLOUD_PRIVATE_KEY", &private);
    let half = block.lines().filter(|line| !line.contains("private_key")).collect::<Vec<_>>().join("\n");
    stage.run.write("main.tf", Endpoint::new().provider(&half).hcl());
    let plan = stage.terraform(&["plan", "-input=false", "-no-color"]).await.succeeded();
    plan.says("different places");
    stage.assert_nothing_leaked(20);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_aws_profile_that_takes_a_role_on() {
    let mut stage = Stage::new().await;
    for variable in NO_AWS_KEY {
        stage.run.unset(variable);
    }
    let file = format!(
        "[default]\naws_access_key_id = {}\naws_secret_access_key = {}\n",
        ids::AWS_ACCESS_KEY_ID,
        stage.value("aws-secret")
    );
    stage.home(".aws/credentials", &file);
    let block = role("aws", ids::AWS_ROLE_ARN, ids::AWS_EXTERNAL_ID);
    stage.run.write("main.tf", Endpoint::new().provider(&block).hcl());
    stage.live().await;
    assert!(stage.run.clouds.world(|world| !world.aws.sessions.is_empty()), "no role was taken on");
    stage.assert_nothing_leaked(20);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_of_alibaba_cloud_in_the_provider_block() {
    let mut stage = Stage::new().await;
    for variable in NO_ALICLOUD_KEY {
        stage.run.unset(variable);
    }
    let session = AlicloudSession {
        access_key_id: "STS.NVsandboxSession01".into(),
        access_key_secret: stage.secret("session-secret"),
        security_token: stage.secret("session-token"),
        role_arn: ids::ALICLOUD_ROLE_ARN.into(),
        session_name: "me".into(),
        expires: Timestamp::from_millis(4_102_444_800_000),
    };
    let block = format!(
        "provider \"tidblink\" {{\n  alicloud = {{\n    access_key = {:?}\n    secret_key = {:?}\n    security_token = {:?}\n  \
         }}\n}}",
        session.access_key_id, session.access_key_secret, session.security_token
    );
    stage.run.clouds.world(|world| world.alicloud.sessions.push(session));
    stage.run.write("main.tf", on_alicloud(&block));
    stage.live().await;
    stage.assert_nothing_leaked(20);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_alibaba_cloud_profile_that_takes_a_role_on() {
    let mut stage = Stage::new().await;
    for variable in NO_ALICLOUD_KEY {
        stage.run.unset(variable);
    }
    let file = json!({ "current": "role", "profiles": [{
        "name": "role", "mode": "RamRoleArn", "access_key_id": ids::ALICLOUD_ACCESS_KEY_ID,
        "access_key_secret": stage.value("alicloud-secret"), "ram_role_arn": ids::ALICLOUD_ROLE_ARN,
        "external_id": ids::ALICLOUD_EXTERNAL_ID, "ram_session_name": "me", "expired_seconds": 900,
    }] });
    stage.home(".aliyun/config.json", &file.to_string());
    stage.run.write("main.tf", alicloud::complete());
    stage.live().await;
    assert!(stage.run.clouds.world(|world| !world.alicloud.sessions.is_empty()), "no role was taken on");
    stage.assert_nothing_leaked(20);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_identity_token_for_alibaba_cloud() {
    let mut stage = Stage::new().await;
    for variable in NO_ALICLOUD_KEY {
        stage.run.unset(variable);
    }
    let token = stage.secret("identity-token");
    stage.run.clouds.world(|world| {
        for known in &mut world.alicloud.oidc_tokens {
            known.token.clone_from(&token);
        }
    });
    let file = stage.home("identity-token", &token);
    stage.run.set("ALIBABA_CLOUD_OIDC_TOKEN_FILE", file.to_str().expect("a plain path"));
    stage.run.set("ALIBABA_CLOUD_ROLE_ARN", ids::ALICLOUD_OIDC_ROLE_ARN);
    stage.run.set("ALIBABA_CLOUD_OIDC_PROVIDER_ARN", ids::ALICLOUD_OIDC_PROVIDER_ARN);
    stage.run.write("main.tf", alicloud::complete());
    stage.live().await;
    stage.assert_nothing_leaked(20);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_role_of_the_machine_on_alibaba_cloud() {
    let mut stage = Stage::new().await;
    for variable in NO_ALICLOUD_KEY.into_iter().chain(["ALIBABA_CLOUD_ECS_METADATA_DISABLED"]) {
        stage.run.unset(variable);
    }
    stage.run.write("main.tf", alicloud::complete());
    stage.live().await;
    assert!(stage.run.clouds.requests().iter().any(|request| request.operation == "GetMetadataCredentials"));
    stage.assert_nothing_leaked(20);
}
