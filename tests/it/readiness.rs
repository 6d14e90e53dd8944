//! Whether what was made can be used from where Terraform runs: `wait_for_dns` in a network of the test's own, and
//! `tidblink_reachability` against listeners on loopback.

use std::collections::BTreeSet;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use serde_json::{Value as Json, json};
use tidblink::network::Network;
use tidblink_sandbox::Sandbox;
use tokio::io::AsyncWriteExt as _;
use tokio::net::{TcpListener, TcpStream};

use crate::faults::lab::{Lab, in_a_time_of_its_own};
use crate::faults::system::{System, Wish};
use crate::support::config::REQUIRED;
use crate::support::{Endpoint, Run};

/// A resolver that knows a name from the n-th question on.
struct Resolver {
    sandbox: Arc<Sandbox>,
    system: System,
    knows_after: usize,
    asked: Mutex<Vec<String>>,
}

impl Resolver {
    /// The addresses of the endpoint that there is.
    fn addresses(&self) -> BTreeSet<IpAddr> {
        let texts: Vec<String> = self.sandbox.world(|world| match self.system {
            System::Alicloud => {
                let zones = world.alicloud.endpoints.iter().flat_map(|endpoint| &endpoint.zones);
                zones.map(|zone| zone.eni_ip.clone()).collect()
            }
            _ => world.aws.network_interfaces.iter().map(|interface| interface.private_ip.clone()).collect(),
        });
        texts.iter().map(|text| text.parse().unwrap()).collect()
    }
}

#[async_trait]
impl Network for Resolver {
    async fn resolve(&self, host: &str) -> io::Result<BTreeSet<IpAddr>> {
        let mut asked = self.asked.lock().unwrap();
        asked.push(host.to_owned());
        match asked.len() {
            1 => Err(io::Error::new(io::ErrorKind::NotFound, "no such name")),
            count if count > self.knows_after => Ok(self.addresses()),
            _ => Ok(BTreeSet::from([IpAddr::from([3, 1, 2, 3])])),
        }
    }

    async fn connect(&self, _address: SocketAddr) -> io::Result<TcpStream> {
        Err(io::ErrorKind::Unsupported.into())
    }
}

/// Makes an endpoint that is waited for in such a network, and tells what came of it: the host in the state, the names
/// that were asked for, and the error.
fn waiting(system: System, knows_after: usize) -> (Json, Vec<String>, Option<String>) {
    in_a_time_of_its_own(async {
        let lab = Lab::open(1).await;
        let asked = Mutex::default();
        let resolver = Arc::new(Resolver { sandbox: Arc::clone(&lab.sandbox), system, knows_after, asked });
        let provider = lab.provider_in(Some(Arc::clone(&resolver) as Arc<dyn Network>)).await;
        let mut resource = provider.resource("tidblink_private_endpoint");
        let mut config = system.endpoint(Wish::First);
        config["wait_for_dns"] = json!(true);
        let error = match resource.converge(config).await {
            Ok(_) => None,
            Err(failure) => {
                assert!(failure.violations.is_empty(), "{failure}");
                Some(failure.to_string())
            }
        };
        let asked = resolver.asked.lock().unwrap().clone();
        (resource.attribute("/host"), asked, error)
    })
}

#[test]
fn an_apply_ends_when_the_host_resolves_to_the_endpoint() {
    for system in System::ALL {
        let (host, asked, error) = waiting(system, 3);
        assert_eq!(error, None, "{system:?}");
        assert_eq!(asked.len(), 4, "{system:?}: it is asked for until it is right, and then no more");
        assert!(asked.iter().all(|name| json!(name) == host), "{system:?}: {asked:?} and not {host}");
    }
}

#[test]
fn a_name_that_never_resolves_to_the_endpoint_ends_the_apply_with_what_was_seen_and_why() {
    let (host, asked, error) = waiting(System::Dedicated, usize::MAX);
    let error = error.expect("it never resolves");
    assert!(asked.len() > 3);
    let host = host.as_str().unwrap();
    for words in [
        "Could not see the host resolve to the endpoint in time",
        &format!("{host} does not resolve (no such name), the endpoint has 10."),
        &format!("{host} resolves to 3.1.2.3, the endpoint has 10."),
        "outside of the VPC",
        "take `wait_for_dns` out",
        "terraform untaint",
    ] {
        assert!(error.contains(words), "no {words:?} in {error}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn waiting_for_a_name_without_private_dns_is_refused_at_plan() {
    let run = Run::new().await;
    run.write("main.tf", Endpoint::new().private_dns(false).arguments("wait_for_dns = true").hcl());
    run.plan_fails().await.says("`wait_for_dns` would wait in vain");
    run.clouds.assert_no_leftovers();
}

#[tokio::test(flavor = "multi_thread")]
async fn waiting_for_the_name_of_somebody_elses_endpoint_is_refused_at_plan() {
    let run = Run::new().await;
    let theirs = Endpoint::new().existing("\"vpce-0123456789abcdef0\"");
    run.write("main.tf", theirs.arguments("wait_for_dns = true").hcl());
    run.plan_fails()
        .await
        .says("With `existing` somebody else looks after the endpoint")
        .says("tidblink_reachability");
    run.clouds.assert_no_leftovers();
}

/// Whether there is private DNS comes out of another resource of the same run.
fn with_dns_from_elsewhere(enabled: bool, arguments: &str) -> String {
    let hcl = Endpoint::new().private_dns(true).arguments(arguments).hcl();
    let elsewhere = "private_dns_enabled = terraform_data.dns.output";
    assert!(hcl.contains("private_dns_enabled = true"), "{hcl}");
    format!(
        "resource \"terraform_data\" \"dns\" {{\n  input = {enabled}\n}}\n{}",
        hcl.replace("private_dns_enabled = true", elsewhere)
    )
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wait_in_vain_that_only_the_apply_sees_stops_a_create_before_it_makes_anything() {
    let run = Run::new().await;
    run.write("main.tf", with_dns_from_elsewhere(false, "wait_for_dns = true"));

    run.apply_fails().await.says("`wait_for_dns` would wait in vain").says("Nothing was made");

    run.clouds.assert_no_leftovers();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wait_in_vain_that_only_the_apply_sees_stops_an_update_before_it_changes_anything() {
    let run = Run::new().await;
    run.write("main.tf", with_dns_from_elsewhere(true, ""));
    run.apply().await;
    let before = run.clouds.endpoint();
    run.write("main.tf", with_dns_from_elsewhere(false, "wait_for_dns = true"));

    run.apply_fails().await.says("`wait_for_dns` would wait in vain").says("Nothing was made or changed");

    assert_eq!(run.clouds.endpoint(), before);
    run.write("main.tf", with_dns_from_elsewhere(false, ""));
    run.apply().await;
    assert!(!run.clouds.endpoint().private_dns_enabled);
    run.assert_empty_plan().await;
    run.destroy().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn without_the_switch_no_name_is_asked_for_and_setting_it_later_changes_nothing_else() {
    let run = Run::new().await;
    run.write("main.tf", Endpoint::new().hcl());
    run.apply().await;
    let before = run.clouds.endpoint();
    run.write("main.tf", Endpoint::new().arguments("wait_for_dns = true").hcl());
    run.apply().await;
    run.assert_empty_plan().await;
    assert_eq!(run.clouds.endpoint().tags, before.tags);
    run.destroy().await;
}

/// Somebody on loopback who says `words` to whoever comes.
async fn listener(words: &'static [u8]) -> u16 {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        let mut kept = Vec::new();
        while let Ok((mut stream, _)) = listener.accept().await {
            stream.write_all(words).await.unwrap();
            kept.push(stream);
        }
    });
    port
}

/// A configuration that looks and warns, as the documentation shows it.
fn looking(port: u16) -> String {
    let host = "127.0.0.1";
    format!(
        r#"{REQUIRED}
data "tidblink_reachability" "it" {{
  host    = "{host}"
  port    = {port}
  timeout = "1m"
}}

check "reachable" {{
  assert {{
    condition     = data.tidblink_reachability.it.reachable
    error_message = "Not reachable from here: ${{coalesce(data.tidblink_reachability.it.error, "no reason")}}"
  }}
}}

output "it" {{
  value = data.tidblink_reachability.it
}}
"#
    )
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cluster_that_greets_is_reachable() {
    let run = Run::new().await;
    let port = listener(b"\x18\0\0\0\x0a8.0.11-TiDB-v8.5.1\0\x01\0\0\0").await;
    run.write("main.tf", looking(port));
    run.apply().await.does_not_say("Not reachable");
    let found = run.output("it").await;
    assert_eq!(found["reachable"], json!(true));
    assert_eq!(found["server_version"], json!("8.0.11-TiDB-v8.5.1"));
    assert_eq!(found["addresses"], json!(["127.0.0.1"]));
    assert_eq!(found["error"], json!(null));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_reachable_is_a_warning_of_the_users_own_and_no_error() {
    let garbage = listener(b"SSH-2.0-OpenSSH_9.6\r\n").await;
    let silent = listener(b"").await;
    let closed = TcpListener::bind(("127.0.0.1", 0)).await.unwrap().local_addr().unwrap().port();
    for (port, reason) in [
        (garbage, "not as a MySQL server does"),
        (silent, "no greeting came in time"),
        (closed, "cannot be connected to"),
    ] {
        let run = Run::new().await;
        run.write("main.tf", looking(port));
        run.apply().await.says(reason);
        let found = run.output("it").await;
        assert_eq!((&found["reachable"], &found["server_version"]), (&json!(false), &json!(null)), "{found}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_endpoint_that_is_being_made_is_looked_at_during_the_apply() {
    let run = Run::new().await;
    let port = listener(b"\x18\0\0\0\x0a8.0.11-TiDB-v8.5.1\0\x01\0\0\0").await;
    let look = format!(
        "data \"tidblink_reachability\" \"it\" {{\n  host = tidblink_private_endpoint.app.status == \"active\" ? \"127.0.0.1\" : \"\"\n  port = {port}\n}}\n\
         output \"reachable\" {{\n  value = data.tidblink_reachability.it.reachable\n}}\n"
    );
    run.write("main.tf", format!("{}\n{look}", Endpoint::new().hcl()));
    run.apply().await;
    assert_eq!(run.output("reachable").await, json!(true));
    run.destroy().await;
}
