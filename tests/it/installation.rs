//! The provider as users get it: from a registry or a mirror, through `terraform init`, pinned by a lock file.

use crate::support::{Endpoint, Run};

#[tokio::test(flavor = "multi_thread")]
async fn a_provider_from_a_filesystem_mirror_is_installed_locked_and_works() {
    let run = Run::new().await;
    run.use_mirror();
    run.write("main.tf", Endpoint::new().hcl());

    run.init().await;
    let lock = std::fs::read_to_string(run.folder().join(".terraform.lock.hcl")).unwrap();
    assert!(lock.contains("tidblink/tidblink\"") && lock.contains("0.1.0"), "{lock}");
    run.terraform(&["validate", "-no-color"]).await.succeeded();

    run.apply().await;
    run.assert_empty_plan().await;
    run.destroy().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_archive_other_than_the_one_that_was_locked_is_refused() {
    let run = Run::new().await;
    run.use_mirror();
    run.write("main.tf", Endpoint::new().hcl());
    run.init().await;
    std::fs::remove_dir_all(run.folder().join(".terraform")).unwrap();
    run.write("other-licence", "something else");

    run.use_mirror_with(&run.folder().join("other-licence"));

    let refused = run.terraform(&["init", "-input=false", "-no-color"]).await.failed();
    assert!(refused.prose().contains("checksums"), "{refused}");
}

#[tokio::test(flavor = "multi_thread")]
async fn terraform_can_show_the_schema_and_every_attribute_is_described() {
    let run = Run::new().await;
    run.use_mirror();
    run.write("main.tf", Endpoint::new().hcl());
    run.init().await;

    let shown = run.terraform(&["providers", "schema", "-json"]).await.succeeded();

    let schema: serde_json::Value = serde_json::from_str(&shown.stdout).unwrap();
    let provider = schema["provider_schemas"].as_object().unwrap().values().next().unwrap();
    let resources = provider["resource_schemas"].as_object().unwrap();
    assert_eq!(
        resources.keys().collect::<Vec<_>>(),
        ["tidblink_endpoint_service", "tidblink_private_endpoint"]
    );
    for (name, resource) in resources {
        assert_described(name, &resource["block"]["attributes"]);
    }
    assert_described("provider", &provider["provider"]["block"]["attributes"]);
}

fn assert_described(owner: &str, attributes: &serde_json::Value) {
    for (name, attribute) in attributes.as_object().into_iter().flatten() {
        let path = format!("{owner}.{name}");
        assert!(
            attribute["description"].as_str().is_some_and(|text| !text.is_empty()),
            "{path} is not described"
        );
        assert_described(&path, &attribute["nested_type"]["attributes"]);
    }
}
