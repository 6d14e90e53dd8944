//! The list of what is inside: every crate that is linked into the provider, from cargo's own resolution, in CycloneDX.
//! Source: CycloneDX 1.5 JSON reference; package URLs of cargo as the purl specification has them.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context as _, Result};
use serde::Deserialize;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

/// What the list is made from.
#[derive(Debug)]
pub struct Sbom<'a> {
    /// What `cargo metadata` printed, once for each target.
    pub metadata: &'a [String],
    /// `Cargo.lock`, which has the checksums.
    pub lock: &'a str,
    /// The package that is shipped.
    pub package: &'a str,
    /// When it was made, as RFC 3339 writes it.
    pub made_at: &'a str,
}

#[derive(Debug, Deserialize)]
struct Metadata {
    packages: Vec<Package>,
    resolve: Resolve,
}

#[derive(Clone, Debug, Deserialize)]
struct Package {
    id: String,
    name: String,
    version: String,
    license: Option<String>,
    description: Option<String>,
    repository: Option<String>,
    source: Option<String>,
}

#[derive(Debug, Deserialize)]
struct Resolve {
    nodes: Vec<Node>,
}

#[derive(Debug, Deserialize)]
struct Node {
    id: String,
    deps: Vec<Dependency>,
}

#[derive(Debug, Deserialize)]
struct Dependency {
    pkg: String,
    dep_kinds: Vec<Kind>,
}

#[derive(Debug, Deserialize)]
struct Kind {
    kind: Option<String>,
}

impl Package {
    fn purl(&self) -> String {
        format!("pkg:cargo/{}@{}", self.name, self.version)
    }
}

/// The list, as CycloneDX writes it.
///
/// # Errors
/// When cargo's output or `Cargo.lock` is not as expected.
pub fn sbom(input: &Sbom<'_>) -> Result<String> {
    let mut packages: BTreeMap<String, Package> = BTreeMap::new();
    let mut dependencies: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let mut root = None;
    for metadata in input.metadata {
        let metadata: Metadata =
            serde_json::from_str(metadata).context("cargo metadata has an unexpected shape")?;
        root = Some(linked(&metadata, input.package, &mut packages, &mut dependencies)?);
    }
    let root = root.context("there is no target to list the contents for")?;
    let checksums = checksums(input.lock);
    let components = packages.values().filter(|package| package.purl() != root.purl());
    let components = components.map(|package| component(package, "library", &checksums));
    let components: Vec<_> = components.collect();
    let graph = dependencies.iter().map(|(from, to)| json!({ "ref": from, "dependsOn": to }));
    let graph: Vec<_> = graph.collect();
    let mut list = json!({
        "$schema": "http://cyclonedx.org/schema/bom-1.5.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": "1.5",
        "version": 1,
        "metadata": {
            "timestamp": input.made_at,
            "component": component(&root, "application", &checksums),
        },
        "components": components,
        "dependencies": graph,
    });
    let serial = serial_of(&list);
    if let Some(fields) = list.as_object_mut() {
        fields.insert("serialNumber".to_owned(), json!(serial));
    }
    Ok(format!("{list:#}\n"))
}

/// Collects what is linked into `name`; what is only used while building or testing is not.
fn linked(
    metadata: &Metadata,
    name: &str,
    packages: &mut BTreeMap<String, Package>,
    dependencies: &mut BTreeMap<String, BTreeSet<String>>,
) -> Result<Package> {
    let by_id: BTreeMap<_, _> =
        metadata.packages.iter().map(|package| (package.id.as_str(), package)).collect();
    let nodes: BTreeMap<_, _> = metadata.resolve.nodes.iter().map(|node| (node.id.as_str(), node)).collect();
    let root = metadata.packages.iter().find(|package| package.name == name && package.source.is_none());
    let root = root.with_context(|| format!("cargo knows no package {name}"))?;
    let mut waiting = vec![root.id.as_str()];
    let mut seen = BTreeSet::new();
    while let Some(id) = waiting.pop() {
        if !seen.insert(id) {
            continue;
        }
        let package = by_id.get(id).with_context(|| format!("cargo does not describe {id}"))?;
        packages.insert(package.purl(), Package::clone(package));
        let edges = dependencies.entry(package.purl()).or_default();
        let node = nodes.get(id).with_context(|| format!("cargo does not resolve {id}"))?;
        for dependency in &node.deps {
            let is_linked = dependency.dep_kinds.iter().any(|kind| kind.kind.is_none());
            if let Some(to) = by_id.get(dependency.pkg.as_str()).filter(|_| is_linked) {
                edges.insert(to.purl());
                waiting.push(&to.id);
            }
        }
    }
    Ok(root.clone())
}

fn component(package: &Package, kind: &str, checksums: &BTreeMap<(String, String), String>) -> Value {
    let mut component = json!({
        "type": kind,
        "bom-ref": package.purl(),
        "name": package.name,
        "version": package.version,
        "purl": package.purl(),
    });
    let key = (package.name.clone(), package.version.clone());
    // Before there were expressions, crates wrote a slash where either licence may be chosen.
    let licence = package.license.as_ref().map(|licence| {
        let either: Vec<_> = licence.split('/').map(str::trim).collect();
        either.join(" OR ")
    });
    let parts = [
        ("description", package.description.as_ref().map(|text| json!(text.trim()))),
        ("licenses", licence.map(|licence| json!([{ "expression": licence }]))),
        ("hashes", checksums.get(&key).map(|sum| json!([{ "alg": "SHA-256", "content": sum }]))),
        ("externalReferences", package.repository.as_ref().map(|url| json!([{ "type": "vcs", "url": url }]))),
    ];
    if let Some(fields) = component.as_object_mut() {
        fields.extend(parts.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?))));
    }
    component
}

/// The checksums of the registry's archives by name and version. `Cargo.lock` is always laid out like this.
fn checksums(lock: &str) -> BTreeMap<(String, String), String> {
    let packages = lock.split("[[package]]").skip(1);
    let field = |package: &str, name: &str| {
        let start = format!("{name} = \"");
        let line = package.lines().find_map(|line| line.strip_prefix(start.as_str()))?;
        line.strip_suffix('"').map(str::to_owned)
    };
    let known = packages.filter_map(|package| {
        Some(((field(package, "name")?, field(package, "version")?), field(package, "checksum")?))
    });
    known.collect()
}

/// A serial number that follows from the content, in the form of a UUID of version 8.
fn serial_of(list: &Value) -> String {
    let digest = hex::encode(Sha256::digest(list.to_string()));
    let part = |from: usize, to: usize| digest.get(from..to).unwrap_or_default();
    format!("urn:uuid:{}-{}-8{}-8{}-{}", part(0, 8), part(8, 12), part(13, 16), part(17, 20), part(20, 32))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may fail")]

    use super::*;

    const LOCK: &str = "version = 4\n\n[[package]]\nname = \"inside\"\nversion = \"1.0.0\"\nchecksum = \"abc\"\n\n\
                        [[package]]\nname = \"shipped\"\nversion = \"0.1.0\"\n";

    fn metadata() -> String {
        let package = |name: &str, version: &str, licence: &str| {
            let source = (name != "shipped").then_some("registry");
            json!({ "id": name, "name": name, "version": version, "license": licence, "source": source })
        };
        let needs = |name: &str, kind: Option<&str>| json!({ "pkg": name, "dep_kinds": [{ "kind": kind }] });
        json!({
            "packages": [
                package("shipped", "0.1.0", "Apache-2.0"),
                package("inside", "1.0.0", "MIT / Apache-2.0"),
                package("tester", "1.0.0", "MIT"),
            ],
            "resolve": { "nodes": [
                { "id": "shipped", "deps": [needs("inside", None), needs("tester", Some("dev"))] },
                { "id": "inside", "deps": [] },
                { "id": "tester", "deps": [] },
            ] },
        })
        .to_string()
    }

    fn list(made_at: &str) -> Value {
        let metadata = [metadata()];
        let input = Sbom { metadata: &metadata, lock: LOCK, package: "shipped", made_at };
        serde_json::from_str(&sbom(&input).unwrap()).unwrap()
    }

    #[test]
    fn what_is_linked_is_listed_with_licence_and_checksum_and_what_only_tests_is_not() {
        let list = list("2026-01-01T00:00:00Z");
        let expected = json!([{
            "type": "library",
            "bom-ref": "pkg:cargo/inside@1.0.0",
            "name": "inside",
            "version": "1.0.0",
            "purl": "pkg:cargo/inside@1.0.0",
            "licenses": [{ "expression": "MIT OR Apache-2.0" }],
            "hashes": [{ "alg": "SHA-256", "content": "abc" }],
        }]);
        assert_eq!(list["components"], expected);
        assert_eq!(list["metadata"]["component"]["purl"], "pkg:cargo/shipped@0.1.0");
        let graph = json!([
            { "ref": "pkg:cargo/inside@1.0.0", "dependsOn": [] },
            { "ref": "pkg:cargo/shipped@0.1.0", "dependsOn": ["pkg:cargo/inside@1.0.0"] },
        ]);
        assert_eq!(list["dependencies"], graph);
    }

    #[test]
    fn the_serial_number_follows_from_the_content() {
        let [first, same, other] = ["2026-01-01T00:00:00Z", "2026-01-01T00:00:00Z", "2027-01-01T00:00:00Z"]
            .map(|made_at| list(made_at)["serialNumber"].clone());
        assert_eq!(first, same);
        assert_ne!(first, other);
        assert_eq!(first.as_str().unwrap().len(), "urn:uuid:".len() + 36);
    }
}
