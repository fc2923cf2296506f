//! Folders and small files of the data folder: made with the right owner and mode, replaced whole.

use std::fs::{DirBuilder, File, OpenOptions, Permissions};
use std::io::{ErrorKind, Read as _, Write as _};
use std::os::unix::fs::{
    DirBuilderExt as _, MetadataExt as _, OpenOptionsExt as _, PermissionsExt as _,
};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};
use nix::fcntl::OFlag;
use nix::unistd::Uid;

use crate::users::Account;

/// Makes a folder, or sets right the owner and mode of the one that is there.
///
/// # Errors
/// It cannot be made, or something else has that name (a link is something else).
pub(crate) fn folder(path: &Path, mode: u32, owner: &Account, group: u32) -> anyhow::Result<()> {
    match DirBuilder::new().mode(0o700).create(path) {
        Err(error) if error.kind() != ErrorKind::AlreadyExists => {
            return Err(error)
                .with_context(|| format!("The folder {} cannot be made", path.display()));
        }
        Ok(()) | Err(_) => {}
    }
    let found = path
        .symlink_metadata()
        .with_context(|| format!("{} cannot be looked at", path.display()))?;
    if !found.is_dir() {
        bail!("{} is in the way: a folder belongs there.", path.display());
    }
    if Uid::effective().is_root() && (found.uid(), found.gid()) != (owner.uid, group) {
        std::os::unix::fs::lchown(path, Some(owner.uid), Some(group))
            .with_context(|| format!("{} cannot be given to {}", path.display(), owner.name))?;
    }
    if found.mode() & 0o7777 != mode {
        std::fs::set_permissions(path, Permissions::from_mode(mode))
            .with_context(|| format!("The mode of {} cannot be set", path.display()))?;
    }
    Ok(())
}

/// Replaces a file as a whole: readers see the old or the new one. As root it is given to `owner`, if named.
///
/// # Errors
/// The folder cannot be written.
pub(crate) fn replace(
    path: &Path,
    bytes: &[u8],
    mode: u32,
    owner: Option<&Account>,
) -> anyhow::Result<()> {
    let next = beside(path);
    let write = || -> std::io::Result<()> {
        let _ = std::fs::remove_file(&next);
        let mut file = OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(mode)
            .open(&next)?;
        file.write_all(bytes)?;
        if let Some(owner) = owner
            && Uid::effective().is_root()
        {
            std::os::unix::fs::fchown(&file, Some(owner.uid), Some(owner.gid))?;
        }
        file.set_permissions(Permissions::from_mode(mode))?;
        file.sync_all()?;
        std::fs::rename(&next, path)?;
        path.parent()
            .map_or(Ok(()), |folder| File::open(folder)?.sync_all())
    };
    write().with_context(|| format!("{} cannot be written", path.display()))
}

fn beside(path: &Path) -> PathBuf {
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(".new");
    path.with_file_name(name)
}

/// Reads a small file that another user may have written: no link is followed, no more than `bytes_max` are read.
///
/// # Errors
/// It is missing, a link, or larger.
pub(crate) fn read_bounded(path: &Path, bytes_max: u64) -> anyhow::Result<Vec<u8>> {
    let file = OpenOptions::new()
        .read(true)
        .custom_flags((OFlag::O_NOFOLLOW | OFlag::O_NONBLOCK).bits())
        .open(path)
        .with_context(|| format!("{} cannot be opened", path.display()))?;
    let mut bytes = Vec::new();
    file.take(bytes_max + 1)
        .read_to_end(&mut bytes)
        .with_context(|| format!("{} cannot be read", path.display()))?;
    if bytes.len() as u64 > bytes_max {
        bail!("{} is larger than {bytes_max} bytes.", path.display());
    }
    Ok(bytes)
}

/// Paths in a sentence.
pub(crate) fn listed(paths: &[PathBuf]) -> String {
    let shown: Vec<String> = paths
        .iter()
        .map(|path| path.display().to_string())
        .collect();
    shown.join(", ")
}

#[cfg(test)]
pub(crate) mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]
    use super::*;
    use std::sync::atomic::{AtomicU32, Ordering};

    /// A new folder of this test run.
    pub(crate) fn scratch() -> PathBuf {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        let path = PathBuf::from(format!(
            "/tmp/clerestory-unit-{}-{number}",
            std::process::id()
        ));
        let _ = std::fs::remove_dir_all(&path);
        std::fs::create_dir(&path).unwrap();
        path
    }

    fn me() -> Account {
        let user = nix::unistd::User::from_uid(Uid::effective())
            .unwrap()
            .unwrap();
        user.into()
    }

    #[test]
    fn a_file_is_replaced_with_its_mode_and_nothing_is_left_beside_it() {
        let folder = scratch();
        let file = folder.join("a");
        std::fs::write(&file, "old").unwrap();
        replace(&file, b"new", 0o600, Some(&me())).unwrap();
        assert_eq!(std::fs::read(&file).unwrap(), b"new");
        assert_eq!(file.metadata().unwrap().mode() & 0o777, 0o600);
        assert_eq!(std::fs::read_dir(&folder).unwrap().count(), 1);
        std::fs::remove_dir_all(folder).unwrap();
    }

    #[test]
    fn links_and_large_files_are_not_read() {
        let folder = scratch();
        std::fs::write(folder.join("large"), [7; 11]).unwrap();
        std::os::unix::fs::symlink("/etc/hostname", folder.join("link")).unwrap();
        assert!(read_bounded(&folder.join("large"), 10).is_err());
        assert_eq!(read_bounded(&folder.join("large"), 11).unwrap(), [7; 11]);
        assert!(read_bounded(&folder.join("link"), 10_000).is_err());
        std::fs::remove_dir_all(folder).unwrap();
    }

    #[test]
    fn a_folder_gets_its_mode_and_a_link_in_its_place_is_refused() {
        let parent = scratch();
        let path = parent.join("f");
        folder(&path, 0o750, &me(), me().gid).unwrap();
        folder(&path, 0o700, &me(), me().gid).unwrap();
        assert_eq!(path.metadata().unwrap().mode() & 0o777, 0o700);
        std::os::unix::fs::symlink("/tmp", parent.join("link")).unwrap();
        assert!(folder(&parent.join("link"), 0o700, &me(), me().gid).is_err());
        std::fs::remove_dir_all(parent).unwrap();
    }
}
