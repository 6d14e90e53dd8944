//! The sandbox of one test: the environment that leads to it, what happens behind Terraform's back, and what it saw.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use tidblink_sandbox::world::{EndpointState, VpcEndpoint, World};
use tidblink_sandbox::{Event, Fault, RequestRecord, Sandbox, SandboxOptions, default_world};

/// How long a test waits for something to happen in the sandbox before it gives up, in real time.
const PATIENCE: Duration = Duration::from_secs(60);

/// TiDB Cloud and AWS for one test.
pub(crate) struct Clouds {
    sandbox: Sandbox,
}

impl Clouds {
    pub(crate) async fn start(options: SandboxOptions) -> Self {
        Self { sandbox: Sandbox::start(options).await.expect("the sandbox starts") }
    }

    /// What makes the provider, and any other client, use the sandbox with keys that open it.
    pub(crate) fn environment(&self) -> BTreeMap<String, String> {
        let urls = self.sandbox.urls();
        [
            ("TIDBCLOUD_PUBLIC_KEY", default_world::TIDB_PUBLIC_KEY),
            ("TIDBCLOUD_PRIVATE_KEY", default_world::TIDB_PRIVATE_KEY),
            ("TIDBCLOUD_DEDICATED_ENDPOINT", &urls.dedicated),
            ("TIDBCLOUD_SERVERLESS_ENDPOINT", &urls.serverless),
            ("TIDBCLOUD_HOST", &urls.legacy),
            ("AWS_ENDPOINT_URL_EC2", &urls.ec2),
            ("AWS_ENDPOINT_URL", &urls.ec2),
            ("TIDBLINK_ALICLOUD_ENDPOINT", &urls.alicloud),
            ("ALIBABA_CLOUD_ACCESS_KEY_ID", default_world::ALICLOUD_ACCESS_KEY_ID),
            ("ALIBABA_CLOUD_ACCESS_KEY_SECRET", default_world::ALICLOUD_ACCESS_KEY_SECRET),
            ("ALIBABA_CLOUD_ECS_METADATA_DISABLED", "true"),
            ("AWS_ACCESS_KEY_ID", default_world::AWS_ACCESS_KEY_ID),
            ("AWS_SECRET_ACCESS_KEY", default_world::AWS_SECRET_ACCESS_KEY),
        ]
        .into_iter()
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect()
    }

    /// Where events can be posted to while terraform runs.
    pub(crate) fn events_url(&self) -> String {
        format!("{}/events", self.sandbox.urls().control)
    }

    /// Looks at the world, or changes it.
    pub(crate) fn world<T>(&self, look: impl FnOnce(&mut World) -> T) -> T {
        self.sandbox.world(look)
    }

    /// Waits until something has happened.
    ///
    /// # Panics
    /// When it does not happen.
    pub(crate) async fn until(&self, what: &str, happened: impl Fn(&World) -> bool) {
        let wait = async {
            while !self.world(|world| happened(world)) {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        };
        tokio::time::timeout(PATIENCE, wait).await.unwrap_or_else(|_| panic!("never happened: {what}"));
    }

    /// Waits until a request has come and been answered.
    ///
    /// # Panics
    /// When none comes.
    pub(crate) async fn until_asked(&self, what: &str, is_it: impl Fn(&RequestRecord) -> bool) {
        let wait = async {
            while !self.requests().iter().any(&is_it) {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        };
        tokio::time::timeout(PATIENCE, wait).await.unwrap_or_else(|_| panic!("never happened: {what}"));
    }

    /// Waits until a planted failure has struck.
    ///
    /// # Panics
    /// When none does.
    pub(crate) async fn until_struck(&self) {
        let wait = async {
            while !self.sandbox.faults().iter().any(|fault| fault.fired > 0) {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        };
        tokio::time::timeout(PATIENCE, wait).await.expect("a planted failure strikes");
    }

    /// Makes something happen behind Terraform's back.
    pub(crate) fn event(&self, event: Event) {
        self.sandbox.event(event).expect("an event that can happen");
    }

    /// Plants a failure.
    pub(crate) fn fault(&self, fault: Fault) {
        self.sandbox.add_fault(fault);
    }

    /// Takes all planted failures back.
    pub(crate) fn clear_faults(&self) {
        self.sandbox.clear_faults();
    }

    /// Every request so far.
    pub(crate) fn requests(&self) -> Vec<RequestRecord> {
        self.sandbox.requests()
    }

    /// The endpoints that exist, in whatever state short of gone.
    pub(crate) fn endpoints(&self) -> Vec<VpcEndpoint> {
        self.world(|world| {
            let exists = |endpoint: &&VpcEndpoint| endpoint.state != EndpointState::Deleted;
            world.aws.endpoints.iter().filter(exists).cloned().collect()
        })
    }

    /// Their ids.
    pub(crate) fn endpoint_ids(&self) -> BTreeSet<String> {
        self.endpoints().into_iter().map(|endpoint| endpoint.endpoint_id).collect()
    }

    /// The one endpoint that exists.
    ///
    /// # Panics
    /// When there is none, or more than one.
    #[track_caller]
    pub(crate) fn endpoint(&self) -> VpcEndpoint {
        let mut endpoints = self.endpoints();
        assert_eq!(endpoints.len(), 1, "{endpoints:#?}");
        endpoints.remove(0)
    }

    /// # Panics
    /// When something exists that was not there at the start.
    #[track_caller]
    pub(crate) fn assert_no_leftovers(&self) {
        let leftovers = self.sandbox.leftovers();
        assert!(leftovers.is_empty(), "left over: {leftovers:#?}");
    }
}
