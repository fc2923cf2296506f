//! The record bundle: one file that shows a session's record, and proves it with no server, database,
//! secret or network. See `docs/formats/bundle.md`.
//!
//! Invariant: nothing in a bundle is without a check. Each byte is fixed, committed to, or signed; the one
//! exception is the signature lines of other keys (witnesses), and the report names those.

use std::io::Read;

use crate::json::JsonError;
use crate::key::VerifierKey;
use crate::note::Note;

mod archive;
mod chain;
mod failure;
mod fields;
mod proof;
mod readme;
mod record;
mod report;
mod verify;
mod words;

pub use archive::BUNDLE_BYTES_MAX;
pub use failure::{Failure, Problem};
pub use proof::{EntryProof, EpochProof, Extension, HeadProof, Proof, TreeProof};
pub use record::{
    CLINIC_PROFILE, PATIENT, PERSON, Record, RecordPart, SESSION_EVENT, session_event_key,
};
pub use report::{OriginProof, Person, Report};

/// Largest `record.json` in bytes. A long session has some 500 events of 2 KB.
pub const RECORD_JSON_BYTES_MAX: usize = 8 << 20;
/// Largest `record.pdf` in bytes. Ours have below 1 MB; a scanned addendum may bring pictures.
pub const RECORD_PDF_BYTES_MAX: usize = 32 << 20;
/// Largest `proof.json` in bytes. 1,000 entries with 53 hashes each have below 8 MB.
pub const PROOF_JSON_BYTES_MAX: usize = 8 << 20;

/// Most earlier checkpoints that a bundle connects with: one for each export that the clinic was given
/// lately.
pub const EXTENSIONS_MAX: usize = 64;

/// A bundle could not be written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BundleError {
    /// A body holds what canonical JSON cannot.
    #[error("a record cannot be written as canonical JSON")]
    Json(#[from] JsonError),
    /// One row stands in the record twice.
    #[error("a row stands in the record twice")]
    Repeated,
    /// A file is larger than a bundle may hold.
    #[error("{0} is too large for a bundle")]
    TooLarge(&'static str),
}

/// What a bundle is made of.
#[derive(Clone, PartialEq, Eq)]
pub struct BundleParts {
    /// [`Record::to_json`]: the very bytes that the `exported` entry names.
    pub record_json: Vec<u8>,
    /// The record as PDF: the very bytes that the `exported` entry names.
    pub record_pdf: Vec<u8>,
    /// [`Proof::to_json`].
    pub proof_json: Vec<u8>,
    /// The checkpoint: a signed note.
    pub checkpoint: Vec<u8>,
}

impl BundleParts {
    /// The bundle's bytes. The same parts give the same bytes, always.
    ///
    /// # Errors
    /// If a part is larger than a bundle may hold.
    pub fn to_zip(&self) -> Result<Vec<u8>, BundleError> {
        archive::write(readme::README_TXT, self)
    }

    /// The parts of a bundle, with nothing checked but that it was written by [`BundleParts::to_zip`]
    /// and carries this version's `README.txt`.
    ///
    /// # Errors
    /// If it was not, is cut off, or too large.
    pub fn from_zip(bytes: &[u8]) -> Result<Self, Failure> {
        archive::open(bytes, readme::README_TXT)
    }
}

/// What whoever verifies holds already, from outside of the bundle.
#[derive(Clone, Debug)]
pub enum Trust {
    /// The log's public key, as its server printed it. A later generation of the same deployment is
    /// signed by the same key and is accepted.
    Key(VerifierKey),
    /// An earlier checkpoint of the same log and generation, kept since. It must be signed by the key that signed the
    /// bundle's.
    Checkpoint(Note),
    /// Nothing: then a bundle can be consistent, and its origin is not proved.
    None,
}

/// Verifies a bundle.
///
/// # Errors
/// If anything in it is altered, missing or out of bounds; the failure names the place.
pub fn verify(bytes: &[u8], trust: &Trust) -> Result<Report, Failure> {
    verify_parts(&BundleParts::from_zip(bytes)?, trust)
}

/// Verifies a bundle that has been unpacked. `README.txt` is not part of this.
///
/// # Errors
/// As [`verify`].
pub fn verify_parts(parts: &BundleParts, trust: &Trust) -> Result<Report, Failure> {
    verify::verify(parts, trust)
}

/// Reads and verifies a bundle, never holding more than [`BUNDLE_BYTES_MAX`] of it.
///
/// # Errors
/// If it cannot be read, or as [`verify`].
pub fn verify_reader(reader: impl Read, trust: &Trust) -> Result<Report, Failure> {
    let mut bytes = Vec::new();
    let limit = BUNDLE_BYTES_MAX as u64 + 1;
    let read = reader.take(limit).read_to_end(&mut bytes);
    read.map_err(|error| Failure::new("the file", Problem::Unreadable(error.kind())))?;
    verify(&bytes, trust)
}
