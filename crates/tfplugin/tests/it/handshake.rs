//! The first words between Terraform and a plugin.

use rustls::version::{TLS12, TLS13};

use crate::support::client::{Identity, connect, tls};
use crate::support::plugin::{Plugin, answers, command, output};

#[tokio::test]
async fn a_person_who_starts_it_is_told_what_it_is() {
    for cookie in [None, Some("wrong")] {
        let mut command = command();
        match cookie {
            None => command.env_remove("TF_PLUGIN_MAGIC_COOKIE"),
            Some(cookie) => command.env("TF_PLUGIN_MAGIC_COOKIE", cookie),
        };
        let output = output(command).await;
        assert_eq!(output.status.code(), Some(1));
        assert!(output.stdout.is_empty(), "{output:?}");
        let text = String::from_utf8_lossy(&output.stderr);
        assert!(text.contains("started by Terraform itself"), "{text}");
    }
}

#[tokio::test]
async fn a_terraform_without_protocol_6_is_told_on_the_line_it_reads() {
    let mut command = command();
    command.env("PLUGIN_PROTOCOL_VERSIONS", "4,5");
    let output = output(command).await;
    assert_eq!(output.status.code(), Some(1));
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(text.contains("offered only 4,5"), "{text}");
    assert_eq!(text.lines().count(), 1, "{text}");
}

#[tokio::test]
async fn the_holder_of_the_announced_certificate_is_served_over_both_versions_of_tls() {
    for version in [&TLS12, &TLS13] {
        let identity = Identity::generate();
        let mut command = command();
        command.env("PLUGIN_CLIENT_CERT", &identity.pem);
        let plugin = Plugin::start(command).await;
        let tls = tls(&plugin.handshake, Some(&identity), version);
        let channel = connect(&plugin.handshake, Some(tls)).await.unwrap();
        assert!(answers(channel).await, "{version:?}");
    }
}

#[tokio::test]
async fn nobody_else_is_served() {
    let (announced, other) = (Identity::generate(), Identity::generate());
    let mut command = command();
    command.env("PLUGIN_CLIENT_CERT", &announced.pem);
    let plugin = Plugin::start(command).await;
    for version in [&TLS12, &TLS13] {
        for identity in [None, Some(&other)] {
            let tls = tls(&plugin.handshake, identity, version);
            // With TLS 1.3 a client believes to be connected before the server has looked at its certificate.
            if let Ok(channel) = connect(&plugin.handshake, Some(tls)).await {
                assert!(!answers(channel).await, "{version:?}, certificate: {}", identity.is_some());
            }
        }
    }
    if let Ok(channel) = connect(&plugin.handshake, None).await {
        assert!(!answers(channel).await, "served without TLS");
    }
    let tls = tls(&plugin.handshake, Some(&announced), &TLS13);
    assert!(answers(connect(&plugin.handshake, Some(tls)).await.unwrap()).await, "refusing others broke it");
}

#[tokio::test]
async fn without_tls_the_certificate_is_left_out() {
    let mut with_switch = command();
    with_switch.env("TF_DISABLE_PLUGIN_TLS", "1").env("PLUGIN_CLIENT_CERT", Identity::generate().pem);
    for command in [command(), with_switch] {
        let plugin = Plugin::start(command).await;
        assert_eq!(plugin.handshake.certificate, "");
        assert!(answers(connect(&plugin.handshake, None).await.unwrap()).await);
    }
}

#[tokio::test]
async fn the_socket_is_made_where_the_environment_says() {
    let directory = tempfile::tempdir().unwrap();
    let mut command = command();
    command.env("PLUGIN_UNIX_SOCKET_DIR", directory.path());
    let plugin = Plugin::start(command).await;
    assert_eq!(plugin.handshake.network, "unix");
    assert!(plugin.handshake.address.starts_with(directory.path().to_str().unwrap()));
}

#[tokio::test]
async fn without_a_usable_temporary_directory_it_is_tcp_on_an_allowed_port() {
    let directory = tempfile::tempdir().unwrap();
    let long = directory.path().join("x".repeat(110));
    std::fs::create_dir(&long).unwrap();
    for unusable in [long, directory.path().join("missing")] {
        let mut command = command();
        command.env("TMPDIR", &unusable);
        let (plugin, channel) = Plugin::connected(command).await;
        assert_eq!(plugin.handshake.network, "tcp", "{}", unusable.display());
        let port: u16 = plugin.handshake.address.strip_prefix("127.0.0.1:").unwrap().parse().unwrap();
        assert!((10_000..=25_000).contains(&port), "{port}");
        assert!(answers(channel).await);
    }
}

#[tokio::test]
async fn a_socket_directory_that_cannot_be_used_is_an_error_and_not_a_reason_for_tcp() {
    let mut command = command();
    command.env("PLUGIN_UNIX_SOCKET_DIR", "/missing/directory");
    let output = output(command).await;
    assert_eq!(output.status.code(), Some(1));
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(text.contains("/missing/directory"), "{text}");
}
