//! A directory with a configuration, and the real Terraform run in it with the example providers.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::{env, fs};

use serde_json::Value;
use tempfile::TempDir;

use super::example;

/// The program under test: what `TIDBLINK_TERRAFORM` names, or `terraform`.
fn program() -> PathBuf {
    env::var_os("TIDBLINK_TERRAFORM").map_or_else(|| PathBuf::from("terraform"), PathBuf::from)
}

/// A directory that Terraform works in.
pub(crate) struct Terraform {
    directory: TempDir,
    variables: Vec<(String, String)>,
}

impl Terraform {
    /// A directory in which `main.tf` says `configuration`, below the line that requires both example
    /// providers.
    pub(crate) fn new(configuration: &str) -> Self {
        let terraform = Self { directory: tempfile::tempdir().unwrap(), variables: Vec::new() };
        let mut overrides = String::new();
        for name in ["notes", "misbehaving"] {
            let dir = terraform.path("providers").join(name);
            fs::create_dir_all(&dir).unwrap();
            fs::copy(example(name), dir.join(format!("terraform-provider-{name}"))).unwrap();
            overrides += &format!("    \"example/{name}\" = {dir:?}\n");
        }
        let settings =
            format!("provider_installation {{\n  dev_overrides {{\n{overrides}  }}\n  direct {{}}\n}}\n");
        fs::write(terraform.path("cli.tfrc"), settings).unwrap();
        terraform.write(configuration);
        terraform
    }

    /// A file or directory in it.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    /// Sets a variable of the environment for all runs.
    pub(crate) fn set(&mut self, name: &str, value: impl AsRef<Path>) {
        self.variables.push((name.to_owned(), value.as_ref().to_str().unwrap().to_owned()));
    }

    /// Replaces the configuration.
    pub(crate) fn write(&self, configuration: &str) {
        let text = format!(
            "terraform {{\n  required_providers {{\n    notes = {{ source = \"example/notes\" }}\n    \
             misbehaving = {{ source = \"example/misbehaving\" }}\n  }}\n}}\n{configuration}"
        );
        fs::write(self.path("main.tf"), text).unwrap();
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(program());
        command
            .args(arguments)
            .current_dir(self.directory.path())
            .env("TF_CLI_CONFIG_FILE", self.path("cli.tfrc"))
            .env("TF_IN_AUTOMATION", "1")
            .env("CHECKPOINT_DISABLE", "1")
            .env_remove("TF_LOG")
            .env_remove("TF_LOG_PROVIDER")
            .env_remove("TF_REATTACH_PROVIDERS")
            .envs(self.variables.iter().map(|(name, value)| (name, value)))
            .stdin(Stdio::null());
        command
    }

    /// Runs Terraform, whatever comes of it.
    pub(crate) fn run(&self, arguments: &[&str]) -> Ran {
        let output = self.command(arguments).output().unwrap_or_else(|error| missing(&error));
        Ran::new(arguments, output)
    }

    /// Starts Terraform as the leader of a process group, like a shell does.
    #[cfg(unix)]
    pub(crate) fn start(&self, arguments: &[&str]) -> Child {
        use std::os::unix::process::CommandExt as _;
        let mut command = self.command(arguments);
        command.process_group(0).stdout(Stdio::piped()).stderr(Stdio::piped());
        command.spawn().unwrap_or_else(|error| missing(&error))
    }

    /// The version of the program, major and minor.
    pub(crate) fn version(&self) -> (u32, u32) {
        let output = self.run(&["version", "-json"]).succeeded().output.stdout;
        let version: Value = serde_json::from_slice(&output).unwrap();
        let mut numbers = version["terraform_version"].as_str().unwrap().split('.');
        let mut number = || numbers.next().unwrap().parse().unwrap();
        (number(), number())
    }

    /// Whether the program is OpenTofu.
    pub(crate) fn is_opentofu(&self) -> bool {
        self.run(&["version"]).succeeded().text().contains("OpenTofu v")
    }

    /// Whether the program has `terraform query`. OpenTofu, which takes other words for an unknown command, has not.
    pub(crate) fn knows_lists(&self) -> bool {
        let help = self.run(&["-help"]);
        let knows = help.text().contains("query Search and list");
        assert_eq!(knows, help.text().contains("Usage: terraform") && self.version() >= (1, 14), "{help}");
        knows
    }

    /// `terraform apply`, which must succeed.
    pub(crate) fn apply(&self) -> Ran {
        self.run(&["apply", "-auto-approve", "-no-color"]).succeeded()
    }

    /// `terraform destroy`, which must succeed.
    pub(crate) fn destroy(&self) -> Ran {
        self.run(&["destroy", "-auto-approve", "-no-color"]).succeeded()
    }

    /// Whether `terraform plan` wants to change nothing.
    pub(crate) fn plan_is_empty(&self) -> bool {
        let ran = self.run(&["plan", "-detailed-exitcode", "-no-color"]);
        match ran.output.status.code() {
            Some(0) => true,
            Some(2) => false,
            _ => panic!("{ran}"),
        }
    }

    /// The state as `terraform show -json` tells it.
    pub(crate) fn state(&self) -> Value {
        serde_json::from_slice(&self.run(&["show", "-json"]).succeeded().output.stdout).unwrap()
    }

    /// The only resource in the state.
    pub(crate) fn only_resource(&self) -> Value {
        let state = self.state();
        let resources = state["values"]["root_module"]["resources"].as_array().cloned().unwrap_or_default();
        let managed: Vec<_> =
            resources.into_iter().filter(|resource| resource["mode"] == "managed").collect();
        assert_eq!(managed.len(), 1, "{managed:?}");
        managed[0].clone()
    }
}

fn missing(error: &std::io::Error) -> ! {
    panic!(
        "{} cannot be run: {error}. Install Terraform 1.8 or later on the PATH, or name it in \
         TIDBLINK_TERRAFORM",
        program().display()
    )
}

/// What became of a run.
pub(crate) struct Ran {
    arguments: String,
    pub(crate) output: Output,
}

impl Ran {
    pub(crate) fn new(arguments: &[&str], output: Output) -> Self {
        Self { arguments: arguments.join(" "), output }
    }

    pub(crate) fn succeeded(self) -> Self {
        assert!(self.output.status.success(), "{self}");
        self
    }

    pub(crate) fn failed(self) -> Self {
        assert!(!self.output.status.success(), "{self}");
        self
    }

    /// All that it printed, each run of white space as one blank, because Terraform wraps lines.
    pub(crate) fn text(&self) -> String {
        let both = [&*self.output.stdout, &*self.output.stderr].concat();
        let text = String::from_utf8_lossy(&both).replace(['│', '╷', '╵'], " ");
        text.split_whitespace().collect::<Vec<_>>().join(" ")
    }

    /// Asserts that it printed `what`.
    pub(crate) fn says(&self, what: &str) -> &Self {
        assert!(self.text().contains(what), "{what:?} is not in:\n{self}");
        self
    }
}

impl std::fmt::Display for Ran {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Output { status, stdout, stderr } = &self.output;
        let (stdout, stderr) = (String::from_utf8_lossy(stdout), String::from_utf8_lossy(stderr));
        write!(f, "terraform {}: {status}\n{stdout}\n{stderr}", self.arguments)
    }
}
