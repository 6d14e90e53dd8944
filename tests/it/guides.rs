//! The guides in `docs/guides`: what they show must be right, and what they name must exist.

use std::path::{Path, PathBuf};

use crate::examples::examples;
use crate::support::Run;

/// The guide that comes first, in the Registry's list as in the folder.
const FIRST: &str = "console-to-hcl.md";

/// What the guides leave to other providers, and what stands for it here.
const ELSEWHERE: [(&str, &str); 8] = [
    ("aws_vpc_endpoint.app.id", "\"vpce-0a000000000000001\""),
    ("aws_vpc.main.id", "\"vpc-0a000000000000001\""),
    ("aws_vpc.main.cidr_block", "\"10.10.0.0/16\""),
    ("aws_subnet.app[*].id", "[\"subnet-0a000000000000001\"]"),
    ("aws_security_group.tidb.id", "\"sg-0a000000000000001\""),
    ("alicloud_vpc.main.id", "\"vpc-t4nsandbox00000000001\""),
    ("alicloud_vswitch.app[*].id", "[\"vsw-t4nsandbox00000000001\"]"),
    ("alicloud_security_group.tidb.id", "\"sg-t4nsandbox0000000001\""),
];

const REQUIRED: &str = "terraform {\n  required_providers {\n    tidblink = {\n      source = \"tidblink/tidblink\"\n    }\n  }\n}\n";

fn workspace() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Names and texts, in the order of the names.
fn guides() -> Vec<(String, String)> {
    let folder = workspace().join("docs/guides");
    let mut guides: Vec<_> = std::fs::read_dir(&folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .map(|path| {
            let name = path.file_name().unwrap().to_str().unwrap().to_owned();
            (name, std::fs::read_to_string(&path).unwrap())
        })
        .collect();
    guides.sort();
    guides
}

/// The blocks of HCL on a page.
fn blocks(page: &str) -> Vec<&str> {
    let fences = page.split("```terraform\n").skip(1);
    fences.map(|rest| rest.split_once("```").expect("a block ends").0).collect()
}

fn is_complete(block: &str) -> bool {
    block.contains("required_providers")
}

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
    let guides = guides();
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
    for (name, page) in guides() {
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
    for (name, page) in guides() {
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

#[tokio::test(flavor = "multi_thread")]
async fn the_fragments_of_a_guide_make_a_valid_configuration() {
    for (name, page) in guides() {
        let fragments: Vec<_> = blocks(&page).into_iter().filter(|block| !is_complete(block)).collect();
        if fragments.is_empty() {
            continue;
        }
        let run = Run::new().await;
        let knows_identities = run.knows_identities().await;
        run.write("versions.tf", REQUIRED);
        for stage in stages(&fragments) {
            let mut hcl = stage.join("\n");
            for (theirs, ours) in ELSEWHERE {
                hcl = hcl.replace(theirs, ours);
            }
            if hcl.contains("identity = {") && !knows_identities {
                continue;
            }
            run.write("main.tf", &hcl);
            let outcome = run.terraform(&["validate", "-no-color"]).await;
            assert!(outcome.status.success(), "{name}: {outcome}\n{hcl}");
        }
    }
}

/// The configurations that a reader has who goes along with a guide: a block that is shown again in another form takes the
/// place of the first one.
fn stages(fragments: &[&str]) -> Vec<Vec<String>> {
    let mut stages = Vec::new();
    let mut now: Vec<String> = Vec::new();
    for fragment in fragments {
        let shown: Vec<String> = top_blocks(&without_other_providers(fragment));
        let head = |block: &String| block.lines().next().unwrap_or_default().to_owned();
        let named = |block: &String| !["import {", "moved {", "removed {"].contains(&head(block).as_str());
        let again: Vec<String> = shown.iter().filter(|block| named(block)).map(head).collect();
        if now.iter().any(|block| again.contains(&head(block))) {
            stages.push(now.clone());
            now.retain(|block| !again.contains(&head(block)));
        }
        now.extend(shown);
    }
    stages.push(now);
    stages
}

/// The blocks of a text. Each begins and ends at its edge.
fn top_blocks(hcl: &str) -> Vec<String> {
    let mut blocks = vec![String::new()];
    for line in hcl.lines().filter(|line| !line.is_empty()) {
        if let Some(block) = blocks.last_mut() {
            block.push_str(line);
            block.push('\n');
        }
        if line == "}" {
            blocks.push(String::new());
        }
    }
    blocks.retain(|block| !block.is_empty());
    blocks
}

#[test]
fn a_block_that_is_shown_again_takes_the_place_of_the_first() {
    let (a, b, again) = (
        "output \"a\" {\n  value = 1\n}\n",
        "output \"b\" {\n  value = 1\n}\n",
        "output \"a\" {\n  value = 2\n}\n",
    );
    assert_eq!(
        stages(&[a, b, again]),
        [vec![a.to_owned(), b.to_owned()], vec![b.to_owned(), again.to_owned()]]
    );
}

/// Without the resources of other providers. A block begins and ends at the edge of the text.
fn without_other_providers(hcl: &str) -> String {
    let mut kept = String::new();
    let mut skipping = false;
    for line in hcl.lines() {
        skipping |= line.starts_with("resource \"aws_") || line.starts_with("resource \"alicloud_");
        if !skipping {
            kept.push_str(line);
            kept.push('\n');
        }
        skipping &= line != "}";
    }
    kept
}

#[test]
fn links_between_the_pages_lead_somewhere() {
    let mut pages: Vec<PathBuf> = vec![workspace().join("README.md"), workspace().join("docs/index.md")];
    pages.extend(guides().into_iter().map(|(name, _)| workspace().join("docs/guides").join(name)));
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
    let (_, page) = guides().into_iter().find(|(name, _)| name == "source-coverage.md").unwrap();
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
