//! Taking over what is there already: `terraform import` and `import` blocks.

use tidblink_sandbox::default_world as ids;

use crate::support::config::{ENDPOINT, SERVICE};
use crate::support::{Action, Endpoint, Run};

/// What an import block says while configuration is generated for it, and only then: newer versions take a provider that
/// nothing names for one of HashiCorp's.
pub(crate) const GENERATING: &str = "  provider = tidblink\n";

/// Makes an endpoint, and then lets the state forget it while it goes on living.
async fn run_with_forgotten_endpoint() -> (Run, String) {
    let run = Run::new().await;
    run.write("main.tf", Endpoint::new().hcl());
    run.apply().await;
    let id = run.attribute(ENDPOINT, "/id").as_str().unwrap().to_owned();
    run.terraform(&["state", "rm", ENDPOINT]).await.succeeded();
    (run, id)
}

#[tokio::test(flavor = "multi_thread")]
async fn an_endpoint_imported_by_its_id_plans_empty_and_can_be_destroyed() {
    let (run, id) = run_with_forgotten_endpoint().await;

    run.try_import(ENDPOINT, &id).await.succeeded();

    run.assert_empty_plan().await;
    run.destroy().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn configuration_generated_for_an_import_block_plans_no_change() {
    let (run, id) = run_with_forgotten_endpoint().await;
    let import = |provider: &str| {
        let service = Endpoint::new().service_hcl();
        format!("{service}\nimport {{\n  to = {ENDPOINT}\n  id = {id:?}\n{provider}}}\n")
    };
    run.write("main.tf", import(GENERATING));

    run.terraform(&["plan", "-input=false", "-no-color", "-generate-config-out=generated.tf"])
        .await
        .succeeded();
    run.write("main.tf", import(""));

    assert_eq!(run.plan().await.action(ENDPOINT), Action::Nothing);
    run.apply().await;
    run.assert_empty_plan().await;
    run.destroy().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_is_imported_by_its_id() {
    let run = Run::new().await;
    run.write("main.tf", Endpoint::new().service_hcl());
    let id = format!("dedicated/{}/{}", ids::DEDICATED_CLUSTER_ID, ids::DEDICATED_NODE_GROUP_ID);

    run.try_import(SERVICE, &id).await.succeeded();

    run.assert_empty_plan().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_malformed_import_id_is_refused_with_the_form_it_should_have() {
    let run = Run::new().await;
    run.write("main.tf", Endpoint::new().hcl());

    run.try_import(ENDPOINT, "vpce-0123456789abcdef0")
        .await
        .failed()
        .says("dedicated/CLUSTER/NODE_GROUP/ENDPOINT");
    run.try_import(SERVICE, ids::DEDICATED_CLUSTER_ID).await.failed().says("dedicated/CLUSTER/NODE_GROUP");

    assert_eq!(run.addresses().len(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_import_id_that_finds_nothing_says_so() {
    let run = Run::new().await;
    run.write("main.tf", Endpoint::new().hcl());
    let service = format!("dedicated/{}/{}", ids::DEDICATED_CLUSTER_ID, ids::DEDICATED_NODE_GROUP_ID);

    run.try_import(ENDPOINT, &format!("{service}/vpce-0123456789abcdef0"))
        .await
        .failed()
        .says("vpce-0123456789abcdef0");
    run.try_import(SERVICE, "dedicated/10399999999999999999/1900000000000000001")
        .await
        .failed()
        .says("10399999999999999999");

    assert_eq!(run.addresses().len(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_endpoint_that_another_run_is_making_is_not_imported() {
    // Slower than elsewhere: a loaded machine must not make the other run's heartbeat look stale.
    let run = Run::at_speed(20.0).await;
    run.write("main.tf", Endpoint::new().hcl());
    let apply = run.start_apply();
    run.clouds.until("the endpoint exists", |world| !world.aws.endpoints.is_empty()).await;
    let service = format!("dedicated/{}/{}", ids::DEDICATED_CLUSTER_ID, ids::DEDICATED_NODE_GROUP_ID);
    let id = format!("{service}/{}", run.clouds.endpoint().endpoint_id);

    let refused = run
        .terraform(&[
            "import",
            "-input=false",
            "-no-color",
            "-state=other.tfstate",
            "-lock=false",
            ENDPOINT,
            &id,
        ])
        .await;

    refused.failed().says("being made by another run");
    apply.finish().await.succeeded();
    run.destroy().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn tags_of_an_imported_endpoint_that_the_configuration_does_not_name_are_left_alone() {
    let (run, id) = run_with_forgotten_endpoint().await;
    run.clouds.world(|world| {
        world.aws.endpoints[0].tags.insert("owner".into(), "network".into());
    });

    run.try_import(ENDPOINT, &id).await.succeeded();

    run.assert_empty_plan().await;
    run.apply().await;
    assert_eq!(run.clouds.endpoint().tags["owner"], "network");
    run.destroy().await;
}
