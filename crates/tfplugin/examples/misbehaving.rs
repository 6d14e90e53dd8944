//! A provider that does what a provider should not do, or has to be ready for: it panics, it takes for ever,
//! it fails half-way. The tests use it to see what Terraform makes of it; it is nothing to copy.

use std::fs::OpenOptions;
use std::io::Write as _;

use tfplugin::{
    Attr, Attribute, ConfigureRequest, ConfigureResponse, Context, CreateRequest, CreateResponse,
    DeleteRequest, DeleteResponse, Diagnostic, Provider, ReadRequest, ReadResponse, Resource, ResourceEntry,
    Schema, ServeError, ServeOptions, UpdateRequest, UpdateResponse, model, serve,
};

struct Misbehaving;

model! {
    /// What the tests say to the provider.
    pub struct Config {
        /// A secret.
        pub token: Attr<String>,
        /// What goes wrong: `panic` or nothing.
        pub fault: Attr<String>,
    }

    /// A thing that is not made as it should be.
    pub struct Thing {
        /// Set once it exists.
        pub id: Attr<String>,
        /// What goes wrong: `panic`, `hang`, `fail` or nothing.
        pub fault: Attr<String>,
    }
}

impl Provider for Misbehaving {
    type Data = ();
    type Config = Config;

    fn name(&self) -> &'static str {
        "misbehaving"
    }

    fn version(&self) -> &'static str {
        env!("CARGO_PKG_VERSION")
    }

    fn schema(&self) -> Schema {
        Schema::new(0)
            .attribute(Attribute::string("token").optional().sensitive())
            .attribute(Attribute::string("fault").optional())
    }

    async fn configure(&self, request: ConfigureRequest<Config>) -> ConfigureResponse<()> {
        match request.config.fault.as_str() {
            Some("panic") => panic!("the start slipped"),
            _ => ConfigureResponse::ready(()),
        }
    }

    fn resources(&self) -> Vec<ResourceEntry<()>> {
        vec![ResourceEntry::new("misbehaving_thing", ThingResource)]
    }
}

struct ThingResource;

impl Resource for ThingResource {
    type Data = ();
    type Model = Thing;

    fn schema(&self) -> Schema {
        Schema::new(0)
            .attribute(Attribute::string("id").computed().use_state_for_unknown())
            .attribute(Attribute::string("fault").optional())
    }

    async fn create(&self, cx: &Context<()>, mut request: CreateRequest<Thing>) -> CreateResponse<Thing> {
        tracing::info!(fault = ?request.planned.fault, "creating a thing");
        let state = Thing { id: "thing-1".into(), ..request.planned };
        // Private state cannot refuse a text.
        let _ = request.private.set("token", "made-by-create");
        match state.fault.as_str() {
            Some("panic") => panic!("the thing slipped"),
            Some("hang") => {
                note("creating");
                cx.stop().cancelled().await;
                let warning =
                    Diagnostic::warning("Thing unfinished", "It was interrupted; apply again to finish it.");
                CreateResponse::partial(state, request.private, warning)
            }
            Some("fail") => {
                let error = Diagnostic::error("Thing broken", "It exists, but it broke while it was made.");
                CreateResponse::partial(state, request.private, error)
            }
            _ => CreateResponse::created(state, request.private),
        }
    }

    async fn read(&self, _cx: &Context<()>, request: ReadRequest<Thing>) -> ReadResponse<Thing> {
        ReadResponse::found(request.state, request.private)
    }

    async fn update(&self, _cx: &Context<()>, request: UpdateRequest<Thing>) -> UpdateResponse<Thing> {
        UpdateResponse::updated(request.planned, request.private)
    }

    async fn delete(&self, _cx: &Context<()>, request: DeleteRequest<Thing>) -> DeleteResponse<Thing> {
        let token: Option<String> = request.private.get("token").ok().flatten();
        note(&format!("deleting with token {token:?}"));
        DeleteResponse::deleted()
    }
}

/// Tells the test how far things went, in the file that `MISBEHAVING_LOG` names.
fn note(what: &str) {
    if let Some(path) = std::env::var_os("MISBEHAVING_LOG")
        && let Ok(mut file) = OpenOptions::new().create(true).append(true).open(path)
    {
        // A test that waits for the line will say that it did not come.
        let _ = writeln!(file, "{what}");
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), ServeError> {
    serve(Misbehaving, ServeOptions::new("registry.terraform.io/example/misbehaving")).await
}
