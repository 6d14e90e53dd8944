//! The directory that notes are kept in. A real provider has the client of an API here.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::{self, ErrorKind};
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

/// A directory of notes.
pub(crate) struct Store {
    directory: PathBuf,
}

/// A note in its file.
#[derive(Deserialize, Serialize)]
pub(crate) struct StoredNote {
    pub(crate) text: String,
    pub(crate) format: String,
    pub(crate) title: Option<String>,
    pub(crate) author: Option<String>,
    pub(crate) labels: Option<BTreeSet<String>>,
}

impl Store {
    /// The notes in `directory`.
    pub(crate) fn new(directory: impl Into<PathBuf>) -> Self {
        Self { directory: directory.into() }
    }

    /// Writes a note that must not exist.
    pub(crate) fn create(&self, name: &str, note: &StoredNote) -> io::Result<()> {
        fs::create_dir_all(&self.directory)?;
        serde_json::to_writer_pretty(File::create_new(self.file(name))?, note).map_err(io::Error::from)
    }

    /// Reads a note, if it exists.
    pub(crate) fn read(&self, name: &str) -> io::Result<Option<StoredNote>> {
        match fs::read(self.file(name)) {
            Ok(bytes) => Ok(Some(serde_json::from_slice(&bytes)?)),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// The names of all notes, in order.
    pub(crate) fn names(&self) -> io::Result<Vec<String>> {
        let entries = match fs::read_dir(&self.directory) {
            Ok(entries) => entries,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(error),
        };
        let mut names = Vec::new();
        for entry in entries {
            let file = entry?.file_name();
            names.extend(file.to_str().and_then(|file| file.strip_suffix(".json")).map(str::to_owned));
        }
        names.sort_unstable();
        Ok(names)
    }

    /// Writes a note that exists.
    pub(crate) fn replace(&self, name: &str, note: &StoredNote) -> io::Result<()> {
        fs::write(self.file(name), serde_json::to_vec_pretty(note)?)
    }

    /// Removes a note. One that is gone is fine.
    pub(crate) fn delete(&self, name: &str) -> io::Result<()> {
        match fs::remove_file(self.file(name)) {
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
            result => result,
        }
    }

    fn file(&self, name: &str) -> PathBuf {
        self.directory.join(format!("{name}.json"))
    }
}
