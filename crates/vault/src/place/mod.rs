//! Key places: where wrapped keys lie.

mod folder;

use std::fmt;

use ledger::{ClinicId, Hash, UnitId, UnixMicros};

pub use folder::FolderPlace;

/// The name of a wrapped key within its clinic. What lies under a name never changes: a rotation writes new
/// names, so that a place which comes back with old copies cannot be mistaken for a current one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum KeyName {
    /// The clinic's key, wrapped by the root key.
    Clinic {
        /// Counts up from 1 with each rotation.
        version: u32,
    },
    /// A unit's key, wrapped by the clinic's key of that version.
    Unit {
        /// Which unit.
        unit: UnitId,
        /// The version of the clinic key that wraps it.
        version: u32,
    },
}

impl KeyName {
    /// The version of the clinic's key that this is, or that wraps it.
    pub fn version(self) -> u32 {
        match self {
            KeyName::Clinic { version } | KeyName::Unit { version, .. } => version,
        }
    }
}

impl fmt::Display for KeyName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            KeyName::Clinic { version } => write!(f, "clinic key, version {version}"),
            KeyName::Unit { unit, version } => {
                write!(f, "unit {unit} under clinic key version {version}")
            }
        }
    }
}

/// How far a place has followed the tombstones.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Applied {
    /// How many, from the first.
    pub count: u64,
    /// The chain value of the last of them; all zero for none.
    pub chain: Hash,
}

impl Applied {
    /// None applied.
    pub const NONE: Applied = Applied {
        count: 0,
        chain: [0; 32],
    };
}

/// A key that a place holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Listed {
    /// Its name.
    pub name: KeyName,
    /// When this copy was written, by the clock of the place itself.
    pub written_at: UnixMicros,
}

/// Why a place did not do something.
#[derive(Debug, thiserror::Error)]
pub enum PlaceError {
    /// The place is not there at all: an unmounted disk, a folder moved away or deleted.
    #[error("it is not there")]
    Away,
    /// The copy fails its check sum.
    #[error("its copy is damaged")]
    Damaged,
    /// Other bytes lie under that name.
    #[error("it holds other bytes under that name")]
    Conflict,
    /// Something in the place is not in its format.
    #[error("it cannot be read: {0}")]
    Malformed(String),
    /// The system said no.
    #[error("{0}")]
    Io(#[from] std::io::Error),
}

/// A place for wrapped keys that keeps no history. It need not be safe against two writers: the key store writes
/// under a lock. Each change is durable when the call returns, and each call may be repeated.
pub trait KeyPlace: Send + Sync {
    /// For messages.
    fn name(&self) -> &str;

    /// How far it has followed the tombstones.
    ///
    /// # Errors
    /// `Away` if the place is not there.
    fn applied(&self) -> Result<Applied, PlaceError>;

    /// Notes how far it has followed the tombstones.
    ///
    /// # Errors
    /// `Away` if the place is not there.
    fn applied_set(&self, applied: &Applied) -> Result<(), PlaceError>;

    /// Makes the place, with no tombstones applied; whatever lies there already stays.
    ///
    /// # Errors
    /// If it cannot be made.
    fn create(&self) -> Result<(), PlaceError>;

    /// Keeps `bytes` under `name`.
    ///
    /// # Errors
    /// `Conflict` if other bytes lie there; the same ones are fine.
    fn put(&self, clinic: ClinicId, name: KeyName, bytes: &[u8]) -> Result<(), PlaceError>;

    /// What lies under `name`.
    ///
    /// # Errors
    /// `Damaged` if the copy fails its check sum.
    fn get(&self, clinic: ClinicId, name: KeyName) -> Result<Option<Vec<u8>>, PlaceError>;

    /// Removes what lies under `name`, half-written copies as well; nothing there is fine.
    ///
    /// # Errors
    /// If it may still be there.
    fn remove(&self, clinic: ClinicId, name: KeyName) -> Result<(), PlaceError>;

    /// Removes a version of a clinic's key and everything under it, the clinic's key first.
    ///
    /// # Errors
    /// If some of it may still be there.
    fn version_remove(&self, clinic: ClinicId, version: u32) -> Result<(), PlaceError>;

    /// The clinics that have anything here.
    ///
    /// # Errors
    /// If it cannot be listed.
    fn clinics(&self) -> Result<Vec<ClinicId>, PlaceError>;

    /// The versions of a clinic's key that have anything here.
    ///
    /// # Errors
    /// If they cannot be listed.
    fn versions(&self, clinic: ClinicId) -> Result<Vec<u32>, PlaceError>;

    /// The keys under one version of a clinic's key, that key included.
    ///
    /// # Errors
    /// If they cannot be listed.
    fn list(&self, clinic: ClinicId, version: u32) -> Result<Vec<Listed>, PlaceError>;
}
