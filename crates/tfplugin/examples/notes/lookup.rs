//! The data source `notes_note`.

use tfplugin::data_source::{ReadDataRequest, ReadDataResponse};
use tfplugin::{Attr, Attribute, Context, DataSource, Diagnostic, Schema, model};

use crate::note::Note;
use crate::store::Store;

/// The data source.
pub(crate) struct Lookup;

model! {
    /// A note that is looked up.
    pub(crate) struct Found {
        /// Name of the note.
        pub(crate) name: Attr<String>,
        /// What it says.
        pub(crate) text: Attr<String>,
        /// Length of the text in bytes.
        pub(crate) size: Attr<i64>,
    }
}

impl DataSource for Lookup {
    type Data = Store;
    type Model = Found;

    fn schema(&self) -> Schema {
        Schema::new(0)
            .description("A note that exists.")
            .attribute(Attribute::string("name").required().description("Name of the note."))
            .attribute(Attribute::string("text").computed().description("What it says."))
            .attribute(Attribute::int64("size").computed().description("Length of the text in bytes."))
    }

    async fn read(&self, cx: &Context<Store>, request: ReadDataRequest<Found>) -> ReadDataResponse<Found> {
        let name = request.config.name.as_str().unwrap_or_default();
        match cx.data().read(name) {
            Ok(Some(stored)) => {
                let Note { name, text, size, .. } = Note::from_stored(name, stored);
                ReadDataResponse::found(Found { name, text, size })
            }
            Ok(None) => {
                let detail = format!("There is no note {name}.");
                ReadDataResponse::failed(Diagnostic::error("Note not found", detail).at("name"))
            }
            Err(error) => ReadDataResponse::failed(Diagnostic::error("Note not readable", error.to_string())),
        }
    }
}
