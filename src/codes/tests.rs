use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use super::*;

fn sources() -> Vec<(PathBuf, String)> {
    fn walk(folder: &Path, found: &mut Vec<(PathBuf, String)>) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                walk(&path, found);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let text = fs::read_to_string(&path).unwrap();
                found.push((path, text));
            }
        }
    }
    let mut found = Vec::new();
    walk(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &mut found);
    found.retain(|(path, _)| path.parent().is_none_or(|parent| !parent.ends_with("codes")));
    found
}

/// The code of the product, without the tests below it.
fn product(source: &str) -> &str {
    source.split("\n#[cfg(test)]\nmod tests {").next().unwrap()
}

#[test]
fn codes_are_words_with_hyphens_and_differ() {
    let codes: BTreeSet<_> = Code::ALL.iter().map(|code| code.as_str()).collect();
    assert_eq!(codes.len(), Code::ALL.len());
    for code in Code::ALL {
        let text = code.as_str();
        assert!(text.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-'), "{text}");
        let named: String =
            text.split('-').flat_map(|word| [word[..1].to_uppercase(), word[1..].to_owned()]).collect();
        assert_eq!(format!("{code:?}"), named, "the variant is called as the code");
    }
}

#[test]
fn every_entry_says_what_it_is_and_what_to_do_in_sentences() {
    for code in Code::ALL {
        assert!(!code.title().ends_with('.') && code.title().len() > 10, "{code:?}: {}", code.title());
        assert!(code.guide().ends_with('.') && code.guide().len() > 30, "{code:?}: {}", code.guide());
        assert!(!code.guide().contains("  "), "{code:?}: {}", code.guide());
    }
}

#[test]
fn what_the_plugin_layer_says_by_itself_is_in_the_guide() {
    for code in tfplugin::diagnostics::codes::ALL {
        assert!(Code::ALL.iter().any(|known| *known == code), "{code}");
    }
}

#[test]
fn no_diagnostic_is_made_without_a_code() {
    for (path, source) in sources() {
        for making in
            ["Diagnostic::error(", "Diagnostic::warning(", "diagnostics.error(", "diagnostics.warning("]
        {
            assert!(!product(&source).contains(making), "{}: {making}…)", path.display());
        }
    }
}

#[test]
fn no_code_is_there_for_nothing() {
    let of_plugin = tfplugin::diagnostics::codes::ALL;
    let mut used =
        fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("src/codes/error.rs")).unwrap();
    for (_, source) in sources() {
        used.push_str(product(&source));
    }
    let is_used = |code: &Code| {
        let name = format!("Code::{code:?}");
        used.match_indices(&name)
            .any(|(at, _)| !used[at + name.len()..].starts_with(|next: char| next.is_alphanumeric()))
    };
    let idle: Vec<_> =
        Code::ALL.iter().filter(|code| !of_plugin.contains(&code.as_str()) && !is_used(code)).collect();
    assert!(idle.is_empty(), "{idle:?}");
}

#[test]
fn the_guide_has_a_section_for_every_code_and_none_besides() {
    let guide = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/guides/troubleshooting.md");
    let guide = fs::read_to_string(guide).unwrap();
    let sections: Vec<_> = guide.lines().filter_map(|line| line.strip_prefix("### ")).collect();
    let codes: Vec<_> = Code::ALL.iter().map(|code| code.as_str()).collect();
    assert_eq!(sections, codes);
    assert!(link(codes[0]).ends_with("/docs/guides/troubleshooting#missing-api-key"));
}
