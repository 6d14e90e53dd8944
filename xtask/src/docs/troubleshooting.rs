//! `docs/guides/troubleshooting.md`: one section for each code that a message of the provider can bear, so that the link at
//! its end leads somewhere. The words are the provider's.

use std::fmt::Write as _;

use anyhow::{Result, ensure};

use super::page::NOTICE;
use super::schema::DiagnosticCode;

/// Its name in `docs/guides`.
pub(super) const FILE: &str = "troubleshooting.md";
/// Its title.
pub(super) const TITLE: &str = "Troubleshooting by error message";

const INTRODUCTION: &str = "Every error and warning of the provider ends with a link to its section here. The message itself \
    has the particulars: which side said what, what exists now, and the commands to go on. Headings are the codes at the end of \
    the links; they stay the same when words change, so they can be searched for in logs.\n\n\
    When a message does not explain itself, run again with `TF_LOG_PROVIDER=DEBUG`: the log shows every request and its request id, and \
    no secrets.";

/// The page.
pub(super) fn page(codes: &[DiagnosticCode]) -> Result<String> {
    ensure!(!codes.is_empty(), "the provider names no codes of its messages");
    let mut page = format!(
        "---\npage_title: \"{TITLE}\"\nsubcategory: \"\"\ndescription: |-\n  What each message of the provider means, and \
         what to do about it.\n---\n\n{NOTICE}\n\n# {TITLE}\n\n{INTRODUCTION}\n"
    );
    let mut group = "";
    for code in codes {
        if code.group != group {
            group = &code.group;
            write!(page, "\n## {group}\n")?;
        }
        write!(page, "\n### {}\n\n**{}.** {}\n", code.code, code.title, code.guide)?;
    }
    Ok(page)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code(code: &str, group: &str) -> DiagnosticCode {
        DiagnosticCode {
            code: code.to_owned(),
            group: group.to_owned(),
            title: "It broke".to_owned(),
            guide: "Mend it.".to_owned(),
        }
    }

    #[test]
    fn sections_are_called_as_their_codes_and_groups_come_once() {
        let page = page(&[code("a-b", "First"), code("c", "First"), code("d", "Second")]).unwrap();
        assert!(page.contains("\n## First\n\n### a-b\n\n**It broke.** Mend it.\n\n### c\n"), "{page}");
        assert_eq!(page.matches("\n## ").count(), 2);
    }
}
