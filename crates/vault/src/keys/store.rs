//! Reading keys from the places.
//!
//! A place is *ready* when it is there and has applied all tombstones. Only ready places are read. One that was
//! away becomes ready by applying what it missed, at the next write, at the next key that the others lack, or at
//! the next [`KeyStore::tend`]. Whatever a place holds, a key with a tombstone is refused before any is asked.
//!
//! Invariant: no key is cached here, and none is opened: what passes through is wrapped.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};

use ledger::ClinicId;

use super::tombstones::{Tombstone, Tombstones};
use super::writing::{Settled, Writing};
use crate::VaultError;
use crate::place::{KeyName, KeyPlace, Listed, PlaceError};

/// Key places, one list of tombstones, and how many places a key has to be in before it counts.
pub struct KeyStore {
    pub(super) held: Vec<Held>,
    pub(super) tombstones: Tombstones,
    pub(super) required: usize,
    made: Vec<String>,
    pub(super) writing: Mutex<()>,
}

/// A place and what is known of it.
pub(super) struct Held {
    pub(super) place: Box<dyn KeyPlace>,
    pub(super) ready: AtomicBool,
    /// It may lack keys that others hold: it was away, is new, or has not been compared since the start.
    pub(super) gap: AtomicBool,
}

impl Held {
    pub(super) fn ready(&self) -> bool {
        self.ready.load(Ordering::Acquire)
    }

    /// No longer to be read or counted until it has been settled.
    pub(super) fn set_aside(&self) {
        self.ready.store(false, Ordering::Release);
        self.gap.store(true, Ordering::Release);
    }
}

/// How far a destruction has come.
#[derive(Debug, Clone, PartialEq, Eq)]
#[must_use = "a key is destroyed only once no place is awaited"]
pub enum Destruction {
    /// Every place has removed the key.
    Everywhere,
    /// The tombstone stands, so the key opens nothing any more; these places could not be reached and remove it
    /// when they come back. Asking again tries them again.
    Awaited {
        /// Each with what it said.
        places: Vec<String>,
    },
}

impl KeyStore {
    /// Opens the places and brings each that is there up to the tombstones. A place that is not there is made
    /// anew; if it cannot be, it counts as away. `required` is how many must hold a key before it counts: two for
    /// anything that keeps real data.
    ///
    /// # Errors
    /// If the tombstone file is damaged, or older than what a place has applied.
    ///
    /// # Panics
    /// If `required` is nought or more than there are places: the configuration is checked before.
    pub fn open(
        places: Vec<Box<dyn KeyPlace>>,
        tombstones_path: &Path,
        required: usize,
    ) -> Result<KeyStore, VaultError> {
        assert!(
            (1..=places.len()).contains(&required),
            "between one and all of the key places are required"
        );
        let held = places
            .into_iter()
            .map(|place| Held {
                place,
                ready: AtomicBool::new(false),
                gap: AtomicBool::new(true),
            })
            .collect();
        let tombstones = Tombstones::open(tombstones_path)?;
        let mut store = KeyStore {
            held,
            tombstones,
            required,
            made: Vec::new(),
            writing: Mutex::new(()),
        };
        let mut made = Vec::new();
        {
            let writing = store.writing()?;
            for held in &store.held {
                // One that cannot be reached is set aside, and counted by `places_ready`.
                if let Ok(Settled::Created) = writing.settle_or_create(held)? {
                    made.push(held.place.name().to_owned());
                }
            }
        }
        store.made = made;
        Ok(store)
    }

    /// How many places there are.
    pub fn places(&self) -> usize {
        self.held.len()
    }

    /// The places that were not there when this was opened, and have been made anew. If the disk of one is only unmounted, two
    /// places may now share one.
    pub fn places_made(&self) -> &[String] {
        &self.made
    }

    /// How many places are ready.
    pub fn places_ready(&self) -> usize {
        self.held.iter().filter(|held| held.ready()).count()
    }

    /// How many places have to hold a key before it counts.
    pub fn required(&self) -> usize {
        self.required
    }

    /// The lock under which every change happens, here and in other processes.
    pub(crate) fn writing(&self) -> Result<Writing<'_>, VaultError> {
        Writing::begin(self)
    }

    /// The wrapped key; `None` if no place that is ready holds it. Heals places that lack it.
    pub(crate) fn get(
        &self,
        clinic: ClinicId,
        name: KeyName,
    ) -> Result<Option<Vec<u8>>, VaultError> {
        self.tombstones.refresh()?;
        self.refuse_if_gone(clinic, name)?;
        for (index, held) in self.held.iter().enumerate() {
            if !held.ready() {
                continue;
            }
            match held.place.get(clinic, name) {
                Ok(Some(bytes))
                    if index == 0 || self.held[..index].iter().all(|before| !before.ready()) =>
                {
                    return Ok(Some(bytes));
                }
                // A ready place before it lacks the key: the careful way heals it.
                Ok(Some(_)) => break,
                Ok(None) | Err(PlaceError::Damaged) => {}
                Err(
                    PlaceError::Away
                    | PlaceError::Conflict
                    | PlaceError::Malformed(_)
                    | PlaceError::Io(_),
                ) => held.set_aside(),
            }
        }
        self.writing()?.get(clinic, name)
    }

    pub(super) fn refuse_if_gone(&self, clinic: ClinicId, name: KeyName) -> Result<(), VaultError> {
        match self.tombstones.against(clinic, name) {
            None => Ok(()),
            Some(Tombstone::Unit { clinic, unit }) => {
                Err(VaultError::UnitDestroyed { clinic, unit })
            }
            Some(Tombstone::ClinicKey { clinic, version }) => {
                Err(VaultError::ClinicKeyRetired { clinic, version })
            }
        }
    }

    /// Whether the key is gone for good, by the file as it is now.
    pub(crate) fn is_gone(&self, tombstone: &Tombstone) -> Result<bool, VaultError> {
        self.tombstones.refresh()?;
        Ok(self.tombstones.contains(tombstone))
    }

    /// The versions of a clinic's key that are not retired, oldest first.
    pub(crate) fn versions(&self, clinic: ClinicId) -> Result<Vec<u32>, VaultError> {
        self.revive()?;
        self.tombstones.refresh()?;
        let mut versions = BTreeSet::new();
        for held in self.held.iter().filter(|held| held.ready()) {
            match held.place.versions(clinic) {
                Ok(found) => versions.extend(found),
                Err(_) => held.set_aside(),
            }
        }
        let retired = |version: &u32| {
            let version = *version;
            self.tombstones
                .contains(&Tombstone::ClinicKey { clinic, version })
        };
        Ok(versions
            .into_iter()
            .filter(|version| !retired(version))
            .collect())
    }

    /// The keys of a clinic that any place holds, with the time of the newest copy. Not to be called
    /// under the writers' lock: there is [`Writing::list`] for that.
    pub(crate) fn list(&self, clinic: ClinicId) -> Result<Vec<Listed>, VaultError> {
        self.revive()?;
        self.tombstones.refresh()?;
        Ok(self.list_ready(clinic))
    }

    /// Brings back places that were set aside, before an answer is made of what all of them hold.
    fn revive(&self) -> Result<(), VaultError> {
        if self.held.iter().all(Held::ready) {
            return Ok(());
        }
        self.writing()?.revive()
    }
}
