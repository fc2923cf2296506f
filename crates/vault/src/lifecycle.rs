//! The beginning and the end of keys: clinics and units are made, units are destroyed, orphans found.

use std::collections::{BTreeSet, HashSet};

use ledger::{ClinicId, UnitId, UnixMicros};

use crate::VaultError;
use crate::clinic::{ClinicKey, TOKEN_UNIT, keys_load};
use crate::keys::{Destruction, Tombstone, Writing};
use crate::place::KeyName;
use crate::secret::Secret;
use crate::vault::{Vault, not_reserved};
use crate::wrap;

impl Vault {
    /// Makes a clinic's key and token key; durable in the required places on return. Made already is fine, and
    /// half made is completed.
    ///
    /// # Errors
    /// If too few places take the keys.
    pub fn clinic_create(&self, clinic: ClinicId) -> Result<(), VaultError> {
        let mut keys = keys_load(&self.store, &self.wrap, clinic)?;
        let writing = self.store.writing()?;
        if keys.is_empty() {
            keys.push(self.clinic_key_generate(
                &writing,
                clinic,
                self.version_unused(clinic)?,
                false,
            )?);
        }
        for key in &keys {
            let name = KeyName::Clinic {
                version: key.version,
            };
            if let Some(wrapped) = writing.get(clinic, name)? {
                writing.put(clinic, name, &wrapped)?;
            }
        }
        let newest = keys.last().ok_or(VaultError::ClinicUnknown { clinic })?;
        self.unit_key_ensure(&writing, clinic, TOKEN_UNIT, &mut keys.iter().rev(), newest)
    }

    fn version_unused(&self, clinic: ClinicId) -> Result<u32, VaultError> {
        let mut version = 1;
        while self
            .store
            .is_gone(&Tombstone::ClinicKey { clinic, version })?
        {
            version += 1;
        }
        Ok(version)
    }

    /// Makes a version of a clinic's key, or takes the one that lies there from an attempt that was cut short.
    pub(crate) fn clinic_key_generate(
        &self,
        writing: &Writing<'_>,
        clinic: ClinicId,
        version: u32,
        everywhere: bool,
    ) -> Result<ClinicKey, VaultError> {
        let name = KeyName::Clinic { version };
        let wrapped = match writing.get(clinic, name)? {
            Some(wrapped) => wrapped,
            None => wrap::wrap(
                &self.wrap,
                self.random.as_ref(),
                clinic,
                name,
                &Secret::generate(self.random.as_ref()),
            )?,
        };
        if everywhere {
            writing.put_everywhere(clinic, name, &wrapped)?;
        } else {
            writing.put(clinic, name, &wrapped)?;
        }
        ClinicKey::derive(
            clinic,
            version,
            &wrap::unwrap(&self.wrap, clinic, name, &wrapped)?,
        )
    }

    /// Makes a unit's key; durable in the required places on return, so that the row which names it may commit.
    /// Made already is fine: the same key is then put where it was lacking.
    ///
    /// # Errors
    /// If the unit is destroyed, the clinic unknown, or too few places take the key.
    pub fn unit_create(
        &self,
        clinic: ClinicId,
        unit: UnitId,
        now: UnixMicros,
    ) -> Result<(), VaultError> {
        not_reserved(clinic, unit)?;
        self.with_ring(clinic, now, |ring| {
            let newest = ring.newest().ok_or(VaultError::ClinicUnknown { clinic })?;
            let writing = self.store.writing()?;
            self.unit_key_ensure(&writing, clinic, unit, &mut ring.keys.iter(), newest)
                .map(Some)
        })?
        .ok_or(VaultError::ClinicUnknown { clinic })
    }

    /// Puts the unit's key under one of `keys` again, or makes one under `newest`.
    fn unit_key_ensure(
        &self,
        writing: &Writing<'_>,
        clinic: ClinicId,
        unit: UnitId,
        keys: &mut dyn Iterator<Item = &ClinicKey>,
        newest: &ClinicKey,
    ) -> Result<(), VaultError> {
        for key in keys {
            let name = KeyName::Unit {
                unit,
                version: key.version,
            };
            if let Some(wrapped) = writing.get(clinic, name)? {
                return writing.put(clinic, name, &wrapped);
            }
        }
        let name = KeyName::Unit {
            unit,
            version: newest.version,
        };
        let key = Secret::generate(self.random.as_ref());
        writing.put(
            clinic,
            name,
            &wrap::wrap(&newest.wrap, self.random.as_ref(), clinic, name, &key)?,
        )
    }

    /// Destroys a unit's key: the tombstone is written and synced, then the key is removed from every
    /// place. After this returns, in whatever way but an error, nothing unlocks the unit again and no
    /// place serves its key; what was unlocked before goes on until its receipt ends, so earlier
    /// receipts have to run out first. Idempotent.
    ///
    /// # Errors
    /// If the tombstone could not be written and synced.
    pub fn unit_destroy(&self, clinic: ClinicId, unit: UnitId) -> Result<Destruction, VaultError> {
        not_reserved(clinic, unit)?;
        self.store
            .writing()?
            .destroy(Tombstone::Unit { clinic, unit })
    }

    /// Whether a unit's tombstone stands.
    ///
    /// # Errors
    /// If the tombstones cannot be read.
    pub fn unit_is_destroyed(&self, clinic: ClinicId, unit: UnitId) -> Result<bool, VaultError> {
        self.store.is_gone(&Tombstone::Unit { clinic, unit })
    }

    /// Units whose keys lie in the places, that no row names, and whose newest copy is older than `older_than` (by
    /// the clock of the places, which is the machine's and never a demo's). They are what a transaction leaves that
    /// made a key and did not commit. Never to be asked after a restore: then the rows are what is missing.
    ///
    /// # Errors
    /// If the places cannot be read.
    pub fn orphans(
        &self,
        clinic: ClinicId,
        known: &HashSet<UnitId>,
        older_than: UnixMicros,
    ) -> Result<Vec<UnitId>, VaultError> {
        let mut young = HashSet::new();
        let mut units = BTreeSet::new();
        for listed in self.store.list(clinic)? {
            match listed.name {
                KeyName::Clinic { .. } => {}
                KeyName::Unit { unit, .. } if unit == TOKEN_UNIT || known.contains(&unit) => {}
                KeyName::Unit { unit, .. } if listed.written_at >= older_than => {
                    young.insert(unit);
                }
                KeyName::Unit { unit, .. } => {
                    units.insert(unit);
                }
            }
        }
        Ok(units
            .into_iter()
            .filter(|unit| !young.contains(unit))
            .collect())
    }
}
