//! Runs that fail. Errors are where secrets get out: a refusal repeats what was refused, a proxy what it was sent.

use tidblink_sandbox::default_world as ids;
use tidblink_sandbox::{Door, Effect, Fault};

use super::stage::Stage;
use crate::alicloud;
use crate::support::Endpoint;

/// What a service or something before it may answer instead.
fn answers() -> [Effect; 5] {
    [
        Effect::error(403, "AccessDenied", "no"),
        Effect::Echo(400),
        Effect::Echo(403),
        Effect::Echo(200),
        Effect::Garbage,
    ]
}

#[tokio::test(flavor = "multi_thread")]
async fn answers_of_tidb_cloud_and_aws_that_repeat_the_request() {
    let mut stage = Stage::new().await;
    let aws = format!(
        "provider \"tidblink\" {{\n  aws = {{\n    assume_role = {{\n      role_arn = {:?}\n      external_id = {:?}\n    }}\n  \
         }}\n}}",
        ids::AWS_ROLE_ARN,
        ids::AWS_EXTERNAL_ID
    );
    stage.run.write("main.tf", Endpoint::new().provider(&aws).hcl());
    for (door, operation) in [
        (Door::Dedicated, "GetCluster"),
        (Door::Dedicated, "GetPrivateLinkService"),
        (Door::Ec2, "DescribeSubnets"),
        (Door::Ec2, "AssumeRole"),
    ] {
        for (number, effect) in answers().into_iter().enumerate() {
            if number % 2 == 0 {
                stage.log_to_stderr();
            } else {
                stage.log_to_a_file();
            }
            stage.apply_with(Fault::new(door, operation, effect).forever()).await;
        }
    }
    stage.destroy().await;
    stage.assert_nothing_leaked(20);
}

#[tokio::test(flavor = "multi_thread")]
async fn answers_of_alibaba_cloud_that_repeat_the_request() {
    let mut stage = Stage::new().await;
    let block = format!(
        "provider \"tidblink\" {{\n  alicloud = {{\n    assume_role = {{\n      role_arn = {:?}\n      external_id = {:?}\n    \
         }}\n  }}\n}}",
        ids::ALICLOUD_ROLE_ARN,
        ids::ALICLOUD_EXTERNAL_ID
    );
    stage.run.write("main.tf", alicloud::complete().replacen("provider \"tidblink\" {}", &block, 1));
    for (door, operation) in [
        (Door::Serverless, "GetCluster"),
        (Door::Alicloud, "DescribeVSwitches"),
        (Door::Alicloud, "CreateVpcEndpoint"),
        (Door::Alicloud, "AssumeRole"),
    ] {
        for effect in answers() {
            stage.apply_with(Fault::new(door, operation, effect).forever()).await;
        }
    }
    stage.destroy().await;
    stage.assert_nothing_leaked(20);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_identity_token_that_is_repeated_or_refused() {
    let mut stage = Stage::new().await;
    for variable in ["ALIBABA_CLOUD_ACCESS_KEY_ID", "ALIBABA_CLOUD_ACCESS_KEY_SECRET"] {
        stage.run.unset(variable);
    }
    let token = stage.secret("identity-token");
    let file = stage.home("identity-token", &token);
    stage.run.set("ALIBABA_CLOUD_OIDC_TOKEN_FILE", file.to_str().expect("a plain path"));
    stage.run.set("ALIBABA_CLOUD_ROLE_ARN", ids::ALICLOUD_OIDC_ROLE_ARN);
    stage.run.set("ALIBABA_CLOUD_OIDC_PROVIDER_ARN", ids::ALICLOUD_OIDC_PROVIDER_ARN);
    stage.run.write("main.tf", alicloud::complete());
    for effect in answers() {
        stage.apply_with(Fault::new(Door::Alicloud, "AssumeRoleWithOIDC", effect).forever()).await;
    }
    let plan = stage.terraform(&["plan", "-input=false", "-no-color"]).await.failed();
    plan.says("OIDC");

    // The same for AWS, whose token the sandbox takes from nobody.
    for variable in ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"] {
        stage.run.unset(variable);
    }
    stage.run.set("AWS_WEB_IDENTITY_TOKEN_FILE", file.to_str().expect("a plain path"));
    stage.run.set("AWS_ROLE_ARN", ids::AWS_ROLE_ARN);
    stage.run.write("main.tf", Endpoint::new().hcl());
    let apply = stage.terraform(&["apply", "-auto-approve", "-input=false", "-no-color"]).await.failed();
    apply.says("AWS credentials");
    let asked = stage.run.clouds.requests();
    assert!(asked.iter().any(|request| request.operation == "AssumeRoleWithWebIdentity"));
    stage.assert_nothing_leaked(2);
}

#[tokio::test(flavor = "multi_thread")]
async fn keys_that_are_wrong_or_cannot_be_used() {
    let mut stage = Stage::new().await;
    stage.run.write("main.tf", Endpoint::new().hcl());
    let right = stage.value("tidb-private");
    for (name, wrong) in [("wrong-private", ""), ("wrong-private-2", "\n"), ("wrong-private-3", "é\u{7f}")] {
        let wrong = format!("{}{wrong}", stage.secret(name));
        stage.run.set("TIDBCLOUD_PRIVATE_KEY", &wrong);
        stage.terraform(&["plan", "-input=false", "-no-color"]).await.failed();
    }
    stage.run.set("TIDBCLOUD_PRIVATE_KEY", &right);
    for (name, variable) in [("wrong-aws", "AWS_SECRET_ACCESS_KEY"), ("wrong-session", "AWS_SESSION_TOKEN")] {
        let wrong = stage.secret(name);
        stage.run.set(variable, &wrong);
        stage.terraform(&["apply", "-auto-approve", "-input=false", "-no-color"]).await.failed();
    }
    stage.run.write("main.tf", alicloud::complete());
    let wrong = stage.secret("wrong-alicloud");
    stage.run.set("ALIBABA_CLOUD_ACCESS_KEY_SECRET", &wrong);
    stage.terraform(&["plan", "-input=false", "-no-color"]).await.failed();

    // Files that hold keys and are not what they should be.
    stage.run.unset("ALIBABA_CLOUD_ACCESS_KEY_ID");
    stage.run.unset("ALIBABA_CLOUD_ACCESS_KEY_SECRET");
    let secret = stage.secret("profile");
    for file in [
        format!(
            "{{ \"current\": \"default\", \"profiles\": [{{ \"name\": \"default\", \"access_key_secret\": {secret:?}"
        ),
        format!(
            "{{ \"profiles\": [{{ \"name\": \"default\", \"access_key_id\": \"A\", \"access_key_secret\": [{secret:?}] }}] }}"
        ),
        format!("{{ \"profiles\": {secret:?} }}"),
    ] {
        stage.home(".aliyun/config.json", &file);
        stage.terraform(&["plan", "-input=false", "-no-color"]).await.failed();
    }
    stage.terraform(&["destroy", "-auto-approve", "-input=false", "-no-color"]).await;
    stage.assert_nothing_leaked(10);
}
