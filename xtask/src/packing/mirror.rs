//! The layout of a mirror, for a folder (`filesystem_mirror`) and for a web server that serves it (`network_mirror`):
//! packed archives by registry, with the two index files that the network mirror protocol asks for. Source: Terraform's
//! documentation, "Provider network mirror protocol" and "Implied local mirror directories".

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use serde_json::{Value, json};

use super::{checksum, name_of, write};

/// Where Terraform and OpenTofu look for `tidblink/tidblink`.
const REGISTRIES: [&str; 2] = ["registry.terraform.io", "registry.opentofu.org"];

pub(super) fn lay_out(mirror: &Path, version: &str, archives: &BTreeMap<String, PathBuf>) -> Result<()> {
    for registry in REGISTRIES {
        let folder = mirror.join(registry).join("tidblink/tidblink");
        fs::create_dir_all(&folder).with_context(|| format!("cannot make {}", folder.display()))?;
        let mut listed = serde_json::Map::new();
        for (platform, archive) in archives {
            let name = name_of(archive);
            let copy = folder.join(&name);
            fs::copy(archive, &copy).with_context(|| format!("cannot write {}", copy.display()))?;
            let hash = format!("zh:{}", checksum(archive)?);
            listed.insert(platform.clone(), json!({ "url": name, "hashes": [hash] }));
        }
        let text = |value: Value| format!("{value:#}\n").into_bytes();
        write(&folder.join("index.json"), &text(json!({ "versions": { version: {} } })))?;
        write(&folder.join(format!("{version}.json")), &text(json!({ "archives": listed })))?;
    }
    Ok(())
}
