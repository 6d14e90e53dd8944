//! The folder of kept inputs.

use std::path::{Path, PathBuf};

/// The kept inputs of a target, with the names of their files.
///
/// # Panics
/// When there are none: a target without a start finds nothing, and a folder that was not found is no reason to pass.
pub(crate) fn kept(name: &str) -> Vec<(String, Vec<u8>)> {
    let folder = corpus().join(name);
    let files = std::fs::read_dir(&folder)
        .unwrap_or_else(|error| panic!("{} cannot be read: {error}", folder.display()));
    let mut kept: Vec<_> = files
        .map(|file| {
            let path = file.unwrap_or_else(|error| panic!("{}: {error}", folder.display())).path();
            let input = std::fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
            (path.file_name().unwrap_or_default().to_string_lossy().into_owned(), input)
        })
        .collect();
    assert!(!kept.is_empty(), "{} is empty", folder.display());
    kept.sort();
    kept
}

/// Where the folder is: cargo starts tests in their package, so it is below or beside one of the folders above.
fn corpus() -> PathBuf {
    let here = std::env::current_dir().unwrap_or_default();
    let found = here.ancestors().map(|folder| folder.join("crates/fuzz/corpus")).find(|path| path.is_dir());
    found.unwrap_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus"))
}
