//! Keeping the places whole: who is away, who came back, and what each lacks.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::Ordering;

use ledger::ClinicId;

use super::store::{Held, KeyStore};
use super::writing::{Settled, Writing};
use crate::VaultError;
use crate::place::{KeyName, Listed, PlaceError};

/// What [`KeyStore::tend`] found and did. Each list names places.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Tended {
    /// Not there, or failing; each with what it said.
    pub away: Vec<String>,
    /// Back after having been away; they have applied the tombstones that they missed.
    pub returned: Vec<String>,
    /// Were not there and have been made anew. If their disk is only unmounted, two places may now share one.
    pub created: Vec<String>,
    /// Copies of keys that were added to places which lacked them.
    pub copied: u64,
    /// Copies that were removed because a tombstone stands.
    pub removed: u64,
    /// Keys that could not be copied since every copy is damaged or bears another's name.
    pub unhealed: Vec<String>,
}

impl KeyStore {
    /// Brings back places that were away, makes those that are gone, and fills each from the others. Cheap when
    /// nothing happened: one small file read a place. To be called at start, in the background, and every minute.
    ///
    /// # Errors
    /// If the tombstones cannot be trusted.
    pub fn tend(&self) -> Result<Tended, VaultError> {
        let mut tended = Tended::default();
        {
            let writing = self.writing()?;
            for held in &self.held {
                let name = held.place.name().to_owned();
                match writing.settle_or_create(held)? {
                    Ok(Settled::Unchanged) => {}
                    Ok(Settled::Returned) => tended.returned.push(name),
                    Ok(Settled::Created) => tended.created.push(name),
                    Err(error) => tended.away.push(format!("{name}: {error}")),
                }
            }
        }
        if self
            .held
            .iter()
            .any(|held| held.ready() && held.gap.load(Ordering::Acquire))
        {
            self.fill(&mut tended)?;
        }
        Ok(tended)
    }

    fn fill(&self, tended: &mut Tended) -> Result<(), VaultError> {
        // Cleared before the work: what is set aside meanwhile has to be filled again.
        let filled: Vec<&Held> = self.held.iter().filter(|held| held.ready()).collect();
        for held in &filled {
            held.gap.store(false, Ordering::Release);
        }
        let mut clinics = BTreeSet::new();
        for held in &filled {
            match held.place.clinics() {
                Ok(found) => clinics.extend(found),
                Err(_) => held.set_aside(),
            }
        }
        for clinic in clinics {
            // The lock is taken for one clinic at a time, so that others can write in between.
            self.writing()?.fill_clinic(self, clinic, tended)?;
        }
        Ok(())
    }

    /// As [`KeyStore::list`], from the places that are ready.
    pub(super) fn list_ready(&self, clinic: ClinicId) -> Vec<Listed> {
        let mut newest: BTreeMap<KeyName, Listed> = BTreeMap::new();
        for held in self.held.iter().filter(|held| held.ready()) {
            match names(held, clinic) {
                Ok(found) => {
                    for listed in found {
                        let entry = newest.entry(listed.name).or_insert(listed);
                        entry.written_at = entry.written_at.max(listed.written_at);
                    }
                }
                Err(_) => held.set_aside(),
            }
        }
        newest.retain(|name, _| self.tombstones.against(clinic, *name).is_none());
        newest.into_values().collect()
    }
}

impl Writing<'_> {
    fn fill_clinic(
        &self,
        store: &KeyStore,
        clinic: ClinicId,
        tended: &mut Tended,
    ) -> Result<(), VaultError> {
        let mut holders: BTreeMap<KeyName, usize> = BTreeMap::new();
        let mut ready = 0;
        for held in store.held.iter().filter(|held| held.ready()) {
            match names(held, clinic) {
                Ok(found) => {
                    ready += 1;
                    found
                        .iter()
                        .for_each(|listed| *holders.entry(listed.name).or_default() += 1);
                }
                Err(_) => held.set_aside(),
            }
        }
        for (name, count) in holders {
            if store.tombstones.against(clinic, name).is_some() {
                for held in store.held.iter().filter(|held| held.ready()) {
                    match held.place.remove(clinic, name) {
                        Ok(()) => tended.removed += 1,
                        Err(_) => held.set_aside(),
                    }
                }
            } else if count < ready {
                match self.get(clinic, name) {
                    Ok(Some(_)) => tended.copied += (ready - count) as u64,
                    Ok(None) => {}
                    Err(error @ VaultError::KeyDamaged { .. }) => {
                        tended.unhealed.push(error.to_string())
                    }
                    Err(error) => return Err(error),
                }
            }
        }
        Ok(())
    }
}

fn names(held: &Held, clinic: ClinicId) -> Result<Vec<Listed>, PlaceError> {
    let mut all = Vec::new();
    for version in held.place.versions(clinic)? {
        all.extend(held.place.list(clinic, version)?);
    }
    Ok(all)
}
