//! The list of keys that must never be served again.
//!
//! A text file, appended and synced under a lock, never rewritten:
//!
//! ```text
//! clerestory-tombstones-1
//! unit CLINIC UNIT CHAIN
//! clinic-key CLINIC VERSION CHAIN
//! ```
//!
//! `CHAIN` is SHA-256 over the chain value before it (32 bytes, zero for the first) and the line up to the space
//! before it. Each place notes how far it has followed, so an older copy of this file is noticed.
//!
//! Invariant: there is no way to take a tombstone back.

use std::collections::HashSet;
use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{FileExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{PoisonError, RwLock};

use ledger::{ClinicId, Hash, UnitId, hex, hex_decode, sha256};
use uuid::Uuid;

use crate::VaultError;
use crate::disk;
use crate::place::{Applied, KeyName};

const HEADER: &str = "clerestory-tombstones-1\n";
/// Longest line: kind, two UUIDs, chain.
const LINE_LIMIT: usize = 192;

/// A key that is gone for good.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Tombstone {
    /// A unit's key, under whichever clinic key.
    Unit { clinic: ClinicId, unit: UnitId },
    /// A version of a clinic's key, and every copy of a unit's key that it wraps.
    ClinicKey { clinic: ClinicId, version: u32 },
}

/// The file, and its content as far as it has been read.
pub(crate) struct Tombstones {
    path: PathBuf,
    file: File,
    read_to: AtomicU64,
    known: RwLock<Known>,
}

struct Known {
    gone: HashSet<Tombstone>,
    /// Where each line begins, so that a place which is behind can be told what it missed.
    offsets: Vec<u64>,
    chain: Hash,
}

impl Tombstones {
    pub(crate) fn open(path: &Path) -> Result<Tombstones, VaultError> {
        if let Some(folder) = path.parent() {
            disk::folder_create(folder).map_err(VaultError::disk("make the folder", folder))?;
        }
        if !path.exists() {
            match disk::file_create_new(path, HEADER.as_bytes()) {
                Err(error) if error.kind() != io::ErrorKind::AlreadyExists => {
                    return Err(VaultError::disk("create", path)(error));
                }
                Ok(()) | Err(_) => {}
            }
        }
        let file = OpenOptions::new()
            .read(true)
            .append(true)
            .mode(0o600)
            .open(path)
            .map_err(VaultError::disk("open", path))?;
        let known = Known {
            gone: HashSet::new(),
            offsets: Vec::new(),
            chain: Applied::NONE.chain,
        };
        let tombstones = Tombstones {
            path: path.to_owned(),
            file,
            read_to: AtomicU64::new(0),
            known: RwLock::new(known),
        };
        tombstones.header_check()?;
        tombstones.refresh()?;
        Ok(tombstones)
    }

    fn header_check(&self) -> Result<(), VaultError> {
        let mut header = [0; HEADER.len()];
        self.file
            .read_exact_at(&mut header, 0)
            .map_err(|error| self.broken(error.to_string()))?;
        if header != *HEADER.as_bytes() {
            return Err(self.broken("it does not begin as a tombstone file does"));
        }
        self.read_to.store(HEADER.len() as u64, Ordering::Release);
        Ok(())
    }

    /// The file, for the lock that all writers of the key store share.
    pub(crate) fn file(&self) -> &File {
        &self.file
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Takes in what another process has appended. A line without its end is left for later: its writer has not
    /// been answered yet.
    pub(crate) fn refresh(&self) -> Result<(), VaultError> {
        let length = self
            .file
            .metadata()
            .map_err(VaultError::disk("look at", &self.path))?
            .len();
        if length == self.read_to.load(Ordering::Acquire) {
            return Ok(());
        }
        let mut known = self.known.write().unwrap_or_else(PoisonError::into_inner);
        let from = self.read_to.load(Ordering::Acquire);
        let added = length
            .checked_sub(from)
            .ok_or_else(|| self.broken("it has become shorter"))?;
        let mut bytes = vec![0; usize::try_from(added).map_err(|_| self.broken("it is too long"))?];
        self.file
            .read_exact_at(&mut bytes, from)
            .map_err(VaultError::disk("read", &self.path))?;
        let mut offset = from;
        for line in bytes
            .split_inclusive(|byte| *byte == b'\n')
            .take_while(|line| line.ends_with(b"\n"))
        {
            let (tombstone, chain) = line_parse(&known.chain, line).ok_or_else(|| {
                self.broken(format!(
                    "the line at byte {offset} does not follow from the one before"
                ))
            })?;
            known.gone.insert(tombstone);
            known.offsets.push(offset);
            known.chain = chain;
            offset += line.len() as u64;
        }
        self.read_to.store(offset, Ordering::Release);
        Ok(())
    }

    /// Whether a key is gone, by what has been read so far.
    pub(crate) fn contains(&self, tombstone: &Tombstone) -> bool {
        self.known
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .gone
            .contains(tombstone)
    }

    /// What stands against serving `name`, by what has been read so far.
    pub(crate) fn against(&self, clinic: ClinicId, name: KeyName) -> Option<Tombstone> {
        let known = self.known.read().unwrap_or_else(PoisonError::into_inner);
        let version = Tombstone::ClinicKey {
            clinic,
            version: name.version(),
        };
        let unit = match name {
            KeyName::Clinic { .. } => None,
            KeyName::Unit { unit, .. } => Some(Tombstone::Unit { clinic, unit }),
        };
        // The unit first: "destroyed" is the answer that stays true after the next rotation.
        unit.into_iter()
            .chain([version])
            .find(|tombstone| known.gone.contains(tombstone))
    }

    /// How many there are, and the chain value of the last.
    pub(crate) fn head(&self) -> Applied {
        let known = self.known.read().unwrap_or_else(PoisonError::into_inner);
        Applied {
            count: known.offsets.len() as u64,
            chain: known.chain,
        }
    }

    /// What a place that has applied `applied` still has to apply, each with the mark to note afterwards.
    pub(crate) fn after(&self, applied: &Applied) -> Result<Vec<(Tombstone, Applied)>, VaultError> {
        let head = self.head();
        if applied == &head {
            return Ok(Vec::new());
        }
        let start = match applied.count {
            0 => 0,
            count if count <= head.count => {
                let (_, at) = self.line(count - 1)?;
                if at != *applied {
                    return Err(self.broken("a key place has followed another one"));
                }
                count
            }
            count => {
                let have = head.count;
                return Err(self.broken(format!(
                    "a key place has applied {count} tombstones, it holds only {have}"
                )));
            }
        };
        (start..head.count).map(|index| self.line(index)).collect()
    }

    fn line(&self, index: u64) -> Result<(Tombstone, Applied), VaultError> {
        let offset = {
            let known = self.known.read().unwrap_or_else(PoisonError::into_inner);
            usize::try_from(index)
                .ok()
                .and_then(|index| known.offsets.get(index).copied())
        };
        let offset = offset.ok_or_else(|| self.broken("a line is missing"))?;
        let mut bytes = [0; LINE_LIMIT];
        let read = self
            .file
            .read_at(&mut bytes, offset)
            .map_err(VaultError::disk("read", &self.path))?;
        let line = bytes[..read]
            .split(|byte| *byte == b'\n')
            .next()
            .unwrap_or_default();
        let (tombstone, chain) = line_split(line)
            .ok_or_else(|| self.broken(format!("the line at byte {offset} is damaged")))?;
        Ok((
            tombstone,
            Applied {
                count: index + 1,
                chain,
            },
        ))
    }

    /// Appends and syncs, unless it stands already; then syncs alone, since the call that wrote it may have failed
    /// to. To be called under the writers' lock.
    pub(crate) fn ensure(&self, tombstone: Tombstone) -> Result<(), VaultError> {
        self.refresh()?;
        if !self.contains(&tombstone) {
            // What follows the last whole line was written by a call that never returned.
            let end = self.read_to.load(Ordering::Acquire);
            self.file
                .set_len(end)
                .map_err(VaultError::disk("cut the torn end of", &self.path))?;
            let line = line_write(&self.head().chain, &tombstone);
            (&self.file)
                .write_all(line.as_bytes())
                .map_err(VaultError::disk("append to", &self.path))?;
            self.refresh()?;
        }
        self.file
            .sync_all()
            .map_err(VaultError::disk("sync", &self.path))
    }

    fn broken(&self, why: impl Into<String>) -> VaultError {
        VaultError::Tombstones {
            path: self.path.clone(),
            why: why.into(),
        }
    }
}

fn chain_next(chain: &Hash, text: &str) -> Hash {
    sha256(&[chain, text.as_bytes()].concat())
}

fn line_write(chain: &Hash, tombstone: &Tombstone) -> String {
    let text = match tombstone {
        Tombstone::Unit { clinic, unit } => format!("unit {clinic} {unit}"),
        Tombstone::ClinicKey { clinic, version } => format!("clinic-key {clinic} {version}"),
    };
    let chain = chain_next(chain, &text);
    format!("{text} {}\n", hex(&chain))
}

fn line_parse(before: &Hash, line: &[u8]) -> Option<(Tombstone, Hash)> {
    let (tombstone, chain) = line_split(line.strip_suffix(b"\n")?)?;
    // Writing it again leaves one spelling.
    (line_write(before, &tombstone).as_bytes() == line).then_some((tombstone, chain))
}

fn line_split(line: &[u8]) -> Option<(Tombstone, Hash)> {
    let mut words = str::from_utf8(line).ok()?.split(' ');
    let (kind, clinic, which, chain) = (words.next()?, words.next()?, words.next()?, words.next()?);
    let clinic = ClinicId(Uuid::try_parse(clinic).ok()?);
    let tombstone = match kind {
        "unit" => Tombstone::Unit {
            clinic,
            unit: UnitId(Uuid::try_parse(which).ok()?),
        },
        "clinic-key" => Tombstone::ClinicKey {
            clinic,
            version: which.parse().ok()?,
        },
        _ => return None,
    };
    Some((tombstone, hex_decode(chain)?.try_into().ok()?))
}
