//! The example files that pages show, at the places where the Registry's generator looks for them.

use std::fs;
use std::path::Path;

use anyhow::{Context as _, Result};

/// What the page of a resource shows.
#[derive(Debug)]
pub(super) struct ResourceExamples {
    /// `resource.tf`.
    pub(super) usage: String,
    /// `import-by-identity.tf`.
    pub(super) import_by_identity: String,
    /// `import-by-string-id.tf`.
    pub(super) import_block: String,
    /// `import.sh`.
    pub(super) import_command: String,
}

/// `examples/provider/provider.tf`.
pub(super) fn provider(workspace: &Path) -> Result<String> {
    read(&workspace.join("examples/provider/provider.tf"))
}

/// The files in `examples/resources/NAME`. Every resource has them all.
pub(super) fn resource(workspace: &Path, name: &str) -> Result<ResourceExamples> {
    let folder = workspace.join("examples/resources").join(name);
    Ok(ResourceExamples {
        usage: read(&folder.join("resource.tf"))?,
        import_by_identity: read(&folder.join("import-by-identity.tf"))?,
        import_block: read(&folder.join("import-by-string-id.tf"))?,
        import_command: read(&folder.join("import.sh"))?,
    })
}

/// `examples/data-sources/NAME/data-source.tf`.
pub(super) fn data_source(workspace: &Path, name: &str) -> Result<String> {
    read(&workspace.join("examples/data-sources").join(name).join("data-source.tf"))
}

/// `examples/functions/NAME/function.tf`.
pub(super) fn function(workspace: &Path, name: &str) -> Result<String> {
    read(&workspace.join("examples/functions").join(name).join("function.tf"))
}

/// `examples/list-resources/NAME/list-resource.tfquery.hcl`.
pub(super) fn list_resource(workspace: &Path, name: &str) -> Result<String> {
    read(&workspace.join("examples/list-resources").join(name).join("list-resource.tfquery.hcl"))
}

fn read(file: &Path) -> Result<String> {
    let text =
        fs::read_to_string(file).with_context(|| format!("a page needs the example {}", file.display()))?;
    Ok(text.trim_end().to_owned())
}
