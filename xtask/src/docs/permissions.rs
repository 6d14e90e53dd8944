//! What the provider must be allowed, as it says itself: files for `examples/policies/`, and the blocks between marks in the
//! guide on permissions. The prose around them is written by hand.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use anyhow::{Context as _, Result, ensure};
use serde::{Deserialize, Serialize};

/// The guide, from the workspace.
pub(super) const GUIDE: &str = "docs/guides/permissions.md";
/// Where the policies lie, from the workspace.
pub(super) const POLICIES: &str = "examples/policies";

/// What the provider prints.
#[derive(Debug, Deserialize)]
pub(super) struct Permissions {
    aws: Cloud,
    alicloud: Cloud,
    tidb_cloud: Vec<Operation>,
}

#[derive(Debug, Deserialize)]
struct Cloud {
    plan: Policy,
    apply: Policy,
    assume_role: Policy,
}

/// A policy, with its parts in the order in which people write them.
#[derive(Debug, Deserialize, Serialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Policy {
    version: String,
    statement: Vec<Statement>,
}

#[derive(Debug, Deserialize, Serialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Statement {
    #[serde(skip_serializing_if = "Option::is_none")]
    sid: Option<String>,
    effect: String,
    action: Vec<String>,
    resource: Vec<String>,
}

#[derive(Debug, Deserialize)]
struct Operation {
    api: String,
    operation: String,
    changes: bool,
}

impl Permissions {
    /// Every policy by the name that its file and its block have.
    fn policies(&self) -> Result<BTreeMap<String, String>> {
        let mut policies = BTreeMap::new();
        for (name, cloud) in [("aws", &self.aws), ("alicloud", &self.alicloud)] {
            let each = [("plan", &cloud.plan), ("apply", &cloud.apply), ("assume_role", &cloud.assume_role)];
            for (part, policy) in each {
                let text = format!("{}\n", serde_json::to_string_pretty(policy)?);
                policies.insert(format!("{name}-{part}"), text);
            }
        }
        Ok(policies)
    }

    /// The files in the folder of policies, by name.
    ///
    /// # Errors
    /// When a policy cannot be written down.
    pub(super) fn files(&self) -> Result<BTreeMap<String, String>> {
        let policies = self.policies()?.into_iter();
        Ok(policies.map(|(name, policy)| (format!("{}.json", name.replace('_', "-")), policy)).collect())
    }

    /// The guide with its blocks filled.
    ///
    /// # Errors
    /// When a block is missing.
    pub(super) fn guide(&self, page: &str) -> Result<String> {
        let mut page = page.to_owned();
        for (name, policy) in self.policies()? {
            page = fill(&page, &name, &format!("```json\n{policy}```"))?;
        }
        fill(&page, "tidb-cloud", &self.operations()?)
    }

    fn operations(&self) -> Result<String> {
        let mut table = "| API | operation | takes an owner |\n|---|---|---|".to_owned();
        for Operation { api, operation, changes } in &self.tidb_cloud {
            write!(table, "\n| {api} | {operation} | {} |", if *changes { "yes" } else { "no" })?;
        }
        Ok(table)
    }
}

/// `page` with `text` between the marks of `name`.
fn fill(page: &str, name: &str, text: &str) -> Result<String> {
    let marks = [format!("<!-- BEGIN {name} -->"), format!("<!-- END {name} -->")];
    let [begin, end] = &marks;
    let (head, rest) = page.split_once(begin).with_context(|| format!("{GUIDE} has no {begin}"))?;
    let (old, tail) = rest.split_once(end).with_context(|| format!("{GUIDE} has no {end}"))?;
    ensure!(!old.contains("<!-- BEGIN"), "{GUIDE}: {begin} does not end before the next begins");
    Ok(format!("{head}{begin}\n{text}\n{end}{tail}"))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may fail")]

    use super::*;

    #[test]
    fn what_is_between_the_marks_is_replaced_and_the_rest_is_left() {
        let page = "a\n<!-- BEGIN x -->\nold\n<!-- END x -->\nb\n<!-- BEGIN y -->\n<!-- END y -->\n";
        let filled = fill(page, "x", "new").unwrap();
        let expected = "a\n<!-- BEGIN x -->\nnew\n<!-- END x -->\nb\n<!-- BEGIN y -->\n<!-- END y -->\n";
        assert_eq!(filled, expected);
        assert_eq!(fill(&filled, "x", "new").unwrap(), expected);
        assert!(fill(page, "z", "new").is_err());
    }
}
