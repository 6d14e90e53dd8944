//! Who is let in: both signature versions, keys, clocks, nonces, and what the journal keeps of it.

use reqwest::Method;
use tidblink_sandbox::default_world::*;

use crate::support::{Ali, Answer, control, sandbox, sandbox_with};

#[tokio::test]
async fn both_signature_versions_are_let_in() {
    let sandbox = sandbox().await;
    let ali = Ali::new(&sandbox);
    assert_eq!(ali.call("ListVpcEndpoints", &[]).await.code(), "OK");
    assert_eq!(ali.call_v1("ListVpcEndpoints", &[("EndpointName", "\u{6d4b} ~*+")]).await.code(), "OK");
    let made = ali
        .call_v1("CreateVpcEndpoint", &[("VpcId", ALICLOUD_VPC_ID), ("ServiceName", ALICLOUD_SERVICE_NAME)])
        .await;
    assert_eq!(made.code(), "OK");
    let operations: Vec<String> = sandbox.requests().into_iter().map(|record| record.operation).collect();
    assert_eq!(operations, ["ListVpcEndpoints", "ListVpcEndpoints", "CreateVpcEndpoint"]);
}

#[tokio::test]
async fn a_wrong_secret_or_an_unknown_key_is_kept_out() {
    let sandbox = sandbox().await;
    let wrong = Ali { access_key_secret: "wrong".to_owned(), ..Ali::new(&sandbox) };
    let mismatch = (400, "SignatureDoesNotMatch".to_owned());
    assert_eq!(wrong.call("ListVpcEndpoints", &[]).await.ali_error(), mismatch);
    assert_eq!(wrong.call_v1("ListVpcEndpoints", &[]).await.ali_error(), mismatch);
    let unknown = Ali { access_key_id: "LTAIunknown".to_owned(), ..Ali::new(&sandbox) };
    let not_found = (404, "InvalidAccessKeyId.NotFound".to_owned());
    assert_eq!(unknown.call("ListVpcEndpoints", &[]).await.ali_error(), not_found);
    assert_eq!(unknown.call_v1("ListVpcEndpoints", &[]).await.ali_error(), not_found);
    let odd = Ali { security_token: Some("token".to_owned()), ..Ali::new(&sandbox) };
    let code = odd.call("ListVpcEndpoints", &[]).await.code();
    assert_eq!(code, "InvalidSecurityToken.MismatchWithAccessKey");
}

#[tokio::test]
async fn a_disabled_key_is_kept_out() {
    let sandbox = sandbox_with(|world| world.alicloud.access_keys[0].inactive = true).await;
    let code = Ali::new(&sandbox).call("ListVpcEndpoints", &[]).await.code();
    assert_eq!(code, "InvalidAccessKeyId.Inactive");
}

#[tokio::test]
async fn clocks_may_differ_by_a_quarter_of_an_hour() {
    let sandbox = sandbox().await;
    for (minutes, code) in
        [(14, "OK"), (-14, "OK"), (16, "InvalidTimeStamp.Expired"), (-16, "InvalidTimeStamp.Expired")]
    {
        let ali = Ali { clock_error: time::Duration::minutes(minutes), ..Ali::new(&sandbox) };
        assert_eq!(ali.call("ListVpcEndpoints", &[]).await.code(), code, "{minutes}");
        assert_eq!(ali.call_v1("ListVpcEndpoints", &[]).await.code(), code, "{minutes}");
    }
}

#[tokio::test]
async fn the_clock_that_counts_may_be_set_apart_from_the_machines() {
    for (seconds, code) in
        [(-1000, "InvalidTimeStamp.Expired"), (800, "OK"), (1000, "InvalidTimeStamp.Expired")]
    {
        let sandbox = sandbox_with(|world| world.alicloud.clock_ahead_seconds = seconds).await;
        assert_eq!(Ali::new(&sandbox).call("ListVpcEndpoints", &[]).await.code(), code, "{seconds}");
    }
}

#[tokio::test]
async fn a_nonce_is_good_once() {
    let sandbox = sandbox().await;
    let ali = Ali { nonce: Some("the-same".to_owned()), ..Ali::new(&sandbox) };
    let wrong = Ali { access_key_secret: "wrong".to_owned(), ..ali.clone() };
    assert_eq!(wrong.call("ListVpcEndpoints", &[]).await.code(), "SignatureDoesNotMatch");
    assert_eq!(ali.call("ListVpcEndpoints", &[]).await.code(), "OK", "a bad request uses nothing up");
    let used = (400, "SignatureNonceUsed".to_owned());
    assert_eq!(ali.call("CheckProductOpen", &[]).await.ali_error(), used);
    assert_eq!(ali.call_v1("ListVpcEndpoints", &[]).await.ali_error(), used);
}

#[tokio::test]
async fn a_signature_that_lacks_something_is_incomplete() {
    let sandbox = sandbox().await;
    let ali = Ali::new(&sandbox);
    let incomplete = (400, "IncompleteSignature".to_owned());
    let unsigned = ali.unsigned("Action=ListVpcEndpoints&Version=2020-04-15&RegionId=x").await;
    assert_eq!(unsigned.ali_error(), incomplete);
    let http = reqwest::Client::new();
    for authorization in [
        "Bearer x",
        "ACS3-HMAC-SHA256",
        "ACS3-HMAC-SHA256 Credential=a,SignedHeaders=host",
        "ACS3-HMAC-SHA256 Credential=a,SignedHeaders=host,Signature=x",
        "ACS3-HMAC-SHA256 Credential=a,SignedHeaders=host;x-acs-action;x-acs-version,Signature=x",
    ] {
        let request = http
            .post(&ali.base)
            .header("x-acs-action", "ListVpcEndpoints")
            .header("x-acs-version", "2020-04-15")
            .header("authorization", authorization);
        let answer = Answer::of(request.send().await.unwrap()).await;
        assert_eq!(answer.ali_error(), incomplete, "{authorization}");
    }
    let signed = "Action=ListVpcEndpoints&Version=2020-04-15&AccessKeyId=a&Signature=b&SignatureVersion=1.0&SignatureNonce=n&Timestamp=yesterday";
    let other_method = ali.unsigned(&format!("{signed}&SignatureMethod=HMAC-MD5")).await;
    assert_eq!(other_method.code(), "InvalidSignatureMethod");
    let undated =
        format!("{signed}&SignatureMethod=HMAC-SHA1").replace("=a&", &format!("={ALICLOUD_ACCESS_KEY_ID}&"));
    assert_eq!(ali.unsigned(&undated).await.code(), "InvalidTimeStamp.Format");
}

#[tokio::test]
async fn the_journal_keeps_no_proof_of_identity() {
    let sandbox = sandbox().await;
    let ali = Ali::new(&sandbox);
    let session = ali
        .call(
            "AssumeRole",
            &[
                ("RoleArn", ALICLOUD_ROLE_ARN),
                ("RoleSessionName", "test"),
                ("ExternalId", ALICLOUD_EXTERNAL_ID),
            ],
        )
        .await
        .json();
    let assumed = ali.with_keys_of(&session["Credentials"]);
    assert_eq!(assumed.call_v1("GetCallerIdentity", &[]).await.code(), "OK");
    let form = format!(
        "Action=AssumeRoleWithOIDC&Version=2015-04-01&RoleArn={ALICLOUD_OIDC_ROLE_ARN}&RoleSessionName=ci&OIDCProviderArn={ALICLOUD_OIDC_PROVIDER_ARN}&OIDCToken={ALICLOUD_OIDC_TOKEN}"
    );
    assert_eq!(ali.unsigned(&form).await.code(), "OK");
    let listed = control(&sandbox, Method::GET, "/requests", "").await.text;
    assert!(listed.contains("Signature=REMOVED") && listed.contains("OIDCToken=REMOVED"));
    for secret in [
        ALICLOUD_ACCESS_KEY_SECRET,
        ALICLOUD_OIDC_TOKEN,
        session["Credentials"]["SecurityToken"].as_str().unwrap(),
        session["Credentials"]["AccessKeySecret"].as_str().unwrap(),
    ] {
        assert!(!listed.contains(secret), "{secret}");
    }
}
