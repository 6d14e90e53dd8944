//! Lists: what the harness and a real `terraform query` make of good ones, and what becomes of bad ones.

use std::fs;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use serde_json::{Value as Json, json};
use tfplugin::testing::{ListedItem, TestProvider};
use tfplugin::{
    Attr, Attribute, ConfigureRequest, ConfigureResponse, Context, CreateRequest, CreateResponse,
    DeleteRequest, DeleteResponse, Diagnostic, Diagnostics, Identity, IdentitySchema, ListItem, ListRequest,
    ListResource, ListResourceEntry, Listing, Provider, ReadRequest, ReadResponse, Resource, ResourceEntry,
    Schema, Type, UpdateRequest, UpdateResponse, model,
};
use tokio::sync::Notify;

use crate::provider::Notes;
use crate::support::terraform::Terraform;

async fn notes(directory: &tempfile::TempDir, names: &[&str]) -> TestProvider<Notes> {
    let provider = TestProvider::new(Notes);
    provider.configure(json!({ "directory": directory.path() })).await.unwrap();
    for name in names {
        let labels = [&name[..1]];
        let mut note = provider.resource("notes_note");
        note.converge(json!({ "name": name, "text": "t", "labels": labels })).await.unwrap();
    }
    provider
}

fn names(items: &[ListedItem]) -> Vec<&str> {
    items.iter().map(|item| item.display_name.as_str()).collect()
}

#[tokio::test]
async fn items_bear_identities_and_whole_objects_only_when_asked_for() {
    let directory = tempfile::tempdir().unwrap();
    let provider = notes(&directory, &["b", "a"]).await;

    let plain = provider.list("notes_note", json!({})).run().await.unwrap();
    assert_eq!(names(&plain.items), ["a", "b"]);
    assert!(plain.items.iter().all(|item| item.object.is_none()));
    let whole = provider.list("notes_note", json!({ "label": "b" })).with_objects().run().await.unwrap();
    let [item] = &whole.items[..] else { panic!("{whole:?}") };

    let mut imported = provider.resource("notes_note");
    imported.import_identity(item.identity.clone()).await.unwrap();
    assert_eq!(item.object, imported.state().cloned());
}

#[tokio::test]
async fn what_cannot_be_read_is_a_warning_and_not_the_end() {
    let directory = tempfile::tempdir().unwrap();
    let provider = notes(&directory, &["a", "c"]).await;
    fs::write(directory.path().join("b.json"), "{").unwrap();
    let listed = provider.list("notes_note", json!({})).run().await.unwrap();
    assert_eq!(names(&listed.items), ["a", "c"]);
    assert!(listed.warnings.iter().any(|warning| warning.detail.contains("b:")), "{listed:?}");
}

model! {
    struct Nothing {}

    struct Thing {
        id: Attr<String>,
        secret: Attr<String>,
    }

    struct ThingIdentity {
        id: Attr<String>,
    }
}

/// A provider whose list does what the test says.
#[derive(Clone, Default)]
struct Things {
    behaviour: &'static str,
    without_identity: bool,
    told: Arc<AtomicUsize>,
    waiting: Arc<Notify>,
    dropped: Arc<AtomicUsize>,
}

impl Provider for Things {
    type Data = ();
    type Config = Nothing;

    fn name(&self) -> &'static str {
        "things"
    }

    fn version(&self) -> &'static str {
        "0"
    }

    fn schema(&self) -> Schema {
        Schema::new(0)
    }

    async fn configure(&self, _: ConfigureRequest<Nothing>) -> ConfigureResponse<()> {
        ConfigureResponse::ready(())
    }

    fn resources(&self) -> Vec<ResourceEntry<()>> {
        let builder = ResourceEntry::builder("things_thing", ThingResource);
        vec![if self.without_identity { builder.build() } else { builder.with_identity().build() }]
    }

    fn list_resources(&self) -> Vec<ListResourceEntry<()>> {
        vec![ListResourceEntry::new("things_thing", self.clone())]
    }
}

struct ThingResource;

impl Resource for ThingResource {
    type Data = ();
    type Model = Thing;

    fn schema(&self) -> Schema {
        Schema::new(0)
            .attribute(Attribute::string("id").computed())
            .attribute(Attribute::string("secret").optional().write_only())
    }

    async fn create(&self, _: &Context<()>, request: CreateRequest<Thing>) -> CreateResponse<Thing> {
        CreateResponse::created(request.planned, request.private)
    }

    async fn read(&self, _: &Context<()>, request: ReadRequest<Thing>) -> ReadResponse<Thing> {
        ReadResponse::found(request.state, request.private)
    }

    async fn update(&self, _: &Context<()>, request: UpdateRequest<Thing>) -> UpdateResponse<Thing> {
        UpdateResponse::updated(request.planned, request.private)
    }

    async fn delete(&self, _: &Context<()>, _: DeleteRequest<Thing>) -> DeleteResponse<Thing> {
        DeleteResponse::deleted()
    }
}

impl Identity for ThingResource {
    type Identity = ThingIdentity;

    fn identity_schema(&self) -> IdentitySchema {
        IdentitySchema::new(0).required("id", Type::String, "Its id.")
    }

    fn identity(&self, state: &Thing) -> Option<ThingIdentity> {
        state.id.is_known().then(|| ThingIdentity { id: state.id.clone() })
    }
}

fn thing(id: &str) -> ListItem<ThingResource> {
    ListItem::new(ThingIdentity { id: Attr::Known(id.into()) }, id)
}

/// Counts that it was dropped.
struct Trace(Arc<AtomicUsize>);

impl Drop for Trace {
    fn drop(&mut self) {
        self.0.fetch_add(1, Ordering::SeqCst);
    }
}

impl ListResource for Things {
    type Data = ();
    type Of = ThingResource;
    type Config = Nothing;

    fn schema(&self) -> Schema {
        Schema::new(0)
    }

    async fn list(
        &self,
        cx: &Context<()>,
        request: ListRequest<Nothing>,
        listing: &mut Listing<ThingResource>,
    ) -> Result<(), Diagnostics> {
        let object = |id: &str| Thing { id: Attr::Known(id.into()), secret: Attr::Known("s".into()) };
        let _trace = Trace(self.dropped.clone());
        let item = match self.behaviour {
            "panics" => panic!("lost the list"),
            "fails" => {
                let _ = listing.push(thing("a").with_object(object("a"))).await;
                return Err(Diagnostic::error("No list", "The service is down.").into());
            }
            "an error on an item" => {
                let broken = thing("a").with_diagnostics(Diagnostic::error("Broken", "It is."));
                assert!(listing.push(broken).await.is_break());
                return Ok(());
            }
            "endless" => loop {
                self.told.fetch_add(1, Ordering::SeqCst);
                if listing.push(thing("a").with_object(object("a"))).await.is_break() {
                    return Ok(());
                }
            },
            "waits" => {
                let _ = listing.push(thing("a").with_object(object("a"))).await;
                self.waiting.notify_one();
                cx.stop().cancelled().await;
                assert!(listing.is_over() && listing.push(thing("b")).await.is_break());
                return Err(Diagnostic::error("Interrupted", "The list is not whole.").into());
            }
            "no object" => thing("a"),
            "no object for a reason" => {
                thing("a").with_diagnostics(Diagnostic::warning("Not readable", "It is not ours."))
            }
            "null identity" => ListItem::new(ThingIdentity { id: Attr::Null }, "a").with_object(object("a")),
            "unknown identity" => ListItem::new(ThingIdentity { id: Attr::Unknown }, "a"),
            "another identity" => thing("a").with_object(object("b")),
            "unknown object" => thing("a").with_object(Thing { id: Attr::Unknown, secret: Attr::Null }),
            _ => thing("a").with_object(object("a")),
        };
        assert_eq!(request.limit, 3);
        let _ = listing.push(item).await;
        Ok(())
    }
}

async fn behaving(behaviour: &'static str) -> (Things, TestProvider<Things>) {
    let things = Things { behaviour, ..Things::default() };
    let provider = TestProvider::new(things.clone());
    provider.configure(json!({})).await.unwrap();
    (things, provider)
}

#[tokio::test]
async fn mistakes_of_a_provider_become_errors_that_name_them() {
    for (behaviour, said) in [
        ("panics", "lost the list"),
        ("fails", "The service is down."),
        ("an error on an item", "It is."),
        ("no object", "without the object"),
        ("null identity", "without id"),
        ("unknown identity", "not known"),
        ("another identity", "another identity"),
        ("unknown object", "not wholly known"),
    ] {
        let (_, provider) = behaving(behaviour).await;
        let failure =
            provider.list("things_thing", json!({})).limit(3).with_objects().run().await.unwrap_err();
        assert_eq!(failure.rpc, "ListResource");
        assert!(failure.to_string().contains(said), "{behaviour}: {failure}");
    }
}

#[tokio::test]
async fn an_object_may_be_missing_for_a_reason_and_write_only_values_never_show() {
    let (_, provider) = behaving("no object for a reason").await;
    let listed = provider.list("things_thing", json!({})).limit(3).with_objects().run().await.unwrap();
    assert_eq!((listed.items.len(), &listed.items[0].object), (1, &None));
    assert_eq!(listed.warnings.len(), 1);
    let (_, provider) = behaving("good").await;
    let listed = provider.list("things_thing", json!({})).limit(3).with_objects().run().await.unwrap();
    assert_eq!(listed.items[0].object, Some(json!({ "id": "a", "secret": null })));
}

#[tokio::test]
async fn a_list_stops_at_the_limit() {
    for limit in [0, 1, 3] {
        let (things, provider) = behaving("endless").await;
        let listed = provider.list("things_thing", json!({})).limit(limit).run().await.unwrap();
        assert_eq!(listed.items.len(), usize::try_from(limit).unwrap());
        assert!(things.told.load(Ordering::SeqCst) <= listed.items.len() + 1);
        assert!(things.dropped.load(Ordering::SeqCst) <= 1);
    }
}

#[tokio::test]
async fn ctrl_c_ends_a_list_that_waits() {
    let (things, provider) = behaving("waits").await;
    let list = provider.list("things_thing", json!({})).run();
    let stop = async {
        things.waiting.notified().await;
        provider.stop();
    };
    let (listed, ()) = tokio::join!(list, stop);
    assert!(listed.unwrap_err().to_string().contains("not whole"));
}

#[tokio::test]
async fn a_list_that_nobody_reads_on_is_dropped() {
    let (things, provider) = behaving("waits").await;
    {
        let mut list = Box::pin(provider.list("things_thing", json!({})).run());
        tokio::select! {
            _ = &mut list => panic!("it waits"),
            () = things.waiting.notified() => assert_eq!(things.dropped.load(Ordering::SeqCst), 0),
        }
    }
    assert_eq!(things.dropped.load(Ordering::SeqCst), 1);
}

#[test]
#[should_panic(
    expected = "things_thing: a list resource is for a resource type of the same name that has an identity"
)]
fn a_list_of_objects_without_identity_is_refused() {
    let _ = TestProvider::new(Things { without_identity: true, ..Things::default() });
}

const QUERY: &str =
    "list \"notes_note\" \"shop\" {\n  provider = notes\n  config {\n    label = \"shop\"\n  }\n}\n";

#[test]
fn terraform_finds_what_it_does_not_manage_or_does_not_care() {
    let mut terraform = Terraform::new("");
    let provider = format!("provider \"notes\" {{\n  directory = {:?}\n}}\n", terraform.path("notes"));
    let note =
        "resource \"notes_note\" \"this\" {\n  name = \"milk\"\n  text = \"two\"\n  labels = [\"shop\"]\n}\n";
    terraform.write(&(provider.clone() + note));
    terraform.apply();
    assert!(terraform.plan_is_empty());
    terraform.run(&["state", "rm", "notes_note.this"]).succeeded();
    fs::write(terraform.path("notes.tfquery.hcl"), QUERY).unwrap();
    terraform.write(&provider);

    if terraform.knows_lists() {
        terraform.set("TF_LOG_PROVIDER", "TRACE");
        let found = terraform.run(&["query", "-no-color", "-generate-config-out=found.tf"]).succeeded();
        terraform.set("TF_LOG_PROVIDER", "");
        found.says("name=milk").says("tf_list_resource_type=notes_note").says("tf_rpc=ListResource");
        terraform.run(&["plan", "-no-color"]).succeeded().says("1 to import, 0 to add, 0 to change");
        terraform.apply();
        assert_eq!(terraform.only_resource()["values"]["text"], Json::from("two"));
        let wrong = QUERY.replace("label =", "lable =");
        fs::write(terraform.path("notes.tfquery.hcl"), wrong).unwrap();
        terraform.run(&["query", "-no-color"]).failed().says("lable");
    } else {
        terraform.run(&["query", "-no-color"]).failed().says("no command named \"query\"");
        terraform.run(&["import", "-no-color", "notes_note.this", "milk"]).failed().says("notes_note.this");
        terraform.write(&(provider + note));
        terraform.run(&["import", "-no-color", "notes_note.this", "milk"]).succeeded();
    }
    assert!(terraform.plan_is_empty());
}
