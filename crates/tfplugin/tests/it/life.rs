//! A well-behaved provider under a real Terraform.

use std::fs;

use serde_json::Value;

use crate::support::example;
use crate::support::terraform::Terraform;

fn provider(terraform: &Terraform) -> String {
    format!("provider \"notes\" {{\n  directory = {:?}\n}}\n", terraform.path("notes"))
}

const NOTE: &str = r#"
resource "notes_note" "this" {
  name   = provider::notes::slug("Shopping List!")
  text   = "milk"
  header = { title = "To buy" }
  labels = ["shop", "food"]
}
data "notes_note" "this" {
  name = notes_note.this.name
}
output "size" {
  value = data.notes_note.this.size
}
"#;

#[test]
fn a_note_lives_from_apply_to_destroy() {
    let terraform = Terraform::new("");
    let configuration = provider(&terraform) + NOTE;

    terraform.write(&configuration);
    terraform.apply().says("1 added").says("size = 4");
    assert!(terraform.plan_is_empty());
    let values = terraform.only_resource()["values"].clone();
    assert_eq!(values["format"], "plain");
    assert_eq!(values["header"]["author"], "unknown");
    assert!(fs::exists(terraform.path("notes/shopping-list.json")).unwrap());

    terraform.write(&configuration.replace("\"milk\"", "\"milk and eggs\"").replace("\"food\"", "\"today\""));
    terraform.apply().says("0 added, 1 changed, 0 destroyed").says("size = 13");
    assert!(terraform.plan_is_empty());

    terraform.write(&configuration.replace("Shopping", "Long"));
    terraform.apply().says("forces replacement").says("1 added, 0 changed, 1 destroyed");
    assert!(!fs::exists(terraform.path("notes/shopping-list.json")).unwrap());

    fs::remove_file(terraform.path("notes/long-list.json")).unwrap();
    terraform.apply().says("1 added, 0 changed, 0 destroyed");

    terraform.destroy().says("1 destroyed");
    assert!(!fs::exists(terraform.path("notes/long-list.json")).unwrap());
}

#[test]
fn an_imported_note_needs_no_change() {
    let terraform = Terraform::new("");
    terraform.write(&(provider(&terraform) + NOTE));
    terraform.apply();
    terraform.run(&["state", "rm", "notes_note.this"]).succeeded();
    terraform.run(&["import", "-no-color", "notes_note.this", "missing-note"]).failed().says("non-existent");
    terraform
        .run(&["import", "-no-color", "notes_note.this", "Bad Name"])
        .failed()
        .says("is not the name of a note");
    terraform.run(&["import", "-no-color", "notes_note.this", "shopping-list"]).succeeded();
    assert!(terraform.plan_is_empty());
}

#[test]
fn a_wrong_argument_is_underlined() {
    let terraform = Terraform::new("");
    let wrong = NOTE.replace("text   =", "format = \"html\"\n  text   =");
    terraform.write(&(provider(&terraform) + &wrong));
    let ran = terraform.run(&["plan", "-no-color"]).failed();
    ran.says("format = \"html\"").says("in resource \"notes_note\" \"this\"");
}

#[test]
fn a_function_says_which_argument_is_wrong() {
    let terraform = Terraform::new("output \"slug\" {\n  value = provider::notes::slug(\"!\")\n}\n");
    terraform.run(&["plan", "-no-color"]).failed().says("the title has no letter and no digit");
}

#[test]
fn the_provider_itself_prints_the_schemas_that_terraform_sees() {
    let terraform = Terraform::new("provider \"notes\" {}\n");
    let seen = terraform.run(&["providers", "schema", "-json"]).succeeded().output.stdout;
    let mut seen: Value = serde_json::from_slice(&seen).unwrap();
    // OpenTofu calls them after its own registry.
    let host = if terraform.is_opentofu() { "registry.opentofu.org" } else { "registry.terraform.io" };
    let seen = seen["provider_schemas"][format!("{host}/example/notes")].take();
    let printed = std::process::Command::new(example("notes")).arg("--schema").output().unwrap();
    let mut printed: Value = serde_json::from_slice(&printed.stdout).unwrap();
    let mut printed = printed["provider_schemas"]["registry.terraform.io/example/notes"].take();
    let (identities, lists) = (terraform.version() >= (1, 12), terraform.knows_lists());
    for (shown, known) in [("resource_identity_schemas", identities), ("list_resource_schemas", lists)] {
        let shown = printed.as_object_mut().unwrap().remove_entry(shown).unwrap();
        if known {
            printed[shown.0] = shown.1;
        }
    }
    assert_eq!(printed, seen);
}
