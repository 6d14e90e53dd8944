//! `cargo xtask docs`: the Terraform Registry's pages, in the layout that the Registry's own generator gives them,
//! rendered from the provider's schema and the files in `examples/`, the pictures beside them, and the policies that the
//! provider asks for. Guides are written by hand, but for the policies in one, and that about troubleshooting, which is
//! rendered from the codes of the provider's messages; the index lists them all.

mod examples;
mod guides;
mod page;
mod permissions;
mod pictures;
mod schema;
mod troubleshooting;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use anyhow::{Context as _, Result, bail, ensure};
use serde::de::DeserializeOwned;
use tokio::process::Command;

use self::guides::Guide;
use self::permissions::Permissions;
use self::schema::{ProviderSchema, Schemas};
use crate::cargo::{self, PROVIDER, Profile};

/// Writes the pages, or with `check` only says which are out of date.
///
/// # Errors
/// When the schema cannot be had, an example is missing, or with `check` a page is out of date.
pub(crate) async fn run(check: bool) -> Result<()> {
    let built = cargo::build(&[PROVIDER], Profile::Dev).await?;
    let workspace = cargo::workspace();
    let mut pages = render(&read_schema(&built[PROVIDER]).await?, workspace)?;
    let permissions = ask(&built[PROVIDER], "--permissions").await?;
    pages.extend(render_permissions(&permissions, workspace)?);
    let stale: Vec<_> =
        pages.iter().filter(|(path, text)| !is_current(&workspace.join(path), text)).collect();
    let orphans = orphans(workspace, &pages)?;
    if !check {
        for (path, text) in stale {
            let file = workspace.join(path);
            fs::create_dir_all(file.parent().unwrap_or(workspace))?;
            fs::write(&file, text)?;
            println!("wrote {}", path.display());
        }
        for orphan in orphans {
            fs::remove_file(workspace.join(&orphan))?;
            println!("removed {}", orphan.display());
        }
        return Ok(());
    }
    let names: Vec<_> =
        stale.iter().map(|(path, _)| *path).chain(&orphans).map(|path| path.display().to_string()).collect();
    if !names.is_empty() {
        bail!(
            "out of date: {}. Run `cargo xtask docs` and commit what it writes; the text comes from the schema's \
             descriptions, from examples/ and from the calls that the clients declare.",
            names.join(", ")
        );
    }
    Ok(())
}

async fn ask<T: DeserializeOwned>(provider: &Path, argument: &str) -> Result<T> {
    let output = Command::new(provider)
        .arg(argument)
        .stdin(Stdio::null())
        .stderr(Stdio::inherit())
        .output()
        .await
        .with_context(|| format!("cannot start {}", provider.display()))?;
    ensure!(output.status.success(), "`{} {argument}` failed", provider.display());
    serde_json::from_slice(&output.stdout)
        .with_context(|| format!("what {argument} prints has an unexpected shape"))
}

async fn read_schema(provider: &Path) -> Result<ProviderSchema> {
    let schemas: Schemas = ask(provider, "--schema").await?;
    let mut providers = schemas.provider_schemas.into_values();
    match (providers.next(), providers.next()) {
        (Some(schema), None) => Ok(schema),
        _ => bail!("the schema describes not exactly one provider"),
    }
}

/// The pages of the schema, by their path from the workspace.
fn render(schema: &ProviderSchema, workspace: &Path) -> Result<BTreeMap<PathBuf, String>> {
    let mut guides = guides::all(workspace)?;
    guides.retain(|guide| guide.file != troubleshooting::FILE);
    guides.push(Guide { title: troubleshooting::TITLE.to_owned(), file: troubleshooting::FILE.to_owned() });
    guides.sort();
    let mut pages = BTreeMap::from(pictures::all());
    pages.insert(
        PathBuf::from("docs/index.md"),
        page::provider(&schema.provider.block, &examples::provider(workspace)?, &guides)?,
    );
    for (name, resource) in &schema.resource_schemas {
        let short = name.strip_prefix("tidblink_").unwrap_or(name);
        let identity = schema.resource_identity_schemas.get(name);
        let identity = identity.with_context(|| format!("{name} has no identity"))?;
        let examples = examples::resource(workspace, name)?;
        let text = page::resource(name, &resource.block, identity, &examples)?;
        pages.insert(Path::new("docs/resources").join(format!("{short}.md")), text);
    }
    for (name, source) in &schema.data_source_schemas {
        let short = name.strip_prefix("tidblink_").unwrap_or(name);
        let text = page::data_source(name, &source.block, &examples::data_source(workspace, name)?)?;
        pages.insert(Path::new("docs/data-sources").join(format!("{short}.md")), text);
    }
    for (name, function) in &schema.functions {
        let text = page::function(name, function, &examples::function(workspace, name)?)?;
        pages.insert(Path::new("docs/functions").join(format!("{name}.md")), text);
    }
    for (name, list) in &schema.list_resource_schemas {
        let short = name.strip_prefix("tidblink_").unwrap_or(name);
        let text = page::list_resource(name, &list.block, &examples::list_resource(workspace, name)?)?;
        pages.insert(Path::new("docs/list-resources").join(format!("{short}.md")), text);
    }
    let path = Path::new("docs/guides").join(troubleshooting::FILE);
    pages.insert(path, troubleshooting::page(&schema.diagnostic_codes)?);
    Ok(pages)
}

/// The policies, and the guide that shows them.
fn render_permissions(permissions: &Permissions, workspace: &Path) -> Result<BTreeMap<PathBuf, String>> {
    let guide = fs::read_to_string(workspace.join(permissions::GUIDE))
        .with_context(|| format!("cannot read {}", permissions::GUIDE))?;
    let files = permissions.files()?.into_iter();
    let mut pages: BTreeMap<_, _> =
        files.map(|(name, text)| (Path::new(permissions::POLICIES).join(name), text)).collect();
    pages.insert(PathBuf::from(permissions::GUIDE), permissions.guide(&guide)?);
    Ok(pages)
}

fn is_current(file: &Path, text: &str) -> bool {
    fs::read_to_string(file).is_ok_and(|found| found == text)
}

/// Pages of resources, data sources, functions and lists that the schema no longer has, and policies that nobody asks for any more.
fn orphans(workspace: &Path, pages: &BTreeMap<PathBuf, String>) -> Result<Vec<PathBuf>> {
    let mut orphans = Vec::new();
    for kind in [
        "docs/resources",
        "docs/data-sources",
        "docs/functions",
        "docs/list-resources",
        permissions::POLICIES,
    ] {
        let folder = workspace.join(kind);
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
