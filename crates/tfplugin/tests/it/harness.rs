//! The harness for provider authors: it goes along with a good provider and stops a bad one where Terraform
//! would.

use serde_json::json;
use tfplugin::function::FunctionError;
use tfplugin::resource::{MoveRequest, MoveResponse, MoveState};
use tfplugin::testing::{PlannedAction, TestFailure, TestProvider, UNKNOWN};
use tfplugin::{
    Attr, Attribute, ClientCapabilities, ConfigureRequest, ConfigureResponse, Context, CreateRequest,
    CreateResponse, DeleteRequest, DeleteResponse, Diagnostic, Diagnostics, Identity, IdentitySchema,
    ImportRequest, ImportResponse, ImportState, PlanRequest, PlanResponse, PrivateState, Provider,
    ReadRequest, ReadResponse, Resource, ResourceEntry, Schema, Type, UpdateRequest, UpdateResponse,
    UpgradeRequest, UpgradeState, Value, model,
};

use crate::provider::Notes;

async fn notes(directory: &tempfile::TempDir) -> TestProvider<Notes> {
    let provider = TestProvider::new(Notes);
    provider.configure(json!({ "directory": directory.path() })).await.unwrap();
    provider
}

#[tokio::test]
async fn a_good_resource_lives_from_plan_to_destroy() {
    let directory = tempfile::tempdir().unwrap();
    let provider = notes(&directory).await;
    let mut note = provider.resource("notes_note");

    let config = json!({ "name": "a", "text": "milk", "header": { "title": "t" }, "labels": ["x"] });
    let plan = note.plan(config.clone()).await.unwrap();
    assert_eq!(plan.action, PlannedAction::Create);
    assert!(plan.is_unknown("id"));
    assert_eq!(plan.value("size"), Value::from(4));
    assert_eq!(plan.value("header.author"), Value::from("unknown"));
    note.apply(plan).await.unwrap();
    assert_eq!(note.attribute("/id"), "a");

    note.converge(json!({ "name": "a", "text": "eggs" })).await.unwrap();
    assert_eq!(note.attribute("/header"), json!(null));
    let plan = note.plan(json!({ "name": "b", "text": "eggs" })).await.unwrap();
    assert_eq!(plan.action, PlannedAction::Replace);
    note.apply(plan).await.unwrap();
    assert_eq!(note.attribute("/name"), "b");

    let (found, _) = provider.read_data("notes_note", json!({ "name": "b" })).await.unwrap();
    assert_eq!(found["text"], "eggs");
    let mut imported = provider.resource("notes_note");
    imported.import("b").await.unwrap();
    assert_eq!(imported.state(), note.state());

    note.destroy().await.unwrap();
    assert_eq!(note.state(), None);
    let missing = imported.plan(json!({ "name": "b", "text": "eggs" })).await.unwrap();
    assert_eq!(missing.action, PlannedAction::Create);
}

#[tokio::test]
async fn what_is_unknown_at_plan_is_settled_at_apply() {
    let directory = tempfile::tempdir().unwrap();
    let provider = notes(&directory).await;
    let mut note = provider.resource("notes_note");
    let plan = note.plan(json!({ "name": "a", "text": UNKNOWN })).await.unwrap();
    assert!(plan.is_unknown("text") && plan.is_unknown("size"));
    note.apply_with(plan, json!({ "name": "a", "text": "known" })).await.unwrap();
    assert_eq!(note.attribute("/size"), json!(5));
}

#[tokio::test]
async fn what_turns_out_null_at_apply_is_refused_before_anything_is_made() {
    let directory = tempfile::tempdir().unwrap();
    let provider = notes(&directory).await;
    let mut note = provider.resource("notes_note");
    let plan = note.plan(json!({ "name": "a", "text": UNKNOWN })).await.unwrap();
    let failure = note.apply_with(plan, json!({ "name": "a", "text": null })).await.unwrap_err();
    assert_eq!(failure.rpc, "ValidateResourceConfig");
    assert!(failure.to_string().contains("Missing required argument (at text)"), "{failure}");
    assert_eq!(std::fs::read_dir(directory.path()).unwrap().count(), 0);
}

#[tokio::test]
async fn errors_of_the_provider_come_back_with_their_paths() {
    let directory = tempfile::tempdir().unwrap();
    let provider = notes(&directory).await;
    let failure =
        provider.resource("notes_note").plan(json!({ "name": "Not A File", "text": "" })).await.unwrap_err();
    assert_eq!(failure.rpc, "ValidateResourceConfig");
    let [error] = &failure.diagnostics.into_vec()[..] else { panic!("one error expected") };
    assert_eq!(error.attribute, Some("name".into()));
    let failure = provider.read_data("notes_note", json!({ "name": "none" })).await.unwrap_err();
    assert!(failure.to_string().contains("There is no note none"), "{failure}");
}

#[tokio::test]
async fn functions_can_be_called_without_a_configuration() {
    let provider = TestProvider::new(Notes);
    assert_eq!(provider.call_function("slug", &[json!("A b")]).await.unwrap(), "a-b");
    let error: FunctionError = provider.call_function("slug", &[json!("!")]).await.unwrap_err();
    assert_eq!(error.argument, Some(0));
    let error = provider.call_function("slug", &[json!("a"), json!("b")]).await.unwrap_err();
    assert_eq!(error.argument, Some(1));
}

#[tokio::test]
async fn an_unconfigured_provider_says_so() {
    let failure =
        TestProvider::new(Notes).resource("notes_note").plan(json!({ "name": "a", "text": "" })).await;
    let text = failure.unwrap_err().to_string();
    assert!(text.contains("Provider not configured"), "{text}");
}

/// A provider with one resource type that breaks the rule which the configuration names.
struct Odd;

model! {
    /// Nothing to configure.
    struct OddConfig {}

    /// An object with a fault.
    struct OddModel {
        id: Attr<String>,
        fault: Attr<String>,
        secret: Attr<String>,
        size: Attr<i64>,
    }

    /// What tells one object from another.
    struct OddIdentity {
        id: Attr<String>,
    }
}

impl Provider for Odd {
    type Data = ();
    type Config = OddConfig;

    fn name(&self) -> &'static str {
        "odd"
    }

    fn version(&self) -> &'static str {
        "0.0.0"
    }

    fn schema(&self) -> Schema {
        Schema::new(0)
    }

    async fn configure(&self, _request: ConfigureRequest<OddConfig>) -> ConfigureResponse<()> {
        ConfigureResponse::ready(())
    }

    fn resources(&self) -> Vec<ResourceEntry<()>> {
        let thing = ResourceEntry::builder("odd_thing", OddResource);
        vec![thing.with_import().with_upgrade().with_move().with_identity().build()]
    }
}

struct OddResource;

impl Resource for OddResource {
    type Data = ();
    type Model = OddModel;

    fn schema(&self) -> Schema {
        Schema::new(2)
            .attribute(Attribute::string("id").computed().use_state_for_unknown())
            .attribute(Attribute::string("fault").optional())
            .attribute(Attribute::string("secret").optional().write_only())
            .attribute(Attribute::int64("size").computed())
    }

    async fn plan(&self, _cx: &Context<()>, mut request: PlanRequest<OddModel>) -> PlanResponse<OddModel> {
        let is_replan = request.planned_private.is_some();
        if let Some(planned) = &mut request.planned {
            match planned.fault.as_str() {
                Some("plan") => planned.fault = "something else".into(),
                Some("replan") => planned.size = if is_replan { 2.into() } else { 1.into() },
                Some("no plan") => request.planned = None,
                _ => {}
            }
        }
        request.accept()
    }

    async fn create(
        &self,
        cx: &Context<()>,
        mut request: CreateRequest<OddModel>,
    ) -> CreateResponse<OddModel> {
        // A model in a test can hold any text.
        let _ = request.private.set("secret", &request.config.secret.known());
        let state = OddModel { id: "o-1".into(), size: 3.into(), ..request.planned };
        match state.fault.as_str() {
            Some("panic") => panic!("odd"),
            Some("unknown") => {
                CreateResponse::created(OddModel { size: Attr::Unknown, ..state }, request.private)
            }
            Some("changed") => {
                CreateResponse::created(OddModel { fault: "other".into(), ..state }, request.private)
            }
            Some("nothing") => {
                CreateResponse { state: None, ..CreateResponse::created(state, request.private) }
            }
            Some("half") => {
                CreateResponse::partial(state, request.private, Diagnostic::error("Half made", "It broke."))
            }
            Some("wait") => {
                cx.stop().cancelled().await;
                CreateResponse::partial(state, request.private, Diagnostic::warning("Stopped", "Unfinished."))
            }
            Some("secret") => {
                CreateResponse::created(OddModel { secret: "leaked".into(), ..state }, request.private)
            }
            _ => CreateResponse::created(state, request.private),
        }
    }

    async fn read(&self, _cx: &Context<()>, request: ReadRequest<OddModel>) -> ReadResponse<OddModel> {
        match request.state.id.as_str() {
            Some("gone") => ReadResponse::gone(),
            _ => ReadResponse::found(request.state, request.private),
        }
    }

    async fn update(&self, _cx: &Context<()>, request: UpdateRequest<OddModel>) -> UpdateResponse<OddModel> {
        UpdateResponse::partial(
            request.prior,
            request.private,
            Diagnostic::error("Not changed", "It cannot be."),
        )
    }

    async fn delete(&self, _cx: &Context<()>, request: DeleteRequest<OddModel>) -> DeleteResponse<OddModel> {
        match request.prior.fault.as_str() {
            Some("undead") => DeleteResponse::failed(Diagnostic::error("Not deleted", "It is in use.")),
            _ => DeleteResponse::deleted(),
        }
    }
}

impl ImportState for OddResource {
    async fn import(&self, _cx: &Context<()>, request: ImportRequest) -> ImportResponse<OddModel> {
        let id = match request {
            ImportRequest::Id(id) => Attr::Known(id),
            ImportRequest::Identity(identity) => {
                identity.attribute("id").and_then(Value::as_str).map(str::to_owned).into()
            }
        };
        ImportResponse::imported(OddModel { id, ..OddModel::default() }, PrivateState::new())
    }
}

impl UpgradeState for OddResource {
    fn upgrade(&self, mut request: UpgradeRequest) -> Result<serde_json::Value, Diagnostics> {
        assert_eq!(request.from_version, 1);
        request.raw["fault"] = request.raw["defect"].take();
        Ok(request.raw)
    }
}

impl MoveState for OddResource {
    fn move_state(&self, request: MoveRequest) -> MoveResponse<OddModel> {
        let id = request.state["id"].as_str().map(str::to_owned).into();
        MoveResponse::moved(OddModel { id, ..OddModel::default() }, PrivateState::new())
    }
}

impl Identity for OddResource {
    type Identity = OddIdentity;

    fn identity_schema(&self) -> IdentitySchema {
        IdentitySchema::new(0).required("id", Type::String, "The id.")
    }

    fn identity(&self, state: &OddModel) -> Option<OddIdentity> {
        state.id.is_known().then(|| OddIdentity { id: state.id.clone() })
    }
}

async fn odd() -> TestProvider<Odd> {
    let provider = TestProvider::new(Odd);
    provider.configure(json!({})).await.unwrap();
    provider
}

/// What becomes of a create with this fault.
async fn failure(fault: &str) -> TestFailure {
    let provider = odd().await;
    provider.resource("odd_thing").converge(json!({ "fault": fault })).await.unwrap_err()
}

#[tokio::test]
async fn a_plan_that_contradicts_the_configuration_is_a_bug() {
    let failure = failure("plan").await;
    assert_eq!(failure.rpc, "PlanResourceChange");
    assert_eq!(failure.violations[0].path, "fault".into());
}

#[tokio::test]
async fn no_plan_without_an_error_is_a_bug() {
    let text = failure("no plan").await.to_string();
    assert!(text.contains("planned no object and no error"), "{text}");
}

#[tokio::test]
async fn a_second_plan_that_contradicts_the_first_is_a_bug() {
    let capabilities = ClientCapabilities { store_planned_private: true, ..ClientCapabilities::default() };
    let provider = TestProvider::new(Odd).with_capabilities(capabilities);
    provider.configure(json!({})).await.unwrap();
    let mut thing = provider.resource("odd_thing").with_state(
        2,
        json!({ "id": "o-1", "fault": null, "size": 3 }),
        &PrivateState::from_bytes(br#"{"a":1}"#).unwrap(),
    );
    let plan = thing.plan(json!({ "fault": "replan" })).await.unwrap();
    let failure = thing.apply(plan).await.unwrap_err();
    assert_eq!(failure.rpc, "PlanResourceChange");
    assert_eq!(failure.violations[0].path, "size".into());
}

#[tokio::test]
async fn a_result_that_is_not_wholly_known_is_a_bug() {
    assert_eq!(failure("unknown").await.rpc, "ApplyResourceChange");
}

#[tokio::test]
async fn a_result_that_contradicts_the_plan_is_a_bug() {
    let failure = failure("changed").await;
    assert_eq!(failure.rpc, "ApplyResourceChange");
    assert_eq!(failure.violations[0].path, "fault".into());
}

#[tokio::test]
async fn no_object_without_an_error_is_a_bug() {
    let text = failure("nothing").await.to_string();
    assert!(text.contains("created no object and answered no error"), "{text}");
}

#[tokio::test]
async fn a_panic_is_a_diagnostic_and_the_provider_lives_on() {
    let provider = odd().await;
    let failure = provider.resource("odd_thing").converge(json!({ "fault": "panic" })).await.unwrap_err();
    assert!(failure.to_string().contains("The provider panicked"), "{failure}");
    provider.resource("odd_thing").converge(json!({})).await.unwrap();
}

#[tokio::test]
async fn an_object_that_broke_while_it_was_made_is_kept_tainted_and_replaced() {
    let provider = odd().await;
    let mut thing = provider.resource("odd_thing");
    thing.converge(json!({ "fault": "half" })).await.unwrap_err();
    assert!(thing.is_tainted());
    assert_eq!(thing.attribute("/id"), "o-1");
    let plan = thing.plan(json!({})).await.unwrap();
    assert_eq!(plan.action, PlannedAction::Replace);
    thing.apply(plan).await.unwrap();
    assert!(!thing.is_tainted());
}

#[tokio::test]
async fn a_user_may_taint_an_object_and_take_the_taint_back() {
    let provider = odd().await;
    let mut thing = provider.resource("odd_thing");
    thing.converge(json!({})).await.unwrap();
    thing.set_tainted(true);
    assert_eq!(thing.plan(json!({})).await.unwrap().action, PlannedAction::Replace);
    thing.set_tainted(false);
    assert_eq!(thing.plan(json!({})).await.unwrap().action, PlannedAction::NoOp);
}

#[tokio::test]
async fn what_one_provider_saved_another_goes_on_with() {
    let (first, second) = (odd().await, odd().await);
    let mut thing = first.resource("odd_thing");
    thing.converge(json!({ "fault": "half" })).await.unwrap_err();
    let saved = thing.saved();

    let mut same = second.resource("odd_thing").with_saved(saved);

    assert!(same.is_tainted());
    assert_eq!(same.attribute("/id"), "o-1");
    assert_eq!(same.plan(json!({})).await.unwrap().action, PlannedAction::Replace);
}

#[tokio::test]
async fn an_interrupted_create_keeps_what_exists() {
    let provider = odd().await;
    let mut thing = provider.resource("odd_thing");
    let plan = thing.plan(json!({ "fault": "wait" })).await.unwrap();
    let stop = async {
        tokio::task::yield_now().await;
        provider.stop();
    };
    let (warnings, ()) = tokio::join!(thing.apply(plan), stop);
    assert_eq!(warnings.unwrap().into_vec()[0].summary, "Stopped");
    assert!(!thing.is_tainted());
    assert_eq!(thing.attribute("/id"), "o-1");
}

#[tokio::test]
async fn write_only_values_reach_the_provider_and_are_never_stored() {
    let provider = odd().await;
    let mut thing = provider.resource("odd_thing");
    thing.converge(json!({ "fault": "secret", "secret": "s3" })).await.unwrap();
    assert_eq!(thing.private().get::<String>("secret").unwrap().as_deref(), Some("s3"));
    assert_eq!(thing.attribute("/secret"), json!(null));
}

#[tokio::test]
async fn write_only_values_are_refused_where_terraform_would_store_them() {
    let provider = TestProvider::new(Odd).with_capabilities(ClientCapabilities::default());
    let found = provider.resource("odd_thing").validate(json!({ "secret": "s3" })).await;
    assert!(found.has_errors());
}

#[tokio::test]
async fn a_failed_update_or_delete_leaves_the_object_as_it_was() {
    let provider = odd().await;
    let mut thing = provider.resource("odd_thing");
    thing.converge(json!({ "fault": "undead" })).await.unwrap();
    let before = thing.state().cloned();
    let failure = thing.converge(json!({ "fault": "other" })).await.unwrap_err();
    assert!(failure.to_string().contains("Not changed"), "{failure}");
    let failure = thing.destroy().await.unwrap_err();
    assert!(failure.to_string().contains("Not deleted"), "{failure}");
    assert_eq!(thing.state().cloned(), before);
    assert!(!thing.is_tainted());
}

#[tokio::test]
async fn state_of_an_older_schema_is_upgraded() {
    let provider = odd().await;
    let old = json!({ "id": "o-1", "defect": "old", "size": "3", "dropped": true });
    let mut thing = provider.resource("odd_thing").with_state(1, old, &PrivateState::new());
    let plan = thing.plan(json!({ "fault": "old" })).await.unwrap();
    assert_eq!(plan.action, PlannedAction::NoOp);
    assert_eq!(thing.state(), Some(&json!({ "id": "o-1", "fault": "old", "secret": null, "size": 3 })));
}

#[tokio::test]
async fn objects_are_imported_by_id_or_identity() {
    let provider = odd().await;
    for by_identity in [false, true] {
        let mut thing = provider.resource("odd_thing");
        if by_identity {
            thing.import_identity(json!({ "id": "o-9" })).await.unwrap();
        } else {
            thing.import("o-9").await.unwrap();
        }
        assert_eq!(thing.attribute("/id"), "o-9");
    }
    let failure = provider.resource("odd_thing").import("gone").await.unwrap_err();
    assert!(failure.to_string().contains("non-existent"), "{failure}");
}

#[tokio::test]
async fn an_object_of_another_type_is_taken_over() {
    let provider = odd().await;
    let mut thing = provider.resource("odd_thing");
    let source = MoveRequest {
        source_provider: "registry.terraform.io/example/other".into(),
        source_type: "other_thing".into(),
        source_version: 0,
        state: json!({ "id": "o-5", "colour": "red" }),
        private: Vec::new(),
        identity: None,
    };
    thing.move_from(source.clone()).await.unwrap();
    assert_eq!(thing.attribute("/id"), "o-5");

    let directory = tempfile::tempdir().unwrap();
    let provider = notes(&directory).await;
    let failure = provider.resource("notes_note").move_from(source).await.unwrap_err();
    assert!(failure.to_string().contains("takes over no objects"), "{failure}");
}

#[tokio::test]
async fn a_generated_configuration_plans_empty() {
    let directory = tempfile::tempdir().unwrap();
    let provider = notes(&directory).await;
    let mut note = provider.resource("notes_note");
    note.converge(json!({ "name": "a", "text": "milk", "header": { "title": "t" } })).await.unwrap();
    let config = note.generate_config().await.unwrap();
    assert_eq!(config["header"]["author"], "unknown");
    assert!(config.get("id").is_none() && config.get("size").is_none(), "{config}");
    assert_eq!(note.plan(config).await.unwrap().action, PlannedAction::NoOp);
}
