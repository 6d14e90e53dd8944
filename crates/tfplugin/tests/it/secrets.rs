//! What a provider was configured with in confidence is in nothing that is written when it breaks.

use std::fs;
use std::path::Path;

use crate::support::terraform::{Ran, Terraform};

/// Stands in no source file but this one.
const TOKEN: &str = "t0ken-that-nobody-may-read";

fn hcl(start: &str, fault: &str) -> String {
    format!(
        "variable \"token\" {{\n  sensitive = true\n}}\n\
         provider \"misbehaving\" {{\n  token = var.token\n  fault = {start}\n}}\n\
         resource \"misbehaving_thing\" \"this\" {{\n  fault = {fault}\n}}\n"
    )
}

fn assert_written_nowhere(folder: &Path) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            assert_written_nowhere(&path);
        } else if !path.components().any(|part| part.as_os_str() == "providers") {
            let text = String::from_utf8_lossy(&fs::read(&path).unwrap()).into_owned();
            assert!(!text.contains(TOKEN), "{} has the token", path.display());
        }
    }
}

#[test]
fn a_panic_writes_nothing_of_the_configuration_down() {
    for (start, fault, says) in [
        ("null", "\"panic\"", "the thing slipped"),
        ("\"panic\"", "null", "the start slipped"),
        ("null", "\"fail\"", "Thing broken"),
        ("null", "null", "1 added"),
    ] {
        let mut terraform = Terraform::new(&hcl(start, fault));
        terraform.set("TF_VAR_token", TOKEN);
        terraform.set("TF_LOG", "TRACE");
        let log = terraform.path("terraform.log");
        terraform.set("TF_LOG_PATH", &log);
        let ran: Ran = terraform.run(&["apply", "-auto-approve", "-no-color"]);
        ran.says(says);
        assert!(!ran.text().contains(TOKEN), "{ran}");
        let log = fs::read_to_string(log).unwrap();
        assert!(log.contains("received request"), "the provider logged nothing");
        assert_written_nowhere(&terraform.path(""));
    }
}
