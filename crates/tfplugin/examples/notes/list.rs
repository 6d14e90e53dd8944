//! The list resource `notes_note`: what `terraform query` finds.

use tfplugin::{
    Attr, Attribute, Context, Diagnostic, Diagnostics, Identity as _, ListItem, ListRequest, ListResource,
    Listing, Schema, model,
};

use crate::note::{Note, NoteResource};
use crate::store::Store;

/// The list resource.
pub(crate) struct NoteList;

model! {
    /// Which notes are meant.
    pub(crate) struct Filter {
        /// Only those that bear this label.
        pub(crate) label: Attr<String>,
    }
}

impl ListResource for NoteList {
    type Data = Store;
    type Of = NoteResource;
    type Config = Filter;

    fn schema(&self) -> Schema {
        Schema::new(0)
            .description("Notes that exist.")
            .attribute(Attribute::string("label").optional().description("Only notes that bear this label."))
    }

    async fn list(
        &self,
        cx: &Context<Store>,
        request: ListRequest<Filter>,
        listing: &mut Listing<NoteResource>,
    ) -> Result<(), Diagnostics> {
        let failed = |error: std::io::Error| Diagnostic::error("Notes not readable", error.to_string());
        for name in cx.data().names().map_err(failed)? {
            let note = match cx.data().read(&name) {
                Ok(Some(stored)) => Note::from_stored(&name, stored),
                // Deleted since its name was read.
                Ok(None) => continue,
                Err(error) => {
                    let unread = Diagnostic::warning("Note not readable", format!("{name}: {error}"));
                    if listing.warn(unread).await.is_break() {
                        break;
                    }
                    continue;
                }
            };
            let wanted = request.config.label.known();
            let labels = note.labels.known();
            if wanted.is_some_and(|label| labels.is_none_or(|labels| !labels.contains(label))) {
                continue;
            }
            let Some(identity) = NoteResource.identity(&note) else { continue };
            let mut item = ListItem::new(identity, name);
            if request.include_object {
                item = item.with_object(note);
            }
            if listing.push(item).await.is_break() {
                break;
            }
        }
        Ok(())
    }
}
