//! A plugin process, started as Terraform starts it.

use std::path::Path;
use std::process::{Output, Stdio};
use std::time::Duration;

use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::process::{Child, ChildStdout, Command};
use tokio::time::timeout;

use super::client::{Identity, connect, provider, tls};
use super::{client, example, send_signal};

/// Far longer than anything takes; only keeps a broken test from hanging.
const PATIENCE: Duration = Duration::from_secs(30);

/// The value that Terraform gives to `TF_PLUGIN_MAGIC_COOKIE`.
pub(crate) const COOKIE: &str = "d602bf8f470bc67ca7faa0386276bbdd4330efaf76d1a219cb4d6991ca9872b2";

/// The parts of the line that a plugin answers.
#[derive(Clone, Debug)]
pub(crate) struct Handshake {
    pub(crate) network: String,
    pub(crate) address: String,
    pub(crate) certificate: String,
}

/// A plugin that said where it is.
pub(crate) struct Plugin {
    child: Child,
    _stdout: BufReader<ChildStdout>,
    pub(crate) handshake: Handshake,
}

/// The `notes` example, with the environment of a plugin and nothing to stop it if the test fails.
pub(crate) fn command() -> Command {
    let mut command = Command::new(example("notes"));
    command
        .env("TF_PLUGIN_MAGIC_COOKIE", COOKIE)
        .env("PLUGIN_PROTOCOL_VERSIONS", "5,6")
        .env("PLUGIN_MIN_PORT", "10000")
        .env("PLUGIN_MAX_PORT", "25000")
        .env_remove("PLUGIN_CLIENT_CERT")
        .env_remove("TF_DISABLE_PLUGIN_TLS")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true);
    command
}

/// Runs a process to its end.
pub(crate) async fn output(mut command: Command) -> Output {
    timeout(PATIENCE, command.output()).await.expect("the process did not end").unwrap()
}

impl Plugin {
    /// Starts a plugin and reads its handshake.
    pub(crate) async fn start(mut command: Command) -> Self {
        let mut child = command.spawn().unwrap();
        let mut stdout = BufReader::new(child.stdout.take().unwrap());
        let mut line = String::new();
        timeout(PATIENCE, stdout.read_line(&mut line)).await.expect("no handshake came").unwrap();
        let fields: Vec<&str> = line.trim_end().split('|').collect();
        let ["1", "6", network, address, "grpc", certificate] = fields[..] else {
            panic!("not a handshake: {line:?}");
        };
        let handshake = Handshake {
            network: network.to_owned(),
            address: address.to_owned(),
            certificate: certificate.to_owned(),
        };
        Self { child, _stdout: stdout, handshake }
    }

    /// Starts a plugin with TLS, and connects to it as Terraform does.
    pub(crate) async fn connected(mut command: Command) -> (Self, tonic::transport::Channel) {
        let identity = Identity::generate();
        command.env("PLUGIN_CLIENT_CERT", &identity.pem);
        let plugin = Self::start(command).await;
        let tls = tls(&plugin.handshake, Some(&identity), &rustls::version::TLS13);
        let channel = connect(&plugin.handshake, Some(tls)).await.unwrap();
        (plugin, channel)
    }

    /// Sends a signal.
    pub(crate) fn signal(&self, signal: &str) {
        send_signal(signal, &self.child.id().expect("the plugin has ended already").to_string());
    }

    /// Waits for the end of the process, which must be an orderly one that leaves nothing behind.
    pub(crate) async fn ended(mut self) {
        let status = timeout(PATIENCE, self.child.wait()).await.expect("the plugin did not end").unwrap();
        assert!(status.success(), "{status}");
        if self.handshake.network == "unix" {
            let socket = Path::new(&self.handshake.address);
            assert!(!socket.exists(), "the socket is left behind");
            assert!(!socket.parent().unwrap().exists(), "the directory of the socket is left behind");
        }
    }
}

/// Whether the provider behind `channel` answers.
pub(crate) async fn answers(channel: tonic::transport::Channel) -> bool {
    let request = client::tfplugin6::get_metadata::Request {};
    provider(channel).get_metadata(request).await.is_ok()
}
