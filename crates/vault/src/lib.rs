//! The vault: the only place with ciphers and key bytes.
//!
//! A root key wraps clinic keys, which wrap one unit key for each unit of deletion. Wrapped keys lie in key places
//! that keep no history; destroying a unit's key in all of them is the deletion of all that was sealed under it.
//! Sealing is free; opening takes a `ledger::Receipt`, and what was opened cannot outlive it.
//!
//! All file work blocks. Reading a key (`unlock`, `unit_sealer`, `token`) is one small file from the page cache and
//! may be done where it stands; whatever writes or destroys keys, signs or anchors belongs on a blocking thread.
//!
//! Invariant: no clock is read (`now` is handed in), no randomness but [`Random`]'s, no database, no network.
//! Invariant: nothing here returns key bytes, and no error names them.

mod anchor;
mod clinic;
mod disk;
mod envelope;
mod error;
mod escrow;
mod fit;
mod keys;
mod lifecycle;
mod log_key;
mod pin;
mod place;
mod random;
mod root;
mod rotate;
mod secret;
mod unit;
mod vault;
#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod vectors;
mod wrap;

pub use anchor::{
    AnchorError, AnchorFile, Anchored, AnchoredSigner, Extension, FolderAnchor, HEADS_KEPT,
    Recovery, SignRefused,
};
pub use envelope::{ENVELOPE_LIMIT, ENVELOPE_OVERHEAD, Slot};
pub use error::{EnvelopeFault, VaultError};
pub use escrow::{escrow, escrow_identity, escrow_open};
pub use fit::Fit;
pub use keys::{Destruction, KeyStore, Tended};
pub use log_key::LogKey;
pub use pin::{PinCost, PinHasher};
pub use place::{Applied, FolderPlace, KeyName, KeyPlace, Listed, PlaceError};
pub use random::{Random, SystemRandom};
pub use root::RootKey;
pub use rotate::Rotated;
pub use unit::{Kept, Opened, SealedRecord, UnitKey, UnitSealer, Unlocked};
pub use vault::{Vault, VaultParts};
