//! A run whose keys are recognisable, whose every request is listened to, and whose every word is kept.

use std::path::{Path, PathBuf};

use serde_json::json;
use tidblink_sandbox::Fault;
use tidblink_sandbox::default_world as ids;

use crate::support::Run;
use crate::support::config::ENDPOINT;
use crate::support::terraform::Outcome;
use crate::support::wiretap::Wiretap;
use crate::support::written::Written;

/// The doors and the variables that lead to them.
const WIRES: [&[&str]; 5] = [
    &["TIDBCLOUD_DEDICATED_ENDPOINT"],
    &["TIDBCLOUD_SERVERLESS_ENDPOINT"],
    &["TIDBCLOUD_HOST"],
    &["AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_EC2"],
    &["TIDBLINK_ALICLOUD_ENDPOINT", "TIDBLINK_ALICLOUD_METADATA_ENDPOINT"],
];

/// What the test itself wrote secrets into; Terraform puts a copy of the configuration into a plan file.
const PLANTED: [&str; 4] = ["main.tf", ".aws/credentials", ".aliyun/config.json", "identity-token"];

pub(super) struct Stage {
    pub(super) run: Run,
    wires: Vec<Wiretap>,
    written: Written,
    secrets: Vec<(String, String)>,
}

impl Stage {
    /// With recognisable keys in all clouds, which the environment holds.
    pub(super) async fn new() -> Self {
        let run = Run::new().await;
        let environment = run.clouds.environment();
        let mut wires = Vec::new();
        let mut stage = Self { run, wires: Vec::new(), written: Written::default(), secrets: Vec::new() };
        for variables in WIRES {
            let wire = Wiretap::to(&environment[variables[0]]).await;
            for variable in variables {
                stage.run.set(variable, &wire.url());
            }
            wires.push(wire);
        }
        stage.wires = wires;
        let (public, private) = (stage.secret("tidb-public"), stage.secret("tidb-private"));
        let (aws, alicloud) = (stage.secret("aws-secret"), stage.secret("alicloud-secret"));
        stage.run.clouds.world(|world| {
            let key = world.tidb.keys.iter_mut().find(|key| key.public_key == ids::TIDB_PUBLIC_KEY);
            let key = key.expect("the default key");
            (key.public_key, key.private_key) = (public.clone(), private.clone());
            for key in &mut world.aws.access_keys {
                key.secret_access_key.clone_from(&aws);
            }
            for key in &mut world.alicloud.access_keys {
                key.access_key_secret.clone_from(&alicloud);
            }
        });
        for (variable, secret) in [
            ("TIDBCLOUD_PUBLIC_KEY", &public),
            ("TIDBCLOUD_PRIVATE_KEY", &private),
            ("AWS_SECRET_ACCESS_KEY", &aws),
            ("ALIBABA_CLOUD_ACCESS_KEY_SECRET", &alicloud),
        ] {
            stage.run.set(variable, secret);
        }
        stage.log_to_a_file();
        stage
    }

    /// A new secret with a name in it by which a leak is told. It has characters that some formats escape.
    pub(super) fn secret(&mut self, name: &str) -> String {
        let secret = format!("hidden-{name}-0123456789/+=");
        self.hide(name, &secret);
        secret
    }

    /// Something that must be written nowhere.
    pub(super) fn hide(&mut self, name: &str, secret: &str) {
        self.secrets.push((name.to_owned(), secret.to_owned()));
    }

    /// The value of a secret made before.
    pub(super) fn value(&self, name: &str) -> String {
        let found = self.secrets.iter().find(|(found, _)| found == name);
        found.map(|(_, secret)| secret.clone()).expect("a secret of that name")
    }

    /// A file in the user's home folder.
    pub(super) fn home(&self, name: &str, text: &str) -> PathBuf {
        let file = self.everything().join("home").join(name);
        std::fs::create_dir_all(file.parent().expect("a folder")).expect("a folder");
        std::fs::write(&file, text).expect("a file");
        file
    }

    fn everything(&self) -> PathBuf {
        self.run.folder().parent().map(Path::to_owned).expect("the folder around the configuration")
    }

    /// Terraform and the provider log all they can, into a file.
    pub(super) fn log_to_a_file(&mut self) {
        let log = self.run.folder().join("terraform.log");
        self.run.set("TF_LOG", "TRACE");
        self.run.set("TF_LOG_PATH", log.to_str().expect("a plain path"));
    }

    /// The same, among the error messages.
    pub(super) fn log_to_stderr(&mut self) {
        self.run.unset("TF_LOG_PATH");
    }

    /// A command, whose output is kept.
    pub(super) async fn terraform(&mut self, arguments: &[&str]) -> Outcome {
        let outcome = self.run.terraform(arguments).await;
        self.written.add_outcome(&outcome);
        outcome
    }

    /// Plan into a file, apply of it, refresh, import, empty plan, destroy.
    pub(super) async fn live(&mut self) {
        self.terraform(&["plan", "-input=false", "-no-color", "-out=tfplan"]).await.succeeded();
        self.terraform(&["apply", "-input=false", "-no-color", "tfplan"]).await.succeeded();
        self.terraform(&["apply", "-refresh-only", "-auto-approve", "-no-color"]).await.succeeded();
        let id = self.run.attribute(ENDPOINT, "/id").as_str().expect("an id").to_owned();
        self.terraform(&["state", "rm", ENDPOINT]).await.succeeded();
        self.terraform(&["import", "-input=false", "-no-color", ENDPOINT, &id]).await.succeeded();
        let plan = ["plan", "-input=false", "-no-color", "-detailed-exitcode", "-out=empty.tfplan"];
        let plan = self.terraform(&plan).await;
        assert_eq!(plan.status.code(), Some(0), "{plan}");
        // What the configuration says outright, Terraform shows to everybody who may read the plan.
        let configuration =
            std::fs::read_to_string(self.run.folder().join("main.tf")).expect("a configuration");
        if !self.secrets.iter().any(|(_, secret)| configuration.contains(secret)) {
            self.terraform(&["show", "-json", "tfplan"]).await.succeeded();
        }
        self.destroy().await;
    }

    /// `terraform destroy`, after which nothing is left.
    pub(super) async fn destroy(&mut self) {
        self.terraform(&["destroy", "-auto-approve", "-input=false", "-no-color"]).await.succeeded();
        self.run.clouds.assert_no_leftovers();
    }

    /// An apply that fails as the fault says it.
    pub(super) async fn apply_with(&mut self, fault: Fault) -> Outcome {
        self.run.clouds.fault(fault);
        let outcome = self.terraform(&["apply", "-auto-approve", "-input=false", "-no-color"]).await;
        self.run.clouds.clear_faults();
        outcome.failed()
    }

    /// Looks for every secret, those that the clouds gave out and those that were sent included, in everything.
    ///
    /// # Panics
    /// When one is found, or when fewer than `proofs` different signatures, digests and tokens were sent.
    pub(super) fn assert_nothing_leaked(mut self, proofs: usize) {
        let sent: Vec<String> = self.wires.iter().flat_map(Wiretap::proofs).collect();
        assert!(sent.len() >= proofs, "only {} proofs were sent", sent.len());
        self.secrets
            .extend(sent.into_iter().map(|proof| ("what a request was proved with".to_owned(), proof)));
        let given = self.run.clouds.world(|world| {
            let aws = world.aws.sessions.iter();
            let aws = aws.flat_map(|it| [it.secret_access_key.clone(), it.session_token.clone()]);
            let alicloud = world.alicloud.sessions.iter();
            let alicloud = alicloud.flat_map(|it| [it.access_key_secret.clone(), it.security_token.clone()]);
            aws.chain(alicloud).collect::<Vec<_>>()
        });
        self.secrets.extend(given.into_iter().map(|key| ("a session's key".to_owned(), key)));

        self.written.add("journal of the sandbox", json!(self.run.clouds.requests()).to_string());
        let folder = self.everything();
        self.written.add_folder(&folder, &PLANTED);
        // Without these the search would have looked in the wrong places.
        assert!(
            self.written.has("terraform.log", "provider.terraform-provider-tidblink"),
            "no log of the provider"
        );
        assert!(self.written.has("journal", "\"operation\""), "no journal");
        if self.written.count("tfstate") > 0 {
            assert!(self.written.has("terraform.tfstate", "\"serial\""), "no state");
        }
        if self.written.count("tfplan") > 0 {
            assert!(self.written.count("tfplan!") >= 3, "the plan file was not unpacked");
        }
        let mut secrets = Vec::new();
        for (name, secret) in &self.secrets {
            secrets.push((name.as_str(), secret.clone()));
            // As an address or a form would have it.
            secrets.push((name.as_str(), secret.replace('/', "%2F").replace('+', "%2B").replace('=', "%3D")));
        }
        self.written.assert_without(secrets.iter().map(|(name, secret)| (*name, secret.as_str())));
    }
}
