//! An entry: what the ledger says of one action. Pseudonyms, kinds, times and commitments.
//!
//! Invariant: no field can hold a name, a value of a record or free text; a typed reason is only a
//! commitment here. Every map and set is ordered, so that an entry has exactly one encoding.

use std::collections::{BTreeMap, BTreeSet};

use uuid::Uuid;

use crate::hash::{Hash, sha256};
use crate::ids::{ActorId, EntryRef, UnitId, UnixMicros};
use crate::word::{Kind, Name, Purpose};

mod codec;

pub use codec::EntryError;

/// Largest encoded entry in bytes. Some 600 records: more than any one action writes, small enough
/// that a leaf is read and hashed without thought.
pub const ENTRY_BYTES_MAX: usize = 65_536;

/// Longest row key in bytes: a key of three uuids and a counter has 52.
pub const ROW_BYTES_MAX: usize = 64;

/// Which sort of actor did it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ActorClass {
    /// A job or the server itself.
    System,
    /// A person of the clinic.
    Person,
    /// Our own support staff.
    Support,
}

/// Who did it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Actor {
    /// Person, support or system.
    pub class: ActorClass,
    /// The actor's pseudonym.
    pub id: ActorId,
}

impl Actor {
    /// The server itself, where no part of it needs a name of its own.
    pub const SYSTEM: Self = Self {
        class: ActorClass::System,
        id: ActorId(Uuid::nil()),
    };

    /// A person of the clinic.
    pub const fn person(id: ActorId) -> Self {
        Self {
            class: ActorClass::Person,
            id,
        }
    }
}

/// Which row of which table. Ordered by table, then by the bytes of the row.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RecordKey {
    table: Name,
    row: Vec<u8>,
}

/// A row key longer than [`ROW_BYTES_MAX`], or empty.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a row key has 1 to 64 bytes")]
pub struct RowLength;

impl RecordKey {
    /// The row `row` (its key's bytes) of `table`.
    ///
    /// # Errors
    /// If the row key is empty or longer than [`ROW_BYTES_MAX`].
    pub fn new(table: Name, row: Vec<u8>) -> Result<Self, RowLength> {
        match row.len() {
            1..=ROW_BYTES_MAX => Ok(Self { table, row }),
            _ => Err(RowLength),
        }
    }

    /// A row whose key is one uuid, as most are.
    pub fn of_id(table: Name, id: Uuid) -> Self {
        Self {
            table,
            row: id.as_bytes().to_vec(),
        }
    }

    /// The table's name.
    pub fn table(&self) -> &Name {
        &self.table
    }

    /// The bytes of the row's key.
    pub fn row(&self) -> &[u8] {
        &self.row
    }
}

/// What an entry says of one row that was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RecordDigests {
    /// [`commit`](crate::commit) of the canonical plaintext.
    pub commitment: Hash,
    /// SHA-256 of the sealed bytes, so that an old row put back is seen.
    pub ciphertext: Hash,
}

/// What an entry says of one exported file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FileRef {
    /// Length in bytes.
    pub length: u64,
    /// SHA-256 of the file.
    pub sha256: Hash,
}

impl FileRef {
    /// The reference to a file of these bytes.
    pub fn of(bytes: &[u8]) -> Self {
        Self {
            length: bytes.len() as u64,
            sha256: sha256(bytes),
        }
    }
}

/// One entry of the ledger. See `docs/formats/ledger.md` for its bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// What happened.
    pub kind: Kind,
    /// When, by the server's clock.
    pub at: UnixMicros,
    /// Who did it.
    pub actor: Actor,
    /// The sign-in that it happened under.
    pub sign_in: Option<Uuid>,
    /// The request or job step that it belongs to.
    pub request: Option<Uuid>,
    /// The units opened or touched.
    pub units: BTreeSet<UnitId>,
    /// Why something was opened.
    pub purpose: Option<Purpose>,
    /// Until when an opening or a grant holds.
    pub expires: Option<UnixMicros>,
    /// The `opened` entry that this was done under.
    pub under: Option<EntryRef>,
    /// The rows written, each with its commitment and the digest of its ciphertext.
    pub records: BTreeMap<RecordKey, RecordDigests>,
    /// Commitment to the sealed reason that a person typed.
    pub reason: Option<Hash>,
    /// Files that left, by name.
    pub files: BTreeMap<Name, FileRef>,
    /// Whom or what it is about: pseudonyms of sessions, patients, persons.
    pub subjects: BTreeSet<Uuid>,
    /// Counts and sizes, by name.
    pub numbers: BTreeMap<Name, u64>,
    /// Roots and digests, by name.
    pub hashes: BTreeMap<Name, Hash>,
}

impl Entry {
    /// An entry with nothing but what every entry has.
    pub fn new(kind: Kind, at: UnixMicros, actor: Actor) -> Self {
        Self {
            kind,
            at,
            actor,
            sign_in: None,
            request: None,
            units: BTreeSet::new(),
            purpose: None,
            expires: None,
            under: None,
            records: BTreeMap::new(),
            reason: None,
            files: BTreeMap::new(),
            subjects: BTreeSet::new(),
            numbers: BTreeMap::new(),
            hashes: BTreeMap::new(),
        }
    }

    /// The entry's bytes: the `body` of its leaf.
    ///
    /// # Errors
    /// If it would be longer than [`ENTRY_BYTES_MAX`].
    pub fn encode(&self) -> Result<Vec<u8>, EntryError> {
        codec::encode(self)
    }

    /// The entry that these bytes are. Accepts exactly what [`Entry::encode`] writes.
    ///
    /// # Errors
    /// For any other bytes.
    pub fn decode(bytes: &[u8]) -> Result<Self, EntryError> {
        codec::decode(bytes)
    }
}
