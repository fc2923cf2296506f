//! A clinic's key is replaced: every unit key is wrapped anew, and the old version dies in every place, so that
//! wrapped copies that strayed (an old disk, a forgotten backup) open nothing.
//!
//! Steps, each of which may be the last before a crash; calling again goes on where it stopped:
//! 1. the new version of the clinic's key is put into every place; from now on new units use it;
//! 2. each unit key is unwrapped and put, wrapped anew, into every place;
//! 3. under the lock: what was made meanwhile is wrapped anew, then the old version's tombstone is written;
//! 4. the old version and everything under it is removed from every place.

use std::collections::BTreeSet;

use ledger::{ClinicId, UnitId};

use crate::VaultError;
use crate::clinic::{ClinicKey, keys_load};
use crate::keys::{Destruction, Tombstone, Writing};
use crate::place::{KeyName, Listed};
use crate::secret::equal;
use crate::vault::Vault;
use crate::wrap;

/// What a rotation did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rotated {
    /// The version that is in use now.
    pub version: u32,
    /// How many unit keys were wrapped anew by this call, the clinic's token key among them.
    pub rewrapped: u64,
    /// Whether the old version is gone from every place.
    pub old: Destruction,
}

impl Vault {
    /// Replaces a clinic's key. Every place has to be there: a key that only an absent place holds would be lost.
    /// After a crash or an error, calling again completes the rotation that was begun and begins no other.
    ///
    /// # Errors
    /// If a place is away, a unit key is damaged in all places, or a disk fails. Nothing is lost by it.
    pub fn clinic_key_rotate(&self, clinic: ClinicId) -> Result<Rotated, VaultError> {
        let mut keys = keys_load(&self.store, &self.wrap, clinic)?;
        let Some(newest) = keys.pop() else {
            return Err(VaultError::ClinicUnknown { clinic });
        };
        let (old, new) = if keys.is_empty() {
            let writing = self.store.writing()?;
            writing.all_ready()?;
            let new = self.clinic_key_generate(&writing, clinic, newest.version + 1, true)?;
            (vec![newest], new)
        } else {
            (keys, newest)
        };
        // From here on this process wraps new units by the new version.
        self.cache.forget(clinic);
        let mut rewrapped = 0;
        for old in &old {
            for unit in units_under(&self.store.list(clinic)?, old) {
                rewrapped +=
                    u64::from(self.rewrap(&self.store.writing()?, clinic, unit, old, &new)?);
            }
        }
        let done = self.retire(clinic, &old, &new, &mut rewrapped);
        self.cache.forget(clinic);
        Ok(Rotated {
            version: new.version,
            rewrapped,
            old: done?,
        })
    }

    /// Whether the key had to be wrapped anew.
    fn rewrap(
        &self,
        writing: &Writing<'_>,
        clinic: ClinicId,
        unit: UnitId,
        old: &ClinicKey,
        new: &ClinicKey,
    ) -> Result<bool, VaultError> {
        let from = KeyName::Unit {
            unit,
            version: old.version,
        };
        let to = KeyName::Unit {
            unit,
            version: new.version,
        };
        let wrapped = match writing.get(clinic, from) {
            Ok(Some(wrapped)) => wrapped,
            // Destroyed since it was listed: there is nothing to carry over, and there must not be.
            Ok(None) | Err(VaultError::UnitDestroyed { .. }) => return Ok(false),
            Err(error) => return Err(error),
        };
        let key = wrap::unwrap(&old.wrap, clinic, from, &wrapped)?;
        let held = writing.get(clinic, to)?;
        let (anew, made) = match held {
            Some(held) => (held, false),
            None => (
                wrap::wrap(&new.wrap, self.random.as_ref(), clinic, to, &key)?,
                true,
            ),
        };
        // Read before the old one may go: a copy that does not open, or opens to another key, stops the rotation.
        if !equal(
            wrap::unwrap(&new.wrap, clinic, to, &anew)?.bytes(),
            key.bytes(),
        ) {
            return Err(VaultError::KeyUnwrap { clinic, name: to });
        }
        writing.put_everywhere(clinic, to, &anew)?;
        Ok(made)
    }

    fn retire(
        &self,
        clinic: ClinicId,
        old: &[ClinicKey],
        new: &ClinicKey,
        rewrapped: &mut u64,
    ) -> Result<Destruction, VaultError> {
        let writing = self.store.writing()?;
        writing.all_ready()?;
        let mut awaited = Vec::new();
        for old in old {
            for unit in units_under(&writing.list(clinic)?, old) {
                *rewrapped += u64::from(self.rewrap(&writing, clinic, unit, old, new)?);
            }
            // A place that failed while it was listed may hold what the others lack.
            writing.all_ready()?;
            match writing.destroy(Tombstone::ClinicKey {
                clinic,
                version: old.version,
            })? {
                Destruction::Everywhere => {}
                Destruction::Awaited { places } => awaited.extend(places),
            }
        }
        Ok(if awaited.is_empty() {
            Destruction::Everywhere
        } else {
            Destruction::Awaited { places: awaited }
        })
    }
}

fn units_under(listed: &[Listed], key: &ClinicKey) -> BTreeSet<UnitId> {
    let unit_of = |listed: &Listed| match listed.name {
        KeyName::Unit { unit, version } if version == key.version => Some(unit),
        KeyName::Unit { .. } | KeyName::Clinic { .. } => None,
    };
    listed.iter().filter_map(unit_of).collect()
}
