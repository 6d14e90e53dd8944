//! The provider block, and what the provider offers.

use tfplugin::{
    Attr, Attribute, ConfigureRequest, ConfigureResponse, DataSourceEntry, Diagnostic, FunctionEntry,
    ListResourceEntry, Provider, ResourceEntry, Schema, model,
};

use crate::list::NoteList;
use crate::lookup::Lookup;
use crate::note::NoteResource;
use crate::slug::Slug;
use crate::store::Store;

/// The provider.
pub(crate) struct Notes;

model! {
    /// The provider block.
    pub(crate) struct Config {
        /// Where notes are kept.
        pub(crate) directory: Attr<String>,
    }
}

impl Provider for Notes {
    type Data = Store;
    type Config = Config;

    fn name(&self) -> &'static str {
        "notes"
    }

    fn version(&self) -> &'static str {
        env!("CARGO_PKG_VERSION")
    }

    fn schema(&self) -> Schema {
        Schema::new(0).description("Notes in a directory.").attribute(
            Attribute::string("directory").optional().description(
                "Where notes are kept. May also be set as `NOTES_DIRECTORY` in the environment.",
            ),
        )
    }

    async fn configure(&self, request: ConfigureRequest<Config>) -> ConfigureResponse<Store> {
        let directory = match request.config.directory {
            Attr::Known(directory) => Some(directory),
            Attr::Null => std::env::var("NOTES_DIRECTORY").ok(),
            Attr::Unknown => {
                let detail =
                    "The directory must be known before the run: notes are looked up while planning.";
                return ConfigureResponse::failed(
                    Diagnostic::error("Directory not known", detail).at("directory"),
                );
            }
        };
        match directory {
            Some(directory) => ConfigureResponse::ready(Store::new(directory)),
            None => {
                let detail = "Set directory in the provider block, or NOTES_DIRECTORY in the environment.";
                ConfigureResponse::failed(Diagnostic::error("No directory", detail).at("directory"))
            }
        }
    }

    fn resources(&self) -> Vec<ResourceEntry<Store>> {
        vec![ResourceEntry::builder("notes_note", NoteResource).with_import().with_identity().build()]
    }

    fn data_sources(&self) -> Vec<DataSourceEntry<Store>> {
        vec![DataSourceEntry::new("notes_note", Lookup)]
    }

    fn list_resources(&self) -> Vec<ListResourceEntry<Store>> {
        vec![ListResourceEntry::new("notes_note", NoteList)]
    }

    fn functions(&self) -> Vec<FunctionEntry> {
        vec![FunctionEntry::new("slug", Slug)]
    }
}
