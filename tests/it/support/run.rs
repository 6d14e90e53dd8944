//! One test's whole surroundings: a sandbox, a folder, a terraform that uses the provider cargo built. Everything goes
//! when the value is dropped.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use serde_json::Value;
use tempfile::TempDir;
use tidblink_sandbox::SandboxOptions;

use super::clouds::Clouds;
use super::plan::Plan;
use super::terraform::{Outcome, Running, Terraform};

/// The provider that cargo built for this test run.
const PROVIDER: &str = env!("CARGO_BIN_EXE_terraform-provider-tidblink");

/// How many of the services' seconds pass in one of ours, unless a test says otherwise.
const SPEED: f64 = 60.0;

/// A configuration that terraform works on, and the clouds that it works in.
pub(crate) struct Run {
    pub(crate) clouds: Clouds,
    terraform: Terraform,
    folder: TempDir,
}

impl Run {
    /// A run in the sandbox's default world. The provider is found through a development override, so there is nothing
    /// to install.
    pub(crate) async fn new() -> Self {
        Self::at_speed(SPEED).await
    }

    /// The same, with services that are `speed` times as fast as real ones.
    pub(crate) async fn at_speed(speed: f64) -> Self {
        let folder = TempDir::with_prefix("tidblink-").expect("a temporary folder");
        let clouds = Clouds::start(SandboxOptions { speed, ..SandboxOptions::default() }).await;
        for subfolder in ["work", "home", "plugins"] {
            std::fs::create_dir(folder.path().join(subfolder)).expect("a folder in a new folder");
        }
        let mut environment = clouds.environment();
        environment.extend(
            [
                ("HOME", text(&folder.path().join("home"))),
                ("TF_CLI_CONFIG_FILE", text(&folder.path().join("terraformrc"))),
                ("TF_IN_AUTOMATION", "1".into()),
                ("CHECKPOINT_DISABLE", "1".into()),
                ("AWS_EC2_METADATA_DISABLED", "true".into()),
                ("TIDBLINK_TIME_SCALE", speed.to_string()),
            ]
            .map(|(name, value)| (name.to_owned(), value)),
        );
        let terraform = Terraform::new(&folder.path().join("work"), environment);
        let run = Self { clouds, terraform, folder };
        run.override_provider(Path::new(PROVIDER));
        run
    }

    /// Offers the provider through the mirror of a release instead, so that it takes `terraform init` to get it.
    pub(crate) fn use_mirror(&self) {
        self.use_mirror_with(&Path::new(env!("CARGO_MANIFEST_DIR")).join("LICENSE"));
    }

    /// The same, with another licence in the archives.
    pub(crate) fn use_mirror_with(&self, licence: &Path) {
        let dist = self.folder.path().join("dist");
        let binaries = BTreeMap::from([(platform(), PathBuf::from(PROVIDER))]);
        let version = env!("CARGO_PKG_VERSION");
        let release = packing::Release { version, binaries: &binaries, licence };
        release.pack(&dist).expect("a release");
        let path = text(&dist.join("mirror"));
        self.write_cli_config(&format!("  filesystem_mirror {{\n    path = {path:?}\n  }}\n"));
    }

    /// Puts a shell script in front of the provider that notes each process id, for a test that kills one.
    pub(crate) fn note_provider_processes(&self) {
        let script = self.folder.path().join("noting-provider");
        let noted = self.noted_processes();
        let text = format!("#!/bin/sh\necho $$ >> '{}'\nexec '{PROVIDER}' \"$@\"\n", noted.display());
        std::fs::write(&script, text).expect("a script");
        make_executable(&script);
        self.override_provider(&script);
    }

    /// Kills the provider that was started last, without giving it a chance to react.
    pub(crate) async fn kill_provider(&self) {
        let noted = std::fs::read_to_string(self.noted_processes()).expect("a provider was started");
        let last = noted.lines().last().expect("a provider was started");
        super::terraform::signal("KILL", last).await;
    }

    /// Waits until no provider that was started runs any more.
    ///
    /// # Panics
    /// When one stays.
    pub(crate) async fn providers_end(&self) {
        let noted = std::fs::read_to_string(self.noted_processes()).expect("a provider was started");
        let runs = |process: &str| Path::new("/proc").join(process).join("exe").exists();
        for _ in 0..600 {
            if !noted.lines().any(runs) {
                return;
            }
            tokio::time::sleep(std::time::Duration::from_millis(100)).await;
        }
        panic!("a provider outlives its terraform: {noted}");
    }

    fn noted_processes(&self) -> PathBuf {
        self.folder.path().join("provider-processes")
    }

    fn override_provider(&self, program: &Path) {
        let plugins = self.folder.path().join("plugins");
        link(program, &plugins.join("terraform-provider-tidblink"));
        self.override_providers(&["tidblink/tidblink"]);
    }

    /// Installs something in the official provider's place: Terraform wants the schemas of every provider that the state
    /// names, even where all its objects are moved away from it, and asks nothing else of it then.
    pub(crate) fn install_official_provider(&self) {
        let plugins = self.folder.path().join("plugins");
        link(Path::new(PROVIDER), &plugins.join("terraform-provider-tidbcloud"));
        self.override_providers(&["tidblink/tidblink", "tidbcloud/tidbcloud"]);
    }

    fn override_providers(&self, sources: &[&str]) {
        let path = text(&self.folder.path().join("plugins"));
        let registries = ["registry.terraform.io", "registry.opentofu.org"];
        let lines: String = sources
            .iter()
            .flat_map(|source| registries.map(|registry| format!("    \"{registry}/{source}\" = {path:?}\n")))
            .collect();
        self.write_cli_config(&format!("  dev_overrides {{\n{lines}  }}\n"));
    }

    fn write_cli_config(&self, installation: &str) {
        let text = format!("provider_installation {{\n{installation}}}\n");
        std::fs::write(self.folder.path().join("terraformrc"), text).expect("the CLI configuration");
    }

    /// The folder that terraform works in.
    pub(crate) fn folder(&self) -> PathBuf {
        self.folder.path().join("work")
    }

    /// Writes a file of the configuration.
    pub(crate) fn write(&self, name: &str, text: impl AsRef<str>) {
        std::fs::write(self.folder().join(name), text.as_ref()).expect("a file of the configuration");
    }

    /// Sets an environment variable of terraform and the provider.
    pub(crate) fn set(&mut self, name: &str, value: &str) {
        self.terraform.set(name, value);
    }

    /// Takes an environment variable from terraform and the provider.
    pub(crate) fn unset(&mut self, name: &str) {
        self.terraform.unset(name);
    }

    /// Any terraform command.
    pub(crate) async fn terraform(&self, arguments: &[&str]) -> Outcome {
        self.terraform.run(arguments).await
    }

    /// The version of the binary, major and minor.
    pub(crate) async fn terraform_version(&self) -> (u32, u32) {
        let outcome = self.terraform(&["version", "-json"]).await.succeeded();
        let version: Value = serde_json::from_str(&outcome.stdout).expect("a version in JSON");
        let version = version["terraform_version"].as_str().expect("a version");
        let mut numbers = version.split('.').map(|number| number.parse().expect("a number"));
        (numbers.next().expect("a major version"), numbers.next().expect("a minor version"))
    }

    /// Whether the binary knows identities of resources: Terraform and OpenTofu 1.12 and later.
    pub(crate) async fn knows_identities(&self) -> bool {
        self.terraform_version().await >= (1, 12)
    }

    /// Whether the binary has `query`: Terraform 1.14 and later, and no OpenTofu.
    pub(crate) async fn knows_lists(&self) -> bool {
        let help = self.terraform(&["-help"]).await.prose();
        help.contains("Usage: terraform") && self.terraform_version().await >= (1, 14)
    }

    /// `terraform init`, which needs a mirror.
    pub(crate) async fn init(&self) -> Outcome {
        self.terraform(&["init", "-input=false", "-no-color"]).await.succeeded()
    }

    /// `terraform plan`, to its end whatever that is. The plan is kept in `tfplan`.
    pub(crate) async fn try_plan(&self) -> Outcome {
        self.terraform(&["plan", "-input=false", "-no-color", "-detailed-exitcode", "-out=tfplan"]).await
    }

    /// A plan that terraform could make.
    #[track_caller]
    pub(crate) fn plan(&self) -> impl Future<Output = Plan> {
        let caller = std::panic::Location::caller();
        async move {
            let outcome = self.try_plan().await;
            assert!(matches!(outcome.status.code(), Some(0 | 2)), "at {caller}: {outcome}");
            let shown = self.terraform(&["show", "-json", "tfplan"]).await.succeeded();
            let json = serde_json::from_str(&shown.stdout).expect("a plan in JSON");
            Plan { json, prose: outcome.prose() }
        }
    }

    /// A plan that terraform refused.
    pub(crate) async fn plan_fails(&self) -> Outcome {
        self.try_plan().await.failed()
    }

    /// `terraform apply`, to its end whatever that is.
    pub(crate) async fn try_apply(&self) -> Outcome {
        self.start_apply().finish().await
    }

    /// An apply that succeeds.
    pub(crate) async fn apply(&self) -> Outcome {
        self.try_apply().await.succeeded()
    }

    /// An apply that fails in an orderly way.
    pub(crate) async fn apply_fails(&self) -> Outcome {
        self.try_apply().await.failed()
    }

    /// Any terraform command in the background.
    pub(crate) fn start_terraform(&self, arguments: &[&str]) -> Running {
        self.terraform.start(arguments)
    }

    /// An apply in the background.
    pub(crate) fn start_apply(&self) -> Running {
        self.terraform.start(&["apply", "-auto-approve", "-input=false", "-no-color"])
    }

    /// # Panics
    /// When terraform would change anything, outputs included.
    #[track_caller]
    pub(crate) fn assert_empty_plan(&self) -> impl Future<Output = ()> {
        let caller = std::panic::Location::caller();
        async move {
            let outcome = self.try_plan().await;
            assert_eq!(outcome.status.code(), Some(0), "at {caller}: the plan is not empty: {outcome}");
        }
    }

    /// `terraform destroy`, to its end whatever that is.
    pub(crate) async fn try_destroy(&self) -> Outcome {
        self.terraform(&["destroy", "-auto-approve", "-input=false", "-no-color"]).await
    }

    /// Destroys everything and proves that nothing is left, neither in the state nor in the clouds.
    #[track_caller]
    pub(crate) fn destroy(&self) -> impl Future<Output = Outcome> {
        let caller = std::panic::Location::caller();
        async move {
            let outcome = self.try_destroy().await.succeeded();
            assert_eq!(self.addresses(), BTreeSet::new(), "at {caller}: still in the state");
            self.clouds.assert_no_leftovers();
            outcome
        }
    }

    /// `terraform import ADDRESS ID`, to its end whatever that is.
    pub(crate) async fn try_import(&self, address: &str, id: &str) -> Outcome {
        self.terraform(&["import", "-input=false", "-no-color", address, id]).await
    }

    /// The value of an output.
    pub(crate) async fn output(&self, name: &str) -> Value {
        let outcome = self.terraform(&["output", "-json", name]).await.succeeded();
        serde_json::from_str(&outcome.stdout).expect("an output in JSON")
    }

    /// The state file as it is; `null` when there is none yet.
    pub(crate) fn state(&self) -> Value {
        match std::fs::read_to_string(self.folder().join("terraform.tfstate")) {
            Ok(text) => serde_json::from_str(&text).expect("a state in JSON"),
            Err(_) => Value::Null,
        }
    }

    /// Rewrites the state file, as somebody with an editor would.
    pub(crate) fn edit_state(&self, edit: impl FnOnce(String) -> String) {
        let file = self.folder().join("terraform.tfstate");
        let text = std::fs::read_to_string(&file).expect("there is a state");
        let edited = edit(text.clone());
        assert_ne!(edited, text, "the edit changed nothing");
        std::fs::write(&file, edited).expect("the state can be written");
    }

    fn managed(&self) -> BTreeMap<String, Value> {
        let state = self.state();
        let resources = state["resources"].as_array().into_iter().flatten();
        resources
            .filter(|resource| resource["mode"] == "managed")
            .flat_map(|resource| {
                let name = |part: &str| resource[part].as_str().unwrap_or_default().to_owned();
                let address = format!("{}.{}", name("type"), name("name"));
                resource["instances"].as_array().into_iter().flatten().map(move |instance| {
                    let address = match &instance["index_key"] {
                        Value::Null => address.clone(),
                        key => format!("{address}[{key}]"),
                    };
                    (address, instance.clone())
                })
            })
            .collect()
    }

    /// The addresses of all managed resources in the state.
    pub(crate) fn addresses(&self) -> BTreeSet<String> {
        self.managed().into_keys().collect()
    }

    /// A resource instance in the state, with `attributes` and, when tainted, `status`.
    #[track_caller]
    pub(crate) fn instance(&self, address: &str) -> Value {
        let managed = self.managed();
        managed.get(address).unwrap_or_else(|| panic!("{address} is not in the state: {managed:#?}")).clone()
    }

    /// An attribute in the state, by JSON pointer such as `/aws/vpc_id`.
    #[track_caller]
    pub(crate) fn attribute(&self, address: &str, pointer: &str) -> Value {
        let instance = self.instance(address);
        let found = instance["attributes"].pointer(pointer);
        found.unwrap_or_else(|| panic!("{address} has no {pointer}: {instance:#}")).clone()
    }

    /// Whether terraform would replace the resource because its create failed.
    #[track_caller]
    pub(crate) fn is_tainted(&self, address: &str) -> bool {
        self.instance(address)["status"] == "tainted"
    }

    /// # Panics
    /// When an endpoint was made that the state knows nothing of.
    #[track_caller]
    pub(crate) fn assert_state_knows_every_endpoint(&self) {
        let known: BTreeSet<String> = self
            .managed()
            .values()
            .filter_map(|instance| instance["attributes"]["endpoint_id"].as_str().map(str::to_owned))
            .collect();
        let made = self.clouds.endpoint_ids();
        assert!(made.is_subset(&known), "made: {made:?}, known to the state: {known:?}");
    }
}

/// `linux_amd64`, as Terraform calls the platform that the tests run on.
fn platform() -> String {
    let system = match std::env::consts::OS {
        "macos" => "darwin",
        other => other,
    };
    let processor = match std::env::consts::ARCH {
        "x86_64" => "amd64",
        "aarch64" => "arm64",
        other => other,
    };
    format!("{system}_{processor}")
}

fn text(path: &Path) -> String {
    path.to_str().expect("temporary folders have plain names").to_owned()
}

/// A link costs nothing, while the provider with debug information is large.
fn link(original: &Path, link: &Path) {
    if link.symlink_metadata().is_ok() {
        std::fs::remove_file(link).expect("an old link can go");
    }
    std::os::unix::fs::symlink(original, link).expect("a link");
}

fn make_executable(file: &Path) {
    use std::os::unix::fs::PermissionsExt as _;
    let permissions = std::fs::Permissions::from_mode(0o755);
    std::fs::set_permissions(file, permissions).expect("the script becomes executable");
}
