//! Everything that a run wrote: files of all kinds, plan archives unpacked, and what was printed.

use std::collections::BTreeMap;
use std::path::Path;

use super::terraform::Outcome;

/// Texts by where they were found.
#[derive(Default)]
pub(crate) struct Written(BTreeMap<String, Vec<u8>>);

impl Written {
    /// What a command printed.
    pub(crate) fn add_outcome(&mut self, outcome: &Outcome) {
        let number = self.0.len();
        for (stream, text) in [("stdout", &outcome.stdout), ("stderr", &outcome.stderr)] {
            self.0.insert(format!("{number}: {stream} of {}", outcome.command), text.clone().into_bytes());
        }
    }

    /// Some other text.
    pub(crate) fn add(&mut self, name: &str, text: impl Into<Vec<u8>>) {
        self.0.insert(name.to_owned(), text.into());
    }

    /// Every file below a folder but those whose path ends in one of `planted`, which the test wrote itself.
    pub(crate) fn add_folder(&mut self, folder: &Path, planted: &[&str]) {
        for entry in std::fs::read_dir(folder).expect("a readable folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                self.add_folder(&path, planted);
            } else if !path.is_symlink() && !planted.iter().any(|planted| path.ends_with(planted)) {
                let bytes = std::fs::read(&path).expect("a readable file");
                for (name, part) in entries(&bytes) {
                    // Terraform's copy of the configuration, as the test wrote it.
                    if !planted.iter().any(|planted| Path::new(&name).ends_with(planted)) {
                        self.0.insert(format!("{}!{name}", path.display()), part);
                    }
                }
                self.0.insert(path.display().to_string(), bytes);
            }
        }
    }

    /// How many places there are whose name contains `part`.
    pub(crate) fn count(&self, part: &str) -> usize {
        self.0.keys().filter(|name| name.contains(part)).count()
    }

    /// Whether one of the places whose name contains `part` has this text.
    pub(crate) fn has(&self, part: &str, text: &str) -> bool {
        self.0.iter().any(|(name, bytes)| name.contains(part) && contains(bytes, text))
    }

    /// # Panics
    /// When a secret is written anywhere; the message says where and what stands around it.
    #[track_caller]
    pub(crate) fn assert_without<'a>(&self, secrets: impl IntoIterator<Item = (&'a str, &'a str)>) {
        let mut found = Vec::new();
        for (kind, secret) in secrets {
            assert!(secret.len() >= 8, "{kind}: {secret:?} is too short to be looked for");
            for (name, bytes) in &self.0 {
                if let Some(place) = bytes.windows(secret.len()).position(|part| part == secret.as_bytes()) {
                    let around =
                        &bytes[place.saturating_sub(300)..bytes.len().min(place + secret.len() + 60)];
                    found.push(format!("{kind} in {name}: …{}…", String::from_utf8_lossy(around)));
                }
            }
        }
        assert!(found.is_empty(), "{} leaks:\n{}", found.len(), found[..found.len().min(12)].join("\n\n"));
    }
}

fn contains(bytes: &[u8], text: &str) -> bool {
    bytes.windows(text.len()).any(|part| part == text.as_bytes())
}

/// The files in a zip archive, by its central directory (PKWARE APPNOTE, 4.3.12); none when it is not one.
fn entries(archive: &[u8]) -> Vec<(String, Vec<u8>)> {
    let mut entries = Vec::new();
    if !archive.starts_with(b"PK\x03\x04") {
        return entries;
    }
    let number = |at: usize, length: usize| {
        archive[at..at + length].iter().rev().fold(0, |number, byte| number << 8 | usize::from(*byte))
    };
    let end = archive.windows(4).rposition(|part| part == b"PK\x05\x06").expect("an end of the directory");
    let (count, mut at) = (number(end + 10, 2), number(end + 16, 4));
    for _ in 0..count {
        assert_eq!(&archive[at..at + 4], b"PK\x01\x02");
        let (method, packed) = (number(at + 10, 2), number(at + 20, 4));
        let (name, extra, comment) = (number(at + 28, 2), number(at + 30, 2), number(at + 32, 2));
        let local = number(at + 42, 4);
        let data = local + 30 + number(local + 26, 2) + number(local + 28, 2);
        let data = &archive[data..data + packed];
        let content = match method {
            0 => data.to_vec(),
            8 => miniz_oxide::inflate::decompress_to_vec(data).expect("deflated data"),
            other => panic!("zip method {other}"),
        };
        entries.push((String::from_utf8_lossy(&archive[at + 46..at + 46 + name]).into_owned(), content));
        at += 46 + name + extra + comment;
    }
    entries
}
