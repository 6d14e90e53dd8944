//! Functions in a real configuration. OpenTofu and Terraform 1.8 have them.

use serde_json::json;

use crate::support::Run;
use crate::support::config::REQUIRED;

/// A run whose configuration computes one value.
async fn computing(expression: &str, sensitive: bool) -> Run {
    let run = Run::new().await;
    let variable =
        "variable \"password\" {\n  type = string\n  sensitive = true\n  default = \"hunter2\"\n}\n";
    let output = format!("output \"it\" {{\n  value = {expression}\n  sensitive = {sensitive}\n}}\n");
    run.write("main.tf", format!("{REQUIRED}\n{variable}\n{output}"));
    run
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connection_string_is_computed_without_any_cloud() {
    let call = r#"provider::tidblink::connection_string("rails", "a.example.com", 4000, "root", "shop", { password = "p@ss" })"#;
    let run = computing(call, false).await;
    run.apply().await;
    let expected = "mysql2://root:p%40ss@a.example.com:4000/shop?ssl_mode=verify_identity";
    assert_eq!(run.output("it").await, json!(expected));
    assert!(run.clouds.requests().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sensitive_password_makes_the_string_sensitive() {
    let call = r#"provider::tidblink::connection_string("go", "a.example.com", 4000, "root", "shop", { password = var.password })"#;
    let outcome = computing(call, false).await.plan_fails().await;
    outcome.says("Output refers to sensitive values");
    outcome.does_not_say("hunter2");

    let run = computing(call, true).await;
    let outcome = run.apply().await;
    outcome.does_not_say("hunter2");
    assert_eq!(run.output("it").await, json!("root:hunter2@tcp(a.example.com:4000)/shop?tls=true"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mistake_in_a_call_names_the_argument() {
    let call = r#"provider::tidblink::connection_string("php", "a.example.com", 4000, "root", "shop")"#;
    let outcome = computing(call, false).await.plan_fails().await;
    outcome.says("Invalid value for \"client\" parameter");
    outcome.says("there is no client \"php\": use one of mysql, mysql_url, jdbc");
    outcome.says("guides/troubleshooting#invalid-value)");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unknown_host_makes_an_unknown_string() {
    let run = Run::new().await;
    let resource = "resource \"terraform_data\" \"host\" {\n  input = \"a.example.com\"\n}\n";
    let call =
        r#"provider::tidblink::connection_string("jdbc", terraform_data.host.output, 4000, "root", "")"#;
    run.write("main.tf", format!("{REQUIRED}\n{resource}\noutput \"it\" {{\n  value = {call}\n}}\n"));
    run.apply().await;
    let expected = "jdbc:mysql://a.example.com:4000/?user=root&sslMode=VERIFY_IDENTITY";
    assert_eq!(run.output("it").await, json!(expected));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_id_is_refused_with_the_way_to_its_section() {
    let outcome = computing(r#"provider::tidblink::parse_id("orders")"#, false).await.plan_fails().await;
    outcome.says("\"orders\" is not an id of this provider").says("guides/troubleshooting#malformed-id)");
}

#[tokio::test(flavor = "multi_thread")]
async fn ids_come_apart() {
    let run =
        computing(r#"provider::tidblink::parse_id("serverless/1/vpce-0123456789abcdef0")"#, false).await;
    run.apply().await;
    let parts = json!({
        "kind": "serverless",
        "cluster_id": "1",
        "node_group_id": null,
        "service_id": "serverless/1",
        "endpoint_id": "vpce-0123456789abcdef0",
    });
    assert_eq!(run.output("it").await, parts);
}
