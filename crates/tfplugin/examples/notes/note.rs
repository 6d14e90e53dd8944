//! The resource `notes_note`.

use std::collections::BTreeSet;
use std::io::ErrorKind;

use tfplugin::schema::validators;
use tfplugin::{
    Attr, Attribute, Context, CreateRequest, CreateResponse, DeleteRequest, DeleteResponse, Diagnostic,
    FromValue as _, Identity, IdentitySchema, ImportRequest, ImportResponse, ImportState, PlanRequest,
    PlanResponse, PrivateState, ReadRequest, ReadResponse, Resource, Schema, Type, UpdateRequest,
    UpdateResponse, model,
};

use crate::store::{Store, StoredNote};

/// The resource.
pub(crate) struct NoteResource;

model! {
    /// A note.
    #[derive(PartialEq)]
    pub(crate) struct Note {
        /// The name again, under the name that Terraform users expect.
        pub(crate) id: Attr<String>,
        /// Name of the note and of its file.
        pub(crate) name: Attr<String>,
        /// What it says.
        pub(crate) text: Attr<String>,
        /// `plain` or `markdown`.
        pub(crate) format: Attr<String>,
        /// Who and what.
        pub(crate) header: Attr<Header>,
        /// For finding it again.
        pub(crate) labels: Attr<BTreeSet<String>>,
        /// Length of the text in bytes.
        pub(crate) size: Attr<i64>,
    }

    /// Who wrote a note, and about what.
    #[derive(PartialEq)]
    pub(crate) struct Header {
        /// What it is about.
        pub(crate) title: Attr<String>,
        /// Who wrote it.
        pub(crate) author: Attr<String>,
    }
}

model! {
    /// What tells a note from every other.
    pub(crate) struct NoteIdentity {
        /// Its name.
        pub(crate) name: Attr<String>,
    }
}

impl Note {
    /// The note as it is stored. Everything in a plan is known by then, except what this computes.
    fn to_stored(&self) -> StoredNote {
        let header = self.header.known();
        StoredNote {
            text: self.text.clone().into_known().unwrap_or_default(),
            format: self.format.clone().into_known().unwrap_or_default(),
            title: header.and_then(|header| header.title.known().cloned()),
            author: header.and_then(|header| header.author.known().cloned()),
            labels: self.labels.known().cloned(),
        }
    }

    /// A stored note as Terraform sees it.
    pub(crate) fn from_stored(name: &str, stored: StoredNote) -> Self {
        let has_header = stored.title.is_some() || stored.author.is_some();
        let header = Header { title: stored.title.into(), author: stored.author.into() };
        Self {
            id: Attr::Known(name.to_owned()),
            name: Attr::Known(name.to_owned()),
            size: Attr::Known(size(&stored.text)),
            text: Attr::Known(stored.text),
            format: Attr::Known(stored.format),
            header: if has_header { Attr::Known(header) } else { Attr::Null },
            labels: stored.labels.into(),
        }
    }

    fn name(&self) -> &str {
        self.name.as_str().unwrap_or_default()
    }
}

fn size(text: &str) -> i64 {
    i64::try_from(text.len()).unwrap_or(i64::MAX)
}

impl Resource for NoteResource {
    type Data = Store;
    type Model = Note;

    fn schema(&self) -> Schema {
        Schema::new(0)
            .description("A note.")
            .attribute(Attribute::string("id").computed().use_state_for_unknown().description("The name."))
            .attribute(
                Attribute::string("name")
                    .required()
                    .requires_replace()
                    .validate(validators::matches("only lower-case letters, digits and dashes", is_file_name))
                    .description("Name of the note and of its file."),
            )
            .attribute(Attribute::string("text").required().description("What it says."))
            .attribute(
                Attribute::string("format")
                    .optional()
                    .computed()
                    .default_value("plain")
                    .validate(validators::one_of(["plain", "markdown"]))
                    .description("`plain` or `markdown`. Default: `plain`."),
            )
            .attribute(
                Attribute::single_nested(
                    "header",
                    vec![
                        Attribute::string("title").required().description("What it is about."),
                        Attribute::string("author")
                            .optional()
                            .computed()
                            .default_value("unknown")
                            .description("Who wrote it. Default: `unknown`."),
                    ],
                )
                .optional()
                .description("Who and what."),
            )
            .attribute(Attribute::set("labels", Type::String).optional().description("For finding it again."))
            .attribute(Attribute::int64("size").computed().description("Length of the text in bytes."))
    }

    /// What can be told before it is done is told: the size follows from the text.
    async fn plan(&self, _cx: &Context<Store>, mut request: PlanRequest<Note>) -> PlanResponse<Note> {
        if let Some(planned) = &mut request.planned
            && let Some(text) = planned.text.as_str()
        {
            planned.size = Attr::Known(size(text));
        }
        request.accept()
    }

    async fn create(&self, cx: &Context<Store>, request: CreateRequest<Note>) -> CreateResponse<Note> {
        let name = request.planned.name().to_owned();
        let stored = request.planned.to_stored();
        match cx.data().create(&name, &stored) {
            Ok(()) => CreateResponse::created(Note::from_stored(&name, stored), request.private),
            Err(error) if error.kind() == ErrorKind::AlreadyExists => {
                let detail = format!(
                    "There is a note {name} already. To manage it here, import it: \
                     terraform import ADDRESS {name}"
                );
                CreateResponse::failed(Diagnostic::error("Note exists", detail).at("name"))
            }
            Err(error) => CreateResponse::failed(Diagnostic::error("Note not written", error.to_string())),
        }
    }

    async fn read(&self, cx: &Context<Store>, request: ReadRequest<Note>) -> ReadResponse<Note> {
        let name = request.state.name();
        match cx.data().read(name) {
            Ok(Some(stored)) => ReadResponse::found(Note::from_stored(name, stored), request.private),
            Ok(None) => ReadResponse::gone(),
            Err(error) => ReadResponse::failed(Diagnostic::error("Note not readable", error.to_string())),
        }
    }

    async fn update(&self, cx: &Context<Store>, request: UpdateRequest<Note>) -> UpdateResponse<Note> {
        let name = request.planned.name().to_owned();
        let stored = request.planned.to_stored();
        match cx.data().replace(&name, &stored) {
            Ok(()) => UpdateResponse::updated(Note::from_stored(&name, stored), request.private),
            Err(error) => {
                let error = Diagnostic::error("Note not written", error.to_string());
                UpdateResponse::partial(request.prior, request.private, error)
            }
        }
    }

    async fn delete(&self, cx: &Context<Store>, request: DeleteRequest<Note>) -> DeleteResponse<Note> {
        match cx.data().delete(request.prior.name()) {
            Ok(()) => DeleteResponse::deleted(),
            Err(error) => DeleteResponse::failed(Diagnostic::error("Note not deleted", error.to_string())),
        }
    }
}

impl ImportState for NoteResource {
    /// Only the name is needed: Terraform reads the rest.
    async fn import(&self, _cx: &Context<Store>, request: ImportRequest) -> ImportResponse<Note> {
        let name = match request {
            ImportRequest::Id(name) => name,
            ImportRequest::Identity(identity) => match NoteIdentity::from_root(&identity) {
                Ok(identity) => identity.name.into_known().unwrap_or_default(),
                Err(error) => return ImportResponse::failed(Diagnostic::from(error)),
            },
        };
        if is_file_name(&name) {
            let note = Note { name: Attr::Known(name), ..Note::default() };
            return ImportResponse::imported(note, PrivateState::new());
        }
        let detail = format!("{name:?} is not the name of a note, such as shopping-list.");
        ImportResponse::failed(Diagnostic::error("Not a note", detail))
    }
}

impl Identity for NoteResource {
    type Identity = NoteIdentity;

    fn identity_schema(&self) -> IdentitySchema {
        IdentitySchema::new(0).required("name", Type::String, "Name of the note.")
    }

    fn identity(&self, state: &Note) -> Option<NoteIdentity> {
        state.name.is_known().then(|| NoteIdentity { name: state.name.clone() })
    }
}

/// Names become files, so they must not lead anywhere else.
fn is_file_name(name: &str) -> bool {
    !name.is_empty() && name.bytes().all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-'))
}
