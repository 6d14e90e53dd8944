//! Every RPC of the protocol, as its file names them: one that the crate supports is answered even when the request says
//! nothing, and any other is answered as Terraform expects of a provider that has none of those.

use tonic::client::Grpc;
use tonic::transport::Channel;
use tonic::{Code, Request, Status};
use tonic_prost::ProstCodec;

use crate::support::plugin::{Plugin, answers, command};

/// What the README says is not supported.
const NOT_SUPPORTED: [&str; 15] = [
    "ValidateEphemeralResourceConfig",
    "OpenEphemeralResource",
    "RenewEphemeralResource",
    "CloseEphemeralResource",
    "ValidateStateStoreConfig",
    "ConfigureStateStore",
    "ReadStateBytes",
    "WriteStateBytes",
    "LockState",
    "UnlockState",
    "GetStates",
    "DeleteState",
    "PlanAction",
    "InvokeAction",
    "ValidateActionConfig",
];

/// The RPCs in the order of the protocol's file.
fn rpcs() -> impl Iterator<Item = &'static str> {
    let file = include_str!("../../../../proto/tfplugin6.proto");
    file.lines().filter_map(|line| line.trim().strip_prefix("rpc ")?.split('(').next())
}

/// Calls an RPC with an empty message and takes whatever comes back to its end.
async fn ask(channel: &Channel, rpc: &str) -> Result<(), Status> {
    let mut client = Grpc::new(channel.clone()).max_decoding_message_size(usize::MAX);
    client.ready().await.unwrap();
    let path = format!("/tfplugin6.Provider/{rpc}").parse().unwrap();
    let codec = ProstCodec::<(), ()>::default();
    let mut answer = client.server_streaming(Request::new(()), path, codec).await?.into_inner();
    while answer.message().await?.is_some() {}
    Ok(())
}

#[tokio::test]
async fn every_rpc_is_answered_or_known_to_be_unsupported() {
    let (plugin, channel) = Plugin::connected(command()).await;
    let mut unsupported = Vec::new();
    for rpc in rpcs() {
        match ask(&channel, rpc).await {
            Ok(()) => {}
            Err(status) => {
                assert_eq!(status.code(), Code::Unimplemented, "{rpc}: {status}");
                unsupported.push(rpc);
            }
        }
        assert!(answers(channel.clone()).await, "the provider is gone after {rpc}");
    }
    assert_eq!(unsupported, NOT_SUPPORTED);
    drop(plugin);
}
