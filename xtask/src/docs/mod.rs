//! `cargo xtask docs`: the Terraform Registry's pages, in the layout that the Registry's own generator gives them,
//! rendered from the provider's schema and the files in `examples/`. Guides are written by hand and left alone, but for
//! that about troubleshooting, which is rendered from the codes of the provider's messages; the index lists them all.

mod examples;
mod guides;
mod page;
mod schema;
mod troubleshooting;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use anyhow::{Context as _, Result, bail, ensure};
use tokio::process::Command;

use self::guides::Guide;
use self::schema::{ProviderSchema, Schemas};
use crate::cargo::{self, PROVIDER, Profile};

/// Writes the pages, or with `check` only says which are out of date.
///
/// # Errors
/// When the schema cannot be had, an example is missing, or with `check` a page is out of date.
pub(crate) async fn run(check: bool) -> Result<()> {
    let built = cargo::build(&[PROVIDER], Profile::Dev).await?;
    let pages = render(&read_schema(&built[PROVIDER]).await?, cargo::workspace())?;
    let docs = cargo::workspace().join("docs");
    let stale: Vec<_> = pages.iter().filter(|(path, text)| !is_current(&docs.join(path), text)).collect();
    let orphans = orphans(&docs, &pages)?;
    if !check {
        for (path, text) in stale {
            let file = docs.join(path);
            fs::create_dir_all(file.parent().unwrap_or(&docs))?;
            fs::write(&file, text)?;
            println!("wrote docs/{}", path.display());
        }
        for orphan in orphans {
            fs::remove_file(docs.join(&orphan))?;
            println!("removed docs/{}", orphan.display());
        }
        return Ok(());
    }
    let names: Vec<_> =
        stale.iter().map(|(path, _)| *path).chain(&orphans).map(|path| path.display().to_string()).collect();
    if !names.is_empty() {
        bail!(
            "out of date in docs/: {}. Run `cargo xtask docs` and commit what it writes; the text comes from the schema's \
             descriptions and from examples/.",
            names.join(", ")
        );
    }
    Ok(())
}

async fn read_schema(provider: &Path) -> Result<ProviderSchema> {
    let output = Command::new(provider)
        .arg("--schema")
        .stdin(Stdio::null())
        .stderr(Stdio::inherit())
        .output()
        .await
        .with_context(|| format!("cannot start {}", provider.display()))?;
    ensure!(output.status.success(), "`{} --schema` failed", provider.display());
    let schemas: Schemas =
        serde_json::from_slice(&output.stdout).context("the schema has an unexpected shape")?;
    let mut providers = schemas.provider_schemas.into_values();
    match (providers.next(), providers.next()) {
        (Some(schema), None) => Ok(schema),
        _ => bail!("the schema describes not exactly one provider"),
    }
}

/// All pages by their path in `docs/`.
fn render(schema: &ProviderSchema, workspace: &Path) -> Result<BTreeMap<PathBuf, String>> {
    let mut guides = guides::all(workspace)?;
    guides.retain(|guide| guide.file != troubleshooting::FILE);
    guides.push(Guide { title: troubleshooting::TITLE.to_owned(), file: troubleshooting::FILE.to_owned() });
    guides.sort();
    let mut pages = BTreeMap::new();
    pages.insert(
        PathBuf::from("index.md"),
        page::provider(&schema.provider.block, &examples::provider(workspace)?, &guides)?,
    );
    for (name, resource) in &schema.resource_schemas {
        let short = name.strip_prefix("tidblink_").unwrap_or(name);
        let text = page::resource(name, &resource.block, &examples::resource(workspace, name)?)?;
        pages.insert(Path::new("resources").join(format!("{short}.md")), text);
    }
    for (name, source) in &schema.data_source_schemas {
        let short = name.strip_prefix("tidblink_").unwrap_or(name);
        let text = page::data_source(name, &source.block, &examples::data_source(workspace, name)?)?;
        pages.insert(Path::new("data-sources").join(format!("{short}.md")), text);
    }
    for (name, function) in &schema.functions {
        let text = page::function(name, function, &examples::function(workspace, name)?)?;
        pages.insert(Path::new("functions").join(format!("{name}.md")), text);
    }
    let path = Path::new("guides").join(troubleshooting::FILE);
    pages.insert(path, troubleshooting::page(&schema.diagnostic_codes)?);
    Ok(pages)
}

fn is_current(file: &Path, text: &str) -> bool {
    fs::read_to_string(file).is_ok_and(|found| found == text)
}

/// Pages of resources, data sources and functions that the schema no longer has.
fn orphans(docs: &Path, pages: &BTreeMap<PathBuf, String>) -> Result<Vec<PathBuf>> {
    let mut orphans = Vec::new();
    for kind in ["resources", "data-sources", "functions"] {
        let folder = docs.join(kind);
        if !folder.is_dir() {
            continue;
        }
        for entry in fs::read_dir(folder)? {
            let path = Path::new(kind).join(entry?.file_name());
            if !pages.contains_key(&path) {
                orphans.push(path);
            }
        }
    }
    Ok(orphans)
}
