//! The guides, which are written by hand: their titles, in the order in which the Registry lists them.

use std::fs;
use std::path::Path;

use anyhow::{Context as _, Result};

/// A page in `docs/guides`.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Guide {
    /// `page_title`, by which the Registry sorts.
    pub(super) title: String,
    /// The file's name.
    pub(super) file: String,
}

/// All guides, by title.
pub(super) fn all(workspace: &Path) -> Result<Vec<Guide>> {
    let folder = workspace.join("docs/guides");
    let mut guides = Vec::new();
    for entry in fs::read_dir(&folder).with_context(|| format!("cannot read {}", folder.display()))? {
        let file = entry?.file_name().to_string_lossy().into_owned();
        if !file.ends_with(".md") {
            continue;
        }
        let title = title_of(&fs::read_to_string(folder.join(&file))?)
            .with_context(|| format!("docs/guides/{file} has no `page_title` in its front matter"))?;
        guides.push(Guide { title, file });
    }
    guides.sort();
    Ok(guides)
}

fn title_of(page: &str) -> Option<String> {
    let matter = page.strip_prefix("---\n")?.split("\n---\n").next()?;
    let title = matter.lines().find_map(|line| line.strip_prefix("page_title:"))?;
    Some(title.trim().trim_matches('"').to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_title_is_that_of_the_front_matter_only() {
        let page = "---\npage_title: \"From here to there\"\nsubcategory: \"\"\n---\n\npage_title: \"no\"\n";
        assert_eq!(title_of(page).as_deref(), Some("From here to there"));
        assert_eq!(title_of("# page_title: no\n"), None);
        assert_eq!(title_of("---\nsubcategory: \"\"\n---\npage_title: \"no\"\n"), None);
    }
}
