//! Keys for a role: from STS, for a token from elsewhere, and from the metadata service of a machine.

use tidblink_sandbox::default_world::*;
use tidblink_sandbox::{Sandbox, Timestamp};

use crate::support::{Ali, Answer, sandbox, sandbox_with};

const ROLE: [(&str, &str); 3] =
    [("RoleArn", ALICLOUD_ROLE_ARN), ("RoleSessionName", "terraform"), ("ExternalId", ALICLOUD_EXTERNAL_ID)];

#[tokio::test]
async fn an_assumed_role_has_keys_of_its_own_under_both_signatures() {
    let sandbox = sandbox().await;
    let ali = Ali::new(&sandbox);
    for given in [ali.call("AssumeRole", &ROLE).await, ali.call_v1("AssumeRole", &ROLE).await] {
        let given = given.json();
        let keys = &given["Credentials"];
        assert!(keys["AccessKeyId"].as_str().unwrap().starts_with("STS."));
        assert_eq!(keys["Expiration"].as_str().unwrap().len(), "2006-01-02T15:04:05Z".len());
        let assumed = ali.with_keys_of(keys);
        assert_eq!(assumed.call("ListVpcEndpoints", &[]).await.code(), "OK");
        let identity = assumed.call_v1("GetCallerIdentity", &[]).await.json();
        assert_eq!(identity["Arn"], "acs:ram::1122334455667788:assumed-role/network/terraform");
        assert_eq!(identity["IdentityType"], "AssumedRoleUser");
        let bare = Ali { security_token: None, ..assumed.clone() };
        let refused = bare.call("ListVpcEndpoints", &[]).await.ali_error();
        assert_eq!(refused, (400, "InvalidSecurityToken.Malformed".to_owned()));
        let other = Ali { security_token: Some("other".to_owned()), ..assumed };
        let refused = other.call("ListVpcEndpoints", &[]).await.code();
        assert_eq!(refused, "InvalidSecurityToken.MismatchWithAccessKey");
    }
    let identity = ali.call("GetCallerIdentity", &[]).await.json();
    assert_eq!(identity["Arn"], "acs:ram::1122334455667788:user/sandbox");
    assert_eq!(identity["AccountId"], ALICLOUD_ACCOUNT_ID);
}

#[tokio::test]
async fn keys_end_by_the_real_clock() {
    let sandbox = sandbox().await;
    let ali = Ali::new(&sandbox);
    let given = ali.call("AssumeRole", &ROLE).await.json();
    let assumed = ali.with_keys_of(&given["Credentials"]);
    sandbox.advance(crate::support::seconds(100_000));
    assert_eq!(assumed.call("ListVpcEndpoints", &[]).await.code(), "OK", "world time does not matter");
    sandbox.world(|world| world.alicloud.sessions[0].expires = Timestamp::from_millis(0));
    let refused = assumed.call("ListVpcEndpoints", &[]).await.ali_error();
    assert_eq!(refused, (400, "InvalidSecurityToken.Expired".to_owned()));
}

#[tokio::test]
async fn a_role_is_not_given_to_everyone() {
    let sandbox = sandbox().await;
    let ali = Ali::new(&sandbox);
    let refused = ali.call("AssumeRole", &ROLE[..2]).await.ali_error();
    assert_eq!(refused, (403, "NoPermission".to_owned()), "the external id is missing");
    let unknown = [("RoleArn", "acs:ram::1122334455667788:role/none"), ROLE[1]];
    assert_eq!(ali.call("AssumeRole", &unknown).await.ali_error(), (404, "EntityNotExist.Role".to_owned()));
    for (name, value) in [
        ("RoleArn", "network"),
        ("RoleSessionName", "x"),
        ("RoleSessionName", "a b"),
        ("DurationSeconds", "899"),
        ("DurationSeconds", "43201"),
        ("DurationSeconds", "long"),
    ] {
        let mut role: Vec<_> = ROLE.iter().copied().filter(|(other, _)| *other != name).collect();
        role.push((name, value));
        let code = ali.call("AssumeRole", &role).await.code();
        assert_eq!(code, format!("InvalidParameter.{name}"), "{value}");
    }
}

#[tokio::test]
async fn what_a_role_may_not_its_session_may_not() {
    let sandbox = sandbox_with(|world| {
        for role in &mut world.alicloud.roles {
            role.denied.push("ListVpcEndpoints".to_owned());
        }
    })
    .await;
    let ali = Ali::new(&sandbox);
    let given = ali.call("AssumeRole", &ROLE).await.json();
    let assumed = ali.with_keys_of(&given["Credentials"]);
    assert_eq!(assumed.call("ListVpcEndpoints", &[]).await.ali_error(), (403, "NoPermission".to_owned()));
}

/// Asks for the pipeline's role; nobody signs.
async fn with_token(ali: &Ali, token: &str, role_arn: &str) -> Answer {
    let form = format!(
        "Action=AssumeRoleWithOIDC&Version=2015-04-01&RoleArn={role_arn}&RoleSessionName=ci&OIDCProviderArn={ALICLOUD_OIDC_PROVIDER_ARN}&OIDCToken={token}"
    );
    ali.unsigned(&form).await
}

#[tokio::test]
async fn a_token_from_elsewhere_is_good_for_its_role() {
    let sandbox = sandbox().await;
    let ali = Ali::new(&sandbox);
    let given = with_token(&ali, ALICLOUD_OIDC_TOKEN, ALICLOUD_OIDC_ROLE_ARN).await.json();
    let assumed = ali.with_keys_of(&given["Credentials"]);
    let identity = assumed.call("GetCallerIdentity", &[]).await.json();
    assert_eq!(identity["Arn"], "acs:ram::1122334455667788:assumed-role/pipeline/ci");
    let forged = with_token(&ali, "forged", ALICLOUD_OIDC_ROLE_ARN).await;
    assert_eq!(forged.code(), "AuthenticationFail.OIDCToken.Invalid");
    let other = with_token(&ali, ALICLOUD_OIDC_TOKEN, ALICLOUD_ROLE_ARN).await;
    assert_eq!(other.ali_error(), (403, "AuthenticationFail.NoPermission".to_owned()));
}

/// A request to the metadata service.
async fn metadata(
    sandbox: &Sandbox,
    method: reqwest::Method,
    path: &str,
    header: Option<(&str, &str)>,
) -> Answer {
    let url = format!("{}{path}", sandbox.urls().alicloud);
    let mut request = reqwest::Client::new().request(method, url);
    if let Some((name, value)) = header {
        request = request.header(name, value);
    }
    Answer::of(request.send().await.unwrap()).await
}

#[tokio::test]
async fn a_machine_gets_keys_for_its_role() {
    use reqwest::Method;
    let sandbox = sandbox().await;
    let path = "/latest/meta-data/ram/security-credentials/";
    let ttl = "X-aliyun-ecs-metadata-token-ttl-seconds";
    for wrong in [None, Some((ttl, "0")), Some((ttl, "21601"))] {
        assert_eq!(metadata(&sandbox, Method::PUT, "/latest/api/token", wrong).await.status, 400);
    }
    let token = metadata(&sandbox, Method::PUT, "/latest/api/token", Some((ttl, "60"))).await.text;
    assert_eq!(metadata(&sandbox, Method::GET, path, None).await.status, 403);
    let proof = Some(("X-aliyun-ecs-metadata-token", token.as_str()));
    let name = metadata(&sandbox, Method::GET, path, proof).await.text;
    assert_eq!(name, ALICLOUD_INSTANCE_ROLE);
    let keys = metadata(&sandbox, Method::GET, &format!("{path}{name}"), proof).await.json();
    assert_eq!(keys["Code"], "Success");
    let again = metadata(&sandbox, Method::GET, &format!("{path}{name}"), proof).await.json();
    assert_eq!(keys["AccessKeyId"], again["AccessKeyId"], "the same until they grow old");
    let machine = Ali::new(&sandbox).with_keys_of(&keys);
    let identity = machine.call("GetCallerIdentity", &[]).await.json();
    assert_eq!(identity["Arn"], "acs:ram::1122334455667788:assumed-role/instance/instance");
    let other = metadata(&sandbox, Method::GET, &format!("{path}network"), proof).await;
    assert_eq!(other.status, 404, "a role, and not the machine's");
    assert_eq!(sandbox.requests()[0].operation, "GetMetadataToken");
}
