//! Changing keys, under one lock for this process and all others.
//!
//! The lock closes the gap between "no tombstone stands" and "the key is written": without it, healing a place
//! from another could bring back a key that is being destroyed at that moment.

use std::sync::MutexGuard;
use std::sync::PoisonError;
use std::sync::atomic::Ordering;

use ledger::ClinicId;

use super::store::{Destruction, Held, KeyStore};
use super::tombstones::Tombstone;
use crate::VaultError;
use crate::place::{KeyName, Listed, PlaceError};

/// The right to change keys. Held for one change at a time.
pub(crate) struct Writing<'s> {
    store: &'s KeyStore,
    _mutex: MutexGuard<'s, ()>,
}

impl Drop for Writing<'_> {
    fn drop(&mut self) {
        // The system drops the lock with the file at the latest; a failure here only means that others wait.
        let _ = self.store.tombstones.file().unlock();
    }
}

impl<'s> Writing<'s> {
    pub(super) fn begin(store: &'s KeyStore) -> Result<Writing<'s>, VaultError> {
        let mutex = store.writing.lock().unwrap_or_else(PoisonError::into_inner);
        let path = store.tombstones.path();
        store
            .tombstones
            .file()
            .lock()
            .map_err(VaultError::disk("lock", path))?;
        let writing = Writing {
            store,
            _mutex: mutex,
        };
        store.tombstones.refresh()?;
        Ok(writing)
    }

    /// Applies to a place what it missed. The inner error if it cannot be reached or fails at it; it is
    /// then set aside.
    ///
    /// # Errors
    /// If the tombstones cannot be trusted.
    pub(super) fn settle(&self, held: &Held) -> Result<Result<(), PlaceError>, VaultError> {
        let applied = match held.place.applied() {
            Ok(applied) => applied,
            Err(error) => return Ok(Err(aside(held, error))),
        };
        let missed = self.store.tombstones.after(&applied)?;
        for (tombstone, _) in &missed {
            if let Err(error) = remove_from(held, tombstone) {
                return Ok(Err(aside(held, error)));
            }
        }
        if let Some((_, head)) = missed.last()
            && let Err(error) = held.place.applied_set(head)
        {
            return Ok(Err(aside(held, error)));
        }
        held.ready.store(true, Ordering::Release);
        Ok(Ok(()))
    }

    /// As [`Writing::settle`], and a place that is not there is made.
    pub(super) fn settle_or_create(
        &self,
        held: &Held,
    ) -> Result<Result<Settled, PlaceError>, VaultError> {
        let created = match held.place.applied() {
            Ok(applied) => {
                // Behind, though nobody saw it leave: an older copy was put in its stead.
                if applied != self.store.tombstones.head() {
                    held.set_aside();
                }
                false
            }
            Err(PlaceError::Away) => {
                held.set_aside();
                if let Err(error) = held.place.create() {
                    return Ok(Err(error));
                }
                true
            }
            Err(_) => false,
        };
        let was_ready = held.ready();
        Ok(self.settle(held)?.map(|()| match (created, was_ready) {
            (true, _) => Settled::Created,
            (false, true) => Settled::Unchanged,
            (false, false) => Settled::Returned,
        }))
    }

    /// Each place that is ready, or is now; for the others what they said.
    fn reachable(&self) -> Result<(Vec<&'s Held>, Vec<String>), VaultError> {
        let (mut ready, mut failed) = (Vec::new(), Vec::new());
        for held in &self.store.held {
            match if held.ready() {
                Ok(())
            } else {
                self.settle(held)?
            } {
                Ok(()) => ready.push(held),
                Err(error) => failed.push(said(held, &error)),
            }
        }
        Ok((ready, failed))
    }

    /// Puts a key into every place that can be reached, and asks for as many as the store requires.
    pub(crate) fn put(
        &self,
        clinic: ClinicId,
        name: KeyName,
        bytes: &[u8],
    ) -> Result<(), VaultError> {
        self.put_in(clinic, name, bytes, self.store.required)
    }

    /// Puts a key into every place that there is.
    pub(crate) fn put_everywhere(
        &self,
        clinic: ClinicId,
        name: KeyName,
        bytes: &[u8],
    ) -> Result<(), VaultError> {
        self.put_in(clinic, name, bytes, self.store.held.len())
    }

    fn put_in(
        &self,
        clinic: ClinicId,
        name: KeyName,
        bytes: &[u8],
        required: usize,
    ) -> Result<(), VaultError> {
        self.store.refuse_if_gone(clinic, name)?;
        let (ready, mut why) = self.reachable()?;
        let mut held_by = 0;
        for held in ready {
            match held.place.put(clinic, name, bytes) {
                Ok(()) => held_by += 1,
                Err(PlaceError::Conflict) => {
                    return Err(VaultError::KeyConflict {
                        place: held.place.name().to_owned(),
                        clinic,
                        name,
                    });
                }
                Err(error) => why.push(said(held, &aside(held, error))),
            }
        }
        if held_by < required {
            return Err(VaultError::TooFewPlaces {
                held: held_by,
                required,
                why,
            });
        }
        Ok(())
    }

    /// Asks every place that can be reached, and heals those that lack the key or hold a damaged copy.
    pub(crate) fn get(
        &self,
        clinic: ClinicId,
        name: KeyName,
    ) -> Result<Option<Vec<u8>>, VaultError> {
        self.store.refuse_if_gone(clinic, name)?;
        let (ready, _) = self.reachable()?;
        let (mut found, mut lacking, mut damaged) = (None, Vec::new(), false);
        for held in ready {
            match held.place.get(clinic, name) {
                Ok(Some(bytes)) => {
                    found.get_or_insert(bytes);
                }
                Ok(None) => lacking.push(held),
                Err(PlaceError::Damaged) => {
                    damaged = true;
                    lacking.push(held);
                }
                Err(error) => drop(aside(held, error)),
            }
        }
        let Some(bytes) = found else {
            return if damaged {
                Err(VaultError::KeyDamaged { clinic, name })
            } else {
                Ok(None)
            };
        };
        for held in lacking {
            // Reading goes on with one copy; the place is set aside and filled by the next `tend`.
            if let Err(error) = held.place.put(clinic, name, &bytes) {
                drop(aside(held, error));
            }
        }
        Ok(Some(bytes))
    }

    /// Writes the tombstone, then removes the key from every place that can be reached.
    pub(crate) fn destroy(&self, tombstone: Tombstone) -> Result<Destruction, VaultError> {
        self.store.tombstones.ensure(tombstone)?;
        let mut places = Vec::new();
        for held in &self.store.held {
            // Settling applies every tombstone that the place has not noted, so this one too.
            let done = match self.settle(held)? {
                // The place may have noted it before something was put back by hand: remove it in any case.
                Ok(()) => remove_from(held, &tombstone).map_err(|error| aside(held, error)),
                Err(error) => Err(error),
            };
            if let Err(error) = done {
                places.push(said(held, &error));
            }
        }
        Ok(if places.is_empty() {
            Destruction::Everywhere
        } else {
            Destruction::Awaited { places }
        })
    }

    /// Settles every place that can be reached.
    pub(super) fn revive(&self) -> Result<(), VaultError> {
        self.reachable().map(drop)
    }

    /// As [`KeyStore::list`], under the lock.
    pub(crate) fn list(&self, clinic: ClinicId) -> Result<Vec<Listed>, VaultError> {
        self.revive()?;
        Ok(self.store.list_ready(clinic))
    }

    /// All places, for work that must leave none out.
    pub(crate) fn all_ready(&self) -> Result<(), VaultError> {
        let (ready, why) = self.reachable()?;
        let required = self.store.held.len();
        if ready.len() < required {
            return Err(VaultError::TooFewPlaces {
                held: ready.len(),
                required,
                why,
            });
        }
        Ok(())
    }
}

/// What became of a place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Settled {
    Unchanged,
    Returned,
    Created,
}

fn remove_from(held: &Held, tombstone: &Tombstone) -> Result<(), PlaceError> {
    match *tombstone {
        Tombstone::Unit { clinic, unit } => {
            for version in held.place.versions(clinic)? {
                held.place.remove(clinic, KeyName::Unit { unit, version })?;
            }
            Ok(())
        }
        Tombstone::ClinicKey { clinic, version } => held.place.version_remove(clinic, version),
    }
}

fn aside(held: &Held, error: PlaceError) -> PlaceError {
    held.set_aside();
    error
}

fn said(held: &Held, error: &PlaceError) -> String {
    format!("{}: {error}", held.place.name())
}
