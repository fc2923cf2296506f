//! A key place that is a folder of small files.
//!
//! ```text
//! ROOT/place                                  how far the tombstones are applied
//! ROOT/CLINIC/VERSION/clinic.key              the clinic's key, wrapped by the root key
//! ROOT/CLINIC/VERSION/LAST BYTE/UNIT.key      a unit's key, wrapped by that clinic key
//! ```
//!
//! A key file is the wrapped key and the first eight bytes of its SHA-256, so that a damaged copy is told from a
//! sound one without any key. The folder is there if `ROOT/place` is.

use std::fs;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;

use ledger::{ClinicId, UnitId, UnixMicros};
use uuid::Uuid;

use super::{Applied, KeyName, KeyPlace, Listed, PlaceError};
use crate::disk;
use ledger::{hex, hex_decode, sha256};

const MARKER: &str = "place";
const MARKER_FORMAT: &str = "clerestory-key-place-1";
const CLINIC_FILE: &str = "clinic.key";
const CHECK_LEN: usize = 8;
/// A wrapped key has 61 bytes; whatever is longer than this is none of ours.
const FILE_LIMIT: u64 = 1024;

/// A folder as a key place. Put it on a file system that keeps no snapshots, and into no backup with history.
pub struct FolderPlace {
    root: PathBuf,
    name: String,
}

impl FolderPlace {
    /// The place at `root`, which need not exist yet: opening the key store makes it.
    pub fn new(root: impl Into<PathBuf>) -> FolderPlace {
        let root = root.into();
        let name = root.display().to_string();
        FolderPlace { root, name }
    }

    fn marker(&self) -> PathBuf {
        self.root.join(MARKER)
    }

    fn clinic_folder(&self, clinic: ClinicId) -> PathBuf {
        self.root.join(
            clinic
                .0
                .as_hyphenated()
                .encode_lower(&mut Uuid::encode_buffer()),
        )
    }

    fn version_folder(&self, clinic: ClinicId, version: u32) -> PathBuf {
        self.clinic_folder(clinic).join(version.to_string())
    }

    fn file(&self, clinic: ClinicId, name: KeyName) -> PathBuf {
        let mut path = self.version_folder(clinic, name.version());
        match name {
            KeyName::Clinic { .. } => path.push(CLINIC_FILE),
            KeyName::Unit { unit, .. } => {
                // The last byte is random in every version of UUID; 256 folders keep each small.
                path.push(hex(&unit.0.as_bytes()[15..]));
                path.push(format!("{}.key", unit.0.as_hyphenated()));
            }
        }
        path
    }

    fn present(&self) -> Result<(), PlaceError> {
        match fs::metadata(self.marker()) {
            Ok(_) => Ok(()),
            Err(error) if disk::is_missing(&error) => Err(PlaceError::Away),
            Err(error) => Err(error.into()),
        }
    }
}

impl KeyPlace for FolderPlace {
    fn name(&self) -> &str {
        &self.name
    }

    fn applied(&self) -> Result<Applied, PlaceError> {
        let text = match fs::read_to_string(self.marker()) {
            Ok(text) => text,
            Err(error) if disk::is_missing(&error) => return Err(PlaceError::Away),
            Err(error) => return Err(error.into()),
        };
        marker_parse(&text).ok_or_else(|| {
            PlaceError::Malformed(format!("{} has another format", self.marker().display()))
        })
    }

    fn applied_set(&self, applied: &Applied) -> Result<(), PlaceError> {
        self.present()?;
        let text = format!(
            "{MARKER_FORMAT}\n{} {}\n",
            applied.count,
            hex(&applied.chain)
        );
        Ok(disk::file_replace(&self.marker(), text.as_bytes())?)
    }

    fn create(&self) -> Result<(), PlaceError> {
        disk::folder_create(&self.root)?;
        let text = format!("{MARKER_FORMAT}\n0 {}\n", hex(&Applied::NONE.chain));
        Ok(disk::file_replace(&self.marker(), text.as_bytes())?)
    }

    fn put(&self, clinic: ClinicId, name: KeyName, bytes: &[u8]) -> Result<(), PlaceError> {
        self.present()?;
        let path = self.file(clinic, name);
        match self.get(clinic, name) {
            // It may have been renamed into place by a call that could not sync: sync again.
            Ok(Some(held)) if held == bytes => return Ok(disk::folder_sync_of(&path)?),
            Ok(Some(_)) => return Err(PlaceError::Conflict),
            Ok(None) => {}
            // A copy that fails its own check sum is nobody's key.
            Err(PlaceError::Damaged) => {}
            Err(error) => return Err(error),
        }
        if let Some(folder) = path.parent() {
            disk::folder_create(folder)?;
        }
        let framed = [bytes, &sha256(bytes)[..CHECK_LEN]].concat();
        Ok(disk::file_replace(&path, &framed)?)
    }

    fn get(&self, clinic: ClinicId, name: KeyName) -> Result<Option<Vec<u8>>, PlaceError> {
        match file_read(&self.file(clinic, name)) {
            Ok(framed) => unframe(framed).map(Some),
            // Looking for the marker only now keeps the common case at one file.
            Err(error) if disk::is_missing(&error) => self.present().map(|()| None),
            Err(error) => Err(error.into()),
        }
    }

    fn remove(&self, clinic: ClinicId, name: KeyName) -> Result<(), PlaceError> {
        self.present()?;
        let path = self.file(clinic, name);
        disk::file_remove(&path)?;
        disk::file_remove(&disk::temporary(&path))?;
        // Synced even if nothing was there: an earlier call may have unlinked it and failed to sync.
        missing_is_fine(disk::folder_sync_of(&path))
    }

    fn version_remove(&self, clinic: ClinicId, version: u32) -> Result<(), PlaceError> {
        self.remove(clinic, KeyName::Clinic { version })?;
        missing_is_fine(fs::remove_dir_all(self.version_folder(clinic, version)))?;
        missing_is_fine(disk::folder_sync(&self.clinic_folder(clinic)))
    }

    fn clinics(&self) -> Result<Vec<ClinicId>, PlaceError> {
        self.present()?;
        let names = names_in(&self.root)?;
        Ok(names
            .iter()
            .filter_map(|name| Uuid::try_parse(name).ok())
            .map(ClinicId)
            .collect())
    }

    fn versions(&self, clinic: ClinicId) -> Result<Vec<u32>, PlaceError> {
        self.present()?;
        let names = names_in(&self.clinic_folder(clinic))?;
        Ok(names.iter().filter_map(|name| name.parse().ok()).collect())
    }

    fn list(&self, clinic: ClinicId, version: u32) -> Result<Vec<Listed>, PlaceError> {
        self.present()?;
        let folder = self.version_folder(clinic, version);
        let mut listed = Vec::new();
        for name in names_in(&folder)? {
            if name == CLINIC_FILE {
                listed.extend(listed_at(&folder.join(name), KeyName::Clinic { version })?);
                continue;
            }
            let shard = folder.join(name);
            if !shard.is_dir() {
                continue;
            }
            for file in names_in(&shard)? {
                if let Some(unit) = file
                    .strip_suffix(".key")
                    .and_then(|unit| Uuid::try_parse(unit).ok())
                {
                    listed.extend(listed_at(
                        &shard.join(&file),
                        KeyName::Unit {
                            unit: UnitId(unit),
                            version,
                        },
                    )?);
                }
            }
        }
        Ok(listed)
    }
}

fn marker_parse(text: &str) -> Option<Applied> {
    let line = text
        .strip_prefix(MARKER_FORMAT)?
        .strip_prefix('\n')?
        .strip_suffix('\n')?;
    let (count, chain) = line.split_once(' ')?;
    Some(Applied {
        count: count.parse().ok()?,
        chain: hex_decode(chain)?.try_into().ok()?,
    })
}

fn file_read(path: &Path) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::with_capacity(128);
    fs::File::open(path)?
        .take(FILE_LIMIT)
        .read_to_end(&mut bytes)?;
    Ok(bytes)
}

fn unframe(mut framed: Vec<u8>) -> Result<Vec<u8>, PlaceError> {
    let length = framed
        .len()
        .checked_sub(CHECK_LEN)
        .ok_or(PlaceError::Damaged)?;
    let (bytes, check) = framed.split_at(length);
    if sha256(bytes)[..CHECK_LEN] != *check {
        return Err(PlaceError::Damaged);
    }
    framed.truncate(length);
    Ok(framed)
}

/// The names in a folder; none if it is not there. Names that are no UTF-8 are none of ours.
fn names_in(folder: &Path) -> io::Result<Vec<String>> {
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if disk::is_missing(&error) => return Ok(Vec::new()),
        Err(error) => return Err(error),
    };
    let mut names = Vec::new();
    for entry in entries {
        names.extend(entry?.file_name().into_string().ok());
    }
    Ok(names)
}

/// `None` if the file went away between being listed and being looked at.
fn listed_at(path: &Path, name: KeyName) -> io::Result<Option<Listed>> {
    let modified = match fs::metadata(path) {
        Ok(metadata) => metadata.modified()?,
        Err(error) if disk::is_missing(&error) => return Ok(None),
        Err(error) => return Err(error),
    };
    // Before 1970 counts as 1970; that only makes a key look older than anything that is asked about.
    let micros = modified
        .duration_since(UNIX_EPOCH)
        .map_or(0, |age| age.as_micros());
    Ok(Some(Listed {
        name,
        written_at: UnixMicros(i64::try_from(micros).unwrap_or(i64::MAX)),
    }))
}

fn missing_is_fine(result: io::Result<()>) -> Result<(), PlaceError> {
    match result {
        Err(error) if !disk::is_missing(&error) => Err(error.into()),
        Ok(()) | Err(_) => Ok(()),
    }
}
