//! The program: its ready line, its world file and its refusals.

use std::io::{BufRead as _, BufReader};
use std::process::{Command, Stdio};

use tidblink_sandbox::{Sandbox, SandboxError, SandboxOptions, Urls};

fn program() -> Command {
    Command::new(env!("CARGO_BIN_EXE_tidblink-sandbox"))
}

#[test]
fn the_ready_line_names_six_doors_on_loopback() {
    let mut child = program().args(["--speed", "10", "--seed", "3"]).stdout(Stdio::piped()).spawn().unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
    child.kill().unwrap();
    child.wait().unwrap();
    let urls: Urls = serde_json::from_str(&line).unwrap();
    for url in [urls.dedicated, urls.serverless, urls.legacy, urls.ec2, urls.alicloud, urls.control] {
        assert!(url.starts_with("http://127.0.0.1:"), "{url}");
    }
}

#[test]
fn addresses_that_others_can_reach_are_refused() {
    let output = program().args(["--listen", "0.0.0.0:0"]).output().unwrap();
    assert!(!output.status.success());
    let message = String::from_utf8(output.stderr).unwrap();
    assert!(message.contains("0.0.0.0 is not a loopback address"), "{message}");
}

#[test]
fn a_world_that_is_none_is_refused_by_name() {
    let output = program().args(["--world", "Cargo.toml"]).output().unwrap();
    assert!(!output.status.success());
    assert!(String::from_utf8(output.stderr).unwrap().contains("Cargo.toml is not a world"));
}

#[tokio::test]
async fn a_speed_that_time_cannot_have_is_refused() {
    for speed in [-1.0, f64::NAN, f64::INFINITY] {
        let options = SandboxOptions { speed, ..SandboxOptions::default() };
        let refused = Sandbox::start(options).await;
        assert!(matches!(refused, Err(SandboxError::Speed(_))), "{speed}");
    }
}

#[tokio::test]
async fn dropping_a_sandbox_closes_its_doors() {
    let sandbox = Sandbox::start(SandboxOptions::default()).await.unwrap();
    let url = format!("{}/world", sandbox.urls().control);
    assert!(reqwest::get(&url).await.is_ok());
    drop(sandbox);
    tokio::task::yield_now().await;
    assert!(reqwest::get(&url).await.is_err());
}
