//! Where the keys to Alibaba Cloud come from, and keys that do not open it. A message says where a key was found and what
//! can be done, and never what it is.

use tidblink_sandbox::Timestamp;
use tidblink_sandbox::default_world as ids;
use tidblink_sandbox::world::AlicloudSession;

use super::{assert_goes_on_with, complete, endpoint, has_endpoint};
use crate::support::Run;
use crate::support::config::ENDPOINT;

const KEY_ID: &str = "ALIBABA_CLOUD_ACCESS_KEY_ID";
const SECRET: &str = "ALIBABA_CLOUD_ACCESS_KEY_SECRET";
const TOKEN: &str = "ALIBABA_CLOUD_SECURITY_TOKEN";

/// A run without the keys that every run has in its environment.
async fn run_without_keys() -> Run {
    let mut run = Run::new().await;
    run.unset(KEY_ID);
    run.unset(SECRET);
    run
}

/// The whole life of an endpoint, with keys that `operation` gave.
async fn assert_lives_by(run: &Run, operation: &str) {
    run.write("main.tf", complete());
    run.apply().await;
    assert!(run.clouds.requests().iter().any(|request| request.operation == operation), "{operation}");
    run.assert_empty_plan().await;
    run.destroy().await;
}

/// The configuration with a role to take on in the provider block.
fn with_role(external_id: &str) -> String {
    let provider = format!(
        "provider \"tidblink\" {{\n  alicloud = {{\n    assume_role = {{\n      role_arn = {:?}\n      external_id = \
         {external_id:?}\n    }}\n  }}\n}}",
        ids::ALICLOUD_ROLE_ARN,
    );
    complete().replace("provider \"tidblink\" {}", &provider)
}

/// A session of the role, good until it is ended.
fn open_session(run: &Run, name: &str) -> AlicloudSession {
    let session = AlicloudSession {
        access_key_id: format!("STS.{name}"),
        access_key_secret: format!("secret-of-{name}"),
        security_token: format!("token-of-{name}"),
        role_arn: ids::ALICLOUD_ROLE_ARN.into(),
        session_name: name.into(),
        expires: Timestamp::from_millis(i64::MAX / 2),
    };
    run.clouds.world(|world| world.alicloud.sessions.push(session.clone()));
    session
}

fn use_session(run: &mut Run, session: &AlicloudSession) {
    run.set(KEY_ID, &session.access_key_id);
    run.set(SECRET, &session.access_key_secret);
    run.set(TOKEN, &session.security_token);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_role_of_an_ecs_machine_is_found_where_nothing_else_is() {
    let mut run = run_without_keys().await;
    run.unset("ALIBABA_CLOUD_ECS_METADATA_DISABLED");

    assert_lives_by(&run, "GetMetadataCredentials").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_identity_token_opens_its_role() {
    let mut run = run_without_keys().await;
    let file = run.folder().join("token");
    std::fs::write(&file, ids::ALICLOUD_OIDC_TOKEN).expect("a file");
    run.set("ALIBABA_CLOUD_OIDC_TOKEN_FILE", file.to_str().expect("a plain name"));
    run.set("ALIBABA_CLOUD_ROLE_ARN", ids::ALICLOUD_OIDC_ROLE_ARN);
    run.set("ALIBABA_CLOUD_OIDC_PROVIDER_ARN", ids::ALICLOUD_OIDC_PROVIDER_ARN);

    assert_lives_by(&run, "AssumeRoleWithOIDC").await;

    std::fs::write(&file, "another-token").expect("a file");
    run.write("main.tf", complete());
    run.plan_fails().await.says("AssumeRoleWithOIDC").does_not_say("another-token");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_role_is_assumed_with_the_key_that_was_found() {
    let run = Run::new().await;
    run.write("main.tf", with_role(ids::ALICLOUD_EXTERNAL_ID));

    run.apply().await;

    assert!(run.clouds.requests().iter().any(|request| request.operation == "AssumeRole"));
    run.destroy().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_role_that_does_not_open_is_explained() {
    let run = Run::new().await;
    run.write("main.tf", with_role("wrong-external-id"));

    run.plan_fails().await.says("trust policy").says("external id").does_not_say("wrong-external-id");

    run.clouds.assert_no_leftovers();
}

#[tokio::test(flavor = "multi_thread")]
async fn without_any_keys_the_message_says_where_they_are_looked_for() {
    let run = run_without_keys().await;
    run.write("main.tf", complete());

    let refused = run.plan_fails().await;

    refused.says("no Alibaba Cloud credentials were found").says(KEY_ID).says("aliyun configure");
    refused.says("ALIBABA_CLOUD_ECS_METADATA_DISABLED is true");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_key_is_named_and_its_secret_is_not() {
    let mut run = Run::new().await;
    run.set(SECRET, "wrong-and-secret");
    run.write("main.tf", complete());

    let refused = run.plan_fails().await;

    refused.says("Alibaba Cloud").says("SignatureDoesNotMatch").says(KEY_ID).does_not_say("wrong-and-secret");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_that_nobody_knows_or_that_is_switched_off_is_told_from_a_wrong_secret() {
    for (id, code) in [("LTAI5tNobodyKnowsThis01", "NotFound"), (ids::ALICLOUD_ACCESS_KEY_ID, "Inactive")] {
        let mut run = Run::new().await;
        run.clouds.world(|world| world.alicloud.access_keys[0].inactive = true);
        run.set(KEY_ID, id);
        run.write("main.tf", complete());

        run.plan_fails().await.says(&format!("InvalidAccessKeyId.{code}")).says("switched off").says(KEY_ID);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_clock_that_is_off_is_what_is_blamed_for_refused_signatures() {
    for seconds in [-1200, 1200] {
        let run = Run::new().await;
        run.clouds.world(|world| world.alicloud.clock_ahead_seconds = seconds);
        run.write("main.tf", complete());

        run.plan_fails().await.says("InvalidTimeStamp.Expired").says("Set the clock");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_that_ends_during_an_apply_loses_nothing_and_a_new_one_goes_on() {
    let mut run = Run::new().await;
    let session = open_session(&run, "first");
    use_session(&mut run, &session);
    run.clouds.world(|world| world.delays.alicloud_endpoint_create = 100_000);
    run.write("main.tf", complete());
    let apply = run.start_apply();
    run.clouds.until("the endpoint exists", has_endpoint).await;
    run.clouds.world(|world| world.alicloud.sessions[0].expires = Timestamp::from_millis(0));

    let ended = apply.finish().await.failed();

    ended.says("InvalidSecurityToken.Expired").says("cannot be renewed").says(KEY_ID);
    ended.does_not_say(&session.security_token).does_not_say(&session.access_key_secret);
    let made = endpoint(&run);
    assert_eq!(run.attribute(ENDPOINT, "/endpoint_id"), made.endpoint_id);

    let session = open_session(&run, "second");
    use_session(&mut run, &session);
    run.clouds.world(|world| world.alicloud.endpoints[0].due = Some(Timestamp::from_millis(0)));
    run.terraform(&["untaint", ENDPOINT]).await.succeeded();
    assert_goes_on_with(&run, &made).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_roles_session_that_ends_early_is_renewed_during_the_apply() {
    let run = Run::new().await;
    run.write("main.tf", with_role(ids::ALICLOUD_EXTERNAL_ID));
    let apply = run.start_apply();
    run.clouds.until("the endpoint exists", has_endpoint).await;
    run.clouds.world(|world| {
        world.alicloud.sessions.iter_mut().for_each(|session| session.expires = Timestamp::from_millis(0));
    });

    apply.finish().await.succeeded();

    run.assert_empty_plan().await;
    run.destroy().await;
}
