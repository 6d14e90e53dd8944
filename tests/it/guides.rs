//! The guides in `docs/guides`: complete configurations are examples that plan, and what is named exists.

use std::path::PathBuf;

use crate::examples::examples;
use crate::pages::{blocks, is_complete, pages_of, workspace};
use crate::support::Run;

/// The guide that comes first, in the Registry's list as in the folder.
const FIRST: &str = "console-to-hcl.md";

fn title(page: &str) -> &str {
    page.lines().find_map(|line| line.strip_prefix("page_title: ")).expect("a title")
}

/// An example as one text: what it is, what it takes, what it gives.
fn whole(example: &str) -> String {
    let file = |name| std::fs::read_to_string(examples().join(example).join(name)).unwrap();
    [file("main.tf"), file("variables.tf"), file("outputs.tf")].join("\n")
}

#[test]
fn the_walk_through_comes_first_by_title_and_by_name() {
    let guides = pages_of("guides");
    let first_by_title = guides.iter().min_by_key(|(_, page)| title(page)).unwrap();
    assert_eq!(guides[0].0, FIRST);
    assert_eq!(first_by_title.0, FIRST);
    for page in ["README.md", "docs/index.md"] {
        let text = std::fs::read_to_string(workspace().join(page)).unwrap();
        assert!(text.contains(FIRST), "{page} does not lead to it");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_block_of_a_guide_is_formatted() {
    let run = Run::new().await;
    for (name, page) in pages_of("guides") {
        for (number, block) in blocks(&page).into_iter().enumerate() {
            run.write(&format!("{}-{number}.tf", name.trim_end_matches(".md")), block);
        }
    }

    run.terraform(&["fmt", "-check", "-diff"]).await.succeeded();
}

#[tokio::test(flavor = "multi_thread")]
async fn every_complete_configuration_of_a_guide_is_an_example_that_plans() {
    let known = ["dedicated-aws", "starter-aws", "essential-alicloud", "fleet-aws"];
    let mut shown = Vec::new();
    for (name, page) in pages_of("guides") {
        for block in blocks(&page).into_iter().filter(|block| is_complete(block)) {
            let example = known.into_iter().find(|example| whole(example) == block);
            let example = example.unwrap_or_else(|| panic!("{name} shows what is in no example:\n{block}"));
            let run = Run::new().await;
            run.write("main.tf", block);
            let values = examples().join(example).join("sandbox.tfvars");
            run.write("terraform.tfvars", std::fs::read_to_string(values).unwrap());
            run.plan().await;
            shown.push((name.clone(), example));
        }
    }
    for example in &known[..3] {
        assert!(shown.contains(&(FIRST.to_owned(), *example)), "{example} is not on {FIRST}");
    }
}

#[test]
fn links_between_the_pages_lead_somewhere() {
    let mut pages: Vec<PathBuf> = vec![workspace().join("README.md"), workspace().join("docs/index.md")];
    pages.extend(pages_of("guides").into_iter().map(|(name, _)| workspace().join("docs/guides").join(name)));
    let mut followed = 0;
    for page in pages {
        let text = std::fs::read_to_string(&page).unwrap();
        for rest in text.split("](").skip(1) {
            let target = rest.split(')').next().unwrap();
            let (file, anchor) = target.split_once('#').unwrap_or((target, ""));
            if file.contains("://") {
                continue;
            }
            let there = if file.is_empty() { page.clone() } else { page.parent().unwrap().join(file) };
            assert!(there.exists(), "{} leads to {target}", page.display());
            if !anchor.is_empty() && there.is_file() {
                let text = std::fs::read_to_string(&there).unwrap();
                let found = text.lines().any(|line| is_heading(line, anchor))
                    || text.contains(&format!("id=\"{anchor}\""));
                assert!(found, "{} leads to {target}", page.display());
            }
            followed += 1;
        }
    }
    assert!(followed > 10, "{followed} links");
}

fn is_heading(line: &str, anchor: &str) -> bool {
    let Some(text) = line.strip_prefix('#') else { return false };
    let slug: String = text
        .trim_start_matches('#')
        .trim()
        .chars()
        .filter(|character| character.is_alphanumeric() || matches!(character, ' ' | '-'))
        .map(|character| if character == ' ' { '-' } else { character.to_ascii_lowercase() })
        .collect();
    slug == anchor
}

/// `tests/it/MODULE` and `src/MODULE` by the path of a test: the files that can hold it.
fn homes(path: &[&str]) -> Vec<PathBuf> {
    let mut homes = Vec::new();
    for root in ["tests/it", "src"] {
        let module = path.iter().fold(workspace().join(root), |folder, part| folder.join(part));
        homes.extend([module.with_extension("rs"), module.join("mod.rs"), module.join("tests.rs")]);
    }
    homes
}

fn is_a_test(path: &str) -> bool {
    let parts: Vec<_> = path.split("::").collect();
    let Some((function, module)) = parts.split_last() else { return false };
    homes(module).into_iter().filter_map(|file| std::fs::read_to_string(file).ok()).any(|source| {
        let lines: Vec<_> = source.lines().map(str::trim).collect();
        lines.iter().enumerate().any(|(number, line)| {
            let declared = line.trim_start_matches("async ").starts_with(&format!("fn {function}("));
            declared && number > 0 && lines[number - 1].contains("test")
        })
    })
}

#[test]
fn every_test_that_the_source_coverage_names_exists() {
    let (_, page) = pages_of("guides").into_iter().find(|(name, _)| name == "source-coverage.md").unwrap();
    let mut named = 0;
    for row in page.lines().filter(|line| line.starts_with("| ") && !line.starts_with("| the guide says")) {
        let cells: Vec<_> = row.trim_matches('|').split(" | ").collect();
        let [_, _, proof] = cells[..] else { panic!("not three cells: {row}") };
        let proof = proof.trim();
        if proof == "nothing to do here" {
            continue;
        }
        let tests: Vec<_> = proof.split('`').skip(1).step_by(2).collect();
        assert!(!tests.is_empty(), "no test proves: {row}");
        for test in tests {
            assert!(is_a_test(test), "there is no test {test}: {row}");
            named += 1;
        }
    }
    assert!(named > 40, "{named} tests");
}

#[test]
fn a_test_that_does_not_exist_is_noticed() {
    assert!(is_a_test("life::one_apply_makes_a_private_path_and_one_destroy_takes_it_away"));
    assert!(is_a_test("clouds::aws::preflight::fixes_come_as_hcl"));
    assert!(!is_a_test("life::one_apply_makes_two_private_paths"));
    assert!(!is_a_test("life::sorted"), "a helper is no test");
}
