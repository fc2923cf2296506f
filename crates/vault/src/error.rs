//! What can go wrong in the vault. Messages carry ids, paths and reasons, never key bytes or plaintext.

use std::path::PathBuf;

use ledger::{ClinicId, Denied, UnitId};

use crate::disk;
use crate::place::KeyName;

/// Why the vault refused or could not do something.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum VaultError {
    /// The receipt does not cover this: other pair, clinic or unit, or it has run out.
    #[error("the receipt does not permit opening unit {unit} of clinic {clinic}: {why}", unit = unit.0, clinic = clinic.0)]
    Denied {
        /// The clinic that the receipt names.
        clinic: ClinicId,
        /// The unit that was asked for.
        unit: UnitId,
        /// What the checker said.
        why: Denied,
    },
    /// The unit's key has been destroyed; what was sealed under it can never be opened again.
    #[error("unit {unit} of clinic {clinic} is destroyed", unit = unit.0, clinic = clinic.0)]
    UnitDestroyed {
        /// Whose unit.
        clinic: ClinicId,
        /// Which unit.
        unit: UnitId,
    },
    /// No place that is present holds a key for this unit.
    #[error("no key place holds a key for unit {unit} of clinic {clinic}", unit = unit.0, clinic = clinic.0)]
    UnitUnknown {
        /// Whose unit.
        clinic: ClinicId,
        /// Which unit.
        unit: UnitId,
    },
    /// The nil unit is kept for the clinic's token key.
    #[error("the nil unit of clinic {clinic} is reserved", clinic = clinic.0)]
    UnitReserved {
        /// Whose unit.
        clinic: ClinicId,
    },
    /// No place that is present holds a key for this clinic.
    #[error("no key place holds a key for clinic {clinic}", clinic = clinic.0)]
    ClinicUnknown {
        /// Which clinic.
        clinic: ClinicId,
    },
    /// A key is there but does not open under the key above it: altered, moved, or another root key.
    #[error("the key {name} of clinic {clinic} does not open under the key that should wrap it", clinic = clinic.0)]
    KeyUnwrap {
        /// Whose key.
        clinic: ClinicId,
        /// Which key.
        name: KeyName,
    },
    /// Every copy of a key that was found is damaged.
    #[error("every copy of the key {name} of clinic {clinic} is damaged", clinic = clinic.0)]
    KeyDamaged {
        /// Whose key.
        clinic: ClinicId,
        /// Which key.
        name: KeyName,
    },
    /// A place holds other bytes under this name already. Keys are never overwritten.
    #[error("key place {place} already holds another key as {name} of clinic {clinic}", clinic = clinic.0)]
    KeyConflict {
        /// Which place.
        place: String,
        /// Whose key.
        clinic: ClinicId,
        /// Which key.
        name: KeyName,
    },
    /// The clinic key that was to wrap this has been rotated away; load the clinic's keys again.
    #[error("version {version} of the key of clinic {clinic} is retired", clinic = clinic.0)]
    ClinicKeyRetired {
        /// Which clinic.
        clinic: ClinicId,
        /// Which version.
        version: u32,
    },
    /// Fewer places than required took the key. What was written stays and is used by the next attempt.
    #[error("only {held} of {required} required key places could take the key: {}", why.join("; "))]
    TooFewPlaces {
        /// How many hold it durably.
        held: usize,
        /// How many have to.
        required: usize,
        /// What each of the others said.
        why: Vec<String>,
    },
    /// A key place is there and cannot be read.
    #[error(
        "the key place {place} cannot be read: {why}; see that its disk is sound, and that it belongs to the user who serves"
    )]
    PlaceUnreadable {
        /// Which place.
        place: String,
        /// What it said.
        why: String,
    },
    /// The tombstones are damaged, or older than what a place has applied already.
    #[error(
        "the tombstone file {path} cannot be trusted: {why}; put back its newest copy, never an older one: by an older one, destroyed keys would open again",
        path = path.display()
    )]
    Tombstones {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        why: String,
    },
    /// An envelope was refused.
    #[error("the envelope in {table}.{column} was refused: {why}")]
    Envelope {
        /// The table that the caller named.
        table: &'static str,
        /// The column that the caller named.
        column: &'static str,
        /// What is wrong with it.
        why: EnvelopeFault,
    },
    /// A file of secrets was refused: wrong permissions, not a file, or not in its format.
    #[error("the file {path} was refused: {why}", path = path.display())]
    SecretFile {
        /// The file.
        path: PathBuf,
        /// What is wrong with it and what to do.
        why: String,
    },
    /// The escrow could not be written or read.
    #[error("escrow: {0}")]
    Escrow(String),
    /// The Argon2 cost is outside what this program permits.
    #[error("the PIN cost {kib} KiB, {passes} passes, {lanes} lanes is refused: {why}")]
    PinCost {
        /// Memory in KiB.
        kib: u32,
        /// Passes.
        passes: u32,
        /// Lanes.
        lanes: u32,
        /// Why.
        why: String,
    },
    /// Hashing could not run (no memory for it).
    #[error("the PIN could not be hashed: {0}")]
    PinHash(String),
    /// The file system said no.
    #[error("{what} {path}: {source}{remedy}", path = path.display(), remedy = disk::remedy(source))]
    Disk {
        /// What was tried.
        what: &'static str,
        /// On which path.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// AWS-LC refused an operation that cannot fail with sound parameters.
    #[error("the cipher library failed at: {0}")]
    Cipher(&'static str),
}

/// What is wrong with an envelope. Deliberately coarse about the last step: an attacker learns nothing from it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum EnvelopeFault {
    /// Shorter than an empty envelope.
    #[error("cut off")]
    CutOff,
    /// Longer than any envelope made here.
    #[error("too long")]
    TooLong,
    /// A version that this program does not know.
    #[error("unknown version")]
    Version,
    /// Sealed under another unit's key.
    #[error("sealed under another unit")]
    OtherUnit,
    /// The key commitment is not this key's.
    #[error("the key commitment does not match")]
    KeyCommitment,
    /// Altered, or sealed for another clinic, table, row, column or schema version.
    #[error("altered, or sealed for another place")]
    Altered,
    /// The opened record is not the one that the ledger entry commits to.
    #[error("not the record that the ledger commits to")]
    Commitment,
}

impl VaultError {
    pub(crate) fn disk(
        what: &'static str,
        path: impl Into<PathBuf>,
    ) -> impl FnOnce(std::io::Error) -> VaultError {
        let path = path.into();
        move |source| VaultError::Disk { what, path, source }
    }
}
