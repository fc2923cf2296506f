//! Files that are on the disk when the call returns.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::Path;

/// Permissions of every file written here: the owner alone.
const FILE_MODE: u32 = 0o600;
/// Permissions of every folder made here.
const FOLDER_MODE: u32 = 0o700;

/// Writes `bytes` to `path`, replacing it, and syncs the file. The folder's entry is not synced.
pub(crate) fn file_write(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut file = OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(FILE_MODE)
        .open(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}

/// Replaces `path` as a whole by way of `path` with `.tmp` added; afterwards the old or the new bytes are there,
/// and the new ones once this returns.
pub(crate) fn file_replace(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let temporary = temporary(path);
    file_write(&temporary, bytes)?;
    fs::rename(&temporary, path)?;
    folder_sync_of(path)
}

/// Creates `path` with `bytes` as a whole, or fails with `AlreadyExists`. Linking a finished file is what makes
/// creation and content one step.
pub(crate) fn file_create_new(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let temporary = temporary(path);
    file_write(&temporary, bytes)?;
    let linked = fs::hard_link(&temporary, path);
    fs::remove_file(&temporary)?;
    linked?;
    folder_sync_of(path)
}

/// `path` with `.tmp` added.
pub(crate) fn temporary(path: &Path) -> std::path::PathBuf {
    path.with_added_extension("tmp")
}

/// Syncs a folder, so that names made in it or removed from it stay so.
pub(crate) fn folder_sync(path: &Path) -> io::Result<()> {
    File::open(path)?.sync_all()
}

/// Syncs the folder that holds `path`.
pub(crate) fn folder_sync_of(path: &Path) -> io::Result<()> {
    match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => folder_sync(parent),
        Some(_) | None => folder_sync(Path::new(".")),
    }
}

/// Makes a folder for the owner alone, with its missing parents, each synced into the one above.
pub(crate) fn folder_create(path: &Path) -> io::Result<()> {
    if path.is_dir() {
        return Ok(());
    }
    if let Some(parent) = path.parent()
        && !parent.as_os_str().is_empty()
    {
        folder_create(parent)?;
    }
    match fs::create_dir(path) {
        Ok(()) => fs::set_permissions(path, fs::Permissions::from_mode(FOLDER_MODE))?,
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => return Ok(()),
        Err(error) => return Err(error),
    }
    folder_sync_of(path)
}

/// Unlinks a file; one that is not there is fine. Returns whether it was there. Nothing is overwritten first:
/// journals, copy-on-write and flash controllers keep the old blocks anyway. What dies is a wrapped key, and
/// its wrapping key dies at the next rotation.
pub(crate) fn file_remove(path: &Path) -> io::Result<bool> {
    match fs::remove_file(path) {
        Ok(()) => Ok(true),
        Err(error) if is_missing(&error) => Ok(false),
        Err(error) => Err(error),
    }
}

/// Whether the error says that the file or a folder above it is not there.
pub(crate) fn is_missing(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::NotFound | io::ErrorKind::NotADirectory
    )
}

/// What to do about what the system said, to follow its words in a message.
pub(crate) fn remedy(error: &io::Error) -> &'static str {
    const REMEDIES: [(io::ErrorKind, &str); 6] = [
        (
            io::ErrorKind::NotFound,
            "; put it back, or see that its disk is mounted",
        ),
        (
            io::ErrorKind::PermissionDenied,
            "; give it to the user who runs this, with chown",
        ),
        (
            io::ErrorKind::AlreadyExists,
            "; it is never replaced: move it away first, if it is the wrong one",
        ),
        (io::ErrorKind::StorageFull, "; make room on its disk"),
        (io::ErrorKind::QuotaExceeded, "; make room on its disk"),
        (
            io::ErrorKind::ReadOnlyFilesystem,
            "; see why its disk can be read alone",
        ),
    ];
    REMEDIES
        .iter()
        .find(|(kind, _)| *kind == error.kind())
        .map_or("; see that its disk is sound", |(_, remedy)| remedy)
}

/// Opens a file of secrets that nobody but its owner may read, and reads at most `limit` bytes.
pub(crate) fn secret_read(
    path: &Path,
    limit: u64,
) -> Result<zeroize::Zeroizing<Vec<u8>>, crate::VaultError> {
    use std::io::Read;
    let refuse = |why: String| crate::VaultError::SecretFile {
        path: path.to_owned(),
        why,
    };
    let file = File::open(path).map_err(crate::VaultError::disk("open", path))?;
    let metadata = file
        .metadata()
        .map_err(crate::VaultError::disk("look at", path))?;
    if !metadata.is_file() {
        return Err(refuse("it is not a file; put the file back there".into()));
    }
    let mode = metadata.permissions().mode() & 0o777;
    if mode & 0o077 != 0 {
        return Err(refuse(format!(
            "others may read or write it (mode {mode:03o}); run: chmod 600 {}",
            path.display()
        )));
    }
    if metadata.len() > limit {
        return Err(refuse(format!(
            "it has {} bytes where at most {limit} are expected; move it away, and put the right one back",
            metadata.len()
        )));
    }
    // Reserved in full, so that growing leaves no copy behind.
    let mut bytes =
        zeroize::Zeroizing::new(Vec::with_capacity(usize::try_from(limit).unwrap_or(0) + 1));
    file.take(limit)
        .read_to_end(&mut bytes)
        .map_err(crate::VaultError::disk("read", path))?;
    Ok(bytes)
}
