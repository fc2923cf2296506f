//! The vault in use: sealing, unlocking, tokens. Making and destroying: `lifecycle`.

use std::sync::Arc;

use ledger::{Checker, ClinicId, Receipt, UnitId, UnixMicros};

use crate::VaultError;
use crate::clinic::{ClinicCache, ClinicRing, TOKEN_UNIT};
use crate::envelope::UnitKeys;
use crate::keys::KeyStore;
use crate::place::KeyName;
use crate::random::Random;
use crate::root::RootKey;
use crate::secret::{Gcm, Mac};
use crate::unit::{Kept, UnitKey, UnitSealer, Unlocked};
use crate::wrap;

pub(crate) const CLINIC_WRAP_LABEL: &str = "clerestory/root/clinic-key-wrap/1";
const PLATFORM_TOKEN_LABEL: &str = "clerestory/root/platform-token/1";

/// How often a key is looked for anew after another process rotated it away in between. Once would do; a second
/// rotation within the same call is not to be expected.
const ATTEMPTS: usize = 3;

/// What a vault is made of.
pub struct VaultParts {
    /// The key above all others.
    pub root: RootKey,
    /// Where wrapped keys lie.
    pub store: KeyStore,
    /// The half of the pair whose receipts open something here.
    pub checker: Checker,
    /// Where keys, nonces and salts come from.
    pub random: Arc<dyn Random>,
    /// For how many seconds a clinic's key is kept in memory: its revocation delay. 0 keeps none.
    pub clinic_key_cache_s: u32,
}

/// Keys, and what is done with them.
pub struct Vault {
    pub(crate) wrap: Gcm,
    platform: Mac,
    pub(crate) store: KeyStore,
    checker: Checker,
    pub(crate) random: Arc<dyn Random>,
    pub(crate) cache: ClinicCache,
}

impl Vault {
    /// A vault over an opened key store.
    ///
    /// # Errors
    /// Only if the cipher library fails.
    pub fn new(parts: VaultParts) -> Result<Vault, VaultError> {
        let root = parts.root.derivation();
        Ok(Vault {
            wrap: root.expand_gcm(CLINIC_WRAP_LABEL, &[])?,
            platform: root.expand_mac(PLATFORM_TOKEN_LABEL, &[])?,
            store: parts.store,
            checker: parts.checker,
            random: parts.random,
            cache: ClinicCache::new(parts.clinic_key_cache_s),
        })
    }

    /// The key store, to be tended and looked at.
    pub fn store(&self) -> &KeyStore {
        &self.store
    }

    /// The right to seal under a unit's key. Takes no receipt.
    ///
    /// # Errors
    /// If the unit is destroyed or unknown.
    pub fn unit_sealer(
        &self,
        clinic: ClinicId,
        unit: UnitId,
        now: UnixMicros,
    ) -> Result<UnitSealer<'static>, VaultError> {
        Ok(UnitSealer::owning(
            self.unit_keys(clinic, unit, now)?,
            Arc::clone(&self.random),
        ))
    }

    /// Unlocks a unit for a receipt that covers it at `now`.
    ///
    /// # Errors
    /// If the receipt does not cover it, or the unit is destroyed or unknown.
    pub fn unlock<'r>(
        &self,
        receipt: &'r Receipt,
        unit: UnitId,
        now: UnixMicros,
    ) -> Result<Unlocked<'r>, VaultError> {
        self.unlock_in(receipt, receipt.clinic(), unit, now)
    }

    /// As [`Vault::unlock`], for a caller that has the clinic from elsewhere (the scope of its transaction): a
    /// receipt for another clinic is refused.
    ///
    /// # Errors
    /// As [`Vault::unlock`].
    pub fn unlock_in<'r>(
        &self,
        receipt: &'r Receipt,
        clinic: ClinicId,
        unit: UnitId,
        now: UnixMicros,
    ) -> Result<Unlocked<'r>, VaultError> {
        self.check(receipt, clinic, unit, now)?;
        Ok(Unlocked::new(
            receipt,
            self.unit_keys(clinic, unit, now)?,
            Arc::clone(&self.random),
        ))
    }

    /// Keeps what was opened with this receipt, and the unit's key, for as long as the receipt holds.
    pub fn keep<T>(&self, receipt: Receipt, key: UnitKey, value: T) -> Kept<T> {
        Kept {
            receipt,
            key,
            value,
        }
    }

    /// What is kept, and the right to seal under its unit's key, if the receipt still covers it at `now`.
    ///
    /// # Errors
    /// [`VaultError::Denied`] when the receipt does not, or no longer.
    pub fn kept<'k, T>(
        &self,
        kept: &'k mut Kept<T>,
        now: UnixMicros,
    ) -> Result<(&'k mut T, UnitSealer<'k>), VaultError> {
        let keys = &kept.key.keys;
        self.check(&kept.receipt, keys.clinic(), keys.unit(), now)?;
        Ok((&mut kept.value, UnitSealer::of(keys, &kept.key.random)))
    }

    fn check(
        &self,
        receipt: &Receipt,
        clinic: ClinicId,
        unit: UnitId,
        now: UnixMicros,
    ) -> Result<(), VaultError> {
        self.checker
            .check(receipt, clinic, unit, now)
            .map_err(|why| VaultError::Denied {
                clinic: receipt.clinic(),
                unit,
                why,
            })
    }

    fn unit_keys(
        &self,
        clinic: ClinicId,
        unit: UnitId,
        now: UnixMicros,
    ) -> Result<UnitKeys, VaultError> {
        not_reserved(clinic, unit)?;
        self.with_ring(clinic, now, |ring| {
            for key in &ring.keys {
                let name = KeyName::Unit {
                    unit,
                    version: key.version,
                };
                if let Some(wrapped) = self.store.get(clinic, name)? {
                    let secret = wrap::unwrap(&key.wrap, clinic, name, &wrapped)?;
                    return UnitKeys::derive(clinic, unit, &secret).map(Some);
                }
            }
            Ok(None)
        })?
        .ok_or(VaultError::UnitUnknown { clinic, unit })
    }

    /// Runs `work` with the clinic's keys; again with freshly read ones if it found nothing or a retired version,
    /// since another process may have rotated the key.
    pub(crate) fn with_ring<T>(
        &self,
        clinic: ClinicId,
        now: UnixMicros,
        mut work: impl FnMut(&ClinicRing) -> Result<Option<T>, VaultError>,
    ) -> Result<Option<T>, VaultError> {
        if let Some(ring) = self.cache.get(clinic, now) {
            match work(&ring) {
                Ok(None) | Err(VaultError::ClinicKeyRetired { .. }) => self.cache.forget(clinic),
                Ok(Some(done)) => return Ok(Some(done)),
                Err(error) => return Err(error),
            }
        }
        let mut attempt = 1;
        loop {
            match work(&*self.ring_load(clinic, now)?) {
                Err(VaultError::ClinicKeyRetired { .. }) if attempt < ATTEMPTS => attempt += 1,
                result => return result,
            }
        }
    }

    fn ring_load(&self, clinic: ClinicId, now: UnixMicros) -> Result<Arc<ClinicRing>, VaultError> {
        let ring = ClinicRing::load(&self.store, &self.wrap, clinic, now)?;
        Ok(self.cache.insert(clinic, ring, now))
    }

    /// Drops clinic keys from memory whose time is over. To be called every few seconds: a clinic that nobody
    /// asks for would otherwise keep its key until another clinic is read.
    pub fn cache_expire(&self, now: UnixMicros) {
        self.cache.expire(now);
    }

    /// A keyed digest within a clinic, for finding a row by a value that is not stored. It survives rotations of
    /// the clinic's key. `label` names the use.
    ///
    /// # Errors
    /// If the clinic is unknown.
    pub fn token(
        &self,
        clinic: ClinicId,
        label: &str,
        bytes: &[u8],
        now: UnixMicros,
    ) -> Result<[u8; 32], VaultError> {
        match self.cache.get(clinic, now) {
            Some(ring) => Ok(ring.token(label, bytes)),
            None => self.token_anew(clinic, label, bytes, now),
        }
    }

    /// As [`Vault::token`], with the clinic's keys read anew even when they are in memory: how long it takes does not tell
    /// whether the clinic was in use. It reads files: where it may block.
    ///
    /// # Errors
    /// As [`Vault::token`].
    pub fn token_anew(
        &self,
        clinic: ClinicId,
        label: &str,
        bytes: &[u8],
        now: UnixMicros,
    ) -> Result<[u8; 32], VaultError> {
        Ok(self.ring_load(clinic, now)?.token(label, bytes))
    }

    /// A keyed digest above the clinics, for finding a clinic by its code of the day.
    pub fn platform_token(&self, label: &str, bytes: &[u8]) -> [u8; 32] {
        self.platform.token(label, bytes)
    }
}

pub(crate) fn not_reserved(clinic: ClinicId, unit: UnitId) -> Result<(), VaultError> {
    if unit == TOKEN_UNIT {
        Err(VaultError::UnitReserved { clinic })
    } else {
        Ok(())
    }
}
