//! The pages of `docs`: every block of HCL on them is planned, together with what the same page has shown before, in a sandbox
//! that has what the pages name. Lists, which are no part of a configuration, are tried where lists are tested.

use std::path::{Path, PathBuf};

use tidblink_sandbox::Event;
use tidblink_sandbox::default_world as ids;
use tidblink_sandbox::world::World;

use crate::support::config::{ENDPOINT, REQUIRED, SERVICE};
use crate::support::{Endpoint, Run};

/// The folders of `docs` whose pages show configurations, and `docs` itself.
const FOLDERS: [&str; 5] = ["", "data-sources", "functions", "guides", "resources"];

/// An endpoint that pages import or look at.
const SHOWN: &str = "vpce-0123456789abcdef0";

/// What pages leave to other providers, and what stands for it: for Dedicated clusters, and for Starter and Essential ones,
/// whose service is in another region.
const ELSEWHERE: [(&str, &str, &str); 8] = [
    ("aws_vpc_endpoint.app.id", "vpce-0a000000000000001", "vpce-0a000000000000001"),
    ("aws_vpc.main.id", ids::WEST_VPC_ID, ids::EAST_VPC_ID),
    ("aws_vpc.main.cidr_block", "10.10.0.0/16", "10.20.0.0/16"),
    ("aws_subnet.app[*].id", ids::WEST_SUBNET_AZ1, ids::EAST_SUBNET_AZ1),
    ("aws_security_group.tidb.id", ids::WEST_GROUP_OPEN, ids::EAST_GROUP_OPEN),
    ("alicloud_vpc.main.id", ids::ALICLOUD_VPC_ID, ids::ALICLOUD_VPC_ID),
    ("alicloud_vswitch.app[*].id", ids::ALICLOUD_VSWITCH_A, ids::ALICLOUD_VSWITCH_A),
    ("alicloud_security_group.tidb.id", ids::ALICLOUD_GROUP_OPEN, ids::ALICLOUD_GROUP_OPEN),
];

pub(crate) fn workspace() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The pages of a folder in `docs`, names and texts, in the order of the names.
pub(crate) fn pages_of(folder: &str) -> Vec<(String, String)> {
    let entries = std::fs::read_dir(workspace().join("docs").join(folder)).unwrap();
    let paths = entries.map(|entry| entry.unwrap().path());
    let pages = paths.filter(|path: &PathBuf| path.extension().is_some_and(|extension| extension == "md"));
    let mut pages: Vec<_> = pages
        .map(|path| {
            let name = path.file_name().unwrap().to_str().unwrap().to_owned();
            (name, std::fs::read_to_string(&path).unwrap())
        })
        .collect();
    pages.sort();
    pages
}

/// The blocks of HCL on a page.
pub(crate) fn blocks(page: &str) -> Vec<&str> {
    let fences = page.split("```terraform\n").skip(1);
    fences.map(|rest| rest.split_once("```").expect("a block ends").0).collect()
}

/// Whether a block says itself which provider it needs.
pub(crate) fn is_complete(block: &str) -> bool {
    block.contains("required_providers")
}

/// The endpoint that the pages name: somebody else made it, and it is registered.
async fn with_what_is_shown() -> Run {
    let run = Run::new().await;
    run.write("main.tf", Endpoint::new().hcl());
    run.apply().await;
    for address in [ENDPOINT, SERVICE] {
        run.terraform(&["state", "rm", address]).await.succeeded();
    }
    run.clouds.event(Event::PrivateDnsDisabled { endpoint_id: run.clouds.endpoint().endpoint_id });
    run.clouds.world(|world: &mut World| {
        let endpoint = &mut world.aws.endpoints[0];
        endpoint.tags.clear();
        SHOWN.clone_into(&mut endpoint.endpoint_id);
        SHOWN.clone_into(&mut world.tidb.connections[0].endpoint_id);
    });
    run
}

#[tokio::test(flavor = "multi_thread")]
async fn every_block_of_a_page_plans() {
    // Plans change nothing, so one sandbox does for all.
    let run = with_what_is_shown().await;
    let knows_identities = run.knows_identities().await;
    let mut planned = 0;
    for folder in FOLDERS {
        for (name, page) in pages_of(folder) {
            let (complete, fragments): (Vec<_>, Vec<_>) =
                blocks(&page).into_iter().partition(|block| is_complete(block));
            let known = |block: &&String| knows_identities || !block.contains("identity = {");
            let stages = stages(&fragments).into_iter().filter(|stage| !stage.is_empty());
            let stages = stages.map(|stage| stage.iter().filter(known).cloned().collect::<String>());
            let stages = stages.map(|stage| format!("{REQUIRED}{}", with_ids(&stage)));
            // Those of guides have variables, and are planned with values for them.
            let complete = complete.into_iter().filter(|_| folder != "guides").map(str::to_owned);
            for hcl in complete.chain(stages) {
                run.write("main.tf", &hcl);
                let outcome = run.try_plan().await;
                assert!(matches!(outcome.status.code(), Some(0 | 2)), "{folder}/{name}: {outcome}\n{hcl}");
                planned += 1;
            }
        }
    }
    assert!(planned > 15, "{planned} configurations");
}

/// Ids in place of what other providers would make, and this machine in place of a cluster that is looked at.
fn with_ids(hcl: &str) -> String {
    let is_shared = hcl.contains(ids::STARTER_CLUSTER_ID);
    let mut hcl = hcl.replace(&format!("host = {:?}", ids::DEDICATED_HOST), "host = \"127.0.0.1\"");
    for (theirs, dedicated, shared) in ELSEWHERE {
        let id = if is_shared { shared } else { dedicated };
        let ours = if theirs.contains("[*]") { format!("[{id:?}]") } else { format!("{id:?}") };
        hcl = hcl.replace(theirs, &ours);
    }
    hcl
}

/// The configurations that a reader has who goes along with a page: a block that is shown again in another form takes the
/// place of the first one.
fn stages(fragments: &[&str]) -> Vec<Vec<String>> {
    let mut stages = Vec::new();
    let mut now: Vec<String> = Vec::new();
    for fragment in fragments {
        let shown: Vec<String> = top_blocks(&without_other_providers(fragment));
        let again: Vec<String> = shown.iter().map(|block| subject(block)).collect();
        if now.iter().any(|block| again.contains(&subject(block))) {
            stages.push(now.clone());
            now.retain(|block| !again.contains(&subject(block)));
        }
        now.extend(shown);
    }
    stages.push(now);
    stages
}

/// What a block is about: its first line, and for those without a name the address that it is for.
fn subject(block: &str) -> String {
    let mut lines = block.lines().filter(|line| !line.starts_with('#'));
    let head = lines.next().unwrap_or_default();
    match head {
        "import {" | "moved {" | "removed {" => format!("{head} {}", lines.next().unwrap_or_default()),
        _ => head.to_owned(),
    }
}

/// The blocks of a text, each with the comment above it. A block begins and ends at its edge.
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
        "# About b.\noutput \"b\" {\n  value = 1\n}\n",
        "output \"a\" {\n  value = 2\n}\n",
    );
    assert_eq!(
        stages(&[a, b, again]),
        [vec![a.to_owned(), b.to_owned()], vec![b.to_owned(), again.to_owned()]]
    );
    let (one, two, other) =
        ("import {\n  to = a\n}\n", "import {\n  to = a\n  id = 1\n}\n", "import {\n  to = b\n}\n");
    assert_eq!(stages(&[one, other, two]), [vec![one, other], vec![other, two]]);
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
