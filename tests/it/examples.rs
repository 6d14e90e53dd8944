//! The examples that are whole configurations live and die as they stand, and the mocks have valid values. Those that are parts
//! of pages are planned with their pages.

use std::path::{Path, PathBuf};

use crate::support::Run;
use crate::support::config::REQUIRED;

pub(crate) fn examples() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("examples")
}

/// A run whose folder holds the configuration of an example, folders inside included.
async fn run_with_example(name: &str) -> Run {
    let run = Run::new().await;
    copy(&examples().join(name), &run.folder());
    run
}

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        let target = to.join(path.file_name().unwrap());
        if path.is_dir() && !path.ends_with(".terraform") {
            copy(&path, &target);
        } else if path.extension().is_some_and(|extension| extension == "tf" || extension == "hcl") {
            std::fs::copy(&path, target).unwrap();
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_example_is_formatted() {
    let run = Run::new().await;
    let folder = examples();
    run.terraform(&["fmt", "-check", "-recursive", "-diff", folder.to_str().unwrap()]).await.succeeded();
}

/// The example in the sandbox's default world: applied, planned again, destroyed.
async fn lives(name: &str) -> Run {
    let run = run_with_example(name).await;
    let values = std::fs::read_to_string(examples().join(name).join("sandbox.tfvars")).unwrap();
    run.write("terraform.tfvars", values);
    run.apply().await;
    run.assert_empty_plan().await;
    run
}

#[tokio::test(flavor = "multi_thread")]
async fn the_example_for_dedicated_on_aws_works_as_it_stands() {
    lives("dedicated-aws").await.destroy().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_example_for_starter_on_aws_works_as_it_stands() {
    lives("starter-aws").await.destroy().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_example_for_essential_on_alibaba_cloud_works_as_it_stands() {
    lives("essential-alicloud").await.destroy().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_example_of_a_fleet_has_one_endpoint_in_each_vpc() {
    let run = lives("fleet-aws").await;
    assert_eq!(run.clouds.endpoints().len(), 2);
    run.destroy().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_complete_example_passes_its_own_test_without_any_cloud() {
    let run = run_with_example("dedicated-aws").await;
    if run.terraform(&["version"]).await.succeeded().stdout.contains("OpenTofu") {
        // OpenTofu has no mock files: there the same blocks stand in the test itself.
        let folder = run.folder();
        let mocks = std::fs::read_to_string(folder.join("tests/mocks/tidblink.tfmock.hcl")).unwrap();
        let test = std::fs::read_to_string(folder.join("tests/outputs.tftest.hcl")).unwrap();
        run.write("tests/outputs.tftest.hcl", test.replace("source = \"./tests/mocks\"", &mocks));
    }

    run.terraform(&["test", "-no-color"]).await.succeeded();

    assert!(run.clouds.requests().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_mocks_have_valid_values_for_every_data_source() {
    let run = Run::new().await;
    if run.terraform(&["version"]).await.succeeded().stdout.contains("OpenTofu") {
        // It has no mock files.
        return;
    }
    std::fs::create_dir_all(run.folder().join("tests")).unwrap();
    copy(&examples().join("dedicated-aws/tests/mocks"), &run.folder().join("tests/mocks"));
    let looks = [
        ("tidblink_endpoint_service", "cluster_id = \"10300000000000000001\"", "port == 4000"),
        ("tidblink_endpoint_services", "project_id = \"1370000000000000001\"", "services != null"),
        (
            "tidblink_private_endpoint",
            "id = \"dedicated/1/2/vpce-0123456789abcdef0\"",
            "status == \"active\"",
        ),
        ("tidblink_private_endpoints", "service_id = \"dedicated/1/2\"", "status == \"configured\""),
        ("tidblink_reachability", "host = \"db\"\n  port = 4000", "reachable"),
    ];
    let (mut hcl, mut asserts) = (REQUIRED.to_owned(), String::new());
    for (name, argument, condition) in looks {
        hcl.push_str(&format!("data \"{name}\" \"it\" {{\n  {argument}\n}}\n"));
        let condition = format!("data.{name}.it.{condition}");
        asserts.push_str(&format!(
            "  assert {{\n    condition = {condition}\n    error_message = \"{name}\"\n  }}\n"
        ));
    }
    run.write("main.tf", hcl);
    let mock = "mock_provider \"tidblink\" {\n  source = \"./tests/mocks\"\n}\n";
    run.write("tests/all.tftest.hcl", format!("{mock}run \"looks\" {{\n{asserts}}}\n"));
    run.terraform(&["test", "-no-color"]).await.succeeded();
    assert!(run.clouds.requests().is_empty());
}
