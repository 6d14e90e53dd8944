//! A private directory for one Unix socket. The permission of a directory is in place before the socket
//! exists, so there is no moment at which another user could connect. Both are removed when the value is
//! dropped.

use std::collections::hash_map::RandomState;
use std::fs::{self, DirBuilder, Permissions};
use std::hash::{BuildHasher as _, Hasher as _};
use std::os::unix::fs::{DirBuilderExt as _, PermissionsExt as _, chown};
use std::path::{Path, PathBuf};
use std::{io, process};

/// A directory that only this user may enter, and perhaps one group.
#[derive(Debug)]
pub(super) struct SocketDir {
    path: PathBuf,
}

impl SocketDir {
    /// Makes a new directory, mode 0700, below `parent`.
    pub(super) fn create(parent: &Path) -> io::Result<Self> {
        // A name that is taken is tried again with another one; guessing them all gains nothing but a failed
        // start.
        for _ in 0..16 {
            let random = RandomState::new().build_hasher().finish();
            let path = parent.join(format!("plugin{}-{:08x}", process::id(), random >> 32));
            match DirBuilder::new().mode(0o700).create(&path) {
                Ok(()) => return Ok(Self { path }),
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
                Err(error) => {
                    return Err(io::Error::new(
                        error.kind(),
                        format!("cannot make {}: {error}", path.display()),
                    ));
                }
            }
        }
        let text = format!("every name tried in {} is taken", parent.display());
        Err(io::Error::new(io::ErrorKind::AlreadyExists, text))
    }

    /// Where the socket goes.
    pub(super) fn socket(&self) -> PathBuf {
        self.path.join("s")
    }

    /// Makes the socket, which must exist, this user's alone. Nobody else gets as far as the socket anyway; this holds
    /// where somebody opens the directory later.
    pub(super) fn close_to_others(&self) -> io::Result<()> {
        fs::set_permissions(self.socket(), Permissions::from_mode(0o600))
    }

    /// Lets the members of `group`, a name or a number, use the socket, which must exist.
    pub(super) fn open_to_group(&self, group: &str) -> io::Result<()> {
        let id = group_id(group)?;
        for (path, mode) in [(self.socket(), 0o660), (self.path.clone(), 0o710)] {
            chown(&path, None, Some(id))?;
            fs::set_permissions(&path, Permissions::from_mode(mode))?;
        }
        Ok(())
    }
}

impl Drop for SocketDir {
    fn drop(&mut self) {
        // Nothing is left to do about a directory that cannot be removed when the process ends.
        let _ = fs::remove_file(self.socket());
        let _ = fs::remove_dir(&self.path);
    }
}

fn group_id(group: &str) -> io::Result<u32> {
    if let Ok(id) = group.parse() {
        return Ok(id);
    }
    find_group(&fs::read_to_string("/etc/group")?, group).ok_or_else(|| {
        let text = format!("there is no group {group:?} in /etc/group (a number is understood as well)");
        io::Error::new(io::ErrorKind::NotFound, text)
    })
}

/// Looks a group up in the text of `/etc/group`: `name:password:id:members`.
fn find_group(file: &str, name: &str) -> Option<u32> {
    file.lines().find_map(|line| {
        let mut fields = line.split(':');
        (fields.next() == Some(name)).then(|| fields.nth(1)?.parse().ok())?
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn the_directory_is_private_and_gone_afterwards() {
        let parent = tempfile::tempdir().unwrap();
        let dir = SocketDir::create(parent.path()).unwrap();
        let made = dir.socket().parent().unwrap().to_owned();
        assert_eq!(fs::metadata(&made).unwrap().permissions().mode() & 0o777, 0o700);
        fs::write(dir.socket(), "").unwrap();
        drop(dir);
        assert!(!made.exists());
    }

    #[test]
    fn a_group_may_enter_but_not_list() {
        let parent = tempfile::tempdir().unwrap();
        let dir = SocketDir::create(parent.path()).unwrap();
        fs::write(dir.socket(), "").unwrap();
        let own = std::os::unix::fs::MetadataExt::gid(&fs::metadata(dir.socket()).unwrap());
        dir.open_to_group(&own.to_string()).unwrap();
        assert_eq!(fs::metadata(&dir.path).unwrap().permissions().mode() & 0o777, 0o710);
        assert_eq!(fs::metadata(dir.socket()).unwrap().permissions().mode() & 0o777, 0o660);
    }

    #[test]
    fn groups_are_found_by_name() {
        let file = "root:x:0:\nbuild:x:998:alice,bob\n";
        assert_eq!(find_group(file, "build"), Some(998));
        assert_eq!(find_group(file, "alice"), None);
    }
}
