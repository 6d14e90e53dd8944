//! The program as a person starts it, not Terraform: what it prints, and what it says to who expected something else.

use std::process::{Command, Output};

use serde_json::Value;

use crate::pages::workspace;

fn started(arguments: &[&str]) -> Output {
    let program = env!("CARGO_BIN_EXE_terraform-provider-tidblink");
    Command::new(program).args(arguments).env_remove("TF_PLUGIN_MAGIC_COOKIE").output().unwrap()
}

/// What it prints with this argument.
fn printed(argument: &str) -> String {
    let output = started(&[argument]);
    assert!(output.status.success(), "{output:?}");
    String::from_utf8(output.stdout).unwrap()
}

/// What it complains about.
fn refused(arguments: &[&str]) -> String {
    let output = started(arguments);
    assert!(!output.status.success() && output.stdout.is_empty(), "{output:?}");
    String::from_utf8(output.stderr).unwrap()
}

#[test]
fn without_an_argument_it_says_what_it_is_and_what_to_do() {
    let said = refused(&[]);
    assert!(said.contains("is started by Terraform itself") && said.contains("--help"), "{said}");
}

#[test]
fn an_argument_that_there_is_not_is_named() {
    let said = refused(&["--permission"]);
    assert!(said.contains("unknown argument \"--permission\"") && said.contains("--help"), "{said}");
}

#[test]
fn it_prints_the_policies_that_the_examples_have_as_files() {
    assert!(printed("--help").contains("--permissions  print the policies"), "{}", printed("--help"));
    let document: Value = serde_json::from_str(&printed("--permissions")).unwrap();
    for cloud in ["aws", "alicloud"] {
        for kind in ["plan", "apply", "assume_role"] {
            let file = format!("examples/policies/{cloud}-{}.json", kind.replace('_', "-"));
            let text = std::fs::read_to_string(workspace().join(&file)).unwrap();
            assert_eq!(document[cloud][kind], serde_json::from_str::<Value>(&text).unwrap(), "{file}");
        }
    }
}
