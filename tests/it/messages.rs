//! Every message that a user can meet, in one file to be read in one sitting: `tests/snapshots/messages.txt`. It is made from
//! the string literals of the sources, so none can be missing; `TIDBLINK_SNAPSHOTS=write` writes it anew. What only the logs,
//! the documentation's pages or a failed assertion say is left out.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use proc_macro2::{Delimiter, TokenStream, TokenTree};

use crate::support::{Endpoint, Run};

/// Where messages come from: the provider, and the plugin layer under it.
const ROOTS: [&str; 2] = ["src", "crates/tfplugin/src"];

/// What speaks to others: tests, the tables that have pages of their own, and what helps to test providers.
const ASIDE: [&str; 8] =
    ["tests", "tests.rs", "fuzz.rs", "testing", "testing.rs", "against_sandbox.rs", "codes", "checks"];

/// Macros whose words go to the log or mean a mistake in the program.
const LOGS: [&str; 12] = [
    "assert",
    "assert_eq",
    "assert_ne",
    "debug",
    "debug_span",
    "error",
    "info",
    "info_span",
    "panic",
    "trace",
    "unreachable",
    "warn",
];

/// Pages that show what the schema says, so its words are read there.
const SCHEMA_PAGES: [&str; 4] = ["data-sources", "functions", "list-resources", "resources"];

fn workspace() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The files under a folder that end in `extension`, sorted.
fn files(folder: &Path, extension: &str, found: &mut Vec<PathBuf>) {
    let mut entries: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    entries.sort();
    for path in entries {
        if path.file_name().is_some_and(|name| ASIDE.iter().any(|aside| name == *aside)) {
            continue;
        }
        if path.is_dir() {
            files(&path, extension, found);
        } else if path.extension().is_some_and(|found| found == extension) {
            found.push(path);
        }
    }
}

/// Words as one line, whatever breaks them in a source or on a page.
fn in_one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// All that the pages show of the schema.
fn schema_pages() -> String {
    let mut pages = vec![workspace().join("docs/index.md")];
    for folder in SCHEMA_PAGES {
        files(&workspace().join("docs").join(folder), "md", &mut pages);
    }
    pages.iter().map(|page| in_one_line(&fs::read_to_string(page).unwrap())).collect()
}

/// What one source file says: texts that belong together, under the code or cause they are about.
#[derive(Debug, Default, PartialEq)]
struct Sayings {
    /// The last code, cause or kind named in the function.
    about: String,
    said: Vec<(String, Vec<String>)>,
}

impl Sayings {
    fn of(source: &str) -> Self {
        let mut sayings = Self::default();
        sayings.walk(source.parse::<TokenStream>().unwrap());
        sayings
    }

    fn walk(&mut self, tokens: TokenStream) {
        let trees: Vec<_> = tokens.into_iter().collect();
        let mut at = 0;
        while at < trees.len() {
            let rest = &trees[at..];
            at += self.step(rest);
        }
    }

    /// Reads what `rest` begins with; how many token trees that was.
    fn step(&mut self, rest: &[TokenTree]) -> usize {
        if let Some((attribute, length)) = attribute(rest) {
            return length + self.attribute(attribute, &rest[length..]);
        }
        self.notice(rest);
        match rest {
            [TokenTree::Ident(name), TokenTree::Punct(bang), TokenTree::Group(_), ..]
                if bang.as_char() == '!' && LOGS.iter().any(|log| name == log) =>
            {
                3
            }
            [TokenTree::Ident(name), TokenTree::Group(_), ..] if name == "expect" => 2,
            [TokenTree::Group(group), ..] => {
                let call = group.delimiter() == Delimiter::Parenthesis;
                if call && says_something(group.stream()) {
                    self.call(group.stream());
                } else {
                    self.walk(group.stream());
                }
                1
            }
            [TokenTree::Literal(literal), ..] => {
                let text = text(literal).filter(|text| is_phrase(text));
                self.said.extend(text.map(|text| (self.about.clone(), vec![text])));
                1
            }
            _ => 1,
        }
    }

    /// The arguments of a call that says something: one message, with all that is made inside of it.
    fn call(&mut self, arguments: TokenStream) {
        let mut inner = Self { about: self.about.clone(), said: Vec::new() };
        let mut texts = Vec::new();
        inner.collect(arguments, &mut texts);
        if texts.iter().any(|text| is_phrase(text)) {
            self.said.push((inner.about, texts));
        }
    }

    fn collect(&mut self, tokens: TokenStream, texts: &mut Vec<String>) {
        let trees: Vec<_> = tokens.into_iter().collect();
        for (at, tree) in trees.iter().enumerate() {
            self.notice(&trees[at..]);
            match tree {
                TokenTree::Group(group) => self.collect(group.stream(), texts),
                TokenTree::Literal(literal) => {
                    texts.extend(text(literal).filter(|text| text.contains([' ', '{']) && text.len() > 3));
                }
                _ => {}
            }
        }
    }

    /// Keeps in mind which code is talked about; a new item talks about none.
    fn notice(&mut self, rest: &[TokenTree]) {
        match rest {
            [TokenTree::Ident(word), ..] if word == "fn" || word == "enum" => self.about.clear(),
            [
                TokenTree::Ident(family),
                TokenTree::Punct(a),
                TokenTree::Punct(b),
                TokenTree::Ident(name),
                ..,
            ] if (a.as_char(), b.as_char()) == (':', ':')
                && ["Code", "Cause", "ErrorKind"].iter().any(|known| family == known) =>
            {
                self.about = format!("{family}::{name}");
            }
            _ => {}
        }
    }

    /// An attribute: an error's words are read, and what is only there for tests is passed over. How much of `rest` that was.
    fn attribute(&mut self, attribute: TokenStream, rest: &[TokenTree]) -> usize {
        let words: Vec<_> = attribute.into_iter().collect();
        match &words[..] {
            [TokenTree::Ident(name), TokenTree::Group(inside)] if name == "error" => {
                self.walk(inside.stream())
            }
            [TokenTree::Ident(name), TokenTree::Group(inside)]
                if name == "cfg" && inside.stream().to_string().starts_with("test") =>
            {
                let ends = |tree: &TokenTree| match tree {
                    TokenTree::Group(group) => group.delimiter() == Delimiter::Brace,
                    TokenTree::Punct(punct) => punct.as_char() == ';',
                    _ => false,
                };
                return rest.iter().position(ends).map_or(rest.len(), |at| at + 1);
            }
            _ => {}
        }
        0
    }
}

/// The inside of an attribute that the tokens begin with, and how many tokens it takes.
fn attribute(rest: &[TokenTree]) -> Option<(TokenStream, usize)> {
    let is = |tree: &TokenTree, mark| matches!(tree, TokenTree::Punct(punct) if punct.as_char() == mark);
    match rest {
        [hash, TokenTree::Group(group), ..] if is(hash, '#') => Some((group.stream(), 2)),
        [hash, bang, TokenTree::Group(group), ..] if is(hash, '#') && is(bang, '!') => {
            Some((group.stream(), 3))
        }
        _ => None,
    }
}

/// Whether a call gets words as they are, and not only something that is made of words.
fn says_something(arguments: TokenStream) -> bool {
    let trees: Vec<_> = arguments.into_iter().collect();
    trees.iter().enumerate().any(|(at, tree)| match tree {
        TokenTree::Literal(literal) => text(literal).is_some_and(|text| text.contains(' ')),
        TokenTree::Ident(name) => name == "format" && matches!(trees.get(at + 1), Some(TokenTree::Punct(_))),
        _ => false,
    })
}

/// What a string literal says.
fn text(literal: &proc_macro2::Literal) -> Option<String> {
    match syn::Lit::new(literal.clone()) {
        syn::Lit::Str(text) => Some(text.value()),
        _ => None,
    }
}

/// Whether words are said to somebody: three at least, and not all of them places for values.
fn is_phrase(text: &str) -> bool {
    text.split_whitespace().count() >= 3 && text.chars().filter(|letter| letter.is_alphabetic()).count() > 6
}

fn all() -> String {
    let shown = schema_pages();
    let mut page = String::from(
        "Every message that a user can meet. Words in braces stand for what is found. The first line of each is its summary,\n\
         unless it is a part of one.\n",
    );
    let mut sources = Vec::new();
    for root in ROOTS {
        files(&workspace().join(root), "rs", &mut sources);
    }
    for file in sources {
        let name = file.strip_prefix(workspace()).unwrap().to_str().unwrap().replace('\\', "/");
        let mut said = Sayings::of(&fs::read_to_string(&file).unwrap()).said;
        said.retain(|(_, texts)| {
            !texts.iter().any(|text| is_phrase(text) && shown.contains(&in_one_line(text)))
        });
        if said.is_empty() {
            continue;
        }
        let _ = write!(page, "\n== {name}\n");
        // What stands alone goes on under its label; a whole message has one of its own.
        let mut open = None;
        for (about, texts) in said {
            let whole = texts.len() > 1;
            if whole || open.as_ref() != Some(&about) {
                let _ = write!(page, "\n[{about}]\n");
            }
            for text in texts {
                let _ = writeln!(page, "{}", text.trim());
            }
            open = (!whole).then_some(about);
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
fn words_are_found_wherever_the_sources_hold_them() {
    let source = r##"
        /// Words of a comment.
        fn f() {
            let x = Code::Abc.error("Sum up", format!("It is {x}, \
                \"not\" {}.", if y { "one" } else { "another of them" }));
            info!("only the log hears this");
            assert!(x, "only a mistake says this");
            match x { 'x' => "a phrase alone", _ => r#"a "raw" one"# }
        }
        #[derive(Error)]
        enum E { #[error("words of an error")] A }
        fn g() { note("what stands alone") }
        #[cfg(test)]
        mod tests { fn h() { note("words of a test") } }
    "##;
    let block =
        |about: &str, texts: &[&str]| (about.to_owned(), texts.iter().map(|&text| text.to_owned()).collect());
    assert_eq!(
        Sayings::of(source).said,
        [
            block("Code::Abc", &["Sum up", "It is {x}, \"not\" {}.", "another of them"]),
            block("Code::Abc", &["a phrase alone"]),
            block("Code::Abc", &["a \"raw\" one"]),
            block("", &["words of an error"]),
            block("", &["what stands alone"]),
        ]
    );
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
