//! Every message that a user can meet, in one file to be read in one sitting: `tests/snapshots/messages.txt`. It is made from
//! the places in the code that make messages, so none can be missing; `TIDBLINK_SNAPSHOTS=write` writes it anew.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use crate::support::{Endpoint, Run};

/// What begins a message, and in which files; what follows is read up to the end of the call.
const MAKERS: [(&str, &str); 18] = [
    (".error(", ""),
    (".warning(", ""),
    ("finding(", "src/clouds/"),
    ("on(", "src/diagnose/advice/"),
    ("general(", "src/diagnose/advice/"),
    ("push_str(", "src/diagnose/mod.rs"),
    ("let text = format!(", "src/functions/"),
    ("let detail = format!(", "src/functions/"),
    ("FunctionError::new(", "src/functions/"),
    ("refuse(", "src/functions/"),
    ("format!(", "src/endpoint_service/lookup.rs"),
    ("format!(", "src/private_endpoint/stumble.rs"),
    ("format!(", "src/private_endpoint/steps/view.rs"),
    ("format!(", "src/private_endpoint/status.rs"),
    ("format!(", "src/private_endpoint/existing.rs"),
    ("format!(", "src/private_endpoint/handover.rs"),
    ("format!(", "src/private_endpoint/update.rs"),
    ("refused(", "src/private_endpoint/moved.rs"),
];

fn workspace() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") && !path.ends_with("tests.rs") {
            found.push(path);
        }
    }
}

/// The texts in the arguments of a call, `source` beginning behind its opening parenthesis.
fn texts(source: &str) -> Vec<String> {
    call(source).0
}

/// How long the arguments of a call are.
fn length(source: &str) -> usize {
    call(source).1
}

fn call(source: &str) -> (Vec<String>, usize) {
    let bytes = source.as_bytes();
    let (mut at, mut depth, mut texts) = (0, 1, Vec::new());
    while at < bytes.len() && depth > 0 {
        match bytes[at] {
            b'(' => depth += 1,
            b')' => depth -= 1,
            b'/' if source[at..].starts_with("//") => at += source[at..].find('\n').unwrap_or(0),
            b'\'' if source[at + 1..].chars().nth(1) == Some('\'') => {
                at += source[at + 1..].chars().next().map_or(0, char::len_utf8) + 1;
            }
            b'"' => {
                let (text, length) = literal(&source[at + 1..]);
                texts.push(text);
                at += length;
            }
            _ => {}
        }
        at += 1;
    }
    (texts, at)
}

/// A string literal without its opening quote: what it says, and how long it is in the source.
fn literal(source: &str) -> (String, usize) {
    let (mut said, mut characters) = (String::new(), source.char_indices().peekable());
    while let Some((at, character)) = characters.next() {
        match character {
            '"' => return (said, at + 1),
            '\\' => match characters.next() {
                Some((_, 'n')) => said.push('\n'),
                Some((_, '\n')) => while characters.next_if(|(_, next)| next.is_whitespace()).is_some() {},
                Some((_, other)) => said.push(other),
                None => {}
            },
            other => said.push(other),
        }
    }
    (said, source.len())
}

/// What stands before a call, in the same function, and says what it is about: the last code or cause there.
fn label(before: &str) -> String {
    let begins = ["\nfn ", "\npub", "\nasync "].into_iter().filter_map(|word| before.rfind(word));
    let before = &before[begins.max().unwrap_or(0)..];
    let places = ["Code::", "Cause::", "ErrorKind::"].into_iter().filter_map(|prefix| before.rfind(prefix));
    let Some(at) = places.max() else { return String::new() };
    before[at..].chars().take_while(|c| c.is_alphanumeric() || *c == ':').collect()
}

/// Everything said in one file.
fn messages(name: &str, source: &str) -> Vec<(String, Vec<String>)> {
    let product = source.split("\n#[cfg(test)]\nmod tests {").next().unwrap();
    let mut found = Vec::new();
    for (maker, home) in MAKERS {
        if !name.starts_with(home) {
            continue;
        }
        for (at, _) in product.match_indices(maker) {
            let glued = product[..at].ends_with(|c: char| c.is_alphanumeric() || c == '_');
            if glued && !maker.starts_with('.') {
                continue;
            }
            let inside = &product[at + maker.len()..];
            let said: Vec<_> = texts(inside).into_iter().filter(|text| text.len() > 3).collect();
            if said.is_empty() || (maker.starts_with('.') && !is_coded(&product[..at])) {
                continue;
            }
            let about = match maker {
                "finding(" => inside.split(',').next().unwrap().trim().trim_start_matches('*').to_owned(),
                _ => label(&product[..at]),
            };
            found.push((at, at + maker.len() + length(inside), about, said));
        }
    }
    found.sort();
    // What is made inside of another message is part of it.
    let mut end = 0;
    found.retain(|(at, until, ..)| {
        let outside = *at >= end;
        end = end.max(*until);
        outside
    });
    found.into_iter().map(|(.., about, said)| (about, said)).collect()
}

/// Whether what stands before a call like `.error(` is a code.
fn is_coded(before: &str) -> bool {
    let before = before.trim_end();
    let word = before.rsplit(|c: char| !c.is_alphanumeric() && !"_:.".contains(c)).next().unwrap_or_default();
    word.starts_with("Code::") || word.ends_with(".code") || before.ends_with(')')
}

fn all() -> String {
    let mut files = Vec::new();
    sources(&workspace().join("src"), &mut files);
    files.sort();
    let mut page = String::from(
        "Every message that a user can meet. Words in braces stand for what is found. The first line of each is its summary.\n",
    );
    for file in files {
        let name = file.strip_prefix(workspace()).unwrap().to_str().unwrap().replace('\\', "/");
        let found = messages(&name, &fs::read_to_string(&file).unwrap());
        if found.is_empty() || name.starts_with("src/codes/") {
            continue;
        }
        let _ = write!(page, "\n== {name}\n");
        for (about, said) in found {
            let _ = write!(page, "\n[{about}]\n");
            for text in said {
                let _ = writeln!(page, "{}", text.trim());
            }
        }
    }
    page
}

#[test]
fn the_snapshot_of_all_messages_is_current() {
    let file = workspace().join("tests/snapshots/messages.txt");
    let now = all();
    if std::env::var("TIDBLINK_SNAPSHOTS").is_ok_and(|word| word == "write") {
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(&file, &now).unwrap();
    }
    let kept = fs::read_to_string(&file).unwrap_or_default();
    let changed = now.lines().zip(kept.lines()).find(|(now, kept)| now != kept);
    assert!(
        now == kept,
        "messages have changed, first here: {changed:?}. Read them, and write tests/snapshots/messages.txt anew with \
         TIDBLINK_SNAPSHOTS=write"
    );
}

#[test]
fn texts_are_read_as_the_compiler_reads_them() {
    let source = r#""One \"two\"", format!("three {x}\n\nfour \
        five", ")"), '"', ',') .at("six")"#;
    assert_eq!(texts(source), ["One \"two\"", "three {x}\n\nfour five", ")"]);
    let found = messages("src/x.rs", "fn f() { Code::Abc.error(\"Sum up\", \"Detail.\") }");
    assert_eq!(found, [("Code::Abc".to_owned(), vec!["Sum up".to_owned(), "Detail.".to_owned()])]);
}

#[tokio::test(flavor = "multi_thread")]
async fn every_message_ends_with_the_link_to_its_section() {
    let run = Run::new().await;
    let guide =
        "https://registry.terraform.io/providers/tidblink/tidblink/latest/docs/guides/troubleshooting";
    run.write("main.tf", Endpoint::new().vpc("vpc-0fffffffffffffff0").hcl());
    run.plan_fails().await.says(&format!("More about this: {guide}#vpc-not-found"));
    run.write("main.tf", Endpoint::new().cluster("12").hcl());
    run.plan_fails().await.says(&format!("More about this: {guide}#cluster-not-found"));
    // What the plugin layer says, too.
    run.write("main.tf", Endpoint::new().arguments("on_disconnect = \"x\"").hcl());
    run.plan_fails().await.says(&format!("More about this: {guide}#invalid-value"));
}
