//! A misbehaving provider under a real Terraform: whatever happens, the user is told and nothing is
//! forgotten.

use std::fs;
use std::thread::sleep;
use std::time::{Duration, Instant};

use crate::support::send_signal;
use crate::support::terraform::{Ran, Terraform};

fn thing(fault: &str) -> String {
    format!("resource \"misbehaving_thing\" \"this\" {{\n  fault = {fault}\n}}\n")
}

#[test]
fn a_panic_is_a_diagnostic_with_a_stack_trace() {
    let terraform = Terraform::new(&thing("\"panic\""));
    let ran = terraform.run(&["apply", "-auto-approve", "-no-color"]).failed();
    ran.says("Error: The provider panicked")
        .says("ApplyResourceChange stopped at crates/tfplugin/examples/misbehaving.rs")
        .says("the thing slipped")
        .says("with misbehaving_thing.this");
    // OpenTofu forgets the trace when it starts the provider once more before it ends.
    if !terraform.is_opentofu() {
        ran.says("Stack trace from the terraform-provider-misbehaving plugin")
            .says("panic: the thing slipped");
    }
}

#[test]
fn ctrl_c_during_a_create_keeps_what_was_made() {
    let mut terraform = Terraform::new(&thing("\"hang\""));
    let log = terraform.path("log");
    terraform.set("MISBEHAVING_LOG", &log);
    let arguments = ["apply", "-auto-approve", "-no-color"];
    let child = terraform.start(&arguments);
    let started = Instant::now();
    while !fs::read_to_string(&log).is_ok_and(|log| log.contains("creating")) {
        assert!(started.elapsed() < Duration::from_secs(60), "the creation did not begin");
        sleep(Duration::from_millis(20));
    }
    // As the terminal does it: to every process of the group, the provider too.
    send_signal("INT", &format!("-{}", child.id()));
    let ran = Ran::new(&arguments, child.wait_with_output().unwrap());
    ran.says("Thing unfinished");

    let thing = terraform.only_resource();
    assert_eq!(thing["values"]["id"], "thing-1");
    assert_ne!(thing["tainted"], true, "a warning must not taint");
    assert!(terraform.plan_is_empty());
}

#[test]
fn a_broken_object_is_tainted_and_replaced() {
    let mut terraform = Terraform::new(&thing("\"fail\""));
    let log = terraform.path("log");
    terraform.set("MISBEHAVING_LOG", &log);
    terraform.run(&["apply", "-auto-approve", "-no-color"]).failed().says("Thing broken");
    assert_eq!(terraform.only_resource()["tainted"], true);

    terraform.write(&thing("null"));
    // Terraform says "so must be replaced", OpenTofu "so it must be replaced".
    terraform.apply().says("is tainted, so").says("must be replaced").says("1 added, 0 changed, 1 destroyed");
    // Terraform plans a tainted object as if there were none: its private state is lost on the way to the
    // deletion.
    assert_eq!(fs::read_to_string(&log).unwrap(), "deleting with token None\n");

    terraform.destroy();
    assert!(fs::read_to_string(&log).unwrap().ends_with("deleting with token Some(\"made-by-create\")\n"));
}

#[test]
fn logs_reach_terraforms_log_with_their_level_and_fields() {
    let mut terraform = Terraform::new(&thing("null"));
    terraform.set("TF_LOG_PROVIDER", "INFO");
    let ran = terraform.apply();
    let text = String::from_utf8_lossy(&ran.output.stderr);
    let line = text.lines().find(|line| line.contains("creating a thing")).unwrap_or_else(|| panic!("{ran}"));
    assert!(line.contains("[INFO]"), "{line}");
    assert!(line.contains("provider.terraform-provider-misbehaving"), "{line}");
    for field in
        ["tf_rpc=ApplyResourceChange", "tf_resource_type=misbehaving_thing", "tf_req_id=", "fault=Null"]
    {
        assert!(line.contains(field), "{field} is not in {line}");
    }
}
