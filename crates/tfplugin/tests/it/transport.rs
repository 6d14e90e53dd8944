//! A plugin while it serves, and how it ends.

use tonic_health::pb::HealthCheckRequest;
use tonic_health::pb::health_check_response::ServingStatus;
use tonic_health::pb::health_client::HealthClient;

use crate::support::client::plugin::Empty;
use crate::support::client::plugin::grpc_controller_client::GrpcControllerClient;
use crate::support::client::plugin::grpc_stdio_client::GrpcStdioClient;
use crate::support::client::tfplugin6::{DynamicValue, call_function, stop_provider};
use crate::support::client::{self, provider};
use crate::support::plugin::{Plugin, answers, command};

#[tokio::test]
async fn shutdown_ends_open_streams_and_the_process() {
    let (plugin, channel) = Plugin::connected(command()).await;
    let mut output = GrpcStdioClient::new(channel.clone()).stream_stdio(()).await.unwrap().into_inner();
    let broker = client::plugin::grpc_broker_client::GrpcBrokerClient::new(channel.clone())
        .start_stream(tokio_stream::pending())
        .await
        .unwrap();
    GrpcControllerClient::new(channel).shutdown(Empty {}).await.unwrap();
    assert!(output.message().await.unwrap().is_none(), "the stream of outputs carried something");
    assert!(broker.into_inner().message().await.unwrap().is_none());
    plugin.ended().await;
}

#[tokio::test]
async fn ctrl_c_is_ignored_and_sigterm_ends_the_process() {
    let (plugin, channel) = Plugin::connected(command()).await;
    plugin.signal("INT");
    assert!(answers(channel.clone()).await, "SIGINT ended the plugin");
    plugin.signal("TERM");
    plugin.ended().await;
}

#[tokio::test]
async fn the_health_service_answers_for_the_name_plugin() {
    let (_plugin, channel) = Plugin::connected(command()).await;
    let request = HealthCheckRequest { service: "plugin".to_owned() };
    let answer = HealthClient::new(channel).check(request).await.unwrap().into_inner();
    assert_eq!(answer.status(), ServingStatus::Serving);
}

#[tokio::test]
async fn a_message_may_be_far_larger_than_grpc_usually_allows() {
    let (_plugin, channel) = Plugin::connected(command()).await;
    let text = |letter: &str| {
        let length = 9_u32 << 20;
        let mut msgpack = vec![0xdb];
        msgpack.extend(length.to_be_bytes());
        msgpack.extend(letter.repeat(length as usize).into_bytes());
        DynamicValue { msgpack, json: Vec::new() }
    };
    let request = call_function::Request { name: "slug".to_owned(), arguments: vec![text("A")] };
    let answer = provider(channel).call_function(request).await.unwrap().into_inner();
    assert!(answer.error.is_none(), "{:?}", answer.error);
    assert!(answer.result.unwrap() == text("a"), "the text came back changed");
}

#[tokio::test]
async fn stopping_answers_nothing_and_the_provider_serves_on() {
    let (_plugin, channel) = Plugin::connected(command()).await;
    let answer =
        provider(channel.clone()).stop_provider(stop_provider::Request {}).await.unwrap().into_inner();
    assert_eq!(answer.error, "");
    assert!(answers(channel).await);
}

#[tokio::test]
async fn what_the_provider_does_not_have_is_unimplemented() {
    let (_plugin, channel) = Plugin::connected(command()).await;
    let request = client::tfplugin6::plan_action::Request::default();
    let status = provider(channel).plan_action(request).await.unwrap_err();
    assert_eq!(status.code(), tonic::Code::Unimplemented);
}
