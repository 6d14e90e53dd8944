//! Clients that mean harm, or break. Whatever they send, they get an error or the end of the connection, and Terraform is
//! served all the while.

use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::time::Duration;

use rustls::version::TLS13;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::time::timeout;
use tonic::transport::Channel;

use crate::support::client::plugin::Empty;
use crate::support::client::plugin::grpc_controller_client::GrpcControllerClient;
use crate::support::client::{Identity, Socket, connect, dial, tls};
use crate::support::plugin::{Plugin, answers, command};

/// Far longer than anything takes; only keeps a broken test from hanging.
const PATIENCE: Duration = Duration::from_secs(30);

const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
const SETTINGS: &[u8] = b"\0\0\0\x04\0\0\0\0\0";

/// A plugin, the identity that it serves, and the channel of a client that has done nothing wrong.
async fn plugin() -> (Plugin, Identity, Channel) {
    let identity = Identity::generate();
    let mut command = command();
    command.env("PLUGIN_CLIENT_CERT", &identity.pem);
    let plugin = Plugin::start(command).await;
    let channel = connect(&plugin.handshake, Some(tls(&plugin.handshake, Some(&identity), &TLS13))).await;
    (plugin, identity, channel.unwrap())
}

/// A connection that is not spoken on; with an identity, TLS is set up on it.
async fn raw(plugin: &Plugin, identity: Option<&Identity>) -> Box<dyn Socket> {
    let handshake = &plugin.handshake;
    let tls = identity.map(|identity| tls(handshake, Some(identity), &TLS13));
    dial(handshake.network.clone(), handshake.address.clone(), tls).await.unwrap()
}

/// A frame of HTTP/2 with whatever length it claims.
fn frame(claimed: usize, kind: u8, flags: u8, stream: u8, payload: &[u8]) -> Vec<u8> {
    let length = u32::try_from(claimed).unwrap().to_be_bytes();
    [&length[1..], &[kind, flags, 0, 0, 0, stream], payload].concat()
}

/// A call of the provider that is going to have a body, as the headers of stream 1: literals without an index, so that
/// no table is needed.
fn call() -> Vec<u8> {
    let mut block = Vec::new();
    for (name, value) in [
        (":method", "POST"),
        (":scheme", "http"),
        (":path", "/tfplugin6.Provider/GetMetadata"),
        (":authority", "localhost"),
        ("content-type", "application/grpc"),
        ("te", "trailers"),
    ] {
        block.push(0);
        for text in [name, value] {
            block.push(u8::try_from(text.len()).unwrap());
            block.extend_from_slice(text.as_bytes());
        }
    }
    // Headers end here, the stream does not.
    frame(block.len(), 1, 4, 1, &block)
}

/// Sends, ends the own half, and reads to the end.
async fn answer_to(mut socket: Box<dyn Socket>, said: &[u8]) -> Vec<u8> {
    let mut answer = Vec::new();
    let talk = async {
        // The other side may end the connection before it has read everything.
        let _ = socket.write_all(said).await;
        let _ = socket.shutdown().await;
        let _ = socket.read_to_end(&mut answer).await;
    };
    timeout(PATIENCE, talk).await.expect("the plugin neither answered nor ended the connection");
    answer
}

#[tokio::test]
async fn the_socket_is_the_users_alone() {
    let (plugin, _, _) = plugin().await;
    let socket = Path::new(&plugin.handshake.address);
    for (path, expected) in [(socket, 0o600), (socket.parent().unwrap(), 0o700)] {
        let mode = std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode, expected, "{}: {mode:o}", path.display());
    }
}

#[tokio::test]
async fn clients_that_say_nothing_keep_nobody_from_being_served() {
    let (plugin, identity, channel) = plugin().await;
    let mut silent = Vec::new();
    for _ in 0..100 {
        silent.push(raw(&plugin, None).await);
    }
    // Not even the one with the right certificate has to say anything.
    silent.push(raw(&plugin, Some(&identity)).await);
    assert!(answers(channel.clone()).await);
    let late = connect(&plugin.handshake, Some(tls(&plugin.handshake, Some(&identity), &TLS13))).await;
    assert!(answers(late.unwrap()).await, "nobody new is served");

    // Terraform's wish to end is followed, whoever is still connected.
    GrpcControllerClient::new(channel).shutdown(Empty {}).await.unwrap();
    plugin.ended().await;
    drop(silent);
}

#[tokio::test]
async fn what_is_no_http2_ends_in_the_end_of_the_connection() {
    let (plugin, identity, channel) = plugin().await;
    let too_long = frame(0xff_ffff, 0, 0, 1, &[0; 64]);
    for said in [
        b"".as_slice(),
        b"GET / HTTP/1.1\r\nhost: localhost\r\n\r\n",
        &PREFACE[..10],
        &[0xff; 4096],
        &[PREFACE, &too_long].concat(),
        &[PREFACE, SETTINGS, &too_long].concat(),
        &[PREFACE, SETTINGS, &frame(9, 1, 4, 1, b"\xff\xff\xff\xff\xff\xff\xff\xff\xff")].concat(),
        &[PREFACE, SETTINGS, &frame(64, 1, 4, 1, b"cut off")].concat(),
    ] {
        answer_to(raw(&plugin, Some(&identity)).await, said).await;
        assert!(answers(channel.clone()).await, "after {said:?}");
    }
}

#[tokio::test]
async fn a_message_that_is_cut_off_or_larger_than_any_is_an_error() {
    let (plugin, identity, channel) = plugin().await;
    for (name, message) in [
        ("cut off", b"\0\0\0\x01\0only this".as_slice()),
        ("head cut off", b"\0\0"),
        ("larger than any", b"\0\xff\xff\xff\xffand so on"),
        ("compressed in no known way", b"\x01\0\0\0\x04abcd"),
        ("not protobuf", b"\0\0\0\0\x04\xff\xff\xff\xff"),
    ] {
        // The end of the stream with the data: nothing more will come.
        let said = [PREFACE, SETTINGS, &call(), &frame(message.len(), 0, 1, 1, message)].concat();
        let mut socket = raw(&plugin, Some(&identity)).await;
        socket.write_all(&said).await.unwrap();
        let mut answer = Vec::new();
        let answered = async {
            // Headers of stream 1, which carry the status, or the stream's reset.
            while !has_frame(&answer, &[1, 3]) {
                let mut some = [0; 1024];
                match socket.read(&mut some).await {
                    Ok(0) | Err(_) => break,
                    Ok(read) => answer.extend_from_slice(&some[..read]),
                }
            }
        };
        timeout(PATIENCE, answered).await.unwrap_or_else(|_| panic!("no answer to a message {name}"));
        assert!(answers(channel.clone()).await, "after a message {name}");
    }
}

/// Whether one of the frames in `bytes` is of stream 1 and of one of these kinds.
fn has_frame(mut bytes: &[u8], kinds: &[u8]) -> bool {
    while let [high, middle, low, kind, _, _, _, _, stream, rest @ ..] = bytes {
        if *stream == 1 && kinds.contains(kind) {
            return true;
        }
        let length = usize::from(*high) << 16 | usize::from(*middle) << 8 | usize::from(*low);
        bytes = rest.get(length..).unwrap_or_default();
    }
    false
}

#[tokio::test]
async fn a_second_client_with_another_certificate_takes_nothing_from_the_first() {
    let (plugin, _, channel) = plugin().await;
    let other = Identity::generate();
    for _ in 0..3 {
        let tls = tls(&plugin.handshake, Some(&other), &TLS13);
        if let Ok(second) = connect(&plugin.handshake, Some(tls)).await {
            assert!(!answers(second.clone()).await, "another certificate was served");
            assert!(GrpcControllerClient::new(second).shutdown(Empty {}).await.is_err());
        }
        assert!(answers(channel.clone()).await, "the first client is not served any more");
    }
}
