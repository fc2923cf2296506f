//! An anchor that is an append-only folder.
//!
//! ```text
//! ROOT/anchor                 the format; also the lock
//! ROOT/0000000001.note        a signed checkpoint; numbers run from 1 without a gap
//! ROOT/0000000001.heads       the clinic heads of its epoch; only the last few are kept
//! ```
//!
//! Creating the next number is the compare-and-swap: of two signers that read the same last anchor, one wins. Root
//! on this machine can rewrite the folder; who is to be kept honest against root copies the notes elsewhere.
//!
//! Invariant: no note is ever replaced or removed here.

use std::fs::{self, File, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

use ledger::{HeadLeaf, NOTE_BYTES_MAX, sha256};

use crate::disk;

const MARKER: &str = "anchor";
const MARKER_FORMAT: &[u8] = b"clerestory-anchor-1\n";
const HEADS_FORMAT: &[u8] = b"clerestory-heads-1\n";

/// How many files of clinic heads are kept. The last is what `recover` needs; the others are for looking at.
pub const HEADS_KEPT: u64 = 8;

/// Why the anchor could not be read or extended.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum AnchorError {
    /// Another signer stored this number first. Read the last anchor again.
    #[error("anchor {number} is taken")]
    Taken {
        /// The number.
        number: u64,
    },
    /// The folder is none of ours, or a file in it is damaged or gone.
    #[error(
        "the anchor {path} cannot be trusted: {why}; put it back from a copy of the anchor's folder",
        path = path.display()
    )]
    Damaged {
        /// The file or folder.
        path: PathBuf,
        /// What is wrong.
        why: &'static str,
    },
    /// The file system said no.
    #[error("{what} {path}: {source}{remedy}", path = path.display(), remedy = disk::remedy(source))]
    Disk {
        /// What was tried.
        what: &'static str,
        /// On which path.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
}

fn disk_error(what: &'static str, path: &Path) -> impl FnOnce(io::Error) -> AnchorError {
    let path = path.to_owned();
    move |source| AnchorError::Disk { what, path, source }
}

/// A stored note as it is read, before anything is verified.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AnchorFile {
    /// Its number, from 1.
    pub number: u64,
    /// Its bytes.
    pub note: Vec<u8>,
}

/// The folder.
pub struct FolderAnchor {
    root: PathBuf,
    marker: File,
    writing: Mutex<()>,
    /// A number that is known to be stored; 0 for none. Others may have stored more since.
    known: AtomicU64,
}

impl FolderAnchor {
    /// Makes an empty anchor. To be done once, when the deployment is made: opening one never makes it, so that a
    /// mistyped path cannot begin a second history.
    ///
    /// # Errors
    /// If there is one already.
    pub fn create(root: &Path) -> Result<FolderAnchor, AnchorError> {
        disk::folder_create(root).map_err(disk_error("make the folder", root))?;
        let marker = root.join(MARKER);
        disk::file_create_new(&marker, MARKER_FORMAT).map_err(disk_error("create", &marker))?;
        FolderAnchor::open(root)
    }

    /// Opens the anchor.
    ///
    /// # Errors
    /// If there is none, or it has another format.
    pub fn open(root: &Path) -> Result<FolderAnchor, AnchorError> {
        let path = root.join(MARKER);
        let format = fs::read(&path).map_err(disk_error("read", &path))?;
        if format != MARKER_FORMAT {
            return Err(AnchorError::Damaged {
                path,
                why: "it is no anchor folder",
            });
        }
        let marker = OpenOptions::new()
            .read(true)
            .open(&path)
            .map_err(disk_error("open", &path))?;
        let anchor = FolderAnchor {
            root: root.to_owned(),
            marker,
            writing: Mutex::new(()),
            known: AtomicU64::new(0),
        };
        let last = anchor.numbers("note")?.into_iter().max().unwrap_or(0);
        anchor.known.store(last, Ordering::Release);
        anchor.heads_prune(last)?;
        Ok(anchor)
    }

    fn path(&self, number: u64, kind: &str) -> PathBuf {
        self.root.join(format!("{number:010}.{kind}"))
    }

    fn numbers(&self, kind: &str) -> Result<Vec<u64>, AnchorError> {
        let mut numbers = Vec::new();
        for entry in fs::read_dir(&self.root).map_err(disk_error("list", &self.root))? {
            let name = entry.map_err(disk_error("list", &self.root))?.file_name();
            let number: Option<u64> = name
                .to_str()
                .and_then(|name| name.strip_suffix(kind)?.strip_suffix('.')?.parse().ok());
            numbers.extend(number);
        }
        Ok(numbers)
    }

    /// The last note that is stored now; `None` in an empty anchor.
    ///
    /// # Errors
    /// If it cannot be read, or a note that was there is gone.
    pub fn last(&self) -> Result<Option<AnchorFile>, AnchorError> {
        let mut number = self.known.load(Ordering::Acquire);
        while self.path(number + 1, "note").exists() {
            number += 1;
        }
        self.known.fetch_max(number, Ordering::AcqRel);
        if number == 0 {
            Ok(None)
        } else {
            self.note(number).map(Some)
        }
    }

    /// A stored note.
    ///
    /// # Errors
    /// If it is not there or cannot be read.
    pub fn note(&self, number: u64) -> Result<AnchorFile, AnchorError> {
        let path = self.path(number, "note");
        match fs::metadata(&path) {
            Ok(metadata) if !metadata.is_file() => {
                return Err(AnchorError::Damaged {
                    path,
                    why: "it is no file",
                });
            }
            Ok(metadata) if metadata.len() <= NOTE_BYTES_MAX as u64 => {}
            Ok(_) => {
                return Err(AnchorError::Damaged {
                    path,
                    why: "it is too long for a checkpoint",
                });
            }
            Err(error) if disk::is_missing(&error) => {
                return Err(AnchorError::Damaged {
                    path,
                    why: "it was there and is gone",
                });
            }
            Err(error) => return Err(disk_error("look at", &path)(error)),
        }
        let note = fs::read(&path).map_err(disk_error("read", &path))?;
        Ok(AnchorFile { number, note })
    }

    /// Stores a note as the one after `last` (0 for the first), with the clinic heads of its epoch. Both are on the
    /// disk when this returns. The heads are written before the note, so that every note has its heads.
    ///
    /// # Errors
    /// `Taken` if another was stored since `last`.
    pub fn append(&self, last: u64, note: &[u8], heads: &[HeadLeaf]) -> Result<u64, AnchorError> {
        let number = last + 1;
        let (path, heads_path) = (self.path(number, "note"), self.path(number, "heads"));
        let _mutex = self.writing.lock().unwrap_or_else(PoisonError::into_inner);
        self.marker.lock().map_err(disk_error("lock", &self.root))?;
        let _unlock = Unlock(&self.marker);
        if path.exists() {
            return Err(AnchorError::Taken { number });
        }
        if last > 0 && !self.path(last, "note").exists() {
            return Err(AnchorError::Damaged {
                path: self.path(last, "note"),
                why: "it was there and is gone",
            });
        }
        disk::file_replace(&heads_path, &heads_encode(heads))
            .map_err(disk_error("write", &heads_path))?;
        match disk::file_create_new(&path, note) {
            Ok(()) => {}
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
                return Err(AnchorError::Taken { number });
            }
            Err(error) => return Err(disk_error("create", &path)(error)),
        }
        self.known.fetch_max(number, Ordering::AcqRel);
        if let Some(old) = number.checked_sub(HEADS_KEPT) {
            let old = self.path(old, "heads");
            disk::file_remove(&old).map_err(disk_error("remove", &old))?;
        }
        Ok(number)
    }

    /// The clinic heads that were stored with a note; `None` if they have been pruned.
    ///
    /// # Errors
    /// If the file is damaged or cannot be read.
    pub fn heads(&self, number: u64) -> Result<Option<Vec<HeadLeaf>>, AnchorError> {
        let path = self.path(number, "heads");
        match fs::read(&path) {
            Ok(bytes) => heads_decode(&bytes).map(Some).ok_or(AnchorError::Damaged {
                path,
                why: "it is not a file of clinic heads, or was altered",
            }),
            Err(error) if disk::is_missing(&error) => Ok(None),
            Err(error) => Err(disk_error("read", &path)(error)),
        }
    }

    fn heads_prune(&self, last: u64) -> Result<(), AnchorError> {
        for number in self.numbers("heads")? {
            if number + HEADS_KEPT <= last {
                let path = self.path(number, "heads");
                disk::file_remove(&path).map_err(disk_error("remove", &path))?;
            }
        }
        Ok(())
    }
}

struct Unlock<'f>(&'f File);

impl Drop for Unlock<'_> {
    fn drop(&mut self) {
        // The system drops the lock with the file at the latest.
        let _ = self.0.unlock();
    }
}

/// `format ‖ head leaves (61 bytes each) ‖ SHA-256 of all before`.
fn heads_encode(heads: &[HeadLeaf]) -> Vec<u8> {
    let mut out = Vec::with_capacity(HEADS_FORMAT.len() + heads.len() * HeadLeaf::BYTES + 32);
    out.extend_from_slice(HEADS_FORMAT);
    for head in heads {
        out.extend_from_slice(&head.encode());
    }
    let check = sha256(&out);
    out.extend_from_slice(&check);
    out
}

fn heads_decode(bytes: &[u8]) -> Option<Vec<HeadLeaf>> {
    let (content, check) = bytes.split_last_chunk::<32>()?;
    if sha256(content) != *check {
        return None;
    }
    let (leaves, rest) = content
        .strip_prefix(HEADS_FORMAT)?
        .as_chunks::<{ HeadLeaf::BYTES }>();
    if !rest.is_empty() {
        return None;
    }
    leaves
        .iter()
        .map(|leaf| HeadLeaf::decode(leaf).ok())
        .collect()
}
