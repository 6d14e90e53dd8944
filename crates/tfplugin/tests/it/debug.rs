//! A provider that somebody started, for instance in a debugger, and Terraform is attached to.

use std::io::{BufRead as _, BufReader};
use std::process::{Command, Stdio};

use crate::support::terraform::Terraform;
use crate::support::{example, send_signal};

#[test]
fn terraform_attaches_to_a_provider_in_debug_mode() {
    let mut child = Command::new(example("notes")).arg("--debug").stdout(Stdio::piped()).spawn().unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let value = lines
        .by_ref()
        .find_map(|line| {
            Some(line.unwrap().trim().strip_prefix("TF_REATTACH_PROVIDERS=")?.trim_matches('\'').to_owned())
        })
        .expect("the variable is not printed");

    let mut terraform = Terraform::new("");
    let directory = terraform.path("notes");
    terraform.write(&format!(
        "provider \"notes\" {{\n  directory = {directory:?}\n}}\n\
         resource \"notes_note\" \"this\" {{\n  name = \"a\"\n  text = \"b\"\n}}\n"
    ));
    terraform.set("TF_REATTACH_PROVIDERS", value);
    terraform.apply();
    assert!(terraform.plan_is_empty());
    assert!(child.try_wait().unwrap().is_none(), "Terraform ended a provider that it did not start");

    send_signal("INT", &child.id().to_string());
    assert!(child.wait().unwrap().success());
}

#[test]
fn the_version_is_printed_without_a_terraform() {
    let output = Command::new(example("notes")).arg("--version").output().unwrap();
    assert_eq!(String::from_utf8_lossy(&output.stdout), format!("notes {}\n", env!("CARGO_PKG_VERSION")));
}

#[test]
fn what_can_be_asked_for_by_hand_is_printed_as_a_success() {
    let output = Command::new(example("notes")).arg("--help").output().unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{output:?}");
    for argument in ["--debug", "--schema", "--version", "registry.terraform.io/example/notes"] {
        assert!(text.contains(argument), "{argument} is not in {text}");
    }
}
